//! The list of what is published, as a pull.

use super::types::{AnnualResult, AnnualResultList};
use crate::db::Conn;
use crate::error::Error;
use crate::record_columns;
use crate::records::compare::{self, Compared};
use crate::records::filter::Scope;
use crate::records::pull::Pull;
use crate::records::queries::published::{self, Position, Published};
use crate::records::shown::{self, Shown};
use crate::records::types::Part;
use crate::web::stream::Column;

pub struct Results;

impl Pull for Results {
    type Row = AnnualResult;
    type List = AnnualResultList;
    type Key = Position;
    const NAME: &'static str = "results";

    async fn page(
        conn: &Conn,
        scope: &Scope,
        no: i64,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<(Position, AnnualResult)>, Error> {
        let results = published::page(conn, Part::Results, scope, no, after, limit).await?;
        if !scope.targets {
            return Ok(results.into_iter().map(row).collect());
        }
        let compared: Vec<Compared<'_>> = results.iter().map(Compared::from).collect();
        let targets = compare::targets(conn, scope, no, &compared).await?;
        let answers = compare::answers(&compared, &targets);
        drop(compared);
        let beside = |(result, answer): (Published, compare::Answer<'_>)| {
            let (position, mut row) = row(result);
            row.targets = Some(answer.targets.into_iter().map(Into::into).collect());
            row.comparisons = Some(answer.pairs.into_iter().map(|(pair, _)| pair).collect());
            (position, row)
        };
        Ok(results.into_iter().zip(answers).map(beside).collect())
    }

    async fn count(conn: &Conn, scope: &Scope, no: i64) -> Result<i64, Error> {
        published::count(conn, Part::Results, scope, no).await
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

fn row(result: Published) -> (Position, AnnualResult) {
    (result.position(), AnnualResult::shown(Shown::Published(result)))
}
