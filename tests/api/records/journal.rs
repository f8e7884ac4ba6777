//! The journal has one row for each change, with what was before and after, and none for what changed nothing.

use super::{PLAN, RESULT, given};
use crate::given::{create, text, token_of, transition};
use crate::harness::Server;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    row: Value,
}

/// Every row of these resources, oldest first.
async fn journal(server: &Server) -> Vec<Value> {
    let rows = "select to_jsonb(j) as row from journal j where resource in ('target', 'result', 'report') order by id";
    let rows: Vec<Row> = diesel::sql_query(rows).load(&mut server.owner().await).await.unwrap();
    rows.into_iter().map(|row| row.row).collect()
}

#[actix_web::test]
async fn each_change_leaves_one_row_and_what_changes_nothing_none() {
    let (server, token) = given().await;
    let reviewer = token_of(&server, "130001");
    let report = format!("{PLAN}/131016/2024-results");
    let sheet = format!("/reports/{report}");
    let mut expected = Vec::new();
    create(&server, &token, RESULT, &text("一")).await;
    expected.push(("result", "create", 1));
    for quiet in [
        server.put(RESULT).token(&token).create().json(&text("一")),
        server.put(&format!("{RESULT}?dry_run=true")).token(&token).if_match("\"v1\"").json(&text("二")),
        server.put(RESULT).token(&token).if_match("\"v9\"").json(&text("二")),
        server.put(RESULT).token(&token).if_match("\"v1\"").json(&text("")),
        server.delete(&format!("{RESULT}?dry_run=true")).token(&token).if_match("\"v1\""),
        server.get(&format!("{RESULT}?view=working")).token(&token),
        server.get("/results?view=working").token(&token),
        server.get(&format!("{sheet}?view=working")).token(&token),
        server.get(RESULT),
        server.get("/values"),
    ] {
        quiet.send().await;
    }
    server.put(RESULT).token(&token).if_match("\"v1\"").json(&text("二")).expect(200).await;
    expected.push(("result", "replace", 2));
    server.put(RESULT).token(&token).if_match("*").json(&text("三")).expect(200).await;
    expected.push(("result", "overwrite", 3));
    let target = format!("/targets/{PLAN}/1/131016/2024/amendments/1");
    create(&server, &token, &format!("/targets/{PLAN}/1/131016/2024"), &text("目標")).await;
    create(&server, &token, &target, &json!({ "texts": { "text": "変更" }, "reason": "増員" })).await;
    server.delete(&target).token(&token).if_match("\"v1\"").expect(204).await;
    expected.extend([("target", "create", 1), ("target", "create", 1), ("target", "delete", 1)]);
    server.put(&sheet).token(&token).if_match("\"v1\"").json(&json!({ "note": "備考" })).expect(200).await;
    expected.push(("report", "replace", 2));
    server.put(&sheet).token(&token).if_match("\"v1\"").json(&json!({ "note": "備考" })).expect(200).await;
    let steps = [
        (&token, "submitted", 200),
        (&token, "approved", 403),
        (&reviewer, "published", 409),
        (&reviewer, "approved", 200),
    ];
    for (version, (token, to, status)) in (1..).zip(steps) {
        assert_eq!(transition(&server, token, &report, json!({ "to": to, "person": to })).await.status, status);
        if status == 200 {
            expected.push(("report", "transition", if version == 1 { 3 } else { 4 }));
        }
    }

    let rows = journal(&server).await;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (row["resource"].as_str().unwrap(), row["operation"].as_str().unwrap(), row["version"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(shown, expected);
    let body = |row: &Value, which: &str| row[which]["texts"]["text"].clone();
    let texts: Vec<_> = rows[..6].iter().map(|row| (body(row, "before"), body(row, "after"))).collect();
    let none = Value::Null;
    assert_eq!(
        texts,
        [
            (none.clone(), json!("一")),
            (json!("一"), json!("二")),
            (json!("二"), json!("三")),
            (none.clone(), json!("目標")),
            (none.clone(), json!("変更")),
            (json!("変更"), none.clone())
        ]
    );
    assert_eq!(rows[5]["key"]["amendment"], 1);
    let key = json!({ "plan": PLAN, "program": "1", "municipality": "131016", "period": "2024" });
    assert_eq!((&rows[0]["key"], &rows[0]["body"], &rows[0]["plan"]), (&key, &json!("131016"), &json!(PLAN)));
    assert_eq!((&rows[6]["before"]["note"], &rows[6]["after"]["note"]), (&none, &json!("備考")));
    assert_eq!((&rows[7]["before"]["status"], &rows[7]["after"]["status"]), (&json!("draft"), &json!("submitted")));
    assert_eq!((&rows[8]["person"], &rows[8]["client"]), (&json!("approved"), &json!("client-130001")));
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row["request_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rows.len(), "each by a request of its own");
}
