//! The pulls: what each parameter of the lists selects, what is refused and never ignored, moments and pages.

mod compared;
mod forms;
mod known;

use crate::given::{correct, create, findings, kpi_plan, publish, text, token_of, walk};
use crate::harness::Server;
use chrono::Duration;
use hagukumi::clock::wire;
use serde_json::{Value, json};

const TOKYO: &str = "130001-kpi-2024";
const AKIRUNO: &str = "132284-kodomo-2020";
const KAWASAKI: &str = "141305-jisedai-2005";

/// What a report of Kawasaki's is made of.
const PERIODS: [&str; 6] = ["2023", "2023-H1", "2023-Q4", "202310", "202403", "202404"];

/// Two results of Tokyo's plan, two programs of Akiruno's, six periods of Kawasaki's, all published.
async fn given() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, TOKYO, &["131016", "132284"]).await;
    for plan in [AKIRUNO, KAWASAKI] {
        kpi_plan(&server, plan, &[]).await;
    }
    for code in ["131016", "132284"] {
        create(&server, &token_of(&server, code), &format!("/results/{TOKYO}/1/{code}/2024"), &text("本文")).await;
        create(&server, &token_of(&server, code), &format!("/targets/{TOKYO}/1/{code}/2024"), &text("目標")).await;
        publish(&server, TOKYO, code, "2024-results").await;
    }
    let token = token_of(&server, "132284");
    let indicator = json!({ "name": "参加者数", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
    create(&server, &token, "/indicators/132284/participants", &indicator).await;
    create(&server, &token, &format!("/programs/{AKIRUNO}/2"), &json!({ "name": "別の事業", "position": 2 })).await;
    create(&server, &token, &format!("/results/{AKIRUNO}/1/132284/2020"), &text("数値なし")).await;
    let value = json!({
        "item": "x", "label": "x", "unit": "人", "source": "x", "value": 1,
        "indicator": { "owner": "132284", "indicator": "participants" },
    });
    let other = json!({ "item": "y", "label": "y", "unit": "人", "source": "y", "value": 2 });
    create(&server, &token, &format!("/results/{AKIRUNO}/2/132284/2020"), &json!({ "values": [value, other] })).await;
    publish(&server, AKIRUNO, "132284", "2020-results").await;
    let covers: Vec<_> = PERIODS.iter().map(|period| json!({ "part": "results", "period": period })).collect();
    create(&server, &token_of(&server, "141305"), &format!("/rounds/{KAWASAKI}/all"), &json!({ "covers": covers }))
        .await;
    let token = token_of(&server, "141305");
    for period in PERIODS {
        create(&server, &token, &format!("/results/{KAWASAKI}/1/141305/{period}"), &text("本文")).await;
    }
    publish(&server, KAWASAKI, "141305", "all").await;
    server
}

/// `municipality/program/period` of each row, the plan by its place in the file.
fn rows(results: &[Value]) -> Vec<String> {
    let part = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    results
        .iter()
        .map(|row| format!("{}/{}/{}", part(row, "municipality"), part(row, "program"), part(row, "period")))
        .collect()
}

#[actix_web::test]
async fn each_parameter_selects_what_it_names() {
    let server = given().await;
    let tokyo = ["131016/1/2024", "132284/1/2024"];
    let akiruno = ["132284/1/2020", "132284/2/2020"];
    let all = ["132284/1/2020", "132284/2/2020", "131016/1/2024", "132284/1/2024"];
    let kawasaki = ["141305/1/2023", "141305/1/2023-H1", "141305/1/2023-Q4", "141305/1/202310", "141305/1/202403"];
    let cases: [(&str, &[&str]); 20] = [
        ("prefecture=130001", &all),
        ("prefecture=270008", &[]),
        ("municipality=131016", &tokyo[..1]),
        ("municipality=132284,131016", &all),
        ("municipality=132284&prefecture=140007", &[]),
        ("plan=132284-kodomo-2020", &akiruno),
        ("plan=132284-kodomo-2020&program=2", &akiruno[1..]),
        ("plan=132284-kodomo-2020&program=9", &[]),
        ("indicator=132284/participants", &akiruno[1..]),
        ("indicator=000000/participants", &[]),
        ("period=2020", &akiruno),
        ("period=2020,2024", &all),
        ("prefecture=130001&period=2019..2021", &akiruno),
        ("period=R6", &tokyo),
        ("period=%E4%BB%A4%E5%92%8C2%E5%B9%B4%E5%BA%A6,H36", &all),
        ("period=2023", &kawasaki[..1]),
        ("period=202310,2023-Q4", &kawasaki[2..4]),
        ("within=2023", &kawasaki),
        ("within=2024&municipality=141305", &["141305/1/202404"]),
        ("within=2023&period=2020&plan=132284-kodomo-2020", &akiruno),
    ];
    for (filter, expected) in cases {
        for query in [filter.to_owned(), format!("{filter}&limit=1")] {
            let found = rows(&walk(&server, &format!("/results?{query}"), None).await);
            assert_eq!(found, expected, "{query}");
        }
        // The working view selects the same; here it is the view of all three bodies at once.
        let everybody = server.token(
            &[hagukumi::auth::jwt::Role::MunicipalEditor, hagukumi::auth::jwt::Role::PrefectureReader],
            &["130001", "132284", "141305"],
        );
        let mut working =
            rows(&walk(&server, &format!("/results?{filter}&view=working&limit=2"), Some(&everybody)).await);
        let mut expected = expected.to_vec();
        working.sort_unstable();
        expected.sort_unstable();
        assert_eq!(working, expected, "{filter}, working");
    }
    let values: [(&str, usize); 6] = [
        ("prefecture=130001", 2),
        ("indicator=132284/participants", 1),
        ("period=2020", 2),
        ("period=2021", 0),
        ("plan=132284-kodomo-2020&program=1", 0),
        ("municipality=132284,141305&within=2020", 2),
    ];
    for (filter, expected) in values {
        assert_eq!(walk(&server, &format!("/values?{filter}&limit=1"), None).await.len(), expected, "{filter}");
    }
    assert_eq!(walk(&server, "/targets?prefecture=130001", None).await.len(), 0, "no target was handed in");
}

#[actix_web::test]
async fn an_open_ended_target_is_in_no_year() {
    let server = Server::start().await;
    kpi_plan(&server, AKIRUNO, &[]).await;
    let token = token_of(&server, "132284");
    for period in ["2020", "2020-", "baseline"] {
        create(&server, &token, &format!("/targets/{AKIRUNO}/1/132284/{period}"), &text("目標")).await;
        publish(&server, AKIRUNO, "132284", &format!("{period}-targets")).await;
    }
    for (query, expected) in [
        ("within=2020", vec!["2020"]),
        ("period=2020", vec!["2020"]),
        ("period=2020-", vec!["2020-"]),
        ("period=baseline", vec!["baseline"]),
        ("period=2019..2021,baseline", vec!["baseline", "2020"]),
        ("plan=132284-kodomo-2020", vec!["baseline", "2020", "2020-"]),
    ] {
        let found = walk(&server, &format!("/targets?{query}&limit=1"), None).await;
        let periods: Vec<_> = found.iter().map(|row| row["period"].as_str().unwrap()).collect();
        assert_eq!(periods, expected, "{query}");
    }
}

#[actix_web::test]
async fn a_parameter_is_never_ignored() {
    let server = given().await;
    let token = token_of(&server, "132284");
    let everywhere = [
        ("perod=2024", "request.unknown_parameter"),
        ("period=2024&period=2023", "request.repeated_parameter"),
        ("limit=0", "request.parameter"),
        ("limit=1001", "request.parameter"),
        ("limit=ten", "request.parameter"),
        ("limit=1&limit=1", "request.repeated_parameter"),
        ("cursor=abc", "request.cursor"),
        ("cursor=", "request.cursor"),
        ("view=all", "request.parameter"),
    ];
    let records = [
        ("prefecture=13", "request.parameter"),
        ("prefecture=132284", "request.parameter"),
        ("municipality=13228", "request.parameter"),
        ("municipality=132284,", "request.parameter"),
        ("municipality=", "request.parameter"),
        ("plan=tokyo", "request.parameter"),
        ("program=1", "request.parameter"),
        ("plan=132284-kodomo-2020&program=a%20b", "request.parameter"),
        ("indicator=participants", "request.parameter"),
        ("indicator=132285/participants", "request.parameter"),
        ("common_indicator=a%20b", "request.parameter"),
        ("statutory_program=Care", "request.parameter"),
        ("department=132285/kodomo", "request.parameter"),
        ("department=000000/kodomo", "request.parameter"),
        ("department=132284", "request.parameter"),
        ("sort=name", "request.parameter"),
        ("count=yes", "request.parameter"),
        ("fields=period", "request.parameter"),
        ("period=2023-10", "request.parameter"),
        ("period=2024..2020", "request.parameter"),
        ("period=", "request.parameter"),
        ("within=R6", "request.parameter"),
        ("within=1889", "request.parameter"),
        ("status=draft", "request.parameter"),
        ("as_of=2026-11-21T09:00:00", "request.parameter"),
        ("as_of=2026-11-21", "request.parameter"),
        ("as_of=2026-11-21T09:00:00Z&view=working", "request.parameter"),
        ("status=handed_in&view=working", "request.parameter"),
        ("status=draft,approved,draft,approved,draft,approved&view=working", "request.parameter"),
    ];
    for list in ["/results", "/targets", "/values"] {
        for (query, code) in everywhere.iter().chain(&records) {
            let refused = server.get(&format!("{list}?{query}")).token(&token).expect(400).await;
            // Figures are listed once published: there is no other view of them.
            let none = list == "/values" && (query.contains("view=") || query.contains("status="));
            let code = if none { "request.unknown_parameter" } else { code };
            assert_eq!(refused.code(), code, "{list}?{query}");
        }
    }
    let reports = [
        ("prefecture=132284", "request.parameter"),
        ("municipality=13228", "request.parameter"),
        ("plan=tokyo", "request.parameter"),
        ("round=2024-results", "request.parameter"),
        ("plan=130001-kpi-2024&round=a%20b", "request.parameter"),
        ("status=", "request.parameter"),
        ("status=gone", "request.parameter"),
        ("period=2023-10", "request.parameter"),
    ];
    let programs = [
        ("plan=tokyo", "request.parameter"),
        ("node=1", "request.parameter"),
        ("area=14131", "request.parameter"),
        ("fiscal_year=R6", "request.parameter"),
        ("priority=yes", "request.parameter"),
    ];
    for (list, cases) in [("/reports", &reports[..]), ("/programs", &programs[..])] {
        let general = everywhere.iter().filter(|case| !case.0.starts_with("period"));
        for (query, code) in general.chain(cases) {
            let refused = server.get(&format!("{list}?{query}")).token(&token).expect(400).await;
            assert_eq!(refused.code(), *code, "{list}?{query}");
        }
    }
    let hint = server.get("/results?perod=2024").expect(400).await;
    assert_eq!(findings(&hint), [("perod", "request.unknown_parameter")]);
    assert!(hint.json["detail"].as_str().unwrap().contains("period ではありませんか"), "{hint:#?}");
    let what = server.get("/results?period=2023-10").expect(400).await;
    assert!(what.json["detail"].as_str().unwrap().contains("202310"), "{what:#?}");
    assert_eq!(server.get("/values?view=working").token(&token).expect(400).await.code(), "request.unknown_parameter");
    for single in ["/results/132284-kodomo-2020/1/132284/2020", "/reports/132284-kodomo-2020/132284/2020-results"] {
        assert_eq!(server.get(&format!("{single}?as_off=x")).expect(400).await.code(), "request.unknown_parameter");
        assert_eq!(server.get(&format!("{single}?limit=1")).expect(400).await.code(), "request.unknown_parameter");
    }
}

#[actix_web::test]
async fn a_cursor_belongs_to_its_list_and_filter() {
    let server = given().await;
    let first = server.get("/results?prefecture=130001&limit=1").expect(200).await;
    let cursor = first.json["resultset"]["next"].as_str().unwrap();
    assert_eq!(first.json["resultset"]["limit"], 1);
    for other in [
        "/results?prefecture=140007",
        "/results?prefecture=130001&period=2024",
        "/results?",
        "/targets?prefecture=130001",
        "/values?prefecture=130001",
    ] {
        let refused = server.get(&format!("{other}&limit=1&cursor={cursor}")).expect(400).await;
        assert_eq!(refused.code(), "request.cursor", "{other}");
    }
    // The number of rows may change in the middle of a walk.
    let rest = server.get(&format!("/results?prefecture=130001&limit=1000&cursor={cursor}")).expect(200).await;
    assert_eq!((rest.results().len(), &rest.json["resultset"]["next"]), (3, &Value::Null));
}

#[actix_web::test]
async fn as_of_shows_what_was_public_then() {
    let server = Server::start().await;
    let instant = |at| wire::text(at).replace('+', "%2B");
    kpi_plan(&server, AKIRUNO, &[]).await;
    let result = format!("/results/{AKIRUNO}/1/132284/2020");
    create(&server, &token_of(&server, "132284"), &result, &text("第1版")).await;
    server.advance(Duration::minutes(1));
    let before = instant(server.now());
    server.advance(Duration::minutes(1));
    publish(&server, AKIRUNO, "132284", "2020-results").await;
    server.advance(Duration::minutes(1));
    let first = instant(server.now());
    correct(&server, AKIRUNO, "132284", "2020-results").await;
    server.put(&result).token(&token_of(&server, "132284")).if_match("\"v1\"").json(&text("第2版")).expect(200).await;
    server.advance(Duration::minutes(1));
    publish(&server, AKIRUNO, "132284", "2020-results").await;
    let list = format!("/results?plan={AKIRUNO}");
    for (at, shown) in [
        ("2000-01-01T00:00:00Z", None),
        (&*before, None),
        (&*first, Some("第1版")),
        ("2099-01-01T00:00:00Z", Some("第2版")),
    ] {
        let listed = server.get(&format!("{list}&as_of={at}")).expect(200).await;
        let texts: Vec<_> = listed.results().iter().map(|row| row["texts"]["text"].as_str().unwrap()).collect();
        assert_eq!(texts, shown.into_iter().collect::<Vec<_>>(), "{at}");
        let single = server.get(&format!("{result}?as_of={at}")).send().await;
        assert_eq!(
            (single.status, single.json["texts"]["text"].as_str()),
            (if shown.is_some() { 200 } else { 404 }, shown)
        );
    }
    let values = server.get(&format!("/values?plan={AKIRUNO}&as_of={before}")).expect(200).await;
    assert_eq!(values.results().len(), 0);

    // A client that has the present content is told so, and one that has the past content gets the present one.
    let now = server.get(&result).expect(200).await;
    assert_eq!((now.etag(), now.header("cache-control")), ("\"p2.2\"", "no-cache"));
    for known in ["\"p2.2\"", "W/\"p2.2\"", "\"p1.1\", \"p2.2\"", "*"] {
        let same = server.get(&result).header("if-none-match", known).expect(304).await;
        assert_eq!((same.etag(), same.text.as_str()), ("\"p2.2\"", ""));
    }
    for other in ["\"p1.1\"", "\"v2\"", "p2.2"] {
        server.get(&result).header("if-none-match", other).expect(200).await;
    }
    server.get(&format!("{result}?as_of={first}")).header("if-none-match", "\"p1.1\"").expect(304).await;
}

#[actix_web::test]
async fn the_working_view_is_filtered_by_status() {
    let server = given().await;
    let token = token_of(&server, "132284");
    create(&server, &token, &format!("/results/{AKIRUNO}/1/132284/2021"), &text("作成中")).await;
    for (status, results, reports) in
        [("draft", 1, 2), ("published", 3, 2), ("draft,published", 4, 4), ("returned,approved", 0, 0)]
    {
        let list = walk(&server, &format!("/results?view=working&status={status}"), Some(&token)).await;
        assert_eq!(list.len(), results, "{status}");
        let list =
            walk(&server, &format!("/reports?view=working&status={status}&municipality=132284&limit=1"), Some(&token))
                .await;
        assert_eq!(list.len(), reports, "{status}");
    }
    // Tokyo's targets are drafts too, and nobody's business yet.
    for (filter, expected) in [
        ("prefecture=130001", 3),
        ("prefecture=140007", 1),
        ("municipality=132284", 2),
        ("plan=130001-kpi-2024", 2),
        ("plan=130001-kpi-2024&round=2024-results&municipality=131016", 1),
        ("status=published", 4),
        ("status=draft", 0),
        ("period=R6", 2),
        ("period=2020&municipality=132284", 1),
        ("within=2020&prefecture=130001", 1),
    ] {
        assert_eq!(walk(&server, &format!("/reports?{filter}&limit=1"), None).await.len(), expected, "{filter}");
    }
    let programs = walk(&server, &format!("/programs?plan={AKIRUNO}&limit=1"), None).await;
    assert_eq!(programs.iter().map(|row| row["code"].as_str().unwrap()).collect::<Vec<_>>(), ["1", "2"]);
}
