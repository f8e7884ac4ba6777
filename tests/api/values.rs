use crate::given::{create, kpi_plan, publish, token_of};
use crate::harness::Server;
use hagukumi::records::value::RecordValue;
use serde_json::json;
use utoipa::PartialSchema;

const PLAN: &str = "130001-kpi-2024";

/// A publication copies figures column by column inside the database: none may be forgotten.
#[actix_web::test]
async fn a_figure_with_everything_it_can_have_is_published_whole() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let token = token_of(&server, "131016");
    let owner = token_of(&server, "130001");
    let indicator = json!({
        "name": "利用者", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total",
    });
    create(&server, &owner, "/indicators/130001/riyo", &indicator).await;
    create(&server, &owner, &format!("/programs/{PLAN}/2"), &json!({ "name": "別の事業", "position": 2 })).await;
    let rich = json!({
        "item": "利用", "role": "main", "whole": null, "whole_item": null, "label": "利用者数", "unit": "人",
        "source": "10から20人（88人中）", "indicator": { "owner": "130001", "indicator": "riyo" }, "missing_reason": null,
        "value": 10, "value_to": 20.5, "rate": null, "text": null, "comparator": "ge", "approximate": true, "estimate": true,
        "numerator": 10, "denominator": 88, "running_total": 409, "counted": "受講者", "count_basis": "cumulative",
        "per": "month", "period": "202410", "breakdown": { "施設": "既存" }, "department": "保育課",
        "measured_on": "2025-03", "measured_on_text": "令和7年3月時点", "method": "調査", "note": "注",
        "same_figure_as": { "program": "2", "ordinal": 1 },
    });
    let mut paired = rich.clone();
    for (field, value) in [
        ("role", json!("paired")),
        ("whole", json!(1)),
        ("value", json!(null)),
        ("value_to", json!(null)),
        ("rate", json!(11.4)),
        ("unit", json!("％")),
    ] {
        paired[field] = value;
    }
    let mut part = rich.clone();
    for (field, value) in [
        ("role", json!("part_of")),
        ("whole_item", json!("全体")),
        ("value", json!(null)),
        ("value_to", json!(null)),
        ("text", json!("一部")),
    ] {
        part[field] = value;
    }
    let mut missing = rich.clone();
    for (field, value) in [("value", json!(null)), ("value_to", json!(null)), ("missing_reason", json!("not_measured"))]
    {
        missing[field] = value;
    }
    let values = json!([rich, paired, part, missing]);
    let body = json!({ "texts": { "text": "10から20人（88人中）" }, "values": values });
    let path = format!("/results/{PLAN}/1/131016/2024");
    create(&server, &token, &path, &body).await;
    let working = server.get(&format!("{path}?view=working")).token(&token).expect(200).await;
    // Answered without what is empty.
    let mut told = values;
    for value in told.as_array_mut().unwrap() {
        value.as_object_mut().unwrap().retain(|_, content| !content.is_null());
    }
    assert_eq!(working.json["values"], told);
    publish(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(server.get(&path).expect(200).await.json["values"], told);
    let rows = server.get("/values?prefecture=130001&period=2024").expect(200).await;
    let flat: Vec<_> = rows.results().iter().map(|row| row["value"].clone()).collect();
    assert_eq!(json!(flat), told);
    // Nothing was left out because nobody asked: every field of a figure occurs above.
    let schema = serde_json::to_value(RecordValue::schema()).unwrap();
    for field in schema["properties"].as_object().unwrap().keys() {
        assert!(flat.iter().any(|value| !value[field].is_null()), "{field} is never set in this test");
    }
}
