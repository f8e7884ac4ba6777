//! A template as a workbook for people: a guide, a sheet for each part and period, and hidden what brings it back (the
//! module above tells how).

mod columns;
mod guide;
mod lists;
mod look;
mod sheet;

use super::form::Form;
use crate::clock::wire;
use crate::error::Error;
use chrono::{DateTime, Utc};
use lists::List;
use rust_xlsxwriter::{DocProperties, Workbook, Worksheet, XlsxError};
use std::fmt::Write;

/// In column A of the row of machine names.
pub const MARKER: &str = "hagukumi:1";
/// The hidden sheet.
const HIDDEN: &str = "hagukumi";

pub fn write(form: &Form, made_at: DateTime<Utc>) -> Result<Vec<u8>, Error> {
    let mut book = Workbook::new();
    // Not the machine's clock, and no name of a person.
    let made = rust_xlsxwriter::ExcelDateTime::from_timestamp(made_at.timestamp()).map_err(Error::internal)?;
    book.set_properties(
        &DocProperties::new().set_title(format!("{} 報告様式", form.plan)).set_creation_datetime(&made),
    );
    guide::write(book.add_worksheet(), form).map_err(Error::internal)?;
    let lists = Lists::new(form);
    for (number, of) in (1..).zip(&form.sheets) {
        let sheet = book.add_worksheet();
        sheet::write(sheet, &sheet_name(number), form, of, &lists)?;
        if number == 1 {
            sheet.set_active(true);
        }
    }
    hidden(book.add_worksheet(), form, &lists, made_at).map_err(Error::internal)?;
    book.save_to_buffer().map_err(Error::internal)
}

fn sheet_name(number: usize) -> String {
    format!("様式{number}")
}

/// The lists of the drop-downs, each a column of the hidden sheet.
pub struct Lists(Vec<(List, Vec<String>)>);

impl Lists {
    /// Beside the keys and their values.
    const FIRST_COLUMN: u16 = 3;

    fn new(form: &Form) -> Self {
        let levels = (0..form.scales.len()).map(List::Levels);
        let all = [List::Missing, List::Yes].into_iter().chain(levels);
        Self(all.map(|list| (list, list.entries(form))).filter(|(_, entries)| !entries.is_empty()).collect())
    }

    /// Where it stands; none: it has no entries.
    pub fn range(&self, list: List) -> Option<String> {
        let (place, (_, entries)) = self.0.iter().enumerate().find(|(_, (known, _))| *known == list)?;
        let column = column_name(Self::FIRST_COLUMN + u16::try_from(place).ok()?);
        Some(format!("={HIDDEN}!${column}$1:${column}${}", entries.len()))
    }
}

/// 0 → A, 26 → AA
fn column_name(mut at: u16) -> String {
    let mut name = Vec::new();
    loop {
        name.push(char::from(b'A' + u8::try_from(at % 26).unwrap_or_default()));
        match at / 26 {
            0 => return name.into_iter().rev().collect(),
            rest => at = rest - 1,
        }
    }
}

/// What tells, when it comes back, which form it is.
fn hidden(sheet: &mut Worksheet, form: &Form, lists: &Lists, made_at: DateTime<Utc>) -> Result<(), XlsxError> {
    sheet.set_name(HIDDEN)?.set_hidden(true);
    let mut lines = vec![
        ("format".to_owned(), "1".to_owned()),
        ("plan".to_owned(), form.key.plan.to_string()),
        ("municipality".to_owned(), form.key.municipality.to_string()),
        ("round".to_owned(), form.key.round.to_string()),
        ("form_version".to_owned(), form.version.clone().unwrap_or_default()),
        ("form".to_owned(), form.fingerprint.clone()),
        ("made_at".to_owned(), wire::text(made_at)),
    ];
    for (number, of) in (1..).zip(&form.sheets) {
        let name = sheet_name(number);
        lines.push((format!("{name}.resource"), of.part.resource().to_owned()));
        lines.push((format!("{name}.period"), of.period.code()));
    }
    for (row, (key, value)) in (0..).zip(&lines) {
        sheet.write_string(row, 0, key)?.write_string(row, 1, value)?;
    }
    for (at, (_, entries)) in (Lists::FIRST_COLUMN..).zip(&lists.0) {
        for (row, entry) in (0..).zip(entries) {
            sheet.write_string(row, at, entry)?;
        }
    }
    Ok(())
}

/// Cut to what a cell holds.
fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let mut cut = text.get(..end).unwrap_or_default().to_owned();
            let _ = write!(cut, "…");
            cut
        }
        None => text.to_owned(),
    }
}
