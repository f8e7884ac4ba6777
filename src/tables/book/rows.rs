//! A program a row, under the goals it stands for.

use super::{Head, POINTS, body, centred, rise};
use crate::tables::columns::Field;
use crate::tables::content::{PlanContent, PlanScheme};
use crate::tables::layout::{Layout, NOT_ANSWERED};
use crate::web::xlsx::size::SMALL;
use crate::web::xlsx::{Area, look, write as put};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// Columns that fit side by side on A4 and on A3, across.
const A4: (u8, f64) = (9, 150.0);
const A3: (u8, f64) = (8, 215.0);
/// A column of short words is no wider.
const SHORT: f64 = 17.0;
/// A text is read in a column no narrower.
const READABLE: f64 = 24.0;

pub fn write(
    sheet: &mut Worksheet,
    layout: &Layout,
    content: &PlanContent,
    title: &str,
    source: &str,
) -> Result<(), XlsxError> {
    let printed: Vec<Vec<String>> = layout.rows.iter().map(|row| layout.printed(row)).collect();
    let (paper, widths) = widths(layout, &printed);
    sheet.set_paper_size(paper);
    for (at, (width, _)) in (0..).zip(&widths) {
        sheet.set_column_width(at, *width)?;
    }
    let right = u16::try_from(widths.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let head = Head { title, source, right, width: widths.iter().map(|(width, _)| width).sum() };
    let mut row = head.write(sheet)?;
    for legend in legends(layout, content) {
        let height = SMALL.height(SMALL.lines(&legend, head.width));
        head.line(sheet, row, &legend, &look::text(POINTS).set_text_wrap(), f64::from(height))?;
        row += 1;
    }
    let mut lines = 1;
    for ((at, column), (width, _)) in (0..).zip(&layout.columns).zip(&widths) {
        lines = SMALL.lines(&column.label(), *width).max(lines);
        sheet.write_string_with_format(row, at, column.label(), &look::heading(POINTS))?;
    }
    sheet.set_row_height(row, SMALL.height(lines.max(2)))?;
    sheet.set_repeat_rows(row, row)?.set_freeze_panes(row + 1, 0)?;
    let mut next = row + 1;
    let mut above: &[String] = &[];
    for (of, cells) in layout.rows.iter().zip(&printed) {
        next = headings(sheet, next, above, &of.headings, &head)?;
        above = &of.headings;
        next = cells_of(sheet, next, cells, &widths)?;
    }
    sheet.set_print_area(0, 0, next.saturating_sub(1), right)?;
    Ok(())
}

fn cells_of(sheet: &mut Worksheet, top: u32, cells: &[String], widths: &[(f64, bool)]) -> Result<u32, XlsxError> {
    let lines = cells.iter().zip(widths).map(|(cell, (width, _))| SMALL.lines(cell, *width)).max().unwrap_or(1);
    let bottom = rise(sheet, top, lines)?;
    for ((at, cell), (_, is_short)) in (0..).zip(cells).zip(widths) {
        let look = if *is_short { centred() } else { body() };
        let look = if cell == NOT_ANSWERED { look.set_font_color(0x0080_8080) } else { look };
        put(sheet, Area { rows: (top, bottom), columns: (at, at) }, cell, &look)?;
    }
    Ok(bottom + 1)
}

/// The goals that begin here, the outer ones darker. Inside a goal that goes on it is not said again.
fn headings(
    sheet: &mut Worksheet,
    mut row: u32,
    above: &[String],
    these: &[String],
    head: &Head<'_>,
) -> Result<u32, XlsxError> {
    const SHADES: [u32; 3] = [0x00C9_D7E8, 0x00E3_EBF4, 0x00F2_F5F9];
    let same = above.iter().zip(these).take_while(|(before, now)| before == now).count();
    for (depth, text) in these.iter().enumerate().skip(same) {
        let shade = SHADES.get(depth).copied().unwrap_or(0x00F2_F5F9);
        let indent = u8::try_from(depth).unwrap_or_default();
        let look: Format = look::boxed(10.0).set_bold().set_background_color(shade).set_indent(indent);
        let height = SMALL.height(SMALL.lines(text, head.width * 0.88)) + 4;
        head.line(sheet, row, text, &look, f64::from(height))?;
        row += 1;
    }
    Ok(row)
}

/// The paper, and of each column how wide it is and whether it holds short words only.
fn widths(layout: &Layout, rows: &[Vec<String>]) -> (u8, Vec<(f64, bool)>) {
    let measured: Vec<(f64, f64)> = layout
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cells = || rows.iter().filter_map(|row| row.get(at));
            let widest = cells().map(|cell| SMALL.width(cell)).fold(4.0, f64::max);
            let volume: f64 = cells().map(|cell| SMALL.width(&cell.replace('\n', ""))).sum();
            // A heading may break in three.
            let heading = SMALL.width(&column.label().replace('\n', "")) / 3.0 + 1.5;
            let short = widest <= SHORT && !matches!(column.field, Field::Text(_));
            (if short { widest.max(heading.min(SHORT)) } else { 0.0 }, volume.max(1.0).sqrt())
        })
        .collect();
    let fixed: f64 = measured.iter().map(|(width, _)| width).sum();
    let long: Vec<f64> = measured.iter().filter(|(width, _)| *width == 0.0).map(|(_, share)| *share).collect();
    let (paper, total) = if long.len() > 3 || measured.len() > 6 { A3 } else { A4 };
    let room = (total - fixed).max(READABLE * long.len() as f64);
    // What is left when each has what it can be read in goes by how much there is to read.
    let spare = room - READABLE * long.len() as f64;
    let shares: f64 = long.iter().sum();
    let width = |(width, share): &(f64, f64)| match *width {
        0.0 => (READABLE + spare * share / shares, false),
        width => (width, true),
    };
    (paper, measured.iter().map(width).collect())
}

/// 評価　A 定常的実施／B 一部着手／…: of the scales in the table what is known of their levels.
fn legends(layout: &Layout, content: &PlanContent) -> Vec<String> {
    let mut scales: Vec<&PlanScheme> = Vec::new();
    for count in &layout.counts {
        let known =
            content.schemes.iter().find(|scheme| scheme.scheme == count.scheme && scheme.title == count.scheme_title);
        scales.extend(known.filter(|known| !scales.iter().any(|scale| scale.scheme == known.scheme)));
    }
    let level = |(code, label): (&String, Option<String>)| match label {
        Some(label) => format!("{code} {}", label.replace('\n', " ")),
        None => format!("{code}（定義なし）"),
    };
    let line = |scale: &&PlanScheme| {
        let levels = scale.levels.iter().map(|known| {
            let matrix = known.matrix_row.as_ref().zip(known.matrix_column.as_ref());
            level((&known.code, known.label.clone().or_else(|| matrix.map(|(row, column)| format!("{row}・{column}")))))
        });
        format!("【{}】　{}", scale.title.replace('\n', " "), levels.collect::<Vec<_>>().join("　"))
    };
    scales.iter().map(line).collect()
}
