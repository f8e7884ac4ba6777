//! `serve --demo`: the service with a private database, a key and sample data of its own.
//!
//! One folder holds it all: `postgres` is the cluster's, `key.pem` signs tokens and is the secret behind cursors. The
//! sample goes in through the API, in process, into a database that gets its name when it is whole: a first start that
//! was cut short is simply done again.

mod clients;
pub mod examples;
pub mod key;
pub mod sample;

use crate::auth::access::Access;
use crate::auth::jwt::{Grant, Issuer, Role, SignError};
use crate::clock::Clock;
use crate::config;
use crate::db::cluster::{self, Cluster, OWNER, Settings};
use crate::db::{Address, ConnectError, Db, migrations, private};
use crate::health::Draining;
use crate::logging;
use crate::metrics::Metrics;
use crate::server::{self, Failure};
use crate::state::State;
use crate::web::edge::Edge;
use crate::web::rates::Ticks;
use log::LevelFilter;
use std::io::{self, Write};
use std::sync::Arc;
use tokio::runtime::Handle;
use uuid::Uuid;

const DATABASE: &str = "hagukumi";
/// The database until its sample is loaded.
const DRAFT: &str = "hagukumi_new";
const LOGIN: &str = "hagukumi_app";
const CLUSTER: &str = "postgres";
const TOKEN_SECONDS: u64 = 10 * 60;

pub fn serve(config: config::Demo, reset: bool) -> Result<(), Failure> {
    logging::init(&config.log);
    cluster::make_home(&config.dir, &[CLUSTER, key::FILE, key::DRAFT])?;
    let key = key::Key::of(&config.dir)?;
    let cluster = Cluster::start(&Settings { dir: &config.dir.join(CLUSTER), watch: None, durable: true })?;
    log::info!(dir:% = config.dir.display(), major = cluster.major(); "private PostgreSQL runs");
    let ended = server::runtime()?.block_on(run(&config, &key, &cluster, reset));
    // Last of all, when every connection is gone.
    drop(cluster);
    ended
}

async fn run(config: &config::Demo, key: &key::Key, cluster: &Cluster, reset: bool) -> Result<(), Failure> {
    let issuer = Arc::new(key.issuer()?);
    let state = |database, edge| -> Result<State, ConnectError> {
        let db = Db::new(address(cluster, LOGIN, database)?, config.connections, Some(Handle::current()))?;
        let clock = Clock::system();
        Ok(State {
            metrics: Metrics::new(&db, &clock),
            db,
            issuer: issuer.clone(),
            access: Arc::new(Access::new(Ticks::default())),
            clock,
            dictionary: Arc::default(),
            cursors: key.cursors(),
            draining: Draining::default(),
            edge,
        })
    };
    let server = address(cluster, OWNER, "postgres")?;
    if reset {
        private::drop(&server, DATABASE).await?;
    }
    if private::exists(&server, DATABASE).await? {
        migrations::migrate(&address(cluster, OWNER, DATABASE)?, Some(LOGIN)).await?;
    } else {
        private::create(&server, DRAFT).await?;
        migrations::migrate(&address(cluster, OWNER, DRAFT)?, Some(LOGIN)).await?;
        let loaded = quietly(sample::load(state(DRAFT, Edge::default())?, &sample::requests()?)).await?;
        log::info!(requests = loaded; "sample data loaded");
        private::rename(&server, DRAFT, DATABASE).await?;
    }
    clients::add(&address(cluster, OWNER, DATABASE)?, key, Clock::system().now()).await?;
    let welcome = examples::welcome(config, &issuer, &clients::welcome(config, key)?)?;
    server::run(&config.listen, state(DATABASE, config.edge.clone())?, |_| {
        Ok(io::stdout().write_all(welcome.as_bytes())?)
    })
    .await
}

/// Without a line for each of the sample's requests.
async fn quietly<T>(work: impl Future<Output = T>) -> T {
    let level = log::max_level();
    log::set_max_level(level.min(LevelFilter::Warn));
    let done = work.await;
    log::set_max_level(level);
    done
}

fn address(cluster: &Cluster, user: &str, database: &str) -> Result<Address, ConnectError> {
    Address::new(&cluster.url(user, database), None)
}

/// A fresh token of the demo.
fn token(issuer: &Issuer, clock: &Clock, role: Role, body: Option<&str>) -> Result<String, SignError> {
    let grant = Grant {
        subject: "demo".into(),
        client_id: format!("demo-{role}"),
        roles: vec![role],
        bodies: body.map(str::to_owned).into_iter().collect(),
        lifetime_seconds: TOKEN_SECONDS,
    };
    issuer.sign(&grant, clock.now(), Uuid::now_v7())
}
