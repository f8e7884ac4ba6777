//! The transaction of an import.

use super::queries;
use super::report;
use super::row::{self, Row, Rows, Wish};
use super::types::{Import, ImportParams, ImportRowReport, ImportStatus, RowOutcome};
use super::upload::Upload;
use crate::auth::Importer;
use crate::clock::jst;
use crate::db;
use crate::domain::code::Code;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::idempotency::IdempotencyKey;
use crate::idempotency::queries::{self as idempotency, First};
use crate::journal::Source;
use crate::municipalities;
use crate::records::put::{self, Job, Named, Put, Writer};
use crate::records::types::{Block, Part, RecordBody, RecordKey};
use crate::state::State;
use crate::templates::form;
use crate::web::answer::Outcome;
use crate::web::write::etag;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Records that are written with one set of statements.
const BLOCK: usize = 500;

/// What an import came to: its report, or the answer its key has had already.
enum Done {
    New { import: Box<Import>, rows: Vec<ImportRowReport> },
    Before(First),
}

impl Done {
    fn keeps(&self) -> bool {
        match self {
            Self::New { import, .. } => !import.dry_run && import.status != ImportStatus::Refused,
            Self::Before(_) => true,
        }
    }
}

/// Imports, or repeats the answer the key has had already.
pub async fn run(
    state: &State,
    importer: &Importer,
    params: &ImportParams,
    key: &IdempotencyKey,
    upload: Upload,
) -> Result<First, Error> {
    let how = serde_json::to_vec(params).map_err(Error::internal)?;
    let hash = key.hash_of(&[&how, upload.format.name().as_bytes(), &upload.bytes]);
    let on_conflict = params.on_conflict;
    let names = if upload.format.needs_names() {
        municipalities::queries::names(&*state.db.published().await?).await?
    } else {
        Vec::new()
    };
    // Megabytes: not among the requests that a worker answers meanwhile.
    let read = move || upload.rows(on_conflict, &names.into_iter().collect());
    let read = actix_web::web::block(read).await.map_err(Error::internal)??;
    let read = judged(read, importer);
    let (client, now) = (importer.0.client.as_str(), state.clock.now());
    let keep = async |tx: &db::Conn, import: &Import, rows: &[ImportRowReport]| {
        queries::keep(tx, import, rows, &read, client, &bodies(importer, &read.rows)).await?;
        let status = if import.status == ImportStatus::Refused && !import.dry_run { 422 } else { 200 };
        let first = First { status, etag: None, response: serde_json::to_value(import).map_err(Error::internal)? };
        idempotency::keep(tx, client, &key.key, hash.clone(), &first, now).await?;
        Ok::<_, Error>(first)
    };
    let work = async |tx: &db::Conn| {
        if let Some(first) = idempotency::first(tx, client, &key.key, &hash, now).await? {
            return Ok(Done::Before(first));
        }
        let id = number(now, &key.hash_of(&[client.as_bytes(), key.key.as_bytes(), &hash]));
        let source = Source { caller: &importer.0, at: now, import: Some(id) };
        let writer = Writer { tx, source, today: jst(now).date_naive() };
        let outdated = match &read.form {
            Some((key, form)) => form::has_changed(tx, &importer.0, key, form).await?,
            None => false,
        };
        let rows = write(&writer, params, &read.rows).await?;
        let import = Box::new(report::whole(id, now, params, read.blank, outdated, &rows)?);
        let done = Done::New { import, rows };
        if done.keeps()
            && let Done::New { import, rows } = &done
        {
            return keep(tx, import, rows).await.map(Done::Before);
        }
        Ok(done)
    };
    match state.db.import(&importer.0, Done::keeps, work).await? {
        Done::Before(first) => Ok(first),
        // Nothing of it is left but what is told of it.
        Done::New { import, rows } => {
            let tell = async |tx: &db::Conn| match idempotency::first(tx, client, &key.key, &hash, now).await? {
                Some(first) => Ok(first),
                None => keep(tx, &import, &rows).await,
            };
            state.db.import(&importer.0, |_| true, tell).await
        }
    }
}

/// A UUID v7 of the moment and of the request, so that it needs no chance.
fn number(now: DateTime<Utc>, hash: &[u8]) -> Uuid {
    let mut told = [0; 10];
    told.iter_mut().zip(hash).for_each(|(byte, given)| *byte = *given);
    uuid::Builder::from_unix_timestamp_millis(now.timestamp_millis().unsigned_abs(), &told).into_uuid()
}

/// Rows of bodies the caller does not act for, and the second of two that are the same record, are refused beforehand.
fn judged(mut read: Rows, importer: &Importer) -> Rows {
    let mut allowed: HashMap<Code, Result<(), Error>> = HashMap::new();
    let mut seen: HashMap<RecordKey, String> = HashMap::new();
    for row in &mut read.rows {
        let Ok(wish) = &row.wish else { continue };
        let municipality = wish.key.municipality;
        let refused =
            allowed.entry(municipality).or_insert_with(|| importer.check_reporter(municipality)).clone().err();
        let mut findings = refused.map(|error| row::of(error, "/key/municipality")).unwrap_or_default();
        if let Some(first) = seen.get(&wish.key) {
            let (ja, en) = (
                format!("同じ記録が {first} にもあります。どちらか一つにしてください"),
                format!("the same record stands at {first}: keep one of the two"),
            );
            findings.push(Finding::new("/key", ErrorCode::RowRepeated, ja, en));
        } else {
            seen.insert(wish.key.clone(), row.place.row());
        }
        if !findings.is_empty() {
            row.wish = Err(findings);
        }
    }
    read
}

/// Whose import it is: the bodies of the caller that its rows name, or where none does, all of them.
fn bodies(importer: &Importer, rows: &[Row]) -> Vec<String> {
    let own: BTreeSet<String> = importer.0.bodies().map(|code| code.to_string()).collect();
    let named: BTreeSet<&String> = rows.iter().filter_map(|row| row.key.get("municipality")).collect();
    let both: Vec<String> = own.iter().filter(|code| named.contains(code)).cloned().collect();
    if both.is_empty() { own.into_iter().collect() } else { both }
}

/// Where a row stands in the order of writing: blocks in one order for all, so that imports never wait for each other in a
/// circle. An amendment comes after the goal it changes; a repost alone, after what it may repeat.
type Order<'a> = (&'a str, Code, Part, String, i16, Option<&'a str>);

fn order(wish: &Wish) -> Order<'_> {
    let RecordKey { plan, municipality, part, period, amendment, program } = &wish.key;
    let alone = wish.is_repost.then(|| program.as_str());
    (plan.as_str(), *municipality, *part, period.code(), *amendment, alone)
}

async fn write(writer: &Writer<'_>, params: &ImportParams, rows: &[Row]) -> Result<Vec<ImportRowReport>, Error> {
    let mut reports: Vec<ImportRowReport> = (1..).zip(rows).map(|(number, row)| report::row(number, row)).collect();
    let mut blocks: BTreeMap<Order<'_>, Vec<(usize, &Wish)>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        match &row.wish {
            Ok(wish) => blocks.entry(order(wish)).or_default().push((at, wish)),
            Err(findings) => {
                let errors = findings.iter().map(|finding| report::error(&row.place, finding));
                if let Some(report) = reports.get_mut(at) {
                    report.errors = errors.collect();
                }
            }
        }
    }
    for mut wishes in blocks.into_values() {
        wishes.sort_by_key(|(_, wish)| wish.key.program.as_str());
        for wishes in wishes.chunks(BLOCK) {
            let bodies: Vec<RecordBody> = wishes.iter().map(|(_, wish)| wish.body()).collect::<Result<_, _>>()?;
            let done = block(writer, wishes, &bodies).await?;
            for (((at, _), body), done) in wishes.iter().zip(&bodies).zip(done) {
                if let (Some(report), Some(row)) = (reports.get_mut(*at), rows.get(*at)) {
                    tell(report, row, body, done, params.dry_run)?;
                }
            }
        }
    }
    Ok(reports)
}

/// What the database refuses, of whichever row, it refuses for the block: then each is tried alone.
async fn block(
    writer: &Writer<'_>,
    wishes: &[(usize, &Wish)],
    bodies: &[RecordBody],
) -> Result<Vec<Result<Put, Error>>, Error> {
    let jobs: Vec<Job<'_>> = wishes.iter().zip(bodies).map(|((_, wish), body)| job(wish, body)).collect();
    match together(writer, &jobs).await {
        Err(error) if error.is_the_senders() => {}
        done => return done,
    }
    let mut all = Vec::new();
    for job in &jobs {
        match together(writer, std::slice::from_ref(job)).await {
            Ok(done) => all.extend(done),
            Err(error) if error.is_the_senders() => all.push(Err(error)),
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

async fn together(writer: &Writer<'_>, jobs: &[Job<'_>]) -> Result<Vec<Result<Put, Error>>, Error> {
    let Some(first) = jobs.first() else { return Ok(Vec::new()) };
    let block = Block::from(first.key);
    db::part(writer.tx, async || put::put_block(writer, &block, jobs).await).await
}

fn job<'a>(wish: &'a Wish, body: &'a RecordBody) -> Job<'a> {
    let names = &wish.names;
    let (municipality, program) = (names.municipality.as_deref(), names.program.as_deref());
    let named = Named { municipality, program, number: names.number.as_deref() };
    Job { key: &wish.key, body, write: &wish.write, named }
}

fn tell(
    report: &mut ImportRowReport,
    row: &Row,
    body: &RecordBody,
    done: Result<Put, Error>,
    dry_run: bool,
) -> Result<(), Error> {
    match done {
        Ok(put) => {
            report.outcome = match put.outcome {
                Outcome::Created => RowOutcome::Created,
                Outcome::Updated => RowOutcome::Updated,
                Outcome::Unchanged => RowOutcome::Unchanged,
            };
            let open = put.record.warnings.iter().filter(|warning| !warning.acknowledged);
            report.warnings = open.map(|warning| report::warning(&row.place, warning)).collect();
            // Of a dry run nothing is left, its versions neither.
            report.etag = match (&put.before, put.outcome) {
                _ if !dry_run => Some(etag(put.version)),
                (_, Outcome::Unchanged) => Some(etag(put.version)),
                (Some(_), _) => Some(etag(put.version - 1)),
                (None, _) => None,
            };
            if dry_run && let Some(before) = &put.before {
                report.changes = report::changes(before, body)?;
            }
        }
        Err(error) => {
            report.etag = error.etag().map(str::to_owned);
            let error = if error.code() == ErrorCode::RequestVersionConflict { conflict(&error) } else { error };
            let findings = row::of(error, "/body");
            report.errors = findings.iter().map(|finding| report::error(&row.place, finding)).collect();
        }
    }
    Ok(())
}

/// The same in the words of a row.
fn conflict(error: &Error) -> Error {
    let (ja, en) = match error.etag() {
        Some(tag) => (
            format!("登録済みの内容と異なります（現在の ETag：{tag}）。取得し直して確かめ、その ETag を if_match に入れて送り直してください"),
            format!("Another content is stored (its ETag: {tag}). Read it, check, and send the row again with that ETag as `if_match`"),
        ),
        None => (
            "更新しようとした記録がありません（削除されたか、まだ作成されていません）。新規なら if_match を空にしてください".to_owned(),
            "There is no record to replace (deleted, or never created). To create it leave `if_match` out".to_owned(),
        ),
    };
    Error::at("/if_match", ErrorCode::RowVersionConflict, ja, en)
}
