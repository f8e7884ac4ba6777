use crate::harness::Server;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const CHILDCARE: &str = "/departments/132284/hoiku";

fn department(name: &str) -> Value {
    json!({ "name": name })
}

fn akiruno(server: &Server) -> String {
    server.token(&[Role::MunicipalApprover], &["132284"])
}

#[actix_web::test]
async fn a_department_is_public_from_its_first_day() {
    let server = Server::start().await;
    let token = akiruno(&server);
    let body = json!({ "name": "保育課", "bureau": "こども家庭部", "fiscal_year_from": 2015 });
    let created = server.put(CHILDCARE).token(&token).create().json(&body).expect(201).await;
    let whole = json!({
        "municipality": "132284", "code": "hoiku", "name": "保育課", "bureau": "こども家庭部",
        "fiscal_year_from": 2015, "fiscal_year_to": null, "successor": null,
    });
    assert_eq!(created.json, whole);
    let read = server.get(CHILDCARE).expect(200).await;
    assert_eq!((&read.json, read.etag()), (&whole, "\"v1\""));
    server.get(CHILDCARE).header("if-none-match", "\"v1\"").expect(304).await;
    let again = server.put(CHILDCARE).token(&token).create().json(&body).expect(200).await;
    assert_eq!((again.etag(), again.header("hagukumi-outcome")), ("\"v1\"", "unchanged"));

    let late = server.put(CHILDCARE).token(&token).if_match("\"v9\"").json(&department("別")).expect(412).await;
    assert_eq!((late.code(), late.etag()), ("request.version_conflict", "\"v1\""));
    let replaced = server.put(CHILDCARE).token(&token).if_match("\"v1\"").json(&department("保育課")).expect(200).await;
    assert_eq!((replaced.etag(), &replaced.json["bureau"]), ("\"v2\"", &Value::Null));
    assert_eq!(server.delete(CHILDCARE).token(&token).expect(428).await.code(), "request.precondition_required");
    server.delete(CHILDCARE).token(&token).if_match("\"v2\"").expect(204).await;
    assert_eq!(server.get(CHILDCARE).expect(404).await.code(), "resource.not_found");
    assert_eq!(server.count("select count(*) from journal where resource = 'department'").await, 3);
    assert_eq!(server.count("select count(*) from changes where resource = 'department'").await, 3);
}

#[actix_web::test]
async fn its_own_municipality_writes_it_and_nobody_else() {
    let server = Server::start().await;
    let body = department("保育課");
    for (role, home) in [
        (Role::MunicipalApprover, "132012"),
        (Role::MunicipalEditor, "132284"),
        (Role::PrefectureEditor, "130001"),
        (Role::Administrator, "132284"),
    ] {
        let token = server.token(&[role], &[home]);
        let refused = server.put(CHILDCARE).token(&token).create().json(&body).expect(403).await;
        assert_eq!(refused.code(), "request.forbidden");
    }
    server.put(CHILDCARE).create().json(&body).expect(401).await;
    let tokyo = server.token(&[Role::PrefectureEditor], &["130001"]);
    server
        .put("/departments/130001/kodomo")
        .token(&tokyo)
        .create()
        .json(&department("子供・子育て支援部"))
        .expect(201)
        .await;
    let nowhere = server.token(&[Role::MunicipalApprover], &["139998"]);
    let unknown = server.put("/departments/139998/hoiku").token(&nowhere).create().json(&body).expect(422).await;
    assert_eq!(
        (unknown.code(), &unknown.json["errors"][0]["pointer"]),
        ("municipality.unknown", &json!("/municipality"))
    );
}

#[actix_web::test]
async fn a_renamed_department_names_its_successor() {
    let server = Server::start().await;
    let token = akiruno(&server);
    let mut old = json!({ "name": "子ども課", "fiscal_year_to": 2022, "successor": "kodomo-seisaku" });
    let put =
        |code: &str, body: &Value| server.put(&format!("/departments/132284/{code}")).token(&token).create().json(body);
    let unknown = put("kodomo", &old).expect(422).await;
    assert_eq!((unknown.code(), &unknown.json["errors"][0]["pointer"]), ("department.unknown", &json!("/successor")));
    put("kodomo-seisaku", &json!({ "name": "こども政策課", "fiscal_year_from": 2023 })).expect(201).await;
    put("kodomo", &old).expect(201).await;
    let used = server.delete("/departments/132284/kodomo-seisaku").token(&token).if_match("\"v1\"").expect(409).await;
    assert_eq!(used.code(), "resource.in_use");

    let names = async |query: &str| {
        let page = server.get(&format!("/departments?municipality=132284{query}")).expect(200).await;
        page.results().iter().map(|found| found["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["kodomo", "kodomo-seisaku"]);
    assert_eq!(names("&valid_in=2022").await, ["kodomo"]);
    assert_eq!(names("&valid_in=2023").await, ["kodomo-seisaku"]);

    old["successor"] = json!("kodomo");
    let itself = server.put("/departments/132284/kodomo").token(&token).if_match("*").json(&old).expect(422).await;
    assert_eq!((itself.code(), &itself.json["errors"][0]["pointer"]), ("request.invalid", &json!("/successor")));
    old["successor"] = json!("子ども");
    old["fiscal_year_from"] = json!(2023);
    old["name"] = json!("");
    let all = server.put("/departments/132284/kodomo").token(&token).if_match("*").json(&old).expect(422).await;
    let pointers: Vec<_> = all.json["errors"].as_array().unwrap().iter().map(|found| &found["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/successor", "/fiscal_year_to"]);
}

#[actix_web::test]
async fn the_list_is_in_order_of_municipality_and_code() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284", "132012"]);
    for key in ["132284/b", "132012/c", "132284/A", "132284/a.1", "132012/10"] {
        server.put(&format!("/departments/{key}")).token(&token).create().json(&department("課")).expect(201).await;
    }
    let mut keys = Vec::new();
    let mut path = "/departments?limit=2".to_owned();
    loop {
        let page = server.get(&path).expect(200).await;
        assert!(page.results().len() <= 2);
        keys.extend(
            page.results().iter().map(|found| {
                format!("{}/{}", found["municipality"].as_str().unwrap(), found["code"].as_str().unwrap())
            }),
        );
        let Some(next) = page.json["resultset"]["next"].as_str() else { break };
        path = format!("/departments?limit=2&cursor={next}");
    }
    assert_eq!(keys, ["132012/10", "132012/c", "132284/A", "132284/a.1", "132284/b"]);
    for (query, parameter) in [("municipality=13228", "municipality"), ("valid_in=1989", "valid_in")] {
        let wrong = server.get(&format!("/departments?{query}")).expect(400).await;
        assert_eq!((wrong.code(), &wrong.json["errors"][0]["pointer"]), ("request.parameter", &json!(parameter)));
    }
}
