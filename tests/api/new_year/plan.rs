use super::{CITY, NEW, OLD, given, post, program, trail};
use crate::given::{findings, token_of};
use serde_json::{Value, json};

const PATH: &str = "/plans/132284-kodomo-2020/successors";

fn next() -> Value {
    json!({ "code": NEW, "title": "第3期 子ども計画", "fiscal_year_from": 2025, "fiscal_year_to": 2029 })
}

fn with(programs: Value, dropped: Value) -> Value {
    let mut body = next();
    body["programs"] = programs;
    body["dropped"] = dropped;
    body
}

#[actix_web::test]
async fn a_plan_goes_on_under_the_same_codes() {
    let (server, token) = given().await;
    let before = trail(&server).await;
    let dry = post(&server, &token, &format!("{PATH}?dry_run=true"), "a", &next()).expect(201).await;
    assert_eq!(trail(&server).await, before);
    let made = post(&server, &token, PATH, "a", &next()).expect(201).await;
    assert_eq!((&made.json, made.etag()), (&dry.json, "\"v1\""));
    // Plan, two nodes, three programs, and three old ones that are told: the plan's own reporter came with it. The draft
    // is not public; the old programs are, under one number.
    assert_eq!(trail(&server).await, (before.0 + 9, before.1 + 1));
    assert_eq!(post(&server, &token, PATH, "a", &next()).expect(201).await.json, made.json);
    let plan = server.get(&format!("/plans/{NEW}?view=working")).token(&token).expect(200).await;
    assert_eq!(plan.json, made.json["plan"]);
    assert_eq!((&plan.json["status"], &plan.json["kind"]), (&json!("draft"), &json!("other")));
    server.get(&format!("/plans/{NEW}")).expect(404).await;
    let reporters: Vec<_> =
        made.json["reporters"].as_array().unwrap().iter().map(|r| r["municipality"].clone()).collect();
    assert_eq!(reporters, [json!(CITY)]);
    // The parent first, wherever it stands in the plan's order.
    let nodes: Vec<_> = made.json["nodes"].as_array().unwrap().iter().map(|n| n["code"].clone()).collect();
    assert_eq!(nodes, [json!("2"), json!("2.1")]);
    let copied = program(&server, &token, NEW, "1").await;
    assert_eq!(copied.json, made.json["programs"][0]["program"]);
    assert_eq!(
        copied.json["departments"][0],
        json!({ "department": "katei", "role": "lead", "printed_text": "こども家庭課" })
    );
    assert_eq!((&copied.json["node"], copied.json["indicators"].as_array().unwrap().len()), (&json!("2.1"), 1));
    assert_eq!(made.json["programs"][0]["from"], json!([{ "program": "1", "kind": "continued" }]));
    assert_eq!(made.json["left_out"], json!(["4"]));
    let old = program(&server, &token, OLD, "1").await;
    assert_eq!(old.json["successors"], json!([{ "plan": NEW, "program": "1", "kind": "continued" }]));
    assert_eq!(old.json["departments"][0]["department"], "kosodate", "the old plan keeps its sheet");
    assert_eq!(program(&server, &token, OLD, "4").await.etag(), "\"v1\"");
}

#[actix_web::test]
async fn programs_are_merged_split_renamed_and_dropped() {
    let (server, token) = given().await;
    let programs = json!([
        { "from": ["1", "2"], "to": { "program": "12", "name": "相談と講座", "number_label": "12" } },
        { "from": ["3"], "to": { "program": "3a", "name": "訪問（乳児）", "number_label": "3", "node": "2" } },
        { "from": ["3"], "to": { "program": "3b", "name": "訪問（幼児）", "position": 30 } },
    ]);
    let made = post(&server, &token, PATH, "a", &with(programs, json!([]))).expect(201).await;
    let of: Vec<_> = made.json["programs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            let said = |field: &str| p["program"][field].clone();
            (
                said("code"),
                said("number_label"),
                said("node"),
                p["from"].as_array().unwrap().len(),
                p["from"][0]["kind"].clone(),
            )
        })
        .collect();
    assert_eq!(
        of,
        [
            (json!("12"), json!("12"), json!("2.1"), 2, json!("merged")),
            (json!("3a"), json!("3"), json!("2"), 1, json!("split")),
            (json!("3b"), Value::Null, Value::Null, 1, json!("split")),
        ]
    );
    let merged = program(&server, &token, NEW, "12").await;
    let departments: Vec<_> =
        merged.json["departments"].as_array().unwrap().iter().map(|d| d["department"].clone()).collect();
    assert_eq!(departments, [json!("katei"), Value::Null, json!("hoiku")]);
    let asked: Vec<_> = merged.json["indicators"].as_array().unwrap().iter().map(|i| i["indicator"].clone()).collect();
    assert_eq!(asked, [json!("users"), json!("times")], "each once");
    let link = |program: &str, kind: &str| json!({ "plan": NEW, "program": program, "kind": kind });
    for (old, links) in [
        ("1", json!([link("12", "merged")])),
        ("2", json!([link("12", "merged")])),
        ("3", json!([link("3a", "split"), link("3b", "split")])),
        ("4", json!([])),
    ] {
        assert_eq!(program(&server, &token, OLD, old).await.json["successors"], links, "{old}");
    }
}

#[actix_web::test]
async fn what_is_dropped_ends_with_its_plan() {
    let (server, token) = given().await;
    let renumbered = json!([{ "from": ["4"], "to": { "program": "9", "number_label": "9" } }]);
    let made = post(&server, &token, PATH, "a", &with(renumbered, json!(["3"]))).expect(201).await;
    assert_eq!(made.json["left_out"], json!(["3"]), "who had ended goes on where it is named");
    assert_eq!(program(&server, &token, OLD, "3").await.json["ended_after"], 2024);
    assert_eq!(program(&server, &token, NEW, "9").await.json["ended_after"], Value::Null);
}

#[actix_web::test]
async fn a_mapping_that_makes_no_sense_is_told_whole() {
    let (server, token) = given().await;
    let refused = async |body: Value| {
        let before = trail(&server).await;
        let answer = post(&server, &token, PATH, "b", &body).send().await;
        assert_eq!(trail(&server).await, before, "{answer:#?}");
        answer
    };
    let to = |program: &str| json!({ "program": program });
    let unknown = with(json!([{ "from": ["1", "99"], "to": to("1") }]), json!(["98"]));
    assert_eq!(
        findings(&refused(unknown).await),
        [("/programs/0/from/1", "program.unknown"), ("/dropped/0", "program.unknown")]
    );
    let doubled = with(json!([{ "from": ["1", "1"], "to": to("1") }]), json!(["1", "2", "2"]));
    let expected = [
        ("/programs/0/from/1", "program.mapped_twice"),
        ("/dropped/0", "program.mapped_twice"),
        ("/dropped/2", "program.mapped_twice"),
    ];
    assert_eq!(findings(&refused(doubled).await), expected);
    // 2 goes on as 2 by itself; and two of one number.
    let collides = with(json!([{ "from": ["1"], "to": { "program": "2", "number_label": "1" } }]), json!([]));
    assert_eq!(findings(&refused(collides).await), [("/programs/0/to/program", "program.code_taken")]);
    let number =
        with(json!([{ "from": ["1"], "to": { "program": "1", "number_label": "2", "node": "7" } }]), json!([]));
    let expected = [("/programs/0/to/node", "node.unknown"), ("/programs/0/to/number_label", "program.number_taken")];
    assert_eq!(findings(&refused(number).await), expected);
    for (field, value, code) in [
        ("code", json!("132284-kodomo-2020"), "plan.code_taken"),
        ("code", json!("131016-kodomo-2025"), "request.invalid"),
        ("code", json!("kodomo"), "request.invalid"),
        ("fiscal_year_from", json!(2020), "request.invalid"),
        ("fiscal_year_to", json!(2024), "request.invalid"),
    ] {
        let mut body = next();
        body[field] = value;
        assert_eq!(findings(&refused(body).await), [(format!("/{field}").as_str(), code)]);
    }
    let stranger = token_of(&server, "131016");
    post(&server, &stranger, PATH, "c", &next()).expect(403).await;
    post(&server, &token, "/plans/132284-none/successors", "c", &next()).expect(404).await;
}

#[actix_web::test]
async fn a_prefectures_reporters_go_on_as_long_as_they_report() {
    let (server, _) = given().await;
    crate::given::kpi_plan(&server, "130001-kpi-2024", &[CITY, "131016"]).await;
    let owner = token_of(&server, "130001");
    let ended = json!({ "fiscal_year_to": 2024, "member_group": "区" });
    crate::given::create(&server, &owner, "/plans/130001-kpi-2024/reporters/131024", &ended).await;
    let body = json!({ "code": "130001-kpi-2025", "title": "次のKPI", "fiscal_year_from": 2025 });
    let made = post(&server, &owner, "/plans/130001-kpi-2024/successors", "a", &body).expect(201).await;
    let reporters: Vec<_> =
        made.json["reporters"].as_array().unwrap().iter().map(|r| r["municipality"].clone()).collect();
    assert_eq!(reporters, [json!("131016"), json!(CITY)]);
}
