//! Tables: the plan as it was, the members that have not answered, who sees which state.

use crate::given::{correct, create, kpi_plan, plan_body, publish, text, token_of};
use crate::harness::Server;
use chrono::Duration;
use serde_json::{Value, json};

const CITY: &str = "132284";
const PLAN: &str = "132284-kodomo-2024";
const SHEET: &str = "/reports/132284-kodomo-2024/132284/2024-results/table";
const KPI: &str = "130001-kpi-2024";
const ROUND: &str = "/rounds/130001-kpi-2024/2024-results/table";

fn cells(table: &Value) -> Vec<Value> {
    table["rows"].as_array().unwrap().iter().map(|row| row["cells"].clone()).collect()
}

fn labels(table: &Value) -> Vec<&str> {
    table["columns"].as_array().unwrap().iter().map(|column| column["label"].as_str().unwrap()).collect()
}

/// A city's plan with a goal, a program of a department, and its result of 2024, not yet published.
async fn given_a_sheet() -> (Server, String) {
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    create(&server, &token, &format!("/departments/{CITY}/hoiku"), &json!({ "name": "保育課" })).await;
    create(&server, &token, &format!("/plans/{PLAN}"), &plan_body("こども計画", 2024, 2028)).await;
    let goal = json!({ "kind": "basic_goal", "number_label": "目標１", "title": "健やかな育ち", "position": 1 });
    create(&server, &token, &format!("/nodes/{PLAN}/1"), &goal).await;
    create(&server, &token, &format!("/programs/{PLAN}/1"), &program("一時預かり")).await;
    create(&server, &token, &format!("/results/{PLAN}/1/{CITY}/2024"), &text("延べ250人")).await;
    (server, token)
}

fn program(name: &str) -> Value {
    json!({ "name": name, "number_label": "1", "position": 1, "node": "1",
        "departments": [{ "department": "hoiku", "role": "lead" }] })
}

#[actix_web::test]
async fn a_published_sheet_keeps_the_plan_of_its_day() {
    let (server, _) = given_a_sheet().await;
    assert_eq!(server.get(SHEET).send().await.status, 404, "a draft has no public table");
    publish(&server, PLAN, CITY, "2024-results").await;
    let first = server.get(SHEET).expect(200).await;
    assert_eq!(labels(&first.json), ["番号", "事業名", "担当課", "実績・取組状況"]);
    assert_eq!(cells(&first.json), [json!(["1", "一時預かり", "保育課", "延べ250人"])]);
    assert_eq!(first.json["rows"][0]["headings"], json!(["目標１　健やかな育ち"]));
    assert_eq!(first.json["source"], "出典：あきる野市「こども計画」　令和6年度の実績（第1版、2026年11月21日公表）");

    server.advance(Duration::days(1));
    let before = server.now();
    server.advance(Duration::hours(1));
    let token = token_of(&server, CITY);
    let rename = |path: String, body: Value| {
        let call = server.put(&path).token(&token).if_match("*").json(&body);
        async move { call.expect(200).await }
    };
    rename(format!("/programs/{PLAN}/1"), program("一時預かり（改称）")).await;
    rename(format!("/departments/{CITY}/hoiku"), json!({ "name": "こども保育課" })).await;
    let after = server.get(SHEET).expect(200).await;
    assert_eq!(after.json, first.json, "the sheet is as it was published");
    let working = server.get(&format!("{SHEET}?view=working")).token(&token).expect(200).await;
    assert_eq!(cells(&working.json), [json!(["1", "一時預かり（改称）", "こども保育課", "延べ250人"])]);
    assert_eq!(working.header("cache-control"), "no-store");
    assert_eq!((&working.json["edition"], &working.json["view"]), (&json!(null), &json!("working")));

    correct(&server, PLAN, CITY, "2024-results").await;
    let path = format!("/results/{PLAN}/1/{CITY}/2024");
    server.put(&path).token(&token).if_match("\"v1\"").json(&text("延べ260人")).expect(200).await;
    assert_eq!(server.get(SHEET).expect(200).await.json, first.json, "a draft changes nothing");
    publish(&server, PLAN, CITY, "2024-results").await;
    let second = server.get(SHEET).expect(200).await.json;
    assert_eq!(cells(&second), [json!(["1", "一時預かり（改称）", "こども保育課", "延べ260人"])]);
    assert_eq!(second["edition"], 2);
    let at = before.to_rfc3339().replace('+', "%2B");
    assert_eq!(server.get(&format!("{SHEET}?as_of={at}")).expect(200).await.json, first.json);
    let long_ago = server.get(&format!("{SHEET}?as_of=2020-01-01T00:00:00Z")).send().await;
    assert_eq!((long_ago.status, long_ago.code()), (404, "resource.not_found"));
}

#[actix_web::test]
async fn an_unchanged_plan_is_kept_once() {
    let server = Server::start().await;
    kpi_plan(&server, KPI, &["131016", "131059", "131067"]).await;
    for code in ["131016", "131059", "131067"] {
        create(&server, &token_of(&server, code), &format!("/results/{KPI}/1/{code}/2024"), &text("実施した。")).await;
    }
    publish(&server, KPI, "131016", "2024-results").await;
    publish(&server, KPI, "131059", "2024-results").await;
    let kept = "select count(*) from published_plans";
    assert_eq!(server.count(kept).await, 1);
    let owner = token_of(&server, "130001");
    let body = json!({ "name": "研修の受講促進（改）", "position": 1 });
    server.put(&format!("/programs/{KPI}/1")).token(&owner).if_match("\"v1\"").json(&body).expect(200).await;
    assert_eq!(server.count(kept).await, 1, "a definition alone keeps nothing");
    publish(&server, KPI, "131067", "2024-results").await;
    assert_eq!(server.count(kept).await, 2);
}

#[actix_web::test]
async fn members_that_have_not_answered_are_shown_so() {
    let server = Server::start().await;
    kpi_plan(&server, KPI, &["131016", "131059", "131067"]).await;
    let token = token_of(&server, "131059");
    create(&server, &token, &format!("/targets/{KPI}/1/131059/2024"), &text("=2回実施する")).await;
    create(&server, &token, &format!("/results/{KPI}/1/131059/2024"), &text("2回実施した。")).await;
    publish(&server, KPI, "131059", "2024-targets").await;
    publish(&server, KPI, "131059", "2024-results").await;
    let owner = token_of(&server, "130001");
    let round = json!({ "covers": [{ "part": "results", "period": "2024" }], "members": [{ "municipality": "131067", "left_out": true }] });
    server.put(&format!("/rounds/{KPI}/2024-results")).token(&owner).if_match("*").json(&round).expect(200).await;

    let table = server.get(ROUND).expect(200).await;
    assert_eq!(labels(&table.json), ["団体名", "目標・計画", "実績・取組状況"]);
    assert_eq!(
        cells(&table.json),
        [json!(["千代田区", null, null]), json!(["文京区", "=2回実施する", "2回実施した。"])]
    );
    let of_rows = |field: &str| -> Vec<Value> {
        table.json["rows"].as_array().unwrap().iter().map(|row| row[field].clone()).collect()
    };
    assert_eq!(of_rows("answered"), [false, true]);
    assert_eq!(of_rows("redacted"), [false, false]);
    let csv = server.get(ROUND).header("accept", "text/csv").expect(200).await;
    assert_eq!(
        csv.text,
        "事業,団体名,目標・計画,実績・取組状況\r\n研修の受講促進,千代田区,,（未回答）\r\n研修の受講促進,文京区,'=2回実施する,2回実施した。\r\n"
    );
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"table_130001-kpi-2024_2024-results.csv\"");

    // A draft is the reporter's own, also in the prefecture's working table.
    let token = token_of(&server, "131016");
    create(&server, &token, &format!("/results/{KPI}/1/131016/2024"), &text("書きかけ")).await;
    let path = format!("{ROUND}?view=working");
    let seen = server.get(&path).token(&owner).expect(200).await;
    assert!(!seen.text.contains("書きかけ") && seen.text.contains("2回実施した。"), "{}", seen.text);
    let own = server.get(&path).token(&token).expect(200).await;
    assert!(own.text.contains("書きかけ") && !own.text.contains("2回実施した。"), "{}", own.text);
}

#[actix_web::test]
async fn a_table_has_not_changed_until_its_reporters_publish_again() {
    let (server, token) = given_a_sheet().await;
    publish(&server, PLAN, CITY, "2024-results").await;
    let json = server.get(SHEET).expect(200).await.etag().to_owned();
    let csv = server.get(SHEET).header("accept", "text/csv").expect(200).await.etag().to_owned();
    assert_ne!(json, csv);
    let again = |etag: String, accept: &'static str| {
        let call = server.get(SHEET).header("if-none-match", &etag).header("accept", accept);
        async move { call.send().await.status }
    };
    assert_eq!(again(json.clone(), "application/json").await, 304);
    assert_eq!(again(csv.clone(), "text/csv").await, 304);
    assert_eq!(again(csv, "application/json").await, 200);
    create(&server, &token, &format!("/targets/{PLAN}/1/{CITY}/2028"), &text("延べ300人")).await;
    assert_eq!(again(json.clone(), "application/json").await, 304);
    publish(&server, PLAN, CITY, "2028-targets").await;
    assert_eq!(again(json, "application/json").await, 200);
    let table = server.get(SHEET).expect(200).await.json;
    assert_eq!(
        cells(&table),
        [json!(["1", "一時預かり", "保育課", "延べ300人", "延べ250人"])],
        "beside the goal it is compared with"
    );
}
