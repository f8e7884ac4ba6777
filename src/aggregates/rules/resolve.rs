//! From figures to cells: at most one for a reporter, period, breakdown and basis.

use super::basis::Basis;
use super::groups::Members;
use super::level;
use super::{Fact, Fate, Place, Question};
use crate::aggregates::types::{AggregateFunction, ExclusionReason};
use crate::domain::period::Period;
use crate::records::types::Part;
use crate::records::value::{Comparator, Per, ValueRole};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Axis and part.
pub type Breakdown = BTreeMap<String, String>;

/// What is counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Amount {
    Number(Decimal),
    Ratio { numerator: Decimal, denominator: Decimal },
    Word(String),
}

impl Amount {
    fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => Self::Number(one + other),
            (Self::Ratio { numerator, denominator }, Self::Ratio { numerator: others, denominator: of }) => {
                Self::Ratio { numerator: numerator + others, denominator: denominator + of }
            }
            _ => self.clone(),
        }
    }
}

/// One figure of a reporter, or the sum of the parts it stands in.
#[derive(Clone, Debug)]
pub struct Cell {
    pub municipality: String,
    pub prefecture: String,
    pub period: Period,
    pub breakdown: Breakdown,
    pub basis: Basis,
    pub amount: Amount,
    /// Indices
    pub facts: Vec<usize>,
}

pub struct Resolved {
    pub cells: Vec<Cell>,
    pub fates: Vec<Fate>,
    /// Reporters with figures of several periods that were to be added though they are of points in time
    pub over_time: Vec<usize>,
}

impl Resolved {
    pub fn exclude(&mut self, cell: usize, reason: ExclusionReason) {
        for fact in self.cells.get(cell).map(|cell| cell.facts.clone()).unwrap_or_default() {
            set(&mut self.fates, fact, reason);
        }
    }
}

pub fn set(fates: &mut [Fate], fact: usize, reason: ExclusionReason) {
    if let Some(fate) = fates.get_mut(fact) {
        *fate = Fate::Excluded(reason);
    }
}

pub fn resolve(facts: &[Fact], members: &Members<'_>, question: &Question) -> Resolved {
    let mut fates: Vec<Fate> = facts.iter().map(|fact| admit(fact, members, question)).collect();
    same_figures(facts, &mut fates);
    parts(facts, &mut fates);
    incomplete(facts, &mut fates, question.groups.breakdown);
    let mut cells = candidates(facts, &fates, question);
    agree(facts, &cells, &mut fates);
    if !question.groups.breakdown {
        cells = wholes(cells, &mut fates);
    }
    level::unclear(facts, &cells, &mut fates);
    let over_time = if question.groups.period { Vec::new() } else { periods(facts, &mut cells, &mut fates, question) };
    cells.retain(|cell| is_counted(&fates, cell));
    Resolved { cells, fates, over_time }
}

pub fn is_counted(fates: &[Fate], cell: &Cell) -> bool {
    cell.facts.iter().any(|fact| fates.get(*fact) == Some(&Fate::Counted))
}

/// A figure by itself.
fn admit(fact: &Fact, members: &Members<'_>, question: &Question) -> Fate {
    let excluded = |reason| Fate::Excluded(reason);
    if fact.repost && !question.reposts {
        return excluded(ExclusionReason::Repost);
    }
    if !members.expects(&fact.place.municipality, fact.period) {
        return excluded(ExclusionReason::NotExpected);
    }
    match fact.role {
        ValueRole::Baseline => return excluded(ExclusionReason::Baseline),
        ValueRole::OfWhich => return excluded(ExclusionReason::OfWhich),
        ValueRole::Main | ValueRole::Paired | ValueRole::PartOf => {}
    }
    if let Some(reason) = fact.missing {
        return Fate::Missing(reason);
    }
    if fact.estimate && !question.estimates {
        return excluded(ExclusionReason::Estimate);
    }
    match amount(fact, question.function) {
        Ok(_) => Fate::Counted,
        Err(reason) => excluded(reason),
    }
}

/// What the function takes of a figure, or why it takes nothing.
fn amount(fact: &Fact, function: AggregateFunction) -> Result<Amount, ExclusionReason> {
    use AggregateFunction::{AchievementRate, Distribution, Latest, Max, Min, Sum, WeightedMean};
    if function == WeightedMean {
        return match (fact.numerator, fact.denominator) {
            (Some(numerator), Some(denominator)) => Ok(Amount::Ratio { numerator, denominator }),
            _ => Err(ExclusionReason::NoDenominator),
        };
    }
    if let Some(text) = &fact.text {
        let word = (function == Distribution).then(|| Amount::Word(text.clone()));
        return word.ok_or(ExclusionReason::Text);
    }
    // A goal of 6社以上 is the 6 that is to be reached.
    let bound = fact.comparator.is_some_and(|comparator| comparator != Comparator::Eq);
    if bound && !(fact.place.part == Part::Targets && function != Distribution) {
        return Err(ExclusionReason::Range);
    }
    let number = match (function, fact.value, fact.value_to, fact.rate) {
        (Sum | Latest, _, _, Some(_)) => return Err(ExclusionReason::Rate),
        (Max, _, Some(to), _) | (Min, Some(to), Some(_), _) => to,
        (_, _, Some(_), _) => return Err(ExclusionReason::Range),
        (_, Some(value), None, _) => value,
        (Min | Max | Distribution | AchievementRate, None, None, Some(rate)) => rate,
        _ => return Err(ExclusionReason::Text),
    };
    let often = fact.per.is_some_and(|per| per != Per::Year);
    if often && matches!(function, Sum | Latest) {
        return Err(ExclusionReason::Frequency);
    }
    Ok(Amount::Number(number))
}

/// A figure that says where it stands too counts there.
fn same_figures(facts: &[Fact], fates: &mut [Fate]) {
    let places: HashMap<Place, usize> = facts.iter().enumerate().map(|(at, fact)| (fact.place.clone(), at)).collect();
    let twins: Vec<usize> = facts
        .iter()
        .enumerate()
        .filter(|(at, fact)| {
            let Some((program, ordinal)) = &fact.same_figure else { return false };
            let home = Place { program: program.clone(), ordinal: *ordinal, ..fact.place.clone() };
            let Some(home) = places.get(&home).filter(|home| *home != at) else { return false };
            // Where two name each other, the first is home.
            let back = facts.get(*home).is_some_and(|home| {
                home.same_figure.as_ref() == Some(&(fact.place.program.clone(), fact.place.ordinal))
            });
            let stands = !matches!(fates.get(*home), Some(Fate::Excluded(_)) | None);
            stands && (!back || *home < *at)
        })
        .map(|(at, _)| at)
        .collect();
    for twin in twins {
        set(fates, twin, ExclusionReason::SameFigure);
    }
}

/// A part counts only where its whole does not stand.
fn parts(facts: &[Fact], fates: &mut [Fate]) {
    let standing: BTreeSet<Place> = facts
        .iter()
        .zip(fates.iter())
        .filter(|(_, fate)| !matches!(fate, Fate::Excluded(_)))
        .map(|(fact, _)| fact.place.clone())
        .collect();
    for (at, fact) in facts.iter().enumerate() {
        let whole = fact.whole.filter(|_| fact.role == ValueRole::PartOf);
        let whole = whole.map(|ordinal| Place { ordinal, ..fact.place.clone() });
        if whole.is_some_and(|whole| standing.contains(&whole)) && fates.get(at) == Some(&Fate::Counted) {
            set(fates, at, ExclusionReason::PartOfWhole);
        }
    }
}

/// Parts do not stand for their whole where one of them, or the whole itself, says that it has no figure (秘匿, 把握していない).
fn incomplete(facts: &[Fact], fates: &mut [Fate], apart: bool) {
    let cell = |fact: &Fact| {
        let breakdown = if apart { fact.breakdown.clone() } else { Breakdown::new() };
        (fact.place.municipality.clone(), fact.period, breakdown)
    };
    let missing: BTreeSet<_> = facts
        .iter()
        .zip(fates.iter())
        .filter(|(_, fate)| matches!(fate, Fate::Missing(_)))
        .map(|(fact, _)| cell(fact))
        .collect();
    for (at, fact) in facts.iter().enumerate().filter(|_| !missing.is_empty()) {
        let part = fact.role == ValueRole::PartOf || !apart && !fact.breakdown.is_empty();
        if part && fates.get(at) == Some(&Fate::Counted) && missing.contains(&cell(fact)) {
            set(fates, at, ExclusionReason::IncompleteParts);
        }
    }
}

/// Which figures are one: a figure alone, or the parts of one whole that stands nowhere itself.
type Stand = (Place, Option<String>);

fn candidates(facts: &[Fact], fates: &[Fate], question: &Question) -> Vec<Cell> {
    let mut found: BTreeMap<(Stand, Breakdown, Basis, Period), Cell> = BTreeMap::new();
    for (at, fact) in facts.iter().enumerate().filter(|(at, _)| fates.get(*at) == Some(&Fate::Counted)) {
        let Ok(amount) = amount(fact, question.function) else { continue };
        let stand = match (fact.role, fact.whole, &fact.whole_item) {
            (ValueRole::PartOf, Some(ordinal), _) => (Place { ordinal, ..fact.place.clone() }, Some(String::new())),
            (ValueRole::PartOf, None, Some(item)) => (Place { ordinal: 0, ..fact.place.clone() }, Some(item.clone())),
            _ => (fact.place.clone(), None),
        };
        let key = (stand, fact.breakdown.clone(), fact.basis.clone(), fact.period);
        match found.get_mut(&key) {
            Some(cell) => {
                cell.amount = cell.amount.plus(&amount);
                cell.facts.push(at);
            }
            None => {
                let cell = Cell {
                    municipality: fact.place.municipality.clone(),
                    prefecture: fact.prefecture.clone(),
                    period: fact.period,
                    breakdown: fact.breakdown.clone(),
                    basis: fact.basis.clone(),
                    amount,
                    facts: vec![at],
                };
                found.insert(key, cell);
            }
        }
    }
    found.into_values().collect()
}

/// Of one reporter, period, breakdown and basis there is one figure. Where several stand that agree, the first counts;
/// where they differ, none. It counts where it was rated, and nowhere if it was rated differently.
fn agree(facts: &[Fact], cells: &[Cell], fates: &mut [Fate]) {
    let mut same: BTreeMap<(String, Period, Breakdown, Basis), Vec<usize>> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate() {
        let key = (cell.municipality.clone(), cell.period, cell.breakdown.clone(), cell.basis.clone());
        same.entry(key).or_default().push(at);
    }
    let rated = |at: usize| cells.get(at).and_then(|cell| level::levels(facts, cell).flatten().next());
    for mut several in same.into_values().filter(|several| several.len() > 1) {
        several.sort_by_key(|at| rated(*at).is_none());
        let levels: BTreeSet<_> = several.iter().filter_map(|at| rated(*at)).collect();
        let amounts: Vec<&Amount> = several.iter().filter_map(|at| cells.get(*at)).map(|cell| &cell.amount).collect();
        let agreed = amounts.windows(2).all(|pair| matches!(pair, [one, other] if one == other));
        let (reason, spared) = match (agreed, levels.len()) {
            (false, _) => (ExclusionReason::Conflicting, 0),
            (true, 0 | 1) => (ExclusionReason::Duplicate, 1),
            (true, _) => (ExclusionReason::LevelUnclear, 0),
        };
        for cell in several.iter().skip(spared).filter_map(|at| cells.get(*at)) {
            cell.facts.iter().filter(|fact| **fact < facts.len()).for_each(|fact| set(fates, *fact, reason));
        }
    }
}

/// Of one reporter, period and basis the figure that is not broken down, else the sum over the fewest axes.
fn wholes(cells: Vec<Cell>, fates: &mut [Fate]) -> Vec<Cell> {
    let mut of_one: BTreeMap<(String, Period, Basis), Vec<Cell>> = BTreeMap::new();
    for cell in cells {
        of_one.entry((cell.municipality.clone(), cell.period, cell.basis.clone())).or_default().push(cell);
    }
    let axes = |cell: &Cell| cell.breakdown.keys().cloned().collect::<Vec<_>>();
    let mut found = Vec::new();
    for cells in of_one.into_values() {
        let fewest = cells.iter().map(|cell| cell.breakdown.len()).min().unwrap_or(0);
        let coarse: BTreeSet<Vec<String>> = cells.iter().map(axes).filter(|axes| axes.len() == fewest).collect();
        let mut whole: Option<Cell> = None;
        for cell in cells {
            if coarse.len() > 1 || cell.breakdown.len() > fewest {
                let unclear = coarse.len() > 1;
                let reason = if unclear { ExclusionReason::BreakdownUnclear } else { ExclusionReason::PartOfWhole };
                if is_counted(fates, &cell) {
                    cell.facts.iter().for_each(|fact| set(fates, *fact, reason));
                }
            } else if is_counted(fates, &cell) {
                match (&mut whole, &cell.amount) {
                    // Words have no sum: each is a cell.
                    (_, Amount::Word(_)) => found.push(Cell { breakdown: BTreeMap::new(), ..cell }),
                    (Some(whole), amount) => {
                        whole.amount = whole.amount.plus(amount);
                        whole.facts.extend(&cell.facts);
                    }
                    (None, _) => whole = Some(Cell { breakdown: BTreeMap::new(), ..cell }),
                }
            }
        }
        found.extend(whole);
    }
    found
}

/// Periods that overlap are never added, nor those of points in time. Returns figures that were asked to be.
fn periods(facts: &[Fact], cells: &mut [Cell], fates: &mut [Fate], question: &Question) -> Vec<usize> {
    use AggregateFunction::{AchievementRate, Latest, Sum, WeightedMean};
    if !matches!(question.function, Sum | Latest | WeightedMean | AchievementRate) {
        return Vec::new();
    }
    let mut of_one: BTreeMap<(String, Breakdown, Basis), Vec<usize>> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| is_counted(fates, cell)) {
        let key = (cell.municipality.clone(), cell.breakdown.clone(), cell.basis.clone());
        of_one.entry(key).or_default().push(at);
    }
    let mut over_time = Vec::new();
    for several in of_one.into_values().filter(|several| several.len() > 1) {
        let these: Vec<&Cell> = several.iter().filter_map(|at| cells.get(*at)).collect();
        let latest = question.function == Latest;
        let newest = these.iter().max_by_key(|cell| recency(facts, cell)).map(|cell| cell.period);
        let mut left = 0;
        for cell in &these {
            let inside = these.iter().any(|other| lies_in(cell.period, other.period));
            let reason = match (latest, inside) {
                (true, _) if Some(cell.period) == newest => None,
                (true, _) => Some(ExclusionReason::Earlier),
                (false, true) => Some(ExclusionReason::WithinOtherPeriod),
                (false, false) => None,
            };
            match reason {
                Some(reason) => cell.facts.iter().for_each(|fact| set(fates, *fact, reason)),
                None => left += 1,
            }
        }
        if left > 1 && question.point_in_time {
            over_time.extend(these.iter().flat_map(|cell| cell.facts.iter().copied()));
        }
    }
    over_time
}

/// When it was measured, else when its period ends; of one day the longer period.
fn recency(facts: &[Fact], cell: &Cell) -> (String, std::cmp::Reverse<Period>) {
    let measured = cell.facts.iter().filter_map(|fact| facts.get(*fact)?.measured_on.clone()).max();
    let end = cell.period.end().map(|day| day.to_string()).unwrap_or_default();
    (measured.unwrap_or(end), std::cmp::Reverse(cell.period))
}

/// Is one period a part of the other?
fn lies_in(part: Period, whole: Period) -> bool {
    part != whole && part.start() >= whole.start() && part.end() <= whole.end() && whole.end().is_some()
}
