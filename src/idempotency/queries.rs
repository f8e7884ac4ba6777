use crate::db::Conn;
use crate::db::lock;
use crate::db::schema::idempotency_keys;
use crate::error::{Code, Error};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

/// How long a first answer is kept.
const KEPT: Duration = Duration::hours(24);

/// The first answer to a request.
pub struct First {
    pub status: i16,
    pub etag: Option<String>,
    pub response: Value,
}

/// The answer the key has had already. Until the transaction ends nobody else gets past here with the same key.
pub async fn first(
    mut conn: &Conn,
    client: &str,
    key: &str,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<First>, Error> {
    if !lock::take(conn, &format!("{client}\n{key}")).await? {
        return Err(Error::new(
            Code::RequestStillRunning,
            "同じ Idempotency-Key のリクエストを処理中です。少し待って、もう一度送ってください",
            "A request with this Idempotency-Key is still running. Wait a little and send it again",
        ));
    }
    let found: Option<(Vec<u8>, i16, Option<String>, Value)> = idempotency_keys::table
        .find((client, key))
        .filter(idempotency_keys::created_at.gt(now - KEPT))
        .select((
            idempotency_keys::request_hash,
            idempotency_keys::status,
            idempotency_keys::etag,
            idempotency_keys::response,
        ))
        .first(&mut conn)
        .await
        .optional()?;
    match found {
        None => Ok(None),
        Some((stored, status, etag, response)) if stored == hash => Ok(Some(First { status, etag, response })),
        Some(_) => Err(Error::new(
            Code::RequestIdempotencyKeyReused,
            "この Idempotency-Key は、別の内容のリクエストで使われています。新しい値を付けてください",
            "This Idempotency-Key was used for another request. Use a new one",
        )),
    }
}

/// Keeps a first answer, in the transaction of its effect, and forgets those that are too old.
pub async fn keep(
    mut conn: &Conn,
    client: &str,
    key: &str,
    hash: Vec<u8>,
    answer: &First,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.le(now - KEPT)))
        .execute(&mut conn)
        .await?;
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::client.eq(client),
            idempotency_keys::key.eq(key),
            idempotency_keys::request_hash.eq(hash),
            idempotency_keys::status.eq(answer.status),
            idempotency_keys::etag.eq(&answer.etag),
            idempotency_keys::response.eq(&answer.response),
            idempotency_keys::created_at.eq(now),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// The key of one of the effects of a call that has many. No header holds a line break.
pub fn part_of(key: &str, index: usize) -> String {
    format!("{key}\n{index}")
}

/// Keeps the first answer of a call whose effects were kept one by one, in their place.
pub async fn keep_whole(
    mut conn: &Conn,
    client: &str,
    key: &str,
    hash: Vec<u8>,
    answer: &First,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    // In the order of bytes, everything that begins with the key and a line break lies between these two.
    let parts = idempotency_keys::key.gt(format!("{key}\n")).and(idempotency_keys::key.lt(format!("{key}\u{b}")));
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::client.eq(client)).filter(parts))
        .execute(&mut conn)
        .await?;
    keep(conn, client, key, hash, answer, now).await
}
