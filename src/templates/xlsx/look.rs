//! Fonts, colours, borders.

use super::columns::{Column, Kind};
pub use crate::web::xlsx::look::text;
use crate::web::xlsx::look::{self, HEADING, LINE};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

const GREY: u32 = 0x00F0_F0F0;
const INPUT: u32 = 0x00FF_FBE8;
/// Of this year's answer, which is what one looks for
const HEADING_INPUT: u32 = 0x00FF_E9A8;

pub fn heading(kind: &Kind) -> Format {
    let colour = if is_input(kind) { HEADING_INPUT } else { HEADING };
    look::heading(10.0).set_background_color(colour)
}

/// A cell of the table. `first`: of its record; `elsewhere`: its figure stands in the details.
pub fn cell(column: &Column, first: bool, elsewhere: bool) -> Format {
    let kind = &column.kind;
    let format = text(11.0).set_text_wrap().set_align(FormatAlign::Top).set_border_color(LINE);
    let format = format.set_border_left(FormatBorder::Thin).set_border_right(FormatBorder::Thin);
    let format = format.set_border_bottom(FormatBorder::Hair);
    let format = format.set_border_top(if first { FormatBorder::Thin } else { FormatBorder::Hair });
    // Beside the figure, which stands on the right.
    let format = if column.name == "values.unit" { format.set_align(FormatAlign::Center) } else { format };
    match kind {
        Kind::Marker | Kind::Key => text(8.0),
        _ if !is_input(kind) => format.set_background_color(GREY),
        _ if elsewhere => format.set_background_color(GREY).set_unlocked(),
        _ => format.set_background_color(INPUT).set_unlocked(),
    }
}

pub fn is_input(kind: &Kind) -> bool {
    matches!(kind, Kind::Input | Kind::Choice(_) | Kind::Detail(_))
}
