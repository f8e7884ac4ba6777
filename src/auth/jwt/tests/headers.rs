//! Flaws of the header and of the signature. Where the flaw is in the header, the signature over
//! it is a good one.

use super::envelope::split;
use super::forge::{Signer, Table, base64url};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};

pub fn hostile(signer: &Signer) -> Table {
    let mut table = Table::default();
    members(signer, &mut table);
    types(signer, &mut table);
    texts(signer, &mut table);
    values(signer, &mut table);
    kids(signer, &mut table);
    signatures(signer, &mut table);
    other_keys(signer, &mut table);
    table
}

fn members(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    for (key, value) in &good.header {
        let without = good.clone().header_without(key).token();
        table.add("header", format!("no {key}"), without);
        let twice = good.clone().header_also(key, value).token();
        table.add("header", format!("{key} twice"), twice);
        let hidden = format!("\\u{:04x}{}", u32::from(key.as_bytes()[0]), &key[1..]);
        let twice = good.clone().header_also(&hidden, value).token();
        table.add("header", format!("{key} twice, once escaped"), twice);
        let capital = key.to_uppercase();
        let renamed = good.clone().header_without(key).header_also(&capital, value);
        table.add("header", format!("{capital} for {key}"), renamed.token());
    }
    let jwk = signer.jwk.to_string();
    let set = signer.keys.jwks().to_string();
    for (key, value) in [
        ("crit", "[\"exp\"]"),
        ("crit", "[]"),
        ("crit", "[\"b64\"]"),
        ("b64", "false"),
        ("b64", "true"),
        ("jwk", jwk.as_str()),
        ("jwks", set.as_str()),
        ("jku", "\"https://id.hagukumi.example/jwks.json\""),
        ("x5u", "\"https://id.hagukumi.example/chain.pem\""),
        ("x5c", "[\"MIIB\"]"),
        ("x5t", "\"MDEyMzQ1Njc4OWFiY2RlZmdoaWo\""),
        ("x5t#S256", "\"MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY\""),
        ("cty", "\"JWT\""),
        ("zip", "\"DEF\""),
        ("enc", "\"A256GCM\""),
        ("epk", jwk.as_str()),
        ("apu", "\"\""),
        ("nonce", "\"1\""),
        ("url", "\"https://api.hagukumi.example\""),
        ("iss", "\"https://id.hagukumi.example\""),
        ("exp", "1800000600"),
        ("ALG", "\"none\""),
        ("alg ", "\"none\""),
        ("", "\"\""),
        ("__proto__", "{}"),
        ("x", "null"),
    ] {
        let more = good.clone().header_also(key, value).token();
        table.add("header", format!("{key:?} = {value:.20} as well"), more);
    }
}

fn types(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    for (key, value) in &good.header {
        let array = format!("[{value}]");
        let object = format!("{{\"{key}\":{value}}}");
        for wrong in ["null", "true", "0", "1.5", "[]", "{}", &array, &object] {
            let token = good.clone().header(key, wrong).token();
            table.add("header", format!("{key} is {wrong}"), token);
        }
    }
}

/// The header as a text that is no object of JSON, or not only one.
fn texts(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    let json = good.header_json();
    let values: Vec<&str> = good.header.iter().map(|(_, value)| value.as_str()).collect();
    for (name, text) in [
        ("nothing", String::new()),
        ("null", "null".to_owned()),
        ("a number", "1".to_owned()),
        ("an empty object", "{}".to_owned()),
        ("an array of its values", format!("[{}]", values.join(","))),
        ("an array around it", format!("[{json}]")),
        ("a string of it", format!("{json:?}")),
        ("two objects", format!("{json}{json}")),
        ("an object and a word", format!("{json}x")),
        ("an object and NUL", format!("{json}\0")),
        ("a blank first", format!(" {json}")),
        ("a byte order mark first", format!("\u{feff}{json}")),
        ("a comma at the end", json.replace('}', ",}")),
        ("single quotes", json.replace('"', "'")),
        ("a comment", json.replace('{', "{/**/")),
        ("no closing brace", json.replace('}', "")),
        ("text", "alg=none".to_owned()),
    ] {
        table.add("header", format!("header: {name}"), good.with_header(text));
    }
    let mut latin = json.clone().into_bytes();
    latin.extend([0xe9]);
    table.add("header", "header: a byte that is not UTF-8", good.with_header(latin));
    let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    table.add("header", "header: UTF-16", good.with_header(wide));
    let surrogate = json.replace("at+jwt", "at+jwt\\ud800");
    table.add("header", "header: half a surrogate pair", good.with_header(surrogate));
    let deep = good.clone().header("kid", &"[".repeat(1500));
    table.add("header", "header: 1500 arrays deep", deep.token());
}

fn values(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    let other = if signer.alg == "EdDSA" { "ES256" } else { "EdDSA" };
    let own = [signer.alg.to_lowercase(), format!("{} ", signer.alg), format!("{}\\u0000", signer.alg)];
    let algorithms = [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384",
        "PS512", "ES384", "ES512", "ES256K", "Ed25519", "Ed448", "dir", "A256KW", other, &own[0], &own[1], &own[2],
    ];
    for alg in algorithms {
        let quoted = format!("\"{alg}\"");
        let forge = good.clone().header("alg", &quoted);
        table.add("alg", format!("alg {quoted}, well signed"), forge.token());
    }
    for none in ["none", "None", "NONE"] {
        let forge = good.clone().header("alg", &format!("{none:?}"));
        let bare = format!("{}.", forge.signing_input());
        table.add("alg", format!("alg {none} and no signature"), bare);
    }
    for typ in [
        "",
        "JWT",
        "jwt",
        "at",
        "AT+JWT",
        "At+jwt",
        "at+JWT",
        "application/at+jwt",
        "at-jwt",
        "at jwt",
        "at+jwt ",
        " at+jwt",
        "at+jwt\\u0000",
        "at+jwt\\n",
        "id+jwt",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "at+jwt+jwt",
        "ａｔ+jwt",
        "JOSE",
    ] {
        let token = good.clone().header("typ", &format!("\"{typ}\"")).token();
        table.add("typ", format!("typ {typ:?}"), token);
    }
}

fn kids(signer: &Signer, table: &mut Table) {
    let kid = signer.kid.as_str();
    let stranger = Signer::ed25519().kid;
    for (name, value) in [
        ("empty", String::new()),
        ("of a key that is not configured", stranger),
        ("a blank more", format!("{kid} ")),
        ("a blank first", format!(" {kid}")),
        ("NUL more", format!("{kid}\\u0000")),
        ("its first half", kid[..20].to_owned()),
        ("twice", format!("{kid}{kid}")),
        ("in small letters", kid.to_lowercase()),
        ("padded", format!("{kid}=")),
        ("as a thumbprint URI", format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{kid}")),
        ("a path", "../../../../dev/null".to_owned()),
        ("an absolute path", "/dev/null".to_owned()),
        ("a file URL", "file:///etc/passwd".to_owned()),
        ("a URL", "https://attacker.example/jwks.json".to_owned()),
        ("SQL", "' or '1'='1".to_owned()),
        ("a command", "|id".to_owned()),
        ("a star", "*".to_owned()),
        ("zero", "0".to_owned()),
        ("a JSON object in a string", "{}".to_owned()),
        ("long", "k".repeat(1000)),
    ] {
        let token = signer.forge().header("kid", &format!("\"{value}\"")).token();
        table.add("kid", format!("kid: {name}"), token);
    }
}

fn signatures(signer: &Signer, table: &mut Table) {
    let good = signer.forge().token();
    let [header, payload, signature] = split(&good);
    let another = signer.forge().claim("sub", "\"another\"").token();
    let [_, other_payload, other_signature] = split(&another);
    let mut add = |name: &str, signature: String| {
        let token = format!("{header}.{payload}.{signature}");
        table.add("signature", format!("signature: {name}"), token);
    };
    add("none", String::new());
    add("of another token", other_signature.to_owned());
    add("of the header", signer.signature(header));
    add("of the payload", signer.signature(payload));
    add("of both without the dot", signer.signature(&format!("{header}{payload}")));
    add("of the JSON", signer.signature(&signer.forge().claims_json()));
    add("of the signing input and a dot", signer.signature(&format!("{header}.{payload}.")));
    add("of nothing", signer.signature(""));
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for (name, place) in [("first", 0), ("32nd", 31), ("33rd", 32), ("last", 63)] {
        for bit in [1, 128] {
            let mut flipped = bytes.clone();
            flipped[place] ^= bit;
            add(&format!("{name} byte, bit {bit} flipped"), base64url(flipped));
        }
    }
    add("without its last byte", base64url(&bytes[..63]));
    add("without its first byte", base64url(&bytes[1..]));
    add("its first half", base64url(&bytes[..32]));
    add("one byte", base64url(&bytes[..1]));
    add("one byte more", base64url([&bytes[..], &[0]].concat()));
    add("a zero first", base64url([&[0], &bytes[..]].concat()));
    add("twice", base64url([&bytes[..], &bytes[..]].concat()));
    add("halves changed over", base64url([&bytes[32..], &bytes[..32]].concat()));
    add("zeros", base64url([0; 64]));
    add("ones", base64url([255; 64]));
    add("in hexadecimal", bytes.iter().map(|b| format!("{b:02x}")).collect());
    add("without its last character", signature[..85].to_owned());
    table.add("signature", "payload of another token", format!("{header}.{other_payload}.{signature}"));
    let other_header = base64url(signer.forge().header_json().replace(":", ": "));
    table.add("signature", "header written otherwise", format!("{other_header}.{payload}.{signature}"));
}

fn other_keys(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    let stranger = if signer.alg == "EdDSA" { Signer::ed25519() } else { Signer::p256() };
    let token = good.signed_with(&stranger.key, stranger.algorithm);
    table.add("signature", "another key under the same kid", token);
    let other = if signer.alg == "EdDSA" { Signer::p256() } else { Signer::ed25519() };
    let token = good.signed_with(&other.key, other.algorithm);
    table.add("signature", "a key of the other kind under the same kid", token);
    let forge = good.clone().header("alg", &format!("{:?}", other.alg));
    let token = forge.signed_with(&other.key, other.algorithm);
    table.add("alg", "a key of the other kind and its alg", token);
    // The public key as the secret of an HMAC, as each library might hold it.
    let x = signer.jwk["x"].as_str().unwrap();
    let raw = URL_SAFE_NO_PAD.decode(x).unwrap();
    let jwk = signer.jwk.to_string();
    for (name, secret) in [
        ("x", x.as_bytes()),
        ("x as bytes", &raw),
        ("JWK", jwk.as_bytes()),
        ("kid", signer.kid.as_bytes()),
        ("nothing", b""),
    ] {
        let secret = EncodingKey::from_secret(secret);
        for (alg, algorithm) in [("HS256", Algorithm::HS256), ("HS512", Algorithm::HS512)] {
            let forge = good.clone().header("alg", &format!("{alg:?}"));
            let token = forge.signed_with(&secret, algorithm);
            table.add("alg", format!("{alg} with the public {name} as secret"), token);
        }
        let token = good.signed_with(&secret, Algorithm::HS256);
        table.add("signature", format!("HMAC with the public {name} under the key's alg"), token);
    }
    let signed = good.signing_input();
    let odd = if signer.alg == "EdDSA" { second_form(&signed, signer) } else { der_form(&signed, signer) };
    table.add("signature", "signature in a second form", format!("{signed}.{odd}"));
}

/// An ECDSA signature as ASN.1, where JWS wants the two numbers.
fn der_form(signed: &str, signer: &Signer) -> String {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, signer.key.as_bytes());
    let signature = pair.unwrap().sign(&SystemRandom::new(), signed.as_bytes());
    base64url(signature.unwrap().as_ref())
}

/// An Ed25519 signature with the order of the group added to its second half (RFC 8032, 8.4).
fn second_form(signed: &str, signer: &Signer) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(signer.signature(signed)).unwrap();
    let low = [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14];
    let order = low.into_iter().chain([0; 15]).chain([0x10]);
    let mut carry = 0;
    for (byte, more) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + more + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    base64url(bytes)
}
