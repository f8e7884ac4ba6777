use crate::harness::Server;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const SCHEME: &str = "/evaluation_schemes/132284/achievement/2020";

fn approver(server: &Server) -> String {
    server.token(&[Role::MunicipalApprover], &["132284"])
}

fn scheme(levels: Value) -> Value {
    json!({ "title": "達成度", "levels": levels })
}

/// Four levels, thresholds in percent of the target, the lowest asks for a reason.
fn four() -> Value {
    scheme(json!([
        { "code": "1", "label": "目標を上回る", "rank": 1, "lower_bound": 100, "lower_inclusive": false },
        { "code": "2", "label": "目標どおり", "rank": 2, "lower_bound": 95.70, "lower_inclusive": true, "upper_bound": 1e2, "upper_inclusive": true },
        { "code": "3", "label": "やや下回る", "rank": 3, "upper_bound": 95.7, "upper_inclusive": false },
        { "code": "4", "definition": "lost", "basis": "凡例が残っていない", "reason_required": true },
    ]))
}

#[actix_web::test]
async fn a_scheme_is_created_read_replaced_and_deleted() {
    let server = Server::start().await;
    let token = approver(&server);
    let created = server.put(SCHEME).token(&token).create().json(&four()).expect(201).await;
    assert_eq!((created.etag(), created.header("hagukumi-outcome")), ("\"v1\"", "created"));
    let read = server.get(SCHEME).expect(200).await;
    assert_eq!(read.json, created.json);
    let level = |code: &str,
                 label: Value,
                 definition: &str,
                 basis: Value,
                 rank: Value,
                 bounds: [Value; 4],
                 reason: bool| {
        let [lower, lower_inclusive, upper, upper_inclusive] = bounds;
        json!({
            "code": code, "label": label, "definition": definition, "basis": basis, "rank": rank,
            "lower_bound": lower, "lower_inclusive": lower_inclusive, "upper_bound": upper, "upper_inclusive": upper_inclusive,
            "matrix_row": null, "matrix_column": null, "reason_required": reason,
        })
    };
    let none = Value::Null;
    let expected = json!({
        "owner": "132284", "code": "achievement", "fiscal_year": 2020, "fiscal_year_to": null, "title": "達成度", "legend": null,
        "levels": [
            level("1", json!("目標を上回る"), "given", none.clone(), json!(1), [json!(100), json!(false), none.clone(), none.clone()], false),
            level("2", json!("目標どおり"), "given", none.clone(), json!(2), [json!(95.7), json!(true), json!(100), json!(true)], false),
            level("3", json!("やや下回る"), "given", none.clone(), json!(3), [none.clone(), none.clone(), json!(95.7), json!(false)], false),
            level("4", none.clone(), "lost", json!("凡例が残っていない"), none.clone(), [const { Value::Null }; 4], true),
        ],
    });
    assert_eq!(read.json, expected);
    // As text: 100 is no 100.0, and 95.70 has become 95.7.
    assert!(
        read.text.contains(r#""lower_bound":95.7,"#) && read.text.contains(r#""upper_bound":100,"#),
        "{}",
        read.text
    );

    // The same again, as it was read and with everything left out that has a default: nothing is written.
    let mut again = read.json.clone();
    for key in ["owner", "code", "fiscal_year"] {
        again.as_object_mut().unwrap().remove(key);
    }
    for body in [again, four()] {
        let same = server.put(SCHEME).token(&token).create().json(&body).expect(200).await;
        assert_eq!((same.header("hagukumi-outcome"), same.etag()), ("unchanged", "\"v1\""));
    }

    // In another order, one gone, one new, one changed.
    let mut changed = four();
    changed["fiscal_year_to"] = json!(2024);
    changed["legend"] = json!("１が最もよい");
    let levels = changed["levels"].as_array_mut().unwrap();
    levels.remove(1);
    levels.swap(0, 1);
    levels[0]["label"] = json!("下回る");
    levels.push(json!({ "code": "－", "label": "評価なし" }));
    let stale = server.put(SCHEME).token(&token).if_match("\"v2\"").json(&changed).expect(412).await;
    assert_eq!((stale.code(), stale.etag()), ("request.version_conflict", "\"v1\""));
    let replaced = server.put(SCHEME).token(&token).if_match("\"v1\"").json(&changed).expect(200).await;
    assert_eq!((replaced.etag(), replaced.header("hagukumi-outcome")), ("\"v2\"", "updated"));
    let read = server.get(SCHEME).expect(200).await.json;
    assert_eq!(read, replaced.json);
    let codes: Vec<_> = read["levels"].as_array().unwrap().iter().map(|level| &level["code"]).collect();
    assert_eq!(codes, ["3", "1", "4", "－"]);
    assert_eq!((&read["levels"][0]["label"], &read["levels"][0]["upper_bound"]), (&json!("下回る"), &json!(95.7)));

    server.delete(SCHEME).token(&token).expect(428).await;
    server.delete(SCHEME).token(&token).if_match("\"v1\"").expect(412).await;
    server.delete(SCHEME).token(&token).if_match("\"v2\"").expect(204).await;
    server.get(SCHEME).expect(404).await;
    assert_eq!(server.count("select count(*) from evaluation_levels").await, 0);
    assert_eq!(server.count("select count(*) from journal where resource = 'evaluation_scheme'").await, 3);
    assert_eq!(
        server
            .count("select count(*) from changes where resource = 'evaluation_scheme' and prefecture = '130001'")
            .await,
        3
    );
}

#[actix_web::test]
async fn every_finding_of_a_scheme_is_told_at_once() {
    let server = Server::start().await;
    let token = approver(&server);
    let put = |body: &Value| server.put(SCHEME).token(&token).create().json(body);
    let levels = json!([
        { "code": "1" },
        { "code": "1", "label": "達成" },
        { "code": " 2", "label": "達成" },
        { "code": "3", "label": "達成", "definition": "presumed" },
        { "code": "4", "definition": "lost" },
        { "code": "5", "matrix_row": "上" },
        { "code": "6", "label": "達成", "lower_bound": 1 },
        { "code": "7", "label": "達成", "upper_inclusive": true },
        { "code": "8", "label": "達成", "lower_bound": 2, "lower_inclusive": true, "upper_bound": 1, "upper_inclusive": true },
        { "code": "9", "label": "達成", "lower_bound": 1, "lower_inclusive": true, "upper_bound": 1, "upper_inclusive": false },
        { "code": "123456789012345678901", "label": "達成", "rank": 0 },
    ]);
    let refused = put(&scheme(levels)).expect(422).await;
    let mut pointers: Vec<_> =
        refused.json["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/levels/0/label",
            "/levels/1/code",
            "/levels/10/code",
            "/levels/10/rank",
            "/levels/2/code",
            "/levels/3/basis",
            "/levels/4/basis",
            "/levels/5/matrix_column",
            "/levels/6/lower_inclusive",
            "/levels/7/upper_inclusive",
            "/levels/8/upper_bound",
            "/levels/9/upper_bound",
        ]
    );
    assert_eq!(put(&scheme(json!([]))).expect(422).await.json["errors"][0]["pointer"], "/levels");
    let fifty_one: Vec<Value> = (0..51).map(|n| json!({ "code": n.to_string(), "label": "達成" })).collect();
    assert_eq!(put(&scheme(json!(fifty_one))).expect(422).await.json["errors"][0]["pointer"], "/levels");
    let mut ended = four();
    ended["fiscal_year_to"] = json!(2019);
    let ended = put(&ended).expect(422).await;
    assert_eq!((ended.code(), &ended.json["errors"][0]["pointer"]), ("request.invalid", &json!("/fiscal_year_to")));
    // A single point is an interval if it is closed, and cells of a matrix need no label.
    put(&scheme(json!([
        { "code": "A", "matrix_row": "順調", "matrix_column": "変更なし" },
        { "code": "Ａ", "label": "ちょうど", "lower_bound": 1, "lower_inclusive": true, "upper_bound": 1.0, "upper_inclusive": true },
    ])))
    .expect(201)
    .await;
}

#[actix_web::test]
async fn a_number_comes_back_as_it_was_sent_or_is_refused() {
    let server = Server::start().await;
    let token = approver(&server);
    let put = |number: &str| {
        let body = format!(
            r#"{{"title": "達成度", "levels": [{{"code": "0", "label": "達成"}}, {{"code": "1", "label": "達成", "lower_inclusive": true, "lower_bound": {number}}}]}}"#
        );
        server.put(SCHEME).token(&token).if_match("*").header("accept-language", "en").body(body.as_bytes())
    };
    server.put(SCHEME).token(&token).create().json(&four()).expect(201).await;
    for (sent, answered) in [
        ("123456789012.345", "123456789012.345"),
        ("123456789.012345", "123456789.012345"),
        ("999999999999", "999999999999"),
        ("-0.000001", "-1e-6"),
        ("-0.0", "0"),
        ("1e3", "1000"),
        ("95.70", "95.7"),
        ("0.1", "0.1"),
    ] {
        put(sent).expect(200).await;
        let read = server.get(SCHEME).expect(200).await;
        assert!(read.text.contains(&format!(r#""lower_bound":{answered},"#)), "{sent}: {}", read.text);
        // A client that counts with f64 sends back the same.
        let again = put(&read.json["levels"][1]["lower_bound"].to_string()).expect(200).await;
        assert_eq!(again.header("hagukumi-outcome"), "unchanged", "{sent}");
    }
    for (sent, code, why) in [
        ("1234567890.123456", "number.digits", "15 significant digits"),
        ("0.1234567", "number.digits", "6 decimals"),
        ("1e12", "number.digits", "10^12"),
        ("1e999", "number.digits", "10^12"),
        ("-1e999", "number.digits", "10^12"),
        ("\"12\"", "request.invalid", "without quotes"),
        ("true", "request.invalid", "without quotes"),
    ] {
        let refused = put(sent).expect(422).await;
        let error = &refused.json["errors"][0];
        assert_eq!((refused.code(), &error["pointer"]), (code, &json!("/levels/1/lower_bound")), "{sent}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(why) && message.is_ascii(), "{sent}: {message}");
    }
    for sent in ["NaN", "Infinity", "-Infinity"] {
        let refused = put(sent).expect(422).await;
        let error = &refused.json["errors"][0];
        assert_eq!((refused.code(), &error["pointer"]), ("request.invalid", &json!("/levels/1/lower_bound")), "{sent}");
    }
    for sent in ["1.", "01", "Nan", "infinity"] {
        assert_eq!(put(sent).expect(400).await.code(), "request.malformed", "{sent}");
    }
}

#[actix_web::test]
async fn only_the_owner_writes() {
    let server = Server::start().await;
    server.put(SCHEME).create().json(&four()).expect(401).await;
    for (role, body) in [
        (Role::MunicipalApprover, "132012"),
        (Role::PrefectureEditor, "130001"),
        (Role::MunicipalEditor, "132284"),
        (Role::Administrator, "132284"),
    ] {
        let stranger = server.token(&[role], &[body]);
        let put = server.put(SCHEME).token(&stranger).create().json(&four()).expect(403).await;
        assert_eq!(put.code(), "request.forbidden");
        server.delete(SCHEME).token(&stranger).if_match("*").expect(403).await;
    }
    let prefecture = server.token(&[Role::PrefectureEditor], &["130001"]);
    let own = "/evaluation_schemes/130001/matrix/2024";
    server.put(own).token(&prefecture).create().json(&four()).expect(201).await;
    // A right check digit, but no such municipality.
    let nobody = server.token(&[Role::MunicipalApprover], &["132306"]);
    let put = server.put("/evaluation_schemes/132306/a/2020").token(&nobody).create().json(&four()).expect(422).await;
    assert_eq!((put.code(), &put.json["errors"][0]["pointer"]), ("municipality.unknown", &json!("/owner")));
    // Schemes always belong to a body: there are no common ones.
    let nation = server.token(&[Role::Administrator], &[]);
    server.put("/evaluation_schemes/000000/a/2020").token(&nation).create().json(&four()).expect(400).await;
}

#[actix_web::test]
async fn schemes_are_listed_by_owner_code_and_year() {
    let server = Server::start().await;
    let tokens =
        [("130001", Role::PrefectureEditor), ("132012", Role::MunicipalApprover), ("132284", Role::MunicipalApprover)]
            .map(|(body, role)| (body, server.token(&[role], &[body])));
    for (owner, token) in &tokens {
        for (code, from, to) in [("b", 2020, Some(2021)), ("b", 2022, None), ("a", 2021, Some(2021))] {
            let mut body = scheme(json!([{ "code": format!("{owner}{code}{from}"), "label": "達成" }]));
            body["fiscal_year_to"] = json!(to);
            let url = format!("/evaluation_schemes/{owner}/{code}/{from}");
            server.put(&url).token(token).create().json(&body).expect(201).await;
        }
    }
    let all = async |filter: &str| -> Vec<String> {
        let mut found = Vec::new();
        let mut path = format!("/evaluation_schemes?limit=2{filter}");
        loop {
            let page = server.get(&path).expect(200).await;
            assert!(page.results().len() <= 2);
            for scheme in page.results() {
                let text = |field: &str| scheme[field].as_str().unwrap();
                let level = format!("{}{}{}", text("owner"), text("code"), scheme["fiscal_year"]);
                assert_eq!(scheme["levels"][0]["code"], level);
                assert_eq!(scheme["levels"].as_array().unwrap().len(), 1);
                found.push(level);
            }
            let Some(next) = page.json["resultset"]["next"].as_str() else { return found };
            path = format!("/evaluation_schemes?limit=2{filter}&cursor={next}");
        }
    };
    let owners = ["130001", "132012", "132284"];
    let expected: Vec<String> =
        owners.iter().flat_map(|owner| ["a2021", "b2020", "b2022"].map(|rest| format!("{owner}{rest}"))).collect();
    assert_eq!(all("").await, expected);
    assert_eq!(all("&owner=132012").await, ["132012a2021", "132012b2020", "132012b2022"]);
    assert_eq!(all("&valid_in=2021&owner=132284").await, ["132284a2021", "132284b2020"]);
    assert_eq!(all("&valid_in=2030&scheme=b").await, ["130001b2022", "132012b2022", "132284b2022"]);
    assert!(all("&valid_in=2019").await.is_empty());
    for wrong in ["owner=13228", "owner=000000", "valid_in=R6", "valid_in=1900", "scheme=%20", "valid_on=2024"] {
        let refused = server.get(&format!("/evaluation_schemes?{wrong}")).expect(400).await;
        assert!(refused.code().starts_with("request."), "{wrong}: {refused:#?}");
    }
}
