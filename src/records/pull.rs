//! The lists of what is published: a page of JSON, or all of it as CSV or NDJSON.
//!
//! What is public at a publication number never changes, so the pages of a pull show one moment without a transaction or
//! an open cursor behind them, and a reader who is slow holds nothing.

use super::encode::Encoder;
use super::filter::{Scope, unknown_field};
use crate::db::Conn;
use crate::error::Error;
use crate::publications::moment::{self, Reporters};
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::page::{Paging, ResultSet};
use crate::web::params::unreadable;
use crate::web::stream::{self, Column, CsvLines, PullMedia};
use actix_web::HttpResponse;
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
/// Bytes that are kept ready for each.
const A_ROW: usize = 2_048;

/// A list of published rows.
pub trait Pull: Sized + 'static {
    /// As it is read
    type Found: 'static;
    /// As it is documented
    type Row: ToSchema + 'static;
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
    ) -> impl Future<Output = Result<Vec<Self::Found>, Error>>;

    fn key(found: &Self::Found) -> Self::Key;

    /// As JSON.
    fn write(encoder: &mut Encoder, found: &Self::Found, out: &mut Vec<u8>) -> Result<(), Error>;

    fn row(found: Self::Found) -> Result<Self::Row, Error>;

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
        let resultset = paging.close(&mut rows, Some(standing.moment), P::key)?;
        let resultset = ResultSet { count, ..resultset.under(&state.edge.terms) };
        return Ok(answer::published(&tag, page::<P>(&resultset, &rows)?));
    }
    if scope.count {
        return Err(unreadable("count", "application/json だけで使えます", "of application/json only"));
    }
    let form = form::<P>(&conn, media, &scope).await?;
    drop(conn);
    let walk = Walk::<P> { state, scope, no, after, left: paging.asked(), begun: false, form };
    Ok(stream::answer(media, P::NAME, &tag, no, walk.pieces()))
}

/// A page, as `list_of!` shapes it.
fn page<P: Pull>(resultset: &ResultSet, rows: &[P::Found]) -> Result<Vec<u8>, Error> {
    let mut json = Vec::with_capacity(1024 + rows.len() * A_ROW);
    json.extend_from_slice(b"{\"resultset\":");
    serde_json::to_writer(&mut json, resultset).map_err(Error::internal)?;
    json.extend_from_slice(b",\"results\":[");
    let mut encoder = Encoder::default();
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        P::write(&mut encoder, row, &mut json)?;
    }
    json.extend_from_slice(b"]}");
    Ok(json)
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

/// The form of a pull under way.
enum Form<R> {
    /// With these fields of each only, where some are named
    Ndjson(Encoder, Option<Vec<String>>),
    Csv(CsvLines<R>),
}

async fn form<P: Pull>(conn: &Conn, media: PullMedia, scope: &Scope) -> Result<Form<P::Row>, Error> {
    if media == PullMedia::Ndjson {
        let known = names::<P::Row>();
        if let Some(unknown) = scope.fields.iter().flatten().find(|field| !known.contains(field)) {
            return Err(unknown_field(unknown, &known));
        }
        return Ok(Form::Ndjson(Encoder::default(), scope.fields.clone()));
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
    Ok(Form::Csv(CsvLines::new(columns, scope.bom)))
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
    form: Form<P::Row>,
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
        self.after = rows.last().map(P::key);
        let piece = self.encode(rows)?;
        self.left = self.left.map(|left| left - found);
        self.begun = true;
        let more = found == limit && self.left != Some(0);
        Ok((piece, more.then_some(self)))
    }

    fn encode(&mut self, rows: Vec<P::Found>) -> Result<Bytes, Error> {
        match &mut self.form {
            Form::Ndjson(encoder, fields) => {
                let mut lines = Vec::with_capacity(rows.len() * A_ROW);
                for row in rows {
                    let from = lines.len();
                    P::write(encoder, &row, &mut lines)?;
                    if let Some(fields) = fields {
                        let chosen = some(lines.get(from..).unwrap_or_default(), fields)?;
                        lines.truncate(from);
                        serde_json::to_writer(&mut lines, &chosen).map_err(Error::internal)?;
                    }
                    lines.push(b'\n');
                }
                Ok(lines.into())
            }
            Form::Csv(lines) => lines.encode(&rows.into_iter().map(P::row).collect::<Result<Vec<_>, _>>()?),
        }
    }
}

/// A row with these of its fields, in their order.
fn some(row: &[u8], fields: &[String]) -> Result<serde_json::Value, Error> {
    let mut whole: serde_json::Value = serde_json::from_slice(row).map_err(Error::internal)?;
    let named = fields.iter().filter_map(|field| Some((field.clone(), whole.get_mut(field)?.take())));
    Ok(serde_json::Value::Object(named.collect()))
}
