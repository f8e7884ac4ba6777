//! Small counts over HTTP: no public answer tells one, and those who are to know it do.

use crate::given::{correct, create, kpi_plan, plan_body, publish, token_of, walk};
use crate::harness::Server;
use serde_json::{Value, json};

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";
/// The boys, all of them, the running total.
const SECRETS: [&str; 7] = ["7人", "8人", "53人", "741人", "\"value\":53", "\"value\":7,", "\"running_total\":741"];

fn figure(label: &str, value: i64, source: &str) -> Value {
    json!({
        "item": label, "label": label, "value": value, "unit": "人", "source": source,
        "indicator": { "owner": "130001", "indicator": "abuse" },
    })
}

/// 53 in all, 46 girls, 7 boys; a note with the hidden number in it.
fn body(boys: i64) -> Value {
    let of = |label: &str, value: i64, sex: &str| {
        let mut part = figure(label, value, &format!("{label}{value}人"));
        part["breakdown"] = json!({ "sex": sex });
        part
    };
    let mut whole = figure("計", 46 + boys, &format!("相談は{}人", 46 + boys));
    whole["running_total"] = json!(741);
    json!({
        "texts": { "text": format!("相談は{}人（女児46人、男児{boys}人）。累計741人、窓口は２か所。", 46 + boys) },
        "note": format!("男児の{boys}人は電話による"),
        "values": [whole, of("女児", 46, "f"), of("男児", boys, "m")],
    })
}

async fn given() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    let indicator = json!({
        "name": "相談を受けた児童", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total",
        "sensitive": true,
    });
    create(&server, &token_of(&server, "130001"), "/indicators/130001/abuse", &indicator).await;
    server
}

/// Nothing that everybody can ask tells 7, 53 or the running total.
async fn tells_nothing(server: &Server) {
    for path in [
        RESULT.to_owned(),
        "/results?prefecture=130001&period=2024".to_owned(),
        "/values?prefecture=130001&period=2024".to_owned(),
        "/values?indicator=130001/abuse".to_owned(),
        format!("/reports/{PLAN}/131016/2024-results"),
        format!("/reports/{PLAN}/131016/2024-results/corrections"),
        "/changes?data=true&limit=1000".to_owned(),
        format!(
            "/aggregates?indicator=130001/abuse&period=2024&plan={PLAN}&explain=true&group_by=breakdown,municipality"
        ),
        format!("/rounds/{PLAN}/2024-results/comparison?municipality=131016"),
        "/aggregates?indicator=130001/abuse&period=2024&function=distribution".to_owned(),
        "/aggregates?indicator=130001/abuse&period=2024&function=max&explain=true".to_owned(),
    ] {
        let text = server.get(&path).expect(200).await.text;
        for secret in SECRETS {
            assert!(!text.contains(secret), "{path} tells {secret}: {text}");
        }
    }
}

#[actix_web::test]
async fn no_public_answer_tells_a_small_count() {
    let server = given().await;
    let reporter = token_of(&server, "131016");
    let made = create(&server, &reporter, RESULT, &body(7)).await;
    let warned: Vec<&str> =
        made.json["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
    assert!(warned.contains(&"warning.will_be_suppressed"), "{warned:?}");
    publish(&server, PLAN, "131016", "2024-results").await;
    tells_nothing(&server).await;

    let public = server.get(RESULT).expect(200).await;
    assert_eq!(public.json["texts"]["text"], "相談は＊人（女児46人、男児＊人）。累計＊人、窓口は２か所。");
    assert_eq!(public.json["note"], "男児の＊人は電話による");
    let values = public.json["values"].as_array().unwrap();
    let shown: Vec<_> = values.iter().map(|value| (&value["value"], &value["missing_reason"])).collect();
    let hidden = (&Value::Null, &json!("suppressed"));
    assert_eq!(shown, [hidden, (&json!(46), &Value::Null), hidden]);
    assert_eq!(
        (&values[2]["label"], &values[2]["unit"], &values[2]["breakdown"]["sex"]),
        (&json!("男児"), &json!("人"), &json!("m"))
    );

    // One by one they are the same.
    let rows = walk(&server, "/values?indicator=130001/abuse", None).await;
    let one_by_one: Vec<&Value> = rows.iter().map(|row| &row["value"]).collect();
    assert_eq!(one_by_one, values.iter().collect::<Vec<_>>());
    let group = server.get(&format!("/aggregates?indicator=130001/abuse&period=2024&plan={PLAN}")).expect(200).await;
    let group = &group.json["series"][0]["groups"][0];
    assert_eq!((&group["missing"]["suppressed"], &group["complete"]), (&json!(1), &json!(false)));

    // Whoever tried the nine it can be would know it by the hash.
    let report = format!("/reports/{PLAN}/131016/2024-results");
    assert_eq!(server.get(&report).expect(200).await.json["content_hash"], Value::Null);
    for token in [&reporter, &token_of(&server, "130001")] {
        let working = server.get(&format!("{RESULT}?view=working")).token(token).expect(200).await;
        assert_eq!(
            (&working.json["values"][2]["value"], &working.json["values"][0]["running_total"]),
            (&json!(7), &json!(741))
        );
        assert!(working.text.contains("男児7人"));
        let seen = server.get(&format!("{report}?view=working")).token(token).expect(200).await;
        assert_eq!(seen.json["content_hash"].as_str().unwrap().len(), 64);
    }
}

#[actix_web::test]
async fn a_correction_keeps_back_and_gives_back() {
    let server = given().await;
    let reporter = token_of(&server, "131016");
    create(&server, &reporter, RESULT, &body(7)).await;
    publish(&server, PLAN, "131016", "2024-results").await;
    let first = server.get(RESULT).expect(200).await;
    // Another small number: a new edition that shows the same.
    correct(&server, PLAN, "131016", "2024-results").await;
    server.put(RESULT).token(&reporter).if_match("*").json(&body(8)).expect(200).await;
    publish(&server, PLAN, "131016", "2024-results").await;
    tells_nothing(&server).await;
    let second = server.get(RESULT).expect(200).await;
    assert_eq!((second.json["values"].clone(), second.etag()), (first.json["values"].clone(), "\"p2.2\""));
    let path = format!("/reports/{PLAN}/131016/2024-results/corrections");
    assert_eq!(server.get(&path).expect(200).await.json["corrections"], json!([]), "nothing public has changed");
    // Ten is no small number.
    correct(&server, PLAN, "131016", "2024-results").await;
    server.put(RESULT).token(&reporter).if_match("*").json(&body(10)).expect(200).await;
    publish(&server, PLAN, "131016", "2024-results").await;
    let third = server.get(RESULT).expect(200).await;
    assert_eq!((&third.json["values"][0]["value"], &third.json["values"][2]["value"]), (&json!(56), &json!(10)));
    assert_eq!(third.json["values"][0]["running_total"], Value::Null, "last year's would tell this year's");
}

/// A city's total hangs together with its wards' figures in other records: they are kept back together, changed or not.
#[actix_web::test]
async fn what_has_not_changed_is_kept_back_with_what_has() {
    let server = Server::start().await;
    let (plan, city) = ("141305-kodomo-2024", "141305");
    let token = token_of(&server, city);
    create(&server, &token, &format!("/plans/{plan}"), &plan_body("市の計画", 2024, 2024)).await;
    let indicator = json!({
        "name": "相談", "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total", "sensitive": true,
    });
    create(&server, &token, &format!("/indicators/{city}/abuse"), &indicator).await;
    for (program, ward) in [(1, Value::Null), (2, json!("141313")), (3, json!("141321"))] {
        let body = json!({ "name": "相談", "position": program, "area": ward });
        create(&server, &token, &format!("/programs/{plan}/{program}"), &body).await;
    }
    let path = |program: i64| format!("/results/{plan}/{program}/{city}/2024");
    let one = |value: i64| {
        let source = format!("{value}人");
        let mut figure = figure("相談", value, &source);
        figure["indicator"]["owner"] = json!(city);
        json!({ "texts": { "text": source }, "values": [figure] })
    };
    let shown = async |program| server.get(&path(program)).expect(200).await.json["values"][0]["value"].clone();
    for (program, value) in [(1, 27), (2, 15), (3, 12)] {
        create(&server, &token, &path(program), &one(value)).await;
    }
    publish(&server, plan, city, "2024-results").await;
    assert_eq!([shown(1).await, shown(2).await, shown(3).await], [27, 15, 12]);
    correct(&server, plan, city, "2024-results").await;
    for (program, value) in [(2, 20), (3, 7)] {
        server.put(&path(program)).token(&token).if_match("*").json(&one(value)).expect(200).await;
    }
    publish(&server, plan, city, "2024-results").await;
    assert_eq!([shown(1).await, shown(2).await, shown(3).await], [Value::Null, json!(20), Value::Null]);
}
