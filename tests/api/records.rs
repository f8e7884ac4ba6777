//! What targets and results have in common: the order a write is judged in, whose they are, texts to the letter,
//! deletion, dry runs, default and declared rounds, the journal.

mod journal;
mod last_year;
mod rounds;

use crate::given::{correct, create, findings, kpi_plan, publish, text, token_of};
use crate::harness::Server;
use chrono::Duration;
use hagukumi::auth::jwt::Role;
use hagukumi::clock::wire;
use serde_json::json;

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";
const ROUND: &str = "2024-results";

async fn given() -> (Server, String) {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let token = token_of(&server, "131016");
    (server, token)
}

#[actix_web::test]
async fn a_record_is_judged_in_the_order_of_the_contract() {
    let (server, token) = given().await;
    for path in [RESULT, "/targets/130001-kpi-2024/1/131016/2024"] {
        let put = || server.put(path);
        // Each request has every later fault too.
        let broken = br#"{"texts": {"text": ""}, "valeus": []}"#;
        assert_eq!(put().body(broken).expect(401).await.code(), "request.unauthorized");
        for stranger in ["131024", "130001"] {
            let stranger = token_of(&server, stranger);
            assert_eq!(put().token(&stranger).body(broken).expect(403).await.code(), "request.forbidden");
        }
        let reader = server.token(&[Role::PrefectureReader], &["131016"]);
        put().token(&reader).body(broken).expect(403).await;
        let misspelt = put().token(&token).body(broken).expect(400).await;
        assert_eq!(findings(&misspelt), [("/valeus", "request.unknown_field")]);
        assert!(misspelt.json["detail"].as_str().unwrap().contains("「values」ではありませんか"), "{misspelt:#?}");
        let empty = put().token(&token).json(&text("")).expect(422).await;
        assert_eq!(findings(&empty), [("/texts/text", "request.invalid")]);
        let field = put().token(&token).json(&json!({ "texts": { "other": "x" } })).expect(422).await;
        assert_eq!(findings(&field), [("/texts/other", "record.unknown_text_field")]);
        assert_eq!(put().token(&token).json(&text("本文")).expect(428).await.code(), "request.precondition_required");
        put().token(&token).if_match("v1").json(&text("本文")).expect(400).await;
        put().token(&token).create().if_match("\"v1\"").json(&text("本文")).expect(400).await;
        put().token(&token).if_match("\"v1\"").json(&text("本文")).expect(412).await;
        put().token(&token).if_match("*").json(&text("本文")).expect(412).await;

        let created = put().token(&token).create().json(&text("本文")).expect(201).await;
        assert_eq!((created.etag(), created.header("hagukumi-outcome")), ("\"v1\"", "created"));
        let without = put().token(&token).json(&text("他")).expect(428).await;
        assert_eq!(without.etag(), "\"v1\"");
        assert!(without.json["detail"].as_str().unwrap().ends_with("現在の ETag: \"v1\""), "{without:#?}");
        for precondition in ["\"v7\"", "\"v1\"", "*", "\"p1.1\""] {
            let same = put().token(&token).if_match(precondition).json(&text("本文")).expect(200).await;
            assert_eq!((same.etag(), same.header("hagukumi-outcome")), ("\"v1\"", "unchanged"));
        }
        assert_eq!(put().token(&token).create().json(&text("本文")).expect(200).await.json, created.json);
        for precondition in ["\"v7\"", "\"p1.1\"", "\"v11\""] {
            assert_eq!(put().token(&token).if_match(precondition).json(&text("他")).expect(412).await.etag(), "\"v1\"");
        }
        let listed = put().token(&token).if_match("\"v8\", \"v1;csv\"").json(&text("他")).expect(200).await;
        assert_eq!((listed.etag(), listed.header("hagukumi-outcome")), ("\"v2\"", "updated"));
        publish(&server, PLAN, "131016", if path == RESULT { ROUND } else { "2024-targets" }).await;
        put().token(&token).if_match("\"v1\"").json(&text("三")).expect(412).await;
        let locked = put().token(&token).if_match("\"v2\"").json(&text("三")).expect(409).await;
        assert_eq!(locked.code(), "report.locked");
        assert_eq!(put().token(&token).if_match("\"v2\"").json(&text("")).expect(422).await.code(), "request.invalid");
        put().token(&token).json(&text("三")).expect(428).await;
        let same = put().token(&token).create().json(&text("他")).expect(200).await;
        assert_eq!(same.header("hagukumi-outcome"), "unchanged", "locked, and yet equal content succeeds");
        server.delete(path).token(&token).if_match("\"v2\"").expect(409).await;
    }
}

#[actix_web::test]
async fn what_a_record_refers_to_is_missed_before_the_precondition_is() {
    let (server, token) = given().await;
    let plan = server.put("/results/130001-kpi-2023/1/131016/2024").token(&token).json(&text("本文")).expect(404).await;
    assert_eq!(plan.code(), "resource.not_found");
    let program = "/results/130001-kpi-2024/2/131016/2024";
    let refused = server.put(program).token(&token).json(&text("本文")).expect(422).await;
    assert_eq!(findings(&refused), [("program", "program.unknown")]);
    let value = json!({
        "item": "x", "label": "x", "unit": "人", "source": "x", "value": 1,
        "indicator": { "owner": "131016", "indicator": "none" }, "same_figure_as": { "program": "9", "ordinal": 1 },
    });
    let mut body = json!({ "texts": { "other": "本文" }, "repost_of": "8", "values": [value] });
    let refused = server.put(RESULT).token(&token).json(&body).expect(422).await;
    let all = [
        ("/repost_of", "program.unknown"),
        ("/texts/other", "record.unknown_text_field"),
        ("/values/0/indicator", "indicator.unknown"),
        ("/values/0/same_figure_as/program", "program.unknown"),
    ];
    let mut found = findings(&refused);
    found.sort_unstable();
    assert_eq!(found, all, "{refused:#?}");
    body["texts"] = json!({ "a/b~c": "本文" });
    let refused = server.put(RESULT).token(&token).json(&body).expect(422).await;
    assert!(findings(&refused).contains(&("/texts/a~1b~0c", "record.unknown_text_field")), "{refused:#?}");
    let stranger = "/results/130001-kpi-2024/1/131032/2024";
    let refused = server.put(stranger).token(&token_of(&server, "131032")).json(&text("本文")).expect(403).await;
    assert_eq!(refused.code(), "plan.not_a_reporter");
}

#[actix_web::test]
async fn a_reporter_reports_in_its_years() {
    let (server, _) = given().await;
    let years = json!({ "fiscal_year_from": 2021, "fiscal_year_to": 2022 });
    create(&server, &token_of(&server, "130001"), &format!("/plans/{PLAN}/reporters/131032"), &years).await;
    let token = token_of(&server, "131032");
    let cells = [
        ("results", "2020", 403),
        ("results", "2021", 201),
        ("results", "2022-H2", 201),
        ("results", "202303", 201),
        ("results", "202103", 403),
        ("results", "2023-Q1", 403),
        ("targets", "2023", 403),
        ("targets", "2021-", 201),
        ("targets", "baseline", 201),
    ];
    for (part, period, status) in cells {
        let path = format!("/{part}/{PLAN}/1/131032/{period}");
        let answer = server.put(&path).token(&token).create().json(&text("本文")).expect(status).await;
        assert_eq!(answer.code(), if status == 403 { "plan.not_a_reporter" } else { "" }, "{path}");
    }
}

#[actix_web::test]
async fn an_address_is_written_in_one_way() {
    let (server, token) = given().await;
    let cells = [
        ("/results/130001-kpi-2024/1/131016/R6", "period.not_canonical", RESULT),
        ("/results/130001-kpi-2024/1/131016/%E4%BB%A4%E5%92%8C6%E5%B9%B4%E5%BA%A6", "period.not_canonical", RESULT),
        (
            "/targets/130001-kpi-2024/1/131016/2024-h1/amendments/1",
            "period.not_canonical",
            "/targets/130001-kpi-2024/1/131016/2024-H1/amendments/1",
        ),
        ("/results/130001-kpi-2024/1/13101/2024", "municipality.not_canonical", RESULT),
    ];
    for (path, code, right) in cells {
        for call in [server.get(path), server.put(path).token(&token).create().json(&text("本文"))] {
            let refused = call.expect(400).await;
            assert_eq!(refused.code(), code, "{path}");
            assert!(refused.json["detail"].as_str().unwrap().contains(&format!("/api/v1{right}")), "{refused:#?}");
        }
    }
    for path in ["/results/130001-kpi-2024/1/131016/2024-10", "/results/130001-kpi-2024/1/131017/2024"] {
        server.get(path).expect(400).await;
    }
    server.get("/targets/130001-kpi-2024/1/131016/2024/amendments/0").expect(400).await;
    server.get("/results/tokyo/1/131016/2024").expect(400).await;
}

#[actix_web::test]
async fn texts_go_the_whole_way_to_the_letter() {
    let (server, token) = given().await;
    let texts = [
        "\u{3000}\u{3000}字下げ、末尾の空白\u{3000} \u{3000}",
        "一行目\r\n二行目\r三行目\n\n\t四行目",
        "<b>太字</b> &amp; &lt; <script>alert(1)</script>",
        "～ U+FF5E、〜 U+301C、￤、髙﨑、①Ⅳ㈱㌔、ｶﾅ、Ａ１",
        "か\u{3099} が、e\u{301} é、葛\u{e0100}、👨\u{200d}👩\u{200d}👧 🏳\u{fe0f}\u{200d}🌈",
        "\u{feff}先頭のBOM、\u{200b}幅なし、\u{202e}逆、\u{85}\u{7f}\u{1}制御",
        "\"引用符\" \\ / \u{2028}",
        "\u{3000}",
    ];
    for (number, sent) in texts.iter().enumerate() {
        let path = format!("/results/{PLAN}/1/131016/{}", 2020 + number);
        let created = create(&server, &token, &path, &text(sent)).await;
        let working = server.get(&format!("{path}?view=working")).token(&token).expect(200).await;
        publish(&server, PLAN, "131016", &format!("{}-results", 2020 + number)).await;
        let public = server.get(&path).expect(200).await;
        for answer in [created, working, public] {
            assert_eq!(answer.json["texts"]["text"], *sent);
        }
    }
    let listed = server.get("/results?prefecture=130001&period=2020..2027").expect(200).await;
    let shown: Vec<_> = listed.results().iter().map(|row| row["texts"]["text"].as_str().unwrap()).collect();
    assert_eq!(shown, texts);
}

#[actix_web::test]
async fn what_no_text_can_be_is_422() {
    let (server, token) = given().await;
    let refused = [
        (r#"{"texts": {"text": "a\u0000b"}}"#, "NUL"),
        (r#"{"texts": {"text": "a\ud800"}}"#, "サロゲート"),
        (r#"{"texts": {"text": "a\ud83dx"}}"#, "サロゲート"),
        (r#"{"texts": {"text": "\ud83d\n"}}"#, "サロゲート"),
        (r#"{"texts": {"text": "\ud83d\u0041"}}"#, "サロゲート"),
        (r#"{"texts": {"text": "\udc00"}}"#, "サロゲート"),
    ];
    for (body, says) in refused {
        let answer = server.put(RESULT).token(&token).create().body(body.as_bytes()).expect(422).await;
        assert_eq!(answer.code(), "request.invalid", "{body}");
        assert!(answer.json["detail"].as_str().unwrap().contains(says), "{body}: {answer:#?}");
    }
    server.put(RESULT).token(&token).create().body(b"{\"texts\": {\"text\": \"\xff\"}}").expect(400).await;
    let long = text(&"字".repeat(20_001));
    let answer = server.put(RESULT).token(&token).create().json(&long).expect(422).await;
    assert_eq!(findings(&answer), [("/texts/text", "request.invalid")]);
    // A backslash before u0000 is a text about a NUL, and a pair of surrogates is an emoji.
    let fine = r#"{"texts": {"text": "\\u0000 \ud83d\ude00"}}"#;
    let created = server.put(RESULT).token(&token).create().body(fine.as_bytes()).expect(201).await;
    assert_eq!(created.json["texts"]["text"], "\\u0000 😀");
    let twice = r#"{"texts": {"text": "一", "text": "二"}}"#;
    let answer = server.put(RESULT).token(&token).if_match("\"v1\"").body(twice.as_bytes()).expect(422).await;
    assert_eq!(answer.code(), "request.invalid");
}

#[actix_web::test]
async fn a_deleted_draft_is_gone_and_its_etag_never_comes_back() {
    let (server, token) = given().await;
    assert_eq!(server.delete(RESULT).token(&token).if_match("\"v1\"").expect(404).await.code(), "resource.not_found");
    create(&server, &token, RESULT, &text("一")).await;
    server.put(RESULT).token(&token).if_match("\"v1\"").json(&text("二")).expect(200).await;
    server.delete(RESULT).expect(401).await;
    server.delete(RESULT).token(&token_of(&server, "131024")).if_match("\"v2\"").expect(403).await;
    assert_eq!(server.delete(RESULT).token(&token).expect(428).await.etag(), "\"v2\"");
    assert_eq!(server.delete(RESULT).token(&token).create().expect(428).await.etag(), "\"v2\"");
    assert_eq!(server.delete(RESULT).token(&token).if_match("\"v1\"").expect(412).await.etag(), "\"v2\"");
    let deleted = server.delete(RESULT).token(&token).if_match("\"v2\"").expect(204).await;
    assert_eq!(deleted.header("hagukumi-outcome"), "deleted");
    server.delete(RESULT).token(&token).if_match("\"v2\"").expect(404).await;
    server.get(&format!("{RESULT}?view=working")).token(&token).expect(404).await;
    server.put(RESULT).token(&token).if_match("\"v2\"").json(&text("二")).expect(412).await;
    assert_eq!(create(&server, &token, RESULT, &text("一")).await.etag(), "\"v3\"");
    for etag in ["\"v1\"", "\"v2\""] {
        server.put(RESULT).token(&token).if_match(etag).json(&text("三")).expect(412).await;
    }
}

#[actix_web::test]
async fn a_deleted_published_record_goes_with_the_next_publication_and_stays_in_the_past() {
    let (server, token) = given().await;
    let other = format!("/results/{PLAN}/2/131016/2024");
    let body = json!({ "name": "別の事業", "position": 2 });
    create(&server, &token_of(&server, "130001"), &format!("/programs/{PLAN}/2"), &body).await;
    create(&server, &token, RESULT, &text("消える文")).await;
    create(&server, &token, &other, &text("残る文")).await;
    publish(&server, PLAN, "131016", ROUND).await;
    server.advance(Duration::seconds(1));
    let then = wire::text(server.now()).replace('+', "%2B");
    server.advance(Duration::hours(1));
    let token = token_of(&server, "131016");
    correct(&server, PLAN, "131016", ROUND).await;
    let published = server.get(RESULT).expect(200).await;
    server.delete(RESULT).token(&token).if_match(published.etag()).expect(412).await;
    server.delete(RESULT).token(&token).if_match("\"v1\"").expect(204).await;
    assert_eq!(server.get(RESULT).expect(200).await.json, published.json);
    publish(&server, PLAN, "131016", ROUND).await;

    server.get(RESULT).expect(404).await;
    let list = "/results?plan=130001-kpi-2024&period=2024";
    let now = server.get(list).expect(200).await;
    assert_eq!(now.results().len(), 1);
    assert_eq!((&now.results()[0]["program"], &now.results()[0]["edition"]), (&json!("2"), &json!(1)));
    assert_eq!(server.get(&format!("{RESULT}?as_of={then}")).expect(200).await.json, published.json);
    assert_eq!(server.get(&format!("{list}&as_of={then}")).expect(200).await.results().len(), 2);
    let told = "select count(*) from changes where op = 'delete' and resource = 'result' and key->>'program' = '1'";
    assert_eq!(server.count(told).await, 1);

    // Written anew in a third edition, it is neither of the two that were.
    correct(&server, PLAN, "131016", ROUND).await;
    assert_eq!(create(&server, &token, RESULT, &text("消える文")).await.etag(), "\"v2\"");
    publish(&server, PLAN, "131016", ROUND).await;
    assert_eq!(server.get(RESULT).expect(200).await.etag(), "\"p3.2\"");
}

#[actix_web::test]
async fn a_dry_run_tells_everything_and_writes_nothing() {
    let (server, token) = given().await;
    let dry = |path: &str| server.put(&format!("{path}?dry_run=true")).token(&token);
    let tables =
        ["journal", "records", "record_values", "record_evaluations", "reports", "rounds", "round_covers", "changes"];
    let rows = tables.map(|table| format!("(select count(*) from {table})")).join(" + ");
    let all = format!("select {rows} + (select no from publication_head) as count");
    let value = json!({ "item": "x", "label": "x", "unit": "人", "source": "x", "value": 1 });
    let full = json!({ "texts": { "text": "本文" }, "values": [value] });
    let before = server.count(&all).await;
    let would = dry(RESULT).create().json(&full).expect(201).await;
    assert_eq!((would.etag(), would.header("hagukumi-outcome")), ("\"v1\"", "created"));
    assert_eq!((&would.json["round"], &would.json["values"][0]["value"]), (&json!(ROUND), &json!(1)));
    assert_eq!(server.count(&all).await, before);
    let created = server.put(RESULT).token(&token).create().json(&full).expect(201).await;
    assert_eq!(created.json, would.json);

    let before = server.count(&all).await;
    assert_eq!(dry(RESULT).if_match("\"v1\"").json(&text("他")).expect(200).await.etag(), "\"v2\"");
    assert_eq!(dry(RESULT).create().json(&full).expect(200).await.header("hagukumi-outcome"), "unchanged");
    dry(RESULT).json(&text("他")).expect(428).await;
    dry(RESULT).if_match("\"v2\"").json(&text("他")).expect(412).await;
    let wrong = json!({ "texts": { "text": "x" }, "evaluations": [{ "owner": "131016", "scheme": "a", "fiscal_year": 2024, "level": "1" }] });
    let refused = dry(RESULT).if_match("\"v1\"").json(&wrong).expect(422).await;
    assert_eq!(findings(&refused), [("/evaluations/0/scheme", "evaluation.unknown_scheme")]);
    server.delete(&format!("{RESULT}?dry_run=true")).token(&token).if_match("\"v1\"").expect(204).await;
    for value in ["1", "", "True"] {
        let path = format!("{RESULT}?dry_run={value}");
        server.put(&path).token(&token).create().json(&full).expect(400).await;
    }
    let misspelt = server.put(&format!("{RESULT}?dryrun=true")).token(&token).create().json(&full).expect(400).await;
    assert!(misspelt.json["detail"].as_str().unwrap().contains("dry_run ではありませんか"), "{misspelt:#?}");
    assert_eq!(server.count(&all).await, before);
    publish(&server, PLAN, "131016", ROUND).await;
    let before = server.count(&all).await;
    dry(RESULT).if_match("\"v1\"").json(&text("他")).expect(409).await;
    assert_eq!(server.count(&all).await, before);
}
