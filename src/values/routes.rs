use super::queries;
use super::types::ValueList;
use crate::error::Error;
use crate::plans::types::View;
use crate::publications;
use crate::records::types::RecordFilter;
use crate::state::State;
use crate::web::answer;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, unreadable};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// 数値の一覧 / list values
///
/// 公表された目標と実績の数値を、1件1行で。ページ送りの間、最初のページと同じ公表番号の内容を返す。
#[utoipa::path(tag = "Annual results 年度実績", params(RecordFilter, PagingParams),
    responses((status = 200, description = "都道府県・年度・団体・計画・事業・期間・部・番号の順の1ページ", body = ValueList)))]
#[get("/values")]
pub async fn list_values(state: Data<State>, listing: Listing<RecordFilter>) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    if filter.view == Some(View::Working) {
        return Err(unreadable("view", "数値の一覧は公表されたものだけです", "values are listed once published"));
    }
    let conn = state.db.published().await?;
    let moment = publications::moment(&conn, paging.moment(), filter.parsed.as_of).await?;
    let mut rows = queries::page(&conn, &filter, moment.no, paging.after()?, paging.limit).await?;
    let resultset = paging.close(&mut rows, Some(moment), |placed| placed.position.clone())?;
    let results = rows.into_iter().map(|placed| placed.row).collect();
    Ok(answer::list(false, &ValueList { resultset, results }))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_values);
}
