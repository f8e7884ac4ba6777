//! The SQL of published rows, as they are read at a moment.

use super::Names;
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::keyset;
use crate::db::schema::{published_records, published_values};
use crate::error::Error;
use crate::records::types::{Part, RecordBody, RecordFilter, RecordKey};
use crate::records::value::{Evaluation, MissingReason, RecordValue};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = published_records)]
pub struct Row {
    pub part: Part,
    pub prefecture: String,
    pub fiscal_year: i16,
    pub municipality: String,
    pub plan: String,
    pub program: String,
    pub period: String,
    pub amendment: i16,
    pub from_no: i64,
    pub round: String,
    pub edition: i32,
    pub version: i64,
    pub published_at: DateTime<Utc>,
    pub municipality_name: String,
    pub program_name: Option<String>,
    pub program_number: Option<String>,
    pub texts: AsJson<BTreeMap<String, String>>,
    pub no_change_from_last_year: bool,
    pub cross_reference: Option<String>,
    pub repost_of: Option<String>,
    pub missing_reason: Option<MissingReason>,
    pub reason: Option<String>,
    pub amended_on: Option<String>,
    pub note: Option<String>,
    pub values: AsJson<Vec<RecordValue>>,
    pub evaluations: AsJson<Vec<Evaluation>>,
    pub redacted: bool,
}

/// A published record, whole.
pub struct Published {
    pub part: Part,
    pub prefecture: String,
    pub fiscal_year: i16,
    pub municipality: String,
    pub plan: String,
    pub program: String,
    pub period: String,
    pub amendment: i16,
    pub round: String,
    pub edition: i32,
    pub version: i64,
    pub published_at: DateTime<Utc>,
    pub redacted: bool,
    pub names: Names,
    pub body: RecordBody,
}

impl From<Row> for Published {
    fn from(row: Row) -> Self {
        Self {
            part: row.part,
            prefecture: row.prefecture,
            fiscal_year: row.fiscal_year,
            municipality: row.municipality,
            plan: row.plan,
            program: row.program,
            period: row.period,
            amendment: row.amendment,
            round: row.round,
            edition: row.edition,
            version: row.version,
            published_at: row.published_at,
            redacted: row.redacted,
            names: Names { municipality: row.municipality_name, program: row.program_name, number: row.program_number },
            body: RecordBody {
                texts: row.texts.0,
                no_change_from_last_year: row.no_change_from_last_year,
                cross_reference: row.cross_reference,
                repost_of: row.repost_of,
                missing_reason: row.missing_reason,
                reason: row.reason,
                amended_on: row.amended_on,
                note: row.note,
                values: row.values.0,
                evaluations: row.evaluations.0,
            },
        }
    }
}

/// ETag of a published record.
pub fn etag(edition: i32, version: i64) -> String {
    format!("\"p{edition}.{version}\"")
}

/// One record as it is public at number `no`; none given: now. One statement, one row.
pub async fn find(mut conn: &Conn, key: &RecordKey, no: Option<i64>) -> Result<Option<Published>, Error> {
    let mut query = published_records::table
        .filter(published_records::plan.eq(key.plan.as_str()))
        .filter(published_records::program.eq(key.program.as_str()))
        .filter(published_records::municipality.eq(key.municipality.as_str()))
        .filter(published_records::period.eq(key.period.code()))
        .filter(published_records::part.eq(key.part))
        .filter(published_records::amendment.eq(key.amendment))
        .select(Row::as_select())
        .into_boxed();
    query = match no {
        Some(no) => query.filter(published_records::from_no.le(no)).filter(published_records::to_no.gt(no)),
        // Not a parameter: the partial index serves a constant only.
        None => query.filter(diesel::dsl::sql::<Bool>("to_no = 9223372036854775807")),
    };
    let row: Option<Row> = query.first(&mut conn).await.optional()?;
    Ok(row.map(Published::from))
}

/// The records that these publications made public, each with its number.
pub async fn made_public_by(mut conn: &Conn, numbers: &[i64]) -> Result<Vec<(i64, Published)>, Error> {
    let by_them = published_records::table.filter(published_records::from_no.eq_any(numbers));
    let rows: Vec<Row> = by_them.select(Row::as_select()).load(&mut conn).await?;
    Ok(rows.into_iter().map(|row| (row.from_no, row.into())).collect())
}

/// The key a page of published rows ends with.
pub type Position = (String, i16, String, String, String, String, i16);

impl Published {
    pub fn position(&self) -> Position {
        (
            self.prefecture.clone(),
            self.fiscal_year,
            self.municipality.clone(),
            self.plan.clone(),
            self.program.clone(),
            self.period.clone(),
            self.amendment,
        )
    }
}

/// What the filters of both published tables have in common; `rows` names the table.
macro_rules! in_scope {
    ($query:expr, $rows:ident, $filter:expr) => {{
        let (mut query, filter) = ($query, $filter);
        if let Some(prefecture) = &filter.prefecture {
            query = query.filter($rows::prefecture.eq(prefecture));
        }
        if !filter.parsed.municipalities.is_empty() {
            query = query
                .filter($rows::municipality.eq_any(&filter.parsed.municipalities))
                .filter($rows::prefecture.eq_any(filter.parsed.prefectures()));
        }
        if let Some(plan) = &filter.plan {
            query = query.filter($rows::plan.eq(plan));
        }
        if let Some(program) = &filter.program {
            query = query.filter($rows::program.eq(program));
        }
        if let Some((years, codes)) = filter.parsed.years_and_codes() {
            query = query.filter($rows::fiscal_year.eq_any(years)).filter($rows::period.eq_any(codes));
        }
        query
    }};
}
pub(crate) use in_scope;

/// One page and one more at number `no`, by (prefecture, fiscal year, municipality, plan, program, period, amendment).
pub async fn page(
    mut conn: &Conn,
    part: Part,
    filter: &RecordFilter,
    no: i64,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Published>, Error> {
    use published_records as rows;
    let key = (
        rows::prefecture,
        rows::fiscal_year,
        rows::municipality,
        rows::plan,
        rows::program,
        rows::period,
        rows::amendment,
    );
    let mut query = rows::table
        .filter(rows::part.eq(part))
        .filter(rows::from_no.le(no))
        .filter(rows::to_no.gt(no))
        .order(key)
        .limit(limit + 1)
        .select(Row::as_select())
        .into_boxed();
    query = in_scope!(query, rows, filter);
    if let Some((owner, indicator)) = &filter.parsed.indicator {
        let with = published_values::table
            .filter(published_values::indicator_owner.eq(owner))
            .filter(published_values::indicator.eq(indicator))
            .filter(published_values::prefecture.eq(rows::prefecture))
            .filter(published_values::fiscal_year.eq(rows::fiscal_year))
            .filter(published_values::municipality.eq(rows::municipality))
            .filter(published_values::plan.eq(rows::plan))
            .filter(published_values::program.eq(rows::program))
            .filter(published_values::period.eq(rows::period))
            .filter(published_values::part.eq(rows::part))
            .filter(published_values::amendment.eq(rows::amendment))
            .filter(published_values::from_no.eq(rows::from_no));
        query = query.filter(diesel::dsl::exists(with));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(rows.into_iter().map(Published::from).collect())
}
