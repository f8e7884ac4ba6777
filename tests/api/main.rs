//! The service from the outside: in-process HTTP against a real database.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod departments;
mod evaluation_schemes;
mod harness;
mod indicators;
mod municipalities;
mod nodes;
mod plans;
mod programs;
mod rounds;
mod statutory_programs;
