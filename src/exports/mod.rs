//! Exports: everything public as data sets to compute with, by the rules of machine-readable statistics (統計表の機械判読):
//! one value a cell, a unit in a column of its own, codes beside names in every row.
//!
//! - `GET /exports/{dataset}`: results, targets, values, evaluations (at any moment), programs, indicators (as they are);
//!   CSV or NDJSON, a whole data set at one publication number
//! - `GET /exports/datapackage.json`: what they hold, as a Frictionless Data Package
//!
//! `columns` is the one table of what a data set holds: the select, the encoder (`encode`) and the package (`package`) are
//! made from it, so that they cannot drift apart. The rows come through the export door, `db::export`.

mod columns;
mod encode;
pub mod package;
mod queries;
pub mod routes;
pub mod types;
