//! The outermost layer: gives each request its id, writes the one line of the access log, counts for `/metrics`.
//!
//! The line is written when the request has left, whichever way it leaves: answered to the last byte, cut off by the
//! client, or given up in a panic. It names the route's template, never the address, which may carry what nobody else
//! should read. An id that a client sends along is not taken over: ours is unique, and free text has no place in a log.

use super::RequestId;
use super::peer::Peer;
use crate::logging::ACCESS;
use crate::state::State;
use actix_web::HttpMessage;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use pin_project_lite::pin_project;
use std::cell::OnceCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use uuid::Uuid;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// As nginx counts them: the client has left before there was an answer.
const CLIENT_HAS_LEFT: u16 = 499;

/// Whose verified token came with the request.
#[derive(Clone, Default)]
pub struct Client(Rc<OnceCell<String>>);

impl Client {
    pub fn is(&self, name: &str) {
        // The first one stays; a request has one token.
        let _ = self.0.set(name.to_owned());
    }
}

pub async fn around_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut visit = Visit::of(&request);
    request.extensions_mut().insert(RequestId(visit.id));
    request.extensions_mut().insert(visit.client.clone());
    let answered = next.call(request).await;
    visit.status = Some(match &answered {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    });
    let mut response = answered?;
    if let Ok(value) = HeaderValue::from_str(&visit.id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if visit.state.as_ref().is_some_and(|state| state.draining.has_begun()) {
        // Those who stay connected would hold up the end; their next request belongs elsewhere.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response.map_body(|_, body| Sent::new(body, visit)))
}

/// One request, from its first look to its end; the end writes the line.
struct Visit {
    id: Uuid,
    method: &'static str,
    route: String,
    client: Client,
    address: Peer,
    state: Option<Data<State>>,
    started: Instant,
    status: Option<StatusCode>,
    bytes: u64,
    /// The body has not been sent to its end.
    cut: bool,
}

impl Visit {
    fn of(request: &ServiceRequest) -> Self {
        let state = request.app_data::<Data<State>>().cloned();
        state.iter().for_each(|state| state.metrics.begin());
        Self {
            id: Uuid::now_v7(),
            method: known(request.method()),
            route: request.match_pattern().unwrap_or_default(),
            client: Client::default(),
            address: Peer::of(request.request()),
            state,
            started: Instant::now(),
            status: None,
            bytes: 0,
            cut: false,
        }
    }
}

/// A method is any word a client likes.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let status = match self.status {
            Some(status) => status.as_u16(),
            None if std::thread::panicking() => StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
            None => CLIENT_HAS_LEFT,
        };
        let took = self.started.elapsed();
        if let Some(state) = &self.state {
            state.metrics.end(self.method, &self.route, status, took);
        }
        log::info!(
            target: ACCESS,
            request_id:% = self.id, method = self.method, route = self.route.as_str(), status,
            ms = took.as_micros() as f64 / 1000.0, bytes = self.bytes, cut = self.cut,
            client = self.client.0.get().map_or("", String::as_str), address:% = self.address;
            "request"
        );
    }
}

pin_project! {
    /// A body that counts what is taken from it, and keeps its request's visit to the end.
    struct Sent<B> {
        #[pin]
        body: B,
        visit: Visit,
    }
}

impl<B: MessageBody> Sent<B> {
    fn new(body: B, mut visit: Visit) -> Self {
        // Nobody asks a body for bytes that it does not have, or that are not wanted.
        visit.cut = !matches!(body.size(), BodySize::None | BodySize::Sized(0)) && visit.method != "HEAD";
        Self { body, visit }
    }
}

impl<B: MessageBody> MessageBody for Sent<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.project();
        let next = ready!(this.body.poll_next(context));
        match &next {
            Some(Ok(bytes)) if this.visit.method != "HEAD" => this.visit.bytes += bytes.len() as u64,
            Some(_) => {}
            None => this.visit.cut = false,
        }
        Poll::Ready(next)
    }
}
