//! What the READMEs say is what the program does.

use super::none;
use super::source::sources;
use std::collections::BTreeSet;
use std::fs;

fn file(name: &str) -> String {
    fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Every variable that `hagukumi config` shows.
fn variables() -> BTreeSet<String> {
    let (table, _) = hagukumi::config::show(&|_| None);
    table.lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// Words between backticks or in a fenced block.
fn code(text: &str) -> String {
    let inside = text.split('`').enumerate().filter(|(number, _)| number % 2 == 1).map(|(_, code)| code);
    let fenced = text.split("```").enumerate().filter(|(number, _)| number % 2 == 1).map(|(_, code)| code);
    inside.chain(fenced).collect::<Vec<_>>().join("\n")
}

fn is_variable(word: &str) -> bool {
    word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

fn words(code: &str) -> BTreeSet<String> {
    code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned).collect()
}

/// What follows `hagukumi ` or `make `.
fn commands(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut found = BTreeSet::new();
    for program in ["hagukumi", "make"] {
        for (at, _) in code.match_indices(&format!("{program} ")) {
            let word = code[at + program.len() + 1..].split(|c: char| !c.is_ascii_lowercase() && c != '-').next();
            found.extend(word.filter(|word| !word.is_empty()).map(|word| format!("{program} {word}")));
        }
    }
    found
}

#[test]
fn the_readmes_tell_every_variable() {
    let variables = variables();
    let mut broken = Vec::new();
    for name in ["README.md", "README.ja.md"] {
        let text = file(name);
        // A cell of the table may name two.
        let table: String = text.lines().filter(|line| line.starts_with("| `")).collect::<Vec<_>>().join("\n");
        let told: BTreeSet<_> = words(&code(&table)).into_iter().filter(|word| is_variable(word)).collect();
        broken.extend(variables.difference(&told).map(|variable| format!("{name} lacks {variable}")));
    }
    none("every variable of `hagukumi config` is in the table of both READMEs", broken);
}

#[test]
fn the_readmes_tell_the_same_commands_and_these_exist() {
    let (english, japanese) = (commands(&file("README.md")), commands(&file("README.ja.md")));
    assert!(english.len() > 4, "{english:?}");
    let both = english.symmetric_difference(&japanese);
    none("README.md and README.ja.md name the same commands", both.cloned().collect());
    let (makefile, all) = (file("Makefile"), sources("src"));
    let main = &all.iter().find(|source| source.path == "src/main.rs").unwrap().text;
    let exists = |command: &String| match command.split_once(' ').unwrap() {
        ("make", target) => makefile.contains(&format!("\n{target}:")),
        // clap's name of a variant.
        (_, name) => {
            let mut variant = name[..1].to_uppercase();
            variant.push_str(&name[1..]);
            [" {", ",", "("].iter().any(|end| main.contains(&format!("\n    {variant}{end}")))
        }
    };
    none("commands that do not exist", english.iter().filter(|command| !exists(command)).cloned().collect());
}
