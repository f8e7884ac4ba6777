//! The only way to the database: two doors, and a third for whole tables.
//!
//! - [`Db::published`]: shared, pipelined connections under a role that can read published rows and public definitions
//!   and nothing else. No transaction, no identity.
//! - [`Db::as_caller`]: a connection of one's own, one transaction, the caller's identity set for it alone, row-level
//!   security behind it. An identity set on a shared connection would leak into its neighbours' statements.
//! - [`Db::export`]: a whole table under the role of the first, on a connection of its own, as fast as PostgreSQL copies.

pub mod bulk;
pub mod cluster;
pub mod columns;
pub mod condition;
mod connect;
pub mod export;
pub mod keyset;
pub mod lock;
mod meter;
pub mod migrations;
pub mod private;
pub mod rows;
pub mod schema;

use crate::auth::Caller;
use crate::domain::code::Code;
use crate::error::{self, Error, unavailable};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, SimpleAsyncConnection, TransactionManager};
use futures_util::FutureExt;
use meter::Meter;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Semaphore};

pub use connect::{Address, ConnectError};

/// A connection as query functions take it: shared, so that statements of one request can be pipelined.
pub type Conn = AsyncPgConnection;

/// How long the database is waited for before the answer is 503: in all less than the 15 s of a request, also where
/// nothing comes back at all.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection: a free one, a new one, a sign of life.
    pub connection: Duration,
    /// Between two looks at a shared connection.
    pub look: Duration,
    /// For the sign of life there. It stands in line behind statements, each of which the server ends after 5 s.
    pub answer: Duration,
    /// For a whole transaction.
    pub transaction: Duration,
    /// For one of very many rows.
    pub import: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connection: seconds(2),
            look: seconds(2),
            answer: seconds(7),
            transaction: seconds(10),
            import: seconds(60),
        }
    }
}

/// Few pipelined connections read faster than a large pool.
const SHARED_CONNECTIONS: usize = 2;

#[derive(Clone)]
pub struct Db {
    address: Address,
    callers: Pool<AsyncPgConnection>,
    shared: Arc<[Slot]>,
    turn: Arc<AtomicUsize>,
    patience: Patience,
    meter: Meter,
    exports: Arc<Semaphore>,
}

/// One shared connection, opened when first needed and again when it is gone.
#[derive(Default)]
struct Slot(Mutex<Option<connect::Shared>>);

impl Db {
    /// `runtime`: where the connections of the callers' pool live; without it on the thread that opens them.
    pub fn new(address: Address, size: usize, runtime: Option<Handle>) -> Result<Self, ConnectError> {
        Self::patient(address, size, runtime, Patience::default())
    }

    pub fn patient(
        address: Address,
        size: usize,
        runtime: Option<Handle>,
        patience: Patience,
    ) -> Result<Self, ConnectError> {
        let service = address.clone();
        let mut config = ManagerConfig::<AsyncPgConnection>::default();
        // Whether it lives is seen when a transaction begins on it.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |_| {
            let (address, runtime) = (service.clone(), runtime.clone());
            async move {
                let open = async move { address.open("hagukumi_service", patience).await };
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
            .wait_timeout(Some(patience.connection))
            .create_timeout(Some(patience.connection))
            .recycle_timeout(Some(patience.connection))
            .build()
            .map_err(|error| ConnectError(error.to_string()))?;
        Ok(Self {
            address,
            callers,
            shared: slots(),
            turn: Arc::default(),
            patience,
            meter: Meter::default(),
            exports: export::permits(),
        })
    }

    /// The same database with shared connections of its own: each worker thread keeps its own.
    pub fn for_worker(&self) -> Self {
        Self { shared: slots(), turn: Arc::default(), ..self.clone() }
    }

    /// The door to what is public.
    pub async fn published(&self) -> Result<Published, Error> {
        let asked = Instant::now();
        let connection = self.shared_connection().await.inspect_err(|_| self.meter.closed(meter::PUBLISHED))?;
        Ok(Published { connection, _use: self.meter.opened(meter::PUBLISHED, asked.elapsed()) })
    }

    async fn shared_connection(&self) -> Result<Arc<AsyncPgConnection>, Error> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let slot = self.shared.get(turn % SHARED_CONNECTIONS).ok_or_else(|| Error::internal("no shared connection"))?;
        let held = tokio::time::timeout(self.patience.connection, slot.0.lock()).await;
        let mut held = held.map_err(|_| unavailable("shared connection busy"))?;
        if let Some(connection) = held.as_ref().filter(|connection| connection.is_open()) {
            return Ok(connection.connection());
        }
        let opened = self.address.open("hagukumi_published", self.patience).await;
        let opened = opened.map_err(|error| unavailable(&error.to_string()))?.share(self.patience);
        let connection = opened.connection();
        *held = Some(opened);
        Ok(connection)
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
        self.transaction(caller, "begin", self.patience.transaction, |_| !dry_run, work).await
    }

    /// As [`Db::as_caller`], with the time that very many rows take; whether they are kept is seen at the end.
    pub async fn import<T>(
        &self,
        caller: &Caller,
        keeps: impl FnOnce(&T) -> bool,
        work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.transaction(caller, "begin", self.patience.import, keeps, work).await
    }

    /// Reads as the caller: all its statements see the same moment, and none can write.
    pub async fn as_reader<T>(
        &self,
        caller: &Caller,
        work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let begin = "begin isolation level repeatable read read only";
        self.transaction(caller, begin, self.patience.transaction, |_| true, work).await
    }

    async fn transaction<T>(
        &self,
        caller: &Caller,
        begin: &str,
        patience: Duration,
        keeps: impl FnOnce(&T) -> bool,
        work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let asked = Instant::now();
        let mut held = self.begun(caller, begin).await.inspect_err(|_| self.meter.closed(meter::CALLERS))?;
        let Some(connection) = held.0.as_mut() else { return Err(Error::internal("no connection")) };
        let _use = self.meter.opened(meter::CALLERS, asked.elapsed());
        let done = tokio::time::timeout(patience, within(connection, keeps, work)).await;
        let done = done.unwrap_or_else(|_| Err(unavailable("the transaction took too long")));
        if !done.as_ref().is_err_and(|error| error.code() == error::Code::ServiceUnavailable) {
            held.give_back();
        }
        done
    }

    /// A connection of one's own with a transaction of the caller. That it begins is the connection's sign of life.
    async fn begun(&self, caller: &Caller, begin: &str) -> Result<Held, Error> {
        // Codes are digits and the flag is a word of ours, so the statement can carry them; one trip with the begin.
        let begin = format!(
            "{begin}; set local app.bodies = '{}'; set local app.audited = '{}'; set local app.administrator = '{}'",
            joined(caller.bodies()),
            joined(caller.audited()),
            caller.is_administrator(),
        );
        let mut held = self.own_connection().await?;
        if self.begin(&mut held, &begin).await.is_err() {
            // Those that lie there are as old as this one: the next is new.
            self.callers.retain(|_, _| false);
            held = self.own_connection().await?;
            self.begin(&mut held, &begin).await.map_err(|cause| unavailable(&cause))?;
        }
        Ok(held)
    }

    async fn own_connection(&self) -> Result<Held, Error> {
        let got = self.callers.get().await.map_err(|error| unavailable(&error.to_string()));
        got.map(|connection| Held(Some(connection)))
    }

    async fn begin(&self, held: &mut Held, begin: &str) -> Result<(), String> {
        let connection = held.0.as_deref_mut().ok_or("no connection")?;
        let begun = AnsiTransactionManager::begin_transaction_sql(connection, begin);
        let begun = tokio::time::timeout(self.patience.connection, begun).await.map_err(|_| "no sign of life")?;
        begun.map_err(|error| error.to_string())
    }
}

/// A connection of one caller. Let go half-way (the client has left, time is up) it is closed and never used again: the
/// server rolls back what was begun on it.
struct Held(Option<Object<AsyncPgConnection>>);

impl Held {
    fn give_back(mut self) {
        self.0.take();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.take().map(Object::take);
    }
}

async fn within<T>(
    connection: &mut AsyncPgConnection,
    keeps: impl FnOnce(&T) -> bool,
    work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut done = work(connection).await;
    let kept = done.as_ref().is_ok_and(keeps);
    if !kept && done.is_ok() {
        // What a commit would check at its end.
        done = connection.batch_execute("set constraints all immediate").await.map_err(Error::from).and(done);
    }
    match done {
        Ok(done) if kept => {
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

/// A part of a transaction: what the database refuses in it leaves nothing behind and does not end the whole.
pub async fn part<T>(mut conn: &Conn, work: impl AsyncFnOnce() -> Result<T, Error>) -> Result<T, Error> {
    conn.batch_execute("savepoint part").await?;
    let done = work().await;
    let end =
        if done.is_ok() { "release savepoint part" } else { "rollback to savepoint part; release savepoint part" };
    conn.batch_execute(end).await?;
    done
}

fn joined(codes: impl Iterator<Item = Code>) -> String {
    codes.map(|code| code.to_string()).collect::<Vec<_>>().join(",")
}

/// For the rest of the transaction each statement is planned for what it is asked with. All others keep one plan: planning
/// takes longer than most of them run.
pub async fn plan_anew(conn: &Conn) -> Result<(), Error> {
    let mut conn = conn;
    Ok(conn.batch_execute("set local plan_cache_mode = force_custom_plan").await?)
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
pub struct Published {
    connection: Arc<AsyncPgConnection>,
    _use: meter::Use,
}

impl Deref for Published {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.connection
    }
}
