//! What goes back to the reporters: the same to everybody, and nothing that is not public.

use crate::demo::loaded;
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
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let book = server.get(ROUND).header("accept", xlsx).expect(200).await;
    assert!(
        book.bytes.starts_with(b"PK")
            && book.header("content-disposition").contains("comparison_130001-mihon-kpi-2024_2024.xlsx")
    );
}
