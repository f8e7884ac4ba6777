//! What holds for any figures whatever.

use super::*;
use proptest::prelude::*;

/// Figures of a small world: two reporters, three programs, parts, breakdowns, reposts, gaps.
pub fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let one = (0..2usize, 0..3u8, 1..3i16, 0..4i64, 0..8u8);
    proptest::collection::vec(one, 0..12).prop_map(|all| {
        let mut facts: Vec<Fact> = Vec::new();
        for (reporter, program, ordinal, value, kind) in all {
            let plain = at(fact([A, B][reporter], value), &program.to_string(), ordinal);
            let made = match kind {
                0 => Fact { repost: true, ..plain },
                1 => Fact { value: None, missing: Some(MissingReason::NotMeasured), ..plain },
                2 if ordinal == 2 => Fact { role: ValueRole::PartOf, whole: Some(1), ..plain },
                3 => axis(plain, "area", &program.to_string()),
                4 => axis(plain, "age", &ordinal.to_string()),
                5 => Fact { same_figure: Some(("0".into(), 1)), ..plain },
                _ => plain,
            };
            if facts.iter().all(|known| known.place != made.place) {
                facts.push(made);
            }
        }
        facts
    })
}

proptest! {
    #[test]
    fn the_order_of_figures_makes_no_difference(facts in facts().prop_shuffle(), split in any::<bool>()) {
        let mut sorted = facts.clone();
        sorted.sort_by(|a, b| a.place.cmp(&b.place));
        let question = Question { split, ..sum() };
        let (one, other) = (add(&facts, &question).unwrap(), add(&sorted, &question).unwrap());
        for (one, other) in one.iter().zip(&other) {
            prop_assert_eq!(value(one), value(other));
            prop_assert_eq!((one.reported, one.not_counted, one.missing), (other.reported, other.not_counted, other.missing));
        }
    }

    #[test]
    fn the_parts_of_an_answer_add_up_to_it(facts in facts()) {
        let whole = one(&facts, &sum());
        let by = Question { groups: GroupBy { municipality: true, ..GroupBy::default() }, ..sum() };
        let parts = add(&facts, &by).unwrap();
        prop_assert_eq!(parts.len(), 2);
        let added = parts.iter().filter_map(value).reduce(|a, b| a + b);
        prop_assert_eq!(value(&whole), added);
        let count = |of: fn(&AggregateGroup) -> usize| parts.iter().map(of).sum::<usize>();
        prop_assert_eq!(whole.expected, count(|group| group.expected));
        prop_assert_eq!(whole.reported, count(|group| group.reported));
        prop_assert_eq!(whole.figures, count(|group| group.figures));
        for group in parts.iter().chain([&whole]) {
            let missing = group.missing.not_measured + group.missing.unanswered;
            prop_assert_eq!(group.expected, group.reported + group.not_counted + missing);
            prop_assert_eq!(group.value.is_none(), group.figures == 0);
        }
    }

    #[test]
    fn no_figure_counts_twice(facts in facts(), again in 3..9u8) {
        // The same figures once more, in programs of another plan.
        let copies = facts.iter().map(|fact| Fact {
            place: Place { plan: format!("again-{again}"), ..fact.place.clone() },
            ..fact.clone()
        });
        let twice: Vec<Fact> = facts.iter().cloned().chain(copies).collect();
        prop_assert_eq!(value(&one(&facts, &sum())), value(&one(&twice, &sum())));
    }
}
