//! Reading a sheet: CSV and XLSX become the rows of a bulk import, each with the place of everything in it.
//!
//! A file has the columns of `records::flat`, in any order, by their names or their Japanese headings; one row a figure.
//! The rows of a record follow one another.
//!
//! - **Our own template** (a row whose first cell is [`MARKER`], above the visible headings) is read as people write:
//!   the column `figure` by `domain::figure`, blank key cells are those of the row above, full-width digits, drop-downs,
//!   years of an era.
//! - **Any other file** has canonical contents: what could mean something else is refused by name, with the way to write
//!   it.
//!
//! A file is gone through twice: [`open`] finds everything that is wrong with the file itself, so that
//! [`Rows::each`] hands out records knowing that it can be read to its end. Nothing but one record is kept.
//!
//! - `text`, `package`, `book`: from bytes to cells; `columns`: from headings to fields
//! - `keys`, `bodies`, `values`, `contents`: from cells to a record; `words`: the closed lists in Japanese

mod bodies;
mod book;
mod columns;
mod contents;
mod keys;
mod municipality;
mod package;
mod place;
mod refused;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod values;
mod words;

pub use municipality::Names;
pub use place::{Found, Place, at};
pub use rows::{ReadRow, open};
pub use text::Charset;

/// First cell of the hidden row that holds the names of the columns in a template of this service.
pub const MARKER: &str = "hagukumi:1";
/// Hidden sheet of a template: what it was made for, as pairs of key and value.
pub const ABOUT: &str = "hagukumi";

/// What a file says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv(Charset),
    Xlsx,
}

/// Bytes of a file.
pub const BYTES: usize = 16 << 20;
/// Rows below the headings.
pub const ROWS: usize = 50_000;
pub const COLUMNS: usize = 300;
/// As many characters as a spreadsheet takes into a cell.
pub const CELL: usize = 32_767;
