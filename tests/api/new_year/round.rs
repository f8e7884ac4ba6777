use super::{CITY, OLD, given, post, program, trail};
use crate::given::{create, findings, token_of};
use crate::harness::Server;
use serde_json::{Value, json};

async fn with_round(body: Value) -> (Server, String) {
    let (server, token) = given().await;
    create(&server, &token, &format!("/rounds/{OLD}/2023-results"), &body).await;
    (server, token)
}

fn of_2023() -> Value {
    json!({
        "title": "令和5年度 実績調査", "due_at": "2024-05-31",
        "covers": [{ "part": "results", "period": "2023" }, { "part": "targets", "period": "2024" }],
    })
}

const PATH: &str = "/rounds/132284-kodomo-2020/2023-results/successors";

#[actix_web::test]
async fn one_call_makes_the_next_years_form() {
    let (server, token) = with_round(of_2023()).await;
    // 3 became 5 within the plan, and nobody said when it ended.
    create(
        &server,
        &token,
        &format!("/programs/{OLD}/5"),
        &json!({ "name": "家庭訪問", "position": 5, "started_in": 2024 }),
    )
    .await;
    let mut old = json!({ "name": "訪問", "number_label": "3", "position": 3 });
    old["successors"] = json!([{ "plan": OLD, "program": "5", "kind": "continued" }]);
    server.put(&format!("/programs/{OLD}/3")).token(&token).if_match("\"v1\"").json(&old).expect(200).await;

    let before = trail(&server).await;
    let dry = post(&server, &token, &format!("{PATH}?dry_run=true"), "a", &json!({})).expect(201).await;
    assert_eq!(trail(&server).await, before);
    let made = post(&server, &token, PATH, "a", &json!({})).expect(201).await;
    assert_eq!(made.json, dry.json, "what was tried is what was made");
    assert_eq!(made.etag(), "\"v1\"");
    // The round, and the two programs that changed: a row each, one number.
    assert_eq!(trail(&server).await, (before.0 + 3, before.1 + 1));
    let again = post(&server, &token, PATH, "a", &json!({})).expect(201).await;
    assert_eq!((&again.json, again.etag(), trail(&server).await), (&made.json, "\"v1\"", (before.0 + 3, before.1 + 1)));

    let round = server.get(&format!("/rounds/{OLD}/2024-results")).expect(200).await;
    assert_eq!(round.json, made.json["round"]);
    assert_eq!(
        (&round.json["title"], &round.json["due_at"]),
        (&json!("令和6年度 実績調査"), &json!("2025-06-01T00:00:00.000000+09:00"))
    );
    // Targets of 2025 are the next plan's.
    assert_eq!(round.json["covers"], json!([{ "part": "results", "period": "2024" }]));
    let form: Vec<_> = made.json["form"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["program"].as_str().unwrap(), p["from"].clone()))
        .collect();
    assert_eq!(form, [("1", json!(["1"])), ("2", json!(["2"])), ("5", json!(["3"]))]);
    assert_eq!(made.json["left_out"], json!(["3", "4"]));
    // The department as it is called by then; what else was printed stays.
    let changed = program(&server, &token, OLD, "1").await;
    let departments = json!([
        { "department": "katei", "role": "lead", "printed_text": "こども家庭課" },
        { "department": null, "role": "joint", "printed_text": "ほか" },
    ]);
    assert_eq!((changed.etag(), &changed.json["departments"]), ("\"v2\"", &departments));
    assert_eq!(program(&server, &token, OLD, "3").await.json["ended_after"], 2023);
    assert_eq!(program(&server, &token, OLD, "2").await.etag(), "\"v1\"");
}

#[actix_web::test]
async fn what_cannot_go_on_is_told() {
    let (server, token) = with_round(of_2023()).await;
    let refused = async |path: &str, body: Value, status: u16| {
        let before = trail(&server).await;
        let answer = post(&server, &token, path, "b", &body).expect(status).await;
        assert_eq!(trail(&server).await, before, "{answer:#?}");
        answer
    };
    create(
        &server,
        &token,
        &format!("/rounds/{OLD}/taken"),
        &json!({ "covers": [{ "part": "results", "period": "2024" }] }),
    )
    .await;
    assert_eq!(findings(&refused(PATH, json!({}), 409).await), [("/covers", "round.pair_taken")]);
    assert_eq!(findings(&refused(PATH, json!({ "code": "taken" }), 409).await), [("/code", "round.code_taken")]);
    // The plan ends with 2024; a round without a year in its code; nothing but the beginning.
    let last =
        json!({ "covers": [{ "part": "targets", "period": "baseline" }, { "part": "results", "period": "2022" }] });
    create(&server, &token, &format!("/rounds/{OLD}/spring"), &last).await;
    let spring = format!("/rounds/{OLD}/spring/successors");
    assert_eq!(findings(&refused(&spring, json!({}), 422).await), [("/code", "request.invalid")]);
    let taken = format!("/rounds/{OLD}/taken/successors");
    let ends = refused(&taken, json!({}), 409).await;
    assert_eq!(ends.code(), "round.no_next_year");
    assert!(ends.json["detail"].as_str().unwrap().contains("/plans/132284-kodomo-2020/successors"), "{ends:#?}");
    refused(&format!("/rounds/{OLD}/none/successors"), json!({}), 404).await;
    server.post(PATH).token(&token).json(&json!({})).expect(400).await;
    let stranger = token_of(&server, "131016");
    post(&server, &stranger, PATH, "c", &json!({})).expect(403).await;
}

#[actix_web::test]
async fn who_was_left_out_stays_so_and_extensions_end() {
    let server = Server::start().await;
    crate::given::kpi_plan(&server, "130001-kpi-2024", &[CITY, "131016", "131024"]).await;
    let owner = token_of(&server, "130001");
    let mut plan = crate::given::plan_body("見本のKPI", 2024, 2026);
    plan["fiscal_year_to"] = Value::Null;
    server.put("/plans/130001-kpi-2024").token(&owner).if_match("\"v1\"").json(&plan).expect(200).await;
    let mut round = of_2023();
    round["members"] =
        json!([{ "municipality": "131016", "left_out": true }, { "municipality": "131024", "due_at": "2024-07-31" }]);
    create(&server, &owner, "/rounds/130001-kpi-2024/2023-results", &round).await;
    let given = json!({ "code": "tsugi", "title": "次の調査", "due_at": "2025-04-30" });
    let made = post(&server, &owner, "/rounds/130001-kpi-2024/2023-results/successors", "a", &given).expect(201).await;
    let round = &made.json["round"];
    assert_eq!((&round["code"], &round["title"]), (&json!("tsugi"), &json!("次の調査")));
    assert_eq!(round["due_at"], "2025-05-01T00:00:00.000000+09:00");
    assert_eq!(round["members"], json!([{ "municipality": "131016", "left_out": true, "due_at": null }]));
}
