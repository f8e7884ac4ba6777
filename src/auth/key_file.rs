//! The file of keys (`TOKEN_KEY_FILE`), and how it is rotated without a refused request.
//!
//! A PEM bundle. The first `PRIVATE KEY` is the current one and signs; the second is the next one; `PUBLIC KEY`s are
//! retired. All are accepted and published, so that every replica and every reader of the JWKS knows a key before it
//! signs, and until what it has signed is over: replicas may see a new file at different times.

use super::jwt::{Issuer, KeyError, Keys, LEEWAY_SECONDS, MAX_LIFETIME_SECONDS};
use crate::config;
use crate::logging::SECURITY;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// As long as others may keep the JWKS, and a minute for the services to notice the file.
pub const PUBLISHED_BEFORE: TimeDelta = TimeDelta::seconds(300 + 60);
/// What a retired key has signed is over by then, whatever the clocks say.
#[expect(clippy::cast_possible_wrap, reason = "a quarter of an hour")]
const ACCEPTED_AFTER: TimeDelta = TimeDelta::seconds((MAX_LIFETIME_SECONDS + 2 * LEEWAY_SECONDS) as i64);
const LOOK: Duration = Duration::from_secs(3);

const HEAD: &str =
    "# Keys of Hagukumi's access tokens: `hagukumi keys` writes this file, the running service notices.\n";

struct Key {
    since: Option<DateTime<Utc>>,
    keys: Keys,
    /// One block, as it stands in the file.
    pem: String,
}

pub struct KeyFile {
    current: Key,
    next: Option<Key>,
    retired: Vec<Key>,
}

/// What a rotation did.
#[derive(Debug, PartialEq, Eq)]
pub enum Rotation {
    /// There was no next key: now there is one, and the current one stays.
    Prepared,
    Rotated,
}

impl KeyFile {
    /// A current key and a next one.
    pub fn generate(now: DateTime<Utc>) -> Result<Self, KeyError> {
        Ok(Self { current: Key::generate(now)?, next: Some(Key::generate(now)?), retired: Vec::new() })
    }

    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (mut private, mut retired) = (Vec::new(), Vec::new());
        for (since, pem) in blocks(text) {
            let is_public = pem.starts_with("-----BEGIN PUBLIC KEY-----");
            let keys =
                if is_public { Keys::from_public_pem(pem.as_bytes()) } else { Keys::from_signing_pem(pem.as_bytes()) };
            let key = Key { since, keys: keys?, pem };
            if is_public { retired.push(key) } else { private.push(key) }
        }
        let mut private = private.into_iter();
        // Nothing that begins like a key: the message for what is none.
        let Some(current) = private.next() else {
            return Keys::from_signing_pem(text.as_bytes()).and(Err(KeyError::NONE));
        };
        let next = private.next();
        if private.next().is_some() {
            return Err(KeyError::TOO_MANY);
        }
        Ok(Self { current, next, retired })
    }

    /// What signs, and everything that is accepted.
    pub fn keys(&self) -> Keys {
        self.next.iter().chain(&self.retired).fold(self.current.keys.clone(), |keys, more| keys.with(&more.keys))
    }

    /// The next key becomes the current one and another the next. Refused while the next may not be known everywhere.
    pub fn rotate(&mut self, now: DateTime<Utc>) -> Result<Rotation, String> {
        let early = self.next.as_ref().and_then(|next| next.since).map(|since| since + PUBLISHED_BEFORE);
        if let Some(until) = early.filter(|until| now < *until) {
            let until = stamp(until);
            return Err(format!(
                "the next key may not be known everywhere yet: rotate after {until} / 次の鍵が行き渡っていません。{until} より後に実行してください"
            ));
        }
        self.retired.retain_mut(|key| now < *key.since.get_or_insert(now) + ACCEPTED_AFTER);
        let new = Key::generate(now).map_err(|cause| cause.to_string())?;
        let Some(mut next) = self.next.replace(new) else { return Ok(Rotation::Prepared) };
        next.since = Some(now);
        let last = std::mem::replace(&mut self.current, next);
        let pem = last.keys.public_pem().ok_or("the current key has no public half")?;
        self.retired.push(Key { since: Some(now), keys: last.keys, pem });
        Ok(Rotation::Rotated)
    }

    /// State, since when, algorithm and `kid` of each.
    pub fn list(&self) -> Vec<[String; 4]> {
        let line = |state: &str, key: &Key| {
            let (alg, kid) = key.keys.names().next().unwrap_or_default();
            [state.to_owned(), key.since.map_or_else(|| "-".to_owned(), stamp), alg.to_owned(), kid.to_owned()]
        };
        let next = self.next.iter().map(|key| line("next", key));
        let retired = self.retired.iter().map(|key| line("retired", key));
        [line("current", &self.current)].into_iter().chain(next).chain(retired).collect()
    }

    fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        let next = self.next.iter().map(|key| ("next", key));
        let retired = self.retired.iter().map(|key| ("retired", key));
        for (state, key) in [("current", &self.current)].into_iter().chain(next).chain(retired) {
            let since = key.since.map_or_else(String::new, |since| format!(" since {}", stamp(since)));
            // Writing to a string does not fail.
            let _ = write!(text, "# {state}{since}\n{}", key.pem);
        }
        text
    }

    pub fn read(path: &Path) -> Result<Self, String> {
        let named = |cause: &dyn std::fmt::Display| format!("{}: {cause}", path.display());
        Self::parse(&fs::read_to_string(path).map_err(|cause| named(&cause))?).map_err(|cause| named(&cause))
    }

    /// Whole or not at all, and for the same eyes as the file it replaces; a new one is its owner's alone.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let path = fs::canonicalize(path)
            .or_else(|cause| if cause.kind() == ErrorKind::NotFound { Ok(path.to_owned()) } else { Err(cause) })?;
        let mut draft = path.clone().into_os_string();
        draft.push(".new");
        let draft = PathBuf::from(draft);
        let absent = |cause: io::Error| if cause.kind() == ErrorKind::NotFound { Ok(()) } else { Err(cause) };
        fs::remove_file(&draft).or_else(absent)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        if let Ok(old) = fs::metadata(&path) {
            chown(&draft, Some(old.uid()), Some(old.gid()))?;
            file.set_permissions(old.permissions())?;
        }
        file.write_all(self.text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

impl Key {
    fn generate(now: DateTime<Utc>) -> Result<Self, KeyError> {
        let pem = Keys::generate_pem()?;
        Ok(Self { since: Some(now), keys: Keys::from_signing_pem(pem.as_bytes())?, pem })
    }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Each block with the time that the comment before it tells. Text between them means nothing (RFC 7468 §2).
fn blocks(text: &str) -> Vec<(Option<DateTime<Utc>>, String)> {
    let (mut all, mut since, mut block) = (Vec::new(), None, String::new());
    for line in text.lines().map(str::trim_end) {
        if line.starts_with("-----BEGIN ") {
            block.clear();
        } else if block.is_empty() {
            let told = line.strip_prefix('#').and_then(|comment| comment.split_once(" since "));
            since = told.and_then(|(_, at)| at.parse().ok());
            continue;
        }
        block.push_str(line);
        block.push('\n');
        if line.starts_with("-----END ") {
            all.push((since.take(), std::mem::take(&mut block)));
        }
    }
    if !block.is_empty() {
        all.push((None, block));
    }
    all
}

/// Looks whether the file has changed, and lets the issuer have what is in it.
pub struct Watch {
    path: PathBuf,
    /// None: not looked yet. None inside: there was no file.
    seen: Option<Option<(SystemTime, u64, u64)>>,
}

impl Watch {
    pub fn new(path: PathBuf) -> Self {
        Self { path, seen: None }
    }

    /// A file that cannot be used changes nothing, and is told once.
    pub fn look(&mut self, issuer: &Issuer) {
        let found = fs::metadata(&self.path).and_then(|found| Ok((found.modified()?, found.len(), found.ino()))).ok();
        if self.seen.replace(found) == Some(found) {
            return;
        }
        let held = issuer.keys();
        match config::keys_in(&self.path) {
            Ok(keys) if keys.names().eq(held.names()) => {}
            Ok(keys) => {
                let kid = keys.names().next().map(|(_, kid)| kid.to_owned()).unwrap_or_default();
                issuer.replace_keys(keys);
                log::info!(target: SECURITY, kid = kid.as_str(); "the keys of tokens have changed: this one signs");
            }
            Err(cause) => {
                log::error!(cause = cause.as_str(); "TOKEN_KEY_FILE cannot be used: the keys stay as they are");
            }
        }
    }
}

/// For as long as the service runs.
pub async fn watch(path: PathBuf, issuer: Arc<Issuer>) {
    let mut watch = Watch::new(path);
    loop {
        watch.look(&issuer);
        tokio::time::sleep(LOOK).await;
    }
}
