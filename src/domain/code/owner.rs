//! Who owns a definition that others may share.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{COMMON, Code, CodeError};

/// Who owns an indicator or an evaluation scheme. Ordered as its text: the common ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// `000000`: everybody's.
    Common,
    Body(Code),
}

impl Owner {
    pub fn parse(given: &str) -> Result<Self, CodeError> {
        match Code::parse(given) {
            Err(CodeError::Common) => Ok(Self::Common),
            other => other.map(Self::Body),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Common => COMMON,
            Self::Body(code) => code.as_str(),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        Self::parse(&given).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_the_common_indicators_is_no_code() {
        assert_eq!(Code::parse(COMMON), Err(CodeError::Common));
        assert_eq!(Owner::parse(COMMON), Ok(Owner::Common));
        let akiruno = Owner::Body(Code::parse("132284").unwrap());
        assert_eq!(Owner::parse("132284"), Ok(akiruno));
        assert_eq!(Owner::parse("13228").err(), Code::parse("13228").err());
        assert!(Owner::Common < akiruno);
    }

    #[test]
    fn json_carries_the_six_digits() {
        for text in [COMMON, "132284"] {
            let json = format!("\"{text}\"");
            let owner: Owner = serde_json::from_str(&json).unwrap();
            assert_eq!(owner.to_string(), text);
            assert_eq!(serde_json::to_string(&owner).unwrap(), json);
        }
        assert!(serde_json::from_str::<Owner>("\"132285\"").is_err());
        assert!(serde_json::from_str::<Code>("\"000000\"").is_err());
    }
}
