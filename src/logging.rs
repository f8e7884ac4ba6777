//! Log lines on standard error: JSON for programs, text for a terminal.
//!
//! Three streams, told apart by `target`: `access` has one line a request, `security` what was refused and what was
//! granted, everything else is for the operator. `LOG_LEVEL=warn,access=info` thins out the last one; the security
//! stream cannot be switched off.
//!
//! Never a token, a secret or a body in any line. Ours keep to that by themselves; the drivers underneath tell bodies
//! and parameters at their finer levels, so those are cut off whatever the filter says.

use crate::clock::{Clock, jst};
use crate::config::{Log, LogFormat};
use chrono::{DateTime, SecondsFormat, Utc};
use env_logger::{Builder, Target};
use log::kv::{Error, Key, Value, VisitSource};
use log::{Level, LevelFilter, Record};
use serde_json::{Map, Value as Json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic;

pub const ACCESS: &str = "access";
pub const SECURITY: &str = "security";

pub fn init(log: &Log) {
    // Already set in a test that starts the service twice: the first stays.
    if builder(log, Target::Stderr).try_init().is_ok() {
        panic::set_hook(Box::new(|panicked| {
            // Where, not what: the message may repeat a text of a request.
            let place = panicked.location().map(ToString::to_string).unwrap_or_default();
            log::error!(place = place.as_str(); "panicked");
        }));
    }
}

pub fn builder(log: &Log, target: Target) -> Builder {
    let (format, clock) = (log.format, Clock::system());
    let mut builder = Builder::new();
    builder.parse_filters(&log.filter).filter_module(SECURITY, LevelFilter::Info).target(target);
    // Whoever sends no HTTP is an error to the parser. The client was told, and an alarm on errors is not for strangers
    // to ring.
    builder.filter_module("actix_http::h1::dispatcher", LevelFilter::Off);
    builder.format(move |out, record| {
        if !may_tell(record) {
            return Ok(());
        }
        let line = match format {
            LogFormat::Json => json(record, clock.now()),
            LogFormat::Text => text(record, clock.now()),
        };
        writeln!(out, "{line}")
    });
    builder
}

fn may_tell(record: &Record) -> bool {
    let ours = |target: &str| [SECURITY, ACCESS].contains(&target) || target.split("::").next() == Some("hagukumi");
    record.level() <= Level::Info || ours(record.target())
}

/// `{"ts":…,"level":…,"target":…,"message":…}` and the record's own fields beside them.
fn json(record: &Record, at: DateTime<Utc>) -> String {
    let mut line = Map::new();
    line.insert("ts".into(), jst(at).to_rfc3339_opts(SecondsFormat::Millis, false).into());
    line.insert("level".into(), record.level().as_str().to_lowercase().into());
    line.insert("target".into(), record.target().into());
    line.insert("message".into(), record.args().to_string().into());
    for (name, value) in fields(record) {
        line.entry(name).or_insert(value);
    }
    Json::Object(line).to_string()
}

/// `09:00:00.000 INFO  hagukumi::server: listening address=127.0.0.1:8080`
fn text(record: &Record, at: DateTime<Utc>) -> String {
    let time = jst(at).format("%H:%M:%S%.3f");
    let mut line = format!("{time} {:<5} {}: {}", record.level(), record.target(), record.args());
    for (name, value) in fields(record) {
        // Writing to a string does not fail.
        let _ = match value {
            Json::String(text) => write!(line, " {name}={text}"),
            other => write!(line, " {name}={other}"),
        };
    }
    // One record is one line, whatever a client has sent.
    line.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

fn fields(record: &Record) -> Vec<(String, Json)> {
    struct Fields(Vec<(String, Json)>);
    impl<'kvs> VisitSource<'kvs> for Fields {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
            let json = serde_json::to_value(&value).unwrap_or_else(|_| value.to_string().into());
            self.0.push((key.to_string(), json));
            Ok(())
        }
    }
    let mut fields = Fields(Vec::new());
    // Only a visitor that refuses a pair fails.
    let _ = record.key_values().visit(&mut fields);
    fields.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        "2026-11-21T00:00:00.123456Z".parse().unwrap()
    }

    #[test]
    fn a_record_is_one_line_with_its_fields() {
        let given =
            [("status", Value::from(200u16)), ("route", Value::from("/plans/{plan}")), ("level", Value::from("x"))];
        let record = |message| {
            Record::builder().level(Level::Info).target("hagukumi::web").args(message).key_values(&given).build()
        };
        assert_eq!(
            json(&record(format_args!("request\n\"done\"")), at()),
            "{\"ts\":\"2026-11-21T09:00:00.123+09:00\",\"level\":\"info\",\"target\":\"hagukumi::web\",\
             \"message\":\"request\\n\\\"done\\\"\",\"status\":200,\"route\":\"/plans/{plan}\"}"
        );
        assert_eq!(
            text(&record(format_args!("request\n{} 育み", '\u{1b}')), at()),
            "09:00:00.123 INFO  hagukumi::web: request\\n\\u{1b} 育み status=200 route=/plans/{plan} level=x"
        );
    }

    #[test]
    fn the_drivers_never_tell_what_they_carry() {
        let tells = |level, target| may_tell(&Record::builder().level(level).target(target).build());
        assert!(tells(Level::Debug, "hagukumi::db") && tells(Level::Debug, "security"));
        assert!(tells(Level::Warn, "tokio_postgres::connection") && tells(Level::Info, "actix_server"));
        for (level, target) in [
            (Level::Debug, "tokio_postgres::query"),
            (Level::Trace, "actix_http::h1::dispatcher"),
            (Level::Debug, "hagukumix"),
        ] {
            assert!(!tells(level, target), "{target}");
        }
    }
}
