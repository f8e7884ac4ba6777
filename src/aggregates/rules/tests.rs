//! The rules, sentence by sentence; and what holds for any figures whatever.

mod levels;
mod properties;
mod years;

use super::basis::Basis;
use super::*;
use crate::aggregates::types::Total;
use crate::indicators::types::CountBasis;

const A: &str = "131016";
const B: &str = "131024";

fn period(code: &str) -> Period {
    Period::parse_canonical(code).unwrap()
}

/// 10 人 of one reporter, in a plan and program of its own.
fn fact(municipality: &str, value: i64) -> Fact {
    Fact {
        place: Place {
            municipality: municipality.into(),
            plan: format!("{municipality}-plan"),
            program: "1".into(),
            period: "2024".into(),
            part: Part::Results,
            amendment: 0,
            ordinal: 1,
        },
        prefecture: "130001".into(),
        period: period("2024"),
        level: None,
        definition: "d".into(),
        breakdown: BTreeMap::new(),
        role: ValueRole::Main,
        whole: None,
        whole_item: None,
        same_figure: None,
        repost: false,
        estimate: false,
        approximate: false,
        missing: None,
        value: Some(Decimal::from(value)),
        value_to: None,
        rate: None,
        numerator: None,
        denominator: None,
        text: None,
        basis: Basis { unit: Some("人".into()), count_basis: CountBasis::Unstated, counted: None },
        per: None,
        comparator: None,
        measured_on: None,
    }
}

fn at(fact: Fact, program: &str, ordinal: i16) -> Fact {
    Fact { place: Place { program: program.into(), ordinal, ..fact.place.clone() }, ..fact }
}

fn of(fact: Fact, code: &str) -> Fact {
    Fact { period: period(code), place: Place { period: code.into(), ..fact.place.clone() }, ..fact }
}

fn axis(fact: Fact, axis: &str, part: &str) -> Fact {
    let mut breakdown = fact.breakdown.clone();
    breakdown.insert(axis.into(), part.into());
    Fact { breakdown, ..fact }
}

fn part_of(fact: Fact, whole: i16, ordinal: i16) -> Fact {
    Fact { role: ValueRole::PartOf, whole: Some(whole), ..at(fact, "1", ordinal) }
}

fn question(function: AggregateFunction, periods: &[&str]) -> Question {
    Question {
        function,
        groups: GroupBy::default(),
        levels: None,
        slots: periods.iter().map(|code| Slot::Period(period(code))).collect(),
        reposts: false,
        estimates: false,
        split: false,
        point_in_time: false,
        decimals: 0,
    }
}

fn sum() -> Question {
    question(AggregateFunction::Sum, &["2024"])
}

fn members(slots: usize) -> Vec<Member> {
    let member = |(code, name): &(&str, &str)| Member {
        code: (*code).into(),
        name: (*name).into(),
        prefecture: "130001".into(),
        slots: vec![true; slots],
    };
    [(A, "千代田区"), (B, "中央区")].iter().map(member).collect()
}

fn add(facts: &[Fact], question: &Question) -> Result<Vec<AggregateGroup>, Unlike> {
    let members = members(question.slots.len());
    add_up(facts, &[], &members, &Successions::default(), question).map(|answer| answer.groups)
}

fn one(facts: &[Fact], question: &Question) -> AggregateGroup {
    let groups = add(facts, question).unwrap();
    assert_eq!(groups.len(), 1);
    groups.into_iter().next().unwrap()
}

fn value(group: &AggregateGroup) -> Option<Decimal> {
    group.value.map(|Total(value)| value)
}

fn number(value: i64) -> Option<Decimal> {
    Some(Decimal::from(value))
}

/// (reason, figures) in the order of the reasons.
fn left_out(group: &AggregateGroup) -> Vec<(&'static str, usize)> {
    group.excluded.iter().map(|excluded| (excluded.reason.as_str(), excluded.figures)).collect()
}

#[test]
fn counts_of_one_unit_and_basis_are_added() {
    let group = one(&[fact(A, 10), fact(B, 5)], &sum());
    assert_eq!((value(&group), group.expected, group.reported, group.complete), (number(15), 2, 2, true));
    assert_eq!((group.figures, left_out(&group)), (2, vec![]));
}

#[test]
fn nothing_reported_is_null_and_zero_is_zero() {
    let group = one(&[], &sum());
    assert_eq!((value(&group), group.expected, group.missing.unanswered, group.complete), (None, 2, 2, false));
    assert_eq!(value(&one(&[fact(A, 0)], &sum())), number(0));
    let missing = Fact { value: None, missing: Some(MissingReason::NotMeasured), ..fact(A, 0) };
    let group = one(&[missing, fact(B, 5)], &sum());
    assert_eq!((value(&group), group.missing.not_measured, group.missing.unanswered), (number(5), 1, 0));
    assert!(!group.complete);
}

#[test]
fn cumulative_and_actual_are_never_together() {
    let mut other = fact(B, 5);
    other.basis.count_basis = CountBasis::Actual;
    let facts = [fact(A, 10), other];
    assert_eq!(add(&facts, &sum()), Err(Unlike::Bases(vec![0, 1])));
    let apart = add(&facts, &Question { split: true, ..sum() }).unwrap();
    assert_eq!(apart.iter().map(value).collect::<Vec<_>>(), [number(5), number(10)]);
    assert!(apart.iter().all(|group| group.reported == 1 && group.other_basis == 1 && !group.complete));
    let mut other = fact(B, 5);
    other.basis.unit = Some("世帯".into());
    assert_eq!(add(&[fact(A, 10), other], &sum()), Err(Unlike::Units(vec![0, 1])));
    let mut other = fact(B, 5);
    other.basis.counted = Some("修了者".into());
    assert_eq!(add(&[fact(A, 10), other], &sum()), Err(Unlike::Bases(vec![0, 1])));
}

#[test]
fn a_rate_is_numerators_by_denominators_and_never_a_mean() {
    let rate = |municipality, numerator: i64, denominator: i64| Fact {
        value: None,
        rate: Some(Decimal::from(50)),
        numerator: Some(numerator.into()),
        denominator: Some(denominator.into()),
        ..fact(municipality, 0)
    };
    let mean = question(AggregateFunction::WeightedMean, &["2024"]);
    let group = one(&[rate(A, 1, 2), rate(B, 1, 4)], &mean);
    assert_eq!(value(&group).unwrap().to_string(), "33.3");
    assert_eq!((group.numerator, group.denominator), (Some(Total(2.into())), Some(Total(6.into()))));
    let bare = Fact { numerator: None, denominator: None, ..rate(B, 1, 1) };
    let group = one(&[rate(A, 1, 2), bare], &mean);
    assert_eq!((value(&group).unwrap().to_string(), left_out(&group)), ("50".into(), vec![("no_denominator", 1)]));
    assert_eq!((group.reported, group.not_counted), (1, 1));
    assert_eq!(value(&one(&[rate(A, 0, 0)], &mean)), None, "no percent of nothing");
    assert_eq!(left_out(&one(&[rate(A, 1, 2)], &sum())), [("rate", 1)]);
}

#[test]
fn points_in_time_are_never_added_over_years() {
    let facts = [of(fact(A, 10), "2023"), fact(A, 12), of(fact(B, 7), "2023")];
    let years = ["2023", "2024"];
    let over = Question { point_in_time: true, ..question(AggregateFunction::Sum, &years) };
    assert_eq!(add(&facts, &over), Err(Unlike::OverTime(vec![0, 1])));
    let latest = Question { point_in_time: true, ..question(AggregateFunction::Latest, &years) };
    let group = one(&facts, &latest);
    assert_eq!((value(&group), group.expected, group.reported), (number(19), 2, 2));
    assert_eq!(left_out(&group), [("earlier", 1)]);
    // What happened in a period is added over years; a part of a counted year is not added to it.
    let group = one(&facts, &question(AggregateFunction::Sum, &years));
    assert_eq!((value(&group), group.expected, group.reported, group.complete), (number(29), 4, 3, false));
    let half = [fact(A, 12), of(fact(A, 5), "2024-H1"), of(fact(B, 3), "2024-H1"), of(fact(B, 4), "2024-H2")];
    let within = Question { slots: vec![Slot::Within(2024)], ..sum() };
    let group = one(&half, &within);
    assert_eq!((value(&group), left_out(&group)), (number(19), vec![("within_other_period", 1)]));
}

#[test]
fn ranges_frequencies_and_words_have_no_sum() {
    let range = Fact { value_to: Some(20.into()), ..fact(A, 10) };
    let bound = Fact { comparator: Some(Comparator::Gt), ..fact(B, 230) };
    assert_eq!(left_out(&one(&[range.clone(), bound.clone()], &sum())), [("range", 2)]);
    let often = Fact { per: Some(Per::Month), ..fact(A, 2) };
    let yearly = Fact { per: Some(Per::Year), ..fact(B, 24) };
    let group = one(&[often, yearly], &sum());
    assert_eq!((value(&group), left_out(&group)), (number(24), vec![("frequency", 1)]));
    let min = one(&[range.clone(), fact(B, 15)], &question(AggregateFunction::Min, &["2024"]));
    let max = one(&[range, fact(B, 15)], &question(AggregateFunction::Max, &["2024"]));
    assert_eq!((value(&min), value(&max)), (number(10), number(20)));
    let word = |municipality, text: &str| Fact { value: None, text: Some(text.into()), ..fact(municipality, 0) };
    assert_eq!(left_out(&one(&[word(A, "全園実施")], &sum())), [("text", 1)]);
    let words = [word(A, "全園実施"), word(B, "全園実施")];
    let counted = one(&words, &question(AggregateFunction::Distribution, &["2024"]));
    assert_eq!((counted.shares[0].value.as_str(), counted.shares[0].reporters), ("全園実施", 2));
    let spread = one(&[fact(A, 10), fact(B, 20)], &question(AggregateFunction::Distribution, &["2024"])).spread;
    let spread = spread.unwrap();
    assert_eq!([spread.min, spread.median, spread.max], [10, 15, 20].map(|n| Total(n.into())));
    assert_eq!(spread.lower_quartile, Total(Decimal::new(125, 1)));
}

#[test]
fn reposts_and_estimates_count_only_when_asked_for() {
    let repost = Fact { repost: true, ..fact(A, 10) };
    let estimate = Fact { estimate: true, ..fact(B, 5) };
    let facts = [repost, estimate];
    let group = one(&facts, &sum());
    assert_eq!((value(&group), left_out(&group)), (None, vec![("repost", 1), ("estimate", 1)]));
    assert_eq!((group.not_counted, group.missing.unanswered), (2, 0));
    let group = one(&facts, &Question { reposts: true, estimates: true, ..sum() });
    assert_eq!((value(&group), group.reposts, group.estimates), (number(15), 1, 1));
}

#[test]
fn one_figure_in_two_programs_counts_once() {
    let twin = Fact { same_figure: Some(("29".into(), 4)), ..at(fact(A, 119_313), "18", 1) };
    let group = one(&[twin, at(fact(A, 119_313), "29", 4)], &sum());
    assert_eq!((value(&group), left_out(&group)), (number(119_313), vec![("same_figure", 1)]));
    // Each names the other: once all the same.
    let back = Fact { same_figure: Some(("18".into(), 1)), ..at(fact(A, 7), "29", 4) };
    let twin = Fact { same_figure: Some(("29".into(), 4)), ..at(fact(A, 7), "18", 1) };
    assert_eq!(value(&one(&[twin, back], &sum())), number(7));
    // Nobody said so, and it is the same indicator, reporter, period and breakdown.
    let group = one(&[at(fact(A, 10), "1", 1), at(fact(A, 10), "2", 1)], &sum());
    assert_eq!((value(&group), left_out(&group)), (number(10), vec![("duplicate", 1)]));
    let group = one(&[at(fact(A, 10), "1", 1), at(fact(A, 11), "2", 1), fact(B, 5)], &sum());
    assert_eq!((value(&group), left_out(&group)), (number(5), vec![("conflicting", 2)]));
    assert_eq!((group.reported, group.not_counted), (1, 1));
}

#[test]
fn parts_are_never_added_to_their_whole_and_stand_for_one_that_is_not_there() {
    let parts = [part_of(fact(A, 6), 1, 2), part_of(fact(A, 4), 1, 3)];
    let group = one(&[&[fact(A, 10)], &parts[..]].concat(), &sum());
    assert_eq!((value(&group), left_out(&group)), (number(10), vec![("part_of_whole", 2)]));
    assert_eq!(value(&one(&parts, &sum())), number(10));
    let item = parts.clone().map(|part| Fact { whole: None, whole_item: Some("計".into()), ..part });
    assert_eq!(value(&one(&item, &sum())), number(10));
    let of_which = Fact { role: ValueRole::OfWhich, ..part_of(fact(A, 3), 1, 2) };
    assert_eq!(left_out(&one(&[fact(A, 10), of_which], &sum())), [("of_which", 1)]);
    // The whole is kept back: its parts do not stand for it where one of them is.
    let hidden = |fact: Fact| Fact { value: None, missing: Some(MissingReason::Suppressed), ..fact };
    let group = one(&[hidden(fact(A, 0)), parts[0].clone(), hidden(parts[1].clone())], &sum());
    assert_eq!((value(&group), group.missing.suppressed), (None, 1));
    // Nor where no whole is printed, nor along an axis.
    let group = one(&[parts[0].clone(), hidden(parts[1].clone())], &sum());
    assert_eq!((value(&group), left_out(&group)), (None, vec![("incomplete_parts", 1)]));
    let sexes = [axis(at(fact(A, 46), "1", 1), "sex", "f"), hidden(axis(at(fact(A, 7), "1", 2), "sex", "m"))];
    let group = one(&sexes, &sum());
    assert_eq!((value(&group), group.missing.suppressed, group.reported), (None, 1, 0));
    // A figure that is the whole stands, whatever its parts say.
    assert_eq!(value(&one(&[&[at(fact(A, 50), "2", 1)], &sexes[..]].concat(), &sum())), number(50));
}

#[test]
fn wards_and_breakdowns_are_parts_of_the_city() {
    let wards = [axis(at(fact(A, 6), "1", 1), "area", "141313"), axis(at(fact(A, 4), "2", 1), "area", "141321")];
    assert_eq!(value(&one(&wards, &sum())), number(10));
    let group = one(&[&[at(fact(A, 11), "3", 1)], &wards[..]].concat(), &sum());
    assert_eq!((value(&group), left_out(&group)), (number(11), vec![("part_of_whole", 2)]));
    // Along two axes, none of them the whole: which would it be?
    let unclear = [axis(at(fact(A, 6), "1", 1), "age", "0"), axis(at(fact(A, 4), "2", 1), "sex", "f")];
    assert_eq!(left_out(&one(&unclear, &sum())), [("breakdown_unclear", 2)]);
    let by = Question { groups: GroupBy { breakdown: true, ..GroupBy::default() }, ..sum() };
    assert_eq!(add(&wards, &by).unwrap().iter().map(value).collect::<Vec<_>>(), [number(6), number(4)]);
}

#[test]
fn who_was_not_asked_is_not_in_the_sum() {
    let stranger = fact("999999", 100);
    let group = one(&[fact(A, 10), stranger], &sum());
    assert_eq!((value(&group), left_out(&group)), (number(10), vec![("not_expected", 1)]));
}

#[test]
fn a_suppressed_figure_is_in_no_sum() {
    let hidden = Fact { value: None, missing: Some(MissingReason::Suppressed), ..fact(A, 0) };
    let group = one(&[hidden, fact(B, 20)], &sum());
    assert_eq!((value(&group), group.missing.suppressed, group.complete), (number(20), 1, false));
}
