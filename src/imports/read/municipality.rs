//! Codes of municipalities beside their names: a name decides what digits alone leave open, and contradicts a wrong code.

use crate::domain::code::{Code, CodeError};
use crate::error::Code as ErrorCode;
use std::collections::BTreeMap;

/// The names of all municipalities and prefectures, by code.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<Code, String>);

impl FromIterator<(Code, String)> for Names {
    fn from_iter<T: IntoIterator<Item = (Code, String)>>(all: T) -> Self {
        Self(all.into_iter().collect())
    }
}

/// What is said of a code that cannot be taken.
pub struct Wrong {
    pub code: ErrorCode,
    pub ja: String,
    pub en: String,
}

impl Names {
    /// 東京都府中市
    fn full(&self, code: Code) -> Option<String> {
        let name = self.0.get(&code)?;
        let prefecture = self.0.get(&code.prefecture()).filter(|_| !code.is_prefecture());
        Some(format!("{}{name}", prefecture.map_or("", String::as_str)))
    }

    /// 府中市, 東京都府中市; a town also behind its county: 西多摩郡檜原村.
    fn is(&self, code: Code, given: &str) -> bool {
        let Some(name) = self.0.get(&code) else { return false };
        let prefecture = self.0.get(&code.prefecture()).map_or("", String::as_str);
        let given = given.strip_prefix(prefecture).filter(|rest| !rest.is_empty()).unwrap_or(given);
        given == name || given.strip_suffix(name.as_str()).is_some_and(|county| county.ends_with('郡'))
    }

    /// The code as given, or the one reading of its digits that has the name.
    pub fn code(&self, given: &str, name: Option<&str>) -> Result<Code, Wrong> {
        let name = name.map(|name| name.split_whitespace().collect::<String>()).filter(|name| !name.is_empty());
        let name = name.as_deref();
        match Code::parse(given) {
            Ok(code) => match name {
                Some(name) if self.0.contains_key(&code) && !self.is(code, name) => Err(self.mismatch(code, name)),
                _ => Ok(code),
            },
            Err(wrong) => {
                let meant: Vec<Code> = match (&wrong, name) {
                    (CodeError::NotSixDigits { readings, .. }, Some(name)) => {
                        readings.iter().map(|reading| reading.code()).filter(|code| self.is(*code, name)).collect()
                    }
                    _ => Vec::new(),
                };
                if let [code] = meant.as_slice() {
                    return Ok(*code);
                }
                let code = match wrong {
                    CodeError::CheckDigit { .. } => ErrorCode::MunicipalityCheckDigit,
                    _ => ErrorCode::MunicipalityCodeLength,
                };
                Err(Wrong { code, ja: wrong.ja(), en: wrong.en() })
            }
        }
    }

    fn mismatch(&self, code: Code, name: &str) -> Wrong {
        const SHOWN: usize = 3;
        let own = self.full(code).unwrap_or_default();
        let others = self.0.keys().filter(|other| self.is(**other, name)).take(SHOWN);
        let others = others.filter_map(|other| Some(format!("{}は {other}", self.full(*other)?)));
        let others = others.collect::<Vec<_>>().join("、");
        let short = crate::error::short(name, 40);
        let (ja, en) = if others.is_empty() {
            (
                format!("{code} は{own}です。名称「{short}」と合いません。どちらかを直してください"),
                format!("{code} is {own}, not `{short}`: mend one of them"),
            )
        } else {
            (
                format!("{code} は{own}です。{others} です。コードか名称を直してください"),
                format!("{code} is {own}, not `{short}` ({others}): mend the code or the name"),
            )
        };
        Wrong { code: ErrorCode::MunicipalityNameMismatch, ja, en }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::read::tests::NAMES;

    fn wrong(given: &str, name: &str) -> (&'static str, String) {
        let wrong = NAMES.code(given, Some(name)).err().unwrap();
        (wrong.code.id(), wrong.ja)
    }

    #[test]
    fn a_name_decides_what_digits_leave_open() {
        for (given, name, expected) in [
            ("132284", Some("あきる野市"), "132284"),
            ("132284", Some("東京都あきる野市"), "132284"),
            ("132284", Some("東京都 あきる野市"), "132284"),
            ("133078", Some("西多摩郡檜原村"), "133078"),
            ("133078", Some("東京都西多摩郡檜原村"), "133078"),
            ("132284", Some(""), "132284"),
            ("132284", None, "132284"),
            ("130001", Some("東京都"), "130001"),
            // Lost its zero; lost its check digit.
            ("11002", Some("札幌市"), "011002"),
            ("13228", Some("あきる野市"), "132284"),
            // Unknown to the list: whoever writes it will hear of that.
            ("131440", Some("どこか"), "131440"),
        ] {
            let code = NAMES.code(given, name).ok().map(|code| code.to_string());
            let canonical = Code::parse(given).map(|code| code.to_string());
            assert_eq!(code.or(canonical.ok()).as_deref(), Some(expected), "{given} {name:?}");
        }
    }

    #[test]
    fn digits_that_stay_open_are_told_with_their_readings() {
        let (code, ja) = wrong("12220", "府中市");
        assert_eq!(code, "municipality.code_length");
        assert!(ja.contains("012220") && ja.contains("122203"), "{ja}");
        assert_eq!(NAMES.code("12220", None).err().unwrap().code.id(), "municipality.code_length");
        assert_eq!(wrong("132285", "あきる野市").0, "municipality.check_digit");
        assert_eq!(wrong("１３２２８４", "あきる野市").0, "municipality.code_length");
    }

    #[test]
    fn a_name_of_somebody_else_contradicts_the_code() {
        let (code, ja) = wrong("342084", "東京都府中市");
        assert_eq!(code, "municipality.name_mismatch");
        assert_eq!(ja, "342084 は広島県府中市です。東京都府中市は 132063 です。コードか名称を直してください");
        let (_, ja) = wrong("132284", "どこか市");
        assert_eq!(ja, "132284 は東京都あきる野市です。名称「どこか市」と合いません。どちらかを直してください");
        // Two have this name; either could be meant.
        let (_, ja) = wrong("132284", "府中市");
        assert!(ja.contains("132063") && ja.contains("342084"), "{ja}");
        // A prefecture is not its capital.
        assert_eq!(wrong("130001", "新宿区").0, "municipality.name_mismatch");
    }
}
