//! How records are written: a block of one reporter's records at a time, the same way for a PUT, which is a block of one,
//! and for the rows of an import. The number of statements does not depend on the number of records.
//!
//! Statements that need nothing of each other are in flight together. They run in the order they are named in, and where
//! one fails the rest of its transaction fails behind it: so the first error in that order is the one to tell.

use super::check::{self, Checked};
use super::queries::write::{self, Content};
use super::queries::{self, Names, Working};
use super::types::{Block, Part, RecordBody, RecordKey};
use super::unchanged;
use crate::auth::Caller;
use crate::db::Conn;
use crate::error::{Code as ErrorCode, Error};
use crate::journal::{self, Operation, Source};
use crate::reports::queries::{self as reports, Opened};
use crate::rounds;
use crate::state::State;
use crate::warnings::review;
use crate::warnings::types::RecordWarning;
use crate::web::answer::Outcome;
use crate::web::write::{Change, Write};
use chrono::NaiveDate;
use futures_util::future::try_join;
use std::collections::{BTreeMap, HashMap};

/// One record that somebody wants to stand.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    pub key: &'a RecordKey,
    pub body: &'a RecordBody,
    pub write: &'a Write,
    /// What the sender takes the codes of the key for.
    pub named: Named<'a>,
}

/// Names that came with codes, and must not disagree with them.
#[derive(Clone, Copy, Default)]
pub struct Named<'a> {
    pub municipality: Option<&'a str>,
    pub program: Option<&'a str>,
    pub number: Option<&'a str>,
}

/// What became of it, and the record that stands now.
pub struct Put {
    pub outcome: Outcome,
    pub version: i64,
    pub record: Working,
    /// What it replaced.
    pub before: Option<RecordBody>,
}

/// Who writes, and in which transaction.
pub struct Writer<'a> {
    pub tx: &'a Conn,
    pub source: Source<'a>,
    /// In Japan.
    pub today: NaiveDate,
}

/// What became of each job, by its place.
type Done = BTreeMap<usize, Result<Put, Error>>;

/// Another creator can be faster; then the write is judged again by what it left.
const ATTEMPTS: usize = 3;

pub async fn put(
    state: &State,
    caller: &Caller,
    write: &Write,
    key: &RecordKey,
    body: &RecordBody,
) -> Result<Put, Error> {
    state
        .db
        .write(caller, write.dry_run, async |tx| {
            let source = Source { caller, at: state.clock.now(), import: None };
            let writer = Writer { tx, source, today: state.clock.today() };
            let mut done =
                put_block(&writer, &Block::from(key), &[Job { key, body, write, named: Named::default() }]).await?;
            done.pop().unwrap_or_else(|| Err(Error::contended()))
        })
        .await
}

/// Writes records of one block, each program once, and tells what became of each, in their order. A record that is refused
/// leaves nothing behind and does not hold up the others. An error of the whole is the database's.
pub async fn put_block(writer: &Writer<'_>, block: &Block, jobs: &[Job<'_>]) -> Result<Vec<Result<Put, Error>>, Error> {
    let unchanged = unchanged::texts(writer.tx, block, jobs).await?;
    let filled = jobs.iter().enumerate().map(|(at, job)| {
        let body = unchanged.get(&at).and_then(|body| body.as_ref().ok());
        Job { body: body.unwrap_or(job.body), ..*job }
    });
    let jobs: &[Job<'_>] = &filled.collect::<Vec<_>>();
    let programs: Vec<&str> = jobs.iter().map(|job| job.key.program.as_str()).collect();
    let (checked, mut held) =
        try_join(check::all(writer.tx, block, jobs), queries::lock(writer.tx, block, &programs)).await?;
    let unfounded = unchanged.iter().filter_map(|(at, body)| Some((*at, body.as_ref().err()?)));
    let refused = unfounded.chain(checked.refused.iter().map(|(at, error)| (*at, error)));
    let mut done: Done = refused.map(|(at, error)| (at, Err(error.clone()))).collect();
    for _ in 0..ATTEMPTS {
        let waiting = jobs.iter().enumerate().filter(|(at, _)| !done.contains_key(at)).collect();
        done.append(&mut attempt(writer, block, waiting, held, &checked).await?);
        if done.len() == jobs.len() {
            break;
        }
        held = queries::lock(writer.tx, block, &programs).await?;
    }
    let outcome = |at| done.remove(&at).unwrap_or_else(|| Err(Error::contended()));
    Ok((0..jobs.len()).map(outcome).collect())
}

/// One that is to be written.
struct Task<'a> {
    at: usize,
    job: &'a Job<'a>,
    names: Names,
    warnings: Vec<RecordWarning>,
    version: i64,
    operation: Operation,
    before: Option<Working>,
}

/// What is not among the outcomes has found another creator faster. `held`: what is there, by program.
async fn attempt(
    writer: &Writer<'_>,
    block: &Block,
    waiting: Vec<(usize, &Job<'_>)>,
    mut held: HashMap<String, Working>,
    checked: &Checked,
) -> Result<Done, Error> {
    let mut done = Done::new();
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for (at, job) in waiting {
        let names = checked.names(job.key).ok_or_else(|| Error::internal("an unchecked program"))?;
        let before = held.remove(job.key.program.as_str());
        let before = before.map(|record| Working { names: names.clone(), ..record });
        let change = job.write.decide(before.as_ref().map(|record| (&record.body, record.version)), job.body);
        let task =
            |version, operation, before| Task { at, job, names, warnings: Vec::new(), version, operation, before };
        match (change, before) {
            (Err(error), _) => drop(done.insert(at, Err(error))),
            (Ok(Change::Unchanged { version }), Some(record)) => {
                let put = Put { outcome: Outcome::Unchanged, version, record, before: None };
                done.insert(at, Ok(put));
            }
            (Ok(Change::Replace { version, overwrite }), Some(record)) => {
                let operation = if overwrite { Operation::Overwrite } else { Operation::Replace };
                changed.push(task(version + 1, operation, Some(record)));
            }
            (Ok(_), _) => new.push(task(0, Operation::Create, None)),
        }
    }
    // Those of a round that has been made anew since may belong to another.
    let mut by_round: BTreeMap<String, Vec<Task<'_>>> = BTreeMap::new();
    for task in changed {
        let round = task.before.as_ref().map(|record| record.round.clone()).unwrap_or_default();
        by_round.entry(round).or_default().push(task);
    }
    for (round, tasks) in by_round {
        done.append(&mut replace(writer, block, &round, tasks, checked).await?);
    }
    if !new.is_empty() {
        done.append(&mut create(writer, block, new, checked).await?);
    }
    Ok(done)
}

async fn replace(
    writer: &Writer<'_>,
    block: &Block,
    round: &str,
    mut tasks: Vec<Task<'_>>,
    checked: &Checked,
) -> Result<Done, Error> {
    let (open, warnings) = try_join(open(writer.tx, block, round), warnings(writer, &tasks, checked)).await?;
    if let Err(refusal) = open {
        return Ok(tasks.iter().map(|task| (task.at, Err(refusal.clone()))).collect());
    }
    for (task, warnings) in tasks.iter_mut().zip(warnings) {
        task.warnings = warnings;
    }
    let contents: Vec<(&Working, Content<'_>)> =
        tasks.iter().filter_map(|task| Some((task.before.as_ref()?, content(task)))).collect();
    try_join(write::update(writer.tx, block, &contents), tell(writer, &tasks)).await?;
    let put = |task: Task<'_>| {
        let Task { at, job, warnings, version, before, .. } = task;
        let old = before?;
        let before = Some(old.body.clone());
        let record = Working { version, redacted: false, body: job.body.clone(), warnings, ..old };
        Some((at, Ok(Put { outcome: Outcome::Updated, version, record, before })))
    };
    Ok(tasks.into_iter().filter_map(put).collect())
}

async fn create(
    writer: &Writer<'_>,
    block: &Block,
    mut tasks: Vec<Task<'_>>,
    checked: &Checked,
) -> Result<Done, Error> {
    let round = rounds::queries::round_for(writer.tx, &block.plan, block.part, &block.period.code()).await?;
    if let Some(version) = round.made {
        tell_round(writer, block, &round.code, version).await?;
    }
    let round = round.code;
    if let Err(refusal) = open(writer.tx, block, &round).await? {
        return Ok(tasks.iter().map(|task| (task.at, Err(refusal.clone()))).collect());
    }
    let keys = tasks.iter().map(|task| task.job.key.json()).collect();
    let versions = journal::next_versions(writer.tx, block.part.resource(), keys);
    let (versions, warnings) = try_join(versions, warnings(writer, &tasks, checked)).await?;
    for ((task, version), warnings) in tasks.iter_mut().zip(versions).zip(warnings) {
        (task.version, task.warnings) = (version, warnings);
    }
    let contents: Vec<Content<'_>> = tasks.iter().map(content).collect();
    let ids = write::insert(writer.tx, block, &round, &contents).await?;
    tasks.retain(|task| ids.contains_key(task.job.key.program.as_str()));
    let bodies = tasks.iter().filter_map(|task| Some((*ids.get(task.job.key.program.as_str())?, task.job.body)));
    try_join(write::insert_parts(writer.tx, block, bodies.collect()), tell(writer, &tasks)).await?;
    let put = |task: Task<'_>| {
        let Task { at, job: Job { key, body, .. }, names, warnings, version, .. } = task;
        let record = Working {
            id: *ids.get(key.program.as_str())?,
            plan: key.plan.to_string(),
            program: key.program.to_string(),
            municipality: key.municipality.to_string(),
            period: key.period.code(),
            part: key.part,
            amendment: key.amendment,
            round: round.clone(),
            version,
            redacted: false,
            names,
            body: (*body).clone(),
            warnings,
            keeps_back: false,
        };
        Some((at, Ok(Put { outcome: Outcome::Created, version, record, before: None })))
    };
    Ok(tasks.into_iter().filter_map(put).collect())
}

fn content<'a>(task: &'a Task<'_>) -> Content<'a> {
    let program = task.job.key.program.as_str();
    Content { program, body: task.job.body, warnings: &task.warnings, version: task.version }
}

/// Of what is to be written.
async fn warnings(
    writer: &Writer<'_>,
    tasks: &[Task<'_>],
    checked: &Checked,
) -> Result<Vec<Vec<RecordWarning>>, Error> {
    let records: Vec<(&RecordKey, &RecordBody)> = tasks.iter().map(|task| (task.job.key, task.job.body)).collect();
    review::of_written(writer.tx, &records, &checked.scales, &checked.indicators, writer.today).await
}

pub async fn delete(state: &State, caller: &Caller, write: &Write, key: &RecordKey) -> Result<(), Error> {
    state
        .db
        .write(caller, write.dry_run, async |tx| {
            let record = queries::find_for_update(tx, key).await?.ok_or_else(|| key.missing())?;
            let version = write.decide_delete(record.version)?;
            open(tx, &Block::from(key), &record.round).await??;
            let next = RecordKey { amendment: key.amendment + 1, ..key.clone() };
            if key.part == Part::Targets && queries::find(tx, &next).await?.is_some() {
                let next = key.amendment + 1;
                return Err(Error::new(
                    ErrorCode::AmendmentGap,
                    format!("変更目標{next}があるため削除できません。先に変更目標{next}を削除してください"),
                    format!("amendment {next} stands on it: delete that one first"),
                ));
            }
            queries::delete(tx, record.id).await?;
            let entry = entry(key, Operation::Delete, version, Some(&record.body), None)?;
            journal::record(tx, caller, state.clock.now(), entry).await
        })
        .await
}

/// Holds the records' report open until commit: who submits it waits, and who comes after a submission is told.
async fn open(tx: &Conn, block: &Block, round: &str) -> Result<Result<(), Error>, Error> {
    match reports::open_for_share(tx, &block.plan, block.municipality, round).await {
        Ok(Opened::Open) => Ok(Ok(())),
        Ok(Opened::Locked(locked)) => Ok(Err(locked.refusal(&block.plan))),
        Err(error) if error.is_the_senders() => Ok(Err(error)),
        Err(error) => Err(error),
    }
}

fn entry<'a>(
    key: &'a RecordKey,
    operation: Operation,
    version: i64,
    before: Option<&RecordBody>,
    after: Option<&RecordBody>,
) -> Result<journal::Entry<'a>, Error> {
    let json = |body: &RecordBody| serde_json::to_value(body).map_err(Error::internal);
    Ok(journal::Entry {
        resource: key.part.resource(),
        key: key.json(),
        body: Some(key.municipality),
        plan: Some(&key.plan),
        operation,
        version,
        before: before.map(json).transpose()?,
        after: after.map(json).transpose()?,
        person: None,
    })
}

async fn tell(writer: &Writer<'_>, tasks: &[Task<'_>]) -> Result<(), Error> {
    let entries = tasks.iter().map(|task| {
        let before = task.before.as_ref().map(|record| &record.body);
        entry(task.job.key, task.operation, task.version, before, Some(task.job.body))
    });
    journal::record_all(writer.tx, &writer.source, entries.collect::<Result<_, _>>()?).await
}

/// The journal's row of a default round that this write has made.
async fn tell_round(writer: &Writer<'_>, block: &Block, round: &str, version: i64) -> Result<(), Error> {
    let covers = serde_json::json!([{ "part": block.part, "period": block.period.code() }]);
    let entry = journal::Entry {
        resource: "round",
        key: serde_json::json!({ "plan": block.plan, "round": round }),
        body: Some(block.plan.owner()),
        plan: Some(&block.plan),
        operation: Operation::Create,
        version,
        before: None,
        after: Some(serde_json::json!({ "covers": covers, "is_default": true })),
        person: None,
    };
    journal::record_all(writer.tx, &writer.source, vec![entry]).await
}
