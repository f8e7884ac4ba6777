//! Font and colours.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

const FONT: &str = "游ゴシック";
pub const HEADING: u32 = 0x00DC_E6F1;
pub const LINE: u32 = 0x0080_8080;

pub fn text(size: f64) -> Format {
    Format::new().set_font_name(FONT).set_font_size(size).set_align(FormatAlign::VerticalCenter)
}

/// A cell of a table, with thin lines around it.
pub fn boxed(size: f64) -> Format {
    text(size).set_text_wrap().set_border(FormatBorder::Thin).set_border_color(LINE)
}

pub fn heading(size: f64) -> Format {
    boxed(size).set_bold().set_align(FormatAlign::Center).set_background_color(HEADING)
}
