//! The rules of the domain, pure: no HTTP, no SQL, no clock, no files.
//! A module here may use another of `domain`, and nothing else of the crate.

pub mod code;
pub mod completeness;
pub mod date;
pub mod figure;
pub mod input;
pub mod key;
pub mod number;
pub mod period;
pub mod status;
pub mod unit;
pub mod warnings;
