use super::pull::Targets;
use super::types::{AmendmentKey, PutTarget, Target, TargetKey, TargetList};
use crate::auth::{PartyReader, Reader, Reporter};
use crate::error::Error;
use crate::records::filter::TargetFilter;
use crate::records::pull;
use crate::records::put::{self, Put};
use crate::records::shown::{self, RecordParams, Shown};
use crate::records::types::{Part, RecordKey};
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, Params};
use crate::web::stream::PullMedia;
use crate::web::table::TableFile;
use crate::web::write::{PreconditionHeaders, Write, WriteParams};
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 目標の一覧 / list targets
///
/// 公表された目標（変更目標を含む）。ページ送りの間、最初のページと同じ公表番号の内容を返す。NDJSONとCSVは件数の制限なく、すべてを返す（limit を付ければそこまで）。
/// CSVは1目標1行で、文章の項目ごとに列がある。数値は /values。
///
/// NDJSON and CSV answer all there is, without a limit. In CSV a target is a line, and each of its texts a column.
#[utoipa::path(tag = "Targets 目標", params(TargetFilter, PagingParams),
    responses((status = 200, description = "都道府県・年度・団体・計画・事業・期間の順の1ページ", content(
        (TargetList = "application/json"), (TableFile = "application/x-ndjson"), (TableFile = "text/csv")),
        headers(("ETag" = String), ("Hagukumi-Publication" = i64)))))]
#[get("/targets")]
pub async fn list_targets(
    state: Data<State>,
    reader: Reader,
    media: PullMedia,
    known: Known,
    listing: Listing<TargetFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    if reader.0.is_some() {
        shown::check_working(media, &filter.scope)?;
        let shown = Target::shown;
        return shown::list::<_, TargetList>(&state, &reader, Part::Targets, &filter.scope, &paging, shown).await;
    }
    pull::list::<Targets>(state, media, &known, filter.scope, paging).await
}

/// 目標 / get a target
#[utoipa::path(tag = "Targets 目標", params(TargetKey, RecordParams),
    responses((status = 200, description = "当初の目標", body = Target, headers(("ETag" = String)))))]
#[get("/targets/{plan}/{program}/{municipality}/{period}")]
pub async fn get_target(
    state: Data<State>,
    reader: PartyReader,
    key: TargetKey,
    params: Params<RecordParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    shown::get(&state, &reader.0, &key.into(), &params.0, &known, Target::shown).await
}

/// 目標の登録・更新 / put a target
///
/// 報告団体が自分の目標を書く。報告が作成中か差戻しの間だけ変えられる。
#[utoipa::path(tag = "Targets 目標", params(TargetKey, WriteParams, PreconditionHeaders), request_body = PutTarget,
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.not_a_reporter", "program.unknown", "indicator.unknown", "round.unknown", "report.locked", "record.unknown_text_field", "record.empty", "record.no_last_year", "record.text_changed", "record.period", "value.content", "number.digits", "period.unknown", "municipality.code_length", "municipality.check_digit", "municipality.unknown"]))),
    responses((status = 200, description = "更新、または変更なし", body = Target), (status = 201, description = "作成", body = Target)))]
#[put("/targets/{plan}/{program}/{municipality}/{period}")]
pub async fn put_target(
    reporter: Reporter,
    state: Data<State>,
    key: TargetKey,
    write: Write,
    body: Valid<PutTarget>,
) -> Result<HttpResponse, Error> {
    write_target(&state, reporter, write, key.into(), body.0).await
}

/// 目標の削除 / delete a target
///
/// 公表済みの目標は、報告の次の版が公表されたときに消える。
#[utoipa::path(tag = "Targets 目標", params(TargetKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["report.locked", "amendment.gap"]))),
    responses((status = 204, description = "削除")))]
#[delete("/targets/{plan}/{program}/{municipality}/{period}")]
pub async fn delete_target(
    reporter: Reporter,
    state: Data<State>,
    key: TargetKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    put::delete(&state, &reporter.0, &write, &key.into()).await?;
    Ok(answer::deleted())
}

/// 変更目標 / get a changed goal
#[utoipa::path(tag = "Targets 目標", params(AmendmentKey, RecordParams),
    responses((status = 200, description = "変更目標", body = Target, headers(("ETag" = String)))))]
#[get("/targets/{plan}/{program}/{municipality}/{period}/amendments/{amendment}")]
pub async fn get_amendment(
    state: Data<State>,
    reader: PartyReader,
    key: AmendmentKey,
    params: Params<RecordParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    shown::get(&state, &reader.0, &key.into(), &params.0, &known, Target::shown).await
}

/// 変更目標の登録・更新 / put a changed goal
///
/// 当初の目標は残り、変更目標が並ぶ。番号は1から続ける。
#[utoipa::path(tag = "Targets 目標", params(AmendmentKey, WriteParams, PreconditionHeaders), request_body = PutTarget,
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.not_a_reporter", "program.unknown", "indicator.unknown", "round.unknown", "report.locked", "record.unknown_text_field", "record.empty", "record.no_last_year", "record.text_changed", "record.period", "value.content", "number.digits", "period.unknown", "municipality.code_length", "municipality.check_digit", "municipality.unknown", "amendment.reason_required", "amendment.gap"]))),
    responses((status = 200, description = "更新、または変更なし", body = Target), (status = 201, description = "作成", body = Target)))]
#[put("/targets/{plan}/{program}/{municipality}/{period}/amendments/{amendment}")]
pub async fn put_amendment(
    reporter: Reporter,
    state: Data<State>,
    key: AmendmentKey,
    write: Write,
    body: Valid<PutTarget>,
) -> Result<HttpResponse, Error> {
    write_target(&state, reporter, write, key.into(), body.0).await
}

/// 変更目標の削除 / delete a changed goal
#[utoipa::path(tag = "Targets 目標", params(AmendmentKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["report.locked", "amendment.gap"]))),
    responses((status = 204, description = "削除")))]
#[delete("/targets/{plan}/{program}/{municipality}/{period}/amendments/{amendment}")]
pub async fn delete_amendment(
    reporter: Reporter,
    state: Data<State>,
    key: AmendmentKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    put::delete(&state, &reporter.0, &write, &key.into()).await?;
    Ok(answer::deleted())
}

async fn write_target(
    state: &State,
    reporter: Reporter,
    write: Write,
    key: RecordKey,
    body: PutTarget,
) -> Result<HttpResponse, Error> {
    body.check_amendment(key.amendment)?;
    let Put { outcome, version, record, .. } = put::put(state, &reporter.0, &write, &key, &body.into_body()).await?;
    Ok(answer::written(outcome, version, &Target::shown(Shown::Working(record))))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_targets).service(get_target).service(put_target).service(delete_target);
    config.service(get_amendment).service(put_amendment).service(delete_amendment);
}
