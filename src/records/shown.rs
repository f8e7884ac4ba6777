//! What the answers about targets and results share.

use super::queries::published::{self, Published};
use super::queries::{self, Names, Working};
use super::types::{Part, RecordBody, RecordFilter, RecordKey};
use crate::auth::Reader;
use crate::definitions;
use crate::domain::period::Period;
use crate::error::Error;
use crate::plans::types::View;
use crate::publications;
use crate::state::State;
use crate::warnings::types::RecordWarning;
use crate::web::answer::{self, Known};
use crate::web::page::{Moment, Paging, ResultSet};
use crate::web::params::{Filter, Listing};
use crate::web::write;
use actix_web::HttpResponse;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// A record as it is read: a working one or a published one.
pub enum Shown {
    Working(Working),
    Published(Published),
}

impl Shown {
    pub fn etag(&self) -> String {
        match self {
            Self::Working(record) => write::etag(record.version),
            Self::Published(record) => published::etag(record.edition, record.version),
        }
    }
}

/// What targets and results say before their content.
pub struct Head {
    pub plan: String,
    pub program: String,
    pub municipality: String,
    pub period: String,
    pub days: PeriodShown,
    pub amendment: i16,
    pub round: String,
    pub redacted: bool,
    pub names: Names,
    /// None: working content
    pub edition: Option<i32>,
    pub published_at: Option<DateTime<Utc>>,
    pub etag: String,
    /// None: published content
    pub warnings: Option<Vec<RecordWarning>>,
}

impl Shown {
    pub fn split(self) -> (Head, RecordBody) {
        let etag = self.etag();
        macro_rules! head {
            ($record:ident, $edition:expr, $published_at:expr, $warnings:expr) => {
                Head {
                    days: PeriodShown::new(&$record.period),
                    plan: $record.plan,
                    program: $record.program,
                    municipality: $record.municipality,
                    period: $record.period,
                    amendment: $record.amendment,
                    round: $record.round,
                    redacted: $record.redacted,
                    names: $record.names,
                    edition: $edition,
                    published_at: $published_at,
                    etag,
                    warnings: $warnings,
                }
            };
        }
        match self {
            Self::Working(record) => (head!(record, None, None, Some(record.warnings)), record.body),
            Self::Published(record) => {
                (head!(record, Some(record.edition), Some(record.published_at), None), record.body)
            }
        }
    }
}

/// The periods of answers: code, names and days.
pub struct PeriodShown {
    pub label_ja: String,
    pub label_en: String,
    pub start: Option<NaiveDate>,
    pub end: Option<NaiveDate>,
}

impl PeriodShown {
    pub fn new(code: &str) -> Self {
        let period = Period::parse_canonical(code).unwrap_or(Period::Baseline);
        Self { label_ja: period.label_ja(), label_en: period.label_en(), start: period.start(), end: period.end() }
    }
}

/// Parameters of a single target or result.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordParams {
    /// working：作業中の内容（要トークン）。書き込みの If-Match にはこの ETag を使う。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
    /// この時刻に公表されていた内容（オフセット付きRFC 3339）
    #[param(format = DateTime, max_length = 40, example = "2026-11-21T09:00:00+09:00")]
    pub as_of: Option<String>,
    #[serde(skip)]
    #[param(ignore)]
    pub instant: Option<DateTime<Utc>>,
}

impl Filter for RecordParams {
    fn check(&mut self) -> Result<(), Error> {
        self.instant = self.as_of.as_deref().map(|given| super::types::instant("as_of", given)).transpose()?;
        if self.view == Some(View::Working) && self.instant.is_some() {
            return Err(crate::web::params::unreadable(
                "as_of",
                "view=working とは一緒に使えません",
                "not with view=working",
            ));
        }
        Ok(())
    }
}

/// One record, or 304, or 404.
pub async fn get<T: Serialize>(
    state: &State,
    reader: &Reader,
    key: &RecordKey,
    params: &RecordParams,
    known: &Known,
    build: impl Fn(Shown) -> T,
) -> Result<HttpResponse, Error> {
    let found = match &reader.0 {
        Some(_) => {
            definitions::read(state, reader, async |conn| queries::find(conn, key).await).await?.map(Shown::Working)
        }
        None => {
            let conn = state.db.published().await?;
            let no = match params.instant {
                Some(at) => Some(publications::moment(&conn, None, Some(at)).await?.no),
                None => None,
            };
            published::find(&conn, key, no).await?.map(Shown::Published)
        }
    };
    let found = found.ok_or_else(|| key.missing())?;
    let tag = found.etag();
    Ok(known.answer(&tag, reader.0.is_some(), &build(found)))
}

/// A page of records.
pub async fn list<T, L: Serialize>(
    state: &State,
    reader: &Reader,
    part: Part,
    listing: Listing<RecordFilter>,
    build: impl Fn(Shown) -> T,
    envelope: impl Fn(ResultSet, Vec<T>) -> L,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let (resultset, shown) = if let Some(parties) = reader.parties() {
        let after = paging.after()?;
        let page = definitions::read(state, reader, async |conn| {
            queries::page(conn, part, &parties, &filter, after, paging.limit).await
        });
        let mut rows = page.await?;
        let resultset = paging.close(&mut rows, None, |row| {
            (row.municipality.clone(), row.plan.clone(), row.program.clone(), row.period.clone(), row.amendment)
        })?;
        (resultset, rows.into_iter().map(Shown::Working).collect::<Vec<_>>())
    } else {
        let (resultset, rows) = public_page(state, part, &filter, &paging).await?;
        (resultset, rows.into_iter().map(Shown::Published).collect())
    };
    Ok(answer::list(reader.0.is_some(), &envelope(resultset, shown.into_iter().map(build).collect())))
}

async fn public_page(
    state: &State,
    part: Part,
    filter: &RecordFilter,
    paging: &Paging,
) -> Result<(ResultSet, Vec<Published>), Error> {
    let conn = state.db.published().await?;
    let moment: Moment = publications::moment(&conn, paging.moment(), filter.parsed.as_of).await?;
    let mut rows = published::page(&conn, part, filter, moment.no, paging.after()?, paging.limit).await?;
    let resultset = paging.close(&mut rows, Some(moment), Published::position)?;
    Ok((resultset, rows))
}
