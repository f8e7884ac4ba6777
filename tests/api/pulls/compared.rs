//! Results beside the targets they are compared with.

use super::AKIRUNO;
use crate::given::{create, kpi_plan, publish, token_of};
use crate::harness::Server;
use serde_json::{Value, json};

fn figure(item: &str, fields: Value) -> Value {
    let mut value = json!({ "item": item, "label": item, "unit": "人", "source": "本文" });
    for (name, field) in fields.as_object().unwrap() {
        value[name] = field.clone();
    }
    value
}

/// Targets of 2021, 2022 (changed twice) and 2024; results of 2020, 2021, 2022, 2023 and 2025.
async fn given() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, AKIRUNO, &[]).await;
    let token = token_of(&server, "132284");
    let indicator =
        json!({ "name": "利用者", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
    create(&server, &token, "/indicators/132284/users", &indicator).await;
    let of = json!({ "owner": "132284", "indicator": "users" });
    let covers: Vec<Value> = ["targets", "results"]
        .into_iter()
        .flat_map(|part| (2020..=2025).map(move |year| json!({ "part": part, "period": year.to_string() })))
        .chain([json!({ "part": "targets", "period": "baseline" })])
        .collect();
    create(&server, &token, &format!("/rounds/{AKIRUNO}/all"), &json!({ "covers": covers })).await;
    let records = [
        ("targets", "baseline", "", json!({ "values": [figure("a", json!({ "value": 1 }))] })),
        (
            "targets",
            "2021",
            "",
            json!({ "texts": { "text": "本文" }, "values": [figure("a", json!({ "value": 30 }))] }),
        ),
        ("targets", "2022", "", json!({ "values": [figure("a", json!({ "value": 40 }))] })),
        (
            "targets",
            "2022",
            "/amendments/1",
            json!({ "reason": "見直し", "values": [figure("a", json!({ "value": 20 }))] }),
        ),
        (
            "targets",
            "2022",
            "/amendments/2",
            json!({ "reason": "再見直し", "values": [figure("a", json!({ "value": 16 }))] }),
        ),
        (
            "targets",
            "2024",
            "",
            json!({ "values": [
            figure("a", json!({ "value": 50 })), figure("b", json!({ "value": 7, "indicator": of })),
        ] }),
        ),
        ("results", "2020", "", json!({ "values": [figure("a", json!({ "value": 3 }))] })),
        (
            "results",
            "2021",
            "",
            json!({ "values": [
            figure("a", json!({ "value": 20 })), figure("c", json!({ "value": 7, "indicator": of })),
            figure("a", json!({ "value": 4, "approximate": true })), figure("d", json!({ "value": 1 })),
        ] }),
        ),
        ("results", "2022", "", json!({ "values": [figure("a", json!({ "value": 10 }))] })),
        ("results", "2023", "", json!({ "texts": { "text": "数値なし" } })),
        (
            "results",
            "2025",
            "",
            json!({ "values": [figure("a", json!({ "value": 25 })), figure("a", json!({ "value": 9, "unit": "回" }))] }),
        ),
    ];
    for (part, period, rest, body) in records {
        create(&server, &token, &format!("/{part}/{AKIRUNO}/1/132284/{period}{rest}"), &body).await;
    }
    publish(&server, AKIRUNO, "132284", "all").await;
    server
}

#[actix_web::test]
async fn the_target_of_its_period_else_the_next_else_the_last() {
    let server = given().await;
    let all = server.get("/results?include=targets").expect(200).await;
    let found: Vec<Value> = all
        .results()
        .iter()
        .map(|result| {
            let targets: Vec<_> = result["targets"]
                .as_array()
                .unwrap()
                .iter()
                .map(|target| format!("{}/{}", target["period"].as_str().unwrap(), target["amendment"]))
                .collect();
            let pairs: Vec<_> = result["comparisons"]
                .as_array()
                .unwrap()
                .iter()
                .map(|pair| {
                    json!([
                        pair["ordinal"],
                        pair["against"],
                        pair["amendment"],
                        pair["target_ordinal"],
                        pair["percent"]
                    ])
                })
                .collect();
            json!([result["period"], targets, pairs])
        })
        .collect();
    let expected = [
        json!(["2020", ["2021/0"], [[1, "2021", 0, 1, 10]]]),
        json!([
            "2021",
            ["2021/0", "2024/0"],
            [[1, "2021", 0, 1, 66.7], [2, "2024", 0, 2, 100], [3, "2021", 0, 1, null]]
        ]),
        json!([
            "2022",
            ["2022/0", "2022/1", "2022/2"],
            [[1, "2022", 2, 1, 62.5], [1, "2022", 1, 1, 50], [1, "2022", 0, 1, 25]]
        ]),
        json!(["2023", ["2024/0"], []]),
        json!(["2025", ["2024/0"], [[1, "2024", 0, 1, 50]]]),
    ];
    assert_eq!(found, expected);
    let of_2021 = &all.results()[1]["targets"][0];
    let single = server.get(&format!("/targets/{AKIRUNO}/1/132284/2021")).expect(200).await.json;
    for field in
        ["period", "amendment", "edition", "published_at", "etag", "texts", "reason", "amended_on", "note", "values"]
    {
        assert_eq!(of_2021[field], single[field], "{field}");
    }
    // One by one, and asked for otherwise, it is the same.
    for one in all.results() {
        let period = one["period"].as_str().unwrap();
        let alone =
            server.get(&format!("/results?include=targets&period={period}&municipality=132284")).expect(200).await;
        assert_eq!(alone.results(), std::slice::from_ref(one));
    }
    assert!(server.get("/results").expect(200).await.results().iter().all(|row| row.get("targets").is_none()));
}

#[actix_web::test]
async fn a_figure_has_its_goal_beside_it() {
    let server = given().await;
    let all = server.get("/values?part=results").expect(200).await;
    let goal = |goal: &Value| match goal {
        Value::Null => Value::Null,
        _ => json!([goal["against"], goal["amendment"], goal["value"]["value"], goal["percent"]]),
    };
    let found: Vec<Value> = all
        .results()
        .iter()
        .map(|row| json!([row["period"], row["ordinal"], goal(&row["target"]), goal(&row["amended_target"])]))
        .collect();
    let expected = [
        json!(["2020", 1, ["2021", 0, 30, 10], null]),
        json!(["2021", 1, ["2021", 0, 30, 66.7], null]),
        json!(["2021", 2, ["2024", 0, 7, 100], null]),
        json!(["2021", 3, ["2021", 0, 30, null], null]),
        json!(["2021", 4, null, null]),
        json!(["2022", 1, ["2022", 0, 40, 25], ["2022", 2, 16, 62.5]]),
        json!(["2025", 1, ["2024", 0, 50, 50], null]),
        json!(["2025", 2, null, null]),
    ];
    assert_eq!(found, expected);
    let targets = server.get("/values?part=targets").expect(200).await;
    assert_eq!(targets.results().len(), 7);
    assert!(targets.results().iter().all(|row| row["target"].is_null() && row["amended_target"].is_null()));
    let both = server.get("/values").expect(200).await;
    assert_eq!(both.results().len(), 15);
}
