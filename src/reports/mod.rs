//! Reports 報告: one reporter's answer to one round, and its way from draft to publication.
//!
//! - `GET /reports`; `GET|PUT /reports/{plan}/{municipality}/{round}`: a PUT carries what stands on the sheet beside the
//!   records (declared counts, a note)
//! - `POST /reports/{plan}/{municipality}/{round}/transitions`; `POST /transitions` for many reports
//! - `GET …/completeness`, `…/receipt`, `…/corrections` (正誤表)
//!
//! The states and who may move a report: `domain::status`. A publication is the last step of `transition`.

pub mod comments;
pub mod completeness;
pub mod corrections;
mod difference;
pub mod many;
pub mod queries;
pub mod receipt;
pub mod routes;
pub mod transition;
pub mod types;
