mod comparison;
mod overview;

use crate::harness::Server;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const ROUND: &str = "/rounds/130001-kpi-2024/2024-results";

fn editor(server: &Server) -> String {
    server.token(&[Role::PrefectureEditor], &["130001"])
}

/// Tokyo's plan with two of its 62 municipalities, and the editor's token.
async fn given_a_plan(server: &Server, status: &str) -> String {
    let token = editor(server);
    let plan = json!({
        "title": "見本KPI", "kind": "kpi", "fiscal_year_from": 2024, "fiscal_year_to": 2024, "status": status, "numbering": "plan",
    });
    server.put("/plans/130001-kpi-2024").token(&token).create().json(&plan).expect(201).await;
    for code in ["131016", "132284"] {
        let reporter = format!("/plans/130001-kpi-2024/reporters/{code}");
        server.put(&reporter).token(&token).create().json(&json!({})).expect(201).await;
    }
    token
}

fn round(period: &str) -> Value {
    json!({ "title": "令和6年度 実績調査", "due_at": "2025-04-30", "covers": [{ "part": "results", "period": period }] })
}

#[actix_web::test]
async fn a_round_is_created_read_replaced_and_deleted() {
    let server = Server::start().await;
    let token = given_a_plan(&server, "adopted").await;
    let created = server.put(ROUND).token(&token).create().json(&round("R6")).expect(201).await;
    assert_eq!((created.etag(), created.header("hagukumi-outcome")), ("\"v1\"", "created"));
    let expected = json!({
        "plan": "130001-kpi-2024", "code": "2024-results", "is_default": false,
        "title": "令和6年度 実績調査", "due_at": "2025-05-01T00:00:00.000000+09:00", "form_version": null,
        "covers": [{ "part": "results", "period": "2024" }], "members": [],
    });
    assert_eq!(created.json, expected);
    let read = server.get(ROUND).expect(200).await;
    assert_eq!((&read.json, read.etag()), (&expected, "\"v1\""));
    server.get(ROUND).header("if-none-match", "\"v1\"").expect(304).await;

    let mut changed = round("2024");
    changed["members"] = json!([
        { "municipality": "132284", "due_at": "2025-05-31T17:00:00+09:00" },
        { "municipality": "131016", "left_out": true },
    ]);
    changed["covers"] =
        json!([{ "part": "results", "period": "2024-H1" }, { "part": "targets", "period": "令和6年度" }]);
    let late = server.put(ROUND).token(&token).if_match("\"v9\"").json(&changed).expect(412).await;
    assert_eq!((late.code(), late.etag()), ("request.version_conflict", "\"v1\""));
    let replaced = server.put(ROUND).token(&token).if_match("\"v1\"").json(&changed).expect(200).await;
    assert_eq!((replaced.etag(), replaced.header("hagukumi-outcome")), ("\"v2\"", "updated"));
    let read = server.get(ROUND).expect(200).await.json;
    assert_eq!(read, replaced.json);
    assert_eq!(
        read["covers"],
        json!([{ "part": "targets", "period": "2024" }, { "part": "results", "period": "2024-H1" }])
    );
    assert_eq!(
        read["members"],
        json!([
            { "municipality": "131016", "left_out": true, "due_at": null },
            { "municipality": "132284", "left_out": false, "due_at": "2025-05-31T17:00:00.000000+09:00" },
        ])
    );

    let stale = server.delete(ROUND).token(&token).if_match("\"v1\"").expect(412).await;
    assert_eq!(stale.code(), "request.version_conflict");
    server.delete(ROUND).token(&token).if_match("\"v2\"").expect(204).await;
    assert_eq!(server.get(ROUND).expect(404).await.code(), "resource.not_found");
    assert_eq!(server.count("select count(*) from round_covers").await, 0);
    assert_eq!(server.count("select count(*) from journal where resource = 'round'").await, 3);
    assert_eq!(server.count("select count(*) from changes where resource = 'round'").await, 3);
}

#[actix_web::test]
async fn equal_content_in_other_words_is_unchanged() {
    let server = Server::start().await;
    let token = given_a_plan(&server, "adopted").await;
    let mut sent = round("2024");
    sent["covers"] = json!([{ "part": "targets", "period": "2014-" }, { "part": "results", "period": "202403" }]);
    sent["members"] =
        json!([{ "municipality": "131016", "left_out": true }, { "municipality": "132284", "due_at": "2025-05-31" }]);
    server.put(ROUND).token(&token).create().json(&sent).expect(201).await;
    let again = json!({
        "title": "令和6年度 実績調査", "due_at": "2025-04-30T15:00:00Z", "form_version": null,
        "covers": [
            { "part": "results", "period": "令和6年3月" }, { "part": "results", "period": "２０２４０３" },
            { "part": "targets", "period": "平成26年度以降" },
        ],
        "members": [
            { "municipality": "132284", "left_out": false, "due_at": "2025-06-01T00:00:00+09:00" },
            { "municipality": "131016", "left_out": true, "due_at": null },
        ],
    });
    let same = server.put(ROUND).token(&token).create().json(&again).expect(200).await;
    assert_eq!((same.header("hagukumi-outcome"), same.etag()), ("unchanged", "\"v1\""));
    // What was read can be sent back without its key.
    let mut read = server.get(ROUND).expect(200).await.json;
    for key in ["plan", "code", "is_default"] {
        read.as_object_mut().unwrap().remove(key);
    }
    let same = server.put(ROUND).token(&token).if_match("\"v7\"").json(&read).expect(200).await;
    assert_eq!((same.header("hagukumi-outcome"), same.etag()), ("unchanged", "\"v1\""));
    assert_eq!(server.count("select count(*) from journal where resource = 'round'").await, 1);
}

#[actix_web::test]
async fn a_day_is_due_at_its_end_in_japan() {
    let server = Server::start().await;
    let token = given_a_plan(&server, "adopted").await;
    for (given, instant) in [
        ("2025-03-31", json!("2025-04-01T00:00:00.000000+09:00")),
        ("2025-03-31T17:00:00+09:00", json!("2025-03-31T17:00:00.000000+09:00")),
        ("2025-03-31T17:00:00Z", json!("2025-04-01T02:00:00.000000+09:00")),
    ] {
        let mut body = round("2024");
        body["due_at"] = json!(given);
        let url = format!("{ROUND}?dry_run=true");
        let put = server.put(&url).token(&token).create().json(&body).expect(201).await;
        assert_eq!(put.json["due_at"], instant, "{given}");
    }
    for given in ["2025-03-31T17:00:00", "2025-02-29", "令和7年3月31日", "9999-12-31", ""] {
        let mut body = round("2024");
        body["due_at"] = json!(given);
        let refused = server.put(ROUND).token(&token).create().json(&body).expect(422).await;
        assert_eq!((refused.code(), &refused.json["errors"][0]["pointer"]), ("request.invalid", &json!("/due_at")));
        assert!(refused.json["detail"].as_str().unwrap().contains("24時まで"), "{refused:#?}");
    }
}

#[actix_web::test]
async fn a_pair_belongs_to_one_round_of_its_plan() {
    let server = Server::start().await;
    let token = given_a_plan(&server, "adopted").await;
    server.put(ROUND).token(&token).create().json(&round("2024")).expect(201).await;
    let other = "/rounds/130001-kpi-2024/other";
    let taken = server.put(other).token(&token).create().json(&round("令和6年度")).expect(409).await;
    assert_eq!((taken.code(), &taken.json["errors"][0]["pointer"]), ("round.pair_taken", &json!("/covers")));
    server.put(other).token(&token).create().json(&round("2023")).expect(201).await;
    let taken = server.put(other).token(&token).if_match("\"v1\"").json(&round("2024")).expect(409).await;
    assert_eq!(taken.code(), "round.pair_taken");
    assert_eq!(server.get(other).expect(200).await.etag(), "\"v1\"");
    // Given up by one round, it is free for another; and another plan has pairs of its own.
    server.put(ROUND).token(&token).if_match("\"v1\"").json(&round("2022")).expect(200).await;
    server.put(other).token(&token).if_match("\"v1\"").json(&round("2024")).expect(200).await;
}

#[actix_web::test]
async fn every_finding_of_a_round_is_told_at_once() {
    let server = Server::start().await;
    let token = given_a_plan(&server, "adopted").await;
    let body = json!({
        "title": "",
        "covers": [{ "part": "results", "period": "2023-10" }, { "part": "results", "period": "2024" }],
        "members": [
            { "municipality": "13228", "left_out": true },
            { "municipality": "131016" },
            { "municipality": "131016", "left_out": true, "due_at": "2025-05-31" },
        ],
    });
    let refused = server.put(ROUND).token(&token).create().json(&body).expect(422).await;
    let findings: Vec<_> =
        refused.json["errors"].as_array().unwrap().iter().map(|e| (&e["pointer"], &e["code"])).collect();
    let expected = [
        ("/title", "request.invalid"),
        ("/covers/0/period", "period.unknown"),
        ("/members/0/municipality", "municipality.code_length"),
        ("/members/1", "request.invalid"),
        ("/members/2", "request.invalid"),
        ("/members/2/municipality", "request.invalid"),
    ];
    let expected: Vec<_> = expected.iter().map(|(p, c)| (json!(p), json!(c))).collect();
    assert_eq!(findings, expected.iter().map(|(p, c)| (p, c)).collect::<Vec<_>>());

    let put = |body: Value| server.put(ROUND).token(&token).create().json(&body);
    assert_eq!(put(json!({ "covers": [] })).expect(422).await.json["errors"][0]["pointer"], "/covers");
    assert_eq!(
        put(json!({ "covers": [{ "part": "plans", "period": "2024" }] })).expect(422).await.code(),
        "request.invalid"
    );
    let read_only =
        put(json!({ "covers": [{ "part": "targets", "period": "2024" }], "is_default": true })).expect(400).await;
    assert_eq!(read_only.code(), "request.unknown_field");
    let mut stranger = round("2024");
    stranger["members"] = json!([{ "municipality": "132012", "left_out": true }]);
    let stranger = put(stranger).expect(403).await;
    assert_eq!((stranger.code(), &stranger.json["errors"][0]["pointer"]), ("plan.not_a_reporter", &json!("/members")));
    let nowhere = server.put("/rounds/130001-kpi-2099/2024-results").token(&token).create().json(&round("2024"));
    assert_eq!(nowhere.expect(422).await.code(), "plan.unknown");
}

#[actix_web::test]
async fn only_the_owner_writes_and_a_draft_plan_hides_its_rounds() {
    let server = Server::start().await;
    let token = given_a_plan(&server, "draft").await;
    server.put(ROUND).create().json(&round("2024")).expect(401).await;
    for (role, body) in [
        (Role::PrefectureEditor, "141305"),
        (Role::MunicipalApprover, "131016"),
        (Role::PrefectureReader, "130001"),
        (Role::Administrator, "130001"),
    ] {
        let stranger = server.token(&[role], &[body]);
        let put = server.put(ROUND).token(&stranger).create().json(&round("2024")).expect(403).await;
        assert_eq!(put.code(), "request.forbidden");
        server.delete(ROUND).token(&stranger).if_match("*").expect(403).await;
    }
    server.put(ROUND).token(&token).create().json(&round("2024")).expect(201).await;
    server.get(ROUND).expect(404).await;
    assert!(server.get("/rounds?plan=130001-kpi-2024").expect(200).await.results().is_empty());
    let working = "/rounds?plan=130001-kpi-2024&view=working";
    server.get(working).expect(401).await;
    let member = server.token(&[Role::MunicipalEditor], &["131016"]);
    let stranger = server.token(&[Role::MunicipalEditor], &["131059"]);
    let list = server.get(working).token(&member).expect(200).await;
    assert_eq!((list.results().len(), list.header("cache-control")), (1, "no-store"));
    assert!(server.get(working).token(&stranger).expect(200).await.results().is_empty());
    server.get(&format!("{ROUND}?view=working")).token(&member).expect(200).await;
    server.get(&format!("{ROUND}?view=working")).token(&stranger).expect(404).await;
    assert_eq!(server.count("select count(*) from changes").await, 0);
}

#[actix_web::test]
async fn rounds_are_listed_by_code_in_pages() {
    let server = Server::start().await;
    let token = given_a_plan(&server, "adopted").await;
    for (code, period) in [("b", "2022"), ("a", "2023"), ("C", "2024")] {
        let url = format!("/rounds/130001-kpi-2024/{code}");
        server.put(&url).token(&token).create().json(&round(period)).expect(201).await;
    }
    let first = server.get("/rounds?plan=130001-kpi-2024&limit=2").expect(200).await;
    let codes = |answer: &crate::harness::Answer| -> Vec<String> {
        answer
            .results()
            .iter()
            .map(|r| format!("{} {}", r["code"].as_str().unwrap(), r["covers"][0]["period"]))
            .collect()
    };
    assert_eq!(codes(&first), ["C \"2024\"", "a \"2023\""]);
    let next = first.json["resultset"]["next"].as_str().unwrap();
    let last = server.get(&format!("/rounds?plan=130001-kpi-2024&limit=2&cursor={next}")).expect(200).await;
    assert_eq!(codes(&last), ["b \"2022\""]);
    assert!(last.json["resultset"]["next"].is_null());

    let missing = server.get("/rounds").expect(400).await;
    assert_eq!((missing.code(), &missing.json["errors"][0]["pointer"]), ("request.parameter", &json!("plan")));
    assert_eq!(server.get("/rounds?plan=13228-x").expect(400).await.code(), "request.parameter");
    let unknown = server.get("/rounds?plna=130001-kpi-2024").expect(400).await;
    assert_eq!(unknown.code(), "request.unknown_parameter");
}
