//! A program a block: what it is, how it was judged, and its goals and results over the periods. The sheet begins with how
//! many programs have which level.

use super::{Head, POINTS, body, centred, rise};
use crate::tables::columns::{Column, Field};
use crate::tables::layout::Layout;
use crate::tables::types::{TableCount, TableRow};
use crate::web::xlsx::size::SMALL;
use crate::web::xlsx::{Area, look, write as put};
use rust_xlsxwriter::{Worksheet, XlsxError};

/// A3, across.
const PAPER: (u8, f64) = (8, 215.0);
/// Of headings on the left, and of those within the line.
const LABEL: f64 = 15.0;
/// What is longer has a line of its own.
const SHORT: usize = 24;

/// The columns on paper: the headings, then two a period, that a word and its heading stand in.
struct Grid {
    periods: Vec<String>,
    width: f64,
}

impl Grid {
    fn new(layout: &Layout) -> Self {
        let mut periods: Vec<String> = Vec::new();
        for period in
            layout.columns.iter().filter(|column| is_text(column)).filter_map(|column| column.of_period.as_ref())
        {
            if !periods.contains(period) {
                periods.push(period.clone());
            }
        }
        let width = ((PAPER.1 - LABEL) / periods.len().max(1) as f64).max(LABEL + 10.0);
        Self { periods, width }
    }

    fn right(&self) -> u16 {
        u16::try_from(self.periods.len().max(1) * 2).unwrap_or(u16::MAX)
    }

    fn widths(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_column_width(0, LABEL)?;
        for pair in 0..self.right() / 2 {
            sheet.set_column_width(pair * 2 + 1, LABEL)?.set_column_width(pair * 2 + 2, self.width - LABEL)?;
        }
        Ok(())
    }

    fn total(&self) -> f64 {
        LABEL + self.width * self.periods.len().max(1) as f64
    }
}

fn is_text(column: &Column) -> bool {
    matches!(column.field, Field::Text(_))
}

pub fn write(sheet: &mut Worksheet, layout: &Layout, title: &str, source: &str) -> Result<(), XlsxError> {
    let grid = Grid::new(layout);
    sheet.set_paper_size(PAPER.0);
    grid.widths(sheet)?;
    let head = Head { title, source, right: grid.right(), width: grid.total() };
    let mut row = head.write(sheet)?;
    row = counts(sheet, row + 1, layout, &grid)? + 1;
    let mut breaks = Vec::new();
    for (index, of) in layout.rows.iter().enumerate() {
        // Behind the counts, too: the headings of the first would stand at the foot of their page, and its cells on the next.
        if index > 0 || !layout.counts.is_empty() {
            breaks.push(row);
        }
        row = block(sheet, row, layout, of, &grid)? + 1;
    }
    if !breaks.is_empty() {
        sheet.set_page_breaks(&breaks)?;
    }
    sheet.set_print_area(0, 0, row.saturating_sub(2), grid.right())?;
    Ok(())
}

/// One program. Returns the row below it.
fn block(sheet: &mut Worksheet, top: u32, layout: &Layout, of: &TableRow, grid: &Grid) -> Result<u32, XlsxError> {
    let heading = look::heading(POINTS);
    let printed = layout.printed(of);
    let mut row = top;
    for text in &of.headings {
        let look = look::boxed(10.0).set_bold().set_background_color(0x00E3_EBF4);
        let bottom = rise(sheet, row, SMALL.lines(text, grid.total()))?;
        put(sheet, Area { rows: (row, bottom), columns: (0, grid.right()) }, text, &look)?;
        row = bottom + 1;
    }
    let facts: Vec<(&Column, String)> = layout
        .columns
        .iter()
        .zip(&printed)
        .filter(|(column, _)| !is_text(column))
        .map(|(column, cell)| (column, fact(layout, column, cell)))
        .collect();
    let is_long = |(column, _): &&(&Column, String)| {
        let index = layout.columns.iter().position(|other| other.name == column.name);
        let longest =
            |row: &TableRow| index.and_then(|at| row.cells.get(at)?.as_ref().map(|cell| cell.chars().count()));
        matches!(column.field, Field::Name | Field::Program)
            || layout.rows.iter().filter_map(longest).max().unwrap_or_default() > SHORT
    };
    let is_name = |fact: &&(&Column, String)| matches!(fact.0.field, Field::Name | Field::Program);
    let (long, short): (Vec<_>, Vec<_>) = facts.iter().partition(is_long);
    let (names, others): (Vec<_>, Vec<_>) = long.into_iter().partition(is_name);
    for (column, text) in names {
        let bottom = rise(sheet, row, SMALL.lines(text, (grid.total() - LABEL) * 0.8).max(2))?;
        put(sheet, Area { rows: (row, bottom), columns: (0, 0) }, &column.label(), &heading)?;
        let look = look::boxed(11.0).set_bold();
        put(sheet, Area { rows: (row, bottom), columns: (1, grid.right()) }, text, &look)?;
        row = bottom + 1;
    }
    row = words(sheet, row, &short, grid)?;
    for (column, text) in others {
        let bottom = rise(sheet, row, SMALL.lines(text, grid.total() - LABEL))?;
        put(sheet, Area { rows: (row, bottom), columns: (0, 0) }, &column.label(), &heading)?;
        put(sheet, Area { rows: (row, bottom), columns: (1, grid.right()) }, text, &body())?;
        row = bottom + 1;
    }
    texts(sheet, row, layout, &printed, grid)
}

/// Short words, each behind its heading, as many in a line as there are periods.
fn words(sheet: &mut Worksheet, mut row: u32, short: &[&(&Column, String)], grid: &Grid) -> Result<u32, XlsxError> {
    let many = grid.periods.len().max(1);
    for line in short.chunks(many) {
        let room = (grid.width - LABEL).max(LABEL);
        let lines = line.iter().map(|(column, text)| SMALL.lines(text, room).max(SMALL.lines(&column.label(), LABEL)));
        let bottom = rise(sheet, row, lines.max().unwrap_or(1))?;
        for (pair, (column, text)) in (0u16..).zip(line.iter().copied()) {
            // The first stands under the headings of the block.
            let (label, from) = if pair == 0 { (0, 1) } else { (pair * 2 + 1, pair * 2 + 2) };
            let to = if usize::from(pair) + 1 == line.len() { grid.right() } else { pair * 2 + 2 };
            put(sheet, Area { rows: (row, bottom), columns: (label, label) }, &column.label(), &look::heading(POINTS))?;
            put(sheet, Area { rows: (row, bottom), columns: (from, to) }, text, &look::boxed(POINTS))?;
        }
        row = bottom + 1;
    }
    Ok(row)
}

/// Goals, changed goals and results, a column a period.
fn texts(sheet: &mut Worksheet, top: u32, layout: &Layout, cells: &[String], grid: &Grid) -> Result<u32, XlsxError> {
    let heading = look::heading(POINTS);
    let pair = |index: usize| {
        let left = u16::try_from(index * 2 + 1).unwrap_or(u16::MAX - 1);
        (left, left + 1)
    };
    let mut row = top;
    put(sheet, Area { rows: (row, row), columns: (0, 0) }, "", &heading)?;
    for (index, period) in grid.periods.iter().enumerate() {
        put(sheet, Area { rows: (row, row), columns: pair(index) }, period, &heading)?;
    }
    sheet.set_row_height(row, SMALL.height(1))?;
    row += 1;
    let mut kinds: Vec<&str> = Vec::new();
    for column in layout.columns.iter().filter(|column| is_text(column)) {
        if !kinds.contains(&column.heading.as_str()) {
            kinds.push(&column.heading);
        }
    }
    for kind in kinds {
        let cell = |period: &String| {
            let is_it = |column: &Column| {
                is_text(column) && column.heading == kind && column.of_period.as_ref() == Some(period)
            };
            let at = layout.columns.iter().position(is_it);
            at.and_then(|at| cells.get(at)).map_or("", String::as_str)
        };
        let lines = grid.periods.iter().map(|period| SMALL.lines(cell(period), grid.width));
        let lines = lines.max().unwrap_or(1).max(SMALL.lines(kind, LABEL));
        let bottom = rise(sheet, row, lines)?;
        put(sheet, Area { rows: (row, bottom), columns: (0, 0) }, kind, &heading)?;
        for (index, period) in grid.periods.iter().enumerate() {
            put(sheet, Area { rows: (row, bottom), columns: pair(index) }, cell(period), &body())?;
        }
        row = bottom + 1;
    }
    Ok(row)
}

/// A level with what it means.
fn fact(layout: &Layout, column: &Column, cell: &str) -> String {
    let Field::Level(of) = &column.field else { return cell.to_owned() };
    let known = layout.counts.iter().find(|count| count.scheme == of.scheme && count.level == cell);
    match known.and_then(meaning) {
        Some(meaning) => format!("{cell}　{meaning}"),
        None => cell.to_owned(),
    }
}

fn meaning(count: &TableCount) -> Option<String> {
    let matrix = count.matrix_row.as_ref().zip(count.matrix_column.as_ref());
    count.label.clone().or_else(|| matrix.map(|(row, column)| format!("{row}・{column}")))
}

/// How many programs have which level: a list, or a matrix where the levels are one. Returns the row below.
fn counts(sheet: &mut Worksheet, mut row: u32, layout: &Layout, grid: &Grid) -> Result<u32, XlsxError> {
    let mut schemes: Vec<&str> = Vec::new();
    for count in &layout.counts {
        if !schemes.contains(&count.scheme.as_str()) {
            schemes.push(&count.scheme);
        }
    }
    for scheme in schemes {
        let levels: Vec<&TableCount> = layout.counts.iter().filter(|count| count.scheme == scheme).collect();
        let is_matrix = levels.iter().all(|level| level.matrix_row.is_some() && level.matrix_column.is_some());
        row = if is_matrix { matrix(sheet, row, &levels, grid)? } else { list(sheet, row, &levels)? } + 1;
    }
    Ok(row)
}

fn list(sheet: &mut Worksheet, mut row: u32, levels: &[&TableCount]) -> Result<u32, XlsxError> {
    let heading = look::heading(POINTS);
    let line = |sheet: &mut Worksheet, row: u32, texts: [&str; 3], plain: bool| {
        let looks =
            if plain { [body(), centred(), centred()] } else { [heading.clone(), heading.clone(), heading.clone()] };
        let columns = [(0, 2), (3, 3), (4, 4)];
        for ((columns, text), look) in columns.into_iter().zip(texts).zip(&looks) {
            put(sheet, Area { rows: (row, row), columns }, text, look)?;
        }
        sheet.set_row_height(row, SMALL.height(1)).map(drop)
    };
    let title = levels.first().map_or("", |level| &level.scheme_title);
    line(sheet, row, [title, "事業数", "うち重点"], false)?;
    for level in levels {
        row += 1;
        let label = level.label.as_deref().unwrap_or("（定義なし）");
        let (programs, of_which) = (level.programs.to_string(), level.of_which_priority.to_string());
        line(sheet, row, [&format!("{}　{label}", level.level), &programs, &of_which], true)?;
    }
    let sum = |of: fn(&TableCount) -> usize| levels.iter().map(|level| of(level)).sum::<usize>().to_string();
    row += 1;
    line(sheet, row, ["合計", &sum(|level| level.programs), &sum(|level| level.of_which_priority)], true)?;
    Ok(row + 1)
}

fn matrix(sheet: &mut Worksheet, mut row: u32, levels: &[&TableCount], grid: &Grid) -> Result<u32, XlsxError> {
    let heading = look::heading(POINTS);
    let (mut lines, mut columns): (Vec<&String>, Vec<&String>) = (Vec::new(), Vec::new());
    for level in levels {
        lines.extend(level.matrix_row.as_ref().filter(|line| !lines.contains(line)));
        columns.extend(level.matrix_column.as_ref().filter(|column| !columns.contains(column)));
    }
    let title = levels.first().map_or("", |level| &level.scheme_title);
    let place = |index: usize| {
        let left = u16::try_from(index * 2 + 1).unwrap_or(u16::MAX - 1);
        (left, left + 1)
    };
    put(sheet, Area { rows: (row, row), columns: (0, 0) }, title, &heading)?;
    for (index, column) in columns.iter().enumerate() {
        put(sheet, Area { rows: (row, row), columns: place(index) }, column, &heading)?;
    }
    let tall = columns.iter().map(|column| SMALL.lines(column, grid.width)).max().unwrap_or(1);
    sheet.set_row_height(row, SMALL.height(tall))?;
    for line in lines {
        row += 1;
        put(sheet, Area { rows: (row, row), columns: (0, 0) }, line, &heading)?;
        for (index, column) in columns.iter().enumerate() {
            let is_it = |level: &&&TableCount| {
                level.matrix_row.as_ref() == Some(line) && level.matrix_column.as_ref() == Some(*column)
            };
            let text = levels.iter().find(is_it).map(|level| format!("{}　{}", level.level, level.programs));
            put(sheet, Area { rows: (row, row), columns: place(index) }, &text.unwrap_or_default(), &centred())?;
        }
        sheet.set_row_height(row, SMALL.height(SMALL.lines(line, LABEL)))?;
    }
    Ok(row + 1)
}
