//! Many reports in one call: each by the rule of the single step, each with its outcome, the whole repeatable.

use super::PLAN;
use crate::given::{create, kpi_plan, text, token_of};
use crate::harness::{Answer, Call, Server};
use diesel_async::SimpleAsyncConnection;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const MEMBERS: [&str; 4] = ["131016", "131024", "131032", "131041"];

/// A plan whose members have written a result each.
async fn given_drafts() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &MEMBERS).await;
    for code in MEMBERS {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
    }
    server
}

fn step(code: &str, to: &str) -> Value {
    json!({ "plan": PLAN, "municipality": code, "round": "2024-results", "to": to, "person": format!("{to}の人") })
}

fn many(server: &Server, token: &str, key: &str, steps: &[Value]) -> Call {
    server.post("/transitions").token(token).header("idempotency-key", key).json(&json!({ "transitions": steps }))
}

/// What became of each: its ETag, or the code of its problem.
fn outcomes(answer: &Answer) -> Vec<String> {
    let all = answer.json["outcomes"].as_array().unwrap_or_else(|| panic!("{answer:#?}")).iter();
    let moved = all.clone().filter(|one| one["result"] == "moved").count();
    assert_eq!((&answer.json["moved"], &answer.json["refused"]), (&json!(moved), &json!(all.len() - moved)));
    all.map(|one| one["etag"].as_str().or(one["problem"]["code"].as_str()).unwrap().to_owned()).collect()
}

async fn steps_made(server: &Server) -> i64 {
    server.count("select count(*) from report_transitions").await
}

#[actix_web::test]
async fn each_report_has_its_outcome_and_one_refused_holds_up_no_other() {
    let server = given_drafts().await;
    let vendor = server.token(&[Role::MunicipalEditor], &["131016", "131024", "131032"]);
    let submit = ["131016", "131024", "131032", "131041"].map(|code| step(code, "submitted"));
    let submitted = many(&server, &vendor, "a", &submit).expect(200).await;
    assert_eq!(outcomes(&submitted), ["\"v2\"", "\"v2\"", "\"v2\"", "request.forbidden"]);
    assert_eq!(submitted.header("cache-control"), "no-store");

    let reviewer = token_of(&server, "130001");
    let mut returned = step("131032", "returned");
    returned["comment"] = json!("指摘のとおり");
    returned["comments"] = json!([
        { "part": "results", "program": "9", "period": "2024", "text": "どの事業ですか" },
        { "part": "targets", "program": "1", "period": "2024", "text": "この照会ではありません" },
    ]);
    let nowhere =
        json!({ "plan": "130001-none", "municipality": "131016", "round": "x", "to": "approved", "person": "審査B" });
    let steps = [
        step("131016", "approved"),
        step("131016", "published"),
        step("131024", "returned"),
        step("131041", "approved"),
        returned,
        nowhere,
        step("131024", "approved"),
        step("131024", "approved"),
    ];
    let mixed = many(&server, &reviewer, "a", &steps).expect(200).await;
    let expected = [
        "\"v3\"",
        "\"v4\"",
        "report.reason_required",
        "report.transition",
        "request.invalid",
        "resource.not_found",
        "\"v3\"",
        "report.transition",
    ];
    assert_eq!(outcomes(&mixed), expected);
    let of = |index: usize| &mixed.json["outcomes"][index];
    assert_eq!(
        (&of(1)["edition"], &of(1)["municipality"], &of(1)["to"]),
        (&json!(1), &json!("131016"), &json!("published"))
    );
    let problem = &of(2)["problem"];
    assert!(
        problem["message_ja"].as_str().unwrap().contains("理由")
            && problem["message_en"].as_str().unwrap().contains("reason")
    );
    assert_eq!(
        (&problem["fix_by"], &problem["errors"][0]["pointer"]),
        (&json!("sender"), &json!("/transitions/2/comment"))
    );
    let places: Vec<_> =
        of(4)["problem"]["errors"].as_array().unwrap().iter().map(|e| (&e["pointer"], &e["code"])).collect();
    assert_eq!(
        places,
        [
            (&json!("/transitions/4/comments/0/program"), &json!("program.unknown")),
            (&json!("/transitions/4/comments/1/period"), &json!("record.period")),
        ]
    );
    // 3 submitted, 3 moved on; each leaves one row.
    assert_eq!(steps_made(&server).await, 6);
    assert_eq!(server.count("select count(*) from journal where operation = 'transition'").await, 6);
    let told = "select count(*) from idempotency_keys";
    assert_eq!(server.count(told).await, 2, "one a call, when it is done");

    let again = many(&server, &reviewer, "a", &steps).expect(200).await;
    assert_eq!(again.text, mixed.text);
    let other = many(&server, &reviewer, "a", &steps[..1]).expect(422).await;
    assert_eq!(other.code(), "request.idempotency_key_reused");
    assert_eq!(steps_made(&server).await, 6);
}

#[actix_web::test]
async fn a_call_that_ends_half_way_goes_on_where_it_was() {
    let server = given_drafts().await;
    let vendor = server.token(&[Role::MunicipalEditor], &MEMBERS);
    let steps = MEMBERS.map(|code| step(code, "submitted"));
    // Somebody holds the third report: the call gives up there.
    let mut holder = server.owner().await;
    holder.batch_execute("begin; select from reports where municipality = '131032' for update").await.unwrap();
    let busy = many(&server, &vendor, "a", &steps).expect(503).await;
    assert_eq!((busy.code(), busy.header("retry-after").is_empty()), ("service.busy", false));
    assert_eq!(steps_made(&server).await, 2);
    let other = many(&server, &vendor, "a", &steps[..2]).expect(422).await;
    assert_eq!(other.code(), "request.idempotency_key_reused", "what has begun under a key is what it is for");
    holder.batch_execute("rollback").await.unwrap();
    // Meanwhile the first has gone on: what the call did is still told as done.
    let reviewer = token_of(&server, "130001");
    many(&server, &reviewer, "b", &[step("131016", "approved")]).expect(200).await;
    let whole = many(&server, &vendor, "a", &steps).expect(200).await;
    assert_eq!(outcomes(&whole), ["\"v2\""; 4]);
    assert_eq!(steps_made(&server).await, 5);
    assert_eq!(many(&server, &vendor, "a", &steps).expect(200).await.text, whole.text);
    assert_eq!(server.count("select count(*) from idempotency_keys").await, 2);
}

#[actix_web::test]
async fn a_call_that_moves_nothing_keeps_nothing() {
    let server = given_drafts().await;
    let reviewer = token_of(&server, "130001");
    let early = [step("131016", "approved")];
    assert_eq!(outcomes(&many(&server, &reviewer, "a", &early).expect(200).await), ["report.transition"]);
    assert_eq!(server.count("select count(*) from idempotency_keys").await, 0);
    let vendor = server.token(&[Role::MunicipalEditor], &MEMBERS);
    many(&server, &vendor, "a", &[step("131016", "submitted")]).expect(200).await;
    assert_eq!(outcomes(&many(&server, &reviewer, "a", &early).expect(200).await), ["\"v3\""], "judged anew");
}

#[actix_web::test]
async fn who_submits_does_not_publish_here_either() {
    let server = Server::start().await;
    let own = "132284-kodomo-2020";
    kpi_plan(&server, own, &[]).await;
    let token = token_of(&server, "132284");
    create(&server, &token, &format!("/results/{own}/1/132284/2020"), &text("本文")).await;
    let step = |to: &str, person: &str| json!({ "plan": own, "municipality": "132284", "round": "2020-results", "to": to, "person": person });
    let steps = [
        step("submitted", "担当A"),
        step("approved", "担当A"),
        step("published", "担当A "),
        step("published", "課長B"),
    ];
    let all = many(&server, &token, "a", &steps).expect(200).await;
    assert_eq!(outcomes(&all), ["\"v2\"", "\"v3\"", "report.same_person", "\"v4\""]);
}

#[actix_web::test]
async fn a_body_that_is_wrong_moves_nothing() {
    let server = given_drafts().await;
    let vendor = server.token(&[Role::MunicipalEditor], &MEMBERS);
    let mut wrong = step("13101", "submitted");
    wrong["plan"] = json!("見本");
    wrong["comments"] =
        json!([{ "part": "results", "program": "1", "period": "2024", "pointer": "values", "text": "a" }]);
    let refused = many(&server, &vendor, "a", &[step("131016", "submitted"), wrong]).expect(422).await;
    let places: Vec<&str> =
        refused.json["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        places,
        [
            "/transitions/1/plan",
            "/transitions/1/municipality",
            "/transitions/1/comments/0/pointer",
            "/transitions/1/comments",
        ]
    );
    assert_eq!(many(&server, &vendor, "a", &[]).expect(422).await.code(), "request.invalid");
    many(&server, &vendor, "a", &vec![step("131016", "submitted"); 2001]).expect(422).await;
    let body = json!({ "transitions": [step("131016", "submitted")] });
    assert_eq!(
        server.post("/transitions").token(&vendor).json(&body).expect(400).await.code(),
        "request.idempotency_key_required"
    );
    server.post("/transitions").header("idempotency-key", "a").json(&body).expect(401).await;
    let administrator = server.token(&[Role::Administrator], &[]);
    many(&server, &administrator, "a", &[step("131016", "submitted")]).expect(403).await;
    assert_eq!(steps_made(&server).await, 0);
}
