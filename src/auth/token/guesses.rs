//! How fast one may guess at secrets, and how many are hashed at once.
//!
//! Every attempt counts: an honest client needs one in ten minutes. There is one allowance for an address, and one for a
//! client from an address; none for a client alone, because anybody could use up a municipality's and lock it out.

use super::refusal::{OauthError, Refusal};
use crate::clients::ClientId;
use crate::clients::secret::Room;
use crate::web::peer::Peer;
use crate::web::rates::{self, Ticks};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A secret is hashed in 19 MiB.
const HASHED_AT_ONCE: usize = 2;
const WAIT: Duration = Duration::from_secs(2);

/// Systems behind one address all begin at half past eight.
const OF_AN_ADDRESS: Quota = quota(10, 100);
const OF_A_CLIENT: Quota = quota(1, 10);

const fn quota(per_second: u32, burst: u32) -> Quota {
    let (Some(rate), Some(burst)) = (NonZeroU32::new(per_second), NonZeroU32::new(burst)) else {
        panic!("no allowance at all");
    };
    Quota::per_second(rate).allow_burst(burst)
}

type Allowance<K> = RateLimiter<K, DashMapStateStore<K>, Ticks, NoOpMiddleware<Duration>>;

pub struct Guesses {
    ticks: Ticks,
    addresses: Allowance<Option<IpAddr>>,
    clients: Allowance<(Option<ClientId>, Option<IpAddr>)>,
    hashing: Arc<Semaphore>,
    /// Those in which nobody hashes now.
    rooms: Arc<Mutex<Vec<Room>>>,
}

impl Guesses {
    pub fn new(ticks: Ticks) -> Self {
        Self {
            addresses: RateLimiter::dashmap_with_clock(OF_AN_ADDRESS, ticks.clone()),
            clients: RateLimiter::dashmap_with_clock(OF_A_CLIENT, ticks.clone()),
            ticks,
            hashing: Arc::new(Semaphore::new(HASHED_AT_ONCE)),
            rooms: Arc::default(),
        }
    }

    /// None: an id that no client can have. All of them share one allowance.
    pub fn admit(&self, client: Option<&ClientId>, peer: Peer) -> Result<(), Refusal> {
        let address = peer.network();
        self.count(&self.addresses, &address)?;
        self.count(&self.clients, &(client.cloned(), address))
    }

    fn count<K: Clone + Hash + Eq>(&self, allowance: &Allowance<K>, key: &K) -> Result<(), Refusal> {
        allowance.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.ticks.now());
            Refusal::too_many(rates::seconds(wait))
        })
    }

    /// Forgets those who have not asked for a while.
    pub fn forget(&self) {
        self.addresses.retain_recent();
        self.clients.retain_recent();
    }

    /// Off the threads that serve, and few at a time: a flood of guesses waits, other requests do not.
    pub async fn compare(&self, given: String, hashes: Vec<String>) -> Result<bool, Refusal> {
        let turn = tokio::time::timeout(WAIT, self.hashing.clone().acquire_owned());
        let turn = turn.await.ok().and_then(Result::ok).ok_or_else(Refusal::busy)?;
        let rooms = self.rooms.clone();
        let compared = tokio::task::spawn_blocking(move || {
            // Held until it is done, also where the one who asked has gone away.
            let _turn = turn;
            let free = || rooms.lock().unwrap_or_else(PoisonError::into_inner);
            let mut room = free().pop().unwrap_or_default();
            let matches = room.matches(&given, &hashes);
            free().push(room);
            matches
        });
        compared.await.map_err(|_| Refusal::of(OauthError::ServerError, "internal error"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn guessing_is_slow_and_locks_nobody_else_out() {
        let seconds = Arc::new(AtomicU64::new(0));
        let read = seconds.clone();
        let guesses = Guesses::new(Ticks::from_fn(move || Duration::from_secs(read.load(Ordering::SeqCst))));
        let peer = |text: &str| Peer(Some(text.parse().unwrap()));
        let (client, other) = (ClientId::parse("nishitokyo").unwrap(), ClientId::parse("akiruno").unwrap());
        let admitted = |client: &ClientId, from: &str| guesses.admit(Some(client), peer(from)).is_ok();
        for _ in 0..10 {
            assert!(admitted(&client, "192.0.2.1"));
        }
        let refused = guesses.admit(Some(&client), peer("192.0.2.1")).unwrap_err();
        assert_eq!(refused.status_code(), 429);
        assert_eq!(refused.error_response().headers().get("retry-after").unwrap(), "1");
        assert!(admitted(&client, "192.0.2.2"), "from where nobody guesses, it is served");
        assert!(admitted(&other, "192.0.2.1"));
        seconds.fetch_add(1, Ordering::SeqCst);
        assert!(admitted(&client, "192.0.2.1") && !admitted(&client, "192.0.2.1"), "one more a second");
        // Many ids from one address; of IPv6, from one network.
        let ids = |from: usize| (from..from + 200).map(|n| ClientId::parse(&format!("client-{n}")).unwrap());
        assert_eq!(ids(0).filter(|id| admitted(id, "198.51.100.1")).count(), 100);
        let six = ids(200).enumerate().filter(|(n, id)| admitted(id, &format!("2001:db8::{n:x}"))).count();
        assert_eq!(six, 100);
        assert!(admitted(&client, "2001:db8:0:1::1"));
        assert!(guesses.clients.len() > 200);
        seconds.fetch_add(60, Ordering::SeqCst);
        guesses.forget();
        assert_eq!((guesses.clients.len(), guesses.addresses.len()), (0, 0), "nobody is remembered for ever");
    }
}
