//! What is made of the cells of one group.

use super::resolve::{Amount, Cell};
use super::{AggregateFunction, Question};
use crate::aggregates::types::{AggregateShare, AggregateSpread, Total};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Outcome {
    pub value: Option<Total>,
    pub numerator: Option<Total>,
    pub denominator: Option<Total>,
    pub spread: Option<AggregateSpread>,
    pub shares: Vec<AggregateShare>,
}

/// As many words are told.
const MOST_SHARES: usize = 500;

/// Nothing makes nothing: no cell is no value, never 0.
pub fn compute(cells: &[&Cell], question: &Question) -> Outcome {
    let mut numbers: Vec<Decimal> = cells.iter().filter_map(|cell| number(&cell.amount)).collect();
    let total = |sum: Option<Decimal>| sum.map(Total);
    match question.function {
        AggregateFunction::Sum | AggregateFunction::Latest => {
            Outcome { value: total((!numbers.is_empty()).then(|| numbers.iter().sum())), ..Outcome::default() }
        }
        AggregateFunction::Min => Outcome { value: total(numbers.into_iter().min()), ..Outcome::default() },
        AggregateFunction::Max => Outcome { value: total(numbers.into_iter().max()), ..Outcome::default() },
        AggregateFunction::WeightedMean => mean(cells, question.decimals),
        AggregateFunction::Distribution => {
            numbers.sort_unstable();
            Outcome { spread: spread(&numbers), shares: shares(cells), ..Outcome::default() }
        }
        // Told by its comparison.
        AggregateFunction::AchievementRate => Outcome::default(),
    }
}

pub fn number(amount: &Amount) -> Option<Decimal> {
    match amount {
        Amount::Number(number) => Some(*number),
        _ => None,
    }
}

/// Half up, as offices do.
pub fn rounded(number: Decimal, decimals: u32) -> Decimal {
    number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

pub fn percent(part: Decimal, whole: Decimal, decimals: u32) -> Option<Decimal> {
    part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole).map(|percent| rounded(percent, decimals))
}

fn mean(cells: &[&Cell], decimals: u32) -> Outcome {
    let ratios = cells.iter().filter_map(|cell| match cell.amount {
        Amount::Ratio { numerator, denominator } => Some((numerator, denominator)),
        _ => None,
    });
    let sums = ratios.reduce(|(above, below), (numerator, denominator)| (above + numerator, below + denominator));
    Outcome {
        value: sums.and_then(|(above, below)| percent(above, below, decimals.max(1))).map(Total),
        numerator: sums.map(|(above, _)| Total(above)),
        denominator: sums.map(|(_, below)| Total(below)),
        ..Outcome::default()
    }
}

/// Between two figures in proportion, as spreadsheets do (QUARTILE.INC).
fn spread(sorted: &[Decimal]) -> Option<AggregateSpread> {
    let at = |quarters: u32| {
        let last = Decimal::from(sorted.len().checked_sub(1)?);
        let place = last * Decimal::from(quarters) / Decimal::from(4);
        let below = usize::try_from(place.floor()).ok()?;
        let (low, high) = (*sorted.get(below)?, sorted.get(below + 1).or(sorted.get(below)).copied()?);
        Some(Total(rounded(low + (high - low) * place.fract(), 6)))
    };
    let (min, lower_quartile, median, upper_quartile, max) = (at(0)?, at(1)?, at(2)?, at(3)?, at(4)?);
    Some(AggregateSpread { min, lower_quartile, median, upper_quartile, max })
}

fn shares(cells: &[&Cell]) -> Vec<AggregateShare> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in cells {
        if let Amount::Word(word) = &cell.amount {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut shares: Vec<AggregateShare> =
        counts.into_iter().map(|(value, reporters)| AggregateShare { value: value.to_owned(), reporters }).collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.reporters));
    shares.truncate(MOST_SHARES);
    shares
}
