//! The SQL of a report's latest submission.

use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{municipalities, plans, reports, rounds};
use crate::error::Error;
use crate::reports::receipt::HandedIn;
use crate::reports::types::ReportKey;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The latest submission of a report.
#[derive(Queryable)]
pub struct Submitted {
    pub plan_title: String,
    pub municipality_name: String,
    pub round_title: Option<String>,
    pub at: DateTime<Utc>,
    pub person: String,
    pub late: bool,
    pub content_hash: String,
    /// None: from before it was kept
    pub handed_in: Option<AsJson<HandedIn>>,
}

/// None: it was never submitted, or is not the caller's to see.
pub async fn submitted(mut conn: &Conn, key: &ReportKey) -> Result<Option<Submitted>, Error> {
    let round = rounds::plan.eq(reports::plan).and(rounds::code.eq(reports::round));
    Ok(reports::table
        .find((key.plan.as_str(), key.municipality.as_str(), key.round.as_str()))
        .inner_join(plans::table.on(plans::code.eq(reports::plan)))
        .inner_join(municipalities::table.on(municipalities::code.eq(reports::municipality)))
        .inner_join(rounds::table.on(round))
        .filter(reports::submitted_at.is_not_null())
        .select((
            plans::title,
            municipalities::name,
            rounds::title,
            reports::submitted_at.assume_not_null(),
            reports::submitted_by.assume_not_null(),
            reports::late,
            reports::content_hash.assume_not_null(),
            reports::handed_in,
        ))
        .first(&mut conn)
        .await
        .optional()?)
}
