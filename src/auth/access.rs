//! What the service remembers between requests of those who call: the tokens it has verified, the clients that are
//! disabled, and who has tried to guess a secret.

use super::Caller;
use super::jwt::{Claims, Issuer, Keys, MAX_TOKEN_BYTES, Rejected};
use super::token::guesses::Guesses;
use crate::clients::queries;
use crate::clock::Clock;
use crate::db::Db;
use crate::domain::code::Code;
use crate::error::{Error, unavailable};
use crate::state::State;
use crate::web::rates::Ticks;
use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use chrono::{DateTime, TimeDelta, Utc};
use quick_cache::sync::Cache;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use uuid::Uuid;

/// A token lives for ten minutes: room for five of every municipality and prefecture.
const TOKENS: usize = 10_000;
/// How often the disabled clients are looked up, and how old that knowledge may become before no token is believed.
const LOOK: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const TOO_OLD: TimeDelta = TimeDelta::seconds(30);

type Digest = [u8; SHA256_OUTPUT_LEN];

pub struct Access {
    pub guesses: Guesses,
    verified: Cache<Digest, Arc<Verified>>,
    disabled: RwLock<Option<Disabled>>,
}

/// A token that was good, and by which keys.
pub struct Verified {
    pub claims: Claims,
    pub bodies: Arc<[Code]>,
    keys: Arc<Keys>,
}

struct Disabled {
    clients: HashSet<String>,
    as_of: DateTime<Utc>,
}

impl Access {
    pub fn new(ticks: Ticks) -> Self {
        Self { guesses: Guesses::new(ticks), verified: Cache::new(TOKENS), disabled: RwLock::new(None) }
    }

    /// Whose the token is. Remembered until it expires or the keys change; time and client are looked at each time.
    pub fn verify(&self, issuer: &Issuer, token: &str, now: DateTime<Utc>) -> Result<Arc<Verified>, Rejected> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejected::LENGTH);
        }
        let name = name(token);
        // Taken before the token is verified: should the keys change meanwhile, it is verified once more.
        let keys = issuer.keys();
        if let Some(known) = self.verified.get(&name)
            && Arc::ptr_eq(&known.keys, &keys)
        {
            if known.claims.is_current(now) {
                return Ok(known);
            }
            self.verified.remove(&name);
        }
        let claims = issuer.verify(token, now)?;
        let bodies = claims.bodies.iter().map(|code| Code::parse(code)).collect::<Result<_, _>>();
        let verified = Arc::new(Verified { bodies: bodies.map_err(|_| Rejected::BODIES)?, claims, keys });
        self.verified.insert(name, verified.clone());
        Ok(verified)
    }

    /// Without [`keep`] nobody is disabled: so it is while the demo loads its sample, and in most tests.
    pub fn is_disabled(&self, client: &str, now: DateTime<Utc>) -> Result<bool, Error> {
        let disabled = self.disabled.read().unwrap_or_else(PoisonError::into_inner);
        match disabled.as_ref() {
            Some(known) if now - known.as_of > TOO_OLD => {
                Err(unavailable("for too long it could not be looked up which clients are disabled"))
            }
            known => Ok(known.is_some_and(|known| known.clients.contains(client))),
        }
    }

    /// Looks up which clients are disabled.
    pub async fn look(&self, db: &Db, clock: &Clock) -> Result<(), Error> {
        let as_of = clock.now();
        let nobody = Caller::without_authority("access", Uuid::now_v7());
        let clients = db.as_reader(&nobody, async |tx| queries::disabled(tx).await).await?;
        let known = Disabled { clients: clients.into_iter().collect(), as_of };
        *self.disabled.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(())
    }
}

fn name(token: &str) -> Digest {
    let mut name = Digest::default();
    name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    name
}

/// Keeps what is remembered up to date while the service runs, through outages of the database too.
pub async fn keep(state: State) {
    loop {
        let looked = state.access.look(&state.db, &state.clock).await;
        state.access.guesses.forget();
        tokio::time::sleep(if looked.is_ok() { LOOK } else { LOOK_AGAIN }).await;
    }
}
