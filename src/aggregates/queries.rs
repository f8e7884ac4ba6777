//! The SQL of aggregates: one range of an index of the facts, and who was expected.

pub mod facts;
pub mod plain;
pub mod scale;

use super::filter::{AggregateFilter, Slot, Which};
use super::rules::basis::{Basis, Units};
use super::rules::{Fact, Member, Place, Succession};
use super::types::AggregateFunction;
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::condition::one_of;
use crate::db::schema::{
    indicators, municipalities, plan_reporters, published_facts, published_records, round_covers, round_members,
    successions,
};
use crate::domain::number::Number;
use crate::domain::period::Period;
use crate::error::Error;
use crate::indicators::types::{Aggregation, CountBasis, IndicatorKind, Temporality};
use crate::records::types::Part;
use crate::records::value::{Comparator, Evaluation, MissingReason, Per, ValueRole};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::future::try_join;
use scale::Scale;
use std::collections::{BTreeMap, HashSet};

#[derive(Queryable, Selectable)]
#[diesel(table_name = published_facts)]
struct Row {
    plan: String,
    municipality: String,
    program: String,
    record_period: String,
    part: Part,
    amendment: i16,
    ordinal: i16,
    prefecture: String,
    period: String,
    indicator_owner: String,
    indicator: String,
    common_indicator: Option<String>,
    definition: String,
    area: Option<String>,
    breakdown: AsJson<BTreeMap<String, String>>,
    role: ValueRole,
    whole: Option<i16>,
    whole_item: Option<String>,
    same_figure_program: Option<String>,
    same_figure_ordinal: Option<i16>,
    repost: bool,
    estimate: bool,
    missing_reason: Option<MissingReason>,
    value: Option<Number>,
    value_to: Option<Number>,
    rate: Option<Number>,
    numerator: Option<Number>,
    denominator: Option<Number>,
    text: Option<String>,
    unit: Option<String>,
    count_basis: CountBasis,
    counted: Option<String>,
    per: Option<Per>,
    comparator: Option<Comparator>,
    approximate: bool,
    measured_on: Option<String>,
}

/// The axis of a program's ward.
const AREA: &str = "area";

/// Owner and code of an indicator.
pub type Named = (String, String);

impl Row {
    /// The indicator it is added up by: the common one, where that was asked for or is all that two owners share.
    fn series(&self, which: Option<&Which>) -> Named {
        let common = which.is_some_and(|which| !matches!(which, Which::Indicator(..)));
        let common = self.common_indicator.clone().filter(|_| common);
        let common = common.map(|code| (crate::domain::code::COMMON.to_owned(), code));
        common.unwrap_or_else(|| (self.indicator_owner.clone(), self.indicator.clone()))
    }

    fn fact(self, units: &mut Units) -> Option<Fact> {
        let mut breakdown = self.breakdown.0;
        breakdown.extend(self.area.map(|area| (AREA.to_owned(), area)));
        let decimal = |number: Option<Number>| number.map(Number::decimal);
        Some(Fact {
            prefecture: self.prefecture,
            period: Period::parse_canonical(&self.period).ok()?,
            level: None,
            definition: self.definition,
            breakdown,
            role: self.role,
            whole: self.whole,
            whole_item: self.whole_item,
            same_figure: self.same_figure_program.zip(self.same_figure_ordinal),
            repost: self.repost,
            estimate: self.estimate,
            approximate: self.approximate,
            missing: self.missing_reason,
            value: decimal(self.value),
            value_to: decimal(self.value_to),
            rate: decimal(self.rate),
            numerator: decimal(self.numerator),
            denominator: decimal(self.denominator),
            text: self.text,
            basis: Basis {
                unit: self.unit.map(|unit| units.canonical(&unit)),
                count_basis: self.count_basis,
                counted: self.counted,
            },
            per: self.per,
            comparator: self.comparator,
            measured_on: self.measured_on,
            place: Place {
                municipality: self.municipality,
                plan: self.plan,
                program: self.program,
                period: self.record_period,
                part: self.part,
                amendment: self.amendment,
                ordinal: self.ordinal,
            },
        })
    }
}

/// Which facts are asked for.
pub struct Facts<'a> {
    /// None: all of a plan's
    pub which: Option<&'a Which>,
    pub part: Part,
    /// None: goals, which may be of any
    pub years: Option<Vec<i16>>,
    /// Their records' levels too
    pub scale: Option<&'a Scale>,
    pub kind: Kind<'a>,
}

pub enum Kind<'a> {
    Any,
    /// Those that are not plain
    Special,
    /// The plain ones of these reporters
    PlainOf(&'a [&'a str]),
}

/// The facts that are asked for, by indicator, as public at number `no`. One range of an index for each fiscal year.
pub async fn facts(
    mut conn: &Conn,
    filter: &AggregateFilter,
    asked: Facts<'_>,
    no: i64,
) -> Result<BTreeMap<Named, Vec<Fact>>, Error> {
    let Facts { which, part, years, scale, kind } = asked;
    use published_facts as rows;
    /// The same conditions with and without the join.
    macro_rules! asked_for {
        ($query:expr) => {{
            let query = $query.filter(rows::part.eq(part)).filter(rows::from_no.le(no)).filter(rows::to_no.gt(no));
            let mut query = query.into_boxed();
            query = match which {
                None => query,
                Some(Which::Common(code)) => query.filter(rows::common_indicator.eq(code)),
                Some(Which::Indicator(owner, code)) => {
                    query.filter(rows::indicator_owner.eq(owner)).filter(rows::indicator.eq(code))
                }
                Some(Which::Statutory(code)) => query.filter(rows::statutory_program.eq(code)),
            };
            if let Some(years) = years {
                let periods: Vec<String> = filter.parsed.slots.iter().flat_map(|slot| codes(*slot)).collect();
                query = query.filter(one_of(rows::fiscal_year, years));
                query = query.filter(one_of(rows::period, periods));
            }
            if let Some(prefecture) = &filter.prefecture {
                query = query.filter(rows::prefecture.eq(prefecture));
            }
            if let Some(plan) = &filter.plan {
                query = query.filter(rows::plan.eq(plan));
            }
            query = match kind {
                Kind::Any => query,
                Kind::Special => query.filter(rows::plain.eq(false)),
                Kind::PlainOf(reporters) => {
                    query.filter(rows::plain.eq(true)).filter(rows::municipality.eq_any(reporters))
                }
            };
            query.load(&mut conn).await?
        }};
    }
    let found: Vec<(Row, Option<AsJson<Vec<Evaluation>>>)> = if scale.is_some() {
        // By the whole primary key.
        let of_record = published_records::part
            .eq(rows::part)
            .and(published_records::prefecture.eq(rows::prefecture))
            .and(published_records::fiscal_year.eq(rows::fiscal_year))
            .and(published_records::municipality.eq(rows::municipality))
            .and(published_records::plan.eq(rows::plan))
            .and(published_records::program.eq(rows::program))
            .and(published_records::period.eq(rows::record_period))
            .and(published_records::amendment.eq(rows::amendment))
            .and(published_records::from_no.eq(rows::from_no));
        let joined = rows::table.left_join(published_records::table.on(of_record));
        asked_for!(joined.select((Row::as_select(), published_records::evaluations.nullable())))
    } else {
        let alone: Vec<Row> = asked_for!(rows::table.select(Row::as_select()));
        alone.into_iter().map(|row| (row, None)).collect()
    };
    let mut units = Units::default();
    let mut series: BTreeMap<Named, Vec<Fact>> = BTreeMap::new();
    for (row, evaluations) in found {
        let named = row.series(which);
        let level = scale.zip(evaluations).and_then(|(scale, AsJson(evaluations))| scale.level(&evaluations));
        series.entry(named).or_default().extend(row.fact(&mut units).map(|fact| Fact { level, ..fact }));
    }
    // The order of the index is the order of what came first; the answer's is that of the places.
    series.values_mut().for_each(|facts| facts.sort_by(|a, b| a.place.cmp(&b.place)));
    Ok(series)
}

fn codes(slot: Slot) -> Vec<String> {
    match slot {
        Slot::Period(period) => vec![period.code()],
        Slot::Within(year) => Period::parts_of(year).map(|period| period.code()).collect(),
    }
}

/// What an aggregate must know of an indicator.
#[derive(Clone, Debug, Queryable)]
pub struct Meaning {
    pub owner: String,
    pub code: String,
    pub name: String,
    pub kind: IndicatorKind,
    pub aggregation: Aggregation,
    pub temporality: Temporality,
    pub decimals: i16,
}

impl Meaning {
    pub fn can_be_added(&self) -> bool {
        matches!(self.kind, IndicatorKind::Count | IndicatorKind::Amount)
    }

    /// How it is added up where nobody says otherwise.
    pub fn function(&self) -> AggregateFunction {
        match (self.aggregation, self.temporality) {
            (Aggregation::Sum, Temporality::PeriodTotal) => AggregateFunction::Sum,
            (Aggregation::Sum, Temporality::PointInTime) => AggregateFunction::Latest,
            (Aggregation::WeightedMean, _) => AggregateFunction::WeightedMean,
            (Aggregation::Min, _) => AggregateFunction::Min,
            (Aggregation::Max, _) => AggregateFunction::Max,
            (Aggregation::None, _) => AggregateFunction::Distribution,
        }
    }
}

pub async fn meanings(mut conn: &Conn, named: &[Named]) -> Result<Vec<Meaning>, Error> {
    let (owners, codes): (Vec<&str>, Vec<&str>) =
        named.iter().map(|(owner, code)| (owner.as_str(), code.as_str())).unzip();
    let found: Vec<Meaning> = indicators::table
        .filter(indicators::owner.eq_any(owners))
        .filter(indicators::code.eq_any(codes))
        .order((indicators::owner, indicators::code))
        .select((
            indicators::owner,
            indicators::code,
            indicators::name,
            indicators::kind,
            indicators::aggregation,
            indicators::temporality,
            indicators::decimals,
        ))
        .load(&mut conn)
        .await?;
    let wanted: HashSet<(&str, &str)> = named.iter().map(|(owner, code)| (owner.as_str(), code.as_str())).collect();
    Ok(found.into_iter().filter(|one| wanted.contains(&(one.owner.as_str(), one.code.as_str()))).collect())
}

/// A plan's reporters, each for the slots of its years, but for those a round has left it out of.
pub async fn reporters(conn: &Conn, plan: &str, part: Part, slots: &[Slot]) -> Result<Vec<Member>, Error> {
    type Reporter = (String, String, String, Option<i16>, Option<i16>);
    let (mut first, mut second) = (conn, conn);
    let reporters = plan_reporters::table
        .inner_join(municipalities::table.on(municipalities::code.eq(plan_reporters::municipality)))
        .filter(plan_reporters::plan.eq(plan))
        .order(plan_reporters::municipality)
        .select((
            plan_reporters::municipality,
            municipalities::name,
            municipalities::prefecture,
            plan_reporters::fiscal_year_from,
            plan_reporters::fiscal_year_to,
        ))
        .load::<Reporter>(&mut first);
    let of_round = round_covers::plan.eq(round_members::plan).and(round_covers::round.eq(round_members::round));
    let left_out = round_members::table
        .inner_join(round_covers::table.on(of_round))
        .filter(round_members::plan.eq(plan))
        .filter(round_members::left_out)
        .filter(round_covers::part.eq(part))
        .select((round_members::municipality, round_covers::period))
        .load::<(String, String)>(&mut second);
    let (reporters, left_out) = try_join(reporters, left_out).await?;
    let left_out: HashSet<(String, String)> = left_out.into_iter().collect();
    let member = |(code, name, prefecture, from, to): Reporter| {
        let asked = |slot: &Slot| {
            let year = slot.fiscal_year();
            let reports = from.is_none_or(|from| from <= year) && to.is_none_or(|to| year <= to);
            reports && !left_out.contains(&(code.clone(), slot.period().code()))
        };
        let slots = slots.iter().map(asked).collect();
        Member { code, name, prefecture, slots }
    };
    Ok(reporters.into_iter().map(member).collect())
}

/// Who came after whom, all of it: a few thousand since the Heisei mergers at most.
pub async fn all_successions(mut conn: &Conn) -> Result<Vec<Succession>, Error> {
    let found: Vec<(String, String, String, NaiveDate)> = successions::table
        .inner_join(municipalities::table.on(municipalities::code.eq(successions::successor)))
        .order((successions::predecessor, successions::successor))
        .select((successions::predecessor, successions::successor, municipalities::name, successions::effective_on))
        .load(&mut conn)
        .await?;
    let succession = |(predecessor, successor, successor_name, effective_on)| Succession {
        predecessor,
        successor,
        successor_name,
        effective_on,
    };
    Ok(found.into_iter().map(succession).collect())
}
