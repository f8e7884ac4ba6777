//! What a sender typed, made safe to read and to quote back.

/// So many characters of an unreadable input are quoted in an error text; the sender knows the rest.
const QUOTED: usize = 40;

/// The input as an error text quotes it: shortened, and without control characters (they would break log lines).
pub(super) fn quoted(given: &str) -> String {
    let visible = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    let mut text: String = given.chars().take(QUOTED).map(visible).collect();
    if given.chars().nth(QUOTED).is_some() {
        text.push('…');
    }
    text
}

/// Full-width digits, letters and signs (U+FF01–FF5E) and the full-width space as ASCII; everything else as it is.
pub fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_input_is_short_and_has_no_control_characters() {
        assert_eq!(quoted("令和\n6\0"), "令和\u{FFFD}6\u{FFFD}");
        assert_eq!(quoted(&"年".repeat(40)), "年".repeat(40));
        assert_eq!(quoted(&"年".repeat(41)), format!("{}…", "年".repeat(40)));
    }

    #[test]
    fn full_width_ascii_becomes_half_width() {
        let folded: String = "０９ＲＺａ－～（）　年度".chars().map(half_width).collect();
        assert_eq!(folded, "09RZa-~() 年度");
    }
}
