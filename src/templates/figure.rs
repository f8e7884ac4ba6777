//! A figure as one cell.

use crate::domain::number::Number;
use crate::records::figure::{FIELDS, written};
use crate::records::flat::Cells;
use crate::records::value::RecordValue;
use crate::web::table::Cell;

/// The column of the figure as people write it.
pub const FIGURE: &str = "figure";

/// Puts what the figure says into one cell, where that can be read back; the columns of its content then say nothing. A
/// snippet that is this cell to the letter is left out: whoever types another figure has typed another snippet.
pub fn fold(row: &mut Cells, value: &RecordValue) {
    if let Some(text) = written(value) {
        for field in FIELDS {
            row.remove(&format!("values.{field}"));
        }
        let cell = cell(text);
        if cell.csv() == value.source {
            row.remove("values.source");
        }
        row.insert(FIGURE.to_owned(), cell);
    }
}

/// A number is one in a spreadsheet, too.
fn cell(text: String) -> Cell {
    match Number::parse(&text) {
        Ok(number) => Cell::Number(number.decimal()),
        Err(_) => Cell::Text(text),
    }
}

/// A figure that is to be filled in has none.
pub fn has_content(value: &RecordValue) -> bool {
    value.missing_reason.is_some() || value.value.is_some() || value.rate.is_some() || value.text.is_some()
}

/// For those who read it beside this year's.
pub fn shown(value: &RecordValue) -> Cell {
    match (written(value), value.value.or(value.rate), &value.text) {
        (Some(text), ..) => cell(text),
        (_, Some(number), _) => Cell::Number(number.decimal()),
        (.., text) => text.as_deref().into(),
    }
}
