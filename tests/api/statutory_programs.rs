use crate::harness::Server;
use serde_json::json;

#[actix_web::test]
async fn statutory_programs_are_listed_in_the_laws_order_by_the_year() {
    let server = Server::start().await;
    let codes = async |query: &str| {
        let mut codes: Vec<String> = Vec::new();
        let mut path = format!("/statutory_programs?limit=7{query}");
        loop {
            let page = server.get(&path).expect(200).await;
            codes.extend(page.results().iter().map(|found| found["code"].as_str().unwrap().to_owned()));
            let Some(next) = page.json["resultset"]["next"].as_str() else { break codes };
            path = format!("/statutory_programs?limit=7{query}&cursor={next}");
        }
    };
    let all = codes("").await;
    assert_eq!((all.len(), all[0].as_str(), all[18].as_str()), (19, "user_support", "postnatal_care"));
    assert_eq!(codes("&fiscal_year=2014").await.len(), 0);
    assert_eq!(codes("&fiscal_year=2020").await.len(), 13);
    assert_eq!(codes("&fiscal_year=2024").await.last().unwrap(), "parent_child_relationship");
    assert!(codes("&fiscal_year=2025").await.contains(&"childcare_for_all".to_owned()));
    assert!(!codes("&fiscal_year=2026").await.contains(&"childcare_for_all".to_owned()));
    let first = &server.get("/statutory_programs?limit=1").expect(200).await.json["results"][0];
    let whole = json!({
        "code": "user_support", "name_ja": "利用者支援事業", "name_en": "User support", "fiscal_year_from": 2015,
        "fiscal_year_to": null, "position": 1,
    });
    assert_eq!(*first, whole);
    let wrong = server.get("/statutory_programs?fiscal_year=1989").expect(400).await;
    assert_eq!((wrong.code(), &wrong.json["errors"][0]["pointer"]), ("request.parameter", &json!("fiscal_year")));
}
