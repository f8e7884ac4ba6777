//! Working rows: editable while their report is draft or returned, seen by those who may see them.

pub mod last_year;
pub mod publication;
pub mod published;
pub mod sensitive;
pub mod surroundings;
pub mod working;
pub mod write;

use super::rows::{EvaluationRow, WorkingValue};
use super::types::{Block, Part, RecordBody, RecordKey};
use super::value::{Evaluation, MissingReason, RecordValue};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::condition::one_of;
use crate::db::lock;
use crate::db::schema::{municipalities, programs, record_evaluations, record_values, records};
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::warnings;
use crate::warnings::types::RecordWarning;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::future::try_join;
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Queryable, Selectable)]
#[diesel(table_name = records)]
struct Row {
    id: i64,
    plan: String,
    program: String,
    municipality: String,
    period: String,
    part: Part,
    amendment: i16,
    round: String,
    texts: AsJson<BTreeMap<String, String>>,
    no_change_from_last_year: bool,
    cross_reference: Option<String>,
    repost_of: Option<String>,
    missing_reason: Option<MissingReason>,
    reason: Option<String>,
    amended_on: Option<String>,
    note: Option<String>,
    version: i64,
    warnings: AsJson<Vec<RecordWarning>>,
    redacted: bool,
}

/// A working record, whole.
pub struct Working {
    pub id: i64,
    pub plan: String,
    pub program: String,
    pub municipality: String,
    pub period: String,
    pub part: Part,
    pub amendment: i16,
    pub round: String,
    pub version: i64,
    pub redacted: bool,
    pub names: Names,
    pub body: RecordBody,
    pub warnings: Vec<RecordWarning>,
    /// What is published of it is less: see `suppression`
    pub keeps_back: bool,
}

/// The names beside the codes.
#[derive(Clone, Debug)]
pub struct Names {
    pub municipality: String,
    pub program: Option<String>,
    pub number: Option<String>,
}

/// Rows with their names.
macro_rules! named {
    () => {
        records::table
            .inner_join(municipalities::table.on(municipalities::code.eq(records::municipality)))
            .inner_join(programs::table.on(programs::plan.eq(records::plan).and(programs::code.eq(records::program))))
            .select((Row::as_select(), municipalities::name, programs::name, programs::number_label))
    };
}
use named;

type NamedRow = (Row, String, Option<String>, Option<String>);

/// Adds figures and evaluations to rows: two statements in flight at once, however many rows; a third where there are
/// warnings, which may be acknowledged.
async fn complete(conn: &Conn, rows: Vec<NamedRow>) -> Result<Vec<Working>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = rows.iter().map(|(row, ..)| row.id).collect();
    let (mut first, mut second) = (conn, conn);
    let values = record_values::table
        .filter(one_of(record_values::record, ids.clone()))
        .order((record_values::record, record_values::ordinal))
        .select((record_values::record, WorkingValue::as_select()))
        .load::<(i64, WorkingValue)>(&mut first);
    let evaluations = record_evaluations::table
        .filter(one_of(record_evaluations::record, ids))
        .order((record_evaluations::record, record_evaluations::position))
        .select(EvaluationRow::as_select())
        .load::<EvaluationRow>(&mut second);
    let (values, evaluations) = try_join(values, evaluations).await?;
    let warned: Vec<i64> = rows.iter().filter(|(row, ..)| !row.warnings.0.is_empty()).map(|(row, ..)| row.id).collect();
    let acknowledged =
        if warned.is_empty() { HashSet::new() } else { warnings::queries::acknowledged(conn, &warned).await? };
    let seen = |id: i64, version: i64, warning: RecordWarning| {
        let key = (id, version, warning.warning.clone());
        RecordWarning { acknowledged: acknowledged.contains(&key), ..warning }
    };
    let mut values_of: HashMap<i64, Vec<RecordValue>> = HashMap::new();
    for (record, value) in values {
        values_of.entry(record).or_default().push(value.into());
    }
    let mut evaluations_of: HashMap<i64, Vec<Evaluation>> = HashMap::new();
    for row in evaluations {
        evaluations_of.entry(row.record).or_default().push(row.into());
    }
    Ok(rows
        .into_iter()
        .map(|(row, municipality, program, number)| Working {
            redacted: row.redacted,
            warnings: row.warnings.0.into_iter().map(|warning| seen(row.id, row.version, warning)).collect(),
            names: Names { municipality, program, number },
            keeps_back: false,
            body: RecordBody {
                texts: row.texts.0,
                no_change_from_last_year: row.no_change_from_last_year,
                cross_reference: row.cross_reference,
                repost_of: row.repost_of,
                missing_reason: row.missing_reason,
                reason: row.reason,
                amended_on: row.amended_on,
                note: row.note,
                values: values_of.remove(&row.id).unwrap_or_default(),
                evaluations: evaluations_of.remove(&row.id).unwrap_or_default(),
            },
            id: row.id,
            plan: row.plan,
            program: row.program,
            municipality: row.municipality,
            period: row.period,
            part: row.part,
            amendment: row.amendment,
            round: row.round,
            version: row.version,
        })
        .collect())
}

/// The filter of the records of a block.
macro_rules! by_block {
    ($rows:expr, $block:expr) => {
        $rows
            .filter(records::plan.eq($block.plan.as_str()))
            .filter(records::municipality.eq($block.municipality.as_str()))
            .filter(records::period.eq($block.period.code()))
            .filter(records::part.eq($block.part))
            .filter(records::amendment.eq($block.amendment))
    };
}

/// The filter of a record's natural key.
macro_rules! by_key {
    ($rows:expr, $key:expr) => {
        by_block!($rows, $key).filter(records::program.eq($key.program.as_str()))
    };
}

pub async fn find(mut conn: &Conn, key: &RecordKey) -> Result<Option<Working>, Error> {
    let row: Option<NamedRow> = by_key!(named!(), key).first(&mut conn).await.optional()?;
    Ok(complete(conn, row.into_iter().collect()).await?.pop())
}

/// As [`find`]; a second writer of the record waits here, and then sees what the first has left.
pub async fn find_for_update(mut conn: &Conn, key: &RecordKey) -> Result<Option<Working>, Error> {
    let row = by_key!(records::table, key).select(records::id).for_update();
    let locked: Option<i64> = row.first(&mut conn).await.optional()?;
    if locked.is_some() { find(conn, key).await } else { Ok(None) }
}

/// Those of these programs that have a record in the block. Nobody deletes one until this transaction ends.
pub async fn hold(mut conn: &Conn, block: &Block, programs: &[&str]) -> Result<HashSet<String>, Error> {
    let rows =
        by_block!(records::table, block).filter(one_of(records::program, programs.to_vec())).order(records::program);
    Ok(rows.select(records::program).for_share().load(&mut conn).await?.into_iter().collect())
}

/// What is there of a block's records, by program; nobody else changes it until this transaction ends. Locked in the order
/// of the programs, so that two who want the same do not wait for each other in a circle. Without the names, which the
/// writer knows.
pub async fn lock(mut conn: &Conn, block: &Block, programs: &[&str]) -> Result<HashMap<String, Working>, Error> {
    let rows: Vec<Row> = by_block!(records::table, block)
        .filter(one_of(records::program, programs.to_vec()))
        .order(records::program)
        .select(Row::as_select())
        .for_update()
        .load(&mut conn)
        .await?;
    let unnamed = rows.into_iter().map(|row| (row, String::new(), None, None));
    let held = complete(conn, unnamed.collect()).await?;
    Ok(held.into_iter().map(|record| (record.program.clone(), record)).collect())
}

pub async fn delete(mut conn: &Conn, id: i64) -> Result<(), Error> {
    diesel::delete(records::table.find(id)).execute(&mut conn).await?;
    Ok(())
}

/// Every record of a report, in the order of its key.
pub async fn of_report(
    mut conn: &Conn,
    plan: &PlanCode,
    municipality: Code,
    round: &str,
) -> Result<Vec<Working>, Error> {
    let rows: Vec<NamedRow> = named!()
        .filter(records::plan.eq(plan.as_str()))
        .filter(records::municipality.eq(municipality.as_str()))
        .filter(records::round.eq(round))
        .order((records::part, records::program, records::period, records::amendment))
        .load(&mut conn)
        .await?;
    complete(conn, rows).await
}

/// Until this transaction ends nobody else makes a repost among the reporter's records of this part and period: two that
/// would repeat each other would both find the other not there yet.
async fn hold_reposts(conn: &Conn, block: &Block) -> QueryResult<()> {
    let Block { plan, municipality, part, period, .. } = block;
    lock::wait_for(conn, &format!("repost {plan} {municipality} {} {}", period.code(), part.as_str())).await
}

/// Of these reposts (the program, and which it would repeat) the programs that would make a chain: what they repeat is a
/// repost itself, or they are repeated by another. None asked for: no statement.
pub async fn chains(mut conn: &Conn, block: &Block, reposts: &[(&str, &str)]) -> Result<HashSet<String>, Error> {
    if reposts.is_empty() {
        return Ok(HashSet::new());
    }
    let named: Vec<&str> = reposts.iter().flat_map(|(program, of)| [*program, *of]).collect();
    let theirs = by_block!(records::table, block)
        .filter(records::repost_of.is_not_null())
        .filter(records::program.eq_any(&named).or(records::repost_of.eq_any(&named).assume_not_null()))
        .select((records::program, records::repost_of))
        .load::<(String, Option<String>)>(&mut conn);
    let ((), theirs) = try_join(hold_reposts(conn, block), theirs).await?;
    let stored = theirs.iter().filter_map(|(program, of)| Some((program.as_str(), of.as_deref()?)));
    let all: HashSet<(&str, &str)> = stored.chain(reposts.iter().copied()).collect();
    let makes = |(program, of): &(&str, &str)| {
        all.iter().any(|(other, repeats)| (other == of && other != program) || repeats == program)
    };
    Ok(reposts.iter().filter(|repost| makes(repost)).map(|(program, _)| (*program).to_owned()).collect())
}
