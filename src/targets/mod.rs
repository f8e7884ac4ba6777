//! Targets 目標, and changed goals (amendments, 実行計画と差異のある事業目標) beside them.
//!
//! - `GET /targets`; `GET|PUT|DELETE /targets/{plan}/{program}/{municipality}/{period}`
//! - `GET|PUT|DELETE …/amendments/{amendment}`
//!
//! How they are kept and written: `records`.

pub mod pull;
pub mod routes;
pub mod types;
