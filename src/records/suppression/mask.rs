//! Texts without the numbers that are kept back.

use crate::domain::input::half_width;
use crate::domain::number::Number;
use crate::records::types::RecordBody;
use crate::records::value::RecordValue;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What stands in the place of a number.
pub const MASKED: &str = "＊";

/// One kept-back figure as it may stand in a text.
pub struct Mask {
    /// The snippet it was read from; none: a number that stands anywhere
    snippet: Option<String>,
    numbers: BTreeSet<Decimal>,
}

impl Mask {
    pub fn of(value: &RecordValue) -> Self {
        let numbers =
            [value.value, value.value_to, value.rate, value.numerator, value.denominator, value.running_total];
        let numbers = numbers.into_iter().flatten().map(Number::decimal).collect();
        Self { snippet: Some(value.source.clone()), numbers }
    }

    pub fn of_number(number: Number) -> Self {
        Self { snippet: None, numbers: [number.decimal()].into() }
    }

    fn stands_in(&self, text: &str) -> bool {
        self.snippet.as_ref().is_some_and(|snippet| !snippet.is_empty() && text.contains(snippet))
    }

    /// Marks the bytes of a text that would tell the figure.
    fn mark(&self, text: &str, marked: &mut [bool]) {
        let mut mark = |from: usize, to: usize| marked.iter_mut().take(to).skip(from).for_each(|byte| *byte = true);
        if let Some(snippet) = self.snippet.as_deref().filter(|snippet| !snippet.is_empty()) {
            // Every number in it, written in kanji too: a snippet is about its figure.
            for (from, found) in text.match_indices(snippet) {
                let numbers = found.char_indices().filter(|(_, c)| is_digit(*c) || KANJI.contains(*c));
                numbers.for_each(|(at, c)| mark(from + at, from + at + c.len_utf8()));
            }
        }
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(is_digit)) {
            let start = from + at;
            let number = text.get(start..).map_or("", |rest| rest.get(..length(rest)).unwrap_or(rest));
            let plain: String = number.chars().map(half_width).filter(|c| *c != ',').collect();
            from = start + number.len();
            if plain.parse::<Decimal>().is_ok_and(|number| self.numbers.contains(&number)) {
                mark(start, from);
            }
        }
    }
}

/// In the record of a figure (`home`) its numbers go wherever they stand; in another one where the snippet stands, a repost
/// for instance. Was there anything?
pub fn apply(body: &mut RecordBody, masks: &[(bool, &Mask)]) -> bool {
    let stands = |mask: &Mask| body.texts.values().any(|text| mask.stands_in(text));
    let masks: Vec<&Mask> = masks.iter().filter(|(home, mask)| *home || stands(mask)).map(|(_, mask)| *mask).collect();
    if masks.is_empty() {
        return false;
    }
    let bare = |text: &mut String| *text = without(text, &masks);
    body.texts.values_mut().for_each(bare);
    [&mut body.note, &mut body.cross_reference, &mut body.reason].into_iter().flatten().for_each(bare);
    body.evaluations.iter_mut().filter_map(|evaluation| evaluation.reason.as_mut()).for_each(bare);
    for value in &mut body.values {
        bare(&mut value.source);
        [&mut value.note, &mut value.method, &mut value.text].into_iter().flatten().for_each(bare);
    }
    true
}

fn without(text: &str, masks: &[&Mask]) -> String {
    let mut marked = vec![false; text.len()];
    masks.iter().for_each(|mask| mask.mark(text, &mut marked));
    let mut bare = String::with_capacity(text.len());
    let mut before = false;
    for (at, c) in text.char_indices() {
        let hidden = marked.get(at).copied().unwrap_or(false);
        match (hidden, before) {
            (false, _) => bare.push(c),
            (true, false) => bare.push_str(MASKED),
            (true, true) => {}
        }
        before = hidden;
    }
    bare
}

const KANJI: &str = "〇一二三四五六七八九十百千";

fn is_digit(c: char) -> bool {
    half_width(c).is_ascii_digit()
}

/// Bytes of the number that a text begins with: digits, and a comma or point between digits.
fn length(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let between = matches!(half_width(c), ',' | '.') && chars.peek().is_some_and(|(_, next)| is_digit(*next));
        if !is_digit(c) && !between {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}
