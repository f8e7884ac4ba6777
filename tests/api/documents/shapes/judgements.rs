//! Scales, reported levels, and the counts printed above the rows.

use super::super::equal::assert_sent;
use super::{CITY, PLAN, Sample};
use serde_json::{Value, json};

fn scheme(code: &str) -> String {
    format!("/evaluation_schemes/{CITY}/{code}/2020")
}

fn judged(scheme: &str, level: &str, more: Value) -> Value {
    let mut evaluation = json!({ "owner": CITY, "scheme": scheme, "fiscal_year": 2020, "level": level });
    for (field, value) in more.as_object().into_iter().flatten() {
        evaluation[field] = value.clone();
    }
    evaluation
}

#[actix_web::test]
async fn two_scales_whose_definitions_are_partly_lost() {
    let sample = Sample::new().await;
    let rating = json!({ "title": "方向性の評価", "legend": "【評価】　", "levels": [
        { "code": "A", "label": "続けている" },
        { "code": "C", "label": "手をつけていない", "definition": "presumed", "basis": "前の計画の凡例から" },
    ] });
    let achievement = json!({ "title": "達成度", "levels": [
        { "code": "1", "label": "上回る", "rank": 1, "lower_bound": 105, "lower_inclusive": true },
        { "code": "2", "label": "どおり", "rank": 2, "lower_bound": 95.5, "lower_inclusive": true,
          "upper_bound": 105, "upper_inclusive": false },
        { "code": "3", "definition": "lost", "basis": "凡例が切れている" },
    ] });
    sample.holds(&scheme("rating"), rating).await;
    sample.holds(&scheme("achievement"), achievement).await;
    let evaluations = json!([
        judged("rating", "C", json!({ "against": "2024" })),
        judged("achievement", "3", json!({ "against": "2024", "reason": "見送ったため\n" })),
        judged("achievement", "2", json!({ "evaluator": "committee" })),
    ]);
    sample.result(json!({ "texts": { "text": "見送った。" }, "evaluations": evaluations })).await;
}

fn matrix() -> Value {
    let columns = ["広げる", "縮める", "保つ", "終える"];
    let cells = ["目標どおり", "目標を変える"].into_iter().flat_map(|row| columns.map(|column| (row, column)));
    let levels: Vec<Value> = ('A'..='H')
        .zip(cells)
        .map(|(code, (row, column))| json!({ "code": code, "matrix_row": row, "matrix_column": column }))
        .collect();
    json!({ "title": "点検結果", "levels": levels })
}

#[actix_web::test]
async fn a_matrix_of_eight_cells_has_no_order() {
    let sample = Sample::new().await;
    let read = sample.holds(&scheme("check"), matrix()).await;
    assert_eq!(read["levels"].as_array().unwrap().len(), 8);
    assert_eq!([&read["levels"][6]["label"], &read["levels"][6]["rank"]], [&Value::Null; 2]);
    let result =
        |level: &str| json!({ "texts": { "text": "保つ" }, "evaluations": [judged("check", level, json!({}))] });
    let path = format!("/results/{PLAN}/1/{CITY}/2021");
    assert_eq!(sample.refused(&path, result("I")).await, (422, "evaluation.unknown_level".into()));
    sample.result(result("C")).await;
}

#[actix_web::test]
async fn declared_counts_stand_as_printed_even_where_the_rows_say_otherwise() {
    let sample = Sample::new().await;
    sample.put(&scheme("check"), matrix()).await;
    let count = |level: Value, count: i64, priority: Value| {
        json!({
            "owner": CITY, "scheme": "check", "fiscal_year": 2020, "level": level, "count": count,
            "of_which_priority": priority,
        })
    };
    let declared = json!({ "note": "表は見本\n", "declared_counts": [
        count(json!("A"), 1, json!(1)), count(json!("B"), 0, json!(0)), count(json!("C"), 10, json!(9)),
        count(Value::Null, 12, Value::Null),
    ] });
    let path = format!("/results/{PLAN}/1/{CITY}/2020");
    let result = json!({ "texts": { "text": "保つ" }, "evaluations": [judged("check", "C", json!({}))] });
    sample.put(&path, result).await;
    let report = format!("/reports/{PLAN}/{CITY}/2020-results");
    let tag = sample.server.get(&format!("{report}?view=working")).token(&sample.token).expect(200).await;
    sample.server.put(&report).token(&sample.token).if_match(tag.etag()).json(&declared).expect(200).await;
    sample.publish("2020-results").await;
    assert_sent(&declared, &sample.read(&report).await);
}

#[actix_web::test]
async fn a_level_is_one_of_a_registered_scheme_and_may_ask_for_a_reason() {
    let sample = Sample::new().await;
    let four =
        ["1", "2", "3", "4"].map(|code| json!({ "code": code, "label": "見本", "reason_required": code == "4" }));
    sample.put(&scheme("achievement"), json!({ "title": "達成度", "levels": four })).await;
    let path = format!("/results/{PLAN}/1/{CITY}/2020");
    let result = |evaluation: Value| json!({ "texts": { "text": "本文" }, "evaluations": [evaluation] });
    for (evaluation, code) in [
        (judged("unknown", "1", json!({})), "evaluation.unknown_scheme"),
        (judged("achievement", "1", json!({ "fiscal_year": 2019 })), "evaluation.unknown_scheme"),
        (judged("achievement", "4", json!({})), "evaluation.reason_required"),
        (judged("achievement", "4", json!({ "reason": "　\n" })), "evaluation.reason_required"),
    ] {
        assert_eq!(sample.refused(&path, result(evaluation)).await, (422, code.into()));
    }
    let body = result(judged("achievement", "5", json!({})));
    let answer = sample.server.put(&path).token(&sample.token).create().json(&body).expect(422).await;
    assert_eq!(answer.json["errors"][0]["message"], "「5」は達成度（1〜4）にありません");
    sample.result(result(judged("achievement", "4", json!({ "reason": "見送った" })))).await;
}
