//! Reports 報告: one reporter's answer to one round, and its way from draft to publication.
//!
//! - `GET /reports`; `GET|PUT /reports/{plan}/{municipality}/{round}`: a PUT carries what stands on the sheet beside the
//!   records (declared counts, a note)
//! - `POST /reports/{plan}/{municipality}/{round}/transitions`
//!
//! The states and who may move a report: `domain::status`. A publication is the last step of `transition`.

pub mod queries;
pub mod routes;
pub mod transition;
pub mod types;
