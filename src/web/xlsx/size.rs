//! How high a row must be. A program that opens the file does not always work it out, and never for merged cells.

/// Letters of one size.
#[derive(Clone, Copy, Debug)]
pub struct Letters {
    /// Points of a line
    line: u32,
    /// Characters of half width that fit where one of 11 points does, times a hundred
    per_hundred: f64,
}

/// Letters of 11 and of 9 points.
pub const BODY: Letters = Letters { line: 18, per_hundred: 100.0 };
pub const SMALL: Letters = Letters { line: 14, per_hundred: 118.0 };

/// Points above and below the lines of a row.
const MARGIN: u32 = 4;
/// No row is higher.
const HIGHEST: u32 = 409;

impl Letters {
    /// How many lines a text takes in a column so wide.
    pub fn lines(self, text: &str, width: f64) -> u32 {
        let room = ((width - 1.2) * self.per_hundred / 100.0).max(2.0);
        text.lines().map(|line| (units(line) / room).ceil().max(1.0) as u32).sum::<u32>().max(1)
    }

    const fn most_lines(self) -> u32 {
        (HIGHEST - MARGIN) / self.line
    }

    /// Of a row of so many lines.
    pub fn height(self, lines: u32) -> u32 {
        lines.min(self.most_lines()) * self.line + MARGIN
    }

    /// How many rows hold so many lines: what one row cannot show goes on in the next.
    pub fn rows(self, lines: u32) -> u32 {
        lines.div_ceil(self.most_lines())
    }

    /// How wide a column shows the text's longest line whole.
    pub fn width(self, text: &str) -> f64 {
        text.lines().map(units).fold(0.0, f64::max) * 100.0 / self.per_hundred + 1.5
    }
}

/// In characters of half width.
fn units(line: &str) -> f64 {
    line.chars().map(|c| if c.is_ascii() || ('｡'..='ﾟ').contains(&c) { 1.1 } else { 2.1 }).sum()
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
            assert_eq!(BODY.lines(text, width), expected, "{text}");
        }
        assert_eq!(share(&[1, 1, 1], 8), [3, 3, 3]);
        assert_eq!(share(&[1, 2], 2), [1, 2]);
        assert_eq!((BODY.height(100), BODY.rows(1), BODY.rows(22), BODY.rows(23)), (400, 1, 1, 2));
        assert!((BODY.lines("子育て支援課", 14.0), SMALL.lines("子育て支援課", 12.2)) == (1, 1));
    }
}
