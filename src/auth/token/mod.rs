//! `/oauth/token`: access tokens by client credentials (RFC 6749 §4.4), errors by its §5.2.
//!
//! | | |
//! |---|---|
//! | [`request`] | what was asked, by whom: strict where the RFC is, deaf to parameters it does not know |
//! | [`refusal`] | the RFC's errors |
//! | [`guesses`] | how fast one may guess, and how much hashing runs at once |
//!
//! Every wrong id, wrong secret and disabled client has one answer that takes one time. Who got a token and who did not
//! is told to the security log, never with a token or a secret.

pub mod guesses;
pub mod refusal;
pub mod request;

use super::Caller;
use super::jwt::{Grant, Role};
use crate::clients::{ClientId, queries};
use crate::domain::code::Code;
use crate::logging::SECURITY;
use crate::state::State;
use crate::web::peer::Peer;
use refusal::{OauthError, Refusal};
use request::TokenRequest;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub const LIFETIME_SECONDS: u64 = 600;

/// 発行したアクセストークン / an access token (RFC 6749 §5.1)
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessToken {
    /// Authorization: Bearer に付けるトークン / to be sent as Authorization: Bearer
    #[schema(
        min_length = 1,
        max_length = 4096,
        example = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6IuKApiJ9.…"
    )]
    access_token: String,
    /// 常に Bearer / always `Bearer`
    #[schema(min_length = 6, max_length = 6, example = "Bearer")]
    token_type: &'static str,
    /// 有効秒数 / seconds it is good for
    #[schema(minimum = 1, maximum = 900, example = 600)]
    expires_in: u64,
    /// トークンの役割（空白区切り） / the roles of the token, separated by spaces
    #[schema(min_length = 1, max_length = 200, example = "municipal_editor")]
    scope: String,
}

/// A token for whom the request proves to come from.
pub async fn issue(
    state: &State,
    request: &TokenRequest,
    peer: Peer,
    request_id: Uuid,
) -> Result<AccessToken, Refusal> {
    let now = state.clock.now();
    let id = ClientId::parse(&request.client);
    state.access.guesses.admit(id.as_ref(), peer)?;
    let found = match &id {
        Some(id) => {
            let nobody = Caller::without_authority("token", request_id);
            state.db.as_reader(&nobody, async |tx| queries::find(tx, id).await).await?
        }
        None => None,
    };
    let (client, hashes) = found.unzip();
    let genuine = state.access.guesses.compare(request.secret.clone(), hashes.unwrap_or_default()).await?;
    let client = client
        .filter(|client| genuine && client.disabled_at.is_none())
        .ok_or_else(|| Refusal::client("the client id or its secret is wrong, or the client is disabled"))?;
    let roles = narrowed(request.scope.as_deref(), &client.roles)?;
    let scope = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ");
    let grant = Grant {
        subject: client.id.to_string(),
        client_id: client.id.to_string(),
        roles,
        bodies: client.bodies.iter().map(Code::to_string).collect(),
        lifetime_seconds: LIFETIME_SECONDS,
    };
    let jti = Uuid::now_v7();
    let access_token = state.issuer.sign(&grant, now, jti).map_err(|cause| {
        log::error!(client = client.id.as_str(), cause:% = cause; "no token could be signed");
        Refusal::of(OauthError::ServerError, "the token could not be signed")
    })?;
    log::info!(
        target: SECURITY, request_id:% = request_id, client = client.id.as_str(), scope = scope.as_str(), jti:% = jti, address:% = peer;
        "token issued"
    );
    Ok(AccessToken { access_token, token_type: "Bearer", expires_in: LIFETIME_SECONDS, scope })
}

/// The roles that were asked for, all of them the client's; without a scope those of the client.
fn narrowed(scope: Option<&str>, roles: &[Role]) -> Result<Vec<Role>, Refusal> {
    let Some(scope) = scope else { return Ok(roles.to_vec()) };
    let mut asked = Vec::new();
    for name in scope.split(' ') {
        let role = Role::try_from(name.to_owned()).ok().filter(|role| roles.contains(role));
        let role = role.ok_or_else(|| {
            Refusal::of(
                OauthError::InvalidScope,
                "scope holds roles of the client, separated by single spaces; without it the token has all of them",
            )
        })?;
        if !asked.contains(&role) {
            asked.push(role);
        }
    }
    Ok(asked)
}

/// Tells the security log. An id is named only where it has the form of one: it could be a secret in the wrong place.
pub fn tell_refused(refusal: &Refusal, client: Option<&str>, peer: Peer, request_id: Uuid) {
    let client = client.and_then(ClientId::parse);
    let client = client.as_ref().map_or("-", ClientId::as_str);
    log::warn!(
        target: SECURITY, request_id:% = request_id, client, cause = refusal.error.as_str(), address:% = peer;
        "token refused to client"
    );
}
