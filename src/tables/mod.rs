//! Tables 表: a report as the sheet its plan prints, and a round as one table of all its reporters.
//!
//! - `GET /reports/{plan}/{municipality}/{round}/table`
//! - `GET /rounds/{plan}/{round}/table`
//!
//! The shape comes from the plan: its column labels in their order, its goals as headings, its programs as rows. Plan,
//! programs, departments and scales are those of the publication that is shown. JSON, CSV (the printed cells, a row a
//! program) and XLSX (to be printed).
//!
//! - `content`: a plan as it was; `columns`: which columns a table has; `cells`: what stands in a cell
//! - `layout`: all of a table, pure; `counts`: how many programs have which level
//! - `source`: where the content comes from; `book`: the workbook

mod book;
mod cells;
mod columns;
pub mod content;
mod counts;
mod layout;
pub mod queries;
pub mod routes;
mod source;
pub mod types;
