//! The sample data as a reader finds them.

mod stories;

use crate::harness::Server;
use hagukumi::demo::sample;
use serde_json::json;

/// A service with the sample in it.
pub async fn loaded() -> Server {
    let server = Server::start().await;
    let requests = sample::requests().unwrap();
    assert_eq!(sample::load(server.state.clone(), &requests).await.unwrap(), requests.len());
    server
}

/// One test: loading takes longer than looking.
#[actix_web::test]
async fn every_story_ends_as_it_is_told() {
    let server = loaded().await;
    stories::a_citys_five_years(&server).await;
    stories::a_correction_keeps_what_was_public_before(&server).await;
    stories::a_sheet_with_its_matrix_and_wards(&server).await;
    stories::a_prefectures_kpi_in_every_state(&server).await;
    stories::a_merger_between_two_years(&server).await;
}

#[actix_web::test]
async fn the_stories_are_sent_in_the_order_of_their_times() {
    let times: Vec<_> = sample::requests().unwrap().iter().map(|request| request.at.unwrap()).collect();
    assert!(times.is_sorted());
    assert!(times.last().unwrap() < &Server::start().await.now(), "a demo shows no future");
}

#[actix_web::test]
async fn a_refused_request_ends_the_loading_with_its_problem() {
    let server = Server::start().await;
    let mut requests = sample::requests().unwrap();
    let index = requests.iter().position(|request| request.path == "/plans/132292-mihon-2020").unwrap();
    requests[index].json.as_mut().unwrap()["title"] = json!("");
    let refused = sample::load(server.state.clone(), &requests).await.unwrap_err().to_string();
    let expected = format!("sample request {}, PUT /plans/132292-mihon-2020: 422", index + 1);
    assert!(refused.starts_with(&expected), "{refused}");
    assert!(refused.contains("\"pointer\":\"/title\""), "{refused}");
    assert_eq!(server.get("/programs?plan=132292-mihon-2020").expect(200).await.results().len(), 0);
}
