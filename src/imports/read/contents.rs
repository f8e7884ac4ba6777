//! What a cell means for its field: as people write in a template, canonical elsewhere.

use super::table::Cell;
use super::words;
use crate::domain::date;
use crate::domain::figure::{self, Amount, Figure, Quantity};
use crate::domain::input::half_width;
use crate::domain::number::{Number, NumberError};
use crate::domain::period::Period;
use crate::error::{Code, short};
use serde_json::{Value, json};

const SHOWN: usize = 40;

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it stands
    Text,
    /// Letters and digits that mean something to programs
    Code,
    /// One of `words`
    Word,
    Truth,
    Number,
    /// A whole number from 0
    Count,
    Period,
    /// A day, month or year
    Date,
    Level,
}

/// Of the fields of key, record and figure.
pub fn kind(field: &str) -> Kind {
    match field {
        "approximate" | "estimate" | "no_change_from_last_year" => Kind::Truth,
        _ if words::of(field).is_some() => Kind::Word,
        "value" | "value_to" | "rate" | "numerator" | "denominator" | "running_total" => Kind::Number,
        "amendment" | "ordinal" | "whole" | "same_figure_as.ordinal" => Kind::Count,
        "period" => Kind::Period,
        "measured_on" | "amended_on" => Kind::Date,
        "plan"
        | "municipality"
        | "program"
        | "if_match"
        | "repost_of"
        | "indicator.owner"
        | "indicator.indicator"
        | "same_figure_as.program" => Kind::Code,
        _ => Kind::Text,
    }
}

/// Why a cell is not taken.
pub struct Refused {
    pub code: Code,
    pub ja: String,
    pub en: String,
}

impl Refused {
    pub fn new(code: Code, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, ja: ja.into(), en: en.into() }
    }
}

/// `people`: the cell is one of our own template.
pub fn read(kind: Kind, field: &str, cell: &Cell, people: bool) -> Result<Value, Refused> {
    let text = plain(kind, cell)?;
    let given = if people && kind != Kind::Text { text.trim() } else { text.as_str() };
    match kind {
        Kind::Text => Ok(text.into()),
        Kind::Code if people => Ok(narrow(given).into()),
        Kind::Code => Ok(given.into()),
        Kind::Word => word(field, given, people).map(Value::from),
        Kind::Truth => word(field, &given.to_ascii_lowercase(), people).map(|word| json!(word == "true")),
        Kind::Number => number(field, cell, given, people),
        Kind::Count => count(given, people),
        Kind::Period => match Period::parse(given) {
            Ok(period) => Ok(period.code().into()),
            Err(wrong) => Err(Refused::new(Code::PeriodUnknown, wrong.ja(), wrong.en())),
        },
        Kind::Date if people => Ok(date::partial(given).unwrap_or_else(|| given.to_owned()).into()),
        Kind::Date => Ok(given.into()),
        Kind::Level => Ok(if people { level(given) } else { given.to_owned() }.into()),
    }
}

/// The text of a cell, unless a spreadsheet made something else of it.
fn plain(kind: Kind, cell: &Cell) -> Result<String, Refused> {
    match cell {
        Cell::Broken(wrong) => {
            let wrong = short(wrong, SHOWN);
            Err(Refused::new(
                Code::ImportBrokenCell,
                format!("セルに値がありません（{wrong}）。計算の誤りを直すか、値を直接書いてください"),
                format!("The cell has no value ({wrong}): mend its formula, or write the value itself"),
            ))
        }
        Cell::Date(day) if kind == Kind::Date && !day.contains('T') => Ok(day.clone()),
        Cell::Date(day) => Err(Refused::new(
            Code::ImportDateCell,
            format!(
                "Excel が日付（{day}）にしています。セルの書式を「文字列」にして、もとの内容を書き直してください\
                 （期間の月は 201710 のように6桁で）"
            ),
            format!(
                "The spreadsheet made a date of it ({day}): format the cell as text and write again what it was \
                 (a month as 201710)"
            ),
        )),
        _ => Ok(cell.text()),
    }
}

/// Half width, without blanks around it.
fn narrow(text: &str) -> String {
    text.chars().map(half_width).collect::<String>().trim().to_owned()
}

fn word(field: &str, given: &str, people: bool) -> Result<&'static str, Refused> {
    let words = words::of(field).unwrap_or_default();
    words::find(words, given, people).ok_or_else(|| {
        let (given, all) = (short(given, SHOWN), words::all(words, people));
        Refused::new(
            Code::ImportNotCanonical,
            format!("「{given}」は選べません。{all} のどれかを書いてください"),
            format!("`{given}` is none of {all}"),
        )
    })
}

fn number(field: &str, cell: &Cell, given: &str, people: bool) -> Result<Value, Refused> {
    let figure = figure::read(given, None);
    let read = match (cell, &figure) {
        // A rate is in percent, however the cell shows it.
        (Cell::Number { text, percent }, _) if !percent || field == "rate" => Number::parse(text),
        (_, Ok(Figure::Amount { main, paired: None })) if people => match plain_number(main) {
            Some(number) => Ok(number),
            None => return Err(not_a_number(given, figure.as_ref().ok())),
        },
        _ => Number::parse(given),
    };
    let number = read.map_err(|why| match why {
        NumberError::NotANumber => not_a_number(given, figure.as_ref().ok()),
        why => {
            let given = short(given, SHOWN);
            Refused::new(Code::NumberDigits, format!("「{given}」：{}", why.ja()), format!("`{given}`: {}", why.en()))
        }
    })?;
    serde_json::to_value(number).map_err(|_| not_a_number(given, None))
}

/// The number alone, if it is all there is.
fn plain_number(amount: &Amount) -> Option<Number> {
    let Amount { quantity, unit, bound, approximate, estimate, basis, per } = amount;
    let alone = bound.is_none() && !approximate && !estimate && basis.is_none() && per.is_none();
    match quantity {
        Quantity::Value(number) if alone && unit.is_none() => Some(*number),
        Quantity::Rate(number) if alone => Some(*number),
        _ => None,
    }
}

fn not_a_number(given: &str, figure: Option<&Figure>) -> Refused {
    let given = short(given, SHOWN);
    let columns = figure.map(columns).unwrap_or_default();
    let (ja, en) = if columns.is_empty() {
        (
            format!("「{given}」は数ではありません。1234.5 のように、半角の数字だけを書いてください"),
            format!("`{given}` is no number: write digits only, such as 1234.5"),
        )
    } else {
        (
            format!("「{given}」は数だけではありません。{columns} と分けて書いてください"),
            format!("`{given}` is more than a number: write {columns}"),
        )
    };
    Refused::new(Code::ImportNotCanonical, ja, en)
}

/// How a figure is written in columns.
fn columns(figure: &Figure) -> String {
    match figure {
        Figure::Missing(reason) => format!("missing_reason={}", reason.name()),
        Figure::Text(_) => String::new(),
        Figure::Amount { main, paired: None } => of_amount(main),
        Figure::Amount { main, paired: Some(paired) } => {
            format!("{}、次の行に role=paired {}", of_amount(main), of_amount(paired))
        }
    }
}

fn of_amount(amount: &Amount) -> String {
    let fields = amount_fields(amount).into_iter().map(|(field, value)| match value {
        Value::String(text) => format!("{field}={text}"),
        other => format!("{field}={other}"),
    });
    fields.collect::<Vec<_>>().join(" ")
}

/// The fields of a value that a figure fills.
pub fn amount_fields(amount: &Amount) -> Vec<(&'static str, Value)> {
    let number = |number: Number| serde_json::to_value(number).unwrap_or_default();
    let mut fields = match amount.quantity {
        Quantity::Value(value) => vec![("value", number(value))],
        Quantity::Rate(rate) => vec![("rate", number(rate))],
        Quantity::Range(from, to) => vec![("value", number(from)), ("value_to", number(to))],
    };
    fields.extend(amount.unit.as_ref().map(|unit| ("unit", unit.clone().into())));
    fields.extend(amount.bound.map(|bound| ("comparator", bound.name().into())));
    fields.extend(amount.approximate.then_some(("approximate", true.into())));
    fields.extend(amount.estimate.then_some(("estimate", true.into())));
    fields.extend(amount.basis.map(|basis| ("count_basis", basis.name().into())));
    fields.extend(amount.per.map(|per| ("per", per.name().into())));
    fields
}

fn count(given: &str, people: bool) -> Result<Value, Refused> {
    let text = if people { narrow(given) } else { given.to_owned() };
    let canonical = |count: &u16| count.to_string() == text;
    match text.parse::<u16>().ok().filter(canonical) {
        Some(count) => Ok(count.into()),
        None => {
            let given = short(given, SHOWN);
            Err(Refused::new(
                Code::ImportNotCanonical,
                format!("「{given}」は番号ではありません。1、2 のように半角の整数で書いてください"),
                format!("`{given}` is no number of that kind: write a whole number, such as 1 or 2"),
            ))
        }
    }
}

/// 「B 一部着手」 and 「C（定義なし）」 are B and C.
fn level(given: &str) -> String {
    let code = given.split([' ', '\u{3000}', '（', '(']).next().unwrap_or(given);
    if code.is_empty() || code == given { narrow(given) } else { code.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: Kind, field: &str, text: &str, people: bool) -> Result<Value, String> {
        read(kind, field, &Cell::Text(text.to_owned()), people).map_err(|wrong| wrong.ja)
    }

    fn number(text: &str, percent: bool) -> Cell {
        Cell::number(text.parse().unwrap(), percent)
    }

    #[test]
    fn every_column_has_its_kind() {
        use crate::records::flat::{KEY, RECORD, VALUE};
        let of = |wanted: Kind| {
            let all = KEY.iter().chain(&RECORD).chain(&VALUE).map(|(name, _)| name.trim_start_matches("values."));
            all.filter(|name| kind(name) == wanted).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(Kind::Number), "value value_to rate numerator denominator running_total");
        assert_eq!(of(Kind::Word), "resource missing_reason role missing_reason comparator count_basis per");
        assert_eq!(of(Kind::Truth), "no_change_from_last_year approximate estimate");
        assert_eq!(of(Kind::Date), "amended_on measured_on");
        assert_eq!(of(Kind::Period), "period period");
        assert_eq!(of(Kind::Count), "amendment whole same_figure_as.ordinal");
    }

    #[test]
    fn people_write_as_they_do() {
        for (kind, field, given, expected) in [
            (Kind::Number, "value", "１，２３４", json!(1234)),
            (Kind::Number, "value", "▲3", json!(-3)),
            (Kind::Number, "rate", "95.7％", json!(95.7)),
            (Kind::Count, "ordinal", "１", json!(1)),
            (Kind::Period, "period", "令和元年度", json!("2019")),
            (Kind::Period, "period", "R6", json!("2024")),
            (Kind::Date, "measured_on", "令和3年3月31日", json!("2021-03-31")),
            (Kind::Date, "measured_on", "いつか", json!("いつか")),
            (Kind::Level, "level", "B 一部着手", json!("B")),
            (Kind::Level, "level", "C（定義なし）", json!("C")),
            (Kind::Level, "level", "２", json!("2")),
            (Kind::Truth, "estimate", "○", json!(true)),
            (Kind::Word, "missing_reason", "把握していない", json!("not_measured")),
            (Kind::Code, "program", " ２１", json!("21")),
            (Kind::Text, "note", " そのまま１ ", json!(" そのまま１ ")),
        ] {
            assert_eq!(text(kind, field, given, true), Ok(expected), "{given}");
        }
        assert!(text(Kind::Number, "value", "450人", true).unwrap_err().contains("value=450 unit=人"));
    }

    #[test]
    fn elsewhere_contents_are_canonical_or_refused_with_how_to_write_them() {
        for (kind, field, given, expected) in [
            (Kind::Number, "value", "-12.50", json!(-12.5)),
            (Kind::Count, "ordinal", "12", json!(12)),
            (Kind::Period, "period", "令和6年度", json!("2024")),
            (Kind::Level, "level", "B 一部着手", json!("B 一部着手")),
            (Kind::Truth, "estimate", "TRUE", json!(true)),
            (Kind::Code, "program", "２１", json!("２１")),
        ] {
            assert_eq!(text(kind, field, given, false), Ok(expected), "{given}");
        }
        for (kind, field, given, told) in [
            (Kind::Number, "value", "450人（100％）", "value=450 unit=人、次の行に role=paired rate=100 unit=％"),
            (Kind::Number, "value", "3件（延べ200日）", "role=paired value=200 unit=日 count_basis=cumulative"),
            (Kind::Number, "value", "6社以上", "value=6 unit=社 comparator=ge"),
            (Kind::Number, "value", "５", "value=5"),
            (Kind::Number, "value", "1,234", "value=1234"),
            (Kind::Number, "value", "▲3", "value=-3"),
            (Kind::Number, "value", "―", "missing_reason=not_applicable"),
            (Kind::Number, "value", "全園実施", "半角の数字だけ"),
            (Kind::Number, "value", "各校1回", "半角の数字だけ"),
            (Kind::Number, "value", "0.1234567", "小数は6桁まで"),
            (Kind::Count, "ordinal", "1.5", "番号ではありません"),
            (Kind::Count, "ordinal", "01", "番号ではありません"),
            (Kind::Word, "count_basis", "延べ", "cumulative、actual、unstated"),
            (Kind::Truth, "estimate", "○", "true、false"),
            (Kind::Period, "period", "2023-10", "201710"),
        ] {
            let wrong = text(kind, field, given, false).unwrap_err();
            assert!(wrong.contains(told) || (kind == Kind::Period && wrong.contains("202310")), "{given}: {wrong}");
        }
    }

    #[test]
    fn cells_of_a_workbook() {
        let read = |kind, field, cell: &Cell| super::read(kind, field, cell, false).map_err(|wrong| wrong.code.id());
        assert_eq!(read(Kind::Number, "value", &number("0.30000000000000004", false)), Ok(json!(0.3)));
        assert_eq!(read(Kind::Number, "value", &number("95.700000000000003", false)), Ok(json!(95.7)));
        assert_eq!(read(Kind::Number, "rate", &number("0.957", true)), Ok(json!(95.7)));
        assert_eq!(read(Kind::Number, "value", &number("0.957", true)), Err("import.not_canonical"));
        assert_eq!(read(Kind::Number, "value", &number("1e300", false)), Err("number.digits"));
        assert_eq!(read(Kind::Number, "value", &number("0.1234567", false)), Err("number.digits"));
        assert_eq!(read(Kind::Code, "program", &number("21", false)), Ok(json!("21")));
        assert_eq!(read(Kind::Text, "note", &number("0.5", true)), Ok(json!("50%")));
        let day = Cell::Date("2021-03-31".into());
        assert_eq!(read(Kind::Date, "measured_on", &day), Ok(json!("2021-03-31")));
        for kind in [Kind::Text, Kind::Code, Kind::Number, Kind::Period, Kind::Level] {
            assert_eq!(read(kind, "x", &day), Err("import.date_cell"), "{kind:?}");
        }
        assert_eq!(read(Kind::Date, "measured_on", &Cell::Date("2021-03-31T10:00:00".into())), Err("import.date_cell"));
        assert_eq!(read(Kind::Text, "note", &Cell::Broken("#REF!".into())), Err("import.broken_cell"));
        assert_eq!(read(Kind::Truth, "estimate", &Cell::Truth(true)), Ok(json!(true)));
    }
}
