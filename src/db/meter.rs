//! What the two doors count.

use super::Db;
use crate::metrics::histogram;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt;
use std::time::{Duration, Instant};

pub(super) const PUBLISHED: Door = Door { door: "published" };
pub(super) const CALLERS: Door = Door { door: "callers" };

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Door {
    door: &'static str,
}

type Seconds = Family<Door, Histogram, fn() -> Histogram>;

#[derive(Clone)]
pub(super) struct Meter {
    waited: Seconds,
    used: Seconds,
    closed: Family<Door, Counter>,
}

impl Default for Meter {
    fn default() -> Self {
        let seconds = || Seconds::new_with_constructor(histogram as fn() -> Histogram);
        let closed = Family::<Door, Counter>::default();
        // There from the start: an alarm on its growth does not see a figure that begins with 1.
        for door in [PUBLISHED, CALLERS] {
            drop(closed.get_or_create(&door));
        }
        Self { waited: seconds(), used: seconds(), closed }
    }
}

impl Meter {
    pub(super) fn opened(&self, door: Door, waited: Duration) -> Use {
        self.waited.get_or_create(&door).observe(waited.as_secs_f64());
        Use { since: Instant::now(), seconds: self.used.get_or_create_owned(&door) }
    }

    pub(super) fn closed(&self, door: Door) {
        self.closed.get_or_create(&door).inc();
    }
}

/// A connection in somebody's hands, until it is given back.
pub(super) struct Use {
    since: Instant,
    seconds: Histogram,
}

impl Drop for Use {
    fn drop(&mut self) {
        self.seconds.observe(self.since.elapsed().as_secs_f64());
    }
}

impl Db {
    pub fn register(&self, registry: &mut Registry) {
        let meter = &self.meter;
        registry.register("database_wait_seconds", "Waiting for a connection", meter.waited.clone());
        registry.register("database_seconds", "From getting a connection to giving it back", meter.used.clone());
        registry.register("database_refused", "Requests that got no connection in time", meter.closed.clone());
        registry.register_collector(Box::new(Connections(self.callers.clone())));
    }
}

/// The callers' pool as it is at the moment.
struct Connections(Pool<AsyncPgConnection>);

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connections")
    }
}

impl Collector for Connections {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let pool = self.0.status();
        let figures = [
            ("database_connections", "Connections of the callers' pool that are open", pool.size),
            ("database_connections_max", "Connections it may open", pool.max_size),
            ("database_connections_idle", "Open ones that nobody uses", pool.available),
            ("database_waiting", "Requests that wait for one", pool.waiting),
        ];
        for (name, help, figure) in figures {
            let gauge = ConstGauge::new(i64::try_from(figure).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
