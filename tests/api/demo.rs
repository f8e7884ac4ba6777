use crate::harness::Server;
use hagukumi::demo::{examples, sample};
use serde_json::json;

#[actix_web::test]
async fn the_sample_goes_in_and_every_printed_example_works_twice() {
    let server = Server::start().await;
    let requests = sample::requests().unwrap();
    assert_eq!(sample::load(server.state.clone(), &requests).await.unwrap(), requests.len());
    assert_eq!(server.get("/plans?reporter=132292").expect(200).await.results().len(), 2);
    let examples = examples::requests().unwrap();
    for time in 1..=2 {
        let done = sample::load(server.state.clone(), &examples).await;
        assert_eq!(done.unwrap_or_else(|refused| panic!("time {time}: {refused}")), examples.len());
    }
}

#[actix_web::test]
async fn a_refused_request_ends_the_loading_with_its_problem() {
    let server = Server::start().await;
    let mut requests = sample::requests().unwrap();
    requests[1].json.as_mut().unwrap()["title"] = json!("");
    let refused = sample::load(server.state.clone(), &requests).await.unwrap_err().to_string();
    assert!(refused.starts_with("sample request 2, PUT /plans/130001-mihon-kpi-2024: 422"), "{refused}");
    assert!(refused.contains("\"pointer\":\"/title\""), "{refused}");
    assert_eq!(server.get("/plans").expect(200).await.results().len(), 1);
}
