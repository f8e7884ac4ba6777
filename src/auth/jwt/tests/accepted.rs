//! Good tokens at the edge of each rule.

use super::super::{Claims, LEEWAY_SECONDS, MAX_LIFETIME_SECONDS, MAX_TOKEN_BYTES, Role};
use super::envelope::of_length;
use super::forge::{AUD, Forge, ISS, NOW, Signer, at};
use chrono::TimeDelta;

const LEEWAY: i64 = LEEWAY_SECONDS.cast_signed();
const LONGEST: i64 = MAX_LIFETIME_SECONDS.cast_signed();

fn both(check: impl Fn(&Signer)) {
    check(&Signer::ed25519());
    check(&Signer::p256());
}

fn accept(signer: &Signer, name: &str, forge: Forge) -> Claims {
    let verdict = signer.issuer().verify(&forge.token(), at(NOW));
    verdict.unwrap_or_else(|rejected| panic!("{name}: {}", rejected.cause()))
}

#[test]
fn the_claims_come_out_as_they_went_in() {
    both(|signer| {
        let claims = accept(signer, "plain", signer.forge());
        let expected = Claims {
            iss: ISS.to_owned(),
            aud: AUD.to_owned(),
            exp: 1_800_000_600,
            iat: 1_800_000_000,
            nbf: 1_800_000_000,
            jti: "0198c3f0-5d1e-7d6a-9c11-6c2f4d1b7a01".to_owned(),
            sub: "chiyoda-city-editor".to_owned(),
            client_id: "chiyoda-city".to_owned(),
            scope: "municipal_editor".to_owned(),
            roles: vec![Role::MunicipalEditor],
            bodies: vec!["131016".to_owned(), "131024".to_owned()],
        };
        assert_eq!(claims, expected);
    });
}

#[test]
fn times_at_the_edge() {
    both(|signer| {
        for (name, iat, nbf, exp) in [
            ("15 minutes to the second", 0, 0, LONGEST),
            ("15 minutes, the last second", 1 - LONGEST, 1 - LONGEST, 1),
            ("one second", 0, 0, 1),
            ("expires now", -600, -600, 0),
            ("expired, the last second of the leeway", -600, -600, 1 - LEEWAY),
            ("15 minutes and the leeway", 1 - LONGEST - LEEWAY, 1 - LONGEST - LEEWAY, 1 - LEEWAY),
            ("good at the end of the leeway", 0, LEEWAY, 600),
            ("issued at the end of the leeway", LEEWAY, 0, 600),
            ("issued and good at the end of the leeway", LEEWAY, LEEWAY, LEEWAY + LONGEST),
            ("good from before it was issued", 0, -600, 600),
            ("good from 1970 on", 0, -NOW, 600),
            ("good in the second before its end", -600, 0, 1),
        ] {
            accept(signer, name, signer.forge().times(iat, nbf, exp));
        }
    });
}

#[test]
fn the_clock_is_the_argument() {
    both(|signer| {
        let (issuer, token) = (signer.issuer(), signer.forge().token());
        let cause = |now| issuer.verify(&token, now).map_err(|rejected| rejected.cause()).err();
        assert_eq!(cause(at(NOW - LEEWAY)), None);
        assert_eq!(cause(at(NOW - LEEWAY - 1)), Some("iat"));
        let end = at(NOW + 600 + LEEWAY);
        assert_eq!(cause(end - TimeDelta::milliseconds(1)), None);
        assert_eq!(cause(end), Some("exp"));
        assert_eq!(cause(at(0)), Some("iat"));
        assert_eq!(cause(at(-1)), Some("clock"));
    });
}

#[test]
fn names_at_the_edge() {
    both(|signer| {
        let longest = format!("\"{}\"", "a".repeat(200));
        let japanese = format!("\"{}\"", "市".repeat(200));
        for key in ["jti", "sub", "client_id"] {
            accept(signer, key, signer.forge().claim(key, "\"a\""));
            accept(signer, key, signer.forge().claim(key, &longest));
            accept(signer, key, signer.forge().claim(key, &japanese));
            accept(signer, key, signer.forge().claim(key, "\"千代田区 　🏛\""));
            accept(signer, key, signer.forge().claim(key, "\"\\\"\\\\\\/'\""));
        }
        accept(signer, "scope", signer.forge().claim("scope", &longest));
        accept(signer, "scope", signer.forge().claim("scope", "\"!#[]~ a:b/c\""));
    });
}

#[test]
fn authority_at_the_edge() {
    both(|signer| {
        let all: Vec<&str> = Role::ALL.into_iter().map(Role::as_str).collect();
        for role in &all {
            let forge = signer.forge().claim("roles", &format!("[{role:?}]"));
            let claims = accept(signer, role, forge);
            assert_eq!(claims.roles[0].as_str(), *role);
        }
        let forge = signer.forge().claim("roles", &format!("{all:?}"));
        assert_eq!(accept(signer, "all roles", forge).roles, Role::ALL);
        let administrator = signer.forge().claim("roles", "[\"administrator\"]");
        accept(signer, "administrator with bodies", administrator.clone());
        accept(signer, "administrator of none", administrator.claim("bodies", "[]"));
        for bodies in ["[\"131016\"]", "[\"000000\"]", "[\"999999\",\"000000\"]"] {
            accept(signer, bodies, signer.forge().claim("bodies", bodies));
        }
        let codes: Vec<String> = (0..250).map(|n| format!("{:06}", 131_000 + n)).collect();
        let many = signer.forge().claim("bodies", &format!("{codes:?}").replace(' ', ""));
        assert_eq!(accept(signer, "250 bodies", many).bodies, codes);
    });
}

#[test]
fn json_may_be_written_in_any_way() {
    both(|signer| {
        let mut forge = signer.forge();
        forge.header.reverse();
        forge.claims.reverse();
        accept(signer, "members in another order", forge.clone());
        let spaced = |json: String| json.replace("\":", "\" :\t").replace(",\"", " ,\r\n \"");
        let issuer = signer.issuer();
        let header = forge.with_header(spaced(forge.header_json()));
        assert!(issuer.verify(&header, at(NOW)).is_ok());
        let payload = forge.with_payload(spaced(forge.claims_json()));
        assert!(issuer.verify(&payload, at(NOW)).is_ok());
        let escaped = forge.claim("roles", "[\"municipal\\u005feditor\"]");
        let escaped = escaped.claim_without("sub").claim_also("s\\u0075b", "\"\\u5e02\"");
        assert_eq!(accept(signer, "escapes", escaped).sub, "市");
        let typ = signer.forge().header("typ", "\"at\\u002bjwt\"");
        accept(signer, "escapes in the header", typ);
    });
}

#[test]
fn length_at_the_edge() {
    both(|signer| {
        let token = of_length(signer, MAX_TOKEN_BYTES);
        assert_eq!(token.len(), MAX_TOKEN_BYTES);
        assert!(signer.issuer().verify(&token, at(NOW)).is_ok());
    });
}
