//! Why a cell is no figure, and what its writer is told.

use crate::domain::number::NumberError;

/// Everything quoted is shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// `part` of the cell means nothing here.
    Words { given: String, part: String },
    /// Digits that are no number: `1,23`, `007`, `12.`
    Digits { given: String, digits: String },
    /// A number outside the service's.
    Number { given: String, why: NumberError },
    /// The unit in the cell is not that of its column.
    Unit { given: String, unit: String, column: String },
}

impl Unread {
    pub fn ja(&self) -> String {
        match self {
            Self::Words { given, part } => format!(
                "「{given}」は、「{part}」のところが数値として読めません。450、450人（100％）、延べ200日、6社以上、5～20人、\
                 約20人、月4回、▲3 のように書き、ほかの言葉は文章か備考に書いてください。数値がないときは ―（該当なし）か …（把握していない）です"
            ),
            Self::Digits { given, digits } => {
                format!(
                    "「{given}」の「{digits}」は数として読めません。1234 か 1,234、小数は 12.5 のように書いてください"
                )
            }
            Self::Number { given, why } => format!("「{given}」：{}", why.ja()),
            Self::Unit { given, unit, column } => format!(
                "「{given}」の単位「{unit}」が、単位の欄の「{column}」と違います。数だけを書くか、単位の欄を直してください"
            ),
        }
    }

    pub fn en(&self) -> String {
        match self {
            Self::Words { given, part } => format!(
                "`{given}` is no figure because of `{part}`. Write 450, 450人（100％）, 延べ200日, 6社以上, 5～20人, 約20人, \
                 月4回 or ▲3, and other words as text or note; without a figure ― (not applicable) or … (not measured)"
            ),
            Self::Digits { given, digits } => {
                format!("`{digits}` in `{given}` is no number. Write 1234 or 1,234, and decimals as 12.5")
            }
            Self::Number { given, why } => format!("`{given}`: {}", why.en()),
            Self::Unit { given, unit, column } => format!(
                "The unit `{unit}` in `{given}` is not the `{column}` of its column. Write the number alone, or mend the unit"
            ),
        }
    }
}
