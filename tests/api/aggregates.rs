//! Aggregates over HTTP: whom they are over, what is public at a moment, what is refused, what they cost.

mod plain;

use crate::demo::loaded;
use crate::given::{correct, create, kpi_plan, plan_body, publish, token_of};
use crate::harness::Server;
use chrono::Duration;
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const CITIES: [&str; 3] = ["131016", "131024", "131032"];

fn indicator(name: &str, common: Option<&str>) -> Value {
    json!({
        "name": name, "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total",
        "common_indicator": common,
    })
}

fn figure(owner: &str, code: &str, value: i64) -> Value {
    let source = format!("{value}人");
    json!({
        "texts": { "text": source },
        "values": [{
            "item": "利用", "label": "利用", "value": value, "unit": "人", "source": source,
            "indicator": { "owner": owner, "indicator": code },
        }],
    })
}

async fn common(server: &Server, code: &str) {
    let administrator = server.token(&[hagukumi::auth::jwt::Role::Administrator], &[]);
    create(server, &administrator, &format!("/indicators/000000/{code}"), &indicator("全国の利用者数", None)).await;
}

/// A prefecture's plan of three reporters; two have published 10 and 5 for 2024, the third has a draft.
async fn given() -> Server {
    let server = Server::start().await;
    common(&server, "users").await;
    kpi_plan(&server, PLAN, &CITIES).await;
    let owner = token_of(&server, "130001");
    create(&server, &owner, "/indicators/130001/users", &indicator("利用者数", Some("users"))).await;
    for (code, value) in CITIES.into_iter().zip([10, 5, 99]) {
        let path = format!("/results/{PLAN}/1/{code}/2024");
        create(&server, &token_of(&server, code), &path, &figure("130001", "users", value)).await;
    }
    for code in &CITIES[..2] {
        publish(&server, PLAN, code, "2024-results").await;
    }
    server
}

async fn groups(server: &Server, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/aggregates?{query}")).expect(200).await;
    answer.json["series"][0]["groups"].as_array().unwrap().clone()
}

/// The value of the only group, who was expected, who reported.
async fn only(server: &Server, query: &str) -> (Value, u64, u64) {
    let groups = groups(server, query).await;
    assert_eq!(groups.len(), 1, "{groups:#?}");
    let count = |name: &str| groups[0][name].as_u64().unwrap();
    (groups[0]["value"].clone(), count("expected"), count("reported"))
}

const OWN: &str = "indicator=130001/users&period=2024";

#[actix_web::test]
async fn a_plan_a_prefecture_the_nation() {
    let server = given().await;
    assert_eq!(only(&server, &format!("{OWN}&plan={PLAN}")).await, (json!(15), 3, 2));
    assert_eq!(only(&server, &format!("{OWN}&prefecture=130001")).await, (json!(15), 62, 2));
    assert_eq!(only(&server, OWN).await, (json!(15), 1741, 2));
    assert_eq!(only(&server, "indicator=000000/users&period=2024").await, (json!(15), 1741, 2));
    // Nothing there is null: another prefecture, another year.
    assert_eq!(only(&server, &format!("{OWN}&prefecture=140007")).await, (Value::Null, 33, 0));
    assert_eq!(only(&server, "indicator=130001/users&period=2023").await, (Value::Null, 1741, 0));

    let by = groups(&server, "indicator=000000/users&period=2024&group_by=prefecture").await;
    assert_eq!(by.len(), 47);
    let tokyo = by.iter().find(|group| group["key"]["prefecture"] == "130001").unwrap();
    assert_eq!((&tokyo["value"], &tokyo["expected"]), (&json!(15), &json!(62)));
    let by = groups(&server, &format!("{OWN}&plan={PLAN}&group_by=municipality")).await;
    let shown: Vec<_> = by.iter().map(|group| (&group["key"]["municipality_name"], &group["value"])).collect();
    assert_eq!(
        shown,
        [(&json!("千代田区"), &json!(10)), (&json!("中央区"), &json!(5)), (&json!("港区"), &Value::Null)]
    );
    assert_eq!(by[2]["missing"]["unanswered"], 1);
}

#[actix_web::test]
async fn only_what_is_public_at_the_moment_counts() {
    let server = given().await;
    let of = format!("{OWN}&plan={PLAN}");
    server.advance(Duration::hours(1));
    let before = server.now().to_rfc3339().replace('+', "%2B");
    server.advance(Duration::hours(1));
    correct(&server, PLAN, "131016", "2024-results").await;
    let path = format!("/results/{PLAN}/1/131016/2024");
    let call = server.put(&path).token(&token_of(&server, "131016")).if_match("*");
    call.json(&figure("130001", "users", 12)).expect(200).await;
    assert_eq!(only(&server, &of).await.0, 15, "a draft");
    publish(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(only(&server, &of).await.0, 17, "the edition in force, and not the one before");
    assert_eq!(only(&server, &format!("{of}&as_of={before}")).await.0, 15);
    // Who is left out of the round, or reports in other years, is not expected.
    let owner = token_of(&server, "130001");
    let reporter = format!("/plans/{PLAN}/reporters/131032");
    server.put(&reporter).token(&owner).if_match("*").json(&json!({ "fiscal_year_to": 2023 })).expect(200).await;
    assert_eq!(only(&server, &of).await, (json!(17), 2, 2));
}

#[actix_web::test]
async fn a_city_that_reports_in_two_plans_counts_once() {
    let server = given().await;
    let plan = "131016-kodomo-2024";
    let city = token_of(&server, "131016");
    create(&server, &city, &format!("/plans/{plan}"), &plan_body("区の計画", 2024, 2028)).await;
    let program = json!({ "name": "学童", "position": 1, "statutory_program": "after_school_care" });
    create(&server, &city, &format!("/programs/{plan}/1"), &program).await;
    create(&server, &city, "/indicators/131016/users", &indicator("利用者数", Some("users"))).await;
    create(&server, &city, &format!("/results/{plan}/1/131016/2024"), &figure("131016", "users", 10)).await;
    publish(&server, plan, "131016", "2024-results").await;
    let nation = "indicator=000000/users&period=2024";
    assert_eq!(only(&server, nation).await, (json!(15), 1741, 2));
    let answer = server.get(&format!("/aggregates?{nation}&explain=true")).expect(200).await;
    let told: Vec<_> =
        answer.json["rows"].as_array().unwrap().iter().map(|row| (&row["counted"], &row["excluded"])).collect();
    assert_eq!(
        told,
        [(&json!(true), &Value::Null), (&json!(false), &json!("duplicate")), (&json!(true), &Value::Null)]
    );
    assert_eq!(answer.json["rows_total"], 3);
    // By the law's program: the indicators of its programs.
    let answer = server.get("/aggregates?statutory_program=after_school_care&period=2024").expect(200).await;
    let series = &answer.json["series"];
    assert_eq!((&series[0]["owner"], &series[0]["indicator"]), (&json!("000000"), &json!("users")));
    assert_eq!((&series[0]["groups"][0]["value"], series.as_array().unwrap().len()), (&json!(10), 1));
    let none = server.get("/aggregates?statutory_program=sick_child_care&period=2024").expect(200).await;
    assert_eq!(none.json["series"], json!([]));
    // Corrected to something else: neither can be believed.
    correct(&server, plan, "131016", "2024-results").await;
    let call = server.put(&format!("/results/{plan}/1/131016/2024")).token(&city).if_match("*");
    call.json(&figure("131016", "users", 11)).expect(200).await;
    publish(&server, plan, "131016", "2024-results").await;
    let group = &groups(&server, nation).await[0];
    assert_eq!((&group["value"], &group["not_counted"]), (&json!(5), &json!(1)));
    assert_eq!((&group["excluded"][0]["reason"], &group["excluded"][0]["figures"]), (&json!("conflicting"), &json!(2)));
}

#[actix_web::test]
async fn what_makes_no_sense_is_told() {
    let server = given().await;
    let owner = token_of(&server, "130001");
    let rate = json!({ "name": "利用率", "kind": "rate", "unit": "%", "aggregation": "weighted_mean", "temporality": "point_in_time" });
    create(&server, &owner, "/indicators/130001/rate", &rate).await;
    for (query, status, code) in [
        ("", 400, "request.parameter"),
        ("indicator=130001/users", 400, "request.parameter"),
        ("period=2024", 400, "request.parameter"),
        ("indicator=users&period=2024", 400, "request.parameter"),
        ("indicator=130001/users&statutory_program=after_school_care&period=2024", 400, "request.parameter"),
        ("indicator=130001/users&period=baseline", 400, "request.parameter"),
        ("indicator=130001/users&period=2024-", 400, "request.parameter"),
        ("indicator=130001/users&period=2024&plan=130001-kpi-2024&prefecture=130001", 400, "request.parameter"),
        ("indicator=130001/users&period=2024&group_by=period,period", 400, "request.parameter"),
        ("indicator=130001/users&period=2024&group_by=month", 400, "request.parameter"),
        ("indicator=130001/users&period=2024&include=drafts", 400, "request.parameter"),
        ("indicator=130001/users&period=2024&goals=amended", 400, "request.parameter"),
        ("indicator=130001/users&period=2024&part=targets&function=achievement_rate", 400, "request.parameter"),
        ("indicator=130001/users&period=2024&as_of=2024-01-01", 400, "request.parameter"),
        ("indicator=130001/user&period=2024", 422, "indicator.unknown"),
        ("indicator=000000/user&period=2024", 422, "indicator.unknown"),
        ("indicator=130001/users&period=2024&plan=130001-kpi-2023", 422, "plan.unknown"),
        ("statutory_program=after_school&period=2024", 422, "statutory_program.unknown"),
        ("indicator=130001/rate&period=2024&function=sum", 422, "aggregate.not_summable"),
        ("indicator=130001/users&period=2024&function=weighted_mean", 422, "aggregate.not_summable"),
        ("indicator=130001/users&period=2010..2024&group_by=municipality,period", 422, "aggregate.too_large"),
    ] {
        let answer = server.get(&format!("/aggregates?{query}")).expect(status).await;
        assert_eq!(answer.code(), code, "{query}");
    }
}

#[actix_web::test]
async fn units_points_in_time_and_goals() {
    let server = given().await;
    let owner = token_of(&server, "130001");
    let sites = json!({ "name": "相談機関", "kind": "count", "unit": "か所", "aggregation": "sum", "temporality": "point_in_time" });
    create(&server, &owner, "/indicators/130001/sites", &sites).await;
    create(&server, &owner, &format!("/programs/{PLAN}/2"), &json!({ "name": "相談", "position": 2 })).await;
    let site = |value: i64, unit: &str| {
        let mut body = figure("130001", "sites", value);
        body["values"][0]["unit"] = json!(unit);
        body
    };
    let token = token_of(&server, "131032");
    create(&server, &token, &format!("/results/{PLAN}/2/131032/2024-H1"), &site(3, "箇所")).await;
    create(&server, &token, &format!("/results/{PLAN}/2/131032/2024-H2"), &site(4, "ヶ所")).await;
    for half in ["H1", "H2"] {
        publish(&server, PLAN, "131032", &format!("2024-{half}-results")).await;
    }
    let of = format!("indicator=130001/sites&within=2024&plan={PLAN}");
    assert_eq!(only(&server, &of).await, (json!(4), 3, 1), "the latest, however its unit is written");
    let refused = server.get(&format!("/aggregates?{of}&function=sum")).expect(422).await;
    assert_eq!(refused.code(), "aggregate.over_time");
    assert_eq!(refused.json["errors"].as_array().unwrap().len(), 2);
    let by = groups(&server, &format!("{of}&group_by=period")).await;
    let shown: Vec<_> = by.iter().map(|group| (&group["key"]["period"], &group["value"])).collect();
    assert_eq!(shown[1..], [(&json!("2024-H1"), &json!(3)), (&json!("2024-H2"), &json!(4))]);

    let token = token_of(&server, "131016");
    create(&server, &token, &format!("/targets/{PLAN}/1/131016/2024"), &figure("130001", "users", 8)).await;
    let mut amendment = figure("130001", "users", 20);
    amendment["reason"] = json!("定員を増やしたため");
    create(&server, &token, &format!("/targets/{PLAN}/1/131016/2024/amendments/1"), &amendment).await;
    publish(&server, PLAN, "131016", "2024-targets").await;
    let group = &groups(&server, &format!("{OWN}&plan={PLAN}&function=achievement_rate")).await[0];
    assert_eq!((&group["original"]["percent"], &group["amended"]["percent"]), (&json!(125), &json!(50)));
    assert_eq!((&group["reported"], &group["excluded"][0]["reason"]), (&json!(1), &json!("no_target")));
    for (goals, value) in [("original", 8), ("amended", 20)] {
        assert_eq!(only(&server, &format!("{OWN}&plan={PLAN}&part=targets&goals={goals}")).await.0, value);
    }
}

/// The demo's merger: a town's members are its successor's afterwards.
#[actix_web::test]
async fn a_series_across_a_merger() {
    let server = loaded().await;
    let of = "/aggregates?indicator=090000/fami_members&plan=090000-mihon-kpi-2013&period=2013..2014";
    let answer = server.get(&format!("{of}&group_by=municipality,period")).expect(200).await;
    let groups = answer.json["series"][0]["groups"].as_array().unwrap();
    let shown: Vec<_> =
        groups.iter().map(|group| (&group["key"]["municipality"], &group["key"]["period"], &group["value"])).collect();
    let city = json!("092037");
    assert_eq!(shown, [(&city, &json!("2013"), &json!(450)), (&city, &json!("2014"), &json!(467))]);
    assert_eq!(groups[0]["predecessors"], json!(["093670"]));
    let mapping = json!([{ "predecessor": "093670", "successor": "092037", "effective_on": "2014-04-05" }]);
    assert_eq!(answer.json["mappings"], mapping);
    // Each municipality as it was.
    let answer = server.get(&format!("{of}&group_by=municipality")).expect(200).await;
    assert_eq!(answer.json["mappings"], json!([]));
    assert_eq!(answer.json["series"][0]["groups"].as_array().unwrap().len(), 2);
}

/// What was published before the table was there is in it as if it had been.
#[actix_web::test]
async fn the_step_of_the_schema_fills_in_what_is_public() {
    let server = loaded().await;
    let all = "select count(*) as count from published_facts where to_no > 0";
    let sum = "select bit_xor(hashtextextended(f::text, 0)) as count from published_facts f";
    let before = (server.count(all).await, server.count(sum).await);
    assert!(before.0 > 50, "{before:?}");
    let mut owner = server.owner().await;
    owner.batch_execute(include_str!("../../migrations/2026-11-21-000015_facts/down.sql")).await.unwrap();
    owner.batch_execute(include_str!("../../migrations/2026-11-21-000015_facts/up.sql")).await.unwrap();
    owner.batch_execute(include_str!("../../migrations/2026-11-22-000027_plain_facts/up.sql")).await.unwrap();
    assert_eq!((server.count(all).await, server.count(sum).await), before);
}

/// Who has the answer is told so, until a figure in its scope or a definition changes.
#[actix_web::test]
async fn what_has_not_changed_is_not_added_up_again() {
    let server = given().await;
    let of = format!("/aggregates?{OWN}&prefecture=130001");
    let tag = server.get(&of).expect(200).await.etag().to_owned();
    let again = async |tag: &str, status: u16| {
        server.get(&of).header("if-none-match", tag).expect(status).await.etag().to_owned()
    };
    assert_eq!(again(&tag, 304).await, tag);
    // Elsewhere, and another year.
    kpi_plan(&server, "140007-kpi-2024", &["141305"]).await;
    let tag = again(&tag, 200).await;
    let text = json!({ "texts": { "text": "別の県" } });
    create(&server, &token_of(&server, "141305"), "/results/140007-kpi-2024/1/141305/2024", &text).await;
    publish(&server, "140007-kpi-2024", "141305", "2024-results").await;
    assert_eq!(again(&tag, 304).await, tag);
    publish(&server, PLAN, "131032", "2024-results").await;
    let other = again(&tag, 200).await;
    assert_ne!(other, tag);
    // Who is asked is a definition.
    let owner = token_of(&server, "130001");
    let path = "/indicators/130001/users";
    server.put(path).token(&owner).if_match("*").json(&indicator("利用した人", Some("users"))).expect(200).await;
    assert_ne!(again(&other, 200).await, other);
}

/// By the level each result was given: of one scheme, by one evaluator; a figure is in one group.
#[actix_web::test]
async fn by_reported_level() {
    let server = given().await;
    let owner = token_of(&server, "130001");
    let levels = json!([{ "code": "good", "label": "達成" }, { "code": "bad", "label": "未達成" }]);
    for (code, year) in [("achievement", 2024), ("other", 2024)] {
        let scheme = json!({ "title": "達成度", "levels": levels });
        create(&server, &owner, &format!("/evaluation_schemes/130001/{code}/{year}"), &scheme).await;
    }
    let given = |scheme: &str, level: &str, evaluator: &str| json!({ "owner": "130001", "scheme": scheme, "fiscal_year": 2024, "level": level, "evaluator": evaluator });
    let own = given("achievement", "bad", "self");
    let evaluations = [
        json!([own.clone(), given("achievement", "good", "committee"), given("other", "good", "self")]),
        json!([given("other", "bad", "self")]),
    ];
    for ((code, value), evaluations) in CITIES.into_iter().zip([10, 5]).zip(evaluations) {
        correct(&server, PLAN, code, "2024-results").await;
        let mut body = figure("130001", "users", value);
        body["evaluations"] = evaluations;
        let path = format!("/results/{PLAN}/1/{code}/2024");
        server.put(&path).token(&token_of(&server, code)).if_match("*").json(&body).expect(200).await;
        publish(&server, PLAN, code, "2024-results").await;
    }
    let of = format!("{OWN}&plan={PLAN}&group_by=level&level_scheme=130001");
    let shown = async |query: &str| -> Vec<(Value, Value, Value)> {
        let groups = groups(&server, &format!("{of}/{query}")).await;
        let shown =
            |group: &Value| (group["key"]["level"]["level"].clone(), group["value"].clone(), group["expected"].clone());
        groups.iter().map(shown).collect()
    };
    let rated = |level: &str, value: i64| (json!(level), json!(value), json!(1));
    assert_eq!(shown("achievement").await, [rated("bad", 10), (Value::Null, json!(5), json!(2))]);
    assert_eq!(shown("achievement&evaluator=committee").await[0], rated("good", 10));
    let by = shown("other").await;
    assert_eq!(by, [rated("good", 10), rated("bad", 5), (Value::Null, Value::Null, json!(1))]);
    let answer = server.get(&format!("/aggregates?{of}/achievement&explain=true")).expect(200).await;
    let level = json!({
        "owner": "130001", "scheme": "achievement", "evaluator": "self", "fiscal_year": 2024, "level": "bad",
        "label": "未達成",
    });
    assert_eq!(
        (&answer.json["series"][0]["groups"][0]["key"]["level"], &answer.json["rows"][0]["level"]),
        (&level, &level)
    );
    assert_eq!(answer.json["rows"][1]["level"]["level"], Value::Null);

    for (query, status, code) in [
        ("&group_by=level", 400, "request.parameter"),
        ("&group_by=level&level_scheme=achievement", 400, "request.parameter"),
        ("&level_scheme=130001/achievement", 400, "request.parameter"),
        ("&evaluator=self", 400, "request.parameter"),
        ("&group_by=level&level_scheme=130001/achievement&part=targets", 400, "request.parameter"),
        ("&group_by=level&level_scheme=130001/progress", 422, "evaluation.unknown_scheme"),
    ] {
        let answer = server.get(&format!("/aggregates?{OWN}{query}")).expect(status).await;
        assert_eq!(answer.code(), code, "{query}");
    }
}
