//! Why a text is not a period, and what the sender is told.

use std::fmt;

use super::{FISCAL_YEARS, MOST_IN_A_FILTER, Period};
use crate::domain::input::quoted;

/// A kind of part of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Half,
    Quarter,
    Month,
}

/// Why a text is not a period or a list of them. `given` is what came, shortened for quoting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeriodError {
    /// Not readable; `readings` are what may have been meant.
    Unknown { given: String, readings: Vec<Period> },
    /// A third half, a fifth quarter, a thirteenth month of a year.
    NoSuchPart { given: String, year: i16, part: Part },
    /// Readable, but its fiscal year is not one of [`FISCAL_YEARS`].
    OutOfRange { given: String, fiscal_year: i16 },
    /// 令和元年3月: the era had not begun; `readings` are that month and the fiscal year's.
    BeforeEra { given: String, readings: Vec<Period> },
    /// Readable, but a path takes the canonical form only.
    NotCanonical { given: String, canonical: Period },
    /// Two fiscal years, in order, where one period is read.
    NotSingle { given: String, from: i16, to: i16 },
    /// A range whose ends are not both fiscal years.
    RangeEnds { given: String },
    /// A range that ends before it begins.
    RangeReversed { given: String, from: i16, to: i16 },
    /// More periods in one query than there are fiscal years.
    TooMany,
}

impl PeriodError {
    /// Keeps those readings that are periods: the reader need not sort out a month 0.
    pub(super) fn unknown<const N: usize>(given: &str, readings: [Period; N]) -> Self {
        let readings = readings.into_iter().filter(is_period).collect();
        Self::Unknown { given: quoted(given), readings }
    }

    pub(super) fn no_such_part(given: &str, year: i16, part: Part) -> Self {
        if FISCAL_YEARS.contains(&year) {
            Self::NoSuchPart { given: quoted(given), year, part }
        } else {
            Self::unknown(given, [])
        }
    }

    pub(super) fn not_single(given: &str, one: i16, other: i16) -> Self {
        let (from, to) = (one.min(other), one.max(other));
        if FISCAL_YEARS.contains(&from) && FISCAL_YEARS.contains(&to) {
            Self::NotSingle { given: quoted(given), from, to }
        } else {
            Self::unknown(given, [])
        }
    }

    pub fn ja(&self) -> String {
        match self {
            Self::Unknown { given, readings } => {
                let what = match given.as_str() {
                    "" => "期間が空です".to_owned(),
                    given => format!("「{given}」は期間として読めません"),
                };
                format!("{what}。{}と書いてください", choices_ja(readings))
            }
            Self::NoSuchPart { given, year, part } => {
                let which = match part {
                    Part::Half => format!("半期は {year}-H1（上半期）か {year}-H2（下半期）です"),
                    Part::Quarter => format!("四半期は {year}-Q1〜{year}-Q4 です"),
                    Part::Month => format!("月は {year}01〜{year}12 です"),
                };
                format!("「{given}」という期間はありません。{which}")
            }
            Self::OutOfRange { given, fiscal_year } => {
                let (first, last) = (FISCAL_YEARS.start(), FISCAL_YEARS.end());
                format!(
                    "「{given}」は{fiscal_year}年度に当たり、扱える年度（{first}〜{last}）の外です。\
                     年度を確かめてください"
                )
            }
            Self::BeforeEra { given, readings } => {
                format!("「{given}」は改元の前です。{}と書いてください", choices_ja(readings))
            }
            Self::NotCanonical { given, canonical } => {
                format!("「{given}」はパスでは使えません。{canonical} と書いてください")
            }
            Self::NotSingle { given, from, to } => format!(
                "「{given}」は一つの期間ではありません。\
                 一つなら {from} か {to}、検索条件の範囲なら {from}..{to} と書いてください"
            ),
            Self::RangeEnds { given } => {
                format!("「{given}」は範囲として読めません。範囲は年度どうしを 2020..2024 のように書いてください")
            }
            Self::RangeReversed { given, from, to } => {
                format!("「{given}」は始まりが終わりより後です。{to}..{from} と書いてください")
            }
            Self::TooMany => format!(
                "一度に指定できる期間は{}個までです。範囲を狭めるか、分けて問い合わせてください",
                MOST_IN_A_FILTER
            ),
        }
    }

    pub fn en(&self) -> String {
        match self {
            Self::Unknown { given, readings } => {
                let what = match given.as_str() {
                    "" => "The period is empty".to_owned(),
                    given => format!("\"{given}\" is not a period"),
                };
                format!("{what}. Write {}.", choices_en(readings))
            }
            Self::NoSuchPart { given, year, part } => {
                let which = match part {
                    Part::Half => format!("halves of {year} are {year}-H1 and {year}-H2"),
                    Part::Quarter => format!("quarters of {year} are {year}-Q1 to {year}-Q4"),
                    Part::Month => format!("months of {year} are {year}01 to {year}12"),
                };
                format!("There is no period \"{given}\": the {which}.")
            }
            Self::OutOfRange { given, fiscal_year } => {
                let (first, last) = (FISCAL_YEARS.start(), FISCAL_YEARS.end());
                format!("\"{given}\" is in fiscal year {fiscal_year}, outside {first} to {last}. Check the year.")
            }
            Self::BeforeEra { given, readings } => {
                format!("\"{given}\" is before the era began. Write {}.", choices_en(readings))
            }
            Self::NotCanonical { given, canonical } => {
                format!("\"{given}\" cannot be used in a path. Write {canonical}.")
            }
            Self::NotSingle { given, from, to } => format!(
                "\"{given}\" is not one period. \
                 Write {from} or {to} for one, {from}..{to} for a range in a query."
            ),
            Self::RangeEnds { given } => {
                format!("\"{given}\" is not a range. Write two fiscal years, such as 2020..2024.")
            }
            Self::RangeReversed { given, from, to } => {
                format!("\"{given}\" ends before it begins. Write {to}..{from}.")
            }
            Self::TooMany => {
                format!("A query names at most {} periods. Narrow the range or ask in parts.", MOST_IN_A_FILTER)
            }
        }
    }
}

/// Could have come from the parser.
fn is_period(period: &Period) -> bool {
    period.fiscal_year().is_none_or(|year| FISCAL_YEARS.contains(&year))
        && match *period {
            Period::Half(_, half) => (1..=2).contains(&half),
            Period::Quarter(_, quarter) => (1..=4).contains(&quarter),
            Period::Month { month, .. } => (1..=12).contains(&month),
            Period::Baseline | Period::FiscalYear(_) | Period::From(_) => true,
        }
}

/// One of each kind, for a text that gives no hint what was meant.
const EXAMPLES: [Period; 6] = [
    Period::FiscalYear(2023),
    Period::Half(2023, 1),
    Period::Quarter(2023, 1),
    Period::Month { year: 2023, month: 10 },
    Period::From(2023),
    Period::Baseline,
];

/// The codes by kind; examples if there are none.
fn choices(readings: &[Period]) -> Vec<(Kind, Vec<String>)> {
    let readings = if readings.is_empty() { &EXAMPLES } else { readings };
    let mut choices: Vec<(Kind, Vec<String>)> = Vec::new();
    for reading in readings {
        match choices.last_mut() {
            Some((same, codes)) if *same == kind(reading) => codes.push(reading.code()),
            _ => choices.push((kind(reading), vec![reading.code()])),
        }
    }
    choices
}

/// 月なら 202310、年度なら 2023 (with a blank behind the last code).
fn choices_ja(readings: &[Period]) -> String {
    let choices = choices(readings).into_iter();
    let texts: Vec<String> = choices.map(|(kind, codes)| format!("{}なら {}", kind.ja, codes.join(" か "))).collect();
    format!("{} ", texts.join("、"))
}

/// 202310 for the month or 2023 for the fiscal year.
fn choices_en(readings: &[Period]) -> String {
    let choices = choices(readings).into_iter();
    let texts: Vec<String> = choices.map(|(kind, codes)| format!("{} for {}", codes.join(" or "), kind.en)).collect();
    texts.join(", ")
}

/// What a reading is called in a sentence.
#[derive(PartialEq, Eq)]
struct Kind {
    ja: &'static str,
    en: &'static str,
}

fn kind(period: &Period) -> Kind {
    let (ja, en) = match period {
        Period::Baseline => ("現状", "the baseline"),
        Period::FiscalYear(_) => ("年度", "the fiscal year"),
        Period::Half(..) => ("半期", "the half"),
        Period::Quarter(..) => ("四半期", "the quarter"),
        Period::Month { .. } => ("月", "the month"),
        Period::From(_) => ("以降", "the year and all later ones"),
    };
    Kind { ja, en }
}

impl fmt::Display for PeriodError {
    /// The Japanese text: the API's default language.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ja())
    }
}

impl std::error::Error for PeriodError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(given: &str) -> (String, String) {
        let error = Period::parse_canonical(given).and(Period::parse_filter(given)).unwrap_err();
        (error.ja(), error.en())
    }

    #[test]
    fn the_texts_say_what_and_what_next() {
        for (given, ja, en) in [
            (
                "2023-10",
                "「2023-10」は期間として読めません。月なら 202310、年度なら 2023 と書いてください",
                "\"2023-10\" is not a period. Write 202310 for the month, 2023 for the fiscal year.",
            ),
            (
                "平成",
                "「平成」は期間として読めません。年度なら 2023、半期なら 2023-H1、四半期なら 2023-Q1、\
                 月なら 202310、以降なら 2023-、現状なら baseline と書いてください",
                "\"平成\" is not a period. Write 2023 for the fiscal year, 2023-H1 for the half, 2023-Q1 for \
                 the quarter, 202310 for the month, 2023- for the year and all later ones, baseline for the baseline.",
            ),
            (
                "2024-H3",
                "「2024-H3」という期間はありません。半期は 2024-H1（上半期）か 2024-H2（下半期）です",
                "There is no period \"2024-H3\": the halves of 2024 are 2024-H1 and 2024-H2.",
            ),
            (
                "2024-Q5",
                "「2024-Q5」という期間はありません。四半期は 2024-Q1〜2024-Q4 です",
                "There is no period \"2024-Q5\": the quarters of 2024 are 2024-Q1 to 2024-Q4.",
            ),
            (
                "201713",
                "「201713」という期間はありません。月は 201701〜201712 です",
                "There is no period \"201713\": the months of 2017 are 201701 to 201712.",
            ),
            (
                "S63",
                "「S63」は1988年度に当たり、扱える年度（1990〜2060）の外です。年度を確かめてください",
                "\"S63\" is in fiscal year 1988, outside 1990 to 2060. Check the year.",
            ),
            (
                "令和元年3月",
                "「令和元年3月」は改元の前です。月なら 201903 か 202003 と書いてください",
                "\"令和元年3月\" is before the era began. Write 201903 or 202003 for the month.",
            ),
            ("R6", "「R6」はパスでは使えません。2024 と書いてください", "\"R6\" cannot be used in a path. Write 2024."),
            (
                "2020-2024",
                "「2020-2024」は一つの期間ではありません。\
                 一つなら 2020 か 2024、検索条件の範囲なら 2020..2024 と書いてください",
                "\"2020-2024\" is not one period. Write 2020 or 2024 for one, 2020..2024 for a range in a query.",
            ),
        ] {
            assert_eq!(texts(given), (ja.to_owned(), en.to_owned()));
        }
        assert!(texts("").0.starts_with("期間が空です。年度なら 2023、"));
        assert!(texts("").1.starts_with("The period is empty. Write 2023 for"));
    }

    #[test]
    fn the_texts_of_lists() {
        let texts = |given: &str| {
            let error = Period::parse_filter(given).unwrap_err();
            (error.ja(), error.en())
        };
        let (ja, en) = texts("2024..2020");
        assert_eq!(ja, "「2024..2020」は始まりが終わりより後です。2020..2024 と書いてください");
        assert_eq!(en, "\"2024..2020\" ends before it begins. Write 2020..2024.");
        let (ja, en) = texts("2020..");
        assert_eq!(ja, "「2020..」は範囲として読めません。範囲は年度どうしを 2020..2024 のように書いてください");
        assert_eq!(en, "\"2020..\" is not a range. Write two fiscal years, such as 2020..2024.");
        let (ja, en) = texts("1990..2060,2014-");
        assert_eq!(ja, "一度に指定できる期間は71個までです。範囲を狭めるか、分けて問い合わせてください");
        assert_eq!(en, "A query names at most 71 periods. Narrow the range or ask in parts.");
    }

    #[test]
    fn a_long_input_is_not_echoed_whole() {
        let (ja, en) = texts(&"年".repeat(100_000));
        assert!(ja.contains("年…」") && ja.chars().count() < 200 && en.chars().count() < 300);
    }
}
