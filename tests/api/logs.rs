//! What the log tells: one line for each request, and nothing that a client has confided to us.

use crate::given::{create, kpi_plan, text, token_of, transition};
use crate::harness::Server;
use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use diesel_async::SimpleAsyncConnection;
use env_logger::Target;
use futures_util::FutureExt;
use hagukumi::app;
use hagukumi::auth::jwt::{Grant, Role};
use hagukumi::config::{Log, LogFormat};
use hagukumi::logging;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use uuid::Uuid;

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/api/v1/results/130001-kpi-2024/1/131016/2024";
const ROUTE: &str = "/api/v1/results/{plan}/{program}/{municipality}/{period}";
/// In every place a client can put something; whatever is logged must be free of it.
const SECRET: &str = "himitsu";

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Captured {
    /// The log of this process, at its most talkative.
    fn log() -> Self {
        static LOG: OnceLock<Captured> = OnceLock::new();
        let start = || {
            let captured = Captured::default();
            let log = Log { format: LogFormat::Json, filter: "trace".into() };
            logging::builder(&log, Target::Pipe(Box::new(captured.clone()))).init();
            captured
        };
        LOG.get_or_init(start).clone()
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self, target: &str, field: &str, value: &str) -> Vec<Value> {
        let lines = self.text();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["target"] == target && line[field] == value).collect()
    }
}

/// A token of a client whose name no other test has.
fn unique_client(server: &Server) -> (String, String) {
    let client = Uuid::now_v7().to_string();
    let grant = Grant {
        subject: SECRET.into(),
        client_id: client.clone(),
        roles: vec![Role::MunicipalEditor, Role::MunicipalApprover],
        bodies: vec!["131016".into()],
        lifetime_seconds: 600,
    };
    (server.state.issuer.sign(&grant, server.now(), Uuid::now_v7()).unwrap(), client)
}

/// Requests of every fate. The statuses are other tests' business, but for one of each kind.
fn requests(token: &str, stranger: &str, administrator: &str) -> Vec<(TestRequest, Option<u16>)> {
    let request = |method: Method, path: &str| TestRequest::default().method(method).uri(path);
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let put = |body: Value| request(Method::PUT, RESULT).insert_header(bearer(token)).set_json(body);
    let forged = format!("{}{SECRET}", token.trim_end_matches(|c| c != '.'));
    vec![
        (put(text(SECRET)).insert_header(("if-none-match", "*")), Some(201)),
        (put(text(SECRET)).insert_header(("if-match", "\"v1\"")), Some(200)),
        (put(text("別の文")).insert_header(("if-match", "\"v9\"")), Some(412)),
        (put(json!({ SECRET: SECRET })).insert_header(("if-match", "\"v1\"")), Some(400)),
        (put(json!({ "texts": { SECRET: SECRET } })).insert_header(("if-match", "\"v1\"")), Some(422)),
        (put(json!({ "texts": { "text": SECRET.repeat(200_000) } })), Some(413)),
        (put(text(SECRET)).insert_header(("content-type", "text/himitsu")), Some(415)),
        (put(text(SECRET)).insert_header(bearer(&forged)), Some(401)),
        (put(text(SECRET)).insert_header(("authorization", format!("Basic {SECRET}"))), Some(401)),
        (put(text(SECRET)).insert_header(bearer(stranger)), Some(403)),
        (request(Method::GET, "/api/v1/warnings").insert_header(bearer(administrator)), Some(403)),
        (request(Method::GET, "/api/v1/audit").insert_header(bearer(stranger)), Some(200)),
        (request(Method::GET, &format!("{RESULT}?view=working")).insert_header(bearer(token)), Some(200)),
        (request(Method::GET, &format!("{RESULT}?{SECRET}=1")), Some(400)),
        (request(Method::GET, &format!("/api/v1/results?prefecture=130001&period=2024&cursor={SECRET}")), Some(400)),
        (request(Method::GET, &format!("/{SECRET}?access_token={token}")), Some(404)),
        (request(Method::GET, &format!("/api/v1/municipalities/{SECRET}")), Some(400)),
        (request(Method::DELETE, "/api/v1/prefectures"), Some(405)),
        (request(Method::from_bytes(SECRET.as_bytes()).unwrap(), "/api/v1/prefectures"), Some(405)),
        (request(Method::HEAD, "/api/v1/prefectures"), None),
        (request(Method::OPTIONS, "/api/v1/prefectures").insert_header(("origin", format!("https://{SECRET}"))), None),
        (request(Method::GET, "/health/live").insert_header(("cookie", SECRET)), Some(200)),
        (request(Method::GET, "/api/v1/prefectures").insert_header(("x-request-id", SECRET)), Some(200)),
        (request(Method::GET, "/api/v1/prefectures").insert_header(("user-agent", SECRET)), Some(200)),
    ]
}

async fn sent(response: ServiceResponse<impl actix_web::body::MessageBody>) -> (u16, String, usize) {
    let status = response.status().as_u16();
    let id = response.headers().get("request-id").unwrap().to_str().unwrap().to_owned();
    let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("body"));
    (status, id, body.len())
}

#[actix_web::test]
async fn every_request_has_one_line_and_no_line_has_a_secret() {
    let log = Captured::log();
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let (token, client) = unique_client(&server);
    let administrator = server.token(&[Role::Administrator], &[]);
    let service = init_service(app::app(server.state.clone())).await;
    let mut wrong = Vec::new();
    for (number, (request, expected)) in
        requests(&token, &token_of(&server, "131032"), &administrator).into_iter().enumerate()
    {
        let head = request.to_request();
        let is_head = head.method() == Method::HEAD;
        let (status, id, bytes) = sent(service.call(head).await.unwrap()).await;
        wrong.extend(expected.filter(|expected| *expected != status).map(|expected| (number, expected, status)));
        let lines = log.lines("access", "request_id", &id);
        let [line] = lines.as_slice() else { panic!("request {number}: {lines:#?}") };
        assert_eq!((&line["status"], &line["cut"]), (&json!(status), &json!(false)), "request {number}");
        assert!(is_head || line["bytes"] == bytes, "request {number}: {line}");
        let security = log.lines("security", "request_id", &id);
        assert_eq!(security.len(), usize::from([401, 403].contains(&status)), "request {number}: {security:#?}");
    }
    assert!(wrong.is_empty(), "(request, expected, answered): {wrong:?}");
    let writes = log.lines("access", "client", &client);
    assert!(writes.len() >= 8 && writes.iter().all(|line| line["route"] == ROUTE), "{writes:#?}");

    // Names of persons, and a fault of ours on a row that holds a secret.
    let report = format!("{PLAN}/131016/2024-results");
    transition(&server, &token, &report, json!({ "to": "submitted", "person": SECRET, "comment": SECRET })).await;
    transition(&server, &token, &report, json!({ "to": "draft", "person": SECRET })).await;
    let broken =
        format!("alter table records add constraint records_broken check (texts::text not like '%{SECRET}9%')");
    server.owner().await.batch_execute(&broken).await.unwrap();
    let failing = server.put(&RESULT["/api/v1".len()..]).token(&token).header("if-match", "*");
    let failed = failing.json(&text(&format!("{SECRET}9"))).expect(500).await;
    let told = log.lines("hagukumi::web::language", "request_id", failed.header("request-id"));
    assert!(told.len() == 1 && told[0]["cause"].as_str().unwrap().contains("records_broken"), "{told:#?}");

    let all = log.text();
    let told: Vec<&str> = all.lines().filter(|line| line.contains(SECRET) || line.contains(&token)).collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[actix_web::test]
async fn a_client_that_leaves_is_told_of_once() {
    let log = Captured::log();
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    create(&server, &token_of(&server, "131016"), &RESULT["/api/v1".len()..], &text("文")).await;
    let (token, client) = unique_client(&server);
    let service = init_service(app::app(server.state.clone())).await;
    let look = || {
        let request = TestRequest::get().uri(&format!("{RESULT}?view=working"));
        request.insert_header(("authorization", format!("Bearer {token}"))).to_request()
    };
    // Before the answer: the database is asked, so the first look at the future finds nothing.
    assert!(service.call(look()).now_or_never().is_none());
    // Before the body.
    drop(service.call(look()).await.unwrap());
    let lines = log.lines("access", "client", &client);
    let told: Vec<_> = lines.iter().map(|line| (line["status"].as_u64().unwrap(), line["cut"] == true)).collect();
    assert_eq!(told, [(499, false), (200, true)], "{lines:#?}");
    assert!(lines.iter().all(|line| line["route"] == ROUTE));
}

#[test]
fn the_security_stream_cannot_be_switched_off() {
    let captured = Captured::default();
    let log = Log { format: LogFormat::Json, filter: "off,security=off".into() };
    let logger = logging::builder(&log, Target::Pipe(Box::new(captured.clone()))).build();
    for target in ["security", "access", "hagukumi::server"] {
        let line = log::Record::builder().target(target).level(log::Level::Info).args(format_args!("x")).build();
        log::Log::log(&logger, &line);
    }
    let told: Vec<_> = captured.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["target"], "security");
}
