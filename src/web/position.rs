//! A place in the change feed, as a client keeps it to ask later what has changed since.

use super::page::{CursorKey, Moment, foreign};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Signed for the feed, so that no cursor of a list passes for one.
const USE: &str = "changes";

/// Behind entry `seq` of publication number `no`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPosition {
    pub epoch: Uuid,
    pub no: i64,
    pub seq: i32,
}

impl FeedPosition {
    /// Behind the last entry of a number.
    pub const END: i32 = i32::MAX;

    /// Behind everything that was public then.
    pub fn at(moment: Moment) -> Self {
        Self { epoch: moment.epoch, no: moment.no, seq: Self::END }
    }

    /// `filter`: what the entries before it were chosen by. With another one a client would miss, without being told,
    /// those that it did not choose. None: everything before it is known, whichever filter follows.
    pub fn seal(self, cursors: &CursorKey, filter: Option<&str>) -> Result<String, Error> {
        cursors.seal(USE, &(self, filter))
    }

    pub fn open(cursors: &CursorKey, filter: &str, sealed: &str) -> Result<Self, Error> {
        let (position, of) = cursors.open::<(Self, Option<String>)>(USE, sealed).ok_or_else(|| foreign("after"))?;
        if of.is_some_and(|of| of != filter) { Err(foreign("after")) } else { Ok(position) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> CursorKey {
        CursorKey::new(b"a secret of the tests")
    }

    proptest! {
        #[test]
        fn a_position_comes_back_as_it_went(no in 0i64..i64::MAX, seq in 0..i32::MAX, filter in ".{0,60}", other in ".{0,60}") {
            let position = FeedPosition { epoch: Uuid::from_u128(7), no, seq };
            let bound = position.seal(&key(), Some(&filter)).unwrap();
            prop_assert_eq!(FeedPosition::open(&key(), &filter, &bound).unwrap(), position);
            prop_assert_eq!(FeedPosition::open(&key(), &other, &bound).is_ok(), filter == other);
            let free = position.seal(&key(), None).unwrap();
            prop_assert_eq!(FeedPosition::open(&key(), &other, &free).unwrap(), position);
            prop_assert!(FeedPosition::open(&CursorKey::new(b"another secret"), &other, &free).is_err());
        }

        #[test]
        fn garbage_is_refused(given in ".{0,120}") {
            prop_assert!(FeedPosition::open(&key(), "", &given).is_err());
        }
    }
}
