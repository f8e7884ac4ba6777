//! `serve`: start, signals, and an end without a refused request.
//!
//! SIGTERM: `/health/ready` answers 503 while load balancers look away (`DRAIN_SECONDS`), then no new connections,
//! what runs is finished, exit 0. Ctrl-C does not wait for load balancers; a second signal waits for nothing.

pub mod connection;

use crate::app;
use crate::auth::access::{self, Access};
use crate::auth::key_file;
use crate::clock::Clock;
use crate::config::{self, Listen};
use crate::db::{Address, Db, migrations};
use crate::health::Draining;
use crate::logging;
use crate::metrics::{self, Metrics};
use crate::state::State;
use crate::web::rates::Ticks;
use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, Server, ServerHandle};
use actix_web::rt::net::TcpStream;
use connection::{Connection, Patience};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The threads that drive the database's connections; requests are served on the workers' own.
const DATABASE_THREADS: usize = 2;
/// Above what proxies keep idle connections for, so that they end them and not we.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Of each a parser may hold 128 KiB of a head; who does not come to its end in time is cut off.
const CONNECTIONS_OF_A_WORKER: usize = 4096;
const DISCONNECT_WITHIN: Duration = Duration::from_secs(5);
/// What a request may take at most.
const STOP_WITHIN_SECONDS: u64 = 15;

pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(DATABASE_THREADS).thread_name("database").enable_all().build()
}

/// Serves the configured database until it is told to stop.
pub fn serve(config: config::Serve) -> Result<(), Failure> {
    logging::init(&config.log);
    runtime()?.block_on(async move {
        refuse_another_schema(&config.database).await?;
        let issuer = Arc::new(config.issuer);
        tokio::spawn(key_file::watch(config.key_file, issuer.clone()));
        let db = Db::new(config.database, config.connections, Some(Handle::current()))?;
        let clock = Clock::system();
        let state = State {
            metrics: Metrics::new(&db, &clock),
            db,
            issuer,
            access: Arc::new(Access::new(Ticks::default())),
            clock,
            dictionary: Arc::default(),
            cursors: config.cursors,
            draining: Draining::default(),
            edge: config.edge,
        };
        run(&config.listen, state, |_| Ok(())).await
    })
}

async fn refuse_another_schema(database: &Address) -> Result<(), Failure> {
    let difference = migrations::difference(database).await.map_err(|cause| format!("{database:?}: {cause}"))?;
    if !difference.unknown.is_empty() {
        let steps = difference.unknown.join(", ");
        return Err(format!(
            "the database is newer than this program (steps {steps}): install the newer version / \
                 データベースの方が新しいバージョンです（{steps}）。新しい版を使ってください"
        )
        .into());
    }
    if !difference.pending.is_empty() {
        let steps = difference.pending.join(", ");
        return Err(format!(
            "the database lacks steps of the schema ({steps}): run `hagukumi migrate` first / \
             データベースの更新（{steps}）が済んでいません。先に hagukumi migrate を実行してください"
        )
        .into());
    }
    Ok(())
}

/// `started` is called when connections are taken.
pub async fn run(
    listen: &Listen,
    state: State,
    started: impl FnOnce(SocketAddr) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let address = SocketAddr::new(listen.host, listen.port);
    let signals = Signals::new()?;
    // Before the first connection is taken, and then as long as there are any.
    state.access.look(&state.db, &state.clock).await?;
    let up_to_date = access::keep(state.clone());
    let draining = state.draining.clone();
    let metrics = listen.metrics.map(|address| {
        metrics::serve(address, state.metrics.clone()).map_err(|cause| {
            format!("cannot listen on {address} (METRICS_LISTEN): {cause} / {address} で待ち受けできません")
        })
    });
    let server = TcpListener::bind(address)
        .and_then(|listener| serve_on(listener, state, listen.workers, Patience::default()))
        .map_err(|cause| format!("cannot listen on {address}: {cause}; PORT chooses another port / {address} で待ち受けできません。PORT で変えられます"))?;
    let metrics = metrics.transpose()?;
    let measured = metrics.as_ref().map(Server::handle);
    metrics.map(tokio::spawn);
    tokio::spawn(signals.stop(server.handle(), draining, listen.drain));
    log::info!(address:% = address, workers = listen.workers; "listening");
    started(address)?;
    tokio::select! {
        ended = server => ended?,
        () = up_to_date => {}
    }
    if let Some(measured) = measured {
        measured.stop(false).await;
    }
    log::info!("stopped");
    Ok(())
}

/// The service on a socket, as HttpServer builds it, but for the connections, which are ours.
pub fn serve_on(listener: TcpListener, state: State, workers: usize, patience: Patience) -> io::Result<Server> {
    listener.set_nonblocking(true)?;
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(CONNECTIONS_OF_A_WORKER)
        .shutdown_timeout(STOP_WITHIN_SECONDS)
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("http", listener, move || {
        let state = State { db: state.db.for_worker(), ..state.clone() };
        let app = app::app(state).into_factory().map_err(|error| error.error_response());
        let stopping = stopping.clone();
        let http = HttpService::build()
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(patience.head)
            .client_disconnect_timeout(DISCONNECT_WITHIN)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .on_connect_ext(|connection: &Connection<TcpStream>, data| {
                data.insert(connection.traffic.clone());
            })
            .finish(map_config(app, |()| AppConfig::default()));
        let accepted = fn_service(move |io: TcpStream| async move {
            let peer = io.peer_addr().ok();
            // Answers are written whole; waiting for more to send with them only costs time.
            io.set_nodelay(true).map_err(DispatchError::Io)?;
            Ok::<_, DispatchError>((Connection::new(io, patience), Protocol::Http1, peer))
        });
        accepted.and_then(http)
    })?;
    Ok(builder.run())
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// True: a load balancer may stand in front.
    async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.terminate.recv() => true,
            _ = self.interrupt.recv() => false,
        }
    }

    async fn stop(mut self, server: ServerHandle, draining: Draining, drain: Duration) {
        let balanced = self.next().await;
        draining.begin();
        let drain = if balanced { drain } else { Duration::ZERO };
        log::info!(drain_seconds = drain.as_secs(); "stopping");
        let gracefully = async {
            tokio::time::sleep(drain).await;
            server.stop(true).await;
        };
        tokio::select! {
            () = gracefully => {}
            _ = self.next() => server.stop(false).await,
        }
    }
}
