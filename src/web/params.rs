//! Query parameters: an unknown, repeated or malformed one is 400 and names the nearest known; none is ever ignored.

use super::json::{SHOWN, misread, nearest, unknown_field};
use super::page::Paging;
use crate::error::{Code, Error, short};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::future::{Ready, ready};

/// What turns the text of parameters into what a query wants: codes, periods, times.
pub trait Filter: DeserializeOwned + 'static {
    fn check(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// No parameters at all.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}
impl Filter for NoParams {}

/// The parameters of a request that is not a list.
pub struct Params<T>(pub T);

impl<T: Filter> FromRequest for Params<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(pairs(request).and_then(|pairs| read(&pairs, &[])).map(Self))
    }
}

/// The parameters of a list: its filter, and where in it the page stands.
pub struct Listing<T> {
    pub filter: T,
    pub paging: Paging,
}

impl<T: Filter> FromRequest for Listing<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready((|| {
            let state = request.app_data::<Data<crate::state::State>>().ok_or_else(|| Error::internal("no state"))?;
            let (paging, filter): (Vec<_>, Vec<_>) =
                pairs(request)?.into_iter().partition(|(name, _)| matches!(name.as_str(), "limit" | "cursor"));
            let parsed = read(&filter, &["limit", "cursor"])?;
            let paging = Paging::read(&paging, request.path(), &filter, &state.cursors)?;
            Ok(Self { filter: parsed, paging })
        })())
    }
}

/// The decoded parameters, none twice, none with a NUL.
pub fn pairs(request: &HttpRequest) -> Result<Vec<(String, String)>, Error> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).map_err(|error| {
        Error::new(
            Code::RequestParameter,
            format!("クエリー文字列を読み取れません：{error}"),
            format!("The query string cannot be read: {error}"),
        )
    })?;
    let mut seen = BTreeSet::new();
    for (name, value) in &pairs {
        if !seen.insert(name.as_str()) {
            let name = short(name, SHOWN);
            return Err(Error::at(
                name.as_str(),
                Code::RequestRepeatedParameter,
                format!("パラメーター {name} が2回あります。複数の値は「,」で区切ってください"),
                format!("Parameter {name} is given twice. Separate several values by commas"),
            ));
        }
        if value.contains(['\0', '\u{fffd}']) {
            return Err(unreadable(name, "使えない文字があります", "it holds a character that cannot be used"));
        }
    }
    Ok(pairs)
}

fn read<T: Filter>(pairs: &[(String, String)], others: &[&str]) -> Result<T, Error> {
    let text = serde_urlencoded::to_string(pairs).map_err(Error::internal)?;
    let mut value: T = serde_urlencoded::from_str(&text).map_err(|error| {
        let text = error.to_string();
        if let Some(name) = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            return unreadable(name, "必須です", "it is required");
        }
        match unknown_field(&text) {
            Some((name, mut known)) => {
                known.extend(others.iter().map(|name| (*name).to_owned()));
                unknown(&name, &known)
            }
            None => {
                let name = pairs.iter().find(|pair| alone::<T>(pair).as_deref() == Some(text.as_str()));
                let name = name.map_or("", |(name, _)| name.as_str());
                let (ja, en) = misread(&text);
                unreadable(name, &ja, &en)
            }
        }
    })?;
    value.check()?;
    Ok(value)
}

/// What is wrong with one parameter alone: the parser of a query does not tell whose value it could not read.
fn alone<T: Filter>(pair: &(String, String)) -> Option<String> {
    let text = serde_urlencoded::to_string([pair]).ok()?;
    serde_urlencoded::from_str::<T>(&text).err().map(|error| error.to_string())
}

pub fn unknown(name: &str, known: &[String]) -> Error {
    let (hint, name) = (nearest(name, known), short(name, SHOWN));
    let all = known.join(", ");
    Error::at(
        name.as_str(),
        Code::RequestUnknownParameter,
        match &hint {
            Some(hint) => format!("パラメーター {name} はありません。{hint} ではありませんか"),
            None => format!("パラメーター {name} はありません。使えるもの：{all}"),
        },
        match &hint {
            Some(hint) => format!("There is no parameter {name}. Did you mean {hint}?"),
            None => format!("There is no parameter {name}. Known: {all}"),
        },
    )
}

/// A parameter whose value makes no sense.
pub fn unreadable(name: &str, ja: &str, en: &str) -> Error {
    Error::at(name, Code::RequestParameter, format!("パラメーター {name}：{ja}"), format!("Parameter {name}: {en}"))
}
