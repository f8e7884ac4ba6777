//! Files in, records out.

mod contents;
mod hostile;
mod template;
mod workbooks;

use super::*;
use crate::domain::code::Code;
use crate::error::{self, Error};
use rust_xlsxwriter::Workbook;
use serde_json::Value;
use std::sync::LazyLock;

pub static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let table = include_str!("../../../../data/municipalities.csv");
    let rows = table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.map(|cells| (Code::parse(cells[0]).unwrap(), cells[2].to_owned())).collect()
});

impl ReadRow {
    fn at(&self, pointer: &str) -> &Place {
        let mut pointer = pointer;
        loop {
            match (self.cells.get(pointer), pointer.rsplit_once('/')) {
                (Some(place), _) => return place,
                (None, Some((outer, _))) => pointer = outer,
                (None, None) => return &self.place,
            }
        }
    }
}

pub fn read(bytes: &[u8], format: Format) -> Result<Vec<ReadRow>, Error> {
    let mut rows = open(bytes, format, &NAMES)?;
    let mut all = Vec::new();
    rows.each::<Error>(|row| {
        all.push(row);
        Ok(())
    })?;
    Ok(all)
}

pub fn utf8(text: &str) -> Result<Vec<ReadRow>, Error> {
    read(text.as_bytes(), Format::Csv(Charset::Utf8))
}

/// Code and Japanese text of what is wrong with a file.
pub fn refused(result: Result<Vec<ReadRow>, Error>) -> (&'static str, String) {
    match result.unwrap_err() {
        Error::Refused(refusal) => (refusal.code.id(), refusal.ja),
        Error::Internal(cause) => panic!("{cause}"),
    }
}

/// Code and place of each finding.
pub fn found(row: &ReadRow) -> Vec<String> {
    row.findings.iter().map(|found| format!("{} {}", found.finding.code.id(), found.place)).collect()
}

pub const KEY: &str = "resource,plan,municipality,program,period";
pub const ONE: &str = "result,132284-kodomo-2020,132284,1,2020";

pub fn csv(columns: &str, rows: &[&str]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| format!("{ONE},{row}\r\n")).collect();
    format!("{KEY},{columns}\r\n{}", rows.concat())
}

/// A workbook with one sheet, each cell a text.
pub fn book(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

pub fn body(row: &ReadRow) -> &Value {
    assert!(row.findings.is_empty(), "{:#?}", row.findings);
    &row.body
}

pub fn codes(findings: &[Found]) -> Vec<error::Code> {
    findings.iter().map(|found| found.finding.code).collect()
}
