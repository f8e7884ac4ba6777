//! What every operation tells of itself.

use super::document::{document, operations};
use serde_json::Value;

/// In Japanese and in English.
fn is_told(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    !text.is_ascii() && text.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.len() > 1)
}

#[test]
fn every_operation_says_what_it_does_and_who_may() {
    let mut broken = Vec::new();
    let tags: Vec<&Value> = document()["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut used = Vec::new();
    for operation in operations(document()) {
        let summary = &operation.json["summary"];
        let japanese_first = summary.as_str().is_some_and(|text| text.starts_with(|c: char| !c.is_ascii()));
        if !is_told(summary) || !japanese_first {
            broken.push(format!("{operation}: a summary, Japanese first, then English: {summary}"));
        }
        let description = &operation.json["description"];
        if !is_told(description) || !description.as_str().unwrap().contains("**Who may**") {
            broken.push(format!("{operation}: a description that says who may"));
        }
        for name in ["x-codes"] {
            if let Some(unknown) = operation.json.get(name) {
                broken.push(format!("{operation}: no such codes: {unknown}"));
            }
        }
        let secured = operation.json["security"].as_array().is_some_and(|all| !all.contains(&serde_json::json!({})));
        if secured && !description.as_str().unwrap().contains("_") {
            broken.push(format!("{operation}: security names no role"));
        }
        match operation.json["tags"].as_array().map(Vec::as_slice) {
            Some([tag]) if tags.contains(&tag) => used.push(tag),
            other => broken.push(format!("{operation}: one of the document's tags: {other:?}")),
        }
    }
    broken.extend(
        tags.into_iter().filter(|tag| !used.contains(tag)).map(|tag| format!("the tag {tag} has no operation")),
    );
    assert!(broken.is_empty(), "operations without:\n  {}", broken.join("\n  "));
}
