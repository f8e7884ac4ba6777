use crate::harness::Server;

#[actix_web::test]
async fn a_stopping_service_is_alive_but_not_ready() {
    let server = Server::start().await;
    server.get("//health/ready").expect(200).await;
    server.state.draining.begin();
    let stopping = server.get("//health/ready").expect(503).await;
    assert_eq!((stopping.code(), stopping.header("retry-after")), ("service.stopping", "2"));
    server.get("//health/live").expect(200).await;
    server.get("/prefectures").expect(200).await;
}
