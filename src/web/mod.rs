//! What every endpoint shares on the way in and out: bodies and parameters, paging, preconditions, languages,
//! limits and headers.

pub mod access;
pub mod answer;
pub mod edge;
pub mod json;
pub mod language;
pub mod limits;
pub mod objects;
pub mod page;
pub mod params;
pub mod path;
pub mod peer;
pub mod position;
pub mod rates;
pub mod stream;
pub mod table;
pub mod terms;
pub mod wire;
pub mod write;
pub mod xlsx;

use actix_web::{HttpMessage, HttpRequest};
use uuid::Uuid;

/// The request's id, in every answer, log line and journal row.
#[derive(Clone, Copy)]
pub struct RequestId(pub Uuid);

pub fn request_id(request: &HttpRequest) -> Uuid {
    request.extensions().get::<RequestId>().map_or(Uuid::nil(), |id| id.0)
}
