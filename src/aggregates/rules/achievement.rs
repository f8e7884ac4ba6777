//! Results against their targets: with the target of the result's own period, else the next later one, else the last.

use super::functions::{number, percent};
use super::groups::Members;
use super::resolve::{Cell, Resolved, resolve};
use super::{Fact, Question};
use crate::aggregates::filter::{GroupBy, Slot};
use crate::aggregates::types::{AggregateAchievement, ExclusionReason, Total};
use crate::domain::period::Period;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A result and the goal it is held against.
#[derive(Clone, Copy)]
struct Compared {
    result: Decimal,
    target: Decimal,
    against: Period,
}

/// By the place of the result's cell.
pub struct Achieved {
    original: HashMap<usize, Compared>,
    amended: HashMap<usize, Compared>,
    /// Percents are never added
    rates: bool,
}

pub fn compare(
    resolved: &mut Resolved,
    facts: &[Fact],
    targets: &[Fact],
    members: &Members<'_>,
    question: &Question,
) -> Achieved {
    let original: Vec<Fact> = targets.iter().filter(|target| target.place.amendment == 0).cloned().collect();
    let (original, amended) = (goals(&original, members, question), goals(&amended(targets), members, question));
    let rates = facts.iter().any(|fact| fact.rate.is_some());
    let mut achieved = Achieved { original: HashMap::new(), amended: HashMap::new(), rates };
    let mut without = Vec::new();
    for (at, cell) in resolved.cells.iter().enumerate() {
        let found = [(&original, &mut achieved.original), (&amended, &mut achieved.amended)].map(|(goals, kept)| {
            let compared = against(cell, goals);
            if let Ok(compared) = compared {
                kept.insert(at, compared);
            }
            compared.err()
        });
        if let [Some(reason), Some(_)] = found {
            without.push((at, reason));
        }
    }
    for (at, reason) in without {
        resolved.exclude(at, reason);
    }
    achieved
}

/// Each goal as last changed.
pub fn amended(targets: &[Fact]) -> Vec<Fact> {
    let mut last: BTreeMap<(&str, &str, &str, &str), i16> = BTreeMap::new();
    for Fact { place, .. } in targets {
        let key = (place.plan.as_str(), place.program.as_str(), place.municipality.as_str(), place.period.as_str());
        let amendment = last.entry(key).or_insert(place.amendment);
        *amendment = place.amendment.max(*amendment);
    }
    let stands = |place: &super::Place| {
        let key = (place.plan.as_str(), place.program.as_str(), place.municipality.as_str(), place.period.as_str());
        last.get(&key) == Some(&place.amendment)
    };
    targets.iter().filter(|target| stands(&target.place)).cloned().collect()
}

/// A reporter's goals of one breakdown, period by period.
type Goals = HashMap<(String, BTreeMap<String, String>), Vec<Cell>>;

fn goals(targets: &[Fact], members: &Members<'_>, question: &Question) -> Goals {
    let periods: BTreeSet<Period> = targets.iter().map(|target| target.period).collect();
    let question = Question {
        groups: GroupBy { period: true, ..question.groups },
        levels: None,
        slots: periods.into_iter().map(Slot::Period).collect(),
        ..question.clone()
    };
    let mut goals = Goals::new();
    for cell in resolve(targets, &members.at_any_time(), &question).cells {
        goals.entry((cell.municipality.clone(), cell.breakdown.clone())).or_default().push(cell);
    }
    goals.values_mut().for_each(|cells| cells.sort_by_key(|cell| cell.period));
    goals
}

fn against(cell: &Cell, goals: &Goals) -> Result<Compared, ExclusionReason> {
    let theirs = goals.get(&(cell.municipality.clone(), cell.breakdown.clone())).map_or(&[][..], Vec::as_slice);
    let dated = || theirs.iter().filter(|goal| goal.period != Period::Baseline);
    let period = dated()
        .map(|goal| goal.period)
        .find(|period| *period == cell.period)
        .or_else(|| dated().map(|goal| goal.period).find(|period| *period > cell.period))
        .or_else(|| dated().map(|goal| goal.period).next_back())
        .ok_or(ExclusionReason::NoTarget)?;
    let goal = dated().find(|goal| goal.period == period && goal.basis.compares_with(&cell.basis));
    let goal = goal.ok_or(ExclusionReason::UnlikeTarget)?;
    match (number(&cell.amount), number(&goal.amount)) {
        (Some(result), Some(target)) => Ok(Compared { result, target, against: period }),
        _ => Err(ExclusionReason::NoTarget),
    }
}

impl Achieved {
    /// Of the cells of one group, against the original goals and as last changed.
    pub fn sums(&self, cells: &[usize]) -> (AggregateAchievement, AggregateAchievement) {
        (self.sum(&self.original, cells), self.sum(&self.amended, cells))
    }

    fn sum(&self, compared: &HashMap<usize, Compared>, cells: &[usize]) -> AggregateAchievement {
        let these: Vec<&Compared> = cells.iter().filter_map(|cell| compared.get(cell)).collect();
        let most = if self.rates { 1 } else { usize::MAX };
        let adds_up = (1..=most).contains(&these.len());
        let sum = |of: fn(&Compared) -> Decimal| adds_up.then(|| these.iter().map(|one| of(one)).sum::<Decimal>());
        let (result, target) = (sum(|one| one.result), sum(|one| one.target));
        let against: BTreeSet<Period> = these.iter().map(|one| one.against).collect();
        AggregateAchievement {
            percent: result.zip(target).and_then(|(result, target)| percent(result, target, 1)).map(Total),
            result: result.map(Total),
            target: target.map(Total),
            compared: these.len(),
            against: against.iter().map(Period::code).take(100).collect(),
        }
    }
}
