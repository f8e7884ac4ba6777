//! `/metrics`.

use crate::given::{create, kpi_plan, publish, text, token_of};
use crate::harness::Server;
use actix_web::http::Method;

/// The figure behind a name and its labels.
fn figure(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[actix_web::test]
async fn requests_are_counted_by_route_and_never_by_address() {
    let server = Server::start().await;
    kpi_plan(&server, "130001-kpi-2024", &["131016"]).await;
    let result = "/results/130001-kpi-2024/1/131016/2024";
    create(&server, &token_of(&server, "131016"), result, &text("実施した。")).await;
    publish(&server, "130001-kpi-2024", "131016", "2024-results").await;
    server.get("//health/ready").expect(200).await;
    server.get(result).expect(200).await;
    server.get("/results/130001-kpi-2024/1/131032/2024").expect(404).await;
    for number in 0..20 {
        server.get(&format!("//nowhere/{number}")).expect(404).await;
        server.call(Method::from_bytes(format!("X{number}").as_bytes()).unwrap(), "/prefectures").expect(405).await;
    }
    let text = server.state.metrics.text();
    let route = "route=\"/api/v1/results/{plan}/{program}/{municipality}/{period}\"";
    for (name, expected) in [
        (format!("hagukumi_requests_total{{method=\"PUT\",{route},status=\"201\"}}"), 1.0),
        (format!("hagukumi_requests_total{{method=\"GET\",{route},status=\"200\"}}"), 1.0),
        (format!("hagukumi_requests_total{{method=\"GET\",{route},status=\"404\"}}"), 1.0),
        (format!("hagukumi_request_seconds_count{{method=\"GET\",{route}}}"), 2.0),
        ("hagukumi_requests_total{method=\"GET\",route=\"none\",status=\"404\"}".into(), 20.0),
        ("hagukumi_requests_total{method=\"other\",route=\"/api/v1/prefectures\",status=\"405\"}".into(), 20.0),
        ("hagukumi_requests_in_flight".into(), 0.0),
        ("hagukumi_database_connections_max".into(), 16.0),
        ("hagukumi_database_waiting".into(), 0.0),
        ("hagukumi_database_refused_total{door=\"published\"}".into(), 0.0),
        ("hagukumi_database_refused_total{door=\"callers\"}".into(), 0.0),
    ] {
        assert_eq!(figure(&text, &name), Some(expected), "{name}\n{text}");
    }
    let head = server.count("select no as count from publication_head").await as f64;
    assert_eq!(figure(&text, "hagukumi_publication_number"), Some(head));
    for at_least_one in [
        "hagukumi_database_seconds_count{door=\"callers\"}",
        "hagukumi_database_seconds_count{door=\"published\"}",
        "hagukumi_database_wait_seconds_count{door=\"callers\"}",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_start_time_seconds",
    ] {
        assert!(figure(&text, at_least_one).is_some_and(|figure| figure >= 1.0), "{at_least_one}\n{text}");
    }
    assert!(!text.contains("nowhere") && !text.contains("131016"), "{text}");
    assert!(text.ends_with("# EOF\n"));
    // The API's own listener does not have it.
    server.get("//metrics").expect(404).await;
}
