//! Indicators 指標: what figures count, and how they may be compared and added up.
//!
//! - `GET /indicators`, `GET|PUT|DELETE /indicators/{owner}/{indicator}`
//! - `GET /units`: the units and their spellings
//!
//! Owner 000000 holds the common indicators of the nation, which the administrator writes and which others feed. Public
//! from the first day. An indicator that is in use cannot be deleted.

pub mod queries;
pub mod routes;
pub mod types;
