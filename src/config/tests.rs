use super::*;
use crate::auth::jwt::Keys;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

const PASSWORD: &str = "hunter2-hunter2";

/// A folder of the test's own with a key in it, and a whole configuration.
struct Good {
    dir: PathBuf,
    values: BTreeMap<&'static str, String>,
}

impl Good {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("hagukumi-config-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let key = dir.join("key.pem");
        fs::write(&key, Keys::generate_pem().unwrap()).unwrap();
        fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        let url = |user| format!("postgres://{user}:{PASSWORD}@db.example.jp/hagukumi?sslmode=require");
        let values = BTreeMap::from([
            ("DATABASE_URL", url("hagukumi_app")),
            ("DATABASE_OWNER_URL", url("hagukumi_owner")),
            ("TOKEN_KEY_FILE", key.display().to_string()),
            ("TOKEN_ISSUER", "https://hagukumi.example.jp".to_owned()),
            ("CURSOR_SECRET", "0123456789abcdef0123456789abcdef".to_owned()),
        ]);
        Self { dir, values }
    }

    fn set(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.values.insert(name, value.to_owned());
        self
    }

    fn get(&self, name: &str) -> Option<String> {
        self.values.get(name).cloned()
    }

    fn serve(&self) -> Result<Serve, Wrong> {
        serve(&|name| self.get(name))
    }

    fn wrong(&self) -> Vec<&'static str> {
        self.serve().err().map(|wrong| wrong.names()).unwrap_or_default()
    }
}

impl Drop for Good {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn a_whole_configuration_has_the_documented_defaults() {
    let good = Good::new("defaults");
    let config = good.serve().unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!((config.listen.local().to_string().as_str(), config.connections), ("127.0.0.1:8080", 12));
    assert_eq!((config.listen.drain, config.log.filter.as_str()), (Duration::from_secs(4), "info"));
    assert_eq!(demo(&|_| None).unwrap().listen.drain, Duration::ZERO);
    assert!(migrate(&|name| good.get(name)).is_ok());
}

#[test]
fn what_is_missing_is_named_all_at_once_in_two_languages() {
    let Err(wrong) = serve(&|_| None) else { panic!("started without anything") };
    assert_eq!(wrong.names(), ["DATABASE_URL", "TOKEN_KEY_FILE", "TOKEN_ISSUER", "CURSOR_SECRET"]);
    let text = wrong.to_string();
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(text.lines().all(|line| line.contains(" / ") && !line.is_ascii()), "{text}");
    assert_eq!(migrate(&|_| None).unwrap_err().names(), ["DATABASE_OWNER_URL"]);
    assert!(demo(&|_| None).is_ok() && signer(&|_| None).unwrap().is_none());
}

#[test]
fn an_empty_variable_is_not_set() {
    let mut good = Good::new("empty");
    assert_eq!(good.set("PORT", "").set("CURSOR_SECRET", "").wrong(), ["CURSOR_SECRET"]);
}

#[test]
fn each_bad_value_is_named() {
    let unreadable: [(&str, &[&str]); 15] = [
        ("HOST", &["localhost", "example.jp", "127.0.0.1:80"]),
        ("PORT", &["0", "65536", "http", "-1", " 80"]),
        ("WORKERS", &["0", "513", "two"]),
        ("DATABASE_CONNECTIONS", &["0", "1001"]),
        ("DRAIN_SECONDS", &["-1", "121", "4s"]),
        ("RATE_PER_SECOND", &["-1", "many"]),
        ("RATE_BURST", &["0", "1.5"]),
        (
            "CORS_ORIGINS",
            &["*", "null", "https://a.example.jp/", "a.example.jp", "https://", "https://A.jp", "ftp://a"],
        ),
        ("TRUSTED_PROXIES", &["proxy", "10.0.0.0/8;::1", "10.0.0.0/33", ","]),
        ("METRICS_LISTEN", &["9464", "localhost:9464", "127.0.0.1"]),
        ("LOG_FORMAT", &["xml", "JSON"]),
        ("LOG_LEVEL", &["inof", "hagukumi=loud", "=info", "info,"]),
        ("TOKEN_ISSUER", &["hagukumi", "http://hagukumi.example.jp", "https://", "https://a b"]),
        ("CURSOR_SECRET", &["0123456789abcdef0123456789abcde"]),
        ("DATABASE_URL", &["postgres//x", "postgres://:99999", "sqlite://a"]),
    ];
    for (name, values) in unreadable {
        for value in values {
            assert_eq!(Good::new("bad").set(name, value).wrong(), [name], "{name}={value}");
        }
    }
}

#[test]
fn a_database_in_the_clear_over_a_network_is_refused() {
    for (url, secure) in [
        ("postgres://a:b@db.example.jp/x", false),
        ("postgres://a:b@db.example.jp/x?sslmode=prefer", false),
        ("postgres://a:b@db.example.jp/x?sslmode=disable", false),
        ("postgres://a:b@db1.example.jp,localhost/x", false),
        ("postgres://a:b@localhost/x?hostaddr=192.0.2.1", false),
        ("postgres://a:b@db.example.jp/x?sslmode=require", true),
        ("postgres://a:b@localhost/x", true),
        ("postgres://a@%2Fvar%2Frun%2Fpostgresql/x", true),
    ] {
        let wrong = Good::new("clear").set("DATABASE_URL", url).wrong();
        assert_eq!(wrong.is_empty(), secure, "{url}: {wrong:?}");
    }
}

#[test]
fn a_key_file_must_be_a_key_and_ours_alone() {
    let mut good = Good::new("key");
    let key = PathBuf::from(good.get("TOKEN_KEY_FILE").unwrap());
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(good.wrong(), ["TOKEN_KEY_FILE"]);
    fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    assert!(good.wrong().is_empty());
    fs::write(&key, "no key").unwrap();
    assert_eq!(good.wrong(), ["TOKEN_KEY_FILE"]);
    good.set("TOKEN_KEY_FILE", "/nowhere/key.pem").set("DATABASE_CA_FILE", "/nowhere/ca.pem");
    assert_eq!(good.wrong(), ["DATABASE_CA_FILE", "TOKEN_KEY_FILE"]);
    good.set("DATABASE_CA_FILE", &key.display().to_string());
    assert_eq!(good.wrong(), ["DATABASE_CA_FILE", "TOKEN_KEY_FILE"], "a file without a certificate");
}

#[test]
fn no_secret_is_ever_shown() {
    let mut good = Good::new("secrets");
    let shown = |good: &Good| {
        let (table, wrong) = show(&|name| good.get(name));
        wrong.iter().fold(table, |text, wrong| text + &wrong.to_string())
    };
    let whole = shown(&good);
    assert!(whole.contains("hagukumi_app@db.example.jp:5432/hagukumi") && whole.contains("8080"), "{whole}");
    good.set("DATABASE_URL", &format!("postgres://a:{PASSWORD}@db.example.jp:port/x"));
    good.set("DATABASE_OWNER_URL", &format!("host=db password={PASSWORD} {PASSWORD}=x"));
    let broken = shown(&good);
    for text in [whole, broken] {
        assert!(!text.contains(PASSWORD) && !text.contains("0123456789abcdef"), "{text}");
    }
}

#[test]
fn a_secret_may_stand_in_a_file_of_ours_alone() {
    let mut good = Good::new("files");
    let file = good.dir.join("database_url");
    fs::write(&file, format!("{}\n", good.get("DATABASE_URL").unwrap())).unwrap();
    good.values.remove("DATABASE_URL");
    good.set("DATABASE_URL_FILE", &file.display().to_string());
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(good.wrong(), ["DATABASE_URL"]);
    fs::set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
    assert_eq!(format!("{:?}", good.serve().ok().unwrap().database), "hagukumi_app@db.example.jp:5432/hagukumi");
    let (table, _) = show(&|name| good.get(name));
    assert!(table.contains(&file.display().to_string()) && !table.contains(PASSWORD), "{table}");
    fs::remove_file(&file).unwrap();
    assert_eq!(good.wrong(), ["DATABASE_URL"]);
}
