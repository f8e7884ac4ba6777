//! The journal: one row for each changed resource, written in the transaction of the change.

use crate::auth::Caller;
use crate::db::Conn;
use crate::db::schema::journal;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::words;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;

words! {
    /// What was done to a resource.
    pub enum Operation {
        Create = "create",
        Replace = "replace",
        /// Replaced with `If-Match: *`, without having seen what was there
        Overwrite = "overwrite",
        Delete = "delete",
        Transition = "transition",
    }
}

/// One changed resource.
pub struct Entry<'a> {
    pub resource: &'a str,
    pub key: Value,
    /// The municipality or prefecture it belongs to.
    pub body: Option<Code>,
    pub plan: Option<&'a PlanCode>,
    pub operation: Operation,
    pub version: i64,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// Who acted, as the client asserts it.
    pub person: Option<&'a str>,
}

/// Adds the row. Rolled back with the change it tells of.
pub async fn record(mut conn: &Conn, caller: &Caller, at: DateTime<Utc>, entry: Entry<'_>) -> Result<(), Error> {
    diesel::insert_into(journal::table)
        .values((
            journal::at.eq(at),
            journal::subject.eq(&caller.subject),
            journal::client.eq(&caller.client),
            journal::person.eq(entry.person),
            journal::request_id.eq(caller.request_id),
            journal::resource.eq(entry.resource),
            journal::key.eq(entry.key),
            journal::body.eq(entry.body.map(|code| code.to_string())),
            journal::plan.eq(entry.plan.map(PlanCode::as_str)),
            journal::operation.eq(entry.operation),
            journal::version.eq(entry.version),
            journal::before.eq(entry.before),
            journal::after.eq(entry.after),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn app_last_version(resource: Text, key: Jsonb) -> Nullable<BigInt>;
}

/// The version a new resource begins with: one above what its key ever had, so that no ETag means two contents.
pub async fn next_version(mut conn: &Conn, resource: &str, key: Value) -> Result<i64, Error> {
    let last = diesel::select(app_last_version(resource, key)).get_result::<Option<i64>>(&mut conn).await?;
    Ok(last.unwrap_or(0) + 1)
}
