//! The export door: a whole table as one binary COPY, read at one moment under the published role, on a connection of its
//! own. Nothing is kept but the row under way; a reader that stops ends its export.

use super::Db;
use super::connect::bad;
use crate::error::{Code, Error, unavailable};
use actix_web::web::Bytes;
use futures_util::StreamExt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio_postgres::{Client, CopyOutStream};

/// So many exports run at once: each is a connection, and reads as fast as it can.
pub const AT_ONCE: usize = 2;
/// A statement may take so long, and no row longer than [`PROGRESS`].
const LIMITS: &str = "-c statement_timeout=1800000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=60000 \
                      -c max_parallel_workers_per_gather=0 -c jit=off -c enable_sort=off";
/// Nothing is waited for longer on the way.
pub const PROGRESS: Duration = Duration::from_secs(30);

/// How the rows of a COPY begin.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags, and the length of what else the head holds.
const HEAD: usize = 19;

pub(super) fn permits() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

/// A connection that copies; closed, whatever it is at, when it is let go.
pub struct Export {
    client: Client,
    driver: AbortHandle,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Export {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Db {
    /// Opens the door and its moment. Returns the publication number of that moment, too.
    pub async fn export(&self) -> Result<(Export, i64), Error> {
        let permit = self.exports.clone().try_acquire_owned().map_err(|_| {
            Error::new(
                Code::ServiceBusy,
                format!(
                    "同時に取得できるデータセットは{AT_ONCE}つまでです。しばらくしてから、もう一度取得してください"
                ),
                format!("At most {AT_ONCE} data sets are exported at once. Come back in a while"),
            )
            .with_wait(30)
        })?;
        let opened = self.address.open_raw("hagukumi_published", LIMITS, self.patience).await;
        let (client, driver) = opened.map_err(|error| unavailable(&error.to_string()))?;
        let export = Export { client, driver, _permit: permit };
        let begun = async {
            export.client.batch_execute("begin isolation level repeatable read read only").await?;
            export.client.query_one("select no from publication_head", &[]).await?.try_get::<_, i64>(0)
        };
        let begun = tokio::time::timeout(self.patience.answer, begun).await.map_err(|_| unavailable("no answer"))?;
        let no = begun.map_err(failed)?;
        Ok((export, no))
    }
}

impl Export {
    /// All rows of a select.
    pub async fn rows(&self, select: &str) -> Result<Rows, Error> {
        let copy = format!("copy ({select}) to stdout (format binary)");
        let begun = tokio::time::timeout(PROGRESS, self.client.copy_out(&copy)).await;
        let rows = begun.map_err(|_| unavailable("the copy does not begin"))?.map_err(failed)?;
        Ok(Rows { stream: Box::pin(rows), begun: false })
    }

    /// Pairs of a select: what a code means.
    pub async fn names(&self, select: &str) -> Result<Vec<(String, String)>, Error> {
        let rows = self.client.query(select, &[]).await.map_err(failed)?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, _>>().map_err(failed)
    }
}

fn failed(error: tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(cause) => Error::internal(cause.to_string()),
        None => unavailable(&bad(error).to_string()),
    }
}

pub struct Rows {
    stream: Pin<Box<CopyOutStream>>,
    begun: bool,
}

impl Rows {
    /// The next row; none: that was all.
    pub async fn next(&mut self) -> Result<Option<Row>, Error> {
        let next = tokio::time::timeout(PROGRESS, self.stream.next()).await;
        let Some(message) = next.map_err(|_| unavailable("the copy stands still"))? else { return Ok(None) };
        let mut message = message.map_err(failed)?;
        // A message is a row; the first has the head of the copy before it.
        if !self.begun {
            if !message.starts_with(SIGNATURE) || message.len() < HEAD {
                return Err(Error::internal("no binary copy"));
            }
            drop(message.split_to(HEAD));
            self.begun = true;
        }
        Ok(Some(Row(message)).filter(|row| !row.is_end()))
    }
}

/// A row as PostgreSQL wrote it.
pub struct Row(Bytes);

impl Row {
    /// The count of fields is -1 behind the last row.
    fn is_end(&self) -> bool {
        self.0.starts_with(&[0xff, 0xff])
    }

    /// Its fields from left to right; an empty one is NULL.
    pub fn fields(&self) -> Fields<'_> {
        Fields(self.0.get(2..).unwrap_or_default())
    }
}

pub struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            self.0 = rest;
            return Some(None);
        };
        let (field, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Some(field))
    }
}
