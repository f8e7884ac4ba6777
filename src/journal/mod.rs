//! The journal: one row for each changed resource, written in the transaction of the change.

use crate::auth::Caller;
use crate::db::Conn;
use crate::db::rows;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::words;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Jsonb, Text};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

words! {
    /// What was done to a resource.
    pub enum Operation {
        Create = "create",
        Replace = "replace",
        /// Replaced with `If-Match: *`, without having seen what was there
        Overwrite = "overwrite",
        Delete = "delete",
        Transition = "transition",
        /// Emptied by an administrator, here and in all rows before
        Redact = "redact",
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

/// Where a change comes from.
pub struct Source<'a> {
    pub caller: &'a Caller,
    pub at: DateTime<Utc>,
    /// The import it was a row of.
    pub import: Option<Uuid>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    at: DateTime<Utc>,
    subject: &'a str,
    client: &'a str,
    person: Option<&'a str>,
    request_id: Uuid,
    import_id: Option<Uuid>,
    resource: &'a str,
    key: Value,
    body: Option<String>,
    plan: Option<&'a str>,
    operation: Operation,
    version: i64,
    before: Option<Value>,
    after: Option<Value>,
}

/// Adds the row. Rolled back with the change it tells of.
pub async fn record(conn: &Conn, caller: &Caller, at: DateTime<Utc>, entry: Entry<'_>) -> Result<(), Error> {
    record_all(conn, &Source { caller, at, import: None }, vec![entry]).await
}

/// As [`record`], one statement for them all.
pub async fn record_all<'a>(conn: &Conn, source: &'a Source<'_>, entries: Vec<Entry<'a>>) -> Result<(), Error> {
    const INTO: &str = "insert into journal (at, subject, client, person, request_id, import_id, resource, key, body, \
        plan, operation, version, before, after) select at, subject, client, person, request_id, import_id, resource, \
        key, body, plan, operation, version, before, after from jsonb_populate_recordset(null::journal, ";
    let Source { caller, at, import } = source;
    let row = |entry: Entry<'a>| Row {
        at: *at,
        subject: &caller.subject,
        client: &caller.client,
        person: entry.person,
        request_id: caller.request_id,
        import_id: *import,
        resource: entry.resource,
        key: entry.key,
        body: entry.body.map(|code| code.to_string()),
        plan: entry.plan.map(PlanCode::as_str),
        operation: entry.operation,
        version: entry.version,
        before: entry.before,
        after: entry.after,
    };
    rows::execute(conn, INTO, entries.into_iter().map(row).collect(), ")").await
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn app_last_version(resource: Text, key: Jsonb) -> Nullable<BigInt>;
    fn app_last_versions(resource: Text, keys: Array<Jsonb>) -> Array<Nullable<BigInt>>;
}

/// The version a new resource begins with: one above what its key ever had, so that no ETag means two contents.
pub async fn next_version(mut conn: &Conn, resource: &str, key: Value) -> Result<i64, Error> {
    let last = diesel::select(app_last_version(resource, key)).get_result::<Option<i64>>(&mut conn).await?;
    Ok(last.unwrap_or(0) + 1)
}

/// As [`next_version`], of many keys, in their order.
pub async fn next_versions(mut conn: &Conn, resource: &str, keys: Vec<Value>) -> Result<Vec<i64>, Error> {
    let last: Vec<Option<i64>> = diesel::select(app_last_versions(resource, keys)).get_result(&mut conn).await?;
    Ok(last.into_iter().map(|last| last.unwrap_or(0) + 1).collect())
}
