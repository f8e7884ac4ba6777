//! Document 001: one statutory program in four sections of prose: how often and how many, about and more than, two
//! months deliberately not counted, groups of facilities and rounds of visits.

use super::fields::only;
use super::{array, of_figure, of_transcribed, string, transcription, with};
use crate::given::{create, publish, token_of, walk};
use crate::harness::Server;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PLAN: &str = "132292-suishinin-2017";
const CITY: &str = "132292";

fn check_fields(document: &Value) {
    only(document, &["municipality", "document", "sections"], &["source_file", "sha256"]);
    only(&document["municipality"], &["code6", "name"], &[]);
    only(&document["document"], &["title_ja", "fiscal_year"], &["fiscal_year_basis"]);
    for section in array(&document["sections"]) {
        only(section, &["no", "title", "verbatim", "items"], &["line_start", "line_end"]);
        for item in array(&section["items"]) {
            let sent = [
                "no",
                "title",
                "text",
                "legal_basis",
                "sub",
                "numbers",
                "days_gif",
                "start",
                "end",
                "date",
                "fiscal_year",
                "not_measured",
                "groups",
                "blocks",
            ];
            only(item, &sent, &[]);
            check_parts(item);
        }
    }
}

fn check_parts(item: &Value) {
    let numbers = ["label", "value", "unit", "source", "approximate", "range", "comparator", "date", "date_text"];
    array(&item["numbers"]).iter().for_each(|number| only(number, &numbers, &[]));
    for group in array(&item["groups"]) {
        only(group, &["code", "facility_type", "target", "unit", "rounds"], &[]);
        array(&group["rounds"]).iter().for_each(|round| only(round, &["round", "scope", "period", "notice"], &[]));
    }
    for (field, parts) in [
        ("legal_basis", &["law", "law_no", "article"][..]),
        ("days_gif", &["two_person", "one_person"]),
        ("not_measured", &["months", "reason"]),
    ] {
        if item[field].is_object() {
            only(&item[field], parts, &[]);
        }
    }
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The line of the cell that holds all of these, whatever blanks stand between.
fn line<'a>(verbatim: &'a str, held: &[&str]) -> &'a str {
    let mut lines = verbatim.lines();
    let found = lines.find(|line| held.iter().all(|part| bare(line).contains(&bare(part))));
    found.unwrap_or_else(|| panic!("no line holds {held:?}"))
}

fn name(item: &Value) -> String {
    format!("{} {}", string(&item["no"]), string(&item["title"]))
}

fn number(item: &Value, number: &Value) -> Value {
    let unit = string(&number["unit"]);
    let per = match unit.split_once('/') {
        Some((_, "週")) => Some("week"),
        Some((_, "年")) => Some("year"),
        Some(other) => panic!("{other:?}"),
        None if string(&number["label"]).starts_with("1日") => Some("day"),
        None => None,
    };
    let comparator = number["comparator"].as_str().map(|sign| if sign == ">" { "gt" } else { panic!("{sign}") });
    let value = json!({
        "item": name(item), "label": number["label"], "value": number["value"], "unit": unit,
        "source": number["source"], "approximate": number["approximate"] == true,
    });
    with(
        value,
        &[
            ("per", json!(per)),
            ("comparator", json!(comparator)),
            ("measured_on", number["date"].clone()),
            ("measured_on_text", number["date_text"].clone()),
            ("breakdown", breakdown(item, number)),
        ],
    )
}

/// Which end of a range, which days of the week, which facilities a figure is of.
fn breakdown(item: &Value, number: &Value) -> Value {
    let persons = [("two_person", 2), ("one_person", 1)];
    let days = persons.iter().find(|(_, count)| number["unit"] == "人" && number["value"] == *count);
    let days = days.map_or(&Value::Null, |(field, _)| &item["days_gif"][*field]);
    let group = array(&item["groups"]).iter().find(|group| group["target"] == number["value"]);
    let parts = [("range", number["range"].clone()), ("days", days.clone()), ("facility", code(group))];
    let all = with(json!({}), &parts);
    if all == json!({}) { Value::Null } else { all }
}

fn code(group: Option<&Value>) -> Value {
    group.map_or(Value::Null, |group| group["code"].clone())
}

/// Every piece of an item as a figure or a text, in the order of the sheet.
fn values(section: &Value, item: &Value) -> Vec<Value> {
    let verbatim = string(&section["verbatim"]);
    let text = |label: &str, text: &str, source: &str| json!({ "item": name(item), "label": label, "text": text, "source": source });
    let title = string(&item["title"]);
    let mut values = Vec::new();
    if let Some(words) = item["text"].as_str() {
        let hours = item["start"].as_str().zip(item["end"].as_str()).map(|(start, end)| format!("{start}-{end}"));
        values.push(with(text(title, words, words), &[("note", json!(hours))]));
    }
    for words in array(&item["sub"]).iter().map(string) {
        // Shortened by the transcriber; its number finds the line.
        let marker: String = words.chars().take(2).collect();
        values.push(text(title, words, line(verbatim, &[&marker])));
    }
    values.extend(array(&item["numbers"]).iter().map(|of| number(item, of)));
    let missing = &item["not_measured"];
    for (month, code) in array(&missing["months"]).iter().zip(["201710", "201711"]) {
        assert_eq!(string(month).trim_end_matches('月'), &code[4..]);
        values.push(json!({
            "item": name(item), "label": "推進員の対応件数", "unit": "件", "missing_reason": "not_measured",
            "note": missing["reason"], "period": code, "source": month,
        }));
    }
    for (group, of) in array(&item["groups"]).iter().zip(array(&item["numbers"])) {
        assert_eq!((&group["target"], &group["unit"]), (&of["value"], &of["unit"]));
        let place = values.iter().position(|value| value["breakdown"]["facility"] == group["code"]).unwrap();
        values[place]["counted"] = group["facility_type"].clone();
        for visit in array(&group["rounds"]) {
            let parts: Vec<&str> =
                ["scope", "period", "notice"].iter().filter_map(|part| visit[*part].as_str()).collect();
            let round = format!("{}回目", visit["round"]);
            let marker = if array(&group["rounds"]).len() > 1 { &round } else { string(&of["source"]) };
            let held: Vec<&str> = parts.iter().copied().chain([marker]).collect();
            let mut value =
                text(&format!("{} {round}", string(&of["label"])), &parts.join("、"), line(verbatim, &held));
            value["breakdown"] = json!({ "facility": group["code"], "round": visit["round"].to_string() });
            values.push(value);
        }
    }
    for block in array(&item["blocks"]) {
        let mut value = text(title, string(block), string(block));
        value["breakdown"] = json!({ "block": block });
        values.push(value);
    }
    values
}

fn law(basis: &Value) -> Option<String> {
    let law = format!("{}（{}）", basis["law"].as_str()?, string(&basis["law_no"]));
    Some(format!("{law}{}", string(&basis["article"])))
}

pub(super) async fn define(server: &Server, token: &str, document: &Value) {
    let year = &document["document"]["fiscal_year"];
    let plan = json!({
        "title": document["document"]["title_ja"], "kind": "other", "fiscal_year_from": year, "fiscal_year_to": year,
        "status": "adopted", "numbering": "plan",
    });
    create(server, token, &format!("/plans/{PLAN}"), &plan).await;
    for section in array(&document["sections"]) {
        let items = array(&section["items"]);
        let basis =
            items.iter().map(|item| &item["legal_basis"]).find(|basis| basis.is_object()).unwrap_or(&Value::Null);
        let statutory = (basis["article"] == "第59条第1号").then_some("user_support");
        let start = items.iter().find(|item| item["title"] == "開始時期").unwrap_or(&Value::Null);
        let no = string(&section["no"]);
        let body = json!({ "number_label": no, "name": section["title"], "position": no.parse::<i32>().unwrap() });
        let body = with(
            body,
            &[
                ("legal_basis", json!(law(basis))),
                ("statutory_program", json!(statutory)),
                ("started_on", start["date"].clone()),
                ("started_in", start["fiscal_year"].clone()),
            ],
        );
        create(server, token, &format!("/programs/{PLAN}/{no}"), &body).await;
    }
}

pub(super) async fn report(server: &Server, token: &str, document: &Value) {
    for section in array(&document["sections"]) {
        let values: Vec<Value> = array(&section["items"]).iter().flat_map(|item| values(section, item)).collect();
        let body = json!({ "texts": { "text": section["verbatim"] }, "values": values });
        create(server, token, &format!("/results/{PLAN}/{}/{CITY}/2017", string(&section["no"])), &body).await;
    }
    publish(server, PLAN, CITY, "2017-results").await;
}

fn assert_as_printed(section: &Value, program: &Value, result: &Value) {
    assert_eq!((&program["number_label"], &program["name"]), (&section["no"], &section["title"]));
    assert_eq!((&result["program_number"], &result["texts"]["text"]), (&section["no"], &section["verbatim"]));
    let items = array(&section["items"]);
    for item in items {
        let of: Vec<&Value> = array(&result["values"]).iter().filter(|value| value["item"] == name(item)).collect();
        let holds = |held: &dyn Fn(&Value) -> bool| assert!(of.iter().any(|value| held(value)), "{item}");
        let figures: Vec<Value> =
            of.iter().filter(|value| value["value"].is_number()).map(|value| of_figure(value)).collect();
        assert_eq!(figures, array(&item["numbers"]).iter().map(of_transcribed).collect::<Vec<_>>());
        for words in [&item["text"]].into_iter().chain(array(&item["sub"])).chain(array(&item["blocks"])) {
            holds(&|value| words.is_null() || value["text"] == *words);
        }
        if let Some(start) = item["start"].as_str() {
            holds(&|value| value["note"] == format!("{start}-{}", string(&item["end"])));
        }
        for days in item["days_gif"].as_object().into_iter().flat_map(serde_json::Map::values) {
            holds(&|value| value["breakdown"]["days"] == *days);
        }
        for group in array(&item["groups"]) {
            holds(&|value| {
                value["breakdown"] == json!({ "facility": group["code"] })
                    && [&value["value"], &value["unit"], &value["counted"]]
                        == [&group["target"], &group["unit"], &group["facility_type"]]
            });
            for visit in array(&group["rounds"]) {
                let place = json!({ "facility": group["code"], "round": visit["round"].to_string() });
                let said = ["scope", "period", "notice"].map(|part| visit[part].as_str().unwrap_or_default());
                holds(&|value| {
                    value["breakdown"] == place && said.iter().all(|part| string(&value["text"]).contains(part))
                });
            }
        }
        if let Some(law) = law(&item["legal_basis"]) {
            assert_eq!(program["legal_basis"], law);
            assert!(string(&section["verbatim"]).contains(&law));
        }
        if item["title"] == "開始時期" {
            assert_eq!((&program["started_on"], &program["started_in"]), (&item["date"], &item["fiscal_year"]));
        } else if let Some(year) = item["fiscal_year"].as_i64() {
            assert_eq!(result["period"], year.to_string());
        }
    }
}

/// The figures of the check list, from the answers alone.
fn assert_check_figures(programs: &[Value], results: &[Value], rows: &[Value]) {
    assert_eq!((programs.len(), results.len()), (4, 4));
    let statutory: Vec<&Value> = programs.iter().map(|program| &program["statutory_program"]).collect();
    assert_eq!(statutory, [&json!("user_support"), &Value::Null, &Value::Null, &Value::Null]);
    let items = |result: &Value| {
        array(&result["values"]).iter().map(|value| string(&value["item"]).to_owned()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(results.iter().map(items).collect::<Vec<_>>(), [7, 3, 2, 3]);
    let numbers: Vec<&Value> = rows.iter().map(|row| &row["value"]).filter(|value| value["text"].is_null()).collect();
    let stated: Vec<&Value> = numbers.iter().copied().filter(|value| value["missing_reason"].is_null()).collect();
    let missing: Vec<&Value> =
        numbers.iter().copied().filter(|value| value["missing_reason"] == "not_measured").collect();
    assert_eq!((numbers.len(), stated.len(), missing.len()), (14, 12, 2));
    let told = |value: &&Value| {
        let word = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
        let about = if value["approximate"] == true { "about" } else { "" };
        (value["value"].as_i64().unwrap(), word("unit"), word("per"), word("comparator"), about)
    };
    let expected = [
        (3, "人", "", "", ""),
        (3, "日/週", "week", "", ""),
        (2, "人", "", "", ""),
        (1, "人", "", "", ""),
        (5, "件", "day", "", "about"),
        (20, "件", "day", "", "about"),
        (230, "件", "", "gt", ""),
        (9, "施設", "", "", ""),
        (26, "施設", "", "", ""),
        (14, "施設", "", "", ""),
        (2, "回/年", "year", "", ""),
        (3, "回/年", "year", "", ""),
    ];
    let expected =
        expected.map(|(value, unit, per, bound, about)| (value, unit.into(), per.into(), bound.into(), about));
    assert_eq!(stated.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!((&stated[6]["measured_on"], &stated[6]["measured_on_text"]), (&json!("2017-11-20"), &json!("11月20日")));
    assert_eq!(missing.iter().map(|value| string(&value["period"])).collect::<Vec<_>>(), ["201710", "201711"]);
    assert!(missing.iter().all(|value| value["value"].is_null() && value["note"].is_string()));
    for row in rows {
        let record = results.iter().find(|result| result["program"] == row["program"]).unwrap();
        assert!(string(&record["texts"]["text"]).contains(string(&row["value"]["source"])), "{row}");
    }
}

#[actix_web::test]
async fn four_sections_go_in_and_come_out_to_the_letter() {
    let Some(document) = transcription("001_nishitokyo.json") else { return };
    check_fields(&document);
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    define(&server, &token, &document).await;
    report(&server, &token, &document).await;

    let plan = server.get(&format!("/plans/{PLAN}")).expect(200).await.json;
    assert_eq!(
        (&plan["title"], &plan["owner"]),
        (&document["document"]["title_ja"], &document["municipality"]["code6"])
    );
    assert_eq!(plan["fiscal_year_from"], document["document"]["fiscal_year"]);
    let programs = walk(&server, &format!("/programs?plan={PLAN}&limit=3"), None).await;
    let results = walk(&server, &format!("/results?municipality={CITY}&within=2017&limit=3"), None).await;
    for ((section, program), result) in array(&document["sections"]).iter().zip(&programs).zip(&results) {
        assert_eq!(result["municipality_name"], document["municipality"]["name"]);
        assert_as_printed(section, program, result);
    }
    let rows = walk(&server, &format!("/values?plan={PLAN}&limit=10"), None).await;
    assert_check_figures(&programs, &results, &rows);
}
