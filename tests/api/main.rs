//! The service from the outside: in-process HTTP against a real database.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod departments;
mod harness;
mod municipalities;
mod nodes;
mod plans;
mod programs;
mod statutory_programs;
