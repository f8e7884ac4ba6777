//! Secrets: 32 random bytes in base64url, kept as argon2id and told once.

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::password_hash::{self, PasswordHasher};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;

const BYTES: usize = 32;
const SALT_BYTES: usize = 16;
/// While it changes from the older to the newer.
pub const AT_MOST: usize = 2;

/// The hash of a secret that nobody knows: what a stranger's guess is compared with.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCAxNg$IqFnU/S9N9NuUSYKHCx0jc1OJLIF4/dso4H+cjgtI9M";

/// Shown by nothing but [`Secret::as_str`].
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Never what was to be hashed.
#[derive(Debug)]
pub struct SecretError;

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no secret could be made")
    }
}

impl std::error::Error for SecretError {}

impl Secret {
    pub fn generate() -> Result<Self, SecretError> {
        let mut bytes = [0; BYTES];
        rand::fill(&mut bytes).map_err(|_| SecretError)?;
        Ok(Self::of(&bytes))
    }

    pub fn of(bytes: &[u8; BYTES]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is kept: with the library's present parameters, which are those that OWASP recommends.
    pub fn hash(&self) -> Result<String, SecretError> {
        let mut salt = [0; SALT_BYTES];
        rand::fill(&mut salt).map_err(|_| SecretError)?;
        let hash = Argon2::default().hash_password_with_salt(self.0.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|_| SecretError)
    }
}

/// The memory of one hash, used again by the next: fresh from the allocator each time, 19 MiB would stay with every
/// thread that ever hashed.
#[derive(Default)]
pub struct Room(Vec<Block>);

impl Room {
    /// Is the given secret one of a client's? No takes as long for every client, and for none: the time tells nothing.
    /// Tens of milliseconds of work: not for a thread that serves.
    pub fn matches(&mut self, given: &str, hashes: &[String]) -> bool {
        let nobodys = std::iter::repeat(NOBODYS);
        let mut compared = hashes.iter().map(String::as_str).chain(nobodys).take(AT_MOST.max(hashes.len()));
        compared.any(|hash| self.is_hash_of(given, hash).unwrap_or(false))
    }

    fn is_hash_of(&mut self, given: &str, hash: &str) -> Result<bool, password_hash::Error> {
        let kept = PasswordHash::new(hash)?;
        let (Some(salt), Some(expected)) = (&kept.salt, &kept.hash) else { return Ok(false) };
        let params = Params::try_from(&kept)?;
        self.0.resize(params.block_count(), Block::default());
        let hasher = Argon2::new(Algorithm::try_from(kept.algorithm.as_str())?, Version::default(), params);
        let mut found = vec![0; expected.len()];
        hasher.hash_password_into_with_memory(given.as_bytes(), salt, &mut found, &mut self.0)?;
        // In constant time.
        Ok(Output::new(&found)? == *expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_matches_its_hash() {
        let (one, two) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        let mut room = Room::default();
        assert_eq!(one.as_str().len(), 43);
        assert_ne!(one.as_str(), two.as_str());
        let hashes = [one.hash().unwrap(), two.hash().unwrap()];
        assert_ne!(one.hash().unwrap(), hashes[0], "each hash has a salt of its own");
        assert!(room.matches(one.as_str(), &hashes) && room.matches(two.as_str(), &hashes));
        assert!(!room.matches(two.as_str(), &hashes[..1]));
        for wrong in ["", "secret", &one.as_str()[..42], &format!("{}A", one.as_str()), &one.as_str().to_lowercase()] {
            assert!(!room.matches(wrong, &hashes), "{wrong}");
        }
        assert!(!format!("{one:?}").contains(one.as_str()));
    }

    /// Else a guess for an unknown client would cost less, or more.
    #[test]
    fn nobodys_hash_costs_what_a_new_one_costs() {
        let parameters = |hash: &str| hash.rsplitn(3, '$').nth(2).unwrap().to_owned();
        let new = Secret::generate().unwrap().hash().unwrap();
        assert_eq!(parameters(NOBODYS), parameters(&new));
        assert_eq!(parameters(&new), "$argon2id$v=19$m=19456,t=2,p=1");
        assert_eq!(NOBODYS.len(), new.len());
        assert_eq!(Room::default().is_hash_of("", NOBODYS), Ok(false), "it is one that can be compared with");
    }
}
