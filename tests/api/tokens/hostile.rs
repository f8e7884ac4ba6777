//! Requests at the token endpoint that are wrong, each in its way: one of the RFC's errors, never a 5xx, never a secret
//! in the log.

use super::{TOKEN, basic, city};
use crate::harness::{Answer, Call, Server};
use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use log::{Log, Metadata, Record};
use std::sync::{Mutex, PoisonError};

const GRANT: &str = "grant_type=client_credentials";
const REQUEST: &str = "invalid_request";
const CLIENT: &str = "invalid_client";

struct Lines(Mutex<String>);
static LINES: Lines = Lines(Mutex::new(String::new()));

impl Log for Lines {
    fn enabled(&self, _: &Metadata) -> bool {
        true
    }

    fn log(&self, record: &Record) {
        struct Pairs<'a>(&'a mut String);
        impl<'kvs> log::kv::VisitSource<'kvs> for Pairs<'_> {
            fn visit_pair(
                &mut self,
                key: log::kv::Key<'kvs>,
                value: log::kv::Value<'kvs>,
            ) -> Result<(), log::kv::Error> {
                self.0.push_str(&format!(" {key}={value}"));
                Ok(())
            }
        }
        if !record.target().starts_with("hagukumi") && record.target() != "security" {
            return;
        }
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_str(&format!("{}: {}", record.target(), record.args()));
        let _ = record.key_values().visit(&mut Pairs(&mut lines));
        lines.push('\n');
    }

    fn flush(&self) {}
}

type Spoil = Box<dyn Fn(Call) -> Call>;

/// What is wrong, the error, the status, and the request. `S` is a genuine secret.
type Row = (&'static str, &'static str, u16, Spoil);

fn table(secret: &str) -> Vec<Row> {
    [bodies(secret), headers(secret), media(secret), twice(secret)].into_iter().flatten().collect()
}

fn bodies(s: &str) -> Vec<Row> {
    let mut all: Vec<Row> = Vec::new();
    let mut form = |name, error, status, body: Vec<u8>| {
        all.push((name, error, status, Box::new(move |call: Call| call.form(body.clone()))));
    };
    let (request, client) = (REQUEST, CLIENT);
    for (name, error, status, body) in [
        ("nothing", request, 400, String::new()),
        ("no grant", request, 400, format!("client_id=city&client_secret={s}")),
        ("an empty grant", request, 400, format!("grant_type=&client_id=city&client_secret={s}")),
        (
            "password grant",
            "unsupported_grant_type",
            400,
            format!("grant_type=password&client_id=city&client_secret={s}"),
        ),
        (
            "a code",
            "unsupported_grant_type",
            400,
            format!("grant_type=authorization_code&code=x&client_id=city&client_secret={s}"),
        ),
        ("grant in capitals", "unsupported_grant_type", 400, "grant_type=CLIENT_CREDENTIALS".into()),
        ("no client", client, 401, GRANT.into()),
        ("no secret", client, 401, format!("{GRANT}&client_id=city")),
        ("an empty secret", client, 401, format!("{GRANT}&client_id=city&client_secret=")),
        ("no id", client, 401, format!("{GRANT}&client_secret={s}")),
        ("a wrong secret", client, 401, format!("{GRANT}&client_id=city&client_secret={}", "A".repeat(43))),
        ("nearly the secret", client, 401, format!("{GRANT}&client_id=city&client_secret={s}A")),
        ("the secret cut", client, 401, format!("{GRANT}&client_id=city&client_secret={}", &s[..42])),
        ("the secret and a space", client, 401, format!("{GRANT}&client_id=city&client_secret={s}+")),
        ("an unknown client", client, 401, format!("{GRANT}&client_id=nobody&client_secret={s}")),
        ("id in capitals", client, 401, format!("{GRANT}&client_id=CITY&client_secret={s}")),
        ("id with a space", client, 401, format!("{GRANT}&client_id=city+&client_secret={s}")),
        ("full-width id", client, 401, format!("{GRANT}&client_id=%EF%BD%83ity&client_secret={s}")),
        ("id and secret swapped", client, 401, format!("{GRANT}&client_id={s}&client_secret=city")),
        ("SQL for an id", client, 401, format!("{GRANT}&client_id=city'--&client_secret={s}")),
        ("a long id", client, 401, format!("{GRANT}&client_id={}&client_secret={s}", "a".repeat(9000))),
        ("a long secret", client, 401, format!("{GRANT}&client_id=city&client_secret={}", "a".repeat(9000))),
        ("secret of 1 MB", request, 400, format!("{GRANT}&client_id=city&client_secret={}", "a".repeat(1_000_000))),
        ("grant twice", request, 400, format!("{GRANT}&{GRANT}&client_id=city&client_secret={s}")),
        ("id twice", request, 400, format!("{GRANT}&client_id=city&client_id=city&client_secret={s}")),
        ("secret twice", request, 400, format!("{GRANT}&client_id=city&client_secret={s}&client_secret={s}")),
        ("scope twice, empty", request, 400, format!("{GRANT}&scope=&scope=&client_id=city&client_secret={s}")),
        ("an unknown one twice", request, 400, format!("{GRANT}&a=1&a=2&client_id=city&client_secret={s}")),
        ("NUL in the secret", request, 400, format!("{GRANT}&client_id=city&client_secret={s}%00")),
        ("NUL in the id", request, 400, format!("{GRANT}&client_id=city%00&client_secret={s}")),
        ("a line break in the id", request, 400, format!("{GRANT}&client_id=city%0Atoken%20issued&client_secret={s}")),
        ("NUL in a name", request, 400, format!("{GRANT}&a%00=1&client_id=city&client_secret={s}")),
        ("not UTF-8", request, 400, format!("{GRANT}&client_id=city&client_secret=%FF%FE")),
        ("overlong UTF-8", request, 400, format!("{GRANT}&client_id=c%C1%A9ty&client_secret={s}")),
        (
            "another's scope",
            "invalid_scope",
            400,
            format!("{GRANT}&scope=administrator&client_id=city&client_secret={s}"),
        ),
        ("JSON", request, 400, format!("{{\"grant_type\":\"client_credentials\",\"client_secret\":\"{s}\"}}")),
    ] {
        form(name, error, status, body.into_bytes());
    }
    form("raw bytes", request, 400, vec![0, 0xff, 0xfe, b'&', b'=', 0xc0]);
    all
}

fn headers(s: &str) -> Vec<Row> {
    let (client, good) = (CLIENT, basic("city", s));
    let mut all: Vec<Row> = Vec::new();
    for (name, error, status, authorization) in [
        ("Basic with nothing", client, 401, "Basic".to_owned()),
        ("Basic with a space", client, 401, "Basic ".into()),
        ("no base64", client, 401, "Basic ****".into()),
        ("base64 without padding", client, 401, good.trim_end_matches('=').replace("Basic ", "Basic x")),
        ("base64url", client, 401, "Basic Y2l0eTo_Pz8_".into()),
        ("no colon", client, 401, format!("Basic {}", STANDARD.encode("city"))),
        ("no id, no secret", client, 401, format!("Basic {}", STANDARD.encode(":"))),
        ("Basic, not UTF-8", client, 401, format!("Basic {}", STANDARD.encode([b'c', 0xff, b':', b'x']))),
        ("Basic, NUL", client, 401, format!("Basic {}", STANDARD.encode(format!("city\0:{s}")))),
        ("Basic, encoded NUL", client, 401, basic("city%00", s)),
        ("Basic, encoded not UTF-8", client, 401, basic("city", "%FF")),
        ("Basic, a separator", client, 401, basic("city", &format!("{s}&x=1"))),
        ("Basic, wrong secret", client, 401, basic("city", "wrong")),
        ("Basic, unknown client", client, 401, basic("nobody", s)),
        ("a token", client, 401, format!("Bearer {s}")),
        ("Digest", client, 401, "Digest username=\"city\"".into()),
    ] {
        let spoil = move |call: Call| call.form(GRANT).header("authorization", &authorization);
        all.push((name, error, status, Box::new(spoil)));
    }
    all
}

fn media(s: &str) -> Vec<Row> {
    let body = format!("{GRANT}&client_id=city&client_secret={s}");
    let mut all: Vec<Row> = Vec::new();
    for media in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=shift_jis",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=utf-8; charset=utf-7",
        "application/x-www-form-urlencoded; x=y",
        "application/x-www-form-urlencoded, text/plain",
        "x",
    ] {
        let body = body.clone();
        all.push((
            media,
            REQUEST,
            400,
            Box::new(move |call: Call| call.form(body.as_str()).header("content-type", media)),
        ));
    }
    all
}

/// One thing too many.
fn twice(s: &str) -> Vec<Row> {
    let (request, good) = (REQUEST, basic("city", s));
    let whole = format!("{GRANT}&client_id=city&client_secret={s}");
    let mut all: Vec<Row> = Vec::new();
    let (one, two, three) = (whole, good.clone(), good.clone());
    all.push(("both ways", request, 400, Box::new(move |call| call.form(one.as_str()).header("authorization", &two))));
    all.push((
        "another id beside Basic",
        request,
        400,
        Box::new(move |call| call.form(format!("{GRANT}&client_id=other")).header("authorization", &three)),
    ));
    all.push((
        "Basic twice",
        request,
        400,
        Box::new(move |call| call.form(GRANT).header("authorization", &good).also("authorization", &good)),
    ));
    all
}

fn check(name: &str, error: &str, status: u16, answer: &Answer) {
    assert_eq!((answer.status, answer.json["error"].as_str()), (status, Some(error)), "{name}: {answer:?}");
    assert_eq!(answer.json.as_object().unwrap().len(), 2, "{name}: {answer:?}");
    // RFC 6749 §5.2: what may stand in a description.
    let text = answer.json["error_description"].as_str().unwrap();
    assert!(text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\'), "{name}: {text}");
    assert_eq!(answer.header("content-type"), "application/json", "{name}");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"), "{name}");
    assert_eq!(answer.header("www-authenticate").starts_with("Basic realm="), status == 401, "{name}");
}

#[actix_web::test]
async fn hostile_requests_get_the_rfcs_errors_and_leave_no_secret() {
    log::set_logger(&LINES).map(|()| log::set_max_level(log::LevelFilter::Trace)).unwrap();
    let server = Server::start().await;
    let secret = city(&server).await;
    let table = table(&secret);
    assert!(table.len() > 60, "{}", table.len());
    let mut wrong_clients = Vec::new();
    for (name, error, status, spoil) in &table {
        server.advance(Duration::seconds(5));
        let answer = spoil(server.post(TOKEN)).send().await;
        check(name, error, *status, &answer);
        if ["a wrong secret", "an unknown client", "Basic, wrong secret", "Basic, unknown client"].contains(name) {
            wrong_clients.push(answer.text);
        }
    }
    assert_eq!(wrong_clients.len(), 4);
    assert!(wrong_clients.iter().all(|text| *text == wrong_clients[0]), "{wrong_clients:?}");
    // In the address a secret would stand in every log on the way.
    let form = format!("{GRANT}&client_id=city&client_secret={secret}");
    let in_address = server.post(&format!("{TOKEN}?{form}")).form("").send().await;
    check("in the address", "invalid_request", 400, &in_address);
    assert_eq!(server.call(Method::GET, TOKEN).expect(405).await.header("allow"), "POST, OPTIONS");
    server.advance(Duration::seconds(60));
    let issued = server.post(TOKEN).form(form).expect(200).await;
    let token = issued.json["access_token"].as_str().unwrap().to_owned();

    let lines = std::mem::take(&mut *LINES.0.lock().unwrap_or_else(PoisonError::into_inner));
    let security: Vec<&str> = lines.lines().filter(|line| line.starts_with("security: ")).collect();
    let refused = security.iter().filter(|line| line.contains("token refused to client")).count();
    assert_eq!(refused, table.len() + 1);
    let told = security.iter().find(|line| line.contains("token issued")).unwrap();
    assert!(told.contains("client=city") && told.contains("scope=municipal_editor municipal_approver"), "{told}");
    assert!(told.contains("jti=") && told.contains("address="), "{told}");
    assert!(security.iter().any(|line| line.contains("client=nobody") && line.contains("cause=invalid_client")));
    for hidden in [secret.as_str(), &secret[..42], &token, &basic("city", &secret), "$argon2"] {
        assert!(!lines.contains(hidden), "{hidden} in {lines}");
    }
}

#[actix_web::test]
async fn guessing_is_answered_with_patience() {
    let server = Server::start().await;
    let secret = city(&server).await;
    let ask = async |secret: &str| {
        server.post(TOKEN).header("authorization", &basic("city", secret)).form(GRANT).send().await
    };
    for _ in 0..10 {
        assert_eq!(ask("guess").await.status, 401);
    }
    let refused = ask(&secret).await;
    check("too many", "temporarily_unavailable", 429, &refused);
    assert_eq!(refused.header("retry-after"), "1");
    server.advance(Duration::seconds(1));
    assert_eq!(ask(&secret).await.status, 200);
}
