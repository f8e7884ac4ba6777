//! Which columns a table has: those that the plan prints, in its order and with its headings; and behind them whatever
//! the records say that has no column there, so that nothing is left out.

use super::content::PlanContent;
use super::layout::{Given, Record};
use super::types::TableColumn;
use crate::domain::period::Period;
use crate::plans::types::TextField;
use crate::records::types::Part;
use crate::templates::rules::text_fields;
use std::collections::BTreeSet;

/// What a column shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    Municipality,
    Number,
    /// Name, and the description below it
    Program,
    Name,
    Description,
    Area,
    Priority,
    TargetGroup,
    LegalBasis,
    Departments,
    /// A cell that the program has only as printed
    Printed(String),
    Text(Text),
    Level(Level),
    Note,
}

/// A text of records.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub part: Part,
    /// None: the target that the program's result is compared with
    pub period: Option<Period>,
    /// The changed goals
    pub amended: bool,
    /// None: the record has one text
    pub field: Option<String>,
    /// Where a record without texts says why
    pub first: bool,
}

/// Levels by one scale.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level {
    pub owner: String,
    pub scheme: String,
    /// None: there is one period only that is judged
    pub period: Option<Period>,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    /// As the plan prints it
    pub heading: String,
    /// Of which of several periods
    pub of_period: Option<String>,
    pub field: Field,
}

impl Column {
    fn new(name: &str, heading: &str, field: Field) -> Self {
        Self { name: name.to_owned(), heading: heading.to_owned(), of_period: None, field }
    }

    pub fn label(&self) -> String {
        match (&self.of_period, self.heading.is_empty()) {
            (Some(period), true) => period.clone(),
            (Some(period), false) => format!("{} {period}", self.heading),
            (None, _) => self.heading.clone(),
        }
    }

    pub fn shown(&self) -> TableColumn {
        let (part, period) = match &self.field {
            Field::Text(text) => (Some(text.part), text.period),
            Field::Level(level) => (None, level.period),
            _ => (None, None),
        };
        TableColumn { column: self.name.clone(), label: self.label(), part, period: period.map(|period| period.code()) }
    }
}

/// The columns, and whether the plan prints a column a period.
pub fn of(given: &Given<'_>) -> (Vec<Column>, bool) {
    let labels = &given.content.column_labels;
    let periods: Vec<(Period, &str)> =
        labels.iter().filter_map(|label| Some((period(&label.column)?, label.label.as_str()))).collect();
    let bodies = given.records.iter().map(|record| &record.body);
    let fields = text_fields(given.content.text_fields.clone(), bodies);
    let making = Making { given, fields, periods };
    let mut all: Vec<Column> = Vec::new();
    for label in labels.iter().filter(|label| period(&label.column).is_none()) {
        all.extend(making.column(&label.column, &label.label));
    }
    if all.is_empty() {
        all = making.plain();
    }
    making.complete(&mut all);
    (all, !making.periods.is_empty())
}

fn period(column: &str) -> Option<Period> {
    Period::parse_canonical(column).ok()
}

struct Making<'a> {
    given: &'a Given<'a>,
    fields: Vec<TextField>,
    /// The headings of periods
    periods: Vec<(Period, &'a str)>,
}

impl Making<'_> {
    /// What the plan calls a column: mostly one, of a part or of evaluations one a period, text or scale.
    fn column(&self, name: &str, heading: &str) -> Vec<Column> {
        let mut parts = name.split('/');
        let rest: Vec<&str> = parts.by_ref().skip(1).collect();
        let one = |field: Field| vec![Column::new(name, heading, field)];
        match name.split('/').next().unwrap_or_default() {
            "municipality" => one(Field::Municipality),
            "number" | "number_label" | "program_number" => one(Field::Number),
            "program" => one(Field::Program),
            "name" | "program_name" => one(Field::Name),
            "description" => one(Field::Description),
            "area" => one(Field::Area),
            "priority" => one(Field::Priority),
            "target_group" => one(Field::TargetGroup),
            "legal_basis" => one(Field::LegalBasis),
            "departments" | "department" => one(Field::Departments),
            "note" => one(Field::Note),
            "targets" => self.texts("targets", heading, Part::Targets, false, &rest),
            "amendments" => self.texts("amendments", heading, Part::Targets, true, &rest),
            "results" => self.texts("results", heading, Part::Results, false, &rest),
            "evaluations" => self.levels(heading, rest.first().copied()),
            scheme if self.given.schemes().iter().any(|(_, known)| known == scheme) => {
                self.levels(heading, Some(scheme))
            }
            field if self.fields.len() > 1 && self.fields.iter().any(|known| known.code == field) => {
                let part = if self.given.covers(Part::Results) { Part::Results } else { Part::Targets };
                let name = if part == Part::Results { "results" } else { "targets" };
                self.texts(name, heading, part, false, &[field])
            }
            _ => one(Field::Printed(name.to_owned())),
        }
    }

    /// `rest`: a period, a text field, or both, where the plan has a column for that alone.
    fn texts(&self, name: &str, heading: &str, part: Part, amended: bool, rest: &[&str]) -> Vec<Column> {
        let named: Vec<Period> = rest.iter().filter_map(|word| period(word)).collect();
        let covered: Vec<Option<Period>> = self.given.periods(part).into_iter().map(Some).collect();
        let periods: Vec<Option<Period>> = match (named.first(), part) {
            (Some(period), _) => vec![Some(*period)],
            // Beside results, the goals they are compared with.
            (None, Part::Targets) if covered.is_empty() => vec![None],
            _ => covered,
        };
        let only = rest.iter().find(|word| self.fields.iter().any(|field| field.code == **word));
        let fields = self.fields.iter().filter(|field| only.is_none_or(|only| field.code == *only));
        let fields: Vec<&TextField> = fields.collect();
        let columns = periods.iter().flat_map(|period| {
            let many = periods.len() > 1 || (named.is_empty() && !self.periods.is_empty());
            let of_period = period.filter(|_| many).map(|period| self.heading(period));
            let columns = fields.iter().enumerate().map(move |(index, field)| {
                let alone = self.fields.len() == 1;
                let mut parts = vec![name.to_owned()];
                parts.extend(period.map(|period| period.code()));
                parts.extend((!alone).then(|| field.code.clone()));
                let heading = if alone || only.is_some() { heading.to_owned() } else { both(heading, &field.label) };
                let field = (!alone).then(|| field.code.clone());
                let text = Text { part, period: *period, amended, field, first: index == 0 };
                Column { name: parts.join("/"), heading, of_period: of_period.clone(), field: Field::Text(text) }
            });
            columns.collect::<Vec<_>>()
        });
        columns.collect()
    }

    fn heading(&self, period: Period) -> String {
        let printed = self.periods.iter().find(|(known, _)| *known == period);
        printed.map_or_else(|| period.label_ja(), |(_, label)| (*label).to_owned())
    }

    /// Of one scale, or of all that the results have.
    fn levels(&self, heading: &str, only: Option<&str>) -> Vec<Column> {
        let all = self.given.schemes();
        let of: Vec<&(String, String)> =
            all.iter().filter(|(_, scheme)| only.is_none_or(|only| only == scheme)).collect();
        let columns = of.iter().flat_map(|(owner, scheme)| {
            let judged: BTreeSet<Period> = self.given.judged(owner, scheme);
            let title = match only {
                None if of.len() > 1 => self.title(owner, scheme),
                _ if heading.is_empty() => self.title(owner, scheme),
                _ => heading.to_owned(),
            };
            let column = move |period: Option<Period>| Column {
                name: match period {
                    Some(period) => format!("evaluations/{scheme}/{}", period.code()),
                    None => format!("evaluations/{scheme}"),
                },
                heading: title.clone(),
                of_period: period.map(|period| self.heading(period)),
                field: Field::Level(Level { owner: owner.clone(), scheme: scheme.clone(), period }),
            };
            match judged.len() {
                0 | 1 => vec![column(None)],
                _ => judged.into_iter().map(|period| column(Some(period))).collect(),
            }
        });
        let columns: Vec<Column> = columns.collect();
        // A scale that nothing was judged by yet keeps its column.
        if let (true, Some(scheme)) = (columns.is_empty(), only) {
            let level = Level { owner: String::new(), scheme: scheme.to_owned(), period: None };
            return vec![Column::new(&format!("evaluations/{scheme}"), heading, Field::Level(level))];
        }
        columns
    }

    fn title(&self, owner: &str, scheme: &str) -> String {
        let own = self.given.owner == owner;
        let known = self.given.content.schemes.iter().rev().find(|known| own && known.scheme == scheme);
        known.map_or_else(|| scheme.to_owned(), |known| known.title.clone())
    }

    /// Of a plan that prints no headings.
    fn plain(&self) -> Vec<Column> {
        let programs = &self.given.content.programs;
        let mut names = Vec::new();
        if programs.iter().any(|program| program.description.is_some()) {
            names.push(("description", "事業内容"));
        }
        if programs.iter().any(|program| !program.departments.is_empty()) {
            names.push(("departments", "担当課"));
        }
        if self.given.covers(Part::Targets) || self.given.records.iter().any(|record| record.part == Part::Targets) {
            names.push(("targets", TARGETS));
        }
        if self.given.covers(Part::Results) {
            names.push(("results", RESULTS));
        }
        names.into_iter().flat_map(|(name, heading)| self.column(name, heading)).collect()
    }

    /// Adds what the records say and the plan has no column for.
    fn complete(&self, all: &mut Vec<Column>) {
        let has = |all: &[Column], of: fn(&Field) -> bool| all.iter().any(|column| of(&column.field));
        let given = self.given;
        let programs = &given.content.programs;
        if given.is_of_many {
            if !has(all, |field| *field == Field::Municipality) {
                all.insert(0, Column::new("municipality", "団体名", Field::Municipality));
            }
        } else if (programs.len() > 1 || given.content.column_labels.is_empty())
            && !has(all, |field| matches!(field, Field::Number | Field::Name | Field::Program))
        {
            if programs.iter().any(|program| program.name.is_some()) {
                all.insert(0, Column::new("name", "事業名", Field::Name));
            }
            if programs.iter().any(|program| program.number_label.is_some()) {
                all.insert(0, Column::new("number", "番号", Field::Number));
            }
        }
        let amends = |record: &Record| record.amendment > 0;
        if given.records.iter().any(amends)
            && !has(all, |field| matches!(field, Field::Text(Text { amended: true, .. })))
        {
            let behind = all.iter().rposition(|column| is_target(&column.field)).map_or(all.len(), |at| at + 1);
            all.splice(behind..behind, self.column("amendments", "変更した目標"));
        }
        for (name, heading, part) in [("targets", TARGETS, Part::Targets), ("results", RESULTS, Part::Results)] {
            let texts = self.texts(name, heading, part, false, &[]);
            let missing = texts.into_iter().filter(|column| given.covers(part) && !shows(all, column));
            let missing: Vec<Column> = missing.collect();
            all.extend(missing);
        }
        let levels = self.levels("", None);
        let missing: Vec<Column> = levels.into_iter().filter(|column| !shows(all, column)).collect();
        all.extend(missing);
        if given.records.iter().any(|record| record.body.note.is_some()) && !has(all, |field| *field == Field::Note) {
            all.push(Column::new("note", "備考", Field::Note));
        }
    }
}

const TARGETS: &str = "目標・計画";
const RESULTS: &str = "実績・取組状況";

fn is_target(field: &Field) -> bool {
    matches!(field, Field::Text(Text { part: Part::Targets, .. }))
}

/// Is the text or the scale in one of the columns?
fn shows(all: &[Column], wanted: &Column) -> bool {
    all.iter().any(|column| match (&column.field, &wanted.field) {
        (Field::Text(a), Field::Text(b)) => {
            (a.part, a.period, a.amended, &a.field) == (b.part, b.period, b.amended, &b.field)
        }
        (Field::Level(a), Field::Level(b)) => a.scheme == b.scheme,
        (a, b) => a == b,
    })
}

/// A heading with what tells its columns apart.
fn both(heading: &str, label: &str) -> String {
    match (heading.is_empty(), label.is_empty()) {
        (true, _) => label.to_owned(),
        (_, true) => heading.to_owned(),
        _ => format!("{heading}：{label}"),
    }
}

impl PlanContent {
    /// Its headings name the program of a row.
    pub fn names_programs(&self) -> bool {
        let named = ["number", "number_label", "program_number", "program", "name", "program_name"];
        self.column_labels.iter().any(|label| named.contains(&label.column.as_str()))
    }
}
