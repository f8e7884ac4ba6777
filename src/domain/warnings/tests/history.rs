use super::*;

const SAID: &str = "月に二度、公民館で開いた。";

/// (code, pointer) of a record of 2024 beside last year's.
fn beside(
    part: Part,
    no_change: bool,
    text: &str,
    now: Vec<Figure<'_>>,
    before: Vec<LastYear<'_>>,
) -> Vec<(Code, String)> {
    let (texts, departments) = (texts(text), BTreeSet::new());
    let record = Record {
        part,
        period: period("2024"),
        ended: true,
        texts: &texts,
        prose: Vec::new(),
        figures: now,
        judgements: Vec::new(),
        departments: &departments,
        targets: &[],
        last_year: &before,
        no_change,
    };
    judge(&record).into_iter().map(|warning| (warning.code, warning.pointer)).collect()
}

fn figures(now: Vec<Figure<'_>>, before: Vec<Figure<'_>>) -> Vec<(Code, String)> {
    let texts = BTreeMap::new();
    beside(Part::Result, false, "", now, vec![LastYear { texts: &texts, figures: before }])
}

#[test]
fn a_text_that_was_last_years() {
    let same = vec![(Code::SameTextAsLastYear, "/texts/text".to_owned())];
    let other_field = BTreeMap::from([("issues".to_owned(), SAID.to_owned())]);
    for (said, expected) in [
        (texts(SAID), same.clone()),
        (texts(&format!("{SAID} ")), vec![]),
        (other_field, vec![]),
        (BTreeMap::new(), vec![]),
    ] {
        let before = || vec![LastYear { texts: &said, figures: vec![] }];
        assert_eq!(beside(Part::Result, false, SAID, vec![], before()), expected, "{said:?}");
        assert_eq!(beside(Part::Result, true, SAID, vec![], before()), [], "said to hold");
        assert_eq!(beside(Part::Target, false, SAID, vec![], before()), [], "a plan may say the same again");
    }
    // Of merged programs any one's.
    let (one, other) = (texts("別の文章である。長い文章。"), texts(SAID));
    let both = || [&one, &other].map(|texts| LastYear { texts, figures: vec![] }).into();
    assert_eq!(beside(Part::Result, false, SAID, vec![], both()), same);
    let short = texts("年 12 回 実 施");
    assert_eq!(
        beside(Part::Result, false, "年 12 回 実 施", vec![], vec![LastYear { texts: &short, figures: vec![] }]),
        []
    );
}

#[test]
fn a_figure_that_lost_or_gained_a_digit() {
    let told = [(Code::Tenfold, "/values/0/value".to_owned())];
    for (now, before, tells) in [
        (2500, 250, true),
        (2501, 250, true),
        (2499, 250, false),
        (25, 250, true),
        (26, 250, false),
        (-2500, 250, true),
        (250, 250, false),
        // Nought is an answer, and small counts jump.
        (0, 250, false),
        (250, 0, false),
        (0, 0, false),
        (19, 1, false),
        (20, 2, true),
    ] {
        let expected: &[_] = if tells { &told } else { &[] };
        assert_eq!(figures(vec![figure("利用", now)], vec![figure("利用", before)]), expected, "{now} after {before}");
    }
    let rate = |rate: i64| Figure { value: None, rate: Some(rate.into()), unit: Some("％"), ..figure("率", 0) };
    assert_eq!(figures(vec![rate(95)], vec![rate(9)]), [(Code::Tenfold, "/values/0/rate".to_owned())]);
}

#[test]
fn only_the_same_figure_is_compared() {
    let told = [(Code::Tenfold, "/values/0/value".to_owned())];
    let (now, before) = (figure("利用", 2500), figure("利用", 250));
    assert_eq!(figures(vec![now.clone()], vec![Figure { unit: Some("名"), ..before.clone() }]), told);
    assert_eq!(figures(vec![now.clone()], vec![Figure { label: "利 用", ..before.clone() }]), told);
    let october = |code: &str, figure: &Figure<'static>| Figure { period: Some(period(code)), ..figure.clone() };
    assert_eq!(figures(vec![october("202410", &now)], vec![october("202310", &before)]), told);
    for other in [
        figure("登録", 250),
        Figure { label: "登録", ..before.clone() },
        Figure { role: Role::PartOf, ..before.clone() },
        Figure { count_basis: Some("cumulative"), ..before.clone() },
        Figure { per: Some("day"), ..before.clone() },
        Figure { axes: vec!["年齢"], sections: vec!["0歳"], ..before.clone() },
        Figure { exact: false, ..before.clone() },
        Figure { value: None, ..before.clone() },
        october("202310", &before),
    ] {
        assert_eq!(figures(vec![now.clone()], vec![other.clone()]), [], "{other:?}");
    }
    let aged = |section, value| Figure { axes: vec!["年齢"], sections: vec![section], ..figure("利用", value) };
    assert_eq!(figures(vec![aged("0歳", 2500)], vec![aged("0歳", 250), aged("1歳", 9)]), told);
    // Two of one name, on either side: which is which?
    assert_eq!(figures(vec![now.clone()], vec![before.clone(), figure("利用", 9)]), []);
    assert_eq!(figures(vec![now.clone(), figure("利用", 9)], vec![before]), []);
    assert_eq!(figures(vec![now], vec![]), []);
}

#[test]
fn a_figure_in_another_unit_than_last_year() {
    let told = [(Code::UnitChanged, "/values/0/unit".to_owned())];
    let times = || Figure { unit: Some("回"), ..figure("利用", 30) };
    assert_eq!(figures(vec![figure("利用", 30)], vec![times()]), told);
    for unit in ["名", " 人", "人"] {
        assert_eq!(figures(vec![figure("利用", 30)], vec![Figure { unit: Some(unit), ..times() }]), [], "{unit}");
    }
    // People and times of one name, last year or this: not changed, but two figures.
    assert_eq!(figures(vec![figure("利用", 30)], vec![times(), figure("利用", 29)]), []);
    assert_eq!(figures(vec![figure("利用", 30), times()], vec![times()]), []);
    // A count is no rate.
    let rate = Figure { value: None, rate: Some(30.into()), unit: Some("％"), ..figure("利用", 0) };
    assert_eq!(figures(vec![figure("利用", 30)], vec![rate]), []);
}

#[test]
fn a_period_without_a_year_before_is_compared_with_nothing() {
    let (texts, departments) = (texts(SAID), BTreeSet::new());
    let last_year = [LastYear { texts: &texts, figures: vec![] }];
    let record = Record {
        part: Part::Result,
        period: Period::Baseline,
        ended: false,
        texts: &texts,
        prose: Vec::new(),
        figures: Vec::new(),
        judgements: Vec::new(),
        departments: &departments,
        targets: &[],
        last_year: &last_year,
        no_change: false,
    };
    assert_eq!(judge(&record), []);
    let warning = target_without_result("21", Some("妊婦健康診査"), period("2024"));
    assert_eq!(warning.code, Code::TargetWithoutResult);
    assert!(warning.ja.contains("事業 21「妊婦健康診査」") && warning.ja.contains("令和6年度"), "{}", warning.ja);
    assert_eq!((warning.details["program"].as_str(), warning.details["period"].as_str()), ("21", "2024"));
}
