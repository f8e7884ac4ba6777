//! The SQL of a scheme's levels: their order and names as they are now; what a record was given stands in the record.

use crate::aggregates::filter::LevelsOf;
use crate::aggregates::rules::Level;
use crate::db::Conn;
use crate::db::schema::evaluation_levels;
use crate::error::Error;
use crate::records::value::Evaluation;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The levels of one scheme in all its versions.
pub struct Scale {
    of: LevelsOf,
    levels: Vec<Level>,
}

pub async fn scale(mut conn: &Conn, of: &LevelsOf) -> Result<Scale, Error> {
    let found: Vec<(i16, i16, String, Option<String>)> = evaluation_levels::table
        .filter(evaluation_levels::owner.eq(&of.owner))
        .filter(evaluation_levels::scheme.eq(&of.scheme))
        .select((
            evaluation_levels::fiscal_year,
            evaluation_levels::position,
            evaluation_levels::code,
            evaluation_levels::label,
        ))
        .load(&mut conn)
        .await?;
    let level = |(fiscal_year, position, code, label)| Level { fiscal_year, position, code, label };
    Ok(Scale { of: of.clone(), levels: found.into_iter().map(level).collect() })
}

impl Scale {
    pub fn is_known(&self) -> bool {
        !self.levels.is_empty()
    }

    /// What the evaluator gave a record.
    pub fn level(&self, evaluations: &[Evaluation]) -> Option<Level> {
        let LevelsOf { owner, scheme, evaluator } = &self.of;
        let given =
            evaluations.iter().find(|one| (&one.owner, &one.scheme, &one.evaluator) == (owner, scheme, evaluator))?;
        let known = |level: &&Level| (level.fiscal_year, &level.code) == (given.fiscal_year, &given.level);
        // A level that its scheme has lost since comes after those it has.
        let lost =
            || Level { fiscal_year: given.fiscal_year, position: i16::MAX, code: given.level.clone(), label: None };
        Some(self.levels.iter().find(known).cloned().unwrap_or_else(lost))
    }
}
