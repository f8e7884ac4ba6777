use super::queries;
use super::types::{StatutoryProgramFilter, StatutoryProgramList};
use crate::auth::Reader;
use crate::db::Conn;
use crate::definitions;
use crate::error::Error;
use crate::publications::moment::Turns;
use crate::state::State;
use crate::web::answer::Known;
use crate::web::page::PagingParams;
use crate::web::params::Listing;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// 法定事業の一覧 / list statutory programs
///
/// 地域子ども・子育て支援事業（子ども・子育て支援法59条）と、行われる年度。
#[utoipa::path(tag = "Programs 事業", params(StatutoryProgramFilter, PagingParams),
    responses((status = 200, description = "法令の順の1ページ", body = StatutoryProgramList, headers(("ETag" = String)))))]
#[get("/statutory_programs")]
pub async fn list_statutory_programs(
    state: Data<State>,
    known: Known,
    listing: Listing<StatutoryProgramFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &filter, paging.after()?, paging.limit).await?;
        let resultset = paging.close(&mut results, None, |program| (program.position, program.code.clone()))?;
        Ok(StatutoryProgramList { resultset, results })
    };
    definitions::list(&state, &Reader(None), &known, Turns::Definitions, page).await
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_statutory_programs);
}
