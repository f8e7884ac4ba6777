//! Reading a period: as the service writes it, and as Japanese documents do.

use super::year::{Year, number};
use super::{FISCAL_YEARS, Part, Period, PeriodError};
use crate::domain::input::{half_width, quoted};

impl Period {
    /// Reads a period of a query, a body or an import: the canonical form, or a Japanese one with the year in the era
    /// or Gregorian (令和6年度, R6, 平成36年度, 2024年度, 令和5年度上半期, R5第1四半期, 平成29年10月, 平成26年度以降,
    /// 現状), in half or full width, blanks ignored. 令和6年 without 度 or month is the fiscal year.
    pub fn parse(given: &str) -> Result<Self, PeriodError> {
        let text = simplified(given);
        if matches!(text.as_str(), "BASELINE" | "現状" | "現状(計画策定時)") {
            return Ok(Self::Baseline);
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return digits(given, &text);
        }
        let Some((year, rest)) = Year::strip(&text) else {
            return Err(PeriodError::unknown(given, []));
        };
        if let Some(to) = end_of_range(rest) {
            return Err(PeriodError::not_single(given, year.gregorian, to));
        }
        let tail = Tail { given, year, rest };
        tail.coded().unwrap_or_else(|| tail.written_out())
    }

    /// Reads a period of a path: the canonical form only. Another readable form is refused with the canonical one.
    pub fn parse_canonical(given: &str) -> Result<Self, PeriodError> {
        let period = Self::parse(given)?;
        if period.code() == given {
            Ok(period)
        } else {
            Err(PeriodError::NotCanonical { given: quoted(given), canonical: period })
        }
    }
}

/// Half width, capitals, no blanks except between two digits: `20 24` is not 2024.
fn simplified(given: &str) -> String {
    let mut text = String::new();
    let mut blank = false;
    for c in given.chars().map(half_width) {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if blank && c.is_ascii_digit() && text.ends_with(|last: char| last.is_ascii_digit()) {
            text.push(' ');
        }
        blank = false;
        text.push(c.to_ascii_uppercase());
    }
    text
}

fn is_month(month: u8) -> bool {
    (1..=12).contains(&month)
}

/// The period, if its fiscal year is one the service knows.
fn bounded(given: &str, period: Period) -> Result<Period, PeriodError> {
    match period.fiscal_year() {
        Some(fiscal_year) if !FISCAL_YEARS.contains(&fiscal_year) => {
            Err(PeriodError::OutOfRange { given: quoted(given), fiscal_year })
        }
        _ => Ok(period),
    }
}

/// `2024`, `201710`; 5 and 8 digits are answered with what they may have been.
fn digits(given: &str, text: &str) -> Result<Period, PeriodError> {
    let unknown = || PeriodError::unknown(given, []);
    let (year, rest) = text.split_at_checked(4).ok_or_else(unknown)?;
    let year: i16 = year.parse().map_err(|_| unknown())?;
    match (rest.len(), number(rest)) {
        (0, _) => bounded(given, Period::FiscalYear(year)),
        (2, Some(month)) if is_month(month) => bounded(given, Period::Month { year, month }),
        (2, _) => Err(PeriodError::no_such_part(given, year, Part::Month)),
        (1, Some(month)) => {
            let year_too = Period::FiscalYear(year);
            Err(PeriodError::unknown(given, [Period::Month { year, month }, year_too]))
        }
        (4, _) => {
            let month = rest.get(..2).and_then(number).unwrap_or_default();
            Err(PeriodError::unknown(given, [Period::Month { year, month }]))
        }
        _ => Err(unknown()),
    }
}

/// The fiscal year behind a range sign and nothing else: `..2024`, `～令和6年度`.
fn end_of_range(rest: &str) -> Option<i16> {
    let rest = rest.strip_prefix("年度").or_else(|| rest.strip_prefix('年')).unwrap_or(rest);
    let to = ["..", "-", "~", "〜", "–", "から"].iter().find_map(|sign| rest.strip_prefix(sign))?;
    let (year, rest) = Year::strip(to)?;
    // -H1 is a half, not Heisei 1.
    (matches!(rest, "" | "年" | "年度") && !to.starts_with('H')).then_some(year.gregorian)
}

/// What stands behind the year.
struct Tail<'a> {
    given: &'a str,
    year: Year,
    rest: &'a str,
}

impl Tail<'_> {
    fn unknown<const N: usize>(&self, readings: [Period; N]) -> Result<Period, PeriodError> {
        Err(PeriodError::unknown(self.given, readings))
    }

    /// Behind a sign: `-`, `-H1`, `-Q1`, and what looks like one of them or like a date. `None` if there is no sign.
    fn coded(&self) -> Option<Result<Period, PeriodError>> {
        let year = self.year.gregorian;
        let behind = self.rest.strip_prefix(['-', '/', '.'])?;
        let period = match (self.rest, behind) {
            ("-", _) => Period::From(year),
            ("-H1", _) => Period::Half(year, 1),
            ("-H2", _) => Period::Half(year, 2),
            ("-Q1", _) => Period::Quarter(year, 1),
            ("-Q2", _) => Period::Quarter(year, 2),
            ("-Q3", _) => Period::Quarter(year, 3),
            ("-Q4", _) => Period::Quarter(year, 4),
            (_, part) if part.starts_with(['H', 'Q']) => {
                let kind = if part.starts_with('H') { Part::Half } else { Part::Quarter };
                return Some(Err(PeriodError::no_such_part(self.given, year, kind)));
            }
            (_, part) => return Some(self.like_a_date(part)),
        };
        // R5-H1 mixes two ways of writing.
        Some(if self.year.era.is_some() { self.unknown([period]) } else { bounded(self.given, period) })
    }

    /// `2023-10`, `2023/4/1`, `R5.4`: a month, by one digit also a quarter or half, or just the year.
    fn like_a_date(&self, part: &str) -> Result<Period, PeriodError> {
        let year = self.year.gregorian;
        let month = part.split(['-', '/', '.']).next().and_then(number).unwrap_or_default();
        let as_part = if part.len() == 1 { month } else { 0 };
        self.unknown([
            Period::Month { year, month },
            Period::Quarter(year, as_part),
            Period::Half(year, as_part),
            Period::FiscalYear(year),
        ])
    }

    /// 年度, 年度上半期, 年10月 and the like, or nothing.
    fn written_out(&self) -> Result<Period, PeriodError> {
        let year = self.year.gregorian;
        let (calendar, tail) = match (self.rest.strip_prefix("年度"), self.rest.strip_prefix('年')) {
            (Some(tail), _) => (false, tail),
            (None, Some(tail)) => (true, tail),
            (None, None) => (false, self.rest),
        };
        let quarter = tail.strip_prefix('第').and_then(|tail| tail.strip_suffix("四半期"));
        let period = match (tail, quarter.map(number)) {
            ("", _) => return bounded(self.given, Period::FiscalYear(year)),
            ("以降", _) => return bounded(self.given, Period::From(year)),
            ("上半期", _) => Period::Half(year, 1),
            ("下半期", _) => Period::Half(year, 2),
            (_, Some(Some(quarter @ 1..=4))) => Period::Quarter(year, quarter),
            (_, Some(_)) => return Err(PeriodError::no_such_part(self.given, year, Part::Quarter)),
            _ => return self.month(calendar, tail),
        };
        // 令和5年上半期 may be January to June.
        if calendar { self.unknown([period]) } else { bounded(self.given, period) }
    }

    /// 10月 behind 年; behind 年度 and with a day it is only suggested.
    fn month(&self, calendar: bool, tail: &str) -> Result<Period, PeriodError> {
        let year = self.year.gregorian;
        let Some((month, day)) = tail.split_once('月').and_then(|(m, day)| Some((number(m)?, day))) else {
            return self.unknown([]);
        };
        let of_calendar_year = Period::Month { year, month };
        // January to March of a fiscal year lie in the next calendar year.
        let of_fiscal_year = Period::Month { year: year + i16::from(month < 4), month };
        if !is_month(month) {
            return Err(PeriodError::no_such_part(self.given, year, Part::Month));
        }
        match (calendar, day) {
            (false, _) => return self.unknown([of_fiscal_year]),
            (true, "") => {}
            (true, _) => return self.unknown([of_calendar_year]),
        }
        let period = bounded(self.given, of_calendar_year)?;
        if self.year.era.is_some_and(|era| era.began_after(year, month)) {
            let mut readings = vec![period, of_fiscal_year];
            readings.dedup();
            return Err(PeriodError::BeforeEra { given: quoted(self.given), readings });
        }
        Ok(period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(given: &str) -> String {
        Period::parse(given).unwrap_or_else(|error| panic!("{given}: {error}")).code()
    }

    fn readings(given: &str) -> Vec<String> {
        match Period::parse(given) {
            Err(PeriodError::Unknown { readings, .. }) => readings.iter().map(Period::code).collect(),
            other => panic!("{given}: {other:?}"),
        }
    }

    #[test]
    fn japanese_forms() {
        for (forms, canonical) in [
            (
                "2024 2024年度 2024年 ２０２４ ２０２４年度 令和6年度 令和６年度 令和6年 令和06年度 R6 r6 R06 R6年度 Ｒ６ 平成36年度 H36 S99",
                "2024",
            ),
            ("2019 令和元年度 令和元年 令和1年度 R元 R1 平成31年度 H31 平成３１年度", "2019"),
            ("2018 平成30年度 H30 Ｈ３０年度", "2018"),
            ("1990 平成2年度 H2 昭和65年度", "1990"),
            ("2060 令和42年度 R42", "2060"),
            ("202310 令和5年10月 R5年10月 2023年10月 令和５年１０月 平成35年10月", "202310"),
            ("201904 平成31年4月 2019年04月", "201904"),
            ("201905 令和元年5月 平成31年5月", "201905"),
            ("2023-H1 2023-h1 令和5年度上半期 2023年度上半期 R5上半期 R5年度上半期 2023上半期", "2023-H1"),
            ("2023-H2 令和5年度下半期 令和５年度下半期 R5下半期", "2023-H2"),
            ("2023-Q1 令和5年度第1四半期 2023年度第１四半期 R5第1四半期", "2023-Q1"),
            ("2023-Q4 令和5年度第4四半期 ２０２３－Ｑ４", "2023-Q4"),
            ("2014- 2014年度以降 平成26年度以降 H26以降 平成２６年以降 ２０１４－", "2014-"),
            ("baseline Baseline 現状 現状（計画策定時） 現状(計画策定時)", "baseline"),
        ] {
            for form in forms.split(' ') {
                assert_eq!(code(form), canonical, "{form}");
            }
        }
    }

    #[test]
    fn blanks_are_ignored_except_between_digits() {
        for form in [" 令和6年度\n", "令和 6 年度", "令和　６年度", "\u{a0}R 6\t"] {
            assert_eq!(code(form), "2024", "{form:?}");
        }
        assert!(Period::parse("20 24").is_err());
        assert_eq!(code("平成 29年 10月"), "201710");
        assert_eq!(code(&format!("2024{}", " ".repeat(60))), "2024");
    }

    #[test]
    fn unreadable_forms_are_answered_with_what_may_be_meant() {
        for (given, expected) in [
            ("2023-10", "202310 2023"),
            ("2017-10", "201710 2017"),
            ("2023/10", "202310 2023"),
            ("2023-10-01", "202310 2023"),
            ("R5.4.1", "202304 2023"),
            ("2023-1", "202301 2023-Q1 2023-H1 2023"),
            ("2023-4", "202304 2023-Q4 2023"),
            ("2023-13", "2023"),
            ("20241", "202401 2024"),
            ("20240", "2024"),
            ("20231001", "202310"),
            ("令和5年10月1日", "202310"),
            ("令和5年度2月", "202402"),
            ("R5-H1", "2023-H1"),
            ("R6-", "2024-"),
            ("令和5年上半期", "2023-H1"),
            ("2023年第1四半期", "2023-Q1"),
            ("1980-10", ""),
            ("令和0年度", ""),
            ("令和100年度", ""),
            ("令和六年度", ""),
            ("", ""),
            ("6", ""),
            ("2024年度中", ""),
            ("20240年度", ""),
            ("2020..2021..2022", "2020"),
            ("2024-X", "2024"),
            ("2024..", "2024"),
            ("1980..1985", ""),
        ] {
            assert_eq!(readings(given).join(" "), expected, "{given}");
        }
    }

    #[test]
    fn parts_that_no_year_has() {
        for (given, expected) in [
            ("201713", Part::Month),
            ("201700", Part::Month),
            ("平成29年13月", Part::Month),
            ("2024-H3", Part::Half),
            ("2024-H0", Part::Half),
            ("2024-H01", Part::Half),
            ("2024-Q5", Part::Quarter),
            ("2024-Q", Part::Quarter),
            ("令和6年度第5四半期", Part::Quarter),
            ("令和6年度第四半期", Part::Quarter),
        ] {
            match Period::parse(given) {
                Err(PeriodError::NoSuchPart { part, .. }) => assert_eq!(part, expected, "{given}"),
                other => panic!("{given}: {other:?}"),
            }
        }
    }

    #[test]
    fn years_the_service_does_not_know() {
        for (given, expected) in [
            ("S63", 1988),
            ("1989", 1989),
            ("平成元年度", 1989),
            ("199003", 1989),
            ("2061", 2061),
            ("206104", 2061),
            ("2061-H1", 2061),
            ("2061-", 2061),
            ("0000", 0),
            ("昭和元年3月", 1925),
        ] {
            match Period::parse(given) {
                Err(PeriodError::OutOfRange { fiscal_year, .. }) => assert_eq!(fiscal_year, expected, "{given}"),
                other => panic!("{given}: {other:?}"),
            }
        }
        assert_eq!((code("199004"), code("206103")), ("199004".into(), "206103".into()));
    }

    #[test]
    fn months_before_the_era_are_not_guessed() {
        for (given, expected) in
            [("令和元年4月", "201904"), ("令和元年3月", "201903 202003"), ("R1年1月", "201901 202001")]
        {
            match Period::parse(given) {
                Err(PeriodError::BeforeEra { readings, .. }) => {
                    let codes: Vec<String> = readings.iter().map(Period::code).collect();
                    assert_eq!(codes.join(" "), expected, "{given}");
                }
                other => panic!("{given}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_range_is_not_one_period() {
        for given in [
            "2020-2024",
            "2020..2024",
            "2020～2024",
            "2020年度〜2024年度",
            "R2-R6",
            "令和2年度から令和6年度",
            "2024-2020",
        ] {
            match Period::parse(given) {
                Err(PeriodError::NotSingle { from, to, .. }) => assert_eq!((from, to), (2020, 2024), "{given}"),
                other => panic!("{given}: {other:?}"),
            }
        }
    }

    #[test]
    fn paths_take_the_canonical_form_only() {
        for given in ["R6", "令和6年度", "２０２４", "2024 ", "2024年度", "2024-h1", "Baseline", "現状"] {
            let canonical = Period::parse(given).unwrap();
            let refused = Err(PeriodError::NotCanonical { given: given.to_owned(), canonical });
            assert_eq!(Period::parse_canonical(given), refused);
            assert_eq!(Period::parse_canonical(&canonical.code()), Ok(canonical));
        }
        assert_eq!(Period::parse_canonical("2023-10"), Period::parse("2023-10"));
    }
}
