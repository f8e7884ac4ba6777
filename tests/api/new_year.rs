//! The new year: the next round of a plan, the next plan of an owner, and texts that go on unchanged.

mod plan;
mod round;
mod texts;

use crate::given::{create, plan_body, token_of};
use crate::harness::{Answer, Call, Server};
use serde_json::{Value, json};

const CITY: &str = "132284";
const OLD: &str = "132284-kodomo-2020";
const NEW: &str = "132284-kodomo-2025";

/// A plan of the city with two nodes, four programs and a department that was renamed.
async fn given() -> (Server, String) {
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    create(&server, &token, &format!("/plans/{OLD}"), &plan_body("第2期 子ども計画", 2020, 2024)).await;
    for (code, body) in [
        ("katei", json!({ "name": "こども家庭課", "fiscal_year_from": 2024 })),
        ("hoiku", json!({ "name": "保育課" })),
        ("kosodate", json!({ "name": "子育て支援課", "fiscal_year_to": 2023, "successor": "katei" })),
    ] {
        create(&server, &token, &format!("/departments/{CITY}/{code}"), &body).await;
    }
    for (code, parent, position) in [("2", Value::Null, 9), ("2.1", json!("2"), 1)] {
        let body = json!({ "kind": "policy", "title": "施策", "parent": parent, "position": position });
        create(&server, &token, &format!("/nodes/{OLD}/{code}"), &body).await;
    }
    let asked = |indicator: &str| json!({ "owner": CITY, "indicator": indicator, "target_required": true, "result_required": true });
    for code in ["users", "times"] {
        let body =
            json!({ "name": code, "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
        create(&server, &token, &format!("/indicators/{CITY}/{code}"), &body).await;
    }
    let renamed = json!([{ "department": "kosodate", "role": "lead", "printed_text": "子育て\n支援課" }, { "printed_text": "ほか" }]);
    for (code, body) in [
        (
            "1",
            json!({ "name": "相談", "number_label": "1", "position": 1, "node": "2.1", "departments": renamed, "indicators": [asked("users")] }),
        ),
        (
            "2",
            json!({ "name": "講座", "number_label": "2", "position": 2, "node": "2.1", "departments": [{ "department": "hoiku" }], "indicators": [asked("users"), asked("times")] }),
        ),
        ("3", json!({ "name": "訪問", "number_label": "3", "position": 3 })),
        ("4", json!({ "name": "広報", "number_label": "4", "position": 4, "ended_after": 2022 })),
    ] {
        create(&server, &token, &format!("/programs/{OLD}/{code}"), &body).await;
    }
    (server, token)
}

fn post(server: &Server, token: &str, path: &str, key: &str, body: &Value) -> Call {
    server.post(path).token(token).header("idempotency-key", key).json(body)
}

async fn program(server: &Server, token: &str, plan: &str, code: &str) -> Answer {
    server.get(&format!("/programs/{plan}/{code}?view=working")).token(token).expect(200).await
}

/// Everything that a call that writes nothing leaves as it is.
async fn trail(server: &Server) -> (i64, i64) {
    (server.count("select count(*) from journal").await, server.count("select no as count from publication_head").await)
}
