//! Publishers stand in line, and nobody else holds the feed up.

use super::copy::head;
use crate::given::{create, kpi_plan, text, token_of, transition};
use crate::harness::{Server, new_database, owner_address};
use crate::races::until_waiting;
use actix_web::rt;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::join_all;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const REPORTERS: [&str; 8] = ["131016", "131024", "131032", "131041", "131059", "131067", "131075", "131083"];

/// (number, cursor) of every entry behind a place until that number is seen.
async fn entries(server: &Server, mut place: String, last: i64) -> Vec<(i64, String)> {
    let mut seen = Vec::new();
    loop {
        let page = server.get(&format!("/changes?limit=3&after={place}")).expect(200).await;
        let entry = |change: &Value| {
            (change["publication_no"].as_i64().unwrap(), change["cursor"].as_str().unwrap().to_owned())
        };
        seen.extend(page.results().iter().map(entry));
        place = page.json["resultset"]["position"].as_str().unwrap().to_owned();
        let end = page.json["resultset"]["next"].is_null();
        if end && page.json["resultset"]["publication_no"].as_i64().unwrap() >= last {
            return seen;
        }
        rt::task::yield_now().await;
    }
}

#[actix_web::test]
async fn numbers_have_no_hole_and_no_client_misses_one() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &REPORTERS).await;
    let owner = token_of(&server, "130001");
    for code in REPORTERS {
        let token = token_of(&server, code);
        create(&server, &token, &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
        for (to, by) in [("submitted", &token), ("approved", &owner)] {
            let moved =
                transition(&server, by, &format!("{PLAN}/{code}/2024-results"), json!({ "to": to, "person": "担当A" }))
                    .await;
            assert_eq!(moved.status, 200, "{moved:#?}");
        }
    }
    let start = head(&server).await;
    let first = server.count("select no as count from publication_head").await + 1;
    let last = first + 7;
    // One publisher is held open; the others come behind it, in whichever order.
    let mut holder = server.owner().await;
    holder.batch_execute("begin; update publication_head set no = no").await.unwrap();
    let publishers: Vec<_> = REPORTERS
        .into_iter()
        .map(|code| {
            let (server, owner) = (server.clone(), owner.clone());
            rt::spawn(async move {
                let published = json!({ "to": "published", "person": "審査B" });
                transition(&server, &owner, &format!("{PLAN}/{code}/2024-results"), published).await
            })
        })
        .collect();
    let clients: Vec<_> = (0..4)
        .map(|_| {
            rt::spawn({
                let (server, start) = (server.clone(), start.clone());
                async move { entries(&server, start, last).await }
            })
        })
        .collect();
    until_waiting(&server, 8).await;
    holder.batch_execute("rollback").await.unwrap();
    for published in join_all(publishers).await {
        assert_eq!(published.unwrap().status, 200);
    }
    let whole = entries(&server, start, last).await;
    let mut numbers: Vec<i64> = whole.iter().map(|(no, _)| *no).collect();
    numbers.dedup();
    assert_eq!(numbers, (first..=last).collect::<Vec<_>>());
    for client in join_all(clients).await {
        assert_eq!(client.unwrap(), whole, "each entry once, in order");
    }
    assert_eq!(server.count("select count(*) from publications").await, last);
}

#[actix_web::test]
async fn a_transaction_of_a_neighbour_database_holds_nothing_up() {
    let server = Server::start().await;
    let neighbour = new_database("template0").await;
    let mut busy = owner_address(&neighbour).open_plain().await.unwrap();
    busy.batch_execute("begin; create table t (); select txid_current()").await.unwrap();
    let start = head(&server).await;
    kpi_plan(&server, PLAN, &["131016"]).await;
    assert_eq!(entries(&server, start, 3).await.len(), 3);
    busy.batch_execute("rollback").await.unwrap();
}
