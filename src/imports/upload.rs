//! The body of an import: its format, and its bytes, of which there may be more than in other bodies.

use super::json::{self, Rows};
use super::types::OnConflict;
use crate::error::{Code, Error};
use crate::web::limits;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};

/// An import has at most 16 MiB.
pub const MOST_BYTES: usize = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    /// One row a line
    Ndjson,
}

impl Format {
    pub const NAMES: [&str; 2] = ["application/json", "application/x-ndjson"];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }
}

pub struct Upload {
    pub format: Format,
    pub bytes: Vec<u8>,
}

impl Upload {
    pub fn rows(&self, on_conflict: OnConflict) -> Result<Rows, Error> {
        match self.format {
            Format::Json => json::whole(&self.bytes, on_conflict),
            Format::Ndjson => json::lines(&self.bytes, on_conflict),
        }
    }
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let format = format(request);
        let mut payload = payload.take();
        async move {
            let format = format?;
            let mut bytes = Vec::new();
            while let Some(part) = payload.next().await {
                bytes.extend_from_slice(&part.map_err(|error| limits::unread(&error.into()))?);
                if bytes.len() > MOST_BYTES {
                    return Err(Error::new(
                        Code::RequestTooLarge,
                        "取込の本文は16 MiBまでです。分けて送ってください",
                        "The body of an import has at most 16 MiB: send it in parts",
                    ));
                }
            }
            Ok(Self { format, bytes })
        }
        .boxed_local()
    }
}

fn format(request: &HttpRequest) -> Result<Format, Error> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = given.and_then(|value| value.parse::<mime::Mime>().ok());
    match media.as_ref().map(mime::Mime::essence_str) {
        Some("application/json") => Ok(Format::Json),
        Some("application/x-ndjson") => Ok(Format::Ndjson),
        _ => {
            let names = Format::NAMES.join(", ");
            Err(Error::new(
                Code::RequestMediaType,
                format!("Content-Type は次のどれかです：{names}"),
                format!("Content-Type is one of {names}"),
            ))
        }
    }
}
