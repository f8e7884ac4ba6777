use super::*;

fn result(figures: Vec<Figure<'_>>) -> Vec<(Code, String)> {
    let text = "利用 100人、うち市外 120人、実施率 95.0％";
    found(Part::Result, &texts(text), figures, &[])
}

fn of(role: Role, value: i64) -> Figure<'static> {
    Figure { role, whole: Some(1), ..figure("うち", value) }
}

#[test]
fn an_of_which_above_its_whole() {
    let above = [(Code::OfWhichAboveWhole, "/values/1/value".to_owned())];
    assert_eq!(result(vec![figure("利用", 100), of(Role::OfWhich, 101)]), above);
    assert_eq!(result(vec![figure("利用", 100), Figure { unit: Some("名"), ..of(Role::OfWhich, 101) }]), above);
    for part in [
        of(Role::OfWhich, 100),
        Figure { unit: Some("回"), ..of(Role::OfWhich, 101) },
        Figure { count_basis: Some("cumulative"), ..of(Role::OfWhich, 101) },
        Figure { exact: false, ..of(Role::OfWhich, 101) },
        Figure { whole: Some(9), ..of(Role::OfWhich, 101) },
        of(Role::Other, 101),
    ] {
        assert_eq!(result(vec![figure("利用", 100), part.clone()]), [], "{part:?}");
    }
    assert_eq!(result(vec![Figure { exact: false, ..figure("利用", 100) }, of(Role::OfWhich, 101)]), []);
}

#[test]
fn parts_that_do_not_add_up() {
    let part = |value: i64| of(Role::PartOf, value);
    let differ = [(Code::PartsDifferFromWhole, "/values/0/value".to_owned())];
    assert_eq!(result(vec![figure("計", 100), part(60), part(40)]), []);
    assert_eq!(result(vec![figure("計", 100), part(60), part(41)]), differ);
    let by = |axis: &'static str, value: i64| Figure { axes: vec![axis], ..part(value) };
    assert_eq!(result(vec![figure("計", 100), by("年齢", 60), by("年齢", 40), by("場所", 30), by("場所", 70)]), []);
    assert_eq!(result(vec![figure("計", 100), by("年齢", 60), by("年齢", 40), by("場所", 30), by("場所", 60)]), differ);
    // Nobody knows the sum.
    for unknown in [
        Figure { value: None, ..part(0) },
        Figure { exact: false, ..part(1) },
        Figure { unit: Some("回"), ..part(1) },
        Figure { count_basis: Some("actual"), ..part(1) },
    ] {
        assert_eq!(result(vec![figure("計", 100), part(60), unknown.clone()]), [], "{unknown:?}");
    }
    assert_eq!(result(vec![Figure { exact: false, ..figure("計", 100) }, part(60)]), []);
}

#[test]
fn a_rate_beside_what_it_was_made_of() {
    let rate = |rate: &str, numerator: i64, denominator: i64, source: &'static str| Figure {
        value: None,
        rate: Some(rate.parse().unwrap()),
        numerator: Some(numerator.into()),
        denominator: Some(denominator.into()),
        unit: Some("％"),
        source,
        ..figure("率", 0)
    };
    let differs = [(Code::RateDiffers, "/values/0/rate".to_owned())];
    for (given, expected) in [
        // 2/3: rounded, and cut off, at the printed digits.
        (rate("66.7", 2, 3, ""), vec![]),
        (rate("66.6", 2, 3, ""), vec![]),
        (rate("67", 2, 3, ""), vec![]),
        (rate("66", 2, 3, ""), vec![]),
        (rate("66.5", 2, 3, ""), differs.to_vec()),
        (rate("65", 2, 3, ""), differs.to_vec()),
        // 95.0 was printed, so 95.4 is none of its roundings.
        (rate("95", 954, 1000, "95％"), vec![]),
        (rate("95", 954, 1000, "９５．０％"), differs.to_vec()),
        (rate("95", 1, 0, ""), vec![]),
        (Figure { exact: false, ..rate("90", 1, 2, "") }, vec![]),
        (Figure { denominator: None, ..rate("90", 1, 2, "") }, vec![]),
    ] {
        let text = texts("実施率 95％ ９５．０％");
        assert_eq!(found(Part::Result, &text, vec![given.clone()], &[]), expected, "{given:?}");
    }
}

#[test]
fn an_indicator_counted_otherwise() {
    let indicator = |unit: &'static str, count_basis| {
        Some(Indicator { unit: Some(unit), count_basis, less_is_better: false, sensitive: false })
    };
    let unit = [(Code::UnitDiffers, "/values/0/unit".to_owned())];
    let basis = [(Code::CountBasisDiffers, "/values/0/count_basis".to_owned())];
    assert_eq!(result(vec![Figure { indicator: indicator("回", None), ..figure("利用", 1) }]), unit);
    assert_eq!(result(vec![Figure { indicator: indicator("名", None), ..figure("利用", 1) }]), []);
    assert_eq!(result(vec![Figure { indicator: indicator("人", Some("actual")), ..figure("利用", 1) }]), basis);
    let stated = Figure { count_basis: Some("actual"), ..figure("利用", 1) };
    assert_eq!(result(vec![Figure { indicator: indicator("人", Some("actual")), ..stated.clone() }]), []);
    assert_eq!(result(vec![Figure { indicator: indicator("人", Some("cumulative")), ..stated.clone() }]), basis);
    assert_eq!(result(vec![Figure { indicator: indicator("人", None), ..stated }]), []);
    let missing = Figure { value: None, indicator: indicator("回", Some("actual")), ..figure("利用", 1) };
    assert_eq!(result(vec![missing]), []);
}

#[test]
fn a_small_count_that_will_not_be_published() {
    let indicator = |sensitive| Some(Indicator { unit: None, count_basis: None, less_is_better: false, sensitive });
    let told = [(Code::WillBeSuppressed, "/values/0/value".to_owned())];
    for (value, sensitive, expected) in [(0, true, 0), (1, true, 1), (9, true, 1), (10, true, 0), (3, false, 0)] {
        let given = Figure { indicator: indicator(sensitive), ..figure("利用", value) };
        assert_eq!(result(vec![given]), told[..expected], "{value}");
    }
}

#[test]
fn a_source_that_is_not_in_the_text() {
    let from = |source: &'static str| vec![Figure { source, ..figure("利用", 1) }];
    assert_eq!(result(from("利用　１００人")), [], "another width or line break is the same snippet");
    assert_eq!(result(from("利用 101人")), [(Code::SourceNotInText, "/values/0/source".to_owned())]);
    assert_eq!(found(Part::Result, &BTreeMap::new(), from("利用 101人"), &[]), [], "no text to look in");
}

#[test]
fn a_department_that_nobody_knows() {
    let by = |department: &'static str| vec![Figure { department: Some(department), ..figure("利用", 1) }];
    assert_eq!(result(by("保育\n課")), []);
    assert_eq!(result(by("hoiku")), []);
    assert_eq!(result(by("保健課")), [(Code::DepartmentUnknown, "/values/0/department".to_owned())]);
}
