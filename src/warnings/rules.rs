//! A record as the rules of `domain::warnings` judge it, and what they found as it is kept and shown.

use super::queries::history::Before;
use super::types::RecordWarning;
use crate::domain::number::Number;
use crate::domain::period::Period;
use crate::domain::warnings::{self as domain, Bound, Figure, Indicator, Judgement, Role, Warning};
use crate::evaluation_schemes::queries::SchemeKey;
use crate::evaluation_schemes::rules::Scale;
use crate::evaluation_schemes::types::{Level, LevelDefinition};
use crate::indicators::types::{CountBasis, Direction};
use crate::records::types::{Part, RecordBody};
use crate::records::value::{Comparator, Evaluation, Per, RecordValue, ValueRole};
use aws_lc_rs::digest;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What an indicator says of the figures that name it.
#[derive(Clone, Debug)]
pub struct CountedAs {
    pub unit: Option<String>,
    pub count_basis: CountBasis,
    pub direction: Direction,
    /// Itself, or the common one it feeds
    pub sensitive: bool,
}

pub type Indicators = HashMap<(String, String), CountedAs>;
pub type Scales = HashMap<SchemeKey, Scale>;

/// A target that results are compared with.
pub struct Goal {
    pub program: String,
    pub period: Period,
    pub amendment: i16,
    pub texts: BTreeMap<String, String>,
    pub values: Vec<RecordValue>,
}

/// What is known around records.
pub struct Around<'a> {
    pub scales: &'a Scales,
    pub indicators: &'a Indicators,
    /// Codes and names, as `domain::warnings::department_name` writes them.
    pub departments: &'a BTreeSet<String>,
    /// Every target of the reporter, at least of the programs that are judged.
    pub goals: &'a [Goal],
    /// Of one year before, at least of the programs that are judged.
    pub before: &'a [Before],
    /// In Japan.
    pub today: NaiveDate,
}

/// The part of a record's key within its report.
pub struct Place<'a> {
    pub part: Part,
    pub program: &'a str,
    pub period: Period,
    pub amendment: i16,
}

pub fn of_record(place: &Place<'_>, body: &RecordBody, around: &Around<'_>) -> Vec<RecordWarning> {
    let of_program = around.goals.iter().filter(|goal| goal.program == place.program);
    let targets: Vec<domain::Target<'_>> = of_program
        .map(|goal| domain::Target {
            period: goal.period,
            amendment: goal.amendment,
            texts: &goal.texts,
            figures: goal.values.iter().map(|value| figure(value, around.indicators)).collect(),
        })
        .collect();
    let of_last_year: Vec<&Before> = around
        .before
        .iter()
        .filter(|last| (last.program.as_str(), last.part, last.period) == (place.program, place.part, place.period))
        .filter(|last| last.amendment <= place.amendment)
        .collect();
    // A changed goal takes the place of the one before it.
    let is_last = |last: &Before| !of_last_year.iter().any(|o| o.from == last.from && o.amendment > last.amendment);
    let last_year: Vec<domain::LastYear<'_>> = of_last_year
        .iter()
        .filter(|last| is_last(last))
        .map(|last| domain::LastYear {
            texts: &last.texts,
            figures: last.values.iter().map(|value| figure(value, around.indicators)).collect(),
        })
        .collect();
    let fields = [("/cross_reference", &body.cross_reference), ("/reason", &body.reason), ("/note", &body.note)];
    let fields = fields.into_iter().filter_map(|(at, text)| Some((at.to_owned(), text.as_deref()?)));
    let reasons = body.evaluations.iter().enumerate();
    let reasons = reasons.filter_map(|(at, of)| Some((format!("/evaluations/{at}/reason"), of.reason.as_deref()?)));
    let record = domain::Record {
        part: match place.part {
            Part::Targets => domain::Part::Target,
            Part::Results => domain::Part::Result,
        },
        period: place.period,
        ended: place.period.end().is_some_and(|end| end < around.today),
        texts: &body.texts,
        prose: fields.chain(reasons).collect(),
        figures: body.values.iter().map(|value| figure(value, around.indicators)).collect(),
        judgements: body.evaluations.iter().map(|evaluation| judgement(evaluation, around.scales)).collect(),
        departments: around.departments,
        targets: if place.part == Part::Results { &targets } else { &[] },
        last_year: &last_year,
        no_change: body.no_change_from_last_year,
    };
    let key = [place.part.as_str(), place.program, &place.period.code(), &place.amendment.to_string()];
    domain::judge(&record).into_iter().map(|warning| kept(&key, warning)).collect()
}

/// A warning as it is kept. Its fingerprint is of what it says of which place: another figure is another warning.
pub fn kept(key: &[&str], warning: Warning) -> RecordWarning {
    let details = warning.details.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let parts = key.iter().copied().chain([warning.code.id(), warning.pointer.as_str()]).chain(details);
    let mut content = digest::Context::new(&digest::SHA256);
    for part in parts {
        content.update(part.as_bytes());
        // In no text that the service takes.
        content.update(&[0]);
    }
    let fingerprint = content.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    RecordWarning {
        warning: fingerprint,
        code: warning.code.id().to_owned(),
        pointer: warning.pointer,
        message_ja: warning.ja,
        message_en: warning.en,
        details: warning.details,
        acknowledged: false,
    }
}

pub fn basis(basis: CountBasis) -> Option<&'static str> {
    (basis != CountBasis::Unstated).then(|| basis.as_str())
}

/// Whether a number is just this, and whether it is so or the bound of an 以上・以下.
pub fn exactness(value_to: Option<Number>, approximate: bool, comparator: Option<Comparator>) -> (bool, bool) {
    let point = value_to.is_none();
    let exact = point && !approximate && matches!(comparator, None | Some(Comparator::Eq));
    (exact, point && !matches!(comparator, Some(Comparator::Le | Comparator::Lt)))
}

/// A figure as the rules see it.
pub fn figure<'a>(value: &'a RecordValue, indicators: &'a Indicators) -> Figure<'a> {
    let named = value.indicator.as_ref();
    let indicator = named.filter(|_| !indicators.is_empty());
    let indicator = indicator.and_then(|named| indicators.get(&(named.owner.clone(), named.indicator.clone())));
    let (exact, bounded) = exactness(value.value_to, value.approximate, value.comparator);
    Figure {
        item: &value.item,
        label: &value.label,
        role: match value.role {
            ValueRole::PartOf => Role::PartOf,
            ValueRole::OfWhich => Role::OfWhich,
            ValueRole::Main | ValueRole::Paired | ValueRole::Baseline => Role::Other,
        },
        whole: value.whole,
        unit: value.unit.as_deref(),
        source: &value.source,
        value: value.value.map(Number::decimal),
        rate: value.rate.map(Number::decimal),
        numerator: value.numerator.map(Number::decimal),
        denominator: value.denominator.map(Number::decimal),
        exact,
        bounded,
        estimate: value.estimate,
        count_basis: basis(value.count_basis),
        per: value.per.map(Per::as_str),
        axes: value.breakdown.keys().map(String::as_str).collect(),
        sections: value.breakdown.values().map(String::as_str).collect(),
        period: value.period.as_deref().and_then(|code| Period::parse_canonical(code).ok()),
        department: value.department.as_deref(),
        indicator: indicator.map(|indicator| Indicator {
            unit: indicator.unit.as_deref(),
            count_basis: basis(indicator.count_basis),
            less_is_better: indicator.direction == Direction::LessIsBetter,
            sensitive: indicator.sensitive,
        }),
        measures: named.map(|named| (named.owner.as_str(), named.indicator.as_str())),
    }
}

fn judgement<'a>(evaluation: &'a Evaluation, scales: &'a Scales) -> Judgement<'a> {
    let scale = scales.get(&(evaluation.owner.clone(), evaluation.scheme.clone(), evaluation.fiscal_year));
    Judgement {
        scheme: scale.map_or(evaluation.scheme.as_str(), |scale| &scale.title),
        levels: scale.map(|scale| scale.levels.iter().map(level).collect()).unwrap_or_default(),
        level: &evaluation.level,
        against: evaluation.against.as_deref().and_then(|code| Period::parse_canonical(code).ok()),
    }
}

/// Bounds that somebody presumed are known to nobody.
fn level(level: &Level) -> domain::Level<'_> {
    let bound = |percent: Option<Number>, inclusive: Option<bool>| {
        let percent = percent.filter(|_| level.definition == LevelDefinition::Given)?;
        Some(Bound { percent: percent.decimal(), inclusive: inclusive.unwrap_or(true) })
    };
    domain::Level {
        code: &level.code,
        lower: bound(level.lower_bound, level.lower_inclusive),
        upper: bound(level.upper_bound, level.upper_inclusive),
        cell: [level.matrix_row.as_deref(), level.matrix_column.as_deref()],
    }
}
