//! Idempotency-Key: a POST sent again is answered as the first time, and its effect happens once.
//!
//! The first answer is stored in the effect's transaction and kept for 24 hours. The same key with another request is
//! refused; while the first is still running, a second is told so.

pub mod queries;

use crate::error::{Code, Error};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::digest;
use serde::Serialize;
use std::future::{Ready, ready};
use utoipa::IntoParams;

/// The key of a request, with the address it was sent to.
pub struct IdempotencyKey {
    pub key: String,
    address: String,
}

/// For the document only.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a parameter")]
pub struct IdempotencyHeader {
    /// 再送しても一度だけ実行されるための、送信側が決める一意な値（例：UUID）。24時間有効
    #[param(
        rename = "Idempotency-Key",
        pattern = "^[!-~]([ -~]*[!-~])?$",
        min_length = 1,
        max_length = 200,
        example = "mihon-1"
    )]
    idempotency_key: String,
}

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut given = request.headers().get_all("idempotency-key");
        let key = match (given.next(), given.next()) {
            (Some(only), None) => only.to_str().ok().map(str::trim).filter(|key| (1..=200).contains(&key.len())),
            _ => None,
        };
        ready(key.map(|key| Self { key: key.to_owned(), address: request.path().to_owned() }).ok_or_else(|| {
            Error::new(
                Code::RequestIdempotencyKeyRequired,
                "Idempotency-Key ヘッダーに、この操作に固有の値（UUIDなど、200字まで）を付けてください",
                "Send an Idempotency-Key header with a value of this operation's own (a UUID, up to 200 characters)",
            )
        }))
    }
}

impl IdempotencyKey {
    /// What makes two requests the same.
    pub fn hash<B: Serialize>(&self, body: &B) -> Result<Vec<u8>, Error> {
        Ok(self.hash_of(&[&serde_json::to_vec(body).map_err(Error::internal)?]))
    }

    /// The same of a body that is no JSON, and of what else makes the request another.
    pub fn hash_of(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(self.address.as_bytes());
        for part in parts {
            context.update(&[0]);
            context.update(part);
        }
        context.finish().as_ref().to_vec()
    }
}
