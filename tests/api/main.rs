//! The service from the outside: in-process HTTP against a real database.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod contract;
mod demo;
mod harness;
mod health;
mod house_rules;
mod migrations;
mod municipalities;
mod plans;
