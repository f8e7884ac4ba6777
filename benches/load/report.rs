//! What was measured, as a table and as JSON.

use crate::drive::{Done, percentile};
use crate::usage::Usage;
use crate::works::{Unit, Work};
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;

/// One work in one round.
#[derive(Clone, Copy)]
pub struct Measured {
    per_second: f64,
    rows_per_second: Option<f64>,
    p50: Duration,
    p99: Duration,
    first_byte: Duration,
    kilobytes: f64,
    /// Of one request, in milliseconds
    service: f64,
    postgres: f64,
    /// At the end, in megabytes
    resident: f64,
    postgres_private: f64,
}

impl Measured {
    pub fn new(done: &Done, unit: Unit, before: (Usage, Usage), after: (Usage, Usage)) -> Self {
        let requests = done.requests().max(1) as f64;
        Self {
            per_second: requests / done.seconds,
            rows_per_second: (unit == Unit::Rows).then(|| done.lines as f64 / done.seconds),
            p50: percentile(&done.took, 0.5),
            p99: percentile(&done.took, 0.99),
            first_byte: percentile(&done.first_byte, 0.99),
            kilobytes: done.bytes as f64 / requests / 1e3,
            service: (after.0.cpu - before.0.cpu) * 1e3 / requests,
            postgres: (after.1.cpu - before.1.cpu) * 1e3 / requests,
            resident: after.0.resident,
            postgres_private: after.1.resident,
        }
    }

    pub fn line(&self) -> String {
        format!(
            "{:9.1}/s  p50 {:8.2} ms  p99 {:8.2} ms  CPU {:7.3} + {:7.3} ms",
            self.per_second,
            milliseconds(self.p50),
            milliseconds(self.p99),
            self.service,
            self.postgres
        )
    }

    fn json(&self) -> Value {
        json!({
            "requests_per_second": self.per_second,
            "rows_per_second": self.rows_per_second,
            "p50_ms": milliseconds(self.p50),
            "p99_ms": milliseconds(self.p99),
            "first_byte_p99_ms": milliseconds(self.first_byte),
            "answer_kilobytes": self.kilobytes,
            "service_cpu_ms": self.service,
            "postgres_cpu_ms": self.postgres,
            "service_resident_megabytes": self.resident,
            "postgres_private_megabytes": self.postgres_private,
        })
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

pub struct Report<'a> {
    scale: f64,
    works: Vec<(&'a Work, Vec<Measured>)>,
}

impl<'a> Report<'a> {
    pub fn new(scale: f64, works: &[&'a Work]) -> Self {
        Self { scale, works: works.iter().map(|work| (*work, Vec::new())).collect() }
    }

    pub fn add(&mut self, work: &Work, measured: Measured) {
        if let Some((_, rounds)) = self.works.iter_mut().find(|(known, _)| known.name == work.name) {
            rounds.push(measured);
        }
    }

    /// Of each work the round in the middle, by the CPU of a request.
    fn medians(&self) -> impl Iterator<Item = (&Work, Measured)> {
        self.works.iter().filter_map(|(work, rounds)| {
            let mut rounds = rounds.clone();
            rounds.sort_by(|a, b| (a.service + a.postgres).total_cmp(&(b.service + b.postgres)));
            Some((*work, *rounds.get(rounds.len() / 2)?))
        })
    }

    /// In Markdown.
    pub fn table(&self) -> String {
        let mut table = format!(
            "scale {}\n\n| work | per second | p50 ms | p99 ms | first byte p99 ms | answer kB | CPU ms: service | + Postgres | = | service MB | Postgres MB |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
            self.scale
        );
        for (work, m) in self.medians() {
            let rows = m.rows_per_second.map_or(String::new(), |rows| format!(" ({:.0} k rows)", rows / 1e3));
            // Writing to a string does not fail.
            let _ = writeln!(
                table,
                "| {} {} | {:.1}{rows} | {:.2} | {:.2} | {:.2} | {:.1} | {:.3} | {:.3} | {:.3} | {:.0} | {:.0} |",
                work.name,
                work.what,
                m.per_second,
                milliseconds(m.p50),
                milliseconds(m.p99),
                milliseconds(m.first_byte),
                m.kilobytes,
                m.service,
                m.postgres,
                m.service + m.postgres,
                m.resident,
                m.postgres_private
            );
        }
        table
    }

    pub fn json(&self) -> String {
        let works: Vec<Value> = self
            .works
            .iter()
            .map(|(work, rounds)| {
                let rounds: Vec<Value> = rounds.iter().map(Measured::json).collect();
                json!({ "work": work.name, "what": work.what, "connections": work.connections, "rounds": rounds })
            })
            .collect();
        format!("{:#}\n", json!({ "scale": self.scale, "works": works }))
    }
}
