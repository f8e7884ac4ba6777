//! The plan that comes after this one: a draft with its programs continued, merged, split and renamed, each old program
//! told what it became. All of it is one transaction and one number, or nothing.

pub mod rules;
pub mod types;

use self::rules::Draft;
use self::types::{CopiedProgram, CreatePlanSuccessor, PlanSuccession, PredecessorProgram};
use super::queries::{self, reporters};
use super::types::{Plan, PlanKey, PlanReporter, PlanReporterKey, PlanStatus, PutPlan, PutPlanReporter};
use crate::auth::Caller;
use crate::db::Conn;
use crate::definitions::Definition;
use crate::definitions::together::Together;
use crate::departments;
use crate::domain::code::Code as Municipality;
use crate::domain::key::{LocalCode, PlanCode};
use crate::error::{Code, Error, Finding};
use crate::nodes;
use crate::nodes::types::{Node, NodeKey, PutNode};
use crate::programs;
use crate::programs::types::{Program, ProgramKey, ProgramSuccessor};
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// The plan that was made, whole, and its version.
pub async fn create(
    state: &State,
    tx: &Conn,
    caller: &Caller,
    old: &PlanKey,
    dry_run: bool,
    given: &CreatePlanSuccessor,
) -> Result<(PlanSuccession, i64), Error> {
    // Two that would do the same stand in line.
    queries::lock(tx, &old.plan).await?;
    let (last, _) = Plan::find(tx, old).await?.ok_or_else(|| Plan::missing(old))?;
    let mut findings = Vec::new();
    let key = key_of(tx, old, &last, given, &mut findings).await?;
    let before = programs::queries::of_plan(tx, &old.plan).await?;
    let nodes = parents_first(nodes::queries::of_plan(tx, &old.plan).await?);
    let codes: BTreeSet<&str> = nodes.iter().map(|(code, _)| code.as_str()).collect();
    let composed = rules::compose(&old.plan, last.numbering, &before, &codes, given);
    let (key, (mut drafts, left_out)) = match (key, composed) {
        (Some(key), Ok(composed)) => (key, composed),
        (_, composed) => {
            findings.extend(composed.err().into_iter().flatten());
            return Err(Error::invalid(findings));
        }
    };
    let known = departments::queries::of(tx, key.plan.owner()).await?;
    for draft in &mut drafts {
        draft.body.departments = departments::rules::in_year(&draft.body.departments, &known, given.fiscal_year_from);
    }
    drafts.sort_by_key(|draft| draft.body.position);

    let mut together = Together::new(state, tx, caller);
    let plan = next_plan(&last, given);
    let version = together.create::<Plan>(&key, &plan).await?;
    let reporters = copy_reporters(tx, &mut together, old, &key, given.fiscal_year_from).await?;
    for (code, node) in &nodes {
        let node_key = NodeKey { plan: key.plan.clone(), node: code.clone() };
        together.create::<Node>(&node_key, node).await?;
    }
    for draft in &drafts {
        let program = LocalCode::parse(&draft.code).ok_or_else(|| Error::internal(&draft.code))?;
        together.create::<Program>(&ProgramKey { plan: key.plan.clone(), program }, &draft.body).await?;
    }
    tell_the_old(&mut together, &old.plan, &key.plan, &before, &drafts, given).await?;
    together.close(dry_run).await?;
    let made = PlanSuccession {
        reporters,
        nodes: nodes.into_iter().map(|(code, node)| Node::new(key.plan.to_string(), code.to_string(), node)).collect(),
        programs: drafts.into_iter().map(|draft| copied(&key.plan, draft)).collect(),
        plan: Plan::new(key.plan.to_string(), key.plan.owner().to_string(), plan),
        left_out,
    };
    Ok((made, version))
}

fn copied(plan: &PlanCode, draft: Draft) -> CopiedProgram {
    CopiedProgram {
        from: draft.from.into_iter().map(|(program, kind)| PredecessorProgram { program, kind }).collect(),
        program: Program::new(plan.to_string(), draft.code, draft.body),
    }
}

/// None: a finding says why.
async fn key_of(
    tx: &Conn,
    old: &PlanKey,
    last: &PutPlan,
    given: &CreatePlanSuccessor,
    findings: &mut Vec<Finding>,
) -> Result<Option<PlanKey>, Error> {
    let key =
        PlanCode::parse(&given.code).map(|plan| PlanKey { plan }).filter(|key| key.plan.owner() == old.plan.owner());
    if given.fiscal_year_from <= last.fiscal_year_from {
        let from = last.fiscal_year_from;
        findings.push(Finding::new(
            "/fiscal_year_from",
            Code::RequestInvalid,
            format!("後継の計画は、前の計画（{from}年度から）より後に始まります"),
            format!("it begins later than the last plan (FY{from})"),
        ));
    }
    let Some(key) = key else {
        let owner = old.plan.owner();
        findings.push(Finding::new(
            "/code",
            Code::RequestInvalid,
            format!("後継の計画のコードも {owner}- で始まります"),
            format!("its code begins with {owner}- too"),
        ));
        return Ok(None);
    };
    if Plan::find(tx, &key).await?.is_some() {
        findings.push(Finding::new(
            "/code",
            Code::PlanCodeTaken,
            format!("計画 {} はすでにあります。別のコードにするか、先に削除してください", key.plan),
            format!("the plan {} is there already: give another code, or delete it first", key.plan),
        ));
        return Ok(None);
    }
    Ok(findings.is_empty().then_some(key))
}

fn next_plan(last: &PutPlan, given: &CreatePlanSuccessor) -> PutPlan {
    PutPlan {
        title: given.title.clone(),
        fiscal_year_from: given.fiscal_year_from,
        fiscal_year_to: given.fiscal_year_to,
        adopted_on: None,
        document_label: None,
        printed: BTreeMap::new(),
        status: PlanStatus::Draft,
        ..last.clone()
    }
}

/// Those that still report when the new plan begins, for all of its years.
async fn copy_reporters(
    tx: &Conn,
    together: &mut Together<'_>,
    old: &PlanKey,
    new: &PlanKey,
    year: i16,
) -> Result<Vec<PlanReporter>, Error> {
    let mut copied = Vec::new();
    for (municipality, last) in reporters::of_plan(tx, &old.plan).await? {
        if last.fiscal_year_to.is_some_and(|to| to < year) {
            continue;
        }
        let code = Municipality::parse(&municipality).map_err(|_| Error::internal(&municipality))?;
        let key = PlanReporterKey { plan: new.plan.clone(), municipality: code };
        let body = PutPlanReporter { member_group: last.member_group, ..PutPlanReporter::default() };
        // A municipality's own plan is created with the municipality as its reporter.
        match PlanReporter::find(tx, &key).await? {
            Some((there, _)) if there == body => {}
            Some((there, version)) => together.replace::<PlanReporter>(&key, (&there, version), &body).await?,
            None => {
                together.create::<PlanReporter>(&key, &body).await?;
            }
        }
        copied.push(PlanReporter::new(new.plan.to_string(), municipality, body));
    }
    Ok(copied)
}

/// Each old program is told what it became, and those that were dropped when they ended.
async fn tell_the_old(
    together: &mut Together<'_>,
    old: &PlanCode,
    new: &PlanCode,
    before: &rules::Programs,
    drafts: &[Draft],
    given: &CreatePlanSuccessor,
) -> Result<(), Error> {
    for (code, body, version) in before {
        let mut told = body.clone();
        for draft in drafts {
            let kind = draft.from.iter().find(|(from, _)| from == code.as_str()).map(|(_, kind)| *kind);
            told.successors.extend(kind.map(|kind| ProgramSuccessor {
                plan: new.to_string(),
                program: draft.code.clone(),
                kind,
            }));
        }
        if given.dropped.iter().any(|dropped| dropped == code.as_str()) && told.ended_after.is_none() {
            told.ended_after = Some(given.fiscal_year_from - 1);
        }
        if told != *body {
            let key = ProgramKey { plan: old.clone(), program: code.clone() };
            together.replace::<Program>(&key, (body, *version), &told).await?;
        }
    }
    Ok(())
}

/// A node comes after its parent, else in the order of the plan.
fn parents_first(mut left: Vec<(LocalCode, PutNode)>) -> Vec<(LocalCode, PutNode)> {
    let mut placed: Vec<(LocalCode, PutNode)> = Vec::new();
    while !left.is_empty() {
        let is_placed = |parent: &str| placed.iter().any(|(code, _)| code.as_str() == parent);
        let (next, later): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, node)| node.parent.as_deref().is_none_or(is_placed));
        // The tree has no ring; were there one, it would be told by the database.
        let stuck = next.is_empty();
        placed.extend(next);
        left = later;
        if stuck {
            placed.append(&mut left);
        }
    }
    placed
}
