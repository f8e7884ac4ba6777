//! Paths, operations, parameters, bodies, answers.

use super::schemas::{Comparison, resolved};
use super::{Break, Way};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub fn compare(released: &Value, now: &Value, found: &mut Vec<Break>) {
    let mut schemas = Comparison { released, now, found, seen: BTreeSet::new() };
    for (path, item) in released["paths"].as_object().unwrap() {
        for (method, old) in item.as_object().unwrap().iter().filter(|(_, old)| old.get("responses").is_some()) {
            let at = format!("{} {path}", method.to_uppercase());
            match now["paths"][path].get(method) {
                None => gone(schemas.found, &at, "the operation is gone".into()),
                Some(new) => operation(&mut schemas, &at, old, new),
            }
        }
    }
    for code in released["components"]["examples"].as_object().into_iter().flatten().map(|(code, _)| code) {
        if now["components"]["examples"].get(code).is_none() {
            gone(schemas.found, code, "the error code is gone".into());
        }
    }
}

fn gone(found: &mut Vec<Break>, at: &str, what: String) {
    found.push(Break { at: at.to_owned(), what, way: None });
}

fn operation(schemas: &mut Comparison, at: &str, old: &Value, new: &Value) {
    for (name, what) in [("operationId", "its name in generated clients"), ("tags", "its place in generated clients")] {
        if old[name] != new[name] {
            gone(schemas.found, at, format!("{what} was {} and is {}", old[name], new[name]));
        }
    }
    security(schemas, at, &old["security"], &new["security"]);
    parameters(schemas, at, old, new);
    body(schemas, at, &old["requestBody"], &new["requestBody"]);
    for (status, answer) in old["responses"].as_object().unwrap().iter().filter(|(status, _)| status.as_str() < "400") {
        let place = format!("{at} {status}");
        let Some(now) = new["responses"].get(status) else {
            gone(schemas.found, &place, "the answer is gone".into());
            continue;
        };
        for (media, content) in answer["content"].as_object().into_iter().flatten() {
            match now["content"].get(media) {
                Some(now) => schemas.schema(Way::Answer, &place, &content["schema"], &now["schema"]),
                None => gone(schemas.found, &place, format!("{media} is not answered any more")),
            }
        }
        for name in answer["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
            if now["headers"].get(name).is_none() {
                gone(schemas.found, &place, format!("the header {name} is gone"));
            }
        }
    }
}

/// Alternatives of schemes, each with its roles or scopes: whoever could call it still can.
fn security(schemas: &mut Comparison, at: &str, old: &Value, new: &Value) {
    let free =
        |security: &Value| security.as_array().is_none_or(|all| all.iter().any(|one| one == &serde_json::json!({})));
    if free(new) {
        return;
    }
    if free(old) {
        return gone(schemas.found, at, "it asks for a token now".into());
    }
    for (scheme, roles) in old.as_array().into_iter().flatten().flat_map(|one| one.as_object().into_iter().flatten()) {
        let now = new.as_array().into_iter().flatten().find_map(|one| one.get(scheme));
        let Some(now) = now else {
            gone(schemas.found, at, format!("`{scheme}` does not open it any more"));
            continue;
        };
        for role in roles.as_array().into_iter().flatten() {
            if !now.as_array().is_some_and(|now| now.is_empty() || now.contains(role)) {
                gone(schemas.found, at, format!("the role {role} may not call it any more"));
            }
        }
    }
}

fn parameters(schemas: &mut Comparison, at: &str, old: &Value, new: &Value) {
    let (old, new) = (by_name(schemas.released, old), by_name(schemas.now, new));
    for ((place, name), parameter) in &old {
        let at = format!("{at} ({place} {name})");
        match new.get(&(*place, *name)) {
            None => gone(schemas.found, &at, "the parameter is gone".into()),
            Some(now) => {
                if parameter["required"] != true && now["required"] == true {
                    gone(schemas.found, &at, "the parameter is required now".into());
                }
                schemas.schema(Way::Request, &at, &parameter["schema"], &now["schema"]);
            }
        }
    }
    for ((place, name), _) in new.iter().filter(|(key, now)| now["required"] == true && !old.contains_key(*key)) {
        gone(schemas.found, &format!("{at} ({place} {name})"), "a new parameter is required".into());
    }
}

fn by_name<'a>(document: &'a Value, operation: &'a Value) -> BTreeMap<(&'a str, &'a str), &'a Value> {
    let all = operation["parameters"].as_array().into_iter().flatten().map(|one| resolved(document, one));
    all.map(|one| ((one["in"].as_str().unwrap(), one["name"].as_str().unwrap()), one)).collect()
}

fn body(schemas: &mut Comparison, at: &str, old: &Value, new: &Value) {
    if old["required"] != true && new["required"] == true {
        gone(schemas.found, at, "a body is required now".into());
    }
    for (media, content) in old["content"].as_object().into_iter().flatten() {
        match new["content"].get(media) {
            Some(now) => schemas.schema(Way::Request, &format!("{at} (body)"), &content["schema"], &now["schema"]),
            None => gone(schemas.found, at, format!("{media} is not taken any more")),
        }
    }
}
