//! How long the feed is kept, and what a restore does to its places.

use super::copy::{assert_same, follow, full, head};
use crate::given::{create, kpi_plan, publish, text, token_of};
use crate::harness::Server;
use chrono::Duration;
use hagukumi::changes::commands;

const PLAN: &str = "130001-kpi-2024";

async fn report(server: &Server, code: &str) {
    create(server, &token_of(server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
    publish(server, PLAN, code, "2024-results").await;
}

#[actix_web::test]
async fn what_is_pruned_is_told_to_who_was_not_so_far() {
    let server = Server::start().await;
    let beginning = head(&server).await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    report(&server, "131016").await;
    let old = head(&server).await;
    let old_no = server.get("/changes/head").expect(200).await.json["publication_no"].as_i64().unwrap();
    let mut followed = full(&server).await;
    server.advance(Duration::days(10));
    report(&server, "131024").await;
    let entries = server.count("select count(*) from changes").await;

    let prune = async |keep_days: u32| commands::prune(&server.owner_address(), keep_days, server.now()).await.unwrap();
    assert_eq!(prune(11).await, (0, 0), "nothing is so old");
    let (last, gone) = prune(5).await;
    assert_eq!((last, gone > 0), (old_no, true));
    assert_eq!(server.count("select count(*) from changes").await, entries - i64::try_from(gone).unwrap());
    assert_eq!(prune(5).await, (old_no, 0), "once");
    assert_eq!(prune(9).await, (old_no, 0), "it never goes back");

    for place in [String::new(), format!("&after={beginning}")] {
        let refused = server.get(&format!("/changes?limit=1{place}")).expect(410).await;
        assert_eq!(refused.code(), "cursor.pruned");
        assert!(refused.json["detail"].as_str().unwrap().contains("/changes/head"), "{refused:#?}");
    }
    assert_eq!(server.get("/changes/head").expect(200).await.json["kept_from"], old_no + 1);
    // Who was so far goes on; what was published stays, and so does every moment of it.
    follow(&server, Some(old), "limit=1&data=true", &mut followed).await;
    assert_same(&followed, &full(&server).await);
    assert_eq!(server.count("select count(*) from published_records").await, 2);
    let past = server.get("/results?as_of=2026-11-22T00:00:00Z").expect(200).await;
    assert_eq!(past.results().len(), 1);
}

#[actix_web::test]
async fn after_a_restore_every_cursor_of_before_is_told_so() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    for code in ["131016", "131024"] {
        report(&server, code).await;
    }
    let place = head(&server).await;
    let entry = server.get("/changes?limit=1").expect(200).await;
    let of_feed = entry.json["resultset"]["next"].as_str().unwrap();
    let list = server.get("/results?limit=1").expect(200).await;
    let of_list = list.json["resultset"]["next"].as_str().unwrap();
    commands::restored(&server.owner_address()).await.unwrap();
    for cursor in [
        format!("/changes?after={place}"),
        format!("/changes?limit=1&after={of_feed}"),
        format!("/results?limit=1&cursor={of_list}"),
    ] {
        let refused = server.get(&cursor).expect(410).await;
        assert_eq!(refused.code(), "cursor.epoch", "{cursor}");
    }
    assert_ne!(head(&server).await, place);
    server.get("/changes?limit=1").expect(200).await;
    // Definitions promise no moment: their walks go on.
    let list = server.get("/programs?limit=1").expect(200).await;
    commands::restored(&server.owner_address()).await.unwrap();
    if let Some(next) = list.json["resultset"]["next"].as_str() {
        server.get(&format!("/programs?limit=1&cursor={next}")).expect(200).await;
    }
}
