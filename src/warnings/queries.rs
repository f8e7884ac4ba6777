//! What warnings rest on, and where they are kept.

pub mod acknowledgements;
pub mod history;

use super::rules::Goal;
use super::types::{RecordWarning, Warning, WarningFilter, WarningKey};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::keyset;
use crate::db::schema::{
    departments, program_departments, programs, record_evaluations, record_values, records, reports,
    warning_acknowledgements,
};
use crate::domain::period::Period;
use crate::domain::warnings::{Code as WarningCode, department_name};
use crate::error::Error;
use crate::records::rows::WorkingValue;
use crate::records::types::Part;
use crate::records::value::{Evaluator, RecordValue};
use crate::reports::types::ReportKey;
use crate::web::write::etag;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb};
use diesel_async::RunQueryDsl;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

diesel::table! {
    /// A view: one row a warning, as the caller may see them.
    warnings (municipality, plan, round, warning) {
        municipality -> Text,
        plan -> Text,
        round -> Text,
        part -> Text,
        program -> Text,
        period -> Text,
        amendment -> Int2,
        warning -> Text,
        code -> Text,
        body -> Jsonb,
        record -> Nullable<Int8>,
        record_version -> Nullable<Int8>,
        reason -> Nullable<Text>,
        acknowledgement -> Nullable<Int8>,
    }
}

/// The targets of these programs: two statements at most, however many programs. `figures`: with their figures.
pub async fn goals(
    mut conn: &Conn,
    plan: &str,
    municipality: &str,
    of_programs: &[&str],
    figures: bool,
) -> Result<Vec<Goal>, Error> {
    if of_programs.is_empty() {
        return Ok(Vec::new());
    }
    type Found = (i64, String, String, i16, AsJson<BTreeMap<String, String>>);
    let rows: Vec<Found> = records::table
        .filter(records::plan.eq(plan))
        .filter(records::municipality.eq(municipality))
        .filter(records::program.eq_any(of_programs))
        .filter(records::part.eq(Part::Targets))
        .select((records::id, records::program, records::period, records::amendment, records::texts))
        .load(&mut conn)
        .await?;
    let mut values_of: HashMap<i64, Vec<RecordValue>> = HashMap::new();
    if figures && !rows.is_empty() {
        let values: Vec<(i64, WorkingValue)> = record_values::table
            .filter(record_values::record.eq_any(rows.iter().map(|(id, ..)| *id)))
            .order((record_values::record, record_values::ordinal))
            .select((record_values::record, WorkingValue::as_select()))
            .load(&mut conn)
            .await?;
        for (record, value) in values {
            values_of.entry(record).or_default().push(value.into());
        }
    }
    let goal = |(id, program, period, amendment, texts): Found| {
        let period = Period::parse_canonical(&period).map_err(|_| Error::internal(format!("period {period}")))?;
        let values = values_of.remove(&id).unwrap_or_default();
        Ok(Goal { program, period, amendment, texts: texts.0, values })
    };
    rows.into_iter().map(goal).collect()
}

/// Codes and names of the reporter's departments, and what the programs' sheets print; nothing where the reporter has
/// registered none. No program: no statement.
pub async fn known_departments(
    mut conn: &Conn,
    plan: &str,
    municipality: &str,
    of_programs: &[&str],
) -> Result<BTreeSet<String>, Error> {
    if of_programs.is_empty() {
        return Ok(BTreeSet::new());
    }
    let own: Vec<(String, String)> = departments::table
        .filter(departments::municipality.eq(municipality))
        .select((departments::code, departments::name))
        .load(&mut conn)
        .await?;
    if own.is_empty() {
        return Ok(BTreeSet::new());
    }
    let printed: Vec<Option<String>> = program_departments::table
        .filter(program_departments::plan.eq(plan))
        .filter(program_departments::program.eq_any(of_programs))
        .select(program_departments::printed_text)
        .load(&mut conn)
        .await?;
    let own = own.into_iter().flat_map(|(code, name)| [code, name]);
    Ok(own.chain(printed.into_iter().flatten()).map(|name| department_name(&name)).collect())
}

/// How many programs of a report got a level.
#[derive(Queryable)]
pub struct LevelCount {
    pub owner: String,
    pub scheme: String,
    pub fiscal_year: i16,
    pub evaluator: Evaluator,
    pub level: String,
    pub programs: i64,
    pub priority: i64,
}

pub async fn level_counts(mut conn: &Conn, key: &ReportKey) -> Result<Vec<LevelCount>, Error> {
    use diesel::dsl::sql;
    use record_evaluations as e;
    Ok(records::table
        .inner_join(e::table.on(e::record.eq(records::id)))
        .inner_join(programs::table.on(programs::plan.eq(records::plan).and(programs::code.eq(records::program))))
        .filter(records::plan.eq(key.plan.as_str()))
        .filter(records::municipality.eq(key.municipality.as_str()))
        .filter(records::round.eq(key.round.as_str()))
        .group_by((e::scheme_owner, e::scheme, e::scheme_fiscal_year, e::evaluator, e::level))
        .select((
            e::scheme_owner,
            e::scheme,
            e::scheme_fiscal_year,
            e::evaluator,
            e::level,
            sql::<BigInt>("count(distinct records.program)"),
            sql::<BigInt>("count(distinct records.program) filter (where programs.priority)"),
        ))
        .load(&mut conn)
        .await?)
}

/// The warnings of records, judged anew. One statement, however many.
pub async fn keep(mut conn: &Conn, judged: Vec<(i64, Vec<RecordWarning>)>) -> Result<(), Error> {
    if judged.is_empty() {
        return Ok(());
    }
    let (ids, warnings): (Vec<i64>, Vec<AsJson<Vec<RecordWarning>>>) =
        judged.into_iter().map(|(id, warnings)| (id, AsJson(warnings))).unzip();
    let statement = "update records r set warnings = k.warnings
        from unnest($1::bigint[], $2::jsonb[]) as k (id, warnings) where r.id = k.id";
    diesel::sql_query(statement)
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Jsonb>, _>(warnings)
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// The warnings of a report's sheet.
pub async fn keep_sheet(mut conn: &Conn, key: &ReportKey, warnings: Vec<RecordWarning>) -> Result<(), Error> {
    let row = reports::table.find((key.plan.as_str(), key.municipality.as_str(), key.round.as_str()));
    let warnings = AsJson(warnings);
    diesel::update(row.filter(reports::warnings.ne(warnings.clone())))
        .set(reports::warnings.eq(warnings))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// Of these records the acknowledged warnings, each with the version it was acknowledged for.
pub async fn acknowledged(mut conn: &Conn, of_records: &[i64]) -> Result<HashSet<(i64, i64, String)>, Error> {
    use warning_acknowledgements as a;
    let given: Vec<(Option<i64>, Option<i64>, String)> = a::table
        .filter(a::record.eq_any(of_records))
        .select((a::record, a::record_version, a::warning))
        .load(&mut conn)
        .await?;
    Ok(given.into_iter().filter_map(|(record, version, warning)| Some((record?, version?, warning))).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = warnings)]
struct Row {
    municipality: String,
    plan: String,
    round: String,
    part: String,
    program: String,
    period: String,
    amendment: i16,
    body: AsJson<RecordWarning>,
    reason: Option<String>,
    acknowledgement: Option<i64>,
}

/// A warning, and where it stands in the list.
pub struct Listed {
    pub warning: Warning,
    pub position: Position,
}

/// The key a page ends with.
pub type Position = (String, String, String, String, String, String, i16, String);

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let body = row.body.0;
        let position = (
            row.municipality.clone(),
            row.plan.clone(),
            row.round.clone(),
            row.program.clone(),
            row.period.clone(),
            row.part.clone(),
            row.amendment,
            body.warning.clone(),
        );
        let code = WarningCode::ALL.iter().find(|code| code.id() == body.code);
        let part = [Part::Targets, Part::Results].into_iter().find(|part| part.as_str() == row.part);
        let warning = Warning {
            plan: row.plan,
            municipality: row.municipality,
            round: row.round,
            warning: body.warning,
            part,
            program: part.map(|_| row.program),
            period: part.map(|_| row.period),
            amendment: row.amendment,
            title_ja: code.map_or("", |code| code.title_ja()).to_owned(),
            title_en: code.map_or("", |code| code.title_en()).to_owned(),
            code: body.code,
            pointer: body.pointer,
            message_ja: body.message_ja,
            message_en: body.message_en,
            details: body.details,
            acknowledged: row.acknowledgement.is_some(),
            reason: row.reason,
            etag: row.acknowledgement.map(etag),
        };
        Self { warning, position }
    }
}

/// One page and one more, by municipality, plan, round and the record's key; those of the sheet first.
pub async fn page(
    mut conn: &Conn,
    filter: &WarningFilter,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Listed>, Error> {
    use warnings as w;
    let key = (w::municipality, w::plan, w::round, w::program, w::period, w::part, w::amendment, w::warning);
    let mut query = w::table.order(key).limit(limit + 1).select(Row::as_select()).into_boxed();
    if let Some(plan) = &filter.plan {
        query = query.filter(w::plan.eq(plan));
    }
    if let Some(municipality) = &filter.municipality {
        query = query.filter(w::municipality.eq(municipality));
    }
    if let Some(round) = &filter.round {
        query = query.filter(w::round.eq(round));
    }
    if let Some(part) = filter.part {
        query = query.filter(w::part.eq(part.as_str()));
    }
    if let Some(periods) = &filter.periods {
        query = query.filter(w::period.eq_any(periods.iter().map(ToString::to_string).collect::<Vec<_>>()));
    }
    if let Some(code) = &filter.code {
        query = query.filter(w::code.eq(code));
    }
    match filter.acknowledged {
        Some(true) => query = query.filter(w::acknowledgement.is_not_null()),
        Some(false) => query = query.filter(w::acknowledgement.is_null()),
        None => {}
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(rows.into_iter().map(Listed::from).collect())
}

/// The filter of a warning's address.
macro_rules! by_key {
    ($key:expr) => {
        warnings::table
            .filter(warnings::plan.eq($key.plan.as_str()))
            .filter(warnings::municipality.eq($key.municipality.as_str()))
            .filter(warnings::round.eq($key.round.as_str()))
            .filter(warnings::warning.eq($key.warning.as_str()))
    };
}

use by_key;

/// None where there is no such warning, or none the caller may see.
pub async fn find(mut conn: &Conn, key: &WarningKey) -> Result<Option<Warning>, Error> {
    let row: Option<Row> = by_key!(key).select(Row::as_select()).first(&mut conn).await.optional()?;
    Ok(row.map(|row| Listed::from(row).warning))
}

/// Open warnings of a round by reporter, of the reports whose content the caller sees.
pub async fn open_by_reporter(mut conn: &Conn, plan: &str, round: &str) -> Result<HashMap<String, i64>, Error> {
    let counted: Vec<(String, i64)> = warnings::table
        .filter(warnings::plan.eq(plan))
        .filter(warnings::round.eq(round))
        .filter(warnings::acknowledgement.is_null())
        .group_by(warnings::municipality)
        .select((warnings::municipality, diesel::dsl::count_star()))
        .load(&mut conn)
        .await?;
    Ok(counted.into_iter().collect())
}
