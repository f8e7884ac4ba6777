//! Every hostile token is refused by the rule it breaks and no other; good tokens at the edge of
//! every rule are accepted, so that refusing everything fails too.

mod accepted;
mod claims;
mod envelope;
mod forge;
mod headers;
mod keys;
mod signing;
mod values;

use forge::{Hostile, NOW, Signer, at};
use std::collections::HashSet;

fn hostile(signer: &Signer) -> Vec<Hostile> {
    [envelope::hostile(signer), headers::hostile(signer), claims::hostile(signer), values::hostile(signer)]
        .into_iter()
        .flat_map(|table| table.0)
        .collect()
}

/// The rows that are not refused, or not for their flaw.
fn wrongly_judged(signer: &Signer, rows: &[Hostile]) -> Vec<String> {
    let issuer = signer.issuer();
    rows.iter()
        .filter_map(|row| match issuer.verify(&row.token, at(NOW)) {
            Err(rejected) if rejected.cause() == row.cause => None,
            Err(other) => Some(format!("{}: {} ≠ {}", row.name, other.cause(), row.cause)),
            Ok(_) => Some(format!("{}: accepted", row.name)),
        })
        .collect()
}

#[test]
fn every_hostile_token_is_refused_for_its_own_flaw() {
    for signer in [Signer::ed25519(), Signer::p256()] {
        let good = signer.forge().token();
        assert!(signer.issuer().verify(&good, at(NOW)).is_ok());
        let rows = hostile(&signer);
        let wrong = wrongly_judged(&signer, &rows);
        assert!(wrong.is_empty(), "{}\n{}", signer.alg, wrong.join("\n"));
    }
}

#[test]
fn the_table_is_long_and_no_row_comes_twice() {
    let signer = Signer::ed25519();
    let rows = hostile(&signer);
    assert!(rows.len() >= 750, "only {} rows", rows.len());
    let (mut names, mut tokens) = (HashSet::new(), HashSet::new());
    for row in &rows {
        assert!(names.insert(row.name.as_str()), "a second row {}", row.name);
        assert!(tokens.insert(row.token.as_str()), "a second token: {}", row.name);
    }
    let causes: HashSet<&str> = rows.iter().map(|row| row.cause).collect();
    let mut causes: Vec<&str> = causes.into_iter().collect();
    causes.sort_unstable();
    let all = "alg aud base64url bodies claims client_id exp header iat iss jti kid length \
               lifetime nbf parts roles scope signature sub typ";
    assert_eq!(causes.join(" "), all, "a cause without a row");
}

#[test]
fn no_change_of_one_character_survives() {
    for signer in [Signer::ed25519(), Signer::p256()] {
        let issuer = signer.issuer();
        let good = signer.forge().token();
        for place in 0..good.len() {
            for other in ["A", "B", "_", ".", "="] {
                let mut token = good.clone();
                token.replace_range(place..=place, other);
                let accepted = issuer.verify(&token, at(NOW)).is_ok();
                assert_eq!(accepted, token == good, "{other} at {place}");
            }
            assert!(issuer.verify(&good[..place], at(NOW)).is_err(), "cut at {place}");
        }
    }
}

#[test]
fn claims_of_an_unknown_signer_are_not_even_read() {
    let (signer, stranger) = (Signer::ed25519(), Signer::ed25519());
    let issuer = signer.issuer();
    let expired = signer.forge().times(-1200, -1200, -600);
    let forged = expired.signed_with(&stranger.key, stranger.algorithm);
    let header = forge::base64url(signer.forge().header_json());
    let no_json = stranger.seal(&header, &forge::base64url("{"));
    for (token, cause) in [(expired.token(), "exp"), (forged, "signature"), (no_json, "signature")] {
        assert_eq!(issuer.verify(&token, at(NOW)).unwrap_err().cause(), cause);
    }
}
