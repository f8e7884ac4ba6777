//! Flaws of the token as text: its size, its parts, their encoding.

use super::super::MAX_TOKEN_BYTES;
use super::forge::{Forge, Signer, Table, base64url};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE};

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The claims with blanks in front of the closing brace: the same JSON, longer.
fn blanks(forge: &Forge, count: usize) -> String {
    let json = forge.claims_json();
    let body = json.strip_suffix('}').unwrap();
    format!("{body}{}}}", " ".repeat(count))
}

/// A good token of exactly so many bytes, with blanks in payload and header.
pub fn of_length(signer: &Signer, bytes: usize) -> String {
    let forge = signer.forge();
    let mut found = (0..4).flat_map(|more| {
        let json = forge.header_json();
        let body = json.strip_suffix('}').unwrap();
        let header = base64url(format!("{body}{}}}", " ".repeat(more)));
        let rest = bytes - header.len() - 86 - 2;
        let count = (rest * 3 / 4).saturating_sub(forge.claims_json().len());
        let payload = base64url(blanks(&forge, count));
        (payload.len() == rest).then(|| signer.seal(&header, &payload))
    });
    found.next().unwrap()
}

/// The text with blanks until its last character carries unused bits, and one of them set.
fn not_canonical(json: &str) -> String {
    let body = json.strip_suffix('}').unwrap();
    let texts = (0..3).map(|count| base64url(format!("{body}{}}}", " ".repeat(count))));
    spoil_last(&texts.clone().find(|text| text.len() % 4 != 0).unwrap())
}

/// The same bytes for a lax decoder: only unused bits of the last character differ.
pub fn spoil_last(text: &str) -> String {
    let (body, last) = text.split_at(text.len() - 1);
    let place = ALPHABET.find(last).unwrap();
    format!("{body}{}", &ALPHABET[place + 1..place + 2])
}

pub fn hostile(signer: &Signer) -> Table {
    let mut table = Table::default();
    sizes(signer, &mut table);
    parts(signer, &mut table);
    encoding(signer, &mut table);
    around(signer, &mut table);
    table
}

fn sizes(signer: &Signer, table: &mut Table) {
    let forge = signer.forge();
    for (name, size) in [("one byte", 1), ("two bytes", 2), ("twice", 4096)] {
        let token = of_length(signer, MAX_TOKEN_BYTES + size);
        table.add("length", format!("too long by {name}"), token);
    }
    let million = forge.with_payload(blanks(&forge, 1_000_000));
    table.add("length", "a megabyte of blanks in the payload", million);
    let codes: Vec<String> = (0..400).map(|n| format!("\"{:06}\"", 131_000 + n)).collect();
    let many = forge.claim("bodies", &format!("[{}]", codes.join(",")));
    table.add("length", "bodies that do not fit", many.token());
    table.add("length", "a megabyte of dots", ".".repeat(1_000_000));
    table.add("length", "a megabyte of letters", "a".repeat(1_000_000));
    let good = signer.forge().token();
    let repeated = format!("{good}{}", "A".repeat(MAX_TOKEN_BYTES));
    table.add("length", "a signature of 4 KiB", repeated);
}

fn parts(signer: &Signer, table: &mut Table) {
    let good = signer.forge().token();
    let [header, payload, signature] = split(&good);
    for (name, token) in [
        ("nothing", String::new()),
        ("one dot", ".".to_owned()),
        ("a word", "token".to_owned()),
        ("the header alone", header.to_owned()),
        ("no signature and no dot", format!("{header}.{payload}")),
        ("no payload", format!("{header}.{signature}")),
        ("a dot more at the end", format!("{good}.")),
        ("a fourth part", format!("{good}.{signature}")),
        ("a dot more in the middle", format!("{header}..{payload}.{signature}")),
        ("five parts, as an encrypted token", format!("{header}.{payload}.{payload}.{payload}.{signature}")),
        ("two tokens with a dot", format!("{good}.{good}")),
        ("a dot of full width", good.replacen('.', "．", 1)),
        ("an escaped dot", good.replacen('.', "%2E", 1)),
        ("commas for dots", good.replace('.', ",")),
        ("three dots", "...".to_owned()),
        ("the token backwards by parts and one more", format!("{signature}.{payload}.{header}.")),
        (
            "the JSON form of a signed token",
            format!("{{\"protected\":\"{header}\",\"payload\":\"{payload}\",\"signature\":\"{signature}\"}}"),
        ),
    ] {
        table.add("parts", name, token);
    }
    table.add("parts", "a dot more in front", format!(".{good}"));
    table.add("header", "two dots", "..".to_owned());
    table.add("header", "no header", format!(".{payload}.{signature}"));
    let empty = signer.seal(header, "");
    table.add("claims", "an empty payload", empty);
    let swapped = signer.seal(payload, header);
    table.add("header", "header and payload changed over", swapped);
    let reversed = format!("{signature}.{payload}.{header}");
    table.add("header", "signature and header changed over", reversed);
}

fn encoding(signer: &Signer, table: &mut Table) {
    let forge = signer.forge();
    let good = forge.token();
    let [header, payload, signature] = split(&good);
    let padded = |json: &str| {
        let body = json.strip_suffix('}').unwrap();
        let mut texts = (0..3).map(|n| URL_SAFE.encode(format!("{body}{}}}", " ".repeat(n))));
        texts.find(|text| text.ends_with('=')).unwrap()
    };
    let base = "base64url";
    table.add(base, "padded header", signer.seal(&padded(&forge.header_json()), payload));
    table.add(base, "padded payload", signer.seal(header, &padded(&forge.claims_json())));
    table.add("signature", "padded signature", format!("{good}=="));
    table.add("signature", "signature padded once", format!("{good}="));
    let odd = not_canonical(&forge.header_json());
    table.add(base, "unused bits set in the header", signer.seal(&odd, payload));
    let odd = not_canonical(&forge.claims_json());
    table.add(base, "unused bits set in the payload", signer.seal(header, &odd));
    let odd = spoil_last(signature);
    table.add("signature", "unused bits set in the signature", format!("{header}.{payload}.{odd}"));
    // Characters that the two alphabets write differently.
    let question = forge.clone().claim("sub", "\"???>>>???>>>\"");
    let standard = STANDARD_NO_PAD.encode(question.claims_json());
    assert!(standard.contains('/') && !standard.contains('_'));
    table.add(base, "payload in the standard alphabet", signer.seal(header, &standard));
    let other = (0..).find_map(|n| {
        let token = forge.clone().claim("jti", &format!("\"{n}\"")).token();
        let (signed, signature) = token.rsplit_once('.')?;
        let standard = signature.replace('-', "+").replace('_', "/");
        (standard != signature).then(|| format!("{signed}.{standard}"))
    });
    table.add("signature", "signature in the standard alphabet", other.unwrap());
    table.add(base, "header as plain JSON", signer.seal(&forge.header_json(), payload));
    let hexadecimal: String = forge.claims_json().bytes().map(|b| format!("{b:02x}")).collect();
    table.add("claims", "payload in hexadecimal", signer.seal(header, &hexadecimal));
    table.add("claims", "payload encoded twice", signer.seal(header, &base64url(payload)));
    table.add("header", "header encoded twice", signer.seal(&base64url(header), payload));
    for (name, inside) in [("blank", " "), ("line feed", "\n"), ("tab", "\t"), ("NUL", "\0")] {
        let (a, b) = payload.split_at(8);
        let broken = signer.seal(header, &format!("{a}{inside}{b}"));
        table.add(base, format!("{name} inside the payload"), broken);
        let (a, b) = header.split_at(8);
        let broken = signer.seal(&format!("{a}{inside}{b}"), payload);
        table.add(base, format!("{name} inside the header"), broken);
        let (a, b) = signature.split_at(8);
        let broken = format!("{header}.{payload}.{a}{inside}{b}");
        table.add("signature", format!("{name} inside the signature"), broken);
    }
}

fn around(signer: &Signer, table: &mut Table) {
    let good = signer.forge().token();
    for (name, front) in [
        ("a blank", " "),
        ("a line feed", "\n"),
        ("a quote", "\""),
        ("the scheme", "Bearer "),
        ("a byte order mark", "\u{feff}"),
        ("a zero width blank", "\u{200b}"),
    ] {
        table.add("base64url", format!("{name} in front"), format!("{front}{good}"));
    }
    for (name, end) in [
        ("a blank", " "),
        ("a line feed", "\n"),
        ("CR LF", "\r\n"),
        ("NUL", "\0"),
        ("a quote", "\""),
        ("a comma and a second token", ",a"),
        ("Japanese", "署名"),
    ] {
        table.add("signature", format!("{name} at the end"), format!("{good}{end}"));
    }
}

pub fn split(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().unwrap()
}
