//! Rounds 照会: what the reporters of a plan hand in together, and until when.
//!
//! - `GET /rounds?plan=`, `GET|PUT|DELETE /rounds/{plan}/{round}`; `GET /rounds/{plan}/{round}/overview`
//! - `POST /rounds/{plan}/{round}/successors`: the round of the next year
//!
//! A pair of part (targets, results) and period belongs to at most one round of its plan. A pair that no round covers
//! gets a default round with its first record; the plan's owner may edit it like any other, and it is the owner's from
//! then on. A round that has reports keeps the pairs it covers.

pub mod comparison;
pub mod overview;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod successor;
pub mod types;
