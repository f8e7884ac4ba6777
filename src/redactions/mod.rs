//! Redactions 削除: what should never have been published, such as personal data, is emptied for good.
//!
//! - `POST /redactions`: one record, in every edition and in everything that is kept of it
//!
//! The record stays, marked `redacted`, so that nobody wonders where it went. What clients have copied is beyond reach: the
//! change feed tells them (`redact`).

pub mod queries;
pub mod routes;
pub mod types;
