//! Warnings 確認事項: what looks wrong in a record and may be right. They never block; a warning that cries wolf is a
//! defect, so each rule keeps silent where it does not know enough.
//!
//! - `texts`: wording, tags, characters; `figures`: a figure against its neighbours, its indicator, its text
//! - `targets`: which target a result is compared with; `levels`: reported levels against figures and changed goals
//! - `history`: a record against that of one year before
//! - `counts`: counts printed on a sheet against its rows; `characters`: JIS X 0213

mod characters;
mod codes;
mod counts;
mod figures;
mod history;
mod levels;
mod targets;
mod texts;

pub use codes::Code;
pub use counts::{Declared, Row, declared};
pub use history::{LastYear, target_without_result};
pub use levels::{Bound, Judgement, Level};
pub use targets::{Target, compared};

use super::input::half_width;
use super::period::Period;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What looks wrong, where and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    pub code: Code,
    /// JSON pointer into the body.
    pub pointer: String,
    pub ja: String,
    pub en: String,
    /// What it rests on, by name.
    pub details: BTreeMap<String, String>,
}

impl Warning {
    fn new(code: Code, pointer: impl Into<String>, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into(), ja: ja.into(), en: en.into(), details: BTreeMap::new() }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Target,
    Result,
}

/// A record and what is known around it.
pub struct Record<'a> {
    pub part: Part,
    pub period: Period,
    /// The period lies in the past.
    pub ended: bool,
    pub texts: &'a BTreeMap<String, String>,
    /// What else was written in sentences, by its pointer.
    pub prose: Vec<(String, &'a str)>,
    pub figures: Vec<Figure<'a>>,
    pub judgements: Vec<Judgement<'a>>,
    /// Names and codes of the departments there are; empty: none is registered, so none can be unknown.
    pub departments: &'a BTreeSet<String>,
    /// A result's: every target of its program and reporter.
    pub targets: &'a [Target<'a>],
    /// What its program and those before it recorded one year before.
    pub last_year: &'a [LastYear<'a>],
    /// The reporter says that last year's texts hold.
    pub no_change: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    PartOf,
    OfWhich,
    Other,
}

/// A figure, as far as the rules ask.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    pub item: &'a str,
    pub label: &'a str,
    pub role: Role,
    /// Place of its whole, from 1.
    pub whole: Option<i16>,
    pub unit: Option<&'a str>,
    pub source: &'a str,
    pub value: Option<Decimal>,
    pub rate: Option<Decimal>,
    pub numerator: Option<Decimal>,
    pub denominator: Option<Decimal>,
    /// Neither a range nor about, at least, below …
    pub exact: bool,
    /// Exact, or the bound of an 以上・以下
    pub bounded: bool,
    pub estimate: bool,
    /// None: unstated
    pub count_basis: Option<&'static str>,
    pub per: Option<&'static str>,
    /// Axes of its breakdown.
    pub axes: Vec<&'a str>,
    /// The part of each axis.
    pub sections: Vec<&'a str>,
    /// Its own, inside the record's.
    pub period: Option<Period>,
    pub department: Option<&'a str>,
    pub indicator: Option<Indicator<'a>>,
}

/// What the figure's indicator says it is.
#[derive(Clone, Copy, Debug)]
pub struct Indicator<'a> {
    pub unit: Option<&'a str>,
    pub count_basis: Option<&'static str>,
    pub less_is_better: bool,
}

/// Everything that looks wrong in a record, in the order of the rules.
pub fn judge(record: &Record<'_>) -> Vec<Warning> {
    let mut found = Vec::new();
    texts::judge(record, &mut found);
    levels::judge(record, &mut found);
    figures::judge(record, &mut found);
    history::judge(record, &mut found);
    found
}

/// Without blanks and line breaks, full-width signs as half-width: for finding again what was typed in another width.
fn folded(text: &str) -> String {
    text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect()
}

/// As a department is compared: blanks and line breaks of a narrow cell do not count.
pub fn department_name(text: &str) -> String {
    folded(text)
}

/// A name as part of a JSON pointer (RFC 6901).
fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
