//! The receipt of a submission, and the hash that its sender can compute.

use super::completeness::{figure, given_a_form};
use super::{PLAN, REPORT};
use crate::given::{create, text, token_of, transition, walk};
use crate::harness::Server;
use aws_lc_rs::digest;
use serde_json::{Map, Value, json};

/// RFC 8785, by itself: names in the order of UTF-16, nothing between.
fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_by_key(|name| name.encode_utf16().collect::<Vec<_>>());
            let pairs = names.iter().map(|name| format!("{}:{}", json!(name), canonical(&fields[*name])));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        }
        // A JavaScript number: as short as it can be, and no exponent in our range.
        Value::Number(number) if number.as_i64().is_none() => number.as_f64().unwrap().to_string(),
        other => other.to_string(),
    }
}

/// As the receipt says that it is done, from what the service answers.
async fn computed(server: &Server, token: &str) -> String {
    const FIELDS: [&str; 14] = [
        "part",
        "program",
        "period",
        "amendment",
        "texts",
        "no_change_from_last_year",
        "cross_reference",
        "repost_of",
        "missing_reason",
        "reason",
        "amended_on",
        "note",
        "values",
        "evaluations",
    ];
    let mut records = Vec::new();
    for part in ["results", "targets"] {
        let path = format!("/{part}?plan={PLAN}&municipality=131016&view=working&limit=1000");
        let mut found = walk(server, &path, Some(token)).await;
        found.sort_by_key(|record| {
            let text = |name: &str| record[name].as_str().unwrap().to_owned();
            (text("program"), text("period"), record["amendment"].as_i64())
        });
        for record in found {
            let absent = |field: &str| match field {
                "part" => json!(part),
                "amendment" => json!(0),
                "evaluations" => json!([]),
                _ => Value::Null,
            };
            let field =
                |field: &&str| ((*field).to_owned(), record.get(*field).cloned().unwrap_or_else(|| absent(field)));
            records.push(Value::Object(FIELDS.iter().map(field).collect::<Map<_, _>>()));
        }
    }
    let report = server.get(&format!("/reports/{REPORT}?view=working")).token(token).expect(200).await.json;
    let content = json!({ "declared_counts": report["declared_counts"], "note": report["note"], "records": records });
    let hash = digest::digest(&digest::SHA256, canonical(&content).as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[actix_web::test]
async fn a_receipt_tells_what_was_handed_in_and_its_hash_can_be_computed() {
    let server = Server::start().await;
    let reporter = given_a_form(&server).await;
    let owner = token_of(&server, "130001");
    let path = format!("/reports/{REPORT}/receipt");
    let scheme = json!({ "title": "達成度", "levels": [{ "code": "1", "label": "達成" }] });
    create(&server, &reporter, "/evaluation_schemes/131016/a/2024", &scheme).await;
    let mut odd = figure("users", json!({ "value": 0.00001, "approximate": true }));
    // In UTF-16 𠮷 comes before Ａ, in UTF-8 after it.
    odd["breakdown"] = json!({ "Ａ": "い", "𠮷": "ろ", "a": "\"\\\n\u{1}" });
    let result = json!({ "texts": { "text": "文\t「引用」\u{7f}" }, "values": [odd, figure("sites", json!({ "rate": 95.7 }))],
        "evaluations": [{ "owner": "131016", "scheme": "a", "fiscal_year": 2024, "level": "1" }], "note": "備考" });
    create(&server, &reporter, &format!("/results/{PLAN}/2/131016/2024"), &result).await;
    create(&server, &reporter, &format!("/results/{PLAN}/1/131016/2024"), &text("本文")).await;
    let target = json!({ "values": [figure("users", json!({ "value": 123456789012.345 }))] });
    create(&server, &reporter, &format!("/targets/{PLAN}/2/131016/2024"), &target).await;
    let amendment = json!({ "texts": { "text": "変更" }, "reason": "増員のため", "amended_on": "2024-10" });
    create(&server, &reporter, &format!("/targets/{PLAN}/2/131016/2024/amendments/1"), &amendment).await;
    create(&server, &reporter, &format!("/targets/{PLAN}/1/131016/baseline"), &text("未把握")).await;
    let counts = json!([{ "owner": "131016", "scheme": "a", "fiscal_year": 2024, "level": "1", "count": 1 }]);
    let sheet = format!("/reports/{REPORT}");
    server
        .put(&sheet)
        .token(&reporter)
        .if_match("*")
        .json(&json!({ "note": "様式の備考", "declared_counts": counts }))
        .expect(200)
        .await;
    assert_eq!(server.get(&path).token(&reporter).expect(404).await.code(), "resource.not_found");

    let submit = json!({ "to": "submitted", "person": "担当A" });
    assert_eq!(transition(&server, &reporter, REPORT, submit).await.status, 200);
    let receipt = server.get(&path).token(&reporter).expect(200).await;
    assert_eq!(receipt.header("cache-control"), "no-store");
    let receipt = receipt.json;
    assert_eq!(receipt["content_hash"], computed(&server, &reporter).await);
    let told = |name: &str| receipt[name].clone();
    assert_eq!(told("submitted_at"), "2026-11-21T09:00:00.000000+09:00");
    assert_eq!(
        (told("person"), told("late"), told("records"), told("figures")),
        (json!("担当A"), json!(false), json!(5), json!(3))
    );
    assert_eq!(
        (told("municipality_name"), told("due_at")),
        (json!("千代田区"), json!("2026-12-01T00:00:00.000000+09:00"))
    );
    assert_eq!((&receipt["completeness"]["required"], &receipt["completeness"]["answered"]), (&json!(7), &json!(5)));
    assert!(told("check_ja").as_str().unwrap().contains("RFC 8785"));
    assert_eq!(server.get(&path).token(&owner).expect(200).await.json, receipt);
    server.get(&path).token(&token_of(&server, "131024")).expect(403).await;

    let csv = server.get(&format!("{path}?bom=true")).token(&reporter).header("accept", "text/csv").expect(200).await;
    assert!(csv.bytes.starts_with(b"\xef\xbb\xbf"));
    for line in [
        "報告団体,千代田区（131016）",
        "受付日時,2026年11月21日 09時00分00秒",
        "期限,2026年11月30日 24時",
        "期限との関係,期限内の提出",
        "記録の数,5",
    ] {
        assert!(csv.text.contains(line), "{line} in {}", csv.text);
    }
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let file = server.get(&path).token(&reporter).header("accept", xlsx).expect(200).await;
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"receipt_130001-kpi-2024_131016_2024-results.xlsx\""
    );
    assert_eq!(
        server.get(&path).token(&reporter).header("accept", "text/html").expect(406).await.code(),
        "request.not_acceptable"
    );

    // What is changed in the draft after it went back changes nothing of what was received.
    let back = json!({ "to": "returned", "person": "審査B", "comment": "確認" });
    assert_eq!(transition(&server, &owner, REPORT, back).await.status, 200);
    server.delete(&format!("/results/{PLAN}/1/131016/2024")).token(&reporter).if_match("*").expect(204).await;
    assert_eq!(server.get(&path).token(&reporter).expect(200).await.json, receipt);
    assert_ne!(receipt["content_hash"], computed(&server, &reporter).await);
}
