//! Which target a result is compared with.

use super::Figure;
use crate::domain::period::Period;
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
pub fn compared<'a, 'b>(targets: &'b [Target<'a>], period: Period) -> impl Iterator<Item = &'b Target<'a>> {
    let earlier = |target: &Target<'_>| target.period.end().is_some_and(|end| Some(end) < period.end());
    let mut ordered: Vec<&Target<'a>> = targets.iter().filter(|target| target.period != Period::Baseline).collect();
    ordered.sort_by(|a, b| {
        // The later ones ascending, then the earlier ones from the last back.
        let by_period = if earlier(a) && earlier(b) { b.period.cmp(&a.period) } else { a.period.cmp(&b.period) };
        let own = (a.period != period).cmp(&(b.period != period));
        own.then(earlier(a).cmp(&earlier(b))).then(by_period).then(b.amendment.cmp(&a.amendment))
    });
    ordered.into_iter()
}

/// The figure that is the goal of this one: of the same item, counted in the same way. `against`: of this period only.
pub fn goal<'a, 'b>(
    targets: &'b [Target<'a>],
    period: Period,
    against: Option<Period>,
    result: &Figure<'_>,
) -> Option<&'b Figure<'a>> {
    compared(targets, period).filter(|target| against.is_none_or(|against| target.period == against)).find_map(
        |target| target.figures.iter().find(|figure| figure.item == result.item && figure.is_counted_as(result)),
    )
}
