use super::pull::Results;
use super::types::{AnnualResult, AnnualResultList, PutResult, ResultKey};
use crate::auth::{PartyReader, Reader, Reporter};
use crate::error::Error;
use crate::records::filter::ResultFilter;
use crate::records::pull;
use crate::records::put::{self, Put};
use crate::records::shown::{self, RecordParams, Shown};
use crate::records::types::Part;
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

/// 年度実績の一覧 / list annual results
///
/// 公表された実績。ページ送りの間、最初のページと同じ公表番号の内容を返す。NDJSONとCSVは件数の制限なく、すべてを返す（limit を付ければそこまで）。
/// CSVは1実績1行で、文章の項目ごとに列がある。数値は /values、評価は /exports/evaluations。
///
/// NDJSON and CSV answer all there is, without a limit. In CSV a result is a line, and each of its texts a column.
#[utoipa::path(tag = "Annual results 年度実績", params(ResultFilter, PagingParams),
    responses((status = 200, description = "都道府県・年度・団体・計画・事業・期間の順の1ページ", content(
        (AnnualResultList = "application/json"), (TableFile = "application/x-ndjson"), (TableFile = "text/csv")),
        headers(("ETag" = String), ("Hagukumi-Publication" = i64)))))]
#[get("/results")]
pub async fn list_results(
    state: Data<State>,
    reader: Reader,
    media: PullMedia,
    known: Known,
    listing: Listing<ResultFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    if reader.0.is_some() {
        shown::check_working(media, &filter.scope)?;
        let shown = AnnualResult::shown;
        return shown::list::<_, AnnualResultList>(&state, &reader, Part::Results, &filter.scope, &paging, shown).await;
    }
    pull::list::<Results>(state, media, &known, filter.scope, paging).await
}

/// 年度実績 / get an annual result
#[utoipa::path(tag = "Annual results 年度実績", params(ResultKey, RecordParams),
    responses((status = 200, description = "年度実績", body = AnnualResult, headers(("ETag" = String)))))]
#[get("/results/{plan}/{program}/{municipality}/{period}")]
pub async fn get_result(
    state: Data<State>,
    reader: PartyReader,
    key: ResultKey,
    params: Params<RecordParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    shown::get(&state, &reader.0, &key.into(), &params.0, &known, AnnualResult::shown).await
}

/// 年度実績の登録・更新 / put an annual result
///
/// 報告団体が自分の実績を書く。報告が作成中か差戻しの間だけ変えられる。
#[utoipa::path(tag = "Annual results 年度実績", params(ResultKey, WriteParams, PreconditionHeaders), request_body = PutResult,
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.not_a_reporter", "program.unknown", "indicator.unknown", "round.unknown", "report.locked", "record.unknown_text_field", "record.empty", "record.no_last_year", "record.text_changed", "record.period", "value.content", "number.digits", "period.unknown", "municipality.code_length", "municipality.check_digit", "municipality.unknown", "record.repost", "evaluation.unknown_scheme", "evaluation.unknown_level", "evaluation.reason_required"]))),
    responses((status = 200, description = "更新、または変更なし", body = AnnualResult), (status = 201, description = "作成", body = AnnualResult)))]
#[put("/results/{plan}/{program}/{municipality}/{period}")]
pub async fn put_result(
    reporter: Reporter,
    state: Data<State>,
    key: ResultKey,
    write: Write,
    body: Valid<PutResult>,
) -> Result<HttpResponse, Error> {
    let Put { outcome, version, record, .. } =
        put::put(&state, &reporter.0, &write, &key.into(), &body.0.into_body()).await?;
    Ok(answer::written(outcome, version, &AnnualResult::shown(Shown::Working(record))))
}

/// 年度実績の削除 / delete an annual result
///
/// 公表済みの実績は、報告の次の版が公表されたときに消える。
#[utoipa::path(tag = "Annual results 年度実績", params(ResultKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["report.locked"]))),
    responses((status = 204, description = "削除")))]
#[delete("/results/{plan}/{program}/{municipality}/{period}")]
pub async fn delete_result(
    reporter: Reporter,
    state: Data<State>,
    key: ResultKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    put::delete(&state, &reporter.0, &write, &key.into()).await?;
    Ok(answer::deleted())
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_results).service(get_result).service(put_result).service(delete_result);
}
