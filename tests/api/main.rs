//! The service from the outside: in-process HTTP against a real database.

mod harness;
mod municipalities;
mod plans;
