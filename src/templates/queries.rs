use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{
    departments, evaluation_schemes, indicators, municipalities, nodes, plan_reporters, plans, records,
};
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::indicators::types::CountBasis;
use crate::plans::types::TextField;
use crate::records::flat::Judged;
use crate::records::types::Part;
use crate::records::value::{Evaluator, IndicatorRef};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::{BTreeMap, HashMap};

/// What stands over the tables of a template.
pub struct Head {
    pub plan: String,
    pub text_fields: Vec<TextField>,
    pub municipality: String,
    /// First and last fiscal year it reports on the plan; none: it is no reporter of it
    pub years: Option<(Option<i16>, Option<i16>)>,
}

/// None: the caller sees no such plan.
pub async fn head(mut conn: &Conn, plan: &PlanCode, municipality: Code) -> Result<Option<Head>, Error> {
    type Reporter = Option<(String, Option<i16>, Option<i16>)>;
    type Found = (String, AsJson<Vec<TextField>>, Reporter, Option<String>);
    let code = municipality.to_string();
    let reporter = plan_reporters::plan.eq(plans::code).and(plan_reporters::municipality.eq(code.clone()));
    let found: Option<Found> = plans::table
        .left_join(plan_reporters::table.on(reporter))
        .left_join(municipalities::table.on(municipalities::code.eq(code)))
        .filter(plans::code.eq(plan.as_str()))
        .select((
            plans::title,
            plans::text_fields,
            (plan_reporters::municipality, plan_reporters::fiscal_year_from, plan_reporters::fiscal_year_to).nullable(),
            municipalities::name.nullable(),
        ))
        .first(&mut conn)
        .await
        .optional()?;
    Ok(found.map(|(plan, text_fields, reporter, municipality)| Head {
        plan,
        text_fields: text_fields.0,
        municipality: municipality.unwrap_or_default(),
        years: reporter.map(|(_, from, to)| (from, to)),
    }))
}

/// Names of a body's departments, by code.
pub async fn departments(mut conn: &Conn, owner: Code) -> Result<HashMap<String, String>, Error> {
    let rows: Vec<(String, String)> = departments::table
        .filter(departments::municipality.eq(owner.as_str()))
        .select((departments::code, departments::name))
        .load(&mut conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Number and title of a plan's goals, policies and categories, by code.
pub async fn nodes(mut conn: &Conn, plan: &PlanCode) -> Result<HashMap<String, String>, Error> {
    let rows: Vec<(String, Option<String>, String)> = nodes::table
        .filter(nodes::plan.eq(plan.as_str()))
        .select((nodes::code, nodes::number_label, nodes::title))
        .load(&mut conn)
        .await?;
    let shown = |(code, number, title): (String, Option<String>, String)| match number {
        Some(number) => (code, format!("{number} {title}")),
        None => (code, title),
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// What the form asks for of an indicator.
pub struct Asked {
    pub name: String,
    pub unit: Option<String>,
    pub count_basis: CountBasis,
}

/// Of these indicators, by owner and code.
pub async fn indicators(mut conn: &Conn, asked: &[&IndicatorRef]) -> Result<HashMap<(String, String), Asked>, Error> {
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    type Row = (String, String, String, Option<String>, CountBasis);
    // Owners and codes apart name at most a few more than were asked for.
    let rows: Vec<Row> = indicators::table
        .filter(indicators::owner.eq_any(asked.iter().map(|indicator| &indicator.owner)))
        .filter(indicators::code.eq_any(asked.iter().map(|indicator| &indicator.indicator)))
        .select((indicators::owner, indicators::code, indicators::name, indicators::unit, indicators::count_basis))
        .load(&mut conn)
        .await?;
    let known = |(owner, code, name, unit, count_basis)| ((owner, code), Asked { name, unit, count_basis });
    Ok(rows.into_iter().map(known).collect())
}

/// A goal, to be read beside its result.
#[derive(Queryable)]
pub struct Goal {
    pub program: String,
    pub period: String,
    pub amendment: i16,
    pub texts: AsJson<BTreeMap<String, String>>,
}

/// Every goal the municipality has set itself in the plan.
pub async fn goals(mut conn: &Conn, plan: &PlanCode, municipality: Code) -> Result<Vec<Goal>, Error> {
    let goals = records::table
        .filter(records::plan.eq(plan.as_str()))
        .filter(records::municipality.eq(municipality.as_str()))
        .filter(records::part.eq(Part::Targets))
        .select((records::program, records::period, records::amendment, records::texts));
    Ok(goals.load(&mut conn).await?)
}

/// The schemes of these bodies that are in force in the year, of each its newest edition, as the reporter's judgement.
pub async fn schemes_in_force(mut conn: &Conn, owners: &[&str], year: i16) -> Result<Vec<Judged>, Error> {
    use evaluation_schemes as s;
    let rows: Vec<(String, String, i16)> = s::table
        .filter(s::owner.eq_any(owners))
        .filter(s::fiscal_year.le(year))
        .filter(s::fiscal_year_to.is_null().or(s::fiscal_year_to.ge(year)))
        .distinct_on((s::owner, s::code))
        .order((s::owner, s::code, s::fiscal_year.desc()))
        .select((s::owner, s::code, s::fiscal_year))
        .load(&mut conn)
        .await?;
    let judged = |(owner, scheme, fiscal_year)| Judged { owner, scheme, fiscal_year, evaluator: Evaluator::Own };
    Ok(rows.into_iter().map(judged).collect())
}
