//! Texts are the record: who sends them, and that nobody touches them.

use super::super::equal::assert_sent;
use super::{CITY, PLAN, Sample, figure, with_figures};
use crate::given::{create, plan_body, publish, text, token_of, walk};
use crate::harness::Server;
use serde_json::{Value, json};

const KPI: &str = "130001-mihon-2024";

#[actix_web::test]
async fn a_prefecture_asks_many_and_some_repeat_their_plan_to_the_letter() {
    let server = Server::start().await;
    let prefecture = token_of(&server, "130001");
    create(&server, &prefecture, &format!("/plans/{KPI}"), &plan_body("見本のKPI", 2024, 2024)).await;
    create(&server, &prefecture, &format!("/programs/{KPI}/kenshu"), &json!({ "name": "研修", "position": 1 })).await;
    let counted = |value: i64, counted: &str, basis: &str| {
        let more = json!({ "counted": counted, "count_basis": basis });
        with_figures(
            &format!("研修を開き、{value}人。\n"),
            json!([figure("参加", json!(value), "人", &format!("{value}人"), more)]),
        )
    };
    let sent = [
        ("131016", "特別区", text("研修を年２回ひらく。　"), counted(40, "修了者", "unstated")),
        ("131024", "特別区", text("各園に\n　受講をすすめる。"), text("各園に\n　受講をすすめる。")),
        ("132284", "市", counted(30, "受講者", "unstated"), counted(55, "受講者", "cumulative")),
    ];
    for (code, group, target, result) in &sent {
        let member = json!({ "member_group": group });
        create(&server, &prefecture, &format!("/plans/{KPI}/reporters/{code}"), &member).await;
        let token = token_of(&server, code);
        for (part, body) in [("targets", target), ("results", result)] {
            create(&server, &token, &format!("/{part}/{KPI}/kenshu/{code}/2024"), body).await;
            publish(&server, KPI, code, &format!("2024-{part}")).await;
        }
    }
    let targets = walk(&server, "/targets?prefecture=130001&period=2024&limit=2", None).await;
    let results = walk(&server, "/results?prefecture=130001&period=2024&limit=2", None).await;
    assert_eq!((targets.len(), results.len()), (3, 3));
    for (((code, _, target, result), read_target), read_result) in sent.iter().zip(&targets).zip(&results) {
        assert_eq!((&read_target["municipality"], &read_result["municipality"]), (&json!(code), &json!(code)));
        assert_sent(target, read_target);
        assert_sent(result, read_result);
    }
    let repeats: Vec<bool> = targets.iter().zip(&results).map(|(t, r)| t["texts"] == r["texts"]).collect();
    assert_eq!(repeats, [false, true, false]);
    // Three bases that must not be added are told apart.
    let values = walk(&server, &format!("/values?plan={KPI}&limit=2"), None).await;
    let of =
        |row: &Value| [&row["value"]["counted"], &row["value"]["count_basis"]].map(|v| v.as_str().unwrap().to_owned());
    let bases: Vec<_> = values.iter().filter(|row| row["part"] == "results").map(of).collect();
    assert_eq!(bases, [["修了者", "unstated"], ["受講者", "cumulative"]]);

    let other = token_of(&server, "131032");
    let path = format!("/results/{KPI}/kenshu/131032/2024");
    let answer = server.put(&path).token(&other).create().json(&text("報告")).send().await;
    assert_eq!((answer.status, answer.code()), (403, "plan.not_a_reporter"));
}

#[actix_web::test]
async fn line_breaks_spaces_tags_and_widths_stay_as_they_are() {
    let sample = Sample::new().await;
    let hard = "　行の途中で\n折れる文\r\n\n\t<p>タグ</p><br>&nbsp;<s>消し線</s>　　\n１２ｱｲｳ㈱①～髙﨑 e\u{301}\u{3000}\u{3000}\n";
    sample.result(text(hard)).await;
    let program = json!({
        "number_label": "(1)　", "name": "ひろばと\n相談　", "description": hard, "position": 2,
        "printed": { "name": "ひろばと\n\n相談　　", "departments": "子ども\n政策課　" },
    });
    sample.holds(&format!("/programs/{PLAN}/2"), program).await;
    let node = json!({ "kind": "policy", "number_label": "①", "title": "見守る　まち\n", "position": 1 });
    sample.holds(&format!("/nodes/{PLAN}/1.1"), node).await;
}

#[actix_web::test]
async fn a_sheet_may_have_several_text_columns() {
    let mut plan = plan_body("見本の計画", 2010, 2024);
    plan["text_fields"] = json!([{ "code": "done", "label": "取組" }, { "code": "issues", "label": "課題　" }]);
    plan["column_labels"] =
        json!([{ "column": "done", "label": "令和２年度\n取組" }, { "column": "issues", "label": "" }]);
    plan["printed"] = json!({ "title": "見本の\n計画" });
    plan["document_label"] = json!("資料９");
    plan["adopted_on"] = json!("2020-03");
    let sample = Sample::with_plan(plan.clone()).await;
    assert_sent(&plan, &sample.read(&format!("/plans/{PLAN}")).await);
    let body = json!({ "texts": { "done": "ひろばを開いた。", "issues": "　人手。\n" } });
    sample.result(body).await;
    sample.program("2", json!({ "position": 2 })).await;
    let unknown = sample.refused(&format!("/results/{PLAN}/2/{CITY}/2021"), text("本文")).await;
    assert_eq!(unknown, (422, "record.unknown_text_field".into()));
}

#[actix_web::test]
async fn a_cross_reference_stands_for_an_answer() {
    let sample = Sample::new().await;
    let read = sample.result(json!({ "cross_reference": "別冊「見本」の\nとおり　" })).await;
    assert_eq!((&read["texts"], &read["values"]), (&json!({}), &json!([])));
}

#[actix_web::test]
async fn a_repost_has_a_text_of_its_own() {
    let sample = Sample::new().await;
    for code in ["2", "3"] {
        sample.program(code, json!({ "name": "取組", "position": 2 })).await;
    }
    let path = |program: &str| format!("/results/{PLAN}/{program}/{CITY}/2020");
    let visits = json!([figure("訪問", json!(4), "回", "４回", json!({}))]);
    let first = with_figures("・訪問を４回\n・冊子をくばる", visits.clone());
    let mut again = with_figures("【再掲】訪問を４回", visits);
    again["repost_of"] = json!("1");
    sample.put(&path("1"), first.clone()).await;
    sample.put(&path("2"), again.clone()).await;
    let mut chain = text("【再掲】");
    chain["repost_of"] = json!("2");
    assert_eq!(sample.refused(&path("3"), chain).await, (422, "record.repost".into()));
    sample.publish("2020-results").await;
    assert_sent(&first, &sample.read(&path("1")).await);
    assert_sent(&again, &sample.read(&path("2")).await);
    let rows = sample.walk(&format!("/values?plan={PLAN}")).await;
    let reposts: Vec<&Value> = rows.iter().map(|row| &row["repost"]).collect();
    assert_eq!(reposts, [false, true]);
}

#[actix_web::test]
async fn a_cell_left_blank_on_purpose_has_a_reason_and_no_text() {
    let sample = Sample::new().await;
    let blank = json!({ "missing_reason": "not_implemented", "note": "後期に始める" });
    let read = sample.result(blank.clone()).await;
    assert_eq!(read["texts"], json!({}));
    sample.program("2", json!({ "position": 2 })).await;
    let path = format!("/results/{PLAN}/2/{CITY}/2021");
    assert_eq!(sample.refused(&path, text("")).await.0, 422);
    assert_eq!(sample.refused(&path, json!({})).await, (422, "record.empty".into()));
    let mut both = blank;
    both["texts"] = json!({ "text": "本文" });
    assert_eq!(sample.refused(&path, both).await.0, 422);
}
