//! Conditional requests (RFC 9110 §13).

use crate::given::{kpi_plan, text, token_of};
use crate::harness::Server;

const PLAN: &str = "/plans/130001-kpi";
const TARGET: &str = "/targets/130001-kpi/1/132284/2024";

async fn server_with_plan() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, "130001-kpi", &["132284"]).await;
    server
}

#[actix_web::test]
async fn a_reader_who_has_it_gets_304() {
    let server = server_with_plan().await;
    for (known, status) in [
        ("\"v1\"", 304),
        ("W/\"v1\"", 304),
        ("\"v0\", \"v1\"", 304),
        (" ,\"x,y\" ,, W/\"v1\" ,", 304),
        ("\"v1;gzip\"", 304),
        ("\"v1;zstd\"", 304),
        ("*", 304),
        ("\"v2\"", 200),
        ("\"v1;csv\"", 200),
        ("\"v1", 200),
        ("v1", 200),
        ("\"p1\"", 200),
        ("\"x,v1\"", 200),
        ("", 200),
    ] {
        let answer = server.get(PLAN).header("if-none-match", known).expect(status).await;
        assert_eq!((answer.etag(), answer.text.is_empty()), ("\"v1\"", status == 304), "{known}");
    }
    server.get("/plans/130001-none").header("if-none-match", "*").expect(404).await;
}

#[actix_web::test]
async fn a_packed_answer_has_a_tag_of_its_own_that_writes_take() {
    let server = server_with_plan().await;
    let token = token_of(&server, "132284");
    server.put(TARGET).token(&token).create().json(&text("一回")).expect(201).await;
    let read =
        server.get(&format!("{TARGET}?view=working")).token(&token).header("accept-encoding", "gzip").expect(200).await;
    assert_eq!((read.etag(), read.header("content-encoding")), ("\"v1;gzip\"", "gzip"));
    server.put(TARGET).token(&token).if_match(read.etag()).json(&text("二回")).expect(200).await;
}

#[actix_web::test]
async fn a_write_compares_strongly_and_reads_lists() {
    let server = server_with_plan().await;
    let token = token_of(&server, "132284");
    server.put(TARGET).token(&token).create().json(&text("零回")).expect(201).await;
    for (number, (given, code)) in [
        ("\"v1\"", ""),
        ("\"v9\", \"v2\"", ""),
        ("\"v3;en\"", ""),
        ("\"v4;gzip\"", ""),
        ("*", ""),
        ("\"x\",\"v6\"", ""),
        ("W/\"v7\"", "request.version_conflict"),
        ("\"v8\"", "request.version_conflict"),
        ("\"another service's\"", "request.version_conflict"),
        ("\"v99999999999999999999\"", "request.version_conflict"),
        ("\"p1.7\"", "request.version_conflict"),
        ("v7", "request.precondition"),
        ("\"v7", "request.precondition"),
        ("\"v7\" \"v8\"", "request.precondition"),
        ("*, \"v7\"", "request.precondition"),
        ("w/\"v7\"", "request.precondition"),
        ("", "request.precondition"),
        ("''", "request.precondition"),
    ]
    .iter()
    .enumerate()
    {
        let answer = server.put(TARGET).token(&token).if_match(given).json(&text(&format!("{number}番"))).send().await;
        assert_eq!(answer.code(), *code, "{given}: {answer:#?}");
        if *code == "request.version_conflict" {
            assert_eq!((answer.status, answer.etag()), (412, "\"v7\""), "{given}");
        }
    }
    let both = server.put(TARGET).token(&token).create().if_match("\"v7\"").json(&text("両方")).expect(400).await;
    assert_eq!(both.code(), "request.precondition");
    let named =
        server.put(TARGET).token(&token).header("if-none-match", "\"v7\"").json(&text("名指し")).expect(400).await;
    assert_eq!(named.code(), "request.precondition");
}

#[actix_web::test]
async fn a_deletion_names_what_it_deletes() {
    let server = server_with_plan().await;
    let token = token_of(&server, "132284");
    server.put(TARGET).token(&token).create().json(&text("一回")).expect(201).await;
    for call in [server.delete(TARGET), server.delete(TARGET).create()] {
        let refused = call.token(&token).expect(428).await;
        assert_eq!((refused.code(), refused.etag()), ("request.precondition_required", "\"v1\""));
    }
    server.delete(TARGET).token(&token).if_match("W/\"v1\"").expect(412).await;
    server.delete(TARGET).token(&token).if_match("\"v1;gzip\"").expect(204).await;
}
