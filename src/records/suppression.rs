//! Small counts 小さな数: what a publication keeps back of figures whose indicator is sensitive, and of whatever would give
//! them away. The reporter and the plan's owner go on seeing everything; only the published copy is changed.
//!
//! - A figure of 1 to 9 is kept back (秘匿): it stays with its label, unit and breakdown, as `missing_reason: suppressed`.
//!   Zero and 10 and more are published. The same of numerators, denominators and bounds.
//! - So is every total that contains it: the whole of a part, the figure that is not broken down, in any record of the
//!   report. Then each equation that a hidden figure is in has a second unknown, and no subtraction finds it.
//! - So is what stands in the same item as a rate of it. A sensitive figure's running total is never published: last year's
//!   would give this year's away.
//! - In the texts of the report the snippet it was read from loses its digits, and so does the same number elsewhere.
//!
//! What stands in a text and is no figure, nobody here knows: a warning tells the reporter before it hands in.

mod mask;
#[cfg(test)]
mod tests;

use super::queries::Working;
use super::value::{MissingReason, RecordValue, SameFigure, ValueRole};
use crate::domain::number::Number;
use mask::Mask;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Owner and code.
pub type Named = (String, String);

/// Below this a count may tell who was counted.
const SMALL: Decimal = Decimal::TEN;

/// A figure: place of its record, place in it.
type At = (usize, usize);

pub fn is_small(number: Decimal) -> bool {
    number > Decimal::ZERO && number < SMALL
}

/// What is sensitive of a report.
#[derive(Default)]
pub struct Sensitive {
    /// Of its indicators
    pub indicators: HashSet<Named>,
    /// The wards its programs are for, by program: parts of the city's figure
    pub wards: HashMap<String, String>,
}

/// Changes the records into what is published of them.
pub fn keep_back(records: &mut [Working], sensitive: &Sensitive) {
    let Hidden { all, sensitive } = hidden(records, sensitive);
    if sensitive.is_empty() {
        return;
    }
    let mut masks = Vec::new();
    for (record, place) in &all {
        if let Some(value) = records.get_mut(*record).and_then(|record| record.body.values.get_mut(*place)) {
            masks.push((*record, Mask::of(value)));
            empty(value);
        }
    }
    for (record, place) in sensitive.difference(&all) {
        if let Some(value) = records.get_mut(*record).and_then(|record| record.body.values.get_mut(*place))
            && let Some(total) = value.running_total.take()
        {
            masks.push((*record, Mask::of_number(total)));
        }
    }
    for (at, record) in records.iter_mut().enumerate() {
        let masks: Vec<(bool, &Mask)> = masks.iter().map(|(home, mask)| (*home == at, mask)).collect();
        record.keeps_back = mask::apply(&mut record.body, &masks);
    }
}

/// Is anything kept back of these?
pub fn keeps_back(records: &[Working], sensitive: &Sensitive) -> bool {
    let hidden = hidden(records, sensitive);
    !hidden.all.is_empty()
        || hidden.sensitive.iter().any(|at| value(records, *at).is_some_and(|value| value.running_total.is_some()))
}

struct Hidden {
    all: BTreeSet<At>,
    sensitive: BTreeSet<At>,
}

fn value(records: &[Working], (record, place): At) -> Option<&RecordValue> {
    records.get(record)?.body.values.get(place)
}

fn all(records: &[Working]) -> impl Iterator<Item = (At, &RecordValue)> {
    let of = |(at, record): (usize, &'_ Working)| -> Vec<At> {
        (0..record.body.values.len()).map(|place| (at, place)).collect()
    };
    records.iter().enumerate().flat_map(of).filter_map(|at| Some((at, value(records, at)?)))
}

fn hidden(records: &[Working], known: &Sensitive) -> Hidden {
    let sensitive = sensitive(records, &known.indicators);
    let small = |value: &RecordValue| {
        let numbers = [value.value, value.value_to, value.numerator, value.denominator, value.running_total];
        numbers.into_iter().flatten().map(Number::decimal).any(is_small)
    };
    let first: BTreeSet<At> = sensitive.iter().filter(|at| value(records, **at).is_some_and(small)).copied().collect();
    let mut hidden = first.clone();
    loop {
        let more: Vec<At> = all(records)
            .filter(|(at, value)| !hidden.contains(at) && value.missing_reason.is_none())
            .filter(|(at, value)| gives_away(records, known, (&hidden, &first), *at, value))
            .map(|(at, _)| at)
            .collect();
        if more.is_empty() {
            return Hidden { all: hidden, sensitive };
        }
        hidden.extend(more);
    }
}

/// Those of a sensitive indicator, what they are made of, and the same figures elsewhere.
fn sensitive(records: &[Working], indicators: &HashSet<Named>) -> BTreeSet<At> {
    let named = |value: &RecordValue| {
        let indicator = value.indicator.as_ref();
        indicator.is_some_and(|named| indicators.contains(&(named.owner.clone(), named.indicator.clone())))
    };
    let mut found: BTreeSet<At> = all(records).filter(|(_, value)| named(value)).map(|(at, _)| at).collect();
    if found.is_empty() {
        return found;
    }
    loop {
        let more: Vec<At> = all(records)
            .filter(|(at, value)| {
                let whole = whole(*at, value).filter(|_| is_part(value)).is_some_and(|whole| found.contains(&whole));
                let twin = twin(records, *at, value).is_some_and(|twin| found.contains(&twin));
                let named = found.iter().any(|other| twin_of(records, *other) == Some(*at));
                !found.contains(at) && (whole || twin || named)
            })
            .map(|(at, _)| at)
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn is_part(value: &RecordValue) -> bool {
    matches!(value.role, ValueRole::PartOf | ValueRole::OfWhich)
}

fn whole((record, _): At, value: &RecordValue) -> Option<At> {
    Some((record, usize::try_from(value.whole?.checked_sub(1)?).ok()?))
}

/// The figure of another program that a figure says it is.
fn twin(records: &[Working], (at, _): At, value: &RecordValue) -> Option<At> {
    let SameFigure { program, ordinal } = value.same_figure_as.as_ref()?;
    let here = records.get(at)?;
    let block = |record: &Working| (record.part, record.period.clone(), record.amendment);
    let there = records.iter().position(|other| other.program == *program && block(other) == block(here))?;
    Some((there, usize::try_from(ordinal.checked_sub(1)?).ok()?))
}

fn twin_of(records: &[Working], at: At) -> Option<At> {
    twin(records, at, value(records, at)?)
}

/// Would this figure, published, tell a hidden one? `first`: those of the hidden that are small themselves.
fn gives_away(
    records: &[Working],
    known: &Sensitive,
    (hidden, first): (&BTreeSet<At>, &BTreeSet<At>),
    at: At,
    this: &RecordValue,
) -> bool {
    let same_record = || all(records).filter(|((record, _), _)| *record == at.0);
    // The whole of a part that is hidden.
    let parts = || same_record().filter(|(other, value)| whole(*other, value) == Some(at));
    if parts().any(|(other, value)| value.role == ValueRole::PartOf && hidden.contains(&other)) {
        return true;
    }
    // A rate of what is hidden, or what a rate is of.
    let pair = |other: At, value: &RecordValue| {
        let tied = whole(other, value) == Some(at) || whole(at, this) == Some(other);
        tied && (this.role == ValueRole::Paired || value.role == ValueRole::Paired)
    };
    let beside =
        same_record().any(|(other, value)| hidden.contains(&other) && (value.item == this.item || pair(other, value)));
    if beside && (this.rate.is_some() || this.numerator.is_some()) {
        return true;
    }
    if twin(records, at, this).is_some_and(|twin| hidden.contains(&twin))
        || hidden.iter().any(|other| twin_of(records, *other) == Some(at))
    {
        return true;
    }
    let of_which: Vec<At> =
        parts().filter(|(_, value)| value.role == ValueRole::OfWhich).map(|(other, _)| other).collect();
    may_be_the_rest(records, hidden, first, this, &of_which) || is_total(records, known, hidden, at, this)
}

/// The same indicator and period in any record, less broken down than one that is hidden. A program's ward breaks down too.
fn is_total(records: &[Working], known: &Sensitive, hidden: &BTreeSet<At>, at: At, this: &RecordValue) -> bool {
    if this.indicator.is_none() {
        return false;
    }
    let cell = |at: At, value: &RecordValue| {
        let Working { part, program, period, amendment, .. } = records.get(at.0)?;
        let mut breakdown: BTreeMap<String, String> = value.breakdown.clone();
        breakdown.extend(known.wards.get(program).map(|ward| (String::new(), ward.clone())));
        Some(((*part, value.period.as_ref().unwrap_or(period).clone(), *amendment), breakdown))
    };
    let Some((block, coarse)) = cell(at, this) else { return false };
    hidden.iter().any(|other| {
        let finer = value(records, *other).filter(|value| value.indicator == this.indicator);
        finer.and_then(|finer| cell(*other, finer)).is_some_and(|(of, fine)| {
            let contains = coarse.iter().all(|(axis, part)| fine.get(axis) == Some(part));
            of == block && fine.len() > coarse.len() && contains
        })
    })
}

/// Is what is left of `this` when the visible of its of-whichs are taken away what the hidden could be together? Then they
/// may well be all of it, and one who guesses so would know them.
fn may_be_the_rest(
    records: &[Working],
    hidden: &BTreeSet<At>,
    first: &BTreeSet<At>,
    this: &RecordValue,
    parts: &[At],
) -> bool {
    let unknown: Vec<&At> = parts.iter().filter(|part| hidden.contains(*part)).collect();
    if unknown.is_empty() {
        return false;
    }
    // What is hidden for another's sake may be of any size.
    if unknown.iter().any(|part| !first.contains(*part)) {
        return true;
    }
    let visible = parts.iter().filter(|part| !hidden.contains(*part)).filter_map(|part| value(records, *part)?.value);
    let Some(whole) = this.value.map(Number::decimal) else { return false };
    let rest = whole - visible.map(Number::decimal).sum::<Decimal>();
    let count = Decimal::from(unknown.len());
    rest > Decimal::ZERO && rest < count * SMALL
}

/// Nothing but its place: what it is of, and that it is kept back.
fn empty(value: &mut RecordValue) {
    value.missing_reason = Some(MissingReason::Suppressed);
    value.value = None;
    value.value_to = None;
    value.rate = None;
    value.text = None;
    value.comparator = None;
    value.approximate = false;
    value.numerator = None;
    value.denominator = None;
    value.running_total = None;
}
