//! The sample data, as requests that the systems of municipalities and prefectures would send.
//!
//! They go through the whole service, in process and in order, and a refused one stops the start with its problem: the
//! sample can hold nothing that the API would not take.

use super::token;
use crate::app;
use crate::auth::jwt::Role;
use crate::server::Failure;
use crate::state::State;
use actix_http::{Payload, Request as HttpRequest, h1};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::{self, MessageBody};
use actix_web::dev::AppConfig;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, IF_NONE_MATCH};
use actix_web::http::{Method, Uri};
use serde::Deserialize;
use serde_json::Value;

const SAMPLE: &str = include_str!("sample.json");

/// Who sends what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub role: Role,
    /// The municipality or prefecture the caller acts for; none: the administrator.
    pub body: Option<String>,
    pub method: String,
    /// Below `/api/v1`.
    pub path: String,
    pub json: Option<Value>,
}

impl Request {
    /// The header every write must have: a PUT creates, a POST can be told from its repetition.
    pub fn condition(&self, number: usize) -> Option<(HeaderName, String)> {
        match self.method.as_str() {
            "PUT" => Some((IF_NONE_MATCH, "*".to_owned())),
            "POST" => Some((HeaderName::from_static("idempotency-key"), format!("sample-{number}"))),
            _ => None,
        }
    }
}

pub fn requests() -> Result<Vec<Request>, Failure> {
    Ok(serde_json::from_str(SAMPLE).map_err(|cause| format!("sample.json: {cause}"))?)
}

/// Sends them one after the other. The number of those that succeeded is that of all.
pub async fn load(state: State, requests: &[Request]) -> Result<usize, Failure> {
    let (issuer, clock) = (state.issuer.clone(), state.clock.clone());
    let factory = app::app(state).into_factory();
    let service = factory.new_service(AppConfig::default()).await.map_err(|()| "the service could not be built")?;
    for (index, request) in requests.iter().enumerate() {
        let number = index + 1;
        let token = token(&issuer, &clock, request.role, request.body.as_deref())?;
        let response = service.call(http(request, number, &token)?).await.map_err(|error| error.to_string())?;
        let status = response.status();
        if !status.is_success() {
            let problem = text(response.into_body()).await;
            let Request { method, path, .. } = request;
            return Err(format!("sample request {number}, {method} {path}: {status} {problem}").into());
        }
    }
    Ok(requests.len())
}

fn http(request: &Request, number: usize, token: &str) -> Result<HttpRequest, Failure> {
    let (_, mut payload) = h1::Payload::create(true);
    if let Some(json) = &request.json {
        payload.unread_data(serde_json::to_vec(json)?.into());
    }
    let mut http = HttpRequest::with_payload(Payload::from(payload));
    http.head_mut().method = request.method.parse::<Method>()?;
    http.head_mut().uri = format!("/api/v1{}", request.path).parse::<Uri>()?;
    let headers = http.headers_mut();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}"))?);
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some((name, value)) = request.condition(number) {
        headers.insert(name, HeaderValue::from_str(&value)?);
    }
    Ok(http)
}

async fn text(body: impl MessageBody) -> String {
    body::to_bytes(body).await.map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}
