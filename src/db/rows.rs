//! Statements over many rows at once: the rows travel as one jsonb argument and Postgres takes them apart by the names of
//! their columns (`jsonb_populate_recordset`). The text is the same for one row as for a thousand, so it is prepared once a
//! connection, which diesel's multi-row inserts and `sql_query` never are.

use super::Conn;
use super::columns::AsJson;
use crate::error::Error;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Jsonb, Text};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use std::fmt::Debug;

/// `head $1 tail`
struct Statement<T: Debug> {
    head: &'static str,
    rows: AsJson<Vec<T>>,
    tail: &'static str,
}

impl<T: Debug + Serialize> QueryFragment<Pg> for Statement<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.head);
        out.push_bind_param::<Jsonb, _>(&self.rows)?;
        out.push_sql(self.tail);
        Ok(())
    }
}

/// Kept by its text.
impl<T: Debug> QueryId for Statement<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: Debug> Query for Statement<T> {
    type SqlType = (BigInt, Text);
}

/// No rows: no statement.
pub async fn execute<T: Debug + Serialize + Send>(
    mut conn: &Conn,
    head: &'static str,
    rows: Vec<T>,
    tail: &'static str,
) -> Result<(), Error> {
    if !rows.is_empty() {
        Statement { head, rows: AsJson(rows), tail }.execute(&mut conn).await?;
    }
    Ok(())
}

/// As [`execute`], with a number and a text of each row that was written.
pub async fn returning<T: Debug + Serialize + Send>(
    mut conn: &Conn,
    head: &'static str,
    rows: Vec<T>,
    tail: &'static str,
) -> Result<Vec<(i64, String)>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Statement { head, rows: AsJson(rows), tail }.load(&mut conn).await?)
}
