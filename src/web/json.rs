//! Request bodies: read whole, checked whole, every finding told at once.

mod misread;

pub use misread::{misread, unknown_field};

use super::limits;
use super::objects::Objects;
use crate::domain::number::NumberError;
use crate::error::{Code, Error, Finding, short, token};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::collections::BTreeMap;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

/// The rules of a body that its types and `validator` cannot say. Era years and the like become canonical here.
pub trait Rules {
    fn check(&mut self, findings: &mut Vec<Finding>);
}

/// A JSON body that was read and found valid.
pub struct Valid<T>(pub T);

impl<T: DeserializeOwned + Validate + Rules + 'static> FromRequest for Valid<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media = media_type(request);
        let body = Bytes::from_request(request, payload);
        async move {
            media?;
            parse(&body.await.map_err(|error| limits::unread(&error))?).map(Self)
        }
        .boxed_local()
    }
}

fn media_type(request: &HttpRequest) -> Result<(), Error> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match given.and_then(|value| value.parse::<mime::Mime>().ok()) {
        Some(media) if media.essence_str() == "application/json" => Ok(()),
        _ => Err(Error::new(
            Code::RequestMediaType,
            "本文は Content-Type: application/json で送ってください",
            "Send the body as Content-Type: application/json",
        )),
    }
}

/// Reads and checks a body. Bulk rows take the same way as a single PUT.
pub fn parse<T: DeserializeOwned + Validate + Rules>(body: &[u8]) -> Result<T, Error> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(malformed("本文はJSONのオブジェクト { … } です", "The body is a JSON object { … }"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let mut value: T = serde_path_to_error::deserialize(Objects(&mut deserializer)).map_err(|error| {
        let pointer = pointer(&error.path().to_string());
        if is_no_number(body, error.inner()) {
            let (ja, en) = (
                "NaN と Infinity は数値として送れません。値がないことは、その理由で表してください",
                "NaN and Infinity are no numbers. Say why there is no value",
            );
            return Error::at(pointer, Code::RequestInvalid, ja, en);
        }
        if error.inner().to_string().starts_with("expected value") && serde_json::from_slice::<IgnoredAny>(body).is_ok()
        {
            // The parser takes what is no name of a choice for what is no JSON.
            let (ja, en) = ("この項目の値の型が違います", "this field takes another type of value");
            return Error::at(pointer, Code::RequestInvalid, ja, en);
        }
        refused(pointer, error.inner())
    })?;
    deserializer.end().map_err(|error| refused(String::new(), &error))?;
    if has_nul(body) {
        return Err(Error::at(
            "",
            Code::RequestInvalid,
            "文字列にNUL文字（U+0000）があります。取り除いてください",
            "A text holds a NUL character (U+0000). Remove it",
        ));
    }
    let mut findings = Vec::new();
    if let Err(errors) = value.validate() {
        flatten("", &errors, &mut findings);
    }
    value.check(&mut findings);
    if findings.is_empty() { Ok(value) } else { Err(Error::invalid(findings)) }
}

/// Did the parser stop at one of the words that other languages write into JSON where a number was to be?
fn is_no_number(body: &[u8], error: &serde_json::Error) -> bool {
    let line = body.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    // It stops at the word's first letter, or, behind a sign, just before or after it.
    (error.column().saturating_sub(2)..=error.column())
        .filter_map(|at| line.get(at..))
        .any(|rest| rest.starts_with(b"NaN") || rest.starts_with(b"Infinity"))
        && error.is_syntax()
}

/// `\u0000` as an escape: an odd number of backslashes before `u0000`. (A raw NUL is no JSON.)
fn has_nul(body: &[u8]) -> bool {
    body.windows(6).enumerate().any(|(at, window)| {
        window == b"\\u0000" && body.iter().take(at).rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
    })
}

fn malformed(ja: &str, en: &str) -> Error {
    Error::new(Code::RequestMalformed, ja, en)
}

/// `values[0].unit` → `/values/0/unit`
fn pointer(path: &str) -> String {
    if path == "." {
        return String::new();
    }
    format!("/{}", path.replace('[', "/").replace(']', "").replace('.', "/"))
}

/// The parser's error in our words: what it does not know is 400, what has another type is 422.
fn refused(pointer: String, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    let place = format!("{}行{}文字目", error.line(), error.column());
    // Some errors come with the path of the object, some with that of the field in it.
    let field = |name: &str| format!("{}/{name}", pointer.strip_suffix(&format!("/{name}")).unwrap_or(&pointer));
    if let Some((name, known)) = unknown_field(text) {
        let (hint, name) = (nearest(&name, &known), short(name, SHOWN));
        let at = field(&name);
        return Error::at(
            at,
            Code::RequestUnknownField,
            format!(
                "「{name}」という項目はありません。{}",
                hint.as_ref().map_or(String::new(), |h| format!("「{h}」ではありませんか"))
            ),
            format!("There is no field `{name}`.{}", hint.map_or(String::new(), |h| format!(" Did you mean `{h}`?"))),
        );
    }
    if let Some(wrong) = NumberError::ALL.into_iter().find(|wrong| wrong.to_string() == text) {
        let code = if wrong == NumberError::NotANumber { Code::RequestInvalid } else { Code::NumberDigits };
        return Error::at(pointer, code, wrong.ja(), wrong.en());
    }
    if let Some(name) = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        let (ja, en) = (format!("「{name}」は必須です"), format!("`{name}` is required"));
        return Error::at(field(name), Code::RequestInvalid, ja, en);
    }
    if let Some(name) = text.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`')) {
        let name = short(name, SHOWN);
        let (ja, en) = (format!("「{name}」が2回あります"), format!("`{name}` is given twice"));
        return Error::at(field(&token(&name)), Code::RequestInvalid, ja, en);
    }
    match error.classify() {
        serde_json::error::Category::Data => {
            let (ja, en) = misread(text);
            Error::at(
                pointer,
                Code::RequestInvalid,
                format!("{ja}（{place}）"),
                format!("{en} (line {}, column {})", error.line(), error.column()),
            )
        }
        _ if text.contains("surrogate") || text.contains("hex escape") => Error::at(
            pointer,
            Code::RequestInvalid,
            format!("文字列に対のないサロゲートがあります（{place}）"),
            format!("A text holds a lone surrogate (line {}, column {})", error.line(), error.column()),
        ),
        _ if text.contains("number out of range") => Error::at(
            pointer,
            Code::NumberDigits,
            format!("数値が大きすぎます（{place}）"),
            format!("A number is too large (line {}, column {})", error.line(), error.column()),
        ),
        _ => malformed(
            &format!("JSONとして読めません（{place}）：{text}"),
            &format!("Not JSON (line {}, column {}): {text}", error.line(), error.column()),
        ),
    }
}

/// Characters of an unknown name that are told back.
pub const SHOWN: usize = 80;
/// Entries of a map of texts, and characters of their names.
const MOST_NAMES: usize = 100;
const LONGEST_NAME: usize = 100;

/// A map that names nothing twice: of two texts under one name the first would be lost without a word.
pub fn unique_names<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Names;
    impl<'de> serde::de::Visitor<'de> for Names {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object of texts")
        }

        fn visit_map<M: serde::de::MapAccess<'de>>(self, mut given: M) -> Result<Self::Value, M::Error> {
            let mut all = BTreeMap::new();
            while let Some((name, text)) = given.next_entry::<String, String>()? {
                if all.contains_key(&name) {
                    return Err(serde::de::Error::custom(format!("duplicate field `{name}`")));
                }
                if all.len() == MOST_NAMES || name.chars().count() > LONGEST_NAME {
                    let text = format!("more than {MOST_NAMES} names, or one of more than {LONGEST_NAME} characters");
                    return Err(serde::de::Error::custom(text));
                }
                all.insert(name, text);
            }
            Ok(all)
        }
    }
    deserializer.deserialize_map(Names)
}

/// The known name closest to what was written, if any is close.
pub fn nearest(name: &str, known: &[String]) -> Option<String> {
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.clone())
}

/// `validator`'s tree of errors as pointers.
fn flatten(prefix: &str, errors: &ValidationErrors, findings: &mut Vec<Finding>) {
    for (field, kind) in errors.errors() {
        let at = format!("{prefix}/{field}");
        match kind {
            ValidationErrorsKind::Struct(inner) => flatten(&at, inner, findings),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    flatten(&format!("{at}/{index}"), inner, findings);
                }
            }
            ValidationErrorsKind::Field(list) => findings.extend(list.iter().map(|error| {
                let limit = |name: &str| error.params.get(name).map(ToString::to_string);
                let (ja, en) = match (limit("min"), limit("max")) {
                    (Some(min), Some(max)) => {
                        (format!("{min}以上{max}以下にしてください"), format!("must be between {min} and {max}"))
                    }
                    (Some(min), None) => (format!("{min}以上にしてください"), format!("must be at least {min}")),
                    (None, Some(max)) => (format!("{max}以下にしてください"), format!("must be at most {max}")),
                    (None, None) => ("形式に誤りがあります".to_owned(), format!("is not valid ({})", error.code)),
                };
                let what = if error.code == "length" {
                    ("長さ（文字数・件数）は", "the length ")
                } else {
                    ("", "")
                };
                Finding::new(at.clone(), Code::RequestInvalid, format!("{}{ja}", what.0), format!("{}{en}", what.1))
            })),
        }
    }
    findings.sort_by(|a, b| a.pointer.cmp(&b.pointer));
}
