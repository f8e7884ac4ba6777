//! Document 003: 44 initiatives of a half-year each, done and planned; numbers that begin anew in each category, cells
//! left blank, three reposts with a text of their own, up to six departments, no figure at all.

mod check;

use super::fields::only;
use super::{array, string, transcription, with};
use crate::given::{create, publish, token_of, walk};
use crate::harness::Server;
use serde_json::{Value, json};

const PLAN: &str = "011002-ikusei-2023";
const CITY: &str = "011002";

/// The column each printed heading is of, from the left.
const COLUMNS: [&str; 5] = ["target_group", "number_label", "results/2023-H1", "targets/2023-H2", "departments"];

/// `1`, or `3.1` below a category.
fn node(place: &Value) -> String {
    match &place["subcategory_no"] {
        Value::Null => place["category_no"].to_string(),
        below => format!("{}.{below}", place["category_no"]),
    }
}

fn program(place: &Value) -> String {
    format!("{}-{}", node(place), place["number"])
}

/// Every department once, as prefix and name, in the order of the sheet; its place is its code.
fn departments(document: &Value) -> Vec<(Value, Value)> {
    let mut all: Vec<(Value, Value)> = Vec::new();
    for department in array(&document["initiatives"]).iter().flat_map(|entry| array(&entry["departments"])) {
        only(department, &["bureau_prefix", "bureau", "name"], &[]);
        let prefix = &department["bureau_prefix"];
        let bureau = prefix.as_str().map_or(&Value::Null, |prefix| &document["department_prefixes"][prefix]);
        assert_eq!(&department["bureau"], bureau);
        let key = (prefix.clone(), department["name"].clone());
        if !all.contains(&key) {
            all.push(key);
        }
    }
    all
}

fn department_code(all: &[(Value, Value)], department: &Value) -> String {
    let place =
        all.iter().position(|(prefix, name)| *prefix == department["bureau_prefix"] && *name == department["name"]);
    format!("d{:02}", place.unwrap() + 1)
}

fn check_fields(document: &Value) {
    let sent =
        ["municipality", "document", "categories", "occupations", "department_prefixes", "columns", "initiatives"];
    only(document, &sent, &["source_file", "sha256", "department_prefixes_basis"]);
    only(&document["municipality"], &["code6", "name"], &[]);
    only(&document["document"], &["title_ja", "fiscal_year", "sub_periods"], &["fiscal_year_basis"]);
    for period in array(&document["document"]["sub_periods"]) {
        only(period, &["code", "label_ja", "from_date", "to_date", "meaning"], &[]);
    }
    for category in array(&document["categories"]) {
        only(category, &["no", "title_ja", "subcategories"], &[]);
        array(&category["subcategories"]).iter().for_each(|below| only(below, &["no", "title_ja"], &[]));
    }
    for entry in array(&document["initiatives"]) {
        let sent = [
            "category_no",
            "subcategory_no",
            "subcategory",
            "occupation",
            "occupation_cell_blank",
            "number",
            "number_label",
            "first_half_done_verbatim",
            "second_half_planned_verbatim",
            "first_half_items",
            "second_half_items",
            "departments_verbatim",
            "departments",
            "repost",
            "repost_of",
            "html_markup",
        ];
        only(entry, &sent, &["line"]);
        assert_eq!(entry["repost"], entry["repost_of"].is_object());
        if entry["repost_of"].is_object() {
            only(&entry["repost_of"], &["category_no", "subcategory_no", "number"], &["similarity"]);
        }
    }
}

/// What the city sends once: its departments, the plan, the categories, the initiatives, what is handed in together.
pub(super) async fn define(server: &Server, token: &str, document: &Value) {
    for (place, (prefix, name)) in departments(document).iter().enumerate() {
        let bureau = prefix.as_str().map(|prefix| document["department_prefixes"][prefix].clone());
        let body = with(json!({ "name": name }), &[("bureau", json!(bureau))]);
        create(server, token, &format!("/departments/{CITY}/d{:02}", place + 1), &body).await;
    }
    let labels = array(&document["columns"]);
    assert_eq!(labels.len(), COLUMNS.len());
    let columns: Vec<Value> =
        COLUMNS.iter().zip(labels).map(|(column, label)| json!({ "column": column, "label": label })).collect();
    let year = &document["document"]["fiscal_year"];
    let plan = json!({
        "title": document["document"]["title_ja"], "kind": "other", "fiscal_year_from": year, "fiscal_year_to": year,
        "column_labels": columns, "status": "adopted", "numbering": "node",
    });
    create(server, token, &format!("/plans/{PLAN}"), &plan).await;
    let mut position = 0;
    for category in array(&document["categories"]) {
        let no = category["no"].to_string();
        position += 10;
        let body = json!({
            "kind": "category", "number_label": no, "title": category["title_ja"], "position": position,
        });
        create(server, token, &format!("/nodes/{PLAN}/{no}"), &body).await;
        for below in array(&category["subcategories"]) {
            position += 10;
            let body = json!({
                "kind": "category", "number_label": format!("({})", below["no"]), "title": below["title_ja"],
                "parent": no, "position": position,
            });
            create(server, token, &format!("/nodes/{PLAN}/{no}.{}", below["no"]), &body).await;
        }
    }
    let all = departments(document);
    for (index, entry) in array(&document["initiatives"]).iter().enumerate() {
        let theirs: Vec<Value> = array(&entry["departments"])
            .iter()
            .map(|department| json!({ "department": department_code(&all, department), "role": "joint" }))
            .collect();
        let mut printed = json!({ "departments": entry["departments_verbatim"] });
        if entry["occupation_cell_blank"] == true {
            printed["target_group"] = json!("");
        }
        let body = json!({
            "number_label": entry["number_label"], "node": node(entry), "position": 10 * (index + 1),
            "target_group": entry["occupation"], "departments": theirs, "printed": printed,
        });
        create(server, token, &format!("/programs/{PLAN}/{}", program(entry)), &body).await;
    }
    let covers =
        json!({ "covers": [{ "part": "results", "period": "2023-H1" }, { "part": "targets", "period": "2023-H2" }] });
    create(server, token, &format!("/rounds/{PLAN}/2023"), &covers).await;
}

/// A cell left blank is a record not sent.
pub(super) async fn report(server: &Server, token: &str, document: &Value) {
    for entry in array(&document["initiatives"]) {
        let program = program(entry);
        if let Some(done) = entry["first_half_done_verbatim"].as_str() {
            let repost_of = entry["repost_of"].is_object().then(|| self::program(&entry["repost_of"]));
            let body = with(json!({ "texts": { "text": done } }), &[("repost_of", json!(repost_of))]);
            create(server, token, &format!("/results/{PLAN}/{program}/{CITY}/2023-H1"), &body).await;
        }
        if let Some(planned) = entry["second_half_planned_verbatim"].as_str() {
            let body = json!({ "texts": { "text": planned } });
            create(server, token, &format!("/targets/{PLAN}/{program}/{CITY}/2023-H2"), &body).await;
        }
    }
    publish(server, PLAN, CITY, "2023").await;
}

#[actix_web::test]
async fn forty_four_initiatives_go_in_and_come_out_to_the_letter() {
    let Some(document) = transcription("003_sapporo.json") else { return };
    check_fields(&document);
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    define(&server, &token, &document).await;
    report(&server, &token, &document).await;

    let public = check::read(&server).await;
    check::assert_as_printed(&document, &public);
    check::assert_check_figures(&public);
    assert_eq!(walk(&server, &format!("/values?plan={PLAN}&limit=10"), None).await, Vec::<Value>::new());
    let report = server.get(&format!("/reports/{PLAN}/{CITY}/2023")).expect(200).await.json;
    assert_eq!((&report["edition"], &report["status"]), (&json!(1), &json!("published")));
}
