//! Document 002: an evaluation sheet of eleven programs over five periods: a baseline without a year, an open end,
//! changed goals that are all empty, levels 1 to 5, the matrix A to H, and header counts.

mod check;

use super::fields::only;
use super::{array, of_figure, of_transcribed, string, transcription, with};
use crate::given::{create, publish, token_of, walk};
use crate::harness::Server;
use serde_json::{Value, json};

const PLAN: &str = "141305-shien-2011";
const CITY: &str = "141305";

/// The headings of the sheet's rows.
const ROWS: [(&str, &str); 9] = [
    ("name", "事務事業名"),
    ("departments", "所管課"),
    ("description", "事務事業の概要"),
    ("evaluations/achievement", "達成状況"),
    ("evaluations/check_result", "点検結果"),
    ("priority", "重点"),
    ("targets", "事業目標"),
    ("amendments", "実行計画と差異のある事業目標"),
    ("results", "実績"),
];

fn period(key: &str) -> String {
    key.replace('+', "-")
}

fn check_fields(document: &Value) {
    only(document, &["municipality", "document", "header", "period_columns", "programs"], &["source_file", "sha256"]);
    only(&document["municipality"], &["code6", "name"], &[]);
    only(&document["document"], &["title_ja", "evaluation_fiscal_year", "plan_ja"], &["plan_source"]);
    let header = &document["header"];
    only(header, &["achievement", "achievement_total", "check_result"], &[]);
    only(&header["achievement_total"], &["programs", "priority_programs"], &[]);
    for level in array(&header["achievement"]) {
        only(level, &["code", "label", "programs", "priority_programs"], &[]);
    }
    array(&header["check_result"]).iter().for_each(|level| only(level, &["code", "row", "column", "programs"], &[]));
    for column in array(&document["period_columns"]) {
        only(column, &["key", "label", "kind", "fiscal_year_from", "fiscal_year_to"], &[]);
    }
    for program in array(&document["programs"]) {
        let sent = [
            "no",
            "name",
            "department_verbatim",
            "overview",
            "achievement",
            "check_result",
            "priority",
            "priority_verbatim",
            "goals",
            "changed_goals",
            "results",
            "numeric_results",
        ];
        let remarks = ["changed_goals_verbatim", "segmentation_confidence", "note", "line_start", "status_line"];
        only(program, &sent, &remarks);
        for number in array(&program["numeric_results"]) {
            let sent = [
                "fiscal_year",
                "label",
                "value",
                "unit",
                "source",
                "approximate",
                "estimate",
                "count_basis",
                "date_text",
                "parts",
                "of_which",
                "target",
            ];
            only(number, &sent, &[]);
        }
    }
}

pub(super) async fn define(server: &Server, token: &str, document: &Value) {
    let year = &document["document"]["evaluation_fiscal_year"];
    let columns = ROWS.iter().map(|(column, label)| json!({ "column": column, "label": label }));
    let periods = array(&document["period_columns"]).iter();
    let periods = periods.map(|of| json!({ "column": period(string(&of["key"])), "label": of["label"] }));
    let plan = json!({
        "title": document["document"]["plan_ja"], "kind": "other", "fiscal_year_from": 2011, "fiscal_year_to": 2013,
        "document_label": document["document"]["title_ja"], "column_labels": columns.chain(periods).collect::<Vec<_>>(),
        "status": "adopted", "numbering": "plan",
    });
    create(server, token, &format!("/plans/{PLAN}"), &plan).await;
    let levels: Vec<Value> = array(&document["header"]["achievement"])
        .iter()
        .map(|level| json!({ "code": level["code"].to_string(), "label": level["label"], "rank": level["code"] }))
        .collect();
    let scheme = json!({ "title": "達成状況", "levels": levels });
    create(server, token, &format!("/evaluation_schemes/{CITY}/achievement/{year}"), &scheme).await;
    let levels: Vec<Value> = array(&document["header"]["check_result"])
        .iter()
        .map(|level| json!({ "code": level["code"], "matrix_row": level["row"], "matrix_column": level["column"] }))
        .collect();
    let scheme = json!({ "title": "点検結果", "levels": levels });
    create(server, token, &format!("/evaluation_schemes/{CITY}/check_result/{year}"), &scheme).await;
    let wards = walk(server, "/municipalities?kind=ward&prefecture=140007&limit=100", None).await;
    for program in array(&document["programs"]) {
        let name = string(&program["name"]);
        let ward =
            wards.iter().find(|ward| ward["parent"] == CITY && name.ends_with(&format!("({})", string(&ward["name"]))));
        let body = json!({
            "name": name, "description": program["overview"], "position": program["no"],
            "priority": program["priority"], "printed": { "priority": program["priority_verbatim"] },
            "departments": [{ "role": "lead", "printed_text": program["department_verbatim"] }],
        });
        let body = with(body, &[("area", ward.map_or(Value::Null, |ward| ward["code"].clone()))]);
        create(server, token, &format!("/programs/{PLAN}/{}", program["no"]), &body).await;
    }
    let periods: Vec<String> = array(&document["period_columns"]).iter().map(|of| period(string(&of["key"]))).collect();
    let targets = periods.iter().map(|period| json!({ "part": "targets", "period": period }));
    let results = ["2011", "2012"].map(|period| json!({ "part": "results", "period": period }));
    let round = json!({ "covers": targets.chain(results).collect::<Vec<_>>() });
    create(server, token, &format!("/rounds/{PLAN}/{year}"), &round).await;
}

/// The figures of one period's cell, in the order of the sheet, parts and of-which behind their whole.
fn values(program: &Value, period: &Value) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let (mut item, mut before) = (String::new(), &Value::Null);
    for number in array(&program["numeric_results"]) {
        // 同 stands for the item before it.
        let first = string(&number["label"]).split(' ').next().unwrap();
        if !first.ends_with('同') {
            first.clone_into(&mut item);
        }
        if number["fiscal_year"] != *period {
            continue;
        }
        let source = string(&number["source"]);
        // Sessions with persons: another unit, read from within the same snippet.
        let pair = before["unit"] != number["unit"] && before["source"].as_str().is_some_and(|of| of.contains(source));
        if pair {
            string(&values.last().unwrap()["item"]).clone_into(&mut item);
        }
        let value = json!({
            "item": item, "label": number["label"], "value": number["value"], "unit": number["unit"], "source": source,
        });
        let ordinal = values.len();
        values.push(with(
            value,
            &[
                ("approximate", number["approximate"].clone()),
                ("estimate", number["estimate"].clone()),
                ("count_basis", number["count_basis"].clone()),
                ("measured_on_text", number["date_text"].clone()),
                ("role", json!(pair.then_some("paired"))),
                ("whole", json!(pair.then_some(ordinal))),
            ],
        ));
        let whole = values.len();
        for (field, role) in [("parts", "part_of"), ("of_which", "of_which")] {
            for (label, value) in number[field].as_object().into_iter().flatten() {
                let part = json!({
                    "item": item, "label": label, "value": value, "unit": number["unit"], "role": role, "whole": whole,
                    "source": format!("{label}{value}"),
                });
                values.push(with(part, &[("count_basis", number["count_basis"].clone())]));
            }
        }
        before = number;
    }
    values
}

/// The goal's own figures: what the sheet's reader put beside a result, read from the goal's cell of that year.
fn goal_values(program: &Value, period: &Value) -> Vec<Value> {
    let goal = string(&program["goals"][period.to_string()]);
    let set = array(&program["numeric_results"]).iter();
    let set = set.filter(|number| number["fiscal_year"] == *period && !number["target"].is_null());
    let value = |number: &Value| {
        let target = &number["target"];
        // 計 is the running total that the result is to reach.
        let forms = [
            (format!("({target}{})", string(&number["unit"])), string(&number["unit"])),
            (format!("計{target}人"), "人"),
        ];
        let (source, unit) = forms.into_iter().find(|(form, _)| goal.contains(form)).unwrap();
        json!({
            "item": string(&number["label"]).split(' ').next(), "label": number["label"], "value": target,
            "unit": unit, "source": source,
        })
    };
    set.map(value).collect()
}

pub(super) async fn report(server: &Server, token: &str, document: &Value) {
    let year = &document["document"]["evaluation_fiscal_year"];
    for program in array(&document["programs"]) {
        let place = format!("{PLAN}/{}/{CITY}", program["no"]);
        for (key, text) in program["goals"].as_object().unwrap() {
            let figures = match key.parse::<i16>() {
                Ok(year) => goal_values(program, &json!(year)),
                Err(_) => values(program, &json!(key)),
            };
            let body = json!({ "texts": { "text": text }, "values": figures });
            create(server, token, &format!("/targets/{place}/{}", period(key)), &body).await;
        }
        for (key, changed) in program["changed_goals"].as_object().unwrap() {
            assert!(
                program["goals"][key].is_string() && changed.is_null(),
                "a changed goal is an amendment: {changed}"
            );
        }
        for (key, text) in program["results"].as_object().unwrap() {
            let of: i16 = key.parse().unwrap();
            let mut body = json!({ "texts": { "text": text }, "values": values(program, &json!(of)) });
            if year == of {
                let level = |scheme: &str, level: &Value| {
                    let level = level.as_str().map_or_else(|| level.to_string(), str::to_owned);
                    json!({ "owner": CITY, "scheme": scheme, "fiscal_year": year, "level": level, "against": key })
                };
                body["evaluations"] = json!([
                    level("achievement", &program["achievement"]),
                    level("check_result", &program["check_result"]),
                ]);
            }
            create(server, token, &format!("/results/{place}/{key}"), &body).await;
        }
    }
    declare(server, token, document).await;
    publish(server, PLAN, CITY, &year.to_string()).await;
}

/// The header of the sheet; the report is there since its first record.
async fn declare(server: &Server, token: &str, document: &Value) {
    let year = &document["document"]["evaluation_fiscal_year"];
    let header = &document["header"];
    let count = |scheme: &str, of: &Value| json!({ "owner": CITY, "scheme": scheme, "fiscal_year": year, "count": of["programs"] });
    let achievement = array(&header["achievement"]).iter().map(|level| {
        let fields =
            [("level", json!(level["code"].to_string())), ("of_which_priority", level["priority_programs"].clone())];
        with(count("achievement", level), &fields)
    });
    let total = &header["achievement_total"];
    let total = with(count("achievement", total), &[("of_which_priority", total["priority_programs"].clone())]);
    let check = array(&header["check_result"])
        .iter()
        .map(|of| with(count("check_result", of), &[("level", of["code"].clone())]));
    let counts: Vec<Value> = achievement.chain([total]).chain(check).collect();
    let path = format!("/reports/{PLAN}/{CITY}/{year}");
    let current = server.get(&format!("{path}?view=working")).token(token).expect(200).await;
    server
        .put(&path)
        .token(token)
        .if_match(current.etag())
        .json(&json!({ "declared_counts": counts }))
        .expect(200)
        .await;
}

#[actix_web::test]
async fn eleven_programs_of_five_periods_go_in_and_come_out_to_the_letter() {
    let Some(document) = transcription("002_kawasaki.json") else { return };
    check_fields(&document);
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    define(&server, &token, &document).await;
    report(&server, &token, &document).await;

    let public = check::Public::read(&server).await;
    public.assert_plan(&document);
    for program in array(&document["programs"]) {
        public.assert_program(program);
    }
    public.assert_header(&document);
    public.assert_check_figures();
}
