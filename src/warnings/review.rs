//! How warnings come about: what they rest on is asked for, and `rules` judges. Once when a record is written, and once
//! more of the whole report when it is submitted, because a record's target may have changed behind it.

use super::queries;
use super::rules::{Around, Indicators, Place, Scales, kept, of_record};
use super::types::RecordWarning;
use crate::clock::jst;
use crate::db::Conn;
use crate::domain::period::Period;
use crate::domain::warnings::{Declared, Row, declared, target_without_result};
use crate::error::Error;
use crate::evaluation_schemes;
use crate::records::queries::{Working, surroundings};
use crate::records::types::{Part, RecordBody, RecordKey};
use crate::reports::types::{DeclaredCount, ReportKey};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::try_join3;
use std::collections::BTreeSet;

/// Of records of one block that are being written, in their order. Their levels and indicators were asked for when they
/// were checked. The same statements for any number of records.
pub async fn of_written(
    conn: &Conn,
    records: &[(&RecordKey, &RecordBody)],
    scales: &Scales,
    indicators: &Indicators,
    today: NaiveDate,
) -> Result<Vec<Vec<RecordWarning>>, Error> {
    let Some((first, _)) = records.first() else { return Ok(Vec::new()) };
    let (plan, municipality) = (first.plan.as_str(), first.municipality.as_str());
    let programs_where = |wanted: fn(&RecordBody) -> bool| {
        let programs = records.iter().filter(|(_, body)| wanted(body)).map(|(key, _)| key.program.as_str());
        programs.collect::<Vec<_>>()
    };
    let compared = if first.part == Part::Results { programs_where(is_compared) } else { Vec::new() };
    let figures = records.iter().any(|(_, body)| has_levels(body));
    let of_departments = programs_where(names_department);
    let looking = records.iter().filter(|(key, body)| looks_back(key.part, key.period, body));
    let of_before: Vec<&str> = looking.map(|(key, _)| key.program.as_str()).collect();
    let cell = [(first.part, first.period)].into();
    let (before, departments, goals) = try_join3(
        queries::history::before(conn, plan, municipality, &of_before, &cell),
        queries::known_departments(conn, plan, municipality, &of_departments),
        queries::goals(conn, plan, municipality, &compared, figures),
    )
    .await?;
    let around = Around { scales, indicators, departments: &departments, goals: &goals, before: &before, today };
    let judge = |(key, body): &(&RecordKey, &RecordBody)| {
        let place =
            Place { part: key.part, program: key.program.as_str(), period: key.period, amendment: key.amendment };
        of_record(&place, body, &around)
    };
    Ok(records.iter().map(judge).collect())
}

/// Of a report that is being submitted; kept with its records and its sheet. The same statements for any number of rows.
pub async fn of_report(
    conn: &Conn,
    key: &ReportKey,
    working: &[Working],
    counts: &[DeclaredCount],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (plan, municipality) = (key.plan.as_str(), key.municipality.as_str());
    let bodies = || working.iter().map(|record| &record.body);
    let schemes: BTreeSet<_> = bodies()
        .flat_map(|body| &body.evaluations)
        .map(|e| (e.owner.clone(), e.scheme.clone(), e.fiscal_year))
        .collect();
    let scales = evaluation_schemes::queries::scales_of(conn, &schemes.into_iter().collect::<Vec<_>>()).await?;
    let named: Vec<_> = bodies().flat_map(|body| &body.values).filter_map(|value| value.indicator.as_ref()).collect();
    let indicators = surroundings::indicators(conn, &named).await?;
    let programs_where = |wanted: &dyn Fn(&Working) -> bool| {
        let programs = working.iter().filter(|record| wanted(record)).map(|record| record.program.as_str());
        programs.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    let compared = programs_where(&|record| record.part == Part::Results && is_compared(&record.body));
    let goals = queries::goals(conn, plan, municipality, &compared, bodies().any(has_levels)).await?;
    let of_departments = programs_where(&|record| names_department(&record.body));
    let departments = queries::known_departments(conn, plan, municipality, &of_departments).await?;
    let periods = working.iter().map(|record| period(&record.period)).collect::<Result<Vec<_>, _>>()?;
    let looking =
        || working.iter().zip(&periods).filter(|(record, period)| looks_back(record.part, **period, &record.body));
    let of_before: BTreeSet<&str> = looking().map(|(record, _)| record.program.as_str()).collect();
    let cells = looking().map(|(record, period)| (record.part, *period)).collect();
    let of_before: Vec<&str> = of_before.into_iter().collect();
    let before = queries::history::before(conn, plan, municipality, &of_before, &cells).await?;
    let today = jst(now).date_naive();
    let (scales, indicators, departments) = (&scales, &indicators, &departments);
    let around = Around { scales, indicators, departments, goals: &goals, before: &before, today };
    let mut changed = Vec::new();
    for (record, period) in working.iter().zip(periods) {
        let place = Place { part: record.part, program: &record.program, period, amendment: record.amendment };
        let warnings = of_record(&place, &record.body, &around);
        let same =
            |(new, old): (&RecordWarning, &RecordWarning)| *new == RecordWarning { acknowledged: false, ..old.clone() };
        if warnings.len() != record.warnings.len() || !warnings.iter().zip(&record.warnings).all(same) {
            changed.push((record.id, warnings));
        }
    }
    queries::keep(conn, changed).await?;
    let mut sheet = of_sheet(conn, key, counts, true).await?;
    for (program, name, code) in queries::history::unanswered(conn, key).await? {
        let period = period(&code)?;
        if period.expects_result() {
            sheet.push(kept(&[], target_without_result(&program, name.as_deref(), period)));
        }
    }
    queries::keep_sheet(conn, key, sheet).await
}

fn period(code: &str) -> Result<Period, Error> {
    Period::parse_canonical(code).map_err(|_| Error::internal(format!("period {code}")))
}

/// Of a sheet's declared counts. Until it is handed in, a sheet may come before its rows.
pub async fn of_sheet(
    conn: &Conn,
    key: &ReportKey,
    counts: &[DeclaredCount],
    handed_in: bool,
) -> Result<Vec<RecordWarning>, Error> {
    if counts.is_empty() {
        return Ok(Vec::new());
    }
    let counted = queries::level_counts(conn, key).await?;
    if counted.is_empty() && !handed_in {
        return Ok(Vec::new());
    }
    let printed: Vec<Declared<'_>> = counts
        .iter()
        .map(|count| Declared {
            scheme: (&count.owner, &count.scheme, count.fiscal_year),
            level: count.level.as_deref(),
            count: count.count.into(),
            of_which_priority: count.of_which_priority.map(i64::from),
        })
        .collect();
    let rows: Vec<Row<'_>> = counted
        .iter()
        .map(|row| Row {
            scheme: (&row.owner, &row.scheme, row.fiscal_year),
            evaluator: row.evaluator.as_str(),
            level: &row.level,
            programs: row.programs,
            priority: row.priority,
        })
        .collect();
    Ok(declared(&printed, &rows).into_iter().map(|warning| kept(&[], warning)).collect())
}

/// Is there anything in it that a target is asked about?
fn is_compared(body: &RecordBody) -> bool {
    !body.texts.is_empty() || has_levels(body)
}

fn has_levels(body: &RecordBody) -> bool {
    !body.evaluations.is_empty()
}

/// Is there anything in it that the year before is asked about?
fn looks_back(part: Part, period: Period, body: &RecordBody) -> bool {
    let numbers = body.values.iter().any(|value| value.value.is_some() || value.rate.is_some());
    period.year_before().is_some() && (numbers || part == Part::Results && !body.texts.is_empty())
}

fn names_department(body: &RecordBody) -> bool {
    body.values.iter().any(|value| value.department.is_some())
}
