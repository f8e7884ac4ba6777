use crate::harness::Server;
use crate::plans::{PLAN, plan};
use diesel_async::SimpleAsyncConnection;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const NODES: &str = "/nodes/132284-kodomo-2020";
const LIST: &str = "/nodes?plan=132284-kodomo-2020";

fn node(parent: Option<&str>, position: i32) -> Value {
    json!({ "kind": "policy", "title": "子育て支援の充実", "parent": parent, "position": position })
}

fn akiruno(server: &Server) -> String {
    server.token(&[Role::MunicipalApprover], &["132284"])
}

/// A service with the plan in that status, and its owner's token.
async fn with_plan(status: &str) -> (Server, String) {
    let server = Server::start().await;
    let token = akiruno(&server);
    server.put(PLAN).token(&token).create().json(&plan(status)).expect(201).await;
    (server, token)
}

async fn put_all(server: &Server, token: &str, tree: &[(&str, Option<&str>, i32)]) {
    for (code, parent, position) in tree {
        let body = node(*parent, *position);
        server.put(&format!("{NODES}/{code}")).token(token).create().json(&body).expect(201).await;
    }
}

#[actix_web::test]
async fn a_node_is_written_read_and_deleted() {
    let (server, token) = with_plan("adopted").await;
    put_all(&server, &token, &[("2", None, 200)]).await;
    let path = format!("{NODES}/2.4");
    let body = json!({ "kind": "policy", "number_label": "（４）", "title": "ひとり親家庭等の\n自立支援 ", "parent": "2", "position": 240 });
    let created = server.put(&path).token(&token).create().json(&body).expect(201).await;
    let whole = json!({
        "plan": "132284-kodomo-2020", "code": "2.4", "kind": "policy", "number_label": "（４）",
        "title": "ひとり親家庭等の\n自立支援 ", "parent": "2", "position": 240,
    });
    assert_eq!(created.json, whole);
    let read = server.get(&path).expect(200).await;
    assert_eq!((&read.json, read.etag()), (&whole, "\"v1\""));
    let again = server.put(&path).token(&token).if_match("\"v9\"").json(&body).expect(200).await;
    assert_eq!((again.etag(), again.header("hagukumi-outcome")), ("\"v1\"", "unchanged"));
    let late = server.put(&path).token(&token).if_match("\"v9\"").json(&node(None, 1)).expect(412).await;
    assert_eq!(late.etag(), "\"v1\"");

    let used = server.delete(&format!("{NODES}/2")).token(&token).if_match("\"v1\"").expect(409).await;
    assert_eq!(used.code(), "resource.in_use");
    let moved = server.put(&path).token(&token).if_match("\"v1\"").json(&node(None, 1)).expect(200).await;
    assert_eq!((moved.etag(), &moved.json["number_label"]), ("\"v2\"", &Value::Null));
    server.delete(&format!("{NODES}/2")).token(&token).if_match("\"v1\"").expect(204).await;
    server.get(&format!("{NODES}/2")).expect(404).await;
    let stranger = server.token(&[Role::MunicipalApprover], &["132012"]);
    assert_eq!(server.put(&path).token(&stranger).json(&json!({})).expect(403).await.code(), "request.forbidden");
    assert_eq!(server.delete(&path).token(&stranger).expect(403).await.code(), "request.forbidden");
}

#[actix_web::test]
async fn the_list_is_in_the_plans_order() {
    let (server, token) = with_plan("adopted").await;
    put_all(&server, &token, &[("b", None, 7), ("10", None, 1), ("a", None, 7), ("9", None, 2), ("B", None, 7)]).await;
    let mut codes = Vec::new();
    let mut path = format!("{LIST}&limit=2");
    loop {
        let page = server.get(&path).expect(200).await;
        codes.extend(page.results().iter().map(|found| found["code"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["resultset"]["next"].as_str() else { break };
        path = format!("{LIST}&limit=2&cursor={next}");
    }
    assert_eq!(codes, ["10", "9", "B", "a", "b"]);
    assert_eq!(server.get("/nodes?plan=132284-other").expect(200).await.results().len(), 0);
    for query in ["", "?plan=kodomo"] {
        let wrong = server.get(&format!("/nodes{query}")).expect(400).await;
        assert_eq!((wrong.code(), &wrong.json["errors"][0]["pointer"]), ("request.parameter", &json!("plan")));
    }
}

#[actix_web::test]
async fn what_a_node_refers_to_must_be_there() {
    let (server, token) = with_plan("adopted").await;
    let path = format!("{NODES}/1");
    let orphan = server.put(&path).token(&token).create().json(&node(Some("0"), 1)).expect(422).await;
    assert_eq!((orphan.code(), &orphan.json["errors"][0]["pointer"]), ("node.unknown", &json!("/parent")));
    for parent in [None, Some("1")] {
        let path = "/nodes/132284-other/2";
        let planless = server.put(path).token(&token).create().json(&node(parent, 1)).expect(422).await;
        assert_eq!((planless.code(), &planless.json["errors"][0]["pointer"]), ("plan.unknown", &json!("/plan")));
    }
    let mut wrong = node(Some("い"), 100_001);
    wrong["number_label"] = json!("");
    let all = server.put(&path).token(&token).create().json(&wrong).expect(422).await;
    let pointers: Vec<_> = all.json["errors"].as_array().unwrap().iter().map(|found| &found["pointer"]).collect();
    assert_eq!(pointers, ["/number_label", "/position", "/parent"]);
    wrong["kind"] = json!("goal");
    let kind = server.put(&path).token(&token).create().json(&wrong).expect(422).await;
    assert_eq!(kind.json["errors"][0]["pointer"], "/kind");
    let misspelt =
        server.put(&path).token(&token).create().body(br#"{"kind": "policy", "titel": "x"}"#).expect(400).await;
    assert!(misspelt.json["detail"].as_str().unwrap().contains("「title」ではありませんか"), "{misspelt:#?}");
}

#[actix_web::test]
async fn a_draft_plans_nodes_are_not_public() {
    let (server, token) = with_plan("draft").await;
    put_all(&server, &token, &[("1", None, 1)]).await;
    let path = format!("{NODES}/1");
    let stranger = server.token(&[Role::MunicipalApprover], &["132012"]);
    server.get(&path).expect(404).await;
    server.get(&format!("{path}?view=working")).token(&stranger).expect(404).await;
    assert_eq!(
        server.get(&format!("{path}?view=working")).token(&token).expect(200).await.header("cache-control"),
        "no-store"
    );
    assert_eq!(server.get(LIST).expect(200).await.results().len(), 0);
    assert_eq!(server.get(&format!("{LIST}&view=working")).token(&stranger).expect(200).await.results().len(), 0);
    assert_eq!(server.get(&format!("{LIST}&view=working")).token(&token).expect(200).await.results().len(), 1);
    assert_eq!(server.count("select count(*) from changes").await, 0);
}

#[actix_web::test]
async fn the_tree_has_no_cycle() {
    let (server, token) = with_plan("adopted").await;
    put_all(&server, &token, &[("1", None, 1), ("1.1", Some("1"), 2), ("1.1.1", Some("1.1"), 3), ("2", None, 4)]).await;
    let refused = async |code: &str, parent: &str| {
        let call = server.put(&format!("{NODES}/{code}")).token(&token).header("if-match", "*");
        let answer = call.json(&node(Some(parent), 9)).expect(422).await;
        assert_eq!((answer.code(), &answer.json["errors"][0]["pointer"]), ("node.cycle", &json!("/parent")));
    };
    refused("1", "1").await;
    refused("1", "1.1").await;
    refused("1", "1.1.1").await;
    refused("1.1", "1.1.1").await;
    let own = server.put(&format!("{NODES}/3")).token(&token).create().json(&node(Some("3"), 9)).expect(422).await;
    assert_eq!(own.code(), "node.cycle");
    // A branch may move as a whole.
    server.put(&format!("{NODES}/1")).token(&token).if_match("\"v1\"").json(&node(Some("2"), 9)).expect(200).await;
    refused("2", "1.1.1").await;
}

/// Each of two moves is right alone. Both have passed their checks, or wait for each other, before either may commit.
#[actix_web::test]
async fn two_moves_at_once_make_no_cycle() {
    let (server, token) = with_plan("adopted").await;
    put_all(&server, &token, &[("1", None, 1), ("2", None, 2)]).await;
    let mut gate = server.owner().await;
    gate.batch_execute("begin; select no from publication_head for update").await.unwrap();
    let under = |code: &str, parent: &str| {
        let path = format!("{NODES}/{code}");
        server.put(&path).token(&token).if_match("\"v1\"").json(&node(Some(parent), 9)).send()
    };
    let open = async {
        let waiting =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while server.count(waiting).await < 2 {}
        gate.batch_execute("commit").await.unwrap();
    };
    let (first, second, ()) = futures_util::future::join3(under("1", "2"), under("2", "1"), open).await;
    let (moved, refused) = if first.status == 200 { (first, second) } else { (second, first) };
    assert_eq!((moved.status, refused.status, refused.code()), (200, 422, "node.cycle"));
}
