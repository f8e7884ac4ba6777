use super::queries;
use super::queries::acknowledgements::Acknowledgement;
use super::types::{PutWarning, Warning, WarningFilter, WarningKey, WarningList};
use crate::auth::{Caller, Insider, Reporter};
use crate::definitions;
use crate::error::Error;
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, NoParams, Params};
use crate::web::write::{PreconditionHeaders, Write, WriteParams, etag};
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 確認事項の一覧 / list warnings
///
/// 誤りかもしれないところ。提出を妨げない。報告団体には作成中から、計画の所有団体には提出されてから見える。公表されない。
#[utoipa::path(tag = "Reports 報告", params(WarningFilter, PagingParams), 
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_reader", "prefecture_editor", "prefecture_reviewer"])),
    responses((status = 200, description = "団体・計画・照会・事業・期間の順の1ページ", body = WarningList)))]
#[get("/warnings")]
pub async fn list_warnings(
    insider: Insider,
    state: Data<State>,
    listing: Listing<WarningFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let after = paging.after()?;
    let mut listed =
        state.db.as_reader(&insider.0, async |conn| queries::page(conn, &filter, after, paging.limit).await).await?;
    let resultset = paging.close(&mut listed, None, |listed| listed.position.clone())?;
    let results = listed.into_iter().map(|listed| listed.warning).collect();
    Ok(answer::list(true, &WarningList { resultset, results }))
}

/// 確認事項 / get a warning
///
/// ETag は確認のもの。まだ確認されていなければ `"v0"`。
#[utoipa::path(tag = "Reports 報告", params(WarningKey), 
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_reader", "prefecture_editor", "prefecture_reviewer"])),
    responses((status = 200, description = "確認事項", body = Warning, headers(("ETag" = String)))))]
#[get("/warnings/{plan}/{municipality}/{round}/{warning}")]
pub async fn get_warning(
    insider: Insider,
    state: Data<State>,
    key: WarningKey,
    _params: Params<NoParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let warning = find(&state, &insider.0, &key).await?;
    let tag = warning.etag.clone().unwrap_or_else(|| etag(0));
    Ok(known.answer(&tag, true, &warning))
}

/// 確認済みにする / acknowledge a warning
///
/// このままで正しいことを、理由を付けて示す。記録が変わるまで有効。報告が公表されるまで、報告団体が行える。
#[utoipa::path(tag = "Reports 報告", params(WarningKey, WriteParams, PreconditionHeaders), 
    request_body(content = PutWarning, example = json!({ "reason": "年度末の集計が確定するまでの見込みとして公表する。" })), 
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["report.locked"]))),
    responses((status = 200, description = "更新、または変更なし", body = Warning), (status = 201, description = "確認", body = Warning)))]
#[put("/warnings/{plan}/{municipality}/{round}/{warning}")]
pub async fn put_warning(
    reporter: Reporter,
    state: Data<State>,
    key: WarningKey,
    write: Write,
    body: Valid<PutWarning>,
) -> Result<HttpResponse, Error> {
    let caller = reporter.0;
    let warning = find(&state, &caller, &key).await?;
    let written = definitions::put::<Acknowledgement>(&state, &caller, &write, &key, &body.0).await?;
    let (reason, tag) = (Some(body.0.reason), Some(etag(written.version)));
    let warning = Warning { acknowledged: true, reason, etag: tag, ..warning };
    Ok(answer::written(written.outcome, written.version, &warning))
}

/// 確認の取消し / withdraw an acknowledgement
#[utoipa::path(tag = "Reports 報告", params(WarningKey, WriteParams, PreconditionHeaders), 
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["report.locked"]))),
    responses((status = 204, description = "取消し")))]
#[delete("/warnings/{plan}/{municipality}/{round}/{warning}")]
pub async fn delete_warning(
    reporter: Reporter,
    state: Data<State>,
    key: WarningKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<Acknowledgement>(&state, &reporter.0, &write, &key).await?;
    Ok(answer::deleted())
}

async fn find(state: &State, caller: &Caller, key: &WarningKey) -> Result<Warning, Error> {
    let found = state.db.as_reader(caller, async |conn| queries::find(conn, key).await).await?;
    found.ok_or_else(|| key.missing())
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_warnings).service(get_warning).service(put_warning).service(delete_warning);
}
