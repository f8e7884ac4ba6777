//! The columns of a sheet: those that people see, those they may open, and the keys that bring a row back.

use super::lists::{self, List};
use super::short;
use crate::plans::types::TextField;
use crate::records::flat::{BREAKDOWN, EVALUATION, KEY, ORDINAL, RECORD, TEXT, VALUE};
use crate::records::types::Part;
use crate::templates::figure::FIGURE;
use crate::templates::form::{Entry, Form, Sheet};
use crate::templates::rows;
use crate::templates::rules::Program;
use std::collections::BTreeSet;

pub struct Column {
    /// In the row of machine names; empty: nobody reads it back
    pub name: String,
    pub heading: String,
    pub width: f64,
    pub kind: Kind,
}

pub enum Kind {
    /// Column A: the marker, and nothing below it
    Marker,
    /// Beside the cells to be filled in, only to be read
    Shown(Shown),
    /// Part of the form: filled in and locked
    Fixed,
    Input,
    Choice(List),
    /// In the collapsed group
    Detail(Option<List>),
    /// Hidden
    Key,
}

pub enum Shown {
    /// Whether the goal is the original one
    Amendment,
    Node,
    Departments,
    Goal,
    LastText(String),
    LastFigure,
}

impl Column {
    fn new(name: &str, heading: impl Into<String>, width: f64, kind: Kind) -> Self {
        Self { name: name.to_owned(), heading: heading.into(), width, kind }
    }

    pub fn is_hidden(&self) -> bool {
        matches!(self.kind, Kind::Marker | Kind::Detail(_) | Kind::Key)
    }

    /// One cell over all the rows of a record, to be seen.
    pub fn is_of_record(&self) -> bool {
        let of_figure = self.name == FIGURE || self.name.starts_with("values.");
        !self.is_hidden() && !of_figure && !matches!(self.kind, Kind::Shown(Shown::LastFigure))
    }
}

/// So wide a sheet prints in letters of 8 points.
const WIDTH: f64 = 145.0;
/// No text is easier to read in a wider column.
const WIDEST: f64 = 64.0;

/// Texts take the room that the others leave.
fn widen(columns: &mut [Column]) {
    let share = |column: &Column| match column.kind {
        Kind::Input if column.name.starts_with(TEXT) => 2.0,
        Kind::Shown(Shown::LastText(_) | Shown::Goal) => 1.0,
        _ => 0.0,
    };
    let taken: f64 = columns.iter().filter(|column| !column.is_hidden()).map(|column| column.width).sum();
    let shares: f64 = columns.iter().map(share).sum();
    for column in columns.iter_mut().filter(|column| share(column) > 0.0) {
        let more = (WIDTH - taken).max(0.0) * share(column) / shares;
        column.width = (column.width + more).min(WIDEST);
    }
}

/// From left to right.
pub fn of(form: &Form, sheet: &Sheet) -> Vec<Column> {
    let mut all = vec![Column::new("", "", 2.0, Kind::Marker)];
    all.extend(program(sheet));
    all.extend(texts(form, sheet));
    all.extend(figures(form, sheet));
    if sheet.part == Part::Results {
        all.extend(judgements(form));
        all.push(Column::new("missing_reason", "空欄の理由", 8.5, Kind::Choice(List::Missing)));
    }
    all.push(Column::new("note", "備考", 10.0, Kind::Input));
    widen(&mut all);
    let rest = rest(form, sheet, &all);
    all.extend(rest);
    all
}

fn program(sheet: &Sheet) -> Vec<Column> {
    let any = |has: fn(&Program) -> bool| sheet.entries.iter().any(|entry| has(&entry.program));
    // A number alone does not tell programs apart that are numbered anew in each category.
    let mut names = BTreeSet::new();
    let repeated = originals(sheet).any(|entry| !names.insert((&entry.program.number, &entry.program.name)));
    let mut all = Vec::new();
    if repeated && any(|program| program.node.is_some()) {
        all.push(Column::new("", "分類", 15.0, Kind::Shown(Shown::Node)));
    }
    if any(|program| program.number.is_some()) {
        all.push(Column::new("program_number", "番号", 4.5, Kind::Fixed));
    }
    if any(|program| program.name.is_some()) {
        all.push(Column::new("program_name", "事業名", 13.5, Kind::Fixed));
    }
    if any(|program| !program.departments.is_empty()) {
        all.push(Column::new("", "担当課", 8.5, Kind::Shown(Shown::Departments)));
    }
    if sheet.part == Part::Targets {
        if sheet.entries.iter().any(|entry| entry.amendment > 0) {
            all.push(Column::new("", "当初・\n変更", 6.0, Kind::Shown(Shown::Amendment)));
            all.push(Column::new("reason", "変更理由", 14.0, Kind::Input));
        }
    } else if sheet.entries.iter().any(|entry| entry.goal.is_some()) {
        all.push(Column::new("", "目標", 16.0, Kind::Shown(Shown::Goal)));
    }
    all
}

fn originals(sheet: &Sheet) -> impl Iterator<Item = &Entry> {
    sheet.entries.iter().filter(|entry| entry.amendment == 0)
}

/// Each text of last year beside the one of this year.
fn texts(form: &Form, sheet: &Sheet) -> Vec<Column> {
    let label = |field: &TextField| match (form.text_fields.len(), sheet.part) {
        (1, Part::Targets) => "目標・計画".to_owned(),
        (1, Part::Results) => "実績・取組状況".to_owned(),
        _ => field.label.clone(),
    };
    let width = if form.text_fields.len() > 1 { 20.0 } else { 28.0 };
    let has_last = sheet.entries.iter().any(|entry| !entry.last_year.is_empty());
    let columns = form.text_fields.iter().flat_map(|field| {
        let last = Kind::Shown(Shown::LastText(field.code.clone()));
        let last = has_last.then(|| Column::new("", format!("前年度\n{}", label(field)), width * 0.7, last));
        last.into_iter().chain([Column::new(&format!("{TEXT}{}", field.code), label(field), width, Kind::Input)])
    });
    columns.collect()
}

fn figures(_: &Form, sheet: &Sheet) -> Vec<Column> {
    let mut all = vec![
        Column::new("values.label", "数値の名称", 12.0, Kind::Input),
        Column::new(FIGURE, if sheet.part == Part::Targets { "目標の数値" } else { "実績の数値" }, 9.0, Kind::Input),
        Column::new("values.unit", "単位", 5.5, Kind::Input),
    ];
    if sheet.entries.iter().any(|entry| !entry.last_year.is_empty()) {
        all.insert(1, Column::new("", "前年度\nの数値", 8.5, Kind::Shown(Shown::LastFigure)));
    }
    all
}

fn judgements(form: &Form) -> Vec<Column> {
    let columns = form.scales.iter().enumerate().flat_map(|(index, (judged, scale))| {
        let title = scale.as_ref().map_or_else(|| judged.scheme.clone(), |scale| scale.title.clone());
        // A title can be a sentence.
        let title = format!("{}{}", short(&title, 24), lists::evaluator(judged.evaluator));
        [
            Column::new(&format!("{judged}.level"), title, 10.0, Kind::Choice(List::Levels(index))),
            Column::new(&format!("{judged}.reason"), "その理由", 11.0, Kind::Input),
        ]
    });
    columns.collect()
}

/// Whatever else a record can say, so that nothing is lost; then the keys.
fn rest(form: &Form, sheet: &Sheet, shown: &[Column]) -> Vec<Column> {
    let of_part = |name: &&String| match sheet.part {
        Part::Targets => {
            !name.starts_with(EVALUATION)
                && !["cross_reference", "repost_of", "missing_reason"].contains(&name.as_str())
        }
        Part::Results => !["amendment", "reason", "amended_on"].contains(&name.as_str()),
    };
    let names = rows::columns(form);
    let left = names.iter().filter(of_part).filter(|name| !shown.iter().any(|column| column.name == **name));
    let is_key = |name: &str| name == ORDINAL.0 || KEY.iter().any(|(key, _)| *key == name);
    let (keys, details): (Vec<&String>, Vec<&String>) = left.partition(|name| is_key(name));
    let detail = |name: &&String| Column::new(name, heading(form, name), 11.0, Kind::Detail(lists::of_column(name)));
    let key = |name: &&String| Column::new(name, heading(form, name), 9.0, Kind::Key);
    details.iter().map(detail).chain(keys.iter().map(key)).collect()
}

fn heading(form: &Form, name: &str) -> String {
    let known = KEY.iter().chain(&RECORD).chain([&ORDINAL]).chain(&VALUE).find(|(known, _)| *known == name);
    if let Some((_, label)) = known {
        return (*label).to_owned();
    }
    if let Some(axis) = name.strip_prefix(BREAKDOWN) {
        return format!("内訳：{axis}");
    }
    let judged = form.scales.iter().find(|(judged, _)| name == format!("{judged}.against"));
    let title = judged.map(|(judged, scale)| scale.as_ref().map_or(judged.scheme.as_str(), |scale| &scale.title));
    title.map_or_else(|| name.to_owned(), |title| format!("{title} の対象期間"))
}
