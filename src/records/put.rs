//! How a record is written: the same way for targets, amendments and results, and later for rows of an import.

use super::queries::surroundings;
use super::queries::{self, Names, Working};
use super::types::{Part, RecordBody, RecordKey};
use super::value::{Evaluation, IndicatorRef};
use crate::auth::Caller;
use crate::db::Conn;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::{Code as ErrorCode, Error, Finding, token};
use crate::evaluation_schemes;
use crate::journal::{self, Operation};
use crate::plans;
use crate::reports::queries::{self as reports, Opened};
use crate::rounds;
use crate::state::State;
use crate::warnings::review;
use crate::warnings::rules::{Indicators, Scales};
use crate::web::answer::Outcome;
use crate::web::write::{Change, Write};

/// What a PUT did, and the record that stands now.
pub struct Put {
    pub outcome: Outcome,
    pub version: i64,
    pub record: Working,
}

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
            let checked = check(tx, key, body).await?;
            for _ in 0..ATTEMPTS {
                if let Some(put) = attempt(state, tx, caller, write, key, body, &checked).await? {
                    return Ok(put);
                }
            }
            Err(Error::contended())
        })
        .await
}

/// None: another creator of the record was faster.
async fn attempt(
    state: &State,
    tx: &Conn,
    caller: &Caller,
    write: &Write,
    key: &RecordKey,
    body: &RecordBody,
    checked: &Checked,
) -> Result<Option<Put>, Error> {
    let Checked { names, scales, indicators } = checked;
    let current = queries::lock(tx, key, names).await?;
    let change = write.decide(current.as_ref().map(|record| (&record.body, record.version)), body)?;
    let (outcome, record) = match (change, current) {
        (Change::Unchanged { version }, Some(record)) => {
            return Ok(Some(Put { outcome: Outcome::Unchanged, version, record }));
        }
        (Change::Replace { version, overwrite }, Some(record)) => {
            open(tx, &key.plan, key.municipality, &record.round).await?;
            let warnings = review::of_one(tx, key, body, scales, indicators, state.clock.today()).await?;
            queries::update(tx, &record, key, body, &warnings, version + 1).await?;
            let before = record.body.clone();
            let operation = if overwrite { Operation::Overwrite } else { Operation::Replace };
            tell(state, tx, caller, key, operation, version + 1, Some(before), Some(body)).await?;
            (Outcome::Updated, Working { version: version + 1, body: body.clone(), warnings, ..record })
        }
        _ => {
            let round = rounds::queries::round_for(tx, &key.plan, key.part, &key.period.code()).await?;
            if let Some(version) = round.made {
                tell_round(state, tx, caller, key, &round.code, version).await?;
            }
            let round = round.code;
            open(tx, &key.plan, key.municipality, &round).await?;
            let version = journal::next_version(tx, key.part.resource(), key.json()).await?;
            let warnings = review::of_one(tx, key, body, scales, indicators, state.clock.today()).await?;
            let inserted = queries::insert(tx, key, &round, body, warnings, version, names).await?;
            let Some(record) = inserted else { return Ok(None) };
            tell(state, tx, caller, key, Operation::Create, version, None, Some(body)).await?;
            (Outcome::Created, record)
        }
    };
    Ok(Some(Put { outcome, version: record.version, record }))
}

pub async fn delete(state: &State, caller: &Caller, write: &Write, key: &RecordKey) -> Result<(), Error> {
    state
        .db
        .write(caller, write.dry_run, async |tx| {
            let record = queries::find_for_update(tx, key).await?.ok_or_else(|| key.missing())?;
            let version = write.decide_delete(record.version)?;
            open(tx, &key.plan, key.municipality, &record.round).await?;
            if key.part == Part::Targets && queries::find(tx, &next_amendment(key)).await?.is_some() {
                let next = key.amendment + 1;
                return Err(Error::new(
                    ErrorCode::AmendmentGap,
                    format!("変更目標{next}があるため削除できません。先に変更目標{next}を削除してください"),
                    format!("amendment {next} stands on it: delete that one first"),
                ));
            }
            queries::delete(tx, record.id).await?;
            tell(state, tx, caller, key, Operation::Delete, version, Some(record.body), None).await
        })
        .await
}

/// Holds the record's report open until commit: who submits it waits, and who comes after a submission is told.
async fn open(tx: &Conn, plan: &PlanCode, municipality: Code, round: &str) -> Result<(), Error> {
    match reports::open_for_share(tx, plan, municipality, round).await? {
        Opened::Open => Ok(()),
        Opened::Locked(locked) => Err(locked.refusal(plan)),
    }
}

#[expect(clippy::too_many_arguments, reason = "private; the two callers above are the only ones")]
async fn tell(
    state: &State,
    tx: &Conn,
    caller: &Caller,
    key: &RecordKey,
    operation: Operation,
    version: i64,
    before: Option<RecordBody>,
    after: Option<&RecordBody>,
) -> Result<(), Error> {
    let json = |body: &RecordBody| serde_json::to_value(body).map_err(Error::internal);
    let entry = journal::Entry {
        resource: key.part.resource(),
        key: key.json(),
        body: Some(key.municipality),
        plan: Some(&key.plan),
        operation,
        version,
        before: before.as_ref().map(json).transpose()?,
        after: after.map(json).transpose()?,
        person: None,
    };
    journal::record(tx, caller, state.clock.now(), entry).await
}

/// The journal's row of a default round that this write has made.
async fn tell_round(
    state: &State,
    tx: &Conn,
    caller: &Caller,
    key: &RecordKey,
    round: &str,
    version: i64,
) -> Result<(), Error> {
    let covers = serde_json::json!([{ "part": key.part, "period": key.period.code() }]);
    let entry = journal::Entry {
        resource: "round",
        key: serde_json::json!({ "plan": key.plan, "round": round }),
        body: Some(key.plan.owner()),
        plan: Some(&key.plan),
        operation: Operation::Create,
        version,
        before: None,
        after: Some(serde_json::json!({ "covers": covers, "is_default": true })),
        person: None,
    };
    journal::record(tx, caller, state.clock.now(), entry).await
}

/// What a check has learnt and the write goes on with.
struct Checked {
    names: Names,
    scales: Scales,
    indicators: Indicators,
}

/// What only the database knows of a record: its plan, its reporter, its scales, its neighbours.
async fn check(tx: &Conn, key: &RecordKey, body: &RecordBody) -> Result<Checked, Error> {
    let around = surroundings::find(tx, key).await?;
    let around = around.ok_or_else(|| plans::queries::missing(&key.plan))?;
    if !around.reports {
        return Err(Error::new(
            ErrorCode::PlanNotAReporter,
            format!("{} は計画 {} の、この期間の報告団体に含まれていません", key.municipality, key.plan),
            format!("{} is no reporter of plan {} for this period", key.municipality, key.plan),
        ));
    }
    if !around.has_program {
        return Err(Error::at(
            "program",
            ErrorCode::ProgramUnknown,
            format!("計画 {} に事業 {} はありません", key.plan, key.program),
            format!("plan {} has no program {}", key.plan, key.program),
        ));
    }
    let fields = &around.text_fields;
    let mut findings = Vec::new();
    for field in body.texts.keys().filter(|field| fields.iter().all(|known| known.code != **field)) {
        let known = fields.iter().map(|known| known.code.as_str()).collect::<Vec<_>>().join("・");
        findings.push(Finding::new(
            format!("/texts/{}", token(field)),
            ErrorCode::RecordUnknownTextField,
            format!("「{field}」という文章欄はこの計画にありません（{known}）"),
            format!("the plan has no text field `{field}` ({known})"),
        ));
    }
    let scales = check_levels(tx, body, &mut findings).await?;
    let indicators = check_references(tx, key, body, &mut findings).await?;
    if key.part == Part::Results && !key.period.expects_result() {
        findings.push(Finding::new(
            "",
            ErrorCode::RecordPeriod,
            format!("{}には実績がありません。目標として記録してください", key.period.label_ja()),
            format!("{} has no result: record it as a target", key.period.label_en()),
        ));
    }
    if let Some(repost_of) = &body.repost_of {
        check_repost(tx, key, repost_of, &mut findings).await?;
    }
    if key.amendment > 0 && !queries::hold(tx, &RecordKey { amendment: key.amendment - 1, ..key.clone() }).await? {
        findings.push(gap(key.amendment));
    }
    if !findings.is_empty() {
        return Err(Error::invalid(findings));
    }
    Ok(Checked { names: around.names, scales, indicators })
}

fn next_amendment(key: &RecordKey) -> RecordKey {
    RecordKey { amendment: key.amendment + 1, ..key.clone() }
}

fn gap(amendment: i16) -> Finding {
    Finding::new(
        "",
        ErrorCode::AmendmentGap,
        format!("変更目標{amendment}の前に、当初の目標と、それより前の変更目標が必要です"),
        format!("amendment {amendment} needs the original goal and every amendment before it"),
    )
}

async fn check_levels(tx: &Conn, body: &RecordBody, findings: &mut Vec<Finding>) -> Result<Scales, Error> {
    let key = |e: &Evaluation| (e.owner.clone(), e.scheme.clone(), e.fiscal_year);
    let schemes: Vec<_> = body.evaluations.iter().map(key).collect();
    let scales = evaluation_schemes::queries::scales_of(tx, &schemes).await?;
    for (index, evaluation) in body.evaluations.iter().enumerate() {
        let scale = scales.get(&key(evaluation));
        let at = format!("/evaluations/{index}");
        evaluation_schemes::rules::judge(scale, &at, &evaluation.level, evaluation.reason.as_deref(), findings);
    }
    Ok(scales)
}

/// Programs and indicators that figures and reposts name, each with the place that names it.
async fn check_references(
    tx: &Conn,
    key: &RecordKey,
    body: &RecordBody,
    findings: &mut Vec<Finding>,
) -> Result<Indicators, Error> {
    let indicators: Vec<_> = body.values.iter().filter_map(|value| value.indicator.as_ref()).collect();
    let same = body.values.iter().filter_map(|value| value.same_figure_as.as_ref()).map(|same| same.program.as_str());
    let programs: Vec<&str> = same.chain(body.repost_of.as_deref()).collect();
    let known_indicators = surroundings::indicators(tx, &indicators).await?;
    let known_programs = surroundings::programs(tx, &key.plan, &programs).await?;
    let mut unknown_program = |at: String, program: &str| {
        if !known_programs.contains(program) {
            let (ja, en) = (
                format!("計画 {} に事業 {program} はありません", key.plan),
                format!("plan {} has no program {program}", key.plan),
            );
            findings.push(Finding::new(at, ErrorCode::ProgramUnknown, ja, en));
        }
    };
    if let Some(repost_of) = &body.repost_of {
        unknown_program("/repost_of".to_owned(), repost_of);
    }
    for (index, value) in body.values.iter().enumerate() {
        if let Some(same) = &value.same_figure_as {
            unknown_program(format!("/values/{index}/same_figure_as/program"), &same.program);
        }
    }
    for (index, value) in body.values.iter().enumerate() {
        if let Some(IndicatorRef { owner, indicator }) = &value.indicator
            && !known_indicators.contains_key(&(owner.clone(), indicator.clone()))
        {
            let (ja, en) = (
                format!("指標 {owner}/{indicator} は登録されていません"),
                format!("the indicator {owner}/{indicator} is not registered"),
            );
            findings.push(Finding::new(format!("/values/{index}/indicator"), ErrorCode::IndicatorUnknown, ja, en));
        }
    }
    Ok(known_indicators)
}

async fn check_repost(tx: &Conn, key: &RecordKey, repost_of: &str, findings: &mut Vec<Finding>) -> Result<(), Error> {
    if repost_of == key.program.as_str() {
        findings.push(Finding::new(
            "/repost_of",
            ErrorCode::RecordRepost,
            "自分自身の再掲にはできません",
            "a record does not repost itself",
        ));
        return Ok(());
    }
    queries::hold_reposts(tx, key).await?;
    if queries::would_chain(tx, key, repost_of).await? {
        findings.push(Finding::new(
            "/repost_of",
            ErrorCode::RecordRepost,
            "再掲の再掲はできません。元の事業を指定してください",
            "no repost of a repost: name the program that has it first",
        ));
    }
    Ok(())
}
