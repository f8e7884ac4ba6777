//! The one source of time. Injected, so that a test can stand a minute before and a minute after a deadline.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use std::fmt;
use std::sync::Arc;

#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's time")]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }

    /// Today in Japan.
    pub fn today(&self) -> NaiveDate {
        jst(self.now()).date_naive()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// An instant as it is written in every answer: ISO 8601 with +09:00.
pub fn jst(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    const NINE_HOURS: i32 = 9 * 3600;
    FixedOffset::east_opt(NINE_HOURS).map_or_else(|| at.fixed_offset(), |zone| at.with_timezone(&zone))
}

/// An instant on the wire: always with +09:00, to the microsecond the database keeps.
pub mod wire {
    use super::jst;
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::Serializer;

    pub fn text(at: DateTime<Utc>) -> String {
        jst(at).to_rfc3339_opts(SecondsFormat::Micros, false)
    }

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(*at))
    }

    pub mod option {
        use super::{DateTime, Serializer, Utc};

        pub fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, serializer),
                None => serializer.serialize_none(),
            }
        }
    }
}
