//! Periods as people read them.

use super::{Period, year};

impl Period {
    /// As Japanese documents print it: 令和元年度, 令和5年度上半期, 平成29年10月, 平成26年度以降.
    pub fn label_ja(&self) -> String {
        match *self {
            Self::Baseline => "現状（計画策定時）".to_owned(),
            Self::FiscalYear(year) => year::of_fiscal_year(year),
            Self::Half(year, 1) => format!("{}上半期", year::of_fiscal_year(year)),
            Self::Half(year, _) => format!("{}下半期", year::of_fiscal_year(year)),
            Self::Quarter(year, quarter) => format!("{}第{quarter}四半期", year::of_fiscal_year(year)),
            Self::Month { year, month } => format!("{}{month}月", year::of_calendar_year(year, month)),
            Self::From(year) => format!("{}以降", year::of_fiscal_year(year)),
        }
    }

    /// FY2024, FY2023 first half, FY2023 Q1, October 2017, FY2014 onwards.
    pub fn label_en(&self) -> String {
        match *self {
            Self::Baseline => "Baseline".to_owned(),
            Self::FiscalYear(year) => format!("FY{year}"),
            Self::Half(year, 1) => format!("FY{year} first half"),
            Self::Half(year, _) => format!("FY{year} second half"),
            Self::Quarter(year, quarter) => format!("FY{year} Q{quarter}"),
            Self::Month { year, month } => format!("{} {year}", month_name(month)),
            Self::From(year) => format!("FY{year} onwards"),
        }
    }
}

fn month_name(month: u8) -> &'static str {
    match month {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_both_languages() {
        for (code, ja, en) in [
            ("baseline", "現状（計画策定時）", "Baseline"),
            ("2024", "令和6年度", "FY2024"),
            ("2019", "令和元年度", "FY2019"),
            ("2018", "平成30年度", "FY2018"),
            ("1990", "平成2年度", "FY1990"),
            ("2060", "令和42年度", "FY2060"),
            ("2023-H1", "令和5年度上半期", "FY2023 first half"),
            ("2023-H2", "令和5年度下半期", "FY2023 second half"),
            ("2023-Q1", "令和5年度第1四半期", "FY2023 Q1"),
            ("2019-Q1", "令和元年度第1四半期", "FY2019 Q1"),
            ("201710", "平成29年10月", "October 2017"),
            ("201904", "平成31年4月", "April 2019"),
            ("201905", "令和元年5月", "May 2019"),
            ("202001", "令和2年1月", "January 2020"),
            ("2014-", "平成26年度以降", "FY2014 onwards"),
        ] {
            let period = Period::parse_canonical(code).unwrap();
            assert_eq!((period.label_ja().as_str(), period.label_en().as_str()), (ja, en), "{code}");
        }
    }

    #[test]
    fn every_month_has_its_own_name() {
        let names: std::collections::BTreeSet<&str> = (1..=12).map(month_name).collect();
        assert_eq!(names.len(), 12);
    }
}
