//! What every handler shares.

use crate::auth::access::Access;
use crate::auth::jwt::Issuer;
use crate::clock::Clock;
use crate::db::Db;
use crate::health::Draining;
use crate::metrics::Metrics;
use crate::municipalities::dictionary::Dictionary;
use crate::web::edge::Edge;
use crate::web::page::CursorKey;
use std::sync::Arc;

#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub issuer: Arc<Issuer>,
    pub access: Arc<Access>,
    pub clock: Clock,
    pub dictionary: Arc<Dictionary>,
    pub cursors: CursorKey,
    pub draining: Draining,
    pub metrics: Metrics,
    pub edge: Edge,
}
