//! A report's way: each step by exactly whom it belongs to, with its reason; receipts, lateness, editions; what is said
//! on the way and who reads it.

mod comments;
mod completeness;
mod corrections;
mod many;
mod receipt;
mod sheet;

use crate::given::{correct, create, findings, kpi_plan, publish, text, token_of, transition};
use crate::harness::Server;
use chrono::Duration;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};
use std::cell::Cell;

const PLAN: &str = "130001-kpi-2024";
const OWN: &str = "132284-kodomo-2020";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";
const REPORT: &str = "130001-kpi-2024/131016/2024-results";
const STATES: [&str; 5] = ["draft", "submitted", "returned", "approved", "published"];
/// Every step there is, and whose it is.
const STEPS: [(&str, &str, &str); 8] = [
    ("draft", "submitted", "reporter"),
    ("returned", "submitted", "reporter"),
    ("submitted", "draft", "reporter"),
    ("submitted", "returned", "reviewer"),
    ("submitted", "approved", "reviewer"),
    ("approved", "returned", "reviewer"),
    ("approved", "published", "reviewer"),
    ("published", "draft", "either"),
];

/// Reports of one reporter, a new month each.
struct Reports {
    server: Server,
    plan: &'static str,
    reporter: &'static str,
    made: Cell<i32>,
}

impl Reports {
    async fn given(plan: &'static str, reporter: &'static str) -> Self {
        let server = Server::start().await;
        let members: &[&str] = if plan == PLAN { &["131016", "131024"] } else { &[] };
        kpi_plan(&server, plan, members).await;
        Self { server, plan, reporter, made: Cell::new(0) }
    }

    /// A new report, brought to this state.
    async fn at(&self, status: &str) -> String {
        let number = self.made.replace(self.made.get() + 1);
        let period = format!("{}{:02}", 2020 + number / 12, number % 12 + 1);
        let (reporter, owner) = (token_of(&self.server, self.reporter), token_of(&self.server, &self.plan[..6]));
        let path = format!("/results/{}/1/{}/{period}", self.plan, self.reporter);
        create(&self.server, &reporter, &path, &text("本文")).await;
        let report = format!("{}/{}/{period}-results", self.plan, self.reporter);
        let way: &[&str] = match status {
            "draft" => &[],
            "submitted" => &["submitted"],
            "returned" => &["submitted", "returned"],
            "approved" => &["submitted", "approved"],
            _ => &["submitted", "approved", "published"],
        };
        for to in way {
            let (token, person) = if *to == "submitted" { (&reporter, "担当A") } else { (&owner, "審査B") };
            let body = json!({ "to": to, "person": person, "comment": "準備" });
            let answer = transition(&self.server, token, &report, body).await;
            assert_eq!(answer.status, 200, "{answer:#?}");
        }
        report
    }
}

/// Somebody who tries a step: a name, a token, and what the caller is to the report.
struct Actor(&'static str, Option<String>, bool, bool);

async fn each_step_is_made_by_whom_it_belongs_to(reports: &Reports, actors: &[Actor]) {
    for from in STATES {
        let mut report = reports.at(from).await;
        for to in STATES {
            let whose = STEPS.iter().find(|step| (step.0, step.1) == (from, to)).map(|step| step.2);
            for Actor(name, token, is_reporter, is_reviewer) in actors {
                let body = json!({ "to": to, "person": "別人C", "comment": "理由" });
                let call = reports.server.post(&format!("/reports/{report}/transitions")).json(&body);
                let call = call.header("idempotency-key", &format!("{from}-{to}-{name}"));
                let answer = match token {
                    Some(token) => call.token(token).send().await,
                    None => call.send().await,
                };
                let expected = match whose {
                    _ if token.is_none() => (401, "request.unauthorized"),
                    _ if !is_reporter && !is_reviewer => (403, "request.forbidden"),
                    None => (409, "report.transition"),
                    Some("reporter") if !is_reporter => (403, "request.forbidden"),
                    Some("reviewer") if !is_reviewer => (403, "request.forbidden"),
                    Some(_) => (200, ""),
                };
                assert_eq!((answer.status, answer.code()), expected, "{from} → {to} by {name}: {answer:#?}");
                let now = format!("/reports/{report}?view=working");
                let now =
                    reports.server.get(&now).token(&token_of(&reports.server, reports.reporter)).expect(200).await;
                if answer.status == 200 {
                    assert_eq!((&now.json["status"], now.etag()), (&json!(to), answer.etag()));
                    // A reviewer who has returned the report does not see into it any more, so not its warnings either.
                    let seen = |mut report: Value| {
                        for field in ["open_warnings", "warnings"] {
                            report.as_object_mut().unwrap().shift_remove(field);
                        }
                        report
                    };
                    assert_eq!(seen(now.json), seen(answer.json));
                    report = reports.at(from).await;
                } else {
                    assert_eq!(now.json["status"], from, "{to} by {name}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_report_of_a_prefectures_plan_is_moved_by_its_reporter_and_the_prefectures_reviewer() {
    let reports = Reports::given(PLAN, "131016").await;
    let token = |roles: &[Role], body: &str| Some(reports.server.token(roles, &[body]));
    let actors = [
        Actor("nobody", None, false, false),
        Actor("prefecture_reader", token(&[Role::PrefectureReader], "130001"), false, false),
        Actor("prefecture_editor", token(&[Role::PrefectureEditor], "130001"), false, false),
        Actor("another prefecture", token(&[Role::PrefectureReviewer], "140007"), false, false),
        Actor("another reporter", token(&[Role::MunicipalEditor, Role::MunicipalApprover], "131024"), false, false),
        Actor("administrator", Some(reports.server.token(&[Role::Administrator], &[])), false, false),
        Actor("reporter", token(&[Role::MunicipalEditor], "131016"), true, false),
        Actor("reporter's approver", token(&[Role::MunicipalApprover], "131016"), true, false),
        Actor("reviewer", token(&[Role::PrefectureReviewer], "130001"), false, true),
    ];
    each_step_is_made_by_whom_it_belongs_to(&reports, &actors).await;
}

#[actix_web::test]
async fn a_report_of_a_municipalitys_own_plan_is_moved_by_its_editor_and_its_approver() {
    let reports = Reports::given(OWN, "132284").await;
    let token = |roles: &[Role], body: &str| Some(reports.server.token(roles, &[body]));
    let actors = [
        Actor("nobody", None, false, false),
        Actor("prefecture_reader", token(&[Role::PrefectureReader], "130001"), false, false),
        Actor("prefecture_reviewer", token(&[Role::PrefectureReviewer], "130001"), false, false),
        Actor("another municipality", token(&[Role::MunicipalApprover], "132012"), false, false),
        Actor("editor", token(&[Role::MunicipalEditor], "132284"), true, false),
        Actor("approver", token(&[Role::MunicipalApprover], "132284"), true, true),
    ];
    each_step_is_made_by_whom_it_belongs_to(&reports, &actors).await;
}

#[actix_web::test]
async fn a_return_and_a_correction_say_why() {
    let reports = Reports::given(PLAN, "131016").await;
    let (server, reviewer) = (&reports.server, token_of(&reports.server, "130001"));
    for (from, to) in [("submitted", "returned"), ("approved", "returned"), ("published", "draft")] {
        let report = reports.at(from).await;
        for comment in [json!({}), json!({ "comment": null })] {
            let mut body = json!({ "to": to, "person": "審査B" });
            body.as_object_mut().unwrap().extend(comment.as_object().unwrap().clone());
            let silent = transition(server, &reviewer, &report, body).await;
            assert_eq!((silent.status, findings(&silent)), (422, vec![("/comment", "report.reason_required")]));
        }
        let empty = transition(server, &reviewer, &report, json!({ "to": to, "person": "審査B", "comment": "" })).await;
        assert_eq!((empty.status, findings(&empty)), (422, vec![("/comment", "request.invalid")]));
        let told = json!({ "to": to, "person": "審査B", "comment": "内訳が合いません" });
        assert_eq!(transition(server, &reviewer, &report, told).await.status, 200);
    }
    let nameless = transition(server, &reviewer, REPORT, json!({ "to": "approved", "person": "" })).await;
    assert_eq!((nameless.status, findings(&nameless)), (422, vec![("/person", "request.invalid")]));
    let unknown = transition(server, &reviewer, REPORT, json!({ "to": "gone", "person": "審査B" })).await;
    assert_eq!((unknown.status, findings(&unknown)), (422, vec![("/to", "request.invalid")]));
    let missing = format!("{PLAN}/131024/2024-results");
    let nowhere = transition(server, &reviewer, &missing, json!({ "to": "approved", "person": "審査B" })).await;
    assert_eq!((nowhere.status, nowhere.code()), (404, "resource.not_found"));
}

#[actix_web::test]
async fn who_submits_does_not_publish() {
    let server = Server::start().await;
    kpi_plan(&server, OWN, &[]).await;
    let token = token_of(&server, "132284");
    let report = format!("{OWN}/132284/2020-results");
    create(&server, &token, &format!("/results/{OWN}/1/132284/2020"), &text("本文")).await;
    for to in ["submitted", "approved"] {
        assert_eq!(transition(&server, &token, &report, json!({ "to": to, "person": "担当A" })).await.status, 200);
    }
    let same = transition(&server, &token, &report, json!({ "to": "published", "person": "担当A" })).await;
    assert_eq!((same.status, same.code()), (409, "report.same_person"), "{same:#?}");
    // Blanks around a name make nobody else of it.
    let blanks = transition(&server, &token, &report, json!({ "to": "published", "person": " 担当A\u{3000}" })).await;
    assert_eq!((blanks.status, blanks.code()), (409, "report.same_person"), "{blanks:#?}");
    let other = transition(&server, &token, &report, json!({ "to": "published", "person": "課長B" })).await;
    assert_eq!((other.status, &other.json["edition"]), (200, &json!(1)), "{other:#?}");
}

#[actix_web::test]
async fn nothing_is_published_of_a_plan_that_is_still_a_draft() {
    let server = Server::start().await;
    let token = token_of(&server, "132284");
    let mut plan = crate::given::plan_body("策定中の計画", 2020, 2024);
    plan["status"] = json!("draft");
    create(&server, &token, &format!("/plans/{OWN}"), &plan).await;
    create(&server, &token, &format!("/programs/{OWN}/1"), &json!({ "name": "事業", "position": 1 })).await;
    create(&server, &token, &format!("/results/{OWN}/1/132284/2020"), &text("本文")).await;
    let report = format!("{OWN}/132284/2020-results");
    for (to, person) in [("submitted", "担当A"), ("approved", "課長B")] {
        assert_eq!(transition(&server, &token, &report, json!({ "to": to, "person": person })).await.status, 200);
    }
    let early = transition(&server, &token, &report, json!({ "to": "published", "person": "課長B" })).await;
    assert_eq!((early.status, early.code()), (409, "plan.not_adopted"), "{early:#?}");
    assert_eq!(server.count("select no as count from publication_head").await, 0);
    server.get(&format!("/reports/{report}")).expect(404).await;
    plan["status"] = json!("adopted");
    server.put(&format!("/plans/{OWN}")).token(&token).if_match("\"v1\"").json(&plan).expect(200).await;
    // With the plan everything becomes public that was handed in meanwhile, and the feed says so.
    assert_eq!(server.get(&format!("/reports/{report}")).expect(200).await.json["status"], "approved");
    let told = "select count(*) from changes where no = 1 and op = 'upsert' and resource in ('report', 'round')";
    assert_eq!(server.count(told).await, 2);
    let published = transition(&server, &token, &report, json!({ "to": "published", "person": "課長B" })).await;
    assert_eq!((published.status, &published.json["published_no"]), (200, &json!(2)), "{published:#?}");
}

#[actix_web::test]
async fn comments_on_cells_come_with_a_return_and_are_never_public() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let (reporter, reviewer) = (token_of(&server, "131016"), token_of(&server, "130001"));
    create(&server, &reporter, RESULT, &text("本文")).await;
    let comments = |period: &str| json!([{ "part": "results", "program": "1", "period": period, "pointer": null, "text": "内訳が合いません" }]);
    let with = |to: &str, period: &str| json!({ "to": to, "person": "担当秘密", "comment": "ご確認ください", "comments": comments(period) });
    let early = transition(&server, &reporter, REPORT, with("submitted", "2024")).await;
    assert_eq!((early.status, findings(&early)), (422, vec![("/comments", "request.invalid")]));
    let plain = json!({ "to": "submitted", "person": "担当秘密" });
    assert_eq!(transition(&server, &reporter, REPORT, plain.clone()).await.status, 200);
    let unknown = transition(&server, &reviewer, REPORT, with("returned", "2024-13")).await;
    assert_eq!((unknown.status, findings(&unknown)), (422, vec![("/comments/0/period", "period.unknown")]));
    assert_eq!(transition(&server, &reviewer, REPORT, with("returned", "令和6年度")).await.status, 200);

    let working = format!("/reports/{REPORT}?view=working");
    for token in [&reporter, &reviewer] {
        let seen = server.get(&working).token(token).expect(200).await;
        let last = &seen.json["transitions"][1];
        assert_eq!((&last["comments"], &last["comment"]), (&comments("2024"), &json!("ご確認ください")));
        assert_eq!((&last["from"], &last["to"]), (&json!("submitted"), &json!("returned")));
        assert_eq!(last["person"], "担当秘密");
        assert_eq!(last["at"], "2026-11-21T09:00:00.000000+09:00");
    }
    server.get(&working).token(&token_of(&server, "131024")).expect(404).await;
    assert_eq!(transition(&server, &reporter, REPORT, plain).await.status, 200);
    for (to, person) in [("approved", "審査秘密"), ("published", "審査秘密")] {
        assert_eq!(transition(&server, &reviewer, REPORT, json!({ "to": to, "person": person })).await.status, 200);
    }
    for path in [format!("/reports/{REPORT}"), "/reports?plan=130001-kpi-2024".into(), RESULT.into(), "/results".into()]
    {
        for call in [server.get(&path), server.get(&path).token(&reporter)] {
            let public = call.expect(200).await;
            for secret in ["秘密", "内訳が合いません", "ご確認ください"] {
                assert!(!public.text.contains(secret), "{path}: {}", public.text);
            }
        }
    }
}

#[actix_web::test]
async fn a_receipt_is_the_same_for_the_same_content_and_another_for_another() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let (reporter, reviewer) = (token_of(&server, "131016"), token_of(&server, "130001"));
    create(&server, &reporter, RESULT, &text("初め")).await;
    let submit = async || {
        let answer = transition(&server, &reporter, REPORT, json!({ "to": "submitted", "person": "担当A" })).await;
        assert_eq!(answer.status, 200, "{answer:#?}");
        assert_eq!(answer.json["submitted_at"], hagukumi::clock::wire::text(server.now()));
        answer.json["content_hash"].as_str().unwrap().to_owned()
    };
    let again = async |to: &str| {
        let token = if to == "draft" { &reporter } else { &reviewer };
        let body = json!({ "to": to, "person": "審査B", "comment": "確認" });
        assert_eq!(transition(&server, token, REPORT, body).await.status, 200);
        server.advance(Duration::seconds(1));
    };
    let first = submit().await;
    assert_eq!(first.len(), 64);
    again("draft").await;
    assert_eq!(submit().await, first, "withdrawn and submitted again");
    again("returned").await;
    server.put(RESULT).token(&reporter).if_match("\"v1\"").json(&text("初め ")).expect(200).await;
    let changed = submit().await;
    assert_ne!(changed, first, "one blank more");
    again("returned").await;
    server.put(RESULT).token(&reporter).if_match("\"v2\"").json(&text("初め")).expect(200).await;
    assert_eq!(submit().await, first);
    again("returned").await;
    let sheet = format!("/reports/{REPORT}");
    server.put(&sheet).token(&reporter).if_match("*").json(&json!({ "note": "備考" })).expect(200).await;
    let noted = submit().await;
    assert!(noted != first && noted != changed, "what stands on the sheet belongs to the content");
    let public = server.get(&sheet).expect(200).await;
    assert_eq!((&public.json["content_hash"], &public.json["status"]), (&json!(noted), &json!("submitted")));
}

#[actix_web::test]
async fn late_begins_with_the_due_instant_and_a_member_can_have_its_own() {
    let members = ["131016", "131024", "131032", "131041", "131059"];
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &members).await;
    let round = json!({
        "due_at": "2026-11-21", "covers": [{ "part": "results", "period": "2024" }],
        "members": [{ "municipality": "131041", "due_at": "2026-11-22" }, { "municipality": "131059", "left_out": true }],
    });
    create(&server, &token_of(&server, "130001"), &format!("/rounds/{PLAN}/2024-results"), &round).await;
    for code in &members[..4] {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
    }
    let submit = async |code: &str| {
        let report = format!("{PLAN}/{code}/2024-results");
        let body = json!({ "to": "submitted", "person": "担当A" });
        let answer = transition(&server, &token_of(&server, code), &report, body).await;
        (answer.json["submitted_at"].as_str().unwrap().to_owned(), answer.json["late"].clone())
    };
    server.advance(Duration::hours(15) - Duration::minutes(1));
    assert_eq!(submit("131016").await, ("2026-11-21T23:59:00.000000+09:00".into(), json!(false)));
    server.advance(Duration::minutes(1));
    assert_eq!(submit("131024").await, ("2026-11-22T00:00:00.000000+09:00".into(), json!(true)));
    server.advance(Duration::minutes(1));
    assert_eq!(submit("131032").await, ("2026-11-22T00:01:00.000000+09:00".into(), json!(true)));
    assert_eq!(submit("131041").await, ("2026-11-22T00:01:00.000000+09:00".into(), json!(false)));
    // Returned and submitted again after the day: late now.
    let returned = json!({ "to": "returned", "person": "審査B", "comment": "確認" });
    let report = format!("{PLAN}/131016/2024-results");
    assert_eq!(transition(&server, &token_of(&server, "130001"), &report, returned).await.status, 200);
    assert_eq!(submit("131016").await.1, json!(true));
    assert_eq!(server.get(&format!("/reports/{report}")).expect(200).await.json["late"], json!(true));

    let left_out = token_of(&server, "131059");
    for (path, body) in [
        (format!("/results/{PLAN}/1/131059/2024"), text("本文")),
        (format!("/reports/{PLAN}/131059/2024-results"), json!({ "note": "備考" })),
    ] {
        let refused = server.put(&path).token(&left_out).create().json(&body).expect(403).await;
        assert_eq!(refused.code(), "plan.not_a_reporter");
        assert!(refused.json["detail"].as_str().unwrap().contains("2024-results"), "{refused:#?}");
    }
    // Of another period it is asked.
    create(&server, &left_out, &format!("/results/{PLAN}/1/131059/2025"), &text("本文")).await;
}

#[actix_web::test]
async fn each_publication_of_a_report_is_an_edition() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let reporter = token_of(&server, "131016");
    create(&server, &reporter, RESULT, &text("第1版")).await;
    let edition =
        async || server.get(&format!("/reports/{REPORT}?view=working")).token(&reporter).expect(200).await.json;
    assert_eq!((&edition().await["edition"], &edition().await["published_no"]), (&json!(0), &Value::Null));
    for number in 1..=3 {
        let published = publish(&server, PLAN, "131016", "2024-results").await;
        assert_eq!((&published.json["edition"], &published.json["status"]), (&json!(number), &json!("published")));
        let public = server.get(RESULT).expect(200).await;
        assert_eq!(
            (&public.json["edition"], &public.json["texts"]["text"]),
            (&json!(number), &json!(format!("第{number}版")))
        );
        assert_eq!(public.etag(), format!("\"p{number}.{number}\""));
        server.advance(Duration::seconds(1));
        correct(&server, PLAN, "131016", "2024-results").await;
        assert_eq!(edition().await["edition"], number, "a correction counts when it is published");
        let next = text(&format!("第{}版", number + 1));
        server.put(RESULT).token(&reporter).if_match(&format!("\"v{number}\"")).json(&next).expect(200).await;
        assert_eq!(server.get(RESULT).expect(200).await.json, public.json, "public until the next replaces it");
    }
    let history = edition().await["transitions"].as_array().unwrap().clone();
    let editions: Vec<_> = history.iter().map(|step| step["edition"].as_i64().unwrap()).collect();
    assert_eq!(editions, [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3]);
}
