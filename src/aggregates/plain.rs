//! The short way to the commonest answer, the sum of an indicator of one period over a prefecture or the nation: plain
//! figures that stand alone are added up by the database, and only what is left comes as rows and goes through the rules.
//! What comes out is what the rules make of all of them; a test holds it to that.

use super::answer::{Work, named};
use super::filter::{AggregateFilter, Slot, Which};
use super::queries::plain::{Sum, sums};
use super::queries::{self, Facts, Kind, Meaning};
use super::rules::{Fact, Member, Successions};
use super::types::{AggregateFunction, AggregateGroup, AggregateKey, AggregateSeries, Aggregates, ExpectedOf, Total};
use crate::db::Conn;
use crate::domain::period::Period;
use crate::error::Error;
use crate::municipalities::dictionary::{Municipalities, Reporting};
use crate::records::types::Part;
use crate::web::page::Moment;
use chrono::NaiveDate;
use futures_util::future::try_join;
use std::collections::{BTreeMap, BTreeSet};

/// None: the question, or what was reported, wants the long way.
pub async fn answer(
    conn: &Conn,
    filter: &AggregateFilter,
    which: &Which,
    moment: Moment,
    municipalities: &Municipalities,
) -> Result<Option<Aggregates>, Error> {
    let Some((period, day)) = period(filter, which) else { return Ok(None) };
    let one = named(which, &BTreeMap::new());
    let read = async |without: &[&str], kind| {
        let years = Some(filter.fiscal_years());
        let rest = Facts { which: Some(which), part: Part::Results, years, scale: None, kind };
        try_join(sums(conn, filter, which, period, without, moment.no), queries::facts(conn, filter, rest, moment.no))
            .await
    };
    let expected = |one: &Reporting| {
        one.is_in_force_on(day) && filter.prefecture.as_ref().is_none_or(|prefecture| *prefecture == one.prefecture)
    };
    // What the indicator says is asked for together with what it says it of: most are added up.
    let (mut meanings, (mut sums, rest)) = try_join(queries::meanings(conn, &one), read(&[], Kind::Special)).await?;
    let Some(meaning) = meanings.pop().filter(|meaning| adds_up(filter, meaning)) else { return Ok(None) };
    let mut rest: Vec<Fact> = rest.into_values().flatten().collect();
    let mut places = places_of(&sums, municipalities);
    let together = together(&sums, &places, &rest, municipalities, expected);
    if !together.is_empty() {
        let codes: Vec<&str> = together.iter().map(String::as_str).collect();
        let (without, plain) = read(&codes, Kind::PlainOf(&codes)).await?;
        places = places_of(&without, municipalities);
        sums = without;
        rest.extend(plain.into_values().flatten());
        rest.sort_by(|a, b| a.place.cmp(&b.place));
    }
    let alone = count(&places, municipalities);
    let others = municipalities.all.iter().zip(&alone).filter(|(one, alone)| **alone == 0 && expected(one));
    let members: Vec<Member> = others.map(|(one, _)| Member::new(one, vec![true])).collect();
    let rows_total = places.len() + rest.len();
    let work = Work { filter, members: &members, successions: &Successions::default() };
    // What does not go together is told with all who reported it.
    let Ok((series, _)) = work.series(meaning, &rest, &[]) else { return Ok(None) };
    Ok(with_sums(series, sums).map(|series| Aggregates {
        publication: moment.no,
        as_of: filter.parsed.as_of,
        part: Part::Results,
        expected_of: ExpectedOf::Municipalities,
        mappings: Vec::new(),
        series: vec![series],
        rows: Vec::new(),
        rows_total,
    }))
}

/// Of a question for the short way: its period, and the last day of that.
fn period(filter: &AggregateFilter, which: &Which) -> Option<(Period, NaiveDate)> {
    let asked = &filter.parsed;
    let groups = asked.groups;
    let apart = groups.municipality || groups.period || groups.breakdown || asked.levels.is_some();
    let [Slot::Period(period)] = asked.slots.as_slice() else { return None };
    let short = filter.part() == Part::Results && filter.explain != Some(true) && !apart;
    let one = !matches!(which, Which::Statutory(_));
    period.end().filter(|_| short && one && filter.function.is_none_or(is_sum)).map(|day| (*period, day))
}

fn adds_up(filter: &AggregateFilter, meaning: &Meaning) -> bool {
    is_sum(filter.function.unwrap_or(meaning.function())) && meaning.can_be_added()
}

/// Of one period, the latest figures are all there are.
fn is_sum(function: AggregateFunction) -> bool {
    matches!(function, AggregateFunction::Sum | AggregateFunction::Latest)
}

/// The places of those whose figures were added up; none where it is no municipality that reports.
fn places_of(sums: &[Sum], municipalities: &Municipalities) -> Vec<Option<usize>> {
    municipalities.places(sums.iter().flat_map(Sum::reporters))
}

/// How many are of each place.
fn count(places: &[Option<usize>], municipalities: &Municipalities) -> Vec<usize> {
    let mut counts = vec![0; municipalities.all.len()];
    for place in places.iter().flatten() {
        if let Some(count) = counts.get_mut(*place) {
            *count += 1;
        }
    }
    counts
}

/// The reporters whose plain figures do not stand alone: they have others, or nobody expects them.
fn together(
    sums: &[Sum],
    places: &[Option<usize>],
    rest: &[Fact],
    municipalities: &Municipalities,
    expected: impl Fn(&Reporting) -> bool,
) -> BTreeSet<String> {
    let of_rest = rest.iter().map(|fact| municipalities.place(&fact.place.municipality));
    let figures = count(&places.iter().copied().chain(of_rest).collect::<Vec<_>>(), municipalities);
    let is_alone =
        |place: usize| figures.get(place) == Some(&1) && municipalities.all.get(place).is_some_and(&expected);
    let alone = |place: &Option<usize>| place.is_some_and(is_alone);
    if places.iter().all(alone) {
        return BTreeSet::new();
    }
    let plain = sums.iter().flat_map(Sum::reporters).zip(places);
    plain.filter(|(_, place)| !alone(place)).map(|(code, _)| code.to_owned()).collect()
}

/// None: they do not go together.
fn with_sums(series: AggregateSeries, sums: Vec<Sum>) -> Option<AggregateSeries> {
    let key = |group: &AggregateGroup| group.key.prefecture.clone();
    let mut groups: BTreeMap<Option<String>, AggregateGroup> = BTreeMap::new();
    for group in series.groups {
        // Several of one key: told apart by their basis.
        if groups.insert(key(&group), group).is_some() {
            return None;
        }
    }
    for sum in sums {
        let group = groups.entry(sum.prefecture.clone()).or_insert_with(|| AggregateGroup {
            key: AggregateKey { prefecture: sum.prefecture.clone(), ..AggregateKey::default() },
            ..AggregateGroup::default()
        });
        let reporters = sum.reporters().len();
        let basis = sum.basis.into();
        if group.basis.as_ref().is_some_and(|known| *known != basis) {
            return None;
        }
        group.basis = Some(basis);
        group.value = Some(Total(group.value.map_or(sum.total, |total| total.0 + sum.total)));
        group.figures += reporters;
        group.reported += reporters;
        group.expected += reporters;
        group.measured_from = group.measured_from.take().into_iter().chain(sum.measured_from).min();
        group.measured_to = group.measured_to.take().max(sum.measured_to);
    }
    let mut groups: Vec<AggregateGroup> = groups.into_values().collect();
    for group in &mut groups {
        group.complete = group.expected > 0 && group.reported == group.expected;
    }
    Some(AggregateSeries { groups, ..series })
}
