//! Who calls, and what the caller may do.
//!
//! A handler names who may call it by the type of its first argument, bound to the owner or municipality in its path:
//! no check is left to its body to forget. Row-level security stands behind as the second lock.

pub mod access;
pub mod jwt;
pub mod key_file;
mod roles;
pub mod routes;
pub mod token;

pub use roles::{
    Administrator, Auditor, Importer, Insider, OwnerEditor, PartyReader, Reader, ReportActor, ReportParty, Reporter,
};

use crate::domain::code::Code;
use crate::error::Error;
use crate::logging::SECURITY;
use crate::state::State;
use crate::web::access::Client;
use crate::web::peer::Peer;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use jwt::Role;
use std::sync::Arc;
use uuid::Uuid;

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Caller {
    pub subject: String,
    pub client: String,
    pub request_id: Uuid,
    roles: Vec<Role>,
    bodies: Arc<[Code]>,
}

impl Caller {
    /// With no role and no body: the operator in the journal, and the service where it looks for itself.
    pub fn without_authority(name: &str, request_id: Uuid) -> Self {
        Self {
            subject: name.to_owned(),
            client: "hagukumi".to_owned(),
            request_id,
            roles: Vec::new(),
            bodies: Arc::default(),
        }
    }

    /// Whom the caller acts for: a municipality in a municipal role, a prefecture in one of a prefecture's. A body beside
    /// no role of its kind opens nothing, in the working view as little as in the database.
    pub fn bodies(&self) -> impl Iterator<Item = Code> + '_ {
        self.bodies.iter().copied().filter(|body| self.may(*body, roles::of(*body)))
    }

    /// Whose trail of changes the caller answers for.
    pub fn audited(&self) -> impl Iterator<Item = Code> + '_ {
        self.bodies.iter().copied().filter(|body| self.may(*body, roles::reviewers(*body)))
    }

    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub fn is_administrator(&self) -> bool {
        self.has(Role::Administrator)
    }

    /// Acts for this body in one of these roles?
    pub fn may(&self, body: Code, roles: &[Role]) -> bool {
        self.bodies.contains(&body) && roles.iter().any(|role| self.has(*role))
    }

    fn from_request(request: &HttpRequest) -> Result<Self, Error> {
        let state = request.app_data::<Data<State>>().ok_or_else(|| Error::internal("no state"))?;
        let request_id = crate::web::request_id(request);
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let token = match (headers.next(), headers.next()) {
            (Some(only), None) => only.to_str().ok().and_then(bearer),
            _ => None,
        };
        let refused = |cause| {
            log::warn!(target: SECURITY, request_id:% = request_id, cause, address:% = Peer::of(request); "token refused");
            Error::unauthorized()
        };
        let token = token.ok_or_else(|| refused("missing"))?;
        let now = state.clock.now();
        let verified = state.access.verify(&state.issuer, token, now).map_err(|rejected| refused(rejected.cause()))?;
        let claims = &verified.claims;
        if let Some(client) = request.extensions().get::<Client>() {
            client.is(&claims.client_id);
        }
        if state.access.is_disabled(&claims.client_id, now)? {
            return Err(refused("disabled"));
        }
        Ok(Self {
            subject: claims.sub.clone(),
            client: claims.client_id.clone(),
            request_id,
            roles: claims.roles.clone(),
            bodies: verified.bodies.clone(),
        })
    }
}

/// The scheme's name is case-insensitive (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// The client of a verified token, for what must know it before a handler does. A bad token is told by the handler.
pub fn client(request: &HttpRequest) -> Option<String> {
    let state = request.app_data::<Data<State>>()?;
    let token = bearer(request.headers().get(AUTHORIZATION)?.to_str().ok()?)?;
    let verified = state.access.verify(&state.issuer, token, state.clock.now()).ok()?;
    Some(verified.claims.client_id.clone())
}
