//! The SQL that writes records: each statement for any number of them.

use super::Working;
use crate::db::Conn;
use crate::db::rows;
use crate::db::schema::record_evaluations;
use crate::error::Error;
use crate::records::rows::{REPLACING, new_evaluations, new_values};
use crate::records::types::{Block, Part, RecordBody};
use crate::records::value::MissingReason;
use crate::warnings::types::RecordWarning;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::future::{try_join, try_join5};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::iter::repeat;

/// A record's own columns.
#[derive(Debug, Serialize)]
struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    plan: &'a str,
    program: &'a str,
    municipality: &'a str,
    period: String,
    part: Part,
    amendment: i16,
    round: &'a str,
    texts: &'a BTreeMap<String, String>,
    no_change_from_last_year: bool,
    cross_reference: Option<&'a str>,
    repost_of: Option<&'a str>,
    missing_reason: Option<MissingReason>,
    reason: Option<&'a str>,
    amended_on: Option<&'a str>,
    note: Option<&'a str>,
    warnings: &'a [RecordWarning],
    version: i64,
}

/// A record as it is to stand.
pub struct Content<'a> {
    pub program: &'a str,
    pub body: &'a RecordBody,
    pub warnings: &'a [RecordWarning],
    pub version: i64,
}

impl<'a> Content<'a> {
    fn row(&self, block: &'a Block, id: Option<i64>, round: &'a str) -> Row<'a> {
        let body = self.body;
        Row {
            id,
            plan: block.plan.as_str(),
            program: self.program,
            municipality: block.municipality.as_str(),
            period: block.period.code(),
            part: block.part,
            amendment: block.amendment,
            round,
            texts: &body.texts,
            no_change_from_last_year: body.no_change_from_last_year,
            cross_reference: body.cross_reference.as_deref(),
            repost_of: body.repost_of.as_deref(),
            missing_reason: body.missing_reason,
            reason: body.reason.as_deref(),
            amended_on: body.amended_on.as_deref(),
            note: body.note.as_deref(),
            warnings: self.warnings,
            version: self.version,
        }
    }
}

/// New records of one round; their ids by program. A program is missing where another creator was faster.
pub async fn insert(
    conn: &Conn,
    block: &Block,
    round: &str,
    contents: &[Content<'_>],
) -> Result<HashMap<String, i64>, Error> {
    const INTO: &str = "insert into records (plan, program, municipality, period, part, amendment, round, texts, \
        no_change_from_last_year, cross_reference, repost_of, missing_reason, reason, amended_on, note, warnings, version) \
        select plan, program, municipality, period, part, amendment, round, texts, \
        no_change_from_last_year, cross_reference, repost_of, missing_reason, reason, amended_on, note, warnings, version \
        from jsonb_populate_recordset(null::records, ";
    let new = contents.iter().map(|content| content.row(block, None, round)).collect();
    let made =
        rows::returning(conn, INTO, new, ") order by program on conflict do nothing returning id, program").await?;
    Ok(made.into_iter().map(|(id, program)| (program, id)).collect())
}

/// Records that are there and locked, each with what is to stand in its place. What stays the same is not written.
pub async fn update(conn: &Conn, block: &Block, contents: &[(&Working, Content<'_>)]) -> Result<(), Error> {
    const SET: &str = "update records r set texts = k.texts, \
        no_change_from_last_year = k.no_change_from_last_year, cross_reference = k.cross_reference, \
        repost_of = k.repost_of, missing_reason = k.missing_reason, reason = k.reason, amended_on = k.amended_on, \
        note = k.note, warnings = k.warnings, version = k.version, redacted = false from jsonb_populate_recordset(null::records, ";
    let changed = contents.iter().map(|(old, content)| content.row(block, Some(old.id), &old.round)).collect();
    let both = || contents.iter().map(|(old, content)| (old.id, &old.body, content.body));
    let fewer = both().filter(|(_, old, new)| old.values.len() > new.values.len());
    let last = fewer.map(|(record, _, new)| Last { record, ordinal: new.values.len() }).collect();
    let values = both().flat_map(|(id, old, new)| {
        let values = new_values(id, block.plan.as_str(), &new.values).zip(&new.values);
        let old = old.values.iter().map(Some).chain(repeat(None));
        values.zip(old).filter(|((_, new), old)| *old != Some(*new)).map(|((row, _), _)| row)
    });
    let judged = || both().filter(|(_, old, new)| old.evaluations != new.evaluations);
    let evaluations = judged().flat_map(|(id, _, new)| new_evaluations(id, &new.evaluations)).collect();
    try_join5(
        rows::execute(conn, SET, changed, ") k where r.id = k.id"),
        rows::execute(conn, BEYOND, last, ") k where v.record = k.record and v.ordinal > k.ordinal"),
        rows::execute(conn, VALUES, values.collect(), REPLACING),
        unjudge(conn, judged().filter(|(_, old, _)| !old.evaluations.is_empty()).map(|(id, ..)| id).collect()),
        rows::execute(conn, EVALUATIONS, evaluations, ")"),
    )
    .await?;
    Ok(())
}

/// The last figure of a record that has fewer than it had.
#[derive(Debug, Serialize)]
struct Last {
    record: i64,
    ordinal: usize,
}

const BEYOND: &str = "delete from record_values v using jsonb_populate_recordset(null::record_values, ";
const VALUES: &str = "insert into record_values select * from jsonb_populate_recordset(null::record_values, ";
const EVALUATIONS: &str =
    "insert into record_evaluations select * from jsonb_populate_recordset(null::record_evaluations, ";

async fn unjudge(mut conn: &Conn, records: Vec<i64>) -> Result<(), Error> {
    if !records.is_empty() {
        let old = record_evaluations::table.filter(record_evaluations::record.eq_any(records));
        diesel::delete(old).execute(&mut conn).await?;
    }
    Ok(())
}

/// Figures and evaluations of new records, by id.
pub async fn insert_parts(conn: &Conn, block: &Block, bodies: Vec<(i64, &RecordBody)>) -> Result<(), Error> {
    let values = bodies.iter().flat_map(|(id, body)| new_values(*id, block.plan.as_str(), &body.values)).collect();
    let evaluations = bodies.iter().flat_map(|(id, body)| new_evaluations(*id, &body.evaluations)).collect();
    let values = rows::execute(conn, VALUES, values, ")");
    try_join(values, rows::execute(conn, EVALUATIONS, evaluations, ")")).await?;
    Ok(())
}
