//! The SQL of tables: plans as they were, and the records below them.

use super::content::PlanContent;
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{municipalities, plan_reporters, published_plans, published_records};
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::records::queries::published::{Published, Row};
use crate::records::types::Part;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;

#[diesel::declare_sql_function]
extern "SQL" {
    fn app_plan_content(plan: Text) -> Nullable<Jsonb>;
}

/// Keeps the plan as it is at publication `no`, where it has changed since the latest. Publishers stand in line behind the
/// number, so none keeps an older state than another.
pub async fn keep(mut conn: &Conn, plan: &PlanCode, no: i64) -> Result<(), Error> {
    const KEEP: &str = "insert into published_plans (plan, from_no, content)
        select $1, $2, content from app_plan_content($1) as content
        where content is distinct from
            (select p.content from published_plans p where p.plan = $1 order by p.from_no desc limit 1)";
    diesel::sql_query(KEEP).bind::<Text, _>(plan.as_str()).bind::<BigInt, _>(no).execute(&mut conn).await?;
    Ok(())
}

/// The plan as it was at publication `no`; none: nothing of it was public then.
pub async fn published_content(mut conn: &Conn, plan: &PlanCode, no: i64) -> Result<Option<PlanContent>, Error> {
    let found: Option<AsJson<PlanContent>> = published_plans::table
        .filter(published_plans::plan.eq(plan.as_str()))
        .filter(published_plans::from_no.le(no))
        .order(published_plans::from_no.desc())
        .select(published_plans::content)
        .first(&mut conn)
        .await
        .optional()?;
    Ok(found.map(|found| found.0))
}

/// The plan as it is now; none where the caller sees no such plan.
pub async fn working_content(mut conn: &Conn, plan: &PlanCode) -> Result<Option<PlanContent>, Error> {
    let found: Option<AsJson<PlanContent>> =
        diesel::select(app_plan_content(plan.as_str())).get_result(&mut conn).await?;
    Ok(found.map(|found| found.0))
}

/// What a table's ETag is made of: the moment, the last publication of its reporters up to now, the last change of a
/// definition.
pub struct Stamp {
    pub no: i64,
    pub last_no: i64,
    pub definitions_no: i64,
}

/// Of one reporter or of all of the plan. `at`: the moment; none: now.
pub async fn stamp(
    mut conn: &Conn,
    plan: &PlanCode,
    municipality: Option<&str>,
    at: Option<DateTime<Utc>>,
) -> Result<Stamp, Error> {
    const STAMP: &str = "select
        case when $3::timestamptz is null then h.no
            else coalesce((select p.no from publications p where p.at <= $3 order by p.at desc limit 1), 0) end as no,
        h.definitions_no,
        coalesce((select max(s.last_no) from publication_scopes s join municipalities m on m.code = s.municipality and m.prefecture = s.prefecture
            where s.municipality = $2 or ($2 is null and s.municipality in (select r.municipality from plan_reporters r where r.plan = $1))), 0) as last_no
        from publication_head h";
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        no: i64,
        #[diesel(sql_type = BigInt)]
        definitions_no: i64,
        #[diesel(sql_type = BigInt)]
        last_no: i64,
    }
    let found: Found = diesel::sql_query(STAMP)
        .bind::<Text, _>(plan.as_str())
        .bind::<Nullable<Text>, _>(municipality)
        .bind::<Nullable<Timestamptz>, _>(at)
        .get_result(&mut conn)
        .await?;
    Ok(Stamp { no: found.no, last_no: found.last_no, definitions_no: found.definitions_no })
}

/// Which records a table shows.
pub struct Wanted<'a> {
    pub plan: &'a PlanCode,
    /// None: of all reporters
    pub municipality: Option<&'a str>,
    pub round: &'a str,
    /// The targets of other rounds, too
    pub with_targets: bool,
    pub most: i64,
}

/// As they were public at number `no`, each with the publication that made it so; at most one more than wanted.
pub async fn published(mut conn: &Conn, wanted: &Wanted<'_>, no: i64) -> Result<Vec<(Published, i64)>, Error> {
    use published_records as rows;
    let mut query = rows::table
        // Both parts, so that the indexes by plan and by municipality serve it.
        .filter(rows::part.eq_any([Part::Targets, Part::Results]))
        .filter(rows::plan.eq(wanted.plan.as_str()))
        .filter(rows::from_no.le(no))
        .filter(rows::to_no.gt(no))
        .order((rows::municipality, rows::program, rows::part, rows::period, rows::amendment))
        .limit(wanted.most + 1)
        .select(Row::as_select())
        .into_boxed();
    query = match wanted.with_targets {
        true => query.filter(rows::round.eq(wanted.round).or(rows::part.eq(Part::Targets))),
        false => query.filter(rows::round.eq(wanted.round)),
    };
    if let Some(municipality) = wanted.municipality {
        query = query.filter(rows::municipality.eq(municipality));
    }
    let found: Vec<Row> = query.load(&mut conn).await?;
    found.into_iter().map(|row| (row.from_no, row)).map(|(no, row)| Ok((row.try_into()?, no))).collect()
}

/// A reporter of the plan.
#[derive(Queryable)]
pub struct Member {
    pub municipality: String,
    pub name: String,
    /// Fiscal years it reports for
    pub from: Option<i16>,
    pub to: Option<i16>,
}

/// By code.
pub async fn members(mut conn: &Conn, plan: &PlanCode) -> Result<Vec<Member>, Error> {
    Ok(plan_reporters::table
        .inner_join(municipalities::table.on(municipalities::code.eq(plan_reporters::municipality)))
        .filter(plan_reporters::plan.eq(plan.as_str()))
        .order(plan_reporters::municipality)
        .select((
            plan_reporters::municipality,
            municipalities::name,
            plan_reporters::fiscal_year_from,
            plan_reporters::fiscal_year_to,
        ))
        .load(&mut conn)
        .await?)
}

/// The name of the one reporter of a table.
pub async fn name(mut conn: &Conn, municipality: &str) -> Result<String, Error> {
    Ok(municipalities::table.find(municipality).select(municipalities::name).first(&mut conn).await?)
}
