//! Changes 変更: everything that is public, as it changes, in the order of publication numbers.
//!
//! - `GET /changes?after=`: what has changed since, one entry a resource and number, deletions with their keys
//! - `GET /changes/head`: the place of now
//!
//! First pull: the head, then everything, then the changes after that head. What was published in between comes twice,
//! with the same content; nothing is missed. The entries are written by `publications`, in the transaction of the change.

pub mod commands;
pub mod queries;
pub mod routes;
pub mod types;
