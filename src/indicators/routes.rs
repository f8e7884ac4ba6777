use super::queries;
use super::types::{Indicator, IndicatorFilter, IndicatorKey, IndicatorList, PutIndicator, Unit, UnitFilter, UnitList};
use crate::auth::{OwnerEditor, Reader};
use crate::db::Conn;
use crate::definitions;
use crate::domain::unit::UNITS;
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

/// 指標の一覧 / list indicators
#[utoipa::path(tag = "Indicators 指標", params(IndicatorFilter, PagingParams),
    responses((status = 200, description = "所有団体・コード順の1ページ", body = IndicatorList, headers(("ETag" = String)))))]
#[get("/indicators")]
pub async fn list_indicators(
    state: Data<State>,
    known: Known,
    listing: Listing<IndicatorFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &filter, paging.after()?, paging.limit).await?;
        let key = |indicator: &Indicator| (indicator.owner.clone(), indicator.code.clone());
        let resultset = paging.close(&mut results, None, key)?;
        Ok(IndicatorList { resultset, results })
    };
    definitions::list(&state, &Reader(None), &known, Turns::Definitions, page).await
}

/// 指標 / get an indicator
#[utoipa::path(tag = "Indicators 指標", params(IndicatorKey),
    responses((status = 200, description = "指標", body = Indicator, headers(("ETag" = String)))))]
#[get("/indicators/{owner}/{indicator}")]
pub async fn get_indicator(
    state: Data<State>,
    key: IndicatorKey,
    _params: Params<NoParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let (body, version) = definitions::get::<Indicator>(&state, &Reader(None), &key).await?;
    Ok(known.answer(&etag(version), false, &indicator(&key, body)))
}

fn indicator(key: &IndicatorKey, body: PutIndicator) -> Indicator {
    Indicator::new(key.owner.to_string(), key.indicator.to_string(), body)
}

/// 指標の登録・更新 / put an indicator
///
/// 000000 の共通指標は管理者が登録する。
#[utoipa::path(tag = "Indicators 指標", params(IndicatorKey, WriteParams, PreconditionHeaders), request_body = PutIndicator,
    security(("bearer" = ["municipal_approver", "prefecture_editor", "administrator"])),
    extensions(("x-codes" = json!(["indicator.unknown", "municipality.unknown"]))),
    responses((status = 200, description = "更新、または変更なし", body = Indicator), (status = 201, description = "作成", body = Indicator)))]
#[put("/indicators/{owner}/{indicator}")]
pub async fn put_indicator(
    editor: OwnerEditor,
    state: Data<State>,
    key: IndicatorKey,
    write: Write,
    body: Valid<PutIndicator>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<Indicator>(&state, &editor.0, &write, &key, &body.0).await?;
    Ok(answer::written(done.outcome, done.version, &indicator(&key, body.0)))
}

/// 指標の削除 / delete an indicator
///
/// 事業・記録・ほかの指標に使われている指標は削除できない。
#[utoipa::path(tag = "Indicators 指標", params(IndicatorKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_approver", "prefecture_editor", "administrator"])),
    extensions(("x-codes" = json!(["resource.in_use"]))),
    responses((status = 204, description = "削除")))]
#[delete("/indicators/{owner}/{indicator}")]
pub async fn delete_indicator(
    editor: OwnerEditor,
    state: Data<State>,
    key: IndicatorKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<Indicator>(&state, &editor.0, &write, &key).await?;
    Ok(answer::deleted())
}

/// 単位の一覧 / list units
///
/// 同じ意味の書き方（名 と 人、箇所 と か所 など）。比較と集計では同じ単位として扱い、データは印刷のまま返す。ほかの単位も使える。
#[utoipa::path(tag = "Indicators 指標", params(PagingParams),
    responses((status = 200, description = "単位の1ページ", body = UnitList)))]
#[get("/units")]
pub async fn list_units(listing: Listing<UnitFilter>) -> Result<HttpResponse, Error> {
    let paging = listing.paging;
    let after: Option<String> = paging.after()?;
    let passed = after.and_then(|after| UNITS.iter().position(|unit| unit.name == after)).map_or(0, |at| at + 1);
    let wanted = usize::try_from(paging.limit).map_err(Error::internal)? + 1;
    let mut results: Vec<Unit> = UNITS
        .iter()
        .skip(passed)
        .take(wanted)
        .map(|unit| Unit {
            name: unit.name.to_owned(),
            spellings: unit.spellings.iter().map(|spelling| (*spelling).to_owned()).collect(),
        })
        .collect();
    let resultset = paging.close(&mut results, None, |unit| unit.name.clone())?;
    Ok(answer::list(false, &UnitList { resultset, results }))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_indicators).service(get_indicator).service(put_indicator).service(delete_indicator);
    config.service(list_units);
}
