//! A record against that of one year before.

use super::{Code, Figure, Part, Record, Warning, folded, pointer_token, texts};
use crate::domain::period::Period;
use crate::domain::unit;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What the same program, or one it came after, recorded one year before.
pub struct LastYear<'a> {
    pub texts: &'a BTreeMap<String, String>,
    pub figures: Vec<Figure<'a>>,
}

/// From ten times on a figure looks as if a digit were missing or one too many.
const TENFOLD: Decimal = Decimal::TEN;

/// Small counts grow tenfold for no reason: three people come, and next year thirty. Nobody errs by a digit there.
const SMALL: Decimal = Decimal::from_parts(20, 0, 0, false, 0);

pub fn judge(record: &Record<'_>, found: &mut Vec<Warning>) {
    let Some(last_year) = record.period.year_before().filter(|_| !record.last_year.is_empty()) else { return };
    // A plan may well say the same again; what was done is another thing each year.
    if record.part == Part::Result && !record.no_change {
        for (field, text) in record.texts {
            found.extend(same_text(record, last_year, field, text));
        }
    }
    for (place, figure) in record.figures.iter().enumerate() {
        // Where several go by one name nobody knows which is which.
        let alone = |same: &dyn Fn(&Figure<'_>) -> bool| record.figures.iter().filter(|other| same(other)).count() == 1;
        let before = || record.last_year.iter().flat_map(|last| &last.figures);
        let same_but_unit = |other: &&Figure<'_>| is_one_year_before(other, figure);
        let counted_alike = |other: &&Figure<'_>| same_but_unit(other) && has_same_unit(other, figure);
        if let Some(last) = only(before().filter(counted_alike)) {
            let twin = |other: &Figure<'_>| is_same(other, figure) && has_same_unit(other, figure);
            found.extend(tenfold(figure, last, last_year, place).filter(|_| alone(&twin)));
        } else if !before().any(|other| counted_alike(&other))
            && let Some(last) = only(before().filter(same_but_unit))
            && alone(&|other: &Figure<'_>| is_same(other, figure))
        {
            found.extend(unit_changed(figure, last, last_year, place));
        }
    }
}

/// The one there is.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

fn same_text(record: &Record<'_>, last_year: Period, field: &str, text: &str) -> Option<Warning> {
    let same = record.last_year.iter().any(|last| last.texts.get(field).is_some_and(|before| before == text));
    if !same || folded(text).chars().count() < texts::SHORTEST_PROSE {
        return None;
    }
    let warning = Warning::new(
        Code::SameTextAsLastYear,
        format!("/texts/{}", pointer_token(field)),
        format!(
            "{}と一字一句同じ文章です。この年度のことが書かれているか確認してください。変わりがなければ no_change_from_last_year を true にしてください",
            last_year.label_ja()
        ),
        format!(
            "the text is that of {}, to the letter: does it tell of this year? If nothing changed, set `no_change_from_last_year`",
            last_year.label_en()
        ),
    );
    Some(warning.with("period", last_year))
}

/// Is it the same figure, in whatever unit?
fn is_same(a: &Figure<'_>, b: &Figure<'_>) -> bool {
    is_counted_like(a, b) && a.period == b.period
}

fn is_one_year_before(last: &Figure<'_>, figure: &Figure<'_>) -> bool {
    is_counted_like(last, figure)
        && match figure.period {
            Some(period) => period.year_before().is_some_and(|before| last.period == Some(before)),
            None => last.period.is_none(),
        }
}

fn is_counted_like(a: &Figure<'_>, b: &Figure<'_>) -> bool {
    folded(a.item) == folded(b.item)
        && folded(a.label) == folded(b.label)
        && a.role == b.role
        && (a.count_basis, a.per) == (b.count_basis, b.per)
        && (&a.axes, &a.sections) == (&b.axes, &b.sections)
        && (a.value.is_some(), a.rate.is_some()) == (b.value.is_some(), b.rate.is_some())
}

fn has_same_unit(a: &Figure<'_>, b: &Figure<'_>) -> bool {
    match (a.unit, b.unit) {
        (Some(a), Some(b)) => unit::same(a, b),
        (a, b) => a == b,
    }
}

/// Nought is no digit too few: what was not needed (支給対象者なし), or began this year, says so.
fn tenfold(figure: &Figure<'_>, last: &Figure<'_>, last_year: Period, place: usize) -> Option<Warning> {
    let number = |figure: &Figure<'_>| figure.value.or(figure.rate).filter(|_| figure.exact);
    let (now, before) = number(figure).zip(number(last))?;
    let (small, large) = (now.abs().min(before.abs()), now.abs().max(before.abs()));
    if small.is_zero() || large < SMALL || large < small.checked_mul(TENFOLD)? {
        return None;
    }
    let (ja, en) =
        if now.abs() > before.abs() { ("10倍以上", "ten times") } else { ("10分の1以下", "a tenth of") };
    let (label, unit) = (figure.label, figure.unit.unwrap_or_default());
    let warning = Warning::new(
        Code::Tenfold,
        format!("/values/{place}/{}", if figure.value.is_some() { "value" } else { "rate" }),
        format!(
            "「{label}」は {now}{unit} で、{}の {before}{unit} の{ja}です。桁と単位を確認してください",
            last_year.label_ja()
        ),
        format!("{now} is {en} what it was in {} ({before}) or beyond: check digits and unit", last_year.label_en()),
    );
    Some(warning.with("value", now).with("last_year", before))
}

fn unit_changed(figure: &Figure<'_>, last: &Figure<'_>, last_year: Period, place: usize) -> Option<Warning> {
    let (now, before) = figure.unit.zip(last.unit)?;
    if figure.value.is_none() && figure.rate.is_none() {
        return None;
    }
    let warning = Warning::new(
        Code::UnitChanged,
        format!("/values/{place}/unit"),
        format!(
            "「{}」の単位は「{now}」ですが、{}は「{before}」でした。数え方が変わったのでなければ、単位を確認してください",
            figure.label,
            last_year.label_ja()
        ),
        format!("the unit is {now}; in {} it was {before}: check it, unless it is counted anew", last_year.label_en()),
    );
    Some(warning.with("unit", now).with("last_year_unit", before))
}

/// A target that nobody reported on, in a report that is handed in.
pub fn target_without_result(program: &str, name: Option<&str>, period: Period) -> Warning {
    let named = name.map_or_else(String::new, |name| format!("「{name}」"));
    let warning = Warning::new(
        Code::TargetWithoutResult,
        "",
        format!(
            "事業 {program}{named}には{}の目標がありますが、実績がありません。実績を書くか、書けない理由（missing_reason）を入れてください",
            period.label_ja()
        ),
        format!(
            "program {program} has a target for {} and no result: send one, or why there is none (`missing_reason`)",
            period.label_en()
        ),
    );
    warning.with("program", program).with("period", period)
}
