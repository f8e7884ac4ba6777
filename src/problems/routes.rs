use super::types::{ProblemCode, ProblemKey};
use crate::error::{Code, Error};
use crate::web::params::{NoParams, Params};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// 誤りのコードの意味 / what a code of a problem means
///
/// 誤りの `type` が指すアドレス。コード・ステータスは変わらない。 The address that the `type` of a problem names.
#[utoipa::path(tag = "Errors 誤り", params(ProblemKey),
    responses((status = 200, description = "コードの意味と、次にすること", body = ProblemCode)))]
#[get("/problems/{code}")]
pub async fn get_problem(key: ProblemKey, _params: Params<NoParams>) -> Result<HttpResponse, Error> {
    let code = Code::find(key.code.as_str())
        .ok_or_else(|| Error::not_found(format_args!("コード {}", key.code), format_args!("code {}", key.code)))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "max-age=3600")).json(ProblemCode::from(code)))
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(get_problem);
}
