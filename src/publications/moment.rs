//! The moment a public answer shows, and whether anything in its scope has changed since its reader saw it.

use crate::db::Conn;
use crate::db::condition::one_of;
use crate::db::schema::{plan_reporters, publication_head, publication_scopes, publications};
use crate::error::Error;
use crate::web::page::Moment;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// Which reporters and fiscal years a list of published rows shows; empty and none: any.
#[derive(Debug, Default)]
pub struct Reporters<'a> {
    pub prefectures: Vec<String>,
    pub municipalities: &'a [String],
    pub plan: Option<&'a str>,
    pub fiscal_years: Option<Vec<i16>>,
}

/// Where a list stands.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub moment: Moment,
    /// The last publication that changed anything in scope; 0: none has.
    last_no: i64,
    /// A moment of its own, not now: of a walk, or of `as_of`.
    fixed: bool,
    definitions_no: i64,
}

impl Standing {
    /// Weak: the numbers in an equal list may be those of a later moment.
    pub fn etag(&self) -> String {
        let (epoch, _) = self.moment.epoch.as_u64_pair();
        match self.fixed {
            true => format!("W/\"l{}.{epoch:016x}.{}\"", self.last_no, self.moment.no),
            false => format!("W/\"l{}.{epoch:016x}\"", self.last_no),
        }
    }

    /// While these are the same, so are all definitions.
    pub fn definitions(&self) -> (Uuid, i64) {
        (self.moment.epoch, self.definitions_no)
    }

    /// Of what is made of the rows and of definitions as they are now: who was asked, what is counted.
    pub fn etag_with_definitions(&self) -> String {
        self.etag().replacen('l', &format!("s{}.", self.definitions_no), 1)
    }
}

/// Of a list of published rows: no row of it is touched.
pub async fn of_list(
    mut conn: &Conn,
    reporters: &Reporters<'_>,
    walk: Option<Moment>,
    as_of: Option<DateTime<Utc>>,
) -> Result<Standing, Error> {
    let mut last = publication_scopes::table.select(max(publication_scopes::last_no)).into_boxed();
    // A municipality is of one prefecture, and has an index of its own.
    if !reporters.municipalities.is_empty() {
        last = last.filter(one_of(publication_scopes::municipality, reporters.municipalities.to_vec()));
    } else if !reporters.prefectures.is_empty() {
        last = last.filter(one_of(publication_scopes::prefecture, reporters.prefectures.clone()));
    }
    if let Some(plan) = reporters.plan {
        let of_plan = plan_reporters::table.filter(plan_reporters::plan.eq(plan)).select(plan_reporters::municipality);
        last = last.filter(publication_scopes::municipality.eq_any(of_plan));
    }
    if let Some(years) = &reporters.fiscal_years {
        last = last.filter(one_of(publication_scopes::fiscal_year, years.clone()));
    }
    let head = publication_head::table.select((
        publication_head::epoch,
        publication_head::no,
        publication_head::definitions_no,
        last.single_value(),
    ));
    let (epoch, no, definitions_no, last_no): (Uuid, i64, i64, Option<i64>) = head.first(&mut conn).await?;
    let moment = fixed(conn, Moment { epoch, no }, walk, as_of).await?;
    Ok(Standing { moment, last_no: last_no.unwrap_or(0), fixed: walk.is_some() || as_of.is_some(), definitions_no })
}

/// The moment `as_of`, or now.
pub async fn at(mut conn: &Conn, as_of: Option<DateTime<Utc>>) -> Result<Moment, Error> {
    let head = publication_head::table.select((publication_head::epoch, publication_head::no));
    let (epoch, no) = head.first(&mut conn).await?;
    fixed(conn, Moment { epoch, no }, None, as_of).await
}

/// What makes a list of current rows another list.
#[derive(Clone, Copy, Debug)]
pub enum Turns {
    /// A change of a definition
    Definitions,
    /// The same, and the day
    Days(NaiveDate),
    /// Any publication: states of reports are neither definitions nor figures.
    Publications,
}

/// The ETag of such a list.
pub async fn of_current(mut conn: &Conn, turns: Turns) -> Result<String, Error> {
    let head = publication_head::table;
    let head = head.select((publication_head::epoch, publication_head::no, publication_head::definitions_no));
    let (epoch, no, definitions_no): (Uuid, i64, i64) = head.first(&mut conn).await?;
    let (epoch, _) = epoch.as_u64_pair();
    Ok(match turns {
        Turns::Definitions => format!("W/\"d{definitions_no}.{epoch:016x}\""),
        Turns::Days(day) => format!("W/\"d{definitions_no}.{epoch:016x}.{}\"", day.format("%Y%m%d")),
        Turns::Publications => format!("W/\"n{no}.{epoch:016x}\""),
    })
}

async fn fixed(conn: &Conn, now: Moment, walk: Option<Moment>, as_of: Option<DateTime<Utc>>) -> Result<Moment, Error> {
    match (walk, as_of) {
        (Some(walk), _) if walk.epoch != now.epoch => Err(restored()),
        (Some(walk), _) => Ok(walk),
        (None, Some(at)) => Ok(Moment { no: number_at(conn, at).await?, ..now }),
        (None, None) => Ok(now),
    }
}

/// The last number at or before a time; 0 before the first.
async fn number_at(mut conn: &Conn, at: DateTime<Utc>) -> Result<i64, Error> {
    let no = publications::table
        .filter(publications::at.le(at))
        .order(publications::at.desc())
        .select(publications::no)
        .first(&mut conn)
        .await
        .optional()?;
    Ok(no.unwrap_or(0))
}

/// A cursor of before the restore of a backup: numbers after it are given a second time.
pub fn restored() -> Error {
    Error::new(
        crate::error::Code::CursorEpoch,
        "データベースがバックアップから復元されたため、この cursor は使えません。最初から取得し直してください",
        "The database was restored from a backup: this cursor cannot be used. Begin again without it",
    )
}
