//! Who calls, and what the caller may do.
//!
//! A handler names who may call it by the type of its first argument, bound to the owner or municipality in its path:
//! no check is left to its body to forget. Row-level security stands behind as the second lock.

pub mod jwt;
mod roles;
pub mod routes;

pub use roles::{Administrator, Auditor, OwnerEditor, PartyReader, Reader, ReportActor, Reporter};

use crate::domain::code::Code;
use crate::error::Error;
use crate::logging::SECURITY;
use crate::state::State;
use crate::web::access;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use jwt::Role;
use uuid::Uuid;

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Caller {
    pub subject: String,
    pub client: String,
    pub request_id: Uuid,
    roles: Vec<Role>,
    bodies: Vec<Code>,
}

impl Caller {
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
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let token = match (headers.next(), headers.next()) {
            (Some(only), None) => only.to_str().ok().and_then(bearer),
            _ => None,
        };
        let request_id = crate::web::request_id(request);
        let refused = |cause| {
            log::warn!(target: SECURITY, request_id:% = request_id, cause; "token refused");
            Error::unauthorized()
        };
        let token = token.ok_or_else(|| refused("missing"))?;
        let claims = state.issuer.verify(token, state.clock.now()).map_err(|rejected| refused(rejected.cause()))?;
        let bodies = claims.bodies.iter().map(|code| Code::parse(code)).collect::<Result<_, _>>();
        let bodies = bodies.map_err(|_| refused("bodies"))?;
        if let Some(client) = request.extensions().get::<access::Client>() {
            client.is(&claims.client_id);
        }
        Ok(Self { subject: claims.sub, client: claims.client_id, request_id, roles: claims.roles, bodies })
    }
}

/// The scheme's name is case-insensitive (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
