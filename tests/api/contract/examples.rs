//! Whoever presses "Execute" in the Swagger UI of the demo sends these examples: each succeeds, and again.

use super::document::{Operation, content, document, operations};
use crate::demo::loaded;
use crate::given::token_of;
use crate::harness::{Answer, Server};
use actix_web::http::Method;
use hagukumi::auth::jwt::Role;
use serde_json::Value;

/// Parameters that have no example, because it would fail, or find nothing, or an old page.
const WITHOUT: [(&str, &str); 9] = [
    ("after", "is signed, as a cursor is"),
    ("cursor", "is signed, and belongs to one walk"),
    ("area", "few programs have one"),
    ("status", "of records is for `view=working`, which is not the view of the examples"),
    ("person", "only transitions name one"),
    ("fields", "of CSV and NDJSON: a page of JSON has the fields it is documented with"),
    ("dry_run", "a DELETE has one; a PUT that is tried is meant"),
    ("If-Match", "the ETag last read; to create there is none"),
    ("If-None-Match", "of a reader: the answer would be 304"),
];

/// Stand instead of another one that has an example.
const INSTEAD: [(&str, &[&str]); 1] =
    [("get_aggregates", &["statutory_program", "prefecture", "within", "goals", "level_scheme", "evaluator"])];

/// Needs the secret of a client, which each demo makes for itself: first steps and the browser's test ask for tokens.
pub const TOKEN: &str = "/oauth/token";

/// Each import has a number of its own: nobody knows beforehand which.
const NUMBERED: &str = "/imports/{import}";

/// What a Swagger UI sends.
pub fn example(of: &Value) -> Option<&Value> {
    of.get("example").or_else(|| of["schema"].get("example"))
}

/// What a parameter shows that one need not give.
fn shown(of: &Value) -> Option<&Value> {
    example(of).or_else(|| of.get("x-example"))
}

#[test]
fn every_parameter_is_described_and_has_an_example() {
    let mut broken = Vec::new();
    for operation in operations(document()) {
        for parameter in operation.parameters() {
            let name = parameter["name"].as_str().unwrap();
            if parameter["description"].as_str().unwrap_or_default().is_empty() {
                broken.push(format!("{operation} {name}: no description"));
            }
            let instead = INSTEAD.iter().any(|(id, names)| *id == operation.id() && names.contains(&name));
            if shown(parameter).is_none() && !instead && !WITHOUT.iter().any(|(known, _)| *known == name) {
                broken.push(format!("{operation} {name}: no example"));
            }
        }
        if content(&operation.json["requestBody"]).next().is_some() && body(&operation).is_none() {
            broken.push(format!("{operation}: no example of its body"));
        }
    }
    assert!(broken.is_empty(), "without:\n  {}", broken.join("\n  "));
}

pub fn body(operation: &Operation) -> Option<Value> {
    let medias = operation.json["requestBody"]["content"].as_object()?;
    medias.values().find_map(|media| media.get("example").cloned())
}

/// The address with its examples, those of all filters too if asked for, and the body in whose name it is called.
fn address(operation: &Operation, filters: bool) -> (String, String) {
    let (mut path, mut whose, mut query) = (operation.path.to_owned(), String::new(), String::new());
    for parameter in operation.parameters() {
        let given = if filters { shown(parameter) } else { example(parameter) };
        let (name, Some(example)) = (parameter["name"].as_str().unwrap(), given) else { continue };
        let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        match parameter["in"].as_str().unwrap() {
            "path" => {
                if whose.is_empty() && ["plan", "owner", "municipality"].contains(&name) {
                    whose = example[..6].to_owned();
                }
                path = path.replace(&format!("{{{name}}}"), &example);
            }
            "query" => query += &format!("&{name}={example}"),
            _ => {}
        }
    }
    (format!("/{path}{}", query.replacen('&', "?", 1)), whose)
}

/// The roles of an operation that takes no call without a token.
fn roles<'a>(operation: &Operation<'a>) -> Vec<&'a str> {
    let all = operation.json["security"].as_array().into_iter().flatten();
    all.filter_map(|one| one["bearer"].as_array()).flatten().filter_map(Value::as_str).collect()
}

pub async fn execute(server: &Server, operation: &Operation<'_>, body: Option<&Value>) -> Answer {
    send(server, operation, body, false).await
}

/// A token of the body the example is about, or of the administrator where nobody else may.
pub fn token(server: &Server, operation: &Operation, whose: &str) -> Option<String> {
    let roles = roles(operation);
    let reporter =
        operation.parameters().find(|parameter| parameter["in"] == "path" && parameter["name"] == "municipality");
    let reports = roles.contains(&"municipal_editor");
    let reporter = reporter.filter(|_| reports).and_then(example).and_then(Value::as_str);
    match roles.as_slice() {
        [] => None,
        ["administrator"] => Some(server.token(&[Role::Administrator], &[])),
        _ => Some(token_of(server, reporter.unwrap_or(if whose.is_empty() { "132292" } else { whose }))),
    }
}

async fn send(server: &Server, operation: &Operation<'_>, body: Option<&Value>, filters: bool) -> Answer {
    let (address, whose) = address(operation, filters);
    let mut call = server.call(Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap(), &address);
    if let Some(token) = token(server, operation, &whose) {
        call = call.token(&token);
    }
    for parameter in operation.parameters().filter(|parameter| parameter["in"] == "header") {
        if let Some(example) = example(parameter).and_then(Value::as_str) {
            call = call.header(&parameter["name"].as_str().unwrap().to_lowercase(), example);
        }
    }
    if let Some(body) = body {
        call = call.json(body);
    }
    call.send().await
}

#[actix_web::test]
async fn every_example_succeeds_twice() {
    let server = loaded().await;
    let mut broken = Vec::new();
    for time in 1..=2 {
        for operation in operations(document())
            .into_iter()
            .filter(|operation| operation.path != TOKEN && !operation.path.contains(NUMBERED))
        {
            // Reading is the same each time: the second time with every filter.
            let filters = time == 2 && operation.method == "get";
            let answer = send(&server, &operation, body(&operation).as_ref(), filters).await;
            let fits = match operation.method {
                // With `dry_run=true`: what the sample holds is in use or handed in, and stays.
                "delete" => [204, 409].contains(&answer.status),
                _ => (200..300).contains(&answer.status),
            };
            let found = answer.json.get("results").is_none_or(|results| results != &serde_json::json!([]));
            if !fits || !found {
                broken.push(format!("time {time}, {operation}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(broken.is_empty(), "examples that fail or find nothing:\n  {}", broken.join("\n  "));
}
