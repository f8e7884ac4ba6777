//! A series over years: predecessors' figures belong to whoever came after them, and where the meaning changed the years
//! are not comparable.

use super::basis::Basis;
use super::groups::{Group, Key};
use super::{Fact, Place};
use crate::aggregates::types::{AggregateMapping, BreakReason};
use crate::domain::period::Period;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One step of the 廃置分合.
#[derive(Clone, Debug)]
pub struct Succession {
    pub predecessor: String,
    pub successor: String,
    pub successor_name: String,
    pub effective_on: NaiveDate,
}

/// Who came after whom until a day.
#[derive(Debug, Default)]
pub struct Successions {
    next: BTreeMap<String, (String, NaiveDate)>,
    splits: BTreeMap<String, (BTreeSet<String>, NaiveDate)>,
    names: HashMap<String, String>,
}

impl Successions {
    /// `until`: the last day that is asked about; what came later is not known then.
    pub fn new(all: Vec<Succession>, until: NaiveDate) -> Self {
        let mut known = Self::default();
        let mut of_one: BTreeMap<String, BTreeSet<(String, NaiveDate)>> = BTreeMap::new();
        for Succession { predecessor, successor, successor_name, effective_on } in all {
            if effective_on <= until {
                known.names.insert(successor.clone(), successor_name);
                of_one.entry(predecessor).or_default().insert((successor, effective_on));
            }
        }
        for (predecessor, successors) in of_one {
            let last = successors.iter().map(|(_, on)| *on).max();
            match (successors.len(), successors.first(), last) {
                (1, Some((successor, on)), _) => {
                    known.next.insert(predecessor, (successor.clone(), *on));
                }
                (_, _, Some(on)) => {
                    let codes = successors.into_iter().map(|(code, _)| code).collect();
                    known.splits.insert(predecessor, (codes, on));
                }
                _ => {}
            }
        }
        known
    }

    /// Who has this municipality's figures now. One that was split has its own.
    pub fn of<'a>(&'a self, code: &'a str) -> &'a str {
        let mut at = code;
        // A municipality that came after itself would go round.
        for _ in 0..=self.next.len() {
            match self.next.get(at) {
                Some((next, _)) => at = next,
                None => break,
            }
        }
        at
    }

    pub fn name(&self, code: &str) -> Option<String> {
        self.names.get(code).cloned()
    }

    /// Those that concern one of these.
    pub fn mappings(&self, codes: &BTreeSet<&str>) -> Vec<AggregateMapping> {
        let mapped = self.next.iter().map(|(predecessor, (_, on))| AggregateMapping {
            predecessor: predecessor.clone(),
            successor: Some(self.of(predecessor).to_owned()),
            effective_on: *on,
        });
        let split = self.splits.iter().map(|(predecessor, (_, on))| AggregateMapping {
            predecessor: predecessor.clone(),
            successor: None,
            effective_on: *on,
        });
        mapped.chain(split).filter(|mapping| codes.contains(mapping.predecessor.as_str())).collect()
    }

    /// Was it made of a part of another, or did it lose one, between two periods?
    fn is_split(&self, code: &str, before: Period, after: Period) -> bool {
        let between =
            |on: NaiveDate| before.start().is_some_and(|day| day < on) && after.end().is_some_and(|day| on <= day);
        let concerns = |(from, (into, on)): (&String, &(BTreeSet<String>, NaiveDate))| {
            (from == code || into.contains(code)) && between(*on)
        };
        self.splits.iter().any(concerns)
    }
}

/// What is followed through the periods: bases that were told apart each by itself.
type Line = (Key, BTreeMap<String, String>, Option<Basis>);

/// Marks each group that cannot be compared with the one before it in time.
pub fn mark_breaks(groups: &mut [Group], facts: &[Fact], successions: &Successions, split: bool) {
    let mut latest: BTreeMap<Line, usize> = BTreeMap::new();
    for at in 0..groups.len() {
        let Some(group) = groups.get(at) else { continue };
        let Some(period) = group.key.period else { continue };
        let basis = group.facts.first().and_then(|fact| facts.get(*fact)).map(|fact| fact.basis.clone());
        let line =
            (Key { period: None, ..group.key.clone() }, group.shown.key.breakdown.clone(), basis.filter(|_| split));
        let before = latest.get(&line).and_then(|before| groups.get(*before));
        let breaks = before.map_or_else(Vec::new, |before| breaks(before, group, facts, successions, period));
        if !group.facts.is_empty() {
            latest.insert(line, at);
        }
        if let Some(group) = groups.get_mut(at) {
            group.shown.breaks = breaks;
        }
    }
}

fn breaks(before: &Group, group: &Group, facts: &[Fact], successions: &Successions, now: Period) -> Vec<BreakReason> {
    let mut found = Vec::new();
    let then = before.key.period.unwrap_or(now);
    if group.key.municipality.as_ref().is_some_and(|code| successions.is_split(code, then, now)) {
        found.push(BreakReason::Split);
    }
    if group.facts.is_empty() {
        return found;
    }
    let meanings = |group: &Group| -> BTreeMap<String, BTreeSet<String>> {
        let mut of_reporter: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for fact in group.facts.iter().filter_map(|fact| facts.get(*fact)) {
            let Place { municipality, .. } = &fact.place;
            let shown = successions.of(municipality).to_owned();
            of_reporter.entry(shown).or_default().insert(fact.definition.clone());
        }
        of_reporter
    };
    let (old, new) = (meanings(before), meanings(group));
    if new.iter().any(|(reporter, meaning)| old.get(reporter).is_some_and(|old| old != meaning)) {
        found.push(BreakReason::Definition);
    }
    if let (Some(old), Some(new)) = (&before.shown.basis, &group.shown.basis) {
        if old.unit != new.unit {
            found.push(BreakReason::Unit);
        } else if old != new {
            found.push(BreakReason::Basis);
        }
    }
    found
}
