//! Figures by the level of the record they stand in.

use super::*;
use crate::records::value::Evaluator;
use proptest::prelude::*;

fn level(code: &str) -> Level {
    let position = i16::from(code.as_bytes()[0]);
    Level { fiscal_year: 2024, position, code: code.into(), label: None }
}

fn rated(fact: Fact, code: &str) -> Fact {
    Fact { level: Some(level(code)), ..fact }
}

/// As they are read where levels are not asked for.
fn unrated(facts: &[Fact]) -> Vec<Fact> {
    facts.iter().map(|fact| Fact { level: None, ..fact.clone() }).collect()
}

fn by_level() -> Question {
    let of = LevelsOf { owner: "130001".into(), scheme: "achievement".into(), evaluator: Evaluator::Own };
    Question { levels: Some(of), ..sum() }
}

/// Level, value, expected, reported.
fn told<'a>(groups: &'a [AggregateGroup]) -> Vec<(Option<&'a str>, Option<Decimal>, usize, usize)> {
    let told = |group: &'a AggregateGroup| {
        let AggregateGroup { key, expected, reported, .. } = group;
        let level = key.level.as_ref().expect("levels are asked for").level.as_deref();
        (level, value(group), *expected, *reported)
    };
    groups.iter().map(told).collect()
}

#[test]
fn each_level_by_itself_and_who_has_none() {
    let groups = add(&[rated(fact(A, 10), "2"), rated(fact(B, 5), "1")], &by_level()).unwrap();
    assert_eq!(told(&groups), [(Some("1"), number(5), 1, 1), (Some("2"), number(10), 1, 1)]);
    // Not rated, and not answered: they come last.
    let groups = add(&[fact(A, 10)], &by_level()).unwrap();
    assert_eq!(told(&groups), [(None, number(10), 2, 1)]);
    let groups = add(&[rated(fact(A, 10), "2")], &by_level()).unwrap();
    assert_eq!(told(&groups), [(Some("2"), number(10), 1, 1), (None, None, 1, 0)]);
    assert_eq!((groups[0].complete, groups[1].missing.unanswered), (true, 1));
    // Levels of another version are others.
    let other = Fact { level: Some(Level { fiscal_year: 2020, ..level("2") }), ..fact(B, 5) };
    let groups = add(&[rated(fact(A, 10), "2"), other], &by_level()).unwrap();
    assert_eq!(told(&groups), [(Some("2"), number(5), 1, 1), (Some("2"), number(10), 1, 1)]);
    // A reason for a blank has a level too.
    let blank = Fact { value: None, missing: Some(MissingReason::NotMeasured), ..fact(A, 0) };
    let groups = add(&[rated(blank, "2")], &by_level()).unwrap();
    assert_eq!((told(&groups)[0], groups[0].missing.not_measured), ((Some("2"), None, 1, 0), 1));
}

#[test]
fn one_figure_has_one_level() {
    // In two programs: it counts where it was rated.
    let twice = [at(fact(A, 10), "1", 1), rated(at(fact(A, 10), "2", 1), "2")];
    let groups = add(&twice, &by_level()).unwrap();
    assert_eq!(told(&groups)[0], (Some("2"), number(10), 1, 1));
    assert_eq!(left_out(&groups[1]), [("duplicate", 1)]);
    // Rated differently in both, it counts nowhere.
    let twice = twice.map(|fact| if fact.level.is_none() { rated(fact, "1") } else { fact });
    let groups = add(&twice, &by_level()).unwrap();
    assert_eq!(told(&groups)[..2], [(Some("1"), None, 1, 0), (Some("2"), None, 1, 0)]);
    assert_eq!((left_out(&groups[0]), groups[0].not_counted), (vec![("level_unclear", 1)], 1));
    assert_eq!(value(&one(&unrated(&twice), &sum())), number(10), "levels are not asked for");
    // A city of two wards that were rated differently; each ward has its level.
    let ward = |program: &str, level: &str| rated(axis(at(fact(A, 4), program, 1), "area", program), level);
    let wards = [ward("1", "1"), ward("2", "2")];
    let groups = add(&wards, &by_level()).unwrap();
    assert!(groups[..2].iter().all(|group| value(group).is_none() && left_out(group) == [("level_unclear", 1)]));
    let apart = Question { groups: GroupBy { breakdown: true, ..GroupBy::default() }, ..by_level() };
    let groups = add(&wards, &apart).unwrap();
    assert_eq!(told(&groups)[..2], [(Some("1"), number(4), 1, 1), (Some("2"), number(4), 1, 1)]);
    // Alike, they are the city's.
    let groups = add(&[ward("1", "2"), ward("2", "2")], &by_level()).unwrap();
    assert_eq!(told(&groups)[0], (Some("2"), number(8), 1, 1));
}

#[test]
fn the_goals_of_an_achievement_have_no_level() {
    let target = Fact { place: Place { part: Part::Targets, ..fact(A, 20).place }, ..fact(A, 20) };
    let question = Question { function: AggregateFunction::AchievementRate, ..by_level() };
    let answer =
        add_up(&[rated(fact(A, 10), "2")], &[target], &members(1), &Successions::default(), &question).unwrap();
    assert_eq!(told(&answer.groups)[0], (Some("2"), number(50), 1, 1));
}

proptest! {
    /// Whatever is rated however: a figure counts in one group at most, and never one that would not count without levels
    /// (but for a copy that is rated, where the first is not).
    #[test]
    fn nothing_counts_twice(facts in super::properties::facts(), ratings in proptest::collection::vec(0..3usize, 12)) {
        let rate = |(fact, rating): (Fact, usize)| if rating == 0 { fact } else { rated(fact, ["1", "2"][rating - 1]) };
        let facts: Vec<Fact> = facts.into_iter().zip(ratings).map(rate).collect();
        let (whole, groups) = (one(&unrated(&facts), &sum()), add(&facts, &by_level()).unwrap());
        let added: Decimal = groups.iter().filter_map(value).sum();
        prop_assert!(added <= value(&whole).unwrap_or_default());
        prop_assert!(groups.iter().map(|group| group.figures).sum::<usize>() <= whole.figures);
        let unclear = groups.iter().flat_map(left_out).any(|(reason, _)| reason == "level_unclear");
        prop_assert!(unclear || added == value(&whole).unwrap_or_default());
        for group in &groups {
            let missing = group.missing.not_measured + group.missing.unanswered;
            prop_assert_eq!(group.expected, group.reported + group.not_counted + missing);
        }
    }
}
