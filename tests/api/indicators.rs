use crate::harness::{Answer, Server};
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const INDICATOR: &str = "/indicators/132284/participants";

fn indicator(kind: &str, unit: Value, aggregation: &str) -> Value {
    json!({ "name": "講座の参加者数", "kind": kind, "unit": unit, "aggregation": aggregation, "temporality": "period_total" })
}

fn participants() -> Value {
    indicator("count", json!("名"), "sum")
}

/// (pointer, code) of every finding, in order.
fn findings(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    answer.json["errors"].as_array().unwrap().iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect()
}

fn invalid(pointers: &[&str]) -> Vec<(String, String)> {
    pointers.iter().map(|pointer| ((*pointer).to_owned(), "request.invalid".to_owned())).collect()
}

#[actix_web::test]
async fn an_indicator_is_created_read_replaced_and_deleted() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    let created = server.put(INDICATOR).token(&token).create().json(&participants()).expect(201).await;
    assert_eq!((created.etag(), created.header("hagukumi-outcome")), ("\"v1\"", "created"));
    let expected = json!({
        "owner": "132284", "code": "participants", "name": "講座の参加者数", "kind": "count", "unit": "名",
        "count_basis": "unstated", "direction": "neutral", "aggregation": "sum", "temporality": "period_total",
        "decimals": 0, "dimensions": [], "sensitive": false, "common_indicator": null,
    });
    assert_eq!(created.json, expected);
    let read = server.get(INDICATOR).expect(200).await;
    assert_eq!((&read.json, read.etag(), read.header("cache-control")), (&expected, "\"v1\"", "no-cache"));
    server.get(INDICATOR).header("if-none-match", "\"v1\"").expect(304).await;

    // With its defaults written out it is the same; 名 and 人 are not, because the printed form is kept.
    let mut again = expected.clone();
    for key in ["owner", "code"] {
        again.as_object_mut().unwrap().remove(key);
    }
    let same = server.put(INDICATOR).token(&token).if_match("\"v9\"").json(&again).expect(200).await;
    assert_eq!((same.header("hagukumi-outcome"), same.etag()), ("unchanged", "\"v1\""));

    again["unit"] = json!("人");
    again["count_basis"] = json!("cumulative");
    again["direction"] = json!("more_is_better");
    again["decimals"] = json!(6);
    again["sensitive"] = json!(true);
    again["dimensions"] = json!([{ "code": "sex", "label": "性別" }, { "code": "age", "label": "年齢" }]);
    let stale = server.put(INDICATOR).token(&token).if_match("\"v2\"").json(&again).expect(412).await;
    assert_eq!((stale.code(), stale.etag()), ("request.version_conflict", "\"v1\""));
    let replaced = server.put(INDICATOR).token(&token).if_match("\"v1\"").json(&again).expect(200).await;
    assert_eq!((replaced.etag(), replaced.header("hagukumi-outcome")), ("\"v2\"", "updated"));
    let read = server.get(INDICATOR).expect(200).await;
    assert_eq!(read.json, replaced.json);
    assert_eq!((&read.json["dimensions"], &read.json["unit"]), (&again["dimensions"], &json!("人")));

    server.delete(INDICATOR).token(&token).expect(428).await;
    server.delete(INDICATOR).token(&token).if_match("\"v1\"").expect(412).await;
    server.delete(INDICATOR).token(&token).if_match("\"v2\"").expect(204).await;
    assert_eq!(server.get(INDICATOR).expect(404).await.code(), "resource.not_found");
    assert_eq!(server.count("select count(*) from journal where resource = 'indicator'").await, 3);
    assert_eq!(server.count("select count(*) from changes where resource = 'indicator'").await, 3);
}

#[actix_web::test]
async fn kind_unit_and_aggregation_fit_together() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    let url = format!("{INDICATOR}?dry_run=true");
    let put = |body: Value| server.put(&url).token(&token).create().json(&body).send();
    for (kind, allowed) in [
        ("count", &["sum", "min", "max", "none"][..]),
        ("amount", &["sum", "min", "max", "none"]),
        ("rate", &["weighted_mean", "min", "max", "none"]),
        ("frequency", &["min", "max", "none"]),
        ("text", &["none"]),
        ("boolean", &["none"]),
    ] {
        for aggregation in ["sum", "weighted_mean", "min", "max", "none"] {
            let answer = put(indicator(kind, json!("人"), aggregation)).await;
            if allowed.contains(&aggregation) {
                assert_eq!(answer.status, 201, "{kind} {aggregation}: {answer:#?}");
            } else {
                assert_eq!(
                    (answer.status, findings(&answer)),
                    (422, invalid(&["/aggregation"])),
                    "{kind} {aggregation}"
                );
            }
        }
        for unit in [Value::Null, json!(" 　")] {
            let answer = put(indicator(kind, unit, "none")).await;
            if matches!(kind, "text" | "boolean") {
                assert_eq!(answer.status, 201, "{kind}: {answer:#?}");
            } else {
                assert_eq!((answer.status, findings(&answer)), (422, invalid(&["/unit"])), "{kind}");
            }
        }
    }
}

#[actix_web::test]
async fn every_finding_of_an_indicator_is_told_at_once() {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    let put = |body: Value| server.put(INDICATOR).token(&token).create().json(&body);
    let body = json!({
        "name": "", "kind": "text", "aggregation": "sum", "temporality": "period_total", "decimals": 7,
        "dimensions": [{ "code": "年齢", "label": "年齢" }, { "code": "a", "label": "" }, { "code": "a", "label": "A" }],
        "common_indicator": "x y",
    });
    let refused = put(body).expect(422).await;
    let mut told = findings(&refused);
    told.sort();
    assert_eq!(
        told,
        invalid(&[
            "/aggregation",
            "/common_indicator",
            "/decimals",
            "/dimensions/0/code",
            "/dimensions/1/label",
            "/dimensions/2/code",
            "/name",
        ])
    );
    let mut eleven = participants();
    eleven["dimensions"] = (0..11).map(|n| json!({ "code": n.to_string(), "label": "軸" })).collect();
    assert_eq!(findings(&put(eleven).expect(422).await), invalid(&["/dimensions"]));
    let mut unknown = participants();
    unknown["kind"] = json!("number");
    assert_eq!(findings(&put(unknown).expect(422).await), invalid(&["/kind"]));
    let mut nowhere = participants();
    nowhere["common_indicator"] = json!("participants");
    let nowhere = put(nowhere).expect(422).await;
    assert_eq!(findings(&nowhere), [("/common_indicator".to_owned(), "indicator.unknown".to_owned())]);
}

#[actix_web::test]
async fn the_administrator_writes_the_common_indicators_and_owners_their_own() {
    let server = Server::start().await;
    let nation = server.token(&[Role::Administrator], &[]);
    let approver = server.token(&[Role::MunicipalApprover], &["132284"]);
    let common = "/indicators/000000/participants";
    server.put(common).create().json(&participants()).expect(401).await;
    for (role, body) in [
        (Role::MunicipalApprover, "132012"),
        (Role::PrefectureEditor, "130001"),
        (Role::MunicipalEditor, "132284"),
        (Role::Administrator, "132284"),
    ] {
        let stranger = server.token(&[role], &[body]);
        let put = server.put(INDICATOR).token(&stranger).create().json(&participants()).expect(403).await;
        assert_eq!(put.code(), "request.forbidden");
        server.delete(INDICATOR).token(&stranger).if_match("*").expect(403).await;
    }
    for who in [&approver, &server.token(&[Role::PrefectureEditor], &["130001"])] {
        let put = server.put(common).token(who).create().json(&participants()).send().await;
        assert!(matches!(put.status, 403 | 404), "{put:#?}");
    }
    let created = server.put(common).token(&nation).create().json(&participants()).expect(201).await;
    assert_eq!(created.json["owner"], "000000");
    let mut feeding = participants();
    feeding["common_indicator"] = json!("participants");
    let circle = server.put(common).token(&nation).if_match("\"v1\"").json(&feeding).expect(422).await;
    assert_eq!(findings(&circle), invalid(&["/common_indicator"]));
    server.put(INDICATOR).token(&approver).create().json(&feeding).expect(201).await;
    let used = server.delete(common).token(&nation).if_match("\"v1\"").expect(409).await;
    assert_eq!(used.code(), "resource.in_use");
    server.delete(INDICATOR).token(&approver).if_match("*").expect(204).await;
    server.delete(common).token(&nation).if_match("\"v1\"").expect(204).await;
    assert_eq!(server.count("select count(*) from changes where prefecture is null").await, 2);

    // A right check digit, but no such municipality.
    let nobody = server.token(&[Role::MunicipalApprover], &["132306"]);
    let put = server.put("/indicators/132306/a").token(&nobody).create().json(&participants()).expect(422).await;
    assert_eq!(findings(&put), [("/owner".to_owned(), "municipality.unknown".to_owned())]);
}

#[actix_web::test]
async fn indicators_are_listed_by_owner_and_code() {
    let server = Server::start().await;
    let nation = server.token(&[Role::Administrator], &[]);
    let approver = server.token(&[Role::MunicipalApprover], &["132284"]);
    let editor = server.token(&[Role::PrefectureEditor], &["130001"]);
    let rate = indicator("rate", json!("％"), "weighted_mean");
    let mut feeding = participants();
    feeding["common_indicator"] = json!("b");
    for (url, token, body) in [
        ("132284/a", &approver, &feeding),
        ("132284/B", &approver, &rate),
        ("130001/z", &editor, &feeding),
        ("000000/b", &nation, &participants()),
        ("000000/y", &nation, &rate),
    ]
    .into_iter()
    .rev()
    {
        server.put(&format!("/indicators/{url}")).token(token).create().json(body).expect(201).await;
    }
    let all = async |filter: &str| -> Vec<String> {
        let mut found = Vec::new();
        let mut path = format!("/indicators?limit=2{filter}");
        loop {
            let page = server.get(&path).expect(200).await;
            assert!(page.results().len() <= 2);
            found.extend(
                page.results()
                    .iter()
                    .map(|i| format!("{}/{}", i["owner"].as_str().unwrap(), i["code"].as_str().unwrap())),
            );
            let Some(next) = page.json["resultset"]["next"].as_str() else { return found };
            path = format!("/indicators?limit=2{filter}&cursor={next}");
        }
    };
    assert_eq!(all("").await, ["000000/b", "000000/y", "130001/z", "132284/B", "132284/a"]);
    assert_eq!(all("&owner=000000").await, ["000000/b", "000000/y"]);
    assert_eq!(all("&kind=rate").await, ["000000/y", "132284/B"]);
    assert_eq!(all("&common_indicator=b").await, ["130001/z", "132284/a"]);
    assert_eq!(all("&common_indicator=b&owner=132284").await, ["132284/a"]);
    for wrong in ["owner=13228", "kind=number", "common_indicator=%20", "view=working", "owners=132284"] {
        let refused = server.get(&format!("/indicators?{wrong}")).expect(400).await;
        assert!(refused.code().starts_with("request."), "{wrong}: {refused:#?}");
    }
}

#[actix_web::test]
async fn units_are_listed_with_their_spellings() {
    let server = Server::start().await;
    let whole = server.get("/units").expect(200).await;
    let unit = |name: &str| whole.results().iter().find(|unit| unit["name"] == name).unwrap().clone();
    assert_eq!(unit("人")["spellings"], json!(["名"]));
    for spelling in ["箇所", "ヶ所", "カ所", "個所"] {
        assert!(unit("か所")["spellings"].as_array().unwrap().contains(&json!(spelling)), "{spelling}");
    }
    assert!(whole.json["resultset"]["next"].is_null());
    let mut paged = Vec::new();
    let mut path = "/units?limit=7".to_owned();
    loop {
        let page = server.get(&path).expect(200).await;
        paged.extend(page.results().clone());
        let Some(next) = page.json["resultset"]["next"].as_str() else { break };
        path = format!("/units?limit=7&cursor={next}");
    }
    assert_eq!(&paged, whole.results());
    assert_eq!(server.get("/units?name=x").expect(400).await.code(), "request.unknown_parameter");
}
