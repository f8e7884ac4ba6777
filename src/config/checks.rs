//! What makes a value acceptable. No message repeats a value that may be a secret.

use super::{Fault, LogFormat, fault};
use crate::auth::jwt::Keys;
use crate::auth::key_file::KeyFile;
use crate::db::Address;
use crate::web::edge::Origins;
use crate::web::page::CursorKey;
use crate::web::peer::Proxies;
use log::LevelFilter;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::fmt::Display;
use std::fs;
use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::str::FromStr;

const SECRET_CHARACTERS: usize = 32;
const LONGEST_NAME: usize = 200;
/// Others may read or write it.
const OPEN_TO_OTHERS: u32 = 0o006;

pub(super) fn missing(name: &str) -> Fault {
    let (en, ja) = match name {
        "DATABASE_URL" => (
            "not set: where is the database? (`serve --demo` brings its own)",
            "設定されていません。データベースの接続先を指定してください（試すだけなら `serve --demo`）",
        ),
        "DATABASE_OWNER_URL" => {
            ("not set: the login that owns the tables", "設定されていません。表を所有するログインの接続先です")
        }
        "TOKEN_KEY_FILE" => (
            "not set: the file of the keys of tokens; `hagukumi keys generate` makes it",
            "設定されていません。トークンの鍵のファイルです（`hagukumi keys generate` で作れます）",
        ),
        "TOKEN_ISSUER" => {
            ("not set: the https address of this service", "設定されていません。このサービスの https アドレスです")
        }
        _ => ("not set", "設定されていません"),
    };
    (en.into(), ja.into())
}

pub(super) fn address(url: &str, ca_file: Option<PathBuf>) -> Result<Address, Fault> {
    // The driver's own message could repeat a part of the password.
    let Ok(address) = Address::new(url, ca_file) else {
        return fault(
            "not a connection URL such as postgres://user:password@host:5432/database?sslmode=require",
            "接続URL（postgres://user:password@host:5432/database?sslmode=require の形）として読めません",
        );
    };
    if address.is_insecure() {
        return fault(
            "passwords and data would cross the network in the clear: add sslmode=require",
            "パスワードとデータが平文でネットワークを流れます。sslmode=require を付けてください",
        );
    }
    Ok(address)
}

pub(super) fn certificates(path: &str) -> Result<PathBuf, Fault> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(path.into()),
        Ok(_) => fault(format!("{path} holds no certificate"), format!("{path} に証明書がありません")),
        Err(cause) => fault(format!("{path}: {cause}"), format!("{path} を証明書として読めません")),
    }
}

pub(super) fn key_file(path: &str) -> Result<Keys, Fault> {
    let unreadable = |cause: &dyn Display| (format!("{path}: {cause}"), format!("{path} を署名鍵として読めません"));
    ours_alone(path)?;
    let pem = fs::read(path).map_err(|cause| unreadable(&cause))?;
    let text = String::from_utf8_lossy(&pem);
    KeyFile::parse(&text).map(|file| file.keys()).map_err(|cause| unreadable(&cause))
}

fn ours_alone(path: &str) -> Result<(), Fault> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.mode() & OPEN_TO_OTHERS == 0 => Ok(()),
        Ok(_) => fault(
            format!("{path} is open to every user of the machine: chmod 600 {path}"),
            format!("{path} はだれでも読めます。chmod 600 {path} としてください"),
        ),
        Err(cause) => fault(format!("{path}: {cause}"), format!("{path} を読めません")),
    }
}

pub(super) fn secret_file(path: &str) -> Result<String, Fault> {
    ours_alone(path)?;
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.trim_end().to_owned()),
        Err(cause) => fault(format!("{path}: {cause}"), format!("{path} を読めません")),
    }
}

pub(super) fn secret(text: &str) -> Result<CursorKey, Fault> {
    if text.chars().count() < SECRET_CHARACTERS {
        return fault(
            format!("has fewer than {SECRET_CHARACTERS} characters; `openssl rand -base64 32` makes one"),
            format!("{SECRET_CHARACTERS}文字以上にしてください（例：openssl rand -base64 32）"),
        );
    }
    Ok(CursorKey::new(text.as_bytes()))
}

pub(super) fn issuer(text: &str) -> Result<String, Fault> {
    let host = text.strip_prefix("https://").unwrap_or_default();
    if host.is_empty() || text.chars().count() > LONGEST_NAME || text.contains(char::is_whitespace) {
        return fault("not an https address", "https のアドレスではありません");
    }
    Ok(text.to_owned())
}

pub(super) fn audience(text: &str) -> Result<String, Fault> {
    if text.chars().count() > LONGEST_NAME || text.contains(char::is_control) {
        return fault("too long, or with control characters", "長すぎるか、制御文字があります");
    }
    Ok(text.to_owned())
}

pub(super) fn sentence(text: &str) -> Result<String, Fault> {
    const LONGEST: usize = 200;
    if text.chars().count() > LONGEST || text.contains(char::is_control) {
        return fault("more than 200 characters, or with control characters", "200字を超えるか、制御文字があります");
    }
    Ok(text.to_owned())
}

pub(super) fn web_address(text: &str) -> Result<String, Fault> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let fits = text.len() <= 300 && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"".contains(&byte));
    if is_web && fits {
        return Ok(text.to_owned());
    }
    fault("not an address such as https://example.jp/terms", "URL（https://example.jp/terms の形）ではありません")
}

pub(super) fn host(text: &str) -> Result<IpAddr, Fault> {
    text.parse().or_else(|_| {
        fault(
            "not an IP address such as 127.0.0.1, 0.0.0.0 or ::",
            "IPアドレス（127.0.0.1、0.0.0.0、:: など）ではありません",
        )
    })
}

pub(super) fn proxies(text: &str) -> Result<Proxies, Fault> {
    text.parse().or_else(|part| {
        fault(
            format!("`{part}` is neither an address nor a network such as 10.0.0.0/8"),
            format!("「{part}」はアドレスでもネットワーク（10.0.0.0/8 の形）でもありません"),
        )
    })
}

pub(super) fn origins(text: &str) -> Result<Origins, Fault> {
    text.parse().or_else(|part| {
        fault(
            format!("`{part}` is no origin such as https://app.example.jp (no path, no *)"),
            format!("「{part}」はオリジン（https://app.example.jp の形、パスや * なし）ではありません"),
        )
    })
}

pub(super) fn listener(text: &str) -> Result<SocketAddr, Fault> {
    text.parse().or_else(|_| {
        fault(
            "not an address with a port such as 127.0.0.1:9464",
            "アドレスとポート（127.0.0.1:9464 など）ではありません",
        )
    })
}

pub(super) fn number<T: FromStr + PartialOrd + Display>(text: &str, least: T, most: T) -> Result<T, Fault> {
    match text.parse() {
        Ok(number) if least <= number && number <= most => Ok(number),
        _ => fault(
            format!("not a whole number from {least} to {most}"),
            format!("{least}から{most}までの整数ではありません"),
        ),
    }
}

pub(super) fn format(text: &str) -> Result<LogFormat, Fault> {
    match text {
        "json" => Ok(LogFormat::Json),
        "text" => Ok(LogFormat::Text),
        _ => fault("neither json nor text", "json か text です"),
    }
}

/// Read by programs, unless somebody looks on.
pub(super) fn default_format() -> LogFormat {
    if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json }
}

/// `info`, `warn,hagukumi=debug`. Stricter than env_logger: there a misspelt level silently is a module's name.
pub(super) fn filter(text: &str) -> Result<String, Fault> {
    let is_level = |text: &str| text.parse::<LevelFilter>().is_ok();
    let is_directive = |part: &str| match part.split_once('=') {
        Some((target, level)) => !target.is_empty() && !target.contains(char::is_whitespace) && is_level(level),
        None => is_level(part),
    };
    if text.split(',').all(|part| is_directive(part.trim())) {
        return Ok(text.to_owned());
    }
    fault(
        "levels are off, error, warn, info, debug, trace; for a module: warn,hagukumi=debug",
        "off・error・warn・info・debug・trace のどれかです。モジュールごとなら warn,hagukumi=debug の形です",
    )
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
