//! The SQL of a plan's reporters.

use crate::db::Conn;
use crate::db::schema::{plan_reporters, plans};
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::{self, Error};
use crate::municipalities;
use crate::municipalities::types::MunicipalityKind;
use crate::plans::types::{PlanReporter, PlanReporterKey, PutPlanReporter};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = plan_reporters, treat_none_as_null = true)]
struct Row {
    plan: String,
    municipality: String,
    member_group: Option<String>,
    fiscal_year_from: Option<i16>,
    fiscal_year_to: Option<i16>,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

impl Row {
    fn new(plan: &PlanCode, municipality: Code, body: &PutPlanReporter) -> Self {
        Self {
            plan: plan.to_string(),
            municipality: municipality.to_string(),
            member_group: body.member_group.clone(),
            fiscal_year_from: body.fiscal_year_from,
            fiscal_year_to: body.fiscal_year_to,
            version: 1,
        }
    }

    fn into_body(self) -> PutPlanReporter {
        PutPlanReporter {
            member_group: self.member_group,
            fiscal_year_from: self.fiscal_year_from,
            fiscal_year_to: self.fiscal_year_to,
        }
    }
}

pub async fn insert(
    mut conn: &Conn,
    plan: &PlanCode,
    municipality: Code,
    body: &PutPlanReporter,
    version: i64,
) -> Result<bool, Error> {
    let inserted = diesel::insert_into(plan_reporters::table)
        .values((Row::new(plan, municipality, body), plan_reporters::version.eq(version)))
        .on_conflict((plan_reporters::plan, plan_reporters::municipality))
        .do_nothing()
        .execute(&mut conn)
        .await?;
    Ok(inserted == 1)
}

impl Definition for PlanReporter {
    type Key = PlanReporterKey;
    type Body = PutPlanReporter;
    const RESOURCE: &'static str = "plan_reporter";

    fn missing(key: &PlanReporterKey) -> Error {
        let (plan, municipality) = (&key.plan, key.municipality);
        Error::not_found(
            format_args!("計画 {plan} の報告団体 {municipality}"),
            format_args!("reporter {municipality} of plan {plan}"),
        )
    }

    fn owner(key: &PlanReporterKey) -> Option<Code> {
        Some(key.plan.owner())
    }

    fn plan(key: &PlanReporterKey) -> Option<&PlanCode> {
        Some(&key.plan)
    }

    /// With its plan: membership decides who sees a draft, so row-level security hides none of its rows from callers.
    async fn find(mut conn: &Conn, key: &PlanReporterKey) -> Result<Option<(PutPlanReporter, i64)>, Error> {
        let row = plan_reporters::table
            .find((key.plan.as_str(), key.municipality.as_str()))
            .filter(exists(plans::table.find(key.plan.as_str())));
        let row: Option<Row> = row.select(Row::as_select()).first(&mut conn).await.optional()?;
        Ok(row.map(|row| (row.version, row)).map(|(version, row)| (row.into_body(), version)))
    }

    async fn check(
        conn: &Conn,
        key: &PlanReporterKey,
        _: Option<&PutPlanReporter>,
        _: &PutPlanReporter,
    ) -> Result<(), Error> {
        let named = municipalities::queries::name_and_kind(conn, key.municipality).await?;
        let Some((name, MunicipalityKind::Ward)) = named else { return Ok(()) };
        let code = key.municipality;
        Err(Error::at(
            "/municipality",
            error::Code::ReporterIsWard,
            format!("{name}（{code}）は行政区です。報告は市で行い、区は事業の area に入れてください"),
            format!("{name} ({code}) is a ward. Its city reports; the ward goes into a program's `area`"),
        ))
    }

    async fn insert(conn: &Conn, key: &PlanReporterKey, body: &PutPlanReporter, version: i64) -> Result<bool, Error> {
        insert(conn, &key.plan, key.municipality, body, version).await
    }

    async fn update(
        mut conn: &Conn,
        key: &PlanReporterKey,
        body: &PutPlanReporter,
        version: i64,
    ) -> Result<bool, Error> {
        let row = plan_reporters::table
            .find((key.plan.as_str(), key.municipality.as_str()))
            .filter(plan_reporters::version.eq(version));
        let updated = diesel::update(row)
            .set((Row::new(&key.plan, key.municipality, body), plan_reporters::version.eq(version + 1)))
            .execute(&mut conn)
            .await?;
        Ok(updated == 1)
    }

    async fn delete(mut conn: &Conn, key: &PlanReporterKey, version: i64) -> Result<bool, Error> {
        let row = plan_reporters::table
            .find((key.plan.as_str(), key.municipality.as_str()))
            .filter(plan_reporters::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }
}

/// All of a plan's, by code.
pub async fn of_plan(mut conn: &Conn, plan: &PlanCode) -> Result<Vec<(String, PutPlanReporter)>, Error> {
    let theirs = plan_reporters::table.filter(plan_reporters::plan.eq(plan.as_str()));
    let rows: Vec<Row> = theirs.order(plan_reporters::municipality).select(Row::as_select()).load(&mut conn).await?;
    Ok(rows.into_iter().map(|row| (row.municipality.clone(), row.into_body())).collect())
}

/// One page and one more of a plan's reporters, by code.
pub async fn page(
    mut conn: &Conn,
    plan: &PlanCode,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<PlanReporter>, Error> {
    let mut query = plan_reporters::table
        .filter(plan_reporters::plan.eq(plan.as_str()))
        .order(plan_reporters::municipality)
        .limit(limit + 1)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(plan_reporters::municipality.gt(after));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| PlanReporter::new(row.plan.clone(), row.municipality.clone(), row.into_body()))
        .collect())
}
