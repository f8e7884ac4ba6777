//! A table as a whole: which rows it has and what stands in them. Pure.

use super::cells::Row;
use super::columns::{self, Column, Field, Text};
use super::content::{PlanContent, PlanProgram};
use super::counts;
use super::types::{TableCount, TableRow};
use crate::domain::period::Period;
use crate::programs::rules::is_in_force;
use crate::records::types::{Part, RecordBody};
use std::collections::{BTreeSet, HashMap};

/// A record, working or published.
pub struct Record {
    pub part: Part,
    pub program: String,
    pub municipality: String,
    pub municipality_name: String,
    pub period: Period,
    pub amendment: i16,
    /// Emptied by an administrator
    pub redacted: bool,
    pub body: RecordBody,
}

/// What a table is made from.
pub struct Given<'a> {
    pub owner: String,
    pub content: &'a PlanContent,
    /// What the round covers, in order
    pub covers: Vec<(Part, Period)>,
    /// Of the round; and the targets of others that its results are compared with
    pub records: Vec<Record>,
    /// Who answers, by code, with its name
    pub members: Vec<(String, String)>,
    /// A table of all reporters: a row each, under the heading of the program
    pub is_of_many: bool,
}

impl Given<'_> {
    pub fn periods(&self, part: Part) -> Vec<Period> {
        self.covers.iter().filter(|(of, _)| *of == part).map(|(_, period)| *period).collect()
    }

    pub fn covers(&self, part: Part) -> bool {
        self.covers.iter().any(|(of, _)| *of == part)
    }

    /// The scales (owner and code) by which results are judged, in the order in which records have them.
    pub fn schemes(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::new();
        for given in self.records.iter().flat_map(|record| &record.body.evaluations) {
            let scheme = (given.owner.clone(), given.scheme.clone());
            if !all.contains(&scheme) {
                all.push(scheme);
            }
        }
        all
    }

    /// The periods whose results are judged by the scale.
    pub fn judged(&self, owner: &str, scheme: &str) -> BTreeSet<Period> {
        let by = |record: &&Record| {
            record.body.evaluations.iter().any(|given| given.owner == owner && given.scheme == scheme)
        };
        self.records.iter().filter(by).map(|record| record.period).collect()
    }

    fn is_asked(&self, program: &PlanProgram) -> bool {
        let years = (program.started_on.as_deref(), program.started_in, program.ended_after);
        self.covers.iter().any(|(_, period)| is_in_force(years, *period))
    }
}

pub struct Layout {
    pub columns: Vec<Column>,
    /// The plan prints a column a period: a sheet has a block for each program, its texts in rows
    pub by_period: bool,
    /// Of the headings of rows
    pub heading_labels: Vec<String>,
    pub rows: Vec<TableRow>,
    pub counts: Vec<TableCount>,
}

/// What a reporter that has not answered shows, where its answer would stand.
pub const NOT_ANSWERED: &str = "（未回答）";

impl Layout {
    pub fn new(given: &Given<'_>) -> Self {
        let (columns, by_period) = columns::of(given);
        let mut records: HashMap<(&str, &str), Vec<&Record>> = HashMap::new();
        for record in &given.records {
            records.entry((&record.program, &record.municipality)).or_default().push(record);
        }
        let mut rows = Vec::new();
        for program in &given.content.programs {
            let asked = given.is_asked(program);
            let headings = headings(given, program);
            for (municipality, name) in &given.members {
                let records = records.remove(&(program.code.as_str(), municipality)).unwrap_or_default();
                let answered = records.iter().any(|record| given.covers.contains(&(record.part, record.period)));
                if !answered && !asked {
                    continue;
                }
                let redacted = records.iter().any(|record| record.redacted);
                let row = Row { given, program, municipality: name, records };
                rows.push(TableRow {
                    municipality: municipality.clone(),
                    municipality_name: name.clone(),
                    program: program.code.clone(),
                    headings: headings.clone(),
                    answered,
                    redacted,
                    cells: columns.iter().map(|column| row.cell(column)).collect(),
                });
            }
        }
        let depth = rows.iter().map(|row| row.headings.len()).max().unwrap_or_default();
        let heading_labels = (1..=depth).map(|level| match (level == depth, given.is_of_many) {
            (true, true) => "事業".to_owned(),
            _ => format!("区分{level}"),
        });
        Self { heading_labels: heading_labels.collect(), by_period, counts: counts::of(given, &rows), columns, rows }
    }

    /// The cells as they are printed: where an answer is still missing, that.
    pub fn printed(&self, row: &TableRow) -> Vec<String> {
        let is_answer = |column: &Column| matches!(column.field, Field::Text(Text { amended: false, .. }));
        let place = self.columns.iter().rposition(is_answer).filter(|_| !row.answered);
        let cell = |(at, cell): (usize, &Option<String>)| match cell {
            None if place == Some(at) => NOT_ANSWERED.to_owned(),
            cell => cell.clone().unwrap_or_default(),
        };
        row.cells.iter().enumerate().map(cell).collect()
    }
}

/// What stands over the row: its goals; in the table of many reporters its program, too.
fn headings(given: &Given<'_>, program: &PlanProgram) -> Vec<String> {
    let mut all: Vec<String> = given.content.path(program).into_iter().map(|node| node.heading()).collect();
    if given.is_of_many && !given.content.names_programs() {
        let name = [program.number_label.as_deref(), program.name.as_deref()];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join("　");
        let lines = [Some(name).filter(|name| !name.is_empty()), program.description.clone()];
        all.push(lines.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    }
    all
}
