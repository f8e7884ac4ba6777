//! One part and period as a sheet.

use super::columns::{self, Column, Kind, Shown};
use super::{Lists, MARKER, look, short};
use crate::error::Error;
use crate::records::flat::Cells;
use crate::records::types::Part;
use crate::records::value::RecordValue;
use crate::templates::figure::{self, FIGURE};
use crate::templates::form::{Entry, Form, Sheet};
use crate::templates::{due, rows, rules};
use crate::web::table::Cell;
use crate::web::xlsx::size::{self, BODY};
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, Formula, ProtectionOptions, Worksheet, XlsxError,
};
use std::collections::HashMap;

/// Titles and instructions stand in the rows above.
const NAMES: u32 = 5;
const HEADINGS: u32 = NAMES + 1;
const DATA: u32 = HEADINGS + 1;

pub fn write(sheet: &mut Worksheet, name: &str, form: &Form, of: &Sheet, lists: &Lists) -> Result<(), Error> {
    let columns = columns::of(form, of);
    frame(sheet, name, form, of, &columns).map_err(Error::internal)?;
    let mut row = DATA;
    for entry in &of.entries {
        row = write_entry(sheet, row, form, of, entry, &columns)?;
    }
    choices(sheet, &columns, lists, row.max(DATA + 1) - 1).map_err(Error::internal)?;
    Ok(())
}

/// Everything but the data.
fn frame(sheet: &mut Worksheet, name: &str, form: &Form, of: &Sheet, columns: &[Column]) -> Result<(), XlsxError> {
    let kind = if of.part == Part::Targets { "目標・計画" } else { "実績報告" };
    let title = format!("{name}　{}　{kind}", of.period.label_ja());
    sheet.set_name(name)?;
    sheet.write_string_with_format(0, 1, &title, &look::text(16.0).set_bold())?;
    sheet.set_row_height(0, 27)?;
    for (row, line) in (1..).zip(lines(form)) {
        sheet.write_string_with_format(row, 1, line, &look::text(10.0))?;
        sheet.set_row_height(row, 17)?;
    }
    sheet.write_string(NAMES, 0, MARKER)?;
    sheet.set_row_hidden(NAMES)?;
    for (at, column) in (0..).zip(columns) {
        if !column.name.is_empty() {
            sheet.write_string(NAMES, at, &column.name)?;
        }
        if !matches!(column.kind, Kind::Marker) {
            sheet.write_string_with_format(HEADINGS, at, &column.heading, &look::heading(&column.kind))?;
        }
        sheet.set_column_width(at, column.width)?;
        match column.kind {
            Kind::Marker | Kind::Key => drop(sheet.set_column_hidden(at)?),
            Kind::Detail(_) => drop(sheet.set_column_format(at, &look::cell(column, false, false))?),
            _ => {}
        }
    }
    let is_detail = |column: &&Column| matches!(column.kind, Kind::Detail(_));
    let first = columns.iter().position(|column| is_detail(&column)).unwrap_or_default();
    let count = columns.iter().filter(is_detail).count();
    if let (Ok(first), Ok(count @ 1..)) = (u16::try_from(first), u16::try_from(count)) {
        sheet.group_columns_collapsed(first, first + count - 1)?;
    }
    let named = columns
        .iter()
        .rposition(|column| ["program_number", "program_name"].contains(&column.name.as_str()) && !column.is_hidden());
    sheet.set_freeze_panes(DATA, u16::try_from(named.map_or(1, |at| at + 1)).unwrap_or(1))?;
    let shown = columns.iter().filter(|column| !column.is_hidden());
    let lines = shown.map(|column| BODY.lines(&column.heading, column.width)).max().unwrap_or(1);
    sheet.set_row_height(HEADINGS, BODY.height(lines.max(2)))?;
    print(sheet, form, &title)?;
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        ..ProtectionOptions::default()
    });
    Ok(())
}

/// What stands between the title and the table.
fn lines(form: &Form) -> [String; 4] {
    let round = form.round.as_deref().unwrap_or(form.key.round.as_str());
    let due = form.due_at.map_or_else(|| "期限なし".to_owned(), |at| format!("提出期限：{}", due::text(at)));
    let version = form.version.as_ref().map(|version| format!("　様式の版：{version}")).unwrap_or_default();
    [
        format!("計画：{}　　照会：{round}{version}", form.plan),
        format!("報告団体：{}（{}）　　{due}", form.municipality, form.key.municipality),
        "黄色の欄に記入してください。灰色の欄は、計画の内容と前年度の報告です。途中まで記入したものも、そのまま送れます。".to_owned(),
        "数値は単位を付けずに書きます。該当しないときは ―、把握していないときは … と書いてください（空欄は未記入）。詳しくは「記入の手引」へ。".to_owned(),
    ]
}

/// A4 landscape, as wide as the page, the headings on every page.
fn print(sheet: &mut Worksheet, form: &Form, title: &str) -> Result<(), XlsxError> {
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_margins(0.3, 0.3, 0.5, 0.5, 0.25, 0.25);
    let head = format!("{title}　{}", form.municipality).replace('&', "&&");
    sheet.set_header(format!("&R&8{}", short(&head, 200))).set_footer("&C&8&P / &N");
    sheet.set_repeat_rows(HEADINGS, HEADINGS)?;
    Ok(())
}

/// Drop-downs.
fn choices(sheet: &mut Worksheet, columns: &[Column], lists: &Lists, last: u32) -> Result<(), XlsxError> {
    for (at, column) in (0..).zip(columns) {
        let (Kind::Choice(list) | Kind::Detail(Some(list))) = column.kind else { continue };
        let Some(range) = lists.range(list) else { continue };
        let choice = DataValidation::new()
            .allow_list_formula(Formula::new(range))
            .set_error_style(DataValidationErrorStyle::Stop)
            .set_error_title("一覧にありません")?
            .set_error_message("一覧から選んでください。あてはまるものがなければ、空欄のまま備考に書いてください。")?;
        sheet.add_data_validation(DATA, at, last, at, &choice)?;
    }
    Ok(())
}

/// The row below.
fn write_entry(
    sheet: &mut Worksheet,
    top: u32,
    form: &Form,
    of: &Sheet,
    entry: &Entry,
    columns: &[Column],
) -> Result<u32, Error> {
    let mut rows = rows::of(form, of, entry)?;
    let values: Vec<&RecordValue> = entry.body.iter().flat_map(|body| &body.values).chain(&entry.blanks).collect();
    for (row, value) in rows.iter_mut().zip(&values) {
        figure::fold(row, value);
    }
    let last = last_figures(entry, &values);
    // The lines of the texts, which lie over all rows of the record: where one is to be written, three.
    let texts = columns.iter().filter(|column| column.is_of_record());
    let texts = texts.map(|column| taken(&cell(form, entry, column, rows.first(), None), column.width));
    let texts = texts.max().unwrap_or(1).max(3);
    while rows.len() < usize::try_from(BODY.rows(texts)).unwrap_or(1) {
        rows.push(rows::key(form, of, entry).collect());
    }
    let bottom = top + u32::try_from(rows.len()).unwrap_or(1) - 1;
    let mut figures = vec![1; rows.len()];
    for (place, column) in (0..).zip(columns) {
        let look = |first, elsewhere| look::cell(column, first, elsewhere);
        if column.is_of_record() {
            let cell = cell(form, entry, column, rows.first(), None);
            if bottom > top {
                sheet.merge_range(top, place, bottom, place, "", &look(true, false)).map_err(Error::internal)?;
            }
            put(sheet, top, place, &cell, &look(true, false), &column.kind).map_err(Error::internal)?;
            continue;
        }
        for (index, (at, row)) in (top..).zip(&rows).enumerate() {
            let cell = cell(form, entry, column, Some(row), last.get(index));
            if let Some(lines) = figures.get_mut(index).filter(|_| !column.is_hidden()) {
                *lines = taken(&cell, column.width).max(*lines);
            }
            let elsewhere = column.name == FIGURE && matches!(cell, Cell::Empty);
            let elsewhere = elsewhere && values.get(index).is_some_and(|value| figure::has_content(value));
            put(sheet, at, place, &cell, &look(index == 0, elsewhere), &column.kind).map_err(Error::internal)?;
        }
    }
    for (at, lines) in (top..).zip(size::share(&figures, texts)) {
        sheet.set_row_height(at, BODY.height(lines)).map_err(Error::internal)?;
    }
    Ok(bottom + 1)
}

fn taken(cell: &Cell, width: f64) -> u32 {
    match cell {
        Cell::Text(text) => BODY.lines(text, width),
        _ => 1,
    }
}

fn cell(form: &Form, entry: &Entry, column: &Column, row: Option<&Cells>, last: Option<&Cell>) -> Cell {
    let given = || row.and_then(|row| row.get(&column.name)).cloned().unwrap_or(Cell::Empty);
    match &column.kind {
        Kind::Marker => Cell::Empty,
        Kind::Shown(Shown::LastFigure) => last.cloned().unwrap_or(Cell::Empty),
        Kind::Shown(shown) => beside(shown, entry),
        Kind::Fixed | Kind::Input | Kind::Key | Kind::Detail(None) => given(),
        Kind::Choice(list) | Kind::Detail(Some(list)) => match given() {
            Cell::Text(word) => Cell::Text(list.shown(form, &word)),
            other => other,
        },
    }
}

fn put(sheet: &mut Worksheet, row: u32, at: u16, cell: &Cell, look: &Format, kind: &Kind) -> Result<(), XlsxError> {
    match cell {
        // Their column has the format already.
        Cell::Empty if matches!(kind, Kind::Marker | Kind::Key | Kind::Detail(_)) => {}
        Cell::Empty => drop(sheet.write_blank(row, at, look)?),
        Cell::Text(text) => drop(sheet.write_string_with_format(row, at, text, look)?),
        Cell::Number(number) => {
            let look = if number.is_integer() { &look.clone().set_num_format("#,##0") } else { look };
            sheet.write_number_with_format(row, at, number.to_f64().unwrap_or_default(), look)?;
        }
    }
    Ok(())
}

/// What is to be read beside the cells to be filled in.
fn beside(shown: &Shown, entry: &Entry) -> Cell {
    let text = match shown {
        Shown::Node => entry.program.node.clone().unwrap_or_default(),
        Shown::Departments => entry.program.departments.clone(),
        Shown::Amendment if entry.amendment == 0 => "当初".to_owned(),
        Shown::Amendment => format!("変更{}", entry.amendment),
        Shown::Goal => entry.goal.clone().unwrap_or_default(),
        Shown::LastText(field) => last_texts(entry, field),
        Shown::LastFigure => String::new(),
    };
    if text.is_empty() { Cell::Empty } else { Cell::Text(short(&text, 30_000)) }
}

/// Where programs were merged, each with its number.
fn last_texts(entry: &Entry, field: &str) -> String {
    let all: Vec<_> = rules::latest(&entry.last_year).collect();
    let texts = all.iter().filter_map(|last| {
        let text = last.record.body.texts.get(field)?;
        let number = last.record.names.number.as_deref().unwrap_or(&last.from_program);
        Some(if all.len() > 1 { format!("【{number}】{text}") } else { text.clone() })
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// Last year's figure for each of this year's: the next of the same name.
fn last_figures(entry: &Entry, values: &[&RecordValue]) -> Vec<Cell> {
    let name = |value: &RecordValue| (value.item.clone(), value.label.clone(), value.breakdown.clone());
    let mut last: HashMap<_, Vec<&RecordValue>> = HashMap::new();
    let all: Vec<&RecordValue> = rules::latest(&entry.last_year).flat_map(|last| &last.record.body.values).collect();
    for value in all.into_iter().rev() {
        last.entry(name(value)).or_default().push(value);
    }
    values
        .iter()
        .map(|value| last.get_mut(&name(value)).and_then(Vec::pop).map_or(Cell::Empty, figure::shown))
        .collect()
}
