//! The service from the outside: in-process HTTP against a real database.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod contract;
mod costs;
mod demo;
mod departments;
mod documents;
mod evaluation_schemes;
mod given;
mod harness;
mod health;
mod house_rules;
mod indicators;
mod migrations;
mod municipalities;
mod nodes;
mod plans;
mod programs;
mod races;
mod rounds;
mod statutory_programs;
mod values;
