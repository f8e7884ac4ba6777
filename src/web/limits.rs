//! What is refused before a handler is asked: too long, too large, packed, too often; and how long a body may take.

use crate::error::{Code, Error};
use crate::state::State;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, ResponseError};
use futures_util::Stream;
use futures_util::stream::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

/// A body has at most 1 MiB.
pub const BODY: usize = 1 << 20;
/// All header lines of a request together. The connection itself reads 128 KiB before it gives up.
const HEADERS: usize = 16 << 10;
/// Path and query.
const ADDRESS: usize = 8 << 10;

pub async fn around_request(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let state = request.app_data::<Data<State>>().cloned();
    let refused = size(&request).and_then(|()| unpacked(&request)).and_then(|()| match &state {
        // Who asks whether the service lives is never sent away.
        Some(state) if !request.path().starts_with("/health/") => state.edge.rates.check(request.request()),
        _ => Ok(()),
    });
    if let Err(error) = refused {
        return Ok(request.into_response(error.error_response()).map_into_right_body());
    }
    if let Some(state) = state {
        let limit = state.edge.patience.of_body(&request);
        let payload = request.take_payload();
        request.set_payload(within(limit, payload));
    }
    // RFC 9110 §9.3.2: as GET, without the body, which the connection leaves out by itself.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn size(request: &ServiceRequest) -> Result<(), Error> {
    let address = request.uri().path_and_query().map_or(0, |whole| whole.as_str().len());
    if address > ADDRESS {
        return Err(Error::new(
            Code::RequestAddressTooLong,
            "URL は8 KiBまでです。条件を減らすか、分けて取得してください",
            "An address has at most 8 KiB. Ask for less, or in parts",
        ));
    }
    // As on the wire: `name: value` and the end of the line.
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers > HEADERS {
        return Err(Error::new(
            Code::RequestHeadersTooLarge,
            "ヘッダーは全部で16 KiBまでです",
            "All headers together have at most 16 KiB",
        ));
    }
    Ok(())
}

/// A few packed bytes can unfold to any size.
fn unpacked(request: &ServiceRequest) -> Result<(), Error> {
    if request.headers().get_all(CONTENT_ENCODING).all(|value| value == "identity") {
        return Ok(());
    }
    Err(Error::new(
        Code::RequestMediaType,
        "本文は圧縮せずに（Content-Encoding なしで）送ってください",
        "Send the body as it is, without Content-Encoding",
    ))
}

/// The body, until its time is over.
fn within(limit: Duration, mut payload: Payload) -> Payload {
    if matches!(payload, Payload::None) {
        return payload;
    }
    let mut over = Box::pin(tokio::time::sleep(limit));
    let stream = poll_fn(move |context| match Pin::new(&mut payload).poll_next(context) {
        Poll::Pending => over.as_mut().poll(context).map(|()| Some(Err(PayloadError::Io(ErrorKind::TimedOut.into())))),
        ready => ready,
    });
    Payload::Stream { payload: Box::pin(stream) }
}

/// Why a body could not be read.
pub fn unread(error: &actix_web::Error) -> Error {
    if let Some(PayloadError::Io(cause)) = error.as_error::<PayloadError>()
        && cause.kind() == ErrorKind::TimedOut
    {
        return Error::new(
            Code::RequestTimeout,
            "本文が時間内に届きませんでした。回線を確かめて、もう一度送ってください",
            "The body did not arrive in time. Check the line and send it again",
        );
    }
    match error.as_response_error().status_code().as_u16() {
        413 => Error::new(Code::RequestTooLarge, "本文は1 MiBまでです", "A body has at most 1 MiB"),
        _ => Error::new(Code::RequestMalformed, "本文を最後まで受け取れませんでした", "The body did not arrive whole"),
    }
}
