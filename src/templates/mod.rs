//! Templates 記入様式: what a reporter is asked for in a round, with what it has written so far and what it wrote the year
//! before; filled in, it comes back as an import.
//!
//! - `GET /templates/{plan}/{municipality}/{round}`: JSON (the rows of an import), CSV and XLSX
//! - `form`: what is asked, read in one moment; `rules`, `scales`: which programs, figures and evaluations
//! - `rows`: it as the rows of `records::flat`; `csv`; `xlsx`
//!
//! # The workbook
//!
//! A sheet 様式1, 様式2, … for each part and period of the round. Directly above its visible headings stands a hidden row with
//! [`xlsx::MARKER`] in column A and the names of `records::flat` in the others; a column without a name is only to be read.
//! Column A is empty below it, and hidden. Every row carries its key; what belongs to the record stands in the record's
//! first row. The column `figure` holds a figure as people write it, and then the columns of `values` say nothing of its
//! content. A hidden sheet `hagukumi` tells in columns A and B which form it is; beside them stand the lists of the
//! drop-downs.

pub mod csv;
mod due;
mod figure;
pub mod form;
pub mod queries;
pub mod routes;
mod rows;
pub mod rules;
mod scales;
pub mod types;
pub mod xlsx;
