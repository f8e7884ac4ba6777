//! Preconditions of writes, and the order in which a write is judged: 428, then equal content (200, nothing written,
//! whatever the precondition: a repeat after a lost answer succeeds), then 412.

use super::params::{Filter, pairs, unknown, unreadable};
use crate::error::{Code, Error};
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use utoipa::IntoParams;

/// ETag of a working row or a definition.
pub fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

#[derive(Clone, Debug, PartialEq)]
enum Expected {
    /// `If-None-Match: *`
    Absent,
    /// Of a row: nothing, or whatever is there
    Anything,
    /// `If-Match: *`
    Whatever,
    /// `If-Match: "v7"`; none of these where the tag is no working ETag
    Versions(Vec<i64>),
}

/// So long is a precondition at most, as `PreconditionHeaders` say.
const MOST_TAGS: usize = 200;

/// The parameters of a POST that can be tried.
#[derive(Debug, serde::Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrialParams {
    /// 試すだけ：結果を返し、何も書き込まない / answer what would be made, write nothing
    #[serde(default)]
    #[param(default = false, example = true)]
    pub dry_run: bool,
}
impl Filter for TrialParams {}

/// How a PUT or DELETE wants to be taken.
#[derive(Clone, Debug)]
pub struct Write {
    expected: Option<Expected>,
    pub dry_run: bool,
}

/// For the document only; `Write` reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters")]
pub struct WriteParams {
    /// 検査だけ行い、書き込まない / check everything, write nothing
    #[param(default = false)]
    dry_run: Option<bool>,
}

/// For the document only.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes parameters")]
pub struct PreconditionHeaders {
    /// 更新：直前に取得した ETag（`"v7"`）、または `*` / to replace: the ETag last read, or `*`
    #[param(rename = "If-Match", pattern = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#, max_length = 200)]
    if_match: Option<String>,
    /// 新規作成：`*` / to create
    #[param(rename = "If-None-Match", pattern = "^\\*$", max_length = 200, example = "*")]
    if_none_match: Option<String>,
}

#[derive(Debug, PartialEq)]
pub enum Change {
    Create,
    Replace { version: i64, overwrite: bool },
    Unchanged { version: i64 },
}

impl Write {
    /// How a row of an import wants to be taken. Without an ETag it may create, or be what is there already.
    pub fn of_row(if_match: Option<&str>, overwrite: bool) -> Result<Self, Error> {
        let expected = match if_match {
            Some(tag) => Expected::Versions(versions(tag).ok_or_else(|| {
                let (ja, en) =
                    ("if_match は、取得したときの ETag（\"v7\" の形）です", "the ETag last read, such as \"v7\"");
                Error::new(Code::RequestPrecondition, ja, en)
            })?),
            None if overwrite => Expected::Anything,
            None => Expected::Absent,
        };
        Ok(Self { expected: Some(expected), dry_run: false })
    }

    /// What is to be done with `new`, given what is there.
    pub fn decide<B: PartialEq>(&self, current: Option<(&B, i64)>, new: &B) -> Result<Change, Error> {
        let expected = self.expected.as_ref().ok_or_else(|| required(current.map(|(_, version)| version)))?;
        match (current, expected) {
            (Some((body, version)), _) if body == new => Ok(Change::Unchanged { version }),
            (None, Expected::Absent | Expected::Anything) => Ok(Change::Create),
            (Some((_, version)), Expected::Whatever | Expected::Anything) => {
                Ok(Change::Replace { version, overwrite: true })
            }
            (Some((_, version)), Expected::Versions(versions)) if versions.contains(&version) => {
                Ok(Change::Replace { version, overwrite: false })
            }
            (current, _) => Err(conflict(current.map(|(_, version)| version))),
        }
    }

    /// The version to delete.
    pub fn decide_delete(&self, current: i64) -> Result<i64, Error> {
        match &self.expected {
            // That nothing is there can be no condition of a deletion.
            None | Some(Expected::Absent) => Err(required(Some(current))),
            Some(Expected::Whatever | Expected::Anything) => Ok(current),
            Some(Expected::Versions(versions)) if versions.contains(&current) => Ok(current),
            Some(_) => Err(conflict(Some(current))),
        }
    }
}

fn required(current: Option<i64>) -> Error {
    match current {
        None => Error::new(
            Code::RequestPreconditionRequired,
            "新規作成なら `If-None-Match: *`、更新なら直前に取得した ETag を `If-Match` に付けてください。まだ登録はありません",
            "Send `If-None-Match: *` to create, or `If-Match` with the ETag last read to replace. Nothing is there yet",
        ),
        Some(version) => {
            let tag = etag(version);
            Error::new(
                Code::RequestPreconditionRequired,
                format!("新規作成なら `If-None-Match: *`、更新なら直前に取得した ETag を `If-Match` に付けてください。現在の ETag: {tag}"),
                format!("Send `If-None-Match: *` to create, or `If-Match` with the ETag last read to replace. Current ETag: {tag}"),
            )
            .with_etag(tag)
        }
    }
}

fn conflict(current: Option<i64>) -> Error {
    match current {
        None => Error::new(
            Code::RequestVersionConflict,
            "更新しようとした登録がありません（削除されたか、まだ作成されていません）。新規作成なら `If-None-Match: *` を付けてください",
            "There is nothing to replace (deleted, or never created). Send `If-None-Match: *` to create",
        ),
        Some(version) => {
            let tag = etag(version);
            Error::new(
                Code::RequestVersionConflict,
                format!("別の更新が先に行われています。取得し直して内容を確かめ、現在の ETag {tag} を If-Match に付けて送り直してください"),
                format!("Another change came first. Read again, check, and send again with the current ETag {tag} as If-Match"),
            )
            .with_etag(tag)
        }
    }
}

impl FromRequest for Write {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<Write, Error> {
    let mut dry_run = false;
    for (name, value) in pairs(request)? {
        match (name.as_str(), value.as_str()) {
            ("dry_run", "true") => dry_run = true,
            ("dry_run", "false") => {}
            ("dry_run", _) => return Err(unreadable("dry_run", "true か false です", "true or false")),
            (name, _) => return Err(unknown(name, &["dry_run".to_owned()])),
        }
    }
    let expected = match (header(request, IF_MATCH)?, header(request, IF_NONE_MATCH)?) {
        (None, None) => None,
        (Some(tags), None) if tags == "*" => Some(Expected::Whatever),
        (Some(tags), None) => Some(Expected::Versions(versions(&tags).ok_or_else(malformed)?)),
        (None, Some(tags)) if tags == "*" => Some(Expected::Absent),
        _ => return Err(malformed()),
    };
    Ok(Write { expected, dry_run })
}

/// The lines of a list are one list.
fn header(request: &HttpRequest, name: HeaderName) -> Result<Option<String>, Error> {
    let lines = request.headers().get_all(name).map(|line| line.to_str().map_err(|_| malformed()));
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    let whole = lines.join(",").trim().to_owned();
    if whole.len() > MOST_TAGS {
        return Err(malformed());
    }
    Ok((!lines.is_empty()).then_some(whole))
}

/// An entity tag (RFC 9110 §8.8.3): what stands between its quotes.
pub struct Tag<'t> {
    pub weak: bool,
    pub text: &'t str,
}

/// A list of them; none: it is no such list.
pub fn tags(list: &str) -> Option<Vec<Tag<'_>>> {
    const BETWEEN: [char; 3] = [' ', '\t', ','];
    let mut rest = list.trim_start_matches(BETWEEN);
    let mut all = Vec::new();
    while !rest.is_empty() {
        let strong = rest.strip_prefix("W/");
        let (text, behind) = strong.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        all.push(Tag { weak: strong.is_some(), text });
        rest = behind.trim_start_matches(BETWEEN);
        if !rest.is_empty() && !behind.trim_start().starts_with(',') {
            return None;
        }
    }
    (!all.is_empty()).then_some(all)
}

/// `"v7"`, `"v7;gzip"`, a list of them. Only a strong tag can match, and another service's never does.
fn versions(list: &str) -> Option<Vec<i64>> {
    let version = |tag: &Tag| {
        let core = tag.text.split(';').next().unwrap_or(tag.text);
        core.strip_prefix('v').filter(|_| !tag.weak).and_then(|number| number.parse().ok())
    };
    Some(tags(list)?.iter().filter_map(version).collect())
}

fn malformed() -> Error {
    Error::new(
        Code::RequestPrecondition,
        "If-Match は `\"v7\"` のような ETag か `*`、If-None-Match は `*` だけを、どちらか一方だけ付けてください",
        "Send either If-Match with an ETag such as `\"v7\"` or `*`, or If-None-Match with `*`, not both",
    )
}
