//! The 全国地方公共団体コード: six digits that name a prefecture, a municipality or a ward, the last one a check digit.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::input::{half_width, quoted};

mod error;
mod owner;

pub use error::{CodeError, Reading};
pub use owner::Owner;

/// [`Owner`] of the common indicators. No body has this code, and its last digit is no check digit: it is not a [`Code`].
pub const COMMON: &str = "000000";

/// A six-digit code whose check digit is right. Whether a body has it is for the list of municipalities to say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code([u8; 6]);

impl Code {
    /// Reads exactly six ASCII digits; anything else is refused, with what it may have been.
    pub fn parse(given: &str) -> Result<Self, CodeError> {
        if given == COMMON {
            return Err(CodeError::Common);
        }
        if !given.bytes().all(|b| b.is_ascii_digit()) {
            let folded: String = given.chars().map(half_width).collect();
            let folded = folded.trim();
            return Err(CodeError::NotDigits {
                given: quoted(given),
                half_width: if folded == given { None } else { Self::parse(folded).ok() },
            });
        }
        let Ok(digits) = <[u8; 6]>::try_from(given.as_bytes()) else {
            return Err(CodeError::NotSixDigits { given: quoted(given), readings: readings(given) });
        };
        let [a, b, c, d, e, _] = digits;
        let expected = Self::with_check_digit([a, b, c, d, e]);
        if expected.0 == digits {
            Ok(expected)
        } else {
            Err(CodeError::CheckDigit { given: given.to_owned(), expected })
        }
    }

    /// The check digit of five digits: (11 − (6a+5b+4c+3d+2e) mod 11) mod 10. `None` if these are not five ASCII digits.
    pub fn check_digit(five: &str) -> Option<char> {
        let digits = <[u8; 5]>::try_from(five.as_bytes()).ok()?;
        digits.iter().all(u8::is_ascii_digit).then(|| char::from(check_digit(digits)))
    }

    pub fn as_str(&self) -> &str {
        // Always Ok: the six bytes are ASCII digits.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The prefecture it lies in (its first two digits, `000`, check digit); a prefecture's own code is itself.
    pub fn prefecture(self) -> Self {
        let [a, b, ..] = self.0;
        Self::with_check_digit([a, b, b'0', b'0', b'0'])
    }

    pub fn is_prefecture(self) -> bool {
        self == self.prefecture()
    }

    fn with_check_digit(five: [u8; 5]) -> Self {
        let [a, b, c, d, e] = five;
        Self([a, b, c, d, e, check_digit(five)])
    }

    /// Starts with one of the 47 prefecture numbers: another code is not worth a suggestion.
    fn has_prefecture(self) -> bool {
        let [a, b, ..] = self.0;
        (1..=47).contains(&((a - b'0') * 10 + (b - b'0')))
    }
}

/// Five ASCII digits in, the ASCII digit that follows them out.
fn check_digit(five: [u8; 5]) -> u8 {
    let sum: u8 = five.iter().zip([6, 5, 4, 3, 2]).map(|(digit, weight)| (digit - b'0') * weight).sum();
    b'0' + (11 - sum % 11) % 10
}

/// What a run of digits that is not six long may have been.
fn readings(given: &str) -> Vec<Reading> {
    let lost_zero = || Code::parse(&format!("0{given}")).ok().map(Reading::LostZero);
    let completed = |five: &str| Code::parse(&format!("{five}{}", Code::check_digit(five)?)).ok();
    let candidates = match given.len() {
        5 => [lost_zero(), completed(given).map(Reading::NoCheckDigit)],
        1 | 2 => [completed(&format!("{given:0>2}000")).map(Reading::PrefectureNumber), None],
        _ => [None, None],
    };
    candidates.into_iter().flatten().filter(|reading| reading.code().has_prefecture()).collect()
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        Self::parse(&given).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The columns code, prefecture, kind and parent of every row.
    fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
        let table = include_str!("../../../data/municipalities.csv");
        table.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0], cells[1], cells[4], cells[5])
        })
    }

    fn code(given: &str) -> Code {
        Code::parse(given).unwrap()
    }

    #[test]
    fn every_code_of_the_list_is_read_and_lies_in_its_prefecture() {
        let mut seen = BTreeSet::new();
        for (text, prefecture, kind, parent) in rows() {
            let code = code(text);
            assert_eq!((code.as_str(), code.to_string().as_str()), (text, text));
            assert_eq!(code.prefecture().as_str(), prefecture);
            assert_eq!(code.is_prefecture(), kind == "prefecture", "{text}");
            assert_eq!(kind == "ward", !parent.is_empty(), "{text}");
            assert!(parent.is_empty() || Code::parse(parent).unwrap().prefecture() == code.prefecture());
            assert!(code.has_prefecture());
            assert!(seen.last() < Some(&code), "{text} is not in order");
            seen.insert(code);
        }
        assert_eq!(seen.len(), 1_965);
        let parents: BTreeSet<&str> = rows().map(|(_, _, _, parent)| parent).filter(|p| !p.is_empty()).collect();
        let cities: BTreeSet<&str> =
            rows().filter(|(_, _, kind, _)| *kind == "designated_city").map(|(code, ..)| code).collect();
        assert_eq!(parents, cities);
    }

    #[test]
    fn one_wrong_digit_is_nearly_always_refused() {
        let (mut wrong, mut accepted) = (0, 0);
        for (text, ..) in rows() {
            for (place, digit) in (0..6).flat_map(|place| (b'0'..=b'9').map(move |digit| (place, digit))) {
                let mut bytes = text.as_bytes().to_vec();
                if std::mem::replace(&mut bytes[place], digit) == digit {
                    continue;
                }
                wrong += 1;
                accepted += usize::from(Code::parse(std::str::from_utf8(&bytes).unwrap()).is_ok());
            }
        }
        assert_eq!(wrong, 1_965 * 6 * 9);
        assert!(accepted * 1_000 <= wrong * 16, "{accepted} of {wrong} slip through");
        assert!(accepted > 0, "a check digit modulo 10 cannot catch them all");
    }

    #[test]
    fn check_digits_of_the_specification() {
        for (five, whole) in [("14130", "141305"), ("13228", "132284"), ("01100", "011002"), ("13000", "130001")] {
            assert_eq!(Code::check_digit(five), whole.chars().last());
            assert_eq!(code(whole).as_str(), whole);
        }
        for other in ["", "1413", "141305", "1413a", "１４", "令和"] {
            assert_eq!(Code::check_digit(other), None, "{other}");
        }
    }

    #[test]
    fn five_digits_are_diagnosed_and_never_guessed() {
        let readings = |given: &str| match Code::parse(given) {
            Err(CodeError::NotSixDigits { readings, .. }) => readings,
            other => panic!("{given}: {other:?}"),
        };
        assert_eq!(readings("12220"), [Reading::LostZero(code("012220")), Reading::NoCheckDigit(code("122203"))]);
        assert_eq!(readings("14130"), [Reading::NoCheckDigit(code("141305"))]);
        assert_eq!(readings("13228"), [Reading::NoCheckDigit(code("132284"))]);
        assert_eq!(readings("01100"), [Reading::NoCheckDigit(code("011002"))]);
        assert_eq!(readings("52019"), [Reading::LostZero(code("052019"))]);
        assert_eq!(readings("13"), [Reading::PrefectureNumber(code("130001"))]);
        assert_eq!(readings("1"), [Reading::PrefectureNumber(code("010006"))]);
        for hopeless in ["", "0", "00", "48", "131", "1322", "00000", "99999", "0132284"] {
            assert_eq!(readings(hopeless), [], "{hopeless}");
        }
    }

    #[test]
    fn every_lost_zero_and_every_lost_check_digit_is_found() {
        for (text, ..) in rows() {
            let suggested = |given: &str| Code::parse(given).unwrap_err().suggestions();
            assert!(suggested(&text[..5]).contains(&code(text)), "{text}");
            if let Some(short) = text.strip_prefix('0') {
                assert!(suggested(short).contains(&code(text)), "{text}");
            }
        }
    }

    #[test]
    fn full_width_digits_and_blanks_are_answered_with_the_half_width_reading() {
        for given in ["１３２２８４", "13２284", " 132284", "132284\u{3000}", "132284\n"] {
            let error = Code::parse(given).unwrap_err();
            assert!(matches!(error, CodeError::NotDigits { .. }), "{given:?}: {error:?}");
            assert_eq!(error.suggestions(), [code("132284")], "{given:?}");
        }
        for given in ["１３２２８５", "１３", "あきる野市", "13228X", "-32284", "一三二二八四", "００００００"]
        {
            let error = Code::parse(given).unwrap_err();
            assert!(matches!(error, CodeError::NotDigits { half_width: None, .. }), "{given}: {error:?}");
        }
    }

    #[test]
    fn json_carries_a_string_and_never_a_number() {
        let read = serde_json::from_str::<Code>;
        assert_eq!(read("\"132284\"").unwrap(), code("132284"));
        assert_eq!(serde_json::to_string(&code("011002")).unwrap(), "\"011002\"");
        assert!(read("132284").is_err());
        assert!(read("\"132285\"").unwrap_err().to_string().starts_with("132285 の検査数字が合いません"));
    }

    proptest! {
        #[test]
        fn what_is_read_is_six_digits_and_reads_back(given in "\\PC{0,12}|[0-9０-９]{4,7}|[0-9]{6}") {
            match Code::parse(&given) {
                Ok(code) => {
                    prop_assert_eq!(code.as_str(), given.as_str());
                    prop_assert!(given.len() == 6 && given.bytes().all(|b| b.is_ascii_digit()));
                    prop_assert!(code.prefecture().is_prefecture());
                }
                Err(error) => {
                    prop_assert!(!error.ja().is_empty() && !error.en().is_empty());
                    for code in error.suggestions() {
                        prop_assert_eq!(Code::parse(code.as_str()), Ok(code));
                    }
                }
            }
        }

        #[test]
        fn codes_sort_as_their_text(a in 0_u32..100_000, b in 0_u32..100_000) {
            let whole = |n: u32| {
                let five = format!("{n:05}");
                code(&format!("{five}{}", Code::check_digit(&five).unwrap()))
            };
            prop_assert_eq!(whole(a).cmp(&whole(b)), whole(a).as_str().cmp(whole(b).as_str()));
        }
    }
}
