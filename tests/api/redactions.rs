//! What was published by mistake is emptied: everywhere, and nothing else is.

use crate::given::{correct, create, kpi_plan, publish, text, token_of, transition};
use crate::harness::{Answer, Server};
use chrono::Duration;
use hagukumi::auth::jwt::Role;
use hagukumi::clock::wire;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";
const REPORT: &str = "130001-kpi-2024/131016/2024-results";
/// What must nowhere be left.
const SECRET: &str = "山田花子";

fn redaction(period: &str) -> Value {
    json!({
        "resource": "result", "plan": PLAN, "program": "1", "municipality": "131016", "period": period,
        "reason": "個人名が記載されていたため", "person": "管理者D",
    })
}

async fn redact(server: &Server, key: &str, body: &Value) -> Answer {
    let token = server.token(&[Role::Administrator], &[]);
    server.post("/redactions").token(&token).header("idempotency-key", key).json(body).send().await
}

/// In how many rows of the whole database it stands.
async fn left(server: &Server) -> i64 {
    let tables = "records record_values record_evaluations published_records published_values journal report_transitions \
        reports warning_acknowledgements imports import_rows idempotency_keys changes";
    let counts = tables
        .split_whitespace()
        .map(|table| format!("(select count(*) from {table} t where t::text like '%{SECRET}%')"));
    server.count(&format!("select {} as count", counts.collect::<Vec<_>>().join(" + "))).await
}

fn with_a_figure(word: &str) -> Value {
    let value = json!({ "item": "利用", "label": SECRET, "value": 1, "unit": "人", "source": "1人" });
    json!({ "texts": { "text": format!("<b>{word}</b>ほか1人") }, "values": [value], "note": word })
}

/// Two editions, the second by an import, a draft of a third; a comment that quotes it; a neighbour's record.
async fn given() -> (Server, String) {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let (city, owner) = (token_of(&server, "131016"), token_of(&server, "130001"));
    create(&server, &city, RESULT, &with_a_figure(SECRET)).await;
    create(&server, &city, "/results/130001-kpi-2024/1/131016/2024-H1", &text("別の記録")).await;
    let submitted = transition(&server, &city, REPORT, json!({ "to": "submitted", "person": "担当A" })).await;
    assert_eq!(submitted.status, 200);
    let comment =
        json!([{ "program": "1", "period": "2024", "part": "results", "text": format!("{SECRET}の名は要りますか") }]);
    let returned = json!({ "to": "returned", "person": "審査B", "comment": "確認", "comments": comment });
    assert_eq!(transition(&server, &owner, REPORT, returned).await.status, 200);
    publish(&server, PLAN, "131016", "2024-results").await;
    server.advance(Duration::minutes(1));
    let past = wire::text(server.now()).replace('+', "%2B");
    server.advance(Duration::minutes(1));
    correct(&server, PLAN, "131016", "2024-results").await;
    let key = json!({ "plan": PLAN, "program": "1", "municipality": "131016", "period": "2024" });
    let rows = json!({ "rows": [{ "resource": "result", "key": key, "if_match": "\"v1\"", "body": with_a_figure(&format!("{SECRET}さん")) }] });
    server.post("/imports").token(&city).header("idempotency-key", "import").json(&rows).expect(200).await;
    // What would change is quoted, and so is what was refused.
    let mut rows =
        json!({ "rows": [{ "resource": "result", "key": key, "body": with_a_figure(&format!("{SECRET}様")) }] });
    let tried = "/imports?dry_run=true&on_conflict=overwrite";
    server.post(tried).token(&city).header("idempotency-key", "tried").json(&rows).expect(200).await;
    rows["rows"][0]["body"]["values"][0]["unit"] = Value::Null;
    let partly = "/imports?mode=partial&on_conflict=overwrite";
    server.post(partly).token(&city).header("idempotency-key", "partly").json(&rows).expect(200).await;
    publish(&server, PLAN, "131016", "2024-results").await;
    correct(&server, PLAN, "131016", "2024-results").await;
    server
        .put(RESULT)
        .token(&city)
        .if_match("*")
        .json(&with_a_figure(&format!("{SECRET}（下書き）")))
        .expect(200)
        .await;
    (server, past)
}

#[actix_web::test]
async fn a_redacted_record_is_empty_wherever_it_was() {
    let (server, past) = given().await;
    assert!(left(&server).await > 8, "the given is too little: {}", left(&server).await);
    for table in ["imports", "import_rows", "idempotency_keys"] {
        let there = format!("select count(*) from {table} t where t::text like '%{SECRET}%'");
        assert!(server.count(&there).await > 0, "{table} holds no copy");
    }
    let before = server.get(RESULT).expect(200).await;
    let head = server.get("/changes/head").expect(200).await.json["cursor"].as_str().unwrap().to_owned();
    let others = server.get("/results/130001-kpi-2024/1/131016/2024-H1").send().await;

    let done = redact(&server, "one", &redaction("2024")).await;
    assert_eq!(done.status, 200, "{done:#?}");
    assert_eq!(done.json["editions"], 2);
    assert_eq!(left(&server).await, 0);
    let again = redact(&server, "one", &redaction("2024")).await;
    assert_eq!(again.json, done.json, "once");

    let now = server.get(RESULT).expect(200).await;
    assert_eq!(
        (&now.json["redacted"], &now.json["texts"], &now.json["values"]),
        (&json!(true), &json!({}), &json!([]))
    );
    assert_ne!(now.etag(), before.etag(), "another content, another ETag");
    assert_eq!(now.etag(), done.json["etag"].as_str().unwrap());
    server.get(RESULT).header("if-none-match", before.etag()).expect(200).await;
    let then = server.get(&format!("{RESULT}?as_of={past}")).expect(200).await;
    assert_eq!((&then.json["redacted"], &then.json["texts"]), (&json!(true), &json!({})));
    assert_eq!(server.get(&format!("/values?plan={PLAN}&as_of={past}")).expect(200).await.results().len(), 0);
    let same = server.get("/results/130001-kpi-2024/1/131016/2024-H1").send().await;
    assert_eq!((same.status, same.etag(), &same.json["texts"]), (others.status, others.etag(), &others.json["texts"]));

    // Where it is printed, and where it is exported, nobody takes it for a blank.
    let table = server.get(&format!("/rounds/{PLAN}/2024-results/table")).expect(200).await;
    let printed = |table: &Answer| table.json["rows"][0]["cells"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((printed(&table), &table.json["rows"][0]["redacted"]), (json!("（削除）"), &json!(true)));
    let exported = server.get("/exports/results").expect(200).await;
    let marks: Vec<_> = crate::exports::rows(&exported.text)
        .iter()
        .map(|row| (row["period"].clone(), row["redacted"].clone(), row.contains_key("text")))
        .collect();
    assert_eq!(marks, [(json!("2024"), json!("true"), false)]);

    let told = server.get(&format!("/changes?after={head}&data=true")).expect(200).await;
    let [entry] = told.results().as_slice() else { panic!("{told:#?}") };
    assert_eq!((&entry["op"], &entry["etag"], entry.get("data")), (&json!("redact"), &done.json["etag"], None));
    let approver = server.token(&[Role::MunicipalApprover], &["131016"]);
    let trail = server.get("/audit?resource=result&limit=1").token(&approver).expect(200).await;
    assert_eq!(
        (&trail.results()[0]["operation"], &trail.results()[0]["person"]),
        (&json!("redact"), &json!("管理者D"))
    );
    assert!(trail.results()[0]["after"].as_str().unwrap().contains("個人名が記載されていたため"));

    // What the reporter writes afterwards is a record again.
    let city = token_of(&server, "131016");
    let working = server.get(&format!("{RESULT}?view=working")).token(&city).expect(200).await;
    assert_eq!(working.json["redacted"], true);
    let mended =
        server.put(RESULT).token(&city).if_match(working.etag()).json(&text("1人が利用した")).expect(200).await;
    assert_eq!(mended.json["redacted"], false);
    publish(&server, PLAN, "131016", "2024-results").await;
    let third = server.get(RESULT).expect(200).await;
    assert_eq!((&third.json["redacted"], &third.json["texts"]["text"]), (&json!(false), &json!("1人が利用した")));
    let table = server.get(&format!("/rounds/{PLAN}/2024-results/table")).expect(200).await;
    assert_eq!(printed(&table), "1人が利用した");
}

#[actix_web::test]
async fn only_an_administrator_redacts_and_only_what_is_there() {
    let (server, _) = given().await;
    let rows = left(&server).await;
    for token in [token_of(&server, "131016"), token_of(&server, "130001")] {
        let call = server.post("/redactions").token(&token).header("idempotency-key", "x").json(&redaction("2024"));
        assert_eq!(call.expect(403).await.code(), "request.forbidden");
    }
    assert_eq!(redact(&server, "none", &redaction("2025")).await.status, 404);
    let mut nonsense = redaction("2024-13");
    assert_eq!(redact(&server, "bad", &nonsense).await.status, 422);
    nonsense["reason"] = json!("");
    assert_eq!(redact(&server, "bad", &nonsense).await.status, 422);
    let administrator = server.token(&[Role::Administrator], &[]);
    let tried = server.post("/redactions?dry_run=true").token(&administrator).header("idempotency-key", "t");
    assert_eq!(tried.json(&redaction("R6")).expect(200).await.json["editions"], 2);
    assert_eq!(left(&server).await, rows, "nothing was emptied");
    // The function that can do it asks itself who wants it.
    use diesel_async::SimpleAsyncConnection;
    let mut behind = server.owner().await;
    let sneaked = "begin; set local role hagukumi_service; set local app.bodies = '131016';
        select * from app_redact('130001-kpi-2024', '1', '131016', '2024', 'results', 0::smallint, '{}')";
    let refused = behind.batch_execute(sneaked).await.unwrap_err().to_string();
    assert!(refused.contains("only an administrator"), "{refused}");
}

/// Never handed in, it is nobody else's business: no number, no entry.
#[actix_web::test]
async fn a_draft_is_redacted_in_silence() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    create(&server, &token_of(&server, "131016"), RESULT, &with_a_figure(SECRET)).await;
    let no = server.count("select no as count from publication_head").await;
    let done = redact(&server, "one", &redaction("2024")).await;
    assert_eq!(
        (&done.json["editions"], &done.json["publication_no"], &done.json["etag"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    assert_eq!((left(&server).await, server.count("select no as count from publication_head").await), (0, no));
}
