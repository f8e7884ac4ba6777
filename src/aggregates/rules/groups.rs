//! Groups: the cells of a prefecture, a municipality, a period, a breakdown; and who was expected in each.

use super::achievement::Achieved;
use super::basis::Basis;
use super::functions::{Outcome, compute};
use super::level::{self, Level, Rated};
use super::resolve::{Amount, Breakdown, Cell, Resolved};
use super::series::Successions;
use super::{Fact, Fate, Member, Question};
use crate::aggregates::filter::Slot;
use crate::aggregates::types::{
    AggregateExcluded, AggregateGroup, AggregateKey, AggregateLevel, AggregateMissing, ExclusionReason,
};
use crate::domain::period::Period;
use crate::records::value::MissingReason;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Why no group can be made: the figures that do not go together.
#[derive(Debug, PartialEq)]
pub enum Unlike {
    Units(Vec<usize>),
    Bases(Vec<usize>),
    /// Points in time, of several periods
    OverTime(Vec<usize>),
}

/// What a group is of; the breakdown apart, because nobody is expected to report one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub prefecture: Option<String>,
    pub municipality: Option<String>,
    pub period: Option<Period>,
    /// None: levels are not asked for
    pub level: Option<Rated>,
}

/// A member, and the slot it is asked for
pub type Pair = (usize, usize);

/// Who was expected, by code.
pub struct Members<'a> {
    all: &'a [Member],
    places: HashMap<&'a str, usize>,
    successions: &'a Successions,
    question: &'a Question,
    always: bool,
}

impl<'a> Members<'a> {
    pub fn new(all: &'a [Member], successions: &'a Successions, question: &'a Question) -> Self {
        let places = all.iter().enumerate().map(|(at, member)| (member.code.as_str(), at)).collect();
        Self { all, places, successions, question, always: false }
    }

    /// Their goals may be of any year.
    pub fn at_any_time(&self) -> Self {
        Self { places: self.places.clone(), always: true, ..*self }
    }

    pub fn expects(&self, municipality: &str, period: Period) -> bool {
        let Some(member) = self.places.get(municipality).and_then(|at| self.all.get(*at)) else { return false };
        let slot = self.question.slot(period);
        self.always || slot.and_then(|slot| member.slots.get(slot)).copied().unwrap_or(false)
    }

    pub fn slot(&self, period: Period) -> Option<Slot> {
        self.question.slots.get(self.question.slot(period)?).copied()
    }

    pub fn pair(&self, municipality: &str, period: Period) -> Option<Pair> {
        let slot = if self.question.is_one_each() { 0 } else { self.question.slot(period)? };
        Some((*self.places.get(municipality)?, slot))
    }

    pub fn key(&self, municipality: &str, prefecture: &str, period: Period, level: Option<&Level>) -> Key {
        let groups = self.question.groups;
        let shown = if groups.is_series() { self.successions.of(municipality) } else { municipality };
        Key {
            prefecture: groups.prefecture.then(|| prefecture.to_owned()),
            municipality: groups.municipality.then(|| shown.to_owned()),
            period: groups.period.then_some(period),
            level: self.unrated().map(|_| Rated::new(level)),
        }
    }

    /// What all groups are of until levels are known.
    fn unrated(&self) -> Option<Rated> {
        self.question.levels.as_ref().map(|_| Rated::Not)
    }

    /// Who is expected in which group.
    fn expected(&self, facts: &[Fact]) -> BTreeMap<Key, BTreeSet<Pair>> {
        let mut expected: BTreeMap<Key, BTreeSet<Pair>> = BTreeMap::new();
        let groups = self.question.groups;
        if !groups.prefecture && !groups.municipality {
            for slot in &self.question.slots {
                let period = groups.period.then_some(slot.period());
                expected.insert(Key { period, level: self.unrated(), ..Key::default() }, BTreeSet::new());
            }
        }
        for (at, member) in self.all.iter().enumerate() {
            let asked = member.slots.iter().zip(&self.question.slots).enumerate().filter(|(_, (asked, _))| **asked);
            for (slot, (_, period)) in asked {
                let slot = if self.question.is_one_each() { 0 } else { slot };
                let key = self.key(&member.code, &member.prefecture, period.period(), None);
                expected.entry(key).or_default().insert((at, slot));
            }
        }
        level::spread(&mut expected, facts, self);
        expected
    }

    fn name(&self, code: &str) -> Option<String> {
        self.places.get(code).and_then(|at| self.all.get(*at)).map(|member| member.name.clone())
    }
}

/// A group as it is shown, and what it was made of.
pub struct Group {
    pub key: Key,
    pub shown: AggregateGroup,
    /// Indices of the figures counted
    pub facts: Vec<usize>,
}

/// Everything that is known of one group before it is told apart by basis.
#[derive(Default)]
struct Gathered {
    cells: Vec<usize>,
    facts: Vec<usize>,
}

pub fn make(
    facts: &[Fact],
    resolved: &Resolved,
    achieved: Option<&Achieved>,
    members: &Members<'_>,
    question: &Question,
) -> Result<Vec<Group>, Unlike> {
    if !resolved.over_time.is_empty() {
        return Err(Unlike::OverTime(resolved.over_time.clone()));
    }
    let expected = members.expected(facts);
    let mut gathered: BTreeMap<(Key, Breakdown), Gathered> = BTreeMap::new();
    let apart = |breakdown: &Breakdown| if question.groups.breakdown { breakdown.clone() } else { Breakdown::new() };
    for (at, fact) in facts.iter().enumerate() {
        let key = members.key(&fact.place.municipality, &fact.prefecture, fact.period, fact.level.as_ref());
        gathered.entry((key, apart(&fact.breakdown))).or_default().facts.push(at);
    }
    for (at, cell) in resolved.cells.iter().enumerate() {
        let level = level::levels(facts, cell).next().flatten();
        let key = members.key(&cell.municipality, &cell.prefecture, cell.period, level);
        gathered.entry((key, apart(&cell.breakdown))).or_default().cells.push(at);
    }
    for key in expected.keys() {
        let any = gathered.range((key.clone(), Breakdown::new())..).next().is_some_and(|((found, _), _)| found == key);
        if !any {
            gathered.insert((key.clone(), Breakdown::new()), Gathered::default());
        }
    }
    like(facts, resolved, &gathered, question)?;
    let maker = Maker { facts, resolved, achieved, members, question, expected: &expected };
    Ok(gathered.iter().flat_map(|((key, breakdown), of_it)| maker.groups(key, breakdown, of_it)).collect())
}

/// Does everything go together that is to be added or compared?
fn like(
    facts: &[Fact],
    resolved: &Resolved,
    gathered: &BTreeMap<(Key, Breakdown), Gathered>,
    question: &Question,
) -> Result<(), Unlike> {
    if question.split {
        return Ok(());
    }
    let (mut units, mut bases) = (Vec::new(), Vec::new());
    for of_it in gathered.values() {
        let cells = of_it.cells.iter().filter_map(|cell| resolved.cells.get(*cell));
        let numbers: Vec<&Cell> = cells.filter(|cell| !matches!(cell.amount, Amount::Word(_))).collect();
        let first = numbers.first().map(|cell| &cell.basis);
        let of_cells = || numbers.iter().flat_map(|cell| cell.facts.iter().copied());
        if numbers.iter().any(|cell| Some(&cell.basis.unit) != first.map(|basis| &basis.unit)) {
            units.extend(of_cells());
        } else if numbers.iter().any(|cell| Some(&cell.basis) != first) {
            bases.extend(of_cells());
        }
    }
    let in_order = |mut rows: Vec<usize>| {
        rows.sort_by(|a, b| facts.get(*a).map(|fact| &fact.place).cmp(&facts.get(*b).map(|fact| &fact.place)));
        rows
    };
    match (units.is_empty(), bases.is_empty()) {
        (false, _) => Err(Unlike::Units(in_order(units))),
        (_, false) => Err(Unlike::Bases(in_order(bases))),
        _ => Ok(()),
    }
}

struct Maker<'a> {
    facts: &'a [Fact],
    resolved: &'a Resolved,
    achieved: Option<&'a Achieved>,
    members: &'a Members<'a>,
    question: &'a Question,
    expected: &'a BTreeMap<Key, BTreeSet<Pair>>,
}

impl Maker<'_> {
    fn cell(&self, at: usize) -> Option<&Cell> {
        self.resolved.cells.get(at)
    }

    fn fate(&self, fact: usize) -> Option<Fate> {
        self.resolved.fates.get(fact).copied()
    }

    /// One group, or one for each basis.
    fn groups(&self, key: &Key, breakdown: &Breakdown, of_it: &Gathered) -> Vec<Group> {
        if !self.question.split {
            return vec![self.group(key, breakdown, of_it, &of_it.cells)];
        }
        let mut of_basis: BTreeMap<&Basis, Vec<usize>> = BTreeMap::new();
        for (at, cell) in of_it.cells.iter().filter_map(|at| Some((*at, self.cell(at.to_owned())?))) {
            of_basis.entry(&cell.basis).or_default().push(at);
        }
        if of_basis.is_empty() {
            return vec![self.group(key, breakdown, of_it, &[])];
        }
        of_basis.values().map(|cells| self.group(key, breakdown, of_it, cells)).collect()
    }

    fn group(&self, key: &Key, breakdown: &Breakdown, of_it: &Gathered, cells: &[usize]) -> Group {
        let counted: Vec<usize> =
            cells.iter().filter(|at| self.cell(**at).is_some_and(|cell| self.stands(cell))).copied().collect();
        let these: Vec<&Cell> = counted.iter().filter_map(|at| self.cell(*at)).collect();
        let outcome = compute(&these, self.question);
        let facts: Vec<usize> = these.iter().flat_map(|cell| cell.facts.iter().copied()).collect();
        let known: Vec<&Fact> = facts.iter().filter_map(|fact| self.facts.get(*fact)).collect();
        let count = |which: fn(&Fact) -> bool| known.iter().filter(|fact| which(fact)).count();
        let measured = || known.iter().filter_map(|fact| fact.measured_on.clone());
        let compared = self.achieved.map(|achieved| achieved.sums(&counted)).unzip();
        let Outcome { value, numerator, denominator, spread, shares } = outcome;
        let shown = AggregateGroup {
            key: self.shown_key(key, breakdown),
            value: compared.0.as_ref().map_or(value, |original| original.percent),
            basis: these.first().map(|cell| cell.basis.clone().into()),
            numerator,
            denominator,
            spread,
            shares,
            original: compared.0,
            amended: compared.1,
            expected: 0,
            reported: 0,
            other_basis: 0,
            not_counted: 0,
            missing: AggregateMissing::default(),
            complete: false,
            figures: known.len(),
            reposts: count(|fact| fact.repost),
            estimates: count(|fact| fact.estimate),
            approximate: count(|fact| fact.approximate),
            measured_from: measured().min(),
            measured_to: measured().max(),
            excluded: self.excluded(&of_it.facts),
            breaks: Vec::new(),
            predecessors: self.predecessors(key, &known),
        };
        let shown = self.covered(shown, key, of_it, &these);
        Group { key: key.clone(), shown, facts }
    }

    /// Not every cell of an achievement has a goal.
    fn stands(&self, cell: &Cell) -> bool {
        cell.facts.iter().any(|fact| self.fate(*fact) == Some(Fate::Counted))
    }

    /// What became of each that was expected.
    fn covered(&self, group: AggregateGroup, key: &Key, of_it: &Gathered, counted: &[&Cell]) -> AggregateGroup {
        let slot_key =
            Key { period: key.period.and_then(|period| Some(self.members.slot(period)?.period())), ..key.clone() };
        let none = BTreeSet::new();
        let expected = self.expected.get(&slot_key).unwrap_or(&none);
        let pair = |cell: &Cell| self.members.pair(&cell.municipality, cell.period);
        let reported: BTreeSet<Pair> = counted.iter().filter_map(|cell| pair(cell)).collect();
        let all = of_it.cells.iter().filter_map(|at| self.cell(*at)).filter(|cell| self.stands(cell));
        let others: BTreeSet<Pair> = all.filter_map(pair).collect();
        let mut told: HashMap<Pair, Option<MissingReason>> = HashMap::new();
        for fact in &of_it.facts {
            let Some(known) = self.facts.get(*fact) else { continue };
            let Some(pair) = self.members.pair(&known.place.municipality, known.period) else { continue };
            match self.fate(*fact) {
                Some(Fate::Missing(reason)) => {
                    told.insert(pair, Some(reason));
                }
                Some(Fate::Excluded(_)) => {
                    told.entry(pair).or_insert(None);
                }
                _ => {}
            }
        }
        let mut group = AggregateGroup { expected: expected.len(), ..group };
        for pair in expected {
            match told.get(pair) {
                _ if reported.contains(pair) => group.reported += 1,
                _ if others.contains(pair) => group.other_basis += 1,
                Some(Some(reason)) => group.missing.count(*reason),
                Some(None) => group.not_counted += 1,
                None => group.missing.unanswered += 1,
            }
        }
        group.complete = group.expected > 0 && group.reported == group.expected;
        group
    }

    fn excluded(&self, facts: &[usize]) -> Vec<AggregateExcluded> {
        const SHOWN: usize = 20;
        let mut reasons: BTreeMap<ExclusionReason, Vec<&Fact>> = BTreeMap::new();
        for fact in facts {
            if let (Some(Fate::Excluded(reason)), Some(fact)) = (self.fate(*fact), self.facts.get(*fact)) {
                reasons.entry(reason).or_default().push(fact);
            }
        }
        let shown = |(reason, mut facts): (ExclusionReason, Vec<&Fact>)| {
            facts.sort_by(|a, b| a.place.cmp(&b.place));
            let places = facts.iter().take(SHOWN).map(|fact| fact.place.address()).collect();
            AggregateExcluded { reason, figures: facts.len(), places }
        };
        reasons.into_iter().map(shown).collect()
    }

    fn shown_key(&self, key: &Key, breakdown: &Breakdown) -> AggregateKey {
        AggregateKey {
            prefecture: key.prefecture.clone(),
            municipality_name: key.municipality.as_deref().and_then(|code| self.name(code)),
            municipality: key.municipality.clone(),
            period: key.period.as_ref().map(Period::code),
            period_label_ja: key.period.as_ref().map(Period::label_ja),
            period_label_en: key.period.as_ref().map(Period::label_en),
            level: self
                .question
                .levels
                .as_ref()
                .zip(key.level.as_ref())
                .map(|(of, rated)| AggregateLevel::new(of, rated.level())),
            breakdown: breakdown.clone(),
        }
    }

    fn name(&self, code: &str) -> Option<String> {
        self.members.name(code).or_else(|| self.members.successions.name(code))
    }

    fn predecessors(&self, key: &Key, facts: &[&Fact]) -> Vec<String> {
        let Some(shown) = key.municipality.as_ref().filter(|_| self.question.groups.is_series()) else {
            return Vec::new();
        };
        let reporters: BTreeSet<&String> = facts.iter().map(|fact| &fact.place.municipality).collect();
        reporters.into_iter().filter(|code| *code != shown).take(100).cloned().collect()
    }
}
