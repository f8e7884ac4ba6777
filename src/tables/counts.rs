//! How many programs of a table have which level.

use super::content::{PlanLevel, PlanScheme};
use super::layout::{Given, Record};
use super::types::{TableCount, TableRow};
use crate::records::types::Part;
use std::collections::{BTreeMap, HashSet};

/// (scheme, first fiscal year it is valid in) → level → (programs, of which priority)
type Counted = BTreeMap<(String, i16), BTreeMap<String, (usize, usize)>>;

/// Of the plan owner's scales all levels, in their order, those of nobody too; of others those that occur.
pub fn of(given: &Given<'_>, rows: &[TableRow]) -> Vec<TableCount> {
    let shown: HashSet<(&str, &str)> =
        rows.iter().map(|row| (row.program.as_str(), row.municipality.as_str())).collect();
    let priority: HashSet<&str> =
        given.content.programs.iter().filter(|program| program.priority).map(|program| program.code.as_str()).collect();
    let mut counted = Counted::new();
    let is_shown = |record: &&Record| {
        record.part == Part::Results && shown.contains(&(record.program.as_str(), record.municipality.as_str()))
    };
    for record in given.records.iter().filter(is_shown) {
        for judged in &record.body.evaluations {
            let scheme = counted.entry((judged.scheme.clone(), judged.fiscal_year)).or_default();
            let (programs, of_which) = scheme.entry(judged.level.clone()).or_default();
            *programs += 1;
            *of_which += usize::from(priority.contains(record.program.as_str()));
        }
    }
    let lines = counted.into_iter().flat_map(|((code, year), levels)| {
        let scheme = given.content.scheme(&code, year);
        lines(&code, scheme, levels)
    });
    lines.collect()
}

fn lines(code: &str, scheme: Option<&PlanScheme>, mut counted: BTreeMap<String, (usize, usize)>) -> Vec<TableCount> {
    let title = scheme.map_or(code, |scheme| &scheme.title);
    let line = |level: &str, known: Option<&PlanLevel>, (programs, of_which_priority)| TableCount {
        scheme: code.to_owned(),
        scheme_title: title.to_owned(),
        level: level.to_owned(),
        label: known.and_then(|known| known.label.clone()),
        matrix_row: known.and_then(|known| known.matrix_row.clone()),
        matrix_column: known.and_then(|known| known.matrix_column.clone()),
        programs,
        of_which_priority,
    };
    let known = scheme.map_or(&[][..], |scheme| &scheme.levels);
    let mut all: Vec<TableCount> = known
        .iter()
        .map(|level| line(&level.code, Some(level), counted.remove(&level.code).unwrap_or_default()))
        .collect();
    all.extend(counted.iter().map(|(level, counts)| line(level, None, *counts)));
    all
}
