//! Figures: every rule with its place, numbers as they were sent, and the flat pull of what is published.

use crate::given::{create, findings, kpi_plan, publish, token_of};
use crate::harness::Server;
use serde_json::{Value, json};

const OWN: &str = "132284-kodomo-2020";
const RESULT: &str = "/results/132284-kodomo-2020/1/132284/2020";

async fn given() -> (Server, String) {
    let server = Server::start().await;
    kpi_plan(&server, OWN, &[]).await;
    let token = token_of(&server, "132284");
    let indicator = json!({ "name": "参加者数", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
    create(&server, &token, "/indicators/132284/participants", &indicator).await;
    (server, token)
}

/// A figure without a fault, with these fields put in (null: taken out).
fn figure(fields: Value) -> Value {
    let mut value = json!({ "item": "講座", "label": "参加者数", "unit": "人", "source": "参加者12人", "value": 12 });
    for (field, content) in fields.as_object().unwrap() {
        match content {
            Value::Null => drop(value.as_object_mut().unwrap().remove(field)),
            content => drop(value.as_object_mut().unwrap().insert(field.clone(), content.clone())),
        }
    }
    value
}

#[actix_web::test]
async fn every_rule_of_a_figure_is_told_with_its_place() {
    let (server, token) = given().await;
    let cases = [
        (json!({ "value": null }), "", "value.content"),
        (json!({ "text": "全園実施" }), "", "value.content"),
        (json!({ "rate": 50 }), "", "value.content"),
        (json!({ "missing_reason": "not_measured" }), "", "value.content"),
        (json!({ "unit": null }), "/unit", "value.content"),
        (json!({ "unit": null, "value": null, "rate": 50 }), "/unit", "value.content"),
        (json!({ "value": null, "text": "20人まで", "value_to": 20 }), "/value_to", "value.content"),
        (json!({ "value_to": 12 }), "/value_to", "value.content"),
        (json!({ "value_to": 11.999999 }), "/value_to", "value.content"),
        (json!({ "whole": 1 }), "/whole", "value.content"),
        (json!({ "role": "of_which" }), "/whole", "value.content"),
        (json!({ "role": "part_of", "whole": 2 }), "/whole", "value.content"),
        (json!({ "role": "paired", "whole": 3 }), "/whole", "value.content"),
        (json!({ "role": "baseline", "whole": 0 }), "/whole", "request.invalid"),
        (json!({ "role": "sum" }), "/role", "request.invalid"),
        (json!({ "period": "2017-10" }), "/period", "period.unknown"),
        (json!({ "breakdown": { "": "既存施設" } }), "/breakdown", "value.content"),
        (json!({ "breakdown": { "施設": "" } }), "/breakdown", "value.content"),
        (json!({ "breakdown": { "施設": "字".repeat(201) } }), "/breakdown", "value.content"),
        (json!({ "measured_on": "2021-02-29" }), "/measured_on", "request.invalid"),
        (json!({ "measured_on": "2021/03/31" }), "/measured_on", "request.invalid"),
        (json!({ "measured_on": "令和3年" }), "/measured_on", "request.invalid"),
        (json!({ "item": "" }), "/item", "request.invalid"),
        (json!({ "label": "" }), "/label", "request.invalid"),
        (json!({ "source": "" }), "/source", "request.invalid"),
        (json!({ "unit": "" }), "/unit", "request.invalid"),
        (json!({ "value": null, "text": "" }), "/text", "request.invalid"),
        (json!({ "value": "12" }), "/value", "request.invalid"),
        (json!({ "value": 1234567890.123456_f64 }), "/value", "number.digits"),
        (json!({ "value": 0.0000001 }), "/value", "number.digits"),
        (json!({ "value": 1_000_000_000_000_i64 }), "/value", "number.digits"),
        (json!({ "numerator": 0.1234567 }), "/numerator", "number.digits"),
        (json!({ "comparator": ">=" }), "/comparator", "request.invalid"),
        (json!({ "count_basis": "延べ" }), "/count_basis", "request.invalid"),
        (json!({ "per": "hour" }), "/per", "request.invalid"),
        (json!({ "approximate": "true" }), "/approximate", "request.invalid"),
        (json!({ "value": null, "missing_reason": "zero" }), "/missing_reason", "request.invalid"),
        (json!({ "indicator": { "owner": "132284", "indicator": "none" } }), "/indicator", "indicator.unknown"),
        (
            json!({ "indicator": { "owner": "132285", "indicator": "participants" } }),
            "/indicator/owner",
            "municipality.check_digit",
        ),
        (json!({ "indicator": { "owner": "132284", "indicator": "a b" } }), "/indicator/indicator", "request.invalid"),
        (json!({ "same_figure_as": { "program": "99", "ordinal": 1 } }), "/same_figure_as/program", "program.unknown"),
        (json!({ "same_figure_as": { "program": "1", "ordinal": 0 } }), "/same_figure_as/ordinal", "request.invalid"),
        (json!({ "method": "" }), "/method", "request.invalid"),
    ];
    for (fields, place, code) in cases {
        let body = json!({ "values": [figure(json!({})), figure(fields.clone())] });
        let mut body = body.to_string();
        if fields["value"] == json!(1234567890.123456_f64) {
            body = body.replace("1234567890.123456", "1234567890.1234561");
        }
        let refused = server.put(RESULT).token(&token).create().body(body.as_bytes()).expect(422).await;
        assert_eq!(findings(&refused), [(format!("/values/1{place}").as_str(), code)], "{fields}");
    }
    let misspelt = json!({ "values": [figure(json!({ "vaule": 1 }))] });
    let refused = server.put(RESULT).token(&token).create().json(&misspelt).expect(400).await;
    assert_eq!(findings(&refused), [("/values/0/vaule", "request.unknown_field")]);
    for (body, code) in [
        ("1e999", "number.digits"),
        ("NaN", "request.invalid"),
        ("-Infinity", "request.invalid"),
        ("Infinity", "request.invalid"),
    ] {
        let body =
            format!(r#"{{"values": [{{"item": "x", "label": "x", "unit": "x", "source": "x", "value": {body}}}]}}"#);
        let refused = server.put(RESULT).token(&token).create().body(body.as_bytes()).expect(422).await;
        assert_eq!(findings(&refused), [("/values/0/value", code)], "{body}");
    }
    let many = json!({ "values": vec![figure(json!({})); 501] });
    let refused = server.put(RESULT).token(&token).create().json(&many).expect(422).await;
    assert_eq!(findings(&refused), [("/values", "request.invalid")]);
}

#[actix_web::test]
async fn figures_change_come_and_go_one_by_one() {
    let (server, token) = given().await;
    let values = |counts: &[i64]| {
        let figures =
            counts.iter().map(|count| figure(json!({ "value": count, "source": format!("参加者{count}人") })));
        figures.collect::<Vec<_>>()
    };
    create(&server, &token, RESULT, &json!({ "values": values(&[1, 2, 3]) })).await;
    // Nobody touches a figure that stays as it is.
    let row = "select count(distinct xmin::text) from record_values";
    for (counts, writers) in [(&[1, 5, 3][..], 2), (&[1, 5], 2), (&[1, 5, 7, 9], 3), (&[4], 1), (&[], 0), (&[4, 5], 1)]
    {
        let body = json!({ "texts": { "text": "集計中" }, "values": values(counts) });
        server.put(RESULT).token(&token).if_match("*").json(&body).expect(200).await;
        let stands = server.get(&format!("{RESULT}?view=working")).token(&token).expect(200).await;
        let told: Vec<_> =
            stands.json["values"].as_array().unwrap().iter().map(|value| value["value"].clone()).collect();
        assert_eq!(json!(told), json!(counts));
        assert_eq!(server.count(row).await, writers, "{counts:?}");
    }
}

#[actix_web::test]
async fn every_finding_of_a_record_is_told_at_once() {
    let (server, token) = given().await;
    let body = json!({
        "texts": { "text": "", "text2": "" }, "note": "", "repost_of": "a/b",
        "values": [
            figure(json!({ "unit": null, "value_to": 3, "whole": 1, "measured_on": "x", "period": "x" })),
            figure(json!({ "value": null, "label": "" })),
        ],
        "evaluations": [{ "owner": "1", "scheme": "達成度", "fiscal_year": 2020, "level": "" }],
    });
    let refused = server.put(RESULT).token(&token).create().json(&body).expect(422).await;
    assert_eq!(refused.code(), "request.invalid");
    let mut places: Vec<_> = findings(&refused).into_iter().map(|finding| finding.0).collect();
    places.sort_unstable();
    let all = [
        "/evaluations/0/level",
        "/evaluations/0/owner",
        "/evaluations/0/scheme",
        "/note",
        "/repost_of",
        "/texts/text",
        "/texts/text2",
        "/values/0/measured_on",
        "/values/0/period",
        "/values/0/unit",
        "/values/0/value_to",
        "/values/0/whole",
        "/values/1",
        "/values/1/label",
    ];
    assert_eq!(places, all, "{refused:#?}");
    for item in refused.json["errors"].as_array().unwrap() {
        assert!(!item["message"].as_str().unwrap().is_empty());
    }
}

#[actix_web::test]
async fn figures_come_back_as_they_were_sent_and_one_by_one_once_published() {
    let (server, token) = given().await;
    create(
        &server,
        &token,
        &format!("/programs/{OWN}/2"),
        &json!({ "name": "別の事業", "number_label": "29", "position": 2 }),
    )
    .await;
    let values = [
        figure(json!({ "indicator": { "owner": "132284", "indicator": "participants" }, "count_basis": "cumulative" })),
        figure(
            json!({ "role": "paired", "whole": 1, "label": "率", "unit": "％", "value": null, "rate": 95.7, "numerator": 67, "denominator": 70 }),
        ),
        figure(json!({ "label": "範囲", "value": 5, "value_to": 20, "approximate": true, "per": "day" })),
        figure(json!({ "label": "下限", "value": 230, "comparator": "gt", "estimate": true })),
        figure(json!({ "label": "文字", "value": null, "unit": null, "text": "全園実施\u{3000}" })),
        figure(json!({ "label": "未把握", "value": null, "missing_reason": "not_measured", "note": "様式変更のため" })),
        figure(
            json!({ "label": "10月", "period": "平成29年10月", "measured_on": "2021-03", "measured_on_text": "3月末現在" }),
        ),
        figure(
            json!({ "label": "内訳", "role": "part_of", "whole": 3, "breakdown": { "施設": "既存施設", "回": "第1回" } }),
        ),
        figure(
            json!({ "label": "同じ", "value": 123456789012.345, "same_figure_as": { "program": "2", "ordinal": 1 } }),
        ),
        figure(
            json!({ "label": "負", "value": -0.000001, "running_total": 1e3, "method": "アンケート", "counted": "受講者", "department": "子ども政策課" }),
        ),
    ];
    let sent = json!({ "texts": { "text": "本文" }, "values": values });
    let created = create(&server, &token, RESULT, &sent).await;
    let shown = created.json["values"].as_array().unwrap();
    for (sent, shown) in values.iter().zip(shown) {
        for (field, content) in sent.as_object().unwrap().iter().filter(|(field, _)| *field != "period") {
            match content.as_f64() {
                Some(number) => assert_eq!(shown[field].as_f64(), Some(number), "{field}"),
                None => assert_eq!(shown[field], *content, "{field}"),
            }
        }
    }
    assert_eq!(
        (&shown[6]["period"], &shown[0]["role"], &shown[1]["count_basis"]),
        (&json!("201710"), &json!("main"), &json!("unstated"))
    );
    assert!(
        created.text.contains("\"running_total\":1000,") && created.text.contains("123456789012.345"),
        "{}",
        created.text
    );
    let same = server.put(RESULT).token(&token).create().json(&sent).expect(200).await;
    assert_eq!(same.header("hagukumi-outcome"), "unchanged");
    // What was read is sent back, and nothing is changed by that.
    let mut read = server.get(&format!("{RESULT}?view=working")).token(&token).expect(200).await.json;
    let body: Value = ["texts", "values", "evaluations", "note", "repost_of", "missing_reason", "cross_reference"]
        .into_iter()
        .map(|field| (field.to_owned(), read[field].take()))
        .collect();
    let same = server.put(RESULT).token(&token).create().json(&body).expect(200).await;
    assert_eq!(same.header("hagukumi-outcome"), "unchanged");

    assert_eq!(server.get("/values").expect(200).await.results().len(), 0);
    publish(&server, OWN, "132284", "2020-results").await;
    let public = server.get(RESULT).expect(200).await;
    assert_eq!(public.json["values"], created.json["values"]);
    let rows = server.get(&format!("/values?plan={OWN}")).expect(200).await;
    let figures: Vec<_> = rows.results().iter().map(|row| &row["value"]).collect();
    assert_eq!(figures, created.json["values"].as_array().unwrap().iter().collect::<Vec<_>>());
    let first = &rows.results()[0];
    assert_eq!((&first["ordinal"], &first["part"], &first["edition"]), (&json!(1), &json!("results"), &json!(1)));
    assert_eq!((&first["prefecture"], &first["period_label_ja"]), (&json!("130001"), &json!("令和2年度")));

    // Fewer figures than before: none of the old ones stays behind.
    crate::given::correct(&server, OWN, "132284", "2020-results").await;
    let fewer = json!({ "texts": { "text": "本文" }, "values": [figure(json!({ "value": 13 }))] });
    server.put(RESULT).token(&token).if_match("\"v1\"").json(&fewer).expect(200).await;
    assert_eq!(server.get("/values").expect(200).await.results().len(), 10);
    publish(&server, OWN, "132284", "2020-results").await;
    let rows = server.get("/values").expect(200).await;
    assert_eq!((rows.results().len(), &rows.results()[0]["value"]["value"]), (1, &json!(13)));
    assert_eq!(server.count("select count(*) from record_values").await, 1);
}
