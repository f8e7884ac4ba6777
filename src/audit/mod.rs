//! Audit 監査: the journal as those may read it who answer for it.
//!
//! - `GET /audit`: the body's own approver, the reviewer of the plan's owner, the administrator
//!
//! Which rows, and which content of them, is the view `audit` of the database: a reporter's records are there for the
//! plan's owner only while they are handed in, and their content never; administrators see no figures.

pub mod queries;
pub mod routes;
pub mod types;
