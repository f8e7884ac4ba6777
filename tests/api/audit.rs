//! Who reads the trail of changes, which rows of it, and how much of each.

use crate::given::{correct, create, findings, kpi_plan, publish, text, token_of, transition, walk};
use crate::harness::Server;
use chrono::Duration;
use diesel_async::SimpleAsyncConnection;
use hagukumi::auth::jwt::Role;
use hagukumi::clock::wire;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";
const REPORT: &str = "130001-kpi-2024/131016/2024-results";

/// `resource operation version`, with `!` where the content is withheld.
fn rows(entries: &[Value]) -> Vec<String> {
    let row = |entry: &Value| {
        let withheld = if entry["withheld"] == true { "!" } else { "" };
        assert!(entry["withheld"] == false || (entry["before"].is_null() && entry["after"].is_null()), "{entry:#}");
        format!(
            "{} {} {}{withheld}",
            entry["resource"].as_str().unwrap(),
            entry["operation"].as_str().unwrap(),
            entry["version"]
        )
    };
    entries.iter().map(row).collect()
}

async fn trail(server: &Server, token: &str, filter: &str) -> Vec<String> {
    let all = walk(server, &format!("/audit?sort=at{filter}"), Some(token)).await;
    let by_ones = walk(server, &format!("/audit?sort=at&limit=1{filter}"), Some(token)).await;
    assert_eq!(all, by_ones);
    let mut newest = walk(server, &format!("/audit?limit=2{filter}"), Some(token)).await;
    newest.reverse();
    assert_eq!(all, newest);
    rows(&all)
}

#[actix_web::test]
async fn each_reads_what_it_answers_for() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    create(&server, &token_of(&server, "131024"), &RESULT.replace("131016", "131024"), &text("他団体")).await;
    let reporter = token_of(&server, "131016");
    create(&server, &reporter, RESULT, &text("下書き")).await;
    server.put(RESULT).token(&reporter).if_match("\"v1\"").json(&text("提出する文")).expect(200).await;
    server
        .put(&format!("/reports/{REPORT}"))
        .token(&reporter)
        .if_match("\"v1\"")
        .json(&json!({ "note": "備考" }))
        .expect(200)
        .await;

    let approver = server.token(&[Role::MunicipalApprover], &["131016"]);
    let reviewer = server.token(&[Role::PrefectureReviewer], &["130001"]);
    let administrator = server.token(&[Role::Administrator], &[]);
    let drafts = ["result create 1", "result replace 2", "report replace 2"];
    assert_eq!(trail(&server, &approver, "").await, drafts);
    let definitions = ["plan create 1", "program create 1", "plan_reporter create 1", "plan_reporter create 1"];
    let unseen = [&definitions[..], &["round create 1", "report replace 2!"]].concat();
    assert_eq!(trail(&server, &reviewer, "").await, unseen);
    let everything = [
        &definitions[..],
        &["round create 1", "result create 1!", "result create 1!", "result replace 2!", "report replace 2!"],
    ]
    .concat();
    assert_eq!(trail(&server, &administrator, "").await, everything);

    // Handed in, the reviewer sees that there were changes; the drafts between stay the reporter's.
    let step = async |token: &str, to: &str, person: &str| {
        let body = json!({ "to": to, "person": person, "comment": "確認のため" });
        assert_eq!(transition(&server, token, REPORT, body).await.status, 200);
    };
    let of_report = format!("&plan={PLAN}&municipality=131016");
    step(&reporter, "submitted", "担当A").await;
    let submitted = ["result create 1!", "result replace 2!", "report replace 2!", "report transition 3"];
    assert_eq!(trail(&server, &reviewer, &of_report).await, submitted);
    step(&reviewer, "returned", "審査B").await;
    assert_eq!(
        trail(&server, &reviewer, &of_report).await,
        ["report replace 2!", "report transition 3", "report transition 4"]
    );
    step(&reporter, "submitted", "担当A").await;
    for (to, person) in [("approved", "審査B"), ("published", "審査B")] {
        step(&reviewer, to, person).await;
    }
    assert_eq!(trail(&server, &reviewer, &of_report).await.len(), 8);
    correct(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(trail(&server, &reviewer, &format!("{of_report}&resource=result")).await.len(), 0);

    // Others see nothing of it, and editors and readers are no auditors.
    for (role, body) in [(Role::MunicipalApprover, "132284"), (Role::PrefectureReviewer, "140007")] {
        assert_eq!(trail(&server, &server.token(&[role], &[body]), "").await.len(), 0);
    }
    let union = server.token(&[Role::MunicipalApprover], &["131016", "131024"]);
    assert_eq!(
        trail(&server, &union, "&resource=result").await,
        ["result create 1", "result create 1", "result replace 2"]
    );
    for (roles, body) in [
        (&[Role::MunicipalEditor][..], "131016"),
        (&[Role::PrefectureReader, Role::PrefectureEditor], "130001"),
        (&[Role::MunicipalApprover], "130001"),
        (&[Role::PrefectureReviewer], "131016"),
    ] {
        let refused = server.get("/audit").token(&server.token(roles, &[body])).expect(403).await;
        assert_eq!(refused.code(), "request.forbidden");
    }
    assert_eq!(server.get("/audit").expect(401).await.code(), "request.unauthorized");
    assert_eq!(server.count("select count(*) from journal").await, 15, "reading it leaves no trace in it");
}

#[actix_web::test]
async fn an_entry_says_who_did_what_to_what_and_when() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let token = token_of(&server, "131016");
    server.advance(Duration::minutes(1));
    let at = wire::text(server.now());
    create(&server, &token, &RESULT.replace("/results/", "/targets/"), &text("目標の文")).await;
    server.advance(Duration::minutes(1));
    let put = server.put(RESULT).token(&token).create().json(&text("実績の文")).expect(201).await;
    let list = server.get("/audit?resource=target").token(&token).expect(200).await;
    assert_eq!((list.header("cache-control"), list.results().len()), ("no-store", 1));
    let entry = &list.results()[0];
    let content: Value = serde_json::from_str(entry["after"].as_str().unwrap()).unwrap();
    assert_eq!(content["texts"]["text"], "目標の文");
    let id = entry["request_id"].clone();
    assert_eq!(id.as_str().unwrap().len(), 36);
    let expected = json!({
        "at": at, "client": "client-131016", "subject": "tester", "person": null, "request_id": id, "resource": "target",
        "key": { "plan": PLAN, "program": "1", "municipality": "131016", "period": "2024", "amendment": "0" },
        "municipality": "131016", "plan": PLAN, "operation": "create", "version": 1,
        "before": null, "after": entry["after"], "cut": false, "withheld": false,
    });
    assert_eq!(entry, &expected);

    // Times: from this instant on, and before that one; with their offset.
    let second = wire::text(server.now()).replace('+', "%2B");
    let first = at.replace('+', "%2B");
    for (filter, found) in [
        (format!("since={second}"), 1),
        (format!("until={second}"), 1),
        (format!("since={first}"), 2),
        (format!("since={first}&until={second}"), 1),
        ("client=client-131016".to_owned(), 2),
        ("client=client-131024".to_owned(), 0),
        ("person=%E6%8B%85%E5%BD%93A".to_owned(), 0),
        ("municipality=131016&resource=result".to_owned(), 1),
        ("plan=132284-kodomo-2020".to_owned(), 0),
    ] {
        assert_eq!(walk(&server, &format!("/audit?{filter}"), Some(&token)).await.len(), found, "{filter}");
    }
    publish(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(walk(&server, "/audit?person=%E6%8B%85%E5%BD%93A", Some(&token)).await.len(), 1);
    for (filter, parameter) in [
        ("since=2026-11-21T09:00:00", "since"),
        ("until=2026-11-21", "until"),
        ("since=2026-11-21T09:00:00Z&until=2026-11-21T09:00:00Z", "until"),
        ("plan=tokyo", "plan"),
        ("municipality=13101", "municipality"),
        ("resource=", "resource"),
        ("resource=Result", "resource"),
        ("client=", "client"),
        ("person=", "person"),
        ("as_of=2026-11-21T09:00:00Z", "as_of"),
    ] {
        let refused = server.get(&format!("/audit?{filter}")).token(&token).expect(400).await;
        assert_eq!(findings(&refused)[0].0, parameter, "{filter}");
    }

    // What is long is cut, and says so.
    let long = "長".repeat(9_999);
    server.put(RESULT).token(&token).if_match(put.etag()).json(&text(&long)).expect(409).await;
    correct(&server, PLAN, "131016", "2024-results").await;
    server.put(RESULT).token(&token).if_match(put.etag()).json(&text(&long)).expect(200).await;
    let list = server.get("/audit?limit=1").token(&token).expect(200).await;
    let entry = &list.results()[0];
    assert_eq!((&entry["cut"], entry["after"].as_str().unwrap().chars().count()), (&json!(true), 10_000));
    assert!(entry["before"].as_str().unwrap().contains("実績の文"));
}

#[actix_web::test]
async fn the_database_keeps_the_trail_from_those_who_do_not_answer_for_it() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let token = token_of(&server, "131016");
    create(&server, &token, RESULT, &text("下書き")).await;
    assert_eq!(trail(&server, &token, "").await.len(), 1);
    // As if the service had told the database the wrong identity.
    let nobody =
        "create or replace function app_audited() returns text[] language sql stable as $$ select array['132284'] $$";
    server.owner().await.batch_execute(nobody).await.unwrap();
    assert_eq!(trail(&server, &token, "").await, [] as [&str; 0]);
}
