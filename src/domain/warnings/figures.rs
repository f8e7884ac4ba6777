//! Rules about figures.

use super::{Code, Figure, Record, Role, Warning, department_name, folded};
use crate::domain::unit;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

impl Figure<'_> {
    /// May the two be compared? The same unit, basis and per.
    pub(super) fn is_counted_as(&self, other: &Self) -> bool {
        let unit = match (self.unit, other.unit) {
            (Some(a), Some(b)) => unit::same(a, b),
            (a, b) => a == b,
        };
        unit && self.count_basis == other.count_basis && self.per == other.per
    }

    /// Counts the same indicator, of the same part of its breakdown.
    pub(super) fn measures_as(&self, other: &Self) -> bool {
        self.measures.is_some() && self.measures == other.measures && self.sections == other.sections
    }

    fn exact_value(&self) -> Option<Decimal> {
        self.value.filter(|_| self.exact)
    }
}

pub fn judge(record: &Record<'_>, found: &mut Vec<Warning>) {
    let written: Vec<String> = record
        .texts
        .values()
        .map(String::as_str)
        .chain(record.prose.iter().map(|(_, text)| *text))
        .map(folded)
        .collect();
    for (place, figure) in record.figures.iter().enumerate() {
        let at = format!("/values/{place}");
        found.extend(of_which(record, figure, &at));
        found.extend(rate(figure, &at));
        found.extend(unit_of_indicator(figure, &at));
        found.extend(basis_of_indicator(figure, &at));
        found.extend(small_count(figure, &at));
        found.extend(source(&written, figure, &at));
        found.extend(department(record, figure, &at));
    }
    parts(record, found);
}

fn whole<'a, 'b>(record: &'b Record<'a>, figure: &Figure<'_>) -> Option<&'b Figure<'a>> {
    record.figures.get(usize::try_from(figure.whole?.checked_sub(1)?).ok()?)
}

fn of_which(record: &Record<'_>, figure: &Figure<'_>, at: &str) -> Option<Warning> {
    let whole = whole(record, figure).filter(|_| figure.role == Role::OfWhich)?;
    let (part, all) = figure.exact_value().zip(whole.exact_value())?;
    if part <= all || !figure.is_counted_as(whole) {
        return None;
    }
    let warning = Warning::new(
        Code::OfWhichAboveWhole,
        format!("{at}/value"),
        format!(
            "うち数「{}」{part} が、全体「{}」{all} を超えています。どちらかを確認してください",
            figure.label, whole.label
        ),
        format!("the of-which {part} is above its whole {all}: check both"),
    );
    Some(warning.with("of_which", part).with("whole", all))
}

/// Parts of one whole by one breakdown add up to it; by age and by place they do so twice.
fn parts(record: &Record<'_>, found: &mut Vec<Warning>) {
    let mut groups: BTreeMap<(i16, &[&str]), Vec<&Figure<'_>>> = BTreeMap::new();
    for figure in record.figures.iter().filter(|figure| figure.role == Role::PartOf) {
        if let Some(whole) = figure.whole {
            groups.entry((whole, &figure.axes)).or_default().push(figure);
        }
    }
    for ((place, _), parts) in groups {
        let whole = parts.first().and_then(|part| whole(record, part));
        let Some((whole, all)) = whole.and_then(|whole| Some((whole, whole.exact_value()?))) else { continue };
        // One that is missing, about, or counted otherwise: nobody knows the sum.
        let known = |part: &&Figure<'_>| part.exact_value().filter(|_| part.is_counted_as(whole));
        let Some(values) = parts.iter().map(known).collect::<Option<Vec<Decimal>>>() else { continue };
        let sum = values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value));
        let Some(sum) = sum.filter(|sum| *sum != all) else { continue };
        let terms = values.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
        let warning = Warning::new(
            Code::PartsDifferFromWhole,
            format!("/values/{}/value", place - 1),
            format!(
                "「{}」は {all} ですが、内訳の合計は {terms} = {sum} です。内訳か計を確認してください",
                whole.label
            ),
            format!("the whole is {all}, but its parts add up to {terms} = {sum}: check the parts or the whole"),
        );
        found.push(warning.with("whole", all).with("sum", sum));
    }
}

/// Decimals as printed: 95.0％ is stored as 95, and only its snippet still knows.
fn printed_decimals(rate: Decimal, source: &str) -> u32 {
    let text = folded(source);
    let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|number| number.trim_matches('.'));
    let same = numbers.filter_map(|number| number.parse::<Decimal>().ok()).filter(|number| *number == rate.abs());
    same.map(|number| number.scale()).max().unwrap_or(0).max(rate.normalize().scale())
}

fn rate(figure: &Figure<'_>, at: &str) -> Option<Warning> {
    let rate = figure.rate.filter(|_| figure.exact)?;
    let (numerator, denominator) = figure.numerator.zip(figure.denominator)?;
    // None: divided by zero.
    let percent = numerator.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(denominator)?;
    let decimals = printed_decimals(rate, figure.source);
    let rounded = percent.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    if rate == rounded || rate == percent.trunc_with_scale(decimals) {
        return None;
    }
    let warning = Warning::new(
        Code::RateDiffers,
        format!("{at}/rate"),
        format!("率は {rate} ですが、{numerator} ÷ {denominator} は {rounded}% です。率・分子・分母を確認してください"),
        format!("the rate is {rate}, but {numerator} / {denominator} is {rounded} percent: check all three"),
    );
    Some(warning.with("rate", rate).with("computed", rounded))
}

fn unit_of_indicator(figure: &Figure<'_>, at: &str) -> Option<Warning> {
    let (given, wanted) = figure.unit.zip(figure.indicator?.unit)?;
    if unit::same(given, wanted) || (figure.value.is_none() && figure.rate.is_none()) {
        return None;
    }
    let warning = Warning::new(
        Code::UnitDiffers,
        format!("{at}/unit"),
        format!("単位は「{given}」ですが、指標の単位は「{wanted}」です。このままでは集計で別に扱われます"),
        format!("the unit is {given}, the indicator's {wanted}: it will be kept apart when adding up"),
    );
    Some(warning.with("unit", given).with("indicator_unit", wanted))
}

fn basis_of_indicator(figure: &Figure<'_>, at: &str) -> Option<Warning> {
    let wanted = figure.indicator?.count_basis?;
    figure.value?;
    if figure.count_basis == Some(wanted) {
        return None;
    }
    let ja = |basis: &str| if basis == "cumulative" { "延べ" } else { "実" };
    let given = figure.count_basis;
    let warning = Warning::new(
        Code::CountBasisDiffers,
        format!("{at}/count_basis"),
        format!(
            "数え方は「{}」ですが、指標は「{}」です。このままでは集計で別に扱われます",
            given.map_or("明記なし", ja),
            ja(wanted)
        ),
        format!(
            "the count basis is {}, the indicator's {wanted}: it will be kept apart when adding up",
            given.unwrap_or("unstated")
        ),
    );
    Some(warning.with("count_basis", given.unwrap_or("unstated")).with("indicator_count_basis", wanted))
}

fn small_count(figure: &Figure<'_>, at: &str) -> Option<Warning> {
    figure.indicator.filter(|indicator| indicator.sensitive)?;
    let numbers = [figure.value, figure.numerator, figure.denominator];
    if !numbers.into_iter().flatten().any(|number| number > Decimal::ZERO && number < Decimal::TEN) {
        return None;
    }
    Some(Warning::new(
        Code::WillBeSuppressed,
        format!("{at}/value"),
        format!(
            "「{}」は個人を特定しうる指標の1〜9なので、公表のときに秘匿します。それを含む計と、本文・備考の同じ数字も伏せます。\
             本文にほかの書き方で残らないか確認してください",
            figure.label
        ),
        "a count of 1 to 9 of a sensitive indicator is suppressed when published, with the totals it is in and the same \
         number in texts and notes: check that the text does not tell it in other words",
    ))
}

fn source(written: &[String], figure: &Figure<'_>, at: &str) -> Option<Warning> {
    let source = folded(figure.source);
    // Where no text has a digit, figures stand in cells of their own.
    let apart = written.iter().all(|text| !text.contains(|c: char| c.is_ascii_digit()));
    if apart || written.iter().any(|text| text.contains(&source)) {
        return None;
    }
    Some(Warning::new(
        Code::SourceNotInText,
        format!("{at}/source"),
        format!("「{}」は本文にありません。本文から読んだ部分をそのまま入れてください", figure.source),
        "the snippet is not in the text: copy it from there as it stands",
    ))
}

fn department(record: &Record<'_>, figure: &Figure<'_>, at: &str) -> Option<Warning> {
    let given = figure.department?;
    if record.departments.is_empty() || record.departments.contains(&department_name(given)) {
        return None;
    }
    let warning = Warning::new(
        Code::DepartmentUnknown,
        format!("{at}/department"),
        format!("「{given}」という担当課は登録がありません。/departments に登録するか、書き方を確認してください"),
        "no such department is registered: put it to /departments, or check its name",
    );
    Some(warning.with("department", given))
}
