//! What the workbooks of this service share: how high a row must be, how they look, and how a text is put over several
//! cells.

pub mod look;
pub mod size;

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// A rectangle of cells, from its first to its last row and column.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    pub rows: (u32, u32),
    pub columns: (u16, u16),
}

/// Writes a text over the whole area: one cell, or several made one.
pub fn write(sheet: &mut Worksheet, area: Area, text: &str, look: &Format) -> Result<(), XlsxError> {
    let Area { rows: (top, bottom), columns: (left, right) } = area;
    match (top, left) == (bottom, right) {
        true => drop(sheet.write_string_with_format(top, left, text, look)?),
        false => drop(sheet.merge_range(top, left, bottom, right, text, look)?),
    }
    Ok(())
}

/// Names of sheets have at most 31 characters, and not all of them.
pub fn sheet_name(title: &str) -> String {
    let name: String = title.chars().map(|c| if "[]:*?/\\'\n\r".contains(c) { ' ' } else { c }).take(31).collect();
    name
}
