use super::queries;
use super::types::{Department, DepartmentFilter, DepartmentKey, DepartmentList, PutDepartment};
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

/// 担当課の一覧 / list departments
///
/// 改称・廃止された担当課も残る。ある年度のものだけなら valid_in。
#[utoipa::path(tag = "Plans 計画", params(DepartmentFilter, PagingParams),
    responses((status = 200, description = "団体コード・担当課コード順の1ページ", body = DepartmentList, headers(("ETag" = String)))))]
#[get("/departments")]
pub async fn list_departments(
    state: Data<State>,
    known: Known,
    listing: Listing<DepartmentFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &filter, paging.after()?, paging.limit).await?;
        let resultset = paging
            .close(&mut results, None, |department| (department.municipality.clone(), department.code.clone()))?;
        Ok(DepartmentList { resultset, results })
    };
    definitions::list(&state, &Reader(None), &known, Turns::Definitions, page).await
}

/// 担当課 / get a department
#[utoipa::path(tag = "Plans 計画", params(DepartmentKey),
    responses((status = 200, description = "担当課", body = Department, headers(("ETag" = String)))))]
#[get("/departments/{municipality}/{department}")]
pub async fn get_department(
    state: Data<State>,
    key: DepartmentKey,
    _params: Params<NoParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let (body, version) = definitions::get::<Department>(&state, &Reader(None), &key).await?;
    Ok(known.answer(&etag(version), false, &department(&key, body)))
}

fn department(key: &DepartmentKey, body: PutDepartment) -> Department {
    Department::new(key.municipality.to_string(), key.department.to_string(), body)
}

/// 担当課の登録・更新 / put a department
///
/// 登録した日から公開される。改称されたときは新しい担当課を登録し、元の担当課の successor に入れる。
#[utoipa::path(tag = "Plans 計画", params(DepartmentKey, WriteParams, PreconditionHeaders), request_body = PutDepartment,
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["department.unknown", "municipality.unknown"]))),
    responses((status = 200, description = "更新、または変更なし", body = Department), (status = 201, description = "作成", body = Department)))]
#[put("/departments/{municipality}/{department}")]
pub async fn put_department(
    editor: OwnerEditor,
    state: Data<State>,
    key: DepartmentKey,
    write: Write,
    body: Valid<PutDepartment>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<Department>(&state, &editor.0, &write, &key, &body.0).await?;
    Ok(answer::written(done.outcome, done.version, &department(&key, body.0)))
}

/// 担当課の削除 / delete a department
///
/// 事業の担当課や、ほかの担当課の後継になっているものは削除できない。
#[utoipa::path(tag = "Plans 計画", params(DepartmentKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["resource.in_use"]))),
    responses((status = 204, description = "削除")))]
#[delete("/departments/{municipality}/{department}")]
pub async fn delete_department(
    editor: OwnerEditor,
    state: Data<State>,
    key: DepartmentKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<Department>(&state, &editor.0, &write, &key).await?;
    Ok(answer::deleted())
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_departments).service(get_department).service(put_department).service(delete_department);
}
