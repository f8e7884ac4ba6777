//! What deny.toml says of licences and of crates that are not wanted, without cargo-deny.

use super::none;
use serde_json::Value;
use std::process::Command;

fn metadata() -> Vec<Value> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--format-version", "1", "--locked", "--offline"]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = tree["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 100, "the tree is nearly empty");
    packages
}

fn deny() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml")).unwrap()
}

/// The first quoted text of each line between two marks.
fn quoted<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    let (_, rest) = text.split_once(from).unwrap();
    let (list, _) = rest.split_once(to).unwrap();
    list.lines().filter_map(|line| line.split('"').nth(1)).collect()
}

/// An SPDX expression holds if one alternative of each of its parts does. `/` is an old way to write OR.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.replace('/', " OR ");
    let mut depth = 0;
    let mut parts = vec![String::new()];
    let mut alternatives = Vec::new();
    for word in expression.replace('(', " ( ").replace(')', " ) ").split_whitespace() {
        match word {
            "AND" if depth == 0 => alternatives.push("AND"),
            "OR" if depth == 0 => alternatives.push("OR"),
            _ => {
                depth += i32::from(word == "(") - i32::from(word == ")");
                parts.last_mut().unwrap().extend([word, " "]);
                continue;
            }
        }
        parts.push(String::new());
    }
    let holds = |part: &String| {
        let part = part.trim();
        match part.strip_prefix("( ").and_then(|inner| inner.strip_suffix(" )")) {
            Some(inner) => is_allowed(inner, allowed),
            None => allowed.contains(&part),
        }
    };
    // AND binds closer than OR.
    let mut conjunctions = vec![holds(&parts[0])];
    for (joint, part) in alternatives.iter().zip(&parts[1..]) {
        match *joint {
            "AND" => *conjunctions.last_mut().unwrap() &= holds(part),
            _ => conjunctions.push(holds(part)),
        }
    }
    conjunctions.contains(&true)
}

#[test]
fn licences_are_read_as_they_are_written() {
    let allowed = ["MIT", "ISC", "Apache-2.0"];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("GPL-3.0/MIT", true),
        ("ISC AND (Apache-2.0 OR GPL-3.0)", true),
        ("ISC AND (LGPL-2.1 OR GPL-3.0)", false),
        ("MIT AND ISC OR GPL-3.0", true),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let deny = deny();
    let allowed = quoted(&deny, "allow = [", "]");
    let wrong = metadata().into_iter().filter_map(|package| {
        let licence = package["license"].as_str().unwrap_or_default();
        (!is_allowed(licence, &allowed)).then(|| format!("{}: {licence:?}", package["name"].as_str().unwrap()))
    });
    none("permissive licences only (deny.toml)", wrong.collect());
}

#[test]
fn no_dependency_is_banned() {
    let deny = deny();
    let banned = quoted(&deny, "deny = [", "\n]");
    assert!(banned.contains(&"actix-governor"), "{banned:?}");
    let names = metadata().into_iter().map(|package| package["name"].as_str().unwrap().to_owned());
    none("banned (deny.toml)", names.filter(|name| banned.contains(&name.as_str())).collect());
}
