//! Nodes of a plan: 基本目標・施策・分類, a tree of any depth.
//!
//! - `GET /nodes?plan=`, `GET|PUT|DELETE /nodes/{plan}/{node}`
//!
//! Two moves at once cannot close a circle: a node that gets a parent is written under the lock of its plan.

pub mod queries;
pub mod routes;
pub mod types;
