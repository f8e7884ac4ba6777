//! Goals, and series over years.

use super::*;
use crate::aggregates::types::BreakReason;
use chrono::NaiveDate;

#[test]
fn results_are_held_against_their_goals() {
    let goal = |code: &str, value: i64, amendment: i16| {
        let fact = of(fact(A, value), code);
        Fact { place: Place { part: Part::Targets, amendment, ..fact.place.clone() }, ..fact }
    };
    let rate = |targets: &[Fact]| {
        let question = question(AggregateFunction::AchievementRate, &["2024"]);
        let answer = add_up(&[fact(A, 10)], targets, &members(1), &Successions::default(), &question).unwrap();
        answer.groups.into_iter().next().unwrap()
    };
    let against = |group: &AggregateGroup| group.original.as_ref().unwrap().against.clone();
    for (goals, period, percent) in [
        // Its own period's, else the next later one, else the last.
        (vec![goal("2023", 5, 0), goal("2024", 20, 0), goal("2025", 40, 0)], "2024", "50"),
        (vec![goal("2023", 5, 0), goal("2025", 40, 0), goal("2026", 50, 0)], "2025", "25"),
        (vec![goal("2022", 5, 0), goal("2023", 30, 0)], "2023", "33.3"),
        (vec![goal("2024", 16, 0)], "2024", "62.5"),
    ] {
        let group = rate(&goals);
        assert_eq!((value(&group).unwrap().to_string(), against(&group)), (percent.into(), vec![period.to_owned()]));
    }
    let group = rate(&[goal("2024", 20, 0), goal("2024", 10, 1), goal("2024", 8, 2)]);
    let percents = [group.original, group.amended].map(|one| one.unwrap().percent.unwrap());
    assert_eq!(percents, [Total(50.into()), Total(125.into())]);
    assert_eq!(left_out(&rate(&[])), [("no_target", 1)]);
    let mut other = goal("2024", 20, 0);
    other.basis.unit = Some("回".into());
    assert_eq!(left_out(&rate(&[other])), [("unlike_target", 1)]);
    let group = rate(&[goal("2024", 0, 0)]);
    assert_eq!((value(&group), group.original.unwrap().compared), (None, 1), "no percent of nothing");
}

fn merger(into: &[&str]) -> Successions {
    let succession = |successor: &&str| Succession {
        predecessor: B.into(),
        successor: (*successor).into(),
        successor_name: "新".into(),
        effective_on: NaiveDate::from_ymd_opt(2024, 4, 1).unwrap(),
    };
    Successions::new(into.iter().map(succession).collect(), NaiveDate::from_ymd_opt(2025, 3, 31).unwrap())
}

#[test]
fn a_series_follows_the_merger_and_says_so() {
    let facts = [of(fact(A, 10), "2023"), of(fact(B, 5), "2023"), fact(A, 16)];
    let groups = GroupBy { municipality: true, period: true, ..GroupBy::default() };
    let series = Question { groups, ..question(AggregateFunction::Sum, &["2023", "2024"]) };
    let mut members = members(2);
    members[1].slots[1] = false;
    let successions = merger(&[A]);
    let found = add_up(&facts, &[], &members, &successions, &series).unwrap().groups;
    assert_eq!(found.iter().map(value).collect::<Vec<_>>(), [number(15), number(16)]);
    assert_eq!(found.iter().map(|group| (group.expected, group.reported)).collect::<Vec<_>>(), [(2, 2), (1, 1)]);
    assert_eq!((found[0].predecessors.clone(), found[1].breaks.clone()), (vec![B.to_owned()], vec![]));
    assert_eq!(successions.mappings(&[A, B].into()).len(), 1);
    // In two: nobody knows how.
    let split = merger(&[A, "999999"]);
    let found = add_up(&facts, &[], &members, &split, &series).unwrap().groups;
    assert_eq!(found.iter().map(value).collect::<Vec<_>>(), [number(10), number(16), number(5)]);
    assert_eq!(found[1].breaks, [BreakReason::Split]);
    assert_eq!(split.mappings(&[B].into())[0].successor, None);
}

#[test]
fn another_meaning_or_unit_breaks_a_series() {
    let groups = GroupBy { period: true, ..GroupBy::default() };
    let series = Question { groups, ..question(AggregateFunction::Sum, &["2022", "2023", "2024"]) };
    let mut changed = of(fact(A, 5), "2023");
    changed.definition = "e".into();
    let mut unit = fact(A, 7);
    unit.definition = "e".into();
    unit.basis.unit = Some("世帯".into());
    let found = add(&[of(fact(A, 4), "2022"), changed, unit], &series).unwrap();
    let breaks: Vec<Vec<BreakReason>> = found.into_iter().map(|group| group.breaks).collect();
    assert_eq!(breaks, [vec![], vec![BreakReason::Definition], vec![BreakReason::Unit]]);
}
