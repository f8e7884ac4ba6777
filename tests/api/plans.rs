use crate::harness::Server;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

pub fn plan(status: &str) -> Value {
    json!({
        "title": "見本市 子ども・子育て支援事業計画", "kind": "child_support", "fiscal_year_from": 2020, "fiscal_year_to": 2024,
        "adopted_on": "2020-03", "status": status, "numbering": "plan",
    })
}

pub const PLAN: &str = "/plans/132284-kodomo-2020";

#[actix_web::test]
async fn a_write_is_judged_in_the_order_of_the_contract() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    let put = || server.put(PLAN);
    assert_eq!(put().create().json(&plan("draft")).expect(401).await.code(), "request.unauthorized");
    let stranger = server.token(&[Role::MunicipalApprover], &["132012"]);
    assert_eq!(put().token(&stranger).json(&json!({})).expect(403).await.code(), "request.forbidden");
    let misspelt = put().token(&token).body(br#"{"titel": "x"}"#).expect(400).await;
    assert_eq!(misspelt.code(), "request.unknown_field");
    assert!(misspelt.json["detail"].as_str().unwrap().contains("「title」ではありませんか"), "{misspelt:#?}");
    let mut wrong = plan("draft");
    wrong["title"] = json!("");
    wrong["fiscal_year_to"] = json!(2019);
    let invalid = put().token(&token).json(&wrong).expect(422).await;
    assert_eq!(invalid.json["errors"].as_array().unwrap().len(), 2, "{invalid:#?}");
    assert_eq!(put().token(&token).json(&plan("draft")).expect(428).await.code(), "request.precondition_required");
    assert_eq!(
        put().token(&token).if_match("\"v1\"").json(&plan("draft")).expect(412).await.code(),
        "request.version_conflict"
    );

    assert_eq!(put().token(&token).create().json(&plan("draft")).expect(201).await.etag(), "\"v1\"");
    let again = put().token(&token).create().json(&plan("draft")).expect(200).await;
    assert_eq!((again.etag(), again.header("hagukumi-outcome")), ("\"v1\"", "unchanged"));
    let conflict = put().token(&token).if_match("\"v9\"").json(&plan("adopted")).expect(412).await;
    assert_eq!(conflict.etag(), "\"v1\"");
    let dry = server
        .put(&format!("{PLAN}?dry_run=true"))
        .token(&token)
        .if_match("\"v1\"")
        .json(&plan("adopted"))
        .expect(200)
        .await;
    assert_eq!(dry.etag(), "\"v2\"");
    assert_eq!(server.get(PLAN).expect(404).await.code(), "resource.not_found");
    assert_eq!(put().token(&token).if_match("\"v1\"").json(&plan("adopted")).expect(200).await.etag(), "\"v2\"");
    let back = put().token(&token).if_match("\"v2\"").json(&plan("draft")).expect(409).await;
    assert_eq!(back.code(), "plan.status");
    assert_eq!(server.count("select count(*) from journal where resource = 'plan'").await, 2);
    assert_eq!(server.count("select no as count from publication_head").await, 1);
}

#[actix_web::test]
async fn a_draft_plan_is_seen_by_its_owner_and_its_reporters_only() {
    let server = Server::start().await;
    let owner = server.token(&[Role::PrefectureEditor], &["130001"]);
    let member = server.token(&[Role::MunicipalEditor], &["131016"]);
    let stranger = server.token(&[Role::MunicipalEditor], &["131059"]);
    let mut kpi = plan("draft");
    kpi["kind"] = json!("kpi");
    server.put("/plans/130001-kpi-2024").token(&owner).create().json(&kpi).expect(201).await;
    let reporters = "/plans/130001-kpi-2024/reporters";
    server
        .put(&format!("{reporters}/131016"))
        .token(&owner)
        .create()
        .json(&json!({ "member_group": "特別区" }))
        .expect(201)
        .await;
    let ward = server.put(&format!("{reporters}/141313")).token(&owner).create().json(&json!({})).expect(422).await;
    assert_eq!(ward.code(), "reporter.is_ward");

    let working = "/plans/130001-kpi-2024?view=working";
    server.get(working).token(&owner).expect(200).await;
    server.get(working).token(&member).expect(200).await;
    server.get(working).token(&stranger).expect(404).await;
    server.get(working).expect(401).await;
    server.get("/plans/130001-kpi-2024").token(&owner).expect(404).await;
    server.get(reporters).expect(404).await;
    assert_eq!(server.get(&format!("{reporters}?view=working")).token(&owner).expect(200).await.results().len(), 1);
}

#[actix_web::test]
async fn a_cursor_of_one_plan_is_refused_by_another() {
    let server = Server::start().await;
    let owner = server.token(&[Role::PrefectureEditor], &["130001"]);
    for slug in ["a", "b"] {
        let plan_url = format!("/plans/130001-{slug}");
        server.put(&plan_url).token(&owner).create().json(&plan("adopted")).expect(201).await;
        for code in ["131016", "132284"] {
            let reporter = format!("{plan_url}/reporters/{code}");
            server.put(&reporter).token(&owner).create().json(&json!({})).expect(201).await;
        }
    }
    let first = server.get("/plans/130001-a/reporters?limit=1").expect(200).await;
    let next = first.json["resultset"]["next"].as_str().unwrap();
    let last = server.get(&format!("/plans/130001-a/reporters?limit=1&cursor={next}")).expect(200).await;
    assert_eq!(last.results()[0]["municipality"], "132284");
    let other = server.get(&format!("/plans/130001-b/reporters?limit=1&cursor={next}")).expect(400).await;
    assert_eq!(other.code(), "request.cursor");
}

#[actix_web::test]
async fn two_creators_of_one_plan_leave_one() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    let mut other = plan("draft");
    other["title"] = json!("別の題名");
    let (first, second) = futures_util::future::join(
        server.put(PLAN).token(&token).create().json(&plan("draft")).send(),
        server.put(PLAN).token(&token).create().json(&other).send(),
    )
    .await;
    let mut outcomes = [first.status, second.status];
    outcomes.sort_unstable();
    assert_eq!(outcomes, [201, 412]);
    assert_eq!(server.count("select count(*) from journal").await, 1);
}

#[actix_web::test]

async fn adoption_makes_everything_of_a_plan_public_under_one_number() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    server.put(PLAN).token(&token).create().json(&plan("draft")).expect(201).await;
    let node = json!({ "kind": "basic_goal", "title": "目標", "position": 1 });
    server.put("/nodes/132284-kodomo-2020/1").token(&token).create().json(&node).expect(201).await;
    let program = json!({ "name": "事業", "position": 1, "node": "1" });
    server.put("/programs/132284-kodomo-2020/1").token(&token).create().json(&program).expect(201).await;
    assert_eq!(server.count("select count(*) from changes").await, 0);
    assert_eq!(server.get("/programs?plan=132284-kodomo-2020").expect(200).await.results().len(), 0);

    server.put(PLAN).token(&token).if_match("\"v1\"").json(&plan("adopted")).expect(200).await;
    assert_eq!(server.get("/programs?plan=132284-kodomo-2020").expect(200).await.results().len(), 1);
    for resource in ["plan", "node", "program", "plan_reporter"] {
        let told = format!("select count(*) from changes where no = 1 and op = 'upsert' and resource = '{resource}'");
        assert_eq!(server.count(&told).await, 1, "{resource}");
    }
    assert_eq!(server.count("select count(*) from changes").await, 4);
}

#[actix_web::test]
async fn a_plan_goes_only_when_nothing_belongs_to_it_and_its_etag_never_returns() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    server.put(PLAN).token(&token).create().json(&plan("adopted")).expect(201).await;
    let program = json!({ "name": "事業", "position": 1 });
    server.put("/programs/132284-kodomo-2020/1").token(&token).create().json(&program).expect(201).await;
    let used = server.delete(PLAN).token(&token).if_match("\"v1\"").expect(409).await;
    assert_eq!(used.code(), "resource.in_use");
    server.delete("/programs/132284-kodomo-2020/1").token(&token).if_match("\"v1\"").expect(204).await;
    server.delete(PLAN).token(&token).expect(428).await;
    let (first, second) = futures_util::future::join(
        server.delete(PLAN).token(&token).if_match("\"v1\"").send(),
        server.delete(PLAN).token(&token).if_match("\"v1\"").send(),
    )
    .await;
    let mut outcomes = [first.status, second.status];
    outcomes.sort_unstable();
    assert_eq!(outcomes, [204, 404], "{first:#?} {second:#?}");
    server.get(PLAN).expect(404).await;
    let told = "select count(*) from changes where op = 'delete' and resource in ('plan', 'plan_reporter', 'program')";
    assert_eq!(server.count(told).await, 3);

    let again = server.put(PLAN).token(&token).create().json(&plan("draft")).expect(201).await;
    assert_eq!(again.etag(), "\"v2\"");
    server.put(PLAN).token(&token).if_match("\"v1\"").json(&plan("adopted")).expect(412).await;
}

#[actix_web::test]
async fn an_unused_plan_can_be_deleted_by_who_has_seen_it_last() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    server.put(PLAN).token(&token).create().json(&plan("adopted")).expect(201).await;
    assert_eq!(server.delete(PLAN).token(&token).expect(428).await.code(), "request.precondition_required");
    server.delete(PLAN).token(&token).if_match("\"v2\"").expect(412).await;
    server.advance(chrono::Duration::minutes(16));
    server.delete(PLAN).token(&token).if_match("\"v1\"").expect(401).await;
    let fresh = server.token(&[Role::MunicipalApprover], &["132284"]);
    server.delete(PLAN).token(&fresh).if_match("\"v1\"").expect(204).await;
    server.get(PLAN).expect(404).await;
    assert_eq!(server.count("select count(*) from journal where operation = 'delete'").await, 1);
}

#[actix_web::test]
async fn who_reports_on_a_draft_is_nobody_elses_business() {
    let server = Server::start().await;
    let owner = server.token(&[Role::MunicipalApprover], &["132284"]);
    server.put(PLAN).token(&owner).create().json(&plan("draft")).expect(201).await;
    let reporter = format!("{PLAN}/reporters/132284?view=working");
    server.get(&reporter).token(&owner).expect(200).await;
    let stranger = server.token(&[Role::MunicipalApprover], &["131016"]);
    server.get(&reporter).token(&stranger).expect(404).await;
}

#[actix_web::test]
async fn the_working_view_is_asked_for_in_any_spelling_of_its_parameter() {
    let server = Server::start().await;
    for query in ["view=%77orking", "vie%77=working", "view=working"] {
        server.get(&format!("/plans?{query}")).expect(401).await;
    }
}

#[actix_web::test]
async fn an_encoded_body_is_refused_unread() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    for encoding in ["gzip", "br", "zstd", "nonsense"] {
        let call = server.put(PLAN).token(&token).create().json(&plan("draft"));
        let refused = call.header("content-encoding", encoding).expect(415).await;
        assert_eq!(refused.code(), "request.media_type", "{encoding}");
    }
}
