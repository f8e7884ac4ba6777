//! Warnings that rest on the year before: told by the PUT, judged again at submission.

use super::codes;
use crate::given::{create, plan_body, publish, text, token_of, transition, walk};
use crate::harness::Server;
use serde_json::{Value, json};

const CITY: &str = "132284";
const OLD: &str = "132284-kodomo-2020";
const NEW: &str = "132284-kodomo-2025";
const SAID: &str = "利用者と月に二度、公民館で開いた。";

/// Two plans of the city; of the old one program 1 became a, and 2 was split into a and b.
async fn given() -> (Server, String) {
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    for (plan, from, to) in [(OLD, 2020, 2024), (NEW, 2025, 2029)] {
        create(&server, &token, &format!("/plans/{plan}"), &plan_body("子ども計画", from, to)).await;
    }
    let to = |program: &str, kind: &str| json!({ "plan": NEW, "program": program, "kind": kind });
    for (plan, code, successors) in [
        (NEW, "a", json!([])),
        (NEW, "b", json!([])),
        (OLD, "1", json!([to("a", "merged")])),
        (OLD, "2", json!([to("a", "split"), to("b", "split")])),
    ] {
        let body = json!({ "name": "事業", "position": 1, "successors": successors });
        create(&server, &token, &format!("/programs/{plan}/{code}"), &body).await;
    }
    (server, token)
}

fn figure(value: i64, unit: &str) -> Value {
    json!({ "item": "利用", "label": "利用", "value": value, "unit": unit, "source": "利用" })
}

fn result(said: &str, values: &[Value]) -> Value {
    json!({ "texts": { "text": said }, "values": values })
}

#[actix_web::test]
async fn a_record_is_held_against_the_year_before() {
    let (server, token) = given().await;
    let put = async |path: &str, body: &Value| {
        let created = create(&server, &token, path, body).await;
        codes(&created).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let of = |plan: &str, program: &str, period: &str| format!("/results/{plan}/{program}/{CITY}/{period}");
    assert_eq!(put(&of(OLD, "1", "2023"), &result("利用は250人。これは長い文。", &[figure(250, "人")])).await, [""; 0]);
    let digit = result("利用は2500人。これは長い文。", &[figure(2500, "名")]);
    assert_eq!(put(&of(OLD, "1", "2024"), &digit).await, ["tenfold"]);
    assert_eq!(put(&of(OLD, "2", "2024"), &result("利用を30回。これも長い文。", &[figure(30, "回")])).await, [""; 0]);
    // What was split goes on in both; of what was merged two figures go by one name.
    assert_eq!(
        put(&of(NEW, "b", "2025"), &result("利用を30回。これも長い文。", &[figure(30, "人")])).await,
        ["same_text_as_last_year", "unit_changed"]
    );
    assert_eq!(
        put(&of(NEW, "a", "2025"), &result("利用を30回。これも長い文。", &[figure(3, "件")])).await,
        ["same_text_as_last_year"]
    );
    // Targets: figures, not words; and a changed goal against the last one.
    let target = |program: &str, period: &str| format!("/targets/{OLD}/{program}/{CITY}/{period}");
    assert_eq!(put(&target("1", "2023"), &result(SAID, &[figure(10, "回")])).await, [""; 0]);
    let amendment = json!({ "texts": { "text": SAID }, "values": [figure(100, "回")], "reason": "増やす" });
    assert_eq!(put(&format!("{}/amendments/1", target("1", "2023")), &amendment).await, [""; 0]);
    assert_eq!(put(&target("1", "2024"), &result(SAID, &[figure(100, "回")])).await, ["tenfold"]);
    assert_eq!(put(&format!("{}/amendments/1", target("1", "2024")), &amendment).await, [""; 0]);
    // Nobody knows a year before.
    assert_eq!(put(&target("1", "baseline"), &result(SAID, &[figure(1, "回")])).await, [""; 0]);
}

#[actix_web::test]
async fn a_submission_looks_back_anew() {
    let (server, token) = given().await;
    let result_of = |period: &str| format!("/results/{OLD}/1/{CITY}/{period}");
    create(&server, &token, &result_of("2023"), &text("別の文章である。長い文章。")).await;
    assert_eq!(codes(&create(&server, &token, &result_of("2024"), &text(SAID)).await), [""; 0]);
    // Last year's was mended meanwhile.
    server.put(&result_of("2023")).token(&token).if_match("\"v1\"").json(&text(SAID)).expect(200).await;
    let submitted = json!({ "to": "submitted", "person": "担当A" });
    transition(&server, &token, &format!("{OLD}/{CITY}/2024-results"), submitted).await;
    let listed = walk(&server, &format!("/warnings?plan={OLD}&limit=1"), Some(&token)).await;
    let told: Vec<_> = listed.iter().map(|w| (w["code"].as_str().unwrap(), w["period"].as_str().unwrap())).collect();
    assert_eq!(told, [("warning.same_text_as_last_year", "2024")]);
}

#[actix_web::test]
async fn a_target_without_a_result_is_told_when_the_report_is_handed_in() {
    let (server, token) = given().await;
    for (program, name) in [("3", "講座"), ("4", "相談"), ("5", "広報"), ("6", "訪問")] {
        create(&server, &token, &format!("/programs/{OLD}/{program}"), &json!({ "name": name, "position": 9 })).await;
    }
    let path = |part: &str, program: &str, period: &str| format!("/{part}/{OLD}/{program}/{CITY}/{period}");
    for program in ["3", "4", "5"] {
        create(&server, &token, &path("targets", program, "2024"), &text(SAID)).await;
    }
    let amendment = json!({ "texts": { "text": SAID }, "reason": "増やす" });
    create(&server, &token, &format!("{}/amendments/1", path("targets", "3", "2024")), &amendment).await;
    // 4 says why there is none, 5 has one, 6 was never asked, and 3's next year is another round.
    create(&server, &token, &path("results", "4", "2024"), &json!({ "missing_reason": "not_implemented" })).await;
    create(&server, &token, &path("results", "5", "2024"), &text("広報に載せた。")).await;
    create(&server, &token, &path("targets", "3", "2025"), &text(SAID)).await;
    let missing = json!({ "item": "利用", "label": "利用", "missing_reason": "not_measured", "source": "利用" });
    create(&server, &token, &path("targets", "6", "2024"), &json!({ "values": [missing] })).await;
    let report = format!("{OLD}/{CITY}/2024-results");
    let step = async |to: &str| {
        let body = json!({ "to": to, "person": format!("{to}の人"), "comment": "理由" });
        let moved = transition(&server, &token, &report, body).await;
        assert_eq!(moved.status, 200, "{moved:#?}");
        moved
    };
    let submitted = step("submitted").await;
    assert_eq!(codes(&submitted), ["target_without_result"]);
    let warning = &submitted.json["warnings"][0];
    assert_eq!(warning["details"], json!({ "program": "3", "period": "2024" }));
    let said = warning["message_ja"].as_str().unwrap();
    assert!(said.contains("事業 3「講座」") && said.contains("令和6年度"), "{said}");
    assert_eq!(submitted.json["open_warnings"], 1);
    // Handed in again with what was asked for, it is gone.
    step("draft").await;
    create(&server, &token, &path("results", "3", "2024"), &text("講座を二度開いた。")).await;
    assert_eq!(codes(&step("submitted").await), [""; 0]);
    // The targets' own report asks for no result.
    publish(&server, OLD, CITY, "2024-targets").await;
    assert_eq!(
        walk(&server, &format!("/warnings?plan={OLD}&code=warning.target_without_result"), Some(&token)).await.len(),
        0
    );
}
