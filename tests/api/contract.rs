//! The published document.

pub mod answers;
mod bounds;
mod codes;
mod compatibility;
pub mod document;
mod examples;
mod limits;
mod operations;

use crate::harness::Server;
use hagukumi::app;
use hagukumi::web::edge::Edge;

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/v1.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let served = app::openapi().to_pretty_json().unwrap() + "\n";
    // Not assert_eq: two whole documents are no help.
    assert!(committed == served, "stale: run `cargo run -- openapi > openapi/v1.json`");
}

#[actix_web::test]
async fn the_service_serves_it_and_a_page_that_needs_no_other_host() {
    let server = Server::start().await;
    let served = server.get("//openapi.json").expect(200).await;
    assert_eq!(served.json, serde_json::to_value(app::openapi()).unwrap());
    let page = server.get("//swagger-ui/").expect(200).await;
    assert!(page.text.contains("swagger-ui") && !page.text.contains("://"), "{}", page.text);
}

/// What the page keeps of a login lies in the browser's storage, a client's secret with it.
#[actix_web::test]
async fn only_the_demo_has_the_browser_keep_a_login() {
    let settings = "//swagger-ui/swagger-initializer.js";
    let demo = Server::start().await;
    let kept = demo.get(settings).expect(200).await;
    assert!(kept.text.contains("\"persistAuthorization\": true"), "{}", kept.text);
    let production = demo.behind(Edge { https: true, ..Edge::default() }).await;
    let kept = production.get(settings).expect(200).await;
    assert!(!kept.text.contains("\"persistAuthorization\": true"), "{}", kept.text);
}
