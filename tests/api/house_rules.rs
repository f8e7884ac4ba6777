//! What a program can check of the house rules (CONTRIBUTING.md): one test a rule, which names every line that breaks it.

mod contract;
mod dependencies;
mod manuals;
pub mod source;
mod wire_types;

use source::{Source, is_word_at, sources};
use std::collections::HashMap;

/// Fails with every place at once.
fn none(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

/// Lines of ours, without comments and tests, that contain one of the patterns.
fn lines_with<'a>(sources: impl Iterator<Item = &'a Source>, patterns: &[&str]) -> Vec<String> {
    sources
        .flat_map(|source| source.code().map(move |(number, line)| (source, number, line)))
        .filter(|(_, _, line)| patterns.iter().any(|pattern| line.contains(pattern)))
        .map(|(source, number, line)| format!("{}:{number}: {}", source.path, line.trim()))
        .collect()
}

#[test]
fn sql_stands_where_one_looks_for_it() {
    let patterns =
        ["RunQueryDsl", "sql_query", "batch_execute", "diesel::insert_into", "diesel::update", "diesel::delete"];
    let all = sources("src");
    let elsewhere = all.iter().filter(|source| !source.holds_sql());
    let rule = "SQL only in queries.rs (and the files it is split into), journal, publications and db";
    none(rule, lines_with(elsewhere, &patterns));
}

#[test]
fn queries_take_a_connection_and_open_nothing() {
    let all = sources("src");
    let queries = all.iter().filter(|source| source.holds_sql() && source.slice() != "db");
    let rule = "a query function takes the connection; handlers open transactions";
    none(rule, lines_with(queries, &[".as_caller(", ".published(", "db.write(", ".transaction(", "open_plain"]));
}

#[test]
fn the_identity_is_set_in_one_place() {
    let all = sources("src");
    let elsewhere = all.iter().filter(|source| source.slice() != "db");
    none("no set_config outside db/", lines_with(elsewhere, &["set_config", "set local", "set role", "set session"]));
}

#[test]
fn a_slice_leaves_the_routes_of_others_alone() {
    let mut broken = Vec::new();
    for source in sources("src").iter().filter(|source| source.path != "src/app.rs") {
        for (number, line) in source.code() {
            for (at, _) in line.match_indices("::routes") {
                let whose = line[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
                if !["super", "self", source.slice()].contains(&whose) {
                    broken.push(format!("{}:{number}: {}", source.path, line.trim()));
                }
            }
        }
    }
    none("a slice calls another through its queries.rs or rules.rs; only app.rs knows routes", broken);
}

#[test]
fn the_domain_knows_nobody() {
    let foreign = ["actix", "diesel", "tokio", "utoipa", "log::", "std::fs", "std::net", "std::process", "std::io"];
    let all = sources("src");
    let domain: Vec<&Source> = all.iter().filter(|source| source.slice() == "domain").collect();
    assert!(domain.len() > 3, "the domain has moved");
    let mut broken = lines_with(domain.iter().copied(), &foreign);
    for source in domain {
        let inside = |line: &str| line.match_indices("crate::").all(|(at, _)| line[at + 7..].starts_with("domain"));
        let outward = source.code().filter(|(_, line)| !inside(line));
        broken.extend(outward.map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim())));
    }
    none("domain/ is pure: no HTTP, no database, no I/O, nothing of the crate but domain", broken);
}

/// The crate is open to its own program and tests, so the compiler does not see what nobody names.
#[test]
fn what_nobody_names_is_gone() {
    let ours = sources("src");
    let others = ["tests", "benches"].map(sources);
    let mut named: HashMap<&str, usize> = HashMap::new();
    for source in ours.iter().chain(others.iter().flatten()) {
        let lines = source.text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for word in lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')) {
            *named.entry(word).or_default() += 1;
        }
    }
    let mut broken = Vec::new();
    for source in &ours {
        for (number, line) in source.code() {
            let Some(item) = line.trim_start().strip_prefix("pub ") else { continue };
            let mut words = item.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
            let kinds = ["fn", "struct", "enum", "type", "const", "static", "trait"];
            let Some(_) = words.find(|word| kinds.contains(word)) else { continue };
            let name = words.find(|word| *word != "fn").unwrap_or_default();
            if named.get(name) == Some(&1) {
                broken.push(format!("{}:{number}: {name}", source.path));
            }
        }
    }
    none("what nobody names is gone", broken);
}

#[test]
fn streams_of_the_log_are_named_once() {
    let all = sources("src");
    none("`target: SECURITY`, not the word itself", lines_with(all.iter(), &["target: \""]));
}

#[test]
fn variables_are_read_in_one_place() {
    let all = sources("src");
    let own = |source: &&Source| source.path != "src/config.rs" && !source.path.starts_with("src/db/cluster");
    let rule = "only config.rs (and db/cluster its own) reads the environment";
    none(rule, lines_with(all.iter().filter(own), &["std::env", "env::var", "env::args", "env::temp_dir"]));
}

#[test]
fn handlers_are_registered_with_service_and_take_no_whole_request() {
    let all = sources("src");
    none("`.route(` is not collected into the document: use `.service(handler)`", lines_with(all.iter(), &[".route("]));
    let routes = all.iter().filter(|source| source.path.ends_with("/routes.rs"));
    none("no HttpRequest in a handler: write an extractor", lines_with(routes, &["HttpRequest"]));
}

#[test]
fn files_are_short() {
    const MOST: usize = 400;
    let mut all = sources("src");
    all.extend(sources("tests"));
    all.extend(sources("benches"));
    let long = all.iter().filter(|source| source.path != "src/db/schema.rs").filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > MOST).then(|| format!("{}: {lines} lines", source.path))
    });
    none("files have at most 400 lines: split by noun, not by layer", long.collect());
}

#[test]
fn every_step_of_the_schema_goes_up_and_down() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let steps: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(steps.len() > 3, "the migrations have moved");
    let half = steps.iter().flat_map(|step| ["up.sql", "down.sql"].map(|file| step.join(file)));
    let missing = half.filter(|file| !std::fs::read_to_string(file).is_ok_and(|sql| sql.contains(';')));
    none("a migration has up.sql and down.sql", missing.map(|file| file.display().to_string()).collect());
}

#[test]
fn every_error_code_is_used() {
    let all = sources("src");
    let code: Vec<&Source> = all.iter().filter(|source| source.path != "src/error/codes.rs").collect();
    let is_used = |variant: &str| {
        let name = format!("Code::{variant}");
        code.iter().any(|source| source.text.match_indices(&name).any(|(at, _)| is_word_at(&source.text, at, &name)))
    };
    let unused = hagukumi::error::Code::ALL.iter().map(|code| format!("{code:?}")).filter(|code| !is_used(code));
    none("an error code that nothing answers is a promise nobody keeps", unused.collect());
}
