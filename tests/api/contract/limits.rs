//! The bounds of the document are those of the code: each is overstepped once, and refused.

use super::document::{Operation, document, operations};
use super::examples::{TOKEN, body, example, execute, token};
use crate::demo::loaded;
use serde_json::{Value, json};

fn resolved(schema: &'static Value) -> &'static Value {
    let pointer = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    let schema = pointer.map_or(schema, |pointer| document().pointer(pointer).unwrap());
    // A field that may be null: its other half.
    match schema["oneOf"].as_array() {
        Some(choices) => resolved(choices.iter().find(|one| one["type"] != "null").unwrap()),
        None => schema,
    }
}

fn is(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&json!(kind)))
}

/// Something that the schema lets through, as short as it can be.
fn least(schema: &'static Value) -> Value {
    let schema = resolved(schema);
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words[0].clone();
    }
    if is(schema, "string") {
        return json!("x".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap().max(1)));
    }
    if is(schema, "object") {
        let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
        return required.map(|name| (name.to_owned(), least(&schema["properties"][name]))).collect();
    }
    if is(schema, "array") { json!([]) } else { schema.get("minimum").cloned().unwrap_or(json!(1)) }
}

/// `(what, place, value)`: values one beyond each bound of a schema and of what it holds.
fn beyond(at: &str, schema: &'static Value, found: &mut Vec<(String, Value)>) {
    let schema = resolved(schema);
    let mut say = |what: &str, value: Value| found.push((format!("{at} {what}"), value));
    let number = |name: &str| schema[name].as_u64().map(|number| usize::try_from(number).unwrap());
    if let Some(most) = number("maxLength") {
        say("maxLength", json!("1".repeat(most + 1)));
    }
    if let Some(fewest) = number("minLength").filter(|fewest| *fewest > 0) {
        say("minLength", json!("1".repeat(fewest - 1)));
    }
    if schema.get("pattern").is_some() {
        say("pattern", json!("\u{3042}"));
    }
    if schema.get("enum").is_some() {
        say("enum", json!("no_such_word"));
    }
    for (name, step) in [("maximum", 1.0), ("exclusiveMaximum", 0.0), ("minimum", -1.0), ("exclusiveMinimum", 0.0)] {
        if let Some(bound) = schema[name].as_f64() {
            say(name, json!(bound + step));
            say(name, json!((bound + step) as i64));
        }
    }
    if let Some(most) = number("maxItems") {
        say("maxItems", Value::Array(vec![least(&schema["items"]); most + 1]));
    }
    if let Some(fewest) = number("minItems").filter(|fewest| *fewest > 0) {
        say("minItems", Value::Array(vec![least(&schema["items"]); fewest - 1]));
    }
    if let Some(most) = number("maxProperties") {
        say("maxProperties", (0..=most).map(|at| (format!("a{at}"), json!("x"))).collect());
        let longest = usize::try_from(schema["propertyNames"]["maxLength"].as_u64().unwrap()).unwrap();
        say("propertyNames", json!({ "a".repeat(longest + 1): "x" }));
    }
    if !is(schema, "string") {
        say("another type", json!("text"));
    }
    inside(at, schema, found);
}

fn inside(at: &str, schema: &'static Value, found: &mut Vec<(String, Value)>) {
    if let Some(items) = schema.get("items") {
        let mut of_one = Vec::new();
        beyond(&format!("{at}[]"), items, &mut of_one);
        found.extend(of_one.into_iter().map(|(what, value)| (what, json!([value]))));
    }
    if schema["additionalProperties"].is_object() {
        let mut of_one = Vec::new();
        beyond(&format!("{at}.*"), &schema["additionalProperties"], &mut of_one);
        found.extend(of_one.into_iter().map(|(what, value)| (what, json!({ "text": value }))));
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let mut whole = least(schema);
    for (name, property) in properties {
        let mut of_one = Vec::new();
        beyond(&format!("{at}.{name}"), property, &mut of_one);
        for (what, value) in of_one {
            let mut with = whole.clone();
            with[name] = value;
            found.push((what, with));
        }
    }
    whole["no_such_field"] = json!(1);
    found.push((format!("{at} additionalProperties"), whole));
}

#[actix_web::test]
async fn what_lies_beyond_a_bound_of_a_body_is_refused() {
    let server = loaded().await;
    let (mut tried, mut taken) = (0, Vec::new());
    for operation in operations(document()) {
        // A form is judged by its own table of hostile requests.
        if operation.path == TOKEN {
            continue;
        }
        let Some(example) = body(&operation) else { continue };
        let schema = resolved(&operation.json["requestBody"]["content"]["application/json"]["schema"]);
        for (name, property) in schema["properties"].as_object().unwrap() {
            let mut wrong = Vec::new();
            beyond(name, property, &mut wrong);
            for (what, value) in wrong {
                let mut body = example.clone();
                body[name] = value;
                let answer = execute(&server, &operation, Some(&body)).await;
                tried += 1;
                if ![400, 422].contains(&answer.status) {
                    let shown: String = body[name].to_string().chars().take(80).collect();
                    taken.push(format!("{operation} {what}: {} for {shown}", answer.status));
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
    assert!(taken.is_empty(), "{} of {tried} were not refused:\n  {}", taken.len(), taken.join("\n  "));
}

/// The address with its examples, but for this one; none: it would be another address.
fn with(operation: &Operation, name: &str, text: &str) -> Option<String> {
    let (mut path, mut query) = (operation.path.to_owned(), String::new());
    for parameter in operation.parameters() {
        let known = parameter["name"].as_str().unwrap();
        let given = match example(parameter) {
            _ if known == name => text.to_owned(),
            Some(Value::String(example)) => example.clone(),
            Some(example) => example.to_string(),
            None => continue,
        };
        match parameter["in"].as_str().unwrap() {
            "path" if given.is_empty() => return None,
            "path" => path = path.replace(&format!("{{{known}}}"), &given),
            "query" => query += &format!("&{known}={given}"),
            _ => {}
        }
    }
    Some(format!("/{path}{}", query.replacen('&', "?", 1)))
}

#[actix_web::test]
async fn what_lies_beyond_a_bound_of_a_parameter_is_refused() {
    let server = loaded().await;
    let (mut tried, mut taken) = (0, Vec::new());
    for operation in operations(document()).into_iter().filter(|operation| operation.method == "get") {
        for parameter in operation.parameters() {
            let name = parameter["name"].as_str().unwrap();
            let mut wrong = Vec::new();
            beyond(name, &parameter["schema"], &mut wrong);
            for (what, value) in wrong {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let text = text.replace('\u{3042}', "%E3%81%82");
                let Some(address) = with(&operation, name, &text) else { continue };
                let call = server.get(&address);
                let call = if parameter["in"] == "header" { call.header(&name.to_lowercase(), &text) } else { call };
                let call = match token(&server, &operation, "") {
                    Some(token) => call.token(&token),
                    None => call,
                };
                let answer = call.send().await;
                tried += 1;
                if ![400, 404].contains(&answer.status) {
                    taken.push(format!("{operation} {what}: {}", answer.status));
                }
            }
        }
    }
    assert!(tried > 200, "{tried}");
    assert!(taken.is_empty(), "{} of {tried} were not refused:\n  {}", taken.len(), taken.join("\n  "));
}
