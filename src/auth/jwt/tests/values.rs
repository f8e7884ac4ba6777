//! Flaws of the claims' values: whose, when, who, what. All well signed and well formed.

use super::forge::{AUD, ISS, NOW, Signer, Table};

pub fn hostile(signer: &Signer) -> Table {
    let mut table = Table::default();
    parties(signer, &mut table);
    times(signer, &mut table);
    names(signer, &mut table);
    authority(signer, &mut table);
    table
}

fn parties(signer: &Signer, table: &mut Table) {
    for (key, right, other) in [("iss", ISS, AUD), ("aud", AUD, ISS)] {
        for wrong in [
            String::new(),
            "*".to_owned(),
            "null".to_owned(),
            other.to_owned(),
            right.to_uppercase(),
            right.replace("hagukumi", "Hagukumi"),
            right.replace("https:", "HTTPS:"),
            right.replace("https:", "http:"),
            right.replace("https://", ""),
            right.replace(".example", ".example.attacker.example"),
            right[1..].to_owned(),
            right.replace("hagukumi", "hagukum\u{131}"),
            right.replace("hagukumi", "hagukumi\\u0000"),
            right.replace("https://", "https://user@"),
            right[..right.len() - 1].to_owned(),
            format!("{right}/"),
            format!("{right}."),
            format!("{right}?"),
            format!("{right}#"),
            format!("{right}:443"),
            format!("{right}/v1"),
            format!("{right} "),
            format!(" {right}"),
            format!("{right}\\n"),
            format!("{right}\\u0000"),
            format!("{right},{right}"),
            format!("{right} {other}"),
            format!("{right}{right}"),
            format!("[\\\"{right}\\\"]"),
        ] {
            let token = signer.forge().claim(key, &format!("\"{wrong}\"")).token();
            table.add(key, format!("{key} {wrong:?}"), token);
        }
    }
}

fn times(signer: &Signer, table: &mut Table) {
    let past = -NOW;
    let year_5000 = 95_617_584_000 - NOW;
    for (cause, name, iat, nbf, exp) in [
        ("exp", "expired 30 s ago", -630, -630, -30),
        ("exp", "expired 31 s ago", -631, -631, -31),
        ("exp", "expired a minute ago", -660, -660, -60),
        ("exp", "expired a day ago", -87_000, -87_000, -86_400),
        ("exp", "expired in 1970", past, past, past + 600),
        ("exp", "expired, and good only 15 minutes at the longest", -931, -931, -31),
        ("nbf", "good in 31 s", 0, 31, 600),
        ("nbf", "good in a minute", 0, 60, 600),
        ("nbf", "good in its last second", 0, 599, 600),
        ("nbf", "never good: from its end on", -100, 20, 20),
        ("nbf", "never good: from after its end on", -100, 25, 20),
        ("nbf", "never good, all within the leeway", -100, 10, -10),
        ("nbf", "good in the year 5000", 0, year_5000, 600),
        ("iat", "issued in 31 s", 31, 0, 600),
        ("iat", "issued in a minute", 60, 0, 600),
        ("iat", "issued tomorrow", 86_400, 0, 87_000),
        ("iat", "issued in the year 5000", year_5000, 0, year_5000 + 600),
        ("lifetime", "a second more than 15 minutes", 0, 0, 901),
        ("lifetime", "16 minutes", 0, 0, 960),
        ("lifetime", "16 minutes, most of them gone", -900, -900, 60),
        ("lifetime", "an hour", 0, 0, 3600),
        ("lifetime", "a day", 0, 0, 86_400),
        ("lifetime", "a year", 0, 0, 31_536_000),
        ("lifetime", "until the year 5000", 0, 0, year_5000),
        ("lifetime", "until 2^63", 0, 0, i64::MAX - NOW),
        ("lifetime", "issued in 1970", past, 0, 600),
        ("lifetime", "nothing", 0, -10, 0),
        ("lifetime", "nothing, in the future", 10, 0, 10),
        ("lifetime", "less than nothing", 10, 0, 5),
        ("lifetime", "expired in 1970, issued now", 0, 0, past),
    ] {
        let token = signer.forge().times(iat, nbf, exp).token();
        table.add(cause, format!("{cause}: {name}"), token);
    }
    let most = u64::MAX.to_string();
    for (key, cause) in [("exp", "lifetime"), ("iat", "lifetime"), ("nbf", "nbf")] {
        let token = signer.forge().claim(key, &most).token();
        table.add(cause, format!("{key} is the largest number"), token);
        let token = signer.forge().claim(key, &format!("{}000", NOW + 60)).token();
        table.add(cause, format!("{key} in milliseconds"), token);
    }
    let milliseconds = signer.forge().times(NOW * 999, NOW * 999, NOW * 999 + 600);
    table.add("iat", "all three in milliseconds", milliseconds.token());
    let edge = format!("{}", u64::MAX - 1);
    let last = signer.forge().claim("exp", &most).claim("iat", &edge);
    table.add("iat", "the last second of all", last.token());
}

fn names(signer: &Signer, table: &mut Table) {
    for key in ["jti", "sub", "client_id", "scope"] {
        for (name, wrong) in [
            ("empty", String::new()),
            ("201 letters", "a".repeat(201)),
            ("201 characters of Japanese", "市".repeat(201)),
            ("2000 letters", "a".repeat(2000)),
            ("NUL", "a\\u0000b".to_owned()),
            ("NUL alone", "\\u0000".to_owned()),
            ("a line feed", "a\\nlevel=error".to_owned()),
            ("CR", "a\\rb".to_owned()),
            ("a tab", "a\\tb".to_owned()),
            ("an escape sequence", "a\\u001b[31m".to_owned()),
            ("DEL", "a\\u007fb".to_owned()),
            ("DEL as it is", "a\u{7f}b".to_owned()),
            ("NEL", "a\\u0085b".to_owned()),
            ("a line separator", "a\\u2028b".to_owned()),
            ("a change of direction", "a\\u202eb".to_owned()),
            ("an isolate", "a\\u2066b".to_owned()),
            ("a byte order mark", "a\\ufeffb".to_owned()),
        ] {
            let token = signer.forge().claim(key, &format!("\"{wrong}\"")).token();
            table.add(key, format!("{key}: {name}"), token);
        }
    }
    for (name, wrong) in [("Japanese", "市"), ("a quote", "a\\\"b"), ("a backslash", "a\\\\b")] {
        let token = signer.forge().claim("scope", &format!("\"{wrong}\"")).token();
        table.add("scope", format!("scope: {name}"), token);
    }
}

fn authority(signer: &Signer, table: &mut Table) {
    let all = "\"municipal_editor\",\"municipal_approver\",\"prefecture_reader\",\
               \"prefecture_editor\",\"prefecture_reviewer\",\"administrator\"";
    for (name, roles) in [
        ("none", String::new()),
        ("one twice", "\"municipal_editor\",\"municipal_editor\"".to_owned()),
        ("one twice, once escaped", "\"municipal_editor\",\"municipal\\u005feditor\"".to_owned()),
        ("one twice, another between", "\"administrator\",\"municipal_editor\",\"administrator\"".to_owned()),
        ("all and one again", format!("{all},\"administrator\"")),
        ("all twice", format!("{all},{all}")),
    ] {
        let token = signer.forge().claim("roles", &format!("[{roles}]")).token();
        table.add("roles", format!("roles: {name}"), token);
    }
    for wrong in [
        "",
        "0",
        "13101",
        "1310160",
        "131016 ",
        " 131016",
        "13101 ",
        "131 16",
        "131016\\n",
        "13101\\n",
        "+13101",
        "-13101",
        "1310.1",
        "13101a",
        "13101A",
        "１３１０１６",
        "13101６",
        "١٣١٠١٦",
        "市区",
        "*",
        "******",
        "%",
        "131%",
        "______",
        "null",
        "131016,131024",
        "13101\\u0000",
        "1e5000",
        "0x1fff",
    ] {
        let token = signer.forge().claim("bodies", &format!("[\"131024\",\"{wrong}\"]")).token();
        table.add("bodies", format!("body {wrong:?}"), token);
    }
    for (name, bodies) in [
        ("one twice", "[\"131016\",\"131016\"]"),
        ("one twice, another between", "[\"131016\",\"131024\",\"131016\"]"),
        ("one twice, once escaped", "[\"131016\",\"\\u003131016\"]"),
        ("none", "[]"),
    ] {
        let token = signer.forge().claim("bodies", bodies).token();
        table.add("bodies", format!("bodies: {name}"), token);
    }
    let nobody = signer.forge().claim("bodies", "[]");
    for role in ["municipal_approver", "prefecture_reader", "prefecture_editor", "prefecture_reviewer"] {
        let token = nobody.clone().claim("roles", &format!("[\"{role}\"]")).token();
        table.add("bodies", format!("bodies: none for a {role}"), token);
    }
    for roles in ["[\"administrator\",\"municipal_editor\"]", "[\"prefecture_reader\",\"administrator\"]"] {
        let token = nobody.clone().claim("roles", roles).token();
        table.add("bodies", format!("bodies: none for {roles}"), token);
    }
    let administrator = signer.forge().claim("roles", "[\"administrator\"]");
    let token = administrator.claim("bodies", "[\"*\"]").token();
    table.add("bodies", "bodies: a star for the administrator", token);
}
