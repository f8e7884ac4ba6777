//! Municipalities 自治体 and prefectures: the code list.
//!
//! - `GET /municipalities` lists the 1,741 of today; `kind=`, `prefecture=`, `valid_on=` choose others
//! - `GET|PUT /municipalities/{municipality}`: an administrator writes; successions (廃置分合) stand with the predecessor
//! - `GET /prefectures`, `GET /prefectures/{municipality}`
//!
//! Nothing is ever deleted: what ended has a last day and its successors. Whom a sum expects is kept in memory as long as no
//! definition changes ([`dictionary`]).

pub mod dictionary;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod types;
