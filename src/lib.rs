//! Hagukumi 育み: exchange of child-care plans, targets and yearly results.

pub mod app;
pub mod auth;
pub mod clock;
pub mod commands;
pub mod config;
pub mod db;
pub mod definitions;
pub mod demo;
pub mod document;
pub mod domain;
pub mod error;
pub mod health;
pub mod journal;
pub mod logging;
pub mod municipalities;
pub mod plans;
pub mod publications;
pub mod records;
pub mod server;
pub mod web;
