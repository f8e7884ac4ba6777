//! Rows out of CSV and XLSX, which `read` takes apart.

use super::read::{self, Format, Names, ReadRow};
use super::row::{self, Given, Place, Row, Rows};
use super::types::{ImportRowKey, OnConflict, RowResource};
use crate::error::{Code, Error, Finding};
use crate::reports::types::ReportKey;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

pub fn rows(bytes: &[u8], format: Format, names: &Names, on_conflict: OnConflict) -> Result<Rows, Error> {
    let mut file = read::open(bytes, format, names)?;
    row::bounded(file.count)?;
    let form = file.about().and_then(form);
    let mut all = Rows { rows: Vec::new(), blank: file.blank, form };
    let mut names = Known::default();
    file.each::<Error>(|read| {
        all.rows.push(one(read, &mut names, on_conflict));
        Ok(())
    })?;
    Ok(all)
}

/// Of which form the file is.
fn form(about: &BTreeMap<String, String>) -> Option<(ReportKey, String)> {
    let named = |name: &str| about.get(name).map(String::as_str);
    row::form(named("plan")?, named("municipality")?, named("round")?, named("form")?)
}

/// Pointers and columns are few, and each is there in every row: kept once.
#[derive(Default)]
struct Known(HashSet<Arc<str>>);

impl Known {
    fn take(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        let new: Arc<str> = name.into();
        self.0.insert(new.clone());
        new
    }
}

fn one(read: ReadRow, names: &mut Known, on_conflict: OnConflict) -> Row {
    let ReadRow {
        place,
        resource,
        key,
        if_match,
        mut body,
        program_name,
        program_number,
        mut cells,
        findings,
        source,
        ..
    } = read;
    // Where each finding is, the reader knows best: in whichever of the record's rows.
    cells.extend(findings.iter().map(|found| (found.finding.pointer.clone(), found.place.clone())));
    let cells = cells.into_iter().map(|(pointer, place)| (names.take(&pointer), place)).collect();
    let place = Place::Cells { row: place, cells };
    let resource = match resource.as_deref() {
        Some("target") => Some(RowResource::Target),
        Some("result") => Some(RowResource::Result),
        _ => None,
    };
    let source = source.into_iter().flat_map(|row| row.cells).collect();
    let shown = shown(&key);
    let findings: Vec<Finding> = findings.into_iter().map(|found| found.finding).collect();
    let named = serde_json::from_value::<ImportRowKey>(key);
    let (Some(kind), Ok(mut key)) = (resource, named) else {
        let unclear =
            Finding::new("/key", Code::RowKey, "どの記録の行か読み取れません", "the row's record cannot be read");
        let findings = if findings.is_empty() { vec![unclear] } else { findings };
        return Row { place, resource, key: shown, wish: Err(findings), source };
    };
    key.program_name = program_name.map(|(name, _)| name);
    key.program_number = program_number.map(|(number, _)| number);
    findings.iter().for_each(|finding| set_aside(&mut body, &finding.pointer));
    let wish = serde_json::to_vec(&body)
        .map_err(|cause| row::of(Error::internal(cause), "/body"))
        .and_then(|body| row::wish(Given { resource: kind, key, if_match, body: &body }, on_conflict));
    let wish = if findings.is_empty() { wish } else { Err(all(findings, wish.err().unwrap_or_default())) };
    Row { place, resource, key: shown, wish, source }
}

/// A figure that cannot be read is a blank one while the rest is checked; so are the evaluations.
fn set_aside(body: &mut serde_json::Value, pointer: &str) {
    let mut parts = pointer.split('/').skip(2);
    match (parts.next(), parts.next().and_then(|index| index.parse::<usize>().ok())) {
        (Some("values"), Some(index)) => {
            if let Some(value) = body.get_mut("values").and_then(|values| values.get_mut(index)) {
                *value = json!({ "item": "-", "label": "-", "source": "-", "missing_reason": "not_reported" });
            }
        }
        (Some("evaluations"), _) => drop(body.as_object_mut().and_then(|body| body.remove("evaluations"))),
        _ => {}
    }
}

/// What cannot be read, and what is wrong with what can. A field that cannot be read is missing in the body: what that
/// makes wrong is no finding of its own.
fn all(unread: Vec<Finding>, wrong: Vec<Finding>) -> Vec<Finding> {
    let field = |pointer: &str| pointer.split('/').take(4).collect::<Vec<_>>().join("/");
    let follows = |finding: &Finding| {
        unread.iter().any(|other| {
            let (field, other) = (field(&finding.pointer), field(&other.pointer));
            other.starts_with(&field) || field.starts_with(&other)
        })
    };
    let others: Vec<Finding> = wrong.into_iter().filter(|finding| !follows(finding)).collect();
    unread.into_iter().chain(others).collect()
}

fn shown(key: &serde_json::Value) -> BTreeMap<String, String> {
    let fields = key.as_object().into_iter().flatten();
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = fields.map(|(name, value)| (name.clone(), text(value)));
    row::short_key(fields.filter(|(name, value)| !(name == "amendment" && value == "0")))
}
