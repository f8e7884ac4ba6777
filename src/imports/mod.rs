//! Imports 取込.

pub mod read;
