//! What the stories of the sample end with.

use crate::given::{token_of, walk};
use crate::harness::Server;
use serde_json::{Value, json};

const CITY: &str = "132292-mihon-2020";
const SHEET: &str = "141500-mihon-2022";
const KPI: &str = "130001-mihon-kpi-2024";

/// (round, status, edition) of a city's own plan, as it sees them.
async fn rounds(server: &Server, plan: &str) -> Vec<(String, String, i64)> {
    let token = token_of(server, &plan[..6]);
    let reports = walk(server, &format!("/reports?plan={plan}&view=working&limit=100"), Some(&token)).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    reports
        .iter()
        .map(|report| (text(&report["round"]), text(&report["status"]), report["edition"].as_i64().unwrap()))
        .collect()
}

pub async fn a_citys_five_years(server: &Server) {
    let expected = [
        ("2020-plan", "published", 2),
        ("2021-results", "published", 1),
        ("2022-results", "published", 2),
        ("2023-results", "published", 1),
        ("2024-results", "draft", 0),
    ];
    let found = rounds(server, CITY).await;
    assert_eq!(
        found.iter().map(|(round, status, edition)| (round.as_str(), status.as_str(), *edition)).collect::<Vec<_>>(),
        expected
    );

    let targets = walk(server, &format!("/targets?plan={CITY}&limit=100"), None).await;
    let years = |program: &str, amendment: i64| -> Vec<&str> {
        let of = targets.iter().filter(|target| target["program"] == program && target["amendment"] == amendment);
        of.map(|target| target["period"].as_str().unwrap()).collect()
    };
    for program in ["1", "2", "3", "4", "5", "6", "7"] {
        assert_eq!(years(program, 0), ["2020", "2021", "2022", "2023", "2024"], "{program}");
    }
    assert_eq!((years("4", 1), years("5", 1)), (vec!["2023", "2024"], vec!["2023", "2024"]));
    let results = walk(server, &format!("/results?plan={CITY}&limit=100"), None).await;
    assert_eq!(results.len(), 8 * 3);
    // Each year is judged by the scale that is valid in it.
    for result in &results {
        let scale = if result["period"] == "2023" { 2023 } else { 2020 };
        assert_eq!(result["evaluations"][0]["fiscal_year"], scale, "{result:#}");
    }
    let schemes = walk(server, "/evaluation_schemes?owner=132292&scheme=achievement&limit=100", None).await;
    let valid: Vec<Value> = schemes.iter().map(|of| json!([of["fiscal_year"], of["fiscal_year_to"]])).collect();
    assert_eq!(valid, [json!([2020, 2022]), json!([2023, null])]);
}

pub async fn a_correction_keeps_what_was_public_before(server: &Server) {
    let path = format!("/results/{CITY}/4/132292/2022");
    let users = async |query: &str| server.get(&format!("{path}{query}")).expect(200).await.json;
    let (before, now) = (users("?as_of=2023-11-01T00:00:00%2B09:00").await, users("").await);
    assert_eq!((&before["edition"], &before["values"][0]["value"]), (&json!(1), &json!(10132)));
    assert_eq!((&now["edition"], &now["values"][0]["value"]), (&json!(2), &json!(10312)));
}

pub async fn a_sheet_with_its_matrix_and_wards(server: &Server) {
    let report = server.get(&format!("/reports/{SHEET}/141500/2023")).expect(200).await.json;
    assert_eq!((&report["status"], &report["edition"]), (&json!("published"), &json!(1)));
    let results = walk(server, &format!("/results?plan={SHEET}&period=2023&limit=100"), None).await;
    let programs = walk(server, &format!("/programs?plan={SHEET}&limit=100"), None).await;
    let priority: Vec<&Value> =
        programs.iter().filter(|program| program["priority"] == true).map(|program| &program["code"]).collect();
    for declared in report["declared_counts"].as_array().unwrap() {
        let rows = || {
            results.iter().filter(|result| {
                let mut judged = result["evaluations"].as_array().unwrap().iter();
                let level = &declared["level"];
                judged.any(|of| of["scheme"] == declared["scheme"] && (level.is_null() || of["level"] == *level))
            })
        };
        assert_eq!(declared["count"], rows().count(), "{declared:#}");
        if !declared["of_which_priority"].is_null() {
            let of_which = rows().filter(|result| priority.contains(&&result["program"])).count();
            assert_eq!(declared["of_which_priority"], of_which, "{declared:#}");
        }
    }
    let scheme = server.get("/evaluation_schemes/141500/check_result/2023").expect(200).await.json;
    let cells: Vec<(&Value, &Value)> =
        scheme["levels"].as_array().unwrap().iter().map(|of| (&of["matrix_row"], &of["matrix_column"])).collect();
    assert_eq!(cells.len(), 8);
    for program in ["4", "5"] {
        let changed = server.get(&format!("/targets/{SHEET}/{program}/141500/2024/amendments/1")).expect(200).await;
        assert!(changed.json["reason"].is_string() && changed.json["amended_on"] == "2024-03-18");
    }
    let areas: Vec<&Value> = programs.iter().map(|program| &program["area"]).collect();
    assert_eq!(areas[..3], [&json!("141518"), &json!("141526"), &json!("141534")]);
    let sixth = results.iter().find(|result| result["program"] == "6").unwrap();
    let by_ward: Vec<&Value> = sixth["values"].as_array().unwrap().iter().map(|of| &of["breakdown"]["区"]).collect();
    assert_eq!(by_ward, [&Value::Null, &json!("緑区"), &json!("中央区"), &json!("南区")]);
}

pub async fn a_prefectures_kpi_in_every_state(server: &Server) {
    let token = token_of(server, "130001");
    let reporters = walk(server, &format!("/plans/{KPI}/reporters?limit=100"), None).await;
    let handed_in = walk(server, &format!("/reports?plan={KPI}&view=working&limit=100"), Some(&token)).await;
    let seen: Vec<Value> =
        handed_in.iter().map(|of| json!([of["municipality"], of["status"], of["edition"], of["late"]])).collect();
    let expected = [
        json!(["131041", "published", 1, false]),
        json!(["132012", "approved", 0, false]),
        json!(["132021", "published", 1, false]),
        json!(["132039", "returned", 0, false]),
        json!(["132047", "submitted", 0, true]),
        json!(["132055", "submitted", 0, false]),
        json!(["132284", "draft", 0, false]),
    ];
    assert_eq!(seen, expected);
    assert_eq!(reporters.len(), 9);
    let own = async |code: &str| {
        let token = token_of(server, code);
        server.get(&format!("/reports/{KPI}/{code}/2024?view=working")).token(&token).send().await
    };
    assert_eq!((own("132101").await.status, own("132292").await.status), (404, 404));
    let returned = own("132039").await.json;
    let last = returned["transitions"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["comments"][0]["program"], &last["comments"][0]["part"]), (&json!("kenshu"), &json!("results")));
    let missing = server.get(&format!("/results/{KPI}/sodan/132021/2024")).expect(200).await.json;
    assert_eq!(missing["values"][1]["missing_reason"], "not_measured");
}

pub async fn a_merger_between_two_years(server: &Server) {
    let after = server.get("/municipalities/092037").expect(200).await.json;
    let merged = json!([{ "municipality": "093670", "effective_on": "2014-04-05", "kind": "absorption" }]);
    assert_eq!(after["predecessors"], merged);
    let results = walk(server, "/results?plan=090000-mihon-kpi-2013&limit=100", None).await;
    let members: Vec<Value> =
        results.iter().map(|of| json!([of["municipality"], of["period"], of["values"][0]["value"]])).collect();
    assert_eq!(
        members,
        [json!(["092037", "2013", 412]), json!(["093670", "2013", 38]), json!(["092037", "2014", 467])]
    );
}
