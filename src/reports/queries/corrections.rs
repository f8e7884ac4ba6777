//! The SQL of what later editions of a report have changed.

use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{plans, published_records};
use crate::error::Error;
use crate::plans::types::TextField;
use crate::publications::IN_FORCE;
use crate::records::queries::published::{Published, Row};
use crate::records::types::Part;
use crate::reports::types::ReportKey;
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;

/// A published state of a report.
#[derive(QueryableByName)]
pub struct Edition {
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    #[diesel(sql_type = BigInt)]
    pub no: i64,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// Why the one before was corrected
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
}

/// The editions of a report, the first first.
pub async fn editions(mut conn: &Conn, key: &ReportKey) -> Result<Vec<Edition>, Error> {
    Ok(diesel::sql_query("select edition, no, at, reason from app_editions($1, $2, $3) limit 10000")
        .bind::<Text, _>(key.plan.as_str())
        .bind::<Text, _>(key.municipality.as_str())
        .bind::<Text, _>(key.round.as_str())
        .load(&mut conn)
        .await?)
}

/// A published record with the publications that began and ended it.
pub struct Version {
    pub from_no: i64,
    pub to_no: i64,
    pub record: Published,
}

/// What was replaced, added or withdrawn after publication `first`, the latest first; at most `most`. One statement.
pub async fn versions(mut conn: &Conn, key: &ReportKey, first: i64, most: i64) -> Result<Vec<Version>, Error> {
    use published_records as rows;
    let found: Vec<(Row, i64)> = rows::table
        // Both parts, so that the index by municipality serves it.
        .filter(rows::part.eq_any([Part::Targets, Part::Results]))
        .filter(rows::municipality.eq(key.municipality.as_str()))
        .filter(rows::plan.eq(key.plan.as_str()))
        .filter(rows::round.eq(key.round.as_str()))
        .filter(rows::from_no.gt(first).or(rows::to_no.lt(IN_FORCE)))
        .order((
            sql::<BigInt>("greatest(from_no, nullif(to_no, 9223372036854775807))").desc(),
            rows::program,
            rows::period,
        ))
        .limit(most)
        .select((Row::as_select(), rows::to_no))
        .load(&mut conn)
        .await?;
    let version = |(row, to_no): (Row, i64)| Ok(Version { from_no: row.from_no, to_no, record: row.try_into()? });
    found.into_iter().map(version).collect()
}

/// The plan's text columns with their headings, and its version.
pub async fn text_fields(mut conn: &Conn, key: &ReportKey) -> Result<(Vec<TextField>, i64), Error> {
    let plan = plans::table.find(key.plan.as_str()).select((plans::text_fields, plans::version));
    let found: Option<(AsJson<Vec<TextField>>, i64)> = plan.first(&mut conn).await.optional()?;
    Ok(found.map(|(fields, version)| (fields.0, version)).unwrap_or_default())
}
