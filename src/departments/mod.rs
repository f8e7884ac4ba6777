//! Departments 担当課・所管課 of a municipality or prefecture.
//!
//! - `GET /departments`, `GET|PUT|DELETE /departments/{municipality}/{department}`
//!
//! They belong to no plan and are public from their first day. A renamed department is a new one that its predecessor
//! names as its successor, so that last year's sheet keeps the old name.

pub mod queries;
pub mod routes;
pub mod rules;
pub mod types;
