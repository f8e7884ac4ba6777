//! Document 000: one KPI of a prefecture, 20 municipalities, planned and achieved text.

use super::{array, of_figure, of_transcribed, string, transcription, with};
use crate::given::{correct, create, publish, token_of, walk};
use crate::harness::Server;
use chrono::Duration;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";

/// A figure as the reporter's system sends it. What was counted and on which basis stands in its label.
fn value(number: &Value) -> Value {
    let label = string(&number["label"]);
    let basis = if label.contains('延') { "cumulative" } else { "unstated" };
    let counted = ["修了者", "受講者", "定員", "合格者", "申請者"].into_iter().find(|word| label.contains(word));
    let value = json!({
        "item": label, "label": label, "value": number["value"], "unit": number["unit"], "source": number["source"],
        "count_basis": basis, "approximate": string(&number["source"]).contains("程度"),
    });
    with(value, &[("counted", json!(counted))])
}

fn record(text: &Value, numbers: &Value) -> Value {
    json!({ "texts": { "text": text }, "values": array(numbers).iter().map(value).collect::<Vec<_>>() })
}

/// What the prefecture sends: the plan, its one KPI, its members.
pub(super) async fn define(server: &Server, document: &Value) {
    let prefecture = token_of(server, "130001");
    let collection = &document["collection"];
    let columns = array(&collection["columns"]);
    let header: Vec<&str> = array(&document["header_verbatim"]).iter().map(string).collect();
    let plan = json!({
        "title": collection["title_ja"], "kind": "kpi", "council": collection["council_ja"],
        "legal_basis": collection["legal_basis_ja"], "fiscal_year_from": 2024, "fiscal_year_to": 2024,
        "column_labels": [
            { "column": "municipality", "label": columns[0] },
            { "column": "targets", "label": columns[1] },
            { "column": "results", "label": columns[2] },
        ],
        "printed": { "header": header.join("\n") }, "status": "adopted", "numbering": "plan",
    });
    create(server, &prefecture, &format!("/plans/{PLAN}"), &plan).await;
    let program =
        json!({ "name": collection["kpi_group_ja"], "description": collection["indicator_ja"], "position": 1 });
    create(server, &prefecture, &format!("/programs/{PLAN}/careerup"), &program).await;
    for entry in array(&document["entries"]) {
        let path = format!("/plans/{PLAN}/reporters/{}", string(&entry["code6"]));
        create(server, &prefecture, &path, &json!({ "member_group": entry["kind"] })).await;
    }
}

/// What each municipality sends, and the prefecture's approval.
pub(super) async fn report(server: &Server, document: &Value) {
    for entry in array(&document["entries"]) {
        let code = string(&entry["code6"]);
        let token = token_of(server, code);
        let target = record(&entry["plan_text"], &entry["plan_numbers"]);
        create(server, &token, &format!("/targets/{PLAN}/careerup/{code}/2024"), &target).await;
        let result = record(&entry["result_text"], &entry["result_numbers"]);
        create(server, &token, &format!("/results/{PLAN}/careerup/{code}/2024"), &result).await;
        publish(server, PLAN, code, "2024-targets").await;
        publish(server, PLAN, code, "2024-results").await;
    }
}

fn assert_as_printed(document: &Value, records: &[Value], text: &str, numbers: &str) {
    let entries = array(&document["entries"]);
    assert_eq!(records.len(), 20);
    for (entry, stored) in entries.iter().zip(records) {
        assert_eq!(stored["municipality"], entry["code6"]);
        assert_eq!(stored["municipality_name"], entry["name"]);
        assert_eq!(stored["texts"]["text"], entry[text]);
        let figures: Vec<Value> = array(&stored["values"]).iter().map(of_figure).collect();
        assert_eq!(figures, array(&entry[numbers]).iter().map(of_transcribed).collect::<Vec<_>>());
    }
}

#[actix_web::test]
async fn twenty_pairs_go_in_and_come_out_to_the_letter() {
    let Some(document) = transcription("000_tokyo_kpi.json") else { return };
    let server = Server::start().await;
    define(&server, &document).await;
    report(&server, &document).await;

    let targets = walk(&server, "/targets?prefecture=130001&period=2024&limit=7", None).await;
    let results = walk(&server, "/results?prefecture=130001&period=2024&limit=7", None).await;
    assert_as_printed(&document, &targets, "plan_text", "plan_numbers");
    assert_as_printed(&document, &results, "result_text", "result_numbers");

    let plan = server.get(&format!("/plans/{PLAN}")).expect(200).await.json;
    let header: Vec<&str> = array(&document["header_verbatim"]).iter().map(string).collect();
    assert_eq!(plan["printed"]["header"], header.join("\n"));
    assert_eq!(plan["title"], document["collection"]["title_ja"]);
    assert_eq!(plan["column_labels"][2]["label"], document["collection"]["columns"][2]);
    let program = server.get(&format!("/programs/{PLAN}/careerup")).expect(200).await.json;
    assert_eq!(program["description"], document["collection"]["indicator_ja"]);

    // The figures of the check list, from the answers alone.
    let repeated: Vec<&Value> = targets
        .iter()
        .zip(&results)
        .filter(|(target, result)| target["texts"] == result["texts"])
        .map(|(target, _)| &target["municipality_name"])
        .collect();
    assert_eq!(repeated, ["文京区", "豊島区", "荒川区", "小平市", "福生市", "武蔵村山市", "羽村市", "あきる野市"]);
    let values = walk(&server, "/values?prefecture=130001&period=2024&limit=10", None).await;
    assert_eq!(values.len(), 37);
    let kunitachi =
        values.iter().filter(|row| row["municipality_name"] == "国立市" && row["value"]["counted"] == "修了者");
    assert_eq!(kunitachi.map(|row| row["value"]["value"].as_i64().unwrap()).sum::<i64>(), 92);
    let cumulative: Vec<&Value> = values
        .iter()
        .filter(|row| row["part"] == "results" && row["value"]["count_basis"] == "cumulative")
        .map(|row| &row["value"]["value"])
        .collect();
    assert_eq!(cumulative, [341, 113]);
}

#[actix_web::test]
async fn a_correction_leaves_a_walk_that_has_begun_alone() {
    let Some(document) = transcription("000_tokyo_kpi.json") else { return };
    let server = Server::start().await;
    define(&server, &document).await;
    report(&server, &document).await;
    server.advance(Duration::hours(1));
    let before = server.now();
    server.advance(Duration::hours(1));

    let first = server.get("/results?prefecture=130001&period=2024&limit=10").expect(200).await;
    let cursor = first.json["resultset"]["next"].as_str().unwrap().to_owned();
    // 国立市 stands on the second page.
    let path = format!("/results/{PLAN}/careerup/132152/2024");
    let token = token_of(&server, "132152");
    let locked =
        server.put(&path).token(&token).if_match("\"v1\"").json(&json!({ "texts": { "text": "訂正後" } })).send().await;
    assert_eq!((locked.status, locked.code()), (409, "report.locked"));
    correct(&server, PLAN, "132152", "2024-results").await;
    let published = server.get(&path).expect(200).await;
    assert_eq!(published.etag(), "\"p1.1\"");
    server
        .put(&path)
        .token(&token)
        .if_match("\"v1\"")
        .json(&json!({ "texts": { "text": "訂正後" } }))
        .expect(200)
        .await;
    assert_eq!(server.get(&path).expect(200).await.text, published.text, "a draft is not public");
    publish(&server, PLAN, "132152", "2024-results").await;

    let of_kunitachi = |records: &[Value]| {
        records.iter().find(|r| r["municipality"] == "132152").map(|r| r["texts"]["text"].clone()).unwrap()
    };
    let old = published.json["texts"]["text"].clone();
    let second =
        server.get(&format!("/results?prefecture=130001&period=2024&limit=10&cursor={cursor}")).expect(200).await;
    assert_eq!(of_kunitachi(second.results()), old);
    let anew = walk(&server, "/results?prefecture=130001&period=2024&limit=10", None).await;
    assert_eq!(anew.len(), 20);
    assert_eq!(of_kunitachi(&anew), "訂正後");
    assert_eq!(server.get(&path).expect(200).await.etag(), "\"p2.2\"");

    let at = before.to_rfc3339().replace('+', "%2B");
    let then = walk(&server, &format!("/results?prefecture=130001&period=2024&limit=10&as_of={at}"), None).await;
    assert_eq!(of_kunitachi(&then), old);
    assert_eq!(server.get(&format!("{path}?as_of={at}")).expect(200).await.json["texts"]["text"], old);
    let report = server.get(&format!("/reports/{PLAN}/132152/2024-results")).expect(200).await.json;
    assert_eq!((&report["edition"], &report["status"]), (&json!(2), &json!("published")));
}
