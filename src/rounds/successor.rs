//! The round of the next year, made from that of the year before: the same parts one year on, due one year later, and
//! the programs' departments as they are called by then.

use super::rules::next;
use super::types::{CreateRoundSuccessor, FormProgram, PutRound, Round, RoundKey, RoundMember, RoundSuccession};
use crate::auth::Caller;
use crate::db::Conn;
use crate::definitions::Definition;
use crate::definitions::together::Together;
use crate::departments;
use crate::domain::key::{LocalCode, PlanCode};
use crate::error::{Code, Error, Finding};
use crate::plans::types::{Plan, PlanKey, PutPlan};
use crate::programs;
use crate::programs::rules::is_carried_out;
use crate::programs::types::{Program, ProgramKey, PutProgram};
use crate::state::State;

pub async fn create(
    state: &State,
    tx: &Conn,
    caller: &Caller,
    key: &RoundKey,
    dry_run: bool,
    given: &CreateRoundSuccessor,
) -> Result<(RoundSuccession, i64), Error> {
    let (last, _) = Round::find(tx, key).await?.ok_or_else(|| Round::missing(key))?;
    let plan_key = PlanKey { plan: key.plan.clone() };
    let (plan, _) = Plan::find(tx, &plan_key).await?.ok_or_else(|| Plan::missing(&plan_key))?;
    let (code, round, year) = of_next_year(key, &plan, &last, given)?;
    let next_key = RoundKey { plan: key.plan.clone(), round: code };
    if Round::find(tx, &next_key).await?.is_some() {
        return Err(Error::at(
            "/code",
            Code::RoundCodeTaken,
            format!("照会 {} はすでにあります。別の code を付けてください", next_key.round),
            format!("the round {} is there already: give another `code`", next_key.round),
        ));
    }
    let mut together = Together::new(state, tx, caller);
    let version = together.create::<Round>(&next_key, &round).await?;
    let before = programs::queries::of_plan(tx, &key.plan).await?;
    let known = departments::queries::of(tx, key.plan.owner()).await?;
    let mut after = Vec::new();
    let mut changed = Vec::new();
    for (code, program, version) in &before {
        let mut next = program.clone();
        if let Some(ended) = succeeded(&key.plan, program, &before, year) {
            next.ended_after = Some(ended);
        }
        if is_carried_out(&next, year) {
            next.departments = departments::rules::in_year(&program.departments, &known, year);
        }
        if next != *program {
            let program_key = ProgramKey { plan: key.plan.clone(), program: code.clone() };
            together.replace::<Program>(&program_key, (program, *version), &next).await?;
            changed.push(Program::new(key.plan.to_string(), code.to_string(), next.clone()));
        }
        after.push((code, next));
    }
    together.close(dry_run).await?;
    let (asked, left_out): (Vec<_>, Vec<_>) = after.into_iter().partition(|(_, program)| is_carried_out(program, year));
    let made = RoundSuccession {
        round: Round::new(key.plan.to_string(), next_key.round.to_string(), false, round),
        form: asked.iter().map(|(code, program)| in_form(&key.plan, code, program, &before, year)).collect(),
        left_out: left_out.into_iter().map(|(code, _)| code.to_string()).collect(),
        changed,
    };
    Ok((made, version))
}

/// The year it ended with, where it has successors in the plan that are carried out by now and nobody said when it ended.
fn succeeded(plan: &PlanCode, program: &PutProgram, all: &[(LocalCode, PutProgram, i64)], year: i16) -> Option<i16> {
    let mut within = program.successors.iter().filter(|successor| successor.plan == plan.as_str()).peekable();
    within.peek()?;
    let is_there = |code: &str| all.iter().any(|(of, body, _)| of.as_str() == code && is_carried_out(body, year));
    (program.ended_after.is_none() && within.all(|successor| is_there(&successor.program))).then(|| year - 1)
}

/// A line of the form, and the programs whose last year stands beside it.
fn in_form(
    plan: &PlanCode,
    code: &LocalCode,
    program: &PutProgram,
    all: &[(LocalCode, PutProgram, i64)],
    year: i16,
) -> FormProgram {
    let names = |body: &PutProgram| {
        body.successors.iter().any(|s| (s.plan.as_str(), s.program.as_str()) == (plan.as_str(), code.as_str()))
    };
    let itself = is_carried_out(program, year - 1).then(|| code.to_string());
    let before_it = all.iter().filter(|(_, body, _)| names(body)).map(|(of, ..)| of.to_string());
    FormProgram {
        program: code.to_string(),
        number_label: program.number_label.clone(),
        name: program.name.clone(),
        from: itself.into_iter().chain(before_it).collect(),
    }
}

/// Code and content of the round after this one, and its year.
fn of_next_year(
    key: &RoundKey,
    plan: &PutPlan,
    last: &PutRound,
    given: &CreateRoundSuccessor,
) -> Result<(LocalCode, PutRound, i16), Error> {
    let all = next::covers(&last.covers);
    // What lies beyond the plan is its successor's.
    let covers = next::until(&all, plan.fiscal_year_to);
    let Some(year) = next::years(&covers).first().copied() else {
        let (ja, en) = match plan.fiscal_year_to.filter(|_| !all.is_empty()) {
            Some(to) => (
                format!(
                    "計画は{to}年度までで、次の照会は後継の計画のものです。後継の計画は POST /plans/{}/successors で作れます",
                    key.plan
                ),
                format!(
                    "the plan ends with FY{to}, and the next round is its successor's: make that by POST /plans/{}/successors",
                    key.plan
                ),
            ),
            None => (
                format!(
                    "照会 {} が扱う期間には、次の年度がありません（現状・以降だけか、次の年度もすでに扱っています）",
                    key.round
                ),
                format!("no period of round {} has a next year that it does not cover already", key.round),
            ),
        };
        return Err(Error::at("", Code::RoundNoNextYear, ja, en));
    };
    let mut findings = Vec::new();
    let years: Vec<i16> = next::years(&last.covers);
    let code = given.code.clone().or_else(|| next::named(key.round.as_str(), &years));
    let code = code.as_deref().and_then(LocalCode::parse);
    if code.is_none() {
        findings.push(Finding::new(
            "/code",
            Code::RequestInvalid,
            format!(
                "照会のコード「{}」に年度がないため、次の照会のコードを決められません。code を付けてください",
                key.round
            ),
            format!("the code `{}` names no year to go on from: give a `code`", key.round),
        ));
    }
    let Some(code) = code.filter(|_| findings.is_empty()) else { return Err(Error::invalid(findings)) };
    let round = PutRound {
        title: given.title.clone().or_else(|| last.title.as_ref().map(|title| next::title(title, &years))),
        due_at: given.due_at.clone().or_else(|| last.due_at.as_deref().and_then(next::due)),
        form_version: last.form_version.clone(),
        covers,
        // An extension was of one year; who is not asked is not asked again.
        members: last.members.iter().filter(|member| member.left_out).cloned().collect::<Vec<RoundMember>>(),
    };
    Ok((code, round, year))
}
