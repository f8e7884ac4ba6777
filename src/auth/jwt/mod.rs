//! Access tokens (RFC 9068, `at+jwt`): what is signed and what is accepted.
//!
//! Pure: no HTTP, no I/O, and the time is an argument. The library does the cryptography only; its
//! own reading of header and claims is not used, because with usual settings it takes tokens
//! without issuer or audience, with any `typ`, and looks at the system clock.
//!
//! | step of [`Issuer::verify`] | refused with the cause |
//! |---|---|
//! | at most [`MAX_TOKEN_BYTES`] | `length` |
//! | three parts, base64url without padding | `parts`, `base64url` |
//! | header is exactly `alg`, `typ`, `kid`, each once and a string | `header` |
//! | `typ` is `at+jwt` | `typ` |
//! | `kid` names a configured key, `alg` is that key's | `kid`, `alg` |
//! | signature, before a claim is looked at | `signature` |
//! | every claim, each once, of its type, and no other | `claims` |
//! | whose, when, who, what | `iss` … `bodies` |

mod keys;
#[cfg(test)]
mod tests;

pub use keys::{KeyError, Keys};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// The longest token that is read at all. It bounds the bodies of a token to about 280.
pub const MAX_TOKEN_BYTES: usize = 4096;
/// The longest life of a token, `exp − iat`.
pub const MAX_LIFETIME_SECONDS: u64 = 15 * 60;
/// How far two clocks may be apart.
pub const LEEWAY_SECONDS: u64 = 30;
const MAX_NAME_CHARS: usize = 200;
const MAX_ROLES: usize = 6;
const MAX_BODIES: usize = 2000;
const TYPE: &str = "at+jwt";

/// What a caller may do for the bodies its token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case", try_from = "String")]
#[value(rename_all = "snake_case")]
pub enum Role {
    MunicipalEditor,
    MunicipalApprover,
    PrefectureReader,
    PrefectureEditor,
    PrefectureReviewer,
    Administrator,
}

impl Role {
    pub const ALL: [Role; 6] = [
        Role::MunicipalEditor,
        Role::MunicipalApprover,
        Role::PrefectureReader,
        Role::PrefectureEditor,
        Role::PrefectureReviewer,
        Role::Administrator,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::MunicipalEditor => "municipal_editor",
            Role::MunicipalApprover => "municipal_approver",
            Role::PrefectureReader => "prefecture_reader",
            Role::PrefectureEditor => "prefecture_editor",
            Role::PrefectureReviewer => "prefecture_reviewer",
            Role::Administrator => "administrator",
        }
    }

    pub fn label_ja(self) -> &'static str {
        match self {
            Role::MunicipalEditor => "市区町村 入力担当者",
            Role::MunicipalApprover => "市区町村 承認者",
            Role::PrefectureReader => "都道府県 閲覧者",
            Role::PrefectureEditor => "都道府県 計画担当者",
            Role::PrefectureReviewer => "都道府県 審査者",
            Role::Administrator => "システム管理者",
        }
    }

    pub fn label_en(self) -> &'static str {
        match self {
            Role::MunicipalEditor => "a municipality's editor",
            Role::MunicipalApprover => "a municipality's approver",
            Role::PrefectureReader => "a prefecture's reader",
            Role::PrefectureEditor => "a prefecture's editor of plans",
            Role::PrefectureReviewer => "a prefecture's reviewer",
            Role::Administrator => "administrator of the service",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// From a string and nothing else: a derived enum would also take `{"administrator": null}`.
impl TryFrom<String> for Role {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let found = Role::ALL.into_iter().find(|role| role.as_str() == name);
        found.ok_or("no such role")
    }
}

/// What a verified token says. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub exp: u64,
    pub iat: u64,
    pub nbf: u64,
    pub jti: String,
    pub sub: String,
    pub client_id: String,
    /// The roles in OAuth's notation. Authority comes from `roles`, never from here.
    pub scope: String,
    pub roles: Vec<Role>,
    /// Six-digit codes of the municipalities and prefectures the caller acts for.
    pub bodies: Vec<String>,
}

impl Claims {
    /// Is the token, good when it was verified, good now?
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        u64::try_from(now.timestamp()).is_ok_and(|now| check_times(self, now).is_ok())
    }
}

/// What a token is asked to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub subject: String,
    pub client_id: String,
    pub roles: Vec<Role>,
    pub bodies: Vec<String>,
    pub lifetime_seconds: u64,
}

/// The cause, for the log only: every 401 has one text. Hence no `Display`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected(&'static str);

impl Rejected {
    pub const LENGTH: Self = Self("length");
    pub const BODIES: Self = Self("bodies");

    pub fn cause(self) -> &'static str {
        self.0
    }
}

/// Why a grant was not signed: a rule its token would break, or the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignError(&'static str);

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token was not signed: {}", self.0)
    }
}

impl std::error::Error for SignError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// The one who signs and the one who accepts: issuer, audience and keys of this service.
#[derive(Debug)]
pub struct Issuer {
    issuer: String,
    audience: String,
    keys: RwLock<Arc<Keys>>,
}

impl Issuer {
    pub fn new(issuer: String, audience: String, keys: Keys) -> Issuer {
        Issuer { issuer, audience, keys: RwLock::new(Arc::new(keys)) }
    }

    /// The keys of now. Others after [`Issuer::replace_keys`].
    pub fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// While the service runs: from now on these sign, and these are accepted.
    pub fn replace_keys(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// Signs what [`Issuer::verify`] will accept and nothing else.
    pub fn sign(&self, grant: &Grant, now: DateTime<Utc>, jti: Uuid) -> Result<String, SignError> {
        let iat = u64::try_from(now.timestamp()).map_err(|_| SignError("clock"))?;
        let exp = iat.checked_add(grant.lifetime_seconds).ok_or(SignError("lifetime"))?;
        let scope: Vec<&str> = grant.roles.iter().map(|role| role.as_str()).collect();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            exp,
            iat,
            nbf: iat,
            jti: jti.to_string(),
            sub: grant.subject.clone(),
            client_id: grant.client_id.clone(),
            scope: scope.join(" "),
            roles: grant.roles.clone(),
            bodies: grant.bodies.clone(),
        };
        self.check(&claims, now).map_err(|rejected| SignError(rejected.0))?;
        let token = self.keys().sign(TYPE, &claims)?;
        if token.len() > MAX_TOKEN_BYTES {
            return Err(SignError("length"));
        }
        Ok(token)
    }

    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, Rejected> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejected::LENGTH);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Rejected("parts"))?;
        let (header, payload) = signed.split_once('.').ok_or(Rejected("parts"))?;
        if payload.contains('.') {
            return Err(Rejected("parts"));
        }
        let (header, payload) = (decode(header)?, decode(payload)?);
        let header: Header = object(&header).ok_or(Rejected("header"))?;
        if header.typ != TYPE {
            return Err(Rejected("typ"));
        }
        let keys = self.keys();
        let key = keys.verifying.get(&header.kid).ok_or(Rejected("kid"))?;
        if header.alg != key.kind.algorithm_name() {
            return Err(Rejected("alg"));
        }
        if !key.has_signed(signed, signature) {
            return Err(Rejected("signature"));
        }
        let claims: Claims = object(&payload).ok_or(Rejected("claims"))?;
        self.check(&claims, now)?;
        Ok(claims)
    }

    /// The rules for the claims, the same for signing and for verifying.
    fn check(&self, claims: &Claims, now: DateTime<Utc>) -> Result<(), Rejected> {
        if claims.iss != self.issuer {
            return Err(Rejected("iss"));
        }
        if claims.aud != self.audience {
            return Err(Rejected("aud"));
        }
        let now = u64::try_from(now.timestamp()).map_err(|_| Rejected("clock"))?;
        check_times(claims, now)?;
        check_authority(claims)?;
        check_names(claims)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Rejected> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejected("base64url"))
}

/// A JSON object and nothing else: a derived struct would also take an array of its values.
/// A member that comes twice is refused by the derived code.
fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    if json.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn check_times(claims: &Claims, now: u64) -> Result<(), Rejected> {
    match claims.exp.checked_sub(claims.iat) {
        Some(1..=MAX_LIFETIME_SECONDS) => {}
        _ => return Err(Rejected("lifetime")),
    }
    // A token is good before `exp`, not at it (RFC 7519, 4.1.4).
    if now >= claims.exp.saturating_add(LEEWAY_SECONDS) {
        return Err(Rejected("exp"));
    }
    let latest = now.saturating_add(LEEWAY_SECONDS);
    if claims.iat > latest {
        return Err(Rejected("iat"));
    }
    // With the leeway on both ends a token that is never good would pass without the second half.
    if claims.nbf > latest || claims.nbf >= claims.exp {
        return Err(Rejected("nbf"));
    }
    Ok(())
}

fn check_names(claims: &Claims) -> Result<(), Rejected> {
    if !is_name(&claims.jti) {
        return Err(Rejected("jti"));
    }
    if !is_name(&claims.sub) {
        return Err(Rejected("sub"));
    }
    if !is_name(&claims.client_id) {
        return Err(Rejected("client_id"));
    }
    // The alphabet of RFC 6749, 3.3.
    let in_scope = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    if !is_name(&claims.scope) || !claims.scope.chars().all(in_scope) {
        return Err(Rejected("scope"));
    }
    Ok(())
}

/// Not empty, not long, and nothing that would break or turn around a line of the log.
fn is_name(text: &str) -> bool {
    let forged =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    (1..=MAX_NAME_CHARS).contains(&text.chars().count()) && !text.contains(forged)
}

fn check_authority(claims: &Claims) -> Result<(), Rejected> {
    if !(1..=MAX_ROLES).contains(&claims.roles.len()) || repeats(&claims.roles) {
        return Err(Rejected("roles"));
    }
    let only_administrator = claims.roles == [Role::Administrator];
    if claims.bodies.is_empty() && !only_administrator {
        return Err(Rejected::BODIES);
    }
    let is_code = |code: &String| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
    if claims.bodies.len() > MAX_BODIES || !claims.bodies.iter().all(is_code) || repeats(&claims.bodies) {
        return Err(Rejected::BODIES);
    }
    Ok(())
}

fn repeats<T: Eq + Hash>(items: &[T]) -> bool {
    let mut seen = HashSet::new();
    !items.iter().all(|item| seen.insert(item))
}
