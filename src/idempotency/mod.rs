//! Idempotency-Key: a POST sent again is answered as the first time, and its effect happens once.
//!
//! The first answer is stored in the effect's transaction and kept for 24 hours. The same key with another request is
//! refused; while the first is still running, a second is told so.

pub mod queries;

use crate::auth::Caller;
use crate::db::Conn;
use crate::error::{Code, Error};
use crate::state::State;
use actix_web::HttpResponse;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::digest;
use queries::First;
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

/// Does the work once and keeps its answer in the work's transaction, or repeats the answer the key has had already. A
/// dry run is answered anew each time: it does nothing that could be done twice.
pub async fn once<B: Serialize>(
    state: &State,
    caller: &Caller,
    key: &IdempotencyKey,
    body: &B,
    dry_run: bool,
    work: impl AsyncFnOnce(&Conn) -> Result<First, Error>,
) -> Result<HttpResponse, Error> {
    let hash = key.hash(body)?;
    let now = state.clock.now();
    let first = state
        .db
        .write(caller, dry_run, async |tx| {
            if dry_run {
                return work(tx).await;
            }
            if let Some(first) = queries::first(tx, &caller.client, &key.key, &hash, now).await? {
                return Ok(first);
            }
            let first = work(tx).await?;
            queries::keep(tx, &caller.client, &key.key, hash, &first, now).await?;
            Ok(first)
        })
        .await?;
    let status = u16::try_from(first.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut answer = HttpResponse::build(status.unwrap_or(StatusCode::OK));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(tag) = first.etag {
        answer.insert_header((ETAG, tag));
    }
    Ok(answer.json(first.response))
}
