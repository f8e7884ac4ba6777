pub mod corrections;
pub mod form;
pub mod history;
mod locked;
pub mod receipt;

pub use locked::{Opened, locked, open_for_share};

use super::receipt::HandedIn;
use super::types::{DeclaredCount, PutReport, Report, ReportFilter, ReportKey, ReportStatus};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::keyset;
use crate::db::schema::{plan_reporters, plans, reports, round_covers, rounds as rounds_table};
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::{Code as ErrorCode, Error};
use crate::publications::Publication;
use crate::rounds;
use crate::warnings::types::RecordWarning;
use crate::web::write::etag;
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text};
use diesel_async::RunQueryDsl;

#[derive(Queryable, Selectable)]
#[diesel(table_name = reports)]
struct Row {
    plan: String,
    municipality: String,
    round: String,
    status: ReportStatus,
    edition: i32,
    submitted_at: Option<DateTime<Utc>>,
    late: bool,
    published_at: Option<DateTime<Utc>>,
    published_no: Option<i64>,
}

/// A report, the version behind its ETag, with what stands on its sheet, its open warnings and those of the sheet.
type SheetRow = (
    Row,
    Option<String>,
    i64,
    AsJson<Vec<DeclaredCount>>,
    Option<String>,
    Option<i64>,
    Option<AsJson<Vec<RecordWarning>>>,
);

/// Which sheet is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// As last published: the only one the public may see
    Public,
    /// As it is being written, for those who may see that
    Working,
}

macro_rules! public_sheet {
    () => {
        (
            Row::as_select(),
            // Whoever knows the hash of all but one small figure tries the nine it can be.
            sql::<Nullable<Text>>("case when not reports.keeps_back then reports.content_hash end"),
            reports::public_version,
            reports::public_counts,
            reports::public_note,
            sql::<Nullable<BigInt>>("null::bigint"),
            sql::<Nullable<Jsonb>>("null::jsonb"),
        )
    };
}

macro_rules! seen_sheet {
    () => {
        "case when reports.municipality = any ((select app_bodies())::text[]) or reports.status not in ('draft', 'returned')"
    };
}

macro_rules! of_report {
    () => {
        " where warnings.plan = reports.plan and warnings.municipality = reports.municipality and warnings.round = reports.round "
    };
}

/// Its reporter's at any time; the plan's owner sees it once it is handed in, and until then what was public.
macro_rules! working_sheet {
    () => {
        (
            Row::as_select(),
            reports::content_hash,
            reports::version,
            sql::<Jsonb>(concat!(seen_sheet!(), " then reports.declared_counts else reports.public_counts end")),
            sql::<Nullable<Text>>(concat!(seen_sheet!(), " then reports.note else reports.public_note end")),
            sql::<Nullable<BigInt>>(concat!(seen_sheet!(), " then (select count(*) from warnings", of_report!(), "and acknowledgement is null) end")),
            sql::<Nullable<Jsonb>>(concat!(
                seen_sheet!(),
                " then (select coalesce(jsonb_agg(body || jsonb_build_object('acknowledged', acknowledgement is not null) order by warning), '[]')
                    from warnings", of_report!(), "and part = '') end"
            )),
        )
    };
}

impl From<SheetRow> for Report {
    fn from((row, content_hash, version, declared_counts, note, open_warnings, warnings): SheetRow) -> Self {
        Self {
            plan: row.plan,
            municipality: row.municipality,
            round: row.round,
            status: row.status,
            edition: row.edition,
            submitted_at: row.submitted_at,
            content_hash,
            late: row.late,
            published_at: row.published_at,
            published_no: row.published_no,
            declared_counts: declared_counts.0,
            note,
            etag: etag(version),
            transitions: Vec::new(),
            open_comments: Vec::new(),
            open_warnings,
            warnings: warnings.map(|warnings| warnings.0),
        }
    }
}

macro_rules! by_key {
    ($plan:expr, $municipality:expr, $round:expr) => {
        reports::table.find(($plan.as_str(), $municipality.as_str(), $round))
    };
}
use by_key;

/// What a sheet is written into: its plan as the caller sees it, a reporter of it, one of its rounds.
pub async fn check(mut conn: &Conn, key: &ReportKey) -> Result<(), Error> {
    let municipality = key.municipality.to_string();
    let reporter = plan_reporters::plan.eq(plans::code).and(plan_reporters::municipality.eq(municipality));
    let round = rounds_table::plan.eq(plans::code).and(rounds_table::code.eq(key.round.to_string()));
    let found: Option<(Option<String>, Option<String>)> = plans::table
        .left_join(plan_reporters::table.on(reporter))
        .left_join(rounds_table::table.on(round))
        .filter(plans::code.eq(key.plan.as_str()))
        .select((plan_reporters::municipality.nullable(), rounds_table::code.nullable()))
        .first(&mut conn)
        .await
        .optional()?;
    match found {
        None => Err(crate::plans::queries::missing(&key.plan)),
        Some((None, _)) => Err(Error::new(
            ErrorCode::PlanNotAReporter,
            format!("{} は計画 {} の報告団体に含まれていません", key.municipality, key.plan),
            format!("{} is no reporter of plan {}", key.municipality, key.plan),
        )),
        Some((_, None)) => Err(rounds::queries::unknown(&key.plan, key.round.as_str())),
        Some((Some(_), Some(_))) => Ok(()),
    }
}

pub fn left_out(municipality: Code, round: &str) -> Error {
    Error::new(
        ErrorCode::PlanNotAReporter,
        format!("{municipality} は照会 {round} の対象外です"),
        format!("{municipality} is left out of round {round}"),
    )
}

/// False: another creator was faster.
async fn insert_draft(
    mut conn: &Conn,
    plan: &PlanCode,
    municipality: Code,
    round: &str,
    sheet: Option<&PutReport>,
    warnings: Vec<RecordWarning>,
) -> Result<bool, Error> {
    let member = rounds::queries::members::member(conn, plan, round, municipality).await?;
    if member.left_out {
        return Err(left_out(municipality, round));
    }
    let inserted = diesel::insert_into(reports::table)
        .values((
            reports::plan.eq(plan.as_str()),
            reports::municipality.eq(municipality.as_str()),
            reports::round.eq(round),
            reports::status.eq(ReportStatus::Draft),
            reports::declared_counts.eq(AsJson(sheet.map(|body| body.declared_counts.clone()).unwrap_or_default())),
            reports::note.eq(sheet.and_then(|body| body.note.as_deref())),
            reports::warnings.eq(AsJson(warnings)),
        ))
        .on_conflict_do_nothing()
        .execute(&mut conn)
        .await?;
    Ok(inserted == 1)
}

/// The report without its history; none where the caller, or the public, sees no such report.
pub async fn find(mut conn: &Conn, key: &ReportKey, sheet: Sheet) -> Result<Option<Report>, Error> {
    let report = by_key!(key.plan, key.municipality, key.round.as_str());
    let row: Option<SheetRow> = match sheet {
        Sheet::Public => report.select(public_sheet!()).first(&mut conn).await.optional()?,
        Sheet::Working => report.select(working_sheet!()).first(&mut conn).await.optional()?,
    };
    Ok(row.map(Report::from))
}

/// A report that no other transition and no write to its records can touch until this transaction ends.
pub struct Held {
    pub report: Report,
    pub version: i64,
    pub submitted_by: Option<String>,
}

pub async fn lock(mut conn: &Conn, key: &ReportKey) -> Result<Option<Held>, Error> {
    type Found = (Row, i64, AsJson<Vec<DeclaredCount>>, Option<String>, Option<String>);
    let row: Option<Found> = by_key!(key.plan, key.municipality, key.round.as_str())
        .select((Row::as_select(), reports::version, reports::declared_counts, reports::note, reports::submitted_by))
        .for_update()
        .first(&mut conn)
        .await
        .optional()?;
    Ok(row.map(|(row, version, declared_counts, note, submitted_by)| Held {
        version,
        report: (row, None, version, declared_counts, note, None, None).into(),
        submitted_by,
    }))
}

/// Makes the draft of a report that has no record yet. False: it is there already.
pub async fn create(
    conn: &Conn,
    key: &ReportKey,
    body: &PutReport,
    warnings: Vec<RecordWarning>,
) -> Result<bool, Error> {
    insert_draft(conn, &key.plan, key.municipality, key.round.as_str(), Some(body), warnings).await
}

pub async fn update(
    mut conn: &Conn,
    key: &ReportKey,
    body: &PutReport,
    warnings: Vec<RecordWarning>,
    version: i64,
) -> Result<(), Error> {
    diesel::update(by_key!(key.plan, key.municipality, key.round.as_str()))
        .set((
            reports::declared_counts.eq(AsJson(body.declared_counts.clone())),
            reports::note.eq(&body.note),
            reports::warnings.eq(AsJson(warnings)),
            reports::version.eq(version),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// What a submission leaves with the report.
pub struct Receipt<'a> {
    pub at: DateTime<Utc>,
    pub person: &'a str,
    pub content_hash: String,
    /// Some of it will not be published
    pub keeps_back: bool,
    pub late: bool,
    pub handed_in: HandedIn,
}

/// The next state of a report. `receipt`: it was submitted; `publication`: it was published.
pub async fn set_status(
    mut conn: &Conn,
    key: &ReportKey,
    held: &Held,
    to: ReportStatus,
    receipt: Option<Receipt<'_>>,
    publication: Option<Publication>,
) -> Result<(), Error> {
    diesel::update(by_key!(key.plan, key.municipality, key.round.as_str()))
        .set((
            StatusChange {
                status: to,
                version: held.version + 1,
                public_version: held.version + 1,
                submitted_at: receipt.as_ref().map(|receipt| receipt.at),
                submitted_by: receipt.as_ref().map(|receipt| receipt.person),
                late: receipt.as_ref().map(|receipt| receipt.late),
                content_hash: receipt.as_ref().map(|receipt| receipt.content_hash.as_str()),
                keeps_back: receipt.as_ref().map(|receipt| receipt.keeps_back),
                handed_in: receipt.as_ref().map(|receipt| AsJson(receipt.handed_in.clone())),
            },
            // A publication raises the edition, and what stands on the sheet becomes public with it.
            publication.map(|publication| {
                (
                    reports::public_counts.eq(reports::declared_counts),
                    reports::public_note.eq(reports::note),
                    reports::edition.eq(held.report.edition + 1),
                    reports::published_at.eq(publication.at),
                    reports::published_no.eq(publication.no),
                )
            }),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// None leaves a column as it is.
#[derive(AsChangeset)]
#[diesel(table_name = reports)]
struct StatusChange<'a> {
    status: ReportStatus,
    version: i64,
    public_version: i64,
    submitted_at: Option<DateTime<Utc>>,
    submitted_by: Option<&'a str>,
    late: Option<bool>,
    content_hash: Option<&'a str>,
    keeps_back: Option<bool>,
    handed_in: Option<AsJson<HandedIn>>,
}

/// One page and one more, by (plan, municipality, round). `parties`: the working view of these bodies, their own reports
/// and those of their plans; without it the public view.
pub async fn page(
    mut conn: &Conn,
    filter: &ReportFilter,
    parties: Option<&[String]>,
    after: Option<(String, String, String)>,
    limit: i64,
) -> Result<Vec<Report>, Error> {
    let mut query = match parties {
        None => reports::table.select(public_sheet!()).into_boxed(),
        Some(parties) => {
            let owned = plans::table.filter(plans::owner.eq_any(parties)).select(plans::code);
            let theirs = reports::municipality.eq_any(parties).or(reports::plan.eq_any(owned));
            reports::table.select(working_sheet!()).filter(theirs).into_boxed()
        }
    };
    query = query.order((reports::plan, reports::municipality, reports::round)).limit(limit + 1);
    if let Some(prefecture) = filter.prefecture.as_ref().and_then(|code| code.get(..2)) {
        query = query.filter(reports::municipality.between(format!("{prefecture}0000"), format!("{prefecture}9999")));
    }
    if let Some(municipality) = &filter.municipality {
        query = query.filter(reports::municipality.eq(municipality));
    }
    if let Some(plan) = &filter.plan {
        query = query.filter(reports::plan.eq(plan));
    }
    if let Some(round) = &filter.round {
        query = query.filter(reports::round.eq(round));
    }
    if let Some(statuses) = &filter.statuses {
        query = query.filter(reports::status.eq_any(statuses));
    }
    if let Some(periods) = &filter.periods {
        let covers = round_covers::table
            .filter(round_covers::plan.eq(reports::plan))
            .filter(round_covers::round.eq(reports::round))
            .filter(round_covers::period.eq_any(periods.iter().map(ToString::to_string).collect::<Vec<_>>()));
        query = query.filter(diesel::dsl::exists(covers));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after((reports::plan, reports::municipality, reports::round), position));
    }
    let rows: Vec<SheetRow> = query.load(&mut conn).await?;
    Ok(rows.into_iter().map(Report::from).collect())
}
