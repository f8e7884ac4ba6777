use super::queries::{self, reporters};
use super::successor;
use super::successor::types::{CreatePlanSuccessor, LastPlanKey, PlanSuccession};
use super::types::{
    Plan, PlanFilter, PlanKey, PlanList, PlanReporter, PlanReporterKey, PlanReporterList, PutPlan, PutPlanReporter,
    ViewParams,
};
use crate::auth::{OwnerEditor, Reader};
use crate::db::Conn;
use crate::definitions;
use crate::error::Error;
use crate::idempotency::queries::First;
use crate::idempotency::{self, IdempotencyHeader, IdempotencyKey};
use crate::publications::moment::Turns;
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, Params};
use crate::web::write::{PreconditionHeaders, TrialParams, Write, WriteParams, etag};
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 計画の一覧 / list plans
#[utoipa::path(tag = "Plans 計画", params(PlanFilter, PagingParams),
    responses((status = 200, description = "計画コード順の1ページ", body = PlanList, headers(("ETag" = String)))))]
#[get("/plans")]
pub async fn list_plans(
    state: Data<State>,
    reader: Reader,
    known: Known,
    listing: Listing<PlanFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let after = paging.after()?;
    let parties = reader.parties().unwrap_or_default();
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &parties, &filter, after, paging.limit).await?;
        let resultset = paging.close(&mut results, None, |plan| plan.code.clone())?;
        Ok(PlanList { resultset, results })
    };
    definitions::list(&state, &reader, &known, Turns::Definitions, page).await
}

/// 計画 / get a plan
#[utoipa::path(tag = "Plans 計画", params(PlanKey, ViewParams),
    responses((status = 200, description = "計画", body = Plan, headers(("ETag" = String)))))]
#[get("/plans/{plan}")]
pub async fn get_plan(
    state: Data<State>,
    reader: Reader,
    key: PlanKey,
    _params: Params<ViewParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let (body, version) = definitions::get::<Plan>(&state, &reader, &key).await?;
    Ok(known.answer(&etag(version), reader.0.is_some(), &plan(&key, body)))
}

fn plan(key: &PlanKey, body: PutPlan) -> Plan {
    Plan::new(key.plan.to_string(), key.plan.owner().to_string(), body)
}

/// 計画の登録・更新 / put a plan
///
/// 計画コードは所有団体のコードで始まる。市区町村の計画は、その市区町村を報告団体として作られる。
#[utoipa::path(tag = "Plans 計画", params(PlanKey, WriteParams, PreconditionHeaders), request_body = PutPlan,
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.status", "plan.numbering_in_use", "resource.in_use", "municipality.unknown"]))),
    responses((status = 200, description = "更新、または変更なし", body = Plan), (status = 201, description = "作成", body = Plan)))]
#[put("/plans/{plan}")]
pub async fn put_plan(
    editor: OwnerEditor,
    state: Data<State>,
    key: PlanKey,
    write: Write,
    body: Valid<PutPlan>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<Plan>(&state, &editor.0, &write, &key, &body.0).await?;
    Ok(answer::written(done.outcome, done.version, &plan(&key, body.0)))
}

/// 計画の削除 / delete a plan
///
/// 報告のある計画は削除できない。
#[utoipa::path(tag = "Plans 計画", params(PlanKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["resource.in_use", "plan.status"]))),
    responses((status = 204, description = "削除")))]
#[delete("/plans/{plan}")]
pub async fn delete_plan(
    editor: OwnerEditor,
    state: Data<State>,
    key: PlanKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<Plan>(&state, &editor.0, &write, &key).await?;
    Ok(answer::deleted())
}

/// 後継の計画を作る / make the plan that comes after it
///
/// 前の計画（2020〜2024年度）を写して、策定中（draft）の後継（2025〜2029年度）を作る：目標・施策・分類、事業と様式、報告団体。
/// 続いている事業は同じコードで引き継ぎ、統合・分割・改称・改番は programs に、終わる事業は dropped に書く。
/// 担当課は改称後のものになる。前の計画の事業には後継（successors）が付く。評価基準は団体のものなので写さない。
/// すべて一度に行われ、公表番号は一つ。
#[utoipa::path(tag = "Plans 計画", params(LastPlanKey, TrialParams, IdempotencyHeader),
    request_body(content = CreatePlanSuccessor, example = json!({
        "code": "132292-mihon-2025", "title": "第3期 子ども・子育て支援事業計画", "fiscal_year_from": 2025, "fiscal_year_to": 2029,
        "programs": [{ "from": ["4"], "to": { "program": "4", "name": "一時預かり（余裕活用型を含む）" } }]
    })),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.code_taken", "program.unknown", "program.mapped_twice", "program.code_taken", "program.number_taken", "node.unknown"]))),
    responses((status = 201, description = "作った計画の全体。dry_run では作られるはずのもの", body = PlanSuccession, headers(("ETag" = String)))))]
#[post("/plans/{plan}/successors")]
pub async fn create_plan_successor(
    editor: OwnerEditor,
    state: Data<State>,
    key: PlanKey,
    params: Params<TrialParams>,
    idempotency_key: IdempotencyKey,
    body: Valid<CreatePlanSuccessor>,
) -> Result<HttpResponse, Error> {
    let (caller, dry_run) = (&editor.0, params.0.dry_run);
    let work = async |tx: &Conn| {
        let (made, version) = successor::create(&state, tx, caller, &key, dry_run, &body.0).await?;
        let response = serde_json::to_value(&made).map_err(Error::internal)?;
        Ok(First { status: 201, etag: Some(etag(version)), response })
    };
    idempotency::once(&state, caller, &idempotency_key, &body.0, dry_run, work).await
}

/// 報告団体の一覧 / list a plan's reporters
#[utoipa::path(tag = "Plans 計画", params(PlanKey, ViewParams, PagingParams),
    responses((status = 200, description = "団体コード順の1ページ", body = PlanReporterList, headers(("ETag" = String)))))]
#[get("/plans/{plan}/reporters")]
pub async fn list_plan_reporters(
    state: Data<State>,
    reader: Reader,
    key: PlanKey,
    known: Known,
    listing: Listing<ViewParams>,
) -> Result<HttpResponse, Error> {
    let paging = listing.paging;
    let after = paging.after()?;
    let parties = reader.parties().unwrap_or_default();
    let seen = async |conn: &Conn| queries::is_seen(conn, &key.plan, &parties).await;
    if !definitions::read(&state, &reader, seen).await? {
        return Err(queries::missing(&key.plan));
    }
    let page = async |conn: &Conn| {
        let mut results = reporters::page(conn, &key.plan, after, paging.limit).await?;
        let resultset = paging.close(&mut results, None, |reporter| reporter.municipality.clone())?;
        Ok(PlanReporterList { resultset, results })
    };
    definitions::list(&state, &reader, &known, Turns::Definitions, page).await
}

/// 報告団体 / get a reporter
#[utoipa::path(tag = "Plans 計画", params(PlanReporterKey, ViewParams),
    responses((status = 200, description = "報告団体", body = PlanReporter, headers(("ETag" = String)))))]
#[get("/plans/{plan}/reporters/{municipality}")]
pub async fn get_plan_reporter(
    state: Data<State>,
    reader: Reader,
    key: PlanReporterKey,
    _params: Params<ViewParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let (body, version) = definitions::get::<PlanReporter>(&state, &reader, &key).await?;
    Ok(known.answer(&etag(version), reader.0.is_some(), &reporter(&key, body)))
}

fn reporter(key: &PlanReporterKey, body: PutPlanReporter) -> PlanReporter {
    PlanReporter::new(key.plan.to_string(), key.municipality.to_string(), body)
}

/// 報告団体の登録・更新 / put a reporter
#[utoipa::path(tag = "Plans 計画", params(PlanReporterKey, WriteParams, PreconditionHeaders), request_body = PutPlanReporter,
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.unknown", "reporter.is_ward", "municipality.unknown"]))),
    responses((status = 200, description = "更新、または変更なし", body = PlanReporter), (status = 201, description = "作成", body = PlanReporter)))]
#[put("/plans/{plan}/reporters/{municipality}")]
pub async fn put_plan_reporter(
    editor: OwnerEditor,
    state: Data<State>,
    key: PlanReporterKey,
    write: Write,
    body: Valid<PutPlanReporter>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<PlanReporter>(&state, &editor.0, &write, &key, &body.0).await?;
    Ok(answer::written(done.outcome, done.version, &reporter(&key, body.0)))
}

/// 報告団体の削除 / delete a reporter
#[utoipa::path(tag = "Plans 計画", params(PlanReporterKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["resource.in_use"]))),
    responses((status = 204, description = "削除")))]
#[delete("/plans/{plan}/reporters/{municipality}")]
pub async fn delete_plan_reporter(
    editor: OwnerEditor,
    state: Data<State>,
    key: PlanReporterKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<PlanReporter>(&state, &editor.0, &write, &key).await?;
    Ok(answer::deleted())
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_plans).service(get_plan).service(put_plan).service(delete_plan).service(create_plan_successor);
    config
        .service(list_plan_reporters)
        .service(get_plan_reporter)
        .service(put_plan_reporter)
        .service(delete_plan_reporter);
}
