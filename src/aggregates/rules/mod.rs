//! What adds up, and what does not: pure. From figures and those who were expected to report, groups with what each of
//! them rests on.
//!
//! A figure is first judged by itself, then against what else is known of the same reporter and period: what is a part of
//! something counted, or stands twice, does not count ([`resolve`]). What is left are [`resolve::Cell`]s, of which each
//! group is made ([`groups`]).

mod achievement;
pub mod basis;
mod functions;
mod groups;
mod level;
mod resolve;
mod series;
#[cfg(test)]
mod tests;

pub use achievement::amended;
pub use groups::Unlike;
pub use level::Level;
pub use series::{Succession, Successions};

use super::filter::{GroupBy, LevelsOf, Slot};
use super::types::{AggregateFunction, AggregateGroup, ExclusionReason};
use crate::domain::period::Period;
use crate::municipalities::dictionary::Reporting;
use crate::records::types::Part;
use crate::records::value::{Comparator, MissingReason, Per, ValueRole};
use basis::Basis;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Where a published figure stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub municipality: String,
    pub plan: String,
    pub program: String,
    /// Of its record
    pub period: String,
    pub part: Part,
    pub amendment: i16,
    pub ordinal: i16,
}

impl Place {
    /// `/results/130001-kpi-2024/1/131016/2024#/values/0`
    pub fn address(&self) -> String {
        let Self { plan, program, municipality, period, part, amendment, ordinal } = self;
        let amended = if *amendment > 0 { format!("/amendments/{amendment}") } else { String::new() };
        format!("/{}/{plan}/{program}/{municipality}/{period}{amended}#/values/{}", part.as_str(), ordinal - 1)
    }
}

/// A published figure of one indicator.
#[derive(Clone, Debug)]
pub struct Fact {
    pub place: Place,
    pub prefecture: String,
    /// Of the figure
    pub period: Period,
    /// Of its record, where levels are asked for
    pub level: Option<Level>,
    /// What its indicator meant when it was published
    pub definition: String,
    /// The ward its program is for is one of the axes
    pub breakdown: BTreeMap<String, String>,
    pub role: ValueRole,
    pub whole: Option<i16>,
    pub whole_item: Option<String>,
    /// Program and ordinal
    pub same_figure: Option<(String, i16)>,
    pub repost: bool,
    pub estimate: bool,
    pub approximate: bool,
    pub missing: Option<MissingReason>,
    pub value: Option<Decimal>,
    pub value_to: Option<Decimal>,
    pub rate: Option<Decimal>,
    pub numerator: Option<Decimal>,
    pub denominator: Option<Decimal>,
    pub text: Option<String>,
    pub basis: Basis,
    pub per: Option<Per>,
    pub comparator: Option<Comparator>,
    pub measured_on: Option<String>,
}

/// Who was asked for a figure.
#[derive(Clone, Debug)]
pub struct Member {
    pub code: String,
    pub name: String,
    pub prefecture: String,
    /// For which of the slots
    pub slots: Vec<bool>,
}

impl Member {
    pub fn new(municipality: &Reporting, slots: Vec<bool>) -> Self {
        let Reporting { code, name, prefecture, .. } = municipality;
        Self { code: code.clone(), name: name.clone(), prefecture: prefecture.clone(), slots }
    }
}

/// How it is added up.
#[derive(Clone, Debug)]
pub struct Question {
    pub function: AggregateFunction,
    pub groups: GroupBy,
    pub levels: Option<LevelsOf>,
    pub slots: Vec<Slot>,
    pub reposts: bool,
    pub estimates: bool,
    pub split: bool,
    /// 時点: never added over time
    pub point_in_time: bool,
    /// Decimals of a mean
    pub decimals: u32,
}

impl Question {
    /// The slot of a period.
    pub fn slot(&self, period: Period) -> Option<usize> {
        self.slots.iter().position(|slot| slot.takes(period))
    }

    /// One figure of each reporter, whatever the periods.
    pub fn is_one_each(&self) -> bool {
        self.function == AggregateFunction::Latest && !self.groups.period
    }
}

/// What became of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Counted,
    Missing(MissingReason),
    Excluded(ExclusionReason),
}

/// What was made of the figures of one indicator.
pub struct Answer {
    pub groups: Vec<AggregateGroup>,
    /// In the order of the figures
    pub fates: Vec<Fate>,
}

/// `targets`: of the same indicator, for the achievement rate.
pub fn add_up(
    facts: &[Fact],
    targets: &[Fact],
    members: &[Member],
    successions: &Successions,
    question: &Question,
) -> Result<Answer, Unlike> {
    let members = groups::Members::new(members, successions, question);
    let mut resolved = resolve::resolve(facts, &members, question);
    let achieved = (question.function == AggregateFunction::AchievementRate)
        .then(|| achievement::compare(&mut resolved, facts, targets, &members, question));
    let mut found = groups::make(facts, &resolved, achieved.as_ref(), &members, question)?;
    if question.groups.period {
        series::mark_breaks(&mut found, facts, successions, question.split);
    }
    Ok(Answer { groups: found.into_iter().map(|group| group.shown).collect(), fates: resolved.fates })
}
