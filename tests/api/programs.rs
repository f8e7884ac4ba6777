mod form;
mod lists;

use crate::harness::{Answer, Server};
use crate::plans::{PLAN, plan};
use diesel_async::SimpleAsyncConnection;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};

const PROGRAMS: &str = "/programs/132284-kodomo-2020";

fn program(position: i32) -> Value {
    json!({ "name": "妊婦健康診査", "position": position })
}

/// A service with the plan, two departments and two nodes, and the owner's token.
async fn with_plan(status: &str, numbering: &str) -> (Server, String) {
    let server = Server::start().await;
    let token = server.token(&[Role::MunicipalApprover], &["132284"]);
    let mut body = plan(status);
    body["numbering"] = json!(numbering);
    server.put(PLAN).token(&token).create().json(&body).expect(201).await;
    for (code, name) in [("kenko", "健康課"), ("hoiku", "保育課")] {
        let body = json!({ "name": name });
        server.put(&format!("/departments/132284/{code}")).token(&token).create().json(&body).expect(201).await;
    }
    for (code, position) in [("1", 1), ("2", 2)] {
        let body = json!({ "kind": "category", "title": "分類", "position": position });
        let path = format!("/nodes/132284-kodomo-2020/{code}");
        server.put(&path).token(&token).create().json(&body).expect(201).await;
    }
    (server, token)
}

async fn create(server: &Server, token: &str, code: &str, body: &Value, status: u16) -> Answer {
    server.put(&format!("{PROGRAMS}/{code}")).token(token).create().json(body).expect(status).await
}

/// Code and pointer of every finding.
fn findings(answer: &Answer) -> Vec<(&str, &str)> {
    let errors = answer.json["errors"].as_array().unwrap();
    errors.iter().map(|e| (e["code"].as_str().unwrap(), e["pointer"].as_str().unwrap())).collect()
}

#[actix_web::test]
async fn what_is_left_out_comes_back_as_it_stands_in_the_contract() {
    let (server, token) = with_plan("adopted", "plan").await;
    let created = create(&server, &token, "21", &json!({ "position": 3 }), 201).await;
    let whole = json!({
        "plan": "132284-kodomo-2020", "code": "21", "number_label": null, "name": null, "description": null,
        "node": null, "position": 3, "area": null, "priority": false, "target_group": null, "legal_basis": null,
        "statutory_program": null, "started_on": null, "started_in": null, "ended_after": null, "successors": [], "printed": {},
        "departments": [], "indicators": [],
    });
    assert_eq!(created.json, whole);
    let path = format!("{PROGRAMS}/21");
    assert_eq!(server.get(&path).expect(200).await.json, whole);
    let again = create(&server, &token, "21", &json!({ "position": 3 }), 200).await;
    assert_eq!((again.etag(), again.header("hagukumi-outcome")), ("\"v1\"", "unchanged"));
}

#[actix_web::test]
async fn every_text_comes_back_to_the_letter() {
    let (server, token) = with_plan("adopted", "plan").await;
    create(&server, &token, "22", &program(2), 201).await;
    let letters = " 　ひとり親\n家庭　ＡＢＣ１２３ ABC ｱｲｳ か\u{3099} が ～〜 髙 ①\r\n\t ";
    let body = json!({
        "number_label": "２１ ", "name": "妊婦\n健康診査　", "description": letters.repeat(500), "node": "2", "position": 1,
        "area": "132284", "priority": true, "target_group": letters, "legal_basis": letters,
        "statutory_program": "prenatal_checkups", "started_on": "2008-04", "started_in": null, "ended_after": 2022,
        "successors": [{ "plan": "132284-kodomo-2020", "program": "22", "kind": "split" }],
        "printed": { "name": "妊婦\n健康\n診査", "departments": "", "備考": letters },
        "departments": [
            { "department": "kenko", "role": "lead", "printed_text": "健康\n課 " },
            { "department": null, "role": "joint", "printed_text": "〃" },
            { "department": "hoiku", "role": "joint", "printed_text": null },
        ],
        "indicators": [],
    });
    let path = format!("{PROGRAMS}/21");
    let created = create(&server, &token, "21", &body, 201).await;
    let mut whole = body.clone();
    whole["plan"] = json!("132284-kodomo-2020");
    whole["code"] = json!("21");
    assert_eq!(created.json, whole);
    assert_eq!(server.get(&path).expect(200).await.json, whole);
    let listed = server.get("/programs?plan=132284-kodomo-2020").expect(200).await;
    assert_eq!(listed.results()[0], whole);
    let again = server.put(&path).token(&token).if_match("\"v9\"").json(&body).expect(200).await;
    assert_eq!((again.etag(), again.header("hagukumi-outcome")), ("\"v1\"", "unchanged"));
    // One blank less is another text.
    let mut other = body.clone();
    other["target_group"] = json!(letters.trim_end());
    let replaced = server.put(&path).token(&token).if_match("\"v1\"").json(&other).expect(200).await;
    assert_eq!((replaced.etag(), replaced.header("hagukumi-outcome")), ("\"v2\"", "updated"));
    let journal = "select count(*) from journal where resource = 'program' and key->>'program' = '21'";
    assert_eq!(server.count(journal).await, 2);
}

#[actix_web::test]
async fn a_replaced_program_keeps_nothing_of_the_old_one() {
    let (server, token) = with_plan("adopted", "plan").await;
    let path = format!("{PROGRAMS}/21");
    let mut body = program(1);
    body["departments"] = json!([{ "department": "kenko", "role": "lead" }, { "department": "hoiku" }]);
    body["priority"] = json!(true);
    let created = create(&server, &token, "21", &body, 201).await;
    assert_eq!(created.json["departments"][1], json!({ "department": "hoiku", "role": "joint", "printed_text": null }));
    body["departments"] = json!([{ "department": "hoiku", "role": "lead" }]);
    let late = server.put(&path).token(&token).if_match("\"v9\"").json(&body).expect(412).await;
    assert_eq!((late.code(), late.etag()), ("request.version_conflict", "\"v1\""));
    server.put(&path).token(&token).if_match("\"v1\"").json(&body).expect(200).await;
    let read = server.get(&path).expect(200).await;
    let left = json!([{ "department": "hoiku", "role": "lead", "printed_text": null }]);
    assert_eq!((read.etag(), &read.json["departments"]), ("\"v2\"", &left));
    server.put(&path).token(&token).if_match("\"v2\"").json(&program(1)).expect(200).await;
    let read = server.get(&path).expect(200).await;
    assert_eq!((&read.json["departments"], &read.json["priority"]), (&json!([]), &json!(false)));
    assert_eq!(server.delete(&path).token(&token).expect(428).await.code(), "request.precondition_required");
    server.delete(&path).token(&token).if_match("\"v2\"").expect(412).await;
    server.delete(&path).token(&token).if_match("\"v3\"").expect(204).await;
    assert_eq!(server.get(&path).expect(404).await.code(), "resource.not_found");
}

#[actix_web::test]
async fn what_others_refer_to_stays() {
    let (server, token) = with_plan("adopted", "plan").await;
    create(&server, &token, "12", &program(2), 201).await;
    let mut body = program(1);
    body["node"] = json!("1");
    body["departments"] = json!([{ "department": "kenko" }]);
    body["successors"] = json!([{ "plan": "132284-kodomo-2020", "program": "12", "kind": "continued" }]);
    create(&server, &token, "21", &body, 201).await;
    for path in [&format!("{PROGRAMS}/12"), "/nodes/132284-kodomo-2020/1", "/departments/132284/kenko"] {
        let used = server.delete(path).token(&token).if_match("\"v1\"").expect(409).await;
        assert_eq!(used.code(), "resource.in_use", "{path}");
    }
    server.delete(&format!("{PROGRAMS}/21")).token(&token).if_match("\"v1\"").expect(204).await;
    server.delete(&format!("{PROGRAMS}/12")).token(&token).if_match("\"v1\"").expect(204).await;
}

#[actix_web::test]
async fn what_a_program_refers_to_must_be_there() {
    let (server, token) = with_plan("adopted", "plan").await;
    for (field, value, code, pointer) in [
        ("node", json!("9"), "node.unknown", "/node"),
        ("area", json!("139998"), "municipality.unknown", "/area"),
        ("statutory_program", json!("prenatal"), "statutory_program.unknown", "/statutory_program"),
        (
            "successors",
            json!([{ "plan": "132284-kodomo-2020", "program": "9", "kind": "merged" }]),
            "program.unknown",
            "/successors/0",
        ),
        (
            "successors",
            json!([{ "plan": "132284-kodomo-2020", "program": "21", "kind": "merged" }]),
            "request.invalid",
            "/successors/0",
        ),
        (
            "departments",
            json!([{ "printed_text": "課" }, { "department": "kenko" }, { "department": "doboku" }]),
            "department.unknown",
            "/departments/2/department",
        ),
        (
            "indicators",
            json!([{ "owner": "000000", "indicator": "users", "target_required": true, "result_required": true }]),
            "indicator.unknown",
            "/indicators/0/indicator",
        ),
    ] {
        let mut body = program(1);
        body[field] = value;
        let refused = create(&server, &token, "21", &body, 422).await;
        assert_eq!((refused.code(), findings(&refused)), (code, vec![(code, pointer)]), "{field}");
    }
    let planless = server.put("/programs/132284-other/1").token(&token).create().json(&program(1)).expect(422).await;
    assert_eq!(findings(&planless), [("plan.unknown", "/plan")]);
    // A department of another body is none of the plan's owner.
    let other = server.token(&[Role::MunicipalApprover], &["132012"]);
    let body = json!({ "name": "土木課" });
    server.put("/departments/132012/doboku").token(&other).create().json(&body).expect(201).await;
    let mut body = program(1);
    body["departments"] = json!([{ "department": "doboku" }]);
    assert_eq!(create(&server, &token, "21", &body, 422).await.code(), "department.unknown");
    assert_eq!(server.count("select count(*) from journal where resource = 'program'").await, 0);
}

#[actix_web::test]
async fn every_finding_is_told_at_once() {
    let (server, token) = with_plan("adopted", "plan").await;
    let asked = json!({ "owner": "132285", "indicator": "利用者", "target_required": true, "result_required": false });
    let body = json!({
        "number_label": "", "name": "", "description": "あ".repeat(20_001), "node": "い", "position": -1, "area": "13228",
        "started_on": "2020-13", "started_in": 2020, "ended_after": 2061, "successors": [{ "plan": "kodomo", "program": "", "kind": "merged" }, { "plan": "kodomo", "program": "", "kind": "split" }],
        "printed": { "": "x" }, "departments": [{}, { "department": "ほいく" }, { "printed_text": "" }],
        "indicators": [asked, asked],
    });
    let refused = create(&server, &token, "21", &body, 422).await;
    let found: Vec<&str> = findings(&refused).into_iter().map(|(_, pointer)| pointer).collect();
    let expected = [
        "/departments/2/printed_text",
        "/description",
        "/ended_after",
        "/name",
        "/number_label",
        "/position",
        "/node",
        "/area",
        "/started_on",
        "/started_in",
        "/successors/0/plan",
        "/successors/0/program",
        "/successors/1/plan",
        "/successors/1/program",
        "/successors/1",
        "/printed/",
        "/departments/0",
        "/departments/1/department",
        "/indicators/0/owner",
        "/indicators/0/indicator",
        "/indicators/1/owner",
        "/indicators/1/indicator",
        "/indicators/1",
    ];
    assert_eq!(found, expected);
    for date in ["-202", "+202", "-202-01", "2020-1-1", "2020-02-30", "２０", "+2020-01-01", "2020-01-01T00:00:00Z", ""]
    {
        let refused = create(&server, &token, "21", &json!({ "position": 1, "started_on": date }), 422).await;
        assert_eq!(findings(&refused), [("request.invalid", "/started_on")]);
    }
    let many = json!({ "position": 1, "departments": vec![json!({ "printed_text": "課" }); 51] });
    assert_eq!(findings(&create(&server, &token, "21", &many, 422).await), [("request.invalid", "/departments")]);
}

#[actix_web::test]
async fn an_unknown_field_inside_is_answered_with_the_nearest_name() {
    let (server, token) = with_plan("adopted", "plan").await;
    for (body, pointer, name) in [
        (
            json!({ "position": 1, "departments": [{ "departmant": "kenko" }] }),
            "/departments/0/departmant",
            "department",
        ),
        (json!({ "position": 1, "succesor": null }), "/succesor", "successors"),
        (
            json!({ "position": 1, "successors": [{ "plan": "132284-kodomo-2020", "programs": "1", "kind": "merged" }] }),
            "/successors/0/programs",
            "program",
        ),
    ] {
        let refused = create(&server, &token, "21", &body, 400).await;
        assert_eq!(findings(&refused), [("request.unknown_field", pointer)]);
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("「{name}」ではありませんか")), "{detail}");
    }
}

#[actix_web::test]
async fn a_number_is_unique_where_the_plan_says() {
    for (numbering, elsewhere) in [("plan", 409), ("node", 201)] {
        let (server, token) = with_plan("adopted", numbering).await;
        let numbered = |node: &str| json!({ "number_label": "①", "node": node, "position": 1 });
        create(&server, &token, "a", &numbered("1"), 201).await;
        let taken = create(&server, &token, "b", &numbered("1"), 409).await;
        assert_eq!(findings(&taken), [("program.number_taken", "/number_label")]);
        create(&server, &token, "c", &numbered("2"), elsewhere).await;
        // Without a number there is nothing to be unique.
        create(&server, &token, "d", &json!({ "node": "1", "position": 1 }), 201).await;
        create(&server, &token, "e", &json!({ "node": "1", "position": 1 }), 201).await;
        if numbering == "node" {
            let path = format!("{PROGRAMS}/c");
            let moved = server.put(&path).token(&token).if_match("\"v1\"").json(&numbered("1")).expect(409).await;
            assert_eq!(moved.code(), "program.number_taken");
        }
    }
}

/// The plan's numbering may change while it has no program: one of the two waits for the other.
#[actix_web::test]
async fn the_numbering_does_not_change_under_a_first_program() {
    let (server, token) = with_plan("adopted", "plan").await;
    let mut by_node = plan("adopted");
    by_node["numbering"] = json!("node");
    let mut gate = server.owner().await;
    gate.batch_execute("begin; select no from publication_head for update").await.unwrap();
    let first = json!({ "number_label": "①", "node": "1", "position": 1 });
    let open = async {
        let waiting =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while server.count(waiting).await < 2 {}
        gate.batch_execute("commit").await.unwrap();
    };
    futures_util::future::join3(
        server.put(&format!("{PROGRAMS}/1")).token(&token).create().json(&first).expect(201),
        server.put(PLAN).token(&token).if_match("\"v1\"").json(&by_node).send(),
        open,
    )
    .await;
    let torn = "select count(*) from programs join plans on plans.code = plan where (numbering = 'plan') <> (number_scope = '')";
    assert_eq!(server.count(torn).await, 0);
}

#[actix_web::test]
async fn a_draft_plans_programs_are_not_public() {
    let (server, token) = with_plan("draft", "plan").await;
    create(&server, &token, "21", &program(1), 201).await;
    let path = format!("{PROGRAMS}/21");
    let stranger = server.token(&[Role::MunicipalApprover], &["132012"]);
    assert_eq!(server.get(&path).expect(404).await.code(), "resource.not_found");
    server.get(&format!("{path}?view=working")).token(&stranger).expect(404).await;
    let working = server.get(&format!("{path}?view=working")).token(&token).expect(200).await;
    assert_eq!((working.etag(), working.header("cache-control")), ("\"v1\"", "no-store"));
    let seen = async |query: &str, token: &str| {
        server.get(&format!("/programs{query}")).token(token).expect(200).await.results().len()
    };
    assert_eq!(seen("", &token).await, 0);
    assert_eq!(seen("?view=working", &stranger).await, 0);
    assert_eq!(seen("?view=working", &token).await, 1);

    // Nor may another body point at it, and so learn that it is there.
    let body = json!({ "title": "別の計画", "kind": "other", "fiscal_year_from": 2020, "status": "draft", "numbering": "plan" });
    server.put("/plans/132012-other").token(&stranger).create().json(&body).expect(201).await;
    let mut body = program(1);
    body["successors"] = json!([{ "plan": "132284-kodomo-2020", "program": "21", "kind": "merged" }]);
    let refused = server.put("/programs/132012-other/1").token(&stranger).create().json(&body).expect(422).await;
    assert_eq!(findings(&refused), [("program.unknown", "/successors/0")]);
    assert_eq!(server.put(&path).token(&stranger).json(&program(1)).expect(403).await.code(), "request.forbidden");
    assert_eq!(server.delete(&path).token(&stranger).expect(403).await.code(), "request.forbidden");
    server.put(&path).json(&program(1)).expect(401).await;
}
