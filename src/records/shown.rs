//! What the answers about targets and results share.

use super::encode::Encoder;
use super::filter::Scope;
use super::queries::published::{self, Published};
use super::queries::{self, Names, Working, working};
use super::types::{Part, RecordBody, RecordKey};
use crate::auth::Reader;
use crate::db::Conn;
use crate::definitions;
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Error};
use crate::plans::types::View;
use crate::publications::moment;
use crate::state::State;
use crate::warnings::types::RecordWarning;
use crate::web::answer::{self, Known};
use crate::web::page::{Paging, ResultSet};
use crate::web::params::{Filter, unreadable};
use crate::web::stream::{Column, PullMedia};
use crate::web::write;
use actix_web::HttpResponse;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
        self.instant = self.as_of.as_deref().map(|given| super::filter::instant("as_of", given)).transpose()?;
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
    if reader.0.is_some() {
        let found = definitions::read(state, reader, async |conn| queries::find(conn, key).await).await?;
        let found = Shown::Working(found.ok_or_else(|| key.missing())?);
        return Ok(known.answer(&found.etag(), true, &build(found)));
    }
    let conn = state.db.published().await?;
    let no = match params.instant {
        Some(at) => Some(moment::at(&conn, Some(at)).await?.no),
        None => None,
    };
    let row = published::find(&conn, key, no).await?.ok_or_else(|| key.missing())?;
    let tag = row.etag();
    if let Some(unchanged) = known.unchanged(&tag, false) {
        return Ok(unchanged);
    }
    let mut json = Vec::with_capacity(2048);
    Encoder::default().record(&row, &mut json)?;
    Ok(answer::published(&tag, json))
}

/// A page of working records.
pub async fn list<T, L: Serialize + From<(ResultSet, Vec<T>)>>(
    state: &State,
    reader: &Reader,
    part: Part,
    scope: &Scope,
    paging: &Paging,
    build: impl Fn(Shown) -> T,
) -> Result<HttpResponse, Error> {
    let (after, parties) = (paging.after()?, reader.parties().unwrap_or_default());
    let page = async |conn: &Conn| working::page(conn, part, &parties, scope, after, paging.limit).await;
    let mut rows = definitions::read(state, reader, page).await?;
    let resultset = paging.close(&mut rows, None, |row| {
        (row.municipality.clone(), row.plan.clone(), row.program.clone(), row.period.clone(), row.amendment)
    })?;
    let rows = rows.into_iter().map(Shown::Working).map(build).collect();
    Ok(answer::list(true, &L::from((resultset, rows))))
}

/// What only published content can be asked for.
pub fn check_working(media: PullMedia, scope: &Scope) -> Result<(), Error> {
    if media != PullMedia::Json {
        return Err(Error::new(
            ErrorCode::RequestNotAcceptable,
            "view=working は application/json だけで返します",
            "`view=working` is answered as application/json only",
        ));
    }
    match [("count", scope.count), ("fields", scope.fields.is_some())].iter().find(|(_, on)| *on) {
        Some((name, _)) => Err(unreadable(name, "view=working とは一緒に使えません", "not with view=working")),
        None => Ok(()),
    }
}

/// The columns that targets and results have in CSV before what is their own.
#[macro_export]
macro_rules! record_columns {
    ($row:ty) => {
        vec![
            Column::new("plan", |row: &$row| row.plan.as_str().into()),
            Column::new("program", |row: &$row| row.program.as_str().into()),
            Column::new("program_number", |row: &$row| row.program_number.clone().into()),
            Column::new("program_name", |row: &$row| row.program_name.clone().into()),
            Column::new("municipality", |row: &$row| row.municipality.as_str().into()),
            Column::new("municipality_name", |row: &$row| row.municipality_name.as_str().into()),
            Column::new("period", |row: &$row| row.period.as_str().into()),
            Column::new("period_label_ja", |row: &$row| row.period_label_ja.as_str().into()),
            Column::new("round", |row: &$row| row.round.as_str().into()),
            Column::new("edition", |row: &$row| row.edition.into()),
            Column::new("published_at", |row: &$row| row.published_at.map($crate::clock::wire::text).into()),
            Column::new("etag", |row: &$row| row.etag.as_str().into()),
            Column::new("no_change_from_last_year", |row: &$row| row.no_change_from_last_year.into()),
        ]
    };
}

/// A column for each text.
pub fn text_columns<R: 'static>(texts: Vec<String>, of: fn(&R) -> &BTreeMap<String, String>) -> Vec<Column<R>> {
    let mut columns: Vec<Column<R>> = texts
        .iter()
        .map(|field| {
            let field = field.clone();
            Column::new(format!("texts.{field}"), move |row| of(row).get(&field).cloned().into())
        })
        .collect();
    // What a plan no longer has: nothing is lost.
    columns.push(Column::new("other_texts", move |row| {
        let others: BTreeMap<&String, &String> = of(row).iter().filter(|(field, _)| !texts.contains(field)).collect();
        let json = (!others.is_empty()).then(|| serde_json::to_string(&others).unwrap_or_default());
        json.into()
    }));
    columns
}
