//! `hagukumi config`: what is in force, and where it comes from. Never a secret.

use super::{
    DEFAULT_AUDIENCE, DEFAULT_CONNECTIONS, DEFAULT_LEVEL, DEFAULT_PORT, Lookup, Wrong, checks, demo_dir, migrate, serve,
};
use crate::db::Address;
use crate::web::terms;
use std::fmt::Write;

enum Value {
    Plain,
    Secret,
    /// Shown without its password.
    Address,
}

/// The table, and what stops `serve` and `migrate`.
pub fn show(given: Lookup) -> (String, Vec<Wrong>) {
    use Value::{Address, Plain, Secret};
    let rows = [
        ("DATABASE_URL", Address, String::new()),
        ("DATABASE_OWNER_URL", Address, String::new()),
        ("DATABASE_CA_FILE", Plain, "(public authorities)".to_owned()),
        ("DATABASE_CONNECTIONS", Plain, DEFAULT_CONNECTIONS.to_string()),
        ("HOST", Plain, "127.0.0.1".to_owned()),
        ("PORT", Plain, DEFAULT_PORT.to_string()),
        ("WORKERS", Plain, checks::cores().to_string()),
        ("DRAIN_SECONDS", Plain, format!("{} (demo {})", super::PRODUCTION_DRAIN, super::DEMO_DRAIN)),
        ("RATE_PER_SECOND", Plain, format!("{} (demo {})", super::DEFAULT_RATE, super::DEMO_RATE)),
        ("RATE_BURST", Plain, super::DEFAULT_BURST.to_string()),
        ("CORS_ORIGINS", Plain, "(none)".to_owned()),
        ("TRUSTED_PROXIES", Plain, "(none)".to_owned()),
        ("DATA_SOURCE", Plain, terms::DEFAULT_SOURCE.to_owned()),
        ("DATA_LICENCE", Plain, terms::DEFAULT_LICENCE.to_owned()),
        ("DATA_LICENCE_URL", Plain, terms::DEFAULT_LICENCE_URL.to_owned()),
        ("METRICS_LISTEN", Plain, String::new()),
        ("TOKEN_KEY_FILE", Plain, String::new()),
        ("TOKEN_ISSUER", Plain, String::new()),
        ("TOKEN_AUDIENCE", Plain, DEFAULT_AUDIENCE.to_owned()),
        ("CURSOR_SECRET", Secret, String::new()),
        ("LOG_FORMAT", Plain, format!("{:?}", checks::default_format()).to_lowercase()),
        ("LOG_LEVEL", Plain, DEFAULT_LEVEL.to_owned()),
        ("HAGUKUMI_DEMO_DIR", Plain, demo_dir(&|_| None).display().to_string()),
    ];
    let mut table = String::new();
    for (name, kind, default) in rows {
        let value = given(name).filter(|value| !value.is_empty());
        let file = super::file_variable(name).and_then(given).filter(|path| value.is_none() && !path.is_empty());
        let (shown, origin) = match (&value, kind) {
            (None, _) if file.is_some() => (file.unwrap_or_default(), "file"),
            (None, _) if default.is_empty() => ("-".to_owned(), "not set"),
            (None, _) => (default, "default"),
            (Some(value), Plain) => (value.escape_debug().to_string(), "environment"),
            (Some(_), Secret) => (HIDDEN.to_owned(), "environment"),
            (Some(value), Address) => (without_password(value), "environment"),
        };
        // Writing to a string does not fail.
        let _ = writeln!(table, "{name:<21} {origin:<12} {shown}");
    }
    let wrong = [serve(given).err(), migrate(given).err()];
    (table, wrong.into_iter().flatten().collect())
}

const HIDDEN: &str = "********";

fn without_password(url: &str) -> String {
    self::Address::new(url, None).map_or_else(|_| HIDDEN.to_owned(), |address| format!("{address:?}"))
}
