//! A template as CSV: one row a figure, the names of the flat form as headings, so that it comes back as it went.

use super::form::Form;
use super::rows;
use crate::error::Error;
use crate::web::table::{Cell, csv_writer, guarded};

pub fn write(form: &Form, bom: bool) -> Result<Vec<u8>, Error> {
    let columns = rows::columns(form);
    let mut writer = csv_writer(bom);
    writer.write_record(columns.iter().map(|name| guarded(name))).map_err(Error::internal)?;
    for sheet in &form.sheets {
        for entry in &sheet.entries {
            for row in rows::of(form, sheet, entry)? {
                let cells = columns.iter().map(|name| row.get(name).unwrap_or(&Cell::Empty).csv());
                writer.write_record(cells).map_err(Error::internal)?;
            }
        }
    }
    writer.into_inner().map_err(Error::internal)
}
