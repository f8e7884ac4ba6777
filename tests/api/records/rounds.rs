//! Which round a record is handed in with: a declared one, or the default round its first write makes.

use super::{PLAN, RESULT};
use crate::given::{create, kpi_plan, publish, text, token_of, transition, walk};
use crate::harness::Server;
use futures_util::future::join_all;
use serde_json::{Value, json};

#[actix_web::test]
async fn many_first_writers_at_once_share_one_default_round() {
    let members = ["131016", "131024", "131032", "131041", "131059", "131067"];
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &members).await;
    for period in ["2024", "2024-H1", "202404"] {
        let first = members.map(|code| {
            let (path, token) = (format!("/results/{PLAN}/1/{code}/{period}"), token_of(&server, code));
            server.put(&path).token(&token).create().json(&text("本文")).send()
        });
        for answer in join_all(first).await {
            assert_eq!(
                (answer.status, &answer.json["round"]),
                (201, &json!(format!("{period}-results"))),
                "{answer:#?}"
            );
        }
    }
    assert_eq!(server.count("select count(*) from rounds").await, 3);
    assert_eq!(server.count("select count(*) from round_covers").await, 3);
    assert_eq!(server.count("select count(*) from reports").await, 18);
    // One of the six made each round, and said so.
    assert_eq!(server.count("select count(*) from journal where resource = 'round'").await, 3);
}

#[actix_web::test]
async fn a_default_round_is_public_with_the_first_report_that_is_handed_in() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    for code in ["131016", "131024"] {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
    }
    let round = format!("/rounds/{PLAN}/2024-results");
    let list = format!("/rounds?plan={PLAN}");
    let token = token_of(&server, "131016");
    server.get(&round).expect(404).await;
    assert_eq!(server.get(&list).expect(200).await.results().len(), 0);
    server.get(&format!("{round}?view=working")).token(&token).expect(200).await;
    let feed = "select count(*) from changes where resource = 'round' and op =";
    assert_eq!(server.count(&format!("{feed} 'upsert'")).await, 0);

    let report = format!("{PLAN}/131016/2024-results");
    let submitted = json!({ "to": "submitted", "person": "担当A" });
    assert_eq!(transition(&server, &token, &report, submitted.clone()).await.status, 200);
    let shown = server.get(&round).expect(200).await;
    assert_eq!(shown.json["is_default"], true);
    assert_eq!(server.get(&list).expect(200).await.results(), &[shown.json]);
    assert_eq!(server.count(&format!("{feed} 'upsert'")).await, 1);

    // Withdrawn, nothing of it has been handed in: the feed takes back what it told.
    assert_eq!(transition(&server, &token, &report, json!({ "to": "draft", "person": "担当A" })).await.status, 200);
    server.get(&round).expect(404).await;
    assert_eq!(server.count(&format!("{feed} 'delete'")).await, 1);
    let taken_back = "select count(*) from changes where resource = 'report' and op = 'delete'";
    assert_eq!(server.count(taken_back).await, 1);
    assert_eq!(walk(&server, &format!("/reports?plan={PLAN}"), None).await, [] as [Value; 0]);
    publish(&server, PLAN, "131016", "2024-results").await;
    server.get(&round).expect(200).await;
    assert_eq!(server.count(taken_back).await, 1);
}

#[actix_web::test]
async fn a_declared_round_collects_its_parts_and_periods_in_one_report() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let covers = json!([
        { "part": "targets", "period": "baseline" }, { "part": "targets", "period": "R6" },
        { "part": "targets", "period": "令和7年度以降" }, { "part": "results", "period": "2024" },
        { "part": "results", "period": "平成29年10月" },
    ]);
    create(&server, &token_of(&server, "130001"), &format!("/rounds/{PLAN}/sheet"), &json!({ "covers": covers })).await;
    let token = token_of(&server, "131016");
    let inside = ["targets/{}/baseline", "targets/{}/2024", "targets/{}/2025-", "results/{}/2024", "results/{}/201710"];
    for path in inside {
        let path = format!("/{}", path.replace("{}", &format!("{PLAN}/1/131016")));
        assert_eq!(create(&server, &token, &path, &text(&path)).await.json["round"], "sheet");
    }
    let outside = create(&server, &token, &format!("/results/{PLAN}/1/131016/2025"), &text("翌年度")).await;
    assert_eq!(outside.json["round"], "2025-results");
    let reports = walk(&server, &format!("/reports?plan={PLAN}&view=working"), Some(&token)).await;
    let rounds: Vec<_> = reports.iter().map(|report| report["round"].as_str().unwrap()).collect();
    assert_eq!(rounds, ["2025-results", "sheet"]);

    let before = server.count("select no as count from publication_head").await;
    publish(&server, PLAN, "131016", "sheet").await;
    // Submitted, approved, published: one number each, and the last made all five public.
    assert_eq!(server.count("select no as count from publication_head").await, before + 3);
    let of_one = "select count(distinct from_no) from published_records";
    assert_eq!(server.count(of_one).await, 1);
    assert_eq!(walk(&server, &format!("/targets?plan={PLAN}"), None).await.len(), 3);
    let results = walk(&server, &format!("/results?plan={PLAN}"), None).await;
    let shown: Vec<_> =
        results.iter().map(|row| (row["period"].as_str().unwrap(), row["edition"].as_i64().unwrap())).collect();
    assert_eq!(shown, [("201710", 1), ("2024", 1)]);
    server.put(RESULT).token(&token).if_match("\"v1\"").json(&text("他")).expect(409).await;
    server
        .put(&format!("/results/{PLAN}/1/131016/2025"))
        .token(&token)
        .if_match("\"v1\"")
        .json(&text("別の照会は開いている"))
        .expect(200)
        .await;
}

#[actix_web::test]
async fn a_default_round_goes_on_from_the_versions_its_code_has_had() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let (owner, token) = (token_of(&server, "130001"), token_of(&server, "131016"));
    let round = format!("/rounds/{PLAN}/2024-results");
    let body = json!({ "covers": [{ "part": "results", "period": "2024" }] });
    create(&server, &owner, &round, &body).await;
    server.delete(&round).token(&owner).if_match("\"v1\"").expect(204).await;
    create(&server, &token, RESULT, &text("本文")).await;
    let working = server.get(&format!("{round}?view=working")).token(&token).expect(200).await;
    assert_eq!((working.etag(), &working.json["is_default"]), ("\"v2\"", &json!(true)));
    publish(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(server.get(&round).expect(200).await.etag(), "\"v2\"");
    // The owner's own, then the default one at each of the three steps.
    for (etag, times) in [("v1", 1), ("v2", 3)] {
        let told = format!("select count(*) from changes where resource = 'round' and etag = '\"{etag}\"'");
        assert_eq!(server.count(&told).await, times, "{etag}");
    }
}

#[actix_web::test]
async fn who_is_left_out_after_beginning_does_not_hand_in() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let (owner, token) = (token_of(&server, "130001"), token_of(&server, "131016"));
    let round = format!("/rounds/{PLAN}/r");
    let mut body = json!({ "covers": [{ "part": "results", "period": "2024" }] });
    create(&server, &owner, &round, &body).await;
    create(&server, &token, RESULT, &text("本文")).await;
    body["members"] = json!([{ "municipality": "131016", "left_out": true }]);
    server.put(&round).token(&owner).if_match("\"v1\"").json(&body).expect(200).await;
    let (report, submit) = (format!("{PLAN}/131016/r"), json!({ "to": "submitted", "person": "担当A" }));
    let refused = transition(&server, &token, &report, submit.clone()).await;
    assert_eq!((refused.status, refused.code()), (403, "plan.not_a_reporter"), "{refused:#?}");
    body["members"] = json!([]);
    server.put(&round).token(&owner).if_match("\"v2\"").json(&body).expect(200).await;
    assert_eq!(transition(&server, &token, &report, submit).await.status, 200);
}
