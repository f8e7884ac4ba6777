use crate::state::State;
use crate::web::params::{NoParams, Params};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

/// JWK Set（RFC 7517）
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JwkSet {
    #[schema(min_items = 1, max_items = 20)]
    keys: Vec<Jwk>,
}

/// 公開鍵 / a public key: Ed25519 (OKP) or P-256 (EC)
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwk {
    #[schema(max_length = 3, pattern = "^(OKP|EC)$", example = "OKP")]
    kty: String,
    #[schema(max_length = 7, pattern = "^(Ed25519|P-256)$", example = "Ed25519")]
    crv: String,
    /// base64url
    #[schema(max_length = 43, pattern = "^[A-Za-z0-9_-]{43}$")]
    x: String,
    /// base64url。P-256 だけ / P-256 only
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 43, pattern = "^[A-Za-z0-9_-]{43}$")]
    y: Option<String>,
    /// トークンの kid と対応する / named by the `kid` of a token
    #[schema(max_length = 100)]
    kid: String,
    #[schema(max_length = 3, pattern = "^sig$", example = "sig")]
    r#use: String,
    #[schema(max_length = 5, pattern = "^(EdDSA|ES256)$", example = "EdDSA")]
    alg: String,
}

/// 署名鍵（公開鍵）の一覧 / public keys that verify access tokens (RFC 7517)
#[utoipa::path(tag = "Health", responses((status = 200, description = "JWK Set", body = JwkSet)))]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(state: Data<State>, _params: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "max-age=300")).json(state.issuer.keys().jwks())
}
