//! Keyset paging. A cursor carries where the page ended and the publication number the walk began with; it is signed
//! together with the address and the filter, so another filter, or an altered cursor, is refused.

use super::params::unreadable;
use super::position::FeedPosition;
use super::terms::Terms;
use crate::error::{Code, Error};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub const DEFAULT_LIMIT: i64 = 100;
pub const MAX_LIMIT: i64 = 1000;
/// Bytes of the signature that a cursor carries.
const SIGNATURE: usize = 16;

/// Signs cursors. The same secret on every replica.
#[derive(Clone)]
pub struct CursorKey(Arc<hmac::Key>);

impl CursorKey {
    pub fn new(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// What a client carries and cannot alter, signed for one use of it.
    pub fn seal(&self, scope: &str, carried: &impl Serialize) -> Result<String, Error> {
        let payload = serde_json::to_vec(carried).map_err(Error::internal)?;
        let mut sealed = self.sign(scope, &payload);
        sealed.extend(payload);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// None: altered, or sealed for something else.
    pub fn open<T: DeserializeOwned>(&self, scope: &str, sealed: &str) -> Option<T> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (signature, payload) = sealed.split_at_checked(SIGNATURE)?;
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.sign(scope, payload), signature).ok()?;
        serde_json::from_slice(payload).ok()
    }

    fn sign(&self, scope: &str, payload: &[u8]) -> Vec<u8> {
        let mut signed = hmac::Context::with_key(&self.0);
        signed.update(scope.as_bytes());
        signed.update(&[0]);
        signed.update(payload);
        signed.sign().as_ref().iter().take(SIGNATURE).copied().collect()
    }
}

/// For the document only; `Listing` reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes two parameters")]
pub struct PagingParams {
    /// 1ページの件数（1〜1000、既定100） / entries a page
    #[param(minimum = 1, maximum = 1000, default = 100, example = 10)]
    limit: Option<i64>,
    /// 前のページの `resultset.next` / `resultset.next` of the page before
    #[param(pattern = "^[A-Za-z0-9_-]+$", max_length = 2000)]
    cursor: Option<String>,
}

/// The moment a walk shows: publication number `no` of this `epoch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub epoch: Uuid,
    pub no: i64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Position {
    moment: Option<Moment>,
    key: serde_json::Value,
}

pub struct Paging {
    pub limit: i64,
    asked: bool,
    after: Option<Position>,
    scope: String,
    cursors: CursorKey,
}

impl Paging {
    pub fn read(
        given: &[(String, String)],
        address: &str,
        filter: &[(String, String)],
        cursors: &CursorKey,
    ) -> Result<Self, Error> {
        let mut filter = filter.to_vec();
        filter.sort();
        let scope = format!("{address}?{}", serde_urlencoded::to_string(&filter).map_err(Error::internal)?);
        let mut paging = Self { limit: DEFAULT_LIMIT, asked: false, after: None, scope, cursors: cursors.clone() };
        for (name, value) in given {
            match name.as_str() {
                "limit" => {
                    paging.asked = true;
                    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    paging.limit = limit
                        .ok_or_else(|| unreadable("limit", "1から1000までの整数です", "an integer from 1 to 1000"))?;
                }
                _ => paging.after = Some(cursors.open(&paging.scope, value).ok_or_else(|| foreign("cursor"))?),
            }
        }
        Ok(paging)
    }

    /// The limit, where one was asked for.
    pub fn asked(&self) -> Option<i64> {
        self.asked.then_some(self.limit)
    }

    /// The moment of the walk this page belongs to; none on its first page.
    pub fn moment(&self) -> Option<Moment> {
        self.after.as_ref().and_then(|position| position.moment)
    }

    /// The key the page before ended with.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Error> {
        let key = self.after.as_ref().map(|position| serde_json::from_value(position.key.clone()));
        key.transpose().map_err(|_| foreign("cursor"))
    }

    /// Rows of a page were asked for with one more than its limit: cuts that one off and points behind the last.
    pub fn close<T, K: Serialize>(
        &self,
        rows: &mut Vec<T>,
        moment: Option<Moment>,
        key: impl Fn(&T) -> K,
    ) -> Result<ResultSet, Error> {
        let limit = usize::try_from(self.limit).map_err(Error::internal)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last().filter(|_| more) {
            Some(last) => {
                let key = serde_json::to_value(key(last)).map_err(Error::internal)?;
                Some(self.cursors.seal(&self.scope, &Position { moment, key })?)
            }
            None => None,
        };
        let position = moment.map(|moment| FeedPosition::at(moment).seal(&self.cursors, None)).transpose()?;
        Ok(ResultSet::new(self.limit, next, position, moment.map(|m| m.no)))
    }
}

/// A cursor that does not belong here. `name`: the parameter it was given as.
pub fn foreign(name: &str) -> Error {
    Error::at(
        name,
        Code::RequestCursor,
        format!(
            "この cursor は別の検索条件のものか、書き換えられています。条件を変えるときは {name} なしで最初から取得してください"
        ),
        format!("This cursor belongs to another query or was altered. With another filter begin again without {name}"),
    )
}

/// What part of the whole an answer is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultSet {
    /// Most entries of a page
    #[schema(minimum = 1, maximum = 1000)]
    pub limit: i64,
    /// `cursor` of the next page; null: this is the last
    #[schema(max_length = 2000)]
    pub next: Option<String>,
    /// この内容より後の変更を `/changes` で受け取る位置（`after`）。この一覧が一つの時点を示さなければ null：先に `/changes/head`
    /// / from here `/changes?after=` tells what has changed since; null where the list shows no one moment: ask `/changes/head` first
    #[schema(max_length = 2000)]
    pub position: Option<String>,
    /// The publication number every page of this walk shows; null where no moment is promised
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub publication_no: Option<i64>,
    /// How many there are on all pages; null where `count=true` was not asked for
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub count: Option<i64>,
    /// 公表された内容の出典の書き方。作業中の内容・定義の一覧では null / how what is published is to be named as a source
    #[schema(max_length = 200, example = "育み（子ども・子育て支援計画の目標と実績）")]
    pub source: Option<String>,
    /// 公表された内容の利用条件。その全文のURLは Link ヘッダーに / the terms of use; their address is in the header `Link`
    #[schema(max_length = 200, example = "公共データ利用規約（第1.0版）")]
    pub licence: Option<String>,
}

impl ResultSet {
    pub fn new(limit: i64, next: Option<String>, position: Option<String>, publication_no: Option<i64>) -> Self {
        Self { limit, next, position, publication_no, count: None, source: None, licence: None }
    }

    /// Of what is published.
    pub fn under(self, terms: &Terms) -> Self {
        Self { source: Some(terms.source().to_owned()), licence: Some(terms.licence().to_owned()), ..self }
    }
}

/// The list of a resource: one named type each, because generated clients want names.
#[macro_export]
macro_rules! list_of {
    ($name:ident, $item:ty) => {
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            pub resultset: $crate::web::page::ResultSet,
            #[schema(max_items = 1000)]
            pub results: Vec<$item>,
        }

        impl From<($crate::web::page::ResultSet, Vec<$item>)> for $name {
            fn from((resultset, results): ($crate::web::page::ResultSet, Vec<$item>)) -> Self {
                Self { resultset, results }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paging(filter: &[(String, String)], cursor: Option<&str>) -> Result<Paging, Error> {
        let given: Vec<_> = cursor.map(|c| ("cursor".to_owned(), c.to_owned())).into_iter().collect();
        Paging::read(&given, "/api/v1/results", filter, &CursorKey::new(b"a secret of the tests"))
    }

    fn filter(value: &str) -> Vec<(String, String)> {
        vec![("period".to_owned(), value.to_owned())]
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_went(keys in proptest::collection::vec(".{0,40}", 1..6), no in 0i64..i64::MAX) {
            let moment = Moment { epoch: Uuid::from_u128(7), no };
            let mut rows = vec![keys.clone(); 101];
            let sealed = paging(&filter("2024"), None).unwrap().close(&mut rows, Some(moment), Clone::clone).unwrap().next.unwrap();
            let again = paging(&filter("2024"), Some(&sealed)).unwrap();
            prop_assert_eq!(again.moment(), Some(moment));
            prop_assert_eq!(again.after::<Vec<String>>().unwrap(), Some(keys));
        }

        #[test]
        fn another_filter_or_an_altered_cursor_is_refused(at in 0usize..200, bit in 0u8..6) {
            let mut rows = vec![("132284", "2024"); 101];
            let sealed = paging(&filter("2024"), None).unwrap().close(&mut rows, None, |row| *row).unwrap().next.unwrap();
            prop_assert!(paging(&filter("2023"), Some(&sealed)).is_err());
            let mut altered = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
            let place = at % altered.len();
            altered[place] ^= 1 << bit;
            prop_assert!(paging(&filter("2024"), Some(&URL_SAFE_NO_PAD.encode(altered))).is_err());
        }

        #[test]
        fn garbage_is_refused(cursor in ".{0,120}") {
            prop_assert!(paging(&filter("2024"), Some(&cursor)).is_err());
        }
    }
}
