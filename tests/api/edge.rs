//! What is on every answer, and what is refused before a handler is asked.

use crate::given::{kpi_plan, text, token_of};
use crate::harness::Server;
use actix_web::http::Method;
use hagukumi::auth::jwt::Role;
use hagukumi::web::edge::Edge;
use hagukumi::web::rates::{Rates, Ticks};
use std::time::Duration;

const PLAN: &str = "130001-kpi";
const TARGET: &str = "/targets/130001-kpi/1/132284/2024";

async fn server_with_plan() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["132284"]).await;
    server
}

#[actix_web::test]
async fn every_answer_is_sealed() {
    let server = server_with_plan().await;
    let token = token_of(&server, "132284");
    let api = "default-src 'none'; frame-ancestors 'none'";
    let public = "Accept, Accept-Encoding, Accept-Language";
    let private = "Accept, Accept-Encoding, Accept-Language, Authorization";
    for (call, status, policy, cache, vary) in [
        (server.get("/plans"), 200, api, "no-cache", public),
        (server.get("/plans?view=working").token(&token), 200, api, "no-store", private),
        (server.get("/plans?view=working"), 401, api, "no-store", private),
        (server.get("/plans/130001-none"), 404, api, "no-store", private),
        (server.call(Method::PATCH, "/plans"), 405, api, "no-store", private),
        (server.put(TARGET).token(&token).create().json(&text("一回")), 201, api, "no-store", private),
        (server.delete(TARGET).token(&token).if_match("\"v1\""), 204, api, "no-store", private),
        (server.get("//.well-known/jwks.json"), 200, api, "max-age=300", public),
        (server.get("//health/live"), 200, api, "no-store", private),
        (server.get("//openapi.json"), 200, api, "no-cache", public),
        (server.get("//swagger-ui/"), 200, "script-src 'self'", "no-cache", public),
        (server.get("//swagger-ui/index.css"), 200, "script-src 'self'", "no-cache", public),
    ] {
        let answer = call.expect(status).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:#?}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{answer:#?}");
        assert!(answer.header("content-security-policy").contains(policy), "{answer:#?}");
        assert!(!answer.header("content-security-policy").contains("unsafe"), "{answer:#?}");
        assert_eq!((answer.header("cache-control"), answer.header("vary")), (cache, vary), "{answer:#?}");
        for absent in ["strict-transport-security", "access-control-allow-origin", "server", "x-powered-by"] {
            assert_eq!(answer.header(absent), "", "{answer:#?}");
        }
    }
}

#[actix_web::test]
async fn browsers_come_back_by_https_where_the_service_has_it() {
    let server = Server::start().await.behind(Edge { https: true, ..Edge::default() }).await;
    for path in ["//health/live", "/plans", "/nowhere", "//swagger-ui/"] {
        let answer = server.get(path).send().await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{answer:#?}");
    }
}

#[actix_web::test]
async fn only_listed_origins_may_read() {
    let origins = "https://app.example.jp, http://localhost:3000".parse().unwrap();
    let server = server_with_plan().await.behind(Edge { origins, ..Edge::default() }).await;
    for (origin, allowed) in [
        ("https://app.example.jp", true),
        ("http://localhost:3000", true),
        ("http://app.example.jp", false),
        ("https://app.example.jp:8443", false),
        ("https://app.example.jp.evil.example", false),
        ("https://evil-app.example.jp", false),
        ("HTTPS://APP.EXAMPLE.JP", false),
        ("null", false),
        ("*", false),
        ("", false),
    ] {
        let expected = if allowed { origin } else { "" };
        for path in ["/plans", "/plans/130001-none", "/plans?nonsense=1"] {
            let answer = server.get(path).header("origin", origin).send().await;
            assert_eq!(answer.header("access-control-allow-origin"), expected, "{answer:#?}");
            assert_eq!(answer.header("access-control-expose-headers").contains("Hagukumi-Outcome"), allowed);
            assert!(answer.headers.get_all("vary").any(|value| value == "Origin"), "{answer:#?}");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
        let preflight = server.call(Method::OPTIONS, TARGET).header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "PUT").expect(204).await;
        assert_eq!(preflight.header("access-control-allow-origin"), expected);
        assert_eq!(preflight.header("access-control-allow-methods").contains("PUT"), allowed);
        assert_eq!(preflight.header("access-control-allow-headers").contains("If-Match"), allowed);
    }
}

#[actix_web::test]
async fn each_address_tells_its_methods() {
    let server = server_with_plan().await;
    for (method, path, status, allow) in [
        (Method::PATCH, TARGET, 405, "GET, HEAD, PUT, DELETE, OPTIONS"),
        (Method::POST, TARGET, 405, "GET, HEAD, PUT, DELETE, OPTIONS"),
        (Method::OPTIONS, TARGET, 204, "GET, HEAD, PUT, DELETE, OPTIONS"),
        (Method::PUT, "/plans", 405, "GET, HEAD, OPTIONS"),
        (Method::OPTIONS, "/plans", 204, "GET, HEAD, OPTIONS"),
        (Method::HEAD, "/reports/130001-kpi/132284/x/transitions", 405, "POST, OPTIONS"),
        (Method::TRACE, "//health/live", 405, "GET, HEAD, OPTIONS"),
        (Method::CONNECT, "/plans", 405, "GET, HEAD, OPTIONS"),
        (Method::from_bytes(b"PURGE").unwrap(), "/plans", 405, "GET, HEAD, OPTIONS"),
        (Method::OPTIONS, "/nowhere", 404, ""),
    ] {
        let answer = server.call(method.clone(), path).expect(status).await;
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        assert_eq!(answer.code().is_empty(), status == 204, "{method} {path}");
    }
}

#[actix_web::test]
async fn head_answers_as_get() {
    let server = server_with_plan().await;
    for path in
        ["/plans", "/plans/130001-kpi", "/plans/130001-none", "/plans?nonsense=1", "//health/live", "//openapi.json"]
    {
        let (get, head) = (server.get(path).send().await, server.call(Method::HEAD, path).send().await);
        assert_eq!(head.status, get.status, "{path}");
        for name in ["etag", "content-type", "cache-control", "vary", "content-language"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    let tag = server.get("/plans/130001-kpi").expect(200).await.etag().to_owned();
    server.call(Method::HEAD, "/plans/130001-kpi").header("if-none-match", &tag).expect(304).await;
}

#[actix_web::test]
async fn addresses_and_headers_have_an_end() {
    let server = Server::start().await;
    let fits = format!("/plans?cursor={}", "x".repeat(8 * 1024 - 30));
    assert_eq!(server.get(&fits).expect(400).await.code(), "request.cursor");
    let long = format!("/plans?cursor={}", "x".repeat(8 * 1024));
    assert_eq!(server.get(&long).expect(414).await.code(), "request.address_too_long");
    server.get("/plans").header("x-filler", &"x".repeat(16 * 1024 - 20)).expect(200).await;
    let large = server.get("/plans").header("x-filler", &"x".repeat(16 * 1024)).expect(431).await;
    assert_eq!(large.code(), "request.headers_too_large");
    let many = (0..90).fold(server.get("/plans"), |call, n| call.header(&format!("x-{n}"), &"x".repeat(190)));
    many.expect(431).await;
}

#[actix_web::test]
async fn bodies_come_as_they_are_and_have_an_end() {
    let server = server_with_plan().await;
    let token = token_of(&server, "132284");
    for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP", ""] {
        let call = server.put(TARGET).token(&token).create().header("content-encoding", encoding);
        let answer = call.body(b"{}").expect(415).await;
        assert_eq!(answer.code(), "request.media_type", "{encoding}");
        assert!(answer.json["detail"].as_str().unwrap().contains("Content-Encoding"), "{answer:#?}");
    }
    let call = server.put(TARGET).token(&token).create().header("content-encoding", "identity");
    call.json(&text("一回")).expect(201).await;
    let body = |size: usize| format!("{}{{}}", " ".repeat(size - 2));
    let most = server.put(TARGET).token(&token).create().body(body(1 << 20).as_bytes()).send().await;
    assert_ne!(most.status, 413);
    let more = server.put(TARGET).token(&token).create().body(body((1 << 20) + 1).as_bytes()).expect(413).await;
    assert_eq!(more.code(), "request.too_large");
}

/// Three at once, then one a second.
async fn limited() -> Server {
    let server = server_with_plan().await;
    let clock = server.state.clock.clone();
    let start = server.now();
    let ticks = Ticks::from_fn(move || (clock.now() - start).to_std().unwrap());
    let proxies = "10.0.0.0/8".parse().unwrap();
    server.behind(Edge { proxies, rates: Rates::new(1, 3, ticks), ..Edge::default() }).await
}

#[actix_web::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let server = limited().await;
    for _ in 0..3 {
        server.get("/plans").from("192.0.2.1").expect(200).await;
    }
    let refused = server.get("/plans").from("192.0.2.1").expect(429).await;
    assert_eq!((refused.code(), refused.header("retry-after")), ("request.rate_limit", "1"));
    assert!(refused.json["detail"].as_str().unwrap().contains("1秒"), "{refused:#?}");
    // Nobody else waits for that, and nobody is kept from asking how the service is.
    server.get("/plans").from("192.0.2.2").expect(200).await;
    server.get("//health/ready").from("192.0.2.1").expect(200).await;
    server.get("/plans").expect(200).await;
    server.advance(chrono::Duration::seconds(1));
    server.get("/plans").from("192.0.2.1").expect(200).await;
    server.get("/plans").from("192.0.2.1").expect(429).await;
}

#[actix_web::test]
async fn clients_are_told_apart_by_their_token_and_others_by_their_address() {
    let server = limited().await;
    let one = server.token(&[Role::MunicipalEditor], &["132284"]);
    let two = server.token(&[Role::MunicipalEditor], &["132292"]);
    for n in 1..=3 {
        server.get("/plans").token(&one).from(&format!("192.0.2.{n}")).expect(200).await;
    }
    // Another address is the same client; another client at the same address is not; no more is a bad token.
    server.get("/plans").token(&one).from("192.0.2.9").expect(429).await;
    server.get("/plans").token(&two).from("192.0.2.1").expect(200).await;
    for n in 1..=3 {
        server.get("/plans").token(&format!("invented-{n}")).from("192.0.2.7").expect(200).await;
    }
    server.get("/plans").token("invented-4").from("192.0.2.7").expect(429).await;
    server.get("/plans").from("192.0.2.7").expect(429).await;
}

#[actix_web::test]
async fn behind_a_proxy_the_client_counts_and_a_home_is_one() {
    let server = limited().await;
    let from = |client: &str| server.get("/plans").header("x-forwarded-for", client).from("10.0.0.1");
    for _ in 0..3 {
        from("192.0.2.1").expect(200).await;
    }
    from("192.0.2.1").expect(429).await;
    from("192.0.2.2").expect(200).await;
    // Who is no proxy of ours cannot change its name.
    for n in 1..=4 {
        let call = server.get("/plans").header("x-forwarded-for", &format!("198.51.100.{n}")).from("192.0.2.3");
        call.expect(if n == 4 { 429 } else { 200 }).await;
    }
    for n in 1..=4 {
        server.get("/plans").from(&format!("[2001:db8::{n}]")).expect(if n == 4 { 429 } else { 200 }).await;
    }
    server.get("/plans").from("[2001:db8:0:1::1]").expect(200).await;
}

#[actix_web::test]
async fn no_limit_is_none() {
    let rates = Rates::new(0, 1, Ticks::from_fn(|| Duration::ZERO));
    let server = Server::start().await.behind(Edge { rates, ..Edge::default() }).await;
    for _ in 0..10 {
        server.get("/prefectures").from("192.0.2.1").expect(200).await;
    }
}
