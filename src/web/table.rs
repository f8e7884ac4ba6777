//! Tables 表: the same answer as JSON, CSV or XLSX, as `Accept` asks. CSV keeps RFC 4180 and the rules of machine-readable
//! statistics (統計表の機械判読): one value a cell, a unit in a column of its own, nothing merged.

use crate::domain::number::Number;
use crate::error::{Code, Error};
use crate::web::answer;
use crate::web::params::Filter;
use crate::web::xlsx::sheet_name;
use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook};
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What a program writes before UTF-8 so that Excel does not take it for the system's old encoding.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// A form an answer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Json,
    Csv,
    Xlsx,
}

impl Media {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Json, Self::Json.name()), (Self::Csv, Self::Csv.name()), (Self::Xlsx, Self::Xlsx.name())];

    /// The ETag of this form of what has that of its JSON.
    pub fn etag(self, of_json: &str) -> String {
        let suffix = match self {
            Self::Json => return of_json.to_owned(),
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        };
        format!("{};{suffix}\"", of_json.trim_end_matches('"'))
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Xlsx => XLSX,
        }
    }
}

impl FromRequest for Media {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(accepted(request, &Self::ALL))
    }
}

/// The one of these forms, by their media types, that a request accepts most.
pub fn accepted<M: Copy>(request: &HttpRequest, all: &[(M, &'static str)]) -> Result<M, Error> {
    let lines = request.headers().get_all(ACCEPT).filter_map(|line| line.to_str().ok());
    wanted(&lines.collect::<Vec<_>>().join(","), all)
}

/// The form with the highest `q`; the first where nothing is said, and between equals.
fn wanted<M: Copy>(accept: &str, all: &[(M, &'static str)]) -> Result<M, Error> {
    let accept = if accept.trim().is_empty() { "*/*" } else { accept };
    // (how exactly it is named, q) of the range that fits a form best (RFC 9110 §12.5.1).
    let quality = |media: &str| {
        let ranges = accept.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next()?.to_ascii_lowercase();
            let q = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
            let family = name.strip_suffix("/*");
            let exactness = match family {
                _ if name == media => 2,
                Some(family) if media.split('/').next() == Some(family) => 1,
                Some("*") => 0,
                _ => return None,
            };
            Some((exactness, q))
        });
        ranges.max_by_key(|(exactness, _)| *exactness).map_or(0.0, |(_, q)| q)
    };
    let best = all.iter().rev().max_by(|(_, a), (_, b)| quality(a).total_cmp(&quality(b)));
    best.filter(|(_, media)| quality(media) > 0.0).map(|(form, _)| *form).ok_or_else(|| {
        let all = all.iter().map(|(_, media)| *media).collect::<Vec<_>>().join("、");
        Error::new(
            Code::RequestNotAcceptable,
            format!("Accept の形式では返せません。返せるのは {all} です"),
            format!("Nothing in Accept can be answered. There is {all}"),
        )
    })
}

/// Parameters of an answer that can be a file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableParams {
    /// CSVの先頭にBOMを付ける（Excelで開くとき） / a BOM before the CSV, for Excel
    #[param(example = true)]
    pub bom: Option<bool>,
}
impl Filter for TableParams {}

/// For the document: a file of this service's making.
pub struct TableFile;

impl PartialSchema for TableFile {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).max_length(Some(1 << 30)).build().into()
    }
}
impl ToSchema for TableFile {}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(rust_decimal::Decimal),
}

impl Cell {
    /// As it stands in a CSV.
    pub fn csv(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => guarded(text),
            Self::Number(number) => number.normalize().to_string(),
        }
    }
}

/// Lines end as RFC 4180 has it.
pub fn csv_writer(bom: bool) -> csv::Writer<Vec<u8>> {
    let start = if bom { BOM.to_vec() } else { Vec::new() };
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(start)
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Number> for Cell {
    fn from(number: Number) -> Self {
        Self::Number(number.decimal())
    }
}

impl From<bool> for Cell {
    fn from(yes: bool) -> Self {
        Self::Text(yes.to_string())
    }
}

impl From<i16> for Cell {
    fn from(number: i16) -> Self {
        Self::Number(number.into())
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

/// A heading, and how wide its column is on paper (in characters of half width).
#[derive(Clone, Debug)]
pub struct Column {
    pub label: String,
    pub width: f64,
}

impl Column {
    pub fn new(label: impl Into<String>, width: f64) -> Self {
        Self { label: label.into(), width }
    }
}

/// A CSV or XLSX of this name (ASCII, without its ending), to keep. `working`: as [`Table::answer`].
pub fn file(name: &str, media: Media, working: bool, bytes: Vec<u8>) -> HttpResponse {
    let (ending, kind) = match media {
        Media::Xlsx => ("xlsx", XLSX),
        _ => ("csv", "text/csv; charset=utf-8; header=present"),
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")))
        .insert_header((CACHE_CONTROL, if working { "no-store" } else { "no-cache" }))
        .body(bytes)
}

/// One heading line, then rows of as many cells.
pub struct Table {
    /// Of the file, ASCII, without its ending
    pub name: String,
    /// Of the sheet and over the printed page
    pub title: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The answer itself, or the table that it makes.
    pub fn or_json<T: Serialize>(
        media: Media,
        bom: Option<bool>,
        working: bool,
        body: &T,
        table: impl FnOnce(&T) -> Self,
    ) -> Result<HttpResponse, Error> {
        match media {
            Media::Json => Ok(answer::list(working, body)),
            _ => table(body).answer(media, bom.unwrap_or(false), working),
        }
    }

    /// As a file to keep. `working`: seen by some only, so kept by nobody on the way.
    pub fn answer(&self, media: Media, bom: bool, working: bool) -> Result<HttpResponse, Error> {
        let bytes = if media == Media::Xlsx { self.xlsx()? } else { self.csv(bom)? };
        Ok(file(&self.name, media, working, bytes))
    }

    pub fn csv(&self, bom: bool) -> Result<Vec<u8>, Error> {
        let mut writer = csv_writer(bom);
        writer.write_record(self.columns.iter().map(|column| guarded(&column.label))).map_err(Error::internal)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::csv)).map_err(Error::internal)?;
        }
        writer.into_inner().map_err(Error::internal)
    }

    pub fn xlsx(&self) -> Result<Vec<u8>, Error> {
        let mut book = Workbook::new();
        self.write_sheet(&mut book).map_err(Error::internal)?;
        book.save_to_buffer().map_err(Error::internal)
    }

    /// Of a row, in points, so that each of its texts is seen whole: not every program works that out when it opens a file.
    fn height<'a>(&self, texts: impl Iterator<Item = Option<&'a str>>) -> f64 {
        const LINE: f64 = 15.0;
        const MOST: f64 = 409.0;
        let tall = self.columns.iter().zip(texts).map(|(column, text)| lines(text.unwrap_or_default(), column.width));
        (tall.fold(1.0, f64::max) * LINE).min(MOST)
    }

    /// Prints on A4 landscape, as wide as the page, the headings on every page.
    fn write_sheet(&self, book: &mut Workbook) -> Result<(), rust_xlsxwriter::XlsxError> {
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&self.title))?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        sheet.set_header(format!("&L{}", self.title.replace('&', "&&"))).set_footer("&R&P / &N");
        let cell = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_border(FormatBorder::Hair);
        let heading = cell.clone().set_bold().set_background_color(0x00E8_EEF4).set_border(FormatBorder::Thin);
        for (at, column) in (0..).zip(&self.columns) {
            sheet.set_column_width(at, column.width)?;
            sheet.write_string_with_format(0, at, &column.label, &heading)?;
        }
        let labels = self.columns.iter().map(|column| column.label.as_str());
        sheet.set_row_height(0, self.height(labels.map(Some)))?;
        for (row, cells) in (1..).zip(&self.rows) {
            let texts = cells.iter().map(|cell| match cell {
                Cell::Text(text) => Some(text.as_str()),
                Cell::Empty | Cell::Number(_) => None,
            });
            sheet.set_row_height(row, self.height(texts))?;
            for (at, given) in (0..).zip(cells) {
                match given {
                    Cell::Empty => sheet.write_blank(row, at, &cell)?,
                    Cell::Text(text) => sheet.write_string_with_format(row, at, text, &cell)?,
                    Cell::Number(number) => {
                        sheet.write_number_with_format(row, at, number.to_f64().unwrap_or_default(), &cell)?
                    }
                };
            }
        }
        sheet.set_repeat_rows(0, 0)?;
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    }
}

/// Lines a text takes in a cell of this width: of its characters, those beyond ASCII are as wide as two.
fn lines(text: &str, width: f64) -> f64 {
    let wide = |line: &str| line.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.0 }).sum::<f64>();
    text.split('\n').map(|line| (wide(line) / (width - 1.0).max(1.0)).ceil().max(1.0)).sum()
}

/// A spreadsheet takes a text that begins like a formula for one: it gets an apostrophe before it, as does one that has an
/// apostrophe there already, so that [`unguarded`] gives back every text as it was.
pub fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) { format!("'{text}") } else { text.to_owned() }
}

/// What stood in the cell before [`guarded`].
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_that_is_wanted_most() {
        for (accept, expected) in [
            ("", Some(Media::Json)),
            ("*/*", Some(Media::Json)),
            ("text/csv", Some(Media::Csv)),
            ("text/*, application/json;q=0.5", Some(Media::Csv)),
            ("application/*", Some(Media::Json)),
            ("application/json;q=0, */*", Some(Media::Csv)),
            (XLSX, Some(Media::Xlsx)),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(Media::Json)),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(wanted(accept, &Media::ALL).ok(), expected, "{accept}");
        }
    }

    #[test]
    fn no_text_of_a_csv_is_a_formula_and_each_comes_back() {
        for text in ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "'", "'=1", "''", "a=1", "", "▲3", "it's"] {
            let cell = guarded(text);
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            assert_eq!(unguarded(&cell), text);
        }
        // Written by somebody else: an apostrophe of the text's own stays.
        assert_eq!(unguarded("'24年"), "'24年");
    }

    #[test]
    fn a_row_is_as_high_as_its_longest_text() {
        for (text, width, expected) in [
            ("", 10.0, 1.0),
            ("ab", 3.0, 1.0),
            ("abc", 3.0, 2.0),
            ("令和", 5.0, 1.0),
            ("令和6", 5.0, 2.0),
            ("a\nb\n", 9.0, 3.0),
        ] {
            assert_eq!(lines(text, width), expected, "{text}");
        }
        let columns = vec![Column::new("文", 5.0), Column::new("数", 5.0)];
        let table = Table { name: "a".into(), title: "表".into(), columns, rows: Vec::new() };
        assert_eq!(table.height([Some("a"), None].into_iter()), 15.0);
        assert_eq!(table.height([Some("a"), Some("令和六年")].into_iter()), 30.0);
        assert_eq!(table.height([Some("あ".repeat(9_000).as_str()), None].into_iter()), 409.0);
    }

    #[test]
    fn a_csv_by_rfc_4180() {
        let number = |text: &str| Cell::Number(text.parse().unwrap());
        let table = Table {
            name: "a".into(),
            title: "表".into(),
            columns: vec![Column::new("文", 10.0), Column::new("数", 10.0)],
            rows: vec![vec!["一行目\n二行目,\"引用\"".into(), number("-3.50")], vec!["=1".into(), Cell::Empty]],
        };
        let expected = "文,数\r\n\"一行目\n二行目,\"\"引用\"\"\",-3.5\r\n'=1,\r\n";
        assert_eq!(String::from_utf8(table.csv(false).unwrap()).unwrap(), expected);
        assert_eq!(table.csv(true).unwrap(), [BOM, expected.as_bytes()].concat());
        assert!(table.xlsx().unwrap().starts_with(b"PK"));
    }
}
