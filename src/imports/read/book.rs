//! XLSX: from bytes to rows, one cell at a time.

use super::place::letters;
use super::refused::malformed;
use super::table::{Cell, Row, Table};
use super::{ABOUT, CELL, MARKER, package, refused};
use crate::error::Error;
use calamine::{DataRef, Reader, SheetType, SheetVisible, Style, Xlsx, XlsxCellReader, XlsxError};
use std::collections::{BTreeMap, HashSet};
use std::io::Cursor;
use std::mem::take;
use std::sync::Arc;

/// A template has its marker in one of the first rows.
const MARKER_WITHIN: u32 = 30;
/// So many are told one by one.
const UNCALCULATED: usize = 100_000;

type Bytes<'a> = Cursor<&'a [u8]>;

pub struct Book<'a> {
    book: Xlsx<Bytes<'a>>,
    sheets: Vec<Arc<str>>,
    /// What the hidden sheet of a template says; other sheets without the marker are then for people
    pub about: Option<BTreeMap<String, String>>,
    /// Formulas without a result: sheet, row, column
    uncalculated: HashSet<(usize, u32, usize)>,
}

/// The two ways calamine reads a cell: with its formula, or with its style.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    Formulas,
    Styles,
}

impl<'a> Book<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        package::check(bytes)?;
        let book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|cause| unreadable(None, &cause))?;
        let visible = |sheet: &&calamine::Sheet| {
            sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible && sheet.name != ABOUT
        };
        let sheets = book.sheets_metadata().iter().filter(visible).map(|sheet| sheet.name.as_str().into()).collect();
        let mut opened = Self { book, sheets, about: None, uncalculated: HashSet::new() };
        opened.about = opened.read_about()?;
        Ok(opened)
    }

    fn read_about(&mut self) -> Result<Option<BTreeMap<String, String>>, Error> {
        const MOST: usize = 1_000;
        if !self.book.sheets_metadata().iter().any(|sheet| sheet.name == ABOUT) {
            return Ok(None);
        }
        let mut about = BTreeMap::new();
        let mut key = None;
        let wrong = |cause: XlsxError| unreadable(Some(ABOUT), &cause);
        let mut cells = self.book.worksheet_cells_reader(ABOUT).map_err(wrong)?;
        while let Some(cell) = cells.next_cell().map_err(wrong)? {
            let (row, column) = cell.get_position();
            let Some(text) = shown(cell.get_value(), false).map(|cell| cell.text()) else { continue };
            match (column, key.take()) {
                (0, _) => key = Some((row, text)),
                (1, Some((of, name))) if of == row && about.len() < MOST => drop(about.insert(name, text)),
                _ => {}
            }
        }
        Ok(Some(about))
    }

    /// The rows below the headings of every sheet, each with something in it.
    pub fn rows<E: From<Error>>(&mut self, pass: Pass, give: &mut dyn FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        let mut found = false;
        for (index, name) in self.sheets.clone().into_iter().enumerate() {
            let mut sheet = Sheet::new(name.clone(), self.about.is_some());
            let wrong = |cause: XlsxError| unreadable(Some(&name), &cause);
            let mut cells = self.book.worksheet_cells_reader(&name).map_err(wrong)?;
            let percents: Vec<bool> = cells.styles().iter().map(is_percent).collect();
            while let Some((row, column, cell)) =
                next(&mut cells, pass, &percents, index, &mut self.uncalculated).map_err(wrong)?
            {
                sheet.take(row, column, cell, give)?;
                if sheet.ignored {
                    break;
                }
            }
            if self.uncalculated.len() > UNCALCULATED {
                return Err(malformed(
                    "計算結果のない数式が多すぎます。Excel で開いて保存し直してください",
                    "Too many formulas without a result: open the workbook in a spreadsheet and save it again",
                )
                .into());
            }
            sheet.end(give)?;
            found |= sheet.table.is_some();
        }
        if found {
            return Ok(());
        }
        Err(malformed(
            "読む表がありません。見出しのある、表示されているシートに書いてください",
            "There is no table: write it below headings, in a sheet that is visible",
        )
        .into())
    }
}

type Placed = (u32, usize, Cell);

/// The next cell with something in it; rows are counted from 1, columns from 0.
fn next(
    cells: &mut XlsxCellReader<'_, Bytes<'_>>,
    pass: Pass,
    percents: &[bool],
    sheet: usize,
    uncalculated: &mut HashSet<(usize, u32, usize)>,
) -> Result<Option<Placed>, XlsxError> {
    loop {
        let (position, cell, no_result) = match pass {
            Pass::Formulas => match cells.next_cell_with_formula_metadata()? {
                None => return Ok(None),
                Some(record) => {
                    let none = record.formula.is_some() && record.value == DataRef::Empty;
                    (record.pos, shown(&record.value, false), none)
                }
            },
            Pass::Styles => match cells.next_cell_with_style_id()? {
                None => return Ok(None),
                Some((cell, style)) => {
                    let percent = percents.get(style).copied().unwrap_or_default();
                    (cell.get_position(), shown(cell.get_value(), percent), false)
                }
            },
        };
        let (row, column) = (position.0.saturating_add(1), usize::try_from(position.1).unwrap_or(usize::MAX));
        let place = (sheet, row, column);
        if no_result {
            uncalculated.insert(place);
        }
        let broken = || Cell::Broken("数式".to_owned());
        let cell = cell.or_else(|| uncalculated.contains(&place).then(broken));
        if let Some(cell) = cell {
            return Ok(Some((row, column, cell)));
        }
    }
}

fn shown(value: &DataRef<'_>, percent: bool) -> Option<Cell> {
    let text = |text: &str| (!text.trim().is_empty()).then(|| Cell::Text(text.to_owned()));
    match value {
        DataRef::Empty => None,
        DataRef::Int(number) => Some(Cell::Number { text: number.to_string(), percent: false }),
        DataRef::Float(number) => Some(Cell::number(*number, percent)),
        DataRef::String(given) => text(given),
        DataRef::SharedString(given) => text(given),
        DataRef::Bool(truth) => Some(Cell::Truth(*truth)),
        DataRef::DateTime(given) if given.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = given.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            Some(Cell::Date(match (hour, minute, second) {
                (0, 0, 0) => date,
                _ => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
            }))
        }
        DataRef::DateTime(given) => Some(Cell::Broken(format!("時間 {}", given.as_f64()))),
        DataRef::DateTimeIso(given) => Some(Cell::Date(given.trim_end_matches("T00:00:00").to_owned())),
        DataRef::DurationIso(given) => Some(Cell::Broken(given.clone())),
        DataRef::Error(wrong) => Some(Cell::Broken(wrong.to_string())),
    }
}

/// A percent sign outside quotes: what is kept is a hundredth of what is seen.
fn is_percent(style: &Style) -> bool {
    let Some(format) = &style.number_format else { return false };
    let (mut quoted, mut escaped) = (false, false);
    for c in format.format_code.chars() {
        match c {
            _ if escaped => escaped = false,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '\\' | '_' | '*' => escaped = true,
            '%' => return true,
            _ => {}
        }
    }
    false
}

/// The cells of a sheet become rows; the first of them are its headings.
struct Sheet {
    name: Arc<str>,
    /// In a template sheets without the marker are for people
    template: bool,
    table: Option<Arc<Table>>,
    /// Rows until it is known whether this is a template
    first: Vec<(u32, Vec<(usize, Cell)>)>,
    /// Below the marker the headings for people are passed over
    headings: Option<u32>,
    row: u32,
    cells: Vec<(usize, Cell)>,
    ignored: bool,
}

impl Sheet {
    fn new(name: Arc<str>, template: bool) -> Self {
        let (table, headings) = (None, None);
        Self { name, template, table, first: Vec::new(), headings, row: 0, cells: Vec::new(), ignored: false }
    }

    fn take<E: From<Error>>(
        &mut self,
        row: u32,
        column: usize,
        cell: Cell,
        give: &mut dyn FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        if row != self.row {
            self.flush(give)?;
            if row < self.row {
                return Err(self.disorder(row).into());
            }
            self.row = row;
        }
        if self.cells.last().is_some_and(|(last, _)| *last >= column) {
            return Err(self.disorder(row).into());
        }
        if let Cell::Text(text) = &cell {
            let place = || super::Place { sheet: Some(self.name.clone()), row, column: Some(letters(column).into()) };
            if text.chars().count() > CELL {
                return Err(refused::long_cell(&place(), CELL).into());
            }
            if text.contains('\0') {
                return Err(refused::control(&place()).into());
            }
        }
        if !self.ignored {
            self.cells.push((column, cell));
        }
        Ok(())
    }

    fn flush<E: From<Error>>(&mut self, give: &mut dyn FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        let cells = take(&mut self.cells);
        if cells.is_empty() || self.ignored {
            return Ok(());
        }
        if self.table.is_some() {
            return self.give(self.row, cells, give);
        }
        if matches!(cells.first(), Some((0, Cell::Text(text))) if text == MARKER) {
            let names = cells.get(1..).unwrap_or_default();
            self.table = Some(Arc::new(Table::new(Some(self.name.clone()), true, self.row, names)?));
            self.headings = Some(self.row + 1);
            self.first.clear();
            return Ok(());
        }
        self.first.push((self.row, cells));
        if self.row > MARKER_WITHIN { self.plain(give) } else { Ok(()) }
    }

    /// There is no marker: the first row has the headings.
    fn plain<E: From<Error>>(&mut self, give: &mut dyn FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        if self.template {
            self.ignored = true;
            self.first.clear();
            return Ok(());
        }
        for (row, cells) in take(&mut self.first) {
            if self.table.is_some() {
                self.give(row, cells, give)?;
            } else {
                self.table = Some(Arc::new(Table::new(Some(self.name.clone()), false, row, &cells)?));
            }
        }
        Ok(())
    }

    fn give<E: From<Error>>(
        &mut self,
        number: u32,
        cells: Vec<(usize, Cell)>,
        give: &mut dyn FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(table) = self.table.clone().filter(|_| self.headings != Some(number)) else { return Ok(()) };
        let stray = cells.iter().find(|(at, _)| table.columns.get(*at).is_none_or(Option::is_none));
        match stray {
            Some((at, _)) if !table.own => Err(refused::no_heading(&table.at(number, *at)).into()),
            _ => give(Row { table, number, cells }),
        }
    }

    fn end<E: From<Error>>(&mut self, give: &mut dyn FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        self.flush(give)?;
        if self.table.is_none() { self.plain(give) } else { Ok(()) }
    }

    fn disorder(&self, row: u32) -> Error {
        malformed(
            format!("シート「{}」の{row}行目のセルが順に並んでいません。Excel で開いて保存し直してください", self.name),
            format!("The cells of row {row} in sheet {} are out of order: save it in a spreadsheet again", self.name),
        )
    }
}

fn unreadable(sheet: Option<&str>, cause: &XlsxError) -> Error {
    let at = sheet.map_or(String::new(), |sheet| format!("シート「{sheet}」を"));
    malformed(
        format!("ブックの{at}読めません（{cause}）。Excel で開いて保存し直してください"),
        format!("The workbook cannot be read ({cause}): open it in a spreadsheet and save it again"),
    )
}
