//! Annual results 年度実績: what was done, in words and figures, and how it was rated.
//!
//! - `GET /results`; `GET|PUT|DELETE /results/{plan}/{program}/{municipality}/{period}`
//!
//! How they are kept and written: `records`.

pub mod pull;
pub mod routes;
pub mod types;
