//! Working rows: editable while their report is draft or returned, seen by those who may see them.

pub mod last_year;
pub mod publication;
pub mod published;
pub mod surroundings;

use super::rows::{EvaluationRow, WorkingValue, new_evaluations, new_values};
use super::types::{Part, RecordBody, RecordFilter, RecordKey};
use super::value::{Evaluation, MissingReason, RecordValue};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::keyset;
use crate::db::schema::{municipalities, plans, programs, record_evaluations, record_values, records, reports};
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
    cross_reference: Option<String>,
    repost_of: Option<String>,
    missing_reason: Option<MissingReason>,
    reason: Option<String>,
    amended_on: Option<String>,
    note: Option<String>,
    version: i64,
    warnings: AsJson<Vec<RecordWarning>>,
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
    pub names: Names,
    pub body: RecordBody,
    pub warnings: Vec<RecordWarning>,
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
        .filter(record_values::record.eq_any(&ids))
        .order((record_values::record, record_values::ordinal))
        .select((record_values::record, WorkingValue::as_select()))
        .load::<(i64, WorkingValue)>(&mut first);
    let evaluations = record_evaluations::table
        .filter(record_evaluations::record.eq_any(&ids))
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
            warnings: row.warnings.0.into_iter().map(|warning| seen(row.id, row.version, warning)).collect(),
            names: Names { municipality, program, number },
            body: RecordBody {
                texts: row.texts.0,
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

/// The filter of a record's natural key.
macro_rules! by_key {
    ($rows:expr, $key:expr) => {
        $rows
            .filter(records::plan.eq($key.plan.as_str()))
            .filter(records::municipality.eq($key.municipality.as_str()))
            .filter(records::program.eq($key.program.as_str()))
            .filter(records::period.eq($key.period.code()))
            .filter(records::part.eq($key.part))
            .filter(records::amendment.eq($key.amendment))
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

/// Is the record there? Then nobody deletes it until this transaction ends.
pub async fn hold(mut conn: &Conn, key: &RecordKey) -> Result<bool, Error> {
    let row = by_key!(records::table, key).select(records::id).for_share();
    Ok(row.first::<i64>(&mut conn).await.optional()?.is_some())
}

/// As [`find_for_update`], where the names are known already.
pub async fn lock(mut conn: &Conn, key: &RecordKey, names: &Names) -> Result<Option<Working>, Error> {
    let row = by_key!(records::table, key).select(Row::as_select()).for_update();
    let row: Option<Row> = row.first(&mut conn).await.optional()?;
    let Some(row) = row else { return Ok(None) };
    let named = (row, names.municipality.clone(), names.program.clone(), names.number.clone());
    Ok(complete(conn, vec![named]).await?.pop())
}

/// None: another creator was faster.
pub async fn insert(
    mut conn: &Conn,
    key: &RecordKey,
    round: &str,
    body: &RecordBody,
    warnings: Vec<RecordWarning>,
    version: i64,
    names: &Names,
) -> Result<Option<Working>, Error> {
    let id: Option<i64> = diesel::insert_into(records::table)
        .values((
            records::plan.eq(key.plan.as_str()),
            records::program.eq(key.program.as_str()),
            records::municipality.eq(key.municipality.as_str()),
            records::period.eq(key.period.code()),
            records::part.eq(key.part),
            records::amendment.eq(key.amendment),
            records::round.eq(round),
            columns(body),
            records::warnings.eq(AsJson(warnings.clone())),
            records::version.eq(version),
        ))
        .on_conflict_do_nothing()
        .returning(records::id)
        .get_result(&mut conn)
        .await
        .optional()?;
    let Some(id) = id else { return Ok(None) };
    insert_children(conn, id, key, body).await?;
    Ok(Some(Working {
        id,
        plan: key.plan.to_string(),
        program: key.program.to_string(),
        municipality: key.municipality.to_string(),
        period: key.period.code(),
        part: key.part,
        amendment: key.amendment,
        round: round.to_owned(),
        version,
        names: names.clone(),
        body: body.clone(),
        warnings,
    }))
}

/// The row is locked by [`lock`], so its version is the one that was judged.
pub async fn update(
    mut conn: &Conn,
    record: &Working,
    key: &RecordKey,
    body: &RecordBody,
    warnings: &[RecordWarning],
    version: i64,
) -> Result<(), Error> {
    let id = record.id;
    diesel::update(records::table.find(id))
        .set((columns(body), records::warnings.eq(AsJson(warnings.to_vec())), records::version.eq(version)))
        .execute(&mut conn)
        .await?;
    if !record.body.values.is_empty() {
        diesel::delete(record_values::table.filter(record_values::record.eq(id))).execute(&mut conn).await?;
    }
    if !record.body.evaluations.is_empty() {
        diesel::delete(record_evaluations::table.filter(record_evaluations::record.eq(id))).execute(&mut conn).await?;
    }
    insert_children(conn, id, key, body).await
}

pub async fn delete(mut conn: &Conn, id: i64) -> Result<(), Error> {
    diesel::delete(records::table.find(id)).execute(&mut conn).await?;
    Ok(())
}

/// What `insert` and `update` set alike.
macro_rules! columns_type {
    ($($column:ident: $value:ty),+) => { ($(diesel::dsl::Eq<records::$column, $value>,)+) };
}

fn columns(
    body: &RecordBody,
) -> columns_type!(texts: AsJson<BTreeMap<String, String>>, cross_reference: Option<&str>, repost_of: Option<&str>,
    missing_reason: Option<MissingReason>, reason: Option<&str>, amended_on: Option<&str>, note: Option<&str>) {
    (
        records::texts.eq(AsJson(body.texts.clone())),
        records::cross_reference.eq(body.cross_reference.as_deref()),
        records::repost_of.eq(body.repost_of.as_deref()),
        records::missing_reason.eq(body.missing_reason),
        records::reason.eq(body.reason.as_deref()),
        records::amended_on.eq(body.amended_on.as_deref()),
        records::note.eq(body.note.as_deref()),
    )
}

async fn insert_children(mut conn: &Conn, id: i64, key: &RecordKey, body: &RecordBody) -> Result<(), Error> {
    let values = new_values(id, key.plan.as_str(), &body.values);
    if !values.is_empty() {
        diesel::insert_into(record_values::table).values(values).execute(&mut conn).await?;
    }
    let evaluations = new_evaluations(id, &body.evaluations);
    if !evaluations.is_empty() {
        diesel::insert_into(record_evaluations::table).values(evaluations).execute(&mut conn).await?;
    }
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
pub async fn hold_reposts(mut conn: &Conn, key: &RecordKey) -> Result<(), Error> {
    let cell = format!("repost {} {} {} {}", key.plan, key.municipality, key.period.code(), key.part.as_str());
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<diesel::sql_types::Text, _>(cell)
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// Is the record that `key.repost_of` would repeat a repost itself, or is this one repeated by another?
pub async fn would_chain(mut conn: &Conn, key: &RecordKey, repost_of: &str) -> Result<bool, Error> {
    let same_cell = records::table
        .filter(records::plan.eq(key.plan.as_str()))
        .filter(records::municipality.eq(key.municipality.as_str()))
        .filter(records::period.eq(key.period.code()))
        .filter(records::part.eq(key.part))
        .filter(
            records::program
                .eq(repost_of)
                .and(records::repost_of.is_not_null())
                .or(records::repost_of.eq(key.program.as_str()).assume_not_null()),
        );
    Ok(diesel::select(diesel::dsl::exists(same_cell)).get_result(&mut conn).await?)
}

/// The key a page of working rows ends with.
pub type WorkingPosition = (String, String, String, String, i16);

/// One page and one more of the parties' own records and those in their plans, by natural key (municipality, plan,
/// program, period, amendment). No moment is promised.
pub async fn page(
    mut conn: &Conn,
    part: Part,
    parties: &[String],
    filter: &RecordFilter,
    after: Option<WorkingPosition>,
    limit: i64,
) -> Result<Vec<Working>, Error> {
    let key = (records::municipality, records::plan, records::program, records::period, records::amendment);
    let owned = plans::table.filter(plans::owner.eq_any(parties)).select(plans::code);
    let theirs = records::municipality.eq_any(parties).or(records::plan.eq_any(owned));
    let mut query = named!().filter(records::part.eq(part)).filter(theirs).order(key).limit(limit + 1).into_boxed();
    if let Some(prefecture) = filter.prefecture.as_ref().and_then(|code| code.get(..2)) {
        query = query.filter(records::municipality.between(format!("{prefecture}0000"), format!("{prefecture}9999")));
    }
    if filter.municipality.is_some() {
        query = query.filter(records::municipality.eq_any(&filter.parsed.municipalities));
    }
    if let Some(plan) = &filter.plan {
        query = query.filter(records::plan.eq(plan));
    }
    if let Some(program) = &filter.program {
        query = query.filter(records::program.eq(program));
    }
    if let Some(periods) = &filter.parsed.periods {
        query = query.filter(records::period.eq_any(periods.iter().map(ToString::to_string).collect::<Vec<_>>()));
    }
    if let Some((owner, indicator)) = &filter.parsed.indicator {
        let with = record_values::table
            .filter(record_values::indicator_owner.eq(owner))
            .filter(record_values::indicator.eq(indicator))
            .select(record_values::record);
        query = query.filter(records::id.eq_any(with));
    }
    if let Some(statuses) = &filter.parsed.statuses {
        let in_state = reports::table
            .filter(reports::plan.eq(records::plan))
            .filter(reports::municipality.eq(records::municipality))
            .filter(reports::round.eq(records::round))
            .filter(reports::status.eq_any(statuses));
        query = query.filter(diesel::dsl::exists(in_state));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let rows: Vec<NamedRow> = query.load(&mut conn).await?;
    complete(conn, rows).await
}
