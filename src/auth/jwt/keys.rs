//! The keys of the issuer: at most one that signs, any number that verify.
//!
//! A key is known by its RFC 7638 thumbprint and by nothing else, so one `kid` can never mean two
//! keys, and each key has one algorithm. While keys are rotated the public halves of the next and
//! the retired key join by [`Keys::with_jwks`].

use super::{Claims, SignError};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto, encode};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// Why a key cannot be used. Never contains anything of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyError(&'static str);

impl KeyError {
    pub const NONE: Self = Self("holds no private key that could sign");
    pub const TOO_MANY: Self = Self("holds more than two private keys: one that signs and one that comes next");
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for KeyError {}

/// `Keys::default()` knows no key: it verifies nothing until [`Keys::with_jwks`] adds some.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    signing: Option<SigningKey>,
    pub(super) verifying: BTreeMap<String, VerifyingKey>,
}

/// The two kinds of key, each with its one algorithm.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Ed25519,
    P256,
}

impl Kind {
    fn algorithm(self) -> Algorithm {
        match self {
            Kind::Ed25519 => Algorithm::EdDSA,
            Kind::P256 => Algorithm::ES256,
        }
    }

    /// What stands before the key in a SubjectPublicKeyInfo: the same bytes for every key of its kind.
    fn spki_prefix(self) -> &'static [u8] {
        match self {
            Kind::Ed25519 => b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00",
            Kind::P256 => {
                b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"
            }
        }
    }

    pub(super) fn algorithm_name(self) -> &'static str {
        match self {
            Kind::Ed25519 => "EdDSA",
            Kind::P256 => "ES256",
        }
    }
}

#[derive(Debug, Clone)]
struct SigningKey {
    kid: String,
    kind: Kind,
    key: EncodingKey,
}

#[derive(Debug, Clone)]
pub(super) struct VerifyingKey {
    pub(super) kind: Kind,
    key: DecodingKey,
    /// 32 bytes, or an uncompressed point.
    raw: Vec<u8>,
    /// The JWK as it is published.
    public: Value,
}

impl Keys {
    /// A private key for signing: PKCS#8 PEM, Ed25519 (EdDSA) or P-256 (ES256).
    pub fn from_signing_pem(pem: &[u8]) -> Result<Keys, KeyError> {
        let (kind, key, public) = if let Ok(key) = EncodingKey::from_ed_pem(pem) {
            let pair = Ed25519KeyPair::from_pkcs8(key.as_bytes())
                .map_err(|_| KeyError("the Ed25519 private key is malformed"))?;
            (Kind::Ed25519, key, pair.public_key().as_ref().to_vec())
        } else if let Ok(key) = EncodingKey::from_ec_pem(pem) {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_bytes())
                .map_err(|_| KeyError("the EC private key is malformed or not on P-256"))?;
            (Kind::P256, key, pair.public_key().as_ref().to_vec())
        } else {
            return Err(KeyError("not a private key in PKCS#8 PEM (\"BEGIN PRIVATE KEY\") of Ed25519 or P-256"));
        };
        let mut keys = Keys::default();
        let kid = keys.admit(kind, &public, None)?;
        keys.signing = Some(SigningKey { kid, kind, key });
        Ok(keys)
    }

    /// Adds the public keys of a JWKS document: Ed25519 and P-256, and only what
    /// [`Keys::jwks`] publishes. Anything else, a private key above all, refuses the whole.
    pub fn with_jwks(mut self, document: &str) -> Result<Keys, KeyError> {
        let set: KeySet = serde_json::from_str(document)
            .map_err(|_| KeyError("not a JWKS of public keys with the members kty, crv, x, y, kid, use, alg"))?;
        for key in set.keys {
            let (kind, public) = key.public()?;
            self.admit(kind, &public, key.kid.as_deref())?;
        }
        Ok(self)
    }

    /// A public key to verify with: SPKI PEM (RFC 8410, RFC 5480), Ed25519 or P-256.
    pub fn from_public_pem(pem: &[u8]) -> Result<Keys, KeyError> {
        let unreadable = KeyError("not a public key in PEM (\"BEGIN PUBLIC KEY\") of Ed25519 or P-256");
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| unreadable)?;
        let known = [Kind::Ed25519, Kind::P256].map(|kind| (kind, der.strip_prefix(kind.spki_prefix())));
        let found = known.into_iter().find_map(|(kind, raw)| raw.map(|raw| (kind, raw)));
        let (kind, raw) = found.ok_or(unreadable)?;
        let mut keys = Keys::default();
        keys.admit(kind, raw, None)?;
        Ok(keys)
    }

    /// The public half of the key that signs, as [`Keys::from_public_pem`] reads it.
    pub fn public_pem(&self) -> Option<String> {
        let key = self.verifying.get(&self.signing.as_ref()?.kid)?;
        let body = STANDARD.encode([key.kind.spki_prefix(), &key.raw].concat());
        let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        Some(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")))
    }

    /// Accepts and publishes what the others do, too. Signs as before.
    pub fn with(mut self, others: &Keys) -> Keys {
        self.verifying.extend(others.verifying.clone());
        self
    }

    /// Algorithm and `kid` of each key, that of the one that signs first.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let signing = self.signing.as_ref().map(|key| key.kid.as_str());
        let (first, rest): (Vec<_>, Vec<_>) = self.verifying.iter().partition(|(kid, _)| Some(kid.as_str()) == signing);
        first.into_iter().chain(rest).map(|(kid, key)| (key.kind.algorithm_name(), kid.as_str()))
    }

    /// The public keys as a JWKS (RFC 7517).
    pub fn jwks(&self) -> Value {
        let keys: Vec<&Value> = self.verifying.values().map(|key| &key.public).collect();
        json!({ "keys": keys })
    }

    /// A new Ed25519 private key as PKCS#8 PEM text. PKCS#8 version 1, which every tool reads.
    pub fn generate_pem() -> Result<String, KeyError> {
        let document = Ed25519KeyPair::generate()
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(|_| KeyError("no key could be generated"))?;
        // 48 bytes: their 64 characters are one PEM line.
        let body = STANDARD.encode(document.as_ref());
        Ok(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
    }

    pub(super) fn sign(&self, typ: &str, claims: &Claims) -> Result<String, SignError> {
        let signing = self.signing.as_ref().ok_or(SignError("no signing key"))?;
        let mut header = Header::new(signing.kind.algorithm());
        header.typ = Some(typ.to_owned());
        header.kid = Some(signing.kid.clone());
        encode(&header, claims, &signing.key).map_err(|_| SignError("the key failed"))
    }

    fn admit(&mut self, kind: Kind, public: &[u8], kid: Option<&str>) -> Result<String, KeyError> {
        const UNUSABLE: KeyError = KeyError("the public key is not usable");
        let (key, parsed) = match kind {
            Kind::Ed25519 => (DecodingKey::from_ed_der(public), ParsedPublicKey::new(&ED25519, public)),
            Kind::P256 => (DecodingKey::from_ec_der(public), ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public)),
        };
        parsed.map_err(|_| UNUSABLE)?;
        let mut jwk = Jwk::from_decoding_key(&key, Some(kind.algorithm())).map_err(|_| UNUSABLE)?;
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| UNUSABLE)?;
        if kid.is_some_and(|kid| kid != thumbprint) {
            return Err(KeyError("a kid is not the RFC 7638 thumbprint of its key"));
        }
        jwk.common.key_id = Some(thumbprint.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let raw = public.to_vec();
        let public = serde_json::to_value(&jwk).map_err(|_| UNUSABLE)?;
        let entry = VerifyingKey { kind, key, raw, public };
        self.verifying.insert(thumbprint.clone(), entry);
        Ok(thumbprint)
    }
}

impl VerifyingKey {
    /// The library's verification with this key's one algorithm; nothing of the token chooses.
    pub(super) fn has_signed(&self, signed: &str, signature: &str) -> bool {
        let answer = crypto::verify(signature, signed.as_bytes(), &self.key, self.kind.algorithm());
        matches!(answer, Ok(true))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeySet {
    keys: Vec<PublicKey>,
}

/// Strict: the library's own `Jwk` ignores a private `d`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicKey {
    kty: String,
    crv: String,
    x: String,
    y: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
}

impl PublicKey {
    fn public(&self) -> Result<(Kind, Vec<u8>), KeyError> {
        let (kind, public) = match (self.kty.as_str(), self.crv.as_str(), &self.y) {
            ("OKP", "Ed25519", None) => (Kind::Ed25519, coordinate(&self.x)?),
            ("EC", "P-256", Some(y)) => {
                // The uncompressed point of SEC 1, 2.3.3.
                let mut point = vec![4];
                point.extend(coordinate(&self.x)?);
                point.extend(coordinate(y)?);
                (Kind::P256, point)
            }
            _ => return Err(KeyError("a key is neither Ed25519 nor P-256")),
        };
        if self.alg.as_deref().is_some_and(|alg| alg != kind.algorithm_name()) {
            return Err(KeyError("an alg is not the algorithm of its key"));
        }
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return Err(KeyError("a key is not for signatures"));
        }
        Ok((kind, public))
    }
}

fn coordinate(text: &str) -> Result<Vec<u8>, KeyError> {
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if bytes.len() == 32 => Ok(bytes),
        _ => Err(KeyError("a coordinate is not 32 bytes of base64url")),
    }
}
