//! Records: what targets 目標 and annual results 年度実績 have in common. One shape, told apart by its part; one way to
//! write it; one published row that is the whole record.
//!
//! - `types`: values, evaluations, keys, the filter of the lists
//! - `figure`: a figure in the one cell in which a person writes it
//! - `put`: how records are written and deleted; `check`: what the database is asked before
//! - `unchanged`: texts that go on from last year
//! - `shown`: how they are read
//! - `flat`: records as the rows of CSV and XLSX
//! - `queries`: working rows; below it `published` rows, the `publication` that makes them, the `surroundings` of a
//!   write, and the records of `last_year`

pub mod check;
pub mod compare;
pub mod encode;
pub mod figure;
pub mod filter;
pub mod flat;
pub mod pull;
pub mod put;
pub mod queries;
pub mod rows;
pub mod shown;
pub mod suppression;
pub mod types;
pub mod unchanged;
pub mod value;
