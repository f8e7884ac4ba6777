//! What goes back to the reporters: the same to everybody, and nothing that is not public.

use crate::demo::loaded;
use crate::given::{correct, create, kpi_plan, publish, text, token_of};
use crate::harness::Server;
use chrono::Duration;
use hagukumi::clock::wire;
use serde_json::{Value, json};

const ROUND: &str = "/rounds/130001-mihon-kpi-2024/2024/comparison";

fn trainees(answer: &Value) -> &Value {
    let all = answer["indicators"].as_array().unwrap();
    all.iter().find(|one| one["indicator"] == "trainees" && one["part"] == "results").unwrap()
}

#[actix_web::test]
async fn each_member_sees_its_value_beside_the_others() {
    let server = loaded().await;
    let answer = server.get(&format!("{ROUND}?municipality=131041")).expect(200).await;
    let one = trainees(&answer.json);
    let own = json!({
        "municipality": "131041", "name": "新宿区", "value": 118, "text": null, "missing_reason": null, "position": 1,
    });
    assert_eq!((&one["own"], &one["basis"]["count_basis"]), (&own, &json!("cumulative")));
    let members = one["members"].as_array().unwrap();
    assert_eq!(members.len(), 9, "every reporter of the plan");
    let values: Vec<i64> = members.iter().filter_map(|member| member["value"].as_i64()).collect();
    assert_eq!((values.first(), values.contains(&64)), (Some(&118), true));
    // A draft, and what is handed in and not published, is nobody's to see.
    let draft = members.iter().find(|member| member["municipality"] == "132284").unwrap();
    assert_eq!(
        (&draft["value"], &draft["missing_reason"], &draft["position"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    // What they make together is what /aggregates says.
    let added = server
        .get("/aggregates?indicator=130001/trainees&plan=130001-mihon-kpi-2024&period=2024&split=basis")
        .expect(200)
        .await;
    let group = &added.json["series"][0]["groups"][0];
    for field in ["value", "expected", "reported", "complete", "basis"] {
        assert_eq!(one[field], group[field], "{field}");
    }
    assert_eq!(one["value"], values.iter().sum::<i64>());
    assert_eq!(one["spread"]["max"], 118);

    // Without a municipality the same, nobody's own; with one that has said nothing about it, nothing to compare with.
    let all = server.get(ROUND).expect(200).await;
    assert_eq!((&trainees(&all.json)["own"], &trainees(&all.json)["members"]), (&Value::Null, &one["members"]));
    server.get("/rounds/130001-mihon-kpi-2024/none/comparison").expect(404).await;
    server.get(&format!("{ROUND}?municipality=13104")).expect(400).await;
}

#[actix_web::test]
async fn as_a_table_a_row_a_member() {
    let server = loaded().await;
    let all = server.get(ROUND).expect(200).await;
    let members: usize =
        all.json["indicators"].as_array().unwrap().iter().map(|one| one["members"].as_array().unwrap().len()).sum();
    let csv = server.get(ROUND).header("accept", "text/csv").expect(200).await;
    let mut reader = csv::Reader::from_reader(csv.text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), members);
    let shinjuku =
        rows.iter().find(|row| &row[3] == "130001/trainees" && &row[4] == "131041" && &row[0] == "実績").unwrap();
    assert_eq!((&shinjuku[5], &shinjuku[6], &shinjuku[7], &shinjuku[12]), ("新宿区", "118", "人", "1"));
    assert_eq!((&all.json["closed"], &shinjuku[19]), (&json!(true), "○"));
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let book = server.get(ROUND).header("accept", xlsx).expect(200).await;
    assert!(
        book.bytes.starts_with(b"PK")
            && book.header("content-disposition").contains("comparison_130001-mihon-kpi-2024_2024.xlsx")
    );
}

#[actix_web::test]
async fn it_says_whether_anybody_is_still_waited_for() {
    const PLAN: &str = "130001-kpi-2024";
    let path = format!("/rounds/{PLAN}/2024-results/comparison");
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024", "131032"]).await;
    for code in ["131016", "131024"] {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
    }
    let told = async || {
        let answer = server.get(&path).expect(200).await;
        let fields = ["closed", "asked", "published"].map(|field| answer.json[field].clone());
        (fields, answer.etag().to_owned())
    };
    let due = |minutes: i64| wire::text(server.now() + Duration::minutes(minutes));
    let round = async |body: Value| {
        let path = format!("/rounds/{PLAN}/2024-results");
        server.put(&path).token(&token_of(&server, "130001")).if_match("*").json(&body).expect(200).await
    };
    let covers = json!([{ "part": "results", "period": "2024" }]);
    let left_out = json!({ "municipality": "131032", "left_out": true });
    publish(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(told().await.0, [json!(false), json!(3), json!(1)]);
    // One is left out, another has more time than the round gives.
    let later = json!({ "municipality": "131024", "due_at": due(120) });
    round(json!({ "covers": covers, "due_at": due(60), "members": [left_out, later] })).await;
    let (open, tag) = told().await;
    assert_eq!(open, [json!(false), json!(2), json!(1)]);
    server.advance(Duration::minutes(60));
    server.get(&path).header("if-none-match", &tag).expect(304).await;
    server.advance(Duration::minutes(60));
    let (closed, other) = told().await;
    assert_eq!(closed, [json!(true), json!(2), json!(1)]);
    assert_ne!(other, tag, "nothing was published, and yet it is another answer");
    // Without a due instant, all must have published; a correction is no gap.
    round(json!({ "covers": covers, "members": [left_out] })).await;
    assert_eq!(told().await.0, [json!(false), json!(2), json!(1)]);
    publish(&server, PLAN, "131024", "2024-results").await;
    correct(&server, PLAN, "131016", "2024-results").await;
    assert_eq!(told().await.0, [json!(true), json!(2), json!(2)]);
}
