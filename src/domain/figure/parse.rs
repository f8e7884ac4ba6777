//! Reading a cell from left to right; whatever is left over refuses it.

use super::{Amount, Basis, Bound, Figure, Missing, Per, Quantity, Unread};
use crate::domain::input::{half_width, quoted};
use crate::domain::number::{Number, NumberError};
use crate::domain::unit::{UNITS, canonical, same};

/// A dash alone says that there is nothing.
const DASHES: [char; 8] = ['-', '‐', '‑', '–', '—', '―', '−', 'ー'];
const MINUS: [char; 4] = ['-', '−', '▲', '△'];
const APPROXIMATELY: [&str; 4] = ["約", "およそ", "おおむね", "概ね"];
const OR_SO: [&str; 2] = ["程度", "前後"];
const EXPECTED: [&str; 3] = ["見込み", "見込", "予定"];
const UP_TO: [&str; 3] = ["~", "〜", "から"];

/// What a cell says; `unit` is that of its column. A unit in the cell that means another is refused.
pub fn read(cell: &str, unit: Option<&str>) -> Result<Figure, Unread> {
    if !cell.chars().any(char::is_numeric) {
        return Ok(missing(cell).map_or_else(|| Figure::Text(cell.to_owned()), Figure::Missing));
    }
    let mut scan = Scan::new(cell)?;
    let mut main = scan.amount(unit)?;
    let mut paired = None;
    if scan.take(&["("]) {
        if scan.take(&EXPECTED) {
            main.estimate = true;
        } else {
            let second = scan.amount(None)?;
            // Two numbers without a unit between them could be anything.
            if second.unit.is_none() {
                return Err(scan.unread());
            }
            paired = Some(second);
        }
        if !scan.take(&[")"]) {
            return Err(scan.unread());
        }
    }
    if scan.rest().is_empty() { Ok(Figure::Amount { main, paired }) } else { Err(scan.unread()) }
}

fn missing(cell: &str) -> Option<Missing> {
    let text: String = cell.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    if (1..=3).contains(&text.chars().count()) && text.chars().all(|c| DASHES.contains(&c)) {
        return Some(Missing::NotApplicable);
    }
    if !text.is_empty() && text.chars().all(|c| matches!(c, '…' | '‥')) {
        return Some(Missing::NotMeasured);
    }
    let text = if text == "x" { "X" } else { text.as_str() };
    Missing::ALL.iter().copied().find(|reason| reason.spellings().contains(&text))
}

struct Scan<'a> {
    cell: &'a str,
    /// Without blanks: in half width, to read, and as written, to keep.
    text: String,
    written: String,
    at: usize,
}

impl<'a> Scan<'a> {
    fn new(cell: &'a str) -> Result<Self, Unread> {
        let mut scan = Self { cell, text: String::new(), written: String::new(), at: 0 };
        let mut blank = false;
        for c in cell.chars() {
            let folded = half_width(c);
            if folded.is_whitespace() {
                blank = true;
                continue;
            }
            // `20 24` is not 2024.
            if blank && folded.is_ascii_digit() && scan.text.ends_with(|last: char| last.is_ascii_digit()) {
                return Err(Unread::Digits { given: quoted(cell), digits: quoted(cell.trim()) });
            }
            blank = false;
            scan.text.push(folded);
            scan.written.push(c);
        }
        Ok(scan)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// One of the words, if the rest begins with it.
    fn take(&mut self, words: &[&str]) -> bool {
        let found = words.iter().find(|word| self.rest().starts_with(**word));
        self.at += found.map_or(0, |word| word.len());
        found.is_some()
    }

    fn take_one<T: Copy>(&mut self, all: &[T], spellings: impl Fn(T) -> &'static [&'static str]) -> Option<T> {
        all.iter().copied().find(|one| self.take(spellings(*one)))
    }

    fn unread(&self) -> Unread {
        let part = if self.rest().is_empty() { self.cell } else { self.rest() };
        Unread::Words { given: quoted(self.cell), part: quoted(part) }
    }

    fn amount(&mut self, column: Option<&str>) -> Result<Amount, Unread> {
        let (mut approximate, mut estimate) = (false, false);
        let (mut basis, mut per, mut bound) = (None, None, None);
        loop {
            if !approximate && self.take(&APPROXIMATELY) {
                approximate = true;
            } else if let (None, Some(found)) = (basis, self.take_one(Basis::ALL, Basis::spellings)) {
                basis = Some(found);
            } else if let (None, Some(found)) = (per, self.take_one(Per::ALL, Per::spellings)) {
                per = Some(found);
            } else {
                break;
            }
        }
        let from = self.number()?;
        let mut unit = self.unit(column);
        let mut to = None;
        if self.take(&UP_TO) {
            to = Some(self.number()?);
            let second = self.unit(column);
            if let (Some(first), Some(second)) = (&unit, &second)
                && !same(first, second)
            {
                return Err(Unread::Unit { given: quoted(self.cell), unit: first.clone(), column: second.clone() });
            }
            unit = second.or(unit);
            self.take(&["まで"]);
        }
        loop {
            if let (None, Some(found)) = (bound, self.take_one(Bound::ALL, Bound::spellings)) {
                bound = Some(found);
            } else if !approximate && self.take(&OR_SO) {
                approximate = true;
            } else if !estimate && self.take(&EXPECTED) {
                estimate = true;
            } else {
                break;
            }
        }
        let unit = self.agreed(unit, column, &mut per)?;
        let percent = unit.as_deref().and_then(canonical) == Some("%");
        let quantity = match to {
            Some(to) if to > from => Quantity::Range(from, to),
            Some(_) => return Err(self.unread()),
            None if percent => Quantity::Rate(from),
            None => Quantity::Value(from),
        };
        Ok(Amount { quantity, unit, bound, approximate, estimate, basis, per })
    }

    fn number(&mut self) -> Result<Number, Unread> {
        let negative = MINUS.iter().find(|sign| self.rest().starts_with(**sign)).copied();
        self.at += negative.map_or(0, char::len_utf8);
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.')).unwrap_or(rest.len());
        let digits = rest.get(..length).unwrap_or_default().to_owned();
        if digits.is_empty() {
            return Err(self.unread());
        }
        let plain = ungrouped(&digits).map(|plain| if negative.is_some() { format!("-{plain}") } else { plain });
        let number = plain.map_or(Err(NumberError::NotANumber), |plain| Number::parse(&plain));
        self.at += length;
        number.map_err(|why| match why {
            NumberError::NotANumber => Unread::Digits { given: quoted(self.cell), digits: quoted(&digits) },
            why => Unread::Number { given: quoted(self.cell), why },
        })
    }

    /// The longest unit the rest begins with, as written.
    fn unit(&mut self, column: Option<&str>) -> Option<String> {
        let known = UNITS.iter().flat_map(|unit| unit.spellings.iter().copied().chain([unit.name]));
        let length = known.chain(column).filter_map(|unit| {
            let folded: String = unit.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
            (!folded.is_empty() && self.rest().starts_with(&folded)).then(|| folded.chars().count())
        });
        let length = length.max()?;
        // Both texts have the same characters, in another width.
        let before = self.text.get(..self.at)?.chars().count();
        let unit: String = self.written.chars().skip(before).take(length).collect();
        self.at += self.rest().chars().take(length).map(char::len_utf8).sum::<usize>();
        Some(unit)
    }

    /// The column's unit, if the cell's means the same; `月4回` agrees with 回/月.
    fn agreed(
        &self,
        unit: Option<String>,
        column: Option<&str>,
        per: &mut Option<Per>,
    ) -> Result<Option<String>, Unread> {
        let (unit, column) = match (unit, column) {
            (unit, None) => return Ok(unit),
            (None, Some(column)) => return Ok(Some(column.to_owned())),
            (Some(unit), Some(column)) => (unit, column),
        };
        let a_time = per.map(|per| format!("{unit}/{}", per.usual()));
        if a_time.is_some_and(|unit| same(&unit, column)) {
            *per = None;
        } else if !same(&unit, column) {
            return Err(Unread::Unit { given: quoted(self.cell), unit, column: quoted(column) });
        }
        Ok(Some(column.to_owned()))
    }
}

/// Without the commas of thousands; None if they stand elsewhere.
fn ungrouped(digits: &str) -> Option<String> {
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = whole.contains(',');
    if (grouped && first.len() > 3) || !groups.all(|group| group.len() == 3) {
        return None;
    }
    let whole = whole.replace(',', "");
    Some(fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}")))
}
