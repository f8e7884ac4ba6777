//! What the city sets up: its departments, the plan with its goals and policies, two scales, indicators.

use super::super::with;
use super::{CITY, Entry, PLAN, full_width};
use crate::given::{create, token_of};
use crate::harness::Server;
use serde_json::{Value, json};

/// The codes the city's system uses for its departments.
const DEPARTMENTS: [(&str, &str); 15] = [
    ("hoiku", "保育課"),
    ("kenko", "健康課"),
    ("kodomo-seisaku", "子ども政策課"),
    ("shido", "指導室"),
    ("shogai-gakushu", "生涯学習推進課"),
    ("shogaisha-shien", "障がい者支援課"),
    ("kodomo-katei-shien", "子ども家庭支援センター"),
    ("kyoiku-somu", "教育総務課"),
    ("chiiki-bosai", "地域防災課"),
    ("toshi-keikaku", "都市計画課"),
    ("kanri", "管理課"),
    ("kensetsu", "建設課"),
    ("shisetsu-shokan", "施設所管課"),
    ("kikaku-seisaku", "企画政策課"),
    ("shoko-shinko", "商工振興課"),
];

pub const SITE_VIEWS: &str = "site_views";
pub const APP_USERS: &str = "app_users";
pub const EXCHANGE_RATE: &str = "exchange_rate";

pub fn department(name: &str) -> &'static str {
    let found = DEPARTMENTS.iter().find(|(_, known)| *known == name);
    found.unwrap_or_else(|| panic!("a department without code: {name}")).0
}

/// A goal or policy as the city sends it.
pub struct Node {
    pub code: String,
    pub body: Value,
}

/// All but programs and records, which `report` sends.
pub async fn define(server: &Server, document: &Value, nodes: &[Node]) {
    let token = token_of(server, CITY);
    let mut all = Entry::new("document 004", document);
    // Where it was read from; goals and programs go with the records.
    all.ignore(&["source_file", "sha256", "goals", "programs"]);

    let mut city = all.entry("municipality");
    let known = server.get(&format!("/municipalities/{CITY}")).expect(200).await.json;
    assert_eq!((city.take("code6"), city.take("name")), (json!(CITY), known["name"].clone()));
    city.done();

    for (code, name) in DEPARTMENTS {
        create(server, &token, &format!("/departments/{CITY}/{code}"), &json!({ "name": name })).await;
    }
    create(server, &token, &format!("/plans/{PLAN}"), &plan(&mut all)).await;
    for Node { code, body } in nodes {
        create(server, &token, &format!("/nodes/{PLAN}/{code}"), body).await;
    }
    for given in all.list("evaluation_schemes") {
        let (code, body) = scheme(&given);
        create(server, &token, &format!("/evaluation_schemes/{CITY}/{code}/2020"), &body).await;
    }
    for (code, body) in indicators() {
        create(server, &token, &format!("/indicators/{CITY}/{code}"), &body).await;
    }
    all.done();
}

fn plan(all: &mut Entry) -> Value {
    let (mut plan, mut sheet) = (all.entry("plan"), all.entry("document"));
    let fields = ["number", "program", "targets", "departments", "rating", "achievement", "results"];
    let labels = all.list("columns");
    assert_eq!(labels.len(), fields.len());
    let columns: Vec<Value> =
        fields.iter().zip(labels).map(|(column, label)| json!({ "column": column, "label": label })).collect();
    let body = json!({
        "title": plan.take("title_ja"), "kind": "child_support", "adopted_on": plan.take("established"),
        "fiscal_year_from": plan.take("fy_from"), "fiscal_year_to": plan.take("fy_to"),
        "document_label": sheet.take("document_no"), "column_labels": columns, "status": "adopted", "numbering": "plan",
        "printed": {
            "document": sheet.take("title_ja"), "chapter": plan.take("chapter_ja"),
            "adopted_on": plan.take("established_text"),
        },
    });
    // The periods of the records.
    assert_eq!((plan.take("target_year"), sheet.take("result_fiscal_year")), (json!(2024), json!(2020)));
    plan.done();
    sheet.done();
    body
}

/// 基本目標１ and ① below it, in printed order.
pub fn goal(given: &Value) -> Node {
    let mut goal = Entry::new("goal", given);
    let number = goal.take("no");
    let body = json!({
        "kind": "basic_goal", "number_label": format!("基本目標{}", full_width(&number)),
        "title": goal.take("title_ja"), "position": number.as_i64().unwrap() * 100,
    });
    goal.done();
    Node { code: number.to_string(), body }
}

pub fn policy(goal: &Value, number: &Value, title: Value) -> Node {
    let place = number.as_i64().unwrap();
    let circled = ["①", "②", "③", "④", "⑤"][usize::try_from(place).unwrap() - 1];
    let body = json!({
        "kind": "policy", "number_label": circled, "title": title, "parent": goal.to_string(),
        "position": goal.as_i64().unwrap() * 100 + place,
    });
    Node { code: format!("{goal}.{number}"), body }
}

fn scheme(given: &Value) -> (String, Value) {
    let mut scheme = Entry::new("scheme", given);
    let code = scheme.text("code").replace("akiruno_2020_", "");
    let levels: Vec<Value> = scheme.list("levels").iter().map(level).collect();
    let body = json!({
        "title": scheme.take("title_ja"), "legend": scheme.take("legend_ja"), "levels": levels,
    });
    scheme.done();
    (code, body)
}

fn level(given: &Value) -> Value {
    let mut level = Entry::new("level", given);
    let (label, presumed, basis) = (level.take("label_ja"), level.take("label_ja_presumed"), level.take("basis"));
    let definition = match (&label, &presumed) {
        (Value::Null, Value::Null) => "lost",
        (Value::Null, _) => "presumed",
        (_, Value::Null) => "given",
        both => panic!("given and presumed: {both:?}"),
    };
    let (lower, upper) = (level.take("lower_percent"), level.take("upper_percent"));
    // 95 to below 105: a lower bound that says nothing of itself is closed.
    let inclusive = |bound: &Value, given: Value| {
        if bound.is_null() || !given.is_null() { given } else { json!(true) }
    };
    let fields = [
        ("label", if label.is_null() { presumed } else { label }),
        ("basis", basis),
        ("lower_inclusive", inclusive(&lower, level.take("lower_inclusive"))),
        ("upper_inclusive", inclusive(&upper, level.take("upper_inclusive"))),
        ("lower_bound", lower),
        ("upper_bound", upper),
    ];
    let body = with(json!({ "code": level.take("code"), "definition": definition }), &fields);
    level.done();
    body
}

fn indicators() -> [(&'static str, Value); 3] {
    [
        (
            SITE_VIEWS,
            json!({
                "name": "子育て応援サイトのアクセス件数", "kind": "count", "unit": "件", "aggregation": "sum",
                "temporality": "period_total", "direction": "more_is_better",
            }),
        ),
        (
            APP_USERS,
            json!({
                "name": "子育て応援アプリのダウンロードユーザー数", "kind": "count", "unit": "人", "aggregation": "sum",
                "temporality": "point_in_time", "direction": "more_is_better",
            }),
        ),
        // The target says only which way it should go: 実施率の増加.
        (
            EXCHANGE_RATE,
            json!({
                "name": "副籍交流事業の実施率", "kind": "rate", "unit": "％", "aggregation": "weighted_mean",
                "temporality": "period_total", "direction": "more_is_better",
            }),
        ),
    ]
}
