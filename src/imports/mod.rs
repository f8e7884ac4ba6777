//! Imports 取込: many targets and results in one call, each taken the same way as a PUT of its own.
//!
//! - `POST /imports`, `GET /imports`, `GET /imports/{import}`, `GET /imports/{import}/rows`
//!
//! One transaction, whatever the mode: `atomic` writes all rows or none, `partial` those that are in order. A dry run does
//! the same and keeps nothing. Its report is kept with the effect, and so is the answer to its idempotency key: after a
//! crash either all of it is there or nothing, and a retry completes.
//!
//! - `upload`: the body as it comes; `json`, `sheets` (with `read`): rows out of it; `row`: what every row has, whichever its format
//! - `run`: the transaction; `report`: what is told of it, errors of one cause together; `table`: the same as CSV and XLSX

mod json;
pub mod queries;
pub mod read;
mod report;
pub mod routes;
mod row;
mod run;
mod sheets;
mod table;
pub mod types;
mod upload;
