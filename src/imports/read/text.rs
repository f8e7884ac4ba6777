//! CSV by RFC 4180, in UTF-8 or CP932: from bytes to rows.

use super::refused::{malformed, undecodable};
use super::table::{Cell, Row, Table};
use super::{BYTES, CELL, COLUMNS, refused};
use crate::error::Error;
use crate::web::table::unguarded;
use encoding_rs::{DecoderResult, SHIFT_JIS};
use std::borrow::Cow;
use std::sync::Arc;

/// How the characters of a CSV are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// With or without a byte order mark
    Utf8,
    /// Shift_JIS as Windows writes it, with ① and 髙
    Cp932,
}

impl Charset {
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "cp932" | "windows-31j" | "shift_jis" | "shift-jis" | "sjis" | "ms932" => Some(Self::Cp932),
            _ => None,
        }
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

pub struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    pub fn open(bytes: &'a [u8], charset: Charset) -> Result<Self, Error> {
        if bytes.len() > BYTES {
            let most = BYTES >> 20;
            return Err(refused::too_large(
                format!("ファイルは{most} MiBまでです。分けて送ってください"),
                format!("At most {most} MiB: send it in parts"),
            ));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return Err(malformed(
                "CSVではなく Excel ブック（.xlsx）です。Content-Type を XLSX のものにして送ってください",
                "This is a workbook (.xlsx), not a CSV: send it with the media type of XLSX",
            ));
        }
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            let how = ["「CSV UTF-8」で保存し直してください", "Save it as CSV UTF-8"];
            return Err(undecodable(1, charset.name(), ["UTF-16 ", "UTF-16"], how));
        }
        let text = decoded(bytes, charset)?;
        if let Some(at) = text.bytes().position(|byte| byte == 0) {
            let line = line_of(text.as_bytes(), at);
            return Err(malformed(
                format!("{line}行目に使えない文字（NUL）があります。CSVとして保存し直してください"),
                format!("There is a NUL character in line {line}: save the file as CSV again"),
            ));
        }
        checked(&text)?;
        Ok(Self(text))
    }

    /// The rows below the heading, each with something in it.
    pub fn rows<E: From<Error>>(&self, take: &mut dyn FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(self.0.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut heading: Option<(Arc<Table>, usize)> = None;
        let mut lines = Lines { left: self.0.as_bytes(), passed: 0, line: 1 };
        while reader.read_record(&mut record).map_err(unexpected)? {
            let number = lines.at(record.position().map_or(0, csv::Position::byte));
            let Some((table, width)) = &heading else {
                let cells: Vec<(usize, Cell)> = cells(&record).collect();
                tabs(&cells)?;
                heading = Some((Arc::new(Table::new(None, false, number, &cells)?), record.len()));
                continue;
            };
            if record.len() != *width {
                return Err(ragged(number, record.len(), *width).into());
            }
            let cells: Vec<(usize, Cell)> = cells(&record).collect();
            for (at, cell) in &cells {
                if table.columns.get(*at).is_none_or(Option::is_none) {
                    return Err(refused::no_heading(&table.at(number, *at)).into());
                }
                if matches!(cell, Cell::Text(text) if text.chars().count() > CELL) {
                    return Err(refused::long_cell(&table.at(number, *at), CELL).into());
                }
            }
            if !cells.is_empty() {
                take(Row { table: table.clone(), number, cells })?;
            }
        }
        match heading {
            Some(_) => Ok(()),
            None => Err(malformed("ファイルが空です", "The file is empty").into()),
        }
    }
}

/// The line of a record: the reader's own is that of the end of the one before.
struct Lines<'a> {
    left: &'a [u8],
    passed: u64,
    line: u32,
}

impl Lines<'_> {
    fn at(&mut self, byte: u64) -> u32 {
        while let [first, rest @ ..] = self.left
            && (self.passed < byte || matches!(first, b'\r' | b'\n'))
        {
            self.line += u32::from(*first == b'\n' || (*first == b'\r' && !rest.starts_with(b"\n")));
            self.left = rest;
            self.passed += 1;
        }
        self.line
    }
}

impl Charset {
    const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Cp932 => "CP932",
        }
    }
}

fn cells(record: &csv::StringRecord) -> impl Iterator<Item = (usize, Cell)> {
    let filled = record.iter().map(unguarded).enumerate().filter(|(_, text)| !text.trim().is_empty());
    filled.map(|(at, text)| (at, Cell::Text(text.to_owned())))
}

fn decoded(bytes: &[u8], charset: Charset) -> Result<Cow<'_, str>, Error> {
    let body = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let utf8 = std::str::from_utf8(body);
    match (charset, utf8) {
        (Charset::Utf8, Ok(text)) => Ok(Cow::Borrowed(text)),
        (Charset::Utf8, Err(wrong)) => {
            let line = line_of(body, wrong.valid_up_to());
            Err(if cp932(body).is_ok() {
                let how = ["Content-Type に charset=cp932 を付けて送ってください", "Send it with charset=cp932"];
                undecodable(line, "UTF-8", ["CP932（Shift_JIS）", "CP932 (Shift_JIS)"], how)
            } else {
                broken(line, "UTF-8")
            })
        }
        // What reads as Japanese in UTF-8 is UTF-8: as CP932 it would be other characters without a word.
        (Charset::Cp932, Ok(text)) if body.len() < bytes.len() || !text.is_ascii() => {
            let how = ["Content-Type を charset=utf-8 にして送ってください", "Send it with charset=utf-8"];
            let line = text.find(|c: char| !c.is_ascii()).map_or(1, |at| line_of(body, at));
            Err(undecodable(line, "CP932", ["UTF-8 ", "UTF-8"], how))
        }
        (Charset::Cp932, Ok(text)) => Ok(Cow::Borrowed(text)),
        (Charset::Cp932, Err(_)) => match cp932(body) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(at) => Err(broken(line_of(body, at), "CP932")),
        },
    }
}

fn broken(line: usize, charset: &str) -> Error {
    let how = ["Excel の「CSV UTF-8」で保存し直してください", "Save it as CSV UTF-8"];
    undecodable(line, charset, ["ほかの文字コードか、壊れたファイル", "in another encoding, or damaged"], how)
}

/// The text, or the place of the first byte that is none.
fn cp932(bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = SHIFT_JIS.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        (_, read) => Err(read.saturating_sub(1)),
    }
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// RFC 4180: a quote stands at both ends of a field, or twice in it.
fn checked(text: &str) -> Result<(), Error> {
    let wrong = |line: usize, ja: &str, en: &str| {
        malformed(
            format!("{line}行目：{ja}。CSV（RFC 4180）として保存し直してください"),
            format!("Line {line}: {en}. Save it as CSV by RFC 4180"),
        )
    };
    let mut bytes = text.bytes().peekable();
    let (mut line, mut opened) = (1, None);
    let mut start = true;
    while let Some(byte) = bytes.next() {
        match (byte, opened) {
            (b'"', Some(_)) if bytes.peek() == Some(&b'"') => {
                bytes.next();
            }
            (b'"', Some(_)) => {
                opened = None;
                if !matches!(bytes.peek(), None | Some(b',' | b'\r' | b'\n')) {
                    return Err(wrong(
                        line,
                        "閉じた引用符「\"」の後に文字があります",
                        "there is text behind a closing quote",
                    ));
                }
            }
            (b'"', None) if start => opened = Some(line),
            (b'"', None) => {
                let (ja, en) =
                    ("引用符で囲まないセルの中に「\"」があります", "there is a quote in a field without quotes");
                return Err(wrong(line, ja, en));
            }
            _ => {}
        }
        line += usize::from(byte == b'\n');
        start = opened.is_none() && matches!(byte, b',' | b'\r' | b'\n');
    }
    match opened {
        Some(line) => Err(wrong(line, "引用符「\"」が閉じていません", "a quote is never closed")),
        None => Ok(()),
    }
}

fn ragged(line: u32, has: usize, width: usize) -> Error {
    malformed(
        format!("{line}行目は{has}列で、見出しの{width}列と違います。セルの中の「,」は引用符「\"」で囲んでください"),
        format!("Line {line} has {has} fields, the heading {width}. Put fields that hold a comma in quotes"),
    )
}

fn tabs(headings: &[(usize, Cell)]) -> Result<(), Error> {
    match headings {
        [(_, Cell::Text(only))] if only.contains(['\t', ';']) => Err(malformed(
            "列が「,」で区切られていません。CSV（カンマ区切り）で保存し直してください",
            "The columns are not separated by commas: save it as CSV",
        )),
        _ if headings.len() > COLUMNS => Err(refused::too_large(
            format!("列は{COLUMNS}までです。使わない列を消してください"),
            format!("At most {COLUMNS} columns; remove those that are not used"),
        )),
        _ => Ok(()),
    }
}

/// The text is known to be UTF-8 and by RFC 4180, and it is in memory.
fn unexpected(cause: csv::Error) -> Error {
    Error::internal(cause)
}
