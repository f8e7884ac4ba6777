//! The lists of what is published: a page of JSON, or all of it as CSV or NDJSON.
//!
//! What is public at a publication number never changes, so the pages of a pull show one moment without a transaction or
//! an open cursor behind them, and a reader who is slow holds nothing.

use super::filter::{Scope, unknown_field};
use crate::db::Conn;
use crate::error::Error;
use crate::publications::moment::{self, Reporters};
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::page::{Paging, ResultSet};
use crate::web::params::unreadable;
use crate::web::stream::{self, Column, Encoder, PullMedia};
use actix_web::HttpResponse;
use actix_web::http::header::ETAG;
use actix_web::web::{Bytes, Data};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// So few come first, so that the first byte does.
const FIRST: i64 = 100;
const THEN: i64 = 1_000;

/// Rows, each with the key a page may end with.
pub type Page<P> = Result<Vec<(<P as Pull>::Key, <P as Pull>::Row)>, Error>;

/// A list of published rows.
pub trait Pull: Sized + 'static {
    type Row: Serialize + ToSchema + 'static;
    type List: Serialize + From<(ResultSet, Vec<Self::Row>)>;
    /// What a page ends with.
    type Key: Serialize + DeserializeOwned + Clone + 'static;
    /// Of its file
    const NAME: &'static str;

    /// At number `no`, in the order of their keys.
    fn page(
        conn: &Conn,
        scope: &Scope,
        no: i64,
        after: Option<Self::Key>,
        limit: i64,
    ) -> impl Future<Output = Page<Self>>;

    fn count(conn: &Conn, scope: &Scope, no: i64) -> impl Future<Output = Result<i64, Error>>;

    fn columns(conn: &Conn, scope: &Scope) -> impl Future<Output = Result<Vec<Column<Self::Row>>, Error>>;
}

pub async fn list<P: Pull>(
    state: Data<State>,
    media: PullMedia,
    known: &Known,
    scope: Scope,
    paging: Paging,
) -> Result<HttpResponse, Error> {
    let conn = state.db.published().await?;
    let standing = moment::of_list(&conn, &reporters(&scope), paging.moment(), scope.as_of).await?;
    let tag = media.etag(&standing.etag());
    if let Some(unchanged) = known.unchanged(&tag, false) {
        return Ok(unchanged);
    }
    let (after, no) = (paging.after::<P::Key>()?, standing.moment.no);
    if media == PullMedia::Json {
        check_json(&scope)?;
        let mut rows = P::page(&conn, &scope, no, after, paging.limit + 1).await?;
        let count = if scope.count { Some(P::count(&conn, &scope, no).await?) } else { None };
        let resultset = paging.close(&mut rows, Some(standing.moment), |(key, _)| key.clone())?;
        let resultset = ResultSet { count, ..resultset.under(&state.edge.terms) };
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        let mut answer = answer::list(false, &P::List::from((resultset, rows)));
        answer.headers_mut().insert(ETAG, tag.parse().map_err(Error::internal)?);
        return Ok(answer);
    }
    if scope.count {
        return Err(unreadable("count", "application/json だけで使えます", "of application/json only"));
    }
    let encoder = encoder::<P>(&conn, media, &scope).await?;
    drop(conn);
    let walk = Walk::<P> { state, scope, no, after, left: paging.asked(), begun: false, encoder };
    Ok(stream::answer(media, P::NAME, &tag, no, walk.pieces()))
}

/// Rows are compared with targets of other years, so those belong to their scope.
fn reporters(scope: &Scope) -> Reporters<'_> {
    Reporters {
        prefectures: scope.prefectures(),
        municipalities: &scope.municipalities,
        plan: scope.plan.as_deref(),
        fiscal_years: scope.years_and_codes().map(|(years, _)| years).filter(|_| !scope.targets),
    }
}

/// A page of JSON has the schema it is documented with.
fn check_json(scope: &Scope) -> Result<(), Error> {
    if scope.fields.is_none() {
        return Ok(());
    }
    Err(unreadable(
        "fields",
        "Accept: text/csv か application/x-ndjson とともに使ってください",
        "use it with `Accept: text/csv` or `application/x-ndjson`",
    ))
}

async fn encoder<P: Pull>(conn: &Conn, media: PullMedia, scope: &Scope) -> Result<Encoder<P::Row>, Error> {
    if media == PullMedia::Ndjson {
        let known = names::<P::Row>();
        if let Some(unknown) = scope.fields.iter().flatten().find(|field| !known.contains(field)) {
            return Err(unknown_field(unknown, &known));
        }
        return Ok(Encoder::Ndjson(scope.fields.clone()));
    }
    let mut columns = P::columns(conn, scope).await?;
    if let Some(fields) = &scope.fields {
        let names = |column: &Column<P::Row>, field: &str| {
            column.name.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let mut chosen = Vec::new();
        for field in fields {
            let (named, others): (Vec<_>, Vec<_>) = columns.into_iter().partition(|column| names(column, field));
            if named.is_empty() {
                let known: Vec<String> =
                    others.iter().chain(&chosen).flat_map(|column| askable(&column.name)).collect();
                return Err(unknown_field(field, &known));
            }
            chosen.extend(named);
            columns = others;
        }
        columns = chosen;
    }
    Ok(Encoder::Csv { columns, bom: scope.bom, begun: false })
}

/// What a column can be asked for by: `value` is all of `value.per` and its like.
fn askable(column: &str) -> impl Iterator<Item = String> {
    let groups = column.match_indices('.').filter_map(|(at, _)| column.get(..at));
    groups.chain([column]).map(str::to_owned)
}

/// The fields of a row, as it is documented.
fn names<R: PartialSchema>() -> Vec<String> {
    match R::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// A pull under way.
struct Walk<P: Pull> {
    state: Data<State>,
    scope: Scope,
    no: i64,
    after: Option<P::Key>,
    /// None: all there are
    left: Option<i64>,
    begun: bool,
    encoder: Encoder<P::Row>,
}

impl<P: Pull> Walk<P> {
    fn pieces(self) -> impl Stream<Item = Result<Bytes, Error>> {
        try_unfold(Some(self), async |walk| match walk {
            Some(walk) => walk.next().await.map(Some),
            None => Ok(None),
        })
    }

    /// The next piece, and what is to come behind it.
    async fn next(mut self) -> Result<(Bytes, Option<Self>), Error> {
        let most = if self.begun { THEN } else { FIRST };
        let limit = self.left.map_or(most, |left| left.min(most));
        let conn = self.state.db.published().await?;
        let rows = P::page(&conn, &self.scope, self.no, self.after.take(), limit).await?;
        drop(conn);
        let found = i64::try_from(rows.len()).map_err(Error::internal)?;
        let (mut keys, rows): (Vec<P::Key>, Vec<P::Row>) = rows.into_iter().unzip();
        let piece = self.encoder.encode(&rows)?;
        self.left = self.left.map(|left| left - found);
        self.after = keys.pop();
        self.begun = true;
        let more = found == limit && self.left != Some(0);
        Ok((piece, more.then_some(self)))
    }
}
