use super::types::{ChangeFilter, ChangedResource};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{changes, publication_head, publications};
use crate::error::Error;
use crate::publications::Op;
use crate::web::position::FeedPosition;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Where the feed ends, and how far back it goes.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub epoch: Uuid,
    pub no: i64,
    pub at: DateTime<Utc>,
    pub pruned_no: i64,
}

pub async fn head(mut conn: &Conn) -> Result<Head, Error> {
    use publication_head as head;
    let (epoch, no, at, pruned_no) =
        head::table.select((head::epoch, head::no, head::at, head::pruned_no)).first(&mut conn).await?;
    Ok(Head { epoch, no, at, pruned_no })
}

pub struct Entry {
    pub no: i64,
    pub seq: i32,
    pub op: Op,
    pub resource: ChangedResource,
    pub key: BTreeMap<String, String>,
    pub etag: Option<String>,
    pub at: DateTime<Utc>,
}

/// Entries behind a place, and the head beside them: in one statement, so that what is beyond the last entry is known to
/// be behind the head, and what was pruned is seen to be.
struct Page<'a> {
    after: (i64, i32),
    filter: &'a ChangeFilter,
    limit: i64,
}

impl QueryFragment<Pg> for Page<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "select h.epoch, h.no, h.at, h.pruned_no, c.no, c.seq, c.op, c.resource, c.key, c.etag, c.at
             from publication_head h left join lateral (
                 select c.no, c.seq, c.op, c.resource, c.key, c.etag, p.at
                 from changes c join publications p on p.no = c.no where (c.no, c.seq) > (",
        );
        out.push_bind_param::<BigInt, _>(&self.after.0)?;
        out.push_sql(", ");
        out.push_bind_param::<Integer, _>(&self.after.1)?;
        out.push_sql(")");
        for (column, wanted) in [("plan", &self.filter.plan), ("prefecture", &self.filter.prefecture)] {
            if let Some(wanted) = wanted {
                out.push_sql(" and c.");
                out.push_sql(column);
                out.push_sql(" = ");
                out.push_bind_param::<Text, _>(wanted)?;
            }
        }
        out.push_sql(" order by c.no, c.seq limit ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(") c on true order by c.no, c.seq");
        Ok(())
    }
}

/// Kept by its text.
impl QueryId for Page<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Page<'_> {
    type SqlType = (
        SqlUuid,
        BigInt,
        Timestamptz,
        BigInt,
        Nullable<BigInt>,
        Nullable<Integer>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Jsonb>,
        Nullable<Text>,
        Nullable<Timestamptz>,
    );
}

#[derive(Queryable)]
struct Row {
    epoch: Uuid,
    head_no: i64,
    head_at: DateTime<Utc>,
    pruned_no: i64,
    no: Option<i64>,
    seq: Option<i32>,
    op: Option<Op>,
    resource: Option<ChangedResource>,
    key: Option<AsJson<Map<String, Value>>>,
    etag: Option<String>,
    at: Option<DateTime<Utc>>,
}

impl Row {
    /// None: the head alone, there is no entry.
    fn entry(self) -> Option<Entry> {
        let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
        Some(Entry {
            no: self.no?,
            seq: self.seq?,
            op: self.op?,
            resource: self.resource?,
            key: self.key?.0.into_iter().map(|(name, value)| (name, text(value))).collect(),
            etag: self.etag,
            at: self.at?,
        })
    }
}

/// One page and one more. `after` none: from the beginning.
pub async fn page(
    mut conn: &Conn,
    filter: &ChangeFilter,
    after: Option<FeedPosition>,
) -> Result<(Head, Vec<Entry>), Error> {
    let after = after.map_or((0, FeedPosition::END), |after| (after.no, after.seq));
    let rows: Vec<Row> = Page { after, filter, limit: filter.limit() + 1 }.load(&mut conn).await?;
    let [first, ..] = rows.as_slice() else { return Err(Error::internal("publication_head is empty")) };
    let head = Head { epoch: first.epoch, no: first.head_no, at: first.head_at, pruned_no: first.pruned_no };
    Ok((head, rows.into_iter().filter_map(Row::entry).collect()))
}

/// Forgets the changes of whole numbers that are older, and from where on the feed is kept.
pub async fn prune(mut conn: &Conn, older_than: DateTime<Utc>) -> Result<(i64, usize), Error> {
    let last = publications::table.filter(publications::at.lt(older_than)).select(diesel::dsl::max(publications::no));
    let Some(last) = last.first::<Option<i64>>(&mut conn).await? else { return Ok((0, 0)) };
    let gone = diesel::delete(changes::table.filter(changes::no.le(last))).execute(&mut conn).await?;
    // The head is locked last, so that publications wait for an instant only. It never goes back.
    let head = publication_head::table.filter(publication_head::pruned_no.lt(last));
    diesel::update(head).set(publication_head::pruned_no.eq(last)).execute(&mut conn).await?;
    Ok((last, gone))
}

/// Another history begins: cursors of the one before are told so.
pub async fn renew_epoch(mut conn: &Conn) -> Result<(), Error> {
    diesel::update(publication_head::table).set(publication_head::epoch.eq(Uuid::new_v4())).execute(&mut conn).await?;
    Ok(())
}
