//! What processes have used, as the kernel counts it: /proc, so Linux only.

use std::fs;
use std::path::Path;

/// CPU seconds and megabytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub cpu: f64,
    pub resident: f64,
}

/// The kernel's clock of process times, the same on every Linux that runs on this hardware.
const TICKS: f64 = 100.0;
const PAGE: f64 = 4096.0;

/// The fields of a process behind its name, which may contain anything.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn number(fields: &[String], index: usize) -> f64 {
    fields.get(index).and_then(|field| field.parse().ok()).unwrap_or(0.0)
}

/// One process. Resident memory is all of it.
pub fn of(pid: u32) -> Usage {
    let Some(fields) = fields(pid) else { return Usage::default() };
    Usage { cpu: (number(&fields, 11) + number(&fields, 12)) / TICKS, resident: number(&fields, 21) * PAGE / 1e6 }
}

/// A PostgreSQL server with its processes, those that have ended too. Memory is what each has for itself: what they share
/// is counted once for none.
pub fn of_server(data: &Path) -> Usage {
    let pid_file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let Some(postmaster) = pid_file.lines().next().and_then(|pid| pid.parse::<u32>().ok()) else {
        return Usage::default();
    };
    let mut usage = Usage::default();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Some(fields) = fields(pid) else { continue };
        let parent = number(&fields, 1) as u32;
        if pid != postmaster && parent != postmaster {
            continue;
        }
        usage.cpu += (number(&fields, 11) + number(&fields, 12)) / TICKS;
        usage.resident += private(pid);
        if pid == postmaster {
            // Of children that have ended.
            usage.cpu += (number(&fields, 13) + number(&fields, 14)) / TICKS;
        }
    }
    usage
}

fn private(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0 / 1e6
}
