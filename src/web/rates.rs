//! How often one client may ask: a verified client by its name, everybody else by address.

use super::peer::Peer;
use crate::auth;
use crate::error::{Code, Error};
use actix_web::HttpRequest;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// After so many requests, those who have not asked for long are forgotten.
const SWEEP: u32 = 10_000;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Who {
    Client(String),
    Network(IpAddr),
}

impl Who {
    /// None: in process (tests, the demo's own loader).
    fn of(request: &HttpRequest) -> Option<Self> {
        let network = Peer::of(request).network()?;
        Some(auth::client(request).map_or(Self::Network(network), Self::Client))
    }
}

/// Time that only goes on: a clock that is set back would shut everybody out.
#[derive(Clone)]
pub struct Ticks(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Ticks {
    pub fn from_fn(since_start: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(since_start))
    }
}

impl Default for Ticks {
    fn default() -> Self {
        let start = Instant::now();
        Self::from_fn(move || start.elapsed())
    }
}

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

type Limiter = RateLimiter<Who, DashMapStateStore<Who>, Ticks, NoOpMiddleware<Duration>>;

/// The default has no limit.
#[derive(Clone, Default)]
pub struct Rates(Option<Arc<Rate>>);

struct Rate {
    limiter: Limiter,
    ticks: Ticks,
    asked: AtomicU32,
}

impl Rates {
    /// On average `per_second`, and `burst` at once; 0 a second: no limit.
    pub fn new(per_second: u32, burst: u32, ticks: Ticks) -> Self {
        let quota = NonZeroU32::new(per_second).map(|rate| {
            let burst = NonZeroU32::new(burst).unwrap_or(rate);
            Quota::per_second(rate).allow_burst(burst)
        });
        Self(quota.map(|quota| {
            let limiter = RateLimiter::dashmap_with_clock(quota, ticks.clone());
            Arc::new(Rate { limiter, ticks, asked: AtomicU32::new(0) })
        }))
    }

    pub fn check(&self, request: &HttpRequest) -> Result<(), Error> {
        let Some(rate) = &self.0 else { return Ok(()) };
        let Some(who) = Who::of(request) else { return Ok(()) };
        if rate.asked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            rate.limiter.retain_recent();
        }
        rate.limiter.check_key(&who).map_err(|early| too_many(seconds(early.wait_time_from(rate.ticks.now()))))
    }
}

/// As `Retry-After` tells it, rounded up: who comes back then is let in.
pub fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

fn too_many(seconds: u32) -> Error {
    Error::new(
        Code::RequestRateLimit,
        format!("リクエストが多すぎます。{seconds}秒待って、同じリクエストをもう一度送ってください"),
        format!("Too many requests. Wait {seconds} s and send the same request again"),
    )
    .with_wait(seconds)
}
