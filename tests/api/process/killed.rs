//! Killed in the middle of an import: all of it or nothing, and the same request sent again completes it.

use super::{Connection, Process};
use crate::given::kpi_plan;
use crate::harness::Server;
use crate::races::until_waiting;
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";

fn rows() -> Vec<Value> {
    let row = |period: i32| {
        let key = json!({ "plan": PLAN, "program": "1", "municipality": "131016", "period": period.to_string() });
        json!({ "resource": "result", "key": key, "body": { "texts": { "text": "実施した。" } } })
    };
    (2024..2054).map(row).collect()
}

fn send(connection: &mut Connection, token: &str) {
    let body = json!({ "rows": rows() }).to_string();
    connection.send(&format!(
        "POST /api/v1/imports HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {token}\r\nidempotency-key: one\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
}

#[actix_web::test]
async fn a_killed_import_leaves_nothing_and_its_repetition_completes() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let process = Process::serve(&server.database);
    let token = process.token();
    // Somebody else is at the last of its years: the rows of all the others are written by then.
    let mut holder = server.owner().await;
    let last = format!(
        "begin; insert into rounds (plan, code, is_default, version) values ('{PLAN}', '2053-results', true, 1)"
    );
    holder.batch_execute(&last).await.unwrap();
    let mut cut = process.connect();
    send(&mut cut, &token);
    until_waiting(&server, 1).await;
    drop(process);
    assert!(cut.has_ended(), "no answer");
    holder.batch_execute("rollback").await.unwrap();
    let nothing =
        "select (select count(*) from records) + (select count(*) from reports) + (select count(*) from imports)
        + (select count(*) from idempotency_keys) + (select count(*) from journal where resource = 'result') as count";
    assert_eq!(server.count(nothing).await, 0);

    let process = Process::serve(&server.database);
    let token = process.token();
    for _ in 0..2 {
        let mut connection = process.connect();
        send(&mut connection, &token);
        let (head, body) = connection.answer();
        assert!(head.starts_with("http/1.1 200"), "{head}{body}");
        let report: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&report["created"], &report["status"]), (&json!(30), &json!("completed")));
    }
    assert_eq!(server.count("select count(*) from records").await, 30);
    assert_eq!(server.count("select count(*) from imports").await, 1);
}
