//! Plans 計画 and their reporters 報告団体.
//!
//! - `GET /plans`, `GET|PUT|DELETE /plans/{plan}`
//! - `POST /plans/{plan}/successors`: the plan that comes after it
//! - `GET /plans/{plan}/reporters`, `GET|PUT|DELETE /plans/{plan}/reporters/{municipality}`
//!
//! A plan's code begins with its owner's. A draft plan is seen by its owner and its reporters only; once adopted it
//! never becomes a draft again. A municipality's own plan is created with the municipality as its reporter.

pub mod queries;
pub mod routes;
pub mod successor;
pub mod types;
