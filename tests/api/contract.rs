//! The published document.

use hagukumi::app;

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/v1.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let served = app::openapi().to_pretty_json().unwrap() + "\n";
    // Not assert_eq: two whole documents are no help.
    assert!(committed == served, "stale: run `cargo run -- openapi > openapi/v1.json`");
}
