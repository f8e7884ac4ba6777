//! Imports: many records in one call, each by the rules of a PUT of its own.

mod pains;

use crate::given::{create, kpi_plan, plan_body, text, token_of, transition};
use crate::harness::{Answer, Call, Server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

const PLAN: &str = "132284-kodomo-2024";
const CITY: &str = "132284";

/// A city's own plan with so many programs.
async fn city(programs: usize) -> Server {
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    create(&server, &token, &format!("/plans/{PLAN}"), &plan_body("見本の計画", 2024, 2026)).await;
    for program in 1..=programs {
        let body = json!({ "name": format!("事業{program}"), "position": program });
        create(&server, &token, &format!("/programs/{PLAN}/{program}"), &body).await;
    }
    server
}

fn row(program: impl ToString, period: &str, body: Value) -> Value {
    let key = json!({ "plan": PLAN, "program": program.to_string(), "municipality": CITY, "period": period });
    json!({ "resource": "result", "key": key, "body": body })
}

fn with(mut row: Value, name: &str, value: Value) -> Value {
    row[name] = value;
    row
}

fn figure(value: i64) -> Value {
    let value =
        json!({ "item": "利用", "label": "利用者数", "value": value, "unit": "人", "source": format!("{value}人") });
    json!({ "texts": { "text": "実施した。" }, "values": [value] })
}

fn send(server: &Server, query: &str, key: &str, rows: &[Value]) -> Call {
    let call = server.post(&format!("/imports{query}")).token(&token_of(server, CITY));
    call.header("idempotency-key", key).json(&json!({ "rows": rows }))
}

async fn import(server: &Server, query: &str, rows: &[Value]) -> Answer {
    send(server, query, &Uuid::now_v7().to_string(), rows).send().await
}

/// (created, updated, unchanged, rejected)
fn counts(report: &Value) -> [i64; 4] {
    ["created", "updated", "unchanged", "rejected"].map(|name| report[name].as_i64().unwrap())
}

/// code → (how often, at which places) of the errors.
fn errors(report: &Value) -> BTreeMap<&str, (i64, Vec<&str>)> {
    let causes = report["causes"].as_array().unwrap().iter().filter(|cause| cause["kind"] == "error");
    causes
        .map(|cause| {
            let places = cause["places"].as_array().unwrap().iter().map(|place| place["place"].as_str().unwrap());
            (cause["code"].as_str().unwrap(), (cause["count"].as_i64().unwrap(), places.collect()))
        })
        .collect()
}

async fn stored(server: &Server) -> i64 {
    server.count("select count(*) from records").await
}

#[actix_web::test]
async fn rows_are_created_changed_and_left_as_they_are() {
    let server = city(3).await;
    let rows = [row(1, "2024", figure(1)), row(2, "令和6年度", text("文")), row(3, "2024", figure(3))];
    let first = import(&server, "", &rows).await;
    assert_eq!((first.status, counts(&first.json)), (200, [3, 0, 0, 0]), "{first:#?}");
    assert_eq!(first.json["results"][1]["etag"], "\"v1\"");
    assert_eq!(first.header("location"), format!("/api/v1/imports/{}", first.json["id"].as_str().unwrap()));

    // Sent again without an ETag: what is equal is unchanged.
    let again = import(&server, "", &rows).await;
    assert_eq!(counts(&again.json), [0, 0, 3, 0]);

    // Another content needs the ETag it was filled from …
    let other = [row(1, "2024", figure(10)), rows[1].clone()];
    let refused = import(&server, "?mode=partial", &other).await;
    assert_eq!(counts(&refused.json), [0, 0, 1, 1], "{refused:#?}");
    assert_eq!(errors(&refused.json)["row.version_conflict"].1, ["/rows/0/if_match"]);
    assert_eq!(refused.json["results"][0]["etag"], "\"v1\"");
    let stale = [with(other[0].clone(), "if_match", json!("\"v7\""))];
    assert_eq!(counts(&import(&server, "?mode=partial", &stale).await.json), [0, 0, 0, 1]);
    let current = [with(other[0].clone(), "if_match", json!("\"v1\""))];
    let changed = import(&server, "", &current).await;
    assert_eq!((counts(&changed.json), &changed.json["results"][0]["etag"]), ([0, 1, 0, 0], &json!("\"v2\"")));

    // … or says that it overwrites, which is recorded.
    let overwritten = import(&server, "?on_conflict=overwrite", &[row(1, "2024", figure(100))]).await;
    assert_eq!(counts(&overwritten.json), [0, 1, 0, 0]);
    let import_id = overwritten.json["id"].as_str().unwrap();
    let told = format!("select count(*) from journal where operation = 'overwrite' and import_id = '{import_id}'");
    assert_eq!(server.count(&told).await, 1);
    let read = server.get(&format!("/results/{PLAN}/1/{CITY}/2024?view=working")).token(&token_of(&server, CITY));
    assert_eq!(read.expect(200).await.json["values"][0]["value"], 100);
}

#[actix_web::test]
async fn an_atomic_import_with_an_error_writes_nothing_and_a_partial_one_the_rest() {
    let server = city(2).await;
    let rows = [
        row(1, "2024", figure(1)),
        row(99, "2024", figure(1)),
        row(2, "2024-13", figure(1)),
        row(
            2,
            "2024",
            json!({ "texts": { "nothing": "文" }, "values": [{ "item": "a", "label": "a", "source": "a", "value": 1 }] }),
        ),
        with(
            row(1, "2025", figure(1)),
            "key",
            json!({ "plan": PLAN, "program": "1", "municipality": "131016", "period": "2024" }),
        ),
        with(
            row(1, "2025", figure(1)),
            "key",
            json!({ "plan": PLAN, "program": "1", "municipality": "12228", "period": "2024" }),
        ),
        row(1, "2024", figure(1)),
        json!({ "resource": "result", "kye": {} }),
        with(row(1, "2026", figure(1)), "body", Value::Null),
    ];
    let expected = BTreeMap::from([
        ("program.unknown", (1, vec!["/rows/1/key/program"])),
        ("period.unknown", (1, vec!["/rows/2/key/period"])),
        ("value.content", (1, vec!["/rows/3/body/values/0/unit"])),
        ("request.forbidden", (1, vec!["/rows/4/key/municipality"])),
        ("municipality.code_length", (1, vec!["/rows/5/key/municipality"])),
        ("row.repeated", (1, vec!["/rows/6/key"])),
        ("request.unknown_field", (1, vec!["/rows/7/kye"])),
    ]);
    // Not all of them are rows of the document's: sent as they are.
    let import = async |query: &str| {
        let call = server.post(&format!("/imports{query}")).token(&token_of(&server, CITY));
        let call = call.header("idempotency-key", &Uuid::now_v7().to_string());
        call.raw("application/json", serde_json::to_vec(&json!({ "rows": rows })).unwrap()).send().await
    };
    let dry = import("?dry_run=true").await;
    assert_eq!((dry.status, &dry.json["status"], stored(&server).await), (200, &json!("refused"), 0));
    assert_eq!(counts(&dry.json), [1, 0, 0, 7], "{dry:#?}");
    assert_eq!(dry.json["blank"], 1);
    assert_eq!(errors(&dry.json), expected);

    let refused = import("").await;
    assert_eq!((refused.status, refused.code(), stored(&server).await), (422, "import.refused", 0));
    let named: Vec<&str> =
        refused.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(named.len(), 7, "{refused:#?}");
    assert!(named.contains(&"/rows/1/key/program"));
    // Its report is kept all the same.
    let kept = refused.json["detail"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let report = server.get(&format!("/imports/{kept}")).token(&token_of(&server, CITY)).expect(200).await;
    assert_eq!((&report.json["status"], errors(&report.json)), (&json!("refused"), expected.clone()));

    let partial = import("?mode=partial").await;
    assert_eq!((partial.status, &partial.json["status"]), (200, &json!("partial")));
    assert_eq!((counts(&partial.json), stored(&server).await), ([1, 0, 0, 7], 1));
    assert_eq!(errors(&partial.json), expected);
}

#[actix_web::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let server = city(2).await;
    import(&server, "", &[row(1, "2024", figure(1))]).await;
    let rows = [with(row(1, "2024", figure(2)), "if_match", json!("\"v1\"")), row(2, "2024", figure(2))];
    let dry = import(&server, "?dry_run=true", &rows).await;
    assert_eq!((counts(&dry.json), stored(&server).await), ([1, 1, 0, 0], 1));
    let changes: Vec<_> = dry.json["results"][0]["changes"].as_array().unwrap().iter().collect();
    let change = |pointer, old, new| json!({ "pointer": pointer, "old": old, "new": new });
    assert_eq!(changes, [&change("/values/0/source", "1人", "2人"), &change("/values/0/value", "1", "2")]);
    assert_eq!(dry.json["results"][0]["etag"], "\"v1\"");
    assert_eq!(server.count("select count(*) from journal where resource = 'result'").await, 1);
    let real = import(&server, "", &rows).await;
    assert_eq!(counts(&real.json), counts(&dry.json));
}

#[actix_web::test]
async fn a_dry_run_and_a_refused_import_are_repeated_as_the_first_time() {
    let server = city(1).await;
    for query in ["?dry_run=true", ""] {
        let rows = [row(99, "2024", figure(1))];
        let first = send(&server, query, &format!("k{query}"), &rows).send().await;
        let again = send(&server, query, &format!("k{query}"), &rows).send().await;
        let without_request = |answer: &Answer| {
            let mut json = answer.json.clone();
            json.as_object_mut().unwrap().remove("request_id");
            (answer.status, json)
        };
        assert_eq!(without_request(&first), without_request(&again));
    }
    assert_eq!(server.count("select count(*) from imports").await, 2);
}

#[actix_web::test]
async fn what_is_locked_stays_as_it_is_and_the_rest_is_taken() {
    let server = city(2).await;
    import(&server, "", &[row(1, "2024", figure(1))]).await;
    let report = format!("{PLAN}/{CITY}/2024-results");
    let token = token_of(&server, CITY);
    let moved = transition(&server, &token, &report, json!({ "to": "submitted", "person": "担当A" })).await;
    assert_eq!(moved.status, 200);
    let rows = [row(1, "2024", figure(1)), row(2, "2024", figure(2)), row(2, "2025", figure(3))];
    let answer = import(&server, "?mode=partial", &rows).await;
    assert_eq!(counts(&answer.json), [1, 0, 1, 1], "{answer:#?}");
    assert_eq!(errors(&answer.json)["report.locked"], (1, vec!["/rows/1/body"]));
}

#[actix_web::test]
async fn amendments_and_reposts_are_written_after_what_they_stand_on() {
    let server = city(3).await;
    let target = |amendment: i64, body: Value| {
        let key =
            json!({ "plan": PLAN, "program": "1", "municipality": CITY, "period": "2024", "amendment": amendment });
        json!({ "resource": "target", "key": key, "body": body })
    };
    let amended = json!({ "texts": { "text": "変更後" }, "reason": "増員" });
    let repost = json!({ "texts": { "text": "再掲" }, "repost_of": "2" });
    let rows = [
        row(1, "2024", repost.clone()),
        target(2, amended.clone()),
        target(1, amended.clone()),
        target(0, text("当初")),
        row(2, "2024", text("元の事業")),
        row(3, "2024", json!({ "texts": { "text": "再掲の再掲" }, "repost_of": "1" })),
    ];
    let answer = import(&server, "?mode=partial", &rows).await;
    assert_eq!(counts(&answer.json), [5, 0, 0, 1], "{answer:#?}");
    assert_eq!(errors(&answer.json)["record.repost"].1, ["/rows/5/body/repost_of"]);
    let gap = import(
        &server,
        "?mode=partial",
        &[with(
            target(2, amended),
            "key",
            json!({
                "plan": PLAN, "program": "2", "municipality": CITY, "period": "2024", "amendment": 2
            }),
        )],
    )
    .await;
    assert_eq!(errors(&gap.json)["amendment.gap"].0, 1);
}

#[actix_web::test]
async fn a_name_that_disagrees_with_its_code_is_an_error() {
    let server = city(1).await;
    let named = |names: Value| {
        let mut row = row(1, "2024", figure(1));
        for (name, value) in names.as_object().unwrap() {
            row["key"][name] = value.clone();
        }
        row
    };
    for agrees in [
        json!({ "municipality_name": "あきる野市", "program_name": "事業1" }),
        json!({ "municipality_name": "東京都あきる野市", "program_name": "事業\n1" }),
    ] {
        let answer = import(&server, "?dry_run=true", &[named(agrees)]).await;
        assert_eq!(counts(&answer.json), [1, 0, 0, 0], "{answer:#?}");
    }
    let wrong = json!({ "municipality_name": "神奈川県あきる野市", "program_name": "事業2" });
    let answer = import(&server, "?dry_run=true", &[named(wrong)]).await;
    let found = errors(&answer.json);
    assert_eq!(found["municipality.name_mismatch"].1, ["/rows/0/key/municipality"]);
    assert_eq!(found["program.name_mismatch"].1, ["/rows/0/key/program"]);
}

#[actix_web::test]
async fn a_row_a_line_and_what_is_no_row() {
    let server = city(2).await;
    let post = |kind: &str, body: Vec<u8>| {
        let call = server.post("/imports?mode=partial").token(&token_of(&server, CITY));
        call.header("idempotency-key", &Uuid::now_v7().to_string()).raw(kind, body)
    };
    let lines = format!("{}\n\n{{\"resource\": \n{}\n", row(1, "2024", figure(1)), row(2, "2024", figure(2)));
    let answer = post("application/x-ndjson", lines.into_bytes()).expect(200).await;
    assert_eq!(counts(&answer.json), [2, 0, 0, 1], "{answer:#?}");
    assert_eq!(errors(&answer.json)["request.malformed"].1, ["3行目 "]);
    assert_eq!(post("application/x-ndjson", Vec::new()).expect(422).await.code(), "import.rows");
    assert_eq!(post("application/json", b"{}".to_vec()).expect(422).await.code(), "request.invalid");
    assert_eq!(post("application/json", b"{\"rows\": []}".to_vec()).expect(422).await.code(), "import.rows");
    let many = "{}\n".repeat(50_001).into_bytes();
    assert_eq!(post("application/x-ndjson", many).expect(422).await.code(), "import.rows");
    assert_eq!(post("text/plain", b"a".to_vec()).expect(415).await.code(), "request.media_type");
    let large = vec![b' '; (16 << 20) + 1];
    assert_eq!(post("application/x-ndjson", large).expect(413).await.code(), "request.too_large");
}

#[actix_web::test]
async fn a_report_is_seen_by_who_acts_for_its_bodies() {
    let server = city(1).await;
    let rows = [row(1, "2024", figure(1)), row(99, "2024", json!({ "texts": { "text": "=合計" } }))];
    let answer = import(&server, "?mode=partial", &rows).await;
    let path = format!("/imports/{}", answer.json["id"].as_str().unwrap());
    let (own, other) = (token_of(&server, CITY), token_of(&server, "132292"));
    let read = server.get(&path).token(&own).expect(200).await;
    assert_eq!(read.json, answer.json);
    for address in [path.clone(), format!("{path}/rows")] {
        assert_eq!(server.get(&address).token(&other).expect(404).await.code(), "resource.not_found");
    }
    assert_eq!(server.get("/imports").token(&other).expect(200).await.results().len(), 0);
    assert_eq!(server.get("/imports?status=partial").token(&own).expect(200).await.results().len(), 1);
    assert_eq!(server.get("/imports?status=refused").token(&own).expect(200).await.results().len(), 0);
    let reader = server.token(&[hagukumi::auth::jwt::Role::PrefectureReader], &["130001"]);
    assert_eq!(server.get(&path).token(&reader).expect(403).await.code(), "request.forbidden");

    let csv = server.get(&format!("{path}?bom=true")).token(&own).header("accept", "text/csv").expect(200).await;
    assert!(csv.text.starts_with("\u{feff}行,場所,結果,"), "{}", csv.text);
    assert!(csv.text.contains("事業 99 はありません"), "{}", csv.text);
    assert!(csv.text.contains("=合計"), "the row as it was sent: {}", csv.text);
    assert!(csv.header("content-disposition").contains("hagukumi-import-"));
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    server.get(&path).token(&own).header("accept", xlsx).expect(200).await;
    assert_eq!(
        server.get(&path).token(&own).header("accept", "text/html").expect(406).await.code(),
        "request.not_acceptable"
    );
}

#[actix_web::test]
async fn reports_are_forgotten_after_ninety_days() {
    let server = city(1).await;
    let first = import(&server, "", &[row(1, "2024", figure(1))]).await;
    let path = format!("/imports/{}", first.json["id"].as_str().unwrap());
    server.advance(chrono::Duration::days(89));
    import(&server, "", &[row(1, "2024", figure(1))]).await;
    server.get(&path).token(&token_of(&server, CITY)).expect(200).await;
    server.advance(chrono::Duration::days(2));
    import(&server, "", &[row(1, "2024", figure(1))]).await;
    server.get(&path).token(&token_of(&server, CITY)).expect(404).await;
    assert_eq!(server.count("select count(*) from import_rows").await, 2);
}

/// What a vendor sends for many cities at once is cut at the walls between them.
#[actix_web::test]
async fn an_import_of_many_cities_in_a_prefectures_plan() {
    let server = Server::start().await;
    let plan = "130001-kpi-2024";
    kpi_plan(&server, plan, &["131016", "131024", "131032"]).await;
    let roles = [hagukumi::auth::jwt::Role::MunicipalEditor];
    let vendor = server.token(&roles, &["131016", "131024"]);
    let rows: Vec<Value> = ["131032", "131024", "131016"]
        .map(|city| {
            let key = json!({ "plan": plan, "program": "1", "municipality": city, "period": "2024" });
            json!({ "resource": "result", "key": key, "body": figure(1) })
        })
        .to_vec();
    let call = server.post("/imports?mode=partial").token(&vendor).header("idempotency-key", "a");
    let answer = call.json(&json!({ "rows": rows })).expect(200).await;
    assert_eq!(counts(&answer.json), [2, 0, 0, 1], "{answer:#?}");
    let path = format!("/imports/{}", answer.json["id"].as_str().unwrap());
    server.get(&path).token(&vendor).expect(200).await;
    // It tells of both cities: neither alone sees the other's.
    server.get(&path).token(&token_of(&server, "131016")).expect(404).await;
}
