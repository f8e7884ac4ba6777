//! Periods of a query: a list and ranges.

use super::{MOST_IN_A_FILTER, Period, PeriodError};
use crate::domain::input::{half_width, quoted};

impl Period {
    /// Reads `2020..2024,2023-H1,R6`: periods and ranges of fiscal years (both ends included), separated by commas.
    /// The answer is sorted and names each period once.
    pub fn parse_filter(given: &str) -> Result<Vec<Self>, PeriodError> {
        let mut periods = Vec::new();
        for item in given.split([',', '，']) {
            let folded: String = item.chars().map(half_width).collect();
            match folded.split_once("..") {
                Some((from, to)) => {
                    let (from, to) = (end(item, from)?, end(item, to)?);
                    if from > to {
                        return Err(PeriodError::RangeReversed { given: quoted(item), from, to });
                    }
                    periods.extend((from..=to).map(Self::FiscalYear));
                }
                None => periods.push(Self::parse(item)?),
            }
            if periods.len() > MOST_IN_A_FILTER {
                return Err(PeriodError::TooMany);
            }
        }
        periods.sort_unstable();
        periods.dedup();
        Ok(periods)
    }
}

/// One end of a range: a fiscal year, in any form.
fn end(range: &str, given: &str) -> Result<i16, PeriodError> {
    match Period::parse(given) {
        Ok(Period::FiscalYear(year)) => Ok(year),
        Err(error @ PeriodError::OutOfRange { .. }) => Err(error),
        _ => Err(PeriodError::RangeEnds { given: quoted(range) }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::period::FISCAL_YEARS;

    fn codes(given: &str) -> String {
        let periods = Period::parse_filter(given).unwrap_or_else(|error| panic!("{given}: {error}"));
        periods.iter().map(Period::code).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists_and_ranges_are_sorted_and_name_each_period_once() {
        for (given, expected) in [
            ("2024", "2024"),
            ("2020..2024", "2020 2021 2022 2023 2024"),
            ("R2..令和4年度", "2020 2021 2022"),
            ("２０２０．．２０２１", "2020 2021"),
            ("2020..2020", "2020"),
            ("202310,2023-H1,2014-,baseline,R5", "baseline 2014- 2023 2023-H1 202310"),
            ("2022..2024, 2021..2023，2022", "2021 2022 2023 2024"),
        ] {
            assert_eq!(codes(given), expected, "{given}");
        }
    }

    #[test]
    fn refused_lists() {
        let error = |given: &str| Period::parse_filter(given).unwrap_err();
        for given in ["", ",", "2024,", ",2024", "2024,,2023", "2023-10", "2024,x"] {
            assert!(matches!(error(given), PeriodError::Unknown { .. }), "{given}");
        }
        for given in ["2020..", "..2024", "..", "2020..2021..2022", "2020...2022", "201704..201706", "2014-..2020"] {
            assert!(matches!(error(given), PeriodError::RangeEnds { .. }), "{given}");
        }
        assert_eq!(
            error("2024..2020"),
            PeriodError::RangeReversed { given: "2024..2020".into(), from: 2024, to: 2020 }
        );
        assert!(matches!(error("1980..2020"), PeriodError::OutOfRange { fiscal_year: 1980, .. }));
        assert!(matches!(error("2020-2024"), PeriodError::NotSingle { .. }));
    }

    #[test]
    fn as_many_as_there_are_fiscal_years() {
        assert_eq!(FISCAL_YEARS.count(), MOST_IN_A_FILTER);
        assert_eq!(Period::parse_filter("1990..2060").map(|periods| periods.len()), Ok(MOST_IN_A_FILTER));
        assert_eq!(Period::parse_filter("1990..2060,baseline"), Err(PeriodError::TooMany));
        assert_eq!(Period::parse_filter(&"2020,".repeat(100_000)), Err(PeriodError::TooMany));
    }

    proptest! {
        #[test]
        fn a_range_is_the_years_from_one_end_to_the_other(a in 1990_i16..=2060, b in 1990_i16..=2060) {
            let years = Period::parse_filter(&format!("{a}..{b}"));
            if a <= b {
                prop_assert_eq!(years, Ok((a..=b).map(Period::FiscalYear).collect::<Vec<_>>()));
            } else {
                let is_reversed = matches!(years, Err(PeriodError::RangeReversed { .. }));
                prop_assert!(is_reversed);
            }
        }
    }
}
