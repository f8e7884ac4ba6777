//! Rules that the OpenAPI document shows.

use super::none;
use super::source::sources;
use crate::contract::document::{document, operations};
use hagukumi::error::Code;
use serde_json::Value;
use std::collections::BTreeSet;

fn prefixes(method: &str) -> &'static [&'static str] {
    match method {
        "get" => &["list_", "get_"],
        "put" => &["put_"],
        "post" => &["post_", "create_"],
        "patch" => &["patch_"],
        "delete" => &["delete_"],
        _ => &[],
    }
}

#[test]
fn operations_are_named_for_what_they_do_and_once() {
    let (mut seen, mut broken) = (BTreeSet::new(), Vec::new());
    for operation in operations(document()) {
        let (id, method) = (operation.id(), operation.method);
        if !prefixes(method).iter().any(|prefix| id.starts_with(prefix)) {
            broken.push(format!("{operation}: {id} begins with none of {:?}", prefixes(method)));
        }
        if !seen.insert(id) {
            broken.push(format!("{operation}: {id} is another one's name"));
        }
    }
    none("handler = operationId = list_ get_ put_ post_ create_ delete_ + noun, unique", broken);
}

/// utoipa writes `{}`, anything at all, for a type that it does not know or that is named `Value`.
#[test]
fn every_schema_says_what_it_is() {
    fn walk(at: &str, node: &Value, broken: &mut Vec<String>) {
        for (key, child) in node.as_object().into_iter().flatten() {
            let at = format!("{at}/{key}");
            let schemas = if key == "properties" { child.as_object() } else { None };
            let named = schemas.into_iter().flatten().map(|(name, schema)| (format!("{at}/{name}"), schema));
            let one = (key == "items" || key == "schema").then_some((at.clone(), child));
            broken.extend(named.chain(one).filter(|(_, schema)| **schema == serde_json::json!({})).map(|(at, _)| at));
            walk(&at, child, broken);
        }
        for (index, child) in node.as_array().into_iter().flatten().enumerate() {
            walk(&format!("{at}/{index}"), child, broken);
        }
    }
    let mut broken = Vec::new();
    walk("", document(), &mut broken);
    none("every schema says what it is", broken);
}

/// A response without one makes the document invalid.
#[test]
fn every_response_has_a_description() {
    let mut broken = Vec::new();
    for operation in operations(document()) {
        for (status, response) in operation.responses() {
            if response["description"].as_str().unwrap_or_default().trim().is_empty() {
                broken.push(format!("{operation} {status}"));
            }
        }
    }
    none("responses without a description", broken);
}

#[test]
fn every_handler_is_served() {
    let served: BTreeSet<&str> = operations(document()).iter().map(|operation| operation.id()).collect();
    let mut forgotten = Vec::new();
    for source in sources("src") {
        let lines: Vec<(usize, &str)> = source.code().collect();
        for (at, (number, line)) in lines.iter().enumerate() {
            let is_handler = ["get", "put", "post", "patch", "delete"]
                .iter()
                .any(|method| line.trim_start().starts_with(&format!("#[{method}(\"")));
            let signature =
                lines[at..].iter().find_map(|(_, line)| line.split_once("async fn ")).filter(|_| is_handler);
            let Some((_, signature)) = signature else { continue };
            let name = signature.split('(').next().unwrap();
            // The document does not tell of itself.
            if !served.contains(name) && name != "get_document" {
                forgotten.push(format!("{}:{number}: {name}", source.path));
            }
        }
    }
    none("handlers that no `.service(…)` registers", forgotten);
}

#[test]
fn every_error_code_is_explained_in_both_languages() {
    let text = document().to_string();
    let (mut seen, mut broken) = (BTreeSet::new(), Vec::new());
    for code in Code::ALL {
        let id = code.id();
        let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if !id.split_once('.').is_some_and(|(resource, reason)| is_part(resource) && is_part(reason)) {
            broken.push(format!("{id}: not resource.reason"));
        }
        if !text.contains(id) {
            broken.push(format!("{id}: not in the document"));
        }
        if code.title_ja().is_ascii() || !code.title_en().is_ascii() || code.title_en().is_empty() {
            broken.push(format!("{id}: a title in Japanese and one in English"));
        }
        if !seen.insert(id) {
            broken.push(format!("{id}: twice"));
        }
    }
    none("error codes are part of the contract", broken);
}
