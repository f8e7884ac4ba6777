use super::pull::Values;
use super::types::ValueList;
use crate::error::Error;
use crate::records::filter::ValueFilter;
use crate::records::pull;
use crate::state::State;
use crate::web::answer::Known;
use crate::web::page::PagingParams;
use crate::web::params::Listing;
use crate::web::stream::PullMedia;
use crate::web::table::TableFile;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// 数値の一覧 / list values
///
/// 公表された目標と実績の数値を、1件1行で。実績の数値には比べる目標が並ぶ。ページ送りの間、最初のページと同じ公表番号の内容を返す。
/// NDJSONとCSVは件数の制限なく、すべてを返す（limit を付ければそこまで）。
///
/// Figures of targets and results, a row each, a result's beside the target it is compared with. NDJSON and CSV answer all
/// there is, without a limit.
#[utoipa::path(tag = "Annual results 年度実績", params(ValueFilter, PagingParams),
    responses((status = 200, description = "都道府県・年度・団体・計画・事業・期間・部・番号の順の1ページ", content(
        (ValueList = "application/json"), (TableFile = "application/x-ndjson"), (TableFile = "text/csv")),
        headers(("ETag" = String), ("Hagukumi-Publication" = i64)))))]
#[get("/values")]
pub async fn list_values(
    state: Data<State>,
    media: PullMedia,
    known: Known,
    listing: Listing<ValueFilter>,
) -> Result<HttpResponse, Error> {
    pull::list::<Values>(state, media, &known, listing.filter.scope, listing.paging).await
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_values);
}
