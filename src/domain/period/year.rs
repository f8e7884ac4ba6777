//! Years as documents write them, Gregorian or of an era (和暦). A fiscal year is named by the era of its larger part:
//! 2019 is 令和元年度, April 2019 平成31年4月.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    Showa,
    Heisei,
    Reiwa,
}

impl Era {
    const ALL: [Self; 3] = [Self::Showa, Self::Heisei, Self::Reiwa];

    fn name(self) -> &'static str {
        match self {
            Self::Showa => "昭和",
            Self::Heisei => "平成",
            Self::Reiwa => "令和",
        }
    }

    fn initial(self) -> &'static str {
        match self {
            Self::Showa => "S",
            Self::Heisei => "H",
            Self::Reiwa => "R",
        }
    }

    /// Year and month of its first day.
    fn begins(self) -> (i16, u8) {
        match self {
            Self::Showa => (1926, 12),
            Self::Heisei => (1989, 1),
            Self::Reiwa => (2019, 5),
        }
    }

    /// The era a text starts with, by name or initial, and the text behind it.
    pub(super) fn strip(text: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|era| {
            let rest = text.strip_prefix(era.name()).or_else(|| text.strip_prefix(era.initial()));
            Some((era, rest?))
        })
    }

    /// The Gregorian year of a year of the era, counted from 1; years beyond the era's end go on.
    pub(super) fn gregorian(self, year_of_era: i16) -> i16 {
        self.begins().0 + year_of_era - 1
    }

    /// Its first day lies after that month.
    pub(super) fn began_after(self, year: i16, month: u8) -> bool {
        (year, month) < self.begins()
    }
}

/// A number of one or two digits.
pub(super) fn number(text: &str) -> Option<u8> {
    let digits = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// The year a text starts with; read as an era's if `era` is there.
#[derive(Clone, Copy)]
pub(in crate::domain) struct Year {
    pub(in crate::domain) gregorian: i16,
    pub(super) era: Option<Era>,
}

impl Year {
    pub(in crate::domain) fn strip(text: &str) -> Option<(Self, &str)> {
        let (era, text) = Era::strip(text).map_or((None, text), |(era, text)| (Some(era), text));
        if let (Some(first), Some(rest)) = (era, text.strip_prefix('元')) {
            return Some((Self { gregorian: first.gregorian(1), era }, rest));
        }
        let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (year, rest) = text.split_at_checked(length)?;
        let gregorian = match era {
            Some(era) => number(year).filter(|year| *year > 0).map(|year| era.gregorian(year.into()))?,
            None if length == 4 => year.parse().ok()?,
            None => return None,
        };
        Some((Self { gregorian, era }, rest))
    }
}

/// 令和5年: the year in the era of that calendar month.
pub(super) fn of_calendar_year(year: i16, month: u8) -> String {
    let era = if Era::Reiwa.began_after(year, month) { Era::Heisei } else { Era::Reiwa };
    named(era, year)
}

/// 令和元年度: the fiscal year, by the era of its larger part.
pub(super) fn of_fiscal_year(year: i16) -> String {
    let era = if year < Era::Reiwa.begins().0 { Era::Heisei } else { Era::Reiwa };
    format!("{}度", named(era, year))
}

fn named(era: Era, year: i16) -> String {
    match year - era.begins().0 + 1 {
        1 => format!("{}元年", era.name()),
        year_of_era => format!("{}{year_of_era}年", era.name()),
    }
}
