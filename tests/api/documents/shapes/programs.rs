//! Programs as sheets number, name and assign them.

use super::super::equal::assert_sent;
use super::{CITY, PLAN, Sample};
use crate::given::{plan_body, text};
use serde_json::{Value, json};

#[actix_web::test]
async fn numbers_begin_anew_in_each_category() {
    let mut plan = plan_body("見本の計画", 2010, 2024);
    plan["numbering"] = json!("node");
    let sample = Sample::with_plan(plan).await;
    let node = |kind: &str, title: &str, parent: Value, position: i64| json!({ "kind": kind, "number_label": format!("({position})"), "title": title, "parent": parent, "position": position });
    let nodes = [
        ("3", node("category", "学び", Value::Null, 3)),
        ("3.1", node("section", "研修", json!("3"), 31)),
        ("3.2", node("section", "手引き", json!("3"), 32)),
    ];
    for (code, body) in nodes {
        sample.holds(&format!("/nodes/{PLAN}/{code}"), body).await;
    }
    let initiative =
        |node: &str, number: &str, position: i64| json!({ "number_label": number, "node": node, "position": position });
    let initiatives = [
        ("3.1-1", initiative("3.1", "①", 311)),
        ("3.1-2", initiative("3.1", "②", 312)),
        ("3.2-1", initiative("3.2", "①", 321)),
    ];
    for (code, body) in &initiatives {
        sample.program(code, body.clone()).await;
    }
    let twice = sample.refused(&format!("/programs/{PLAN}/x"), initiative("3.1", "①", 313)).await;
    assert_eq!(twice, (409, "program.number_taken".into()));
    let listed = sample.walk(&format!("/programs?plan={PLAN}&limit=2")).await;
    assert_eq!(listed.len(), 4);
    for ((_, sent), read) in initiatives.iter().zip(&listed[1..]) {
        assert_sent(sent, read);
    }
}

#[actix_web::test]
async fn a_program_may_have_a_number_only_and_blank_cells() {
    let sample = Sample::new().await;
    // 対象 is blank: as above.
    let program = json!({ "number_label": "⑤", "position": 5, "printed": { "occupation": "", "departments": "" } });
    let read = sample.holds(&format!("/programs/{PLAN}/5"), program).await;
    assert_eq!((&read["name"], &read["printed"]["occupation"]), (&Value::Null, &json!("")));
    let path = format!("/results/{PLAN}/5/{CITY}/2023-H1");
    sample.put(&path, text("・周知した。")).await;
    sample.publish("2023-H1-results").await;
    let read = sample.read(&path).await;
    assert_sent(&text("・周知した。"), &read);
    assert_eq!((&read["program_number"], &read["program_name"]), (&json!("⑤"), &Value::Null));
}

#[actix_web::test]
async fn four_departments_stand_in_printed_order() {
    let sample = Sample::new().await;
    for (code, name) in [("z", "道路課"), ("a", "建築課"), ("m", "管理課")] {
        sample.holds(&format!("/departments/{CITY}/{code}"), json!({ "name": name, "bureau": "まち部" })).await;
    }
    let program = json!({
        "position": 2, "printed": { "departments": "道路課\n建築課　管理課\n施設をもつ\n課" },
        "departments": [
            { "department": "z", "role": "lead", "printed_text": "道路\n課" }, { "department": "a" },
            { "department": "m" }, { "printed_text": "施設をもつ\n課" },
        ],
    });
    let read = sample.holds(&format!("/programs/{PLAN}/2"), program).await;
    assert_eq!(read["departments"].as_array().unwrap().len(), 4);
    let of_one = sample.walk(&format!("/programs?plan={PLAN}&department=m")).await;
    assert_eq!(of_one.iter().map(|program| &program["code"]).collect::<Vec<_>>(), ["2"]);
}

#[actix_web::test]
async fn a_statutory_program_of_priority_knows_its_law_and_beginning() {
    let sample = Sample::new().await;
    let program = json!({
        "number_label": "26", "name": "利用者支援", "position": 26, "priority": true, "target_group": "市民",
        "statutory_program": "user_support", "legal_basis": "見本の要綱　第１条", "started_on": "2014-04-01",
        "ended_after": 2023,
    });
    sample.holds(&format!("/programs/{PLAN}/26"), program).await;
    let found = sample.walk(&format!("/programs?plan={PLAN}&statutory_program=user_support")).await;
    assert_eq!(found.len(), 1);
}
