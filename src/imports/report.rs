//! What is told of an import: each row, and errors of one cause together.

use super::row::{Place, Row};
use super::types::{
    CauseKind, Import, ImportCause, ImportParams, ImportPlace, ImportRowReport, ImportStatus, RowChange, RowFinding,
    RowOutcome, SHOWN_CAUSES, SHOWN_CHANGES, SHOWN_PLACES, SHOWN_ROWS,
};
use crate::error::{Code, Error, Finding, FixBy, short};
use crate::records::types::RecordBody;
use crate::warnings::types::RecordWarning;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

const POINTER: usize = 500;
const MESSAGE: usize = 8000;
const TEXT: usize = 20_001;
/// Findings that a problem names.
const NAMED: usize = 1000;

/// A row's report before anything became of it.
pub fn row(number: i32, row: &Row) -> ImportRowReport {
    ImportRowReport {
        row: number,
        place: short(row.place.row(), POINTER),
        resource: row.resource,
        key: row.key.clone(),
        outcome: RowOutcome::Rejected,
        etag: None,
        errors: Vec::new(),
        warnings: Vec::new(),
        changes: Vec::new(),
    }
}

pub fn error(place: &Place, finding: &Finding) -> RowFinding {
    RowFinding {
        pointer: short(&finding.pointer, POINTER),
        place: short(place.of(&finding.pointer), POINTER),
        code: finding.code.id().to_owned(),
        message_ja: short(&finding.ja, MESSAGE),
        message_en: short(&finding.en, MESSAGE),
    }
}

pub fn warning(place: &Place, warning: &RecordWarning) -> RowFinding {
    let pointer = format!("/body{}", warning.pointer);
    RowFinding {
        place: short(place.of(&pointer), POINTER),
        pointer: short(pointer, POINTER),
        code: warning.code.clone(),
        message_ja: warning.message_ja.clone(),
        message_en: warning.message_en.clone(),
    }
}

/// What differs between the record that is stored and the one that is wanted.
pub fn changes(before: &RecordBody, after: &RecordBody) -> Result<Vec<RowChange>, Error> {
    let json = |body: &RecordBody| serde_json::to_value(body).map_err(Error::internal);
    let mut changes = Vec::new();
    compare("", Some(&json(before)?), Some(&json(after)?), &mut changes);
    changes.truncate(SHOWN_CHANGES);
    Ok(changes)
}

fn compare(at: &str, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<RowChange>) {
    let (old, new) = (old.filter(|value| !value.is_null()), new.filter(|value| !value.is_null()));
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(_)) | None, Some(Value::Object(_)) | None) => {
            let names = [old, new].into_iter().flatten().filter_map(Value::as_object).flat_map(|map| map.keys());
            let mut seen = Vec::new();
            for name in names {
                if !seen.contains(&name) {
                    seen.push(name);
                    let below = format!("{at}/{}", crate::error::token(name));
                    compare(&below, old.and_then(|old| old.get(name)), new.and_then(|new| new.get(name)), changes);
                }
            }
        }
        (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) => {
            let length = |value: Option<&Value>| value.and_then(Value::as_array).map_or(0, Vec::len);
            for index in 0..length(old).max(length(new)) {
                let below = format!("{at}/{index}");
                compare(&below, old.and_then(|old| old.get(index)), new.and_then(|new| new.get(index)), changes);
            }
        }
        _ => {
            let text = |value: &Value| match value {
                Value::String(text) => short(text, TEXT),
                other => short(other.to_string(), TEXT),
            };
            changes.push(RowChange { pointer: short(at, POINTER), old: old.map(text), new: new.map(text) });
        }
    }
}

/// The whole report.
pub fn whole(
    id: Uuid,
    at: DateTime<Utc>,
    params: &ImportParams,
    blank: usize,
    outdated: bool,
    rows: &[ImportRowReport],
) -> Result<Import, Error> {
    let count = |outcome| number(rows.iter().filter(|row| row.outcome == outcome).count());
    let rejected = count(RowOutcome::Rejected)?;
    let status = match params.mode {
        _ if rejected == 0 => ImportStatus::Completed,
        super::types::ImportMode::Partial => ImportStatus::Partial,
        super::types::ImportMode::Atomic => ImportStatus::Refused,
    };
    let mut causes = causes(rows);
    if outdated {
        causes.push(other_form());
    }
    Ok(Import {
        id,
        at,
        status,
        dry_run: params.dry_run,
        mode: params.mode,
        on_conflict: params.on_conflict,
        rows: number(rows.len())?,
        created: count(RowOutcome::Created)?,
        updated: count(RowOutcome::Updated)?,
        unchanged: count(RowOutcome::Unchanged)?,
        rejected,
        blank: number(blank)?,
        errors: number(rows.iter().map(|row| row.errors.len()).sum())?,
        warnings: number(rows.iter().map(|row| row.warnings.len()).sum::<usize>() + usize::from(outdated))?,
        causes,
        results: rows.iter().take(SHOWN_ROWS).cloned().collect(),
    })
}

fn number(count: usize) -> Result<i32, Error> {
    i32::try_from(count).map_err(Error::internal)
}

/// Findings that say the same of the same field of different rows: errors first, then the most frequent.
fn causes(rows: &[ImportRowReport]) -> Vec<ImportCause> {
    let mut causes: Vec<ImportCause> = Vec::new();
    let mut known: HashMap<(CauseKind, &str, String, &str), usize> = HashMap::new();
    for (kind, row, finding) in rows.iter().flat_map(|row| {
        let errors = row.errors.iter().map(move |finding| (CauseKind::Error, row.row, finding));
        errors.chain(row.warnings.iter().map(move |finding| (CauseKind::Warning, row.row, finding)))
    }) {
        let pointer = pattern(&finding.pointer);
        let key = (kind, finding.code.as_str(), pointer.clone(), finding.message_ja.as_str());
        let at = *known.entry(key).or_insert_with(|| {
            causes.push(ImportCause {
                kind,
                code: finding.code.clone(),
                pointer,
                message_ja: finding.message_ja.clone(),
                message_en: finding.message_en.clone(),
                fix_by: Code::find(&finding.code).map_or(FixBy::Sender, Code::fix_by),
                count: 0,
                places: Vec::new(),
            });
            causes.len() - 1
        });
        if let Some(cause) = causes.get_mut(at) {
            cause.count += 1;
            if cause.places.len() < SHOWN_PLACES {
                cause.places.push(ImportPlace { row, place: finding.place.clone() });
            }
        }
    }
    causes.sort_by_key(|cause| (cause.kind, std::cmp::Reverse(cause.count)));
    causes.truncate(SHOWN_CAUSES);
    causes
}

/// The template was made before programs or text fields of the form have changed.
fn other_form() -> ImportCause {
    ImportCause {
        kind: CauseKind::Warning,
        code: Code::ImportOutdatedForm.id().to_owned(),
        pointer: String::new(),
        message_ja: "この様式を取得したあとで、事業か文章欄が変わっています。新しい様式を取得して、足りない行がないか確かめてください".to_owned(),
        message_en: "Programs or text fields have changed since this template was made. Get a new one and see whether rows are missing".to_owned(),
        fix_by: Code::ImportOutdatedForm.fix_by(),
        count: 1,
        places: Vec::new(),
    }
}

/// `/body/values/3/unit` → `/body/values/*/unit`
fn pattern(pointer: &str) -> String {
    let star = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    pointer.split('/').map(|part| if star(part) { "*" } else { part }).collect::<Vec<_>>().join("/")
}

/// A refused import as a problem: every cause with the places it is found at.
pub fn refusal(import: &Import) -> Error {
    let found = import.causes.iter().filter(|cause| cause.kind == CauseKind::Error).flat_map(|cause| {
        let code = Code::find(&cause.code).unwrap_or(Code::RequestInvalid);
        cause.places.iter().map(move |place| Finding::new(&place.place, code, &cause.message_ja, &cause.message_en))
    });
    let (id, rejected, rows, errors) = (import.id, import.rejected, import.rows, import.errors);
    Error::with_findings(
        Code::ImportRefused,
        format!(
            "{rows}件のうち{rejected}件に誤りがあり（{errors}か所）、何も書き込んでいません。すべての行の結果：/api/v1/imports/{id}"
        ),
        format!(
            "{rejected} of {rows} rows are in error ({errors} places), so nothing was written. All rows: /api/v1/imports/{id}"
        ),
        found.take(NAMED).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(old: &Value, new: &Value) -> Vec<(String, Option<String>, Option<String>)> {
        let mut changes = Vec::new();
        compare("", Some(old), Some(new), &mut changes);
        changes.into_iter().map(|change| (change.pointer, change.old, change.new)).collect()
    }

    #[test]
    fn what_differs_is_told_field_by_field() {
        let old = json!({ "texts": { "text": "前" }, "note": null, "values": [{ "value": 1 }, { "value": 2 }] });
        let new = json!({ "texts": { "text": "後" }, "note": "注", "values": [{ "value": 1 }] });
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told(&old, &new),
            [
                ("/texts/text".to_owned(), some("前"), some("後")),
                ("/note".to_owned(), None, some("注")),
                ("/values/1/value".to_owned(), some("2"), None),
            ]
        );
        assert_eq!(told(&old, &old), []);
    }

    #[test]
    fn numbers_in_a_pointer_say_nothing_of_the_cause() {
        assert_eq!(pattern("/body/values/12/unit"), "/body/values/*/unit");
        assert_eq!(pattern("/key/program"), "/key/program");
        assert_eq!(pattern(""), "");
    }
}
