//! Aggregates 集計: what adds up over municipalities, and on what it rests.
//!
//! - `GET /aggregates`: one indicator, or a statutory program's, over a plan's reporters, a prefecture or the nation
//!
//! A publication writes its figures that have an indicator as narrow facts ([`queries::facts`]). An answer reads one range
//! of their index and adds up in Rust, by rules that know no database ([`rules`]): nothing counts twice, bases that differ
//! are never added, nothing reported is null and never 0. A sum is made of what is public and of nothing else: a figure
//! kept back (秘匿) is in none, so none gives it away.
//!
//! Over a prefecture or the nation nearly every figure of a period is plain and alone. Those are added up by the database,
//! and only the others go through the rules ([`plain`]).

pub mod answer;
pub mod filter;
pub mod plain;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod types;
pub mod words;
