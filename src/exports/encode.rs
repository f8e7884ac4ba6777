//! Rows of a binary COPY as lines of CSV or NDJSON, into one buffer.

use super::columns::{Column, Kind, Names, Source};
use crate::clock::wire;
use crate::db::columns::Text;
use crate::db::export::Row;
use crate::domain::period::Period;
use crate::error::Error;
use crate::web::table::{BOM, guarded};
use actix_web::web::Bytes;
use chrono::{DateTime, TimeDelta};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::str;

/// As [`Texts`] name it.
const MAIN: &str = "text";
/// A piece of the answer.
const PIECE: usize = 128 << 10;

/// Code → what it means.
pub type Dictionary = HashMap<String, String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Csv { bom: bool },
    Ndjson,
}

/// What stands in a cell, and where it comes from.
struct Cell {
    /// With what stands before a value: a comma, or `,"name":`
    start: String,
    kind: Kind,
    /// Place among the fields of the row
    field: usize,
    told: Option<Names>,
}

pub struct Encoder {
    form: Form,
    cells: Vec<Cell>,
    names: HashMap<&'static str, Dictionary>,
    periods: HashMap<Vec<u8>, [Option<String>; 3]>,
    buffer: Vec<u8>,
}

impl Encoder {
    pub fn new(form: Form, columns: &[Column], prefectures: Dictionary, plans: Dictionary) -> Self {
        let fields: Vec<&str> =
            columns.iter().filter(|column| matches!(column.source, Source::Row(_))).map(|column| column.name).collect();
        let mut cells: Vec<Cell> = Vec::with_capacity(columns.len());
        for column in columns {
            let (of, told) = match column.source {
                Source::Row(_) => (column.name, None),
                Source::Told(names, of) => (of, Some(names)),
            };
            let between = if cells.is_empty() { "" } else { "," };
            let start = match form {
                Form::Csv { .. } => between.to_owned(),
                Form::Ndjson => format!("{}\"{}\":", if cells.is_empty() { "{" } else { "," }, column.name),
            };
            let field = fields.iter().position(|name| *name == of).unwrap_or(usize::MAX);
            cells.push(Cell { start, kind: column.kind, field, told });
        }
        let mut buffer = Vec::with_capacity(PIECE + (PIECE >> 3));
        if let Form::Csv { bom } = form {
            buffer.extend_from_slice(if bom { BOM } else { b"" });
            let headings: Vec<&str> = columns.iter().map(|column| column.name).collect();
            buffer.extend_from_slice(headings.join(",").as_bytes());
            buffer.extend_from_slice(b"\r\n");
        }
        let names = HashMap::from([("prefectures", prefectures), ("plans", plans)]);
        Self { form, cells, names, periods: HashMap::new(), buffer }
    }

    pub fn is_full(&self) -> bool {
        self.buffer.len() >= PIECE
    }

    pub fn take(&mut self) -> Bytes {
        std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE + (PIECE >> 3))).into()
    }

    pub fn row(&mut self, row: &Row) -> Result<(), Error> {
        let fields: Vec<Option<&[u8]>> = row.fields().collect();
        let Self { form, cells, names, periods, buffer } = self;
        for cell in cells {
            buffer.extend_from_slice(cell.start.as_bytes());
            let field = fields.get(cell.field).copied().ok_or_else(|| Error::internal("a row is too short"))?;
            match (field, cell.told) {
                (None, _) => none(buffer, *form),
                (Some(field), Some(Names::OtherTexts)) => other_texts(buffer, *form, field).ok_or_else(unreadable)?,
                (Some(field), None) => value(buffer, *form, cell.kind, field).ok_or_else(unreadable)?,
                (Some(field), Some(of)) => match told(of, field, names, periods) {
                    Some(text) => put_text(buffer, *form, text),
                    None => none(buffer, *form),
                },
            }
        }
        buffer.extend_from_slice(if matches!(form, Form::Csv { .. }) { b"\r\n" } else { b"}\n" });
        Ok(())
    }
}

fn unreadable() -> Error {
    Error::internal("a field of the copy is not what it should be")
}

fn none(out: &mut Vec<u8>, form: Form) {
    if form == Form::Ndjson {
        out.extend_from_slice(b"null");
    }
}

fn told<'a>(
    of: Names,
    code: &[u8],
    names: &'a HashMap<&'static str, Dictionary>,
    periods: &'a mut HashMap<Vec<u8>, [Option<String>; 3]>,
) -> Option<&'a str> {
    let place = match of {
        Names::OtherTexts => return None,
        Names::Prefectures => return names.get("prefectures")?.get(str::from_utf8(code).ok()?).map(String::as_str),
        Names::Plans => return names.get("plans")?.get(str::from_utf8(code).ok()?).map(String::as_str),
        Names::PeriodLabel => 0,
        Names::PeriodStart => 1,
        Names::PeriodEnd => 2,
    };
    if !periods.contains_key(code) {
        let period = str::from_utf8(code).ok().and_then(|code| Period::parse_canonical(code).ok());
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        let meaning = period.map(|period| [Some(period.label_ja()), day(period.start()), day(period.end())]);
        periods.insert(code.to_vec(), meaning.unwrap_or_default());
    }
    periods.get(code)?.get(place)?.as_deref()
}

/// None: the bytes are no such value.
fn value(out: &mut Vec<u8>, form: Form, kind: Kind, field: &[u8]) -> Option<()> {
    match kind {
        Kind::MainText => match serde_json::from_slice::<Texts<'_>>(field).ok()?.text {
            Some(Text(text)) => put_text(out, form, &text),
            None => none(out, form),
        },
        Kind::Text | Kind::Code => put_text(out, form, str::from_utf8(field).ok()?),
        Kind::Integer => write!(out, "{}", integer(field)?).ok()?,
        Kind::Number => numeric(out, field)?,
        Kind::Flag => out.extend_from_slice(if field == [1] { b"true" } else { b"false" }),
        Kind::Instant => {
            // Microseconds since 2000-01-01.
            let epoch = DateTime::from_timestamp(946_684_800, 0)?;
            put_text(out, form, &wire::text(epoch + TimeDelta::microseconds(integer(field)?)));
        }
        Kind::Object | Kind::List => {
            // jsonb: a version, then the text.
            let text = field.strip_prefix(&[1])?;
            match form {
                Form::Ndjson => out.extend_from_slice(text),
                Form::Csv { .. } => put_quoted(out, str::from_utf8(text).ok()?),
            }
        }
    }
    Some(())
}

/// Of a record, the one that most have; the others are not read.
#[derive(Deserialize)]
struct Texts<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

fn other_texts(out: &mut Vec<u8>, form: Form, field: &[u8]) -> Option<()> {
    let mut texts: BTreeMap<Text<'_>, &RawValue> = serde_json::from_slice(field).ok()?;
    texts.retain(|field, _| field.0 != MAIN);
    match form {
        _ if texts.is_empty() => none(out, form),
        Form::Ndjson => serde_json::to_writer(out, &texts).ok()?,
        Form::Csv { .. } => put_quoted(out, &serde_json::to_string(&texts).ok()?),
    }
    Some(())
}

fn put_text(out: &mut Vec<u8>, form: Form, text: &str) {
    match form {
        // Of a Vec it cannot fail.
        Form::Ndjson => drop(serde_json::to_writer(out, text)),
        Form::Csv { .. } if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) => put_quoted(out, &guarded(text)),
        Form::Csv { .. } => put_quoted(out, text),
    }
}

/// RFC 4180: quoted where it must be, quotes doubled.
fn put_quoted(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

fn integer(field: &[u8]) -> Option<i64> {
    match field.len() {
        2 => Some(i16::from_be_bytes(field.try_into().ok()?).into()),
        4 => Some(i32::from_be_bytes(field.try_into().ok()?).into()),
        8 => Some(i64::from_be_bytes(field.try_into().ok()?)),
        _ => None,
    }
}

/// Exact, without trailing zeros: groups of four decimal digits, the first of them before 10000^weight.
fn numeric(out: &mut Vec<u8>, field: &[u8]) -> Option<()> {
    let short = |at: usize| Some(i16::from_be_bytes(field.get(at..at + 2)?.try_into().ok()?));
    let (weight, sign) = (i32::from(short(2)?), short(4)?);
    let groups: Vec<i16> = (4..field.len() / 2).map(|at| short(at * 2)).collect::<Option<_>>()?;
    if usize::try_from(short(0)?) != Ok(groups.len()) || !matches!(sign, 0 | 0x4000) {
        return None;
    }
    let group = |place: i32| usize::try_from(weight - place).ok().and_then(|at| groups.get(at)).copied().unwrap_or(0);
    if sign != 0 && !groups.is_empty() {
        out.push(b'-');
    }
    let first = weight.max(0);
    write!(out, "{}", group(first)).ok()?;
    for place in (0..first).rev() {
        write!(out, "{:04}", group(place)).ok()?;
    }
    let last = weight - i32::try_from(groups.len()).ok()? + 1;
    if last < 0 {
        out.push(b'.');
        for place in (last..0).rev() {
            write!(out, "{:04}", group(place)).ok()?;
        }
        while out.last() == Some(&b'0') {
            out.pop();
        }
        if out.last() == Some(&b'.') {
            out.pop();
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(weight: i16, sign: i16, groups: &[i16]) -> String {
        let count = i16::try_from(groups.len()).unwrap();
        let field: Vec<u8> =
            [count, weight, sign, 6].iter().chain(groups).flat_map(|short| short.to_be_bytes()).collect();
        let mut out = Vec::new();
        numeric(&mut out, &field).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_to_the_last_digit() {
        assert_eq!(number(0, 0, &[]), "0");
        assert_eq!(number(0, 0, &[341]), "341");
        assert_eq!(number(1, 0, &[11, 9313]), "119313");
        assert_eq!(number(2, 0, &[9999, 9999, 9999]), "999999999999");
        assert_eq!(number(1, 0, &[1]), "10000");
        assert_eq!(number(0, 0x4000, &[95, 7000]), "-95.7");
        assert_eq!(number(-1, 0, &[5]), "0.0005");
        assert_eq!(number(-2, 0, &[100]), "0.000001");
        assert_eq!(number(0, 0, &[1, 0, 100]), "1.000001");
        let mut out = Vec::new();
        assert_eq!(numeric(&mut out, &[0, 0, 0, 0, 0xc0, 0, 0, 0]), None, "no number");
        assert_eq!(numeric(&mut out, &[0, 3, 0, 0, 0, 0, 0, 0]), None, "cut short");
    }

    #[test]
    fn one_text_has_a_column_and_the_others_share_one() {
        let cells = |stored: &str, form: Form| {
            let (mut main, mut others) = (Vec::new(), Vec::new());
            value(&mut main, form, Kind::MainText, stored.as_bytes()).unwrap();
            other_texts(&mut others, form, stored.as_bytes()).unwrap();
            [main, others].map(|cell| String::from_utf8(cell).unwrap())
        };
        let csv = Form::Csv { bom: false };
        assert_eq!(cells(r#"{}"#, csv), ["", ""]);
        assert_eq!(cells(r#"{}"#, Form::Ndjson), ["null", "null"]);
        assert_eq!(cells(r#"{"text":"\"甲\"\n乙"}"#, csv), ["\"\"\"甲\"\"\n乙\"", ""]);
        let stored = r#"{"plan":"甲\n","text":"=1","act":"乙"}"#;
        assert_eq!(cells(stored, csv), ["'=1", r#""{""act"":""乙"",""plan"":""甲\n""}""#]);
        assert_eq!(cells(stored, Form::Ndjson), [r#""=1""#, r#"{"act":"乙","plan":"甲\n"}"#]);
        assert_eq!(value(&mut Vec::new(), csv, Kind::MainText, b"[]"), None, "no texts");
    }

    #[test]
    fn texts_are_quoted_where_they_must_be() {
        for (text, csv) in [
            ("保育課", "保育課"),
            ("a,b", "\"a,b\""),
            ("一\n二", "\"一\n二\""),
            ("\"引用\"", "\"\"\"引用\"\"\""),
            ("=1", "'=1"),
            ("-", "'-"),
            ("'24", "''24"),
        ] {
            let mut out = Vec::new();
            put_text(&mut out, Form::Csv { bom: false }, text);
            assert_eq!(String::from_utf8(out).unwrap(), csv);
        }
    }
}
