use super::{create, findings, program, with_plan};
use crate::plans::plan;
use serde_json::json;

#[actix_web::test]
async fn the_list_is_in_order_of_plan_and_position() {
    let (server, token) = with_plan("adopted", "plan").await;
    server.put("/plans/132284-zoku").token(&token).create().json(&plan("adopted")).expect(201).await;
    for (key, position) in [
        ("132284-zoku/1", 0),
        ("132284-kodomo-2020/10", 5),
        ("132284-kodomo-2020/9", 5),
        ("132284-kodomo-2020/a", 1),
        ("132284-kodomo-2020/B", 5),
    ] {
        let body = program(position);
        server.put(&format!("/programs/{key}")).token(&token).create().json(&body).expect(201).await;
    }
    let mut keys = Vec::new();
    let mut path = "/programs?limit=2".to_owned();
    loop {
        let page = server.get(&path).expect(200).await;
        keys.extend(
            page.results().iter().map(|p| format!("{}/{}", p["plan"].as_str().unwrap(), p["code"].as_str().unwrap())),
        );
        let Some(next) = page.json["resultset"]["next"].as_str() else { break };
        path = format!("/programs?limit=2&cursor={next}");
    }
    let expected = [
        "132284-kodomo-2020/a",
        "132284-kodomo-2020/10",
        "132284-kodomo-2020/9",
        "132284-kodomo-2020/B",
        "132284-zoku/1",
    ];
    assert_eq!(keys, expected);
}

#[actix_web::test]
async fn the_list_is_filtered() {
    let (server, token) = with_plan("adopted", "plan").await;
    let bodies = [
        (
            "a",
            json!({ "position": 1, "node": "1", "priority": true, "area": "132012", "departments": [{ "department": "kenko" }, { "department": "kenko" }] }),
        ),
        (
            "b",
            json!({ "position": 2, "node": "2", "statutory_program": "after_school_care", "departments": [{ "department": "hoiku" }] }),
        ),
        ("c", json!({ "position": 3, "started_on": "2021", "ended_after": 2022 })),
        ("d", json!({ "position": 4, "started_on": "2021-04" })),
        ("e", json!({ "position": 5, "started_on": "2021-03-31" })),
        ("f", json!({ "position": 6, "started_in": 2021 })),
    ];
    for (code, body) in &bodies {
        create(&server, &token, code, body, 201).await;
    }
    server.put("/plans/132284-zoku").token(&token).create().json(&plan("adopted")).expect(201).await;
    let same = json!({ "position": 1, "departments": [{ "department": "kenko" }] });
    server.put("/programs/132284-zoku/a").token(&token).create().json(&same).expect(201).await;
    for (query, expected) in [
        ("", "abcdef"),
        ("&node=1", "a"),
        ("&statutory_program=after_school_care", "b"),
        ("&department=kenko", "a"),
        ("&department=hoiku", "b"),
        ("&department=doboku", ""),
        ("&area=132012", "a"),
        ("&priority=true", "a"),
        ("&priority=false", "bcdef"),
        ("&fiscal_year=2019", "ab"),
        ("&fiscal_year=2020", "abce"),
        ("&fiscal_year=2022", "abcdef"),
        ("&fiscal_year=2023", "abdef"),
        ("&node=2&priority=true", ""),
    ] {
        let page = server.get(&format!("/programs?plan=132284-kodomo-2020{query}")).expect(200).await;
        let codes: String = page.results().iter().map(|p| p["code"].as_str().unwrap()).collect();
        assert_eq!(codes, expected, "{query}");
    }
    let long = format!("statutory_program={}", "a".repeat(61));
    for (query, parameter) in [
        ("department=kenko", "department"),
        ("node=1", "node"),
        ("plan=kodomo", "plan"),
        ("area=13201", "area"),
        ("fiscal_year=2061", "fiscal_year"),
        ("plan=132284-zoku&node=%E3%81%82", "node"),
        (long.as_str(), "statutory_program"),
    ] {
        let wrong = server.get(&format!("/programs?{query}")).expect(400).await;
        assert_eq!(findings(&wrong), [("request.parameter", parameter)]);
    }
    server.get("/programs?priority=yes").expect(400).await;
}

#[actix_web::test]
async fn the_list_is_pulled_by_owner_prefecture_and_indicator() {
    let (server, token) = with_plan("adopted", "plan").await;
    let indicator =
        json!({ "name": "参加者", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
    server.put("/indicators/132284/joined").token(&token).create().json(&indicator).expect(201).await;
    let form = json!([{ "owner": "132284", "indicator": "joined", "target_required": true, "result_required": true }]);
    create(&server, &token, "a", &json!({ "position": 1, "indicators": form }), 201).await;
    create(&server, &token, "b", &program(2), 201).await;
    for (filter, codes) in [
        ("prefecture=130001", vec!["a", "b"]),
        ("prefecture=141003", vec![]),
        ("municipality=132284", vec!["a", "b"]),
        ("municipality=130001", vec![]),
        ("indicator=132284/joined", vec!["a"]),
    ] {
        let list = server.get(&format!("/programs?{filter}")).expect(200).await;
        let found: Vec<_> = list.results().iter().map(|program| program["code"].as_str().unwrap()).collect();
        assert_eq!(found, codes, "{filter}");
    }
    server.get("/programs?indicator=joined").expect(400).await;
}
