//! What a code of a problem means: the place its `type` points to.
//!
//! - `GET /problems/{code}`

pub mod routes;
pub mod types;
