//! Figures by the level of the record they stand in.

use super::groups::{Key, Members, Pair};
use super::resolve::{Cell, is_counted, set};
use super::{Fact, Fate};
use crate::aggregates::types::ExclusionReason;
use std::collections::{BTreeMap, BTreeSet};

/// A level of the scheme that is asked for. Those of another version of it are others, though they are named alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level {
    pub fiscal_year: i16,
    pub position: i16,
    pub code: String,
    pub label: Option<String>,
}

/// What a group by level is of; those that were not rated come last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rated {
    As(Level),
    Not,
}

impl Rated {
    pub fn new(level: Option<&Level>) -> Self {
        level.map_or(Self::Not, |level| Self::As(level.clone()))
    }

    pub fn level(&self) -> Option<&Level> {
        match self {
            Self::As(level) => Some(level),
            Self::Not => None,
        }
    }
}

/// The levels of what makes a cell.
pub fn levels<'a>(facts: &'a [Fact], cell: &'a Cell) -> impl Iterator<Item = Option<&'a Level>> {
    cell.facts.iter().filter_map(|fact| facts.get(*fact)).map(|fact| fact.level.as_ref())
}

/// One figure has one level: what was added up from records that were rated differently has none.
pub fn unclear(facts: &[Fact], cells: &[Cell], fates: &mut [Fate]) {
    for cell in cells.iter().filter(|cell| levels(facts, cell).collect::<BTreeSet<_>>().len() > 1) {
        if is_counted(fates, cell) {
            cell.facts.iter().for_each(|fact| set(fates, *fact, ExclusionReason::LevelUnclear));
        }
    }
}

/// Nobody is expected to report a certain level: who has one is expected in its group, who has none among those not rated.
pub fn spread(expected: &mut BTreeMap<Key, BTreeSet<Pair>>, facts: &[Fact], members: &Members<'_>) {
    let mut moved: BTreeMap<Key, BTreeSet<Pair>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.level.is_some()) {
        let Some(pair) = members.pair(&fact.place.municipality, fact.period) else { continue };
        let Some(slot) = members.slot(fact.period) else { continue };
        let key = |level| members.key(&fact.place.municipality, &fact.prefecture, slot.period(), level);
        let from = key(None);
        if expected.get(&from).is_some_and(|pairs| pairs.contains(&pair)) {
            moved.entry(from).or_default().insert(pair);
            expected.entry(key(fact.level.as_ref())).or_default().insert(pair);
        }
    }
    for (from, pairs) in moved {
        let left = expected.remove(&from).map(|all| &all - &pairs).filter(|left| !left.is_empty());
        expected.extend(left.map(|left| (from, left)));
    }
}
