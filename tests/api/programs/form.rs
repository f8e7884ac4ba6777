use super::{PROGRAMS, create, findings, program, with_plan};
use hagukumi::auth::jwt::Role;
use serde_json::json;

#[actix_web::test]
async fn the_form_keeps_its_order_and_holds_its_indicators() {
    let (server, token) = with_plan("adopted", "plan").await;
    let nation = server.token(&[Role::Administrator], &[]);
    for (key, token) in [("000000/z", &nation), ("132284/b", &token), ("132284/a", &token)] {
        let body = json!({ "name": "利用者数", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
        server.put(&format!("/indicators/{key}")).token(token).create().json(&body).expect(201).await;
    }
    let mut body = program(1);
    body["indicators"] = json!([
        { "owner": "132284", "indicator": "b", "label": "延べ\n人数 ", "target_required": true, "result_required": false },
        { "owner": "000000", "indicator": "z", "label": null, "target_required": false, "result_required": true },
        { "owner": "132284", "indicator": "a", "label": null, "target_required": false, "result_required": false },
    ]);
    let path = format!("{PROGRAMS}/21");
    let form = async || server.get(&path).expect(200).await.json["indicators"].clone();
    create(&server, &token, "21", &body, 201).await;
    assert_eq!(form().await, body["indicators"]);
    let again = create(&server, &token, "21", &body, 200).await;
    assert_eq!(again.header("hagukumi-outcome"), "unchanged");

    body["indicators"].as_array_mut().unwrap().swap(0, 2);
    server.put(&path).token(&token).if_match("\"v1\"").json(&body).expect(200).await;
    assert_eq!(form().await, body["indicators"]);
    let used = server.delete("/indicators/132284/b").token(&token).if_match("\"v1\"").expect(409).await;
    assert_eq!(used.code(), "resource.in_use");

    // `z` is the nation's: there is none of the municipality's own.
    body["indicators"][1]["owner"] = json!("132284");
    let unknown = server.put(&path).token(&token).if_match("\"v2\"").json(&body).expect(422).await;
    assert_eq!(findings(&unknown), [("indicator.unknown", "/indicators/1/indicator")]);
}
