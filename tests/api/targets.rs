//! Changed goals: numbered without a gap, with a reason, beside the original one.

use crate::given::{create, findings, kpi_plan, publish, text, token_of, walk};
use crate::harness::Server;
use futures_util::future::join;
use serde_json::{Value, json};

const OWN: &str = "132284-kodomo-2020";
const TARGET: &str = "/targets/132284-kodomo-2020/1/132284/2024";

async fn given() -> (Server, String) {
    let server = Server::start().await;
    kpi_plan(&server, OWN, &[]).await;
    let token = token_of(&server, "132284");
    (server, token)
}

fn changed(number: i32) -> Value {
    json!({ "texts": { "text": format!("変更{number}") }, "reason": "計画の見直し", "amended_on": "2022-04" })
}

fn amendment(number: i32) -> String {
    format!("{TARGET}/amendments/{number}")
}

#[actix_web::test]
async fn a_changed_goal_follows_the_one_before_and_says_why() {
    let (server, token) = given().await;
    let put = |path: &str, body: &Value| server.put(path).token(&token).create().json(body);
    assert_eq!(put(&amendment(1), &changed(1)).expect(422).await.code(), "amendment.gap");
    for (extra, pointers) in [
        (json!({ "reason": "理由" }), vec!["/reason"]),
        (json!({ "amended_on": "2022" }), vec!["/amended_on"]),
        (json!({ "reason": "理由", "amended_on": "2022" }), vec!["/amended_on", "/reason"]),
    ] {
        let mut body = text("当初");
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let refused = put(TARGET, &body).expect(422).await;
        let mut found = findings(&refused);
        found.sort_unstable();
        assert_eq!(found, pointers.into_iter().map(|at| (at, "request.invalid")).collect::<Vec<_>>(), "{extra}");
    }
    create(&server, &token, TARGET, &text("当初")).await;
    let silent = put(&amendment(1), &text("変更1")).expect(422).await;
    assert_eq!(findings(&silent), [("/reason", "amendment.reason_required")]);
    let mut body = changed(1);
    body["amended_on"] = json!("2022-13");
    assert_eq!(findings(&put(&amendment(1), &body).expect(422).await), [("/amended_on", "request.invalid")]);
    let created = create(&server, &token, &amendment(1), &changed(1)).await;
    assert_eq!((&created.json["amendment"], &created.json["amended_on"]), (&json!(1), &json!("2022-04")));
    let gap = put(&amendment(3), &changed(3)).expect(422).await;
    assert_eq!(gap.code(), "amendment.gap");
    assert!(gap.json["detail"].as_str().unwrap().contains("変更目標3"), "{gap:#?}");
    create(&server, &token, &amendment(2), &changed(2)).await;
    for path in [TARGET.to_owned(), amendment(1)] {
        let etag = "\"v1\"";
        let held = server.delete(&path).token(&token).if_match(etag).expect(422).await;
        assert_eq!(held.code(), "amendment.gap");
        assert!(held.json["detail"].as_str().unwrap().contains("先に"), "{held:#?}");
    }
    server.delete(&amendment(2)).token(&token).if_match("\"v1\"").expect(204).await;
    server.delete(&amendment(1)).token(&token).if_match("\"v1\"").expect(204).await;
    assert_eq!(create(&server, &token, &amendment(1), &changed(1)).await.etag(), "\"v2\"");
    assert_eq!(server.get(&format!("{TARGET}?view=working")).token(&token).expect(200).await.etag(), "\"v1\"");
}

#[actix_web::test]
async fn changed_goals_are_listed_beside_the_original() {
    let (server, token) = given().await;
    create(&server, &token, TARGET, &text("当初")).await;
    for number in 1..=2 {
        create(&server, &token, &amendment(number), &changed(number)).await;
    }
    let shown = |rows: &[Value]| -> Vec<(i64, String)> {
        rows.iter()
            .map(|row| (row["amendment"].as_i64().unwrap(), row["texts"]["text"].as_str().unwrap().to_owned()))
            .collect()
    };
    let all = [(0, "当初".to_owned()), (1, "変更1".to_owned()), (2, "変更2".to_owned())];
    let working = walk(&server, "/targets?view=working&limit=2", Some(&token)).await;
    assert_eq!(shown(&working), all);
    publish(&server, OWN, "132284", "2024-targets").await;
    let public = walk(&server, &format!("/targets?plan={OWN}&limit=1"), None).await;
    assert_eq!(shown(&public), all);
    assert_eq!((&public[0]["reason"], &public[2]["reason"]), (&Value::Null, &json!("計画の見直し")));
    assert_eq!(server.get(&amendment(2)).expect(200).await.json, public[2]);
    assert_eq!(server.get(TARGET).expect(200).await.json, public[0]);
    server.get(&amendment(3)).expect(404).await;
}

#[actix_web::test]
async fn no_changed_goal_outlives_its_original() {
    let (server, token) = given().await;
    for period in 2020..2030 {
        let target = format!("/targets/{OWN}/1/132284/{period}");
        create(&server, &token, &target, &text("当初")).await;
        let (deleted, put) = join(
            server.delete(&target).token(&token).if_match("\"v1\"").send(),
            server.put(&format!("{target}/amendments/1")).token(&token).create().json(&changed(1)).send(),
        )
        .await;
        assert!(matches!((deleted.status, put.status), (204, 422) | (422, 201)), "{deleted:#?} {put:#?}");
    }
    let orphans = "select count(*) from records a where amendment = 1 and not exists (
        select from records o where o.amendment = 0 and (o.plan, o.program, o.period) = (a.plan, a.program, a.period))";
    assert_eq!(server.count(orphans).await, 0);
}
