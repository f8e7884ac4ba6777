//! The overview of a round: who is how far, and whom to phone.

use crate::given::{create, kpi_plan, publish, text, token_of, transition};
use crate::harness::{Answer, Server};
use chrono::Duration;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const PATH: &str = "/rounds/130001-kpi-2024/2024-results/overview";
const CODES: [&str; 9] = ["131016", "131024", "131032", "131041", "131059", "131067", "131075", "131083", "131091"];

async fn move_to(server: &Server, by: &str, code: &str, to: &str) {
    let body = json!({ "to": to, "person": format!("{by}の人"), "comment": "理由" });
    let report = format!("{PLAN}/{code}/2024-results");
    let answer = transition(server, &token_of(server, by), &report, body).await;
    assert_eq!(answer.status, 200, "{answer:#?}");
}

/// One reporter of each kind; the round was due an hour ago.
async fn given_a_round() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &CODES).await;
    let owner = token_of(&server, "130001");
    // Reports for other years only.
    create(&server, &owner, &format!("/plans/{PLAN}/reporters/131105"), &json!({ "fiscal_year_from": 2025 })).await;
    let round = json!({
        "title": "令和6年度 実績調査", "due_at": "2026-11-21", "covers": [{ "part": "results", "period": "2024" }],
        "members": [{ "municipality": "131024", "due_at": "2026-11-30" }, { "municipality": "131091", "left_out": true }],
    });
    create(&server, &owner, &format!("/rounds/{PLAN}/2024-results"), &round).await;
    for code in &CODES[2..8] {
        let body = if *code == "131041" { text("研修を実施する予定") } else { text("秘密の本文") };
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &body).await;
    }
    for code in &CODES[3..7] {
        move_to(&server, code, code, "submitted").await;
    }
    move_to(&server, "130001", "131059", "returned").await;
    move_to(&server, "130001", "131067", "approved").await;
    move_to(&server, "130001", "131075", "approved").await;
    move_to(&server, "130001", "131075", "published").await;
    move_to(&server, "131075", "131075", "draft").await;
    // The day ends at 24:00 in Japan, when it is 15:00 where the server's clock is.
    server.advance(Duration::hours(16));
    move_to(&server, "131083", "131083", "submitted").await;
    server
}

/// code, status, not answered, overdue, late, percent
fn lines(seen: &Answer) -> Vec<String> {
    let members = seen.json["members"].as_array().unwrap().iter();
    let flag = |member: &Value, name: &str| if member[name] == true { format!(" {name}") } else { String::new() };
    members
        .map(|member| {
            let flags: String =
                ["left_out", "not_answered", "overdue", "late"].iter().map(|name| flag(member, name)).collect();
            let percent =
                member["completeness"]["percent"].as_i64().map_or(String::new(), |percent| format!(" {percent}％"));
            let status = member["status"].as_str().unwrap_or("-");
            format!("{} {status}{flags}{percent}", member["municipality"].as_str().unwrap())
        })
        .collect()
}

#[actix_web::test]
async fn the_owner_sees_how_far_each_reporter_is() {
    let server = given_a_round().await;
    let reader = server.token(&[Role::PrefectureReader], &["130001"]);
    let seen = server.get(PATH).token(&reader).expect(200).await;
    assert_eq!(seen.header("cache-control"), "no-store");
    assert_eq!(
        lines(&seen),
        [
            "131016 - not_answered overdue",
            "131024 - not_answered",
            "131032 draft not_answered overdue",
            "131041 submitted 100％",
            "131059 returned not_answered overdue",
            "131067 approved 100％",
            "131075 draft",
            "131083 submitted late 100％",
            "131091 - left_out",
        ]
    );
    assert_eq!(
        seen.json["totals"],
        json!({ "asked": 8, "left_out": 1, "not_begun": 2, "draft": 2, "submitted": 2, "returned": 1, "approved": 1,
            "published": 0, "not_answered": 4, "overdue": 3, "late": 1 })
    );
    let member =
        |code: &str| seen.json["members"].as_array().unwrap().iter().find(|one| one["municipality"] == code).unwrap();
    assert_eq!(
        (&seen.json["title"], &seen.json["at"]),
        (&json!("令和6年度 実績調査"), &json!("2026-11-22T01:00:00.000000+09:00"))
    );
    assert_eq!(
        (&seen.json["due_at"], &member("131024")["due_at"], &member("131091")["due_at"]),
        (&json!("2026-11-22T00:00:00.000000+09:00"), &json!("2026-12-01T00:00:00.000000+09:00"), &Value::Null)
    );
    assert_eq!(
        (&member("131041")["name"], &member("131041")["submitted_at"]),
        (&json!("新宿区"), &json!("2026-11-21T09:00:00.000000+09:00"))
    );
    assert_eq!(member("131041")["completeness"]["missing"]["not_measured"], 0);
    // Of content that the owner does not see nothing is counted.
    for code in ["131016", "131032", "131059", "131075"] {
        assert_eq!(
            (&member(code)["completeness"], &member(code)["open_warnings"]),
            (&Value::Null, &Value::Null),
            "{code}"
        );
    }
    assert_eq!((&member("131041")["open_warnings"], &member("131083")["open_warnings"]), (&json!(1), &json!(0)));
    assert_eq!(member("131075")["edition"], 1);
    assert!(!seen.text.contains("秘密"));
}

#[actix_web::test]
async fn whom_to_phone() {
    let server = given_a_round().await;
    let owner = token_of(&server, "130001");
    let get = |query: &str| server.get(&format!("{PATH}?{query}")).token(&owner);
    let codes = async |query: &str| -> Vec<String> {
        lines(&get(query).expect(200).await).iter().map(|line| line[..6].to_owned()).collect()
    };
    assert_eq!(codes("not_answered=true").await, ["131016", "131024", "131032", "131059"]);
    assert_eq!(codes("not_answered=false").await, ["131041", "131067", "131075", "131083", "131091"]);
    assert_eq!(codes("status=submitted,approved").await, ["131041", "131067", "131083"]);
    assert_eq!(codes("status=draft&not_answered=true").await, ["131032"]);
    let some = get("status=approved").expect(200).await;
    assert_eq!(some.json["totals"]["asked"], 8, "of all, whatever is shown");
    for wrong in ["status=gone", "status=", "not_answered=yes", "municipality=131016"] {
        get(wrong).expect(400).await;
    }
    let csv = get("not_answered=true").header("accept", "text/csv").expect(200).await;
    let mut csv = csv.text.split("\r\n");
    assert_eq!(
        csv.next().unwrap(),
        "団体コード,団体名,区分,状態,未回答,期限,期限超過,遅延,提出日時,版,記入率％,必要,記入済み,未記入,理由のある空欄,確認事項"
    );
    assert_eq!(csv.next().unwrap(), "131016,千代田区,,未着手,○,2026年11月21日 24時,○,,,0,,,,,,");
    assert_eq!(csv.clone().count(), 4);
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let file = get("").header("accept", xlsx).expect(200).await;
    assert!(file.bytes.starts_with(b"PK"));
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"overview_130001-kpi-2024_2024-results.xlsx\""
    );
    assert_eq!(get("").header("accept", "text/html").expect(406).await.code(), "request.not_acceptable");
}

#[actix_web::test]
async fn a_reporter_sees_itself_and_a_stranger_nobody() {
    let server = given_a_round().await;
    let seen = async |roles: &[Role], bodies: &[&str]| {
        let seen = server.get(PATH).token(&server.token(roles, bodies)).expect(200).await;
        (lines(&seen), seen.json["totals"]["asked"].clone())
    };
    let editor = [Role::MunicipalEditor];
    assert_eq!(seen(&editor, &["131032"]).await, (vec!["131032 draft not_answered overdue".to_owned()], json!(1)));
    assert_eq!(seen(&editor, &["131032", "131067"]).await.0.len(), 2);
    assert_eq!(seen(&editor, &["132284"]).await, (vec![], json!(0)));
    // A body beside no role of its kind opens nothing.
    assert_eq!(seen(&editor, &["130001", "131032"]).await.0.len(), 1);
    server.get(PATH).expect(401).await;
    server.get(PATH).token(&server.token(&[Role::Administrator], &[])).expect(403).await;
    let owner = token_of(&server, "130001");
    server.get("/rounds/130001-kpi-2024/none/overview").token(&owner).expect(404).await;
    server.get("/rounds/130001-none/none/overview").token(&owner).expect(404).await;
}

#[actix_web::test]
async fn the_round_of_a_draft_plan_is_its_parties() {
    let server = Server::start().await;
    let owner = token_of(&server, "130001");
    let mut plan = crate::given::plan_body("策定中", 2024, 2024);
    plan["status"] = json!("draft");
    create(&server, &owner, &format!("/plans/{PLAN}"), &plan).await;
    create(&server, &owner, &format!("/plans/{PLAN}/reporters/131016"), &json!({})).await;
    let round = json!({ "covers": [{ "part": "results", "period": "2024" }] });
    create(&server, &owner, &format!("/rounds/{PLAN}/2024-results"), &round).await;
    for (body, status) in [("130001", 200), ("131016", 200), ("131024", 404), ("140007", 404)] {
        server.get(PATH).token(&token_of(&server, body)).expect(status).await;
    }
}

#[actix_web::test]
async fn who_is_left_out_after_it_has_begun_is_asked_no_more() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let (owner, member) = (token_of(&server, "130001"), token_of(&server, "131016"));
    create(&server, &member, &format!("/results/{PLAN}/1/131016/2024"), &text("本文")).await;
    let left_out = json!({ "covers": [{ "part": "results", "period": "2024" }], "members": [{ "municipality": "131016", "left_out": true }] });
    let round = format!("/rounds/{PLAN}/2024-results");
    server.put(&round).token(&owner).if_match("\"v1\"").json(&left_out).expect(200).await;
    let report = format!("{PLAN}/131016/2024-results");
    let submit = json!({ "to": "submitted", "person": "担当A" });
    let refused = transition(&server, &member, &report, submit).await;
    assert_eq!((refused.status, refused.code()), (403, "plan.not_a_reporter"), "{refused:#?}");
    let seen = server.get(PATH).token(&owner).expect(200).await;
    assert_eq!(lines(&seen), ["131016 draft left_out", "131024 - not_answered"]);
    assert_eq!((&seen.json["totals"]["asked"], &seen.json["totals"]["draft"]), (&json!(1), &json!(0)));
    // Asked again, and with more time.
    let mut round_again = left_out;
    round_again["due_at"] = json!("2026-11-20");
    round_again["members"] = json!([{ "municipality": "131016", "due_at": "2026-11-21" }]);
    server.put(&round).token(&owner).if_match("\"v2\"").json(&round_again).expect(200).await;
    let seen = server.get(PATH).token(&owner).expect(200).await;
    assert_eq!(lines(&seen), ["131016 draft not_answered", "131024 - not_answered overdue"]);
    server.advance(Duration::hours(15) - Duration::microseconds(1));
    let overdue = async || {
        server.get(PATH).token(&token_of(&server, "130001")).expect(200).await.json["totals"]["overdue"].clone()
    };
    assert_eq!(overdue().await, 1);
    server.advance(Duration::microseconds(1));
    assert_eq!(overdue().await, 2, "from the due instant on");
    assert_eq!(publish(&server, PLAN, "131016", "2024-results").await.json["late"], json!(true));
}
