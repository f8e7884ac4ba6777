mod references;

use super::types::{
    Program, ProgramDepartment, ProgramFilter, ProgramIndicator, ProgramKey, ProgramSuccessor, PutProgram,
};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::keyset;
use crate::db::schema::{program_departments, program_indicators, program_successors, programs};
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::error::Error;
use crate::plans;
use crate::plans::types::Numbering;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = programs, treat_none_as_null = true)]
struct Row {
    plan: String,
    code: String,
    number_label: Option<String>,
    number_scope: String,
    name: Option<String>,
    description: Option<String>,
    node: Option<String>,
    position: i32,
    area: Option<String>,
    priority: bool,
    target_group: Option<String>,
    legal_basis: Option<String>,
    statutory_program: Option<String>,
    started_on: Option<String>,
    started_in: Option<i16>,
    ended_after: Option<i16>,
    printed: AsJson<BTreeMap<String, String>>,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

/// A program with its departments, its form and its successors, as one statement reads them.
type Whole = (Row, AsJson<Vec<ProgramDepartment>>, AsJson<Vec<ProgramIndicator>>, AsJson<Vec<ProgramSuccessor>>);

/// The parts come with the program in one statement, hence from one moment: on the published door each statement sees
/// its own, and an ETag must not stand on the halves of two versions.
fn departments() -> SqlLiteral<Jsonb> {
    sql("coalesce((select jsonb_agg(jsonb_build_object(
            'department', d.department, 'role', d.role, 'printed_text', d.printed_text) order by d.position)
        from program_departments d where d.plan = programs.plan and d.program = programs.code), '[]')")
}

fn indicators() -> SqlLiteral<Jsonb> {
    sql("coalesce((select jsonb_agg(jsonb_build_object(
            'owner', i.indicator_owner, 'indicator', i.indicator, 'label', i.label,
            'target_required', i.target_required, 'result_required', i.result_required) order by i.position)
        from program_indicators i where i.plan = programs.plan and i.program = programs.code), '[]')")
}

fn successors() -> SqlLiteral<Jsonb> {
    sql("coalesce((select jsonb_agg(jsonb_build_object(
            'plan', s.successor_plan, 'program', s.successor_program, 'kind', s.kind) order by s.position)
        from program_successors s where s.plan = programs.plan and s.program = programs.code), '[]')")
}

impl Row {
    fn new(key: &ProgramKey, number_scope: String, body: &PutProgram) -> Self {
        let body = body.clone();
        Self {
            plan: key.plan.to_string(),
            code: key.program.to_string(),
            number_label: body.number_label,
            number_scope,
            name: body.name,
            description: body.description,
            node: body.node,
            position: body.position,
            area: body.area,
            priority: body.priority,
            target_group: body.target_group,
            legal_basis: body.legal_basis,
            statutory_program: body.statutory_program,
            started_on: body.started_on,
            started_in: body.started_in,
            ended_after: body.ended_after,
            printed: AsJson(body.printed),
            version: 1,
        }
    }
}

fn body((row, departments, indicators, successors): Whole) -> PutProgram {
    PutProgram {
        number_label: row.number_label,
        name: row.name,
        description: row.description,
        node: row.node,
        position: row.position,
        area: row.area,
        priority: row.priority,
        target_group: row.target_group,
        legal_basis: row.legal_basis,
        statutory_program: row.statutory_program,
        started_on: row.started_on,
        started_in: row.started_in,
        ended_after: row.ended_after,
        successors: successors.0,
        printed: row.printed.0,
        departments: departments.0,
        indicators: indicators.0,
    }
}

impl Definition for Program {
    type Key = ProgramKey;
    type Body = PutProgram;
    const RESOURCE: &'static str = "program";

    fn missing(key: &ProgramKey) -> Error {
        let (plan, program) = (&key.plan, &key.program);
        Error::not_found(format_args!("計画 {plan} の事業 {program}"), format_args!("program {program} of plan {plan}"))
    }

    fn owner(key: &ProgramKey) -> Option<Code> {
        Some(key.plan.owner())
    }

    fn plan(key: &ProgramKey) -> Option<&PlanCode> {
        Some(&key.plan)
    }

    async fn find(mut conn: &Conn, key: &ProgramKey) -> Result<Option<(PutProgram, i64)>, Error> {
        let row = programs::table.find((key.plan.as_str(), key.program.as_str()));
        let columns = (Row::as_select(), departments(), indicators(), successors());
        let found: Option<Whole> = row.select(columns).first(&mut conn).await.optional()?;
        Ok(found.map(|whole| (whole.0.version, whole)).map(|(version, whole)| (body(whole), version)))
    }

    async fn check(conn: &Conn, key: &ProgramKey, _: Option<&PutProgram>, body: &PutProgram) -> Result<(), Error> {
        references::check(conn, key, body).await
    }

    async fn insert(mut conn: &Conn, key: &ProgramKey, body: &PutProgram, version: i64) -> Result<bool, Error> {
        let inserted = diesel::insert_into(programs::table)
            .values((Row::new(key, number_scope(conn, key, body).await?, body), programs::version.eq(version)))
            .on_conflict((programs::plan, programs::code))
            .do_nothing()
            .execute(&mut conn)
            .await?;
        if inserted == 1 {
            insert_children(conn, key, body).await?;
        }
        Ok(inserted == 1)
    }

    async fn update(mut conn: &Conn, key: &ProgramKey, body: &PutProgram, version: i64) -> Result<bool, Error> {
        let row = programs::table.find((key.plan.as_str(), key.program.as_str())).filter(programs::version.eq(version));
        let updated = diesel::update(row)
            .set((Row::new(key, number_scope(conn, key, body).await?, body), programs::version.eq(version + 1)))
            .execute(&mut conn)
            .await?;
        if updated == 1 {
            delete_children(conn, key).await?;
            insert_children(conn, key, body).await?;
        }
        Ok(updated == 1)
    }

    async fn delete(mut conn: &Conn, key: &ProgramKey, version: i64) -> Result<bool, Error> {
        let row = programs::table.find((key.plan.as_str(), key.program.as_str())).filter(programs::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }
}

/// Where its number is unique: in its node where the plan numbers by node, else (empty) in the plan.
async fn number_scope(conn: &Conn, key: &ProgramKey, body: &PutProgram) -> Result<String, Error> {
    let numbering = plans::queries::hold_numbering(conn, &key.plan).await?;
    Ok(body.node.clone().filter(|_| numbering == Some(Numbering::Node)).unwrap_or_default())
}

async fn delete_children(mut conn: &Conn, key: &ProgramKey) -> Result<(), Error> {
    let (plan, program) = (key.plan.as_str(), key.program.as_str());
    let departments = program_departments::table
        .filter(program_departments::plan.eq(plan))
        .filter(program_departments::program.eq(program));
    diesel::delete(departments).execute(&mut conn).await?;
    let indicators = program_indicators::table
        .filter(program_indicators::plan.eq(plan))
        .filter(program_indicators::program.eq(program));
    diesel::delete(indicators).execute(&mut conn).await?;
    let successors = program_successors::table
        .filter(program_successors::plan.eq(plan))
        .filter(program_successors::program.eq(program));
    diesel::delete(successors).execute(&mut conn).await?;
    Ok(())
}

async fn insert_children(mut conn: &Conn, key: &ProgramKey, body: &PutProgram) -> Result<(), Error> {
    let (plan, program) = (key.plan.as_str(), key.program.as_str());
    let rows: Vec<_> = (1i16..)
        .zip(&body.departments)
        .map(|(position, department)| {
            (
                program_departments::plan.eq(plan),
                program_departments::program.eq(program),
                program_departments::position.eq(position),
                program_departments::department.eq(&department.department),
                program_departments::role.eq(department.role),
                program_departments::printed_text.eq(&department.printed_text),
            )
        })
        .collect();
    diesel::insert_into(program_departments::table).values(&rows).execute(&mut conn).await?;
    let rows: Vec<_> = (1i16..)
        .zip(&body.indicators)
        .map(|(position, asked)| {
            (
                program_indicators::plan.eq(plan),
                program_indicators::program.eq(program),
                program_indicators::position.eq(position),
                program_indicators::indicator_owner.eq(&asked.owner),
                program_indicators::indicator.eq(&asked.indicator),
                program_indicators::label.eq(&asked.label),
                program_indicators::target_required.eq(asked.target_required),
                program_indicators::result_required.eq(asked.result_required),
            )
        })
        .collect();
    diesel::insert_into(program_indicators::table).values(&rows).execute(&mut conn).await?;
    let rows: Vec<_> = (1i16..)
        .zip(&body.successors)
        .map(|(position, successor)| {
            (
                program_successors::plan.eq(plan),
                program_successors::program.eq(program),
                program_successors::position.eq(position),
                program_successors::successor_plan.eq(&successor.plan),
                program_successors::successor_program.eq(&successor.program),
                program_successors::kind.eq(successor.kind),
            )
        })
        .collect();
    diesel::insert_into(program_successors::table).values(&rows).execute(&mut conn).await?;
    Ok(())
}

/// All of a plan's, with their versions, in its order.
pub async fn of_plan(mut conn: &Conn, plan: &PlanCode) -> Result<Vec<(LocalCode, PutProgram, i64)>, Error> {
    let found: Vec<Whole> = programs::table
        .filter(programs::plan.eq(plan.as_str()))
        .order((programs::position, programs::code))
        .select((Row::as_select(), departments(), indicators(), successors()))
        .load(&mut conn)
        .await?;
    let keyed = |whole: Whole| {
        let (code, version) = (LocalCode::parse(&whole.0.code), whole.0.version);
        code.map(|code| (code, body(whole), version)).ok_or_else(|| Error::internal("a program's code"))
    };
    found.into_iter().map(keyed).collect()
}

/// One page and one more, by plan, position and code.
pub async fn page(
    mut conn: &Conn,
    parties: &[String],
    filter: &ProgramFilter,
    after: Option<(String, i32, String)>,
    limit: i64,
) -> Result<Vec<Program>, Error> {
    let key = (programs::plan, programs::position, programs::code);
    let mut query = programs::table
        .filter(programs::plan.eq_any(plans::queries::seen(parties)))
        .order(key)
        .limit(limit + 1)
        .select((Row::as_select(), departments(), indicators(), successors()))
        .into_boxed();
    if let Some(plan) = &filter.plan {
        query = query.filter(programs::plan.eq(plan));
        if let Some(department) = &filter.department {
            let theirs = program_departments::table
                .filter(program_departments::municipality.eq(plan.get(..6)))
                .filter(program_departments::department.eq(department))
                .filter(program_departments::plan.eq(plan))
                .select(program_departments::program);
            query = query.filter(programs::code.eq_any(theirs));
        }
    }
    // A plan's code begins with its owner's, and a municipality's with the two digits of its prefecture.
    if let Some(two) = filter.prefecture.as_ref().and_then(|code| code.get(..2)) {
        query = query.filter(programs::plan.between(format!("{two}0000-"), format!("{two}9999~")));
    }
    if let Some(owner) = &filter.municipality {
        query = query.filter(programs::plan.between(format!("{owner}-"), format!("{owner}-~")));
    }
    if let Some((owner, code)) = filter.indicator.as_ref().and_then(|given| given.split_once('/')) {
        let asked = program_indicators::table
            .filter(program_indicators::indicator_owner.eq(owner))
            .filter(program_indicators::indicator.eq(code))
            .filter(program_indicators::plan.eq(programs::plan))
            .filter(program_indicators::program.eq(programs::code));
        query = query.filter(diesel::dsl::exists(asked));
    }
    if let Some(node) = &filter.node {
        query = query.filter(programs::node.eq(node));
    }
    if let Some(statutory) = &filter.statutory_program {
        query = query.filter(programs::statutory_program.eq(statutory));
    }
    if let Some(area) = &filter.area {
        query = query.filter(programs::area.eq(area));
    }
    if let Some(priority) = filter.priority {
        query = query.filter(programs::priority.eq(priority));
    }
    if let Some(year) = filter.fiscal_year {
        // `2021` may lie in fiscal 2020, and sorts before its last day; `2021-04` does not.
        let last_day = format!("{}-03-31", year + 1);
        query = query
            .filter(programs::started_on.is_null().or(programs::started_on.le(last_day)))
            .filter(programs::started_in.is_null().or(programs::started_in.le(year)))
            .filter(programs::ended_after.is_null().or(programs::ended_after.ge(year)));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let found: Vec<Whole> = query.load(&mut conn).await?;
    Ok(found.into_iter().map(|whole| Program::new(whole.0.plan.clone(), whole.0.code.clone(), body(whole))).collect())
}
