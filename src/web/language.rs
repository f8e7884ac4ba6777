//! Renders problems in the language of the request; what is nobody's business goes to the log.

use super::request_id;
use crate::error::{Error, Problem};
use actix_web::HttpResponse;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, ETAG, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::middleware::Next;
use uuid::Uuid;

/// Japanese unless English is preferred.
pub fn japanese(accept_language: Option<&str>) -> bool {
    let quality = |language: &str| {
        accept_language.into_iter().flat_map(|header| header.split(',')).find_map(|entry| {
            let mut parts = entry.trim().split(';');
            let tag = parts.next()?.trim();
            let matches = tag.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(language));
            let q = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            matches.then_some(q)
        })
    };
    quality("ja").unwrap_or(0.0) >= quality("en").unwrap_or(0.0)
}

pub async fn around_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let id = request_id(request.request());
    let japanese = japanese(request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()));
    let path = request.path().to_owned();
    // Handlers and extractors answer errors as responses; what is left here is a broken connection.
    let mut response = next.call(request).await?.map_into_left_body();
    let problem = response.response_mut().extensions_mut().remove::<Error>();
    if let Some(error) = problem {
        if let Error::Internal(cause) = &error {
            log::error!(request_id:% = id, cause = cause.as_str(); "request failed");
        }
        let mut answer = render(&error, japanese, &path, id);
        if let Some(allow) = response.headers().get(ALLOW) {
            answer.headers_mut().insert(ALLOW, allow.clone());
        }
        response = response.into_response(answer).map_into_right_body();
    }
    Ok(response)
}

pub(super) fn render(error: &Error, japanese: bool, path: &str, id: Uuid) -> HttpResponse {
    use actix_web::ResponseError;
    let status = error.status_code();
    let mut answer = HttpResponse::build(status);
    answer.content_type("application/problem+json");
    answer.insert_header((CONTENT_LANGUAGE, if japanese { "ja" } else { "en" }));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    match status.as_u16() {
        401 => {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        503 => {
            answer.insert_header((RETRY_AFTER, "2"));
        }
        _ => {}
    }
    if let Error::Refused(refusal) = error {
        if let Some(etag) = &refusal.etag {
            answer.insert_header((ETAG, etag.as_str()));
        }
        if let Some(seconds) = refusal.wait_seconds {
            answer.insert_header((RETRY_AFTER, seconds));
        }
    }
    answer.json(Problem::render(error, japanese, path, &id.to_string()))
}
