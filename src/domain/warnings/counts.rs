//! Counts printed on a sheet against the rows that it has.

use super::{Code, Warning};
use std::collections::BTreeMap;

/// A count as printed.
pub struct Declared<'a> {
    pub scheme: Scheme<'a>,
    /// None: all levels together
    pub level: Option<&'a str>,
    pub count: i64,
    pub of_which_priority: Option<i64>,
}

/// Owner, code and first fiscal year.
pub type Scheme<'a> = (&'a str, &'a str, i16);

/// How many programs were given a level by an evaluator, and how many of them have priority.
pub struct Row<'a> {
    pub scheme: Scheme<'a>,
    pub evaluator: &'a str,
    pub level: &'a str,
    pub programs: i64,
    pub priority: i64,
}

/// Printed counts that no evaluator's rows give.
pub fn declared(declared: &[Declared<'_>], rows: &[Row<'_>]) -> Vec<Warning> {
    let mut found = Vec::new();
    for (place, printed) in declared.iter().enumerate() {
        let mut counted: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.scheme == printed.scheme) {
            let (programs, priority) = counted.entry(row.evaluator).or_default();
            if printed.level.is_none_or(|level| level == row.level) {
                *programs += row.programs;
                *priority += row.priority;
            }
        }
        if counted.is_empty() {
            counted.insert("self", (0, 0));
        }
        let differing: Vec<(&str, i64, i64)> = counted
            .values()
            .map(|(programs, priority)| {
                let of_which = printed.of_which_priority.filter(|of_which| of_which != priority);
                match of_which {
                    Some(of_which) if *programs == printed.count => ("of_which_priority", of_which, *priority),
                    None if *programs == printed.count => ("", 0, 0),
                    _ => ("count", printed.count, *programs),
                }
            })
            .collect();
        let agrees = differing.iter().any(|(field, ..)| field.is_empty());
        if let Some((field, stands, rows)) = differing.first().filter(|_| !agrees) {
            found.push(differs(place, printed, field, *stands, *rows));
        }
    }
    found
}

fn differs(place: usize, printed: &Declared<'_>, field: &str, stands: i64, rows: i64) -> Warning {
    let what_ja = printed.level.map_or_else(|| "合計".to_owned(), |level| format!("「{level}」"));
    let what_en = printed.level.map_or_else(|| "all levels".to_owned(), |level| format!("level `{level}`"));
    let (of_which_ja, of_which_en) = if field == "count" { ("", "") } else { ("のうち重点", " with priority") };
    let warning = Warning::new(
        Code::DeclaredCountDiffers,
        format!("/declared_counts/{place}/{field}"),
        format!(
            "様式では{what_ja}{of_which_ja}が {stands} 件ですが、記録では {rows} 件です。様式か評価を確認してください"
        ),
        format!(
            "the sheet says {stands} for {what_en}{of_which_en}, the records {rows}: check the sheet or the evaluations"
        ),
    );
    warning.with("declared", stands).with("counted", rows)
}
