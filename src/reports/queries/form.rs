//! The SQL of a plan's form, as completeness reads it.

use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::programs;
use crate::domain::key::PlanCode;
use crate::error::Error;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use serde::Deserialize;

/// A program and what it is asked for.
#[derive(Queryable)]
pub struct FormProgram {
    pub code: String,
    pub number_label: Option<String>,
    pub name: Option<String>,
    pub started_on: Option<String>,
    pub started_in: Option<i16>,
    pub ended_after: Option<i16>,
    pub indicators: AsJson<Vec<FormIndicator>>,
}

#[derive(Debug, Deserialize)]
pub struct FormIndicator {
    pub owner: String,
    pub indicator: String,
    /// On the form, else the indicator's name
    pub label: String,
    pub target_required: bool,
    pub result_required: bool,
}

/// The programs of a plan in its order, each with its indicators.
pub async fn of_plan(mut conn: &Conn, plan: &PlanCode) -> Result<Vec<FormProgram>, Error> {
    let indicators = sql::<Jsonb>(
        "coalesce((select jsonb_agg(jsonb_build_object(
                'owner', f.indicator_owner, 'indicator', f.indicator, 'label', coalesce(f.label, i.name),
                'target_required', f.target_required, 'result_required', f.result_required) order by f.position)
            from program_indicators f join indicators i on i.owner = f.indicator_owner and i.code = f.indicator
            where f.plan = programs.plan and f.program = programs.code), '[]')",
    );
    Ok(programs::table
        .filter(programs::plan.eq(plan.as_str()))
        .order((programs::position, programs::code))
        .select((
            programs::code,
            programs::number_label,
            programs::name,
            programs::started_on,
            programs::started_in,
            programs::ended_after,
            indicators,
        ))
        .load(&mut conn)
        .await?)
}
