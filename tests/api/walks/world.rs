//! What the walks walk in: a prefecture's plan and a city's own, each with everything an address can name, handed in and
//! published; a plan that is still a draft; a report that is one.

use super::Operation;
use crate::given::{create, plan_body, publish, text, token_of};
use crate::harness::{Call, Server};
use actix_web::http::Method;
use serde_json::{Value, json};

pub const PREFECTURE: &str = "130001";
pub const CITY: &str = "131016";
/// Another reporter of the prefecture's plan
pub const NEIGHBOUR: &str = "131024";
/// A city and a prefecture that have nothing to do with any of it
pub const STRANGERS: [&str; 2] = ["132284", "140007"];
/// Made of the moment and the request, so that it is the same each time
pub const IMPORT: &str = "01a1fb67-1800-7395-9cc0-568bfc61412d";
/// Of the prefecture; its reporter is the city
pub const DRAFT: Scope = Scope { plan: "130001-soan-2024", owner: PREFECTURE };

/// What `{plan}` and `{owner}` stand for; `{municipality}` is the city.
#[derive(Clone, Copy)]
pub struct Scope {
    pub plan: &'static str,
    pub owner: &'static str,
}

pub const SCOPES: [Scope; 2] =
    [Scope { plan: "130001-kpi-2024", owner: PREFECTURE }, Scope { plan: "131016-kodomo-2024", owner: CITY }];

impl Scope {
    fn value(&self, name: &str) -> &str {
        match name {
            "plan" => self.plan,
            "owner" => self.owner,
            "municipality" | "reporter" => CITY,
            "prefecture" => PREFECTURE,
            "program" | "node" | "amendment" => "1",
            "round" => "r",
            "period" | "fiscal_year" | "within" | "valid_in" => "2024",
            "department" => "d1",
            "indicator" => "i1",
            "scheme" => "s1",
            "view" => "working",
            "resource" => "plan",
            // There is none: whoever is let in is told so.
            "warning" => "0000000000000000",
            "import" => IMPORT,
            "kind" => "count",
            "code" => "report.locked",
            "dataset" => "values",
            other => panic!("what does {other} stand for? Tell it in tests/api/walks/world.rs"),
        }
    }

    /// The address with its values filled in, as `Server::call` takes it.
    pub fn address(&self, operation: &Operation) -> String {
        let parts = operation.path.split('/').map(|part| {
            part.strip_prefix('{').and_then(|part| part.strip_suffix('}')).map_or(part, |name| self.value(name))
        });
        let path = parts.collect::<Vec<_>>().join("/");
        let mut query: Vec<String> =
            operation.required.iter().map(|name| format!("{name}={}", self.value(name))).collect();
        if operation.id == "get_aggregates" {
            query.push(format!("indicator={}/i1&period=2024", self.owner));
        }
        // A double slash: the whole address.
        let path = path.strip_prefix("/api/v1").map_or_else(|| format!("/{path}"), str::to_owned);
        format!("{path}?{}", query.join("&"))
    }

    /// One more parameter of a list, for another filter than the one before.
    pub fn filter(&self, operation: &Operation) -> Option<String> {
        let chosen = ["owner", "prefecture", "municipality", "period", "fiscal_year"];
        let name = chosen.into_iter().find(|name| {
            operation.parameters.iter().any(|given| given == name)
                && !operation.required.iter().any(|given| given == name)
        });
        name.map(|name| format!("{name}={}", self.value(name)))
    }

    /// To whom the address belongs: the plan's owner, else the owner or municipality it names.
    pub fn owner_of(&self, operation: &Operation) -> &str {
        if operation.path.contains("{plan}") || operation.path.contains("{owner}") { self.owner } else { CITY }
    }
}

/// The body of a write: what stands there already, or (`changed`) something else.
pub fn body(id: &str, changed: bool) -> Value {
    let word = if changed { "書き換えた" } else { "見本" };
    match id {
        "put_municipality" => {
            json!({ "name": "千代田区", "kana": if changed { "カエタ" } else { "チヨダク" }, "kind": "special_ward", "prefecture": PREFECTURE })
        }
        "put_department" => json!({ "name": word }),
        "put_plan" => plan_body(word, 2024, 2024),
        "put_plan_reporter" => json!({ "member_group": if changed { Some(word) } else { None } }),
        "put_node" => json!({ "kind": "policy", "title": word, "position": 1 }),
        "put_program" => json!({ "name": word, "position": 1 }),
        "put_indicator" => {
            json!({ "name": word, "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" })
        }
        "put_evaluation_scheme" => json!({ "title": word, "levels": [{ "code": "1", "label": "達成" }] }),
        "put_round" => json!({
            "title": word,
            "covers": [{ "part": "targets", "period": "2024" }, { "part": "results", "period": "2024" }],
        }),
        "put_report" => json!({ "note": word }),
        "put_warning" => json!({ "reason": word }),
        "put_amendment" => json!({ "texts": { "text": word }, "reason": "増員" }),
        "put_target" => text(word),
        "put_result" => json!({
            "texts": { "text": format!("{word}1人") },
            "values": [{ "item": "利用", "label": "利用", "value": 1, "unit": "人", "source": "1人" }],
        }),
        "create_import" => json!({ "rows": [{ "resource": "result", "body": body("put_result", changed),
            "key": { "plan": "130001-kpi-2024", "program": "1", "municipality": CITY, "period": "2024" } }] }),
        "create_redaction" => json!({
            "resource": "result", "plan": SCOPES[0].plan, "program": "1", "municipality": CITY, "period": "2024",
            "reason": word, "person": "管理者D",
        }),
        // Its code begins with that of the owner, whom the address tells.
        "create_plan_successor" => json!({ "title": word, "fiscal_year_from": 2025 }),
        "create_round_successor" => json!({ "code": "next", "title": word }),
        // Published already: whoever may move the report is told that it cannot go there.
        "create_transition" => json!({ "to": "published", "person": "審査B" }),
        "create_transitions" => json!({ "transitions": [
            { "plan": SCOPES[0].plan, "municipality": CITY, "round": "r", "to": "published", "person": "審査B" }
        ] }),
        other => panic!("what does {other} send? Tell it in tests/api/walks/world.rs"),
    }
}

/// The request of a write, with whatever it needs to be judged by who sends it.
pub fn write(server: &Server, operation: &Operation, address: &str, changed: bool) -> Call {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let call = server.call(method, address);
    match operation.method.as_str() {
        "DELETE" => call.header("if-match", "*"),
        "POST" => {
            let mut content = body(&operation.id, changed);
            if operation.id == "create_plan_successor" {
                let plan = address.split('/').nth(2).unwrap();
                content["code"] = json!(format!("{plan}-next"));
            }
            call.header("idempotency-key", &uuid::Uuid::now_v7().to_string()).json(&content)
        }
        _ => call.header("if-match", "*").json(&body(&operation.id, changed)),
    }
}

/// In the order in which one needs the other.
const DEFINITIONS: [(&str, &str); 7] = [
    ("put_plan", "/plans/{plan}"),
    ("put_plan_reporter", "/plans/{plan}/reporters/131016"),
    ("put_node", "/nodes/{plan}/1"),
    ("put_program", "/programs/{plan}/1"),
    ("put_round", "/rounds/{plan}/r"),
    ("put_indicator", "/indicators/{owner}/i1"),
    ("put_evaluation_scheme", "/evaluation_schemes/{owner}/s1/2024"),
];
const RECORDS: [(&str, &str); 4] = [
    ("put_report", "/reports/{plan}/131016/r"),
    ("put_target", "/targets/{plan}/1/131016/2024"),
    ("put_amendment", "/targets/{plan}/1/131016/2024/amendments/1"),
    ("put_result", "/results/{plan}/1/131016/2024"),
];

async fn fill(server: &Server, scope: &Scope, token: &str, writes: &[(&str, &str)]) {
    for (id, path) in writes {
        let path = path.replace("{plan}", scope.plan).replace("{owner}", scope.owner);
        let mut content = body(id, false);
        if scope.plan == DRAFT.plan && *id == "put_plan" {
            content["status"] = json!("draft");
        }
        // A city's own plan has its reporter already; two plans of one owner share what is the owner's.
        let done = server.put(&path).token(token).create().json(&content).send().await;
        assert!(matches!(done.status, 200 | 201), "{path}: {done:#?}");
    }
}

pub async fn world() -> Server {
    let server = Server::start().await;
    let city = token_of(&server, CITY);
    create(&server, &city, "/departments/131016/d1", &body("put_department", false)).await;
    for scope in SCOPES {
        let owner = token_of(&server, scope.owner);
        fill(&server, &scope, &owner, &DEFINITIONS).await;
        fill(&server, &scope, &city, &RECORDS).await;
        publish(&server, scope.plan, CITY, "r").await;
    }
    let owner = token_of(&server, PREFECTURE);
    fill(&server, &DRAFT, &owner, &DEFINITIONS).await;
    // The neighbour's report is a draft that nobody but the neighbour has seen.
    let plan = SCOPES[0].plan;
    create(&server, &owner, &format!("/plans/{plan}/reporters/{NEIGHBOUR}"), &json!({})).await;
    for part in ["results", "targets"] {
        create(&server, &token_of(&server, NEIGHBOUR), &format!("/{part}/{plan}/1/{NEIGHBOUR}/2024"), &text("秘密"))
            .await;
    }
    import(&server, "a", false).await;
    server
}

/// An import of two rows, one of them wrong.
async fn import(server: &Server, key: &str, dry_run: bool) {
    let mut content = body("create_import", false);
    let mut wrong = content["rows"][0].clone();
    wrong["key"]["program"] = json!("none");
    content["rows"].as_array_mut().unwrap().push(wrong);
    let call = server.post(&format!("/imports?mode=partial&dry_run={dry_run}")).token(&token_of(server, CITY));
    let made = call.header("idempotency-key", key).json(&content).expect(200).await;
    assert!(key != "a" || made.json["id"] == IMPORT, "IMPORT is {}", made.json["id"]);
}

/// Second entries, so that every list has more than one page.
pub async fn more(server: &Server) {
    let (plan, owner, city) = (SCOPES[0].plan, token_of(server, PREFECTURE), token_of(server, CITY));
    create(server, &city, "/departments/131016/d2", &body("put_department", false)).await;
    let round = json!({ "covers": [{ "part": "results", "period": "2024-H1" }] });
    for (path, body) in [
        (format!("/nodes/{plan}/2"), body("put_node", false)),
        (format!("/programs/{plan}/2"), body("put_program", false)),
        (format!("/rounds/{plan}/r2"), round),
        ("/indicators/130001/i2".to_owned(), body("put_indicator", false)),
        ("/evaluation_schemes/130001/s2/2024".to_owned(), body("put_evaluation_scheme", false)),
    ] {
        create(server, &owner, &path, &body).await;
    }
    import(server, "b", true).await;
    // Two that are warned of.
    for program in ["1", "2"] {
        create(server, &city, &format!("/results/{plan}/{program}/{CITY}/2024-H1"), &text("<p>見本</p>")).await;
    }
}

/// One number for all that the database holds: another one where anything has changed. What is told of an import is kept
/// also where nothing was written.
pub async fn fingerprint(server: &Server) -> i64 {
    use diesel_async::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Table {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let tables = "select tablename::text as name from pg_tables where schemaname = 'public' order by 1";
    let tables: Vec<Table> = diesel::sql_query(tables).load(&mut server.owner().await).await.unwrap();
    let told = ["imports", "import_rows", "idempotency_keys"];
    let sums = tables.iter().filter(|table| !told.contains(&table.name.as_str())).map(|table| {
        let name = &table.name;
        format!("coalesce((select bit_xor(hashtextextended('{name}' || t::text, 0)) from \"{name}\" t), 0)")
    });
    server.count(&format!("select {} as count", sums.collect::<Vec<_>>().join(" # "))).await
}
