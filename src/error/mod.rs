//! What can go wrong, and how it is told: RFC 9457 problems in Japanese and English.
//!
//! A handler returns [`Error`]. The middleware of `web::language` renders it once, in the language of the request;
//! an internal error is logged there and answered with nothing in it.

mod codes;
mod constraints;

pub use codes::Code;
pub use constraints::unavailable;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Who can mend the cause of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixBy {
    /// The client that sent the request
    Sender,
    /// The administrator who manages clients, roles and members
    Administrator,
    /// The operator of the service
    Operator,
}

/// One finding inside a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// JSON pointer into the body, or the name of a parameter
    pub pointer: String,
    pub code: Code,
    pub ja: String,
    pub en: String,
}

impl Finding {
    pub fn new(pointer: impl Into<String>, code: Code, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, ja: ja.into(), en: en.into() }
    }
}

/// What the sender of a request is told.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub code: Code,
    pub ja: String,
    pub en: String,
    pub findings: Vec<Finding>,
    /// The current ETag, where that helps.
    pub etag: Option<String>,
    /// When to come back.
    pub wait_seconds: Option<u32>,
}

/// A name as part of a JSON pointer (RFC 6901).
pub fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[derive(Clone, Debug)]
pub enum Error {
    Refused(Box<Refusal>),
    /// Told to the log only.
    Internal(String),
}

impl Error {
    pub fn new(code: Code, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Refused(Box::new(Refusal {
            code,
            ja: ja.into(),
            en: en.into(),
            findings: Vec::new(),
            etag: None,
            wait_seconds: None,
        }))
    }

    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// All findings of a body at once. One finding gives the problem its own code, several `request.invalid`.
    pub fn invalid(findings: Vec<Finding>) -> Self {
        let (code, ja, en) = match findings.as_slice() {
            [only] => (only.code, only.ja.clone(), only.en.clone()),
            many => (
                Code::RequestInvalid,
                format!("{}か所に誤りがあります。errors を見てください", many.len()),
                format!("{} errors were found, see `errors`", many.len()),
            ),
        };
        Self::Refused(Box::new(Refusal { code, ja, en, findings, etag: None, wait_seconds: None }))
    }

    /// A refusal of its own, with what was found.
    pub fn with_findings(code: Code, ja: impl Into<String>, en: impl Into<String>, findings: Vec<Finding>) -> Self {
        let mut error = Self::new(code, ja, en);
        if let Self::Refused(refusal) = &mut error {
            refusal.findings = findings;
        }
        error
    }

    pub fn at(pointer: impl Into<String>, code: Code, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::invalid(vec![Finding::new(pointer, code, ja, en)])
    }

    /// Nothing there, or nothing the caller may know of.
    pub fn not_found(ja: impl fmt::Display, en: impl fmt::Display) -> Self {
        Self::new(Code::ResourceNotFound, format!("{ja} は見つかりません"), format!("{en} was not found"))
    }

    /// One text for every 401: the cause goes to the log only.
    pub fn unauthorized() -> Self {
        Self::new(
            Code::RequestUnauthorized,
            "有効なアクセストークンを Authorization: Bearer で付けてください",
            "Send a valid access token as Authorization: Bearer",
        )
    }

    /// Another writer was faster each time the write was judged.
    pub fn contended() -> Self {
        Self::new(
            Code::ServiceBusy,
            "同じ登録への更新が重なりました。少し待って、同じリクエストをもう一度送ってください",
            "Too many writers at once. Wait a little and send the same request again",
        )
    }

    /// Our time for it is over.
    pub fn slow() -> Self {
        Self::new(
            Code::ServiceBusy,
            "時間内に処理を終えられませんでした。少し待って、同じリクエストをもう一度送ってください",
            "The request could not be answered in time. Wait a little and send the same request again",
        )
    }

    pub fn with_etag(mut self, etag: String) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.etag = Some(etag);
        }
        self
    }

    pub fn etag(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.etag.as_deref(),
            Self::Internal(_) => None,
        }
    }

    pub fn with_wait(mut self, seconds: u32) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.wait_seconds = Some(seconds);
        }
        self
    }

    /// Something in what was sent, not the state of the service.
    pub fn is_the_senders(&self) -> bool {
        self.code().status() < 500
    }

    pub fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Internal(_) => Code::ServiceInternal,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{}: {}", refusal.code.id(), refusal.en),
            Self::Internal(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Only the status: `web::language` writes the body, because only there the request's language is known.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// RFC 9457 problem details. `GET /problems/{code}` explains a code.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Address of the code's explanation
    #[schema(max_length = 200, example = "/problems/report.locked")]
    pub r#type: String,
    #[schema(max_length = 200)]
    pub title: String,
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong, where, and what to do next
    #[schema(max_length = 4000)]
    pub detail: String,
    /// Path of the request
    #[schema(max_length = 2000)]
    pub instance: String,
    /// Stable code, part of the contract
    #[schema(max_length = 100, example = "report.locked")]
    pub code: String,
    pub fix_by: FixBy,
    /// Id to quote when asking the operator
    #[schema(max_length = 36)]
    pub request_id: String,
    /// Every finding at once
    #[schema(max_items = 1000)]
    pub errors: Vec<ProblemItem>,
}

/// One finding: where, which code, and what to do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProblemItem {
    /// JSON pointer into the body, or the name of a parameter
    #[schema(max_length = 500, example = "/values/0/unit")]
    pub pointer: String,
    #[schema(max_length = 100)]
    pub code: String,
    #[schema(max_length = 4000)]
    pub message: String,
}

/// At most so many characters, as the document promises: what is told may repeat what was sent.
pub fn short(text: impl Into<String>, most: usize) -> String {
    let text: String = text.into();
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
        None => text,
    }
}

const TEXT: usize = 4000;
const POINTER: usize = 500;
const PATH: usize = 2000;
const FINDINGS: usize = 1000;

impl Problem {
    pub fn render(error: &Error, japanese: bool, instance: &str, request_id: &str) -> Self {
        let code = error.code();
        let pick = |ja: &str, en: &str| if japanese { ja.to_owned() } else { en.to_owned() };
        let (detail, errors) = match error {
            Error::Internal(_) => (String::new(), Vec::new()),
            Error::Refused(refusal) => (
                pick(&refusal.ja, &refusal.en),
                refusal
                    .findings
                    .iter()
                    .take(FINDINGS)
                    .map(|f| ProblemItem {
                        pointer: short(&f.pointer, POINTER),
                        code: f.code.id().into(),
                        message: short(pick(&f.ja, &f.en), TEXT),
                    })
                    .collect(),
            ),
        };
        Self {
            r#type: format!("/problems/{}", code.id()),
            title: pick(code.title_ja(), code.title_en()),
            status: code.status(),
            detail: short(detail, TEXT),
            instance: short(instance, PATH),
            code: code.id().into(),
            fix_by: code.fix_by(),
            request_id: request_id.into(),
            errors,
        }
    }
}
