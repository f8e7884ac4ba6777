//! What the issuer signs, and what it will not.

use super::super::{Grant, Issuer, Keys, MAX_TOKEN_BYTES, Role, SignError};
use super::envelope::split;
use super::forge::{AUD, ISS, NOW, Signer, at};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ValueEnum;
use serde_json::{Value, json};
use uuid::Uuid;

type Spoil = fn(&mut Grant);

fn grant() -> Grant {
    Grant {
        subject: "chiyoda-city-editor".to_owned(),
        client_id: "chiyoda-city".to_owned(),
        roles: vec![Role::MunicipalEditor, Role::MunicipalApprover],
        bodies: vec!["131016".to_owned()],
        lifetime_seconds: 600,
    }
}

fn sign(issuer: &Issuer, grant: &Grant) -> Result<String, SignError> {
    issuer.sign(grant, at(NOW), Uuid::from_u128(7))
}

fn codes(count: u32) -> Vec<String> {
    (0..count).map(|n| format!("{n:06}")).collect()
}

#[test]
fn what_is_signed_is_accepted() {
    for signer in [Signer::ed25519(), Signer::p256()] {
        let issuer = signer.issuer();
        let token = sign(&issuer, &grant()).unwrap();
        let claims = issuer.verify(&token, at(NOW)).unwrap();
        assert!(issuer.verify(&token, at(NOW + 629)).is_ok());
        let expected = json!({
            "iss": ISS, "aud": AUD, "exp": NOW + 600, "iat": NOW, "nbf": NOW,
            "jti": "00000000-0000-0000-0000-000000000007",
            "sub": "chiyoda-city-editor", "client_id": "chiyoda-city",
            "scope": "municipal_editor municipal_approver",
            "roles": ["municipal_editor", "municipal_approver"], "bodies": ["131016"],
        });
        assert_eq!(serde_json::to_value(claims).unwrap(), expected);
        let header = URL_SAFE_NO_PAD.decode(split(&token)[0]).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let expected = json!({ "alg": signer.alg, "typ": "at+jwt", "kid": signer.kid });
        assert_eq!(header, expected);
    }
}

#[test]
fn nothing_is_signed_that_would_be_refused() {
    let issuer = Signer::ed25519().issuer();
    let cases: [(&str, Spoil); 14] = [
        ("lifetime", |grant| grant.lifetime_seconds = 0),
        ("lifetime", |grant| grant.lifetime_seconds = 901),
        ("lifetime", |grant| grant.lifetime_seconds = u64::MAX),
        ("sub", |grant| grant.subject.clear()),
        ("sub", |grant| grant.subject = "a\nb".to_owned()),
        ("client_id", |grant| grant.client_id.clear()),
        ("client_id", |grant| grant.client_id = "a".repeat(201)),
        ("roles", |grant| grant.roles.clear()),
        ("roles", |grant| grant.roles = vec![Role::Administrator; 2]),
        ("bodies", |grant| grant.bodies.clear()),
        ("bodies", |grant| grant.bodies.push("131016".to_owned())),
        ("bodies", |grant| grant.bodies.push("13102".to_owned())),
        ("bodies", |grant| grant.bodies = codes(2001)),
        ("length", |grant| grant.bodies = codes(2000)),
    ];
    for (cause, spoil) in cases {
        let mut spoilt = grant();
        spoil(&mut spoilt);
        assert_eq!(sign(&issuer, &spoilt), Err(SignError(cause)), "{spoilt:.80?}");
    }
    let before_1970 = issuer.sign(&grant(), at(-1), Uuid::from_u128(7));
    assert_eq!(before_1970, Err(SignError("clock")));
}

#[test]
fn a_signed_token_may_be_as_long_as_a_verified_one() {
    for signer in [Signer::ed25519(), Signer::p256()] {
        let issuer = signer.issuer();
        let with = |count| {
            let bodies = codes(count);
            sign(&issuer, &Grant { bodies, ..grant() })
        };
        let most = (1..400).take_while(|count| with(*count).is_ok()).last().unwrap();
        let token = with(most).unwrap();
        assert!((MAX_TOKEN_BYTES - 12..=MAX_TOKEN_BYTES).contains(&token.len()));
        assert!(issuer.verify(&token, at(NOW)).is_ok());
        assert!(most >= 250, "only {most} bodies fit");
    }
}

#[test]
fn without_a_private_key_nothing_is_signed() {
    let signer = Signer::p256();
    let public = Keys::default().with_jwks(&signer.keys.jwks().to_string()).unwrap();
    let issuer = Issuer::new(ISS.to_owned(), AUD.to_owned(), public);
    assert_eq!(sign(&issuer, &grant()), Err(SignError("no signing key")));
    assert!(issuer.verify(&signer.forge().token(), at(NOW)).is_ok());
    let error = sign(&issuer, &grant()).unwrap_err().to_string();
    assert_eq!(error, "the token was not signed: no signing key");
}

#[test]
fn a_role_has_one_name_everywhere() {
    assert_eq!(Role::value_variants(), Role::ALL);
    for role in Role::ALL {
        assert_eq!(json!(role), json!(role.as_str()));
        assert_eq!(serde_json::from_value::<Role>(json!(role.as_str())).unwrap(), role);
        assert_eq!(role.to_possible_value().unwrap().get_name(), role.as_str());
        assert_eq!(role.to_string(), role.as_str());
        assert!(!role.label_ja().is_ascii());
    }
}
