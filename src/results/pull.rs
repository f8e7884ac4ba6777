//! The list of what is published, as a pull.

use super::types::AnnualResult;
use crate::db::Conn;
use crate::error::Error;
use crate::record_columns;
use crate::records::compare::{self, Answer, Compared, Comparison, Seen};
use crate::records::encode::{self, Encoder};
use crate::records::filter::Scope;
use crate::records::pull::Pull;
use crate::records::queries::published::{self, Goal, Position, Row};
use crate::records::shown::{self, Shown};
use crate::records::types::Part;
use crate::web::stream::Column;
use std::rc::Rc;

pub struct Results;

/// A result, and what it is compared with where that is asked for.
pub struct Found {
    row: Row,
    beside: Option<(Vec<Rc<Goal>>, Vec<Comparison>)>,
}

impl Pull for Results {
    type Found = Found;
    type Row = AnnualResult;
    type Key = Position;
    const NAME: &'static str = "results";

    async fn page(
        conn: &Conn,
        scope: &Scope,
        no: i64,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<Found>, Error> {
        let rows = published::page(conn, Part::Results, scope, no, after, limit).await?;
        if !scope.targets {
            return Ok(rows.into_iter().map(|row| Found { row, beside: None }).collect());
        }
        let figures = rows.iter().map(|row| Seen::all(&row.values)).collect::<Result<Vec<_>, _>>()?;
        let compared: Vec<Compared<'_>> =
            rows.iter().zip(&figures).map(|(row, figures)| Compared::new(row, figures)).collect();
        let told = |answer: Answer<'_>| {
            let targets = answer.targets.into_iter().cloned().collect();
            Some((targets, answer.pairs.into_iter().map(|(pair, _)| pair).collect()))
        };
        let beside = compare::with_targets(conn, no, &compared, told).await?;
        drop(compared);
        drop(figures);
        Ok(rows.into_iter().zip(beside).map(|(row, beside)| Found { row, beside }).collect())
    }

    async fn count(conn: &Conn, scope: &Scope, no: i64) -> Result<i64, Error> {
        published::count(conn, Part::Results, scope, no).await
    }

    fn key(found: &Found) -> Position {
        found.row.position()
    }

    fn write(encoder: &mut Encoder, found: &Found, out: &mut Vec<u8>) -> Result<(), Error> {
        let beside = found.beside.as_ref();
        let compared = beside.map(|(targets, comparisons)| encode::Comparisons { targets, comparisons });
        encoder.result(&found.row, compared.as_ref(), out)
    }

    fn row(found: Found) -> Result<AnnualResult, Error> {
        Ok(AnnualResult::shown(Shown::Published(found.row.try_into()?)))
    }

    async fn columns(conn: &Conn, scope: &Scope) -> Result<Vec<Column<AnnualResult>>, Error> {
        let texts = published::text_fields(conn, scope).await?;
        let mut columns = record_columns!(AnnualResult);
        columns.extend(shown::text_columns(texts, |row: &AnnualResult| &row.texts));
        columns.extend([
            Column::new("cross_reference", |row: &AnnualResult| row.cross_reference.clone().into()),
            Column::new("repost_of", |row: &AnnualResult| row.repost_of.clone().into()),
            Column::new("missing_reason", |row: &AnnualResult| row.missing_reason.map(|reason| reason.as_str()).into()),
            Column::new("note", |row: &AnnualResult| row.note.clone().into()),
        ]);
        Ok(columns)
    }
}
