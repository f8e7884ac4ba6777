//! Who sees what: the working view, the public one, and the locks of the database behind both.

use crate::given::{correct, create, kpi_plan, publish, text, token_of, transition};
use crate::harness::Server;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use hagukumi::auth::jwt::Role;
use serde_json::json;

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";
const REPORT: &str = "130001-kpi-2024/131016/2024-results";

#[actix_web::test]
async fn a_record_is_seen_by_its_reporter_always_and_by_the_plans_owner_while_it_is_handed_in() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let reporter = server.token(&[Role::MunicipalEditor], &["131016"]);
    let owner = server.token(&[Role::PrefectureReader], &["130001"]);
    let reviewer = server.token(&[Role::PrefectureReviewer], &["130001"]);
    let nobody = [
        server.token(&[Role::MunicipalEditor, Role::MunicipalApprover], &["131024"]),
        server.token(&[Role::MunicipalApprover], &["132284"]),
        server.token(&[Role::PrefectureReader, Role::PrefectureReviewer], &["140007"]),
    ];
    // A body opens nothing without a role of its kind.
    let roleless = [
        server.token(&[Role::Administrator], &[]),
        server.token(&[Role::Administrator], &["131016", "130001"]),
        server.token(&[Role::PrefectureEditor, Role::PrefectureReviewer], &["131016"]),
        server.token(&[Role::MunicipalEditor, Role::MunicipalApprover], &["130001"]),
    ];
    create(&server, &reporter, RESULT, &text("秘密の文")).await;
    let single = format!("{RESULT}?view=working");
    let lists = [
        "/results?view=working",
        "/results?view=working&municipality=131016&status=draft,submitted,returned,approved,published",
    ];
    let steps = [
        ("draft", "draft", false),
        ("submitted", "submitted", true),
        ("withdrawn", "draft", false),
        ("submitted", "submitted", true),
        ("returned", "returned", false),
        ("submitted", "submitted", true),
        ("approved", "approved", true),
        ("published", "published", true),
        ("corrected", "draft", false),
    ];
    for (number, (step, to, seen)) in steps.into_iter().enumerate() {
        if number > 0 {
            let token = if matches!(step, "submitted" | "withdrawn") { &reporter } else { &reviewer };
            let person = if step == "published" { "審査B" } else { "担当A" };
            let moved =
                transition(&server, token, REPORT, json!({ "to": to, "person": person, "comment": "理由" })).await;
            assert_eq!(moved.status, 200, "{step}: {moved:#?}");
        }
        let own = server.get(&single).token(&reporter).expect(200).await;
        assert_eq!((own.header("cache-control"), own.etag()), ("no-store", "\"v1\""));
        let by_owner = server.get(&single).token(&owner).expect(if seen { 200 } else { 404 }).await;
        assert_eq!(by_owner.header("cache-control"), "no-store");
        for list in lists {
            let rows = async |token: &str| server.get(list).token(token).expect(200).await;
            let own = rows(&reporter).await;
            assert_eq!((own.results().len(), own.header("cache-control")), (1, "no-store"), "{step}");
            assert_eq!(rows(&owner).await.results().len(), usize::from(seen), "{step}");
            for token in &nobody {
                assert_eq!(rows(token).await.results().len(), 0, "{step}");
            }
        }
        for token in &nobody {
            server.get(&single).token(token).expect(404).await;
            server.get(&format!("/reports/{REPORT}?view=working")).token(token).expect(404).await;
        }
        for token in &roleless {
            for path in [&single, lists[0], lists[1], "/reports?view=working", "/programs?view=working"] {
                assert_eq!(
                    server.get(path).token(token).expect(403).await.code(),
                    "request.forbidden",
                    "{step} {path}"
                );
            }
        }
        // Statuses the owner sees from the first draft on.
        let status = server.get(&format!("/reports/{REPORT}?view=working")).token(&owner).expect(200).await;
        assert_eq!((&status.json["status"], status.header("cache-control")), (&json!(to), "no-store"));

        let public = step == "published" || step == "corrected";
        for call in [server.get(RESULT), server.get(RESULT).token(&reporter), server.get(RESULT).token("no.good.token")]
        {
            let answer = call.expect(if public { 200 } else { 404 }).await;
            assert_eq!(answer.text.contains("秘密の文"), public, "{step}");
        }
        let listed = server.get("/results").token(&reporter).expect(200).await;
        assert_eq!((listed.results().len(), listed.header("cache-control")), (usize::from(public), "no-cache"));
        let handed_in = to != "draft" || public;
        server.get(&format!("/reports/{REPORT}")).token(&owner).expect(if handed_in { 200 } else { 404 }).await;
    }
    for path in [&single, lists[0], "/reports?view=working"] {
        assert_eq!(server.get(path).expect(401).await.code(), "request.unauthorized");
        server.get(path).token("no.good.token").expect(401).await;
    }
    // However the parameter is spelt, it is the same parameter.
    let spelt = server.get(&format!("{RESULT}?%76iew=w%6Frking")).token(&reporter).expect(200).await;
    assert_eq!((spelt.header("cache-control"), spelt.etag()), ("no-store", "\"v1\""));
    server.get(&format!("{RESULT}?view=work%69ng")).expect(401).await;
}

#[actix_web::test]
async fn a_prefecture_sees_a_municipalitys_own_plan_once_it_is_published() {
    let server = Server::start().await;
    let own = "132284-kodomo-2020";
    kpi_plan(&server, own, &[]).await;
    let (token, prefecture) = (token_of(&server, "132284"), token_of(&server, "130001"));
    let result = format!("/results/{own}/1/132284/2020");
    create(&server, &token, &result, &text("本文")).await;
    let report = format!("{own}/132284/2020-results");
    for to in ["submitted", "approved"] {
        assert_eq!(transition(&server, &token, &report, json!({ "to": to, "person": "担当A" })).await.status, 200);
        server.get(&format!("{result}?view=working")).token(&prefecture).expect(404).await;
    }
    let published = json!({ "to": "published", "person": "課長B" });
    assert_eq!(transition(&server, &token, &report, published).await.status, 200);
    server.get(&format!("{result}?view=working")).token(&prefecture).expect(404).await;
    server.get(&result).token(&prefecture).expect(200).await;
}

/// What the database answers to one statement under a role and, if any, a caller's bodies.
struct Behind(AsyncPgConnection);

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

impl Behind {
    async fn begin(&mut self, role: &str, bodies: Option<&str>) {
        let identity = bodies.map_or(String::new(), |bodies| format!("; set local app.bodies = '{bodies}'"));
        self.0.batch_execute(&format!("begin; set local role {role}{identity}")).await.unwrap();
    }

    async fn count(&mut self, role: &str, bodies: Option<&str>, rows: &str) -> i64 {
        self.begin(role, bodies).await;
        let found = diesel::sql_query(format!("select count(*) from {rows}")).get_result::<Count>(&mut self.0).await;
        self.0.batch_execute("rollback").await.unwrap();
        found.unwrap_or_else(|error| panic!("{rows}: {error}")).count
    }

    async fn refusal(&mut self, role: &str, bodies: Option<&str>, statement: &str) -> String {
        self.begin(role, bodies).await;
        let refused = self.0.batch_execute(statement).await;
        self.0.batch_execute("rollback").await.unwrap();
        refused.err().unwrap_or_else(|| panic!("{role} may: {statement}")).to_string()
    }
}

#[actix_web::test]
async fn the_database_keeps_what_the_service_would_forget_to_keep() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let value = json!({ "item": "x", "label": "x", "unit": "人", "source": "x", "value": 1 });
    for code in ["131016", "131024"] {
        let body = json!({ "texts": { "text": "本文" }, "values": [value] });
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &body).await;
    }
    publish(&server, PLAN, "131016", "2024-results").await;
    correct(&server, PLAN, "131016", "2024-results").await;
    let mut behind = Behind(server.owner().await);

    let published = "hagukumi_published";
    for secret in [
        "* from records",
        "* from record_values",
        "* from record_evaluations",
        "* from journal",
        "* from audit",
        "* from report_transitions",
        "* from idempotency_keys",
        "submitted_by from reports",
        "* from reports",
    ] {
        let refused = behind.refusal(published, None, &format!("select {secret}")).await;
        assert!(refused.contains("permission denied"), "{secret}: {refused}");
    }
    for write in
        ["delete from published_records", "update reports set note = 'x'", "insert into publications values (9, now())"]
    {
        let refused = behind.refusal(published, None, write).await;
        assert!(refused.contains("permission denied"), "{write}: {refused}");
    }
    assert_eq!(behind.count(published, None, "published_records").await, 1);
    // 131024's report is a draft that was never handed in.
    assert_eq!(behind.count(published, None, "(select plan from reports) r").await, 1);

    let service = "hagukumi_service";
    for (bodies, records, values, reports, history) in [
        (None, 0, 0, 0, 0),
        (Some(""), 0, 0, 0, 0),
        (Some("131024"), 1, 1, 1, 0),
        (Some("131016"), 1, 1, 1, 4),
        (Some("130001"), 0, 0, 2, 4),
        (Some("131016,131024"), 2, 2, 2, 4),
        (Some("132284"), 0, 0, 0, 0),
    ] {
        for (rows, expected) in
            [("records", records), ("record_values", values), ("reports", reports), ("report_transitions", history)]
        {
            assert_eq!(behind.count(service, bodies, rows).await, expected, "{rows} for {bodies:?}");
        }
    }
    let insert = "insert into records (plan, program, municipality, period, part, amendment, round, texts, version)
        values ('130001-kpi-2024', '1', '131016', '2024', 'targets', 0, '2024-results', '{}', 1)";
    let refused = behind.refusal(service, Some("131016"), "select from journal").await;
    assert!(refused.contains("permission denied"), "{refused}");
    for bodies in [None, Some(""), Some("131024"), Some("130001")] {
        let refused = behind.refusal(service, bodies, insert).await;
        assert!(refused.contains("row-level security"), "{bodies:?}: {refused}");
    }
    for quiet in ["update records set version = 9", "delete from records", "update reports set status = 'draft'"] {
        // Another's rows are as if they were not there.
        let counted =
            format!("with done as ({quiet} where municipality = '131016' returning 1) select count(*) from done");
        behind.begin(service, Some("131024")).await;
        let done = diesel::sql_query(counted).get_result::<Count>(&mut behind.0).await.unwrap().count;
        behind.0.batch_execute("rollback").await.unwrap();
        assert_eq!(done, 0, "{quiet}");
    }
    let mine = Some("131016");
    for write in [
        "update journal set after = null",
        "delete from journal",
        "truncate journal",
        "update published_records set texts = '{}'",
        "update published_records set from_no = 1",
        "delete from published_records",
        "update published_values set value = 0",
        "delete from published_values",
        "delete from publications",
        "update publications set at = now()",
        "update changes set op = 'delete'",
        "delete from changes",
        "update report_transitions set person = 'x'",
        "delete from report_transitions",
        "delete from reports",
        "drop table journal",
        "alter table records disable row level security",
    ] {
        let refused = behind.refusal(service, mine, write).await;
        let denied = refused.contains("permission denied") || refused.contains("must be owner");
        assert!(denied, "{write}: {refused}");
    }
    behind.begin(service, mine).await;
    behind.0.batch_execute("update published_records set to_no = 9 where false; rollback").await.unwrap();
}

/// The key is told back; the words around it are the reader's.
#[actix_web::test]
async fn what_is_not_there_is_told_in_the_language_that_was_asked_for() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    let amendment = format!("/targets/{PLAN}/1/131016/2024/amendments/2");
    let report = format!("/reports/{PLAN}/131016/2024-results");
    let below = ["programs", "nodes", "rounds"].map(|resource| format!("/{resource}/{PLAN}/none"));
    let reporter = format!("/plans/{PLAN}/reporters/131024");
    let others = [
        "/plans/130001-none",
        "/plans/130001-none/reporters",
        "/municipalities/131253",
        "/prefectures/131016",
        "/departments/131016/none",
        "/indicators/131016/none",
        "/evaluation_schemes/131016/none/2024",
        "//problems/no.code",
        RESULT,
        &amendment,
        &report,
        &reporter,
    ];
    for path in below.iter().map(String::as_str).chain(others) {
        let told = async |language| {
            let answer = server.get(path).header("accept-language", language).expect(404).await;
            answer.json["detail"].as_str().unwrap().to_owned()
        };
        let (ja, en) = (told("ja").await, told("en").await);
        assert!(ja.ends_with(" は見つかりません") && ja.chars().filter(|c| !c.is_ascii()).count() > 8, "{ja}");
        assert!(en.ends_with(" was not found") && en.is_ascii(), "{en}");
    }
}
