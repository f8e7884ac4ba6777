//! How high a row must be. A program that opens the file does not always work it out, and never for merged cells.

use crate::web::table::Cell;

/// Of a line of 11 points, and of the room above and below.
const LINE: u32 = 18;
const MARGIN: u32 = 4;
/// No row is higher than 409 points.
const MOST_LINES: u32 = 22;

/// How many lines a cell takes in a column so wide.
pub fn lines(cell: &Cell, width: f64) -> u32 {
    match cell {
        Cell::Text(text) => {
            let room = (width - 1.2).max(2.0);
            text.lines().map(|line| (units(line) / room).ceil().max(1.0) as u32).sum::<u32>().max(1)
        }
        _ => 1,
    }
}

/// In characters of half width.
fn units(line: &str) -> f64 {
    line.chars().map(|c| if c.is_ascii() || ('｡'..='ﾟ').contains(&c) { 1.1 } else { 2.1 }).sum()
}

pub fn height(lines: u32) -> u32 {
    lines.min(MOST_LINES) * LINE + MARGIN
}

/// How many rows hold so many lines: what one row cannot show goes on in the next.
pub fn rows(lines: u32) -> usize {
    usize::try_from(lines.div_ceil(MOST_LINES)).unwrap_or(1)
}

/// Lines of each row of a record: its figures need so many each, and its texts so many in all.
pub fn share(figures: &[u32], texts: u32) -> Vec<u32> {
    let count = u32::try_from(figures.len()).unwrap_or(u32::MAX).max(1);
    let more = texts.saturating_sub(figures.iter().sum()).div_ceil(count);
    figures.iter().map(|lines| lines + more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_high_as_its_text() {
        for (text, width, expected) in
            [("", 10.0, 1), ("450", 5.0, 1), ("子育て支援課", 9.0, 2), ("一行目\n二行目", 30.0, 2), ("a\n\nb", 30.0, 3)]
        {
            assert_eq!(lines(&Cell::Text(text.into()), width), expected, "{text}");
        }
        assert_eq!(share(&[1, 1, 1], 8), [3, 3, 3]);
        assert_eq!(share(&[1, 2], 2), [1, 2]);
        assert_eq!((height(100), rows(1), rows(22), rows(23)), (400, 1, 1, 2));
    }
}
