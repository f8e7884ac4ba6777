//! Evaluation schemes 評価基準: the scales on which results are judged.
//!
//! - `GET /evaluation_schemes`, `GET|PUT|DELETE /evaluation_schemes/{owner}/{scheme}/{fiscal_year}`
//!
//! A scale is data of its owner and of the years it was valid in, public from its first day. Scales are never merged and
//! never averaged. A level whose definition is lost stays lost; a presumed one says on what basis. A level that a
//! record uses cannot be deleted.

pub mod queries;
pub mod routes;
pub mod rules;
pub mod types;
