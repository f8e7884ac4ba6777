use super::row::Rows;
use super::types::{Import, ImportFilter, ImportRowFilter, ImportRowReport, ImportStatus, ImportSummary, RowOutcome};
use crate::db::Conn;
use crate::db::rows;
use crate::db::schema::{import_rows, imports};
use crate::error::Error;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// How long a report is kept.
const KEPT: Duration = Duration::days(90);
/// Rows that are kept with one statement.
const TOGETHER: usize = 1000;

#[diesel::declare_sql_function]
extern "SQL" {
    fn app_forget_imports(older_than: Timestamptz) -> BigInt;
}

#[derive(Debug, Serialize)]
struct NewRow<'a> {
    import: Uuid,
    number: i32,
    outcome: RowOutcome,
    row: &'a ImportRowReport,
    source: Option<Vec<(&'a str, &'a str)>>,
}

/// Keeps a report, and forgets those that are too old.
pub async fn keep(
    mut conn: &Conn,
    import: &Import,
    reports: &[ImportRowReport],
    read: &Rows,
    client: &str,
    bodies: &[String],
) -> Result<(), Error> {
    diesel::select(app_forget_imports(import.at - KEPT)).get_result::<i64>(&mut conn).await?;
    diesel::insert_into(imports::table)
        .values((
            imports::id.eq(import.id),
            imports::at.eq(import.at),
            imports::client.eq(client),
            imports::bodies.eq(bodies.iter().map(Some).collect::<Vec<_>>()),
            imports::status.eq(import.status),
            imports::dry_run.eq(import.dry_run),
            imports::rejected.eq(import.rejected),
            imports::report.eq(serde_json::to_value(import).map_err(Error::internal)?),
        ))
        .execute(&mut conn)
        .await?;
    let new: Vec<NewRow<'_>> = reports
        .iter()
        .zip(&read.rows)
        .map(|(report, row)| {
            let sent = || row.source.iter().map(|(column, text)| (&**column, text.as_str())).collect();
            let source = (report.outcome == RowOutcome::Rejected && !row.source.is_empty()).then(sent);
            NewRow { import: import.id, number: report.row, outcome: report.outcome, row: report, source }
        })
        .collect();
    let head = "insert into import_rows select * from jsonb_populate_recordset(null::import_rows, ";
    let mut new = new.into_iter().peekable();
    while new.peek().is_some() {
        rows::execute(conn, head, new.by_ref().take(TOGETHER).collect(), ")").await?;
    }
    Ok(())
}

pub async fn find(mut conn: &Conn, id: Uuid) -> Result<Option<Import>, Error> {
    let found: Option<Value> = imports::table.find(id).select(imports::report).first(&mut conn).await.optional()?;
    found.map(|report| serde_json::from_value(report).map_err(Error::internal)).transpose()
}

/// One page and one more, the newest first.
pub async fn page(
    mut conn: &Conn,
    filter: &ImportFilter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ImportSummary>, Error> {
    let mut query = imports::table
        .order(imports::id.desc())
        .limit(limit + 1)
        .select((imports::id, imports::at, imports::client, imports::status, imports::dry_run, imports::rejected))
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(imports::status.eq(status));
    }
    if let Some(after) = after {
        query = query.filter(imports::id.lt(after));
    }
    type Row = (Uuid, DateTime<Utc>, String, ImportStatus, bool, i32);
    let rows: Vec<Row> = query.load(&mut conn).await?;
    let summary =
        |(id, at, client, status, dry_run, rejected)| ImportSummary { id, at, client, status, dry_run, rejected };
    Ok(rows.into_iter().map(summary).collect())
}

/// A row, and what was sent where it was refused.
pub struct Kept {
    pub report: ImportRowReport,
    pub source: Vec<(String, String)>,
}

/// The rows behind `after`, in the order of what was sent; `limit` of them at most.
pub async fn rows(
    mut conn: &Conn,
    id: Uuid,
    filter: &ImportRowFilter,
    after: Option<i32>,
    limit: i64,
) -> Result<Vec<Kept>, Error> {
    let mut query = import_rows::table
        .filter(import_rows::import.eq(id))
        .order(import_rows::number)
        .limit(limit)
        .select((import_rows::row, import_rows::source))
        .into_boxed();
    if let Some(outcome) = filter.outcome {
        query = query.filter(import_rows::outcome.eq(outcome));
    }
    if let Some(after) = after {
        query = query.filter(import_rows::number.gt(after));
    }
    let rows: Vec<(Value, Option<Value>)> = query.load(&mut conn).await?;
    let kept = |(report, source): (Value, Option<Value>)| {
        let report = serde_json::from_value(report).map_err(Error::internal)?;
        let source = source.map(serde_json::from_value).transpose().map_err(Error::internal)?;
        Ok(Kept { report, source: source.unwrap_or_default() })
    };
    rows.into_iter().map(kept).collect()
}
