use super::queries;
use super::types::{
    EvaluationScheme, EvaluationSchemeFilter, EvaluationSchemeKey, EvaluationSchemeList, PutEvaluationScheme,
};
use crate::auth::{OwnerEditor, Reader};
use crate::db::Conn;
use crate::definitions;
use crate::error::Error;
use crate::publications::moment::Turns;
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, NoParams, Params};
use crate::web::write::{PreconditionHeaders, Write, WriteParams, etag};
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 評価基準の一覧 / list evaluation schemes
#[utoipa::path(tag = "Evaluation schemes 評価基準", params(EvaluationSchemeFilter, PagingParams),
    responses((status = 200, description = "所有団体・コード・年度順の1ページ", body = EvaluationSchemeList, headers(("ETag" = String)))))]
#[get("/evaluation_schemes")]
pub async fn list_evaluation_schemes(
    state: Data<State>,
    known: Known,
    listing: Listing<EvaluationSchemeFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &filter, paging.after()?, paging.limit).await?;
        let resultset = paging
            .close(&mut results, None, |scheme| (scheme.owner.clone(), scheme.code.clone(), scheme.fiscal_year))?;
        Ok(EvaluationSchemeList { resultset, results })
    };
    definitions::list(&state, &Reader(None), &known, Turns::Definitions, page).await
}

/// 評価基準 / get an evaluation scheme
#[utoipa::path(tag = "Evaluation schemes 評価基準", params(EvaluationSchemeKey),
    responses((status = 200, description = "評価基準", body = EvaluationScheme, headers(("ETag" = String)))))]
#[get("/evaluation_schemes/{owner}/{scheme}/{fiscal_year}")]
pub async fn get_evaluation_scheme(
    state: Data<State>,
    key: EvaluationSchemeKey,
    _params: Params<NoParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let (body, version) = definitions::get::<EvaluationScheme>(&state, &Reader(None), &key).await?;
    Ok(known.answer(&etag(version), false, &scheme(&key, body)))
}

fn scheme(key: &EvaluationSchemeKey, body: PutEvaluationScheme) -> EvaluationScheme {
    EvaluationScheme::new(key.owner.to_string(), key.scheme.to_string(), key.fiscal_year, body)
}

/// 評価基準の登録・更新 / put an evaluation scheme
///
/// 年度によって基準が変わるときは、新しい年度のものを別に登録する。記録に使われている区分は削除できない。
#[utoipa::path(tag = "Evaluation schemes 評価基準", params(EvaluationSchemeKey, WriteParams, PreconditionHeaders), request_body = PutEvaluationScheme,
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["number.digits", "resource.in_use", "municipality.unknown"]))),
    responses((status = 200, description = "更新、または変更なし", body = EvaluationScheme), (status = 201, description = "作成", body = EvaluationScheme)))]
#[put("/evaluation_schemes/{owner}/{scheme}/{fiscal_year}")]
pub async fn put_evaluation_scheme(
    editor: OwnerEditor,
    state: Data<State>,
    key: EvaluationSchemeKey,
    write: Write,
    body: Valid<PutEvaluationScheme>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<EvaluationScheme>(&state, &editor.0, &write, &key, &body.0).await?;
    Ok(answer::written(done.outcome, done.version, &scheme(&key, body.0)))
}

/// 評価基準の削除 / delete an evaluation scheme
///
/// 記録に使われている評価基準は削除できない。
#[utoipa::path(tag = "Evaluation schemes 評価基準", params(EvaluationSchemeKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["resource.in_use"]))),
    responses((status = 204, description = "削除")))]
#[delete("/evaluation_schemes/{owner}/{scheme}/{fiscal_year}")]
pub async fn delete_evaluation_scheme(
    editor: OwnerEditor,
    state: Data<State>,
    key: EvaluationSchemeKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<EvaluationScheme>(&state, &editor.0, &write, &key).await?;
    Ok(answer::deleted())
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config
        .service(list_evaluation_schemes)
        .service(get_evaluation_scheme)
        .service(put_evaluation_scheme)
        .service(delete_evaluation_scheme);
}
