//! The SQL of published rows, as they are read at a moment.

use super::Names;
use crate::db::Conn;
use crate::db::columns::{AsJson, JsonText};
use crate::db::condition::{InForce, OfYears, ReportersProgram};
use crate::db::keyset::by_key;
use crate::db::schema::{plans, published_records, published_values};
use crate::error::Error;
use crate::plans::types::TextField;
use crate::records::filter::Scope;
use crate::records::types::{Part, RecordBody, RecordKey};
use crate::records::value::MissingReason;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

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
    pub texts: JsonText,
    pub no_change_from_last_year: bool,
    pub cross_reference: Option<String>,
    pub repost_of: Option<String>,
    pub missing_reason: Option<MissingReason>,
    pub reason: Option<String>,
    pub amended_on: Option<String>,
    pub note: Option<String>,
    pub values: JsonText,
    pub evaluations: JsonText,
    pub redacted: bool,
}

/// A row to be published, with what it is selected by.
#[derive(Insertable)]
#[diesel(table_name = published_records)]
pub struct NewRow {
    #[diesel(embed)]
    pub row: Row,
    pub statutory_program: Option<String>,
    pub departments: Vec<Option<String>>,
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

impl TryFrom<Row> for Published {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let read = (row.texts.read(), row.values.read(), row.evaluations.read());
        let (Ok(texts), Ok(values), Ok(evaluations)) = read else {
            return Err(Error::internal(format!("a published record of {} cannot be read", row.plan)));
        };
        Ok(Self {
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
                texts,
                no_change_from_last_year: row.no_change_from_last_year,
                cross_reference: row.cross_reference,
                repost_of: row.repost_of,
                missing_reason: row.missing_reason,
                reason: row.reason,
                amended_on: row.amended_on,
                note: row.note,
                values,
                evaluations,
            },
        })
    }
}

/// ETag of a published record.
pub fn etag(edition: i32, version: i64) -> String {
    format!("\"p{edition}.{version}\"")
}

/// One record as it is public at number `no`; none given: now. One statement, one row.
pub async fn find(mut conn: &Conn, key: &RecordKey, no: Option<i64>) -> Result<Option<Row>, Error> {
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
        None => query.filter(InForce),
    };
    Ok(query.first(&mut conn).await.optional()?)
}

/// The records that these publications made public, each with its number.
pub async fn made_public_by(mut conn: &Conn, numbers: &[i64]) -> Result<Vec<(i64, Published)>, Error> {
    let by_them = published_records::table.filter(published_records::from_no.eq_any(numbers));
    let rows: Vec<Row> = by_them.select(Row::as_select()).load(&mut conn).await?;
    rows.into_iter().map(|row| Ok((row.from_no, row.try_into()?))).collect()
}

/// The key a page of published rows ends with.
pub type Position = (String, i16, String, String, String, String, i16);

impl Row {
    pub fn etag(&self) -> String {
        etag(self.edition, self.version)
    }

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
        use $crate::db::condition::one_of;
        let (mut query, scope) = ($query, $scope);
        let prefectures = scope.prefectures();
        if !prefectures.is_empty() {
            query = query.filter(one_of($rows::prefecture, prefectures));
        }
        if !scope.municipalities.is_empty() {
            query = query.filter(one_of($rows::municipality, scope.municipalities.clone()));
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
            query = query.filter(one_of($rows::fiscal_year, years));
            query = query.filter(one_of($rows::period, codes));
        }
        query
    }};
}
pub(crate) use in_scope;

/// Orders by prefecture, fiscal year and the columns named, and begins behind a page. What the scope has one of is no part
/// of the comparison: an index that finds a column by its one value does not begin where a comparison says.
macro_rules! by_place {
    ($query:expr, $rows:ident, $scope:expr, $after:expr, [$($column:ident),+]) => {{
        let (query, scope, after) = ($query, $scope, $after);
        let one_prefecture = scope.prefectures().len() == 1;
        let one_year = scope.years_and_codes().is_some_and(|(years, _)| years.len() == 1);
        if one_prefecture && one_year {
            let after = after.map(|(_, _, $($column),+)| ($($column),+));
            by_key!(query, ($($rows::$column),+), after, scope.descending)
        } else if one_prefecture {
            let after = after.map(|(_, fiscal_year, $($column),+)| (fiscal_year, $($column),+));
            by_key!(query, ($rows::fiscal_year, $($rows::$column),+), after, scope.descending)
        } else {
            by_key!(query, ($rows::prefecture, $rows::fiscal_year, $($rows::$column),+), after, scope.descending)
        }
    }};
}
pub(crate) use by_place;

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
            let evaluations = rows::evaluations.cast::<diesel::sql_types::Jsonb>();
            query = query.filter(evaluations.contains(named));
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
) -> Result<Vec<Row>, Error> {
    use published_records as rows;
    let selected = selected!(part, scope, no);
    let query = by_place!(selected, rows, scope, after, [municipality, plan, program, period, amendment]);
    Ok(query.limit(limit).select(Row::as_select()).load(&mut conn).await?)
}

/// How many there are in scope at number `no`.
pub async fn count(mut conn: &Conn, part: Part, scope: &Scope, no: i64) -> Result<i64, Error> {
    Ok(selected!(part, scope, no).count().get_result(&mut conn).await?)
}

/// A target, as far as it is told beside a result.
#[derive(Queryable, Selectable)]
#[diesel(table_name = published_records)]
pub struct Goal {
    pub municipality: String,
    pub plan: String,
    pub program: String,
    pub period: String,
    pub amendment: i16,
    pub edition: i32,
    pub version: i64,
    pub published_at: DateTime<Utc>,
    pub texts: JsonText,
    pub reason: Option<String>,
    pub amended_on: Option<String>,
    pub note: Option<String>,
    pub values: JsonText,
}

impl Goal {
    pub fn etag(&self) -> String {
        etag(self.edition, self.version)
    }
}

/// The targets of the same periods as these results, which are rows of a page: a range of the key for each reporter's year,
/// from the first program of the page to its last.
pub async fn targets_beside(mut conn: &Conn, no: i64, results: &Beside<'_>) -> Result<Vec<Goal>, Error> {
    use published_records as rows;
    let years = OfYears {
        prefectures: results.of_years(|year| year.0),
        fiscal_years: results.of_years(|year| year.1),
        municipalities: results.of_years(|year| year.2),
        plans: results.of_years(|year| year.3),
        range: results.range,
    };
    let mut query = rows::table
        .filter(rows::part.eq(Part::Targets))
        .filter(rows::from_no.le(no))
        .filter(rows::to_no.gt(no))
        .filter(rows::period.eq_any(&results.periods))
        .filter(years)
        .select(Goal::as_select())
        .into_boxed();
    // Where a page has nearly all programs of its reporters, looking for each would take longer than reading them.
    if results.programs.len() <= FEW_PROGRAMS {
        query = query.filter(rows::program.eq_any(&results.programs));
    }
    Ok(query.load(&mut conn).await?)
}

const FEW_PROGRAMS: usize = 3;

/// Every target of these programs and reporters, whatever its period.
pub async fn targets_of(mut conn: &Conn, no: i64, results: &Beside<'_>) -> Result<Vec<Goal>, Error> {
    use published_records as rows;
    Ok(rows::table
        .filter(rows::part.eq(Part::Targets))
        .filter(rows::from_no.le(no))
        .filter(rows::to_no.gt(no))
        .filter(rows::municipality.eq_any(&results.municipalities))
        .filter(rows::plan.eq_any(&results.plans))
        .filter(rows::program.eq_any(&results.programs))
        .select(Goal::as_select())
        .load(&mut conn)
        .await?)
}

/// What the keys of some results have, each once.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// Prefecture, fiscal year, municipality and plan
    pub years: Vec<(&'a str, i16, &'a str, &'a str)>,
    /// The first and the last of all
    pub range: (ReportersProgram<'a>, ReportersProgram<'a>),
    pub municipalities: Vec<&'a str>,
    pub plans: Vec<&'a str>,
    pub programs: Vec<&'a str>,
    pub periods: Vec<&'a str>,
}

impl<'a> Beside<'a> {
    fn of_years<T>(&self, part: fn(&(&'a str, i16, &'a str, &'a str)) -> T) -> Vec<T> {
        self.years.iter().map(part).collect()
    }
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
