//! Warnings 確認事項: what looks wrong in a record or on a sheet and may be right. They never block.
//!
//! - `GET /warnings`; `GET|PUT|DELETE /warnings/{plan}/{municipality}/{round}/{warning}`: a PUT acknowledges, with a reason
//!
//! They are judged when a record is written and again when its report is submitted (`review`), by the rules of
//! `domain::warnings`, and kept with the row they are about. An acknowledgement holds until its record changes. Working
//! data: the public sees nothing of them.

pub mod queries;
pub mod review;
pub mod routes;
pub mod rules;
pub mod types;
