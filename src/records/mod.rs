//! Records: what targets 目標 and annual results 年度実績 have in common. One shape, told apart by its part.

pub mod types;
