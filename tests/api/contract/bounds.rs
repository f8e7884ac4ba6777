//! Every schema has an end and is closed: a generated client knows what can come, a sender what is taken.

use super::document::{content, document, operations};
use serde_json::Value;

/// Everything without an end in a schema and what it holds.
fn open_ends(at: &str, schema: &Value, found: &mut Vec<String>) {
    if schema.get("$ref").is_some() || schema.get("enum").is_some() || schema.get("const").is_some() {
        return;
    }
    let mut alternatives = ["oneOf", "anyOf", "allOf"].iter().filter_map(|name| schema[name].as_array()).peekable();
    if alternatives.peek().is_some() {
        alternatives.flatten().for_each(|one| open_ends(at, one, found));
        return;
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return found.push(format!("{at}: any JSON at all")),
    };
    let lacks = |names: &[&str]| names.iter().all(|name| schema.get(name).is_none());
    for kind in types {
        match kind {
            "string" if lacks(&["maxLength"]) => found.push(format!("{at}: a string without maxLength")),
            "integer" | "number"
                if lacks(&["minimum", "exclusiveMinimum"]) || lacks(&["maximum", "exclusiveMaximum"]) =>
            {
                found.push(format!("{at}: a number without minimum and maximum"));
            }
            "array" => {
                if lacks(&["maxItems"]) {
                    found.push(format!("{at}: an array without maxItems"));
                }
                open_ends(&format!("{at}[]"), &schema["items"], found);
            }
            "object" => open_object(at, schema, found),
            _ => {}
        }
    }
}

fn open_object(at: &str, schema: &Value, found: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        open_ends(&format!("{at}.{name}"), property, found);
    }
    match &schema["additionalProperties"] {
        Value::Bool(false) => {}
        Value::Object(_) if schema.get("maxProperties").is_some() => {
            open_ends(&format!("{at}.*"), &schema["additionalProperties"], found);
            open_ends(&format!("{at} (names)"), &schema["propertyNames"], found);
        }
        _ => found.push(format!("{at}: an open object")),
    }
}

#[test]
fn every_schema_has_an_end_and_is_closed() {
    let document = document();
    let mut found = Vec::new();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.contains_key("RecordValue"), "the figures inside records");
    for (name, schema) in schemas {
        open_ends(name, schema, &mut found);
    }
    for operation in operations(document) {
        for parameter in operation.parameters() {
            open_ends(&format!("{operation} {}", parameter["name"]), &parameter["schema"], &mut found);
        }
        for (media, schema) in content(&operation.json["requestBody"]) {
            open_ends(&format!("{operation} {media}"), schema, &mut found);
        }
        for (status, response) in operation.responses() {
            for (media, schema) in content(response) {
                open_ends(&format!("{operation} {status} {media}"), schema, &mut found);
            }
            for (name, header) in response["headers"].as_object().into_iter().flatten() {
                open_ends(&format!("{operation} {status} {name}"), &header["schema"], &mut found);
            }
        }
    }
    assert!(found.is_empty(), "without an end:\n  {}", found.join("\n  "));
}
