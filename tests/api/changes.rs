//! The change feed: complete, in order, of what is public and of nothing else.

mod copy;
mod costs;
mod kept;
mod line;
mod pulled;

use crate::demo::loaded;
use crate::given::{correct, create, kpi_plan, plan_body, publish, text, token_of, transition};
use crate::harness::Server;
use actix_web::rt;
use copy::{Copy, assert_same, follow, full, head};
use diesel_async::SimpleAsyncConnection;
use futures_util::future::join;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";
const REPORT: &str = "130001-kpi-2024/131016/2024-results";

/// `op resource` of each entry behind a place, in order.
async fn told(server: &Server, after: &str) -> Vec<String> {
    let page = server.get(&format!("/changes?limit=1000&after={after}")).expect(200).await;
    let word = |change: &Value, name: &str| change[name].as_str().unwrap().to_owned();
    page.results().iter().map(|change| format!("{} {}", word(change, "op"), word(change, "resource"))).collect()
}

#[actix_web::test]
async fn the_sample_comes_by_the_feed_as_by_the_lists() {
    let server = loaded().await;
    let pulled = full(&server).await;
    // The code list is there before the first number.
    let untouched = |copy: &Copy| copy.clone().into_iter().filter(|(address, _)| address.contains("/municipalities/"));
    for query in ["limit=1000&data=true", "limit=7&data=true", "limit=1000"] {
        let mut followed: Copy = untouched(&pulled).collect();
        follow(&server, None, query, &mut followed).await;
        assert_same(&followed, &pulled);
    }
    assert!(pulled.len() > 2_000, "{}", pulled.len());
    let kinds: BTreeSet<&str> = pulled.keys().map(|address| address.split('/').nth(3).unwrap()).collect();
    assert_eq!(kinds.len(), 11, "{kinds:?}");
}

/// Every state a report can be in, edited meanwhile, with a copy that follows step by step and one that comes last.
#[actix_web::test]
async fn a_copy_follows_what_is_public_and_nothing_else() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let (reporter, owner) = (token_of(&server, "131016"), token_of(&server, "130001"));
    let start = head(&server).await;
    let (mut followed, mut place) = (full(&server).await, start.clone());
    create(&server, &reporter, RESULT, &text("秘密の文")).await;
    create(&server, &reporter, "/targets/130001-kpi-2024/1/131016/2024", &text("秘密の目標")).await;
    server
        .put(&format!("/reports/{REPORT}"))
        .token(&reporter)
        .if_match("*")
        .json(&json!({ "note": "秘密" }))
        .expect(200)
        .await;
    assert_eq!(told(&server, &start).await, Vec::<String>::new(), "drafts are nobody's business");

    let step = |to: &str, person: &str| json!({ "to": to, "person": person, "comment": "理由" });
    let steps = [
        (&reporter, "submitted", "担当A", "upsert round, upsert report"),
        (&reporter, "draft", "担当A", "delete round, delete report"),
        (&reporter, "submitted", "担当A", "upsert round, upsert report"),
        (&owner, "returned", "審査B", "upsert round, upsert report"),
        (&reporter, "submitted", "担当A", "upsert round, upsert report"),
        (&owner, "approved", "審査B", "upsert round, upsert report"),
        (&owner, "published", "審査B", "upsert round, upsert report, upsert result"),
        (&reporter, "draft", "担当A", "upsert report"),
    ];
    for (token, to, person, entries) in steps {
        let before = place.clone();
        let moved = transition(&server, token, REPORT, step(to, person)).await;
        assert_eq!(moved.status, 200, "{moved:#?}");
        assert_eq!(told(&server, &before).await.join(", "), entries, "{to}");
        place = follow(&server, Some(place), "limit=1&data=true", &mut followed).await;
        assert_same(&followed, &full(&server).await);
        // What the public sees of the report, its ETag too, stands still while its sheet is written.
        let path = format!("/reports/{REPORT}");
        let public = server.get(&path).send().await;
        let note = json!({ "note": format!("{to}のあとの秘密") });
        let written = server.put(&path).token(&reporter).if_match("*").json(&note).send().await;
        assert!(matches!(written.status, 200 | 409), "{written:#?}");
        let still = server.get(&path).send().await;
        assert_eq!((still.status, still.etag()), (public.status, public.etag()), "{to}");
        assert!(still.status == 404 || still.json == public.json, "{to}: {still:#?}");
    }
    server.put(RESULT).token(&reporter).if_match("*").json(&text("訂正した文")).expect(200).await;
    assert_eq!(told(&server, &place).await, Vec::<String>::new());
    publish(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(told(&server, &place).await.last().unwrap(), "correction result");
    place = follow(&server, Some(place), "data=true", &mut followed).await;
    correct(&server, PLAN, "131016", "2024-results").await;
    create(&server, &reporter, "/results/130001-kpi-2024/1/131016/2024-H1", &text("別の照会")).await;
    server.delete(RESULT).token(&reporter).if_match("*").expect(204).await;
    create(&server, &token_of(&server, "131024"), "/results/130001-kpi-2024/1/131024/2024", &text("秘密")).await;
    let all = told(&server, &start).await.join("\n");
    assert!(!all.contains("target"), "{all}");
    follow(&server, Some(place), "data=true", &mut followed).await;
    let pulled = full(&server).await;
    assert_same(&followed, &pulled);
    let mut late = Copy::new();
    follow(&server, Some(start), "limit=2", &mut late).await;
    for (address, shown) in &late {
        assert_eq!(Some(shown), pulled.get(address), "{address}");
    }
}

#[actix_web::test]
async fn a_draft_plan_is_told_when_it_is_adopted_and_all_of_it() {
    let server = Server::start().await;
    let token = token_of(&server, "131016");
    let plan = "131016-kodomo-2024";
    let start = head(&server).await;
    let mut followed = full(&server).await;
    let mut draft = plan_body("秘密の計画", 2024, 2028);
    draft["status"] = json!("draft");
    create(&server, &token, &format!("/plans/{plan}"), &draft).await;
    create(&server, &token, &format!("/nodes/{plan}/1"), &json!({ "kind": "policy", "title": "施策", "position": 1 }))
        .await;
    create(&server, &token, &format!("/programs/{plan}/1"), &json!({ "name": "事業", "position": 1 })).await;
    create(&server, &token, &format!("/programs/{plan}/2"), &json!({ "name": "消える事業", "position": 2 })).await;
    server.delete(&format!("/programs/{plan}/2")).token(&token).if_match("*").expect(204).await;
    create(
        &server,
        &token,
        &format!("/rounds/{plan}/r"),
        &json!({ "covers": [{ "part": "results", "period": "2024" }] }),
    )
    .await;
    create(&server, &token, &format!("/results/{plan}/1/131016/2024"), &text("秘密")).await;
    let report = format!("{plan}/131016/r");
    let submitted = transition(&server, &token, &report, json!({ "to": "submitted", "person": "担当A" })).await;
    assert_eq!(submitted.status, 200, "{submitted:#?}");
    assert_eq!(told(&server, &start).await, Vec::<String>::new());

    server
        .put(&format!("/plans/{plan}"))
        .token(&token)
        .if_match("*")
        .json(&plan_body("公表の計画", 2024, 2028))
        .expect(200)
        .await;
    let all =
        ["plan", "plan_reporter", "node", "program", "round", "report"].map(|resource| format!("upsert {resource}"));
    assert_eq!(told(&server, &start).await, all);
    let page = server.get(&format!("/changes?after={start}")).expect(200).await;
    for change in page.results() {
        let shown = server.get(change["address"].as_str().unwrap().strip_prefix("/api/v1").unwrap()).expect(200).await;
        assert_eq!(shown.etag(), change["etag"].as_str().unwrap(), "{change:#}");
        assert_eq!(change["publication_no"], 1);
    }
    follow(&server, Some(start.clone()), "", &mut followed).await;
    assert_same(&followed, &full(&server).await);
    // Nothing refers to what is deleted, so a reporter that a round names stays.
    let named = json!({ "covers": [{ "part": "results", "period": "2024" }], "members": [{ "municipality": "131016", "due_at": "2030-01-01" }] });
    server.put(&format!("/rounds/{plan}/r")).token(&token).if_match("*").json(&named).expect(200).await;
    create(&server, &token, &format!("/plans/{plan}/reporters/131024"), &json!({})).await;
    let other = json!({ "covers": [{ "part": "targets", "period": "2024" }], "members": [{ "municipality": "131024", "left_out": true }] });
    create(&server, &token, &format!("/rounds/{plan}/other"), &other).await;
    let refused =
        server.delete(&format!("/plans/{plan}/reporters/131024")).token(&token).if_match("*").expect(409).await;
    assert_eq!(refused.code(), "resource.in_use");
    follow(&server, Some(start), "limit=3", &mut followed).await;
    assert_same(&followed, &full(&server).await);
}

/// Of an adoption and what is written below the plan meanwhile, each sees the other: nothing becomes public untold.
#[actix_web::test]
async fn what_is_written_while_a_plan_is_adopted_is_told() {
    let server = Server::start().await;
    let token = token_of(&server, "131016");
    let plan = "131016-kodomo-2024";
    let mut draft = plan_body("見本", 2024, 2028);
    draft["status"] = json!("draft");
    create(&server, &token, &format!("/plans/{plan}"), &draft).await;
    let start = head(&server).await;
    let mut followed = full(&server).await;
    // The adoption has found what is below the plan, and stands in line for its number.
    let mut holder = server.owner().await;
    holder.batch_execute("begin; update publication_head set no = no").await.unwrap();
    let adopted = plan_body("見本", 2024, 2028);
    let adopt = rt::spawn(server.put(&format!("/plans/{plan}")).token(&token).if_match("*").json(&adopted).send());
    crate::races::until_waiting(&server, 1).await;
    // A program's writer holds the plan anyway, for its number; a reporter's does not.
    let path = format!("/plans/{plan}/reporters/131024");
    let write = rt::spawn(server.put(&path).token(&token).create().json(&json!({})).send());
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while server.count(waiting).await < 2 && !write.is_finished() {
        rt::task::yield_now().await;
    }
    holder.batch_execute("rollback").await.unwrap();
    let (adopted, written) = join(adopt, write).await;
    assert_eq!((adopted.unwrap().status, written.unwrap().status), (200, 201));
    follow(&server, Some(start), "", &mut followed).await;
    assert_same(&followed, &full(&server).await);
}

#[actix_web::test]
async fn who_comes_after_a_municipality_is_told_of_it() {
    let server = Server::start().await;
    let token = server.token(&[Role::Administrator], &[]);
    let mut followed = full(&server).await;
    let mut place = head(&server).await;
    let body = |heirs: &[&str]| {
        let named: Vec<Value> = heirs
            .iter()
            .map(|code| json!({ "municipality": code, "effective_on": "2027-04-01", "kind": "absorption" }))
            .collect();
        json!({ "name": "あきる野市", "kana": "アキルノシ", "kind": "city", "prefecture": "130001", "successors": named })
    };
    for (heirs, entries) in [(&["132012"][..], 2), (&["132012", "132021"], 2), (&["132021"], 2), (&[], 2)] {
        server.put("/municipalities/132284").token(&token).if_match("*").json(&body(heirs)).expect(200).await;
        let page = server.get(&format!("/changes?after={place}")).expect(200).await;
        assert_eq!(page.results().len(), entries, "{heirs:?}: {page:#?}");
        for change in page.results() {
            let shown =
                server.get(change["address"].as_str().unwrap().strip_prefix("/api/v1").unwrap()).expect(200).await;
            assert_eq!(shown.etag(), change["etag"].as_str().unwrap());
        }
        place = follow(&server, Some(place), "", &mut followed).await;
        assert_same(&followed, &full(&server).await);
    }
}

#[actix_web::test]
async fn a_list_says_from_where_the_feed_goes_on() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    for code in ["131016", "131024"] {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
        publish(&server, PLAN, code, "2024-results").await;
    }
    for list in ["/results?limit=1", "/targets?limit=1", "/values?limit=1"] {
        let page = server.get(list).expect(200).await;
        let position = page.json["resultset"]["position"].as_str().unwrap().to_owned();
        assert_eq!(told(&server, &position).await, Vec::<String>::new(), "{list}");
    }
    // The second page of a walk shows the moment of the first, and so does its place.
    let first = server.get("/results?limit=1").expect(200).await;
    correct(&server, PLAN, "131016", "2024-results").await;
    let next = first.json["resultset"]["next"].as_str().unwrap();
    let second = server.get(&format!("/results?limit=1&cursor={next}")).expect(200).await;
    for page in [first, second] {
        let position = page.json["resultset"]["position"].as_str().unwrap();
        assert_eq!(told(&server, position).await, ["upsert report"]);
    }
    for list in ["/programs?limit=1", "/results?view=working"] {
        let page = server.get(list).token(&token_of(&server, "131016")).expect(200).await;
        assert_eq!(page.json["resultset"]["position"], Value::Null, "{list}");
    }
}

/// A filter chooses entries, never the place: who waits long for one is not left behind.
#[actix_web::test]
async fn a_filtered_feed_moves_on() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    kpi_plan(&server, "141003-kodomo-2024", &[]).await;
    let indicator = json!({ "name": "全国の件数", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
    create(&server, &server.token(&[Role::Administrator], &[]), "/indicators/000000/users", &indicator).await;
    let read = async |query: &str| {
        let page = server.get(&format!("/changes?limit=1000{query}")).expect(200).await;
        let entries =
            page.results().iter().map(|change| change["address"].as_str().unwrap()["/api/v1/".len()..].to_owned());
        (entries.collect::<Vec<_>>(), page.json["resultset"]["position"].as_str().unwrap().to_owned())
    };
    let tokyo = ["plans/130001-kpi-2024", "programs/130001-kpi-2024/1", "plans/130001-kpi-2024/reporters/131016"];
    let city =
        ["plans/141003-kodomo-2024", "plans/141003-kodomo-2024/reporters/141003", "programs/141003-kodomo-2024/1"];
    assert_eq!(read("").await.0, [&tokyo[..], &city, &["indicators/000000/users"]].concat());
    assert_eq!(read("&prefecture=130001").await.0, tokyo);
    assert_eq!(read("&prefecture=140007").await.0, city);
    assert_eq!(read("&plan=141003-kodomo-2024").await.0, city);
    assert_eq!(read("&plan=141003-kodomo-2024&prefecture=130001").await.0, Vec::<String>::new());
    // Behind the last of its own, and behind everything.
    let (_, place) = read("&prefecture=130001").await;
    let head_no = server.get("/changes/head").expect(200).await.json["publication_no"].as_i64().unwrap();
    assert_eq!(head_no, 6);
    let page = server.get(&format!("/changes?prefecture=130001&after={place}")).expect(200).await;
    assert_eq!((page.results().len(), &page.json["resultset"]["publication_no"]), (0, &json!(head_no)));
    assert_eq!(page.json["resultset"]["position"], json!(place), "behind the end: nothing, and the same place");

    for other in ["", "&prefecture=140007", "&plan=130001-kpi-2024", "&prefecture=130001&plan=130001-kpi-2024"] {
        let refused = server.get(&format!("/changes?after={place}{other}")).expect(400).await;
        assert_eq!(refused.code(), "request.cursor", "{other}");
    }
    let list = server.get("/programs?limit=1").expect(200).await;
    let of_a_list = list.json["resultset"]["next"].as_str().unwrap();
    assert_eq!(server.get(&format!("/changes?after={of_a_list}")).expect(400).await.code(), "request.cursor");
    assert_eq!(server.get(&format!("/programs?limit=1&cursor={place}")).expect(400).await.code(), "request.cursor");
    for (wrong, code) in [
        ("prefecture=131016", "request.parameter"),
        ("prefecture=13", "request.parameter"),
        ("plan=tokyo", "request.parameter"),
        ("data=yes", "request.parameter"),
        ("afer=x", "request.unknown_parameter"),
    ] {
        assert_eq!(server.get(&format!("/changes?{wrong}")).expect(400).await.code(), code, "{wrong}");
    }
}
