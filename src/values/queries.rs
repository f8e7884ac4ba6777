use super::types::ValueRow;
use crate::db::Conn;
use crate::db::keyset;
use crate::db::schema::published_values as rows;
use crate::error::Error;
use crate::records::queries::published::in_scope;
use crate::records::rows::PublishedValue;
use crate::records::shown::PeriodShown;
use crate::records::types::{Part, RecordFilter};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

#[derive(Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::published_values)]
struct Row {
    prefecture: String,
    fiscal_year: i16,
    municipality: String,
    plan: String,
    program: String,
    period: String,
    part: Part,
    amendment: i16,
    edition: i32,
    municipality_name: String,
    program_name: Option<String>,
    program_number: Option<String>,
    common_indicator: Option<String>,
    repost: bool,
    #[diesel(embed)]
    value: PublishedValue,
}

/// The key a page ends with: that of the table without the number.
pub type Position = (String, i16, String, String, String, String, Part, i16, i16);

/// A row of the answer with its place in the order.
pub struct Placed {
    pub position: Position,
    pub row: ValueRow,
}

impl From<Row> for Placed {
    fn from(row: Row) -> Self {
        let ordinal = row.value.ordinal;
        let period = PeriodShown::new(&row.period);
        let position = (
            row.prefecture.clone(),
            row.fiscal_year,
            row.municipality.clone(),
            row.plan.clone(),
            row.program.clone(),
            row.period.clone(),
            row.part,
            row.amendment,
            ordinal,
        );
        let row = ValueRow {
            prefecture: row.prefecture,
            municipality: row.municipality,
            municipality_name: row.municipality_name,
            plan: row.plan,
            program: row.program,
            program_number: row.program_number,
            program_name: row.program_name,
            period: row.period,
            period_label_ja: period.label_ja,
            period_label_en: period.label_en,
            part: row.part,
            amendment: row.amendment,
            ordinal,
            edition: row.edition,
            common_indicator: row.common_indicator,
            repost: row.repost,
            value: row.value.into(),
        };
        Self { position, row }
    }
}

/// One page and one more at number `no`: one range of the primary key.
pub async fn page(
    mut conn: &Conn,
    filter: &RecordFilter,
    no: i64,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Placed>, Error> {
    let key = (
        rows::prefecture,
        rows::fiscal_year,
        rows::municipality,
        rows::plan,
        rows::program,
        rows::period,
        rows::part,
        rows::amendment,
        rows::ordinal,
    );
    let mut query = rows::table
        .filter(rows::from_no.le(no))
        .filter(rows::to_no.gt(no))
        .order(key)
        .limit(limit + 1)
        .select(Row::as_select())
        .into_boxed();
    query = in_scope!(query, rows, filter);
    if let Some((owner, indicator)) = &filter.parsed.indicator {
        query = query.filter(rows::indicator_owner.eq(owner)).filter(rows::indicator.eq(indicator));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let found: Vec<Row> = query.load(&mut conn).await?;
    Ok(found.into_iter().map(Placed::from).collect())
}
