//! What stands between the network and the handlers. As it is configured, all of it is closed by default: no proxy is
//! believed, no other origin's pages may read an answer.
//!
//! This layer is around all others: what it adds is on every answer, problems and the Swagger UI included.

use super::peer::Proxies;
use super::rates::Rates;
use super::terms::Terms;
use super::{language, request_id};
use crate::error::Error;
use crate::server::connection::Traffic;
use crate::state::State;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{
    self, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, LINK, ORIGIN, VARY,
};
use actix_web::middleware::Next;
use actix_web::web::Data;
use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Default)]
pub struct Edge {
    pub proxies: Proxies,
    pub origins: Origins,
    pub rates: Rates,
    pub terms: Terms,
    /// Browsers are to come back by https only.
    pub https: bool,
    pub patience: Patience,
}

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Its body is there.
    pub body: Duration,
    /// It is answered. Above what waiting for the database takes, so that this is the last resort.
    pub request: Duration,
    /// The same of an import, whose body is larger and whose rows are many.
    pub import: Duration,
}

impl Patience {
    /// How long this request may take.
    fn of(&self, request: &ServiceRequest) -> Duration {
        if is_import(request) { self.import } else { self.request }
    }

    /// How long its body may take.
    pub fn of_body(&self, request: &ServiceRequest) -> Duration {
        // 16 MiB at 3 Mbit/s
        if is_import(request) { self.import / 2 } else { self.body }
    }
}

fn is_import(request: &ServiceRequest) -> bool {
    request.method() == Method::POST && request.path() == "/api/v1/imports"
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { body: seconds(12), request: seconds(15), import: seconds(90) }
    }
}

/// The origins whose pages may call the API from a browser. Tokens are sent by their scripts, never by the browser
/// itself, so there are no credentials to allow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origins(Arc<BTreeSet<String>>);

impl FromStr for Origins {
    type Err = String;

    /// `https://a.example.jp, https://b.example.jp:8443`
    fn from_str(text: &str) -> Result<Self, String> {
        let origin = |part: &str| {
            let part = part.trim();
            let rest = part.strip_prefix("https://").or_else(|| part.strip_prefix("http://"));
            let is_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
            let exact = rest.is_some_and(|host| !host.is_empty() && host.chars().all(is_host));
            if exact { Ok(part.to_owned()) } else { Err(part.to_owned()) }
        };
        Ok(Self(Arc::new(text.split(',').map(origin).collect::<Result<_, _>>()?)))
    }
}

const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// Scripts and styles of its own files only, and one rule that its bundle writes into the page (another version may have
/// another hash: the browser test would complain); icons in its style sheet are `data:`.
const SWAGGER: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' \
     'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);
const HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// Answers differ by these for everybody.
const LANGUAGE: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language");
/// … and where they are not public, by who asks.
const CALLER: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language, Authorization");
/// What scripts of another origin may read beside the body …
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Allow, Content-Language, ETag, Hagukumi-Outcome, Hagukumi-Publication, Link, Location, Request-Id, Retry-After",
);
/// … and send.
const ACCEPTED: HeaderValue = HeaderValue::from_static(
    "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match",
);
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// Which of the two policies a page needs, and what an answer says of its keeping if it does not say so itself.
fn page(path: &str) -> (HeaderValue, HeaderValue) {
    if path.starts_with("/swagger-ui/") {
        (SWAGGER, HeaderValue::from_static("no-cache"))
    } else if path == "/openapi.json" {
        (NOTHING, HeaderValue::from_static("no-cache"))
    } else {
        (NOTHING, HeaderValue::from_static("no-store"))
    }
}

/// The headers of one request's answer, whatever it will be.
struct Seal {
    policy: HeaderValue,
    keeping: HeaderValue,
    https: bool,
    lists_origins: bool,
    /// Asked from a page of an allowed origin.
    origin: Option<HeaderValue>,
    preflight: bool,
    /// Of what is public; of the API only.
    licence: Option<HeaderValue>,
}

impl Seal {
    fn of(request: &ServiceRequest, edge: Option<&Edge>) -> Self {
        let (policy, keeping) = page(request.path());
        let origins = edge.map(|edge| &edge.origins.0);
        let origin = request.headers().get(ORIGIN).filter(|origin| {
            let given = origin.to_str().unwrap_or_default();
            origins.is_some_and(|origins| origins.contains(given))
        });
        Self {
            policy,
            keeping,
            https: edge.is_some_and(|edge| edge.https),
            lists_origins: origins.is_some_and(|origins| !origins.is_empty()),
            origin: origin.cloned(),
            preflight: request.method() == Method::OPTIONS,
            licence: edge.filter(|_| request.path().starts_with("/api/")).and_then(|edge| {
                HeaderValue::from_str(&format!("<{}>; rel=\"license\"", edge.terms.licence_url())).ok()
            }),
        }
    }

    fn put_on(self, headers: &mut HeaderMap) {
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy);
        if self.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS);
        }
        if !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, self.keeping);
        }
        let private = headers.get(CACHE_CONTROL).is_some_and(|value| value == "no-store");
        headers.insert(VARY, if private { CALLER } else { LANGUAGE });
        // What nobody may keep is not public.
        if let Some(licence) = self.licence.filter(|_| !private) {
            headers.insert(LINK, licence);
        }
        if self.lists_origins {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        // Another representation, another tag (RFC 9110 §8.8.3.3); a write reads the part before `;`.
        if let (Some(coding), Some(tag)) = (headers.get(CONTENT_ENCODING), headers.get(ETAG))
            && let (Ok(coding), Some(tag)) = (coding.to_str(), tag.to_str().ok().and_then(|tag| tag.strip_suffix('"')))
            && let Ok(packed) = HeaderValue::from_str(&format!("{tag};{coding}\""))
        {
            headers.insert(ETAG, packed);
        }
        let Some(origin) = self.origin else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if let Some(methods) = headers.get(ALLOW).cloned().filter(|_| self.preflight) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ACCEPTED);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        }
    }
}

pub async fn around_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let _under_way = request.conn_data::<Traffic>().map(Traffic::begin);
    let edge = request.app_data::<Data<State>>().map(|state| &state.edge);
    let patience = edge.map(|edge| edge.patience).unwrap_or_default();
    let seal = Seal::of(&request, edge);
    let accepts = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let limit = patience.of(&request);
    let (japanese, id, path) = (language::japanese(accepts), request_id(request.request()), request.path().to_owned());
    match tokio::time::timeout(limit, next.call(request)).await {
        Ok(answered) => {
            let mut response = answered?;
            seal.put_on(response.headers_mut());
            Ok(response)
        }
        // The request is gone with what was done for it, so nobody inside can answer any more.
        Err(_) => {
            log::error!(request_id:% = id; "request took too long");
            let mut answer = language::render(&Error::slow(), japanese, &path, id);
            seal.put_on(answer.headers_mut());
            Err(InternalError::from_response("request took too long", answer).into())
        }
    }
}
