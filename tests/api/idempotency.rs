//! A transition sent again is answered as the first time, and happens once.

use crate::given::{create, findings, kpi_plan, text, token_of, transition};
use crate::harness::{Answer, Call, Server};
use chrono::Duration;
use futures_util::future::join_all;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const REPORT: &str = "130001-kpi-2024/131016/2024-results";

async fn given(members: &[&str]) -> Server {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, members).await;
    for code in members {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
    }
    server
}

fn submitted() -> Value {
    json!({ "to": "submitted", "person": "担当A" })
}

fn send(server: &Server, report: &str, key: &str, body: &Value) -> Call {
    let token = token_of(server, report.split('/').nth(1).unwrap());
    server.post(&format!("/reports/{report}/transitions")).token(&token).header("idempotency-key", key).json(body)
}

#[actix_web::test]
async fn a_transition_needs_a_key() {
    let server = given(&["131016"]).await;
    let token = token_of(&server, "131016");
    let post = || server.post(&format!("/reports/{REPORT}/transitions")).token(&token).json(&submitted());
    for call in [post(), post().header("idempotency-key", " "), post().header("idempotency-key", &"k".repeat(201))] {
        assert_eq!(call.expect(400).await.code(), "request.idempotency_key_required");
    }
    let path = format!("/reports/{REPORT}/transitions?dry_run=true");
    let dry = server.post(&path).token(&token).header("idempotency-key", "k").json(&submitted()).expect(400).await;
    assert_eq!(findings(&dry), [("dry_run", "request.unknown_parameter")]);
    assert_eq!(server.count("select count(*) from idempotency_keys").await, 0);
    post().header("idempotency-key", &"k".repeat(200)).expect(200).await;
}

#[actix_web::test]
async fn a_repeat_is_answered_as_the_first_and_does_nothing() {
    let server = given(&["131016", "131024"]).await;
    let first = send(&server, REPORT, "key-1", &submitted()).expect(200).await;
    let no = server.count("select no as count from publication_head").await;
    let journal = server.count("select count(*) from journal").await;
    let same =
        |answer: &Answer| (answer.text.clone(), answer.etag().to_owned(), answer.header("cache-control").to_owned());
    // Also when the report has gone on since.
    for _ in 0..2 {
        server.advance(Duration::minutes(1));
        let again = send(&server, REPORT, "key-1", &submitted()).expect(200).await;
        assert_eq!(same(&again), same(&first));
        let spaced = br#"{ "person" : "\u62c5\u5f53A", "to":"submitted", "comment": null }"#;
        let again = send(&server, REPORT, "key-1", &submitted()).body(spaced).expect(200).await;
        assert_eq!(same(&again), same(&first), "the same request in other letters");
        assert_eq!(server.count("select no as count from publication_head").await, no);
        assert_eq!(server.count("select count(*) from journal").await, journal);
    }
    for (report, body) in [
        (REPORT, json!({ "to": "submitted", "person": "担当C" })),
        (REPORT, json!({ "to": "draft", "person": "担当A" })),
        ("130001-kpi-2024/131016/2023-results", submitted()),
    ] {
        let other = send(&server, report, "key-1", &body).expect(422).await;
        assert_eq!(other.code(), "request.idempotency_key_reused");
    }
    // Another client's key of the same name is another key.
    let other = send(&server, "130001-kpi-2024/131024/2024-results", "key-1", &submitted()).expect(200).await;
    assert_eq!(other.json["municipality"], "131024");
}

#[actix_web::test]
async fn a_refusal_is_not_kept() {
    let server = given(&["131016"]).await;
    let early = send(&server, REPORT, "key-1", &json!({ "to": "draft", "person": "担当A" })).expect(409).await;
    assert_eq!(early.code(), "report.transition");
    send(&server, REPORT, "key-2", &submitted()).expect(200).await;
    send(&server, REPORT, "key-1", &json!({ "to": "draft", "person": "担当A" })).expect(200).await;
}

#[actix_web::test]
async fn a_key_is_forgotten_after_a_day() {
    let server = given(&["131016"]).await;
    let first = send(&server, REPORT, "key-1", &submitted()).expect(200).await;
    server.advance(Duration::hours(24) - Duration::seconds(1));
    assert_eq!(send(&server, REPORT, "key-1", &submitted()).expect(200).await.text, first.text);
    server.advance(Duration::seconds(1));
    assert_eq!(send(&server, REPORT, "key-1", &submitted()).expect(409).await.code(), "report.transition");
    let withdrawn = json!({ "to": "draft", "person": "担当A" });
    send(&server, REPORT, "key-1", &withdrawn).expect(200).await;
    assert_eq!(server.count("select count(*) from idempotency_keys").await, 1, "the old answer is cleared away");
    let again = send(&server, REPORT, "key-2", &submitted()).expect(200).await;
    assert_ne!(again.text, first.text);
}

#[actix_web::test]
async fn twenty_retries_at_once_have_one_effect() {
    let members = ["131016", "131024", "131032", "131041", "131059", "131067", "131075", "131083", "131091", "131105"];
    let server = given(&members).await;
    for code in members {
        let report = format!("{PLAN}/{code}/2024-results");
        let answers = join_all((0..20).map(|_| send(&server, &report, "key", &submitted()).send())).await;
        let (done, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert!(
            !done.is_empty()
                && done.iter().all(|answer| answer.text == done[0].text && answer.etag() == done[0].etag())
        );
        for other in others {
            assert_eq!((other.status, other.code()), (409, "request.still_running"), "{other:#?}");
        }
        let last = send(&server, &report, "key", &submitted()).expect(200).await;
        assert_eq!(last.text, done[0].text);
    }
    let effects = "select count(*) from report_transitions";
    assert_eq!(server.count(effects).await, 10);

    // Ten keys, twenty retries each, for the one step back: one of the keys has made it.
    let withdrawn = json!({ "to": "draft", "person": "担当A" });
    let keys: Vec<_> = (0..10).map(|key| format!("withdrawal-{key}")).collect();
    for wave in 0..10 {
        let wave = keys.iter().cycle().skip(wave).take(20).map(|key| send(&server, REPORT, key, &withdrawn).send());
        for answer in join_all(wave).await {
            let known = matches!(
                (answer.status, answer.code()),
                (200, "") | (409, "request.still_running" | "report.transition")
            );
            assert!(known, "{answer:#?}");
        }
    }
    assert_eq!(server.count(effects).await, 11);
    assert_eq!(server.count("select count(*) from journal where operation = 'transition'").await, 11);
    let again = transition(&server, &token_of(&server, "131016"), REPORT, submitted()).await;
    assert_eq!(again.status, 200, "{again:#?}");
}
