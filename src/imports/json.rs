//! Rows out of JSON and NDJSON. Each is read on its own, so that one that cannot be read does not hide the others.

use super::row::{self, Given, Place, Row, Rows};
use super::types::{ImportRowKey, OnConflict, RowResource};
use crate::error::{Error, Finding};
use crate::web::json::{self, Rules};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use validator::Validate;

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Envelope {
    rows: Vec<Box<RawValue>>,
    plan: Option<String>,
    municipality: Option<String>,
    round: Option<String>,
    #[serde(rename = "form_version")]
    _form_version: Option<String>,
    form: Option<String>,
}
impl Rules for Envelope {
    fn check(&mut self, _: &mut Vec<Finding>) {}
}

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct GivenRow {
    resource: RowResource,
    key: ImportRowKey,
    #[serde(default)]
    if_match: Option<String>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
    /// As a template shows it beside.
    #[serde(default, rename = "last_year")]
    _last_year: IgnoredAny,
}
impl Rules for GivenRow {
    fn check(&mut self, _: &mut Vec<Finding>) {}
}

pub fn whole(body: &[u8], on_conflict: OnConflict) -> Result<Rows, Error> {
    let envelope: Envelope = json::parse(body)?;
    let rows = &envelope.rows;
    let texts = rows.iter().enumerate().map(|(index, row)| (Place::Json(index), row.get().as_bytes()));
    let mut all = read(texts, rows.len(), on_conflict)?;
    let Envelope { plan, municipality, round, form: print, .. } = &envelope;
    if let (Some(plan), Some(municipality), Some(round), Some(print)) = (plan, municipality, round, print) {
        all.form = row::form(plan, municipality, round, print);
    }
    Ok(all)
}

/// One row a line.
pub fn lines(body: &[u8], on_conflict: OnConflict) -> Result<Rows, Error> {
    let lines = || {
        let numbered = (1..).zip(body.split(|byte| *byte == b'\n'));
        numbered.filter(|(_, line)| !line.trim_ascii().is_empty())
    };
    read(lines().map(|(number, line)| (Place::Line(number), line)), lines().count(), on_conflict)
}

fn read<'a>(
    texts: impl Iterator<Item = (Place, &'a [u8])>,
    count: usize,
    on_conflict: OnConflict,
) -> Result<Rows, Error> {
    row::bounded(count)?;
    let column = Arc::from("row");
    let mut all = Rows::default();
    for (place, text) in texts {
        match one(place, text, &column, on_conflict) {
            Some(row) => all.rows.push(row),
            None => all.blank += 1,
        }
    }
    Ok(all)
}

/// None: a row that is not filled in.
fn one(place: Place, text: &[u8], column: &Arc<str>, on_conflict: OnConflict) -> Option<Row> {
    // The whole of a row that is refused is given back, so that it can be mended where it is.
    let source = || vec![(column.clone(), String::from_utf8_lossy(text.trim_ascii()).into_owned())];
    let given: GivenRow = match json::parse(text) {
        Ok(given) => given,
        Err(error) => {
            let wish = Err(row::of(error, ""));
            return Some(Row { place, resource: None, key: BTreeMap::new(), wish, source: source() });
        }
    };
    let GivenRow { resource, key, if_match, body, .. } = given;
    let body = body.filter(|body| body.get() != "null")?;
    let shown = row::shown(&key);
    let wish = row::wish(Given { resource, key, if_match, body: body.get().as_bytes() }, on_conflict);
    Some(Row { place, resource: Some(resource), key: shown, wish, source: source() })
}
