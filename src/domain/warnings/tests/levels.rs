use super::*;

fn bound(percent: i64, inclusive: bool) -> Option<Bound> {
    Some(Bound { percent: percent.into(), inclusive })
}

/// 1: 105 and above; 2: 95 to below 105; 3: its definition is lost.
fn scale() -> Vec<Level<'static>> {
    let level = |code, lower, upper| Level { code, lower, upper, cell: [None, None] };
    vec![level("1", bound(105, true), None), level("2", bound(95, true), bound(105, false)), level("3", None, None)]
}

fn judged(
    levels: Vec<Level<'_>>,
    level: &str,
    against: Option<&str>,
    figures: Vec<Figure<'_>>,
    targets: &[Target<'_>],
) -> Vec<Warning> {
    let (texts, departments) = (BTreeMap::new(), BTreeSet::new());
    let record = Record {
        part: Part::Result,
        period: period("2020"),
        ended: true,
        texts: &texts,
        prose: Vec::new(),
        figures,
        judgements: vec![Judgement { scheme: "達成度", levels, level, against: against.map(period) }],
        departments: &departments,
        targets,
        last_year: &[],
        no_change: false,
    };
    judge(&record)
}

#[test]
fn a_level_that_no_figure_reaches() {
    let empty = BTreeMap::new();
    let goal = |values: &[i64]| {
        let items = ["甲", "乙", "丙"];
        vec![target(
            "2024",
            0,
            &empty,
            items.into_iter().zip(values).map(|(item, value)| figure(item, *value)).collect(),
        )]
    };
    let differs = |level: &str, done: &[i64], planned: &[i64]| {
        let items = ["甲", "乙", "丙"];
        let figures = items.into_iter().zip(done).map(|(item, value)| figure(item, *value)).collect();
        let told = judged(scale(), level, Some("2024"), figures, &goal(planned));
        told.iter().map(|warning| warning.details.get("computed").cloned().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(differs("2", &[157, 300, 300], &[100, 100, 100]), ["1"]);
    assert_eq!(differs("2", &[2], &[3]), [""], "66.7 % is in no known level, but not in this one either");
    assert_eq!(
        differs("3", &[110, 120], &[100, 100]),
        ["1"],
        "the bounds of this level are lost; of the other they are not"
    );
    for (level, done, planned) in [
        ("2", &[100, 50][..], &[100, 100][..]),
        ("2", &[10494], &[10000]),
        ("1", &[10495], &[10000]),
        ("3", &[90], &[100]),
        ("3", &[110, 90], &[100, 100]),
        ("2", &[10], &[0]),
        ("2", &[], &[]),
    ] {
        assert_eq!(differs(level, done, planned), Vec::<String>::new(), "{level} {done:?}");
    }
    assert_eq!(differs("1", &[10494], &[10000]), ["2"], "104.9");
}

#[test]
fn only_what_is_comparable_is_compared() {
    let empty = BTreeMap::new();
    let goals = |goal: Figure<'static>| vec![target("2024", 0, &empty, vec![goal])];
    let done = || vec![figure("甲", 10)];
    assert_eq!(judged(scale(), "2", None, done(), &goals(figure("甲", 100))).len(), 1);
    assert_eq!(judged(scale(), "2", Some("2023"), done(), &goals(figure("甲", 100))).len(), 0);
    for goal in [
        figure("乙", 100),
        Figure { unit: Some("回"), ..figure("甲", 100) },
        Figure { bounded: false, ..figure("甲", 100) },
        Figure { per: Some("year"), ..figure("甲", 100) },
        Figure { value: None, ..figure("甲", 100) },
    ] {
        assert_eq!(judged(scale(), "2", None, done(), &goals(goal.clone())).len(), 0, "{goal:?}");
    }
    let fewer = Indicator { unit: None, count_basis: None, less_is_better: true, sensitive: false };
    let reduced = vec![Figure { indicator: Some(fewer), ..figure("甲", 10) }];
    assert_eq!(judged(scale(), "2", None, reduced, &goals(figure("甲", 100))).len(), 0);
    // The changed goal is the one that counts.
    let both = [target("2024", 0, &empty, vec![figure("甲", 100)]), target("2024", 1, &empty, vec![figure("甲", 10)])];
    assert_eq!(judged(scale(), "2", None, done(), &both).len(), 0);
}

#[test]
fn a_changed_goal_that_is_not_there() {
    let empty = BTreeMap::new();
    let cell = |code, row| Level { code, lower: None, upper: None, cell: [Some(row), Some("予算の拡大")] };
    let matrix = || vec![cell("A", "事業目標どおり"), cell("E", "事業目標を変更"), cell("X", "目標を変更しない")];
    let told = |level: &str, targets: &[Target<'_>]| {
        judged(matrix(), level, None, Vec::new(), targets).iter().map(|warning| warning.code).collect::<Vec<_>>()
    };
    let original = || target("2020", 0, &empty, Vec::new());
    assert_eq!(told("E", &[original()]), [Code::ChangedGoalMissing]);
    assert_eq!(told("E", &[original(), target("2019", 1, &empty, Vec::new())]), [Code::ChangedGoalMissing]);
    for changed in ["2020", "2021", "2024-"] {
        assert_eq!(told("E", &[original(), target(changed, 1, &empty, Vec::new())]), [], "{changed}");
    }
    assert_eq!(told("A", &[original()]), []);
    assert_eq!(told("X", &[original()]), []);
}
