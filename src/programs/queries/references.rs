//! The SQL of what a program refers to, so that every missing one is told with its place. The foreign keys stand behind it.

use crate::db::Conn;
use crate::db::schema::{departments, indicators, programs};
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::programs::types::{ProgramKey, ProgramSuccessor, PutProgram};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::future::try_join3;
use std::collections::BTreeSet;

pub async fn check(conn: &Conn, key: &ProgramKey, body: &PutProgram) -> Result<(), Error> {
    let (successors, departments, indicators) = try_join3(
        check_successors(conn, key, body),
        missing_departments(conn, key, body),
        missing_indicators(conn, body),
    )
    .await?;
    let findings: Vec<Finding> = successors.into_iter().chain(departments).chain(indicators).collect();
    if findings.is_empty() { Ok(()) } else { Err(Error::invalid(findings)) }
}

/// Another body's draft is no successor: the caller may not even know of it.
async fn check_successors(mut conn: &Conn, key: &ProgramKey, body: &PutProgram) -> Result<Vec<Finding>, Error> {
    if body.successors.is_empty() {
        return Ok(Vec::new());
    }
    let known: Vec<(String, String)> = programs::table
        .filter(programs::plan.eq_any(body.successors.iter().map(|successor| &successor.plan)))
        .filter(programs::code.eq_any(body.successors.iter().map(|successor| &successor.program)))
        .select((programs::plan, programs::code))
        .load(&mut conn)
        .await?;
    let known: BTreeSet<(&str, &str)> = known.iter().map(|(plan, code)| (plan.as_str(), code.as_str())).collect();
    let finding = |(index, successor): (usize, &ProgramSuccessor)| {
        let named = (successor.plan.as_str(), successor.program.as_str());
        let (code, ja, en) = if named == (key.plan.as_str(), key.program.as_str()) {
            (ErrorCode::RequestInvalid, "自分自身を後継にはできません", "a program does not come after itself")
        } else if known.contains(&named) {
            return None;
        } else {
            (ErrorCode::ProgramUnknown, "後継の事業が登録されていません", "the successor is not registered")
        };
        Some(Finding::new(format!("/successors/{index}"), code, ja, en))
    };
    Ok(body.successors.iter().enumerate().filter_map(finding).collect())
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
