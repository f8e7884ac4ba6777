use super::types::ValueRow;
use crate::db::Conn;
use crate::db::keyset::by_key;
use crate::db::schema::published_values as rows;
use crate::error::Error;
use crate::records::filter::Scope;
use crate::records::queries::published::{by_place, in_scope};
use crate::records::rows::PublishedValue;
use crate::records::shown::PeriodShown;
use crate::records::types::Part;
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

impl From<Row> for (Position, ValueRow) {
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
            target: None,
            amended_target: None,
        };
        (position, row)
    }
}

/// Those in scope at number `no`. Another of these for the count: a boxed query cannot be copied.
macro_rules! selected {
    ($scope:expr, $no:expr) => {{
        let scope: &Scope = $scope;
        let query = rows::table.filter(rows::from_no.le($no)).filter(rows::to_no.gt($no)).into_boxed();
        let mut query = in_scope!(query, rows, scope);
        if let Some((owner, indicator)) = &scope.indicator {
            query = query.filter(rows::indicator_owner.eq(owner)).filter(rows::indicator.eq(indicator));
        }
        if let Some(common) = &scope.common_indicator {
            query = query.filter(rows::common_indicator.eq(common));
        }
        if let Some(part) = scope.part {
            query = query.filter(rows::part.eq(part));
        }
        query
    }};
}

/// One page at number `no`: one range of the primary key.
pub async fn page(
    mut conn: &Conn,
    scope: &Scope,
    no: i64,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<(Position, ValueRow)>, Error> {
    let selected = selected!(scope, no);
    let query =
        by_place!(selected, rows, scope, after, [municipality, plan, program, period, part, amendment, ordinal]);
    let found: Vec<Row> = query.limit(limit).select(Row::as_select()).load(&mut conn).await?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// How many there are in scope at number `no`.
pub async fn count(mut conn: &Conn, scope: &Scope, no: i64) -> Result<i64, Error> {
    Ok(selected!(scope, no).count().get_result(&mut conn).await?)
}
