//! Where something stands in a file.

use crate::error::{Code, Finding};
use std::fmt;
use std::sync::Arc;

/// `様式1 B12` in a workbook, `18行目「values.unit」` in a CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub sheet: Option<Arc<str>>,
    /// From 1; in a CSV the line
    pub row: u32,
    /// The letters of a workbook, the heading of a CSV; none: the row as a whole
    pub column: Option<Arc<str>>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sheet, row, column } = self;
        match (sheet, column) {
            (Some(sheet), Some(column)) => write!(f, "{sheet} {column}{row}"),
            (Some(sheet), None) => write!(f, "{sheet} {row}行目"),
            (None, Some(column)) => write!(f, "{row}行目「{column}」"),
            (None, None) => write!(f, "{row}行目"),
        }
    }
}

/// The cell of a pointer, or of what it lies in; else the row. `cells`: in the order of their pointers.
pub fn at<'a>(row: &'a Place, cells: &'a [(Arc<str>, Place)], pointer: &str) -> &'a Place {
    let mut pointer = pointer;
    loop {
        let found = cells.binary_search_by(|(known, _)| (**known).cmp(pointer)).ok().and_then(|at| cells.get(at));
        match (found, pointer.rsplit_once('/')) {
            (Some((_, place)), _) => return place,
            (None, Some((outer, _))) => pointer = outer,
            (None, None) => return row,
        }
    }
}

/// `A`, `Z`, `AA` of a column counted from 0.
pub fn letters(column: usize) -> String {
    let mut left = column + 1;
    let mut text = Vec::new();
    while left > 0 {
        left -= 1;
        text.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or_default()));
        left /= 26;
    }
    text.iter().rev().collect()
}

/// Something wrong with a row. The pointer leads into the row of the import: `/key/program`, `/body/values/0/unit`.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub finding: Finding,
    pub place: Place,
}

impl Found {
    pub fn new(
        pointer: impl Into<String>,
        place: Place,
        code: Code,
        ja: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { finding: Finding::new(pointer, code, ja, en), place }
    }
}
