pub mod reporters;

use super::types::{
    ColumnLabel, Numbering, Plan, PlanFilter, PlanKey, PlanKind, PlanStatus, PutPlan, PutPlanReporter, TextField,
};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{plan_reporters, plans, programs};
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::{self, Error};
use crate::publications::{Entry, Op};
use crate::web::write::etag;
use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = plans, treat_none_as_null = true)]
struct Row {
    code: String,
    owner: String,
    title: String,
    kind: PlanKind,
    council: Option<String>,
    legal_basis: Option<String>,
    fiscal_year_from: i16,
    fiscal_year_to: Option<i16>,
    adopted_on: Option<String>,
    document_label: Option<String>,
    column_labels: AsJson<Vec<ColumnLabel>>,
    text_fields: AsJson<Vec<TextField>>,
    printed: AsJson<BTreeMap<String, String>>,
    status: PlanStatus,
    numbering: Numbering,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

impl Row {
    fn new(plan: &PlanCode, body: &PutPlan) -> Self {
        let body = body.clone();
        Self {
            code: plan.to_string(),
            owner: plan.owner().to_string(),
            title: body.title,
            kind: body.kind,
            council: body.council,
            legal_basis: body.legal_basis,
            fiscal_year_from: body.fiscal_year_from,
            fiscal_year_to: body.fiscal_year_to,
            adopted_on: body.adopted_on,
            document_label: body.document_label,
            column_labels: AsJson(body.column_labels),
            text_fields: AsJson(body.text_fields),
            printed: AsJson(body.printed),
            status: body.status,
            numbering: body.numbering,
            version: 1,
        }
    }

    fn into_body(self) -> PutPlan {
        PutPlan {
            title: self.title,
            kind: self.kind,
            council: self.council,
            legal_basis: self.legal_basis,
            fiscal_year_from: self.fiscal_year_from,
            fiscal_year_to: self.fiscal_year_to,
            adopted_on: self.adopted_on,
            document_label: self.document_label,
            column_labels: self.column_labels.0,
            text_fields: self.text_fields.0,
            printed: self.printed.0,
            status: self.status,
            numbering: self.numbering,
        }
    }
}

impl Definition for Plan {
    type Key = PlanKey;
    type Body = PutPlan;
    const RESOURCE: &'static str = "plan";

    fn missing(key: &PlanKey) -> Error {
        missing(&key.plan)
    }

    fn owner(key: &PlanKey) -> Option<Code> {
        Some(key.plan.owner())
    }

    fn plan(key: &PlanKey) -> Option<&PlanCode> {
        Some(&key.plan)
    }

    async fn find(mut conn: &Conn, key: &PlanKey) -> Result<Option<(PutPlan, i64)>, Error> {
        let row: Option<Row> =
            plans::table.find(key.plan.as_str()).select(Row::as_select()).first(&mut conn).await.optional()?;
        Ok(row.map(|row| (row.version, row)).map(|(version, row)| (row.into_body(), version)))
    }

    async fn check(conn: &Conn, key: &PlanKey, before: Option<&PutPlan>, body: &PutPlan) -> Result<(), Error> {
        let Some(before) = before else { return Ok(()) };
        if before.status != PlanStatus::Draft && body.status == PlanStatus::Draft {
            return Err(Error::at(
                "/status",
                error::Code::PlanStatus,
                "策定済みの計画を策定中（draft）には戻せません",
                "an adopted plan does not become a draft again",
            ));
        }
        if before.numbering == body.numbering {
            return Ok(());
        }
        lock(conn, &key.plan).await?;
        if has_programs(conn, &key.plan).await? {
            return Err(Error::at(
                "/numbering",
                error::Code::PlanNumberingInUse,
                "事業が登録されているため、番号の付け方は変えられません",
                "the plan has programs, so its numbering cannot change",
            ));
        }
        Ok(())
    }

    /// A municipality's own plan is reported on by the municipality.
    async fn insert(mut conn: &Conn, key: &PlanKey, body: &PutPlan, version: i64) -> Result<bool, Error> {
        let inserted = diesel::insert_into(plans::table)
            .values((Row::new(&key.plan, body), plans::version.eq(version)))
            .on_conflict(plans::code)
            .do_nothing()
            .execute(&mut conn)
            .await?;
        if inserted == 1 && !key.plan.owner().is_prefecture() {
            reporters::insert(conn, &key.plan, key.plan.owner(), &PutPlanReporter::default(), version).await?;
        }
        Ok(inserted == 1)
    }

    async fn update(mut conn: &Conn, key: &PlanKey, body: &PutPlan, version: i64) -> Result<bool, Error> {
        let row = plans::table.find(key.plan.as_str()).filter(plans::version.eq(version));
        let updated = diesel::update(row)
            .set((Row::new(&key.plan, body), plans::version.eq(version + 1)))
            .execute(&mut conn)
            .await?;
        Ok(updated == 1)
    }

    /// With the reporter it was created with. Whatever else belongs to it keeps it: deleted first, each for itself.
    async fn delete(mut conn: &Conn, key: &PlanKey, version: i64) -> Result<bool, Error> {
        let own = plan_reporters::table.find((key.plan.as_str(), key.plan.owner().to_string()));
        diesel::delete(own).execute(&mut conn).await?;
        let row = plans::table.find(key.plan.as_str()).filter(plans::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }

    fn was_public(body: &PutPlan) -> Option<bool> {
        Some(body.status != PlanStatus::Draft)
    }

    /// On adoption everything that belongs to the plan becomes public with it.
    async fn told_with(
        conn: &Conn,
        key: &PlanKey,
        before: Option<&PutPlan>,
        after: Option<&PutPlan>,
    ) -> Result<Vec<Entry>, Error> {
        let public = |body: Option<&PutPlan>| body.and_then(Self::was_public) == Some(true);
        match (public(before), public(after)) {
            (false, true) => parts(conn, &key.plan, Op::Upsert).await,
            (true, false) => parts(conn, &key.plan, Op::Delete).await,
            _ => Ok(Vec::new()),
        }
    }
}

/// Every definition that belongs to a plan, as the change feed tells it.
async fn parts(mut conn: &Conn, plan: &PlanCode, op: Op) -> Result<Vec<Entry>, Error> {
    // Default rounds and reports are public only where something was handed in, in this order.
    let named =
        "select 1 place, 'plan_reporter' resource, jsonb_build_object('municipality', municipality) key, version
            from plan_reporters where plan = $1
        union all select 2, 'node', jsonb_build_object('node', code), version from nodes where plan = $1
        union all select 3, 'program', jsonb_build_object('program', code), version from programs where plan = $1
        union all select 4, 'round', jsonb_build_object('round', code), version from rounds d where plan = $1
            and (not is_default or exists (select from reports r where r.plan = d.plan and r.round = d.code
                and (r.status <> 'draft' or r.edition > 0)))
        union all select 5, 'report', jsonb_build_object('municipality', municipality, 'round', round), public_version
            from reports where plan = $1 and (status <> 'draft' or edition > 0)
        order by 1, 3";
    let rows: Vec<PlanPart> = diesel::sql_query(named).bind::<Text, _>(plan.as_str()).load(&mut conn).await?;
    let entry = |row: PlanPart| Entry {
        op,
        resource: match row.resource.as_str() {
            "node" => "node",
            "program" => "program",
            "round" => "round",
            "report" => "report",
            _ => "plan_reporter",
        },
        // A report is of its reporter's prefecture, as when it moves.
        prefecture: Some(row.reporter().unwrap_or(plan.owner()).prefecture()),
        key: with_plan(plan, row.key),
        plan: Some(plan.clone()),
        etag: (op == Op::Upsert).then(|| etag(row.version)),
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// A part's key as the feed tells it: that of its plan comes first.
fn with_plan(plan: &PlanCode, key: serde_json::Value) -> serde_json::Value {
    let own = key.as_object().cloned().unwrap_or_default();
    let plan = ("plan".to_owned(), plan.as_str().into());
    std::iter::once(plan).chain(own).collect::<serde_json::Map<_, _>>().into()
}

#[derive(QueryableByName)]
struct PlanPart {
    #[diesel(sql_type = Text)]
    resource: String,
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    key: serde_json::Value,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    version: i64,
}

impl PlanPart {
    fn reporter(&self) -> Option<Code> {
        let named = self.key.get("municipality").filter(|_| self.resource == "report")?;
        Code::parse(named.as_str()?).ok()
    }
}

async fn has_programs(mut conn: &Conn, plan: &PlanCode) -> Result<bool, Error> {
    let found = diesel::select(exists(programs::table.filter(programs::plan.eq(plan.as_str()))));
    Ok(found.get_result(&mut conn).await?)
}

/// For whoever asks for a plan that is not there, or not the caller's to see.
pub fn missing(plan: &PlanCode) -> Error {
    Error::not_found(format_args!("計画 {plan}"), format_args!("plan {plan}"))
}

/// Codes of the plans that are public, and of the parties' drafts: those they own or report on.
pub fn seen(parties: &[String]) -> plans::BoxedQuery<'_, Pg, Text> {
    let reported = plan_reporters::table.filter(plan_reporters::municipality.eq_any(parties));
    let theirs = plans::owner.eq_any(parties).or(plans::code.eq_any(reported.select(plan_reporters::plan)));
    plans::table.filter(plans::status.ne(PlanStatus::Draft).or(theirs)).select(plans::code).into_boxed()
}

/// Is the plan one of those?
pub async fn is_seen(mut conn: &Conn, plan: &PlanCode, parties: &[String]) -> Result<bool, Error> {
    Ok(diesel::select(exists(seen(parties).filter(plans::code.eq(plan.as_str())))).get_result(&mut conn).await?)
}

/// One page and one more of those, by code.
pub async fn page(
    mut conn: &Conn,
    parties: &[String],
    filter: &PlanFilter,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<Plan>, Error> {
    let mut query = plans::table
        .filter(plans::code.eq_any(seen(parties)))
        .order(plans::code)
        .limit(limit + 1)
        .select(Row::as_select())
        .into_boxed();
    if let Some(owner) = &filter.owner {
        query = query.filter(plans::owner.eq(owner));
    }
    if let Some(reporter) = &filter.reporter {
        let reported =
            plan_reporters::table.filter(plan_reporters::municipality.eq(reporter)).select(plan_reporters::plan);
        query = query.filter(plans::code.eq_any(reported));
    }
    if let Some(year) = filter.fiscal_year {
        query = query
            .filter(plans::fiscal_year_from.le(year))
            .filter(plans::fiscal_year_to.is_null().or(plans::fiscal_year_to.ge(year)));
    }
    if let Some(after) = after {
        query = query.filter(plans::code.gt(after));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(rows.into_iter().map(|row| Plan::new(row.code.clone(), row.owner.clone(), row.into_body())).collect())
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn app_hold_public(of_plan: Text) -> Nullable<Bool>;
}

/// Adopted, so that everybody may see it? Nobody changes that before the transaction ends.
pub async fn hold_public(mut conn: &Conn, plan: &PlanCode) -> Result<bool, Error> {
    let public: Option<bool> = diesel::select(app_hold_public(plan.as_str())).get_result(&mut conn).await?;
    Ok(public.unwrap_or(false))
}

/// Where a program's number must be unique: nobody changes it until the transaction ends.
pub async fn hold_numbering(mut conn: &Conn, plan: &PlanCode) -> Result<Option<Numbering>, Error> {
    let row = plans::table.find(plan.as_str()).select(plans::numbering).for_share();
    Ok(row.first(&mut conn).await.optional()?)
}

/// Holds the plan until the transaction ends: changes of its tree stand in line. (A foreign key to it does not wait.)
pub async fn lock(mut conn: &Conn, plan: &PlanCode) -> Result<(), Error> {
    let row = plans::table.find(plan.as_str()).select(plans::code).for_no_key_update();
    row.first::<String>(&mut conn).await.optional()?;
    Ok(())
}
