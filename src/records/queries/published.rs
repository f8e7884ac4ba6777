//! The SQL of published rows, as they are read at a moment.

use super::Names;
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::keyset::by_key;
use crate::db::schema::{plans, published_records, published_values};
use crate::error::Error;
use crate::plans::types::TextField;
use crate::records::filter::Scope;
use crate::records::types::{Part, RecordBody, RecordKey};
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
    pub statutory_program: Option<String>,
    pub departments: Vec<Option<String>>,
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
    ($query:expr, $rows:ident, $scope:expr) => {{
        let (mut query, scope) = ($query, $scope);
        let prefectures = scope.prefectures();
        if !prefectures.is_empty() {
            query = query.filter($rows::prefecture.eq_any(prefectures));
        }
        if !scope.municipalities.is_empty() {
            query = query.filter($rows::municipality.eq_any(&scope.municipalities));
        }
        if let Some(plan) = &scope.plan {
            query = query.filter($rows::plan.eq(plan));
        }
        if let Some(program) = &scope.program {
            query = query.filter($rows::program.eq(program));
        }
        if let Some(statutory_program) = &scope.statutory_program {
            query = query.filter($rows::statutory_program.eq(statutory_program));
        }
        if let Some((owner, department)) = &scope.department {
            // The codes of an owner's plans begin with its own.
            query = query.filter($rows::plan.between(format!("{owner}-"), format!("{owner}-~")));
            query = query.filter($rows::departments.contains(vec![department]));
        }
        if let Some((years, codes)) = scope.years_and_codes() {
            query = query.filter($rows::fiscal_year.eq_any(years)).filter($rows::period.eq_any(codes));
        }
        query
    }};
}
pub(crate) use in_scope;

/// The figures of a row of `published_records`.
macro_rules! with_value {
    ($rows:ident) => {
        published_values::table
            .filter(published_values::prefecture.eq($rows::prefecture))
            .filter(published_values::fiscal_year.eq($rows::fiscal_year))
            .filter(published_values::municipality.eq($rows::municipality))
            .filter(published_values::plan.eq($rows::plan))
            .filter(published_values::program.eq($rows::program))
            .filter(published_values::period.eq($rows::period))
            .filter(published_values::part.eq($rows::part))
            .filter(published_values::amendment.eq($rows::amendment))
            .filter(published_values::from_no.eq($rows::from_no))
    };
}

/// Of one part at number `no`, those in scope. Another of these for the count: a boxed query cannot be copied.
macro_rules! selected {
    ($part:expr, $scope:expr, $no:expr) => {{
        use diesel::PgJsonbExpressionMethods;
        use published_records as rows;
        let scope: &Scope = $scope;
        let query = rows::table
            .filter(rows::part.eq($part))
            .filter(rows::from_no.le($no))
            .filter(rows::to_no.gt($no))
            .into_boxed();
        let mut query = in_scope!(query, rows, scope);
        if let Some((owner, indicator)) = &scope.indicator {
            let with = with_value!(rows);
            let with = with.filter(published_values::indicator_owner.eq(owner));
            query = query.filter(diesel::dsl::exists(with.filter(published_values::indicator.eq(indicator))));
        }
        if let Some(common) = &scope.common_indicator {
            let with = with_value!(rows);
            query = query.filter(diesel::dsl::exists(with.filter(published_values::common_indicator.eq(common))));
        }
        if let Some((owner, scheme, level)) = &scope.level {
            let named = serde_json::json!([{ "owner": owner, "scheme": scheme, "level": level }]);
            query = query.filter(rows::evaluations.contains(named));
        }
        query
    }};
}

/// One page at number `no`, by (prefecture, fiscal year, municipality, plan, program, period, amendment).
pub async fn page(
    mut conn: &Conn,
    part: Part,
    scope: &Scope,
    no: i64,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Published>, Error> {
    use published_records as rows;
    let query = by_key!(
        selected!(part, scope, no),
        (
            rows::prefecture,
            rows::fiscal_year,
            rows::municipality,
            rows::plan,
            rows::program,
            rows::period,
            rows::amendment
        ),
        after,
        scope.descending
    );
    let rows: Vec<Row> = query.limit(limit).select(Row::as_select()).load(&mut conn).await?;
    Ok(rows.into_iter().map(Published::from).collect())
}

/// How many there are in scope at number `no`.
pub async fn count(mut conn: &Conn, part: Part, scope: &Scope, no: i64) -> Result<i64, Error> {
    Ok(selected!(part, scope, no).count().get_result(&mut conn).await?)
}

/// The targets of the same periods as these results, which are rows of a page: one range that runs beside them.
pub async fn targets_beside(
    mut conn: &Conn,
    scope: &Scope,
    no: i64,
    results: &Beside<'_>,
) -> Result<Vec<Published>, Error> {
    use published_records as rows;
    let query = rows::table
        .filter(rows::part.eq(Part::Targets))
        .filter(rows::from_no.le(no))
        .filter(rows::to_no.gt(no))
        .filter(rows::prefecture.eq_any(&results.prefectures))
        .filter(rows::fiscal_year.eq_any(&results.fiscal_years))
        .filter(rows::municipality.eq_any(&results.municipalities))
        .filter(rows::plan.eq_any(&results.plans))
        .filter(rows::program.eq_any(&results.programs))
        .filter(rows::period.eq_any(&results.periods))
        .select(Row::as_select())
        .into_boxed();
    let rows: Vec<Row> = in_scope!(query, rows, scope).load(&mut conn).await?;
    Ok(rows.into_iter().map(Published::from).collect())
}

/// Every target of these programs and reporters, whatever its period.
pub async fn targets_of(mut conn: &Conn, no: i64, results: &Beside<'_>) -> Result<Vec<Published>, Error> {
    use published_records as rows;
    let rows: Vec<Row> = rows::table
        .filter(rows::part.eq(Part::Targets))
        .filter(rows::from_no.le(no))
        .filter(rows::to_no.gt(no))
        .filter(rows::municipality.eq_any(&results.municipalities))
        .filter(rows::plan.eq_any(&results.plans))
        .filter(rows::program.eq_any(&results.programs))
        .select(Row::as_select())
        .load(&mut conn)
        .await?;
    Ok(rows.into_iter().map(Published::from).collect())
}

/// What the keys of some results have, each once.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    pub prefectures: Vec<&'a str>,
    pub fiscal_years: Vec<i16>,
    pub municipalities: Vec<&'a str>,
    pub plans: Vec<&'a str>,
    pub programs: Vec<&'a str>,
    pub periods: Vec<&'a str>,
}

/// The texts that the plans in scope have, in the order in which they are printed.
pub async fn text_fields(mut conn: &Conn, scope: &Scope) -> Result<Vec<String>, Error> {
    let mut query = plans::table.order(plans::code).select(plans::text_fields).into_boxed();
    if let Some(plan) = &scope.plan {
        query = query.filter(plans::code.eq(plan));
    }
    let of_plans: Vec<AsJson<Vec<TextField>>> = query.load(&mut conn).await?;
    let mut all = Vec::new();
    for field in of_plans.into_iter().flat_map(|fields| fields.0) {
        if !all.contains(&field.code) {
            all.push(field.code);
        }
    }
    Ok(all)
}
