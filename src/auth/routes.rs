use super::token::refusal::{Refusal, TokenError};
use super::token::request::{Read, TokenForm};
use super::token::{self, AccessToken};
use crate::state::State;
use crate::web::RequestId;
use crate::web::params::{NoParams, Params};
use crate::web::peer::Peer;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::web::{Data, ReqData};
use actix_web::{HttpResponse, get, post};
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

/// アクセストークンの発行 / an access token by client credentials (RFC 6749 §4.4)
///
/// クライアントIDとシークレットは Authorization: Basic か、本文の client_id と client_secret のどちらか一方で送る。
/// トークンは10分有効。期限まで使い回し、切れる前に取り直す。 /
/// Send id and secret by Authorization: Basic or in the body, never both. A token is good for ten minutes: keep it.
#[utoipa::path(
    tag = "Identity 認証",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded",
        example = json!({ "grant_type": "client_credentials" })),
    responses(
        (status = 200, description = "アクセストークン / an access token", body = AccessToken),
        (status = 400, description = "請求の誤り / invalid_request, unsupported_grant_type, invalid_scope", body = TokenError),
        (status = 401, description = "クライアントの認証に失敗 / invalid_client", body = TokenError),
        (status = 429, description = "回数超過 / too many requests for tokens: again after Retry-After", body = TokenError),
        (status = 503, description = "混雑・停止中 / busy or unavailable: again after Retry-After", body = TokenError),
    )
)]
#[post("/oauth/token")]
pub async fn create_token(
    state: Data<State>,
    peer: Peer,
    request_id: ReqData<RequestId>,
    request: Read,
) -> Result<HttpResponse, Refusal> {
    let (client, issued) = match request.0 {
        Ok(request) => {
            let issued = token::issue(&state, &request, peer, request_id.0).await;
            (Some(request.client), issued)
        }
        Err(unreadable) => (unreadable.client, Err(unreadable.refusal)),
    };
    let answer = issued.inspect_err(|refusal| token::tell_refused(refusal, client.as_deref(), peer, request_id.0))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache")).json(answer))
}

/// 署名鍵（公開鍵）の一覧 / public keys that verify access tokens (RFC 7517)
#[utoipa::path(tag = "Identity 認証", responses((status = 200, description = "JWK Set", body = JwkSet)))]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(state: Data<State>, _params: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "max-age=300")).json(state.issuer.keys().jwks())
}
