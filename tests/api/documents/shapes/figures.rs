//! Figures inside a text, each shape once.

use super::super::array;
use super::super::equal::assert_sent;
use super::{CITY, PLAN, Sample, figure, with_figures};
use serde_json::{Value, json};

#[actix_web::test]
async fn a_range_is_about_five_to_twenty_a_day() {
    let more = json!({ "value_to": 20, "approximate": true, "per": "day" });
    let values = json!([figure("窓口の相談", json!(5), "件", "5件から20件前後", more)]);
    Sample::new().await.result(with_figures("1日に5件から20件前後。", values)).await;
}

#[actix_web::test]
async fn a_lower_bound_is_more_than_its_number() {
    let gt = json!({ "comparator": "gt", "measured_on": "2017-11-20", "measured_on_text": "11月20日（最終日）" });
    let ge = json!({ "comparator": "ge", "estimate": true });
    let values = json!([
        figure("来庁者", json!(230), "人", "230人を超える", gt),
        figure("認定", json!(6), "社", "６社以上", ge),
    ]);
    Sample::new().await.result(with_figures("11月20日（最終日）は230人を超える来庁。６社以上の見込み。", values)).await;
}

#[actix_web::test]
async fn groups_of_facilities_and_rounds_are_a_breakdown() {
    let group = |kind: &str, round: &str, value: i64, source: &str| {
        let more = json!({ "breakdown": { "施設": kind, "回": round }, "per": "event" });
        figure("訪問した施設", json!(value), "施設", source, more)
    };
    let values = json!([
        group("新規", "1回目", 9, "新しい9施設"),
        group("既存", "1回目", 26, "前からの26施設"),
        group("既存", "2回目", 26, "前からの26施設"),
        group("認可外", "1回目", 14, "ほか14施設"),
    ]);
    Sample::new()
        .await
        .result(with_figures("新しい9施設、前からの26施設（２回）、ほか14施設をまわった。", values))
        .await;
}

#[actix_web::test]
async fn a_count_has_its_rate_and_a_number_of_sessions_its_persons() {
    let paired = |whole: i64, more: Value| {
        let mut more = more;
        more["role"] = json!("paired");
        more["whole"] = json!(whole);
        more
    };
    let mut rate = figure("健診", Value::Null, "％", "40人中38人（95.0％）", paired(1, json!({})));
    rate["rate"] = json!(95);
    rate["numerator"] = json!(38);
    rate["denominator"] = json!(40);
    let values = json!([
        figure("健診", json!(38), "人", "40人中38人（95.0％）", json!({ "denominator": 40 })),
        rate,
        figure("健診", json!(22), "回", "年22回", paired(1, json!({ "label": "実施", "per": "year" }))),
        figure("講座", json!(3), "回", "3回（延べ41人）", json!({})),
        figure(
            "講座",
            json!(41),
            "人",
            "3回（延べ41人）",
            paired(4, json!({ "label": "受講者", "count_basis": "cumulative" }))
        ),
        figure("満足度", Value::Null, "％", "37.5％", json!({ "rate": 37.5, "method": "見本の調査" })),
    ]);
    let text = "健診は年22回、40人中38人（95.0％）。講座は3回（延べ41人）。満足度37.5％。";
    Sample::new().await.result(with_figures(text, values)).await;
}

#[actix_web::test]
async fn a_target_may_be_a_word_or_a_direction() {
    let sample = Sample::new().await;
    let indicator = json!({
        "name": "参加の割合", "kind": "rate", "unit": "％", "direction": "more_is_better", "aggregation": "weighted_mean",
        "temporality": "period_total",
    });
    sample.holds(&format!("/indicators/{CITY}/share"), indicator).await;
    let word = json!({ "item": "巡回", "label": "巡回", "text": "全園でおこなう", "source": "全園でおこなう" });
    let direction = json!({
        "item": "参加", "label": "参加", "text": "割合の増加", "source": "割合の増加",
        "indicator": { "owner": CITY, "indicator": "share" },
    });
    let body = with_figures("巡回　全園でおこなう\n参加　割合の増加", json!([word, direction]));
    let path = format!("/targets/{PLAN}/1/{CITY}/2024");
    sample.put(&path, body.clone()).await;
    sample.publish("2024-targets").await;
    let read = sample.read(&path).await;
    assert_sent(&body, &read);
    assert_eq!([&read["values"][0]["value"], &read["values"][0]["unit"]], [&Value::Null; 2]);
}

#[actix_web::test]
async fn a_number_has_its_running_total_and_zero_may_be_said_in_words() {
    let values = json!([
        figure("新しい認定", json!(4), "人", "4人（計90人）", json!({ "running_total": 90 })),
        figure("手当の対象", json!(0), "人", "対象者なし", json!({})),
        figure(
            "工事",
            Value::Null,
            "校",
            "西中ほか３校",
            json!({ "text": "西中ほか３校", "note": "３か４か読み分けられない" })
        ),
    ]);
    Sample::new().await.result(with_figures("認定4人（計90人）。対象者なし。西中ほか３校。", values)).await;
}

#[actix_web::test]
async fn parts_of_a_total_and_an_of_which() {
    let part = |label: &str, value: i64, whole: i64| {
        let more = json!({ "role": "part_of", "whole": whole });
        figure(label, json!(value), "件", &format!("{label}{value}件"), more)
    };
    let values = json!([
        part("宿泊", 6, 3),
        part("通所", 4, 3),
        figure("計", json!(10), "件", "計10件", json!({})),
        figure("相談", json!(5), "園", "5園（うち３園）", json!({})),
        figure(
            "相談",
            json!(3),
            "園",
            "5園（うち３園）",
            json!({ "label": "認定こども園", "role": "of_which", "whole": 4 })
        ),
    ]);
    let sample = Sample::new().await;
    let read = sample.result(with_figures("宿泊6件　通所4件　計10件　相談5園（うち３園）", values)).await;
    let whole = array(&read["values"]).iter().filter(|value| value["whole"] == 3);
    assert_eq!(whole.map(|value| value["value"].as_i64().unwrap()).sum::<i64>(), 10);

    sample.program("2", json!({ "position": 2 })).await;
    for whole in [0, 1, 3] {
        let alone = json!([part("宿泊", 6, whole), figure("計", json!(6), "件", "計6件", json!({}))]);
        let refused = sample.refused(&format!("/results/{PLAN}/2/{CITY}/2021"), with_figures("計6件", alone)).await;
        assert_eq!(refused.0, 422, "{whole} is no other figure of the record");
    }
}

#[actix_web::test]
async fn parts_may_have_their_total_in_the_target_only() {
    let sample = Sample::new().await;
    let target = with_figures("離乳食の会　24回", json!([figure("離乳食の会", json!(24), "回", "24回", json!({}))]));
    let path = format!("/targets/{PLAN}/1/{CITY}/2024");
    sample.put(&path, target.clone()).await;
    sample.publish("2024-targets").await;
    assert_sent(&target, &sample.read(&path).await);

    let course = |label: &str, value: i64| {
        let more = json!({ "role": "part_of", "whole_item": "離乳食の会" });
        figure(label, json!(value), "回", &format!("{label}　{value}回"), more)
    };
    let persons = json!({ "label": "参加者", "role": "paired", "whole": 1 });
    let values = json!([course("前期", 12), figure("前期", json!(31), "人", "31人", persons), course("後期", 8)]);
    sample.result(with_figures("前期　12回　31人\n後期　8回", values)).await;

    sample.program("2", json!({ "position": 2 })).await;
    let path = format!("/results/{PLAN}/2/{CITY}/2021");
    for more in [
        json!({ "whole_item": "会" }),
        json!({ "role": "paired", "whole_item": "会" }),
        json!({ "role": "part_of", "whole": 2, "whole_item": "会" }),
        json!({ "role": "part_of" }),
    ] {
        let values =
            json!([figure("前期", json!(1), "回", "1回", more), figure("会", json!(1), "回", "1回", json!({}))]);
        assert_eq!(sample.refused(&path, with_figures("1回", values)).await, (422, "value.content".into()));
    }
}

#[actix_web::test]
async fn one_figure_in_two_programs_is_marked_in_one() {
    let sample = Sample::new().await;
    let indicator = json!({
        "name": "サイトを見た数", "kind": "count", "unit": "件", "aggregation": "sum", "temporality": "period_total",
    });
    sample.holds(&format!("/indicators/{CITY}/views"), indicator).await;
    sample.program("2", json!({ "name": "情報", "position": 2 })).await;
    let views = |more: Value| {
        let mut views = figure("サイト", json!(1200), "件", "1,200件", more);
        views["indicator"] = json!({ "owner": CITY, "indicator": "views" });
        with_figures("1,200件", json!([views]))
    };
    let other = views(json!({ "same_figure_as": { "program": "1", "ordinal": 1 }, "department": "子ども政策課" }));
    let path = format!("/results/{PLAN}/2/{CITY}/2020");
    sample.put(&path, other.clone()).await;
    sample.result(views(json!({}))).await;
    assert_sent(&other, &sample.read(&path).await);
    let rows = sample.walk(&format!("/values?indicator={CITY}/views")).await;
    let marks: Vec<&Value> = rows.iter().map(|row| &row["value"]["same_figure_as"]).collect();
    assert_eq!(marks, [&Value::Null, &json!({ "program": "1", "ordinal": 1 })]);
}
