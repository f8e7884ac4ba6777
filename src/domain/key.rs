//! Codes that owners give themselves: plans, and what lies within a plan or an owner.

use super::code::Code;
use serde::{Serialize, Serializer};
use std::fmt;

/// `132284-kodomo-2020`: the owner's code, a hyphen, a name of lower-case letters, digits and hyphens.
/// Beginning with the owner, so that whoever holds the code knows the owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanCode {
    text: String,
    owner: Code,
}

impl PlanCode {
    pub fn parse(given: &str) -> Option<Self> {
        let (owner, name) = given.split_once('-')?;
        let owner = Code::parse(owner).ok()?;
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let fits = (1..=48).contains(&name.len())
            && name.chars().all(|c| letters(c) || c == '-')
            && name.starts_with(letters)
            && name.ends_with(letters);
        fits.then(|| Self { text: given.to_owned(), owner })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn owner(&self) -> Code {
        self.owner
    }
}

impl fmt::Display for PlanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for PlanCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// A code that is unique within its owner or plan: letters, digits, `.`, `_`, `-`; at most 40, a letter or digit first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct LocalCode(String);

impl LocalCode {
    pub fn parse(given: &str) -> Option<Self> {
        let fits = (1..=40).contains(&given.len())
            && given.starts_with(|c: char| c.is_ascii_alphanumeric())
            && given.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        fits.then(|| Self(given.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
