//! Answers: one record with its ETag, or 304 where the client has it already.

use super::write::etag;
use crate::error::Error;
use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderName, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use std::future::{Ready, ready};

/// created, updated, unchanged, deleted: what a write did.
pub const OUTCOME: HeaderName = HeaderName::from_static("hagukumi-outcome");

/// The ETags a reader already has.
pub struct Known(Vec<String>);

impl FromRequest for Known {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let headers = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
        let tags = headers.flat_map(|value| value.split(',')).map(|tag| tag.trim().trim_start_matches("W/").to_owned());
        ready(Ok(Self(tags.collect())))
    }
}

impl Known {
    /// `working`: seen by some only, so kept by nobody.
    pub fn answer<T: Serialize>(&self, tag: &str, working: bool, body: &T) -> HttpResponse {
        let cache = if working { "no-store" } else { "no-cache" };
        if self.0.iter().any(|known| known == tag || known == "*") {
            return HttpResponse::NotModified()
                .insert_header((ETAG, tag))
                .insert_header((CACHE_CONTROL, cache))
                .finish();
        }
        HttpResponse::Ok().insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, cache)).json(body)
    }
}

/// A list. `working` as above.
pub fn list<T: Serialize>(working: bool, body: &T) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, if working { "no-store" } else { "no-cache" })).json(body)
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
}

/// The answer to a PUT.
pub fn written<T: Serialize>(outcome: Outcome, version: i64, body: &T) -> HttpResponse {
    let (mut answer, word) = match outcome {
        Outcome::Created => (HttpResponse::Created(), "created"),
        Outcome::Updated => (HttpResponse::Ok(), "updated"),
        Outcome::Unchanged => (HttpResponse::Ok(), "unchanged"),
    };
    answer
        .insert_header((ETAG, etag(version)))
        .insert_header((OUTCOME, word))
        .insert_header((CACHE_CONTROL, "no-store"));
    answer.json(body)
}

/// The answer to a DELETE.
pub fn deleted() -> HttpResponse {
    HttpResponse::NoContent().insert_header((OUTCOME, "deleted")).finish()
}
