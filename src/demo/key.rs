//! The demo's key: made once, kept beside its data, readable by its owner only.

use crate::auth::jwt::{Issuer, KeyError, Keys};
use crate::clients::ClientId;
use crate::clients::secret::Secret;
use crate::server::Failure;
use crate::web::page::CursorKey;
use aws_lc_rs::hmac;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub(super) const FILE: &str = "key.pem";
/// The file until it is whole.
pub(super) const DRAFT: &str = "key.new";
const ISSUER: &str = "urn:hagukumi:demo";
const AUDIENCE: &str = "hagukumi";

pub(super) struct Key(Vec<u8>);

impl Key {
    /// The key in the demo's folder; a new one where there is none.
    pub(super) fn of(dir: &Path) -> Result<Self, Failure> {
        if let Some(key) = Self::find(dir)? {
            return Ok(key);
        }
        let (path, draft) = (dir.join(FILE), dir.join(DRAFT));
        let pem = Keys::generate_pem()?;
        fs::remove_file(&draft)
            .or_else(|cause| if cause.kind() == ErrorKind::NotFound { Ok(()) } else { Err(cause) })?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(pem.as_bytes())?;
        fs::rename(&draft, &path)?;
        Ok(Self(pem.into_bytes()))
    }

    fn find(dir: &Path) -> Result<Option<Self>, Failure> {
        let path = dir.join(FILE);
        match fs::read(&path) {
            Ok(pem) => Ok(Some(Self(pem))),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(format!("{}: {cause}", path.display()).into()),
        }
    }

    pub(super) fn issuer(&self) -> Result<Issuer, KeyError> {
        Ok(Issuer::new(ISSUER.into(), AUDIENCE.into(), Keys::from_signing_pem(&self.0)?))
    }

    /// Derived: the secret of a client of the demo is the same at every start.
    pub(super) fn secret_of(&self, client: &ClientId) -> Secret {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, format!("client secret {client}").as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        Secret::of(&bytes)
    }

    /// Derived: cursors of one start are good in the next.
    pub(super) fn cursors(&self) -> CursorKey {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        CursorKey::new(hmac::sign(&key, b"cursors of the demo").as_ref())
    }
}

/// The signer of a demo that has been started before.
pub fn issuer_of(dir: &Path) -> Result<Option<Issuer>, Failure> {
    Ok(Key::find(dir)?.map(|key| key.issuer()).transpose()?)
}
