//! The characters of JIS X 0213:2004, which government systems of Japan exchange.

use std::sync::LazyLock;

/// Every character outside ASCII, a line for each 256 code points: see `data/README.md`.
const TABLE: &str = include_str!("../../../data/jis_x_0213.txt");

/// Second code points for cells of the standard that the table writes with the first: em dash beside the horizontal bar
/// (1-1-29), the back slash and yen sign of either width, overline; and the half-width katakana of JIS X 0201, which
/// every encoding of JIS X 0213 carries. The wave dash has one only: U+301C. Windows makes U+FF5E of it.
fn has_second_form(c: char) -> bool {
    matches!(c, '—' | '＼' | '¥' | '‾' | '｡'..='ﾟ')
}

/// The table's characters, sorted.
static KNOWN: LazyLock<Vec<char>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter_map(|line| line.split_once(' '));
    let mut known: Vec<char> = lines.flat_map(|(_, characters)| characters.chars()).collect();
    // Part of sequences only: か゚.
    known.push('\u{309A}');
    known.sort_unstable();
    known
});

pub fn is_known(c: char) -> bool {
    c.is_ascii() || has_second_form(c) || KNOWN.binary_search(&c).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 11,233 cells: these, 25 written as two code points, and two whose character is written in ASCII (\ and ~).
    #[test]
    fn the_table_is_the_whole_standard() {
        assert_eq!(KNOWN.len() - 1 + 25 + 2, 11_233);
        assert!(KNOWN.windows(2).all(|pair| pair[0] < pair[1]), "none twice");
        for line in TABLE.lines() {
            let (block, characters) = line.split_once(' ').unwrap();
            let block = u32::from_str_radix(block.strip_prefix("U+").unwrap(), 16).unwrap();
            assert!(characters.chars().all(|c| u32::from(c) & !0xFF == block), "{line}");
        }
    }

    #[test]
    fn what_is_in_and_what_is_not() {
        for c in "aZ ~\\\n\t亜〜－−—―‖￥＼ｱﾞ①㈱﨑濵德塚都𠮟𩸽Ⅻか゚é".chars() {
            assert!(is_known(c), "{c} U+{:04X}", u32::from(c));
        }
        for c in "～髙𠮷😀한∙\u{200B}\u{FEFF}\u{E0100}".chars() {
            assert!(!is_known(c), "{c} U+{:04X}", u32::from(c));
        }
    }
}
