//! The rows of one record become the body of a PUT.

use super::columns::{Field, Part};
use super::contents::{Kind, Refused, kind, read};
use super::place::{Found, Place};
use super::table::{Cell, Row};
use super::values;
use crate::error::{Code, token};
use crate::records::flat::Judged;
use serde_json::{Map, Value, json};

/// Somebody has written something that is not only prepared.
pub fn has_input(row: &Row) -> bool {
    row.fields().any(|(_, column, _)| match &column.field {
        Field::Text(_) | Field::Record(_) => true,
        Field::Evaluation(_, part) => *part != Part::Against,
        field => values::is_content(field),
    })
}

pub struct Body {
    pub body: Value,
    pub cells: Vec<(String, Place)>,
    pub findings: Vec<Found>,
}

/// What a field of the record as a whole says, in whichever of its rows.
struct Said<'a> {
    field: &'a Field,
    cell: &'a Cell,
    place: Place,
    people: bool,
}

pub fn of(rows: &[Row], program: Option<&str>) -> Body {
    let mut told = Body { body: Value::Null, cells: Vec::new(), findings: Vec::new() };
    let mut body = Map::new();
    let mut judged: Vec<&Judged> = Vec::new();
    let mut evaluations: Vec<Map<String, Value>> = Vec::new();
    for said in said(rows, &mut told.findings) {
        match said.field {
            Field::Record(name) => {
                if let Some(value) = told.read(kind(name), name, &format!("/body/{name}"), &said) {
                    body.insert((*name).to_owned(), value);
                }
            }
            Field::Text(name) => {
                let pointer = format!("/body/texts/{}", token(name));
                let text = told.read(Kind::Text, name, &pointer, &said);
                if let (Some(text), Some(texts)) =
                    (text, body.entry("texts").or_insert_with(|| json!({})).as_object_mut())
                {
                    texts.insert(name.clone(), text);
                }
            }
            Field::Evaluation(scale, part) => {
                let index = judged.iter().position(|known| *known == scale).unwrap_or_else(|| {
                    judged.push(scale);
                    evaluations.push(named(scale));
                    judged.len() - 1
                });
                let (name, kind) = match part {
                    Part::Level => ("level", Kind::Level),
                    Part::Reason => ("reason", Kind::Text),
                    Part::Against => ("against", Kind::Period),
                };
                let value = told.read(kind, name, &format!("/body/evaluations/{index}/{name}"), &said);
                if let (Some(value), Some(evaluation)) = (value, evaluations.get_mut(index)) {
                    evaluation.insert(name.to_owned(), value);
                }
            }
            _ => {}
        }
    }
    told.levels(&mut evaluations);
    let values::Values { values, cells, findings } = values::of(rows, program);
    told.cells.extend(cells);
    told.findings.extend(findings);
    for (name, all) in [("values", values), ("evaluations", evaluations.into_iter().map(Value::from).collect())] {
        if !all.is_empty() {
            body.insert(name.to_owned(), all.into());
        }
    }
    told.body = body.into();
    told
}

fn named(scale: &Judged) -> Map<String, Value> {
    let Judged { owner, scheme, fiscal_year, evaluator } = scale;
    let fields =
        json!({ "owner": owner, "scheme": scheme, "fiscal_year": fiscal_year, "evaluator": evaluator.as_str() });
    fields.as_object().cloned().unwrap_or_default()
}

/// Each field once, in the order of the columns: it is said in the first row, or in every row alike.
fn said<'a>(rows: &'a [Row], findings: &mut Vec<Found>) -> Vec<Said<'a>> {
    let mut all: Vec<Said<'a>> = Vec::new();
    for row in rows {
        for (at, column, cell) in row.fields() {
            if !matches!(column.field, Field::Record(_) | Field::Text(_) | Field::Evaluation(..)) {
                continue;
            }
            let place = row.at(at);
            match all.iter().find(|said| said.field == &column.field) {
                None => all.push(Said { field: &column.field, cell, place, people: row.table.own }),
                Some(first) if first.cell == cell => {}
                Some(first) => {
                    let (ja, en) = (
                        format!(
                            "{place} の内容が、同じ記録の {} と違います。記録の最初の行にだけ書いてください",
                            first.place
                        ),
                        format!(
                            "{place} differs from {} of the same record: write it in the record's first row only",
                            first.place
                        ),
                    );
                    findings.push(Found::new("/body", place, Code::RowDisagrees, ja, en));
                }
            }
        }
    }
    all
}

impl Body {
    fn read(&mut self, kind: Kind, field: &str, pointer: &str, said: &Said<'_>) -> Option<Value> {
        self.cells.push((pointer.to_owned(), said.place.clone()));
        match read(kind, field, said.cell, said.people) {
            Ok(value) => Some(value),
            Err(Refused { code, ja, en }) => {
                self.findings.push(Found::new(pointer, said.place.clone(), code, ja, en));
                None
            }
        }
    }

    /// The period it is judged against can be prepared; a reason without a level is a level that was forgotten.
    fn levels(&mut self, evaluations: &mut Vec<Map<String, Value>>) {
        let mut kept = Vec::new();
        for (index, evaluation) in std::mem::take(evaluations).into_iter().enumerate() {
            let at = |name: &str| format!("/body/evaluations/{index}/{name}");
            let place = |cells: &[(String, Place)], name: &str| {
                cells.iter().find(|(pointer, _)| *pointer == at(name)).map(|(_, place)| place.clone())
            };
            let (level, reason) = (place(&self.cells, "level"), place(&self.cells, "reason"));
            if level.is_none() && reason.is_none() {
                self.cells.retain(|(pointer, _)| *pointer != at("against"));
                self.findings.retain(|found| found.finding.pointer != at("against"));
                continue;
            }
            if let (None, Some(place)) = (level, reason) {
                let (ja, en) =
                    ("評価の理由だけがあります。区分も選んでください", "a reason without a level: choose one");
                self.findings.push(Found::new(at("level"), place, Code::RequestInvalid, ja, en));
            }
            self.renumber(index, kept.len());
            kept.push(evaluation);
        }
        *evaluations = kept;
    }

    fn renumber(&mut self, from: usize, to: usize) {
        let (old, new) = (format!("/body/evaluations/{from}/"), format!("/body/evaluations/{to}/"));
        let moved = |pointer: &mut String| {
            if let Some(field) = pointer.strip_prefix(&old) {
                *pointer = format!("{new}{field}");
            }
        };
        self.cells.iter_mut().for_each(|(pointer, _)| moved(pointer));
        self.findings.iter_mut().for_each(|found| moved(&mut found.finding.pointer));
    }
}
