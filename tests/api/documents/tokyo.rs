//! Document 000: one KPI of a prefecture, 20 municipalities, planned and achieved text.

use super::{array, of_figure, of_transcribed, string, transcription, with};
use crate::given::{correct, create, publish, token_of, walk};
use crate::harness::Server;
use chrono::Duration;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const PARTICIPANTS: &str = "participants";

/// A figure as the reporter's system sends it. What was counted and on which basis stands in its label.
fn value(number: &Value) -> Value {
    let label = string(&number["label"]);
    let basis = if label.contains('延') { "cumulative" } else { "unstated" };
    let counted = match ["修了者", "受講者", "定員", "合格者", "申請者"].into_iter().find(|word| label.contains(word))
    {
        None if label.contains("受講") => Some("受講者"),
        counted => counted,
    };
    // Who took part, in any sense: the figures that a prefecture would like to add up.
    let took_part = counted.is_some_and(|word| word == "修了者" || word == "受講者") && !label.starts_with("各");
    let indicator = took_part.then(|| json!({ "owner": "130001", "indicator": PARTICIPANTS }));
    let course = label.strip_suffix(" 修了者数").map(|course| json!({ "course": course }));
    let value = json!({
        "item": label, "label": label, "value": number["value"], "unit": number["unit"], "source": number["source"],
        "count_basis": basis, "approximate": string(&number["source"]).contains("程度"),
    });
    with(value, &[("counted", json!(counted)), ("indicator", json!(indicator)), ("breakdown", json!(course))])
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
    let indicator = json!({
        "name": "研修の参加者数", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total",
    });
    create(server, &prefecture, &format!("/indicators/130001/{PARTICIPANTS}"), &indicator).await;
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

/// Three ways of counting are never one number.
#[actix_web::test]
async fn participants_are_not_added_to_one_number() {
    let Some(document) = transcription("000_tokyo_kpi.json") else { return };
    let server = Server::start().await;
    define(&server, &document).await;
    report(&server, &document).await;
    let of = format!("/aggregates?indicator=130001/{PARTICIPANTS}&plan={PLAN}&period=2024");

    let refused = server.get(&of).expect(422).await;
    assert_eq!(refused.code(), "aggregate.unlike_bases");
    let told: Vec<&str> = array(&refused.json["errors"]).iter().map(|error| string(&error["message"])).collect();
    assert_eq!(
        told,
        [
            "世田谷区（131121）：修了者（延べ）",
            "練馬区（131202）：受講者（延べ）",
            "八王子市（132012）：受講者（明記なし）",
            "青梅市（132055）：受講者（明記なし）",
            "国分寺市（132144）：受講者（明記なし）",
            "国立市（132152）：修了者（明記なし）",
        ]
    );
    let detail = string(&refused.json["detail"]);
    for kind in ["修了者（延べ）1", "受講者（延べ）1", "受講者（明記なし）3", "修了者（明記なし）1"]
    {
        assert!(detail.contains(kind), "{detail}");
    }

    let split = server.get(&format!("{of}&split=basis&explain=true")).expect(200).await;
    let groups = array(&split.json["series"][0]["groups"]);
    let mut sums: Vec<i64> = groups.iter().map(|group| group["value"].as_i64().unwrap()).collect();
    sums.sort_unstable();
    assert_eq!(sums, [92, 113, 341, 398]);
    for answer in [&refused, &split] {
        assert!(!answer.text.contains("944"), "{}", answer.text);
    }
    for group in groups {
        assert_eq!((&group["expected"], &group["complete"]), (&json!(20), &json!(false)));
        assert_eq!(group["missing"]["unanswered"], 14);
        assert_eq!(group["reported"].as_i64().unwrap() + group["other_basis"].as_i64().unwrap(), 6);
        assert_eq!(group["basis"]["unit"], "人");
    }
    // 国立市's five courses have no printed total: together they are its figure.
    let courses =
        array(&split.json["rows"]).iter().filter(|row| row["municipality"] == "132152" && row["counted"] == true);
    assert_eq!(courses.map(|row| row["value"].as_i64().unwrap()).sum::<i64>(), 92);

    // Each reporter by itself has one basis; who says nothing has null.
    let each = server.get(&format!("{of}&group_by=municipality")).expect(200).await;
    let each = array(&each.json["series"][0]["groups"]);
    assert_eq!(each.len(), 20);
    let silent = each.iter().filter(|group| group["value"].is_null()).count();
    assert_eq!(silent, 14);
}
