//! How a report moves from one state to the next, and what a publication does. One transaction each: the report is
//! locked first, so writes to its records and other transitions wait; the publication number is taken last.

use super::queries::history;
use super::queries::{self, Held};
use super::types::{CreateTransition, Report, ReportKey, ReportStatus};
use super::{comments, receipt};
use crate::auth::{Caller, ReportActor};
use crate::db::Conn;
use crate::domain::status::{Mover, Status, Step};
use crate::error::{Code, Error};
use crate::idempotency::IdempotencyKey;
use crate::idempotency::queries::{self as idempotency, First};
use crate::journal::{self, Operation};
use crate::plans;
use crate::publications::{self, Entry, Op, Publication};
use crate::records::queries::publication::Difference;
use crate::records::queries::{self as records, Working};
use crate::records::suppression;
use crate::rounds;
use crate::state::State;
use crate::tables;
use crate::warnings::review;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashMap;

/// Places before these in a publication are the round's and the report's own.
const RECORDS_FROM: i32 = 2;

/// Moves the report, or repeats the answer the key has had already.
pub async fn create(
    state: &State,
    actor: &ReportActor,
    key: &ReportKey,
    idempotency_key: &IdempotencyKey,
    transition: &CreateTransition,
) -> Result<First, Error> {
    let hash = idempotency_key.hash(transition)?;
    once(state, actor, key, (&idempotency_key.key, &hash), transition, serde_json::to_value).await
}

/// One step in one transaction, with what is kept of it under its key (and the hash of what was sent). The one way in
/// which reports move.
pub async fn once(
    state: &State,
    actor: &ReportActor,
    key: &ReportKey,
    (kept_under, hash): (&str, &[u8]),
    transition: &CreateTransition,
    answer: impl Fn(Report) -> serde_json::Result<Value>,
) -> Result<First, Error> {
    let client = &actor.caller.client;
    let now = state.clock.now();
    state
        .db
        .as_caller(&actor.caller, async |tx| {
            if let Some(first) = idempotency::first(tx, client, kept_under, hash, now).await? {
                return Ok(first);
            }
            let report = step(tx, actor, key, transition, now).await?;
            let etag = Some(report.etag.clone());
            let first = First { status: 200, etag, response: answer(report).map_err(Error::internal)? };
            idempotency::keep(tx, client, kept_under, hash.to_vec(), &first, now).await?;
            Ok(first)
        })
        .await
}

async fn step(
    tx: &Conn,
    actor: &ReportActor,
    key: &ReportKey,
    transition: &CreateTransition,
    now: DateTime<Utc>,
) -> Result<Report, Error> {
    let held = queries::lock(tx, key).await?.ok_or_else(|| key.missing())?;
    allowed(&held, actor, transition)?;
    comments::check(tx, key, &transition.comments).await?;
    let to = transition.to;
    let working = match to {
        ReportStatus::Submitted | ReportStatus::Published => {
            records::of_report(tx, &key.plan, key.municipality, key.round.as_str()).await?
        }
        _ => Vec::new(),
    };
    if to == ReportStatus::Submitted {
        review::of_report(tx, key, &working, &held.report.declared_counts, now).await?;
    }
    let receipt = match to {
        ReportStatus::Submitted => {
            let (counts, note) = (&held.report.declared_counts, held.report.note.as_deref());
            Some(receipt::receive(tx, key, counts, note, &working, transition, now).await?)
        }
        _ => None,
    };
    let public = plans::queries::hold_public(tx, &key.plan).await?;
    let edition = held.report.edition + i32::from(to == ReportStatus::Published);
    let publication = if to == ReportStatus::Published {
        if !public {
            return Err(Error::new(
                Code::PlanNotAdopted,
                "策定中（draft）の計画の報告は公表できません。先に計画を策定済み（adopted）にしてください",
                "the plan is a draft: adopt it before its reports are published",
            ));
        }
        Some(publish(tx, key, edition, working, now).await?)
    } else if public {
        Some(publications::next(tx, now, false).await?)
    } else {
        None
    };
    let published = publication.filter(|_| to == ReportStatus::Published);
    queries::set_status(tx, key, &held, to, receipt, published).await?;
    history::add(tx, key, held.report.status, edition, &actor.caller.client, transition, now, published).await?;
    tell(tx, &actor.caller, key, &held, transition, publication, now).await?;
    history::find_with_history(tx, key).await?.ok_or_else(|| Error::internal("the report is gone"))
}

/// Is the step one of the machine's, the caller's to make, and told its reason?
fn allowed(held: &Held, actor: &ReportActor, transition: &CreateTransition) -> Result<Step, Error> {
    let from = Status::from(held.report.status);
    let to = Status::from(transition.to);
    let Some(step) = from.step_to(to) else {
        let next: Vec<&str> = from.next().map(|step| ReportStatus::from(step.to).as_str()).collect();
        return Err(Error::new(
            Code::ReportTransition,
            format!("{}の報告を{}にはできません。できるのは：{}", from.label_ja(), to.label_ja(), next.join("・")),
            format!("a report that is {} becomes one of: {}", held.report.status.as_str(), next.join(", ")),
        ));
    };
    if !step.may(actor.reports, actor.reviews) {
        let (ja, en) = match step.mover {
            Mover::Reporter => ("報告団体", "the reporter"),
            _ => ("計画を所有する団体の審査者", "the reviewer of the plan's owner"),
        };
        return Err(Error::new(
            Code::RequestForbidden,
            format!("{}から{}にできるのは{ja}です", from.label_ja(), to.label_ja()),
            format!("only {en} moves a report from {} to {}", held.report.status.as_str(), transition.to.as_str()),
        ));
    }
    if step.needs_reason && transition.comment.is_none() {
        return Err(Error::at(
            "/comment",
            Code::ReportReasonRequired,
            "差戻しと訂正には理由（comment）が必要です",
            "a return or a correction needs its reason in `comment`",
        ));
    }
    if to == Status::Published && held.submitted_by.as_deref().map(str::trim) == Some(transition.person.trim()) {
        return Err(Error::at(
            "/person",
            Code::ReportSamePerson,
            "提出した人は公表できません。別の人が公表してください",
            "who submitted a report does not publish it",
        ));
    }
    Ok(step)
}

/// Makes the report's records public under the next number.
async fn publish(
    tx: &Conn,
    key: &ReportKey,
    edition: i32,
    mut working: Vec<Working>,
    now: DateTime<Utc>,
) -> Result<Publication, Error> {
    let (plan, municipality, round) = (&key.plan, key.municipality, key.round.as_str());
    let fiscal_years: HashMap<String, i16> = rounds::queries::fiscal_years(tx, plan, round).await?;
    let sensitive = records::sensitive::of(tx, &working).await?;
    suppression::keep_back(&mut working, &sensitive);
    let difference = Difference::of(tx, plan, municipality, round, working, &fiscal_years).await?;
    let years = difference.fiscal_years(&fiscal_years);
    let entries = difference.entries(plan, municipality, edition);
    let publication = publications::next(tx, now, false).await?;
    difference.apply(tx, plan, municipality, round, edition, publication).await?;
    tables::queries::keep(tx, plan, publication.no).await?;
    publications::touch_scopes(tx, municipality, &years, publication.no).await?;
    publications::announce(tx, publication.no, RECORDS_FROM, entries).await?;
    Ok(publication)
}

/// Journal row, and the report's own entry in the change feed.
async fn tell(
    tx: &Conn,
    caller: &Caller,
    key: &ReportKey,
    held: &Held,
    transition: &CreateTransition,
    publication: Option<Publication>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let key_json = serde_json::to_value(key).map_err(Error::internal)?;
    if let Some(publication) = publication {
        // Withdrawn before it was ever published, it is not public any more.
        let withdrawn = transition.to == ReportStatus::Draft && held.report.edition == 0;
        let op = if withdrawn { Op::Delete } else { Op::Upsert };
        let etag = |version: i64| (op == Op::Upsert).then(|| crate::web::write::etag(version));
        let entry = Entry {
            op,
            resource: "report",
            key: key_json.clone(),
            plan: Some(key.plan.clone()),
            prefecture: Some(key.municipality.prefecture()),
            etag: etag(held.version + 1),
        };
        let mut entries = vec![entry];
        // A default round is public with the first report of it that is handed in, and only as long as there is one.
        let round = rounds::types::RoundKey { plan: key.plan.clone(), round: key.round.clone() };
        let stays = withdrawn && rounds::queries::others_handed_in(tx, &round, key.municipality).await?;
        if held.report.edition == 0
            && !stays
            && let Some(version) = rounds::queries::default_version(tx, &round).await?
        {
            entries.insert(
                0,
                Entry {
                    op,
                    resource: "round",
                    key: serde_json::to_value(&round).map_err(Error::internal)?,
                    plan: Some(key.plan.clone()),
                    prefecture: Some(key.plan.owner().prefecture()),
                    etag: etag(version),
                },
            );
        }
        publications::announce(tx, publication.no, 0, entries).await?;
    }
    let status = |status: ReportStatus| serde_json::json!({ "status": status, "comment": null });
    let after =
        serde_json::json!({ "status": transition.to, "comment": transition.comment, "comments": transition.comments });
    let entry = journal::Entry {
        resource: "report",
        key: key_json,
        body: Some(key.municipality),
        plan: Some(&key.plan),
        operation: Operation::Transition,
        version: held.version + 1,
        before: Some(status(held.report.status)),
        after: Some(after),
        person: Some(&transition.person),
    };
    journal::record(tx, caller, now, entry).await
}
