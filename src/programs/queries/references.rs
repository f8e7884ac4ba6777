//! The SQL of what a program refers to, so that every missing one is told with its place. The foreign keys stand behind it.

use crate::db::Conn;
use crate::db::schema::{departments, indicators, programs};
use crate::domain::key::{LocalCode, PlanCode};
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::programs::types::{ProgramKey, ProgramSuccessor, PutProgram};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::future::try_join3;
use std::collections::BTreeSet;

pub async fn check(conn: &Conn, key: &ProgramKey, body: &PutProgram) -> Result<(), Error> {
    let (successor, departments, indicators) = try_join3(
        check_successor(conn, key, body.successor.as_ref()),
        missing_departments(conn, key, body),
        missing_indicators(conn, body),
    )
    .await?;
    let findings: Vec<Finding> = successor.into_iter().chain(departments).chain(indicators).collect();
    if findings.is_empty() { Ok(()) } else { Err(Error::invalid(findings)) }
}

/// Another body's draft is no successor: the caller may not even know of it.
async fn check_successor(
    mut conn: &Conn,
    key: &ProgramKey,
    successor: Option<&ProgramSuccessor>,
) -> Result<Option<Finding>, Error> {
    let Some(successor) = successor else { return Ok(None) };
    let found = match (PlanCode::parse(&successor.plan), LocalCode::parse(&successor.program)) {
        (Some(plan), Some(program)) if (&plan, &program) == (&key.plan, &key.program) => {
            let (ja, en) = ("自分自身を後継にはできません", "a program does not come after itself");
            return Ok(Some(Finding::new("/successor", ErrorCode::RequestInvalid, ja, en)));
        }
        (Some(plan), Some(program)) => {
            let row = programs::table.find((plan.as_str(), program.as_str()));
            diesel::select(diesel::dsl::exists(row)).get_result(&mut conn).await?
        }
        _ => false,
    };
    let (ja, en) = ("後継の事業が登録されていません", "the successor is not registered");
    Ok((!found).then(|| Finding::new("/successor", ErrorCode::ProgramUnknown, ja, en)))
}

async fn missing_departments(mut conn: &Conn, key: &ProgramKey, body: &PutProgram) -> Result<Vec<Finding>, Error> {
    let given: BTreeSet<&str> = body.departments.iter().filter_map(|d| d.department.as_deref()).collect();
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let owner = key.plan.owner();
    let known: Vec<String> = departments::table
        .filter(departments::municipality.eq(owner.as_str()).and(departments::code.eq_any(given)))
        .select(departments::code)
        .load(&mut conn)
        .await?;
    let missing = |code: &&str| !known.iter().any(|known| known == code);
    let finding = |(index, code): (usize, &str)| {
        Finding::new(
            format!("/departments/{index}/department"),
            ErrorCode::DepartmentUnknown,
            format!(
                "{owner} の担当課「{code}」は登録されていません。先に登録するか、コードを外して printed_text だけにしてください"
            ),
            format!("department `{code}` of {owner} is not registered; register it first or send printed_text alone"),
        )
    };
    let named = body.departments.iter().enumerate();
    let named = named.filter_map(|(index, d)| d.department.as_deref().map(|code| (index, code)));
    Ok(named.filter(|(_, code)| missing(code)).map(finding).collect())
}

async fn missing_indicators(mut conn: &Conn, body: &PutProgram) -> Result<Vec<Finding>, Error> {
    if body.indicators.is_empty() {
        return Ok(Vec::new());
    }
    let owners: BTreeSet<&str> = body.indicators.iter().map(|asked| asked.owner.as_str()).collect();
    let codes: Vec<&str> = body.indicators.iter().map(|asked| asked.indicator.as_str()).collect();
    let known: Vec<(String, String)> = indicators::table
        .filter(indicators::owner.eq_any(owners).and(indicators::code.eq_any(codes)))
        .select((indicators::owner, indicators::code))
        .load(&mut conn)
        .await?;
    let known: BTreeSet<(&str, &str)> = known.iter().map(|(owner, code)| (owner.as_str(), code.as_str())).collect();
    let asked = body.indicators.iter().enumerate();
    let missing = asked.filter(|(_, asked)| !known.contains(&(asked.owner.as_str(), asked.indicator.as_str())));
    Ok(missing
        .map(|(index, asked)| {
            let (owner, code) = (&asked.owner, &asked.indicator);
            Finding::new(
                format!("/indicators/{index}/indicator"),
                ErrorCode::IndicatorUnknown,
                format!("{owner} の指標「{code}」は登録されていません。先に登録してください"),
                format!("indicator `{code}` of {owner} is not registered; register it first"),
            )
        })
        .collect())
}
