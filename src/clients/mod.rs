//! Clients: the systems that get access tokens by their id and secret.
//!
//! The operator writes them with `hagukumi client …` through the owner's login. The service itself may only read them, so
//! that what has broken into it cannot give itself a client. Their tokens: [`crate::auth::token`].

pub mod commands;
pub mod queries;
mod rules;
pub mod secret;

use crate::auth::jwt::Role;
use crate::domain::code::Code;
use chrono::{DateTime, Utc};
use std::fmt;

/// Lower-case letters, digits and single hyphens, 3 to 40 of them: shorter than any secret, so that a secret sent in
/// the place of an id is never taken for one, nor written to a log as one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    pub fn parse(given: &str) -> Option<Self> {
        let is_part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        ((3..=40).contains(&given.len()) && given.split('-').all(is_part)).then(|| Self(given.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[derive(Clone, Debug)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    pub roles: Vec<Role>,
    pub bodies: Vec<Code>,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_be_a_secret() {
        for good in ["abc", "nishitokyo-2", "132292", &"a".repeat(40)] {
            assert!(ClientId::parse(good).is_some(), "{good}");
        }
        let secret = secret::Secret::generate().unwrap();
        for bad in ["", "ab", "Abc", "a_b", "-abc", "abc-", "a--b", "a b", "ａｂｃ", "abc\0", &"a".repeat(41)] {
            assert!(ClientId::parse(bad).is_none(), "{bad}");
        }
        assert!(ClientId::parse(secret.as_str()).is_none());
    }
}
