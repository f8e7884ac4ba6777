//! How complete a report is, as its parties see it.

use super::{PLAN, REPORT};
use crate::given::{create, kpi_plan, text, token_of, transition};
use crate::harness::Server;
use serde_json::{Value, json};

/// A plan with a program of two indicators beside the one without any, and the reporter's token.
pub async fn given_a_form(server: &Server) -> String {
    kpi_plan(server, PLAN, &["131016", "131024"]).await;
    let owner = token_of(server, "130001");
    for code in ["users", "sites"] {
        let indicator =
            json!({ "name": code, "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
        create(server, &owner, &format!("/indicators/130001/{code}"), &indicator).await;
    }
    let asked = |indicator: &str, target: bool| json!({ "owner": "130001", "indicator": indicator, "label": format!("{indicator}の数"), "target_required": target, "result_required": true });
    let program = json!({ "name": "相談", "number_label": "2", "position": 2, "indicators": [asked("users", true), asked("sites", false)] });
    create(server, &owner, &format!("/programs/{PLAN}/2"), &program).await;
    let round = json!({ "due_at": "2026-11-30", "covers": [
        { "part": "targets", "period": "2024" }, { "part": "results", "period": "2024" }, { "part": "targets", "period": "baseline" } ] });
    create(server, &owner, &format!("/rounds/{PLAN}/2024-results"), &round).await;
    token_of(server, "131016")
}

pub fn figure(indicator: &str, content: Value) -> Value {
    let mut figure = json!({ "item": indicator, "label": indicator, "unit": "人", "source": "人",
        "indicator": { "owner": "130001", "indicator": indicator } });
    figure.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
    figure
}

#[actix_web::test]
async fn a_report_is_complete_when_every_cell_is_answered() {
    let server = Server::start().await;
    let reporter = given_a_form(&server).await;
    let path = format!("/reports/{REPORT}/completeness");
    let put = async |path: String, body: Value| create(&server, &reporter, &path, &body).await;
    let seen = async || server.get(&path).token(&reporter).expect(200).await.json;
    server.get(&path).token(&reporter).expect(404).await;

    put(format!("/results/{PLAN}/1/131016/2024"), text("本文")).await;
    let first = seen().await;
    // Of program 1 a target of 2024 and one of 現状, a result; of program 2 a target of each and two results.
    let counts = json!({ "required": 7, "answered": 1, "percent": 14, "unanswered": 6,
        "missing": { "not_measured": 0, "not_applicable": 0, "not_implemented": 0, "not_reported": 0, "suppressed": 0 } });
    assert_eq!((&first["completeness"], &first["status"], &first["late"]), (&counts, &json!("draft"), &json!(false)));
    assert_eq!(first["due_at"], "2026-12-01T00:00:00.000000+09:00");
    let cells = |seen: &Value| -> Vec<String> {
        let cells = seen["unanswered_cells"].as_array().unwrap().iter();
        cells
            .map(|cell| {
                let of = |name: &str| cell[name].as_str().unwrap_or("-").to_owned();
                let label = cell["indicator"]["label"].as_str().unwrap_or("-");
                format!("{} {} {} {label}", of("program_number"), of("part"), of("period"))
            })
            .collect()
    };
    assert_eq!(
        cells(&first),
        [
            "- targets baseline -",
            "- targets 2024 -",
            "2 targets baseline usersの数",
            "2 targets 2024 usersの数",
            "2 results 2024 usersの数",
            "2 results 2024 sitesの数",
        ]
    );
    assert_eq!(first["unanswered_cells"][5]["indicator"]["indicator"], "sites");

    let zero = json!({ "values": [figure("users", json!({ "value": 0 }))] });
    put(format!("/results/{PLAN}/2/131016/2024"), zero).await;
    let missing = json!({ "values": [figure("users", json!({ "missing_reason": "not_applicable", "unit": null }))] });
    put(format!("/targets/{PLAN}/2/131016/2024"), missing).await;
    put(format!("/targets/{PLAN}/2/131016/baseline"), json!({ "values": [figure("users", json!({ "value": 5 }))] }))
        .await;
    put(format!("/targets/{PLAN}/1/131016/2024"), text("目標")).await;
    put(format!("/targets/{PLAN}/1/131016/baseline"), text("現状")).await;
    let nearly = seen().await;
    assert_eq!(cells(&nearly), ["2 results 2024 sitesの数"]);
    assert_eq!((&nearly["completeness"]["answered"], &nearly["completeness"]["percent"]), (&json!(6), &json!(85)));
    assert_eq!(nearly["completeness"]["missing"]["not_applicable"], 1);

    let both = json!({ "values": [
        figure("users", json!({ "value": 0 })), figure("sites", json!({ "missing_reason": "not_measured", "unit": null })),
        // Said again, and what nobody asked for.
        figure("sites", json!({ "missing_reason": "not_measured", "unit": null })) ] });
    server
        .put(&format!("/results/{PLAN}/2/131016/2024"))
        .token(&reporter)
        .if_match("\"v1\"")
        .json(&both)
        .expect(200)
        .await;
    let whole = seen().await;
    let expected = json!({ "required": 7, "answered": 7, "percent": 100, "unanswered": 0,
        "missing": { "not_measured": 1, "not_applicable": 1, "not_implemented": 0, "not_reported": 0, "suppressed": 0 } });
    assert_eq!((&whole["completeness"], cells(&whole)), (&expected, vec![]));
}

#[actix_web::test]
async fn the_owner_sees_how_complete_a_report_is_once_it_is_handed_in() {
    let server = Server::start().await;
    let reporter = given_a_form(&server).await;
    let owner = token_of(&server, "130001");
    create(&server, &reporter, &format!("/results/{PLAN}/1/131016/2024"), &text("本文")).await;
    let path = format!("/reports/{REPORT}/completeness");
    let status = async |token: &str| server.get(&path).token(token).send().await.status;
    let strangers = [token_of(&server, "131024"), token_of(&server, "140007")];
    assert_eq!(status(&owner).await, 404, "a draft");
    let submit = json!({ "to": "submitted", "person": "担当A" });
    assert_eq!(transition(&server, &reporter, REPORT, submit).await.status, 200);
    assert_eq!((status(&owner).await, status(&reporter).await), (200, 200));
    for stranger in &strangers {
        assert_eq!(status(stranger).await, 403);
    }
    server.get(&path).expect(401).await;
    let back = json!({ "to": "returned", "person": "審査B", "comment": "確認" });
    assert_eq!(transition(&server, &owner, REPORT, back).await.status, 200);
    assert_eq!((status(&owner).await, status(&reporter).await), (404, 200), "its reporter's again");
}

#[actix_web::test]
async fn what_is_blank_for_a_reason_is_an_answer_and_no_empty_report() {
    let server = Server::start().await;
    let reporter = given_a_form(&server).await;
    create(
        &server,
        &reporter,
        &format!("/results/{PLAN}/1/131016/2024"),
        &json!({ "missing_reason": "not_implemented" }),
    )
    .await;
    let submit = json!({ "to": "submitted", "person": "担当A" });
    assert_eq!(transition(&server, &reporter, REPORT, submit.clone()).await.status, 200);
    // Without any record it says why.
    let other = token_of(&server, "131024");
    let empty = format!("{PLAN}/131024/2024-results");
    create(&server, &other, &format!("/reports/{empty}"), &json!({})).await;
    let refused = transition(&server, &other, &empty, submit).await;
    assert_eq!((refused.status, refused.code()), (422, "report.empty"), "{refused:#?}");
    let told = json!({ "to": "submitted", "person": "担当A", "comment": "該当する事業がないため" });
    assert_eq!(transition(&server, &other, &empty, told).await.status, 200);
}
