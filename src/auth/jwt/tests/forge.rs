//! Tokens as an attacker makes them: a good one, one thing changed, signed as it should be.

use super::super::{Issuer, Keys};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};

pub const NOW: i64 = 1_800_000_000;
pub const ISS: &str = "https://id.hagukumi.example";
pub const AUD: &str = "https://api.hagukumi.example";

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn pem(tag: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {tag}-----\n");
    for line in STANDARD.encode(der).as_bytes().chunks(64) {
        text.push_str(std::str::from_utf8(line).unwrap());
        text.push('\n');
    }
    text + &format!("-----END {tag}-----\n")
}

/// A key pair, with what is public about it.
pub struct Signer {
    pub alg: &'static str,
    pub algorithm: Algorithm,
    pub key: EncodingKey,
    pub keys: Keys,
    pub jwk: serde_json::Value,
    pub kid: String,
}

impl Signer {
    pub fn ed25519() -> Signer {
        let pem = Keys::generate_pem().unwrap();
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).unwrap();
        Signer::new("EdDSA", Algorithm::EdDSA, pem, key)
    }

    pub fn p256() -> Signer {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let pem = pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref());
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        Signer::new("ES256", Algorithm::ES256, pem, key)
    }

    fn new(alg: &'static str, algorithm: Algorithm, pem: String, key: EncodingKey) -> Signer {
        let keys = Keys::from_signing_pem(pem.as_bytes()).unwrap();
        let jwk = keys.jwks()["keys"][0].clone();
        let kid = jwk["kid"].as_str().unwrap().to_owned();
        Signer { alg, algorithm, key, keys, jwk, kid }
    }

    pub fn issuer(&self) -> Issuer {
        Issuer::new(ISS.to_owned(), AUD.to_owned(), self.keys.clone())
    }

    /// The third part for this signing input.
    pub fn signature(&self, signed: &str) -> String {
        crypto::sign(signed.as_bytes(), &self.key, self.algorithm).unwrap()
    }

    /// A token of two parts as they are, with a good signature over them.
    pub fn seal(&self, header: &str, payload: &str) -> String {
        let signed = format!("{header}.{payload}");
        let signature = self.signature(&signed);
        format!("{signed}.{signature}")
    }

    pub fn forge(&self) -> Forge<'_> {
        Forge {
            signer: self,
            header: members(&[
                ("alg", &format!("{:?}", self.alg)),
                ("typ", "\"at+jwt\""),
                ("kid", &format!("{:?}", self.kid)),
            ]),
            claims: members(&[
                ("iss", &format!("{ISS:?}")),
                ("aud", &format!("{AUD:?}")),
                ("exp", &(NOW + 600).to_string()),
                ("iat", &NOW.to_string()),
                ("nbf", &NOW.to_string()),
                ("jti", "\"0198c3f0-5d1e-7d6a-9c11-6c2f4d1b7a01\""),
                ("sub", "\"chiyoda-city-editor\""),
                ("client_id", "\"chiyoda-city\""),
                ("scope", "\"municipal_editor\""),
                ("roles", "[\"municipal_editor\"]"),
                ("bodies", "[\"131016\",\"131024\"]"),
            ]),
        }
    }
}

type Members = Vec<(String, String)>;

fn members(pairs: &[(&str, &str)]) -> Members {
    let own = |(key, value): &(&str, &str)| (key.to_string(), value.to_string());
    pairs.iter().map(own).collect()
}

fn object(members: &Members) -> String {
    let texts: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", texts.join(","))
}

fn set(members: &mut Members, key: &str, value: &str) {
    let member = members.iter_mut().find(|(name, _)| name == key).unwrap();
    member.1 = value.to_owned();
}

/// A good token until something is changed. Keys and values are JSON text, so that anything can
/// be written, also what no serialiser would.
#[derive(Clone)]
pub struct Forge<'a> {
    signer: &'a Signer,
    pub header: Members,
    pub claims: Members,
}

impl Forge<'_> {
    pub fn header(mut self, key: &str, value: &str) -> Self {
        set(&mut self.header, key, value);
        self
    }

    pub fn header_also(mut self, key: &str, value: &str) -> Self {
        self.header.push((key.to_owned(), value.to_owned()));
        self
    }

    pub fn header_without(mut self, key: &str) -> Self {
        self.header.retain(|(name, _)| name != key);
        self
    }

    pub fn claim(mut self, key: &str, value: &str) -> Self {
        set(&mut self.claims, key, value);
        self
    }

    pub fn claim_also(mut self, key: &str, value: &str) -> Self {
        self.claims.push((key.to_owned(), value.to_owned()));
        self
    }

    pub fn claim_without(mut self, key: &str) -> Self {
        self.claims.retain(|(name, _)| name != key);
        self
    }

    /// The three times, in seconds from now.
    pub fn times(self, iat: i64, nbf: i64, exp: i64) -> Self {
        self.claim("iat", &(NOW + iat).to_string())
            .claim("nbf", &(NOW + nbf).to_string())
            .claim("exp", &(NOW + exp).to_string())
    }

    pub fn header_json(&self) -> String {
        object(&self.header)
    }

    pub fn claims_json(&self) -> String {
        object(&self.claims)
    }

    /// With another text as the header.
    pub fn with_header(&self, text: impl AsRef<[u8]>) -> String {
        let payload = base64url(self.claims_json());
        self.signer.seal(&base64url(text), &payload)
    }

    /// With another text as the payload.
    pub fn with_payload(&self, text: impl AsRef<[u8]>) -> String {
        let header = base64url(self.header_json());
        self.signer.seal(&header, &base64url(text))
    }

    pub fn token(&self) -> String {
        self.with_payload(self.claims_json())
    }

    /// The same header and claims, signed by somebody else.
    pub fn signed_with(&self, key: &EncodingKey, algorithm: Algorithm) -> String {
        let signed = self.signing_input();
        let signature = crypto::sign(signed.as_bytes(), key, algorithm).unwrap();
        format!("{signed}.{signature}")
    }

    pub fn signing_input(&self) -> String {
        let header = base64url(self.header_json());
        format!("{header}.{}", base64url(self.claims_json()))
    }
}

/// A token that must be refused, and the one rule that must refuse it.
pub struct Hostile {
    pub name: String,
    pub cause: &'static str,
    pub token: String,
}

#[derive(Default)]
pub struct Table(pub Vec<Hostile>);

impl Table {
    pub fn add(&mut self, cause: &'static str, name: impl Into<String>, token: String) {
        let name = name.into();
        self.0.push(Hostile { name, cause, token });
    }
}
