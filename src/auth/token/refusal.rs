//! What the token endpoint answers in place of a token. Its texts are English alone: the RFC allows ASCII only.

use crate::error;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

crate::words! {
    /// RFC 6749 §5.2; `temporarily_unavailable` and `server_error` as in its §4.1.2.1
    pub enum OauthError {
        /// リクエストの形式の誤り / the request is malformed
        InvalidRequest = "invalid_request",
        /// クライアントの認証に失敗 / the client could not be authenticated
        InvalidClient = "invalid_client",
        /// この grant_type は使えません / only client_credentials is supported
        UnsupportedGrantType = "unsupported_grant_type",
        /// クライアントにない役割 / the scope is not the client's
        InvalidScope = "invalid_scope",
        /// 混雑・回数超過。Retry-After の後に再送 / busy or too many attempts: again after Retry-After
        TemporarilyUnavailable = "temporarily_unavailable",
        /// サーバー内部の誤り / internal error
        ServerError = "server_error",
    }
}

/// アクセストークンを発行できない理由 / why there is no token (RFC 6749 §5.2)
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenError {
    error: OauthError,
    /// ASCII only, by the RFC
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "the client id or its secret is wrong, or the client is disabled"
    )]
    error_description: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    pub error: OauthError,
    status: StatusCode,
    description: &'static str,
    /// Seconds until it is worth trying again.
    retry_after: Option<u32>,
}

impl Refusal {
    pub fn of(error: OauthError, description: &'static str) -> Self {
        let status = match error {
            OauthError::InvalidClient => StatusCode::UNAUTHORIZED,
            OauthError::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            OauthError::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { error, status, description, retry_after: None }
    }

    pub const FORM: Self = Self {
        error: OauthError::InvalidRequest,
        status: StatusCode::BAD_REQUEST,
        description: "send a body of Content-Type application/x-www-form-urlencoded, in UTF-8",
        retry_after: None,
    };
    pub const BASIC: Self = Self {
        error: OauthError::InvalidClient,
        status: StatusCode::UNAUTHORIZED,
        description: "Authorization cannot be read: it is Basic with base64 of the client id, a colon and its secret",
        retry_after: None,
    };

    pub fn request(description: &'static str) -> Self {
        Self::of(OauthError::InvalidRequest, description)
    }

    pub fn client(description: &'static str) -> Self {
        Self::of(OauthError::InvalidClient, description)
    }

    pub fn busy() -> Self {
        let description = "the service is busy: send the same request again after Retry-After";
        Self { retry_after: Some(2), ..Self::of(OauthError::TemporarilyUnavailable, description) }
    }

    pub fn too_many(seconds: u32) -> Self {
        let description = "too many requests for tokens: keep a token while it is good, ask again after Retry-After";
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after: Some(seconds),
            ..Self::of(OauthError::TemporarilyUnavailable, description)
        }
    }
}

/// The database could not be asked.
impl From<error::Error> for Refusal {
    fn from(error: error::Error) -> Self {
        if let error::Error::Internal(cause) = &error {
            log::error!(cause = cause.as_str(); "token endpoint failed");
            return Self::of(OauthError::ServerError, "internal error");
        }
        Self::busy()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error.as_str(), self.description)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
        if self.status == StatusCode::UNAUTHORIZED {
            answer.insert_header((WWW_AUTHENTICATE, "Basic realm=\"hagukumi\", charset=\"UTF-8\""));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        answer.json(TokenError { error: self.error, error_description: self.description })
    }
}
