//! Values: the flat pull, one row a figure.
//!
//! - `GET /values`: published figures of targets and results, with the codes and names of everything they belong to

pub mod pull;
pub mod queries;
pub mod routes;
pub mod types;
