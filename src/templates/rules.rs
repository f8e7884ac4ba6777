//! What is asked of whom: pure.

use super::queries::{Asked, Goal};
use crate::domain::period::Period;
use crate::error::Error;
use crate::indicators::types::CountBasis;
use crate::plans::types::TextField;
use crate::programs::rules::is_in_force;
use crate::programs::types;
use crate::records::queries::last_year::LastYear;
use crate::records::types::{Part, RecordBody};
use crate::records::value::{IndicatorRef, RecordValue};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// A record has at most so many figures.
const MOST_FIGURES: usize = 500;

/// A program as a template shows it.
pub struct Program {
    pub code: String,
    pub number: Option<String>,
    pub name: Option<String>,
    /// The goal, policy or category it stands under
    pub node: Option<String>,
    pub departments: String,
    started_by: Option<String>,
    started_in: Option<i16>,
    ended_after: Option<i16>,
    asked: Vec<Figure>,
}

/// A figure of the form.
struct Figure {
    value: RecordValue,
    of_targets: bool,
    of_results: bool,
}

impl Program {
    pub fn new(
        program: types::Program,
        departments: &HashMap<String, String>,
        nodes: &HashMap<String, String>,
        indicators: &HashMap<(String, String), Asked>,
    ) -> Self {
        let in_charge = program.departments.iter().filter_map(|department| {
            let printed = || department.printed_text.as_ref().map(|text| text.replace(['\r', '\n'], ""));
            department.department.as_ref().and_then(|code| departments.get(code).cloned()).or_else(printed)
        });
        let asked = program.indicators.iter().map(|asked| Figure {
            value: figure(asked, indicators.get(&(asked.owner.clone(), asked.indicator.clone()))),
            of_targets: asked.target_required,
            of_results: asked.result_required,
        });
        Self {
            departments: in_charge.collect::<Vec<_>>().join("、"),
            asked: asked.collect(),
            node: program.node.as_ref().and_then(|node| nodes.get(node).cloned()),
            code: program.code,
            number: program.number_label,
            name: program.name,
            started_by: program.started_on,
            started_in: program.started_in,
            ended_after: program.ended_after,
        }
    }

    pub fn is_in_force(&self, period: Period) -> bool {
        is_in_force((self.started_by.as_deref(), self.started_in, self.ended_after), period)
    }

    /// The figures that the form wants of this part.
    pub fn asked(&self, part: Part) -> Vec<RecordValue> {
        let wanted = |figure: &&Figure| match part {
            Part::Targets => figure.of_targets,
            Part::Results => figure.of_results,
        };
        self.asked.iter().filter(wanted).map(|figure| figure.value.clone()).collect()
    }

    fn print(&self) -> serde_json::Value {
        let asked = self.asked.iter().map(|figure| (&figure.value, figure.of_targets, figure.of_results));
        json!([self.code, self.number, self.name, asked.collect::<Vec<_>>()])
    }
}

fn figure(asked: &types::ProgramIndicator, known: Option<&Asked>) -> RecordValue {
    let label = asked.label.clone().or_else(|| known.map(|known| known.name.clone())).unwrap_or_default();
    RecordValue {
        // An item has at most 200 characters.
        item: label.chars().take(200).collect(),
        unit: known.and_then(|known| known.unit.clone()),
        indicator: Some(IndicatorRef { owner: asked.owner.clone(), indicator: asked.indicator.clone() }),
        count_basis: known.map_or(CountBasis::Unstated, |known| known.count_basis),
        ..RecordValue::named(label)
    }
}

/// What a figure of last year says of the one to come: everything but its content.
fn emptied(value: &RecordValue, shift: i16) -> RecordValue {
    let value = value.clone();
    RecordValue {
        item: value.item,
        role: value.role,
        whole: value.whole.map(|whole| whole + shift),
        whole_item: value.whole_item,
        unit: value.unit,
        indicator: value.indicator,
        counted: value.counted,
        count_basis: value.count_basis,
        per: value.per,
        breakdown: value.breakdown,
        department: value.department,
        method: value.method,
        ..RecordValue::named(value.label)
    }
}

/// The figures to be filled in: of a cell not answered yet those of last year; in any case those of the form, each once.
pub fn blanks(body: Option<&RecordBody>, last_year: &[LastYear], asked: Vec<RecordValue>) -> Vec<RecordValue> {
    let mut blanks: Vec<RecordValue> = Vec::new();
    if body.is_none() {
        for last in latest(last_year) {
            let shift = i16::try_from(blanks.len()).unwrap_or(i16::MAX / 2);
            blanks.extend(last.record.body.values.iter().map(|value| emptied(value, shift)));
        }
    }
    let written = body.map_or(&[][..], |body| &body.values);
    let room = MOST_FIGURES.saturating_sub(written.len());
    let there: HashSet<_> =
        written.iter().chain(&blanks).filter_map(|value| value.indicator.as_ref()).map(key).collect();
    let missing: Vec<RecordValue> = asked
        .into_iter()
        .filter(|asked| !asked.indicator.as_ref().is_some_and(|asked| there.contains(&key(asked))))
        .collect();
    blanks.extend(missing);
    blanks.truncate(room);
    blanks
}

fn key(indicator: &IndicatorRef) -> (String, String) {
    (indicator.owner.clone(), indicator.indicator.clone())
}

/// Of each program of last year its record; of changed goals the last.
pub fn latest(last_year: &[LastYear]) -> impl Iterator<Item = &LastYear> {
    let is_same = |a: &LastYear, b: &LastYear| (&a.from_plan, &a.from_program) == (&b.from_plan, &b.from_program);
    last_year
        .iter()
        .enumerate()
        .filter(move |(index, last)| {
            let rest = last_year.get(index + 1..).unwrap_or_default();
            !rest.iter().any(|other| is_same(last, other) && other.record.amendment > last.record.amendment)
        })
        .map(|(_, last)| last)
}

/// The goal a result is read against: of its own period, else of the next later one, else the plan's last.
pub fn compared(goals: &BTreeMap<Period, Goal>, period: Period) -> Option<String> {
    let (of, goal) = goals.range(period..).next().or_else(|| goals.last_key_value())?;
    let texts = goal.texts.0.values().map(String::as_str).collect::<Vec<_>>().join("\n");
    Some(if *of == period { texts } else { format!("【{}】{texts}", of.label_ja()) })
}

/// Those of the plan, and those that records have from before the plan was changed.
pub fn text_fields<'a>(mut fields: Vec<TextField>, bodies: impl Iterator<Item = &'a RecordBody>) -> Vec<TextField> {
    for field in bodies.flat_map(|body| body.texts.keys()) {
        if !fields.iter().any(|known| known.code == *field) {
            fields.push(TextField { code: field.clone(), label: field.clone() });
        }
    }
    fields
}

/// Another one once the form asks for something else. (Levels are checked row by row, and which schemes a form shows follows
/// from what was answered.)
pub fn fingerprint(programs: &[Arc<Program>], text_fields: &[TextField]) -> Result<String, Error> {
    let programs: Vec<_> = programs.iter().map(|program| program.print()).collect();
    let form = serde_json::to_vec(&json!([programs, text_fields])).map_err(Error::internal)?;
    Ok(digest(&SHA256, &form).as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
