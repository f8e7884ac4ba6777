//! A figure as one cell.

use crate::records::flat::Cells;
use crate::records::value::RecordValue;
use crate::web::table::Cell;

/// The column of the figure as people write it.
pub const FIGURE: &str = "figure";

/// Columns that hold what the cell of the figure says.
const CONTENT: [&str; 1] = ["values.value"];

/// Puts what the figure says into one cell, where that can be read back; the other columns then say nothing of it.
pub fn fold(row: &mut Cells, value: &RecordValue) {
    if let Some(cell) = written(value) {
        for column in CONTENT {
            row.remove(column);
        }
        row.insert(FIGURE.to_owned(), cell);
    }
}

fn written(value: &RecordValue) -> Option<Cell> {
    let plain = value.value_to.is_none() && value.comparator.is_none() && !value.approximate && !value.estimate;
    value.value.filter(|_| plain).map(|number| Cell::Number(number.decimal()))
}

/// A figure that is to be filled in has none.
pub fn has_content(value: &RecordValue) -> bool {
    value.missing_reason.is_some() || value.value.is_some() || value.rate.is_some() || value.text.is_some()
}

/// For those who read it beside this year's.
pub fn shown(value: &RecordValue) -> Cell {
    match (value.value, value.rate, &value.text) {
        (Some(number), ..) => Cell::Number(number.decimal()),
        (_, Some(rate), _) => Cell::Number(rate.decimal()),
        (.., Some(text)) => text.as_str().into(),
        _ => Cell::Empty,
    }
}
