//! Results beside the targets they are compared with: that of the result's own period, else the next later one that has
//! the figure, else the plan's last.

use super::queries::published::{self, Beside, Row};
use super::value::RecordValue;
use crate::db::Conn;
use crate::domain::number::Number;
use crate::domain::period::Period;
use crate::domain::warnings::{self, Figure, Target};
use crate::error::Error;
use crate::warnings::rules::{Indicators, figure};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
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

/// A target that a result may be compared with.
pub struct Goal {
    pub row: Row,
    pub values: Vec<RecordValue>,
}

impl Goal {
    fn owner(&self) -> Owner<'_> {
        (&self.row.municipality, &self.row.plan, &self.row.program)
    }

    fn key(&self) -> (Owner<'_>, &str, i16) {
        (self.owner(), &self.row.period, self.row.amendment)
    }
}

impl TryFrom<Row> for Goal {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self { values: row.values.read().map_err(Error::internal)?, row })
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

/// A result, as far as a comparison asks.
pub struct Compared<'a> {
    pub prefecture: &'a str,
    pub fiscal_year: i16,
    pub municipality: &'a str,
    pub plan: &'a str,
    pub program: &'a str,
    pub period: &'a str,
    pub values: &'a [RecordValue],
}

impl<'a> Compared<'a> {
    fn owner(&self) -> Owner<'a> {
        (self.municipality, self.plan, self.program)
    }
}

impl<'a> Compared<'a> {
    pub fn new(result: &'a Row, values: &'a [RecordValue]) -> Self {
        Self {
            prefecture: &result.prefecture,
            fiscal_year: result.fiscal_year,
            municipality: &result.municipality,
            plan: &result.plan,
            program: &result.program,
            period: &result.period,
            values,
        }
    }
}

/// What a result is compared with.
#[derive(Default)]
pub struct Answer<'t> {
    pub targets: Vec<&'t Rc<Goal>>,
    /// For each figure that has a goal the original one (amendment 0) and its changes
    pub pairs: Vec<(Comparison, &'t RecordValue)>,
}

/// Reporter, plan and program.
type Owner<'a> = (&'a str, &'a str, &'a str);

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
    let mut targets = goals(published::targets_beside(conn, no, &beside(results.iter())).await?)?;
    let found = answers(results, &targets);
    let lacks = |(result, answer): &(&Compared<'_>, &Answer<'_>)| {
        let met = answer.pairs.chunk_by(|(one, _), (next, _)| one.ordinal == next.ordinal).count();
        answer.targets.is_empty() || met < result.values.len()
    };
    let lacking: Vec<&Compared<'_>> = results.iter().zip(&found).filter(lacks).map(|(result, _)| result).collect();
    if lacking.is_empty() {
        return Ok(found.into_iter().map(told).collect());
    }
    let others = published::targets_of(conn, no, &beside(lacking.iter().copied())).await?;
    targets.extend(goals(others)?);
    targets.sort_by(|a, b| a.key().cmp(&b.key()));
    targets.dedup_by(|a, b| a.key() == b.key());
    Ok(answers(results, &targets).into_iter().map(told).collect())
}

/// By reporter and program.
fn goals(rows: Vec<Row>) -> Result<Vec<Rc<Goal>>, Error> {
    let mut goals =
        rows.into_iter().map(|row| Ok(Rc::new(row.try_into()?))).collect::<Result<Vec<Rc<Goal>>, Error>>()?;
    goals.sort_by(|a, b| a.key().cmp(&b.key()));
    Ok(goals)
}

fn beside<'a>(results: impl Iterator<Item = &'a Compared<'a>> + Clone) -> Beside<'a> {
    fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
        all.collect::<BTreeSet<T>>().into_iter().collect()
    }
    Beside {
        years: distinct(results.clone().map(|result| {
            let Compared { prefecture, fiscal_year, municipality, plan, .. } = *result;
            (prefecture, fiscal_year, municipality, plan)
        })),
        municipalities: distinct(results.clone().map(|result| result.municipality)),
        plans: distinct(results.clone().map(|result| result.plan)),
        programs: distinct(results.clone().map(|result| result.program)),
        periods: distinct(results.map(|result| result.period)),
    }
}

/// What each result is compared with, in their order.
fn answers<'t>(results: &[Compared<'_>], targets: &'t [Rc<Goal>]) -> Vec<Answer<'t>> {
    let unknown = Indicators::default();
    let targets: Vec<Ruled<'t, '_>> = targets.iter().filter_map(|goal| Some((goal, rule(goal, &unknown)?))).collect();
    let of_owners = targets.chunk_by(|(one, _), (next, _)| one.owner() == next.owner());
    let of: HashMap<Owner<'_>, &[Ruled<'t, '_>]> =
        of_owners.filter_map(|of_one| Some((of_one.first()?.0.owner(), of_one))).collect();
    let of = |result: &Compared<'_>| of.get(&result.owner()).copied().unwrap_or_default();
    results.iter().map(|result| answer(result, of(result), &unknown)).collect()
}

/// A target, and as the rules see it.
type Ruled<'t, 'r> = (&'t Rc<Goal>, Target<'r>);

fn answer<'t>(result: &Compared<'_>, targets: &[Ruled<'t, '_>], unknown: &Indicators) -> Answer<'t> {
    let Ok(period) = Period::parse_canonical(result.period) else { return Answer::default() };
    let find = |rule: &Target<'_>| targets.iter().find(|(_, known)| std::ptr::eq(known, rule)).map(|(goal, _)| *goal);
    let rules = || targets.iter().map(|(_, rule)| rule);
    let mut answer = Answer::default();
    for (ordinal, value) in (1..).zip(result.values) {
        let done = figure(value, unknown);
        for goal in warnings::goals(rules(), period, None, &done) {
            let Some(target) = find(goal.target) else { continue };
            let Some(planned) = target.values.get(goal.place) else { continue };
            let pair = Comparison {
                ordinal,
                against: target.row.period.clone(),
                amendment: target.row.amendment,
                target_ordinal: i16::try_from(goal.place + 1).unwrap_or(i16::MAX),
                percent: percent(&done, goal.figure),
            };
            answer.pairs.push((pair, planned));
        }
    }
    let mut periods: BTreeSet<&str> = answer.pairs.iter().map(|(pair, _)| pair.against.as_str()).collect();
    let first = warnings::compared(rules(), period).next().and_then(find);
    // Its own period's is beside it also where no figure meets another: the texts do.
    let own = first.filter(|target| periods.is_empty() || target.row.period == result.period);
    periods.extend(own.map(|target| target.row.period.as_str()));
    let used = targets.iter().filter(|(target, _)| periods.contains(target.row.period.as_str()));
    let mut used: Vec<(Period, &'t Rc<Goal>)> = used.map(|(target, rule)| (rule.period, *target)).collect();
    used.sort_by_key(|(period, target)| (*period, target.row.amendment));
    answer.targets = used.into_iter().map(|(_, target)| target).collect();
    answer
}

fn percent(done: &Figure<'_>, planned: &Figure<'_>) -> Option<Number> {
    warnings::percent(done, planned).and_then(|percent| Number::try_from(percent).ok())
}

fn rule<'a>(target: &'a Goal, indicators: &'a Indicators) -> Option<Target<'a>> {
    // Figures are compared, not texts.
    static NO_TEXTS: BTreeMap<String, String> = BTreeMap::new();
    Some(Target {
        period: Period::parse_canonical(&target.row.period).ok()?,
        amendment: target.row.amendment,
        texts: &NO_TEXTS,
        figures: target.values.iter().map(|value| figure(value, indicators)).collect(),
    })
}
