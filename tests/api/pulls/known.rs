//! Lists that have not changed are not sent again, and those of another scope do not change.

use super::{AKIRUNO, TOKYO, given};
use crate::given::{correct, create, publish, text, token_of};
use crate::harness::Server;
use serde_json::json;

async fn tag(server: &Server, path: &str) -> String {
    let answer = server.get(path).expect(200).await;
    assert!(answer.etag().starts_with("W/\""), "{answer:#?}");
    answer.etag().to_owned()
}

async fn is_known(server: &Server, path: &str, tag: &str) -> bool {
    let answer = server.get(path).header("if-none-match", tag).send().await;
    assert!([200, 304].contains(&answer.status), "{answer:#?}");
    assert!(answer.status == 200 || answer.text.is_empty());
    answer.status == 304
}

#[actix_web::test]
async fn a_list_changes_with_the_publications_of_its_scope() {
    let server = given().await;
    let lists = [
        ("/results?municipality=132284&period=2020", true),
        ("/results?municipality=132284", true),
        ("/results?prefecture=130001", true),
        ("/results?plan=132284-kodomo-2020", true),
        ("/results", true),
        ("/values?municipality=132284&period=2024", true),
        ("/results?period=2024&include=targets&municipality=132284", true),
        ("/results?municipality=132284&period=2024", false),
        ("/results?municipality=131016", false),
        ("/results?prefecture=140007", false),
        ("/values?plan=141305-jisedai-2005", false),
    ];
    let mut before = Vec::new();
    for (list, _) in lists {
        let known = tag(&server, list).await;
        assert!(is_known(&server, list, &known).await, "{list}");
        assert!(is_known(&server, list, &format!("\"other\", {known}")).await, "{list}");
        assert!(!is_known(&server, list, "W/\"l0\"").await, "{list}");
        before.push(known);
    }
    correct(&server, AKIRUNO, "132284", "2020-results").await;
    let result = format!("/results/{AKIRUNO}/1/132284/2020");
    server
        .put(&result)
        .token(&token_of(&server, "132284"))
        .header("if-match", "*")
        .json(&text("第2版"))
        .expect(200)
        .await;
    for ((list, _), known) in lists.iter().zip(&before) {
        assert!(is_known(&server, list, known).await, "{list}: a draft is nobody's business");
    }
    publish(&server, AKIRUNO, "132284", "2020-results").await;
    for ((list, changes), known) in lists.iter().zip(&before) {
        assert_eq!(is_known(&server, list, known).await, !changes, "{list}");
    }
}

#[actix_web::test]
async fn each_form_and_each_moment_has_a_tag_of_its_own() {
    let server = given().await;
    let json = tag(&server, "/values").await;
    for (media, suffix) in [("text/csv", ";csv\""), ("application/x-ndjson", ";ndjson\"")] {
        let call = || server.get("/values").header("accept", media);
        let other = call().expect(200).await;
        assert_eq!(other.etag(), format!("{}{suffix}", json.trim_end_matches('"')));
        call().header("if-none-match", other.etag()).expect(304).await;
        call().header("if-none-match", &json).expect(200).await;
    }
    let packed = server.get("/values").header("accept-encoding", "zstd").expect(200).await;
    assert!(packed.etag().ends_with(";zstd\""), "{packed:#?}");
    server.get("/values").header("if-none-match", packed.etag()).expect(304).await;
    let past = tag(&server, "/values?as_of=2000-01-01T00:00:00Z").await;
    assert_ne!(past, json);
    assert!(is_known(&server, "/values?as_of=2000-01-01T00:00:00Z", &past).await);
    // A walk that goes on shows its own moment.
    let first = server.get("/results?limit=1").expect(200).await;
    let next = format!("/results?limit=1&cursor={}", first.json["resultset"]["next"].as_str().unwrap());
    let second = tag(&server, &next).await;
    assert_ne!(second, first.etag());
    assert!(is_known(&server, &next, &second).await);
}

#[actix_web::test]
async fn a_list_of_definitions_changes_with_definitions() {
    let server = given().await;
    let definitions = [
        "/plans",
        "/programs?plan=132284-kodomo-2020",
        "/nodes?plan=132284-kodomo-2020",
        "/indicators",
        "/departments",
        "/evaluation_schemes",
        "/statutory_programs",
        "/municipalities?prefecture=130001",
        "/prefectures",
        "/plans/130001-kpi-2024/reporters",
    ];
    let states = ["/reports", "/rounds?plan=132284-kodomo-2020"];
    let mut known = Vec::new();
    for list in definitions.iter().chain(&states) {
        known.push((*list, tag(&server, list).await));
    }
    for (list, tag) in &known {
        assert!(is_known(&server, list, tag).await, "{list}");
    }
    correct(&server, TOKYO, "131016", "2024-results").await;
    for (list, tag) in &known {
        assert_eq!(
            is_known(&server, list, tag).await,
            definitions.contains(list),
            "{list}: a report is in another state"
        );
    }
    create(&server, &token_of(&server, "132284"), "/departments/132284/hoiku", &json!({ "name": "保育課" })).await;
    for (list, tag) in &known {
        assert!(!is_known(&server, list, tag).await, "{list}");
    }
    // What is not there is not there, whatever one knows of it.
    let gone = server.get("/plans/130001-none/reporters").header("if-none-match", "*").expect(404).await;
    assert_eq!(gone.code(), "resource.not_found");
    // A municipality begins and ends on a day, without anybody's doing.
    let today = tag(&server, "/municipalities").await;
    server.advance(chrono::Duration::days(1));
    assert!(!is_known(&server, "/municipalities", &today).await);
}
