//! The body of an import: its format, and its bytes, of which there may be more than in other bodies.

use super::json;
use super::read::{self, Charset, Names};
use super::row::Rows;
use super::sheets;
use super::types::OnConflict;
use crate::error::{Code, Error};
use crate::web::limits;
use crate::web::table::XLSX;
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
    Sheet(read::Format),
}

impl Format {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Sheet(read::Format::Csv(Charset::Utf8)) => "csv",
            Self::Sheet(read::Format::Csv(Charset::Cp932)) => "csv in cp932",
            Self::Sheet(read::Format::Xlsx) => "xlsx",
        }
    }

    /// Files name municipalities, and the names decide what their digits leave open.
    pub fn needs_names(self) -> bool {
        matches!(self, Self::Sheet(_))
    }
}

pub struct Upload {
    pub format: Format,
    pub bytes: Vec<u8>,
}

impl Upload {
    pub fn rows(&self, on_conflict: OnConflict, names: &Names) -> Result<Rows, Error> {
        match self.format {
            Format::Json => json::whole(&self.bytes, on_conflict),
            Format::Ndjson => json::lines(&self.bytes, on_conflict),
            Format::Sheet(format) => sheets::rows(&self.bytes, format, names, on_conflict),
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
        Some(XLSX) => Ok(Format::Sheet(read::Format::Xlsx)),
        Some("text/csv") => {
            let named = media.as_ref().and_then(|media| media.get_param("charset"));
            let charset = named.map_or(Some(Charset::Utf8), |name| Charset::parse(name.as_str()));
            charset.map(|charset| Format::Sheet(read::Format::Csv(charset))).ok_or_else(|| {
                let (ja, en) = ("charset は utf-8 か cp932 です", "charset is utf-8 or cp932");
                Error::new(Code::RequestMediaType, ja, en)
            })
        }
        _ => Err(Error::new(
            Code::RequestMediaType,
            format!(
                "Content-Type は application/json、application/x-ndjson、text/csv（charset=cp932 も可）、{XLSX} のどれかです"
            ),
            format!(
                "Content-Type is one of application/json, application/x-ndjson, text/csv (also with charset=cp932), {XLSX}"
            ),
        )),
    }
}
