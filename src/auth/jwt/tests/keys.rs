//! Which keys come in, and what of them goes out.

use super::super::{Issuer, Keys};
use super::forge::{AUD, ISS, NOW, Signer, at, pem};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// RFC 8037, appendix A.
const ED25519_SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED25519_KID: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
/// RFC 7515, appendix A.3; its thumbprint by another program.
const P256_D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const P256_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const P256_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const P256_KID: &str = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn ed25519_pem() -> String {
    // RFC 8410, 7: version 0, id-Ed25519, an octet string in an octet string.
    let front = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    pem("PRIVATE KEY", &[&front[..], &bytes(ED25519_SEED)].concat())
}

fn p256_pem() -> String {
    let public = [&[4][..], &bytes(P256_X), &bytes(P256_Y)].concat();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes(P256_D), &public);
    pem("PRIVATE KEY", pair.unwrap().to_pkcs8v1().unwrap().as_ref())
}

fn ed25519_jwk() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519_X, "use": "sig", "alg": "EdDSA",
            "kid": ED25519_KID })
}

fn p256_jwk() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": P256_X, "y": P256_Y, "use": "sig", "alg": "ES256",
            "kid": P256_KID })
}

#[test]
fn only_the_public_half_is_published() {
    for (pem, secret, jwk) in [(ed25519_pem(), ED25519_SEED, ed25519_jwk()), (p256_pem(), P256_D, p256_jwk())] {
        let keys = Keys::from_signing_pem(pem.as_bytes()).unwrap();
        assert_eq!(keys.jwks(), json!({ "keys": [jwk] }));
        let issuer = Issuer::new(ISS.to_owned(), AUD.to_owned(), keys);
        let shown = format!("{issuer:?} {}", issuer.keys().jwks());
        let standard = STANDARD.encode(bytes(secret));
        let list = format!("{:?}", bytes(secret));
        for form in [secret, &standard[..43], list.trim_matches(['[', ']'])] {
            assert!(!shown.contains(form));
        }
    }
}

#[test]
fn generated_keys_are_new_and_usable() {
    let (one, other) = (Keys::generate_pem().unwrap(), Keys::generate_pem().unwrap());
    assert_ne!(one, other);
    assert!(one.lines().all(|line| line.len() <= 64) && one.lines().count() == 3);
    let keys = Keys::from_signing_pem(one.as_bytes()).unwrap();
    assert_eq!(keys.jwks()["keys"][0]["alg"], "EdDSA");
}

#[test]
fn other_forms_of_the_same_key_are_read() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&bytes(ED25519_SEED)).unwrap();
    let second = pem("PRIVATE KEY", pair.to_pkcs8().unwrap().as_ref());
    let windows = ed25519_pem().replace('\n', "\r\n");
    let remarked = format!("remark\n{}\nremark\n", ed25519_pem());
    for text in [second, windows, remarked] {
        let keys = Keys::from_signing_pem(text.as_bytes()).unwrap();
        assert_eq!(keys.jwks()["keys"][0]["kid"], ED25519_KID);
    }
}

#[test]
fn other_keys_do_not_sign() {
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let p384 = pem("PRIVATE KEY", p384.to_pkcs8v1().unwrap().as_ref());
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa = AsDer::<Pkcs8V1Der>::as_der(&rsa).unwrap();
    let good = ed25519_pem();
    let seed = STANDARD.encode(bytes(ED25519_SEED));
    for (name, text) in [
        ("nothing", String::new()),
        ("text", "secret".to_owned()),
        ("P-384", p384),
        ("RSA", pem("PRIVATE KEY", rsa.as_ref())),
        ("a public key", good.replace("PRIVATE", "PUBLIC")),
        ("SEC 1", p256_pem().replace("PRIVATE", "EC PRIVATE")),
        ("encrypted", good.replace("PRIVATE", "ENCRYPTED PRIVATE")),
        ("no end", good.replace("-----END PRIVATE KEY-----", "")),
        ("a seed too short", pem("PRIVATE KEY", &bytes(ED25519_SEED)[..31])),
        ("the seed alone", good.replace(good.lines().nth(1).unwrap(), &seed)),
        ("a JWK", ed25519_jwk().to_string()),
        ("Ed448", good.replace("BXAEIgQg", "BXEEIgQg").replace("K2Vw", "K2Vx")),
    ] {
        let error = Keys::from_signing_pem(text.as_bytes()).err();
        let error = error.unwrap_or_else(|| panic!("{name} was taken")).to_string();
        assert!(error.contains("private key"), "{name}: {error}");
    }
    let der = bytes(ED25519_SEED);
    assert!(Keys::from_signing_pem(&der).is_err());
}

#[test]
fn keys_are_rotated_without_an_outage() {
    let (old, new) = (Signer::ed25519(), Signer::p256());
    let issuer = |keys| Issuer::new(ISS.to_owned(), AUD.to_owned(), keys);
    let both = new.keys.clone().with_jwks(&old.keys.jwks().to_string()).unwrap();
    assert_eq!(both.jwks()["keys"].as_array().unwrap().len(), 2);
    let again = both.clone().with_jwks(&both.jwks().to_string()).unwrap();
    assert_eq!(again.jwks(), both.jwks());
    for token in [old.forge().token(), new.forge().token()] {
        assert!(issuer(both.clone()).verify(&token, at(NOW)).is_ok());
    }
    let retired = issuer(new.keys.clone()).verify(&old.forge().token(), at(NOW));
    assert_eq!(retired.unwrap_err().cause(), "kid");
    // With both keys known, neither answers for the other.
    for (signer, other) in [(&old, &new), (&new, &old)] {
        let kid = format!("{:?}", other.kid);
        let token = signer.forge().header("kid", &kid).token();
        assert_eq!(issuer(both.clone()).verify(&token, at(NOW)).unwrap_err().cause(), "alg");
        let token = signer.forge().header("kid", &kid).header("alg", &format!("{:?}", other.alg));
        let verdict = issuer(both.clone()).verify(&token.token(), at(NOW));
        assert_eq!(verdict.unwrap_err().cause(), "signature");
    }
    let nobody = issuer(Keys::default()).verify(&old.forge().token(), at(NOW));
    assert_eq!(nobody.unwrap_err().cause(), "kid");
}

#[test]
fn a_set_of_public_keys_is_read() {
    let set = |keys: Value| Keys::default().with_jwks(&json!({ "keys": keys }).to_string());
    let two = set(json!([ed25519_jwk(), p256_jwk()])).unwrap().jwks();
    assert_eq!(two, json!({ "keys": [ed25519_jwk(), p256_jwk()] }));
    let least = json!([{ "kty": "OKP", "crv": "Ed25519", "x": ED25519_X }]);
    assert_eq!(set(least).unwrap().jwks(), json!({ "keys": [ed25519_jwk()] }));
    assert_eq!(set(json!([])).unwrap().jwks(), json!({ "keys": [] }));
}

#[test]
fn other_sets_are_refused_as_a_whole() {
    let with = |jwk: Value, key: &str, value: Value| {
        let mut jwk = jwk;
        jwk[key] = value;
        json!({ "keys": [ed25519_jwk(), jwk] }).to_string()
    };
    let (ed, ec) = (ed25519_jwk, p256_jwk);
    let twice = ed().to_string().replacen('{', "{\"alg\":\"EdDSA\",", 1);
    let mut rows = vec![
        ("nothing", String::new()),
        ("no set", ed().to_string()),
        ("an array", json!([ed()]).to_string()),
        ("a member twice", format!("{{\"keys\":[{twice}]}}")),
        ("a word after it", format!("{{\"keys\":[{}]}}x", ed())),
        ("RSA", json!({ "keys": [{ "kty": "RSA", "n": "AQAB", "e": "AQAB" }] }).to_string()),
        ("a secret", json!({ "keys": [{ "kty": "oct", "k": "AQAB" }] }).to_string()),
    ];
    rows.extend([
        ("a private Ed25519 key", with(ed(), "d", json!(ED25519_SEED))),
        ("a private P-256 key", with(ec(), "d", json!(P256_D))),
        ("an unknown member", with(ed(), "x5u", json!("https://attacker.example"))),
        ("another kid", with(ed(), "kid", json!("current"))),
        ("the kid of another key", with(ed(), "kid", json!(P256_KID))),
        ("an empty kid", with(ed(), "kid", json!(""))),
        ("another alg", with(ed(), "alg", json!("ES256"))),
        ("alg none", with(ed(), "alg", json!("none"))),
        ("alg HS256", with(ec(), "alg", json!("HS256"))),
        ("for encryption", with(ed(), "use", json!("enc"))),
        ("another kty", with(ed(), "kty", json!("EC"))),
        ("another curve", with(ed(), "crv", json!("Ed448"))),
        ("P-384", with(ec(), "crv", json!("P-384"))),
        ("y for Ed25519", with(ed(), "y", json!(P256_Y))),
        ("no y for P-256", with(ec(), "y", Value::Null)),
        ("x empty", with(ed(), "x", json!(""))),
        ("x of 31 bytes", with(ed(), "x", json!(&ED25519_X[..42]))),
        ("x padded", with(ed(), "x", json!(format!("{ED25519_X}=")))),
        ("x with unused bits", with(ed(), "x", json!(ED25519_X.replace("URo", "URp")))),
        ("x a number", with(ed(), "x", json!(11))),
        ("a point off the curve", with(ec(), "y", json!(P256_X))),
        ("the point at zero", with(ec(), "x", json!("A".repeat(43)))),
    ]);
    for (name, document) in rows {
        let taken = Keys::default().with_jwks(&document).is_ok();
        assert!(!taken, "{name} was taken: {document}");
    }
}
