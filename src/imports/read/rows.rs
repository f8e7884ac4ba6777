//! The records of a file, one after the other.

use super::book::{Book, Pass};
use super::keys::{Key, Keyed, Keys};
use super::table::Row;
use super::text::Text;
use super::{Format, Found, Names, Place, ROWS, bodies, refused};
use crate::error::{Code, Error};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A record has at most 500 figures.
const ROWS_OF_A_RECORD: usize = 1_000;

/// A row of an import, as a file says it. With findings it is not to be written.
#[derive(Clone, Debug)]
pub struct ReadRow {
    /// Its first row in the file
    pub place: Place,
    /// None: not readable, there is a finding
    pub resource: Option<String>,
    /// `{"plan", "program", "municipality", "period", "amendment"}`, as far as readable; in canonical form
    pub key: Value,
    pub if_match: Option<String>,
    /// Of a PUT
    pub body: Value,
    /// As the file names the program, to be compared with its code
    pub program_number: Option<(String, Place)>,
    pub program_name: Option<(String, Place)>,
    /// Where the field of a pointer stands: `/key/program`, `/body/values/0/unit`
    pub cells: BTreeMap<String, Place>,
    pub findings: Vec<Found>,
    /// The rows as they stand in the file, to give them back
    pub source: Vec<SourceRow>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    pub place: Place,
    /// Name of the column in `records::flat`, and what a person sees in the cell
    pub cells: Vec<(Arc<str>, String)>,
}

/// A file that can be read to its end.
pub struct Rows<'a> {
    source: Source<'a>,
    names: &'a Names,
    /// Records that do not stand in one piece
    pieces: HashMap<Key, Pieces>,
    /// Rows in the file, below the headings
    pub count: usize,
    /// Records that are prepared and not filled in
    pub blank: usize,
}

enum Source<'a> {
    Csv(Text<'a>),
    Xlsx(Box<Book<'a>>),
}

/// Where rows of one record follow one another.
#[derive(Debug, Default)]
struct Pieces {
    filled: Vec<Place>,
    blank: usize,
    /// One that is blank was filled once
    etag: bool,
}

struct Group {
    keyed: Vec<Keyed>,
    rows: Vec<Row>,
}

/// Everything that is wrong with the file itself is told here.
pub fn open<'a>(bytes: &'a [u8], format: Format, names: &'a Names) -> Result<Rows<'a>, Error> {
    let mut source = match format {
        Format::Csv(charset) => Source::Csv(Text::open(bytes, charset)?),
        Format::Xlsx => Source::Xlsx(Box::new(Book::open(bytes)?)),
    };
    let mut pieces: HashMap<Key, Pieces> = HashMap::new();
    let count = source.groups::<Error>(Pass::Formulas, names, &mut |group| {
        if let (Some(first), Some(row)) = (group.keyed.first(), group.rows.first()) {
            let found = pieces.entry(first.key.clone()).or_default();
            if group.rows.iter().any(bodies::has_input) {
                found.filled.push(row.place());
            } else {
                found.blank += 1;
                found.etag |= group.keyed.iter().any(|keyed| keyed.if_match.is_some());
            }
        }
        Ok(())
    })?;
    let blank = pieces.values().filter(|found| found.filled.is_empty() && !found.etag).count();
    pieces.retain(|_, found| found.filled.len() + found.blank > 1);
    Ok(Rows { source, names, pieces, count, blank })
}

impl Rows<'_> {
    /// What a template says of itself: plan, municipality, round, form …
    pub fn about(&self) -> Option<&BTreeMap<String, String>> {
        match &self.source {
            Source::Xlsx(book) => book.about.as_ref(),
            Source::Csv(_) => None,
        }
    }

    /// Every record in which there is something, in the order of the file.
    pub fn each<E: From<Error>>(&mut self, mut take: impl FnMut(ReadRow) -> Result<(), E>) -> Result<(), E> {
        let pieces = &self.pieces;
        self.source.groups::<E>(Pass::Styles, self.names, &mut |group| match read(group, pieces) {
            Some(row) => take(row),
            None => Ok(()),
        })?;
        Ok(())
    }
}

impl Source<'_> {
    fn rows<E: From<Error>>(&mut self, pass: Pass, give: &mut dyn FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Csv(text) => text.rows(give),
            Self::Xlsx(book) => book.rows(pass, give),
        }
    }

    /// Rows with one key that follow one another; how many rows there were.
    fn groups<E: From<Error>>(
        &mut self,
        pass: Pass,
        names: &Names,
        give: &mut dyn FnMut(Group) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut keys = Keys::new(names);
        let mut group: Option<Group> = None;
        let mut count = 0;
        self.rows::<E>(pass, &mut |row| {
            count += 1;
            if count > ROWS {
                return Err(too_many(&row.place(), ROWS).into());
            }
            let keyed = keys.of(&row);
            match &mut group {
                Some(open) if open.keyed.first().is_some_and(|first| first.key == keyed.key) => {
                    if open.rows.len() == ROWS_OF_A_RECORD {
                        return Err(too_many(&row.place(), ROWS_OF_A_RECORD).into());
                    }
                    open.keyed.push(keyed);
                    open.rows.push(row);
                    Ok(())
                }
                _ => match group.replace(Group { keyed: vec![keyed], rows: vec![row] }) {
                    Some(done) => give(done),
                    None => Ok(()),
                },
            }
        })?;
        if let Some(last) = group {
            give(last)?;
        }
        Ok(count)
    }
}

fn too_many(place: &Place, most: usize) -> Error {
    let (ja, en) = if most == ROWS { ("一つのファイル", "a file") } else { ("一つの記録", "a record") };
    refused::too_large(
        format!("{place}：{ja}は{most}行までです。分けて送ってください"),
        format!("{place}: {en} has at most {most} rows; send it in parts"),
    )
}

/// None: there is nothing in it.
fn read(group: Group, pieces: &HashMap<Key, Pieces>) -> Option<ReadRow> {
    let Group { keyed, rows } = group;
    let place = rows.first()?.place();
    let filled = rows.iter().any(bodies::has_input);
    let pieces = keyed.first().and_then(|first| pieces.get(&first.key));
    let mut findings = Vec::new();
    let mut all = keyed.into_iter();
    let mut first = all.next()?;
    for other in all {
        if other.if_match.is_some() && other.if_match != first.if_match {
            if first.if_match.is_none() {
                first.if_match = other.if_match;
                first.cells.extend(other.cells.into_iter().filter(|(pointer, _)| pointer == "/if_match"));
            } else {
                let at = other.cells.iter().find(|(pointer, _)| pointer == "/if_match");
                let at = at.map_or_else(|| place.clone(), |(_, place)| place.clone());
                let ja = format!("{at} の ETag が、同じ記録の前の行と違います");
                let en = format!("{at} has another ETag than the row before it of the same record");
                findings.push(Found::new("/if_match", at, Code::RowDisagrees, ja, en));
            }
        }
        findings.extend(other.findings);
    }
    if !filled {
        let elsewhere = pieces.is_some_and(|pieces| !pieces.filled.is_empty());
        first.if_match.as_ref().filter(|_| !elsewhere)?;
        findings.push(emptied(place.clone()));
    }
    if let Some(pieces) = pieces.filter(|pieces| filled && pieces.filled.len() > 1) {
        findings.push(repeated(place.clone(), pieces));
    }
    let program = first.fields.get("program").and_then(Value::as_str);
    let body = if filled {
        bodies::of(&rows, program)
    } else {
        bodies::Body { body: json!({}), cells: Vec::new(), findings: Vec::new() }
    };
    first.findings.extend(findings);
    first.findings.extend(body.findings);
    first.cells.extend(body.cells);
    Some(ReadRow {
        place,
        resource: first.resource,
        key: first.fields.into(),
        if_match: first.if_match,
        body: body.body,
        program_number: first.program_number,
        program_name: first.program_name,
        cells: first.cells.into_iter().collect(),
        findings: first.findings,
        source: rows.iter().map(source).collect(),
    })
}

fn source(row: &Row) -> SourceRow {
    let cells = row.fields().map(|(_, column, cell)| (column.name.clone(), cell.text()));
    SourceRow { place: row.place(), cells: cells.collect() }
}

fn emptied(place: Place) -> Found {
    Found::new(
        "/body",
        place,
        Code::RowEmptied,
        "登録済みの記録がすべて空になっています。消すときは DELETE を、わざと空欄にするときは空欄の理由を使ってください。\
         変えないときは、様式を取り直すか、この記録の行を消してください",
        "A record that exists is blank here. To remove it use DELETE, to leave it blank on purpose give `missing_reason`; \
         to leave it as it is, remove its rows",
    )
}

fn repeated(place: Place, pieces: &Pieces) -> Found {
    const SHOWN: usize = 5;
    let others = pieces.filled.iter().filter(|other| **other != place).take(SHOWN);
    let others = others.map(ToString::to_string).collect::<Vec<_>>().join("、");
    Found::new(
        "/key",
        place,
        Code::RowRepeated,
        format!("同じ記録がほかの所（{others}）にもあります。一つの記録の行は続けて書いてください"),
        format!("The same record stands elsewhere too ({others}): the rows of a record follow one another"),
    )
}
