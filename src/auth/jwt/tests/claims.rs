//! Flaws of the claims' shape: members and types. All well signed.

use super::forge::{Signer, Table};

pub fn hostile(signer: &Signer) -> Table {
    let mut table = Table::default();
    members(signer, &mut table);
    unknown(signer, &mut table);
    types(signer, &mut table);
    numbers(signer, &mut table);
    lists(signer, &mut table);
    texts(signer, &mut table);
    table
}

fn members(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    for (key, value) in &good.claims {
        let without = good.clone().claim_without(key).token();
        table.add("claims", format!("no {key}"), without);
        let twice = good.clone().claim_also(key, value).token();
        table.add("claims", format!("{key} twice"), twice);
        let hidden = format!("\\u{:04x}{}", u32::from(key.as_bytes()[0]), &key[1..]);
        let twice = good.clone().claim_also(&hidden, value).token();
        table.add("claims", format!("{key} twice, once escaped"), twice);
        let capital = key.to_uppercase();
        let renamed = good.clone().claim_without(key).claim_also(&capital, value);
        table.add("claims", format!("{capital} for {key}"), renamed.token());
    }
}

fn unknown(signer: &Signer, table: &mut Table) {
    for (key, value) in [
        ("", "\"\""),
        ("admin", "true"),
        ("role", "\"administrator\""),
        ("Roles", "[\"administrator\"]"),
        ("roles ", "[\"administrator\"]"),
        ("scp", "[\"administrator\"]"),
        ("groups", "[\"administrator\"]"),
        ("permissions", "[\"*\"]"),
        ("azp", "\"chiyoda-city\""),
        ("auth_time", "1800000000"),
        ("acr", "\"0\""),
        ("amr", "[\"pwd\"]"),
        ("act", "{\"sub\":\"another\"}"),
        ("may_act", "{\"sub\":\"another\"}"),
        ("cnf", "{\"jkt\":\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}"),
        ("email", "\"someone@example.jp\""),
        ("tenant", "\"131016\""),
        ("body", "\"131016\""),
        ("issuer", "\"https://id.hagukumi.example\""),
        ("alg", "\"none\""),
        ("__proto__", "{}"),
        ("0", "null"),
    ] {
        let more = signer.forge().claim_also(key, value).token();
        table.add("claims", format!("unknown claim {key:?}"), more);
    }
    for depth in [100, 1000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let more = signer.forge().claim_also("x", &deep).token();
        table.add("claims", format!("unknown claim {depth} arrays deep"), more);
    }
}

fn types(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    for key in ["iss", "aud", "jti", "sub", "client_id", "scope"] {
        let value = &good.claims.iter().find(|(name, _)| name == key).unwrap().1;
        let array = format!("[{value}]");
        let twice = format!("[{value},{value}]");
        let object = format!("{{\"{key}\":{value}}}");
        for wrong in ["null", "true", "0", "-1", "1.5", "1e300", "[]", "{}", &array, &twice, &object] {
            let token = good.clone().claim(key, wrong).token();
            table.add("claims", format!("{key} is {wrong}"), token);
        }
    }
}

fn numbers(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    for key in ["exp", "iat", "nbf"] {
        let value = good.claims.iter().find(|(name, _)| name == key).unwrap().1.clone();
        let (head, tail) = value.split_at(1);
        for wrong in [
            "null".to_owned(),
            "true".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            "\"\"".to_owned(),
            "-0".to_owned(),
            "-1".to_owned(),
            "1e300".to_owned(),
            "1e999".to_owned(),
            "-9223372036854775808".to_owned(),
            "18446744073709551616".to_owned(),
            "99999999999999999999999999".to_owned(),
            "NaN".to_owned(),
            "Infinity".to_owned(),
            "0x6b49d200".to_owned(),
            "\"2027-01-15T08:00:00Z\"".to_owned(),
            format!("\"{value}\""),
            format!("[{value}]"),
            format!("{{\"{key}\":{value}}}"),
            format!("{value}.0"),
            format!("{value}.5"),
            format!("{head}.{tail}e9"),
            format!("{value}e0"),
            format!("-{value}"),
            format!("+{value}"),
            format!("0{value}"),
            format!("{value}n"),
            format!("{head}_{tail}"),
        ] {
            let token = good.clone().claim(key, &wrong).token();
            table.add("claims", format!("{key} is {wrong}"), token);
        }
    }
}

fn lists(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    for (key, item) in [("roles", "\"municipal_editor\""), ("bodies", "\"131016\"")] {
        for wrong in [
            "null".to_owned(),
            "true".to_owned(),
            "0".to_owned(),
            "{}".to_owned(),
            "\"\"".to_owned(),
            item.to_owned(),
            format!("[[{item}]]"),
            format!("[{item},null]"),
            format!("[{item},1]"),
            format!("[{item},[]]"),
            format!("[{item},true]"),
            format!("[{item},]"),
            format!("{{\"0\":{item}}}"),
            format!("{{{item}:true}}"),
            format!("[{{{item}:null}}]"),
        ] {
            let token = good.clone().claim(key, &wrong).token();
            table.add("claims", format!("{key} is {wrong}"), token);
        }
    }
    let token = good.clone().claim("bodies", "[131016]").token();
    table.add("claims", "a body as a number", token);
    for role in [
        "",
        "admin",
        "root",
        "*",
        "Administrator",
        "ADMINISTRATOR",
        "administrator ",
        " administrator",
        "administrators",
        "administrator\\u0000",
        "municipal-editor",
        "municipalEditor",
        "MunicipalEditor",
        "municipal editor",
        "municipal_editor,administrator",
        "municipal_editor administrator",
        "ａdministrator",
        "аdministrator",
        "0",
        "5",
        "prefecture_approver",
        "municipal_reader",
    ] {
        let token = good.clone().claim("roles", &format!("[\"{role}\"]")).token();
        table.add("claims", format!("role {role:?}"), token);
    }
}

/// The payload as a text that is no object of JSON, or not only one.
fn texts(signer: &Signer, table: &mut Table) {
    let good = signer.forge();
    let json = good.claims_json();
    let values: Vec<&str> = good.claims.iter().map(|(_, value)| value.as_str()).collect();
    for (name, text) in [
        ("null", "null".to_owned()),
        ("a number", "1800000600".to_owned()),
        ("an empty object", "{}".to_owned()),
        ("an array of its values", format!("[{}]", values.join(","))),
        ("an array around it", format!("[{json}]")),
        ("an object around it", format!("{{\"claims\":{json}}}")),
        ("a string of it", format!("{json:?}")),
        ("two objects", format!("{json}{json}")),
        ("two lines of objects", format!("{json}\n{json}")),
        ("an object and a word", format!("{json}x")),
        ("an object and NUL", format!("{json}\0")),
        ("a blank first", format!(" {json}")),
        ("a byte order mark first", format!("\u{feff}{json}")),
        ("a comma at the end", json.replacen("]}", "],}", 1)),
        ("single quotes", json.replace('"', "'")),
        ("a comment", json.replacen('{', "{/**/", 1)),
        ("names without quotes", json.replacen("\"iss\"", "iss", 1)),
        ("no closing brace", json.replace('}', "")),
        ("a form", "iss=a&sub=b".to_owned()),
        ("a token", good.token()),
        ("a token in a string", format!("{:?}", good.token())),
        ("a token in an object", format!("{{\"jwt\":{:?}}}", good.token())),
        ("half a surrogate pair", json.replacen("chiyoda", "\\ud800", 1)),
        ("a line feed as it is", json.replacen("chiyoda", "chi\nyoda", 1)),
    ] {
        table.add("claims", format!("payload: {name}"), good.with_payload(text));
    }
    for (name, bytes) in [
        ("a byte that is not UTF-8", &[0xe9][..]),
        ("a NUL written with two bytes", &[0xc0, 0x80]),
        ("a surrogate written as UTF-8", &[0xed, 0xa0, 0x80]),
    ] {
        let place = json.find("chiyoda").unwrap();
        let (a, b) = json.as_bytes().split_at(place);
        let token = good.with_payload([a, bytes, b].concat());
        table.add("claims", format!("payload: {name}"), token);
    }
    let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    table.add("claims", "payload: UTF-16", good.with_payload(wide));
    let zipped = [&[0x1f, 0x8b, 8][..], json.as_bytes()].concat();
    table.add("claims", "payload: looks compressed", good.with_payload(zipped));
}
