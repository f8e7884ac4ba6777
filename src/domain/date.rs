//! Days, months and years as people write them: `2021/3/31`, `令和3年3月31日`, `R3.3`, `2021年`.

use super::input::half_width;
use super::period::Year;
use chrono::NaiveDate;

/// `2021-03-31`, `2021-03` or `2021`; None if it is no date, or a fiscal year (`令和3年度`).
pub fn partial(given: &str) -> Option<String> {
    let text: String = given.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let text = text.to_ascii_uppercase();
    let (year, rest) = Year::strip(&text)?;
    let end = rest.chars().last().filter(|last| matches!(last, '年' | '月' | '日'));
    let rest = end.map_or(rest, |end| rest.trim_end_matches(end)).replace(['年', '月', '/', '.'], "-");
    let mut parts = rest.split('-');
    let numbers = |part: &str| matches!(part.len(), 1 | 2).then(|| part.parse::<u32>().ok()).flatten();
    let begins = parts.next()?.is_empty();
    let parts = parts.map(numbers).collect::<Option<Vec<u32>>>()?;
    let year = i32::from(year.gregorian);
    let whole = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    match (parts.as_slice(), end) {
        _ if !begins => None,
        ([], None | Some('年')) => Some(format!("{year:04}")),
        ([month], None | Some('月')) => whole(*month, 1).map(|day| day.format("%Y-%m").to_string()),
        ([month, day], None | Some('日')) => whole(*month, *day).map(|day| day.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_as_people_write_them() {
        for (given, expected) in [
            ("2021-03-31", "2021-03-31"),
            ("2021/3/31", "2021-03-31"),
            ("２０２１．３．３１", "2021-03-31"),
            ("2021年3月31日", "2021-03-31"),
            ("令和3年3月31日", "2021-03-31"),
            (" 令和 3 年 3 月 ", "2021-03"),
            ("R3.3.31", "2021-03-31"),
            ("r3.3", "2021-03"),
            ("令和元年5月1日", "2019-05-01"),
            ("平成31年", "2019"),
            ("2021年", "2021"),
            ("2021", "2021"),
        ] {
            assert_eq!(partial(given).as_deref(), Some(expected), "{given}");
        }
        for given in [
            "",
            "3月31日",
            "令和3年度",
            "2021-02-29",
            "2021/13",
            "2021-",
            "2021年3日",
            "20210331",
            "21/3/31",
            "2021/3/3/3",
            "年",
            "2021年年度",
        ] {
            assert_eq!(partial(given), None, "{given}");
        }
    }

    proptest! {
        #[test]
        fn every_day_is_read_however_it_is_written(days in 0_u32..50_000) {
            let day = NaiveDate::from_num_days_from_ce_opt(730_000 + i32::try_from(days).unwrap() % 20_000).unwrap();
            for form in ["%Y-%m-%d", "%Y/%-m/%-d", "%Y年%-m月%-d日", "%Y.%m.%d"] {
                prop_assert_eq!(partial(&day.format(form).to_string()), Some(day.to_string()));
            }
        }

        #[test]
        fn whatever_is_written_is_read_or_not(given in "\\PC{0,12}|[0-9年月日/.RH令和-]{0,12}") {
            if let Some(date) = partial(&given) {
                prop_assert_eq!(partial(&date), Some(date));
            }
        }
    }
}
