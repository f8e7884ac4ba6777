//! The way every definition is written: municipalities, departments, plans, reporters, nodes, programs, indicators,
//! evaluation schemes, rounds. A slice says what its rows are ([`Definition`]); the protocol — read, compare, judge the
//! precondition, write, journal, number — stands here once.
//!
//! A definition is public as soon as its plan is adopted; a change of it then takes a publication number.

pub mod together;

use crate::auth::{Caller, Reader};
use crate::db::Conn;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::journal::{self, Operation};
use crate::plans;
use crate::publications::moment::{self, Turns};
use crate::publications::{self, Op};
use crate::state::State;
use crate::web::answer::{self, Known, Outcome};
use crate::web::write::{Change, Write, etag};
use actix_web::HttpResponse;
use serde::Serialize;

/// A resource with a key, a body and a version, one current row each.
#[expect(async_fn_in_trait, reason = "used inside this crate only, on one thread at a time")]
pub trait Definition {
    type Key: Serialize + Clone;
    type Body: Serialize + Clone + PartialEq;
    /// Name in journal and change feed.
    const RESOURCE: &'static str;
    /// Never public, whatever its plan.
    const WORKING: bool = false;

    /// The municipality or prefecture that owns it; none: it is the nation's.
    fn owner(key: &Self::Key) -> Option<Code>;
    /// The plan it belongs to; none: it is public from its first day.
    fn plan(_: &Self::Key) -> Option<&PlanCode> {
        None
    }
    /// What a caller is told who asks for one that is not there, or not the caller's to see.
    fn missing(key: &Self::Key) -> Error;
    /// The stored body and its version.
    async fn find(conn: &Conn, key: &Self::Key) -> Result<Option<(Self::Body, i64)>, Error>;
    /// Rules that need the database. `before`: what is replaced.
    async fn check(_: &Conn, _: &Self::Key, _: Option<&Self::Body>, _: &Self::Body) -> Result<(), Error> {
        Ok(())
    }
    /// False: another creator was faster.
    async fn insert(conn: &Conn, key: &Self::Key, body: &Self::Body, version: i64) -> Result<bool, Error>;
    /// Raises the version. False: another writer was faster.
    async fn update(conn: &Conn, key: &Self::Key, body: &Self::Body, version: i64) -> Result<bool, Error>;
    /// False: another writer was faster.
    async fn delete(conn: &Conn, key: &Self::Key, version: i64) -> Result<bool, Error>;
    /// Whether the body itself says that it is public: a plan's does. Deleted, it is not held first, for two that held it
    /// and would delete it would wait for each other.
    fn was_public(_: &Self::Body) -> Option<bool> {
        None
    }
    /// The ETag that a GET shows.
    async fn shown_etag(_: &Conn, _: &Self::Key, version: i64) -> Result<String, Error> {
        Ok(etag(version))
    }
    /// What else becomes public, or ceases to be, with this change.
    async fn told_with(
        _: &Conn,
        _: &Self::Key,
        _before: Option<&Self::Body>,
        _after: Option<&Self::Body>,
    ) -> Result<Vec<publications::Entry>, Error> {
        Ok(Vec::new())
    }
}

/// What a PUT did, and the version that stands now.
pub struct Written {
    pub outcome: Outcome,
    pub version: i64,
}

/// Another writer can be faster between reading and writing; then the write is judged again by what it left.
const ATTEMPTS: usize = 3;

pub async fn put<D: Definition>(
    state: &State,
    caller: &Caller,
    write: &Write,
    key: &D::Key,
    body: &D::Body,
) -> Result<Written, Error> {
    state
        .db
        .write(caller, write.dry_run, async |tx| {
            for _ in 0..ATTEMPTS {
                let current = D::find(tx, key).await?;
                let before = current.as_ref().map(|(body, _)| body);
                let (operation, version) =
                    match write.decide(current.as_ref().map(|(body, version)| (body, *version)), body)? {
                        Change::Unchanged { version } => return Ok(Written { outcome: Outcome::Unchanged, version }),
                        Change::Create => {
                            D::check(tx, key, None, body).await?;
                            let version = journal::next_version(tx, D::RESOURCE, json(key)?).await?;
                            if !D::insert(tx, key, body, version).await? {
                                continue;
                            }
                            (Operation::Create, version)
                        }
                        Change::Replace { version, overwrite } => {
                            D::check(tx, key, before, body).await?;
                            if !D::update(tx, key, body, version).await? {
                                continue;
                            }
                            (if overwrite { Operation::Overwrite } else { Operation::Replace }, version + 1)
                        }
                    };
                let changes = tell::<D>(state, tx, caller, key, operation, version, before, Some(body)).await?;
                number(state, tx, write.dry_run, changes).await?;
                let outcome = if operation == Operation::Create { Outcome::Created } else { Outcome::Updated };
                return Ok(Written { outcome, version });
            }
            Err(Error::contended())
        })
        .await
}

pub async fn delete<D: Definition>(state: &State, caller: &Caller, write: &Write, key: &D::Key) -> Result<(), Error> {
    state
        .db
        .write(caller, write.dry_run, async |tx| {
            let (before, version) = D::find(tx, key).await?.ok_or_else(|| D::missing(key))?;
            let version = write.decide_delete(version)?;
            // Told first: afterwards a deleted plan cannot say whether it was public.
            let changes = tell::<D>(state, tx, caller, key, Operation::Delete, version, Some(&before), None).await?;
            if !D::delete(tx, key, version).await? {
                // Another writer was faster: judged by what it left.
                let (_, stands) = D::find(tx, key).await?.ok_or_else(|| D::missing(key))?;
                write.decide_delete(stands)?;
                return Err(Error::contended());
            }
            number(state, tx, write.dry_run, changes).await
        })
        .await
}

/// The journal row. Returns what the change feed will tell: nothing where the definition is not public.
#[expect(clippy::too_many_arguments, reason = "private; the callers here and in `together` are the only ones")]
async fn tell<D: Definition>(
    state: &State,
    tx: &Conn,
    caller: &Caller,
    key: &D::Key,
    operation: Operation,
    version: i64,
    before: Option<&D::Body>,
    after: Option<&D::Body>,
) -> Result<Vec<publications::Entry>, Error> {
    let entry = journal::Entry {
        resource: D::RESOURCE,
        key: json(key)?,
        body: D::owner(key),
        plan: D::plan(key),
        operation,
        version,
        before: before.map(json).transpose()?,
        after: after.map(json).transpose()?,
        person: None,
    };
    let named = entry.key.clone();
    journal::record(tx, caller, state.clock.now(), entry).await?;
    let said = before.filter(|_| after.is_none()).and_then(D::was_public);
    let public = match (said, D::plan(key)) {
        _ if D::WORKING => false,
        (Some(said), _) => said,
        (None, Some(plan)) => plans::queries::hold_public(tx, plan).await?,
        (None, None) => true,
    };
    if !public {
        return Ok(Vec::new());
    }
    let change = publications::Entry {
        op: if after.is_some() { Op::Upsert } else { Op::Delete },
        resource: D::RESOURCE,
        key: named,
        plan: D::plan(key).cloned(),
        prefecture: D::owner(key).map(Code::prefecture),
        etag: if after.is_some() { Some(D::shown_etag(tx, key, version).await?) } else { None },
    };
    let mut changes = D::told_with(tx, key, before, after).await?;
    changes.insert(0, change);
    Ok(changes)
}

/// The publication number, after every other lock: who held it and then waited for a row could be waited for.
async fn number(state: &State, tx: &Conn, dry_run: bool, changes: Vec<publications::Entry>) -> Result<(), Error> {
    if changes.is_empty() || dry_run {
        return Ok(());
    }
    let publication = publications::next(tx, state.clock.now(), true).await?;
    publications::announce(tx, publication.no, 0, changes).await
}

fn json(value: &impl Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(Error::internal)
}

/// Reads as the public, or (`view=working`) as the caller.
pub async fn read<T>(
    state: &State,
    reader: &Reader,
    work: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
) -> Result<T, Error> {
    match &reader.0 {
        Some(caller) => state.db.as_reader(caller, work).await,
        None => work(&*state.db.published().await?).await,
    }
}

/// A page of a list of current rows; where they are public, not sent again to those who have it: no row is read then.
pub async fn list<T: Serialize>(
    state: &State,
    reader: &Reader,
    known: &Known,
    turns: Turns,
    page: impl AsyncFnOnce(&Conn) -> Result<T, Error>,
) -> Result<HttpResponse, Error> {
    if let Some(caller) = &reader.0 {
        return Ok(answer::list(true, &state.db.as_reader(caller, page).await?));
    }
    let conn = state.db.published().await?;
    // Taken before the rows: at worst it is that of a state before theirs.
    let tag = moment::of_current(&conn, turns).await?;
    match known.unchanged(&tag, false) {
        Some(unchanged) => Ok(unchanged),
        None => Ok(known.answer(&tag, false, &page(&conn).await?)),
    }
}

/// One definition with its version, or 404.
pub async fn get<D: Definition>(state: &State, reader: &Reader, key: &D::Key) -> Result<(D::Body, i64), Error> {
    let found =
        read(
            state,
            reader,
            async |conn| {
                if is_seen::<D>(conn, reader, key).await? { D::find(conn, key).await } else { Ok(None) }
            },
        );
    found.await?.ok_or_else(|| D::missing(key))
}

/// Is it the reader's to see? A draft plan is its owner's and its reporters'.
pub async fn is_seen<D: Definition>(conn: &Conn, reader: &Reader, key: &D::Key) -> Result<bool, Error> {
    match (D::plan(key), reader.parties()) {
        (Some(plan), Some(parties)) => plans::queries::is_seen(conn, plan, &parties).await,
        _ => Ok(true),
    }
}
