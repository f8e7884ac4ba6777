//! 正誤表: what a later edition has changed, for everybody.

use super::{PLAN, REPORT};
use crate::given::{correct, create, kpi_plan, publish, text, token_of, transition};
use crate::harness::Server;
use chrono::Duration;
use serde_json::{Value, json};

const PATH: &str = "/reports/130001-kpi-2024/131016/2024-results/corrections";

fn figure(value: i64) -> Value {
    json!({ "texts": { "text": format!("{value}人が受講した。") },
        "values": [{ "item": "研修", "label": "受講者数", "value": value, "unit": "人", "source": format!("{value}人") }] })
}

/// Edition 1 with three results, edition 2 with one mended, one gone, one more.
async fn given_a_correction() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let (reporter, owner) = (token_of(&server, "131016"), token_of(&server, "130001"));
    for program in 2..=4 {
        let body =
            json!({ "name": format!("事業{program}"), "number_label": format!("({program})"), "position": program });
        create(&server, &owner, &format!("/programs/{PLAN}/{program}"), &body).await;
    }
    let result = |program: u8| format!("/results/{PLAN}/{program}/131016/2024");
    create(&server, &reporter, &result(1), &figure(1250)).await;
    create(&server, &reporter, &result(2), &text("変わらない文")).await;
    create(&server, &reporter, &result(3), &text("なくなる文")).await;
    publish(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(server.get(PATH).expect(200).await.json["corrections"], json!([]));
    server.advance(Duration::days(1));
    correct(&server, PLAN, "131016", "2024-results").await;
    let reporter = token_of(&server, "131016");
    server.put(&result(1)).token(&reporter).if_match("\"v1\"").json(&figure(1520)).expect(200).await;
    server.delete(&result(3)).token(&reporter).if_match("\"v1\"").expect(204).await;
    create(&server, &reporter, &result(4), &figure(3)).await;
    server
}

#[actix_web::test]
async fn a_second_edition_tells_what_it_has_changed_and_why() {
    let server = given_a_correction().await;
    let hidden = server.get(PATH).expect(200).await.json;
    assert_eq!((&hidden["edition"], &hidden["corrections"]), (&json!(1), &json!([])), "not before it is published");
    server.advance(Duration::hours(1));
    publish(&server, PLAN, "131016", "2024-results").await;
    let seen = server.get(PATH).expect(200).await;
    assert_eq!(seen.header("cache-control"), "no-cache");
    let lines: Vec<String> = seen.json["corrections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            let of = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {} {}→{}", of("program"), of("change"), of("pointer"), of("item"), of("old"), of("new"))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "1 changed /texts/text 本文 1250人が受講した。→1520人が受講した。",
            "1 changed /values/0/source 受講者数：読み取った箇所 1250人→1520人",
            "1 changed /values/0/value 受講者数：数値 1250→1520",
            "3 removed /texts/text 本文 なくなる文→-",
            "4 added /texts/text 本文 -→3人が受講した。",
            "4 added /values/0 受講者数 -→受講者数 3人",
        ]
    );
    let first = &seen.json["corrections"][0];
    assert_eq!((&first["edition"], &first["reason"]), (&json!(2), &json!("数値の誤りを訂正するため")));
    assert_eq!(first["previous_published_at"], "2026-11-21T09:00:00.000008+09:00");
    assert_eq!(first["published_at"], "2026-11-22T10:00:00.000002+09:00");
    assert_eq!((&first["period_label_ja"], &first["amendment"]), (&json!("令和6年度"), &json!(0)));
    // Whoever moved the report is named nowhere, and nobody's token shows more.
    assert!(!seen.text.contains("担当A") && !seen.text.contains("審査B"), "{}", seen.text);
    assert_eq!(server.get(PATH).token(&token_of(&server, "131016")).expect(200).await.text, seen.text);

    let csv = server.get(PATH).header("accept", "text/csv").expect(200).await;
    let head =
        "版,公表日時（訂正後）,公表日時（訂正前）,団体コード,区分,番号,事業名,期間,変更,項目,誤,正,訂正の理由\r\n";
    assert!(csv.text.starts_with(head), "{}", csv.text);
    assert_eq!(seen.etag(), "\"p2.1\"");
    server.get(PATH).header("if-none-match", seen.etag()).expect(304).await;
    assert_eq!(csv.etag(), "\"p2.1;csv\"");
    server.get(PATH).header("accept", "text/csv").header("if-none-match", csv.etag()).expect(304).await;
    server.get(PATH).header("accept", "text/csv").header("if-none-match", seen.etag()).expect(200).await;
    let removed = "2,2026-11-22 10:00,2026-11-21 09:00,131016,実績,(3),事業3,令和6年度,削除,本文,なくなる文,,数値の誤りを訂正するため\r\n";
    assert!(csv.text.contains(removed), "{}", csv.text);
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert!(server.get(PATH).header("accept", xlsx).expect(200).await.bytes.starts_with(b"PK"));
}

#[actix_web::test]
async fn each_edition_is_held_against_the_one_before() {
    let server = given_a_correction().await;
    publish(&server, PLAN, "131016", "2024-results").await;
    server.advance(Duration::days(1));
    let reporter = token_of(&server, "131016");
    let again = json!({ "to": "draft", "person": "担当C", "comment": "二度目の訂正" });
    assert_eq!(transition(&server, &reporter, REPORT, again).await.status, 200);
    // Back to the first figure, and the row that had gone; nothing else.
    let path = format!("/results/{PLAN}/1/131016/2024");
    server.put(&path).token(&reporter).if_match("\"v2\"").json(&figure(1250)).expect(200).await;
    create(&server, &reporter, &format!("/results/{PLAN}/3/131016/2024"), &text("なくなる文")).await;
    publish(&server, PLAN, "131016", "2024-results").await;
    let editions = async |query: &str| -> Vec<(i64, String, String)> {
        let seen = server.get(&format!("{PATH}{query}")).expect(200).await.json;
        let lines = seen["corrections"].as_array().unwrap().iter();
        lines
            .map(|line| {
                let of = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
                (line["edition"].as_i64().unwrap(), of("reason"), format!("{}{}", of("program"), of("pointer")))
            })
            .collect()
    };
    let third = [
        (3, "二度目の訂正".to_owned(), "1/texts/text".to_owned()),
        (3, "二度目の訂正".to_owned(), "1/values/0/source".to_owned()),
        (3, "二度目の訂正".to_owned(), "1/values/0/value".to_owned()),
        (3, "二度目の訂正".to_owned(), "3/texts/text".to_owned()),
    ];
    let all = editions("").await;
    assert_eq!(all[..4], third);
    assert_eq!((all.len(), all[4].0), (10, 2), "the latest edition first");
    assert_eq!(editions("?edition=3").await, third);
    assert_eq!(editions("?edition=2").await, all[4..]);
    assert_eq!(editions("?edition=9").await, []);
    assert_eq!(server.get(&format!("{PATH}?edition=1")).expect(400).await.code(), "request.parameter");
}

#[actix_web::test]
async fn an_edition_that_only_withdraws_is_told_and_a_draft_is_not_there() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let reporter = token_of(&server, "131016");
    for period in ["2024", "2024-H1"] {
        create(&server, &reporter, &format!("/results/{PLAN}/1/131016/{period}"), &text("文")).await;
    }
    server.get(PATH).expect(404).await;
    publish(&server, PLAN, "131016", "2024-results").await;
    correct(&server, PLAN, "131016", "2024-results").await;
    server.delete(&format!("/results/{PLAN}/1/131016/2024")).token(&reporter).if_match("*").expect(204).await;
    let body = json!({ "to": "submitted", "person": "担当A", "comment": "重複のため" });
    assert_eq!(transition(&server, &reporter, REPORT, body).await.status, 200);
    for to in ["approved", "published"] {
        let body = json!({ "to": to, "person": "審査B" });
        assert_eq!(transition(&server, &token_of(&server, "130001"), REPORT, body).await.status, 200);
    }
    let seen = server.get(PATH).expect(200).await.json;
    let lines = seen["corrections"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["change"], &lines[0]["old"]), (1, &json!("removed"), &json!("文")));
    server.get("/reports/130001-kpi-2024/131016/2024-H1-results/corrections").expect(404).await;
}
