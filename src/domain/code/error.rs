//! Why a text is not a code, and what the sender is told.

use std::fmt;

use super::{COMMON, Code};

/// One way to read digits that are not six: offered to the sender, never taken without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Five digits whose leading zero a spreadsheet dropped.
    LostZero(Code),
    /// Five digits without their check digit.
    NoCheckDigit(Code),
    /// The number of a prefecture, 1–47.
    PrefectureNumber(Code),
}

impl Reading {
    pub fn code(self) -> Code {
        match self {
            Self::LostZero(code) | Self::NoCheckDigit(code) | Self::PrefectureNumber(code) => code,
        }
    }
}

/// Why a text is not a code. `given` is what came, shortened for quoting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// `000000`, where a body is asked for.
    Common,
    /// Digits, but not six (none at all if the text is empty).
    NotSixDigits { given: String, readings: Vec<Reading> },
    /// Six digits; `expected` is the same with the right last digit.
    CheckDigit { given: String, expected: Code },
    /// Not ASCII digits; `half_width` if full-width digits or blanks around it are all that is wrong.
    NotDigits { given: String, half_width: Option<Code> },
}

impl CodeError {
    /// The codes the sender may have meant: for the right URL, or to look up their names.
    pub fn suggestions(&self) -> Vec<Code> {
        match self {
            Self::Common => Vec::new(),
            Self::NotSixDigits { readings, .. } => readings.iter().map(|r| r.code()).collect(),
            Self::CheckDigit { expected, .. } if !expected.has_prefecture() => Vec::new(),
            Self::CheckDigit { expected, .. } => vec![*expected],
            Self::NotDigits { half_width, .. } => half_width.iter().copied().collect(),
        }
    }

    pub fn ja(&self) -> String {
        match self {
            Self::Common => format!(
                "{COMMON} は共通指標の所有者で、自治体ではありません。\
                 自治体の6桁のコードを送ってください"
            ),
            Self::NotSixDigits { given, readings } => not_six_digits_ja(given, readings),
            Self::CheckDigit { given, expected } if !expected.has_prefecture() => format!(
                "{given} の検査数字が合わず、先頭2桁も都道府県番号（01〜47）ではありません。\
                 コードを確かめてください"
            ),
            Self::CheckDigit { given, expected } => {
                format!("{given} の検査数字が合いません（{expected} ではありませんか）")
            }
            Self::NotDigits { given, half_width: Some(code) } => {
                format!("「{given}」は半角数字6桁ではありません。「{code}」と送ってください")
            }
            Self::NotDigits { given, half_width: None } => format!(
                "「{given}」はコードとして読めません。\
                 検査数字を含む半角数字6桁（例：132284）で送ってください"
            ),
        }
    }

    pub fn en(&self) -> String {
        match self {
            Self::Common => format!(
                "{COMMON} owns the common indicators and is no local government. \
                 Send the six-digit code of one."
            ),
            Self::NotSixDigits { given, readings } => not_six_digits_en(given, readings),
            Self::CheckDigit { given, expected } if !expected.has_prefecture() => format!(
                "The check digit of {given} is wrong, and its first two digits are no \
                 prefecture's number (01 to 47). Check the code."
            ),
            Self::CheckDigit { given, expected } => {
                format!("The check digit of {given} is wrong. Did you mean {expected}?")
            }
            Self::NotDigits { given, half_width: Some(code) } => {
                format!("\"{given}\" is not six half-width digits. Send {code}.")
            }
            Self::NotDigits { given, half_width: None } => format!(
                "\"{given}\" is not a code. \
                 Send six half-width digits including the check digit, such as 132284."
            ),
        }
    }
}

fn not_six_digits_ja(given: &str, readings: &[Reading]) -> String {
    let why = match readings {
        _ if given.is_empty() => {
            return "コードが空です。6桁（例：132284）で送ってください".to_owned();
        }
        [Reading::LostZero(zero), Reading::NoCheckDigit(check)] => format!(
            "は先頭の0が落ちた「{zero}」か、検査数字のない5桁か判別できません。\
             名称を添えるか6桁（{zero} または {check}）で送ってください"
        ),
        [Reading::LostZero(code), ..] => {
            format!("は先頭の0が落ちているようです。「{code}」ではありませんか")
        }
        [Reading::NoCheckDigit(code), ..] => {
            format!("には検査数字がないようです。「{code}」ではありませんか")
        }
        [Reading::PrefectureNumber(code), ..] => {
            format!("は都道府県番号のようです。「{code}」ではありませんか")
        }
        [] => "は読めません。検査数字を含む6桁（例：132284）で送ってください".to_owned(),
    };
    format!("コードは6桁です。「{given}」{why}")
}

fn not_six_digits_en(given: &str, readings: &[Reading]) -> String {
    let why = match readings {
        _ if given.is_empty() => {
            return "The code is empty. Send six digits, such as 132284.".to_owned();
        }
        [Reading::LostZero(zero), Reading::NoCheckDigit(check)] => format!(
            "is either {zero} without its leading zero or {check} without its check digit. \
             Add the name or send six digits."
        ),
        [Reading::LostZero(code), ..] => {
            format!("seems to have lost its leading zero. Did you mean {code}?")
        }
        [Reading::NoCheckDigit(code), ..] => {
            format!("seems to lack its check digit. Did you mean {code}?")
        }
        [Reading::PrefectureNumber(code), ..] => {
            format!("seems to be the number of a prefecture. Did you mean {code}?")
        }
        [] => "is not one. Send six digits including the check digit, such as 132284.".to_owned(),
    };
    format!("A code has six digits. \"{given}\" {why}")
}

impl fmt::Display for CodeError {
    /// The Japanese text: the API's default language.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ja())
    }
}

impl std::error::Error for CodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn ja(given: &str) -> String {
        Code::parse(given).unwrap_err().ja()
    }

    fn en(given: &str) -> String {
        Code::parse(given).unwrap_err().en()
    }

    #[test]
    fn the_japanese_texts_say_what_and_what_next() {
        assert_eq!(ja("132285"), "132285 の検査数字が合いません（132284 ではありませんか）");
        assert_eq!(
            ja("12220"),
            "コードは6桁です。「12220」は先頭の0が落ちた「012220」か、検査数字のない5桁か判別できません。\
             名称を添えるか6桁（012220 または 122203）で送ってください"
        );
        assert_eq!(ja("14130"), "コードは6桁です。「14130」には検査数字がないようです。「141305」ではありませんか");
        assert_eq!(ja("52019"), "コードは6桁です。「52019」は先頭の0が落ちているようです。「052019」ではありませんか");
        assert_eq!(ja("13"), "コードは6桁です。「13」は都道府県番号のようです。「130001」ではありませんか");
        assert_eq!(
            ja("1322"),
            "コードは6桁です。「1322」は読めません。検査数字を含む6桁（例：132284）で送ってください"
        );
        assert_eq!(ja(""), "コードが空です。6桁（例：132284）で送ってください");
        assert_eq!(ja("１３２２８４"), "「１３２２８４」は半角数字6桁ではありません。「132284」と送ってください");
        assert_eq!(
            ja("あきる野市"),
            "「あきる野市」はコードとして読めません。検査数字を含む半角数字6桁（例：132284）で送ってください"
        );
        assert_eq!(
            ja("999999"),
            "999999 の検査数字が合わず、先頭2桁も都道府県番号（01〜47）ではありません。コードを確かめてください"
        );
        assert_eq!(
            ja("000000"),
            "000000 は共通指標の所有者で、自治体ではありません。自治体の6桁のコードを送ってください"
        );
    }

    #[test]
    fn the_english_texts_say_the_same() {
        assert_eq!(en("132285"), "The check digit of 132285 is wrong. Did you mean 132284?");
        assert_eq!(
            en("12220"),
            "A code has six digits. \"12220\" is either 012220 without its leading zero or 122203 \
             without its check digit. Add the name or send six digits."
        );
        assert_eq!(en("14130"), "A code has six digits. \"14130\" seems to lack its check digit. Did you mean 141305?");
        assert_eq!(
            en("52019"),
            "A code has six digits. \"52019\" seems to have lost its leading zero. Did you mean 052019?"
        );
        assert_eq!(
            en("13"),
            "A code has six digits. \"13\" seems to be the number of a prefecture. Did you mean 130001?"
        );
        assert_eq!(en("１３２２８４"), "\"１３２２８４\" is not six half-width digits. Send 132284.");
        for given in ["", "1322", "000000", "999999", "あきる野市"] {
            assert!(en(given).ends_with('.') && en(given).contains("Send") != (given == "999999"), "{given}");
        }
    }

    #[test]
    fn a_long_input_is_not_echoed_whole() {
        let given = "1".repeat(100_000);
        assert!(ja(&given).chars().count() < 120 && en(&given).chars().count() < 160);
    }
}
