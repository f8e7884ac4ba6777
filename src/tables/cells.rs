//! What stands in a cell: the text as it was sent; where there is none, why.

use super::columns::{Column, Field, Level, Text};
use super::content::PlanProgram;
use super::layout::{Given, Record};
use crate::domain::period::Period;
use crate::domain::warnings::{Target, compared};
use crate::records::figure;
use crate::records::types::{Part, RecordBody};
use crate::records::value::{Evaluation, Evaluator, RecordValue};

/// Where a record was emptied: nobody takes it for one that was left blank.
const REDACTED: &str = "（削除）";

/// A program of one reporter.
pub struct Row<'a> {
    pub given: &'a Given<'a>,
    pub program: &'a PlanProgram,
    pub municipality: &'a str,
    /// By part, period and amendment
    pub records: Vec<&'a Record>,
}

impl Row<'_> {
    pub fn cell(&self, column: &Column) -> Option<String> {
        let program = self.program;
        match &column.field {
            Field::Municipality => Some(self.municipality.to_owned()),
            Field::Number => self.printed("number_label", program.number_label.clone()),
            Field::Name => self.printed("name", program.name.clone()),
            Field::Description => self.printed("description", program.description.clone()),
            Field::Program => self.printed("program", None).or_else(|| {
                let name = self.printed("name", program.name.clone());
                let parts = [name, self.printed("description", program.description.clone())];
                joined(parts.into_iter().flatten())
            }),
            Field::Area => self.printed("area", program.area.clone()),
            Field::Priority => self.printed("priority", program.priority.then(|| "○".to_owned())),
            Field::TargetGroup => self.printed("target_group", program.target_group.clone()),
            Field::LegalBasis => self.printed("legal_basis", program.legal_basis.clone()),
            Field::Departments => self.printed("departments", departments(program)),
            Field::Printed(name) => self.printed(name, None),
            Field::Text(text) => self.text(text),
            Field::Level(level) => self.level(level),
            Field::Note => joined(self.records.iter().filter_map(|record| record.body.note.clone())),
        }
    }

    /// What the program has as printed, be it nothing, else its field.
    fn printed(&self, name: &str, field: Option<String>) -> Option<String> {
        self.program.printed.get(name).cloned().or(field).filter(|text| !text.is_empty())
    }

    fn text(&self, text: &Text) -> Option<String> {
        let period = match text.period {
            Some(period) => period,
            None => self.goal()?,
        };
        let of_cell = self.records.iter().filter(|record| record.part == text.part && record.period == period);
        if !text.amended {
            let record = of_cell.into_iter().find(|record| record.amendment == 0)?;
            return self.body(record, text);
        }
        joined(of_cell.filter(|record| record.amendment > 0).filter_map(|record| {
            let reason = record.body.reason.as_ref().filter(|_| text.first && !record.redacted);
            let reason = reason.map(|reason| format!("（変更理由：{reason}）"));
            joined(self.body(record, text).into_iter().chain(reason))
        }))
    }

    /// The period of the goal that the program's result is compared with.
    fn goal(&self) -> Option<Period> {
        let targets: Vec<Target<'_>> = self
            .records
            .iter()
            .filter(|record| record.part == Part::Targets && record.amendment == 0)
            .map(|record| Target {
                period: record.period,
                amendment: 0,
                texts: &record.body.texts,
                figures: Vec::new(),
            })
            .collect();
        let result = self.given.periods(Part::Results).into_iter().next_back()?;
        compared(&targets, result).next().map(|target| target.period)
    }

    fn body(&self, record: &Record, text: &Text) -> Option<String> {
        let body = &record.body;
        if record.redacted {
            return text.first.then(|| REDACTED.to_owned());
        }
        let written = match &text.field {
            Some(field) => body.texts.get(field).cloned(),
            None => joined(body.texts.values().cloned()),
        };
        written.or_else(|| (text.first && body.texts.is_empty()).then(|| self.instead(body)).flatten())
    }

    /// Of a record without a text.
    fn instead(&self, body: &RecordBody) -> Option<String> {
        let repost = body.repost_of.as_ref().map(|of| {
            let program = self.given.content.programs.iter().find(|program| program.code == *of);
            let name = program.and_then(|program| program.number_label.as_ref().or(program.name.as_ref()));
            format!("再掲（{}）", name.unwrap_or(of))
        });
        let missing = body.missing_reason.map(|reason| format!("（{}）", reason.label_ja()));
        let figures = body.values.iter().map(line);
        joined(body.cross_reference.clone().into_iter().chain(repost).chain(missing).chain(figures))
    }

    fn level(&self, level: &Level) -> Option<String> {
        let judged = |record: &&&Record| {
            record.part == Part::Results && level.period.is_none_or(|period| record.period == period)
        };
        let is_of = |given: &&Evaluation| given.owner == level.owner && given.scheme == level.scheme;
        let of_record = |record: &&Record| -> Vec<String> {
            record.body.evaluations.iter().filter(is_of).map(evaluation).collect()
        };
        let mut found = self.records.iter().filter(judged).map(of_record);
        joined(found.rfind(|levels| !levels.is_empty())?.into_iter())
    }
}

fn evaluation(given: &Evaluation) -> String {
    let by = match given.evaluator {
        Evaluator::Own => "",
        Evaluator::Committee => "会議体：",
        Evaluator::External => "外部：",
    };
    match &given.reason {
        Some(reason) => format!("{by}{}\n{reason}", given.level),
        None => format!("{by}{}", given.level),
    }
}

fn departments(program: &PlanProgram) -> Option<String> {
    joined(
        program
            .departments
            .iter()
            .filter_map(|department| department.printed_text.clone().or_else(|| department.name.clone())),
    )
}

/// A figure of a record that has no text.
fn line(value: &RecordValue) -> String {
    let number = figure::written(value)
        .or_else(|| value.value.or(value.rate).map(|number| number.to_string()))
        .or_else(|| value.text.clone());
    format!("{}　{}{}", value.label, number.unwrap_or_default(), value.unit.as_deref().unwrap_or_default())
}

pub fn joined(texts: impl Iterator<Item = String>) -> Option<String> {
    let all: Vec<String> = texts.collect();
    (!all.is_empty()).then(|| all.join("\n"))
}
