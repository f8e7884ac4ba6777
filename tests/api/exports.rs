//! Data sets: what they hold is what the package says, and what the public reads.

use crate::given::{create, kpi_plan, publish, text, token_of, walk};
use crate::harness::{Answer, Server};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const KPI: &str = "130001-kpi-2024";
pub const DATASETS: [&str; 6] = ["results", "targets", "values", "evaluations", "programs", "indicators"];

/// The rows of a data set, by the names of its columns; blank cells are not there.
pub fn rows(csv: &str) -> Vec<Map<String, Value>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let cells = names.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), json!(cell))).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

pub async fn ndjson(server: &Server, path: &str) -> Vec<Value> {
    let answer = server.get(path).header("accept", "application/x-ndjson").expect(200).await;
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Does a cell say a value of this type of Table Schema?
fn is_of(kind: &str, cell: &str) -> bool {
    match kind {
        "string" => true,
        "integer" => cell.parse::<i64>().is_ok(),
        "number" => cell.parse::<f64>().is_ok() && cell.bytes().all(|byte| b"-.0123456789".contains(&byte)),
        "boolean" => ["true", "false"].contains(&cell),
        "date" => cell.parse::<chrono::NaiveDate>().is_ok(),
        "datetime" => chrono::DateTime::parse_from_rfc3339(cell).is_ok(),
        "object" => serde_json::from_str::<Map<String, Value>>(cell).is_ok(),
        "array" => serde_json::from_str::<Vec<Value>>(cell).is_ok(),
        other => panic!("a type: {other}"),
    }
}

/// Is it one of the words, and within the bounds?
fn keeps(constraints: &Value, cell: &str) -> bool {
    let is_word = constraints["enum"].as_array().is_none_or(|words| words.contains(&json!(cell)));
    let bound = |name: &str| constraints[name].as_i64();
    let number = || cell.parse::<i64>().unwrap();
    is_word
        && bound("minimum").is_none_or(|least| least <= number())
        && bound("maximum").is_none_or(|most| number() <= most)
}

/// Every data set against the package: columns, types, required cells, keys. Returns how many rows each has.
pub async fn check_package(server: &Server) -> Vec<usize> {
    let package = server.get("/exports/datapackage.json").expect(200).await.json;
    let array = |value: &Value| value.as_array().unwrap().clone();
    let mut counts = Vec::new();
    let mut programs = BTreeSet::new();
    for resource in array(&package["resources"]).iter().rev() {
        let name = resource["name"].as_str().unwrap();
        let answer = server.get(&format!("/exports/{name}")).expect(200).await;
        let fields = array(&resource["schema"]["fields"]);
        let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        assert_eq!(answer.text.lines().next().unwrap(), names.join(","), "{name}");
        let rows = rows(&answer.text);
        let key_of = |row: &Map<String, Value>, key: &Value| -> Vec<String> {
            array(key).iter().map(|of| row.get(of.as_str().unwrap()).unwrap().as_str().unwrap().to_owned()).collect()
        };
        let mut keys = BTreeSet::new();
        for row in &rows {
            for field in &fields {
                let (of, kind) = (field["name"].as_str().unwrap(), field["type"].as_str().unwrap());
                match row.get(of).and_then(Value::as_str) {
                    Some(cell) => {
                        assert!(is_of(kind, cell), "{name}.{of}: {cell} is no {kind}");
                        assert!(keeps(&field["constraints"], cell), "{name}.{of}: {cell}, {}", field["constraints"]);
                    }
                    None => assert_eq!(field["constraints"]["required"], false, "{name}.{of} is blank"),
                }
            }
            assert!(keys.insert(key_of(row, &resource["schema"]["primaryKey"])), "twice in {name}: {row:?}");
            for foreign in array(&resource["schema"]["foreignKeys"]) {
                assert_eq!(foreign["reference"]["resource"], "programs");
                assert!(programs.contains(&key_of(row, &foreign["fields"])), "{name}: {row:?}");
            }
        }
        if name == "programs" {
            programs = keys;
        }
        counts.push(rows.len());
    }
    counts.reverse();
    counts
}

async fn given_a_round() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, KPI, &["131016", "131059"]).await;
    for (code, said) in [("131016", "=1+1、\"引用\"\n二行目"), ("131059", "2回実施した。")] {
        let token = token_of(&server, code);
        let values = json!([
            { "item": "研修", "label": "受講者数", "value": 95.7, "unit": "人", "source": "2", "count_basis": "cumulative" },
            { "item": "率", "label": "受講率", "rate": 0.000001, "unit": "％", "source": "回", "breakdown": { "施設": "既存" } },
        ]);
        let body = json!({ "texts": { "text": said }, "values": values, "note": "-" });
        create(&server, &token, &format!("/results/{KPI}/1/{code}/2024"), &body).await;
        publish(&server, KPI, code, "2024-results").await;
    }
    server
}

#[actix_web::test]
async fn a_data_set_holds_what_its_package_says() {
    let server = given_a_round().await;
    let counts = check_package(&server).await;
    let by_name: Vec<(&str, usize)> = DATASETS.into_iter().zip([2, 0, 4, 0, 1, 0]).collect();
    let package = server.get("/exports/datapackage.json").expect(200).await.json;
    let names: Vec<&str> =
        package["resources"].as_array().unwrap().iter().map(|resource| resource["name"].as_str().unwrap()).collect();
    assert_eq!(names.into_iter().zip(counts).collect::<Vec<_>>(), by_name);
}

#[actix_web::test]
async fn one_value_a_cell_as_it_was_sent() {
    let server = given_a_round().await;
    let csv = server.get("/exports/values").expect(200).await;
    let no = server.count("select no as count from publication_head").await;
    assert_eq!(csv.header("hagukumi-publication"), no.to_string());
    assert_eq!(csv.header("content-disposition"), format!("attachment; filename=\"hagukumi_values_{no}.csv\""));
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(csv.header("link").ends_with("; rel=\"license\""), "{}", csv.header("link"));
    let first = rows(&csv.text).remove(0);
    for (name, cell) in [
        ("prefecture", "130001"),
        ("prefecture_name", "東京都"),
        ("municipality_name", "千代田区"),
        ("plan_title", "見本のKPI"),
        ("period_label_ja", "令和6年度"),
        ("period_start", "2024-04-01"),
        ("period_end", "2025-03-31"),
        ("value", "95.7"),
        ("unit", "人"),
    ] {
        assert_eq!(first[name], cell, "{name}");
    }
    let lines = ndjson(&server, "/exports/values").await;
    assert_eq!((&lines[0]["value"], &lines[1]["rate"]), (&json!(95.7), &json!(0.000001)));
    assert_eq!((&lines[1]["breakdown"], &lines[1]["value"]), (&json!({ "施設": "既存" }), &Value::Null));

    // Of a text that is a formula to Excel the CSV is guarded, the NDJSON is not.
    let results = server.get("/exports/results?bom=true").expect(200).await;
    assert!(results.text.starts_with('\u{feff}'));
    let row = rows(results.text.trim_start_matches('\u{feff}')).remove(0);
    assert_eq!((&row["text"], &row["note"]), (&json!("'=1+1、\"引用\"\n二行目"), &json!("'-")));
    let said = ndjson(&server, "/exports/results").await[0].clone();
    assert_eq!((&said["text"], &said["other_texts"]), (&json!("=1+1、\"引用\"\n二行目"), &Value::Null));
    let published = walk(&server, "/results?prefecture=130001", None).await;
    assert_eq!((&said["published_at"], &said["edition"]), (&published[0]["published_at"], &published[0]["edition"]));
}

#[actix_web::test]
async fn a_data_set_of_one_moment_and_as_much_as_is_wanted() {
    let server = given_a_round().await;
    server.advance(chrono::Duration::minutes(1));
    let then = server.now();
    server.advance(chrono::Duration::minutes(1));
    let before = server.get("/exports/results").expect(200).await;
    let token = token_of(&server, "131059");
    create(&server, &token, &format!("/results/{KPI}/1/131059/2023"), &text("前の年度")).await;
    let unchanged = |etag: String| {
        let call = server.get("/exports/results").header("if-none-match", &etag);
        async move { call.send().await.status }
    };
    assert_eq!(unchanged(before.etag().to_owned()).await, 304, "a draft is no publication");
    publish(&server, KPI, "131059", "2023-results").await;
    assert_eq!(unchanged(before.etag().to_owned()).await, 200);
    let count = async |query: &str| {
        let answer: Answer = server.get(&format!("/exports/results{query}")).expect(200).await;
        rows(&answer.text).len()
    };
    let at = then.to_rfc3339().replace('+', "%2B");
    for (query, expected) in [
        ("", 3),
        (&*format!("?as_of={at}"), 2),
        ("?prefecture=130001", 3),
        ("?prefecture=140007", 0),
        ("?period=2023", 1),
        ("?period=2023..2024", 3),
        ("?within=2024", 2),
        (&*format!("?plan={KPI}&period=2024"), 2),
    ] {
        assert_eq!(count(query).await, expected, "{query}");
    }
    for (path, status, code) in [
        ("/exports/programs?period=2024", 400, "request.parameter"),
        ("/exports/indicators?as_of=2026-01-01T00:00:00Z", 400, "request.parameter"),
        ("/exports/reports", 404, "resource.not_found"),
        ("/exports/results?limit=3", 400, "request.unknown_parameter"),
    ] {
        let answer = server.get(path).send().await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}");
    }
    let json = server.get("/exports/results").header("accept", "application/json").send().await;
    assert_eq!((json.status, json.code()), (406, "request.not_acceptable"));
}

#[actix_web::test]
async fn the_third_at_once_is_told_to_come_back() {
    let server = given_a_round().await;
    let held = [server.state.db.export().await.unwrap(), server.state.db.export().await.unwrap()];
    let busy = server.get("/exports/values").send().await;
    assert_eq!((busy.status, busy.code(), busy.header("retry-after")), (503, "service.busy", "30"));
    drop(held);
    server.get("/exports/values").expect(200).await;
}
