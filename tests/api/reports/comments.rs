//! Comments on single cells: each points at something that is there.

use super::{PLAN, REPORT, RESULT};
use crate::given::{create, findings, kpi_plan, token_of, transition};
use crate::harness::Server;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_comment_points_at_a_cell_that_is_there() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let (reporter, reviewer) = (token_of(&server, "131016"), token_of(&server, "130001"));
    let owner_program = json!({ "name": "まだ記録のない事業", "position": 2 });
    create(&server, &reviewer, &format!("/programs/{PLAN}/2"), &owner_program).await;
    let result = json!({ "texts": { "text": "12人" }, "values": [{ "item": "研修", "label": "受講者数", "value": 12, "unit": "人", "source": "12人" }] });
    create(&server, &reporter, RESULT, &result).await;
    let submit = json!({ "to": "submitted", "person": "担当A" });
    assert_eq!(transition(&server, &reporter, REPORT, submit.clone()).await.status, 200);
    let comment = |program: &str, period: &str, pointer: Value| json!({ "part": "results", "program": program, "period": period, "pointer": pointer, "text": "確認してください" });
    let back = |comments: &[Value]| json!({ "to": "returned", "person": "審査B", "comment": "指摘のとおり", "comments": comments });
    let wrong = [
        comment("9", "2024", Value::Null),
        comment("1", "2023", Value::Null),
        comment("1", "2024", json!("/values/1/value")),
        comment("2", "2024", json!("/values/0")),
        comment("1", "2024", json!("/values/0/value")),
    ];
    let refused = transition(&server, &reviewer, REPORT, back(&wrong)).await;
    assert_eq!(
        (refused.status, findings(&refused)),
        (
            422,
            vec![
                ("/comments/0/program", "program.unknown"),
                ("/comments/1/period", "record.period"),
                ("/comments/2/pointer", "request.invalid"),
                ("/comments/3/pointer", "request.invalid"),
            ]
        )
    );
    for pointer in ["values/0", "/", "/text", "/values/0/value/more", "/values/-", "/texts/本文", ""] {
        let refused = transition(&server, &reviewer, REPORT, back(&[comment("1", "2024", json!(pointer))])).await;
        assert_eq!(
            (refused.status, findings(&refused)),
            (422, vec![("/comments/0/pointer", "request.invalid")]),
            "{pointer}"
        );
    }
    // A text that was not written, a program without a record: what is missing can be pointed at.
    let right = [
        comment("1", "2024", json!("/values/0/value")),
        comment("1", "2024", json!("/missing_reason")),
        comment("1", "2024", json!("/texts/text")),
        comment("2", "2024", json!("/texts/text")),
        comment("2", "2024", Value::Null),
    ];
    let returned = transition(&server, &reviewer, REPORT, back(&right)).await;
    assert_eq!(returned.status, 200, "{returned:#?}");
    let read = server.get(&format!("/reports/{REPORT}?view=working")).token(&reporter).expect(200).await.json;
    assert_eq!(read["transitions"][1]["comments"], json!(right));
    assert_eq!(read["open_comments"], json!(right));
    let answered = transition(&server, &reporter, REPORT, submit).await;
    assert_eq!(
        (&answered.json["open_comments"], &answered.json["transitions"][1]["comments"]),
        (&json!([]), &json!(right))
    );
}
