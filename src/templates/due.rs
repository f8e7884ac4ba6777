//! A due instant as a Japanese office writes it.

use crate::clock::jst;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};

/// 令和7年3月31日（月）24時まで: the first instant that is late is the end of that day.
pub fn text(due_at: DateTime<Utc>) -> String {
    let at = jst(due_at);
    let (day, hour) = match (at.hour(), at.minute()) {
        (0, 0) => (at.date_naive() - TimeDelta::days(1), "24時".to_owned()),
        (hour, 0) => (at.date_naive(), format!("{hour}時")),
        (hour, minute) => (at.date_naive(), format!("{hour}時{minute}分")),
    };
    format!("{}{hour}まで", date(day))
}

/// 令和7年3月31日（月）
pub fn date(day: NaiveDate) -> String {
    let year = match (day.year(), (day.year(), day.month()) >= (2019, 5)) {
        (2019, true) => "令和元".to_owned(),
        (year, true) => format!("令和{}", year - 2018),
        (year, false) => format!("平成{}", year - 1988),
    };
    let weekday = match day.weekday() {
        Weekday::Mon => "月",
        Weekday::Tue => "火",
        Weekday::Wed => "水",
        Weekday::Thu => "木",
        Weekday::Fri => "金",
        Weekday::Sat => "土",
        Weekday::Sun => "日",
    };
    format!("{year}年{}月{}日（{weekday}）", day.month(), day.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_24() {
        for (due_at, expected) in [
            ("2025-04-01T00:00:00+09:00", "令和7年3月31日（月）24時まで"),
            ("2025-03-31T17:00:00+09:00", "令和7年3月31日（月）17時まで"),
            ("2025-03-31T08:15:00Z", "令和7年3月31日（月）17時15分まで"),
            ("2019-05-01T00:00:00+09:00", "平成31年4月30日（火）24時まで"),
            ("2019-06-01T00:00:00+09:00", "令和元年5月31日（金）24時まで"),
        ] {
            assert_eq!(text(due_at.parse().unwrap()), expected);
        }
    }
}
