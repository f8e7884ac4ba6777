//! Warnings: told by the PUT, judged again at submission, listed for those who see the content, acknowledged with a
//! reason, and never public.

mod history;

use crate::given::{create, findings, kpi_plan, plan_body, publish, text, token_of, transition, walk};
use crate::harness::{Answer, Server};
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const CITY: &str = "132284";
const REPORT: &str = "130001-kpi-2024/132284/2024-results";
const TARGET: &str = "/targets/130001-kpi-2024/1/132284/2024";
const RESULT: &str = "/results/130001-kpi-2024/1/132284/2024";
const TEXT: &str = "募集チラシを配布し、受講を促進する。";

/// A prefecture's plan, a city that has put its target, and the city's token.
async fn given() -> (Server, String) {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &[CITY, "131016"]).await;
    let token = token_of(&server, CITY);
    create(&server, &token, TARGET, &text(TEXT)).await;
    (server, token)
}

fn codes(answer: &Answer) -> Vec<&str> {
    let warnings = answer.json["warnings"].as_array().unwrap_or_else(|| panic!("no warnings: {answer:#?}"));
    warnings.iter().map(|warning| warning["code"].as_str().unwrap().trim_start_matches("warning.")).collect()
}

async fn submit(server: &Server) -> Answer {
    let token = token_of(server, CITY);
    transition(server, &token, REPORT, json!({ "to": "submitted", "person": "担当A" })).await
}

async fn listed(server: &Server, token: &str, filter: &str) -> Vec<Value> {
    walk(server, &format!("/warnings?limit=1{filter}"), Some(token)).await
}

fn address(warning: &Value) -> String {
    let part = |name: &str| warning[name].as_str().unwrap();
    format!("/warnings/{}/{}/{}/{}", part("plan"), part("municipality"), part("round"), part("warning"))
}

#[actix_web::test]
async fn a_put_tells_its_warnings_each_time() {
    let (server, token) = given().await;
    let dry = server.put(&format!("{RESULT}?dry_run=true")).token(&token).create().json(&text(TEXT)).expect(201).await;
    assert_eq!(codes(&dry), ["same_text_as_target"]);
    assert_eq!(listed(&server, &token, "").await.len(), 0, "a dry run keeps nothing");
    let created = create(&server, &token, RESULT, &text(TEXT)).await;
    assert_eq!(created.json["warnings"], dry.json["warnings"]);
    let warning = &created.json["warnings"][0];
    assert_eq!((&warning["pointer"], &warning["details"]), (&json!("/texts/text"), &json!({ "period": "2024" })));
    assert!(warning["message_ja"].as_str().unwrap().contains("令和6年度"), "{warning}");
    assert!(warning["message_en"].as_str().unwrap().contains("FY2024"), "{warning}");
    let again = create_again(&server, &token, &text(TEXT)).await;
    assert_eq!((again.status, again.header("hagukumi-outcome")), (200, "unchanged"));
    assert_eq!(again.json["warnings"], dry.json["warnings"]);
    let working = server.get(&format!("{RESULT}?view=working")).token(&token).expect(200).await;
    assert_eq!(working.json["warnings"], dry.json["warnings"]);
    let mended =
        server.put(RESULT).token(&token).if_match("\"v1\"").json(&text("チラシを300枚配った。")).expect(200).await;
    assert_eq!(mended.json["warnings"], json!([]));
    assert_eq!(listed(&server, &token, "").await.len(), 0);
}

async fn create_again(server: &Server, token: &str, body: &Value) -> Answer {
    server.put(RESULT).token(token).create().json(body).send().await
}

#[actix_web::test]
async fn a_submission_judges_anew_what_stands_behind_a_record() {
    let (server, token) = given().await;
    assert_eq!(codes(&create(&server, &token, RESULT, &text("窓口で案内を渡した。この文は長い。")).await), [""; 0]);
    let target = text("窓口で案内を渡した。この文は長い。");
    server.put(TARGET).token(&token).if_match("\"v1\"").json(&target).expect(200).await;
    assert_eq!(listed(&server, &token, "").await.len(), 0);
    let submitted = submit(&server).await;
    assert_eq!((submitted.status, &submitted.json["open_warnings"]), (200, &json!(1)), "{submitted:#?}");
    let found = listed(&server, &token, "").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["title_ja"], "実績の文章が目標と同じです");
    assert_eq!(
        (&found[0]["part"], &found[0]["program"], &found[0]["period"]),
        (&json!("results"), &json!("1"), &json!("2024"))
    );
}

#[actix_web::test]
async fn the_owner_sees_them_when_they_are_handed_in_and_others_never() {
    let (server, token) = given().await;
    create(&server, &token, RESULT, &text(TEXT)).await;
    let owner = token_of(&server, "130001");
    let reader = server.token(&[Role::PrefectureReader], &["130001"]);
    let strangers = [token_of(&server, "131016"), token_of(&server, "140007")];
    let administrator = server.token(&[Role::Administrator], &[]);
    let mine = listed(&server, &token, "").await;
    let path = address(&mine[0]);
    let report = format!("/reports/{REPORT}?view=working");
    assert_eq!(listed(&server, &owner, "").await.len(), 0);
    server.get(&path).token(&owner).expect(404).await;
    assert_eq!(server.get(&report).token(&owner).expect(200).await.json.get("open_warnings"), None);
    assert_eq!(submit(&server).await.status, 200);
    for seer in [&owner, &reader] {
        assert_eq!(listed(&server, seer, "").await, mine);
        assert_eq!(server.get(&path).token(seer).expect(200).await.json, mine[0]);
        assert_eq!(server.get(&report).token(seer).expect(200).await.json["open_warnings"], 1);
    }
    for stranger in &strangers {
        assert_eq!(listed(&server, stranger, "").await.len(), 0);
        server.get(&path).token(stranger).expect(404).await;
    }
    server.get("/warnings").token(&administrator).expect(403).await;
    server.get(&path).token(&administrator).expect(403).await;
    server.get("/warnings").expect(401).await;
    server.get(&path).expect(401).await;
    let reason = json!({ "reason": "確認した" });
    for other in [&owner, &reader, &strangers[0]] {
        server.put(&path).token(other).create().json(&reason).expect(403).await;
        server.delete(&path).token(other).if_match("*").expect(403).await;
    }
}

#[actix_web::test]
async fn what_is_published_says_nothing_of_them() {
    let (server, token) = given().await;
    create(&server, &token, RESULT, &text(TEXT)).await;
    publish(&server, PLAN, CITY, "2024-results").await;
    for path in [
        RESULT.to_owned(),
        format!("/reports/{REPORT}"),
        format!("/results?plan={PLAN}"),
        format!("/reports?plan={PLAN}"),
    ] {
        let public = server.get(&path).expect(200).await;
        assert!(!public.text.contains("warning"), "{}", public.text);
    }
    // What is published can be corrected, not acknowledged.
    let path = address(&listed(&server, &token, "").await[0]);
    let late = server.put(&path).token(&token).create().json(&json!({ "reason": "遅い" })).expect(409).await;
    assert_eq!(late.code(), "report.locked");
}

#[actix_web::test]
async fn an_acknowledgement_holds_until_its_record_changes() {
    let (server, token) = given().await;
    create(&server, &token, RESULT, &text(TEXT)).await;
    let path = address(&listed(&server, &token, "").await[0]);
    let put = |reason: &str| server.put(&path).token(&token).json(&json!({ "reason": reason }));
    let open = server.get(&path).token(&token).expect(200).await;
    assert_eq!((open.etag(), &open.json["acknowledged"], &open.json["etag"]), ("\"v0\"", &json!(false), &Value::Null));
    put("計画どおり").expect(428).await;
    put("計画どおり").if_match("\"v0\"").expect(412).await;
    assert_eq!(findings(&put("　").create().expect(422).await), [("/reason", "request.invalid")]);
    let numbers = "select no as count from publication_head";
    let before = server.count(numbers).await;
    let done = put("計画どおり").create().expect(201).await;
    assert_eq!(
        (done.etag(), &done.json["acknowledged"], &done.json["reason"]),
        ("\"v1\"", &json!(true), &json!("計画どおり"))
    );
    assert_eq!(done.json, server.get(&path).token(&token).expect(200).await.json);
    assert_eq!(put("計画どおり").create().expect(200).await.header("hagukumi-outcome"), "unchanged");
    put("別の理由").create().expect(412).await;
    assert_eq!(put("計画どおり実施した").if_match("\"v1\"").expect(200).await.etag(), "\"v2\"");
    assert_eq!(server.count("select count(*) from journal where resource = 'warning'").await, 2);
    assert_eq!(server.count(numbers).await, before, "the public is not told");

    // The record and the list say so, before and after the submission.
    let repeated = create_again(&server, &token, &text(TEXT)).await;
    assert_eq!(repeated.json["warnings"][0]["acknowledged"], true);
    assert_eq!(submit(&server).await.json["open_warnings"], 0);
    assert_eq!(listed(&server, &token, "&acknowledged=false").await.len(), 0);
    assert_eq!(listed(&server, &token, "&acknowledged=true").await.len(), 1);
    let owner = token_of(&server, "130001");
    assert_eq!(listed(&server, &owner, "").await[0]["reason"], "計画どおり実施した");

    // The record changes, and what looked wrong still does.
    let back = json!({ "to": "returned", "person": "審査B", "comment": "注を" });
    assert_eq!(transition(&server, &owner, REPORT, back).await.status, 200);
    let mut noted = text(TEXT);
    noted["note"] = json!("注");
    let changed = server.put(RESULT).token(&token).if_match("\"v1\"").json(&noted).expect(200).await;
    assert_eq!(changed.json["warnings"][0]["acknowledged"], false);
    assert_eq!(listed(&server, &token, "&acknowledged=false").await.len(), 1);
    assert_eq!(put("もう一度").create().expect(201).await.etag(), "\"v3\"");
    server.delete(&path).token(&token).if_match("\"v3\"").expect(204).await;
    assert_eq!(server.get(&path).token(&token).expect(200).await.json["acknowledged"], false);
    server.delete(&path).token(&token).if_match("\"v3\"").expect(404).await;

    // Without the warning there is nothing to acknowledge, and a deleted record takes all with it.
    put("三度").create().expect(201).await;
    let record = server.delete(RESULT).token(&token).if_match("\"v2\"");
    record.expect(204).await;
    server.get(&path).token(&token).expect(404).await;
    put("三度").create().expect(404).await;
    assert_eq!(server.count("select count(*) from warning_acknowledgements").await, 0);
}

#[actix_web::test]
async fn they_are_found_by_what_they_are_of() {
    let (server, token) = given().await;
    server.put(TARGET).token(&token).if_match("\"v1\"").json(&text("研修を実施済み。")).expect(200).await;
    create(&server, &token, RESULT, &text("<p>研修を1回実施予定。</p>")).await;
    let of = async |filter: &str| {
        let found = listed(&server, &token, filter).await;
        found.iter().map(|w| w["code"].as_str().unwrap().trim_start_matches("warning.").to_owned()).collect::<Vec<_>>()
    };
    let all = of("").await;
    assert_eq!((all.len(), of("&part=targets").await), (3, vec!["done_in_plan".to_owned()]));
    assert_eq!(of("&part=results").await.len(), 2);
    assert_eq!(of("&code=warning.html_tags").await, ["html_tags"]);
    assert_eq!(of(&format!("&plan={PLAN}&round=2024-results&period=2024")).await.len(), 2);
    assert_eq!(of("&municipality=132284").await.len(), 3);
    for none in ["&municipality=131016", "&plan=130001-other", "&period=2023", "&acknowledged=true"] {
        assert_eq!(of(none).await.len(), 0, "{none}");
    }
    for (wrong, parameter) in [
        ("code=warning.html", "code"),
        ("round=x", "round"),
        ("acknowledged=yes", "acknowledged"),
        ("periode=2024", "periode"),
    ] {
        let refused = server.get(&format!("/warnings?{wrong}")).token(&token).expect(400).await;
        let first = refused.json["errors"][0]["pointer"].as_str().unwrap_or_default();
        assert_eq!(first, parameter, "{refused:#?}");
    }
}

#[actix_web::test]
async fn a_sheet_is_held_against_its_rows() {
    const OWN: &str = "132284-mihon-2020";
    let server = Server::start().await;
    let token = token_of(&server, CITY);
    create(&server, &token, &format!("/plans/{OWN}"), &plan_body("見本の計画", 2020, 2024)).await;
    let level = |code: &str, row: &str| json!({ "code": code, "matrix_row": row, "matrix_column": "保つ" });
    let levels = [level("A", "目標どおり"), level("E", "目標を変更")];
    let scheme = format!("/evaluation_schemes/{CITY}/check/2020");
    create(&server, &token, &scheme, &json!({ "title": "点検結果", "levels": levels })).await;
    let report = format!("/reports/{OWN}/{CITY}/2020-results");
    let count = |level: Value, count: i64, priority: Value| json!({ "owner": CITY, "scheme": "check", "fiscal_year": 2020, "level": level, "count": count, "of_which_priority": priority });
    for (program, reported) in [("1", "A"), ("2", "E")] {
        let body = json!({ "name": "事業", "position": 1, "priority": program == "1" });
        create(&server, &token, &format!("/programs/{OWN}/{program}"), &body).await;
        let evaluation = json!({ "owner": CITY, "scheme": "check", "fiscal_year": 2020, "level": reported });
        let result = json!({ "texts": { "text": "保つ" }, "evaluations": [evaluation] });
        let put = create(&server, &token, &format!("/results/{OWN}/{program}/{CITY}/2020"), &result).await;
        assert_eq!(codes(&put), if reported == "E" { vec!["changed_goal_missing"] } else { vec![] });
    }
    let right = json!({ "declared_counts": [count(json!("A"), 1, json!(1)), count(Value::Null, 2, json!(1))] });
    let wrong = json!({ "declared_counts": [count(json!("A"), 1, json!(0)), count(json!("E"), 2, Value::Null)] });
    let put =
        async |tag: &str, body: &Value| server.put(&report).token(&token).if_match(tag).json(body).expect(200).await;
    assert_eq!(codes(&put("\"v1\"", &right).await), [""; 0]);
    let told = put("\"v2\"", &wrong).await;
    assert_eq!(codes(&told), ["declared_count_differs"; 2]);
    let mut pointers: Vec<&str> =
        told.json["warnings"].as_array().unwrap().iter().map(|w| w["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/declared_counts/0/of_which_priority", "/declared_counts/1/count"]);
    assert_eq!(told.json["open_warnings"], 3);
    assert_eq!(codes(&put("\"v2\"", &wrong).await), ["declared_count_differs"; 2], "and again, unchanged");

    // Acknowledged, and still so when it is handed in.
    let sheet: Vec<Value> = listed(&server, &token, "").await.into_iter().filter(|w| w["part"].is_null()).collect();
    assert_eq!((sheet.len(), &sheet[0]["program"], &sheet[0]["period"]), (2, &Value::Null, &Value::Null));
    let reason = json!({ "reason": "様式の注のとおり" });
    create(&server, &token, &address(&sheet[0]), &reason).await;
    let handed_in = json!({ "to": "submitted", "person": "担当A" });
    let submitted = transition(&server, &token, &format!("{OWN}/{CITY}/2020-results"), handed_in).await;
    assert_eq!(submitted.json["open_warnings"], 2);
    let acknowledged: Vec<&Value> =
        submitted.json["warnings"].as_array().unwrap().iter().map(|w| &w["acknowledged"]).collect();
    assert!(acknowledged.contains(&&json!(true)) && acknowledged.contains(&&json!(false)), "{submitted:#?}");
}
