//! Statutory programs 地域子ども・子育て支援事業 (子ども・子育て支援法59条): a code list that laws change.
//!
//! - `GET /statutory_programs`

pub mod queries;
pub mod routes;
pub mod types;
