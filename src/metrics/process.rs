//! Figures of the process itself, under the names Prometheus's own clients give them. Linux only: elsewhere there are
//! none of them.

use chrono::{DateTime, Utc};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::fmt;
use std::fs;

#[derive(Debug)]
struct Process {
    started: DateTime<Utc>,
}

pub(super) fn register(registry: &mut Registry, started: DateTime<Utc>) {
    registry.register_collector(Box::new(Process { started }));
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let figures = [
            ("process_start_time_seconds", "When the process began", Some(self.started.timestamp())),
            ("process_resident_memory_bytes", "Memory that is in use", resident_bytes()),
            ("process_open_fds", "File descriptors that are open", open_descriptors()),
            ("process_max_fds", "File descriptors that may be open", most_descriptors()),
        ];
        for (name, help, figure) in figures {
            let Some(figure) = figure else { continue };
            let gauge = ConstGauge::new(figure);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}

/// `VmRSS:     12345 kB`
fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok()?.checked_mul(1024)
}

fn open_descriptors() -> Option<i64> {
    // One of them is the folder that is being read.
    i64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()?.checked_sub(1)
}

/// `Max open files            1024                 524288               files`
fn most_descriptors() -> Option<i64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
