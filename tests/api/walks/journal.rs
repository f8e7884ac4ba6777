//! Every write: what it asks for, what it answers, and the one row that each changed resource leaves in the journal.

use super::operations;
use super::table::{Guard, guard};
use super::world::{CITY, NEIGHBOUR, PREFECTURE, body, fingerprint};
use crate::given::{token_of, transition};
use crate::harness::Server;
use hagukumi::auth::jwt::Role;
use serde_json::json;
use std::collections::BTreeSet;

/// A resource's life: how it is written, deleted (if ever) and where it stands. In the order in which one needs the other.
struct Life {
    put: &'static str,
    delete: Option<&'static str>,
    address: &'static str,
    resource: &'static str,
    public: bool,
}

const fn life(put: &'static str, delete: Option<&'static str>, address: &'static str, resource: &'static str) -> Life {
    Life { put, delete, address, resource, public: true }
}

const fn draft(put: &'static str, delete: Option<&'static str>, address: &'static str, resource: &'static str) -> Life {
    Life { put, delete, address, resource, public: false }
}

const LIVES: [Life; 13] = [
    life("put_municipality", None, "/municipalities/132993", "municipality"),
    life("put_department", Some("delete_department"), "/departments/131016/d1", "department"),
    life("put_plan", Some("delete_plan"), "/plans/131016-walk", "plan"),
    life("put_plan_reporter", Some("delete_plan_reporter"), "/plans/131016-walk/reporters/131024", "plan_reporter"),
    life("put_node", Some("delete_node"), "/nodes/131016-walk/1", "node"),
    life("put_indicator", Some("delete_indicator"), "/indicators/131016/i1", "indicator"),
    life(
        "put_evaluation_scheme",
        Some("delete_evaluation_scheme"),
        "/evaluation_schemes/131016/s1/2024",
        "evaluation_scheme",
    ),
    life("put_program", Some("delete_program"), "/programs/131016-walk/1", "program"),
    life("put_round", Some("delete_round"), "/rounds/131016-walk/r", "round"),
    draft("put_report", None, "/reports/131016-walk/131016/r", "report"),
    draft("put_target", Some("delete_target"), "/targets/131016-walk/1/131016/2024", "target"),
    draft("put_amendment", Some("delete_amendment"), "/targets/131016-walk/1/131016/2024/amendments/1", "target"),
    draft("put_result", Some("delete_result"), "/results/131016-walk/1/131016/2024", "result"),
];

/// What the service has written so far.
#[derive(Debug, PartialEq)]
struct Trail {
    rows: i64,
    /// Resources in them; a request changes each at most once
    changed: i64,
    number: i64,
}

async fn trail(server: &Server) -> Trail {
    Trail {
        rows: server.count("select count(*) from journal").await,
        changed: server.count("select count(*) from (select distinct request_id, resource, key from journal) j").await,
        number: server.count("select no as count from publication_head").await,
    }
}

struct Walk {
    server: Server,
    life: &'static Life,
    token: String,
}

impl Walk {
    /// Nothing but one row about the resource, and one number if it is public.
    async fn one(&self, before: &Trail, what: &str) -> Trail {
        let after = trail(&self.server).await;
        let number = before.number + i64::from(self.life.public);
        let expected = Trail { rows: before.rows + 1, changed: before.changed + 1, number };
        assert_eq!(after, expected, "{} {what}: one row, and a number where it is public", self.life.put);
        let told = format!(
            "select count(*) from journal where resource = '{}' and id = (select max(id) from journal)",
            self.life.resource
        );
        assert_eq!(self.server.count(&told).await, 1, "{} {what}: the row is about another resource", self.life.put);
        after
    }

    async fn nothing(&self, print: i64, what: &str) {
        assert_eq!(fingerprint(&self.server).await, print, "{} {what} has written something", self.life.put);
    }

    async fn refused(&self) {
        let (server, life, token) = (&self.server, self.life, &self.token);
        let (dry, other) = (format!("{}?dry_run=true", life.address), body(life.put, true));
        let put = || server.put(life.address).json(&other);
        let print = fingerprint(server).await;
        assert_eq!(put().token(token).expect(428).await.etag(), "\"v1\"");
        self.nothing(print, "without a precondition").await;
        assert_eq!(put().token(token).create().expect(412).await.etag(), "\"v1\"");
        assert_eq!(put().token(token).if_match("\"v999\"").expect(412).await.etag(), "\"v1\"");
        self.nothing(print, "with a stale precondition").await;
        let same = server.put(life.address).token(token).create().json(&body(life.put, false)).expect(200).await;
        assert_eq!((same.etag(), same.header("hagukumi-outcome")), ("\"v1\"", "unchanged"));
        self.nothing(print, "with equal content").await;
        let tried = server.put(&dry).token(token).if_match("\"v1\"").json(&other).expect(200).await;
        assert_eq!(tried.header("hagukumi-outcome"), "updated");
        self.nothing(print, "as a dry run").await;
        let stranger = server.token(&[Role::MunicipalApprover], &[NEIGHBOUR]);
        put().token(&stranger).if_match("\"v1\"").expect(403).await;
        self.nothing(print, "by a stranger").await;
        server.put(life.address).token(token).if_match("\"v1\"").json(&json!({ "nonsense": 1 })).expect(400).await;
        self.nothing(print, "with an unknown field").await;
        let view =
            if matches!(life.put, "put_municipality" | "put_department" | "put_indicator" | "put_evaluation_scheme") {
                ""
            } else {
                "?view=working"
            };
        server.get(&format!("{}{view}", life.address)).token(token).expect(200).await;
        self.nothing(print, "when it is read").await;
    }

    async fn deleted(&self) {
        let (server, life, token) = (&self.server, self.life, &self.token);
        let delete = || server.delete(life.address).token(token);
        let print = fingerprint(server).await;
        assert_eq!(delete().expect(428).await.etag(), "\"v2\"");
        assert_eq!(delete().if_match("\"v1\"").expect(412).await.etag(), "\"v2\"");
        server.delete(&format!("{}?dry_run=true", life.address)).token(token).if_match("\"v2\"").expect(204).await;
        self.nothing(print, "not yet deleted").await;
        let before = trail(server).await;
        assert_eq!(delete().if_match("\"v2\"").expect(204).await.header("hagukumi-outcome"), "deleted");
        self.one(&before, "deleted").await;
        let gone = fingerprint(server).await;
        delete().if_match("\"v2\"").expect(404).await;
        server.get(life.address).expect(404).await;
        self.nothing(gone, "deleted again").await;
        // Made anew it goes on from its last version: no ETag ever means two contents.
        let before = trail(server).await;
        let again = server.put(life.address).token(token).create().json(&body(life.put, false)).expect(201).await;
        assert_eq!(again.etag(), "\"v3\"", "{}", life.put);
        self.one(&before, "made anew").await;
    }

    async fn lives(&self) {
        let (server, life, token) = (&self.server, self.life, &self.token);
        let print = fingerprint(server).await;
        let content = body(life.put, false);
        server.put(life.address).token(token).json(&content).expect(428).await;
        let absent = server.put(life.address).token(token).if_match("\"v1\"").json(&content).expect(412).await;
        assert_eq!(absent.etag(), "");
        let dry = format!("{}?dry_run=true", life.address);
        server.put(&dry).token(token).create().json(&content).expect(201).await;
        self.nothing(print, "not yet created").await;
        let before = trail(server).await;
        assert_eq!(server.put(life.address).token(token).create().json(&content).expect(201).await.etag(), "\"v1\"");
        let before_replaced = self.one(&before, "created").await;
        self.refused().await;
        let put = server.put(life.address).token(token).if_match("\"v1\"").json(&body(life.put, true));
        assert_eq!(put.expect(200).await.etag(), "\"v2\"");
        self.one(&before_replaced, "replaced").await;
        if life.delete.is_some() {
            self.deleted().await;
        }
    }
}

#[actix_web::test]
async fn each_changed_resource_leaves_one_row_and_nothing_else_leaves_any() {
    let server = Server::start().await;
    // What reports leave is told below and in tests/api/reports/; what a warning's acknowledgement writes, which needs a
    // warning first, in tests/api/warnings.rs; what a redaction leaves in tests/api/redactions.rs; what the successors of plans and rounds do, many rows at once, in
    // tests/api/new_year.rs.
    let mut walked = BTreeSet::from(
        [
            "create_transition",
            "create_transitions",
            "create_import",
            "create_redaction",
            "put_warning",
            "delete_warning",
            "create_plan_successor",
            "create_round_successor",
        ]
        .map(str::to_owned),
    );
    for life in &LIVES {
        let token = match guard(life.put) {
            Guard::Administrator => server.token(&[Role::Administrator], &[]),
            _ => token_of(&server, CITY),
        };
        Walk { server: server.clone(), life, token }.lives().await;
        walked.extend([life.put.to_owned()].into_iter().chain(life.delete.map(str::to_owned)));
    }
    let writes = operations().into_iter().filter(|operation| operation.is_write() && operation.secured);
    let left: Vec<String> = writes.map(|operation| operation.id).filter(|id| !walked.contains(id)).collect();
    assert!(left.is_empty(), "nobody has seen what {left:?} write: add them to LIVES in tests/api/walks/journal.rs");
}

#[actix_web::test]
async fn each_step_of_a_report_leaves_one_row() {
    let server = Server::start().await;
    let (owner, city) = (token_of(&server, PREFECTURE), token_of(&server, CITY));
    crate::given::kpi_plan(&server, "130001-kpi-2024", &[CITY]).await;
    crate::given::create(&server, &city, "/results/130001-kpi-2024/1/131016/2024", &crate::given::text("本文")).await;
    let report = "130001-kpi-2024/131016/2024-results";
    let step = |to: &str| json!({ "to": to, "person": format!("{to}の人"), "comment": "理由" });
    let steps = [
        (&city, "submitted"),
        (&owner, "returned"),
        (&city, "submitted"),
        (&city, "draft"),
        (&city, "submitted"),
        (&owner, "approved"),
        (&owner, "published"),
        (&owner, "draft"),
    ];
    for (token, to) in steps {
        let before = trail(&server).await;
        assert_eq!(transition(&server, token, report, step(to)).await.status, 200, "{to}");
        let expected = Trail { rows: before.rows + 1, changed: before.changed + 1, number: before.number + 1 };
        assert_eq!(trail(&server).await, expected, "{to}");
        let print = fingerprint(&server).await;
        assert_eq!(transition(&server, token, report, step(to)).await.status, 409, "{to} twice");
        let nonsense = json!({ "to": to, "person": "" });
        assert!(matches!(transition(&server, token, report, nonsense).await.status, 409 | 422));
        assert_eq!(fingerprint(&server).await, print, "a refused step has written something");
    }
}
