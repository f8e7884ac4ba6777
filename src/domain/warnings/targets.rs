//! Which target a result is compared with.

use super::Figure;
use crate::domain::period::Period;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// A target of the result's program and reporter.
pub struct Target<'a> {
    pub period: Period,
    /// 0: the original goal; above: changed goals
    pub amendment: i16,
    pub texts: &'a BTreeMap<String, String>,
    pub figures: Vec<Figure<'a>>,
}

/// The targets a result may be compared with, the right one first: of its own period, else of the next that ends
/// later (a year's for its half), else the plan's last. Of one period the last changed goal counts. The baseline is where the plan began, no target.
pub fn compared<'a: 'b, 'b>(
    targets: impl IntoIterator<Item = &'b Target<'a>>,
    period: Period,
) -> impl Iterator<Item = &'b Target<'a>> {
    let until = period.end();
    let earlier = |target: &Target<'_>| target.period.end().is_some_and(|end| Some(end) < until);
    let mut ordered: Vec<&'b Target<'a>> =
        targets.into_iter().filter(|target| target.period != Period::Baseline).collect();
    ordered.sort_by(|a, b| {
        // The later ones ascending, then the earlier ones from the last back.
        let by_period = if earlier(a) && earlier(b) { b.period.cmp(&a.period) } else { a.period.cmp(&b.period) };
        let own = (a.period != period).cmp(&(b.period != period));
        own.then(earlier(a).cmp(&earlier(b))).then(by_period).then(b.amendment.cmp(&a.amendment))
    });
    ordered.into_iter()
}

/// A figure of a target that a result's figure is compared with.
pub struct Goal<'a, 'b> {
    pub target: &'b Target<'a>,
    /// Its place in the target, from 0.
    pub place: usize,
    pub figure: &'b Figure<'a>,
}

/// The goals of a figure: in the first target compared that has one, counted in the same way, of the same item or else of
/// the same indicator; and those that the other goals of that period set, the last change first. `against`: of this period
/// only.
pub fn goals<'a: 'b, 'b>(
    targets: impl IntoIterator<Item = &'b Target<'a>>,
    period: Period,
    against: Option<Period>,
    result: &Figure<'_>,
) -> Vec<Goal<'a, 'b>> {
    let mut found: Vec<Goal<'a, 'b>> = Vec::new();
    for target in compared(targets, period).filter(|target| against.is_none_or(|against| target.period == against)) {
        if found.first().is_some_and(|goal| goal.target.period != target.period) {
            break;
        }
        let counted = || target.figures.iter().enumerate().filter(|(_, figure)| figure.is_counted_as(result));
        let same_item = counted().find(|(_, figure)| figure.item == result.item);
        let goal = same_item.or_else(|| counted().find(|(_, figure)| figure.measures_as(result)));
        found.extend(goal.map(|(place, figure)| Goal { target, place, figure }));
    }
    found
}

/// The figure that is the goal of this one: the last of its changes.
pub fn goal<'a, 'b>(
    targets: &'b [Target<'a>],
    period: Period,
    against: Option<Period>,
    result: &Figure<'_>,
) -> Option<&'b Figure<'a>> {
    goals(targets, period, against, result).first().map(|goal| goal.figure)
}

/// A result in percent of its goal, half up to one decimal. None where the two cannot be divided: a range, about, at most …
pub fn percent(result: &Figure<'_>, goal: &Figure<'_>) -> Option<Decimal> {
    if !result.exact || !goal.bounded {
        return None;
    }
    let (done, planned) = result.value.zip(goal.value).or(result.rate.zip(goal.rate))?;
    let percent = done.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(planned)?;
    Some(percent.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero).normalize())
}
