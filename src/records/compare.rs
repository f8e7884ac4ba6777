//! Results beside the targets they are compared with: that of the result's own period, else the next later one that has
//! the figure, else the plan's last.

use super::queries::published::{self, Beside, Goal, Row};
use super::value::{Comparator, Per, RecordValue};
use crate::db::Conn;
use crate::db::columns::{JsonText, Text};
use crate::db::condition::ReportersProgram;
use crate::domain::number::Number;
use crate::domain::period::Period;
use crate::domain::warnings::{self, Figure, Role, Target};
use crate::error::Error;
use crate::indicators::types::CountBasis;
use crate::warnings::rules::{self, Indicators, exactness};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::LazyLock;
use utoipa::ToSchema;
use validator::Validate;

/// 実績と比べる目標 / a target that a result is compared with
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ComparedTarget {
    #[schema(max_length = 8, example = "2024")]
    pub period: String,
    /// 0：当初の目標、1から：変更目標
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: i16,
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub edition: i32,
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub published_at: DateTime<Utc>,
    /// その目標のETag
    #[schema(max_length = 40, example = "\"p1.2\"")]
    pub etag: String,
    #[schema(schema_with = crate::web::wire::texts)]
    pub texts: BTreeMap<String, String>,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: Option<String>,
    #[schema(pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", max_length = 10)]
    pub amended_on: Option<String>,
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
    #[schema(max_items = 500)]
    pub values: Vec<RecordValue>,
}

impl Goal {
    fn owner(&self) -> ReportersProgram<'_> {
        (&self.municipality, &self.plan, &self.program)
    }

    fn key(&self) -> (ReportersProgram<'_>, &str, i16) {
        (self.owner(), &self.period, self.amendment)
    }

    /// One of its figures, whole.
    pub fn figure(&self, ordinal: i16) -> Result<RecordValue, Error> {
        let all: Vec<&RawValue> = serde_json::from_str(self.values.text()).map_err(Error::internal)?;
        let place = usize::try_from(ordinal - 1).map_err(Error::internal)?;
        let figure = all.get(place).ok_or_else(|| Error::internal("a target without its figure"))?;
        serde_json::from_str(figure.get()).map_err(Error::internal)
    }
}

/// 数値とその目標の対応 / which figure of which target a figure is compared with
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// 実績の何番目の数値か
    #[schema(minimum = 1, maximum = 500)]
    pub ordinal: i16,
    /// 目標の期間
    #[schema(max_length = 8, example = "2024")]
    pub against: String,
    /// 0：当初の目標、1から：変更目標
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: i16,
    /// 目標の何番目の数値か
    #[schema(minimum = 1, maximum = 500)]
    pub target_ordinal: i16,
    /// 目標に対する割合（パーセント、小数1桁に四捨五入）。範囲や「約」などで割れないときは null
    /// / result in percent of the target, half up to one decimal
    pub percent: Option<Number>,
}

/// 数値の目標 / the figure that a result's figure is compared with
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparedFigure {
    /// 目標の期間
    #[schema(max_length = 8, example = "2024")]
    pub against: String,
    /// 0：当初の目標、1から：変更目標
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: i16,
    /// 目標の何番目の数値か
    #[schema(minimum = 1, maximum = 500)]
    pub ordinal: i16,
    /// 目標に対する割合（パーセント、小数1桁に四捨五入）。割れないときは null / result in percent of the target
    pub percent: Option<Number>,
    pub value: RecordValue,
}

/// A published figure, as far as a comparison asks: the rest of it is not read.
#[derive(Deserialize)]
pub struct Seen<'a> {
    #[serde(borrow)]
    item: Text<'a>,
    #[serde(borrow)]
    unit: Option<Text<'a>>,
    #[serde(borrow)]
    indicator: Option<Measured<'a>>,
    #[serde(default, deserialize_with = "in_place")]
    value: Option<Number>,
    #[serde(default, deserialize_with = "in_place")]
    value_to: Option<Number>,
    #[serde(default, deserialize_with = "in_place")]
    rate: Option<Number>,
    comparator: Option<Comparator>,
    approximate: bool,
    count_basis: CountBasis,
    per: Option<Per>,
    #[serde(borrow)]
    breakdown: BTreeMap<Text<'a>, Text<'a>>,
}

#[derive(Deserialize)]
struct Measured<'a> {
    #[serde(borrow)]
    owner: Text<'a>,
    #[serde(borrow)]
    indicator: Text<'a>,
}

/// A number, without a copy of its text.
fn in_place<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Number>, D::Error> {
    let stored: Option<&'de RawValue> = Deserialize::deserialize(deserializer)?;
    stored.map(|text| Number::parse(text.get())).transpose().map_err(serde::de::Error::custom)
}

impl<'a> Seen<'a> {
    pub fn all(values: &'a JsonText) -> Result<Vec<Self>, Error> {
        serde_json::from_str(values.text()).map_err(Error::internal)
    }

    fn figure(&self) -> Figure<'_> {
        let (exact, bounded) = exactness(self.value_to, self.approximate, self.comparator);
        Figure {
            item: &self.item.0,
            unit: self.unit.as_ref().map(|unit| unit.0.as_ref()),
            value: self.value.map(Number::decimal),
            rate: self.rate.map(Number::decimal),
            exact,
            bounded,
            count_basis: rules::basis(self.count_basis),
            per: self.per.map(Per::as_str),
            sections: self.breakdown.values().map(|section| section.0.as_ref()).collect(),
            measures: self.indicator.as_ref().map(|of| (of.owner.0.as_ref(), of.indicator.0.as_ref())),
            label: "",
            role: Role::Other,
            whole: None,
            source: "",
            numerator: None,
            denominator: None,
            estimate: false,
            axes: Vec::new(),
            period: None,
            department: None,
            indicator: None,
        }
    }
}

/// A result, as far as a comparison asks.
pub struct Compared<'a> {
    pub prefecture: &'a str,
    pub fiscal_year: i16,
    pub municipality: &'a str,
    pub plan: &'a str,
    pub program: &'a str,
    pub period: &'a str,
    pub figures: Vec<Figure<'a>>,
}

impl<'a> Compared<'a> {
    pub fn new(result: &'a Row, figures: &'a [Seen<'_>]) -> Self {
        Self {
            prefecture: &result.prefecture,
            fiscal_year: result.fiscal_year,
            municipality: &result.municipality,
            plan: &result.plan,
            program: &result.program,
            period: &result.period,
            figures: figures.iter().map(Seen::figure).collect(),
        }
    }

    fn owner(&self) -> ReportersProgram<'a> {
        (self.municipality, self.plan, self.program)
    }
}

/// A figure to be compared.
pub fn figure(value: &RecordValue) -> Figure<'_> {
    static UNKNOWN: LazyLock<Indicators> = LazyLock::new(Indicators::default);
    rules::figure(value, &UNKNOWN)
}

/// What a result is compared with.
#[derive(Default)]
pub struct Answer<'t> {
    pub targets: Vec<&'t Rc<Goal>>,
    /// For each figure that has a goal the original one (amendment 0) and its changes
    pub pairs: Vec<(Comparison, &'t Goal)>,
}

/// What each of some results of a page is compared with, in their order, as `told`. One statement where each meets its own
/// period's target, else two.
pub async fn with_targets<T>(
    conn: &Conn,
    no: i64,
    results: &[Compared<'_>],
    told: impl Fn(Answer<'_>) -> T,
) -> Result<Vec<T>, Error> {
    if results.is_empty() {
        return Ok(Vec::new());
    }
    let mut targets = goals(published::targets_beside(conn, no, &beside(results.iter())).await?);
    let found = answers(results, &targets)?;
    let lacks = |(result, answer): &(&Compared<'_>, &Answer<'_>)| {
        let met = answer.pairs.chunk_by(|(one, _), (next, _)| one.ordinal == next.ordinal).count();
        answer.targets.is_empty() || met < result.figures.len()
    };
    let lacking: Vec<&Compared<'_>> = results.iter().zip(&found).filter(lacks).map(|(result, _)| result).collect();
    if lacking.is_empty() {
        return Ok(found.into_iter().map(told).collect());
    }
    let others = published::targets_of(conn, no, &beside(lacking.iter().copied())).await?;
    targets.extend(goals(others));
    targets.sort_by(|a, b| a.key().cmp(&b.key()));
    targets.dedup_by(|a, b| a.key() == b.key());
    Ok(answers(results, &targets)?.into_iter().map(told).collect())
}

/// By reporter and program.
fn goals(rows: Vec<Goal>) -> Vec<Rc<Goal>> {
    let mut goals: Vec<Rc<Goal>> = rows.into_iter().map(Rc::new).collect();
    goals.sort_by(|a, b| a.key().cmp(&b.key()));
    goals
}

fn beside<'a>(results: impl Iterator<Item = &'a Compared<'a>> + Clone) -> Beside<'a> {
    fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
        let mut all: Vec<T> = all.collect();
        all.sort_unstable();
        all.dedup();
        all
    }
    Beside {
        years: distinct(results.clone().map(|result| {
            let Compared { prefecture, fiscal_year, municipality, plan, .. } = *result;
            (prefecture, fiscal_year, municipality, plan)
        })),
        range: {
            let of = || results.clone().map(Compared::owner);
            of().min().zip(of().max()).unwrap_or_default()
        },
        municipalities: distinct(results.clone().map(|result| result.municipality)),
        plans: distinct(results.clone().map(|result| result.plan)),
        programs: distinct(results.clone().map(|result| result.program)),
        periods: distinct(results.map(|result| result.period)),
    }
}

/// What each result is compared with, in their order.
fn answers<'t>(results: &[Compared<'_>], targets: &'t [Rc<Goal>]) -> Result<Vec<Answer<'t>>, Error> {
    let read = targets.iter().map(|goal| Ok((goal, Seen::all(&goal.values)?)));
    let read: Vec<(&Rc<Goal>, Vec<Seen<'_>>)> = read.collect::<Result<_, Error>>()?;
    let targets: Vec<Ruled<'t, '_>> =
        read.iter().filter_map(|(goal, figures)| Some((*goal, rule(goal, figures)?))).collect();
    let of_owners = targets.chunk_by(|(one, _), (next, _)| one.owner() == next.owner());
    let of: HashMap<ReportersProgram<'_>, &[Ruled<'t, '_>]> =
        of_owners.filter_map(|of_one| Some((of_one.first()?.0.owner(), of_one))).collect();
    let of = |result: &Compared<'_>| of.get(&result.owner()).copied().unwrap_or_default();
    Ok(results.iter().map(|result| answer(result, of(result))).collect())
}

/// A target, and as the rules see it.
type Ruled<'t, 'r> = (&'t Rc<Goal>, Target<'r>);

fn answer<'t>(result: &Compared<'_>, targets: &[Ruled<'t, '_>]) -> Answer<'t> {
    let Ok(period) = Period::parse_canonical(result.period) else { return Answer::default() };
    let find = |rule: &Target<'_>| targets.iter().find(|(_, known)| std::ptr::eq(known, rule)).map(|(goal, _)| *goal);
    let rules = || targets.iter().map(|(_, rule)| rule);
    let mut answer = Answer::default();
    for (ordinal, done) in (1..).zip(&result.figures) {
        for goal in warnings::goals(rules(), period, None, done) {
            let Some(target) = find(goal.target) else { continue };
            let pair = Comparison {
                ordinal,
                against: target.period.clone(),
                amendment: target.amendment,
                target_ordinal: i16::try_from(goal.place + 1).unwrap_or(i16::MAX),
                percent: percent(done, goal.figure),
            };
            answer.pairs.push((pair, target));
        }
    }
    let mut periods: Vec<&str> = answer.pairs.iter().map(|(pair, _)| pair.against.as_str()).collect();
    let first = warnings::compared(rules(), period).next().and_then(find);
    // Its own period's is beside it also where no figure meets another: the texts do.
    let own = first.filter(|target| periods.is_empty() || target.period == result.period);
    periods.extend(own.map(|target| target.period.as_str()));
    let used = targets.iter().filter(|(target, _)| periods.contains(&target.period.as_str()));
    let mut used: Vec<(Period, &'t Rc<Goal>)> = used.map(|(target, rule)| (rule.period, *target)).collect();
    used.sort_by_key(|(period, target)| (*period, target.amendment));
    answer.targets = used.into_iter().map(|(_, target)| target).collect();
    answer
}

fn percent(done: &Figure<'_>, planned: &Figure<'_>) -> Option<Number> {
    warnings::percent(done, planned).and_then(|percent| Number::try_from(percent).ok())
}

fn rule<'a>(target: &Goal, figures: &'a [Seen<'_>]) -> Option<Target<'a>> {
    // Figures are compared, not texts.
    static NO_TEXTS: BTreeMap<String, String> = BTreeMap::new();
    Some(Target {
        period: Period::parse_canonical(&target.period).ok()?,
        amendment: target.amendment,
        texts: &NO_TEXTS,
        figures: figures.iter().map(Seen::figure).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::value::IndicatorRef;

    /// What is read of a figure in place is what the whole figure says.
    #[test]
    fn a_figure_seen_is_the_figure() {
        let whole = RecordValue {
            unit: Some("人\\".to_owned()),
            value: Number::parse("12.5").ok(),
            comparator: Some(Comparator::Ge),
            count_basis: CountBasis::Actual,
            per: Some(Per::Month),
            breakdown: BTreeMap::from([("性別\t".to_owned(), "\"女\"".to_owned())]),
            indicator: Some(IndicatorRef { owner: "132284".into(), indicator: "a".into() }),
            ..RecordValue::named("「甲」\"乙\"\n".to_owned())
        };
        let range = RecordValue { value_to: Some(20.into()), comparator: None, approximate: true, ..whole.clone() };
        let rate = RecordValue { value: None, rate: Number::parse("0.25").ok(), ..whole.clone() };
        let values = [whole, range, rate, RecordValue::named("名だけ".to_owned())];
        let stored = JsonText::of(&values).unwrap();
        let seen = Seen::all(&stored).unwrap();
        assert_eq!(seen.len(), values.len());
        for (seen, value) in seen.iter().zip(&values) {
            let (seen, known) = (seen.figure(), figure(value));
            assert_eq!(
                (seen.item, seen.unit, seen.value, seen.rate),
                (known.item, known.unit, known.value, known.rate)
            );
            assert_eq!((seen.exact, seen.bounded, seen.per), (known.exact, known.bounded, known.per));
            assert_eq!((seen.count_basis, seen.measures), (known.count_basis, known.measures));
            assert_eq!(seen.sections, known.sections);
        }
    }
}
