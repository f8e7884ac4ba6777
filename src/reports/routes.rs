use super::queries::history;
use super::queries::{self, Sheet};
use super::transition;
use super::types::{CreateTransition, PutReport, Report, ReportFilter, ReportKey, ReportList};
use crate::auth::{PartyReader, Reader, ReportActor, Reporter};
use crate::db::Conn;
use crate::definitions;
use crate::domain::status::Status;
use crate::error::Error;
use crate::idempotency::{IdempotencyHeader, IdempotencyKey};
use crate::journal::{self, Operation};
use crate::plans::types::ViewParams;
use crate::state::State;
use crate::warnings::review;
use crate::web::answer::{self, Known, Outcome};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, NoParams, Params};
use crate::web::write::{Change, PreconditionHeaders, Write, WriteParams};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 報告の一覧 / list reports
///
/// 一度でも提出された報告とその状態。view=working では作成中のものも。
#[utoipa::path(tag = "Reports 報告", params(ReportFilter, PagingParams),
    responses((status = 200, description = "計画・団体・照会の順の1ページ", body = ReportList)))]
#[get("/reports")]
pub async fn list_reports(
    state: Data<State>,
    reader: Reader,
    listing: Listing<ReportFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let after = paging.after()?;
    let parties = reader.parties();
    let page = async |conn: &Conn| queries::page(conn, &filter, parties.as_deref(), after, paging.limit).await;
    let mut results = definitions::read(&state, &reader, page).await?;
    let position = |report: &Report| (report.plan.clone(), report.municipality.clone(), report.round.clone());
    let resultset = paging.close(&mut results, None, position)?;
    Ok(answer::list(reader.0.is_some(), &ReportList { resultset, results }))
}

/// 報告 / get a report
#[utoipa::path(tag = "Reports 報告", params(ReportKey, ViewParams),
    responses((status = 200, description = "報告", body = Report, headers(("ETag" = String)))))]
#[get("/reports/{plan}/{municipality}/{round}")]
pub async fn get_report(
    state: Data<State>,
    PartyReader(reader): PartyReader,
    key: ReportKey,
    _params: Params<ViewParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let working = reader.0.is_some();
    let found = definitions::read(&state, &reader, async |conn| {
        if working {
            history::find_with_history(conn, &key).await
        } else {
            queries::find(conn, &key, Sheet::Public).await
        }
    });
    let report = found.await?.ok_or_else(|| key.missing())?;
    Ok(known.answer(&report.etag, working, &report))
}

/// 報告の登録・更新 / put a report
///
/// 記録のほかに様式に書かれているもの（件数の表、備考）。記録を書くだけなら不要で、報告は最初の記録とともに作られる。
#[utoipa::path(tag = "Reports 報告", params(ReportKey, WriteParams, PreconditionHeaders), request_body = PutReport,
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.not_a_reporter", "round.unknown", "report.locked", "evaluation.unknown_level", "municipality.code_length", "municipality.check_digit"]))),
    responses((status = 200, description = "更新、または変更なし", body = Report), (status = 201, description = "作成", body = Report)))]
#[put("/reports/{plan}/{municipality}/{round}")]
pub async fn put_report(
    reporter: Reporter,
    state: Data<State>,
    key: ReportKey,
    write: Write,
    body: Valid<PutReport>,
) -> Result<HttpResponse, Error> {
    let body = body.0;
    let (outcome, version, report) = state
        .db
        .write(&reporter.0, write.dry_run, async |tx| {
            queries::check(tx, &key).await?;
            for _ in 0..ATTEMPTS {
                if let Some(written) = write_sheet(tx, &state, &reporter, &write, &key, &body).await? {
                    return Ok(written);
                }
            }
            Err(Error::contended())
        })
        .await?;
    Ok(answer::written(outcome, version, &report))
}

/// Another creator can be faster; then the write is judged again by what it left.
const ATTEMPTS: usize = 3;

/// None: another creator of the report was faster.
async fn write_sheet(
    tx: &Conn,
    state: &State,
    reporter: &Reporter,
    write: &Write,
    key: &ReportKey,
    body: &PutReport,
) -> Result<Option<(Outcome, i64, Report)>, Error> {
    let held = queries::lock(tx, key).await?;
    let sheet =
        |report: &Report| PutReport { declared_counts: report.declared_counts.clone(), note: report.note.clone() };
    let current = held.as_ref().map(|held| (sheet(&held.report), held.version));
    let change = write.decide(current.as_ref().map(|(body, version)| (body, *version)), body)?;
    let (outcome, operation, version) = match (change, &held) {
        (Change::Unchanged { version }, Some(_)) => {
            let report = queries::find(tx, key, Sheet::Working).await?.ok_or_else(|| key.missing())?;
            return Ok(Some((Outcome::Unchanged, version, report)));
        }
        (Change::Replace { version, overwrite }, Some(held)) => {
            if !Status::from(held.report.status).is_open() {
                return Err(queries::locked(tx, &key.plan, &held.report).await?);
            }
            let warnings = review::of_sheet(tx, key, &body.declared_counts, false).await?;
            queries::update(tx, key, body, warnings, version + 1).await?;
            (Outcome::Updated, if overwrite { Operation::Overwrite } else { Operation::Replace }, version + 1)
        }
        _ => {
            let warnings = review::of_sheet(tx, key, &body.declared_counts, false).await?;
            if !queries::create(tx, key, body, warnings).await? {
                return Ok(None);
            }
            (Outcome::Created, Operation::Create, 1)
        }
    };
    let json = |body: &PutReport| serde_json::to_value(body).map_err(Error::internal);
    let entry = journal::Entry {
        resource: "report",
        key: serde_json::to_value(key).map_err(Error::internal)?,
        body: Some(key.municipality),
        plan: Some(&key.plan),
        operation,
        version,
        before: current.as_ref().map(|(body, _)| json(body)).transpose()?,
        after: Some(json(body)?),
        person: None,
    };
    journal::record(tx, &reporter.0, state.clock.now(), entry).await?;
    let report = queries::find(tx, key, Sheet::Working).await?.ok_or_else(|| key.missing())?;
    Ok(Some((outcome, version, report)))
}

/// 報告の状態を変える / move a report to another state
///
/// 提出 submitted・取下げ draft は報告団体、差戻し returned・承認 approved・公表 published は計画の所有団体の審査者、
/// 訂正（published → draft）はどちらも。差戻しと訂正には理由が必要。提出した人は公表できない。
#[utoipa::path(tag = "Reports 報告", params(ReportKey, IdempotencyHeader), 
    request_body(content = CreateTransition, example = json!({
        "to": "draft", "person": "こども政策課 担当A", "comment": "件数の誤りを訂正するため"
    })),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor", "prefecture_reviewer"])),
    extensions(("x-codes" = json!(["report.transition", "plan.not_a_reporter", "report.reason_required", "report.same_person", "report.empty", "plan.not_adopted", "period.unknown"]))),
    responses((status = 200, description = "変わったあとの報告", body = Report, headers(("ETag" = String)))))]
#[post("/reports/{plan}/{municipality}/{round}/transitions")]
pub async fn create_transition(
    actor: ReportActor,
    state: Data<State>,
    key: ReportKey,
    _params: Params<NoParams>,
    idempotency_key: IdempotencyKey,
    body: Valid<CreateTransition>,
) -> Result<HttpResponse, Error> {
    let first = transition::create(&state, &actor, &key, &idempotency_key, &body.0).await?;
    let status = u16::try_from(first.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut answer = HttpResponse::build(status.unwrap_or(StatusCode::OK));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(tag) = first.etag {
        answer.insert_header((ETAG, tag));
    }
    Ok(answer.json(first.response))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_reports).service(get_report).service(put_report).service(create_transition);
}
