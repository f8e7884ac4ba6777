//! The sample data, as requests that the systems of municipalities and prefectures would send.
//!
//! A story a file, step by step, each with the time it happens at: what one publishes in 2022, another corrects in 2023,
//! so that `as_of`, due instants and editions have something to show. The steps of all stories go through the whole
//! service, in process and in the order of their times, and a refused one stops the start with its problem: the sample
//! can hold nothing that the API would not take.

use super::token;
use crate::app;
use crate::auth::jwt::Role;
use crate::clock::Clock;
use crate::server::Failure;
use crate::state::State;
use actix_http::{Payload, Request as HttpRequest, h1};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::{self, MessageBody};
use actix_web::dev::AppConfig;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
};
use actix_web::http::{Method, Uri};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const STORIES: [(&str, &str); 5] = [
    ("common.json", include_str!("sample/common.json")),
    ("merger.json", include_str!("sample/merger.json")),
    ("city.json", include_str!("sample/city.json")),
    ("sheet.json", include_str!("sample/sheet.json")),
    ("kpi.json", include_str!("sample/kpi.json")),
];

/// What one of them does at one time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// For those who read the file.
    #[serde(rename = "what")]
    _what: String,
    at: DateTime<Utc>,
    role: Role,
    body: Option<String>,
    requests: Vec<Sent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    method: String,
    path: String,
    if_match: Option<String>,
    json: Option<Value>,
}

/// Who sends what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// None: now.
    pub at: Option<DateTime<Utc>>,
    pub role: Role,
    /// The municipality or prefecture the caller acts for; none: the administrator.
    pub body: Option<String>,
    pub method: String,
    /// Below `/api/v1`.
    pub path: String,
    /// None: a PUT creates.
    pub if_match: Option<String>,
    pub json: Option<Value>,
}

impl Request {
    /// The header every write must have: a PUT creates or replaces, a POST can be told from its repetition.
    pub fn condition(&self, number: usize) -> Option<(HeaderName, String)> {
        match (self.method.as_str(), &self.if_match) {
            (_, Some(etag)) => Some((IF_MATCH, etag.clone())),
            ("PUT", None) => Some((IF_NONE_MATCH, "*".to_owned())),
            ("POST", None) => Some((HeaderName::from_static("idempotency-key"), format!("sample-{number}"))),
            _ => None,
        }
    }
}

/// All of the stories, in the order of their times.
pub fn requests() -> Result<Vec<Request>, Failure> {
    let mut steps: Vec<Step> = Vec::new();
    for (file, story) in STORIES {
        let story: Vec<Step> = serde_json::from_str(story).map_err(|cause| format!("{file}: {cause}"))?;
        steps.extend(story);
    }
    let mut requests: Vec<Request> = steps.into_iter().flat_map(Step::requests).collect();
    requests.sort_by_key(|request| request.at);
    Ok(requests)
}

impl Step {
    /// One a second.
    fn requests(self) -> impl Iterator<Item = Request> {
        let Step { at, role, body, requests, .. } = self;
        (0..).zip(requests).map(move |(second, Sent { method, path, if_match, json })| Request {
            at: Some(at + TimeDelta::seconds(second)),
            role,
            body: body.clone(),
            method,
            path,
            if_match,
            json,
        })
    }
}

/// Sends them one after the other, each at its time. The number of those that succeeded is that of all.
pub async fn load(mut state: State, requests: &[Request]) -> Result<usize, Failure> {
    let (issuer, today) = (state.issuer.clone(), state.clock.clone());
    let micros = Arc::new(AtomicI64::new(today.now().timestamp_micros()));
    let clock = {
        let micros = micros.clone();
        Clock::from_fn(move || DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or_default())
    };
    state.clock = clock.clone();
    let factory = app::app(state).into_factory();
    let service = factory.new_service(AppConfig::default()).await.map_err(|()| "the service could not be built")?;
    for (index, request) in requests.iter().enumerate() {
        let number = index + 1;
        micros.store(request.at.unwrap_or_else(|| today.now()).timestamp_micros(), Ordering::SeqCst);
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
