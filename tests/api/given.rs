//! What tests begin with: plans, programs, reports, made through the API as their owners would make them.

use crate::harness::{Answer, Call, Server};
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// A municipality or prefecture with every role it can have.
pub fn token_of(server: &Server, body: &str) -> String {
    if body.ends_with("0001") || body.get(2..5) == Some("000") {
        server.token(&[Role::PrefectureEditor, Role::PrefectureReviewer, Role::PrefectureReader], &[body])
    } else {
        server.token(&[Role::MunicipalEditor, Role::MunicipalApprover], &[body])
    }
}

/// An adopted plan with what every test leaves alone filled in.
pub fn plan_body(title: &str, from: i16, to: i16) -> Value {
    json!({
        "title": title, "kind": "other", "fiscal_year_from": from, "fiscal_year_to": to,
        "status": "adopted", "numbering": "plan",
    })
}

/// Creates and expects 201.
pub async fn create(server: &Server, token: &str, path: &str, body: &Value) -> Answer {
    let answer = patiently(|| server.put(path).token(token).create().json(body)).await;
    assert_eq!(answer.status, 201, "{answer:#?}");
    answer
}

/// A prefecture's plan with one program `1` and these reporters.
pub async fn kpi_plan(server: &Server, plan: &str, reporters: &[&str]) {
    let token = token_of(server, &plan[..6]);
    create(server, &token, &format!("/plans/{plan}"), &plan_body("見本のKPI", 2024, 2024)).await;
    create(server, &token, &format!("/programs/{plan}/1"), &json!({ "name": "研修の受講促進", "position": 1 })).await;
    for code in reporters {
        create(server, &token, &format!("/plans/{plan}/reporters/{code}"), &json!({})).await;
    }
}

/// A record with a text and nothing else.
pub fn text(text: &str) -> Value {
    json!({ "texts": { "text": text } })
}

/// Moves a report on; a new idempotency key each time.
pub async fn transition(server: &Server, token: &str, report: &str, body: Value) -> Answer {
    let key = Uuid::now_v7().to_string();
    let path = format!("/reports/{report}/transitions");
    patiently(|| server.post(&path).token(token).header("idempotency-key", &key).json(&body)).await
}

/// Whoever is told to come back (a lock waited for too long, say) sends the same again, as the contract has it.
pub async fn patiently(call: impl Fn() -> Call) -> Answer {
    const TIMES: usize = 30;
    let mut answer = call().send().await;
    for _ in 1..TIMES {
        if answer.status != 503 || answer.header("retry-after").is_empty() {
            break;
        }
        answer = call().send().await;
    }
    answer
}

/// Draft → submitted by the reporter, → approved → published by the owner of the plan.
pub async fn publish(server: &Server, plan: &str, reporter: &str, round: &str) -> Answer {
    let report = format!("{plan}/{reporter}/{round}");
    let reporter = token_of(server, reporter);
    let owner = token_of(server, &plan[..6]);
    let mut last = transition(server, &reporter, &report, json!({ "to": "submitted", "person": "担当A" })).await;
    for to in ["approved", "published"] {
        assert_eq!(last.status, 200, "{last:#?}");
        last = transition(server, &owner, &report, json!({ "to": to, "person": "審査B" })).await;
    }
    assert_eq!(last.status, 200, "{last:#?}");
    last
}

/// Published → draft of the next edition.
pub async fn correct(server: &Server, plan: &str, reporter: &str, round: &str) {
    let body = json!({ "to": "draft", "person": "担当A", "comment": "数値の誤りを訂正するため" });
    let answer = transition(server, &token_of(server, reporter), &format!("{plan}/{reporter}/{round}"), body).await;
    assert_eq!(answer.status, 200, "{answer:#?}");
}

/// Every entry of a list, page by page.
pub async fn walk(server: &Server, path: &str, token: Option<&str>) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = String::new();
    let name = if path.starts_with("/changes") { "after" } else { "cursor" };
    loop {
        let call = server.get(&format!("{path}{next}"));
        let page = match token {
            Some(token) => call.token(token),
            None => call,
        };
        let page = page.expect(200).await;
        all.extend(page.results().iter().cloned());
        match page.json["resultset"]["next"].as_str() {
            Some(cursor) => next = format!("&{name}={cursor}"),
            None => return all,
        }
    }
}

/// (pointer, code) of every finding, in order.
pub fn findings(answer: &Answer) -> Vec<(&str, &str)> {
    let errors = answer.json["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer:#?}"));
    errors.iter().map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}
