//! A table as a workbook, to be printed on A4 or A3: its title, what it was counted from, the table, and its source. Where
//! the plan prints a column a period, each program is a block on pages of its own; else each is a row.

mod blocks;
mod rows;

use super::content::PlanContent;
use super::layout::Layout;
use crate::web::xlsx::size::{BODY, SMALL};
use crate::web::xlsx::{Area, look, sheet_name, write as put};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

/// Letters of the table.
const POINTS: f64 = 9.0;

/// What stands over and under a table.
pub struct Head<'a> {
    pub title: &'a str,
    pub source: &'a str,
    /// Of the table's columns on paper
    pub right: u16,
    pub width: f64,
}

pub fn write(layout: &Layout, content: &PlanContent, title: &str, source: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(title))?.set_screen_gridlines(false);
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.5, 0.6, 0.25, 0.3);
    // A footer has at most 255 characters.
    let foot: String = source.replace('&', "&&").replace('\n', " ").chars().take(180).collect();
    sheet.set_footer(format!("&L&8{foot}&R&8&P / &N"));
    match layout.by_period {
        true => blocks::write(sheet, layout, title, source)?,
        false => rows::write(sheet, layout, content, title, source)?,
    }
    book.save_to_buffer()
}

impl Head<'_> {
    /// Title and source line. Returns the next row.
    fn write(&self, sheet: &mut Worksheet) -> Result<u32, XlsxError> {
        let title = look::text(14.0).set_bold().set_text_wrap();
        let lines = BODY.lines(self.title, self.width * 11.0 / 14.0);
        self.line(sheet, 0, self.title, &title, f64::from(BODY.height(lines)) * 1.3)?;
        let source = look::text(8.5).set_font_color(0x0040_4040).set_text_wrap();
        self.line(sheet, 1, self.source, &source, f64::from(SMALL.height(SMALL.lines(self.source, self.width))))?;
        Ok(2)
    }

    /// One text over the whole width.
    fn line(&self, sheet: &mut Worksheet, row: u32, text: &str, look: &Format, height: f64) -> Result<(), XlsxError> {
        put(sheet, Area { rows: (row, row), columns: (0, self.right) }, text, look)?;
        sheet.set_row_height(row, height)?;
        Ok(())
    }
}

/// Rows that hold so many lines, their heights set; returns the last of them.
fn rise(sheet: &mut Worksheet, top: u32, lines: u32) -> Result<u32, XlsxError> {
    let count = SMALL.rows(lines);
    for row in top..top + count {
        sheet.set_row_height(row, SMALL.height(lines.div_ceil(count)))?;
    }
    Ok(top + count - 1)
}

fn body() -> Format {
    look::boxed(POINTS).set_align(FormatAlign::Top)
}

/// Of levels, numbers and other short words.
fn centred() -> Format {
    body().set_align(FormatAlign::Center)
}
