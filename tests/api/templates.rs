//! Templates: what they ask, what they show beside it, and to whom.

pub mod workbook;

use crate::given::{create, plan_body, token_of};
use crate::harness::{Answer, Server};
use serde_json::{Value, json};

const CITY: &str = "132284";
const PLAN: &str = "132284-kodomo-2020";

/// A city's plan of which 2022 is reported and 2023 asked for: `1` goes on, `2` has ended, `3` is new, `4` begins next year.
async fn city() -> Server {
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    let put = async |path: &str, body: Value| create(&server, &token, path, &body).await;
    put(&format!("/departments/{CITY}/hoiku"), json!({ "name": "保育課" })).await;
    put(&format!("/plans/{PLAN}"), plan_body("見本の計画", 2020, 2024)).await;
    put(
        &format!("/indicators/{CITY}/users"),
        json!({ "name": "利用者数", "kind": "count", "unit": "人", "count_basis": "cumulative", "aggregation": "sum", "temporality": "period_total" }),
    )
    .await;
    put(
        &format!("/evaluation_schemes/{CITY}/progress/2020"),
        json!({ "title": "進み具合", "levels": [
            { "code": "A", "label": "達成" },
            { "code": "B", "label": "一部着手" },
            { "code": "C", "definition": "lost", "basis": "資料が残っていない" },
        ] }),
    )
    .await;
    let programs = [
        (
            "1",
            json!({ "number_label": "1", "name": "ひろば", "position": 1, "departments": [{ "department": "hoiku" }],
            "indicators": [{ "owner": CITY, "indicator": "users", "label": "延べ利用者", "target_required": true, "result_required": true }] }),
        ),
        ("2", json!({ "number_label": "2", "name": "講座", "position": 2, "ended_after": 2022 })),
        (
            "3",
            json!({ "number_label": "3", "name": "相談", "position": 3, "started_in": 2023,
            "indicators": [{ "owner": CITY, "indicator": "users", "target_required": true, "result_required": true }] }),
        ),
        ("4", json!({ "number_label": "4", "name": "一時預かり", "position": 4, "started_on": "2024-04" })),
    ];
    for (code, body) in programs {
        put(&format!("/programs/{PLAN}/{code}"), body).await;
    }
    for year in [2022, 2023] {
        let covers = json!([{ "part": "targets", "period": year.to_string() }, { "part": "results", "period": year.to_string() }]);
        put(
            &format!("/rounds/{PLAN}/{year}"),
            json!({ "title": "年度の照会", "form_version": "1.2", "due_at": "2024-06-30", "covers": covers }),
        )
        .await;
    }
    put(&result("1", 2022), last_year()).await;
    put(&result("2", 2022), json!({ "texts": { "text": "最後の年" } })).await;
    put(&format!("/targets/{PLAN}/1/{CITY}/2023"), json!({ "texts": { "text": "460人を目指す" } })).await;
    let changed = json!({ "texts": { "text": "500人を目指す" }, "reason": "利用の伸び" });
    put(&format!("/targets/{PLAN}/1/{CITY}/2023/amendments/1"), changed).await;
    server
}

fn result(program: &str, year: i16) -> String {
    format!("/results/{PLAN}/{program}/{CITY}/{year}")
}

fn last_year() -> Value {
    json!({
        "texts": { "text": "450人（100％）が利用した" },
        "values": [
            { "item": "利用", "label": "利用者", "unit": "人", "value": 450, "source": "450人", "note": "速報",
              "indicator": { "owner": CITY, "indicator": "users" }, "count_basis": "cumulative", "breakdown": { "施設": "既存" } },
            { "item": "利用", "label": "利用率", "unit": "％", "rate": 100, "role": "paired", "whole": 1, "source": "100％" },
        ],
        "evaluations": [{ "owner": CITY, "scheme": "progress", "fiscal_year": 2020, "level": "B", "reason": "途中" }],
    })
}

const TEMPLATE: &str = "/templates/132284-kodomo-2020/132284/2023";

async fn template(server: &Server, accept: &str) -> Answer {
    server.get(TEMPLATE).token(&token_of(server, CITY)).header("accept", accept).expect(200).await
}

fn key(program: &str, part: &str, amendment: i16) -> Value {
    let mut key = json!({ "plan": PLAN, "program": program, "municipality": CITY, "period": "2023" });
    if part == "target" {
        key["amendment"] = json!(amendment);
    }
    json!([part, key])
}

#[actix_web::test]
async fn a_row_for_every_program_in_force_and_each_changed_goal() {
    let server = city().await;
    let answer = template(&server, "application/json").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let rows = answer.json["rows"].as_array().unwrap();
    let keys: Vec<Value> = rows.iter().map(|row| json!([row["resource"], row["key"]])).collect();
    let expected = [
        key("1", "target", 0),
        key("1", "target", 1),
        key("3", "target", 0),
        key("1", "result", 0),
        key("3", "result", 0),
    ];
    assert_eq!(keys, expected);
    let etags: Vec<&Value> = rows.iter().map(|row| &row["if_match"]).collect();
    assert_eq!(etags, [&json!("\"v1\""), &json!("\"v1\""), &Value::Null, &Value::Null, &Value::Null]);
    assert_eq!(rows[1]["body"]["reason"], "利用の伸び");
    assert_eq!(rows[3]["body"], Value::Null);
    let last = &rows[3]["last_year"][0];
    assert_eq!(
        (&last["program"], &last["period"], &last["texts"]),
        (&json!("1"), &json!("2022"), &last_year()["texts"])
    );
    assert_eq!(last["values"][1]["rate"], 100);
    assert_eq!((&answer.json["round"], &answer.json["form_version"]), (&json!("2023"), &json!("1.2")));
}

#[actix_web::test]
async fn what_is_written_stands_there_with_its_etag() {
    let server = city().await;
    let token = token_of(&server, CITY);
    let body = json!({ "texts": { "text": "480人" }, "missing_reason": null, "values": last_year()["values"] });
    create(&server, &token, &result("1", 2023), &body).await;
    let row = template(&server, "application/json").await.json["rows"][3].clone();
    assert_eq!(row["if_match"], "\"v1\"");
    // As it stands there it can be sent: nothing changes.
    let again = server.put(&result("1", 2023)).token(&token).if_match("\"v1\"").json(&row["body"]).expect(200).await;
    assert_eq!(again.header("hagukumi-outcome"), "unchanged");
}

#[actix_web::test]
async fn a_program_that_has_ended_shows_what_was_written() {
    let server = city().await;
    create(&server, &token_of(&server, CITY), &result("2", 2023), &json!({ "texts": { "text": "追記" } })).await;
    let rows = template(&server, "application/json").await.json["rows"].clone();
    let of_two: Vec<&Value> = rows.as_array().unwrap().iter().filter(|row| row["key"]["program"] == "2").collect();
    assert_eq!(of_two.len(), 1);
    assert_eq!(of_two[0]["body"]["texts"]["text"], "追記");
}

/// The cells of a CSV, each under its heading.
pub fn table(csv: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        let cells = names.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

#[actix_web::test]
async fn figures_are_prepared_from_last_year_and_from_the_form_each_once() {
    let server = city().await;
    let answer = template(&server, "text/csv").await;
    let disposition = "attachment; filename=\"hagukumi-132284-kodomo-2020-132284-2023.csv\"";
    assert_eq!((answer.header("content-disposition"), answer.header("cache-control")), (disposition, "no-store"));
    let rows = table(&answer.text);
    let figures = |program: &str, resource: &str| -> Vec<Value> {
        let of = rows.iter().filter(|row| {
            row["program"] == program && row["resource"] == resource && row.get("amendment").is_none_or(|n| n == "0")
        });
        of.map(|row| {
            json!([
                row.get("ordinal"),
                row.get("values.label"),
                row.get("values.unit"),
                row.get("values.whole"),
                row.get("values.indicator.indicator")
            ])
        })
        .collect()
    };
    // Last year's two; the form asks for the first of them, which is there already.
    let expected = [json!(["1", "利用者", "人", null, "users"]), json!(["2", "利用率", "％", "1", null])];
    assert_eq!(figures("1", "result"), expected);
    assert_eq!(figures("3", "result"), [json!(["1", "利用者数", "人", null, "users"])]);
    // A goal that says nothing in figures is still asked for one.
    assert_eq!(figures("1", "target"), [json!(["1", "延べ利用者", "人", null, "users"])]);
    let first = rows.iter().find(|row| row["program"] == "1" && row["resource"] == "result").unwrap();
    assert_eq!((first["values.count_basis"].as_str(), first["values.breakdown.施設"].as_str()), ("cumulative", "既存"));
    for row in rows.iter().filter(|row| row["resource"] == "result") {
        for content in ["values.value", "values.rate", "values.text", "values.source", "values.note", "texts.text"] {
            assert_eq!(row.get(content), None, "{content}: {row:?}");
        }
    }
}

#[actix_web::test]
async fn the_form_is_another_once_a_program_is_added() {
    let server = city().await;
    let form = async || template(&server, "application/json").await.json["form"].clone();
    let before = form().await;
    let token = token_of(&server, CITY);
    // An answer is no part of it.
    create(&server, &token, &result("1", 2023), &json!({ "texts": { "text": "480人" } })).await;
    assert_eq!(form().await, before);
    create(&server, &token, &format!("/programs/{PLAN}/5"), &json!({ "number_label": "5", "position": 5 })).await;
    let after = form().await;
    assert_ne!(after, before);
    let scheme = json!({ "title": "満足度", "levels": [{ "code": "1", "label": "満足" }] });
    create(&server, &token, &format!("/evaluation_schemes/{CITY}/content/2020"), &scheme).await;
    // Last year was judged by one scheme: another of the owner's is none of this form's.
    assert_eq!(form().await, after);
}

#[actix_web::test]
async fn it_is_the_reporters_own() {
    let server = city().await;
    for body in ["132292", "130001"] {
        let answer = server.get(TEMPLATE).token(&token_of(&server, body)).expect(403).await;
        assert_eq!(answer.code(), "request.forbidden");
    }
    let stranger = token_of(&server, "132292");
    let answer = server.get(&TEMPLATE.replace("/132284/", "/132292/")).token(&stranger).expect(403).await;
    assert_eq!(answer.code(), "plan.not_a_reporter");
    let token = token_of(&server, CITY);
    server.get(&TEMPLATE.replace("/2023", "/2030")).token(&token).expect(404).await;
    server.get("/templates/132284-nai/132284/2023").token(&token).expect(404).await;
    let answer = server.get(TEMPLATE).token(&token).header("accept", "text/html").expect(406).await;
    assert_eq!(answer.code(), "request.not_acceptable");
    let round = json!({ "covers": [{ "part": "results", "period": "2021" }], "members": [{ "municipality": CITY, "left_out": true }] });
    create(&server, &token, &format!("/rounds/{PLAN}/2021"), &round).await;
    let answer = server.get(&TEMPLATE.replace("/2023", "/2021")).token(&token).expect(403).await;
    assert_eq!(answer.code(), "plan.not_a_reporter");
}

#[actix_web::test]
async fn a_form_beyond_what_an_import_takes_is_refused() {
    use diesel_async::SimpleAsyncConnection;
    let server = city().await;
    let token = token_of(&server, CITY);
    let periods = (1990..2040).flat_map(|year| [format!("{year}-H1"), format!("{year}-H2")]);
    let covers: Vec<Value> = periods.map(|period| json!({ "part": "results", "period": period })).collect();
    create(&server, &token, &format!("/rounds/{PLAN}/many"), &json!({ "covers": covers })).await;
    // Five hundred requests would say no more.
    let many = format!(
        "insert into programs (plan, code, number_scope, position, priority, printed)
            select '{PLAN}', 'p' || n, '', n, false, '{{}}' from generate_series(1, 500) n"
    );
    server.owner().await.batch_execute(&many).await.unwrap();
    let answer = server.get(&TEMPLATE.replace("/2023", "/many")).token(&token).expect(409).await;
    assert_eq!(answer.code(), "template.too_large");
    template(&server, "text/csv").await;
}
