//! Periods that are no plain year, and goals that change.

use super::super::equal::assert_sent;
use super::{CITY, PLAN, Sample, figure, with_figures};
use crate::given::text;
use serde_json::{Value, json};

#[actix_web::test]
async fn five_periods_begin_without_a_year_and_end_without_an_end() {
    let sample = Sample::new().await;
    let periods = ["baseline", "2011", "2012", "2013", "2014-"];
    let covers: Vec<Value> = periods.iter().map(|period| json!({ "part": "targets", "period": period })).collect();
    sample.put(&format!("/rounds/{PLAN}/hyo"), json!({ "title": "評価票", "covers": covers })).await;
    let path = |period: &str| format!("/targets/{PLAN}/1/{CITY}/{period}");
    for period in periods {
        sample.put(&path(period), text(&format!("ひろばを週２回（{period}）"))).await;
    }
    sample.publish("hyo").await;
    for period in periods {
        assert_sent(&text(&format!("ひろばを週２回（{period}）")), &sample.read(&path(period)).await);
    }
    let listed = sample.walk(&format!("/targets?plan={PLAN}&limit=2")).await;
    let listed: Vec<_> = listed
        .iter()
        .map(|target| ["period", "period_label_ja", "period_start", "period_end"].map(|field| &target[field]))
        .collect();
    let none = Value::Null;
    let days = |from: i32, to: i32| (json!(format!("{from}-04-01")), json!(format!("{to}-03-31")));
    let ((y11, y12), (y21, y22), (y31, y32)) = (days(2011, 2012), days(2012, 2013), days(2013, 2014));
    let expected = [
        [&json!("baseline"), &json!("現状（計画策定時）"), &none, &none],
        [&json!("2011"), &json!("平成23年度"), &y11, &y12],
        [&json!("2012"), &json!("平成24年度"), &y21, &y22],
        [&json!("2013"), &json!("平成25年度"), &y31, &y32],
        [&json!("2014-"), &json!("平成26年度以降"), &json!("2014-04-01"), &none],
    ];
    assert_eq!(listed, expected);
    for period in ["baseline", "2014-"] {
        let result = sample.refused(&format!("/results/{PLAN}/1/{CITY}/{period}"), text("実績")).await;
        assert_eq!(result, (422, "record.period".into()), "{period} has no result");
    }
}

#[actix_web::test]
async fn a_changed_goal_stands_beside_the_original() {
    let sample = Sample::new().await;
    let path = format!("/targets/{PLAN}/1/{CITY}/2012");
    let goal = |number: i64| {
        with_figures(
            &format!("{number}回ひらく。　"),
            json!([figure("回数", json!(number), "回", &format!("{number}回"), json!({}))]),
        )
    };
    let amended = |number: i64, on: &str| {
        let mut body = goal(number);
        body["reason"] = json!("会場の工事のため\n");
        body["amended_on"] = json!(on);
        body
    };
    let early = sample.refused(&format!("{path}/amendments/1"), amended(8, "2012")).await;
    assert_eq!(early, (422, "amendment.gap".into()));
    sample.put(&path, goal(12)).await;
    assert_eq!(sample.refused(&format!("{path}/amendments/1"), goal(8)).await.0, 422, "a change has its reason");
    sample.put(&format!("{path}/amendments/1"), amended(8, "2012-09")).await;
    sample.put(&format!("{path}/amendments/2"), amended(6, "2013-01-15")).await;
    sample.publish("2012-targets").await;
    assert_sent(&goal(12), &sample.read(&path).await);
    assert_sent(&amended(8, "2012-09"), &sample.read(&format!("{path}/amendments/1")).await);
    assert_sent(&amended(6, "2013-01-15"), &sample.read(&format!("{path}/amendments/2")).await);
    let listed = sample.walk(&format!("/targets?plan={PLAN}&limit=2")).await;
    let listed: Vec<_> = listed.iter().map(|target| (&target["amendment"], &target["values"][0]["value"])).collect();
    assert_eq!(listed, [(&json!(0), &json!(12)), (&json!(1), &json!(8)), (&json!(2), &json!(6))]);
}

#[actix_web::test]
async fn one_half_is_done_and_the_other_planned() {
    let sample = Sample::new().await;
    let (done, planned) = (text("・冊子をくばった。"), text("・集まりをひらく予定。"));
    let (first, second) = (format!("/results/{PLAN}/1/{CITY}/2023-H1"), format!("/targets/{PLAN}/1/{CITY}/2023-H2"));
    sample.put(&first, done.clone()).await;
    sample.put(&second, planned.clone()).await;
    sample.publish("2023-H1-results").await;
    sample.publish("2023-H2-targets").await;
    assert_sent(&done, &sample.read(&first).await);
    let read = sample.read(&second).await;
    assert_sent(&planned, &read);
    assert_eq!((&read["period_start"], &read["period_end"]), (&json!("2023-10-01"), &json!("2024-03-31")));
    for part in ["results", "targets"] {
        assert_eq!(sample.walk(&format!("/{part}?plan={PLAN}&within=2023")).await.len(), 1);
        assert_eq!(sample.walk(&format!("/{part}?plan={PLAN}&period=2023")).await.len(), 0);
    }
}

#[actix_web::test]
async fn two_months_are_deliberately_not_measured() {
    let sample = Sample::new().await;
    let missing = |period: &str, source: &str| {
        let more = json!({ "missing_reason": "not_measured", "note": "窓口が混む時期のため", "period": period });
        figure("窓口の相談", Value::Null, "件", source, more)
    };
    let text = "相談は数えている。ただし10月と11月は数えない。";
    let values = json!([missing("201710", "10月"), missing("平成29年11月", "11月")]);
    let path = format!("/results/{PLAN}/1/{CITY}/2017");
    sample.put(&path, with_figures(text, values)).await;
    sample.publish("2017-results").await;
    let read = sample.read(&path).await;
    let values = json!([missing("201710", "10月"), missing("201711", "11月")]);
    assert_sent(&with_figures(text, values), &read);
    for value in read["values"].as_array().unwrap() {
        assert_eq!([&value["value"], &value["rate"], &value["text"]], [&Value::Null; 3], "missing is never zero");
    }
}
