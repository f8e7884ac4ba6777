//! What stands on a report's sheet beside its records: how it is written, and when it is public.

use super::{PLAN, REPORT, RESULT};
use crate::given::{correct, create, findings, kpi_plan, publish, text, token_of, transition};
use crate::harness::Server;
use futures_util::future::join;
use serde_json::{Value, json};

const SHEET: &str = "/reports/130001-kpi-2024/131016/2024-results";

fn counts(count: i32) -> Value {
    json!({ "declared_counts": [{ "owner": "130001", "scheme": "achievement", "fiscal_year": 2024, "level": "A", "count": count, "of_which_priority": null }], "note": null })
}

/// Tokyo's plan with two reporters and a declared round.
async fn given_a_round() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let round = json!({ "covers": [{ "part": "results", "period": "2024" }, { "part": "targets", "period": "2024" }] });
    create(&server, &token_of(&server, "130001"), &format!("/rounds/{PLAN}/2024-results"), &round).await;
    server
}

#[actix_web::test]
async fn a_sheet_is_judged_in_the_order_of_the_contract() {
    let server = given_a_round().await;
    let token = token_of(&server, "131016");
    let put = || server.put(SHEET);
    put().create().json(&counts(1)).expect(401).await;
    put().token(&token_of(&server, "131024")).create().json(&counts(1)).expect(403).await;
    put().token(&token_of(&server, "130001")).create().json(&counts(1)).expect(403).await;
    assert_eq!(put().token(&token).json(&json!({ "notes": "" })).expect(400).await.code(), "request.unknown_field");
    let mut wrong = counts(-1);
    wrong["declared_counts"][0]["owner"] = json!("130002");
    wrong["declared_counts"][0]["fiscal_year"] = json!(1889);
    let invalid = put().token(&token).json(&wrong).expect(422).await;
    let pointers: Vec<_> = findings(&invalid).into_iter().map(|finding| finding.0).collect();
    let all = ["/declared_counts/0/count", "/declared_counts/0/fiscal_year", "/declared_counts/0/owner"];
    assert_eq!(pointers, all, "{invalid:#?}");
    put().token(&token).json(&counts(1)).expect(428).await;
    put().token(&token).if_match("\"v1\"").json(&counts(1)).expect(412).await;
    let created = put().token(&token).create().json(&counts(1)).expect(201).await;
    assert_eq!((created.etag(), &created.json["declared_counts"]), ("\"v1\"", &counts(1)["declared_counts"]));
    let same = put().token(&token).create().json(&counts(1)).expect(200).await;
    assert_eq!((same.header("hagukumi-outcome"), same.etag()), ("unchanged", "\"v1\""));
    assert_eq!(put().token(&token).if_match("\"v9\"").json(&counts(2)).expect(412).await.etag(), "\"v1\"");
    assert_eq!(put().token(&token).if_match("\"v1\"").json(&counts(2)).expect(200).await.etag(), "\"v2\"");

    let empty = transition(&server, &token, REPORT, json!({ "to": "submitted", "person": "担当A" })).await;
    assert_eq!((empty.status, findings(&empty)), (422, vec![("/comment", "report.empty")]));
    let told = json!({ "to": "submitted", "person": "担当A", "comment": "対象となる事業がありません" });
    assert_eq!(transition(&server, &token, REPORT, told).await.status, 200);
    let locked = put().token(&token).if_match("\"v3\"").json(&counts(3)).expect(409).await;
    assert_eq!(locked.code(), "report.locked");
    put().token(&token).if_match("\"v2\"").json(&counts(3)).expect(412).await;
    assert_eq!(put().token(&token).create().json(&counts(2)).expect(200).await.header("hagukumi-outcome"), "unchanged");
}

#[actix_web::test]
async fn a_sheet_belongs_to_a_reporter_and_a_round_of_the_plan() {
    let server = given_a_round().await;
    let sheet = json!({ "note": "備考" });
    let stranger = token_of(&server, "131032");
    let no_reporter = format!("/reports/{PLAN}/131032/2024-results");
    let refused = server.put(&no_reporter).token(&stranger).create().json(&sheet).expect(403).await;
    assert_eq!(refused.code(), "plan.not_a_reporter");
    let token = token_of(&server, "131016");
    let unknown = format!("/reports/{PLAN}/131016/2023-results");
    let refused = server.put(&unknown).token(&token).create().json(&sheet).expect(422).await;
    assert_eq!(findings(&refused), [("/round", "round.unknown")]);
    let elsewhere = "/reports/130001-kpi-2023/131016/2023-results";
    assert_eq!(
        server.put(elsewhere).token(&token).create().json(&sheet).expect(404).await.code(),
        "resource.not_found"
    );
}

#[actix_web::test]
async fn two_creators_of_one_sheet_leave_one() {
    let server = given_a_round().await;
    let token = token_of(&server, "131016");
    for code in ["131016", "131024"] {
        let (path, token) = (format!("/reports/{PLAN}/{code}/2024-results"), token_of(&server, code));
        let (first, second) = join(
            server.put(&path).token(&token).create().json(&counts(1)).send(),
            server.put(&path).token(&token).create().json(&counts(2)).send(),
        )
        .await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 412], "{first:#?} {second:#?}");
        let created = if first.status == 201 { &first } else { &second };
        let stands = server.get(&format!("{path}?view=working")).token(&token).expect(200).await;
        assert_eq!(stands.json, created.json);
    }
    assert_eq!(server.count("select count(*) from journal where resource = 'report'").await, 2);
    // A report that a record has begun is there, and is replaced, not created.
    create(&server, &token, "/results/130001-kpi-2024/1/131016/2023", &text("本文")).await;
    let begun = format!("/reports/{PLAN}/131016/2023-results");
    server.put(&begun).token(&token).create().json(&counts(1)).expect(412).await;
    server.put(&begun).token(&token).if_match("\"v1\"").json(&counts(1)).expect(200).await;
}

#[actix_web::test]
async fn a_sheet_is_public_as_it_was_published() {
    let server = given_a_round().await;
    let token = token_of(&server, "131016");
    create(&server, &token, RESULT, &text("本文")).await;
    let public = async || server.get(SHEET).expect(200).await.json;
    server.put(SHEET).token(&token).if_match("\"v1\"").json(&counts(1)).expect(200).await;
    server.get(SHEET).expect(404).await;
    assert_eq!(transition(&server, &token, REPORT, json!({ "to": "submitted", "person": "担当A" })).await.status, 200);
    assert_eq!((&public().await["status"], &public().await["declared_counts"]), (&json!("submitted"), &json!([])));
    assert_eq!(transition(&server, &token, REPORT, json!({ "to": "draft", "person": "担当A" })).await.status, 200);
    server.get(SHEET).expect(404).await;

    publish(&server, PLAN, "131016", "2024-results").await;
    let first = public().await;
    assert_eq!(first["declared_counts"], counts(1)["declared_counts"]);
    correct(&server, PLAN, "131016", "2024-results").await;
    let mut draft = counts(2);
    draft["note"] = json!("まだ公表していない備考");
    server.put(SHEET).token(&token).if_match("*").json(&draft).expect(200).await;
    let meanwhile = public().await;
    assert_eq!((&meanwhile["status"], &meanwhile["note"]), (&json!("draft"), &Value::Null));
    assert_eq!(meanwhile["declared_counts"], first["declared_counts"]);
    let listed = server.get("/reports?plan=130001-kpi-2024&municipality=131016").expect(200).await;
    assert_eq!(listed.results()[0], meanwhile);
    let working = server.get(&format!("{SHEET}?view=working")).token(&token).expect(200).await;
    assert_eq!((&working.json["note"], &working.json["declared_counts"]), (&draft["note"], &draft["declared_counts"]));
    // The plan's owner sees the state of a report at any time, its sheet once it is handed in.
    let owner = token_of(&server, "130001");
    let seen = async || server.get(&format!("{SHEET}?view=working")).token(&owner).expect(200).await.json;
    assert_eq!((&seen().await["status"], &seen().await["note"]), (&json!("draft"), &Value::Null));
    assert_eq!(transition(&server, &token, REPORT, json!({ "to": "submitted", "person": "担当A" })).await.status, 200);
    assert_eq!(seen().await["note"], draft["note"]);
    assert_eq!(transition(&server, &token, REPORT, json!({ "to": "draft", "person": "担当A" })).await.status, 200);
    publish(&server, PLAN, "131016", "2024-results").await;
    assert_eq!((&public().await["note"], &public().await["edition"]), (&draft["note"], &json!(2)));
}
