//! The same rows as pages of JSON, as NDJSON and as CSV; what is counted, chosen, turned round.

use super::{AKIRUNO, KAWASAKI, TOKYO, given, rows};
use crate::given::{create, kpi_plan, publish, text, token_of, walk};
use crate::harness::{Answer, Server};
use serde_json::{Value, json};

async fn pulled(server: &Server, path: &str, media: &str) -> Answer {
    server.get(path).header("accept", media).expect(200).await
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(answer.text.is_empty() || answer.text.ends_with('\n'));
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn table(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let text = answer.text.strip_prefix('\u{feff}').unwrap_or(&answer.text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[actix_web::test]
async fn every_form_has_the_same_rows() {
    let server = given().await;
    for list in [
        "/results?prefecture=130001",
        "/results?include=targets",
        "/targets?period=2024",
        "/values?",
        "/results?period=1999",
    ] {
        let pages = walk(&server, &format!("{list}&limit=1"), None).await;
        let ndjson = pulled(&server, list, "application/x-ndjson").await;
        assert_eq!(lines(&ndjson), pages, "{list}");
        assert!(ndjson.header("hagukumi-publication").parse::<i64>().unwrap() > 0);
        let csv = table(&pulled(&server, list, "text/csv").await);
        assert_eq!(csv.len(), pages.len() + 1, "{list}: headings, and a line each");
        let place = |name: &str| csv[0].iter().position(|heading| heading == name).unwrap();
        for (line, row) in csv[1..].iter().zip(&pages) {
            for name in ["plan", "program", "municipality", "municipality_name", "period"] {
                assert_eq!(line[place(name)], row[name].as_str().unwrap(), "{list} {name}");
            }
        }
    }
    let texts = table(&pulled(&server, "/results?municipality=131016", "text/csv").await);
    let text = texts[0].iter().position(|heading| heading == "texts.text").unwrap();
    assert_eq!(texts[1][text], "本文");
    let values = table(&pulled(&server, "/values?", "text/csv").await);
    let place = |name: &str| values[0].iter().position(|heading| heading == name).unwrap();
    assert_eq!((values[2][place("value.value")].as_str(), values[2][place("value.unit")].as_str()), ("2", "人"));
    let bom = pulled(&server, "/values?bom=true", "text/csv").await;
    assert!(bom.text.starts_with('\u{feff}'));
    assert_eq!(table(&bom), values);
}

/// More rows than the first piece of a pull has, and than the second.
#[actix_web::test]
async fn a_pull_has_no_limit_but_the_one_it_is_given() {
    let server = Server::start().await;
    kpi_plan(&server, AKIRUNO, &[]).await;
    let (token, values) = (token_of(&server, "132284"), 300);
    for program in 1..=4 {
        if program > 1 {
            let body = json!({ "name": "事業", "position": program });
            create(&server, &token, &format!("/programs/{AKIRUNO}/{program}"), &body).await;
        }
        let value =
            |n: i32| json!({ "item": n.to_string(), "label": "x", "unit": "人", "source": n.to_string(), "value": n });
        let body = json!({ "values": (1..=values).map(value).collect::<Vec<_>>() });
        create(&server, &token, &format!("/results/{AKIRUNO}/{program}/132284/2020"), &body).await;
    }
    publish(&server, AKIRUNO, "132284", "2020-results").await;
    let all = lines(&pulled(&server, "/values?", "application/x-ndjson").await);
    let numbers: Vec<(&str, i64)> =
        all.iter().map(|row| (row["program"].as_str().unwrap(), row["ordinal"].as_i64().unwrap())).collect();
    let expected: Vec<(&str, i64)> =
        ["1", "2", "3", "4"].into_iter().flat_map(|program| (1..=300).map(move |ordinal| (program, ordinal))).collect();
    assert_eq!(numbers, expected);
    for (query, count) in [("limit=1", 1), ("limit=100", 100), ("limit=101", 101), ("limit=1000", 1000)] {
        let some = lines(&pulled(&server, &format!("/values?{query}"), "application/x-ndjson").await);
        assert_eq!(some, all[..count], "{query}");
    }
    assert_eq!(table(&pulled(&server, "/values?sort=-key", "text/csv").await).len(), 1 + 1200);
}

#[actix_web::test]
async fn fields_are_chosen_by_their_names() {
    let server = given().await;
    let some = lines(
        &pulled(&server, "/results?fields=period,municipality&plan=130001-kpi-2024", "application/x-ndjson").await,
    );
    assert_eq!(serde_json::to_string(&some[0]).unwrap(), r#"{"period":"2024","municipality":"131016"}"#);
    let some =
        table(&pulled(&server, "/results?fields=texts,municipality,etag&plan=130001-kpi-2024", "text/csv").await);
    assert_eq!(some[..2], [["texts.text", "municipality", "etag"], ["本文", "131016", "\"p1.1\""]]);
    for (list, media, field, near) in [
        ("/results", "text/csv", "municipalty", "municipality"),
        ("/results", "application/x-ndjson", "value", "values"),
        ("/targets", "text/csv", "amendmnt", "amendment"),
        ("/values", "text/csv", "value.valu", "value.value"),
        ("/values", "text/csv", "valu", "value"),
        ("/values", "application/x-ndjson", "value.value", "value"),
    ] {
        let refused = server.get(&format!("{list}?fields={field}")).header("accept", media).expect(400).await;
        assert!(refused.json["detail"].as_str().unwrap().contains(&format!("{near} ではありませんか")), "{refused:#?}");
    }
    for (query, media) in [
        ("fields=period,period", "text/csv"),
        ("fields=,period", "text/csv"),
        ("fields=", "application/x-ndjson"),
        ("count=true", "application/x-ndjson"),
    ] {
        let refused = server.get(&format!("/results?{query}")).header("accept", media).expect(400).await;
        assert_eq!(refused.code(), "request.parameter", "{query}");
    }
    // What is not yet public is read page by page.
    let token = token_of(&server, "132284");
    let working = server.get("/results?view=working").token(&token).header("accept", "text/csv").expect(406).await;
    assert_eq!(working.code(), "request.not_acceptable");
    server.get("/results").header("accept", "application/pdf").expect(406).await;
}

#[actix_web::test]
async fn what_is_counted_is_all_of_it_and_the_order_can_be_turned_round() {
    let server = given().await;
    for (list, count) in [
        ("/results?prefecture=130001", 4),
        ("/results?indicator=132284/participants", 1),
        ("/results?period=1999", 0),
        ("/targets?", 0),
        ("/values?municipality=132284", 2),
    ] {
        for limit in [1, 1000] {
            let page = server.get(&format!("{list}&count=true&limit={limit}")).expect(200).await;
            assert_eq!(page.json["resultset"]["count"], count, "{list}");
        }
        assert_eq!(server.get(list).expect(200).await.json["resultset"]["count"], Value::Null);
        let turned: Vec<Value> = walk(&server, &format!("{list}&limit=1&sort=-key"), None).await;
        let mut straight = walk(&server, &format!("{list}&limit=1&sort=key"), None).await;
        straight.reverse();
        assert_eq!(turned, straight, "{list}");
    }
    let token = token_of(&server, "141305");
    let newest = walk(&server, "/results?view=working&sort=-key&limit=2", Some(&token)).await;
    assert_eq!(rows(&newest)[..2], ["141305/1/202404", "141305/1/202403"]);
    let _ = (KAWASAKI, TOKYO);
}

#[actix_web::test]
async fn what_is_public_names_its_source_and_terms() {
    let server = given().await;
    for path in ["/results?limit=1", "/plans?limit=1", "/results/132284-kodomo-2020/1/132284/2020"] {
        let answer = server.get(path).expect(200).await;
        assert_eq!(
            answer.header("link"),
            "<https://www.digital.go.jp/resources/open_data/public_data_license_v1.0>; rel=\"license\""
        );
    }
    let resultset = &server.get("/values?limit=1").expect(200).await.json["resultset"];
    assert_eq!(resultset["source"], "育み（子ども・子育て支援計画の目標と実績）");
    assert_eq!(resultset["licence"], "公共データ利用規約（第1.0版）");
    let token = token_of(&server, "132284");
    let working = server.get("/results?view=working&limit=1").token(&token).expect(200).await;
    assert_eq!((working.header("link"), &working.json["resultset"]["source"]), ("", &Value::Null));
}

/// What a program is filed under is so as it was when its report was published.
#[actix_web::test]
async fn filters_of_programs_levels_and_common_indicators() {
    let server = Server::start().await;
    kpi_plan(&server, AKIRUNO, &[]).await;
    let token = token_of(&server, "132284");
    let administrator = server.token(&[hagukumi::auth::jwt::Role::Administrator], &[]);
    let indicator =
        json!({ "name": "利用者", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
    create(&server, &administrator, "/indicators/000000/users", &indicator).await;
    let mut own = indicator.clone();
    own["common_indicator"] = json!("users");
    create(&server, &token, "/indicators/132284/users", &own).await;
    create(&server, &token, "/departments/132284/hoiku", &json!({ "name": "保育課" })).await;
    let scheme =
        json!({ "title": "達成度", "levels": [{ "code": "1", "label": "達成" }, { "code": "2", "label": "未達成" }] });
    create(&server, &token, "/evaluation_schemes/132284/a/2020", &scheme).await;
    let program = json!({
        "name": "一時預かり", "position": 2, "statutory_program": "temporary_childcare",
        "departments": [{ "department": "hoiku", "role": "lead" }],
    });
    create(&server, &token, &format!("/programs/{AKIRUNO}/2"), &program).await;
    let evaluation = |level: &str| json!([{ "owner": "132284", "scheme": "a", "fiscal_year": 2020, "level": level }]);
    let value = json!({
        "item": "x", "label": "x", "unit": "人", "source": "x", "value": 1,
        "indicator": { "owner": "132284", "indicator": "users" },
    });
    let mut first = text("本文");
    first["evaluations"] = evaluation("1");
    create(&server, &token, &format!("/results/{AKIRUNO}/1/132284/2020"), &first).await;
    let second = json!({ "values": [value], "evaluations": evaluation("2") });
    create(&server, &token, &format!("/results/{AKIRUNO}/2/132284/2020"), &second).await;
    publish(&server, AKIRUNO, "132284", "2020-results").await;
    // Afterwards it is filed elsewhere; what is public stays as it was published.
    server
        .put(&format!("/programs/{AKIRUNO}/2"))
        .token(&token)
        .header("if-match", "*")
        .json(&json!({ "name": "一時預かり", "position": 2 }))
        .expect(200)
        .await;
    for (query, public, working, values) in [
        ("statutory_program=temporary_childcare", Some("2"), None, 1),
        ("statutory_program=sick_child_care", None, None, 0),
        ("department=132284/hoiku", Some("2"), None, 1),
        ("department=132284/kenko", None, None, 0),
        ("department=130001/hoiku", None, None, 0),
        ("common_indicator=users", Some("2"), Some("2"), 1),
        ("common_indicator=visits", None, None, 0),
        ("level=132284/a/1", Some("1"), Some("1"), 9),
        ("level=132284/a/2", Some("2"), Some("2"), 9),
        ("level=132284/b/1", None, None, 9),
        ("level=131016/a/1", None, None, 9),
    ] {
        for (view, expected) in [("", public), ("&view=working", working)] {
            let found = walk(&server, &format!("/results?{query}{view}"), Some(&token)).await;
            let found: Vec<_> = found.iter().map(|row| row["program"].as_str().unwrap()).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{query}{view}");
        }
        if values < 9 {
            assert_eq!(walk(&server, &format!("/values?{query}"), None).await.len(), values, "{query}");
        }
    }
    for (path, code) in [
        ("/results?level=132284/a", "request.parameter"),
        ("/results?level=13228/a/1", "request.parameter"),
        ("/results?include=results", "request.parameter"),
        ("/results?include=targets&view=working", "request.parameter"),
        ("/targets?level=132284/a/1", "request.unknown_parameter"),
        ("/targets?include=targets", "request.unknown_parameter"),
        ("/values?part=both", "request.parameter"),
    ] {
        assert_eq!(server.get(path).token(&token).expect(400).await.code(), code, "{path}");
    }
}
