//! Keys are rotated while the service runs, and no request notices.

use crate::harness::Server;
use chrono::{DateTime, TimeDelta, Utc};
use hagukumi::auth::jwt::{Grant, Issuer, Keys, Role};
use hagukumi::auth::key_file::{KeyFile, PUBLISHED_BEFORE, Rotation, Watch};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use uuid::Uuid;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hagukumi-keys-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("keys.pem")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn start() -> DateTime<Utc> {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

/// (state, since) of each, in order.
fn states(file: &KeyFile) -> Vec<(String, String)> {
    file.list().into_iter().map(|[state, since, ..]| (state, since)).collect()
}

fn kids(file: &KeyFile) -> Vec<String> {
    file.list().into_iter().map(|[.., kid]| kid).collect()
}

fn issuer(keys: Keys) -> Issuer {
    Issuer::new("https://hagukumi.test".into(), "hagukumi".into(), keys)
}

fn token(issuer: &Issuer, now: DateTime<Utc>) -> String {
    let (roles, bodies) = (vec![Role::MunicipalEditor], vec!["132292".to_owned()]);
    let grant = Grant { subject: "x".into(), client_id: "x".into(), roles, bodies, lifetime_seconds: 600 };
    issuer.sign(&grant, now, Uuid::now_v7()).unwrap()
}

#[test]
fn a_key_is_next_then_current_then_retired_then_gone() {
    let folder = Folder::new("states");
    let path = folder.file();
    let mut now = start();
    KeyFile::generate(now).unwrap().write(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut file = KeyFile::read(&path).unwrap();
    let [first, second] = kids(&file).try_into().unwrap();
    let refused = file.rotate(now + PUBLISHED_BEFORE - TimeDelta::seconds(1)).unwrap_err();
    assert!(refused.contains("2026-11-21T00:06:00Z") && refused.contains(" / "), "{refused}");
    now += PUBLISHED_BEFORE;
    assert_eq!(file.rotate(now), Ok(Rotation::Rotated));
    // Whoever could read it can, and nobody else.
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    file.write(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "the draft is gone");
    let mut file = KeyFile::read(&path).unwrap();
    let at = |time: &str| format!("2026-11-21T{time}Z");
    let expected = [("current", "00:06:00"), ("next", "00:06:00"), ("retired", "00:06:00")];
    assert_eq!(states(&file), expected.map(|(state, time)| (state.to_owned(), at(time))));
    let [current, third, retired] = kids(&file).try_into().unwrap();
    assert_eq!((current, retired), (second.clone(), first.clone()));
    assert_ne!(third, first);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("-----BEGIN PRIVATE KEY-----").count(), 2, "of a retired key only the public half is kept");
    // What the first has signed is over after 16 minutes: it goes with the next command.
    now += TimeDelta::minutes(16);
    assert_eq!(file.rotate(now), Ok(Rotation::Rotated));
    assert_eq!(kids(&file)[0], third);
    assert_eq!(kids(&file)[2..], [second]);
    let published: Value = file.keys().jwks();
    assert_eq!(published["keys"].as_array().unwrap().len(), 3);
    assert!(!published.to_string().contains("\"d\""));
}

/// As it was before there were bundles, or as openssl makes it.
#[test]
fn a_single_key_is_first_given_a_next_one() {
    let pem = Keys::generate_pem().unwrap();
    let alone = Keys::from_signing_pem(pem.as_bytes()).unwrap();
    let mut file = KeyFile::parse(&format!("some text\n{pem}")).unwrap();
    assert_eq!(states(&file), [("current".to_owned(), "-".to_owned())]);
    assert!(file.keys().names().eq(alone.names()));
    assert_eq!(file.rotate(start()), Ok(Rotation::Prepared));
    assert_eq!(file.keys().names().next(), alone.names().next(), "it still signs");
    assert_eq!(states(&file)[1], ("next".to_owned(), "2026-11-21T00:00:00Z".to_owned()));
    assert!(file.rotate(start()).is_err());
    assert_eq!(file.rotate(start() + PUBLISHED_BEFORE), Ok(Rotation::Rotated));
    assert_eq!(kids(&file)[2], alone.names().next().unwrap().1);
}

#[test]
fn what_is_no_bundle_of_keys_is_refused() {
    let (one, public) = (Keys::generate_pem().unwrap(), {
        let keys = Keys::from_signing_pem(Keys::generate_pem().unwrap().as_bytes()).unwrap();
        keys.public_pem().unwrap()
    });
    assert!(KeyFile::parse(&format!("{one}{public}")).is_ok());
    let cut = &one[..one.len() - 30];
    for (name, text) in [
        ("nothing", String::new()),
        ("text", "no key".into()),
        ("only a public key", public.clone()),
        ("three private keys", one.repeat(3)),
        ("cut off", cut.to_owned()),
        ("the second cut off", format!("{one}{cut}")),
        ("a retired key that is none", format!("{one}{}", public.replace("MCow", "MCoy"))),
        ("a certificate", format!("{one}{}", public.replace("PUBLIC KEY", "CERTIFICATE"))),
        ("another private key", format!("{one}{}", one.replace("PRIVATE", "RSA PRIVATE"))),
    ] {
        assert!(KeyFile::parse(&text).is_err(), "{name}");
    }
}

/// Two replicas that see the new file at different times accept what the other signs, at every moment.
#[test]
fn two_replicas_rotate_one_after_the_other() {
    let folder = Folder::new("replicas");
    let path = folder.file();
    let mut now = start();
    let mut file = KeyFile::generate(now).unwrap();
    file.write(&path).unwrap();
    let replicas = [issuer(file.keys()), issuer(file.keys())];
    let mut watches = [Watch::new(path.clone()), Watch::new(path.clone())];
    let mut tokens = Vec::new();
    for round in 0..4 {
        now += TimeDelta::minutes(7);
        file.rotate(now).unwrap();
        file.write(&path).unwrap();
        // Neither has seen it, then one, then both; the other one first in the next round.
        for late in [None, Some(round % 2), Some(1 - round % 2)] {
            if let Some(which) = late {
                watches[which].look(&replicas[which]);
            }
            now += TimeDelta::seconds(20);
            tokens.extend(replicas.iter().map(|replica| (now, token(replica, now))));
            tokens.retain(|(signed, _)| now - *signed < TimeDelta::minutes(10));
            for replica in &replicas {
                for (signed, token) in &tokens {
                    let verdict = replica.verify(token, now);
                    assert!(verdict.is_ok(), "round {round}: {:?} after {}", verdict, now - *signed);
                }
            }
        }
        let signing = |replica: &Issuer| replica.keys().names().next().map(|(_, kid)| kid.to_owned());
        assert_eq!(signing(&replicas[0]), Some(kids(&file)[0].clone()));
        assert_eq!(signing(&replicas[0]), signing(&replicas[1]));
    }
}

#[actix_web::test]
async fn a_running_service_takes_new_keys_and_refuses_no_broken_file() {
    let server = Server::start().await;
    let folder = Folder::new("running");
    let path = folder.file();
    let mut file = KeyFile::generate(server.now() - TimeDelta::hours(1)).unwrap();
    server.state.issuer.replace_keys(file.keys());
    file.write(&path).unwrap();
    let mut watch = Watch::new(path.clone());
    watch.look(&server.state.issuer);
    let published =
        async || server.get("//.well-known/jwks.json").expect(200).await.json["keys"].as_array().unwrap().len();
    let old = server.token(&[Role::MunicipalEditor], &["132292"]);
    let works = |token: &str| server.get("/reports?view=working").token(token).expect(200);
    works(&old).await;
    assert_eq!(published().await, 2);
    file.rotate(server.now()).unwrap();
    file.write(&path).unwrap();
    watch.look(&server.state.issuer);
    let new = server.token(&[Role::MunicipalEditor], &["132292"]);
    let kid = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(kid(&old), kid(&new));
    works(&old).await;
    works(&new).await;
    assert_eq!(published().await, 3);
    // Broken, open to everybody, gone: everything stays as it is.
    let good = fs::read(&path).unwrap();
    fs::write(&path, &good[..good.len() / 3]).unwrap();
    watch.look(&server.state.issuer);
    works(&new).await;
    fs::remove_file(&path).unwrap();
    watch.look(&server.state.issuer);
    works(&new).await;
    assert_eq!(published().await, 3);
    KeyFile::generate(server.now()).unwrap().write(&path).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    watch.look(&server.state.issuer);
    works(&new).await;
    // A wholly new file, because the old one has become known: nothing of it is good any more.
    fs::remove_file(&path).unwrap();
    KeyFile::generate(server.now()).unwrap().write(&path).unwrap();
    watch.look(&server.state.issuer);
    server.get("/reports?view=working").token(&new).expect(401).await;
    works(&server.token(&[Role::MunicipalEditor], &["132292"])).await;
}
