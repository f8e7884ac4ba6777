//! The periods that targets and results belong to, and how they are written.
//!
//! | written | is |
//! |---|---|
//! | `baseline` | 現状: the state when the plan was made, without a date |
//! | `2024` | the fiscal year, April 2024 to March 2025 |
//! | `2023-H1`, `2023-Q1` | a half or a quarter of the fiscal year |
//! | `201710` | the calendar month (never `2017-10`: Excel makes a date of it) |
//! | `2014-` | the fiscal year and all later ones |

use std::cmp::Ordering;
use std::fmt;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

mod error;
mod filter;
mod label;
mod parse;
mod year;

pub use error::{Part, PeriodError};
pub(in crate::domain) use year::Year;

/// The fiscal years the service knows; every period lies in one of them.
pub const FISCAL_YEARS: RangeInclusive<i16> = 1990..=2060;

/// One query names at most so many periods: as many as there are fiscal years.
pub const MOST_IN_A_FILTER: usize = 71;

/// A period in which something is planned or reported. Years are fiscal years except a month's.
/// The parser makes only periods within [`FISCAL_YEARS`], with the numbers named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// 現状: when the plan was made. Has no date.
    Baseline,
    FiscalYear(i16),
    /// Fiscal year and half: 1 is April–September, 2 October–March.
    Half(i16, u8),
    /// Fiscal year and quarter, 1–4: the first is April–June.
    Quarter(i16, u8),
    /// Calendar year and month, 1–12.
    Month {
        year: i16,
        month: u8,
    },
    /// From this fiscal year on (年度以降), without an end.
    From(i16),
}

impl Period {
    /// The canonical form, as in paths and answers.
    pub fn code(&self) -> String {
        self.to_string()
    }

    /// The fiscal year it lies in; the first one if it is open-ended, none for the baseline.
    pub fn fiscal_year(&self) -> Option<i16> {
        match *self {
            Self::Baseline => None,
            Self::FiscalYear(year) | Self::From(year) => Some(year),
            Self::Half(year, _) | Self::Quarter(year, _) => Some(year),
            Self::Month { year, month } => Some(if month < 4 { year - 1 } else { year }),
        }
    }

    /// First day; none for the baseline.
    pub fn start(&self) -> Option<NaiveDate> {
        first_day(self.first_month()?)
    }

    /// Last day; none for the baseline and if open-ended.
    pub fn end(&self) -> Option<NaiveDate> {
        let months = match self {
            Self::Baseline | Self::From(_) => return None,
            Self::FiscalYear(_) => 12,
            Self::Half(..) => 6,
            Self::Quarter(..) => 3,
            Self::Month { .. } => 1,
        };
        first_day(self.first_month()? + months)?.pred_opt()
    }

    /// Whether a result can be due: not for the baseline, nor open-ended. Those never enter a sum either.
    pub fn expects_result(&self) -> bool {
        !matches!(self, Self::Baseline | Self::From(_))
    }

    /// Is the fiscal year, or a half, quarter or month of it.
    pub fn within(&self, fiscal_year: i16) -> bool {
        self.expects_result() && self.fiscal_year() == Some(fiscal_year)
    }

    /// Everything [`within`](Self::within) a fiscal year: itself, its halves, quarters and months from April to March.
    /// Nothing for a year outside [`FISCAL_YEARS`].
    pub fn parts_of(fiscal_year: i16) -> impl Iterator<Item = Self> {
        let year = FISCAL_YEARS.contains(&fiscal_year).then_some(fiscal_year);
        year.into_iter().flat_map(|year| {
            let month_of = move |year, months: RangeInclusive<u8>| months.map(move |month| Self::Month { year, month });
            std::iter::once(Self::FiscalYear(year))
                .chain((1..=2).map(move |half| Self::Half(year, half)))
                .chain((1..=4).map(move |quarter| Self::Quarter(year, quarter)))
                .chain(month_of(year, 4..=12))
                .chain(month_of(year + 1, 1..=3))
        })
    }

    /// The period of the same kind one year earlier; none for those without a date or an end, and before the first
    /// fiscal year the service knows.
    pub fn year_before(&self) -> Option<Self> {
        self.shifted(-1)
    }

    /// As [`year_before`](Self::year_before), one year later.
    pub fn year_after(&self) -> Option<Self> {
        self.shifted(1)
    }

    fn shifted(&self, years: i16) -> Option<Self> {
        let there = match *self {
            Self::Baseline | Self::From(_) => return None,
            Self::FiscalYear(year) => Self::FiscalYear(year + years),
            Self::Half(year, half) => Self::Half(year + years, half),
            Self::Quarter(year, quarter) => Self::Quarter(year + years, quarter),
            Self::Month { year, month } => Self::Month { year: year + years, month },
        };
        there.fiscal_year().is_some_and(|year| FISCAL_YEARS.contains(&year)).then_some(there)
    }

    /// Its first month, counted from January of year 0.
    fn first_month(&self) -> Option<i32> {
        let april = |year: i16| i32::from(year) * 12 + 3;
        match *self {
            Self::Baseline => None,
            Self::FiscalYear(year) | Self::From(year) => Some(april(year)),
            Self::Half(year, half) => Some(april(year) + (i32::from(half) - 1) * 6),
            Self::Quarter(year, quarter) => Some(april(year) + (i32::from(quarter) - 1) * 3),
            Self::Month { year, month } => Some(i32::from(year) * 12 + i32::from(month) - 1),
        }
    }
}

fn first_day(month: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(month.div_euclid(12), u32::try_from(month.rem_euclid(12)).ok()? + 1, 1)
}

impl Ord for Period {
    /// The baseline first, then by first day; of one day the year, the open-ended, the half, the quarter, the month.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |period: &Self| match *period {
            Self::Baseline => (None, 0, 0),
            Self::FiscalYear(year) => (period.first_month(), 0, year),
            Self::From(year) => (period.first_month(), 1, year),
            Self::Half(year, _) => (period.first_month(), 2, year),
            Self::Quarter(year, _) => (period.first_month(), 3, year),
            Self::Month { year, .. } => (period.first_month(), 4, year),
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Baseline => f.write_str("baseline"),
            Self::FiscalYear(year) => write!(f, "{year:04}"),
            Self::Half(year, half) => write!(f, "{year:04}-H{half}"),
            Self::Quarter(year, quarter) => write!(f, "{year:04}-Q{quarter}"),
            Self::Month { year, month } => write!(f, "{year:04}{month:02}"),
            Self::From(year) => write!(f, "{year:04}-"),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    /// As a body is read: the canonical form or a Japanese one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        Self::parse(&given).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Every period there is, in order: 1 + 71 × 20.
    pub(super) fn all() -> Vec<Period> {
        let of_year = |year| Period::parts_of(year).chain([Period::From(year)]);
        let mut periods: Vec<Period> = FISCAL_YEARS.flat_map(of_year).chain([Period::Baseline]).collect();
        periods.sort();
        assert_eq!(periods.len(), 1 + 71 * 20);
        periods
    }

    fn period(code: &str) -> Period {
        Period::parse_canonical(code).unwrap()
    }

    #[test]
    fn days_of_each_kind() {
        for (code, start, end) in [
            ("2023", "2023-04-01", "2024-03-31"),
            ("2023-H1", "2023-04-01", "2023-09-30"),
            ("2023-H2", "2023-10-01", "2024-03-31"),
            ("2023-Q1", "2023-04-01", "2023-06-30"),
            ("2023-Q2", "2023-07-01", "2023-09-30"),
            ("2023-Q3", "2023-10-01", "2023-12-31"),
            ("2023-Q4", "2024-01-01", "2024-03-31"),
            ("202312", "2023-12-01", "2023-12-31"),
            ("202402", "2024-02-01", "2024-02-29"),
        ] {
            let days = (period(code).start().unwrap(), period(code).end().unwrap());
            assert_eq!((days.0.to_string(), days.1.to_string()), (start.into(), end.into()), "{code}");
        }
        assert_eq!(period("2014-").start(), NaiveDate::from_ymd_opt(2014, 4, 1));
        assert_eq!((period("2014-").end(), period("baseline").start(), period("baseline").end()), (None, None, None));
    }

    #[test]
    fn the_fiscal_year_runs_from_april_to_march() {
        for (code, year) in [("201703", 2016), ("201704", 2017), ("201712", 2017), ("201801", 2017), ("2014-", 2014)] {
            assert_eq!(period(code).fiscal_year(), Some(year), "{code}");
        }
        assert_eq!(Period::Baseline.fiscal_year(), None);
    }

    #[test]
    fn a_year_has_nineteen_parts_and_nothing_else_is_within_it() {
        let codes: Vec<String> = Period::parts_of(2023).map(|part| part.code()).collect();
        assert_eq!(
            codes.join(" "),
            "2023 2023-H1 2023-H2 2023-Q1 2023-Q2 2023-Q3 2023-Q4 202304 202305 202306 202307 202308 202309 \
             202310 202311 202312 202401 202402 202403"
        );
        for year in FISCAL_YEARS {
            let parts: BTreeSet<Period> = Period::parts_of(year).collect();
            let within: BTreeSet<Period> = all().into_iter().filter(|period| period.within(year)).collect();
            assert_eq!(parts, within);
            let whole = Period::FiscalYear(year);
            assert!(parts.iter().all(|part| part.start() >= whole.start() && part.end() <= whole.end()));
        }
        assert_eq!(Period::parts_of(1989).count() + Period::parts_of(2061).count(), 0);
    }

    #[test]
    fn only_dated_and_closed_periods_expect_a_result() {
        for period in all() {
            let closed = period.start().is_some() && period.end().is_some();
            assert_eq!(period.expects_result(), closed, "{period}");
        }
    }

    #[test]
    fn the_year_before_is_of_the_same_kind() {
        for (code, before) in [
            ("2024", "2023"),
            ("2024-H1", "2023-H1"),
            ("2024-Q4", "2023-Q4"),
            ("202410", "202310"),
            ("202403", "202303"),
            ("1991", "1990"),
            ("199104", "199004"),
        ] {
            assert_eq!(period(code).year_before(), Some(period(before)), "{code}");
        }
        for code in ["baseline", "2024-", "1990", "1990-H2", "199103"] {
            assert_eq!(period(code).year_before(), None, "{code}");
        }
        for later in all() {
            if let Some(before) = later.year_before() {
                assert_eq!(before.fiscal_year().map(|year| year + 1), later.fiscal_year());
                assert_eq!(Period::parse_canonical(&before.code()), Ok(before));
                assert_eq!(before.year_after(), Some(later));
            }
        }
    }

    #[test]
    fn they_sort_by_first_day_and_the_longer_first() {
        let order = "baseline 2013 201403 2014 2014- 2014-H1 2014-Q1 201404 201405 2014-Q2 201407 2014-H2 2014-Q3 \
                     201410 2014-Q4 201501 2015";
        let mut periods: Vec<Period> = order.split_whitespace().map(period).collect();
        periods.reverse();
        periods.sort();
        let sorted: Vec<String> = periods.iter().map(Period::code).collect();
        assert_eq!(sorted.join(" "), order);
    }

    #[test]
    fn the_order_is_total_and_follows_the_days() {
        for pair in all().windows(2) {
            assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
            assert!(pair[0].start() <= pair[1].start());
            // Of the same first day, the longer period stands first; an open end stands behind the year.
            if pair[0].start() == pair[1].start() && pair.iter().all(Period::expects_result) {
                assert!(pair[0].end() > pair[1].end(), "{} before {}", pair[0], pair[1]);
            }
        }
        // Also for numbers no parser makes: equal only if the same.
        let odd: Vec<Period> = (2019..=2021)
            .flat_map(|year| {
                (0..=14).flat_map(move |n| {
                    [Period::Half(year, n), Period::Quarter(year, n), Period::Month { year, month: n }]
                })
            })
            .collect();
        for a in &odd {
            for b in &odd {
                assert_eq!(a.cmp(b) == Ordering::Equal, a == b);
                assert_eq!(a.cmp(b), b.cmp(a).reverse());
            }
        }
    }

    #[test]
    fn every_period_is_written_and_read_back() {
        let mut codes = BTreeSet::new();
        for period in all() {
            let code = period.code();
            assert_eq!(Period::parse_canonical(&code), Ok(period));
            assert_eq!(Period::parse(&period.label_ja()), Ok(period), "{code}");
            let json = serde_json::to_string(&period).unwrap();
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<Period>(&json).unwrap(), period);
            assert!(codes.insert(code));
        }
    }

    #[test]
    fn json_takes_japanese_forms_and_no_numbers() {
        let read = serde_json::from_str::<Period>;
        assert_eq!(read("\"令和6年度\"").unwrap(), Period::FiscalYear(2024));
        assert!(read("2024").is_err());
        assert!(read("\"2023-10\"").unwrap_err().to_string().starts_with("「2023-10」は期間として読めません"));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused_with_a_text(
            given in "\\PC{0,45}|[0-9０-９ーHQRS年度月半期上下第四以降元令和平成昭.～ -]{0,14}|(令和|平成|R|H|20)[0-9元]{1,2}(年度?)?[^a-z]{0,6}"
        ) {
            match Period::parse(&given) {
                Ok(period) => {
                    prop_assert_eq!(Period::parse_canonical(&period.code()), Ok(period));
                    prop_assert!(period.fiscal_year().is_none_or(|year| FISCAL_YEARS.contains(&year)));
                }
                Err(error) => {
                    prop_assert!(error.ja().contains('。') && error.en().ends_with('.'));
                    if let PeriodError::Unknown { readings, .. } | PeriodError::BeforeEra { readings, .. } = error {
                        for period in readings {
                            prop_assert_eq!(Period::parse_canonical(&period.code()), Ok(period));
                        }
                    }
                }
            }
            let _ = (Period::parse_canonical(&given), Period::parse_filter(&given));
        }

        #[test]
        fn sorting_is_transitive(a in select(all()), b in select(all()), c in select(all())) {
            let mut sorted = [c, a, b];
            sorted.sort();
            prop_assert!(sorted[0] <= sorted[1] && sorted[1] <= sorted[2] && sorted[0] <= sorted[2]);
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        }
    }
}
