use crate::harness::Server;
use diesel_async::SimpleAsyncConnection;
use hagukumi::auth::jwt::Role;
use hagukumi::db::migrations;
use serde_json::json;

#[actix_web::test]
async fn the_list_is_the_1741_of_today_in_code_order() {
    let server = Server::start().await;
    let mut codes: Vec<String> = Vec::new();
    let mut path = "/municipalities?limit=300".to_owned();
    loop {
        let page = server.get(&path).expect(200).await;
        codes.extend(page.results().iter().map(|m| m["code"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["resultset"]["next"].as_str() else { break };
        path = format!("/municipalities?limit=300&cursor={next}");
    }
    assert_eq!(codes.len(), 1741);
    assert!(codes.is_sorted());
    assert_eq!(server.get("/municipalities?prefecture=130001").expect(200).await.results().len(), 62);
    let city = server.get("/municipalities?prefecture=141003").expect(400).await;
    assert!(city.json["detail"].as_str().unwrap().contains("140007 ではありませんか"), "{city:#?}");
    assert_eq!(server.get("/municipalities?kind=ward&limit=1000").expect(200).await.results().len(), 171);
    assert_eq!(server.get("/prefectures").expect(200).await.results().len(), 47);
}

#[actix_web::test]
async fn a_wrong_code_in_the_address_says_the_right_one() {
    let server = Server::start().await;
    let answer = server.get("/municipalities/13228").expect(400).await;
    assert_eq!(answer.code(), "municipality.not_canonical");
    assert!(answer.json["detail"].as_str().unwrap().contains("/api/v1/municipalities/132284"), "{answer:#?}");
    let english = server.get("/municipalities/132285").header("accept-language", "en").expect(400).await;
    assert_eq!(english.header("content-language"), "en");
    assert!(english.json["detail"].as_str().unwrap().is_ascii(), "{english:#?}");
    // Only the code is put right, not what begins like it.
    let report = server.get("/reports/132284-kodomo-2020/13228/2020-results").expect(400).await;
    let right = "/api/v1/reports/132284-kodomo-2020/132284/2020-results";
    assert!(report.json["detail"].as_str().unwrap().ends_with(right), "{report:#?}");
    let near_to_none = server.get("/municipalities/000000").expect(400).await;
    assert!(!near_to_none.json["detail"].as_str().unwrap().contains("URL"), "{near_to_none:#?}");
    assert_eq!(server.get("/municipalities/132284").expect(200).await.json["name"], "あきる野市");
    assert_eq!(server.get("/prefectures/132284").expect(404).await.code(), "resource.not_found");
}

#[actix_web::test]
async fn an_administrator_records_a_merger() {
    let server = Server::start().await;
    let token = server.token(&[Role::Administrator], &[]);
    let stands = server.get("/municipalities/132284").expect(200).await;
    let before = server.get("/municipalities/132012").expect(200).await;
    let body = json!({
        "name": "あきる野市", "kana": "アキルノシ", "kind": "city", "prefecture": "130001", "valid_to": "2027-03-31",
        "successors": [{ "municipality": "132012", "effective_on": "2027-04-01", "kind": "absorption" }],
    });
    let put = server.put("/municipalities/132284").token(&token).if_match(stands.etag()).json(&body).expect(200).await;
    assert_eq!(put.etag(), "\"v2\"");
    let heir = server.get("/municipalities/132012").header("if-none-match", before.etag()).expect(200).await;
    assert_eq!(heir.json["predecessors"][0]["municipality"], "132284");
    assert!(heir.etag().starts_with("\"v1;"), "{heir:#?}");
    server.get("/municipalities/132012").header("if-none-match", heir.etag()).expect(304).await;
    let heirs = json!({ "name": "八王子市", "kana": "ハチオウジシ", "kind": "city", "prefecture": "130001" });
    server
        .put("/municipalities/132012?dry_run=true")
        .token(&token)
        .if_match(heir.etag())
        .json(&heirs)
        .expect(200)
        .await;
    assert_eq!(
        server.get("/municipalities?prefecture=130001&valid_on=2027-04-01").expect(200).await.results().len(),
        61
    );

    let editor = server.token(&[Role::MunicipalApprover], &["132284"]);
    let refused = server.put("/municipalities/132284").token(&editor).if_match("\"v2\"").json(&body).expect(403).await;
    assert_eq!(refused.code(), "request.forbidden");
}

#[actix_web::test]
async fn parameters_are_never_ignored() {
    let server = Server::start().await;
    let unknown = server.get("/municipalities?prefectur=130001").expect(400).await;
    assert_eq!(unknown.code(), "request.unknown_parameter");
    assert!(unknown.json["detail"].as_str().unwrap().contains("prefecture ではありませんか"), "{unknown:#?}");
    assert_eq!(server.get("/municipalities?limit=5&limit=6").expect(400).await.code(), "request.repeated_parameter");
    assert_eq!(server.get("/municipalities?limit=0").expect(400).await.code(), "request.parameter");
    assert_eq!(server.get("/municipalities?kind=city,ward,city").expect(400).await.code(), "request.parameter");
    assert_eq!(server.get("/municipalities?kind=hamlet").expect(400).await.code(), "request.parameter");
    let page = server.get("/municipalities?limit=5").expect(200).await;
    let next = page.json["resultset"]["next"].as_str().unwrap();
    let other = server.get(&format!("/municipalities?limit=5&prefecture=130001&cursor={next}")).expect(400).await;
    assert_eq!(other.code(), "request.cursor");
    assert_eq!(server.post("/municipalities").expect(405).await.header("allow"), "GET, HEAD, OPTIONS");
}

#[actix_web::test]
async fn a_municipality_that_cannot_be_is_told_why() {
    let server = Server::start().await;
    let token = server.token(&[Role::Administrator], &[]);
    let heir = json!({ "municipality": "132012", "effective_on": "2027-04-01", "kind": "absorption" });
    for (change, pointer) in [
        (json!({ "successors": [heir, heir] }), "/successors/1/municipality"),
        (
            json!({ "successors": [{ "municipality": "132284", "effective_on": "2027-04-01", "kind": "split" }] }),
            "/successors",
        ),
        (
            json!({ "successors": [{ "municipality": "132012", "effective_on": "-262143-01-01", "kind": "split" }] }),
            "/successors/0/effective_on",
        ),
        (json!({ "prefecture": "270008" }), "/prefecture"),
        (json!({ "kind": "prefecture" }), "/kind"),
        (json!({ "kind": "ward", "parent": "132284" }), "/parent"),
        (json!({ "valid_from": "-262143-01-01" }), "/valid_from"),
        (json!({ "valid_to": "+262142-12-31" }), "/valid_to"),
    ] {
        let mut body = json!({ "name": "あきる野市", "kana": "アキルノシ", "kind": "city", "prefecture": "130001" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = server.put("/municipalities/132284").token(&token).if_match("*").json(&body).expect(422).await;
        assert_eq!(refused.json["errors"][0]["pointer"], pointer, "{refused:#?}");
    }
    for day in ["-262143-01-01", "-9999-01-01", "%2B262142-12-31"] {
        server.get(&format!("/municipalities?valid_on={day}")).expect(400).await;
    }
}

/// A later release brings a code: copies are told, and a list that was kept is another.
#[actix_web::test]
async fn a_code_of_a_later_release_is_told_by_the_feed() {
    let server = Server::start().await;
    let list = "/municipalities?prefecture=130001";
    let head = server.get("/changes/head").expect(200).await.json["cursor"].as_str().unwrap().to_owned();
    let tag = server.get(list).expect(200).await.etag().to_owned();
    server.owner().await.batch_execute("delete from municipalities where code = '134015'").await.unwrap();
    let again = async || migrations::migrate(&server.owner_address(), None).await.unwrap();
    again().await;
    let told = server.get(&format!("/changes?after={head}")).expect(200).await;
    let [entry] = told.results().as_slice() else { panic!("{told:#?}") };
    assert_eq!((&entry["op"], &entry["key"]), (&json!("upsert"), &json!({ "municipality": "134015" })));
    assert_eq!(entry["etag"], server.get("/municipalities/134015").expect(200).await.etag());
    server.get(list).header("if-none-match", &tag).expect(200).await;
    again().await;
    assert_eq!(server.get(&format!("/changes?after={head}")).expect(200).await.results().len(), 1, "once");
}
