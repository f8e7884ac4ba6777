use super::completeness::{Form, ReportCompleteness};
use super::corrections::{self, CorrectionFilter, ReportCorrections};
use super::many::{self, CreateTransitions, TransitionOutcomes};
use super::queries::history;
use super::queries::{self, Sheet};
use super::receipt::ReportReceipt;
use super::transition;
use super::types::{CreateTransition, PutReport, Report, ReportFilter, ReportKey, ReportList};
use crate::auth::{Insider, PartyReader, Reader, ReportActor, ReportParty, Reporter};
use crate::db::Conn;
use crate::definitions;
use crate::domain::status::Status;
use crate::error::Error;
use crate::idempotency::queries::First;
use crate::idempotency::{IdempotencyHeader, IdempotencyKey};
use crate::journal::{self, Operation};
use crate::plans::types::ViewParams;
use crate::publications::moment::Turns;
use crate::records::queries as records;
use crate::rounds::queries::members;
use crate::state::State;
use crate::warnings::review;
use crate::web::answer::{self, Known, Outcome};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, NoParams, Params};
use crate::web::table::{Media, Table, TableFile, TableParams};
use crate::web::write::{Change, PreconditionHeaders, Write, WriteParams};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 報告の一覧 / list reports
///
/// 一度でも提出された報告とその状態。view=working では作成中のものも。
#[utoipa::path(tag = "Reports 報告", params(ReportFilter, PagingParams),
    responses((status = 200, description = "計画・団体・照会の順の1ページ", body = ReportList, headers(("ETag" = String)))))]
#[get("/reports")]
pub async fn list_reports(
    state: Data<State>,
    reader: Reader,
    known: Known,
    listing: Listing<ReportFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let after = paging.after()?;
    let parties = reader.parties();
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &filter, parties.as_deref(), after, paging.limit).await?;
        let position = |report: &Report| (report.plan.clone(), report.municipality.clone(), report.round.clone());
        let resultset = paging.close(&mut results, None, position)?;
        Ok(ReportList { resultset, results })
    };
    definitions::list(&state, &reader, &known, Turns::Publications, page).await
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
    extensions(("x-codes" = json!(["report.transition", "plan.not_a_reporter", "report.reason_required", "report.same_person", "report.empty", "plan.not_adopted", "period.unknown", "program.unknown", "record.period"]))),
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
    Ok(moved(transition::create(&state, &actor, &key, &idempotency_key, &body.0).await?))
}

fn moved(first: First) -> HttpResponse {
    let status = u16::try_from(first.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut answer = HttpResponse::build(status.unwrap_or(StatusCode::OK));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(tag) = first.etag {
        answer.insert_header((ETAG, tag));
    }
    answer.json(first.response)
}

/// 多くの報告の状態を一度に変える / move many reports
///
/// 一件ずつと同じ規則で、送った順に一つずつ変える。変えられない報告があっても、ほかの報告は変わる。結果は `outcomes` に送った順で返る。
/// だれが変えてよいかは、報告ごとに決まる（提出と承認を混ぜてもよい）。公表は一件ごとに一つの公表番号になる。
/// 途中で止まったとき（503、切断）は、同じ `Idempotency-Key` で同じ内容を送れば、済んだものはそのままに、残りから続ける。
/// 一件も変わらなければ何も残らない。
///
/// Each by the rule of the single step, in the order sent; one that is refused does not hold up the others. Who may is judged report
/// by report. Each publication has a number of its own. Ended half-way (503, a lost connection), the same sent again goes on where it was.
#[utoipa::path(tag = "Reports 報告", params(IdempotencyHeader),
    request_body(content = CreateTransitions, example = json!({ "transitions": [
        { "plan": "132292-mihon-2020", "municipality": "132292", "round": "2023-results", "to": "draft",
          "person": "子ども政策課 担当A", "comment": "件数の誤りを訂正するため" },
        { "plan": "132292-mihon-2020", "municipality": "132292", "round": "2021-results", "to": "approved", "person": "子ども政策課長" }
    ] })),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_reader", "prefecture_editor", "prefecture_reviewer"])),
    extensions(("x-codes" = json!(["municipality.code_length", "municipality.check_digit", "period.unknown"]))),
    responses((status = 200, description = "一件ごとの結果", body = TransitionOutcomes)))]
#[post("/transitions")]
pub async fn create_transitions(
    insider: Insider,
    state: Data<State>,
    _params: Params<NoParams>,
    idempotency_key: IdempotencyKey,
    body: Valid<CreateTransitions>,
) -> Result<HttpResponse, Error> {
    Ok(moved(many::create(&state, &insider.0, &idempotency_key, &body.0).await?))
}

/// 報告の記入状況 / get the completeness of a report
///
/// 今の様式と今の記録による。報告団体はいつでも、計画の所有団体は提出されてから見られる。
#[utoipa::path(tag = "Reports 報告", params(ReportKey),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_reader", "prefecture_editor", "prefecture_reviewer"])),
    responses((status = 200, description = "記入状況と、未記入の欄", body = ReportCompleteness)))]
#[get("/reports/{plan}/{municipality}/{round}/completeness")]
pub async fn get_report_completeness(
    party: ReportParty,
    state: Data<State>,
    key: ReportKey,
    _params: Params<NoParams>,
) -> Result<HttpResponse, Error> {
    let found = state.db.as_reader(&party.0, async |conn| {
        let report = queries::find(conn, &key, Sheet::Working).await?;
        let own = party.0.bodies().any(|body| body == key.municipality);
        let seen = |report: &Report| own || !Status::from(report.status).is_open();
        let report = report.filter(seen).ok_or_else(|| key.missing())?;
        let working = records::of_report(conn, &key.plan, key.municipality, key.round.as_str()).await?;
        let (completeness, unanswered_cells) = Form::of(conn, &key).await?.unanswered(&working)?;
        let member = members::member(conn, &key.plan, key.round.as_str(), key.municipality).await?;
        Ok(ReportCompleteness {
            plan: report.plan,
            municipality: report.municipality,
            round: report.round,
            status: report.status,
            due_at: member.due_at,
            late: report.late,
            completeness,
            unanswered_cells,
        })
    });
    Ok(answer::list(true, &found.await?))
}

/// 受付の控え / get the receipt of a report
///
/// 最後の提出の、受付時刻・件数・内容のハッシュ。CSVとXLSXは印刷して綴じられる形で返す。ハッシュの確かめ方は `check_ja` のとおり。
#[utoipa::path(tag = "Reports 報告", params(ReportKey, TableParams),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_reader", "prefecture_editor", "prefecture_reviewer"])),
    responses((status = 200, description = "受付の控え",
        content((ReportReceipt = "application/json"), (TableFile = "text/csv"), (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/reports/{plan}/{municipality}/{round}/receipt")]
pub async fn get_report_receipt(
    party: ReportParty,
    state: Data<State>,
    key: ReportKey,
    params: Params<TableParams>,
    media: Media,
) -> Result<HttpResponse, Error> {
    let found = state.db.as_reader(&party.0, async |conn| {
        let Some(submitted) = queries::receipt::submitted(conn, &key).await? else { return Ok(None) };
        let member = members::member(conn, &key.plan, key.round.as_str(), key.municipality).await?;
        Ok(Some(ReportReceipt::new(&key, submitted, member.due_at)))
    });
    let receipt = found.await?.ok_or_else(|| {
        let (ja, en) = ("提出された報告", "a submitted report");
        Error::not_found(
            format_args!("{ja} {}/{}/{}", key.plan, key.municipality, key.round),
            format_args!("{en} {}/{}/{}", key.plan, key.municipality, key.round),
        )
    })?;
    Table::or_json(media, params.0.bom, true, &receipt, ReportReceipt::table)
}

/// 正誤表 / get the corrections of a report
///
/// 第2版からの、版ごとの訂正：記録の項目ごとに、誤・正・理由・公表の時刻。訂正した人の名は公表されない。
#[utoipa::path(tag = "Reports 報告", params(ReportKey, CorrectionFilter),
    responses((status = 200, description = "新しい版からの正誤表", headers(("ETag" = String)),
        content((ReportCorrections = "application/json"), (TableFile = "text/csv"), (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/reports/{plan}/{municipality}/{round}/corrections")]
pub async fn get_report_corrections(
    state: Data<State>,
    key: ReportKey,
    filter: Params<CorrectionFilter>,
    media: Media,
    known: Known,
) -> Result<HttpResponse, Error> {
    let conn = state.db.published().await?;
    let report = queries::find(&conn, &key, Sheet::Public).await?.ok_or_else(|| key.missing())?;
    let (fields, plan_version) = queries::corrections::text_fields(&conn, &key).await?;
    let etag = media.etag(&records::published::etag(report.edition, plan_version));
    if let Some(unchanged) = known.unchanged(&etag, false) {
        return Ok(unchanged);
    }
    let editions = queries::corrections::editions(&conn, &key).await?;
    let first = editions.first().map_or(i64::MAX, |edition| edition.no);
    let versions = queries::corrections::versions(&conn, &key, first, corrections::MOST).await?;
    let seen = ReportCorrections::new(&key, &report, &editions, &versions, &fields, filter.0.edition);
    let mut answer = Table::or_json(media, filter.0.bom, false, &seen, ReportCorrections::table)?;
    answer.headers_mut().insert(ETAG, HeaderValue::from_str(&etag).map_err(Error::internal)?);
    Ok(answer)
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_reports).service(get_report).service(put_report).service(create_transition);
    config.service(create_transitions).service(get_report_completeness).service(get_report_receipt);
    config.service(get_report_corrections);
}
