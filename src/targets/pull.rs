//! The list of what is published, as a pull.

use super::types::Target;
use crate::db::Conn;
use crate::error::Error;
use crate::record_columns;
use crate::records::encode::Encoder;
use crate::records::filter::Scope;
use crate::records::pull::Pull;
use crate::records::queries::published::{self, Position, Row};
use crate::records::shown::{self, Shown};
use crate::records::types::Part;
use crate::web::stream::Column;

pub struct Targets;

impl Pull for Targets {
    type Found = Row;
    type Row = Target;
    type Key = Position;
    const NAME: &'static str = "targets";

    async fn page(conn: &Conn, scope: &Scope, no: i64, after: Option<Position>, limit: i64) -> Result<Vec<Row>, Error> {
        published::page(conn, Part::Targets, scope, no, after, limit).await
    }

    fn key(found: &Row) -> Position {
        found.position()
    }

    fn write(encoder: &mut Encoder, found: &Row, out: &mut Vec<u8>) -> Result<(), Error> {
        encoder.record(found, out)
    }

    fn row(found: Row) -> Result<Target, Error> {
        Ok(Target::shown(Shown::Published(found.try_into()?)))
    }

    async fn count(conn: &Conn, scope: &Scope, no: i64) -> Result<i64, Error> {
        published::count(conn, Part::Targets, scope, no).await
    }

    async fn columns(conn: &Conn, scope: &Scope) -> Result<Vec<Column<Target>>, Error> {
        let texts = published::text_fields(conn, scope).await?;
        let mut columns = record_columns!(Target);
        columns.push(Column::new("amendment", |row: &Target| row.amendment.into()));
        columns.extend(shown::text_columns(texts, |row: &Target| &row.texts));
        columns.extend([
            Column::new("reason", |row: &Target| row.reason.clone().into()),
            Column::new("amended_on", |row: &Target| row.amended_on.clone().into()),
            Column::new("note", |row: &Target| row.note.clone().into()),
        ]);
        Ok(columns)
    }
}
