use super::types::{
    Municipality, MunicipalityFilter, MunicipalityKey, MunicipalityKind, MunicipalityList, PrefectureFilter,
    PrefectureKey, PutMunicipality,
};
use super::{queries, rules};
use crate::auth::Administrator;
use crate::auth::Reader;
use crate::db::Conn;
use crate::definitions::{self, Definition};
use crate::error::Error;
use crate::publications::moment::Turns;
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, NoParams, Params};
use crate::web::write::{PreconditionHeaders, Write, WriteParams};
use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 自治体の一覧 / list municipalities
///
/// 省略時は今日存在する1,741の市区町村。団体コード順。
#[utoipa::path(tag = "Municipalities 自治体", params(MunicipalityFilter, PagingParams),
    responses((status = 200, description = "団体コード順の1ページ", body = MunicipalityList, headers(("ETag" = String)))))]
#[get("/municipalities")]
pub async fn list_municipalities(
    state: Data<State>,
    known: Known,
    listing: Listing<MunicipalityFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let today = state.clock.today();
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &filter, today, paging.after()?, paging.limit).await?;
        let resultset = paging.close(&mut results, None, |municipality| municipality.code.clone())?;
        Ok(MunicipalityList { resultset, results })
    };
    definitions::list(&state, &Reader(None), &known, Turns::Days(today), page).await
}

/// 自治体 / get a municipality
#[utoipa::path(tag = "Municipalities 自治体", params(MunicipalityKey),
    responses((status = 200, description = "自治体", body = Municipality, headers(("ETag" = String)))))]
#[get("/municipalities/{municipality}")]
pub async fn get_municipality(
    state: Data<State>,
    key: MunicipalityKey,
    _params: Params<NoParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    find(&state, &key, known).await
}

/// 自治体の登録・更新 / put a municipality
///
/// 管理者だけが行う。廃止された団体は消さず、最後の日と後継を入れる。
#[utoipa::path(tag = "Municipalities 自治体", params(MunicipalityKey, WriteParams, PreconditionHeaders), 
    request_body(content = PutMunicipality, example = json!({
        "name": "西東京市", "kana": "ニシトウキョウシ", "kind": "city", "prefecture": "130001"
    })),
    security(("bearer" = ["administrator"])),
    extensions(("x-codes" = json!(["municipality.unknown", "municipality.code_length", "municipality.check_digit"]))),
    responses((status = 200, description = "更新、または変更なし", body = Municipality), (status = 201, description = "作成", body = Municipality)))]
#[put("/municipalities/{municipality}")]
pub async fn put_municipality(
    administrator: Administrator,
    state: Data<State>,
    key: MunicipalityKey,
    write: Write,
    body: Valid<PutMunicipality>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<Municipality>(&state, &administrator.0, &write, &key, &body.0).await?;
    let conn = state.db.published().await?;
    let predecessors = queries::find(&conn, &key).await?.map(|found| found.0).unwrap_or_default();
    Ok(answer::written(
        done.outcome,
        done.version,
        &Municipality::new(key.municipality.to_string(), predecessors, body.0),
    ))
}

/// 都道府県の一覧 / list prefectures
#[utoipa::path(tag = "Municipalities 自治体", params(PagingParams),
    responses((status = 200, description = "47都道府県、コード順", body = MunicipalityList, headers(("ETag" = String)))))]
#[get("/prefectures")]
pub async fn list_prefectures(
    state: Data<State>,
    known: Known,
    listing: Listing<PrefectureFilter>,
) -> Result<HttpResponse, Error> {
    let paging = listing.paging;
    let filter =
        MunicipalityFilter { prefecture: None, kind: None, valid_on: None, kinds: vec![MunicipalityKind::Prefecture] };
    let today = state.clock.today();
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &filter, today, paging.after()?, paging.limit).await?;
        let resultset = paging.close(&mut results, None, |prefecture| prefecture.code.clone())?;
        Ok(MunicipalityList { resultset, results })
    };
    definitions::list(&state, &Reader(None), &known, Turns::Days(today), page).await
}

/// 都道府県 / get a prefecture
#[utoipa::path(tag = "Municipalities 自治体", params(PrefectureKey),
    responses((status = 200, description = "都道府県", body = Municipality, headers(("ETag" = String)))))]
#[get("/prefectures/{prefecture}")]
pub async fn get_prefecture(
    state: Data<State>,
    key: PrefectureKey,
    _params: Params<NoParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    if !key.prefecture.is_prefecture() {
        return Err(Error::not_found(
            format_args!("都道府県 {}", key.prefecture),
            format_args!("prefecture {}", key.prefecture),
        ));
    }
    find(&state, &MunicipalityKey { municipality: key.prefecture }, known).await
}

async fn find(state: &State, key: &MunicipalityKey, known: Known) -> Result<HttpResponse, Error> {
    let conn = state.db.published().await?;
    let found = queries::find(&conn, key).await?;
    let (predecessors, body, version) = found.ok_or_else(|| Municipality::missing(key))?;
    let tag = rules::shown_etag(version, &predecessors)?;
    Ok(known.answer(&tag, false, &Municipality::new(key.municipality.to_string(), predecessors, body)))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_municipalities).service(get_municipality).service(put_municipality);
    config.service(list_prefectures).service(get_prefecture);
}
