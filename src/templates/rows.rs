//! A template as flat rows: what CSV and XLSX have in common.

use super::form::{Entry, Form, Sheet};
use crate::error::Error;
use crate::records::flat::{BREAKDOWN, Cells, Flat, KEY, ORDINAL, RECORD, TEXT, VALUE, flatten};
use crate::records::types::{Part, RecordBody};
use crate::web::table::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// The rows of a record, the key in each of them: what stands there, and the figures to be filled in.
pub fn of(form: &Form, sheet: &Sheet, entry: &Entry) -> Result<Vec<Cells>, Error> {
    let mut body = entry.body.clone().unwrap_or_else(nothing);
    body.values.extend(entry.blanks.iter().cloned());
    let Flat { record, values } = flatten(&body)?;
    let mut rows = if values.is_empty() { vec![Cells::new()] } else { values };
    for row in &mut rows {
        row.extend(key(form, sheet, entry));
    }
    if let Some(first) = rows.first_mut() {
        first.extend(record);
    }
    Ok(rows)
}

fn nothing() -> RecordBody {
    RecordBody {
        texts: BTreeMap::new(),
        no_change_from_last_year: false,
        cross_reference: None,
        repost_of: None,
        missing_reason: None,
        reason: None,
        amended_on: None,
        note: None,
        values: Vec::new(),
        evaluations: Vec::new(),
    }
}

/// What brings a row back to its record.
pub fn key(form: &Form, sheet: &Sheet, entry: &Entry) -> impl Iterator<Item = (String, Cell)> {
    let program = &entry.program;
    let amendment = (sheet.part == Part::Targets).then(|| entry.amendment.to_string());
    [
        ("resource", Some(sheet.part.resource().to_owned())),
        ("plan", Some(form.key.plan.to_string())),
        ("municipality", Some(form.key.municipality.to_string())),
        ("municipality_name", Some(form.municipality.clone())),
        ("program", Some(program.code.clone())),
        ("program_number", program.number.clone()),
        ("program_name", program.name.clone()),
        ("period", Some(sheet.period.code())),
        ("amendment", amendment),
        ("if_match", entry.etag.clone()),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name.to_owned(), text?.into())))
}

/// Every column a file of this template needs, in the order of the flat form.
pub fn columns(form: &Form) -> Vec<String> {
    let names = |columns: &[(&'static str, &'static str)]| columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut all: Vec<String> = names(&KEY);
    all.extend(form.text_fields.iter().map(|field| format!("{TEXT}{}", field.code)));
    for (judged, _) in &form.scales {
        all.extend(["level", "reason", "against"].map(|part| format!("{judged}.{part}")));
    }
    all.extend::<Vec<String>>(names(&RECORD));
    all.push(ORDINAL.0.to_owned());
    all.extend::<Vec<String>>(names(&VALUE));
    all.extend(axes(form).into_iter().map(|axis| format!("{BREAKDOWN}{axis}")));
    all
}

/// The dimensions by which figures are broken down.
fn axes(form: &Form) -> BTreeSet<&String> {
    let entries = form.sheets.iter().flat_map(|sheet| &sheet.entries);
    let values = entries.flat_map(|entry| entry.body.iter().flat_map(|body| &body.values).chain(&entry.blanks));
    values.flat_map(|value| value.breakdown.keys()).collect()
}
