//! The five documents in the forms they are handed in with: every cell of a record stands in its row, to the letter, in the
//! CSV and in the workbook.

use super::{akiruno, array, kawasaki, nishitokyo, sapporo, string, tokyo, transcription};
use crate::given::{token_of, walk};
use crate::harness::Server;
use crate::templates::table;
use crate::templates::workbook::{open, sheet};
use calamine::Reader;
use hagukumi::domain::code::Code;
use hagukumi::error::Error;
use hagukumi::imports::read::{Charset, Format, Names, open as open_file};
use hagukumi::records::figure::{FIELDS, written};
use hagukumi::records::flat::{Cells, Flat, flatten};
use hagukumi::records::types::RecordBody;
use hagukumi::results::types::PutResult;
use hagukumi::targets::types::PutTarget;
use hagukumi::web::table::{Cell, XLSX, unguarded};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

type Row = BTreeMap<String, String>;

/// (resource, program, period, amendment)
type Key = [String; 4];

/// The rows of a file, record by record; of the workbook without what is only to be read.
fn by_record(rows: Vec<Row>) -> HashMap<Key, Vec<Row>> {
    let mut records: HashMap<Key, Vec<Row>> = HashMap::new();
    for row in rows {
        let key = ["resource", "program", "period", "amendment"].map(|name| row.get(name).cloned().unwrap_or_default());
        records.entry(key).or_default().push(row);
    }
    records
}

fn body(row: &Value) -> RecordBody {
    let body = row["body"].clone();
    match string(&row["resource"]) {
        "target" => serde_json::from_value::<PutTarget>(body).unwrap().into_body(),
        _ => serde_json::from_value::<PutResult>(body).unwrap().into_body(),
    }
}

/// What stands in the row of a figure, the first with what is the record's.
fn expected(body: &RecordBody) -> Vec<Cells> {
    let Flat { record, mut values } = flatten(body).unwrap();
    if values.is_empty() {
        values.push(Cells::new());
    }
    values[0].extend(record);
    values
}

fn is_content(name: &str) -> bool {
    ["texts.", "evaluations.", "values.", "figure"].iter().any(|start| name.starts_with(start))
        || ["cross_reference", "repost_of", "missing_reason", "reason", "amended_on", "note", "ordinal"].contains(&name)
}

fn contents(row: &Row) -> Row {
    row.iter().filter(|(name, _)| is_content(name)).map(|(name, cell)| (name.clone(), cell.clone())).collect()
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        other => other.csv(),
    }
}

/// Every record of the plan, in each of its rounds.
async fn check(server: &Server, plan: &str) {
    let owner = token_of(server, &plan[..6]);
    let rounds = walk(server, &format!("/rounds?plan={plan}&view=working"), Some(&owner)).await;
    let reporters = walk(server, &format!("/plans/{plan}/reporters?view=working"), Some(&owner)).await;
    let mut seen = 0;
    for reporter in &reporters {
        let reporter = string(&reporter["municipality"]);
        for round in &rounds {
            let path = format!("/templates/{plan}/{reporter}/{}", string(&round["code"]));
            seen += check_one(server, &token_of(server, reporter), &path).await;
        }
    }
    let mut records = 0;
    for part in ["targets", "results"] {
        records += walk(server, &format!("/{part}?plan={plan}&limit=1000"), None).await.len();
    }
    assert!(records > 0 && seen == records, "{seen} of {records} records");
}

async fn check_one(server: &Server, token: &str, path: &str) -> usize {
    let get = async |accept: &str| server.get(path).token(token).header("accept", accept).expect(200).await;
    let template = get("application/json").await.json;
    let csv = get("text/csv").await;
    let mut in_csv = by_record(table(&csv.text));
    let file = get(XLSX).await.bytes;
    read_back(&csv.bytes, Format::Csv(Charset::Utf8), &template);
    read_back(&file, Format::Xlsx, &template);
    let mut book = open(&file);
    let sheets: Vec<String> = book.sheet_names().into_iter().filter(|name| name.starts_with("様式")).collect();
    let mut in_book = by_record(sheets.iter().flat_map(|name| sheet(&mut book, name).rows).collect());
    let mut seen = 0;
    for row in array(&template["rows"]).iter().filter(|row| !row["body"].is_null()) {
        let field = |name: &str| row["key"][name].as_str().unwrap_or_default().to_owned();
        let amendment = row["key"]["amendment"].as_i64().map(|number| number.to_string());
        let key: Key =
            [string(&row["resource"]).to_owned(), field("program"), field("period"), amendment.unwrap_or_default()];
        let body = body(row);
        let (csv, book) = (in_csv.remove(&key).unwrap(), in_book.remove(&key).unwrap());
        let expected = expected(&body);
        // The figures that the form wants and nobody has given stand below.
        assert!(csv.len() >= expected.len() && book.len() >= csv.len(), "{key:?}");
        for (at, cells) in expected.iter().enumerate() {
            assert_eq!(Some(csv[at]["if_match"].as_str()), row["if_match"].as_str());
            let written_csv: Row =
                contents(&csv[at]).into_iter().map(|(name, cell)| (name, unguarded(&cell).to_owned())).collect();
            let sent: Row = cells.iter().map(|(name, cell)| (name.clone(), plain(cell))).collect();
            assert_eq!(written_csv, sent, "{path} {key:?}");
            let in_cell = body.values.get(at).and_then(written);
            assert_eq!(from_book(&book[at], in_cell.as_deref(), &sent), sent, "{path} {key:?}");
        }
        seen += 1;
    }
    // What is left over is not answered yet.
    for row in in_csv.into_values().flatten() {
        assert_eq!(row.get("if_match"), None, "{path} {row:?}");
    }
    seen
}

/// What an import would read: the records as they stand, and nothing else.
fn read_back(file: &[u8], format: Format, template: &Value) {
    let mut rows = open_file(file, format, &MUNICIPALITIES).unwrap();
    let filled: Vec<&Value> = array(&template["rows"]).iter().filter(|row| !row["body"].is_null()).collect();
    assert_eq!(rows.blank, array(&template["rows"]).len() - filled.len());
    let mut expected = filled.into_iter();
    rows.each::<Error>(|row| {
        assert!(row.findings.is_empty(), "{:#?}", row.findings);
        let sent = expected.next().unwrap();
        assert_eq!((row.resource.as_deref(), &row.key), (sent["resource"].as_str(), &sent["key"]));
        assert_eq!(row.if_match.as_deref(), sent["if_match"].as_str());
        let read = json!({ "resource": sent["resource"], "body": row.body });
        assert_eq!(body(&read), body(sent), "{}", row.place);
        Ok(())
    })
    .unwrap();
    assert_eq!(expected.next(), None);
}

static MUNICIPALITIES: LazyLock<Names> = LazyLock::new(|| {
    let table = include_str!("../../../data/municipalities.csv");
    let rows = table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.map(|cells| (Code::parse(cells[0]).unwrap(), cells[2].to_owned())).collect()
});

/// The row as it was sent: words of a list by their code, the cell of the figure by its fields.
fn from_book(row: &Row, in_cell: Option<&str>, sent: &Row) -> Row {
    let mut cells = contents(row);
    assert_eq!(cells.remove("figure").as_deref(), in_cell, "{row:?}");
    for (name, cell) in &mut cells {
        if name.ends_with(".level") {
            let code = cell.split([' ', '（']).next().unwrap().to_owned();
            *cell = code;
        } else if name.ends_with("missing_reason") || cell == "はい" {
            let word = sent[name].clone();
            assert_ne!(*cell, word, "a word of the API's is nobody's to read");
            *cell = word;
        }
    }
    // A snippet that is the cell to the letter goes with it.
    let source = sent.get("values.source").filter(|source| Some(source.as_str()) == in_cell);
    cells.extend(source.map(|source| ("values.source".to_owned(), source.clone())));
    if in_cell.is_some() {
        for field in FIELDS {
            let name = format!("values.{field}");
            assert_eq!(cells.get(&name), None, "it stands in the cell");
            cells.extend(sent.get(&name).map(|cell| (name, cell.clone())));
        }
    }
    cells
}

#[actix_web::test]
async fn document_000_in_its_forms() {
    let Some(document) = transcription("000_tokyo_kpi.json") else { return };
    let server = Server::start().await;
    tokyo::define(&server, &document).await;
    tokyo::report(&server, &document).await;
    check(&server, "130001-kpi-2024").await;
}

#[actix_web::test]
async fn document_001_in_its_forms() {
    let Some(document) = transcription("001_nishitokyo.json") else { return };
    let server = Server::start().await;
    let token = token_of(&server, "132292");
    nishitokyo::define(&server, &token, &document).await;
    nishitokyo::report(&server, &token, &document).await;
    check(&server, "132292-suishinin-2017").await;
}

#[actix_web::test]
async fn document_002_in_its_forms() {
    let Some(document) = transcription("002_kawasaki.json") else { return };
    let server = Server::start().await;
    let token = token_of(&server, "141305");
    kawasaki::define(&server, &token, &document).await;
    kawasaki::report(&server, &token, &document).await;
    check(&server, "141305-shien-2011").await;
}

#[actix_web::test]
async fn document_003_in_its_forms() {
    let Some(document) = transcription("003_sapporo.json") else { return };
    let server = Server::start().await;
    let token = token_of(&server, "011002");
    sapporo::define(&server, &token, &document).await;
    sapporo::report(&server, &token, &document).await;
    check(&server, "011002-ikusei-2023").await;
}

#[actix_web::test]
async fn document_004_in_its_forms() {
    let Some(document) = transcription("004_akiruno.json") else { return };
    let server = Server::start().await;
    akiruno::report(&server, &document).await;
    check(&server, "132284-kodomo-2020").await;
}
