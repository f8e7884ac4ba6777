//! Programs 事業・事務事業・取組: what targets are set for and results are reported on.
//!
//! - `GET /programs`, `GET|PUT|DELETE /programs/{plan}/{program}`
//!
//! A program carries its departments in printed order and its form: the indicators it is asked for. Texts are kept to
//! the letter; `printed` holds the cells that differ from the cleaned field. A printed number is unique in the plan or
//! in the node, as the plan's numbering says.

pub mod queries;
pub mod routes;
pub mod rules;
pub mod types;
