//! The SQL of acknowledgements.

use super::{by_key, warnings};
use crate::db::Conn;
use crate::db::schema::warning_acknowledgements;
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::reports::queries as reports;
use crate::reports::queries::Sheet;
use crate::reports::types::{ReportKey, ReportStatus};
use crate::warnings::types::{PutWarning, WarningKey};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// An acknowledgement is written as any definition is, but the public is never told.
pub struct Acknowledgement;

macro_rules! acknowledgement {
    ($key:expr) => {
        warning_acknowledgements::table.find((
            $key.plan.as_str(),
            $key.municipality.as_str(),
            $key.round.as_str(),
            $key.warning.as_str(),
        ))
    };
}

impl Definition for Acknowledgement {
    type Key = WarningKey;
    type Body = PutWarning;
    const RESOURCE: &'static str = "warning";
    const WORKING: bool = true;

    fn missing(key: &WarningKey) -> Error {
        key.missing()
    }

    fn owner(key: &WarningKey) -> Option<Code> {
        Some(key.municipality)
    }

    fn plan(key: &WarningKey) -> Option<&PlanCode> {
        Some(&key.plan)
    }

    /// One that was given for what the record said before is none.
    async fn find(mut conn: &Conn, key: &WarningKey) -> Result<Option<(PutWarning, i64)>, Error> {
        let found: Option<(Option<String>, Option<i64>)> =
            by_key!(key).select((warnings::reason, warnings::acknowledgement)).first(&mut conn).await.optional()?;
        Ok(found.and_then(|(reason, version)| Some((PutWarning { reason: reason? }, version?))))
    }

    async fn check(conn: &Conn, key: &WarningKey, _: Option<&PutWarning>, _: &PutWarning) -> Result<(), Error> {
        let report = ReportKey { plan: key.plan.clone(), municipality: key.municipality, round: key.round.clone() };
        match reports::find(conn, &report, Sheet::Working).await? {
            Some(report) if report.status == ReportStatus::Published => {
                Err(reports::locked(conn, &key.plan, &report).await?)
            }
            _ => Ok(()),
        }
    }

    async fn insert(mut conn: &Conn, key: &WarningKey, body: &PutWarning, version: i64) -> Result<bool, Error> {
        use warning_acknowledgements as a;
        let of: Option<(Option<i64>, Option<i64>)> =
            by_key!(key).select((warnings::record, warnings::record_version)).first(&mut conn).await.optional()?;
        let (record, record_version) = of.ok_or_else(|| key.missing())?;
        let outlived = acknowledgement!(key).filter(a::record_version.is_distinct_from(record_version));
        diesel::delete(outlived).execute(&mut conn).await?;
        let inserted = diesel::insert_into(a::table)
            .values((
                a::plan.eq(key.plan.as_str()),
                a::municipality.eq(key.municipality.as_str()),
                a::round.eq(key.round.as_str()),
                a::warning.eq(key.warning.as_str()),
                a::record.eq(record),
                a::record_version.eq(record_version),
                a::reason.eq(&body.reason),
                a::version.eq(version),
            ))
            .on_conflict_do_nothing()
            .execute(&mut conn)
            .await?;
        Ok(inserted == 1)
    }

    async fn update(mut conn: &Conn, key: &WarningKey, body: &PutWarning, version: i64) -> Result<bool, Error> {
        use warning_acknowledgements as a;
        let updated = diesel::update(acknowledgement!(key).filter(a::version.eq(version)))
            .set((a::reason.eq(&body.reason), a::version.eq(version + 1)))
            .execute(&mut conn)
            .await?;
        Ok(updated == 1)
    }

    async fn delete(mut conn: &Conn, key: &WarningKey, version: i64) -> Result<bool, Error> {
        let row = acknowledgement!(key).filter(warning_acknowledgements::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }
}
