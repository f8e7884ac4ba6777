use super::types::{AuditEntry, AuditFilter, AuditSort, LONGEST};
use crate::db::Conn;
use crate::db::keyset;
use crate::error::Error;
use crate::journal::Operation;
use chrono::{DateTime, Utc};
use diesel::expression::BoxableExpression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

diesel::table! {
    /// A view; what it shows is told in its migration.
    audit (id) {
        id -> Int8,
        at -> Timestamptz,
        client -> Text,
        subject -> Text,
        person -> Nullable<Text>,
        request_id -> Uuid,
        resource -> Text,
        key -> Jsonb,
        body -> Nullable<Text>,
        plan -> Nullable<Text>,
        operation -> Text,
        version -> Int8,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        withheld -> Bool,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    client: String,
    subject: String,
    person: Option<String>,
    request_id: Uuid,
    resource: String,
    key: Value,
    body: Option<String>,
    plan: Option<String>,
    operation: Operation,
    version: i64,
    before: Option<String>,
    after: Option<String>,
    withheld: bool,
}

/// Where a page ends.
pub type Position = (DateTime<Utc>, i64);

/// An entry with its place in the order.
pub struct Placed {
    pub position: Position,
    pub entry: AuditEntry,
}

impl From<Row> for Placed {
    fn from(row: Row) -> Self {
        let mut cut = false;
        let mut shown = |text: Option<String>| {
            let text = text?;
            let whole = text.chars().count() <= LONGEST;
            cut |= !whole;
            Some(if whole { text } else { text.chars().take(LONGEST).collect() })
        };
        let (before, after) = (shown(row.before), shown(row.after));
        let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
        let key = row.key.as_object().cloned().unwrap_or_default();
        let entry = AuditEntry {
            at: row.at,
            client: row.client,
            subject: row.subject,
            person: row.person,
            request_id: row.request_id,
            resource: row.resource,
            key: key.into_iter().map(|(name, value)| (name, text(value))).collect(),
            municipality: row.body,
            plan: row.plan,
            operation: row.operation,
            version: row.version,
            before,
            after,
            cut,
            withheld: row.withheld,
        };
        Self { position: (row.at, row.id), entry }
    }
}

/// One page and one more, by time. `bodies`: about these, or of their plans; none: of everybody.
pub async fn page(
    mut conn: &Conn,
    bodies: Option<&[String]>,
    filter: &AuditFilter,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Placed>, Error> {
    let key = (audit::at, audit::id);
    let mut query = audit::table.limit(limit + 1).select(Row::as_select()).into_boxed();
    if let Some(bodies) = bodies {
        query = query.filter(concerning(bodies));
    }
    if let Some(plan) = &filter.plan {
        query = query.filter(audit::plan.eq(plan));
    }
    if let Some(municipality) = &filter.municipality {
        query = query.filter(audit::body.eq(municipality));
    }
    if let Some(resource) = &filter.resource {
        query = query.filter(audit::resource.eq(resource));
    }
    if let Some(client) = &filter.client {
        query = query.filter(audit::client.eq(client));
    }
    if let Some(person) = &filter.person {
        query = query.filter(audit::person.eq(person));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit::at.ge(from));
    }
    if let Some(before) = filter.before {
        query = query.filter(audit::at.lt(before));
    }
    query = match (filter.sort.unwrap_or(AuditSort::Newest), after) {
        (AuditSort::Newest, None) => query.order((audit::at.desc(), audit::id.desc())),
        (AuditSort::Newest, Some(at)) => {
            query.order((audit::at.desc(), audit::id.desc())).filter(keyset::before(key, at))
        }
        (AuditSort::Oldest, None) => query.order(key),
        (AuditSort::Oldest, Some(at)) => query.order(key).filter(keyset::after(key, at)),
    };
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(rows.into_iter().map(Placed::from).collect())
}

/// About one of the bodies, or of a plan of theirs: its code begins with its owner's, so a range of the index finds them.
fn concerning(bodies: &[String]) -> Box<dyn BoxableExpression<audit::table, Pg, SqlType = Nullable<Bool>> + '_> {
    let mut any: Box<dyn BoxableExpression<audit::table, Pg, SqlType = Nullable<Bool>>> =
        Box::new(audit::body.eq_any(bodies.to_vec()));
    for body in bodies {
        any = Box::new(any.or(audit::plan.between(format!("{body}-"), format!("{body}."))));
    }
    any
}
