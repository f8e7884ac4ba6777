//! Tokens that must be refused, over HTTP: whatever the cause, one answer.

use crate::harness::{Answer, Server};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hagukumi::auth::jwt::{Grant, Issuer, Keys, Role};
use serde_json::{Value, json};
use uuid::Uuid;

const PRIVATE: &str = "/reports?view=working";

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// What everybody may see of it, without what differs by request.
fn seen(answer: &Answer) -> (u16, String, String, Value) {
    let mut problem = answer.json.clone();
    problem["request_id"] = Value::Null;
    let cache = answer.header("cache-control").to_owned();
    (answer.status, answer.header("www-authenticate").to_owned(), cache, problem)
}

/// One of each family of the table in `src/auth/jwt/tests`, and what goes wrong before a token is read.
fn hostile(server: &Server) -> Vec<(&'static str, String)> {
    let good = server.token(&[Role::MunicipalEditor], &["132292"]);
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let kid = server.state.issuer.keys().jwks()["keys"][0]["kid"].clone();
    // Well made and well signed, by another key or under another name.
    let grant = Grant {
        subject: "x".into(),
        client_id: "x".into(),
        roles: vec![Role::Administrator],
        bodies: vec![],
        lifetime_seconds: 600,
    };
    let foreign = Keys::from_signing_pem(Keys::generate_pem().unwrap().as_bytes()).unwrap();
    let stranger = Issuer::new("https://hagukumi.test".into(), "hagukumi".into(), foreign);
    let stranger = stranger.sign(&grant, server.now(), Uuid::now_v7()).unwrap();
    let ours = Ed25519KeyPair::generate().unwrap();
    let resigned = |claims: &Value| {
        let signed = format!("{header}.{}", part(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(ours.sign(signed.as_bytes())))
    };
    let mut promoted = claims.clone();
    promoted["roles"] = json!(["administrator"]);
    let minutes = chrono::Duration::minutes;
    let at = |when| server.state.issuer.sign(&grant, when, Uuid::now_v7()).unwrap();
    let with_header = |header: Value| format!("{}.{payload}.{signature}", part(&header));
    let bearer = |token: String| format!("Bearer {token}");
    vec![
        ("none", String::new()),
        ("no scheme", good.clone()),
        ("another scheme", format!("Basic {good}")),
        ("empty", "Bearer ".into()),
        ("two tokens", format!("Bearer {good} {good}")),
        ("no token at all", bearer("x".into())),
        ("two parts", bearer(format!("{header}.{payload}"))),
        ("four parts", bearer(format!("{good}.x"))),
        ("not base64url", bearer(format!("{header}.{payload}.****"))),
        ("padded", bearer(format!("{good}=="))),
        ("too long", bearer(format!("{header}.{}.{signature}", "A".repeat(4096)))),
        ("alg none", bearer(with_header(json!({ "alg": "none", "typ": "at+jwt", "kid": kid })))),
        ("alg HS256", bearer(with_header(json!({ "alg": "HS256", "typ": "at+jwt", "kid": kid })))),
        ("another typ", bearer(with_header(json!({ "alg": "EdDSA", "typ": "JWT", "kid": kid })))),
        ("crit", bearer(with_header(json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid, "crit": ["x"] })))),
        ("a key of its own", bearer(with_header(json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid, "jwk": {} })))),
        ("an unknown key", bearer(stranger)),
        ("signed by another", bearer(resigned(&claims))),
        ("promoted", bearer(format!("{header}.{}.{signature}", part(&promoted)))),
        ("no signature", bearer(format!("{header}.{payload}."))),
        ("expired", bearer(at(server.now() - minutes(11)))),
        ("not yet", bearer(at(server.now() + minutes(2)))),
    ]
}

#[actix_web::test]
async fn every_refused_token_has_one_answer() {
    let server = Server::start().await;
    let good = server.token(&[Role::MunicipalEditor], &["132292"]);
    server.get(PRIVATE).token(&good).expect(200).await;
    let first = server.get(PRIVATE).expect(401).await;
    assert_eq!(first.header("www-authenticate"), "Bearer");
    let hostile = hostile(&server);
    assert!(hostile.len() > 20);
    for (name, authorization) in hostile {
        let answer = server.get(PRIVATE).header("authorization", &authorization).send().await;
        assert_eq!(seen(&answer), seen(&first), "{name}");
    }
    let twice = server.get(PRIVATE).token(&good).also("authorization", &format!("Bearer {good}")).send().await;
    assert_eq!(seen(&twice), seen(&first));
}

/// A verified token is remembered; what can end it is looked at all the same.
#[actix_web::test]
async fn a_remembered_token_ends_with_its_time_and_its_key() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalEditor], &["132292"]);
    let expect = |status| server.get(PRIVATE).token(&token).expect(status);
    expect(200).await;
    expect(200).await;
    let spoilt = format!("{}{}", &token[..token.len() - 4], if token.ends_with("AAAA") { "BBBB" } else { "AAAA" });
    server.get(PRIVATE).token(&spoilt).expect(401).await;
    server.advance(chrono::Duration::seconds(629));
    expect(200).await;
    server.advance(chrono::Duration::seconds(1));
    expect(401).await;
    server.advance(chrono::Duration::seconds(-300));
    expect(200).await;
    let others = Keys::from_signing_pem(Keys::generate_pem().unwrap().as_bytes()).unwrap();
    server.state.issuer.replace_keys(others);
    expect(401).await;
}
