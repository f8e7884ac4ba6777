//! The only way to the database: two doors and no third.
//!
//! - [`Db::published`]: shared, pipelined connections under a role that can read published rows and public definitions
//!   and nothing else. No transaction, no identity.
//! - [`Db::as_caller`]: a connection of one's own, one transaction, the caller's identity set for it alone, row-level
//!   security behind it. An identity set on a shared connection would leak into its neighbours' statements.

pub mod cluster;
pub mod columns;
mod connect;
pub mod keyset;
pub mod migrations;
pub mod private;
pub mod schema;

use crate::auth::Caller;
use crate::domain::code::Code;
use crate::error::{Error, unavailable};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, SimpleAsyncConnection, TransactionManager};
use futures_util::FutureExt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

pub use connect::{Address, ConnectError};

/// A connection as query functions take it: shared, so that statements of one request can be pipelined.
pub type Conn = AsyncPgConnection;

/// How long anybody waits for a connection before the answer is 503.
const WAIT: Duration = Duration::from_secs(2);
/// Few pipelined connections read faster than a large pool.
const SHARED_CONNECTIONS: usize = 2;

#[derive(Clone)]
pub struct Db {
    address: Address,
    callers: Pool<AsyncPgConnection>,
    shared: Arc<[Slot]>,
    turn: Arc<AtomicUsize>,
}

/// One shared connection, opened when first needed and again when it is gone.
#[derive(Default)]
struct Slot(Mutex<Option<connect::Shared>>);

impl Db {
    /// `runtime`: where the connections of the callers' pool live; without it on the thread that opens them.
    pub fn new(address: Address, size: usize, runtime: Option<tokio::runtime::Handle>) -> Result<Self, ConnectError> {
        let service = address.clone();
        let mut config = ManagerConfig::<AsyncPgConnection>::default();
        config.recycling_method = RecyclingMethod::Verified;
        config.custom_setup = Box::new(move |_| {
            let (address, runtime) = (service.clone(), runtime.clone());
            async move {
                let open = async move { address.open("hagukumi_service").await };
                let opened = match runtime {
                    Some(runtime) => runtime.spawn(open).await.map_err(connect::bad)?,
                    None => open.await,
                };
                Ok(opened?.into_connection())
            }
            .boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config("", config);
        let callers = Pool::builder(manager)
            .max_size(size)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .build()
            .map_err(|error| ConnectError(error.to_string()))?;
        Ok(Self { address, callers, shared: slots(), turn: Arc::default() })
    }

    /// The same database with shared connections of its own: each worker thread keeps its own.
    pub fn for_worker(&self) -> Self {
        Self { shared: slots(), turn: Arc::default(), ..self.clone() }
    }

    /// The door to what is public.
    pub async fn published(&self) -> Result<Published, Error> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let slot = self.shared.get(turn % SHARED_CONNECTIONS).ok_or_else(|| Error::internal("no shared connection"))?;
        let mut held =
            tokio::time::timeout(WAIT, slot.0.lock()).await.map_err(|_| unavailable("shared connection busy"))?;
        if let Some(connection) = held.as_ref().filter(|c| c.is_open()) {
            return Ok(Published(connection.connection()));
        }
        let opened = tokio::time::timeout(WAIT, self.address.open("hagukumi_published"))
            .await
            .map_err(|_| unavailable("connecting took too long"))?
            .map_err(|error| unavailable(&error.to_string()))?
            .share();
        let connection = opened.connection();
        *held = Some(opened);
        Ok(Published(connection))
    }

    /// The door to everything else: one transaction as the caller. An error rolls it back.
    pub async fn as_caller<T>(
        &self,
        caller: &Caller,
        work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.write(caller, false, work).await
    }

    /// As [`Db::as_caller`]; a dry run does everything and keeps nothing.
    pub async fn write<T>(
        &self,
        caller: &Caller,
        dry_run: bool,
        work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.transaction(caller, "begin", dry_run, work).await
    }

    /// Reads as the caller: all its statements see the same moment, and none can write.
    pub async fn as_reader<T>(
        &self,
        caller: &Caller,
        work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.transaction(caller, "begin isolation level repeatable read read only", false, work).await
    }

    async fn transaction<T>(
        &self,
        caller: &Caller,
        begin: &str,
        dry_run: bool,
        work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut connection: Object<AsyncPgConnection> =
            self.callers.get().await.map_err(|error| unavailable(&error.to_string()))?;
        let connection: &mut AsyncPgConnection = &mut connection;
        // Codes are digits and the flag is a word of ours, so the statement can carry them; one trip with the begin.
        let identity = format!(
            "{begin}; set local app.bodies = '{}'; set local app.audited = '{}'; set local app.administrator = '{}'",
            joined(caller.bodies()),
            joined(caller.audited()),
            caller.is_administrator(),
        );
        AnsiTransactionManager::begin_transaction_sql(connection, &identity).await?;
        let mut done = work(connection).await;
        if dry_run && done.is_ok() {
            // What a commit would check at its end.
            done = connection.batch_execute("set constraints all immediate").await.map_err(Error::from).and(done);
        }
        match done {
            Ok(done) if !dry_run => {
                AnsiTransactionManager::commit_transaction(connection).await?;
                Ok(done)
            }
            ended => {
                // The transaction is lost either way; a connection that cannot even roll back is not used again.
                if let Err(broken) = AnsiTransactionManager::rollback_transaction(connection).await {
                    log::warn!(error:% = broken; "rollback failed");
                }
                ended
            }
        }
    }
}

fn joined(codes: impl Iterator<Item = Code>) -> String {
    codes.map(|code| code.to_string()).collect::<Vec<_>>().join(",")
}

/// One transaction as the owner of the tables, past all policies: for the operator's commands. The service is never
/// given that login, so this is no third door of its own.
pub async fn as_owner<T>(owner: &Address, work: impl AsyncFnOnce(&Conn) -> Result<T, Error>) -> Result<T, Error> {
    let mut connection = owner.open_plain().await.map_err(|error| Error::internal(format!("{owner:?}: {error}")))?;
    AnsiTransactionManager::begin_transaction_sql(&mut connection, "begin").await?;
    let done = work(&connection).await?;
    AnsiTransactionManager::commit_transaction(&mut connection).await?;
    Ok(done)
}

fn slots() -> Arc<[Slot]> {
    (0..SHARED_CONNECTIONS).map(|_| Slot::default()).collect()
}

/// A shared connection. Statements of many requests travel on it at once.
pub struct Published(Arc<AsyncPgConnection>);

impl Deref for Published {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}
