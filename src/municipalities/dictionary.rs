//! The municipalities that may be expected to report, kept from request to request as long as no definition has changed.
//! The number of the definitions is read with every answer that needs them, so each replica is right.

use super::queries;
use crate::db::Conn;
use crate::error::Error;
use crate::publications::moment::Standing;
use chrono::NaiveDate;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// 市区町村, without 行政区: these are parts of their city.
#[derive(Debug)]
pub struct Reporting {
    pub code: String,
    pub name: String,
    pub prefecture: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
}

impl Reporting {
    pub fn is_in_force_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// By code.
#[derive(Debug)]
pub struct Municipalities {
    pub all: Vec<Reporting>,
    places: HashMap<String, usize>,
}

impl Municipalities {
    fn new(all: Vec<Reporting>) -> Self {
        let places = all.iter().enumerate().map(|(place, one)| (one.code.clone(), place)).collect();
        Self { all, places }
    }

    pub fn place(&self, code: &str) -> Option<usize> {
        self.places.get(code).copied()
    }

    /// Of codes that mostly follow each other: whether one is the next is seen faster than looked up.
    pub fn places<'a>(&self, codes: impl Iterator<Item = &'a str>) -> Vec<Option<usize>> {
        let mut next = 0;
        let place = |code: &str| {
            let follows = self.all.get(next).is_some_and(|one| one.code == code);
            let place = if follows { Some(next) } else { self.place(code) };
            next = place.map_or(next, |place| place + 1);
            place
        };
        codes.map(place).collect()
    }
}

/// Epoch and number of the definitions
type Stand = (Uuid, i64);

#[derive(Debug, Default)]
pub struct Dictionary(RwLock<Option<(Stand, Arc<Municipalities>)>>);

impl Dictionary {
    /// As they are where `standing` was read, which must be on the same connection: another server may be behind.
    pub async fn municipalities(&self, conn: &Conn, standing: &Standing) -> Result<Arc<Municipalities>, Error> {
        let stand = standing.definitions();
        if let Some((of, kept)) = self.0.read().unwrap_or_else(PoisonError::into_inner).as_ref()
            && *of == stand
        {
            return Ok(Arc::clone(kept));
        }
        let found = Arc::new(Municipalities::new(queries::reporting(conn).await?));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((stand, Arc::clone(&found)));
        Ok(found)
    }
}
