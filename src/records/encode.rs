//! Published records as bytes of JSON: the head from its columns; texts, figures and evaluations passed on as they are
//! stored, unread. What comes out is what [`Target`] and [`AnnualResult`] say, and a test holds it to them.
//!
//! [`Target`]: crate::targets::types::Target
//! [`AnnualResult`]: crate::results::types::AnnualResult

use super::compare::Comparison;
use super::queries::published::{Goal, Row};
use super::shown::PeriodShown;
use super::types::Part;
use super::value::MissingReason;
use crate::clock::wire;
use crate::error::Error;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::collections::HashMap;
use std::rc::Rc;

/// Writes records one after the other; knows what one has in common with the next.
#[derive(Default)]
pub struct Encoder {
    periods: HashMap<String, PeriodShown>,
    published: Option<(DateTime<Utc>, String)>,
}

/// What a result is compared with.
pub struct Comparisons<'a> {
    pub targets: &'a [Rc<Goal>],
    pub comparisons: &'a [Comparison],
}

#[derive(Serialize)]
struct Head<'a> {
    plan: &'a str,
    program: &'a str,
    program_number: Option<&'a str>,
    program_name: Option<&'a str>,
    municipality: &'a str,
    municipality_name: &'a str,
    period: &'a str,
    period_label_ja: &'a str,
    period_label_en: &'a str,
    period_start: Option<NaiveDate>,
    period_end: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amendment: Option<i16>,
    round: &'a str,
    edition: i32,
    published_at: &'a str,
    redacted: bool,
    etag: &'a str,
}

/// What stands between texts and figures.
#[derive(Serialize)]
struct OfResult<'a> {
    no_change_from_last_year: bool,
    cross_reference: Option<&'a str>,
    repost_of: Option<&'a str>,
    missing_reason: Option<MissingReason>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct OfTarget<'a> {
    no_change_from_last_year: bool,
    reason: Option<&'a str>,
    amended_on: Option<&'a str>,
    note: Option<&'a str>,
}

/// A target beside a result.
#[derive(Serialize)]
struct Beside<'a> {
    period: &'a str,
    amendment: i16,
    edition: i32,
    published_at: &'a str,
    etag: &'a str,
}

#[derive(Serialize)]
struct OfBeside<'a> {
    reason: Option<&'a str>,
    amended_on: Option<&'a str>,
    note: Option<&'a str>,
}

impl Encoder {
    /// A target, or a result with nothing beside it.
    pub fn record(&mut self, row: &Row, out: &mut Vec<u8>) -> Result<(), Error> {
        self.result(row, None, out)
    }

    pub fn result(&mut self, row: &Row, compared: Option<&Comparisons<'_>>, out: &mut Vec<u8>) -> Result<(), Error> {
        self.prepare(row);
        let Some(period) = self.periods.get(&row.period) else { return Err(Error::internal("no period")) };
        let target = row.part == Part::Targets;
        let head = Head {
            plan: &row.plan,
            program: &row.program,
            program_number: row.program_number.as_deref(),
            program_name: row.program_name.as_deref(),
            municipality: &row.municipality,
            municipality_name: &row.municipality_name,
            period: &row.period,
            period_label_ja: &period.label_ja,
            period_label_en: &period.label_en,
            period_start: period.start,
            period_end: period.end,
            amendment: target.then_some(row.amendment),
            round: &row.round,
            edition: row.edition,
            published_at: self.published_at(),
            redacted: row.redacted,
            etag: &row.etag(),
        };
        object(&head, out)?;
        if let Some(compared) = compared {
            self.compared(compared, out)?;
        }
        stored(b",\"texts\":", row.texts.text(), out);
        let (no_change_from_last_year, note) = (row.no_change_from_last_year, row.note.as_deref());
        if target {
            let (reason, amended_on) = (row.reason.as_deref(), row.amended_on.as_deref());
            more(&OfTarget { no_change_from_last_year, reason, amended_on, note }, out)?;
            stored(b",\"values\":", row.values.text(), out);
        } else {
            let (cross_reference, repost_of) = (row.cross_reference.as_deref(), row.repost_of.as_deref());
            let missing_reason = row.missing_reason;
            more(&OfResult { no_change_from_last_year, cross_reference, repost_of, missing_reason, note }, out)?;
            stored(b",\"values\":", row.values.text(), out);
            stored(b",\"evaluations\":", row.evaluations.text(), out);
        }
        out.push(b'}');
        Ok(())
    }

    fn compared(&mut self, compared: &Comparisons<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(b",\"targets\":[");
        for (place, target) in compared.targets.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.beside(target, out)?;
        }
        out.extend_from_slice(b"],\"comparisons\":");
        serde_json::to_writer(out, compared.comparisons).map_err(Error::internal)
    }

    fn beside(&mut self, row: &Goal, out: &mut Vec<u8>) -> Result<(), Error> {
        self.published(row.published_at);
        let head = Beside {
            period: &row.period,
            amendment: row.amendment,
            edition: row.edition,
            published_at: self.published_at(),
            etag: &row.etag(),
        };
        object(&head, out)?;
        stored(b",\"texts\":", row.texts.text(), out);
        let (reason, amended_on) = (row.reason.as_deref(), row.amended_on.as_deref());
        more(&OfBeside { reason, amended_on, note: row.note.as_deref() }, out)?;
        stored(b",\"values\":", row.values.text(), out);
        out.push(b'}');
        Ok(())
    }

    fn prepare(&mut self, row: &Row) {
        if !self.periods.contains_key(&row.period) {
            self.periods.insert(row.period.clone(), PeriodShown::new(&row.period));
        }
        self.published(row.published_at);
    }

    fn published(&mut self, at: DateTime<Utc>) {
        if self.published.as_ref().is_none_or(|(known, _)| *known != at) {
            self.published = Some((at, wire::text(at)));
        }
    }

    fn published_at(&self) -> &str {
        self.published.as_ref().map_or("", |(_, text)| text)
    }
}

/// An object, still open.
fn object(fields: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, fields).map_err(Error::internal)?;
    out.pop();
    Ok(())
}

/// More of its fields.
fn more(fields: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Error> {
    let from = out.len();
    object(fields, out)?;
    if let Some(brace) = out.get_mut(from) {
        *brace = b',';
    }
    Ok(())
}

fn stored(name: &[u8], json: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(json.as_bytes());
}
