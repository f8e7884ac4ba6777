//! What serde says of a value it cannot read, in our words and both languages.

use super::SHOWN;
use crate::error::short;

/// "unknown field `naem`, expected one of `name`, `kind`"
pub fn unknown_field(text: &str) -> Option<(String, Vec<String>)> {
    unknown("unknown field `", text)
}

/// The name, and those that are known.
fn unknown(what: &str, text: &str) -> Option<(String, Vec<String>)> {
    let rest = text.strip_prefix(what)?;
    let mut names = rest.split('`').step_by(2).map(str::to_owned);
    let name = names.next()?;
    let known = rest.split('`').skip(2).step_by(2).map(str::to_owned).collect();
    Some((name, known))
}

/// Why the value of a field or a parameter cannot be read. What we have no words for is told as the parser says it.
pub fn misread(text: &str) -> (String, String) {
    if let Some((given, known)) = unknown("unknown variant `", text) {
        let given = short(given, SHOWN);
        return (
            format!("「{given}」は使えません。使えるもの：{}", known.join("・")),
            format!("`{given}` is none of {}", known.join(", ")),
        );
    }
    if text.starts_with("invalid value: integer")
        || text.contains("number too large")
        || text.contains("number too small")
    {
        return ("この大きさの整数は使えません".to_owned(), "This whole number is too large or too small".to_owned());
    }
    let expected = text.rsplit_once(", expected ").map(|(_, expected)| expected);
    let kind = match text {
        _ if is_no_day(text) => Some(DAY),
        // Of a parameter.
        "invalid digit found in string" | "cannot parse integer from empty string" => Some(INTEGER),
        "provided string was not `true` or `false`" => Some(TRUTH),
        _ => expected.and_then(kind),
    };
    match kind {
        Some((ja, en)) => (format!("{ja}で書いてください"), format!("Write {en}")),
        None => (format!("値を読み取れません：{text}"), format!("The value cannot be read: {text}")),
    }
}

const DAY: (&str, &str) = ("日付（2024-04-01 の形）", "a day such as 2024-04-01");
const TRUTH: (&str, &str) = ("true か false ", "true or false");
const INTEGER: (&str, &str) = ("整数", "a whole number");

/// chrono's words.
fn is_no_day(text: &str) -> bool {
    ["input contains invalid characters", "input is out of range", "premature end of input", "trailing input"]
        .contains(&text)
}

fn kind(expected: &str) -> Option<(&'static str, &'static str)> {
    Some(match expected {
        "a string" | "string" => ("文字列", "a text"),
        "a boolean" => TRUTH,
        "a sequence" => ("配列 [ … ] ", "an array [ … ]"),
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => INTEGER,
        "a map" | "an object of texts" => ("オブジェクト { … } ", "an object { … }"),
        "a formatted date string" => DAY,
        _ if expected.starts_with("struct ") => ("オブジェクト { … } ", "an object { … }"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::misread;
    use crate::error::Problem;
    use crate::municipalities::types::PutMunicipality;
    use crate::programs::types::PutProgram;
    use crate::web::json::{Rules, parse};
    use serde::de::DeserializeOwned;
    use validator::Validate;

    #[test]
    fn values_of_parameters_are_told_as_well() {
        for (text, ja) in [
            ("x".parse::<i16>().unwrap_err().to_string(), "整数で書いてください"),
            ("99999".parse::<i16>().unwrap_err().to_string(), "この大きさの整数は使えません"),
            ("".parse::<i16>().unwrap_err().to_string(), "整数で書いてください"),
            ("yes".parse::<bool>().unwrap_err().to_string(), "true か false で書いてください"),
        ] {
            assert_eq!(misread(&text).0, ja);
        }
    }

    /// Where, and what in Japanese.
    fn told<T: DeserializeOwned + Validate + Rules>(body: &str) -> (String, String) {
        let error = parse::<T>(body.as_bytes()).err().unwrap();
        let problem = Problem::render(&error, true, "", "");
        (problem.errors[0].pointer.clone(), problem.detail)
    }

    #[test]
    fn no_word_of_the_parser_is_left_in_japanese() {
        for (body, pointer, text) in [
            (r#"{"name":"研修"}"#, "/position", "「position」は必須です"),
            (r#"{"position":1,"successors":[{"plan":"132284-a"}]}"#, "/successors/0/program", "「program」は必須です"),
            (r#"{"position":1,"position":2}"#, "/position", "「position」が2回あります"),
            (r#"{"position":"1"}"#, "/position", "整数で書いてください（1行15文字目）"),
            (r#"{"position":9999999999}"#, "/position", "この大きさの整数は使えません（1行22文字目）"),
            (r#"{"position":1,"name":5}"#, "/name", "文字列で書いてください（1行22文字目）"),
            (r#"{"position":1,"priority":"yes"}"#, "/priority", "true か false で書いてください"),
            (r#"{"position":1,"departments":{}}"#, "/departments", "配列 [ … ] で書いてください"),
            (r#"{"position":1,"successors":[[]]}"#, "/successors/0", "オブジェクト { … } で書いてください"),
            (r#"{"position":1,"printed":[]}"#, "/printed", "オブジェクト { … } で書いてください"),
        ] {
            let (at, detail) = told::<PutProgram>(body);
            assert_eq!((at.as_str(), detail.starts_with(text)), (pointer, true), "{body}: {detail}");
        }
        let city = |more: &str| format!(r#"{{"name":"見本","kana":"ミホン","prefecture":"130001",{more}}}"#);
        for (more, pointer, text) in [
            (r#""kind":"hamlet""#, "/kind", "「hamlet」は使えません。使えるもの：prefecture・"),
            (r#""kind":"city","valid_from":"令和6年""#, "/valid_from", "日付（2024-04-01 の形）で書いてください"),
            (r#""kind":"city","valid_from":"2024-13-01""#, "/valid_from", "日付（2024-04-01 の形）で書いてください"),
            (r#""kind":"city","valid_from":20240401"#, "/valid_from", "日付（2024-04-01 の形）で書いてください"),
        ] {
            let (at, detail) = told::<PutMunicipality>(&city(more));
            assert_eq!((at.as_str(), detail.starts_with(text)), (pointer, true), "{more}: {detail}");
        }
    }
}
