//! A figure as people write it in one cell: `450人（100％）`, `延べ200日`, `6社以上`, `約20人`, `▲3`, `―`.
//!
//! | written | read as |
//! |---|---|
//! | `450`, `1,234`, `１，２３４人`, `12.5％` | a number; of a percent unit a rate |
//! | `▲3`, `△3`, `－3` | minus 3 |
//! | `5～20人`, `5人〜20人`, `5から20人まで` | a range |
//! | `6社以上`, `230件を超える`, `230超`, `5以下`, `5未満` | a bound |
//! | `約20人`, `20人程度`, `20人前後` | approximate |
//! | `70件（見込）`, `70件見込み`, `70件予定` | an estimate |
//! | `延べ200日`, `延200日`, `実19人` | cumulative, actual |
//! | `月4回`, `年3回`, `週2日` | per month, year, week |
//! | `450人（100％）`, `3件（延べ200日）` | two figures of one cell, the second paired with the first |
//! | `―` `－` `-` and their like alone, `・` | the symbols of Japanese statistics (統計表の符号): no such figure, not applicable |
//! | `…` `‥` | not known: not measured |
//! | `X` | kept secret: suppressed |
//! | 把握していない, 該当しない, 実施していない, 報告がない, 秘匿 | the missing reasons by their names |
//! | anything else without a digit: `全園実施` | a text; zero in words is not guessed |
//!
//! Half or full width, with blanks. What has digits and is nothing of this is refused: never guessed.

use super::number::Number;
use std::fmt::Write;

mod error;
mod parse;
#[cfg(test)]
mod tests;

pub use error::Unread;
pub use parse::read;

/// What a cell says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    Missing(Missing),
    /// 数値でない内容
    Text(String),
    Amount {
        main: Amount,
        /// The figure in brackets behind it
        paired: Option<Amount>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    pub quantity: Quantity,
    /// That of the column where there is one, else as written
    pub unit: Option<String>,
    pub bound: Option<Bound>,
    pub approximate: bool,
    pub estimate: bool,
    pub basis: Option<Basis>,
    pub per: Option<Per>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    Value(Number),
    Range(Number, Number),
    /// In percent
    Rate(Number),
}

/// A closed list: its names in the API, and what people write, the usual one first.
macro_rules! written {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal: [$($ja:literal),+]),+ })+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $name {
            const ALL: &[Self] = &[$(Self::$variant),+];

            /// As the API names it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            const fn spellings(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($ja),+]),+ }
            }

            fn usual(self) -> &'static str {
                self.spellings().first().copied().unwrap_or_default()
            }
        }
    )+ };
}

written! {
    /// Why there is no figure.
    Missing {
        NotApplicable = "not_applicable": ["―", "・", "該当しない"],
        NotMeasured = "not_measured": ["…", "‥", "...", "・・・", "把握していない"],
        NotImplemented = "not_implemented": ["実施していない"],
        NotReported = "not_reported": ["報告がない"],
        Suppressed = "suppressed": ["X", "秘匿"]
    }
    /// Behind the number.
    Bound {
        AtLeast = "ge": ["以上"],
        Above = "gt": ["超", "を超える", "超え"],
        AtMost = "le": ["以下"],
        Below = "lt": ["未満"]
    }
    /// Before the number.
    Basis {
        Cumulative = "cumulative": ["延べ", "延", "のべ"],
        Actual = "actual": ["実"]
    }
    /// Before the number.
    Per {
        Day = "day": ["日"],
        Week = "week": ["週"],
        Month = "month": ["月"],
        Year = "year": ["年"]
    }
}

/// As a person would write it beside the column of its unit, such that [`read`] gives the same again; None where no
/// writing does.
pub fn write(figure: &Figure) -> Option<String> {
    let (text, unit) = match figure {
        Figure::Missing(reason) => (reason.usual().to_owned(), None),
        Figure::Text(text) => (text.clone(), None),
        Figure::Amount { main, paired } => {
            let mut text = main.written("");
            if let Some(paired) = paired {
                text = format!("{text}（{}）", paired.written(paired.unit.as_deref()?));
            }
            (text, main.unit.as_deref())
        }
    };
    (read(&text, unit).as_ref() == Ok(figure)).then_some(text)
}

impl Amount {
    fn written(&self, unit: &str) -> String {
        let mut text = String::new();
        if self.approximate {
            text.push('約');
        }
        text.push_str(self.basis.map_or("", Basis::usual));
        text.push_str(self.per.map_or("", Per::usual));
        // A String takes everything.
        let _ = match self.quantity {
            Quantity::Value(number) | Quantity::Rate(number) => write!(text, "{number}{unit}"),
            Quantity::Range(from, to) => write!(text, "{from}～{to}{unit}"),
        };
        text.push_str(self.bound.map_or("", Bound::usual));
        if self.estimate {
            text.push_str("見込");
        }
        text
    }
}
