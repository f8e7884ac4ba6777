//! From headings to fields: by the names of `records::flat` or their Japanese headings, in any order.

use super::place::Place;
use super::table::{Cell, Table};
use super::{COLUMNS, refused};
use crate::domain::code::Owner;
use crate::domain::input::half_width;
use crate::domain::key::LocalCode;
use crate::error::Error;
use crate::records::flat::{BREAKDOWN, EVALUATION, Judged, KEY, ORDINAL, RECORD, TEXT, VALUE};
use crate::records::value::Evaluator;
use std::sync::Arc;

/// In a template: a person's writing of the figure.
pub const FIGURE: &str = "figure";

/// What a column is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// One of `KEY`
    Key(&'static str),
    /// One of `RECORD`
    Record(&'static str),
    Text(String),
    Evaluation(Judged, Part),
    Ordinal,
    Figure,
    /// One of `VALUE`, without `values.`
    Value(&'static str),
    Breakdown(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Level,
    Reason,
    Against,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub field: Field,
    /// The name of `records::flat`
    pub name: Arc<str>,
    /// As the file heads it
    pub shown: Arc<str>,
}

const REQUIRED: [&str; 5] = ["resource", "plan", "municipality", "program", "period"];

/// Every heading that is the same in every file.
pub fn known() -> Vec<String> {
    let all = KEY.iter().chain(&RECORD).chain([&ORDINAL]).chain(&VALUE);
    all.flat_map(|(name, ja)| [(*name).to_owned(), (*ja).to_owned()]).collect()
}

impl Field {
    fn of(heading: &str, own: bool) -> Option<(Self, String)> {
        let same = |text: &str| folded(text) == folded(heading);
        let find = |all: &'static [(&'static str, &'static str)]| {
            all.iter().find(|(name, ja)| *name == heading || same(ja)).map(|(name, _)| *name)
        };
        if own && heading == FIGURE {
            return Some((Self::Figure, FIGURE.to_owned()));
        }
        if let Some(name) = find(&KEY) {
            return Some((Self::Key(name), name.to_owned()));
        }
        if let Some(name) = find(&RECORD) {
            return Some((Self::Record(name), name.to_owned()));
        }
        if let Some(name) = find(&VALUE) {
            return Some((Self::Value(name.strip_prefix("values.")?), name.to_owned()));
        }
        if heading == ORDINAL.0 || same(ORDINAL.1) {
            return Some((Self::Ordinal, ORDINAL.0.to_owned()));
        }
        let rest = |prefix: &str| heading.strip_prefix(prefix).filter(|rest| !rest.is_empty());
        let field = match (rest(TEXT), rest(BREAKDOWN), rest(EVALUATION)) {
            (Some(field), ..) => Self::Text(field.to_owned()),
            (_, Some(axis), _) => Self::Breakdown(axis.to_owned()),
            (.., Some(judged)) => {
                let (judged, part) = evaluation(judged)?;
                Self::Evaluation(judged, part)
            }
            _ => return None,
        };
        Some((field, heading.to_owned()))
    }
}

/// `132284/achievement/2020/self.level`
fn evaluation(text: &str) -> Option<(Judged, Part)> {
    let (judged, part) = text.rsplit_once('.')?;
    let part = match part {
        "level" => Part::Level,
        "reason" => Part::Reason,
        "against" => Part::Against,
        _ => return None,
    };
    let mut parts = judged.split('/');
    let (owner, scheme, year, evaluator) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let evaluator = [Evaluator::Own, Evaluator::Committee, Evaluator::External]
        .into_iter()
        .find(|one| one.as_str() == evaluator)?;
    let known = Owner::parse(owner).is_ok() && LocalCode::parse(scheme).is_some() && parts.next().is_none();
    let judged =
        Judged { owner: owner.to_owned(), scheme: scheme.to_owned(), fiscal_year: year.parse().ok()?, evaluator };
    known.then_some((judged, part))
}

/// However wide, and with blanks in it.
fn folded(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(half_width).collect()
}

impl Table {
    /// The headings of row `number`. In a template a column without a name is there for people only.
    pub fn new(sheet: Option<Arc<str>>, own: bool, number: u32, headings: &[(usize, Cell)]) -> Result<Self, Error> {
        let width = headings.iter().map(|(at, _)| at + 1).max().unwrap_or_default();
        let mut table = Self { sheet, own, columns: Vec::new() };
        if width > COLUMNS {
            let at = table.at(number, COLUMNS);
            let (ja, en) = (
                format!("{at}：列は{COLUMNS}までです。使わない列を消してください"),
                format!("{at}: at most {COLUMNS} columns; remove those that are not used"),
            );
            return Err(refused::too_large(ja, en));
        }
        let mut columns: Vec<Option<Column>> = vec![None; width];
        for (at, cell) in headings {
            let shown = cell.text();
            let heading = shown.trim();
            let place = Place { sheet: table.sheet.clone(), ..table.at(number, *at) };
            let Some((field, name)) = Field::of(heading, own) else {
                return Err(refused::unknown_column(&place, heading));
            };
            let twin = columns.iter().position(|column| column.as_ref().is_some_and(|column| column.field == field));
            if let Some(twin) = twin {
                return Err(refused::repeated_column(&table.at(number, twin), &place, &name));
            }
            if let Some(column) = columns.get_mut(*at) {
                *column = Some(Column { field, name: name.into(), shown: heading.into() });
            }
        }
        let has = |name: &str| columns.iter().flatten().any(|column| &*column.name == name);
        let missing: Vec<String> = KEY
            .iter()
            .filter(|(name, _)| REQUIRED.contains(name) && !has(name))
            .map(|(name, ja)| format!("{name}（{ja}）"))
            .collect();
        if !missing.is_empty() {
            return Err(refused::missing_columns(table.sheet.as_deref(), number, &missing));
        }
        table.columns = columns;
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_heading_means_one_thing() {
        let known = known();
        let folded: BTreeSet<String> = known.iter().map(|heading| folded(heading)).collect();
        assert_eq!(folded.len(), known.len());
        for heading in &known {
            let (_, name) = Field::of(heading, false).unwrap();
            assert_eq!(Field::of(&name, false), Field::of(heading, false));
        }
    }

    #[test]
    fn headings_are_names_or_japanese() {
        let field = |heading: &str| Field::of(heading, false).map(|(field, _)| field);
        assert_eq!(field("率(%)"), Some(Field::Value("rate")));
        assert_eq!(field("values.same_figure_as.ordinal"), Some(Field::Value("same_figure_as.ordinal")));
        assert_eq!(field("texts.課題"), Some(Field::Text("課題".into())));
        assert_eq!(field("values.breakdown.施設"), Some(Field::Breakdown("施設".into())));
        let judged =
            Judged { owner: "132284".into(), scheme: "a.b".into(), fiscal_year: 2020, evaluator: Evaluator::Own };
        assert_eq!(
            field("evaluations.132284/a.b/2020/self.level"),
            Some(Field::Evaluation(judged.clone(), Part::Level))
        );
        assert_eq!(field(&format!("{judged}.against")), Some(Field::Evaluation(judged, Part::Against)));
        for heading in [
            "texts.",
            "values.",
            "value",
            "evaluations.132284/a/2020/me.level",
            "evaluations.1/a/2020/self.level",
            "evaluations.132284/a/2020/self.text",
            "evaluations.132284/a/self.level",
            "figure",
            "Values.unit",
        ] {
            assert_eq!(field(heading), None, "{heading}");
        }
        assert_eq!(Field::of("figure", true).map(|(field, _)| field), Some(Field::Figure));
    }
}
