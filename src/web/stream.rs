//! Lists without a limit: in the forms that programs pull, made piece by piece while they are read.

use super::table::{Cell, accepted, csv_writer, guarded};
use crate::error::Error;
use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::{Stream, TryStreamExt};
use std::future::{Ready, ready};

/// The publication number that an answer without an envelope shows.
pub const PUBLICATION: HeaderName = HeaderName::from_static("hagukumi-publication");

/// A form a pull can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullMedia {
    /// A page
    Json,
    /// All of it, a line each
    Ndjson,
    /// All of it
    Csv,
}

impl PullMedia {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Json, "application/json"), (Self::Ndjson, "application/x-ndjson"), (Self::Csv, "text/csv")];

    /// The ETag of this form of what has that of its JSON.
    pub fn etag(self, of_json: &str) -> String {
        let suffix = match self {
            Self::Json => return of_json.to_owned(),
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        };
        format!("{};{suffix}\"", of_json.trim_end_matches('"'))
    }
}

impl FromRequest for PullMedia {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(accepted(request, &Self::ALL))
    }
}

/// A column of a list as CSV.
pub struct Column<R> {
    pub name: String,
    cell: Box<dyn Fn(&R) -> Cell>,
}

impl<R> Column<R> {
    pub fn new(name: impl Into<String>, cell: impl Fn(&R) -> Cell + 'static) -> Self {
        Self { name: name.into(), cell: Box::new(cell) }
    }
}

/// Rows as CSV: the first piece begins with the headings.
pub struct CsvLines<R> {
    columns: Vec<Column<R>>,
    bom: bool,
    begun: bool,
}

impl<R> CsvLines<R> {
    pub fn new(columns: Vec<Column<R>>, bom: bool) -> Self {
        Self { columns, bom, begun: false }
    }

    /// The next lines.
    pub fn encode(&mut self, rows: &[R]) -> Result<Bytes, Error> {
        let mut writer = csv_writer(self.bom && !self.begun);
        if !self.begun {
            let headings = self.columns.iter().map(|column| guarded(&column.name));
            writer.write_record(headings).map_err(Error::internal)?;
            self.begun = true;
        }
        for row in rows {
            let cells = self.columns.iter().map(|column| (column.cell)(row).csv());
            writer.write_record(cells).map_err(Error::internal)?;
        }
        Ok(writer.into_inner().map_err(Error::internal)?.into())
    }
}

/// The answer whose body comes piece by piece. `name`: of the file, ASCII, without its ending. What goes wrong while it is
/// under way ends the connection before the end of the body, so that nobody takes a part for the whole.
pub fn answer(
    media: PullMedia,
    name: &str,
    etag: &str,
    publication: i64,
    body: impl Stream<Item = Result<Bytes, Error>> + 'static,
) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((ETAG, etag)).insert_header((CACHE_CONTROL, "no-cache"));
    answer.insert_header((PUBLICATION, publication));
    if media == PullMedia::Csv {
        answer.insert_header((CONTENT_TYPE, "text/csv; charset=utf-8; header=present"));
        answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")));
    } else {
        answer.insert_header((CONTENT_TYPE, "application/x-ndjson"));
    }
    answer.streaming(body.inspect_err(|error| log::error!(error:% = error; "an answer under way was broken off")))
}
