//! Hagukumi 育み: exchange of child-care plans, targets and yearly results.

pub mod app;
pub mod auth;
pub mod clock;
pub mod db;
pub mod definitions;
pub mod departments;
pub mod document;
pub mod domain;
pub mod error;
pub mod evaluation_schemes;
pub mod health;
pub mod indicators;
pub mod journal;
pub mod municipalities;
pub mod nodes;
pub mod plans;
pub mod programs;
pub mod publications;
pub mod records;
pub mod rounds;
pub mod statutory_programs;
pub mod web;
