use super::queries;
use super::types::{Program, ProgramFilter, ProgramKey, ProgramList, PutProgram};
use crate::auth::{OwnerEditor, Reader};
use crate::db::Conn;
use crate::definitions;
use crate::error::Error;
use crate::plans::types::ViewParams;
use crate::publications::moment::Turns;
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, Params};
use crate::web::write::{PreconditionHeaders, Write, WriteParams, etag};
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 事業の一覧 / list programs
#[utoipa::path(tag = "Programs 事業", params(ProgramFilter, PagingParams),
    responses((status = 200, description = "計画コード・position・事業コード順の1ページ", body = ProgramList, headers(("ETag" = String)))))]
#[get("/programs")]
pub async fn list_programs(
    state: Data<State>,
    reader: Reader,
    known: Known,
    listing: Listing<ProgramFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let after = paging.after()?;
    let parties = reader.parties().unwrap_or_default();
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &parties, &filter, after, paging.limit).await?;
        let resultset = paging
            .close(&mut results, None, |program| (program.plan.clone(), program.position, program.code.clone()))?;
        Ok(ProgramList { resultset, results })
    };
    definitions::list(&state, &reader, &known, Turns::Definitions, page).await
}

/// 事業 / get a program
#[utoipa::path(tag = "Programs 事業", params(ProgramKey, ViewParams),
    responses((status = 200, description = "事業", body = Program, headers(("ETag" = String)))))]
#[get("/programs/{plan}/{program}")]
pub async fn get_program(
    state: Data<State>,
    reader: Reader,
    key: ProgramKey,
    _params: Params<ViewParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let (body, version) = definitions::get::<Program>(&state, &reader, &key).await?;
    Ok(known.answer(&etag(version), reader.0.is_some(), &program(&key, body)))
}

fn program(key: &ProgramKey, body: PutProgram) -> Program {
    Program::new(key.plan.to_string(), key.program.to_string(), body)
}

/// 事業の登録・更新 / put a program
///
/// 文章は送られたまま保存される。担当課・指標は送った順のまま、全体が置き換わる。
#[utoipa::path(tag = "Programs 事業", params(ProgramKey, WriteParams, PreconditionHeaders), request_body = PutProgram,
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.unknown", "node.unknown", "department.unknown", "program.unknown", "program.number_taken", "statutory_program.unknown", "indicator.unknown", "municipality.unknown", "municipality.code_length", "municipality.check_digit"]))),
    responses((status = 200, description = "更新、または変更なし", body = Program), (status = 201, description = "作成", body = Program)))]
#[put("/programs/{plan}/{program}")]
pub async fn put_program(
    editor: OwnerEditor,
    state: Data<State>,
    key: ProgramKey,
    write: Write,
    body: Valid<PutProgram>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<Program>(&state, &editor.0, &write, &key, &body.0).await?;
    Ok(answer::written(done.outcome, done.version, &program(&key, body.0)))
}

/// 事業の削除 / delete a program
///
/// 記録のある事業、ほかの事業の後継になっている事業は削除できない。
#[utoipa::path(tag = "Programs 事業", params(ProgramKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["resource.in_use"]))),
    responses((status = 204, description = "削除")))]
#[delete("/programs/{plan}/{program}")]
pub async fn delete_program(
    editor: OwnerEditor,
    state: Data<State>,
    key: ProgramKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<Program>(&state, &editor.0, &write, &key).await?;
    Ok(answer::deleted())
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_programs).service(get_program).service(put_program).service(delete_program);
}
