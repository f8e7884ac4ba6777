//! The SQL of what a round asks of whom, and of how far each of them is.

use super::unknown;
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{municipalities, plan_reporters, reports, round_covers, round_members, rounds};
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::domain::period::Period;
use crate::error::Error;
use crate::records::types::Part;
use crate::reports::receipt::HandedIn;
use crate::reports::types::ReportStatus;
use crate::rounds::rules::{Asked, reports_on};
use crate::rounds::types::RoundKey;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The first instant that is late; none: no deadline.
type Due = Option<DateTime<Utc>>;

/// What a round asks of one reporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    pub left_out: bool,
    /// In force for this reporter: its own, else the round's.
    pub due_at: Due,
}

pub async fn member(mut conn: &Conn, plan: &PlanCode, round: &str, municipality: Code) -> Result<Membership, Error> {
    let of_round = round_members::plan.eq(rounds::plan).and(round_members::round.eq(rounds::code));
    let found: Option<(Due, Option<(bool, Due)>)> = rounds::table
        .left_join(round_members::table.on(of_round.and(round_members::municipality.eq(municipality.as_str()))))
        .filter(rounds::plan.eq(plan.as_str()))
        .filter(rounds::code.eq(round))
        .select((rounds::due_at, (round_members::left_out, round_members::due_at).nullable()))
        .first(&mut conn)
        .await
        .optional()?;
    let (due_at, own) = found.ok_or_else(|| unknown(plan, round))?;
    let (left_out, own_due_at) = own.unwrap_or((false, None));
    Ok(Membership { left_out, due_at: own_due_at.or(due_at) })
}

/// Which parts and periods the round covers.
pub async fn covers(mut conn: &Conn, plan: &PlanCode, round: &str) -> Result<Vec<(Part, String)>, Error> {
    Ok(round_covers::table
        .filter(round_covers::plan.eq(plan.as_str()))
        .filter(round_covers::round.eq(round))
        .select((round_covers::part, round_covers::period))
        .load(&mut conn)
        .await?)
}

/// What the round says of a reporter of the plan.
macro_rules! own {
    ($key:expr) => {
        round_members::plan
            .eq(plan_reporters::plan)
            .and(round_members::municipality.eq(plan_reporters::municipality))
            .and(round_members::round.eq($key.round.as_str()))
    };
}

/// The report of a reporter of the plan.
macro_rules! report {
    ($key:expr) => {
        reports::plan
            .eq(plan_reporters::plan)
            .and(reports::municipality.eq(plan_reporters::municipality))
            .and(reports::round.eq($key.round.as_str()))
    };
}

/// A reporter of the plan, what the round asks of it, and its report if it has begun one.
#[derive(Queryable)]
pub struct Standing {
    pub municipality: String,
    pub name: String,
    pub member_group: Option<String>,
    /// Fiscal years it reports for
    pub from: Option<i16>,
    pub to: Option<i16>,
    pub own: Option<(bool, Due)>,
    pub report: Option<Begun>,
}

#[derive(Queryable)]
pub struct Begun {
    pub status: ReportStatus,
    pub edition: i32,
    pub submitted_at: Option<DateTime<Utc>>,
    pub late: bool,
    pub handed_in: Option<AsJson<HandedIn>>,
}

/// Whom the round of these periods asks, and whether its report is public: as everybody sees it. One statement.
pub async fn asked(mut conn: &Conn, key: &RoundKey, periods: &[Period], due_at: Due) -> Result<Vec<Asked>, Error> {
    type Row = (Option<i16>, Option<i16>, Option<(bool, Due)>, Option<i32>);
    let found: Vec<Row> = plan_reporters::table
        .left_join(round_members::table.on(own!(key)))
        .left_join(reports::table.on(report!(key)))
        .filter(plan_reporters::plan.eq(key.plan.as_str()))
        .limit(MOST)
        .select((
            plan_reporters::fiscal_year_from,
            plan_reporters::fiscal_year_to,
            (round_members::left_out, round_members::due_at).nullable(),
            reports::edition.nullable(),
        ))
        .into_boxed()
        .load(&mut conn)
        .await?;
    let asked = found.into_iter().filter_map(|(from, to, own, edition)| {
        let (left_out, own) = own.unwrap_or((false, None));
        let published = edition.is_some_and(|edition| edition > 0);
        let is_asked = !left_out && (published || reports_on(periods, from, to));
        is_asked.then_some(Asked { published, due_at: own.or(due_at) })
    });
    Ok(asked.collect())
}

/// As many reporters as one answer holds: there are 1,788 municipalities and prefectures.
pub const MOST: i64 = 3_000;

/// Every reporter of the plan, or those of `only`, by code. One statement.
pub async fn standings(mut conn: &Conn, key: &RoundKey, only: Option<&[String]>) -> Result<Vec<Standing>, Error> {
    let mut query = plan_reporters::table
        .inner_join(municipalities::table.on(municipalities::code.eq(plan_reporters::municipality)))
        .left_join(round_members::table.on(own!(key)))
        .left_join(reports::table.on(report!(key)))
        .filter(plan_reporters::plan.eq(key.plan.as_str()))
        .order(plan_reporters::municipality)
        .limit(MOST)
        .select((
            plan_reporters::municipality,
            municipalities::name,
            plan_reporters::member_group,
            plan_reporters::fiscal_year_from,
            plan_reporters::fiscal_year_to,
            (round_members::left_out, round_members::due_at).nullable(),
            (reports::status, reports::edition, reports::submitted_at, reports::late, reports::handed_in).nullable(),
        ))
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(plan_reporters::municipality.eq_any(only));
    }
    Ok(query.load(&mut conn).await?)
}
