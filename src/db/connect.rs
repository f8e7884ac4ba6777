//! Opening connections: plain over unix sockets and where `sslmode=disable` says so, rustls with a full check of chain
//! and name otherwise. No libpq, no OpenSSL.

use super::Patience;
use diesel::dsl::sql;
use diesel::sql_types::Integer;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use rustls_pki_types::pem::PemObject;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Weak};
use tokio::task::AbortHandle;
use tokio_postgres::Client;
use tokio_postgres::config::{Host, SslMode};

const DEFAULT_PORT: u16 = 5432;
/// What every statement of the service obeys.
const LIMITS: &str = "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 \
                      -c max_parallel_workers_per_gather=0 -c jit=off -c plan_cache_mode=force_generic_plan";

#[derive(Debug)]
pub struct ConnectError(pub String);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for ConnectError {}

pub(super) fn bad(error: impl fmt::Display) -> ConnectionError {
    ConnectionError::BadConnection(error.to_string())
}

/// Where the database is. Printing it shows no password.
#[derive(Clone)]
pub struct Address {
    config: tokio_postgres::Config,
    ca_file: Option<PathBuf>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate().map(|(index, host)| match host {
            Host::Tcp(name) => {
                format!("{name}:{}", ports.get(index).or(ports.first()).copied().unwrap_or(DEFAULT_PORT))
            }
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        let (user, database) = (self.config.get_user().unwrap_or(""), self.config.get_dbname().unwrap_or(""));
        write!(f, "{user}@{}/{database}", hosts.join(","))
    }
}

impl Address {
    pub fn new(url: &str, ca_file: Option<PathBuf>) -> Result<Self, ConnectError> {
        let config = tokio_postgres::Config::from_str(url).map_err(|error| ConnectError(error.to_string()))?;
        if config.get_hosts().is_empty() {
            return Err(ConnectError("no host is given".into()));
        }
        Ok(Self { config, ca_file })
    }

    /// Travels in the clear over a network? An address given beside a name (`hostaddr`) is where it goes.
    pub fn is_insecure(&self) -> bool {
        let is_local = |host: &Host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
            Host::Unix(_) => true,
        };
        let addresses = self.config.get_hostaddrs();
        let local = if addresses.is_empty() {
            self.config.get_hosts().iter().all(is_local)
        } else {
            addresses.iter().all(IpAddr::is_loopback)
        };
        !local && self.config.get_ssl_mode() != SslMode::Require
    }

    /// A connection under a role of the login, with the limits every statement of the service obeys. Nothing is compiled
    /// for a statement: row-level security makes them long, and that took thirty times as long as running one. A server that
    /// does not answer is given up, also by whoever goes on after the request that has asked.
    pub(super) async fn open(&self, role: &str, patience: Patience) -> ConnectionResult<Opened> {
        let (client, driver) = self.open_raw(role, LIMITS, patience).await?;
        Ok(Opened { connection: AsyncPgConnection::try_from(client).await?, driver })
    }

    /// As [`Address::open`], with limits of one's own and without diesel.
    pub(super) async fn open_raw(
        &self,
        role: &str,
        limits: &str,
        patience: Patience,
    ) -> ConnectionResult<(Client, AbortHandle)> {
        let mut config = self.config.clone();
        config.options(format!("{} {limits} -c role={role}", self.config.get_options().unwrap_or_default()));
        if config.get_connect_timeout().is_none() {
            // Of several hosts the first may be the one that is gone.
            config.connect_timeout(patience.connection / 2);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(patience.transaction);
        }
        tokio::time::timeout(patience.connection, self.connect(config)).await.map_err(|_| bad("no answer in time"))?
    }

    /// A connection as the login itself, without limits: for migrations.
    pub async fn open_plain(&self) -> ConnectionResult<AsyncPgConnection> {
        let (client, _) = self.connect(self.config.clone()).await?;
        AsyncPgConnection::try_from(client).await
    }

    /// As [`Address::open_plain`], without diesel.
    pub(super) async fn open_driver(&self) -> ConnectionResult<Client> {
        Ok(self.connect(self.config.clone()).await?.0)
    }

    async fn connect(&self, config: tokio_postgres::Config) -> ConnectionResult<(Client, AbortHandle)> {
        let socket = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
        Ok(if socket || config.get_ssl_mode() == SslMode::Disable {
            let (client, driver) = config.connect(tokio_postgres::NoTls).await.map_err(whole)?;
            (client, drive(driver))
        } else {
            let tls = tokio_postgres_rustls::MakeRustlsConnect::new(self.tls()?);
            let (client, driver) = config.connect(tls).await.map_err(whole)?;
            (client, drive(driver))
        })
    }

    fn tls(&self) -> ConnectionResult<rustls::ClientConfig> {
        let mut roots = rustls::RootCertStore::empty();
        match &self.ca_file {
            Some(file) => {
                for certificate in rustls_pki_types::CertificateDer::pem_file_iter(file).map_err(bad)? {
                    roots.add(certificate.map_err(bad)?).map_err(bad)?;
                }
            }
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Ok(rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(bad)?
            .with_root_certificates(roots)
            .with_no_client_auth())
    }
}

/// The driver's error with its causes: "connection refused" hides in the second.
fn whole(error: tokio_postgres::Error) -> ConnectionError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    bad(text)
}

fn drive<S, T>(driver: tokio_postgres::Connection<S, T>) -> AbortHandle
where
    tokio_postgres::Connection<S, T>: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    let driver = tokio::spawn(async move {
        if let Err(error) = driver.await {
            log::warn!(error:% = error; "database connection ended");
        }
    });
    driver.abort_handle()
}

pub(super) struct Opened {
    connection: AsyncPgConnection,
    driver: AbortHandle,
}

impl Opened {
    pub(super) fn into_connection(self) -> AsyncPgConnection {
        self.connection
    }

    pub(super) fn share(self, patience: Patience) -> Shared {
        let connection = Arc::new(self.connection);
        tokio::spawn(watch(Arc::downgrade(&connection), self.driver.clone(), patience));
        Shared { connection, driver: self.driver }
    }
}

/// Ends a connection whose server is silent. Those who wait on it would do so for ever: nothing tells a line that
/// carries nothing from a server that thinks.
async fn watch(connection: Weak<AsyncPgConnection>, driver: AbortHandle, patience: Patience) {
    loop {
        tokio::time::sleep(patience.look).await;
        let Some(connection) = connection.upgrade() else { return };
        let mut connection: &AsyncPgConnection = &connection;
        let sign = diesel::select(sql::<Integer>("1")).get_result::<i32>(&mut connection);
        if !matches!(tokio::time::timeout(patience.answer, sign).await, Ok(Ok(_))) {
            log::warn!("the database gives no sign of life: its connection is given up");
            driver.abort();
            return;
        }
    }
}

/// A connection that many requests use at once, and whether it still lives.
pub(super) struct Shared {
    connection: Arc<AsyncPgConnection>,
    driver: AbortHandle,
}

impl Shared {
    pub(super) fn is_open(&self) -> bool {
        !self.driver.is_finished()
    }

    pub(super) fn connection(&self) -> Arc<AsyncPgConnection> {
        self.connection.clone()
    }
}
