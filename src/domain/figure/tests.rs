use super::*;
use proptest::prelude::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn amount(quantity: Quantity, unit: &str) -> Amount {
    Amount {
        quantity,
        unit: (!unit.is_empty()).then(|| unit.to_owned()),
        bound: None,
        approximate: false,
        estimate: false,
        basis: None,
        per: None,
    }
}

fn value(text: &str, unit: &str) -> Amount {
    amount(Quantity::Value(number(text)), unit)
}

fn rate(text: &str) -> Amount {
    amount(Quantity::Rate(number(text)), "％")
}

fn main(main: Amount) -> Figure {
    Figure::Amount { main, paired: None }
}

#[test]
fn figures_as_people_write_them() {
    let cumulative = |amount| Amount { basis: Some(Basis::Cumulative), ..amount };
    let pair = |main, paired| Figure::Amount { main, paired: Some(paired) };
    for (cell, unit, expected) in [
        ("450", "人", main(value("450", "人"))),
        ("450人", "", main(value("450", "人"))),
        ("450名", "人", main(value("450", "人"))),
        ("15ヶ所", "か所", main(value("15", "か所"))),
        ("15か所", "箇所", main(value("15", "箇所"))),
        ("4校区", "校区", main(value("4", "校区"))),
        ("450人（100％）", "人", pair(value("450", "人"), rate("100"))),
        ("450人\n(100 ％)", "", pair(value("450", "人"), rate("100"))),
        ("3件（延べ200日）", "件", pair(value("3", "件"), cumulative(value("200", "日")))),
        (
            "延べ33人（実19人）",
            "人",
            pair(cumulative(value("33", "人")), Amount { basis: Some(Basis::Actual), ..value("19", "人") }),
        ),
        ("6社以上", "社", main(Amount { bound: Some(Bound::AtLeast), ..value("6", "社") })),
        ("230超", "件", main(Amount { bound: Some(Bound::Above), ..value("230", "件") })),
        ("230件を超える", "", main(Amount { bound: Some(Bound::Above), ..value("230", "件") })),
        ("5人以下", "人", main(Amount { bound: Some(Bound::AtMost), ..value("5", "人") })),
        ("5未満", "人", main(Amount { bound: Some(Bound::Below), ..value("5", "人") })),
        ("5～20人", "人", main(amount(Quantity::Range(number("5"), number("20")), "人"))),
        ("5人〜２０人", "", main(amount(Quantity::Range(number("5"), number("20")), "人"))),
        ("5から20まで", "人", main(amount(Quantity::Range(number("5"), number("20")), "人"))),
        ("10～20％", "％", main(amount(Quantity::Range(number("10"), number("20")), "％"))),
        ("約20人", "人", main(Amount { approximate: true, ..value("20", "人") })),
        ("20人程度", "人", main(Amount { approximate: true, ..value("20", "人") })),
        (
            "約５～20人",
            "人",
            main(Amount { approximate: true, ..amount(Quantity::Range(number("5"), number("20")), "人") }),
        ),
        ("70件（見込）", "件", main(Amount { estimate: true, ..value("70", "件") })),
        ("70件予定", "件", main(Amount { estimate: true, ..value("70", "件") })),
        ("▲3", "人", main(value("-3", "人"))),
        ("△3.5", "人", main(value("-3.5", "人"))),
        ("－3", "人", main(value("-3", "人"))),
        ("−3人", "人", main(value("-3", "人"))),
        ("1,234", "人", main(value("1234", "人"))),
        ("１，２３４人", "人", main(value("1234", "人"))),
        (" 1,234,567 ", "円", main(value("1234567", "円"))),
        ("12.5％", "％", main(rate("12.5"))),
        ("12.5", "％", main(rate("12.5"))),
        ("１２．５％", "", main(rate("12.5"))),
        ("延べ200人", "人", main(cumulative(value("200", "人")))),
        ("延200", "人", main(cumulative(value("200", "人")))),
        ("実100人", "人", main(Amount { basis: Some(Basis::Actual), ..value("100", "人") })),
        ("月4回", "回", main(Amount { per: Some(Per::Month), ..value("4", "回") })),
        ("月４回程度", "", main(Amount { per: Some(Per::Month), approximate: true, ..value("4", "回") })),
        ("月4回", "回/月", main(value("4", "回/月"))),
        ("年3回", "回", main(Amount { per: Some(Per::Year), ..value("3", "回") })),
        ("約延べ200", "日", main(Amount { approximate: true, ..cumulative(value("200", "日")) })),
        ("0", "人", main(value("0", "人"))),
        ("450", "", main(value("450", ""))),
    ] {
        assert_eq!(read(cell, (!unit.is_empty()).then_some(unit)), Ok(expected), "{cell}");
    }
}

#[test]
fn what_is_no_figure_says_why_or_is_a_text() {
    for (cell, reason) in [
        ("―", Missing::NotApplicable),
        ("－", Missing::NotApplicable),
        ("-", Missing::NotApplicable),
        (" — ", Missing::NotApplicable),
        ("ー", Missing::NotApplicable),
        ("――", Missing::NotApplicable),
        ("・", Missing::NotApplicable),
        ("該当しない", Missing::NotApplicable),
        ("…", Missing::NotMeasured),
        ("……", Missing::NotMeasured),
        ("‥", Missing::NotMeasured),
        ("...", Missing::NotMeasured),
        ("把握していない", Missing::NotMeasured),
        ("X", Missing::Suppressed),
        ("ｘ", Missing::Suppressed),
        ("実施していない", Missing::NotImplemented),
        ("報告がない", Missing::NotReported),
    ] {
        assert_eq!(read(cell, Some("人")), Ok(Figure::Missing(reason)), "{cell}");
        assert_eq!(
            write(&Figure::Missing(reason)).and_then(|text| read(&text, None).ok()),
            Some(Figure::Missing(reason))
        );
    }
    for cell in ["全園実施", "実施率の増加", "一部着手", "支給対象者なし", "－－－－", "~", "元年"]
    {
        assert_eq!(read(cell, Some("人")), Ok(Figure::Text(cell.to_owned())), "{cell}");
    }
}

#[test]
fn what_has_digits_and_is_not_understood_is_refused_by_name() {
    let unread = |cell: &str| read(cell, Some("人")).unwrap_err();
    for (cell, part) in [
        ("各校1回", "各校1回"),
        ("受診者450人", "受診者450人"),
        ("450人（受診率100％）", "受診率100%)"),
        ("450人（100）", ")"),
        ("450人（100％", "450人（100％"),
        ("450人、20回", "、20回"),
        ("450人20", "20"),
        ("20～5人", "20～5人"),
        ("5－20人", "-20人"),
        ("3万人", "万人"),
        ("20人弱", "弱"),
        ("450人日", "日"),
        ("+3", "+3"),
        ("①", "①"),
        ("--3", "-3"),
        ("計12人", "計12人"),
        ("令和6年度", "令和6年度"),
    ] {
        let wrong = unread(cell);
        assert!(matches!(&wrong, Unread::Words { part: named, .. } if named == part), "{cell}: {wrong:?}");
        assert!(wrong.ja().contains(part) && wrong.en().contains(part), "{cell}");
    }
    for cell in ["1,23", "1234,567", "12.", ".5", "007", "1,2,3", "1.2.3", "2 3", "１２　３４人"] {
        assert!(matches!(unread(cell), Unread::Digits { .. }), "{cell}: {:?}", unread(cell));
    }
    for (cell, unit) in [("450件", "件"), ("12.5％", "％"), ("5回～20人", "回")] {
        let wrong = unread(cell);
        assert!(matches!(&wrong, Unread::Unit { unit: named, .. } if named == unit), "{cell}: {wrong:?}");
    }
    assert!(matches!(unread("1,000,000,000,000"), Unread::Number { .. }));
    assert!(matches!(unread("0.1234567人"), Unread::Number { .. }));
}

#[test]
fn existing_figures_are_written_as_people_would() {
    let both = Figure::Amount { main: value("450", "人"), paired: Some(rate("100")) };
    for (figure, text) in [
        (main(value("450", "人")), "450"),
        (both, "450（100％）"),
        (main(Amount { bound: Some(Bound::AtLeast), ..value("6", "社") }), "6以上"),
        (main(amount(Quantity::Range(number("5"), number("20")), "人")), "5～20"),
        (main(Amount { basis: Some(Basis::Cumulative), ..value("200", "日") }), "延べ200"),
        (main(value("-3", "人")), "-3"),
        (Figure::Text("全園実施".into()), "全園実施"),
    ] {
        assert_eq!(write(&figure).as_deref(), Some(text));
    }
    for figure in [
        // Would be read as a rate, a missing reason, a figure.
        main(amount(Quantity::Value(number("5")), "％")),
        main(amount(Quantity::Rate(number("5")), "人")),
        Figure::Text("―".into()),
        Figure::Text("3校".into()),
        Figure::Amount { main: value("1", "人"), paired: Some(value("2", "")) },
        main(amount(Quantity::Range(number("20"), number("5")), "人")),
    ] {
        assert_eq!(write(&figure), None, "{figure:?}");
    }
}

fn amounts() -> impl Strategy<Value = Amount> {
    let numbers = (-99_999_999_i64..=99_999_999, 0_u32..=3)
        .prop_map(|(unscaled, scale)| Number::try_from(rust_decimal::Decimal::new(unscaled, scale)).unwrap());
    let quantity = (numbers.clone(), numbers, 0..3).prop_map(|(a, b, kind)| match kind {
        0 if a < b => Quantity::Range(a, b),
        1 => Quantity::Rate(a),
        _ => Quantity::Value(a),
    });
    let units = prop::sample::select(vec!["", "人", "名", "％", "か所", "回", "回/月", "校区", "日", "年"]);
    let of = |all: &'static [Bound]| prop::option::of(prop::sample::select(all));
    let words = (prop::option::of(prop::sample::select(Basis::ALL)), prop::option::of(prop::sample::select(Per::ALL)));
    (quantity, units, of(Bound::ALL), any::<bool>(), any::<bool>(), words).prop_map(
        |(quantity, unit, bound, approximate, estimate, (basis, per))| Amount {
            bound,
            approximate,
            estimate,
            basis,
            per,
            ..amount(quantity, unit)
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(main in amounts(), paired in prop::option::of(amounts())) {
        let percent = |amount: &Amount| amount.unit.as_deref().is_some_and(|unit| crate::domain::unit::same(unit, "%"));
        let fits = |amount: &Amount| match amount.quantity {
            Quantity::Rate(_) => percent(amount),
            Quantity::Value(_) => !percent(amount),
            Quantity::Range(..) => true,
        };
        // Beside its column a unit may be any, in brackets it must be known.
        let known = paired.as_ref().is_none_or(|p| p.unit.as_deref().is_some_and(|unit| unit != "校区"));
        let figure = Figure::Amount { main: main.clone(), paired: paired.clone() };
        let text = write(&figure);
        if fits(&main) && paired.as_ref().is_none_or(fits) && known {
            prop_assert!(text.is_some(), "{figure:?}");
        }
        if let Some(text) = text {
            prop_assert_eq!(read(&text, main.unit.as_deref()), Ok(figure));
        }
    }

    #[test]
    fn whatever_is_in_a_cell_is_read_or_refused(cell in "\\PC{0,30}|[0-9０-９,.人名％（）()延約以上～▲ー月回 ]{0,15}", unit in "|人|％|回/月") {
        match read(&cell, (!unit.is_empty()).then_some(unit.as_str())) {
            Ok(figure) => if let Some(text) = write(&figure) {
                prop_assert!(!text.is_empty() || cell.is_empty());
            },
            Err(wrong) => prop_assert!(wrong.ja().chars().count() < 400 && wrong.en().len() < 800),
        }
    }
}
