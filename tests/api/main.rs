//! The service from the outside: in-process HTTP against a real database.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod audit;
mod conditions;
mod connections;
mod contract;
mod costs;
mod demo;
mod departments;
mod documents;
mod edge;
mod evaluation_schemes;
mod figures;
mod given;
mod harness;
mod health;
mod hostile;
mod house_rules;
mod idempotency;
mod imports;
mod indicators;
mod logs;
mod metrics;
mod migrations;
mod municipalities;
mod new_year;
mod nodes;
mod outage;
mod plans;
mod process;
mod programs;
mod pulls;
mod races;
mod records;
mod reports;
mod results;
mod rounds;
mod statutory_programs;
mod targets;
mod templates;
mod tokens;
mod typed;
mod values;
mod visibility;
mod walks;
mod warnings;
