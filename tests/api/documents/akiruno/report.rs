//! Programs, targets and results as the city sends them, and their publication.

use super::super::{array, string, with};
use super::define::{self, Node, define, department};
use super::values::Figures;
use super::{CITY, Entry, PLAN};
use crate::given::{create, publish, token_of};
use crate::harness::Server;
use serde_json::{Value, json};

/// One program with its records.
pub struct Mapped {
    pub code: String,
    pub program: Value,
    pub target: Option<Value>,
    pub result: Value,
    /// What the transcription works out, for the check.
    pub percents: Vec<(String, f64)>,
    /// Those of the items that have a goal in numbers, code and body.
    pub indicators: Vec<(String, Value)>,
    shared: Vec<(usize, Value)>,
}

pub struct Document {
    pub nodes: Vec<Node>,
    pub programs: Vec<Mapped>,
}

pub fn mapped(document: &Value) -> Document {
    let mut nodes: Vec<Node> = array(&document["goals"]).iter().map(define::goal).collect();
    let mut programs = Vec::new();
    for given in array(&document["programs"]) {
        let mut entry = Entry::new(&format!("program {}", given["number"]), given);
        let (goal, number) = (entry.take("goal_no"), entry.take("policy_no"));
        let goal_code = goal.to_string();
        assert!(nodes.iter().any(|node| node.code == goal_code && node.body["title"] == given["goal"]));
        entry.take("goal");
        let policy = define::policy(&goal, &number, entry.take("policy"));
        let node = policy.code.clone();
        match nodes.iter().find(|known| known.code == node) {
            Some(known) => assert_eq!(known.body, policy.body),
            None => nodes.push(policy),
        }
        programs.push(program(entry, node));
    }
    same_figures(&mut programs);
    Document { nodes, programs }
}

fn program(mut entry: Entry, node: String) -> Mapped {
    // Where it stands in the file it was read from.
    entry.ignore(&["line_start", "rating_line", "line_end"]);
    let number = entry.take("number");
    let departments = entry.list("departments");
    let printed_departments = entry.list("departments_verbatim");
    let body = json!({
        "number_label": number.to_string(), "node": node, "position": number.as_i64().unwrap() * 10,
        "departments":
            departments.iter().map(|name| json!({ "department": department(string(name)) })).collect::<Vec<_>>(),
        "printed": {},
    });
    let mut body = with(body, &[("statutory_program", entry.take("statutory_program_code"))]);
    for (field, verbatim) in [("name", "name_verbatim"), ("description", "description_verbatim")] {
        let (clean, verbatim) = (entry.take(field), entry.take(verbatim));
        if clean != verbatim {
            body["printed"][field] = verbatim;
        }
        body[field] = clean;
    }
    if departments != printed_departments {
        let lines: Vec<&str> = printed_departments.iter().map(string).collect();
        body["printed"]["departments"] = json!(lines.join("\n"));
    }

    let target_text = entry.take("targets_text_verbatim");
    let mut target_figures = Figures::new(target_text.as_str().unwrap_or_default());
    let mut items = Vec::new();
    for given in entry.list("targets_fy2024") {
        target_figures.add(&given, &[]);
        items.push(string(&given["label"]).to_owned());
    }
    let text = entry.text("results_text_verbatim");
    let words = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(words(&text), words(&entry.text("results_text")), "the cleaned text says the same");
    assert_eq!(entry.take("covid_mentioned"), text.contains("コロナ"));
    let mut figures = Figures::new(&text);
    for given in entry.list("results_fy2020") {
        figures.add(&given, &items);
    }
    figures.close();
    let indicators = name_goals(&number, &mut target_figures.values, &mut figures.values);
    let target = match target_text {
        Value::Null => None,
        ref text => Some(json!({ "texts": { "text": text }, "values": target_figures.values })),
    };
    let level = |scheme: &str, level: String| json!({ "owner": CITY, "scheme": scheme, "fiscal_year": 2020, "level": level, "against": "2024" });
    let evaluations =
        [level("rating", entry.text("rating")), level("achievement", entry.take("achievement").to_string())];
    let result = json!({ "texts": { "text": text }, "values": figures.values, "evaluations": evaluations });
    let result = with(result, &[("cross_reference", entry.take("cross_reference"))]);
    entry.done();
    Mapped {
        code: number.to_string(),
        program: body,
        target,
        result,
        percents: figures.percents,
        indicators,
        shared: figures.shared,
    }
}

/// An item with a goal in numbers is followed by an indicator: the goal's own figure and the result's.
fn name_goals(number: &Value, goals: &mut [Value], results: &mut [Value]) -> Vec<(String, Value)> {
    let mut indicators = Vec::new();
    for (index, goal) in goals.iter_mut().filter(|goal| goal["role"].is_null()).enumerate() {
        if !goal["indicator"].is_null() || !goal["text"].is_null() {
            continue;
        }
        let code = format!("t{number}-{}", index + 1);
        let reference = json!({ "owner": CITY, "indicator": code });
        let rate = goal["rate"].is_number();
        let (kind, aggregation) = if rate { ("rate", "weighted_mean") } else { ("count", "sum") };
        indicators.push((
            code,
            json!({
                "name": goal["label"], "kind": kind, "unit": goal["unit"], "aggregation": aggregation,
                "temporality": "period_total",
            }),
        ));
        goal["indicator"] = reference.clone();
        for result in results.iter_mut().filter(|result| result["item"] == goal["item"] && result["role"].is_null()) {
            result["indicator"] = reference.clone();
        }
    }
    indicators
}

/// A figure that two programs print stands for itself in one of them: where both say so, in the one with the target.
fn same_figures(programs: &mut [Mapped]) {
    let mut found = Vec::new();
    for (here, program) in programs.iter().enumerate() {
        for (index, other) in &program.shared {
            let other = other.to_string();
            let there = programs.iter().find(|known| known.code == other).unwrap();
            let back = there.shared.iter().any(|(_, program_back)| *program_back.to_string() == program.code);
            if back && program.target.is_some() {
                continue;
            }
            // The printed item there that has every figure of this one's.
            let (mine, theirs) = (array(&program.result["values"]), array(&there.result["values"]));
            let same = |a: &Value, b: &Value| a["value"] == b["value"] && a["unit"] == b["unit"];
            let whole_item = |item: &Value| {
                let mut beside = mine.iter().filter(|value| value["item"] == mine[*index]["item"]);
                beside.all(|value| theirs.iter().any(|other| other["item"] == *item && same(value, other)))
            };
            let places: Vec<usize> = (0..theirs.len())
                .filter(|at| same(&mine[*index], &theirs[*at]) && whole_item(&theirs[*at]["item"]))
                .collect();
            let [place] = places[..] else { panic!("{places:?} for {}", mine[*index]) };
            let ordinal = place + 1;
            found.push((here, *index, json!({ "program": there.code, "ordinal": ordinal })));
        }
    }
    for (here, index, same) in found {
        programs[here].result["values"][index]["same_figure_as"] = same;
    }
}

/// Everything in, and published.
pub async fn report(server: &Server, given: &Value, document: &Document) {
    define(server, given, &document.nodes).await;
    let token = token_of(server, CITY);
    // First all programs: a figure names the program that shows it too.
    for Mapped { code, program, indicators, .. } in &document.programs {
        for (indicator, body) in indicators {
            create(server, &token, &format!("/indicators/{CITY}/{indicator}"), body).await;
        }
        create(server, &token, &format!("/programs/{PLAN}/{code}"), program).await;
    }
    for Mapped { code, target, result, .. } in &document.programs {
        if let Some(target) = target {
            create(server, &token, &format!("/targets/{PLAN}/{code}/{CITY}/2024"), target).await;
        }
        create(server, &token, &format!("/results/{PLAN}/{code}/{CITY}/2020"), result).await;
    }
    publish(server, PLAN, CITY, "2024-targets").await;
    publish(server, PLAN, CITY, "2020-results").await;
}
