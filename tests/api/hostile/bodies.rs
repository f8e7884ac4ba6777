use super::refused;
use crate::given::{create, kpi_plan, token_of};
use crate::harness::{Call, Server};
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi";

/// Every resource that takes a body: its address, who writes it, and the least that it takes.
fn resources(server: &Server) -> Vec<(&'static str, String, Value)> {
    let (tokyo, akiruno) = (token_of(server, "130001"), token_of(server, "132284"));
    let administrator = server.token(&[Role::Administrator], &[]);
    let city = json!({ "name": "見本市", "kana": "ミホンシ", "kind": "city", "prefecture": "130001" });
    let plan = json!({
        "title": "見本", "kind": "other", "fiscal_year_from": 2024, "fiscal_year_to": 2024, "status": "draft", "numbering": "plan",
    });
    let indicator =
        json!({ "name": "人数", "kind": "count", "unit": "名", "aggregation": "sum", "temporality": "period_total" });
    let round = json!({ "title": "実績調査", "covers": [{ "part": "results", "period": "2024" }] });
    let record = json!({ "texts": { "text": "一回" }, "values": [] });
    vec![
        ("/municipalities/132284", administrator, city),
        ("/plans/130001-new", tokyo.clone(), plan),
        ("/plans/130001-kpi/reporters/132292", tokyo.clone(), json!({ "note": null })),
        ("/nodes/130001-kpi/a", tokyo.clone(), json!({ "kind": "policy", "title": "充実", "position": 1 })),
        ("/programs/130001-kpi/2", tokyo.clone(), json!({ "name": "研修", "position": 2 })),
        ("/indicators/132284/people", akiruno.clone(), indicator),
        (
            "/evaluation_schemes/132284/a/2024",
            akiruno.clone(),
            json!({ "title": "達成度", "levels": [{ "code": "1", "label": "上" }] }),
        ),
        ("/departments/132284/hoiku", akiruno.clone(), json!({ "name": "保育課" })),
        ("/rounds/130001-kpi/2024-results", tokyo, round),
        ("/targets/130001-kpi/1/132284/2024", akiruno.clone(), record.clone()),
        ("/results/130001-kpi/1/132284/2024", akiruno.clone(), record.clone()),
        (
            "/targets/130001-kpi/1/132284/2024/amendments/1",
            akiruno.clone(),
            json!({ "reason": "減額", "texts": { "text": "二回" } }),
        ),
        ("/reports/130001-kpi/132284/2024-targets", akiruno.clone(), json!({ "note": null })),
        (
            "/reports/130001-kpi/132284/2024-targets/transitions",
            akiruno,
            json!({ "to": "submitted", "person": "担当A" }),
        ),
    ]
}

fn write(server: &Server, path: &str, token: &str, body: &[u8]) -> Call {
    if path.ends_with("/transitions") {
        return server.post(path).token(token).header("idempotency-key", "hostile").body(body);
    }
    server.put(path).token(token).header("if-match", "*").body(body)
}

/// What no body is, made from one that is. (what, body)
fn damaged(good: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let text = good.to_string();
    let rest = text[1..].to_owned();
    let (first, _) = good.as_object().unwrap().iter().next().unwrap();
    let deep = |open: &str, close: &str| {
        format!("{{\"unknown\":{}{},{rest}", open.repeat(100_000), close.repeat(100_000)).into_bytes()
    };
    let before = |more: &str| format!("{{{more},{rest}").into_bytes();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut cut = text.clone().into_bytes();
    cut.pop();
    vec![
        ("nothing", Vec::new()),
        ("blanks", b"  \n\t ".to_vec()),
        ("null", b"null".to_vec()),
        ("an array", b"[]".to_vec()),
        ("an array around", format!("[{text}]").into_bytes()),
        ("a text", b"\"{}\"".to_vec()),
        ("a number", b"1e999".to_vec()),
        ("cut off", cut),
        ("two of them", format!("{text}{text}").into_bytes()),
        ("something behind", format!("{text} x").into_bytes()),
        ("a comma too much", format!("{},}}", &text[..text.len() - 1]).into_bytes()),
        ("a comment", format!("/* */{text}").into_bytes()),
        ("single quotes", text.replace('"', "'").into_bytes()),
        ("a byte order mark", format!("\u{feff}{text}").into_bytes()),
        ("UTF-16", utf16),
        ("no UTF-8", before("\"note\":\"\u{0}\"").iter().map(|b| if *b == 0 { 0xff } else { *b }).collect()),
        ("a raw NUL", before("\"note\":\"\u{0}\"")),
        ("an escaped NUL", before("\"note\":\"\\u0000\"")),
        ("a NUL in a name", before("\"\\u0000\":1")),
        ("a lone surrogate", before("\"note\":\"\\ud800\"")),
        ("surrogates the wrong way round", before("\"note\":\"\\udc00\\ud800\"")),
        ("a lone surrogate in a name", before("\"\\ud83d\":1")),
        ("a field twice", before(&format!("\"{first}\":null"))),
        ("an unknown field", before("\"unknwon\":1")),
        ("a prototype", before("\"__proto__\":{\"admin\":true}")),
        ("an empty name", before("\"\":1")),
        ("a very long name", before(&format!("\"{}\":1", "x".repeat(5000)))),
        ("deep arrays", deep("[", "]")),
        ("deep objects", deep("{\"a\":", "1}")),
        ("NaN", before("\"unknown\":NaN")),
        ("Infinity", before("\"unknown\":-Infinity")),
        ("hexadecimal", before("\"unknown\":0x10")),
    ]
}

#[actix_web::test]
async fn no_damaged_body_gets_anywhere() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["132284"]).await;
    create(
        &server,
        &token_of(&server, "132284"),
        "/targets/130001-kpi/1/132284/2024",
        &json!({ "texts": { "text": "零回" } }),
    )
    .await;
    let rows = server.count("select count(*) from journal").await;
    let mut tried = 0;
    for (path, token, good) in resources(&server) {
        for (what, body) in damaged(&good) {
            let answer = refused(&format!("{path}: {what}"), || write(&server, path, &token, &body)).await;
            assert!([400, 422].contains(&answer.status), "{path}: {what}: {answer:#?}");
            tried += 1;
        }
    }
    assert!(tried >= 400, "{tried}");
    assert_eq!(server.count("select count(*) from journal").await, rows);
}

/// Arrays and scalars where objects belong, objects where lists belong, at every place of a whole body.
#[actix_web::test]
async fn no_place_takes_another_shape() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["132284"]).await;
    let mut others = Vec::new();
    for (path, token, good) in resources(&server) {
        for name in good.as_object().unwrap().keys().filter(|name| !good[name.as_str()].is_null()) {
            for other in [json!([[]]), json!({ "a": { "b": 1 } }), json!([1, null]), json!(true), json!(1.5)] {
                let mut bad = good.clone();
                bad[name] = other;
                let answer =
                    refused(&format!("{path} {bad}"), || write(&server, path, &token, bad.to_string().as_bytes()))
                        .await;
                let pointer = answer.json["errors"][0]["pointer"].as_str().unwrap_or_default();
                if !pointer.starts_with(&format!("/{name}")) {
                    others.push(format!("{path} {bad}: {} at {pointer}", answer.code()));
                }
            }
        }
    }
    assert!(others.is_empty(), "{others:#?}");
}

/// The figures of a record: (the JSON of `values`, code where one alone is to be expected, pointer).
#[actix_web::test]
async fn a_hostile_figure_is_refused_at_its_place() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["132284"]).await;
    let token = token_of(&server, "132284");
    let mut others = Vec::new();
    let (invalid, digits, unknown) = ("request.invalid", "number.digits", "request.unknown_field");
    for (values, code, pointer) in [
        (r#"[{"value":NaN}]"#, invalid, "/values/0/value"),
        (r#"[{"value":-Infinity}]"#, invalid, "/values/0/value"),
        (r#"[{"value":1e999}]"#, digits, "/values/0/value"),
        (r#"[{"value":-1e999}]"#, digits, "/values/0/value"),
        (r#"[{"value":1e99999999999999999999}]"#, digits, "/values/0/value"),
        (r#"[{"value":1e-99999999999999999999}]"#, digits, "/values/0/value"),
        (r#"[{"value":1234567890123456}]"#, digits, "/values/0/value"),
        (r#"[{"value":0.1234567}]"#, digits, "/values/0/value"),
        (r#"[{"value":999999999999999999999999999999}]"#, digits, "/values/0/value"),
        (r#"[{"value":"12"}]"#, invalid, "/values/0/value"),
        (r#"[{"value":true}]"#, invalid, "/values/0/value"),
        (r#"[{"value":[1]}]"#, invalid, "/values/0/value"),
        (r#"[{"value":{}}]"#, invalid, "/values/0/value"),
        (r#"[{"value":01}]"#, "request.malformed", ""),
        (r#"[{"value":+1}]"#, "request.malformed", ""),
        (r#"[{"value":.5}]"#, "request.malformed", ""),
        (r#"[{"value":5.}]"#, "request.malformed", ""),
        (r#"[{"value":１２}]"#, "request.malformed", ""),
        (r#"[{"valu":1}]"#, unknown, "/values/0/valu"),
        (r#"[{"value":1,"value":2}]"#, invalid, "/values/0/value"),
        (r#"[["a","main"]]"#, invalid, "/values/0"),
        (r#"[1]"#, invalid, "/values/0"),
        (r#"[null]"#, invalid, "/values/0"),
        (r#"{"0":{"value":1}}"#, invalid, "/values"),
        (r#"[{"value":1,"indicator":["132284","people"]}]"#, invalid, "/values/0/indicator"),
        (r#"[{"value":1,"indicator":{"owner":"132284"}}]"#, invalid, "/values/0/indicator"),
        (
            r#"[{"value":1,"indicator":{"owner":"132284","indicator":"people","x":1}}]"#,
            unknown,
            "/values/0/indicator/x",
        ),
        (r#"[{"value":1,"same_figure_as":["2",1]}]"#, invalid, "/values/0/same_figure_as"),
        (r#"[{"value":1,"whole":99999999999}]"#, invalid, "/values/0/whole"),
        (r#"[{"value":1,"whole":-1}]"#, "", "/values/0/whole"),
        (r#"[{"value":1,"role":"main role"}]"#, invalid, "/values/0/role"),
        (r#"[{"value":1,"comparator":""}]"#, invalid, "/values/0/comparator"),
        (r#"[{"value":1,"period":"2024-13"}]"#, "", "/values/0/period"),
        (r#"[{"value":1,"period":"99999999999999999999"}]"#, "", "/values/0/period"),
        (r#"[{"value":1,"measured_on":"2024-02-30"}]"#, "", "/values/0/measured_on"),
        (r#"[{"value":1,"measured_on":"-99999-01-01"}]"#, "", "/values/0/measured_on"),
        (r#"[{"value":1,"measured_on":20240401}]"#, invalid, "/values/0/measured_on"),
        (r#"[{"value":1,"breakdown":{"a":{"b":"c"}}}]"#, invalid, "/values/0/breakdown/a"),
        (r#"[{"value":1,"breakdown":{"a":"b","a":"c"}}]"#, invalid, "/values/0/breakdown/a"),
        (r#"[{"value":1,"breakdown":[["a","b"]]}]"#, invalid, "/values/0/breakdown"),
        (r#"[{"value":1,"text":"\ud800"}]"#, invalid, "/values/0/text"),
    ] {
        let whole = values
            .replace("\"value\":1,", "\"item\":\"a\",\"label\":\"a\",\"source\":\"一回\",\"unit\":\"回\",\"value\":1,");
        let body = format!("{{\"texts\":{{\"text\":\"一回\"}},\"values\":{whole}}}");
        let path = "/results/130001-kpi/1/132284/2024";
        let answer = refused(values, || server.put(path).token(&token).create().body(body.as_bytes())).await;
        let place = answer.json["errors"][0]["pointer"].as_str().unwrap_or_default();
        if place != pointer || (!code.is_empty() && answer.code() != code) {
            others.push(format!("{values}: {} at {place}", answer.code()));
        }
    }
    assert!(others.is_empty(), "{others:#?}");
    assert_eq!(server.count("select count(*) from records").await, 0);
}

/// Maps have an end in number and in the length of their names, lists in number.
#[actix_web::test]
async fn nothing_grows_without_end() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["132284"]).await;
    let token = token_of(&server, "132284");
    let many = |count: usize, name: usize| -> Value {
        (0..count).map(|n| (format!("{n:0>name$}"), json!("x"))).collect::<serde_json::Map<_, _>>().into()
    };
    let value =
        |breakdown: Value| json!({ "texts": { "text": "一回" }, "values": [{ "value": 1, "breakdown": breakdown }] });
    for (what, body) in [
        ("texts", json!({ "texts": many(1000, 4) })),
        ("names of texts", json!({ "texts": many(1, 5000) })),
        ("a text", json!({ "texts": { "text": "長".repeat(200_000) } })),
        ("breakdowns", value(many(1000, 4))),
        ("names of a breakdown", value(many(1, 5000))),
        ("values", json!({ "texts": { "text": "一回" }, "values": vec![json!({ "value": 1 }); 5000] })),
        (
            "evaluations",
            json!({ "texts": { "text": "一回" }, "evaluations": vec![json!({ "owner": "132284", "scheme": "a", "fiscal_year": 2024, "level": "1" }); 5000] }),
        ),
        ("a note", json!({ "texts": { "text": "一回" }, "note": "長".repeat(200_000) })),
    ] {
        let path = "/results/130001-kpi/1/132284/2024";
        let answer = refused(what, || server.put(path).token(&token).create().json(&body)).await;
        assert_eq!(answer.status, 422, "{what}: {answer:#?}");
        assert!(answer.text.len() < 500_000, "{what}: an answer of {} bytes", answer.text.len());
    }
    let tokyo = token_of(&server, "130001");
    for (what, body) in [
        ("printed", json!({ "name": "研修", "position": 2, "printed": many(1000, 4) })),
        ("names of printed", json!({ "name": "研修", "position": 2, "printed": many(1, 5000) })),
        (
            "departments",
            json!({ "name": "研修", "position": 2, "departments": vec![json!({ "role": "main", "printed_text": "x" }); 5000] }),
        ),
    ] {
        let answer = refused(what, || server.put("/programs/130001-kpi/2").token(&tokyo).create().json(&body)).await;
        assert_eq!(answer.status, 422, "{what}: {answer:#?}");
    }
}
