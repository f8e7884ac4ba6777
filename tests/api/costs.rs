//! What a request costs: statements, and blocks that the database looks at for it. A hot query that scans a whole table, or a
//! statement more than was thought, fails here.

mod blocks;

use crate::given::{create, kpi_plan, plan_body, publish, text, token_of, transition};
use crate::harness::{Call, Server};
use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use hagukumi::auth::jwt::Role;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Statements of this process, which under nextest is this test.
static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

fn count_statements() {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { .. } = event {
                STATEMENTS.fetch_add(1, Ordering::SeqCst);
            }
        }))
    })
    .unwrap();
}

async fn statements(call: Call, status: u16) -> usize {
    let before = STATEMENTS.load(Ordering::SeqCst);
    call.expect(status).await;
    STATEMENTS.load(Ordering::SeqCst) - before
}

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";

#[actix_web::test]
async fn each_request_takes_the_statements_it_is_known_to_take() {
    count_statements();
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let token = token_of(&server, "131016");
    // The first on its connections: what a connection asks once is not counted below.
    create(&server, &token_of(&server, "131024"), &format!("/results/{PLAN}/1/131024/2024"), &text("別の団体")).await;
    server.get("/municipalities/131016").expect(200).await;
    server.get("/municipalities/131016").expect(200).await;

    let scheme =
        json!({ "title": "達成度", "levels": [{ "code": "1", "label": "達成" }, { "code": "2", "label": "未達成" }] });
    create(&server, &token, "/evaluation_schemes/131016/a/2024", &scheme).await;
    let administrator = server.token(&[Role::Administrator], &[]);
    let users = json!({ "name": "利用者数", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
    create(&server, &administrator, "/indicators/000000/users", &users).await;

    let put = |etag: Option<&str>, body: &str| {
        let call = server.put(RESULT).token(&token).json(&text(body));
        match etag {
            Some(etag) => call.if_match(etag),
            None => call.create(),
        }
    };
    let cost = [
        ("PUT that creates the record and its report", statements(put(None, "初めの文"), 201).await),
        ("PUT that replaces", statements(put(Some("\"v1\""), "次の文"), 200).await),
        ("PUT that changes nothing", statements(put(None, "次の文"), 200).await),
        ("working GET", statements(server.get(&format!("{RESULT}?view=working")).token(&token), 200).await),
    ];
    publish(&server, PLAN, "131016", "2024-results").await;
    let cost = [
        cost.as_slice(),
        &[
            ("GET of a result", statements(server.get(RESULT), 200).await),
            (
                "GET of a result as of a time",
                statements(server.get(&format!("{RESULT}?as_of=2026-11-22T00:00:00Z")), 200).await,
            ),
            ("page of results", statements(server.get("/results?prefecture=130001&period=2024"), 200).await),
            (
                // None has one of its own period: those of other periods are asked for.
                "page of results beside their targets",
                statements(server.get("/results?prefecture=130001&period=2024&include=targets"), 200).await,
            ),
            (
                "304 to a page of results",
                statements(server.get("/results?prefecture=130001&period=2024").header("if-none-match", "*"), 304)
                    .await,
            ),
            ("page of values", statements(server.get("/values?prefecture=130001&period=2024"), 200).await),
            ("page of reports", statements(server.get("/reports?plan=130001-kpi-2024"), 200).await),
            ("page of programs", statements(server.get("/programs?plan=130001-kpi-2024"), 200).await),
            ("sum over a nation", statements(server.get("/aggregates?indicator=000000/users&period=2024"), 200).await),
            // The dictionary of municipalities is kept.
            ("another", statements(server.get("/aggregates?indicator=000000/users&period=2023"), 200).await),
            // One, hence of one moment: an ETag never stands on the halves of two versions.
            ("GET of a municipality", statements(server.get("/municipalities/131016"), 200).await),
            ("GET of a round", statements(server.get("/rounds/130001-kpi-2024/2024-results"), 200).await),
            ("GET of a scheme", statements(server.get("/evaluation_schemes/131016/a/2024"), 200).await),
        ],
    ]
    .concat();
    // A written result is held against its target, and against the year before: one statement each.
    // A list asks first whether anything in its scope has changed.
    let expected = [15, 11, 6, 5, 1, 3, 2, 4, 1, 2, 2, 2, 5, 4, 1, 1, 1];
    assert_eq!(cost.iter().map(|(_, statements)| *statements).collect::<Vec<_>>(), expected, "{cost:#?}");
}

/// What a range of targets misses would be asked for once more.
#[actix_web::test]
async fn the_targets_beside_a_page_are_one_statement_wherever_it_begins() {
    count_statements();
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let (owner, token) = (token_of(&server, "130001"), token_of(&server, "131016"));
    let value = json!({ "item": "利用", "label": "利用", "value": 1, "unit": "人", "source": "1人" });
    for program in 1..=4 {
        if program > 1 {
            let body = json!({ "name": "事業", "position": program });
            create(&server, &owner, &format!("/programs/{PLAN}/{program}"), &body).await;
        }
        for part in ["targets", "results"] {
            let path = format!("/{part}/{PLAN}/{program}/131016/2024");
            create(&server, &token, &path, &json!({ "values": [value] })).await;
        }
    }
    for round in ["2024-targets", "2024-results"] {
        publish(&server, PLAN, "131016", round).await;
    }
    let page = |next: &str| server.get(&format!("/results?plan={PLAN}&include=targets&limit=2{next}"));
    // Each shared connection asks two things once.
    page("").expect(200).await;
    let first = page("").expect(200).await;
    let behind = format!("&cursor={}", first.json["resultset"]["next"].as_str().unwrap());
    let second = page(&behind).expect(200).await;
    for row in first.results().iter().chain(second.results()) {
        assert_eq!(row["comparisons"][0]["percent"], 100, "{row:#}");
    }
    assert_eq!(second.results().len(), 2);
    // Whether anything has changed, the page, its targets.
    assert_eq!((statements(page(""), 200).await, statements(page(&behind), 200).await), (3, 3));
}

#[actix_web::test]
async fn a_publication_takes_the_same_statements_however_many_rows() {
    count_statements();
    let server = Server::start().await;
    let owner = token_of(&server, "130001");
    let token = token_of(&server, "131016");
    kpi_plan(&server, PLAN, &["131016"]).await;
    for program in 2..=130 {
        let body = json!({ "name": "事業", "position": program });
        create(&server, &owner, &format!("/programs/{PLAN}/{program}"), &body).await;
    }
    let value = json!({ "item": "利用", "label": "利用", "value": 1, "unit": "人", "source": "1人" });
    let body = json!({ "texts": { "text": "1人" }, "values": [value] });
    for program in 1..=130 {
        create(&server, &token, &format!("/results/{PLAN}/{program}/131016/2024"), &body).await;
    }
    let report = format!("{PLAN}/131016/2024-results");
    let mut cost = Vec::new();
    for (to, by, person) in
        [("submitted", &token, "担当A"), ("approved", &owner, "審査B"), ("published", &owner, "審査B")]
    {
        let before = STATEMENTS.load(Ordering::SeqCst);
        let answer = transition(&server, by, &report, json!({ "to": to, "person": person })).await;
        assert_eq!(answer.status, 200, "{answer:#?}");
        cost.push(STATEMENTS.load(Ordering::SeqCst) - before);
    }
    // A submission judges the report's warnings anew: one statement for all targets, one for the year before, one for
    // targets without a result, one that keeps what is told of the sheet; and reads the form: two. A publication keeps the
    // plan as it is, and what its programs are filed under: one each.
    assert_eq!(cost, [28, 18, 29]);
    let page = || server.get("/results?prefecture=130001&period=2024&limit=100");
    // Each shared connection asks two things once.
    page().expect(200).await;
    page().expect(200).await;
    assert_eq!(statements(page(), 200).await, 2);
    assert_eq!(server.count("select count(*) from published_values").await, 130);
}

#[actix_web::test]
async fn an_import_takes_the_same_statements_for_few_rows_and_many() {
    count_statements();
    let server = Server::start().await;
    let owner = token_of(&server, "131016");
    let plan = "131016-kodomo-2024";
    create(&server, &owner, &format!("/plans/{plan}"), &plan_body("見本の計画", 2024, 2026)).await;
    for program in 1..=60 {
        let body = json!({ "name": format!("事業{program}"), "position": program });
        create(&server, &owner, &format!("/programs/{plan}/{program}"), &body).await;
    }
    let value = json!({ "item": "利用", "label": "利用", "value": 1, "unit": "人", "source": "1人" });
    let body = json!({ "texts": { "text": "1人" }, "values": [value] });
    let rows = |period: &str, programs: std::ops::RangeInclusive<i32>| {
        let row = |program: i32| {
            let key =
                json!({ "plan": plan, "program": program.to_string(), "municipality": "131016", "period": period });
            json!({ "resource": "result", "key": key, "body": body })
        };
        json!({ "rows": programs.map(row).collect::<Vec<_>>() })
    };
    let import = |key: &str, rows: &serde_json::Value| {
        server.post("/imports").token(&owner).header("idempotency-key", key).json(rows)
    };
    // The first on its connection, and the one that makes the round.
    import("first", &rows("2024", 1..=1)).expect(200).await;
    let few = statements(import("few", &rows("2024", 2..=3)), 200).await;
    let many = statements(import("many", &rows("2024", 4..=60)), 200).await;
    let again = statements(import("again", &rows("2024", 4..=60)), 200).await;
    assert_eq!((few, many, again), (21, 21, 15));
}

#[actix_web::test]
async fn an_overview_takes_the_same_statements_however_many_members() {
    count_statements();
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let owner = token_of(&server, "130001");
    create(&server, &token_of(&server, "131016"), RESULT, &text("本文")).await;
    let overview = || server.get(&format!("/rounds/{PLAN}/2024-results/overview")).token(&owner);
    overview().expect(200).await;
    let few = statements(overview(), 200).await;
    for code in ["131032", "131041", "131059", "131067", "131075", "131083", "131091", "131105"] {
        create(&server, &owner, &format!("/plans/{PLAN}/reporters/{code}"), &json!({})).await;
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("<p>本文</p>"))
            .await;
        let report = format!("{PLAN}/{code}/2024-results");
        let submit = json!({ "to": "submitted", "person": "担当A" });
        assert_eq!(transition(&server, &token_of(&server, code), &report, submit).await.status, 200);
    }
    let many = overview().expect(200).await;
    assert_eq!((many.json["totals"]["asked"].clone(), many.json["totals"]["submitted"].clone()), (json!(10), json!(8)));
    assert_eq!((few, statements(overview(), 200).await), (7, 7));
}

/// Compiled, a statement under row-level security would take ten times as long.
#[actix_web::test]
async fn no_statement_is_compiled() {
    use diesel_async::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Setting {
        #[diesel(sql_type = diesel::sql_types::Text)]
        setting: String,
    }
    let server = Server::start().await;
    let asked = diesel::sql_query("select setting from pg_settings where name = 'jit'");
    let mut published = &*server.state.db.published().await.unwrap();
    let found: Setting = asked.get_result(&mut published).await.unwrap();
    assert_eq!(found.setting, "off");
}
