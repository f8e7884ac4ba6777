//! What was recorded one year before, as the form, the texts and the warnings of a new year ask for it.

use crate::given::{create, plan_body, text, token_of};
use crate::harness::{Server, service_address};
use diesel_async::SimpleAsyncConnection;
use hagukumi::domain::code::Code;
use hagukumi::domain::key::PlanCode;
use hagukumi::domain::period::Period;
use hagukumi::records::queries::last_year;
use hagukumi::records::types::Part;
use serde_json::{Value, json};

const CITY: &str = "132284";
const OLD: &str = "132284-kodomo-2020";
const NEW: &str = "132284-kodomo-2025";

/// `new program ← old plan/old program part period: text`, as this body sees it.
async fn asked(server: &Server, body: &str, plan: &str, pairs: &[(Part, &str)]) -> Vec<String> {
    let mut connection = service_address(&server.database).open_plain().await.unwrap();
    let identity = format!("set role hagukumi_service; set app.bodies = '{body}'");
    connection.batch_execute(&identity).await.unwrap();
    let pairs: Vec<_> = pairs.iter().map(|(part, code)| (*part, Period::parse_canonical(code).unwrap())).collect();
    let (plan, city) = (PlanCode::parse(plan).unwrap(), Code::parse(CITY).unwrap());
    let found = last_year::of(&connection, &plan, city, &pairs).await.unwrap();
    found
        .iter()
        .map(|last| {
            let part = last.part.as_str();
            let (period, text) = (last.period, &last.record.body.texts["text"]);
            assert_eq!((&last.from_plan, &last.from_program), (&last.record.plan, &last.record.program));
            format!("{} ← {}/{} {part} {period}: {text}", last.program, &last.from_plan[14..], last.from_program)
        })
        .collect()
}

fn program(position: i32, successors: &[(&str, &str)]) -> Value {
    let link = |(plan, program): &(&str, &str)| json!({ "plan": plan, "program": program, "kind": "merged" });
    json!({ "name": "事業", "position": position, "successors": successors.iter().map(link).collect::<Vec<_>>() })
}

#[actix_web::test]
async fn the_records_of_one_year_before_follow_the_program_and_its_predecessors() {
    let server = Server::start().await;
    let city = token_of(&server, CITY);
    for (plan, from, to) in [(OLD, 2020, 2024), (NEW, 2025, 2029)] {
        create(&server, &city, &format!("/plans/{plan}"), &plan_body("子ども計画", from, to)).await;
    }
    for (plan, code, position, successors) in [
        (NEW, "a", 1, &[][..]),
        (NEW, "b", 2, &[]),
        // In the old plan 2 came after 1 already; 3 and 2 became a, 9 became a and b, and 4 ends with the plan.
        (OLD, "2", 20, &[(NEW, "a")]),
        (OLD, "1", 10, &[(OLD, "2")]),
        (OLD, "3", 5, &[(NEW, "a")]),
        (OLD, "9", 90, &[(NEW, "b"), (NEW, "a")]),
        (OLD, "4", 40, &[]),
    ] {
        create(&server, &city, &format!("/programs/{plan}/{code}"), &program(position, successors)).await;
    }
    for (path, said) in [
        (format!("results/{OLD}/1/{CITY}/2023"), "1の実績"),
        (format!("results/{OLD}/2/{CITY}/2023"), "2の実績"),
        (format!("results/{OLD}/2/{CITY}/2024"), "2の実績"),
        (format!("results/{OLD}/3/{CITY}/2024"), "3の実績"),
        (format!("results/{OLD}/9/{CITY}/2024"), "9の実績"),
        (format!("results/{OLD}/4/{CITY}/2024"), "4の実績"),
        (format!("targets/{OLD}/2/{CITY}/2024"), "2の目標"),
        (format!("results/{OLD}/2/{CITY}/2023-H1"), "2の上半期"),
        (format!("results/{NEW}/a/{CITY}/2025"), "aの実績"),
    ] {
        create(&server, &city, &format!("/{path}"), &text(said)).await;
    }
    use Part::{Results, Targets};
    let within = asked(&server, CITY, OLD, &[(Results, "2024")]).await;
    assert_eq!(
        within,
        ["1 ← 2020/1 results 2024: 1の実績", "2 ← 2020/2 results 2024: 2の実績", "2 ← 2020/1 results 2024: 1の実績"]
    );
    let first = asked(&server, CITY, NEW, &[(Results, "2025"), (Targets, "2025")]).await;
    let of_first_year = [
        "a ← 2020/3 results 2025: 3の実績",
        "a ← 2020/2 results 2025: 2の実績",
        "a ← 2020/9 results 2025: 9の実績",
        "a ← 2020/2 targets 2025: 2の目標",
        "b ← 2020/9 results 2025: 9の実績",
    ];
    assert_eq!(first, of_first_year);
    let second = asked(&server, CITY, NEW, &[(Results, "2026"), (Targets, "2026")]).await;
    assert_eq!(second, ["a ← 2025/a results 2026: aの実績"]);
    assert_eq!(asked(&server, CITY, OLD, &[(Results, "2024-H1")]).await, ["2 ← 2020/2 results 2024-H1: 2の上半期"]);
    for nothing in [&[(Targets, "baseline"), (Targets, "2026-")][..], &[], &[(Results, "202504")]] {
        assert_eq!(asked(&server, CITY, NEW, nothing).await, [""; 0]);
    }
    // Another city's drafts are not to be seen.
    assert_eq!(asked(&server, "131016", NEW, &[(Results, "2025")]).await, [""; 0]);
}
