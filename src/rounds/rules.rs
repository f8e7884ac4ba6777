//! Due instants: the first instant that is late; and who is asked.

pub mod next;

use crate::clock::jst;
use crate::domain::period::Period;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use std::ops::RangeInclusive;

/// Years a due instant may lie in.
const YEARS: RangeInclusive<i32> = 1990..=2100;

/// `2025-03-31T17:00:00+09:00`, or `2025-03-31`: that day ends at 24:00 JST. To the microsecond the database keeps.
pub fn due(given: &str) -> Option<DateTime<Utc>> {
    let at = match given.parse::<NaiveDate>() {
        Ok(day) if given.len() == 10 => day
            .succ_opt()?
            .and_time(NaiveTime::MIN)
            .and_local_timezone(jst(DateTime::UNIX_EPOCH).timezone())
            .single()?
            .to_utc(),
        _ => DateTime::from_timestamp_micros(DateTime::parse_from_rfc3339(given).ok()?.timestamp_micros())?,
    };
    YEARS.contains(&jst(at).year()).then_some(at)
}

/// Does a reporter of these fiscal years report on any of the round's periods? 現状 has no year, 年度以降 all that follow.
pub fn reports_on(periods: &[Period], from: Option<i16>, to: Option<i16>) -> bool {
    periods.iter().any(|period| {
        period.fiscal_year().is_none_or(|year| {
            let begun = from.is_none_or(|from| from <= year) || matches!(period, Period::From(_));
            begun && to.is_none_or(|to| to >= year)
        })
    })
}

/// Whom a round asks: is its report public, and from when on is it late?
pub struct Asked {
    pub published: bool,
    pub due_at: Option<DateTime<Utc>>,
}

/// Is nobody waited for any more? Each has published, or its due instant has come.
pub fn is_closed(asked: &[Asked], now: DateTime<Utc>) -> bool {
    let awaited = |one: &Asked| !one.published && one.due_at.is_none_or(|due| now < due);
    !asked.is_empty() && !asked.iter().any(awaited)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(given: &str) -> String {
        due(given).map_or_else(|| "-".to_owned(), crate::clock::wire::text)
    }

    #[test]
    fn a_day_ends_at_24_00_in_japan() {
        assert_eq!(at("2025-03-31"), "2025-04-01T00:00:00.000000+09:00");
        assert_eq!(at("2024-02-29"), "2024-03-01T00:00:00.000000+09:00");
        assert_eq!(at("2025-03-31T17:00:00+09:00"), "2025-03-31T17:00:00.000000+09:00");
        assert_eq!(at("2025-03-31T17:00:00Z"), "2025-04-01T02:00:00.000000+09:00");
        assert_eq!(at("2025-03-31T17:00:00.1234567+09:00"), "2025-03-31T17:00:00.123456+09:00");
        assert_eq!(at(&at("2025-03-31")), at("2025-03-31"));
    }

    #[test]
    fn what_is_no_instant() {
        for given in [
            "",
            "2025-02-29",
            "2025-3-31",
            "+2025-03-31",
            "20250331",
            "2025-03",
            "2025-03-31T17:00:00",
            "2025-03-31T17:00",
            "1989-12-30",
            "9999-12-31",
            "0000-01-01T00:00:00Z",
            "令和7年3月31日",
        ] {
            assert_eq!(at(given), "-", "{given}");
        }
    }

    #[test]
    fn a_reporter_is_asked_in_its_years() {
        let asked = |period: &str, from: Option<i16>, to: Option<i16>| {
            reports_on(&[Period::parse_canonical(period).unwrap()], from, to)
        };
        for (period, from, to, expected) in [
            ("2024", None, None, true),
            ("2024", Some(2024), Some(2024), true),
            ("2024", Some(2025), None, false),
            ("2024", None, Some(2023), false),
            ("2024-H1", Some(2024), None, true),
            // January of fiscal 2024
            ("202501", None, Some(2024), true),
            ("202501", Some(2025), None, false),
            ("baseline", Some(2030), Some(2030), true),
            ("2024-", Some(2030), None, true),
            ("2024-", None, Some(2023), false),
        ] {
            assert_eq!(asked(period, from, to), expected, "{period} {from:?} {to:?}");
        }
        assert!(!reports_on(&[], None, None));
    }
}
