//! What the operator does to the feed, with the owner's login: `hagukumi prune` and `hagukumi restored`.

use super::queries;
use crate::db::{self, Address};
use crate::error::Error;
use chrono::{DateTime, Duration, Utc};

/// The last number whose changes are gone, and how many went now.
pub async fn prune(owner: &Address, keep_days: u32, now: DateTime<Utc>) -> Result<(i64, usize), Error> {
    let older_than = now - Duration::days(i64::from(keep_days));
    db::as_owner(owner, async |conn| queries::prune(conn, older_than).await).await
}

pub async fn restored(owner: &Address) -> Result<(), Error> {
    db::as_owner(owner, async |conn| queries::renew_epoch(conn).await).await
}
