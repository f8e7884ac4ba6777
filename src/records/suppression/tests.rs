//! What is kept back, and that nobody finds it again: every world of a few small figures is tried.

use super::*;
use crate::records::queries::Names;
use crate::records::types::Part;
use crate::records::types::RecordBody;
use crate::records::value::IndicatorRef;
use std::collections::HashMap;

const OWNER: &str = "131016";

fn figure(value: i64, breakdown: &[(&str, &str)]) -> RecordValue {
    RecordValue {
        unit: Some("人".into()),
        source: "利用".into(),
        indicator: Some(IndicatorRef { owner: OWNER.into(), indicator: "users".into() }),
        value: Some(Number::parse(&value.to_string()).unwrap()),
        breakdown: breakdown.iter().map(|(axis, part)| ((*axis).to_owned(), (*part).to_owned())).collect(),
        ..RecordValue::named("利用".into())
    }
}

fn in_role(role: ValueRole, whole: i16, value: RecordValue) -> RecordValue {
    RecordValue { role, whole: Some(whole), ..value }
}

fn record(program: &str, text: &str, values: Vec<RecordValue>) -> Working {
    let body = RecordBody {
        texts: [("text".to_owned(), text.to_owned())].into(),
        no_change_from_last_year: false,
        cross_reference: None,
        repost_of: None,
        missing_reason: None,
        reason: None,
        amended_on: None,
        note: None,
        values,
        evaluations: Vec::new(),
    };
    Working {
        id: 1,
        plan: "131016-plan".into(),
        program: program.into(),
        municipality: OWNER.into(),
        period: "2024".into(),
        part: Part::Results,
        amendment: 0,
        round: "r".into(),
        version: 1,
        redacted: false,
        names: Names { municipality: "千代田区".into(), program: None, number: None },
        body,
        warnings: Vec::new(),
        keeps_back: false,
    }
}

/// The users; programs 2 and 3 are wards'.
fn sensitive_users() -> Sensitive {
    let wards = [("2", "141313"), ("3", "141321")].map(|(program, ward)| (program.to_owned(), ward.to_owned()));
    Sensitive { indicators: [(OWNER.to_owned(), "users".to_owned())].into(), wards: wards.into() }
}

fn published(mut records: Vec<Working>) -> Vec<Working> {
    keep_back(&mut records, &sensitive_users());
    records
}

/// What the public sees of the figures.
fn seen(records: &[Working]) -> Vec<Option<Decimal>> {
    all(records).map(|(_, value)| value.value.or(value.rate).map(Number::decimal)).collect()
}

/// Makes every world of these cells, each 0 to `most`; of each answer that the public can get, every hidden small cell
/// could be at least two numbers.
fn nobody_finds_a_small_cell(cells: usize, most: i64, world: impl Fn(&[i64]) -> Vec<Working>) {
    let mut worlds: HashMap<Vec<Option<Decimal>>, Vec<Vec<Decimal>>> = HashMap::new();
    let mut values = vec![0; cells];
    'all: loop {
        let records = world(&values);
        let truth = seen(&records).into_iter().flatten().collect();
        worlds.entry(seen(&published(records))).or_default().push(truth);
        for value in &mut values {
            *value += 1;
            if *value <= most {
                continue 'all;
            }
            *value = 0;
        }
        break;
    }
    for (view, truths) in worlds {
        for cell in 0..view.len() {
            let could_be: BTreeSet<Decimal> = truths.iter().map(|truth| truth[cell]).collect();
            assert!(view[cell].is_some() || could_be.len() > 1, "cell {cell} of {view:?} is {could_be:?}");
            let small = truths.iter().any(|truth| is_small(truth[cell]));
            assert!(!small || view[cell].is_none(), "cell {cell} of {view:?} is small and seen");
        }
    }
}

#[test]
fn of_a_whole_and_its_parts() {
    for role in [ValueRole::PartOf, ValueRole::OfWhich] {
        nobody_finds_a_small_cell(2, 24, |cells| {
            let whole = figure(cells[0] + cells[1], &[]);
            let parts = cells.iter().map(|cell| in_role(role, 1, figure(*cell, &[])));
            vec![record("1", "", [whole].into_iter().chain(parts).collect())]
        });
        nobody_finds_a_small_cell(3, 12, |cells| {
            let whole = figure(cells.iter().sum(), &[]);
            let parts = cells.iter().map(|cell| in_role(role, 1, figure(*cell, &[])));
            vec![record("1", "", [whole].into_iter().chain(parts).collect())]
        });
    }
}

#[test]
fn of_a_whole_of_wholes() {
    nobody_finds_a_small_cell(3, 12, |cells| {
        let of = |role, whole, value| in_role(role, whole, figure(value, &[]));
        let values = vec![
            figure(cells.iter().sum(), &[]),
            of(ValueRole::PartOf, 1, cells[0] + cells[1]),
            of(ValueRole::PartOf, 1, cells[2]),
            of(ValueRole::PartOf, 2, cells[0]),
            of(ValueRole::PartOf, 2, cells[1]),
        ];
        vec![record("1", "", values)]
    });
}

#[test]
fn of_a_table_with_its_margins() {
    nobody_finds_a_small_cell(4, 10, |cells| {
        let at = |age, sex, value| figure(value, &[("age", age), ("sex", sex)]);
        let values = vec![
            figure(cells.iter().sum(), &[]),
            figure(cells[0] + cells[1], &[("age", "0")]),
            figure(cells[2] + cells[3], &[("age", "1")]),
            figure(cells[0] + cells[2], &[("sex", "f")]),
            figure(cells[1] + cells[3], &[("sex", "m")]),
            at("0", "f", cells[0]),
            at("0", "m", cells[1]),
            at("1", "f", cells[2]),
            at("1", "m", cells[3]),
        ];
        vec![record("1", "", values)]
    });
}

/// The city's own figure in one program, its wards' in others.
#[test]
fn of_a_city_and_its_wards() {
    nobody_finds_a_small_cell(2, 24, |cells| {
        let own = |program: &str, value| record(program, "", vec![figure(value, &[])]);
        vec![own("1", cells[0] + cells[1]), own("2", cells[0]), own("3", cells[1])]
    });
}

#[test]
fn zero_and_ten_stay_and_everything_else_of_the_figure() {
    for (value, stays) in [(0, true), (1, false), (9, false), (10, true)] {
        let records = published(vec![record("1", "", vec![figure(value, &[])])]);
        let shown = &records[0].body.values[0];
        assert_eq!(shown.value.is_some(), stays, "{value}");
        assert_eq!(shown.missing_reason.is_none(), stays);
        assert_eq!((shown.label.as_str(), shown.unit.as_deref()), ("利用", Some("人")));
        assert_eq!(records[0].keeps_back, !stays);
    }
    // Of an indicator that is not sensitive nothing is kept back.
    let mut records = vec![record("1", "3人", vec![figure(3, &[])])];
    keep_back(&mut records, &Sensitive::default());
    assert_eq!(records[0].body.values[0].value, Some(Number::from(3)));
}

#[test]
fn rates_denominators_and_running_totals_tell_nothing() {
    let number = |value: i32| Some(Number::from(value));
    let count = figure(3, &[]);
    let rate = RecordValue {
        role: ValueRole::Paired,
        whole: Some(1),
        value: None,
        rate: number(15),
        indicator: None,
        ..figure(0, &[])
    };
    let records = published(vec![record("1", "", vec![count, rate])]);
    assert!(records[0].body.values.iter().all(|value| value.missing_reason == Some(MissingReason::Suppressed)));
    let of =
        RecordValue { value: None, rate: number(15), numerator: number(3), denominator: number(20), ..figure(0, &[]) };
    let records = published(vec![record("1", "", vec![of])]);
    let shown = &records[0].body.values[0];
    assert_eq!((shown.rate, shown.numerator, shown.denominator), (None, None, None));
    let total = RecordValue { running_total: number(186), ..figure(12, &[]) };
    let records = published(vec![record("1", "12人（計186人）", vec![total])]);
    let shown = &records[0].body.values[0];
    assert_eq!((shown.value, shown.running_total), (number(12), None));
    assert_eq!(records[0].body.texts["text"], "12人（計＊人）");
}

#[test]
fn the_same_figure_of_another_program_is_kept_back_too() {
    let twin = RecordValue {
        indicator: None,
        same_figure_as: Some(SameFigure { program: "1".into(), ordinal: 1 }),
        ..figure(3, &[])
    };
    let records = published(vec![record("1", "", vec![figure(3, &[])]), record("2", "", vec![twin])]);
    assert_eq!(seen(&records), [None, None]);
}

#[test]
fn texts_lose_the_number_and_nothing_else() {
    let shown = |text: &str, value: i64, source: &str| {
        let value = RecordValue { source: source.into(), ..figure(value, &[]) };
        published(vec![record("1", text, vec![value])])[0].body.texts["text"].clone()
    };
    for (text, value, source, expected) in [
        ("利用は3人。", 3, "3人", "利用は＊人。"),
        ("利用は３人、うち新規3人。13人は別、30回。", 3, "３人", "利用は＊人、うち新規＊人。13人は別、30回。"),
        ("利用は三人、一時預かり。", 3, "三人", "利用は＊人、一時預かり。"),
        ("20人のうち3人、1,003件", 3, "20人のうち3人", "＊人のうち＊人、1,003件"),
        ("利用は12人。", 12, "12人", "利用は12人。"),
    ] {
        assert_eq!(shown(text, value, source), expected);
    }
    // A repost has the same sentence and no figure.
    let value = RecordValue { source: "利用は3人".into(), ..figure(3, &[]) };
    let repost = record("2", "利用は3人。3回開いた。", Vec::new());
    let other = record("3", "3回開いた。", Vec::new());
    let records = published(vec![record("1", "利用は3人。", vec![value]), repost, other]);
    let texts: Vec<&str> = records.iter().map(|record| record.body.texts["text"].as_str()).collect();
    assert_eq!(texts, ["利用は＊人。", "利用は＊人。＊回開いた。", "3回開いた。"]);
    assert_eq!(records[0].body.values[0].source, "利用は＊人");
}
