//! Answers: one record with its ETag, or 304 where the client has it already.

use super::write::{etag, tags};
use crate::error::{Code, Error};
use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, ContentType, ETAG, HeaderName, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use std::future::{Ready, ready};

/// created, updated, unchanged, deleted: what a write did.
pub const OUTCOME: HeaderName = HeaderName::from_static("hagukumi-outcome");

/// What `web::edge` appends to the ETag of a packed answer.
const PACKED: [&str; 2] = [";gzip", ";zstd"];

/// So long is `If-None-Match` at most: some thirty ETags.
pub const MOST_KNOWN: usize = 2000;

/// The ETags a reader already has, and `*`.
pub struct Known(Vec<String>);

impl FromRequest for Known {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let lines = request.headers().get_all(IF_NONE_MATCH).filter_map(|line| line.to_str().ok());
        if lines.clone().map(str::len).sum::<usize>() > MOST_KNOWN {
            return ready(Err(Error::new(
                Code::RequestPrecondition,
                format!("If-None-Match は {MOST_KNOWN} 字までです"),
                format!("If-None-Match has at most {MOST_KNOWN} characters"),
            )));
        }
        let known = lines.flat_map(|line| match line.trim() {
            "*" => vec!["*".to_owned()],
            list => tags(list).unwrap_or_default().iter().map(|tag| tag.text.to_owned()).collect(),
        });
        ready(Ok(Self(known.collect())))
    }
}

impl Known {
    /// Compared weakly (RFC 9110 §13.1.2): whether it was packed for the way makes no difference.
    fn has(&self, tag: &str) -> bool {
        let tag = tag.trim_start_matches("W/").trim_matches('"');
        self.0.iter().any(|known| {
            let bare = PACKED.iter().find_map(|suffix| known.strip_suffix(suffix)).unwrap_or(known);
            bare == tag || known == "*"
        })
    }

    /// That nothing has changed, for who has it.
    pub fn unchanged(&self, tag: &str, working: bool) -> Option<HttpResponse> {
        let cache = if working { "no-store" } else { "no-cache" };
        let mut answer = HttpResponse::NotModified();
        answer.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, cache));
        self.has(tag).then(|| answer.finish())
    }

    /// `working`: seen by some only, so kept by nobody.
    pub fn answer<T: Serialize>(&self, tag: &str, working: bool, body: &T) -> HttpResponse {
        let cache = if working { "no-store" } else { "no-cache" };
        if let Some(unchanged) = self.unchanged(tag, working) {
            return unchanged;
        }
        HttpResponse::Ok().insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, cache)).json(body)
    }
}

/// A list. `working` as above.
pub fn list<T: Serialize>(working: bool, body: &T) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, if working { "no-store" } else { "no-cache" })).json(body)
}

/// What is published, as JSON that is there already.
pub fn published(tag: &str, json: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(json)
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
