//! What annual results have of their own: periods that have a result, blanks on purpose, reposts, evaluations.

use crate::given::{create, findings, kpi_plan, publish, text, token_of};
use crate::harness::{Answer, Server};
use serde_json::{Value, json};

const OWN: &str = "132284-kodomo-2020";

/// A municipality's own plan with programs 1 to 4, and its token.
async fn given() -> (Server, String) {
    let server = Server::start().await;
    kpi_plan(&server, OWN, &[]).await;
    let token = token_of(&server, "132284");
    for code in 2..=4 {
        create(&server, &token, &format!("/programs/{OWN}/{code}"), &json!({ "name": "事業", "position": code })).await;
    }
    (server, token)
}

fn cell(part: &str, program: i32, period: &str) -> String {
    format!("/{part}/{OWN}/{program}/132284/{period}")
}

#[actix_web::test]
async fn the_baseline_and_an_open_ended_period_have_targets_and_no_results() {
    let (server, token) = given().await;
    for period in ["baseline", "2014-"] {
        let refused =
            server.put(&cell("results", 1, period)).token(&token).create().json(&text("本文")).expect(422).await;
        assert_eq!(findings(&refused), [("", "record.period")]);
        let created = create(&server, &token, &cell("targets", 1, period), &text("本文")).await;
        assert_eq!(created.json["period"], period);
    }
    for (period, label, start, end) in [
        ("2024", "令和6年度", "2024-04-01", "2025-03-31"),
        ("2024-H2", "令和6年度下半期", "2024-10-01", "2025-03-31"),
        ("2023-Q4", "令和5年度第4四半期", "2024-01-01", "2024-03-31"),
        ("202402", "令和6年2月", "2024-02-01", "2024-02-29"),
    ] {
        let created = create(&server, &token, &cell("results", 1, period), &text("本文")).await.json;
        assert_eq!((&created["period"], &created["period_label_ja"]), (&json!(period), &json!(label)));
        assert_eq!((&created["period_start"], &created["period_end"]), (&json!(start), &json!(end)));
    }
}

#[actix_web::test]
async fn an_empty_cell_is_not_sent_and_a_blank_on_purpose_says_why() {
    let (server, token) = given().await;
    let path = cell("results", 1, "2020");
    let put = |body: Value| server.put(&path).token(&token).create().json(&body);
    let value = json!({ "item": "x", "label": "x", "unit": "人", "source": "x", "value": 0 });
    let refused = [
        (json!({}), ("", "record.empty")),
        (json!({ "texts": {}, "values": [], "note": "備考だけ" }), ("", "record.empty")),
        (json!({ "evaluations": [] }), ("", "record.empty")),
        (json!({ "texts": { "text": "" } }), ("/texts/text", "request.invalid")),
        (json!({ "cross_reference": "" }), ("/cross_reference", "request.invalid")),
        (
            json!({ "missing_reason": "not_measured", "texts": { "text": "あり" } }),
            ("/missing_reason", "request.invalid"),
        ),
        (
            json!({ "missing_reason": "not_measured", "values": [value.clone()] }),
            ("/missing_reason", "request.invalid"),
        ),
        (
            json!({ "missing_reason": "not_measured", "cross_reference": "資料3" }),
            ("/missing_reason", "request.invalid"),
        ),
        (json!({ "missing_reason": "unknown" }), ("/missing_reason", "request.invalid")),
        (json!({ "texts": null }), ("/texts", "request.invalid")),
    ];
    for (body, finding) in refused {
        let answer = put(body.clone()).expect(422).await;
        assert_eq!(findings(&answer), [finding], "{body}");
    }
    let target = server.put(&cell("targets", 1, "2020")).token(&token).create();
    assert_eq!(findings(&target.json(&json!({ "note": "備考だけ" })).expect(422).await), [("", "record.empty")]);
    let target = server.put(&cell("targets", 1, "2020")).token(&token).create();
    let misplaced = target.json(&json!({ "missing_reason": "not_measured" })).expect(400).await;
    assert_eq!(findings(&misplaced), [("/missing_reason", "request.unknown_field")]);

    let bodies = [
        json!({ "values": [value] }),
        json!({ "cross_reference": "資料３のとおり" }),
        json!({ "missing_reason": "not_implemented", "note": "感染症のため中止" }),
    ];
    for (program, body) in (2..).zip(bodies) {
        let created = create(&server, &token, &cell("results", program, "2020"), &body).await;
        for (field, sent) in body.as_object().unwrap().iter().filter(|(field, _)| *field != "values") {
            assert_eq!(created.json[field], *sent);
        }
    }
    publish(&server, OWN, "132284", "2020-results").await;
    let shown = server.get(&format!("/results?plan={OWN}")).expect(200).await;
    let reasons: Vec<_> = shown.results().iter().map(|row| row["missing_reason"].clone()).collect();
    assert_eq!(reasons, [Value::Null, Value::Null, json!("not_implemented")]);
}

#[actix_web::test]
async fn a_repost_names_a_program_that_has_the_text_first() {
    let (server, token) = given().await;
    let repost = |of: &str| json!({ "texts": { "text": "再掲" }, "repost_of": of });
    let put = |program: i32, of: &str| {
        server.put(&cell("results", program, "2020")).token(&token).create().json(&repost(of)).send()
    };
    let refusal = |answer: &Answer| {
        assert_eq!(answer.status, 422, "{answer:#?}");
        findings(answer).into_iter().map(|(at, code)| (at.to_owned(), code.to_owned())).collect::<Vec<_>>()
    };
    let wrong = |code: &str| vec![("/repost_of".to_owned(), code.to_owned())];
    assert_eq!(refusal(&put(1, "1").await), wrong("record.repost"));
    assert_eq!(refusal(&put(1, "99").await), wrong("program.unknown"));
    assert_eq!(refusal(&put(1, "a b").await), wrong("request.invalid"));
    create(&server, &token, &cell("results", 1, "2020"), &text("もとの文")).await;
    assert_eq!(put(2, "1").await.status, 201);
    assert_eq!(refusal(&put(3, "2").await), wrong("record.repost"), "2 reposts 1");
    let back = server.put(&cell("results", 1, "2020")).token(&token).if_match("\"v1\"").json(&repost("4")).send().await;
    assert_eq!(refusal(&back), wrong("record.repost"), "1 is reposted by 2");
    assert_eq!(put(3, "1").await.status, 201, "several repost one");
    // Another period is another cell.
    let next = server.put(&cell("results", 1, "2021")).token(&token).create().json(&repost("2")).send().await;
    assert_eq!(next.status, 201, "{next:#?}");
    publish(&server, OWN, "132284", "2020-results").await;
    let shown = server.get(&cell("results", 2, "2020")).expect(200).await;
    assert_eq!((&shown.json["repost_of"], &shown.json["texts"]["text"]), (&json!("1"), &json!("再掲")));
    assert_eq!(server.get(&cell("results", 1, "2020")).expect(200).await.json["repost_of"], Value::Null);
}

#[actix_web::test]
async fn an_evaluation_is_a_level_of_its_scheme() {
    let (server, token) = given().await;
    let levels = json!([
        { "code": "1", "label": "大きく上回る" }, { "code": "2", "label": "おおむね達成" },
        { "code": "3", "label": "下回る" }, { "code": "4", "label": "その他", "reason_required": true },
    ]);
    let scheme = json!({ "title": "達成度", "levels": levels });
    create(&server, &token, "/evaluation_schemes/132284/achievement/2020", &scheme).await;
    let path = cell("results", 1, "2020");
    let with = |evaluations: Value| json!({ "texts": { "text": "本文" }, "evaluations": evaluations });
    let rated =
        |level: &str| json!({ "owner": "132284", "scheme": "achievement", "fiscal_year": 2020, "level": level });
    let put = |evaluations: Value| server.put(&path).token(&token).create().json(&with(evaluations));

    let unknown = put(json!([rated("5")])).expect(422).await;
    assert_eq!(findings(&unknown), [("/evaluations/0/level", "evaluation.unknown_level")]);
    let said = unknown.json["errors"][0]["message"].as_str().unwrap().to_owned();
    assert_eq!(said, "「5」は達成度（1〜4）にありません");
    for (field, value) in [("scheme", json!("priority")), ("fiscal_year", json!(2021)), ("owner", json!("132012"))] {
        let mut evaluation = rated("2");
        evaluation[field] = value;
        evaluation["evaluator"] = json!("committee");
        let refused = put(json!([rated("3"), evaluation])).expect(422).await;
        assert_eq!(findings(&refused), [("/evaluations/1/scheme", "evaluation.unknown_scheme")], "{field}");
    }
    let silent = put(json!([rated("4")])).expect(422).await;
    assert_eq!(findings(&silent), [("/evaluations/0/reason", "evaluation.reason_required")]);
    let mut reasoned = rated("4");
    reasoned["reason"] = json!("対象が変わったため");
    let twice = put(json!([rated("2"), reasoned.clone()])).expect(422).await;
    assert_eq!(findings(&twice), [("/evaluations/1", "request.invalid")]);
    let mut garbled = rated("2");
    garbled["owner"] = json!("132285");
    garbled["against"] = json!("2024-13");
    garbled["level"] = json!("");
    let all = put(json!([garbled])).expect(422).await;
    let mut found = findings(&all);
    found.sort_unstable();
    let expected = [
        ("/evaluations/0/against", "period.unknown"),
        ("/evaluations/0/level", "request.invalid"),
        ("/evaluations/0/owner", "municipality.check_digit"),
    ];
    assert_eq!(found, expected);

    // The same scheme by another evaluator stands beside the first; `against` in any form of a year.
    reasoned["evaluator"] = json!("committee");
    reasoned["against"] = json!("令和6年度");
    let created = put(json!([rated("2"), reasoned])).expect(201).await;
    let levels: Vec<_> = created.json["evaluations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (&e["level"], &e["evaluator"], &e["against"]))
        .collect();
    assert_eq!(
        levels,
        [(&json!("2"), &json!("self"), &Value::Null), (&json!("4"), &json!("committee"), &json!("2024"))]
    );
    publish(&server, OWN, "132284", "2020-results").await;
    assert_eq!(server.get(&path).expect(200).await.json["evaluations"], created.json["evaluations"]);
    // What a published result is rated by stays in its scheme.
    let fewer = json!({ "title": "達成度", "levels": [{ "code": "1", "label": "大きく上回る" }, { "code": "4", "label": "その他" }] });
    let scheme = server.put("/evaluation_schemes/132284/achievement/2020").token(&token).if_match("\"v1\"");
    assert_eq!(scheme.json(&fewer).expect(409).await.code(), "resource.in_use");
}
