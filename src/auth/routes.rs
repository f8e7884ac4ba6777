use crate::state::State;
use crate::web::params::{NoParams, Params};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};

/// 署名鍵（公開鍵）の一覧 / public keys that verify access tokens (RFC 7517)
#[utoipa::path(tag = "Health", responses((status = 200, description = "JWK Set", body = Object)))]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(state: Data<State>, _params: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "max-age=300")).json(state.issuer.keys().jwks())
}
