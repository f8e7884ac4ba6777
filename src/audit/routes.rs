use super::queries;
use super::types::{AuditFilter, AuditList};
use crate::auth::Auditor;
use crate::error::Error;
use crate::state::State;
use crate::web::answer;
use crate::web::page::PagingParams;
use crate::web::params::Listing;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// 変更の記録の一覧 / list what was changed, by whom and when
///
/// 団体の承認者（municipal_approver）は自団体の記録を、都道府県の審査者（prefecture_reviewer）は所有する計画の記録を、
/// 管理者（administrator）はすべてを読める。報告団体の目標・実績は、報告が提出されている間だけ計画の所有団体に見え、内容は示さない。
/// 管理者には数値の内容を示さない。
#[utoipa::path(tag = "Audit 監査", params(AuditFilter, PagingParams), 
    security(("bearer" = ["municipal_approver", "prefecture_reviewer", "administrator"])),
    responses((status = 200, description = "時刻順の1ページ", body = AuditList)))]
#[get("/audit")]
pub async fn list_audit_entries(
    auditor: Auditor,
    state: Data<State>,
    listing: Listing<AuditFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let (after, bodies) = (paging.after()?, auditor.bodies());
    let page = state
        .db
        .as_reader(&auditor.0, async |conn| queries::page(conn, bodies.as_deref(), &filter, after, paging.limit).await)
        .await;
    let mut rows = page?;
    let resultset = paging.close(&mut rows, None, |placed| placed.position)?;
    let results = rows.into_iter().map(|placed| placed.entry).collect();
    Ok(answer::list(true, &AuditList { resultset, results }))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_audit_entries);
}
