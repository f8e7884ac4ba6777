//! A service of its own for each test: in-process HTTP, a database cloned from a migrated template, a clock that
//! stands still until it is moved. One private cluster serves a whole run and is gone with it.

use crate::contract::answers;
use actix_http::Request;
use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, init_service};
use chrono::{DateTime, Duration, Utc};
use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use hagukumi::app;
use hagukumi::auth::access::Access;
use hagukumi::auth::jwt::{Grant, Issuer, Keys, Role};
use hagukumi::clock::Clock;
use hagukumi::db::cluster::{self, Cluster, OWNER, Settings};
use hagukumi::db::{Address, Db, migrations};
use hagukumi::health::Draining;
use hagukumi::metrics::Metrics;
use hagukumi::state::State;
use hagukumi::web::edge::Edge;
use hagukumi::web::page::CursorKey;
use hagukumi::web::rates::Ticks;
use serde_json::Value;
use std::fs::{self, File};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

const LOGIN: &str = "hagukumi_app";
const TEMPLATE: &str = "hagukumi_template";

/// Where the run's cluster is: a URL with `USER` and `DATABASE` to fill in.
struct Run {
    url: String,
    /// Held by the process that started it.
    _cluster: Option<Cluster>,
}

/// Under nextest every test is a process: the first starts the cluster, which watches the runner; the others find it.
fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let (name, watch) = match std::env::var("NEXTEST_RUN_ID") {
            Ok(id) => (id.chars().take(8).collect(), Some(std::os::unix::process::parent_id())),
            Err(_) => (std::process::id().to_string(), None),
        };
        let base: PathBuf = cluster::test_dir();
        let dir = base.join(format!("hagukumi-test-{name}"));
        // In its folder, which goes with it.
        let ready = dir.join("url");
        let lock = File::create(base.join("hagukumi-test.lock")).unwrap();
        lock.lock().unwrap();
        if let Ok(url) = fs::read_to_string(&ready) {
            return Run { url, _cluster: None };
        }
        fs::create_dir_all(&dir).unwrap();
        let cluster = Cluster::start(&Settings { dir: &dir, watch, durable: false }).unwrap();
        let url = cluster.url("USER", "DATABASE");
        let run = Run { url: url.clone(), _cluster: Some(cluster) };
        blocking(async move {
            owner("postgres", &url).await.batch_execute(&format!("create database {TEMPLATE}")).await.unwrap();
            migrations::migrate(&address(&url, OWNER, TEMPLATE), Some(LOGIN)).await.unwrap();
            let closed = format!("alter database {TEMPLATE} is_template true allow_connections false");
            owner("postgres", &url).await.batch_execute(&closed).await.unwrap();
        });
        fs::write(&ready, &run.url).unwrap();
        run
    })
}

/// On a thread with a runtime of its own: a test's runtime is busy running the test.
fn blocking<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    std::thread::spawn(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work))
        .join()
        .unwrap()
}

fn address(url: &str, user: &str, database: &str) -> Address {
    Address::new(&url.replace("USER", user).replace("DATABASE", database), None).unwrap()
}

async fn owner(database: &str, url: &str) -> diesel_async::AsyncPgConnection {
    address(url, OWNER, database).open_plain().await.unwrap()
}

/// An empty migrated database, and its name.
pub async fn new_database(template: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("t_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let clone = format!("create database {name} template {template} strategy file_copy");
    owner("postgres", &run().url).await.batch_execute(&clone).await.unwrap();
    name
}

pub fn owner_address(database: &str) -> Address {
    address(&run().url, OWNER, database)
}

pub fn service_address(database: &str) -> Address {
    address(&run().url, LOGIN, database)
}

/// Where a process of its own finds the database.
pub fn service_url(database: &str) -> String {
    run().url.replace("USER", LOGIN).replace("DATABASE", database)
}

/// The same database behind a port of this machine.
pub fn address_through(port: u16, database: &str) -> Address {
    Address::new(&format!("postgres://{LOGIN}@127.0.0.1:{port}/{database}?sslmode=disable"), None).unwrap()
}

/// The socket of the run's server.
pub fn socket() -> PathBuf {
    let (_, rest) = run().url.split_once('@').unwrap();
    let folder = rest.split('/').next().unwrap().replace("%2F", "/");
    PathBuf::from(folder).join(".s.PGSQL.5432")
}

type Handler = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, Answer>>;

#[derive(Clone)]
pub struct Server {
    pub state: State,
    handle: Handler,
    now: Arc<AtomicI64>,
    pub database: String,
}

impl Server {
    pub async fn start() -> Self {
        Self::on(new_database(TEMPLATE).await).await
    }

    /// The same database with other connections, as after a restart.
    pub async fn restart(self) -> Self {
        let database = self.database.clone();
        drop(self);
        Self::on(database).await
    }

    async fn on(database: String) -> Self {
        let db = Db::new(service_address(&database), 16, None).unwrap();
        Self::with(database, db).await
    }

    /// The service on a way of its own to the database.
    pub async fn with(database: String, db: Db) -> Self {
        let start = "2026-11-21T09:00:00+09:00".parse::<DateTime<Utc>>().unwrap();
        let now = Arc::new(AtomicI64::new(start.timestamp_micros()));
        let clock = {
            let now = now.clone();
            Clock::from_fn(move || DateTime::from_timestamp_micros(now.load(Ordering::SeqCst)).unwrap())
        };
        let ticks = {
            let now = now.clone();
            Ticks::from_fn(move || Duration::microseconds(now.load(Ordering::SeqCst)).to_std().unwrap())
        };
        let keys = Keys::from_signing_pem(key_pem().as_bytes()).unwrap();
        let issuer = Arc::new(Issuer::new("https://hagukumi.test".into(), "hagukumi".into(), keys));
        let state = State {
            metrics: Metrics::new(&db, &clock),
            db,
            issuer,
            access: Arc::new(Access::new(ticks)),
            clock,
            dictionary: Arc::default(),
            cursors: CursorKey::new(b"the tests' cursor secret, 32 byte"),
            draining: Draining::default(),
            edge: Edge::default(),
        };
        let handle = handler(&state).await;
        Self { state, handle, now, database }
    }

    /// The same service behind other walls.
    pub async fn behind(mut self, edge: Edge) -> Self {
        self.state.edge = edge;
        self.handle = handler(&self.state).await;
        self
    }

    pub fn token(&self, roles: &[Role], bodies: &[&str]) -> String {
        let grant = Grant {
            subject: "tester".into(),
            client_id: format!("client-{}", bodies.first().unwrap_or(&"nation")),
            roles: roles.to_vec(),
            bodies: bodies.iter().map(|code| (*code).to_owned()).collect(),
            lifetime_seconds: 600,
        };
        self.state.issuer.sign(&grant, self.now(), Uuid::now_v7()).unwrap()
    }

    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.now.load(Ordering::SeqCst)).unwrap()
    }

    pub fn advance(&self, by: Duration) {
        self.now.fetch_add(by.num_microseconds().unwrap(), Ordering::SeqCst);
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// `path` below `/api/v1`, or whole if it begins with a double slash.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let path = path
            .strip_prefix('/')
            .filter(|rest| rest.starts_with('/'))
            .map_or_else(|| format!("/api/v1{path}"), str::to_owned);
        Call { server: self.clone(), request: TestRequest::default().method(method).uri(&path), sent: None }
    }

    /// A look behind the API, for what it does not show. Never to prepare or to change a test's data.
    pub async fn count(&self, sql: &str) -> i64 {
        use diesel_async::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let mut connection = self.owner().await;
        RunQueryDsl::get_result::<Count>(diesel::sql_query(sql), &mut connection).await.unwrap().count
    }

    /// The login that the operator's commands use.
    pub fn owner_address(&self) -> Address {
        owner_address(&self.database)
    }

    /// A connection of the owner's login, for plans of queries and held transactions.
    pub async fn owner(&self) -> diesel_async::AsyncPgConnection {
        owner_address(&self.database).open_plain().await.unwrap()
    }
}

async fn handler(state: &State) -> Handler {
    let service = Rc::new(init_service(app::app(state.clone())).await);
    Rc::new(move |request| {
        let service = service.clone();
        async move { Answer::read(service.call(request).await.unwrap()).await }.boxed_local()
    })
}

pub fn key_pem() -> &'static str {
    static PEM: OnceLock<String> = OnceLock::new();
    PEM.get_or_init(|| Keys::generate_pem().unwrap())
}

/// A request under way.
#[must_use]
pub struct Call {
    server: Server,
    request: TestRequest,
    sent: Option<Vec<u8>>,
}

impl Call {
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.request = self.request.insert_header((name, HeaderValue::from_str(value).unwrap()));
        self
    }

    /// As if it came over the network from there.
    pub fn from(mut self, address: &str) -> Self {
        self.request = self.request.peer_addr(format!("{address}:40000").parse().unwrap());
        self
    }

    /// A header that may come twice.
    pub fn also(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.request = self.request.append_header((name, HeaderValue::from_str(value).unwrap()));
        self
    }

    /// `If-None-Match: *`
    pub fn create(self) -> Self {
        self.header("if-none-match", "*")
    }

    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.set_json(body);
        self.sent = Some(serde_json::to_vec(body).unwrap());
        self
    }

    pub fn body(mut self, body: &[u8]) -> Self {
        self.request = self.request.insert_header(("content-type", "application/json")).set_payload(body.to_vec());
        self.sent = Some(body.to_vec());
        self
    }

    /// A body that is no JSON.
    pub fn raw(mut self, media: &str, body: Vec<u8>) -> Self {
        self.request = self.request.insert_header(("content-type", media)).set_payload(body);
        self
    }

    pub fn form(mut self, body: impl Into<Vec<u8>>) -> Self {
        let media = ("content-type", "application/x-www-form-urlencoded");
        self.request = self.request.insert_header(media).set_payload(body.into());
        self
    }

    /// Sends, and holds the answer to the published document.
    pub async fn send(self) -> Answer {
        let request = self.request.to_request();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let answer = (self.server.handle)(request).await;
        answers::check(&method, &uri, self.sent.as_deref(), &answer);
        answer
    }

    /// Sends, and fails the test with the whole answer if the status is another.
    pub async fn expect(self, status: u16) -> Answer {
        let answer = self.send().await;
        assert_eq!(answer.status, status, "{answer:#?}");
        answer
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
    /// As they came: a file is no text.
    pub bytes: Vec<u8>,
}

impl Answer {
    async fn read(response: ServiceResponse<impl actix_web::body::MessageBody>) -> Self {
        let status: StatusCode = response.status();
        let headers = response.headers().clone();
        let bytes = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("body"));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status: status.as_u16(), headers, text, json, bytes: bytes.to_vec() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn etag(&self) -> &str {
        self.header("etag")
    }

    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    pub fn results(&self) -> &Vec<Value> {
        self.json["results"].as_array().unwrap_or_else(|| panic!("no results: {self:#?}"))
    }
}
