//! Environment → configuration. The only reader of variables, but for `db::cluster`, which has its own.
//!
//! Every missing, unreadable or insecure value is found before anything starts, and all of them are named at once.
//! An empty variable counts as not set. `hagukumi config` shows what is in force.

mod checks;
mod show;
#[cfg(test)]
mod tests;

pub use show::show;

use crate::auth::jwt::{Issuer, Keys};
use crate::db::{Address, cluster};
use crate::web::edge::{Edge, Origins, Patience};
use crate::web::page::CursorKey;
use crate::web::peer::Proxies;
use crate::web::rates::{Rates, Ticks};
use crate::web::terms::{self, Terms};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where variables come from: the process, or a test.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process's own variables.
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// What is wrong with a value: English, Japanese.
type Fault = (String, String);

fn fault<T>(en: impl Into<String>, ja: impl Into<String>) -> Result<T, Fault> {
    Err((en.into(), ja.into()))
}

/// Everything that is wrong, one line each.
#[derive(Debug, PartialEq)]
pub struct Wrong(Vec<(&'static str, Fault)>);

impl Wrong {
    /// The variables that are to be mended.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration cannot be used / 設定に誤りがあります")?;
        self.0.iter().try_for_each(|(name, (en, ja))| write!(f, "\n  {name}: {en} / {ja}"))
    }
}

impl std::error::Error for Wrong {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Text,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    pub format: LogFormat,
    /// As env_logger reads it.
    pub filter: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Listen {
    pub host: IpAddr,
    pub port: u16,
    pub workers: usize,
    /// How long a stopping service says "not ready" before it ends its connections.
    pub drain: Duration,
    /// Where `/metrics` is read; none: nowhere.
    pub metrics: Option<SocketAddr>,
}

impl Listen {
    /// Where this machine itself reaches the service.
    pub fn local(&self) -> SocketAddr {
        let unspecified = self.host.is_unspecified();
        SocketAddr::new(if unspecified { Ipv4Addr::LOCALHOST.into() } else { self.host }, self.port)
    }
}

/// What `serve` needs.
pub struct Serve {
    pub log: Log,
    pub listen: Listen,
    pub database: Address,
    pub connections: usize,
    pub issuer: Issuer,
    pub key_file: PathBuf,
    pub cursors: CursorKey,
    pub edge: Edge,
}

/// What `serve --demo` needs: it brings a database and keys of its own.
pub struct Demo {
    pub log: Log,
    pub listen: Listen,
    pub connections: usize,
    pub edge: Edge,
    pub dir: PathBuf,
}

/// What `migrate` needs.
#[derive(Debug)]
pub struct Migrate {
    pub log: Log,
    pub owner: Address,
}

pub fn serve(given: Lookup) -> Result<Serve, Wrong> {
    let mut reader = Reader::new(given);
    let log = reader.log();
    let listen = reader.listen(PRODUCTION_DRAIN);
    let database = reader.address("DATABASE_URL");
    let connections = reader.connections();
    let edge = reader.edge(true, DEFAULT_RATE);
    let key_file = PathBuf::from(reader.text("TOKEN_KEY_FILE").unwrap_or_default());
    let issuer = reader.issuer();
    let cursors = reader.required("CURSOR_SECRET", checks::secret);
    match (database, issuer, cursors) {
        (Some(database), Some(issuer), Some(cursors)) => {
            reader.finish(Serve { log, listen, database, connections, issuer, key_file, cursors, edge })
        }
        _ => Err(Wrong(reader.wrong)),
    }
}

pub fn demo(given: Lookup) -> Result<Demo, Wrong> {
    let mut reader = Reader::new(given);
    let (log, listen, connections) = (reader.log(), reader.listen(DEMO_DRAIN), reader.connections());
    let (edge, dir) = (reader.edge(false, DEMO_RATE), demo_dir(given));
    reader.finish(Demo { log, listen, connections, edge, dir })
}

pub fn migrate(given: Lookup) -> Result<Migrate, Wrong> {
    let mut reader = Reader::new(given);
    let log = reader.log();
    match reader.address("DATABASE_OWNER_URL") {
        Some(owner) => reader.finish(Migrate { log, owner }),
        None => Err(Wrong(reader.wrong)),
    }
}

/// The file of keys, there or not: for the commands that make and rotate them.
pub fn key_file(given: Lookup) -> Result<PathBuf, Wrong> {
    let mut reader = Reader::new(given);
    match reader.required("TOKEN_KEY_FILE", |path| Ok(PathBuf::from(path))) {
        Some(path) => reader.finish(path),
        None => Err(Wrong(reader.wrong)),
    }
}

/// The keys in a file, under the rules of the start.
pub fn keys_in(path: &Path) -> Result<Keys, String> {
    checks::key_file(&path.to_string_lossy()).map_err(|(en, _)| en)
}

/// The one who signs; none: no key is configured.
pub fn signer(given: Lookup) -> Result<Option<Issuer>, Wrong> {
    let mut reader = Reader::new(given);
    if reader.text("TOKEN_KEY_FILE").is_none() {
        return Ok(None);
    }
    let issuer = reader.issuer();
    reader.finish(issuer)
}

/// Where `healthcheck` asks.
pub fn listen(given: Lookup) -> Result<Listen, Wrong> {
    let mut reader = Reader::new(given);
    let listen = reader.listen(PRODUCTION_DRAIN);
    reader.finish(listen)
}

pub fn demo_dir(given: Lookup) -> PathBuf {
    given("HAGUKUMI_DEMO_DIR").filter(|dir| !dir.is_empty()).map_or_else(cluster::default_dir, PathBuf::from)
}

/// A secret may stand in a file instead, as service managers and containers hand it over.
fn file_variable(name: &str) -> Option<&'static str> {
    match name {
        "DATABASE_URL" => Some("DATABASE_URL_FILE"),
        "DATABASE_OWNER_URL" => Some("DATABASE_OWNER_URL_FILE"),
        "CURSOR_SECRET" => Some("CURSOR_SECRET_FILE"),
        _ => None,
    }
}

const DEFAULT_PORT: u16 = 8080;
const DEFAULT_CONNECTIONS: usize = 12;
const DEFAULT_AUDIENCE: &str = "hagukumi";
const DEFAULT_LEVEL: &str = "info";
/// Of one client, or of one address without a client: more than a system that sends one request after the other needs.
const DEFAULT_RATE: u32 = 100;
const DEFAULT_BURST: u32 = 1000;
const DEMO_RATE: u32 = 0;
/// Load balancers ask every second or two.
const PRODUCTION_DRAIN: u64 = 4;
const DEMO_DRAIN: u64 = 0;

/// Reads variable after variable and keeps what is wrong.
struct Reader<'a> {
    given: Lookup<'a>,
    wrong: Vec<(&'static str, Fault)>,
}

impl<'a> Reader<'a> {
    fn new(given: Lookup<'a>) -> Self {
        Self { given, wrong: Vec::new() }
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.given)(name).filter(|value| !value.is_empty())
    }

    /// The value, or its default. A wrong one is kept in mind and the default stands in for it.
    fn optional<T>(&mut self, name: &'static str, default: T, read: impl FnOnce(&str) -> Result<T, Fault>) -> T {
        let Some(value) = self.text(name) else { return default };
        read(&value).unwrap_or_else(|fault| {
            self.wrong.push((name, fault));
            default
        })
    }

    fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let value = match self.text(name) {
            Some(value) => read(&value),
            None => match file_variable(name).and_then(|file| self.text(file)) {
                Some(path) => checks::secret_file(&path).and_then(|value| read(&value)),
                None => Err(checks::missing(name)),
            },
        };
        value.map_err(|fault| self.wrong.push((name, fault))).ok()
    }

    fn finish<T>(self, value: T) -> Result<T, Wrong> {
        if self.wrong.is_empty() { Ok(value) } else { Err(Wrong(self.wrong)) }
    }

    fn log(&mut self) -> Log {
        Log {
            format: self.optional("LOG_FORMAT", checks::default_format(), checks::format),
            filter: self.optional("LOG_LEVEL", DEFAULT_LEVEL.to_owned(), checks::filter),
        }
    }

    fn listen(&mut self, drain: u64) -> Listen {
        Listen {
            host: self.optional("HOST", Ipv4Addr::LOCALHOST.into(), checks::host),
            port: self.optional("PORT", DEFAULT_PORT, |text| checks::number(text, 1, u16::MAX)),
            workers: self.optional("WORKERS", checks::cores(), |text| checks::number(text, 1, 512)),
            drain: Duration::from_secs(self.optional("DRAIN_SECONDS", drain, |text| checks::number(text, 0, 120))),
            metrics: self.optional("METRICS_LISTEN", None, |text| checks::listener(text).map(Some)),
        }
    }

    fn connections(&mut self) -> usize {
        self.optional("DATABASE_CONNECTIONS", DEFAULT_CONNECTIONS, |text| checks::number(text, 1, 1000))
    }

    /// `https`: the service is reached by https only.
    fn edge(&mut self, https: bool, rate: u32) -> Edge {
        let rate = self.optional("RATE_PER_SECOND", rate, |text| checks::number(text, 0, 1_000_000));
        let burst = self.optional("RATE_BURST", DEFAULT_BURST, |text| checks::number(text, 1, 1_000_000));
        Edge {
            proxies: self.optional("TRUSTED_PROXIES", Proxies::default(), checks::proxies),
            origins: self.optional("CORS_ORIGINS", Origins::default(), checks::origins),
            rates: Rates::new(rate, burst, Ticks::default()),
            terms: self.terms(),
            https,
            patience: Patience::default(),
        }
    }

    fn terms(&mut self) -> Terms {
        Terms::new(
            self.optional("DATA_SOURCE", terms::DEFAULT_SOURCE.to_owned(), checks::sentence),
            self.optional("DATA_LICENCE", terms::DEFAULT_LICENCE.to_owned(), checks::sentence),
            self.optional("DATA_LICENCE_URL", terms::DEFAULT_LICENCE_URL.to_owned(), checks::web_address),
        )
    }

    fn address(&mut self, name: &'static str) -> Option<Address> {
        let ca_file = self.optional("DATABASE_CA_FILE", None, |path| checks::certificates(path).map(Some));
        self.required(name, |url| checks::address(url, ca_file))
    }

    fn issuer(&mut self) -> Option<Issuer> {
        let keys: Option<Keys> = self.required("TOKEN_KEY_FILE", checks::key_file);
        let issuer = self.required("TOKEN_ISSUER", checks::issuer);
        let audience = self.optional("TOKEN_AUDIENCE", DEFAULT_AUDIENCE.to_owned(), checks::audience);
        Some(Issuer::new(issuer?, audience, keys?))
    }
}
