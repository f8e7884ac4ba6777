//! The figures of a record: one row each, or two in one cell.

use super::columns::Field;
use super::contents::{Refused, amount_fields, kind, read};
use super::place::{Found, Place};
use super::table::{Cell, Row};
use crate::domain::figure::{self, Amount, Figure, Unread};
use crate::domain::unit;
use crate::error::{Code, token};
use crate::records::flat::VALUE;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What makes a row a figure; the rest can have been prepared.
const CONTENT: [&str; 14] = [
    "missing_reason",
    "value",
    "value_to",
    "rate",
    "text",
    "comparator",
    "approximate",
    "estimate",
    "numerator",
    "denominator",
    "running_total",
    "measured_on",
    "measured_on_text",
    "note",
];
/// What the second figure of a cell has in common with the first.
const SHARED: [&str; 8] =
    ["item", "label", "source", "period", "department", "measured_on", "measured_on_text", "breakdown"];
const REQUIRED: [&str; 3] = ["item", "label", "source"];

/// Does somebody say something with this?
pub fn is_content(field: &Field) -> bool {
    matches!(field, Field::Figure) || matches!(field, Field::Value(name) if CONTENT.contains(name))
}

/// A row that may become a figure.
struct Line {
    ordinal: Option<u64>,
    /// Below this its place among the others: its own number, or that of the row above
    position: u64,
    given: bool,
    place: Place,
    /// By their names in `records::flat`, without `values.`
    fields: BTreeMap<&'static str, (Value, Place)>,
    breakdown: Map<String, Value>,
    /// Field, or nothing for the figure as a whole
    findings: Vec<(&'static str, Place, Code, String, String)>,
    paired: Option<Amount>,
    /// The line before it in its cell: main of a pair
    beside: bool,
}

/// The figures, with the place of each field and what is wrong with them.
pub struct Values {
    pub values: Vec<Value>,
    pub cells: Vec<(String, Place)>,
    pub findings: Vec<Found>,
}

pub fn of(rows: &[Row], program: Option<&str>) -> Values {
    let mut lines: Vec<Line> = Vec::new();
    for (index, row) in (1..).zip(rows) {
        let above = lines.last().map_or(0, |line| line.position);
        lines.push(Line::of(row, index, above));
    }
    // People sort and insert rows: the numbers keep the order, and a row without one stays below its neighbour.
    lines.sort_by_key(|line| line.position);
    let lines: Vec<Line> = paired(lines).into_iter().filter(|line| line.given).collect();
    let numbers = Numbers::of(&lines);
    let mut told = Values { values: Vec::new(), cells: Vec::new(), findings: Vec::new() };
    for (index, line) in lines.into_iter().enumerate() {
        line.tell(index, &numbers, program, &mut told);
    }
    told
}

impl Line {
    fn of(row: &Row, index: u64, above: u64) -> Self {
        let people = row.table.own;
        let mut line = Self {
            ordinal: None,
            position: above,
            given: false,
            place: row.place(),
            fields: BTreeMap::new(),
            breakdown: Map::new(),
            findings: Vec::new(),
            paired: None,
            beside: false,
        };
        let mut figure = None;
        for (at, column, cell) in row.fields() {
            let place = row.at(at);
            let content = is_content(&column.field);
            let field = match &column.field {
                Field::Ordinal => "ordinal",
                Field::Value(name) => name,
                Field::Breakdown(axis) => {
                    line.breakdown.insert(axis.clone(), cell.text().into());
                    continue;
                }
                Field::Figure => {
                    figure = Some((cell, place.clone()));
                    (line.given, line.place) = (true, place);
                    continue;
                }
                _ => continue,
            };
            match read(kind(field), field, cell, people) {
                Ok(value) if field == "ordinal" => line.ordinal = value.as_u64(),
                Ok(Value::Bool(false)) => continue,
                Ok(value) => drop(line.fields.insert(field, (value, place.clone()))),
                Err(Refused { code, ja, en }) => line.findings.push((field, place.clone(), code, ja, en)),
            }
            if content && !line.given {
                (line.given, line.place) = (true, place);
            }
        }
        // Without the column the rows are counted.
        let numbered = row.table.columns.iter().flatten().any(|column| column.field == Field::Ordinal);
        line.ordinal = if numbered { line.ordinal } else { Some(index) };
        line.position = line.ordinal.unwrap_or(above);
        if let Some((cell, place)) = figure {
            line.figure(cell, place);
        }
        if people {
            line.complete();
        }
        line
    }

    fn figure(&mut self, cell: &Cell, place: Place) {
        let text = match read(super::contents::Kind::Text, "figure", cell, true) {
            Ok(text) => text.as_str().unwrap_or_default().to_owned(),
            Err(Refused { code, ja, en }) => return self.findings.push(("value", place, code, ja, en)),
        };
        let unit = self.fields.get("unit").and_then(|(unit, _)| unit.as_str()).map(str::to_owned);
        match figure::read(&text, unit.as_deref()) {
            Ok(Figure::Missing(reason)) => self.set("missing_reason", reason.name().into(), &place),
            Ok(Figure::Text(text)) => self.set("text", text.into(), &place),
            Ok(Figure::Amount { main, paired }) => {
                for (field, value) in amount_fields(&main) {
                    self.set(field, value, &place);
                }
                self.paired = paired;
            }
            Err(wrong) => {
                let code = match wrong {
                    Unread::Unit { .. } => Code::FigureUnit,
                    Unread::Number { .. } => Code::NumberDigits,
                    Unread::Words { .. } | Unread::Digits { .. } => Code::FigureUnreadable,
                };
                self.findings.push(("value", place.clone(), code, wrong.ja(), wrong.en()));
            }
        }
        self.fields.entry("source").or_insert((text.into(), place));
    }

    /// What the cell says, unless a column beside it says something else.
    fn set(&mut self, field: &'static str, value: Value, place: &Place) {
        let Some((other, at)) = self.fields.get(field) else {
            return drop(self.fields.insert(field, (value, place.clone())));
        };
        if *other != value && field != "unit" {
            let (ja, en) = (
                format!("数値の欄と {at} の内容が違います。どちらかを空にしてください"),
                format!("the figure and {at} say different things: leave one of them blank"),
            );
            self.findings.push((field, place.clone(), Code::FigureTwice, ja, en));
        }
    }

    /// Rows that people insert have what they see: the name of the figure.
    fn complete(&mut self) {
        for (blank, filled) in [("item", "label"), ("label", "item")] {
            if let Some(given) = self.fields.get(filled).cloned() {
                self.fields.entry(blank).or_insert(given);
            }
        }
        if let Some((text, place)) = self.content_text() {
            self.fields.entry("source").or_insert((text.into(), place));
        }
    }

    fn content_text(&self) -> Option<(String, Place)> {
        let (value, place) =
            ["text", "value", "rate", "missing_reason"].iter().find_map(|name| self.fields.get(name))?;
        Some((value.as_str().map_or_else(|| value.to_string(), str::to_owned), place.clone()))
    }

    fn unit(&self) -> Option<&str> {
        self.fields.get("unit")?.0.as_str()
    }

    fn whole(&self) -> Option<u64> {
        self.fields.get("whole")?.0.as_u64()
    }

    fn tell(self, index: usize, numbers: &Numbers, program: Option<&str>, told: &mut Values) {
        let at = format!("/body/values/{index}");
        told.cells.push((at.clone(), self.place.clone()));
        let mut value = Map::new();
        let mut found = self.findings;
        for (field, (content, place)) in &self.fields {
            let mut content = content.clone();
            if *field == "whole" || (*field == "same_figure_as.ordinal" && self.fields.same_program(program)) {
                match numbers.now(content.as_u64()) {
                    Some(number) => content = number.into(),
                    None => found.push(no_such_number(field, place.clone(), &content)),
                }
            }
            told.cells.push((format!("{at}/{}", field.replace('.', "/")), place.clone()));
            put(&mut value, field, content);
        }
        if self.beside {
            value.insert("role".to_owned(), "paired".into());
            value.insert("whole".to_owned(), index.into());
        }
        let is_wrong = |name: &str| found.iter().any(|(field, ..)| *field == name);
        let missing = REQUIRED.into_iter().filter(|name| !self.fields.contains_key(name) && !is_wrong(name));
        let missing: Vec<_> = missing.map(|name| required(name, self.place.clone())).collect();
        found.extend(missing);
        if !self.breakdown.is_empty() {
            for axis in self.breakdown.keys() {
                told.cells.push((format!("{at}/breakdown/{}", token(axis)), self.place.clone()));
            }
            value.insert("breakdown".to_owned(), self.breakdown.into());
        }
        told.values.push(value.into());
        told.findings.extend(found.into_iter().map(|(field, place, code, ja, en)| {
            Found::new(format!("{at}/{}", field.replace('.', "/")), place, code, ja, en)
        }));
    }
}

trait Fields {
    fn same_program(&self, program: Option<&str>) -> bool;
}

impl Fields for BTreeMap<&'static str, (Value, Place)> {
    fn same_program(&self, program: Option<&str>) -> bool {
        self.get("same_figure_as.program").is_some_and(|(named, _)| named.as_str() == program)
    }
}

/// The second figure of a cell goes into the row that is prepared for it, or gets a row of its own.
fn paired(lines: Vec<Line>) -> Vec<Line> {
    let mut lines: Vec<Option<Line>> = lines.into_iter().map(Some).collect();
    let mut all = Vec::new();
    for index in 0..lines.len() {
        let Some(mut line) = lines.get_mut(index).and_then(Option::take) else { continue };
        let Some(amount) = line.paired.take() else {
            all.push(line);
            continue;
        };
        let partner = lines.iter_mut().flatten().chain(all.iter_mut()).find(|other| {
            let role = other.fields.get("role").and_then(|(role, _)| role.as_str());
            let unit = other.unit().zip(amount.unit.as_deref()).is_none_or(|(one, two)| unit::same(one, two));
            role == Some("paired") && line.ordinal.is_some() && other.whole() == line.ordinal && unit
        });
        let place = line.place.clone();
        match partner {
            Some(other) if other.given => {
                let (ja, en) = (
                    format!("かっこの中の数値が {} にもあります。どちらかを空にしてください", other.place),
                    format!("the figure in brackets stands in {} too: leave one of them blank", other.place),
                );
                line.findings.push(("value", place, Code::FigureTwice, ja, en));
                all.push(line);
            }
            Some(other) => {
                other.fill(&amount, &line);
                all.push(line);
            }
            None => {
                let mut second = Line::beside(&line);
                second.fill(&amount, &line);
                all.push(line);
                all.push(second);
            }
        }
    }
    all
}

impl Line {
    fn beside(main: &Self) -> Self {
        let shared = SHARED.iter().filter_map(|name| Some((*name, main.fields.get(name)?.clone()))).collect();
        Self {
            ordinal: None,
            position: main.position,
            given: true,
            place: main.place.clone(),
            fields: shared,
            breakdown: main.breakdown.clone(),
            findings: Vec::new(),
            paired: None,
            beside: true,
        }
    }

    fn fill(&mut self, amount: &Amount, main: &Self) {
        (self.given, self.place) = (true, main.place.clone());
        for (field, value) in amount_fields(amount) {
            self.set(field, value, &main.place);
        }
        if let Some(source) = main.fields.get("source") {
            self.fields.entry("source").or_insert(source.clone());
        }
    }
}

/// The numbers in the file, and what they are once blank rows are left out.
struct Numbers(BTreeMap<u64, Option<usize>>);

impl Numbers {
    fn of(lines: &[Line]) -> Self {
        let mut all = BTreeMap::new();
        for (now, line) in (1..).zip(lines) {
            if let Some(ordinal) = line.ordinal {
                // Two rows with one number: which of them is meant?
                all.entry(ordinal).and_modify(|number| *number = None).or_insert(Some(now));
            }
        }
        Self(all)
    }

    fn now(&self, number: Option<u64>) -> Option<usize> {
        *self.0.get(&number?)?
    }
}

type Wrong = (&'static str, Place, Code, String, String);

fn no_such_number(field: &'static str, place: Place, number: &Value) -> Wrong {
    let ja = format!(
        "番号{number}の数値がこの記録に一つだけあるようにしてください（数値の空いた行は数えません）。\
         全体のない内訳は whole の代わりに whole_item に書けます"
    );
    let en = format!(
        "there must be one figure with the number {number} in this record (rows without a figure do not count); for a \
         part without its whole use whole_item"
    );
    (field, place, Code::ValueContent, ja, en)
}

fn required(name: &'static str, place: Place) -> Wrong {
    let full = format!("values.{name}");
    let ja = VALUE.iter().find(|(column, _)| *column == full).map_or(name, |(_, ja)| *ja);
    let ja = format!("{ja}（{full}）がありません");
    (name, place, Code::RequestInvalid, ja, format!("`{full}` is missing"))
}

/// `indicator.owner` is a field of the field `indicator`.
fn put(value: &mut Map<String, Value>, field: &str, content: Value) {
    match field.split_once('.') {
        None => drop(value.insert(field.to_owned(), content)),
        Some((outer, inner)) => {
            let nested = value.entry(outer).or_insert_with(|| json!({}));
            if let Some(fields) = nested.as_object_mut() {
                fields.insert(inner.to_owned(), content);
            }
        }
    }
}
