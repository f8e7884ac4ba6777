use super::types::{
    CreateImport, Import, ImportFilter, ImportKey, ImportList, ImportParams, ImportRowFilter, ImportRowList, MOST_ROWS,
};
use super::upload::Upload;
use super::{queries, report, run, table};
use crate::auth::Importer;
use crate::error::Error;
use crate::idempotency::{IdempotencyHeader, IdempotencyKey};
use crate::state::State;
use crate::web::answer;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, Params};
use crate::web::table::{Media, TableFile, TableParams};
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// 取込 / import many targets and results
///
/// 目標と年度実績を、50,000件・16 MiBまで一度に送る。1件ごとに PUT と同じ規則・確認事項・記録で扱い、どの件がどうなったかを返す。
/// 一つの処理単位で書くので、途中で止まっても半端には残らない。同じ Idempotency-Key で送り直せば完了する。
/// 検査だけ（dry_run=true）のときは、同じ結果と、登録済みとの差を返し、何も書かない。結果は90日間残る。
#[utoipa::path(tag = "Imports and templates 取込と様式", params(ImportParams, IdempotencyHeader),
    request_body(content((CreateImport = "application/json", example = json!(
        {"rows": [{"resource": "result", "key": {"plan": "132292-mihon-2020", "program": "4", "municipality": "132292", "period": "2023"}, "body": {"texts": {"text": "市内8か所で、延べ11,880人日の利用がありました。予約の窓口を一つにまとめました。"}, "values": [{"item": "利用", "label": "利用人数", "value": 11880, "unit": "人日", "source": "延べ11,880人日", "count_basis": "cumulative", "indicator": {"owner": "132292", "indicator": "temporary_care_users"}}, {"item": "実施場所", "label": "実施か所数", "value": 8, "unit": "か所", "source": "8か所"}], "evaluations": [{"owner": "132292", "scheme": "achievement", "fiscal_year": 2023, "level": "B", "against": "2023"}]}}]}
    )), (TableFile = "application/x-ndjson"), (TableFile = "text/csv"),
        (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["import.refused", "import.rows", "import.kind", "import.malformed", "import.charset", "import.too_large", "import.unknown_column", "import.missing_column", "import.repeated_column"]))),
    responses((status = 200, description = "取込の結果。partial のときは誤りのある行を除いて書いた", body = Import, headers(("Location" = String)))))]
#[post("/imports")]
pub async fn create_import(
    importer: Importer,
    state: Data<State>,
    params: Params<ImportParams>,
    idempotency_key: IdempotencyKey,
    upload: Upload,
) -> Result<HttpResponse, Error> {
    let first = run::run(&state, &importer, &params.0, &idempotency_key, upload).await?;
    let import: Import = serde_json::from_value(first.response).map_err(Error::internal)?;
    if first.status != 200 {
        return Err(report::refusal(&import));
    }
    let mut answer = HttpResponse::Ok();
    answer.insert_header((LOCATION, format!("/api/v1/imports/{}", import.id)));
    Ok(answer.json(import))
}

/// 取込の一覧 / list imports
///
/// 自団体の取込の結果、新しい順。
#[utoipa::path(tag = "Imports and templates 取込と様式", params(ImportFilter, PagingParams),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    responses((status = 200, description = "新しい順の1ページ", body = ImportList)))]
#[get("/imports")]
pub async fn list_imports(
    importer: Importer,
    state: Data<State>,
    listing: Listing<ImportFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let after = paging.after()?;
    let page = async |conn: &crate::db::Conn| queries::page(conn, &filter, after, paging.limit).await;
    let mut results = state.db.as_reader(&importer.0, page).await?;
    let resultset = paging.close(&mut results, None, |import| import.id)?;
    Ok(answer::list(true, &ImportList { resultset, results }))
}

/// 取込の結果 / get the report of an import
///
/// CSV・XLSX では、誤りのある行を送られたままに、誤りをその横に付けて返す。直してそのまま送り直せる。
#[utoipa::path(tag = "Imports and templates 取込と様式", params(ImportKey, TableParams),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    responses((status = 200, description = "取込の結果", content((Import = "application/json"), (TableFile = "text/csv"),
        (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/imports/{import}")]
pub async fn get_import(
    importer: Importer,
    state: Data<State>,
    key: ImportKey,
    params: Params<TableParams>,
    media: Media,
) -> Result<HttpResponse, Error> {
    let id = key.import;
    let found = state
        .db
        .as_reader(&importer.0, async |conn| {
            let Some(import) = queries::find(conn, id).await? else { return Ok(None) };
            let rows = match media {
                Media::Json => Vec::new(),
                Media::Csv | Media::Xlsx => {
                    let every = ImportRowFilter { outcome: None };
                    queries::rows(conn, id, &every, None, i64::try_from(MOST_ROWS).map_err(Error::internal)?).await?
                }
            };
            Ok(Some((import, rows)))
        })
        .await?;
    let (import, rows) = found.ok_or_else(|| Import::missing(id))?;
    match media {
        Media::Json => Ok(answer::list(true, &import)),
        Media::Csv | Media::Xlsx => table::of(id, &rows).answer(media, params.0.bom.unwrap_or(false), true),
    }
}

/// 取込の行ごとの結果 / list the rows of an import
#[utoipa::path(tag = "Imports and templates 取込と様式", params(ImportKey, ImportRowFilter, PagingParams),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    responses((status = 200, description = "送られた順の1ページ", body = ImportRowList)))]
#[get("/imports/{import}/rows")]
pub async fn list_import_rows(
    importer: Importer,
    state: Data<State>,
    key: ImportKey,
    listing: Listing<ImportRowFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let (id, after) = (key.import, paging.after()?);
    let found = state
        .db
        .as_reader(&importer.0, async |conn| {
            let there = queries::find(conn, id).await?.is_some();
            Ok(if there { Some(queries::rows(conn, id, &filter, after, paging.limit + 1).await?) } else { None })
        })
        .await?;
    let rows = found.ok_or_else(|| Import::missing(id))?;
    let mut results: Vec<_> = rows.into_iter().map(|kept| kept.report).collect();
    let resultset = paging.close(&mut results, None, |row| row.row)?;
    Ok(answer::list(true, &ImportRowList { resultset, results }))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(create_import).service(list_imports).service(get_import).service(list_import_rows);
}
