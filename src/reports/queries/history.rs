//! The SQL of a report's history: who moved it, when and why.

use super::{Sheet, find};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::report_transitions;
use crate::error::Error;
use crate::publications::Publication;
use crate::reports::types::{CellComment, CreateTransition, Report, ReportKey, ReportStatus, Transition};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The latest steps of a report that are shown; the journal has them all.
const SHOWN: i64 = 1000;

/// The report with its history, as those who work on it see it.
pub async fn find_with_history(mut conn: &Conn, key: &ReportKey) -> Result<Option<Report>, Error> {
    let Some(mut report) = find(conn, key, Sheet::Working).await? else { return Ok(None) };
    type HistoryRow =
        (DateTime<Utc>, ReportStatus, ReportStatus, i32, String, Option<String>, AsJson<Vec<CellComment>>);
    let history: Vec<HistoryRow> = report_transitions::table
        .filter(report_transitions::plan.eq(key.plan.as_str()))
        .filter(report_transitions::municipality.eq(key.municipality.as_str()))
        .filter(report_transitions::round.eq(key.round.as_str()))
        .order(report_transitions::seq.desc())
        .limit(SHOWN)
        .select((
            report_transitions::at,
            report_transitions::from_status,
            report_transitions::to_status,
            report_transitions::edition,
            report_transitions::person,
            report_transitions::reason,
            report_transitions::comments,
        ))
        .load(&mut conn)
        .await?;
    report.transitions = history
        .into_iter()
        .rev()
        .map(|(at, from, to, edition, person, comment, comments)| Transition {
            at,
            from,
            to,
            edition,
            person,
            comment,
            comments: comments.0,
        })
        .collect();
    if report.status == ReportStatus::Returned {
        report.open_comments = report.transitions.last().map(|step| step.comments.clone()).unwrap_or_default();
    }
    Ok(Some(report))
}

/// Adds a line to the report's history. `published`: it made this edition public.
#[expect(clippy::too_many_arguments, reason = "a line has as many columns")]
pub async fn add(
    mut conn: &Conn,
    key: &ReportKey,
    from: ReportStatus,
    edition: i32,
    client: &str,
    transition: &CreateTransition,
    at: DateTime<Utc>,
    published: Option<Publication>,
) -> Result<(), Error> {
    let history = report_transitions::table
        .filter(report_transitions::plan.eq(key.plan.as_str()))
        .filter(report_transitions::municipality.eq(key.municipality.as_str()))
        .filter(report_transitions::round.eq(key.round.as_str()));
    let last: Option<i32> = history.select(diesel::dsl::max(report_transitions::seq)).first(&mut conn).await?;
    diesel::insert_into(report_transitions::table)
        .values((
            report_transitions::plan.eq(key.plan.as_str()),
            report_transitions::municipality.eq(key.municipality.as_str()),
            report_transitions::round.eq(key.round.as_str()),
            report_transitions::seq.eq(last.unwrap_or(0) + 1),
            report_transitions::at.eq(at),
            report_transitions::from_status.eq(from),
            report_transitions::to_status.eq(transition.to),
            report_transitions::edition.eq(edition),
            report_transitions::client.eq(client),
            report_transitions::person.eq(&transition.person),
            report_transitions::reason.eq(&transition.comment),
            report_transitions::comments.eq(AsJson(transition.comments.clone())),
            report_transitions::published_no.eq(published.map(|publication| publication.no)),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}
