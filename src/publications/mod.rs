//! The publication number: everything public changes in numbered steps, one after the other.
//!
//! [`next`] is the last thing a transaction does before it writes what carries the number and commits. The head's row
//! stays locked until then, so commit order, number order and time order are the same, without a hole.

pub mod moment;

use crate::db::Conn;
use crate::db::schema::{changes, publication_head, publication_scopes, publications};
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::words;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use serde_json::Value;

/// `to_no` of what is in force.
pub const IN_FORCE: i64 = i64::MAX;

words! {
    /// What a publication did to a resource.
    pub enum Op {
        Upsert = "upsert",
        Delete = "delete",
        /// An upsert that replaces published content
        Correction = "correction",
        /// Emptied by the operator
        Redact = "redact",
    }
}

/// A step of the public state.
#[derive(Clone, Copy, Debug)]
pub struct Publication {
    pub no: i64,
    pub at: DateTime<Utc>,
}

/// One changed resource, as the change feed will tell it.
pub struct Entry {
    pub op: Op,
    pub resource: &'static str,
    pub key: Value,
    pub plan: Option<PlanCode>,
    /// Prefecture of the reporter or owner.
    pub prefecture: Option<Code>,
    pub etag: Option<String>,
}

/// Takes the next number. Two publishers stand in line here.
pub async fn next(mut conn: &Conn, now: DateTime<Utc>, definitions: bool) -> Result<Publication, Error> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let (no, at) = diesel::update(publication_head::table)
        .set((
            publication_head::no.eq(publication_head::no + 1),
            publication_head::at.eq(sql::<Timestamptz>("greatest(")
                .bind::<Timestamptz, _>(now)
                .sql(", publication_head.at + interval '1 microsecond')")),
            // A publication of figures leaves the number of the definitions as it is.
            publication_head::definitions_no.eq(sql::<BigInt>("case when ")
                .bind::<Bool, _>(definitions)
                .sql(" then publication_head.no + 1 else publication_head.definitions_no end")),
        ))
        .returning((publication_head::no, publication_head::at))
        .get_result::<(i64, DateTime<Utc>)>(&mut conn)
        .await?;
    diesel::insert_into(publications::table)
        .values((publications::no.eq(no), publications::at.eq(at)))
        .execute(&mut conn)
        .await?;
    Ok(Publication { no, at })
}

/// Writes what a publication changed, in order, from place `first` on.
pub async fn announce(mut conn: &Conn, no: i64, first: i32, entries: Vec<Entry>) -> Result<(), Error> {
    let rows: Vec<_> = entries
        .into_iter()
        .zip(first..)
        .map(|(entry, seq)| {
            (
                changes::no.eq(no),
                changes::seq.eq(seq),
                changes::op.eq(entry.op),
                changes::resource.eq(entry.resource),
                changes::key.eq(entry.key),
                changes::plan.eq(entry.plan.map(|plan| plan.to_string())),
                changes::prefecture.eq(entry.prefecture.map(|code| code.to_string())),
                changes::etag.eq(entry.etag),
            )
        })
        .collect();
    // Postgres takes at most 65,535 parameters a statement.
    for rows in rows.chunks(5_000) {
        diesel::insert_into(changes::table).values(rows).execute(&mut conn).await?;
    }
    Ok(())
}

/// Marks the lists a publication changed.
pub async fn touch_scopes(mut conn: &Conn, municipality: Code, fiscal_years: &[i16], no: i64) -> Result<(), Error> {
    let rows: Vec<_> = fiscal_years
        .iter()
        .map(|year| {
            (
                publication_scopes::prefecture.eq(municipality.prefecture().to_string()),
                publication_scopes::fiscal_year.eq(*year),
                publication_scopes::municipality.eq(municipality.to_string()),
                publication_scopes::last_no.eq(no),
            )
        })
        .collect();
    diesel::insert_into(publication_scopes::table)
        .values(rows)
        .on_conflict((
            publication_scopes::prefecture,
            publication_scopes::fiscal_year,
            publication_scopes::municipality,
        ))
        .do_update()
        .set(publication_scopes::last_no.eq(excluded(publication_scopes::last_no)))
        .execute(&mut conn)
        .await?;
    Ok(())
}
