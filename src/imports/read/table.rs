//! Rows of cells below headings, wherever they come from.

use super::columns::Column;
use super::place::{Place, letters};
use crate::domain::number::Number;
use std::sync::Arc;

/// What stands in a cell. A blank one is left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    /// A number cell of a workbook: as its decimal, and whether it is shown in percent (95.7% is kept as 0.957)
    Number {
        text: String,
        percent: bool,
    },
    /// A date cell: `2021-03-31`, with the time behind it if there is one
    Date(String),
    Truth(bool),
    /// `#REF!`, or a formula that nobody has calculated
    Broken(String),
}

impl Cell {
    /// As a spreadsheet shows it, at most 15 digits: 0.30000000000000004 is 0.3.
    pub fn number(given: f64, percent: bool) -> Self {
        let shown = |number: f64| Number::parse(&format!("{number:.14e}")).ok().map(|number| number.to_string());
        let text = if percent { shown(given * 100.0) } else { shown(given) };
        Self::Number { text: text.unwrap_or_else(|| given.to_string()), percent }
    }

    /// As a person sees it.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Date(text) | Self::Broken(text) => text.clone(),
            Self::Number { text, percent: true } => format!("{text}%"),
            Self::Number { text, percent: false } => text.clone(),
            Self::Truth(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        }
    }
}

/// The headings of a CSV or of a sheet, and how what stands below is meant.
#[derive(Debug)]
pub struct Table {
    pub sheet: Option<Arc<str>>,
    /// Our own template: written by people.
    pub own: bool,
    /// By their position; None: a column for people only
    pub columns: Vec<Option<Column>>,
}

/// A row as it stands: position of the column, and what is in it.
#[derive(Clone, Debug)]
pub struct Row {
    pub table: Arc<Table>,
    pub number: u32,
    pub cells: Vec<(usize, Cell)>,
}

impl Row {
    pub fn place(&self) -> Place {
        Place { sheet: self.table.sheet.clone(), row: self.number, column: None }
    }

    pub fn at(&self, position: usize) -> Place {
        self.table.at(self.number, position)
    }

    /// What is read of it.
    pub fn fields(&self) -> impl Iterator<Item = (usize, &Column, &Cell)> {
        let columns = &self.table.columns;
        self.cells.iter().filter_map(|(at, cell)| Some((*at, columns.get(*at)?.as_ref()?, cell)))
    }
}

impl Table {
    pub fn at(&self, row: u32, position: usize) -> Place {
        let column = match (&self.sheet, self.columns.get(position)) {
            (None, Some(Some(column))) => Some(column.shown.clone()),
            _ => Some(letters(position).into()),
        };
        Place { sheet: self.sheet.clone(), row, column }
    }
}
