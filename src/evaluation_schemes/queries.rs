use super::rules::Scale;
use super::types::{
    EvaluationScheme, EvaluationSchemeFilter, EvaluationSchemeKey, Level, LevelDefinition, PutEvaluationScheme,
};
use crate::db::Conn;
use crate::db::keyset;
use crate::db::schema::{evaluation_levels, evaluation_schemes};
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::domain::number::Number;
use crate::error::{self, Error};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use futures_util::TryFutureExt;
use futures_util::future::try_join;
use std::collections::HashMap;

/// Owner, code, fiscal year.
pub type SchemeKey = (String, String, i16);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = evaluation_schemes, treat_none_as_null = true)]
struct Row {
    owner: String,
    code: String,
    fiscal_year: i16,
    fiscal_year_to: Option<i16>,
    title: String,
    legend: Option<String>,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

impl Row {
    fn new(key: &EvaluationSchemeKey, body: &PutEvaluationScheme) -> Self {
        Self {
            owner: key.owner.to_string(),
            code: key.scheme.to_string(),
            fiscal_year: key.fiscal_year,
            fiscal_year_to: body.fiscal_year_to,
            title: body.title.clone(),
            legend: body.legend.clone(),
            version: 1,
        }
    }

    fn key(&self) -> SchemeKey {
        (self.owner.clone(), self.code.clone(), self.fiscal_year)
    }

    fn into_body(self, levels: Vec<Level>) -> PutEvaluationScheme {
        PutEvaluationScheme { fiscal_year_to: self.fiscal_year_to, title: self.title, legend: self.legend, levels }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = evaluation_levels)]
struct LevelRow {
    owner: String,
    scheme: String,
    fiscal_year: i16,
    code: String,
    position: i16,
    label: Option<String>,
    definition: LevelDefinition,
    basis: Option<String>,
    rank: Option<i16>,
    lower_bound: Option<Number>,
    lower_inclusive: Option<bool>,
    upper_bound: Option<Number>,
    upper_inclusive: Option<bool>,
    matrix_row: Option<String>,
    matrix_column: Option<String>,
    reason_required: bool,
}

impl LevelRow {
    fn new(key: &EvaluationSchemeKey, level: &Level, position: i16) -> Self {
        let level = level.clone();
        Self {
            owner: key.owner.to_string(),
            scheme: key.scheme.to_string(),
            fiscal_year: key.fiscal_year,
            code: level.code,
            position,
            label: level.label,
            definition: level.definition,
            basis: level.basis,
            rank: level.rank,
            lower_bound: level.lower_bound,
            lower_inclusive: level.lower_inclusive,
            upper_bound: level.upper_bound,
            upper_inclusive: level.upper_inclusive,
            matrix_row: level.matrix_row,
            matrix_column: level.matrix_column,
            reason_required: level.reason_required,
        }
    }

    fn into_level(self) -> Level {
        Level {
            code: self.code,
            label: self.label,
            definition: self.definition,
            basis: self.basis,
            rank: self.rank,
            lower_bound: self.lower_bound,
            lower_inclusive: self.lower_inclusive,
            upper_bound: self.upper_bound,
            upper_inclusive: self.upper_inclusive,
            matrix_row: self.matrix_row,
            matrix_column: self.matrix_column,
            reason_required: self.reason_required,
        }
    }
}

impl Definition for EvaluationScheme {
    type Key = EvaluationSchemeKey;
    type Body = PutEvaluationScheme;
    const RESOURCE: &'static str = "evaluation_scheme";

    fn missing(key: &EvaluationSchemeKey) -> Error {
        let scheme = format!("{}/{}/{}", key.owner, key.scheme, key.fiscal_year);
        Error::not_found(format_args!("評価基準 {scheme}"), format_args!("evaluation scheme {scheme}"))
    }

    fn owner(key: &EvaluationSchemeKey) -> Option<Code> {
        Some(key.owner)
    }

    async fn find(mut conn: &Conn, key: &EvaluationSchemeKey) -> Result<Option<(PutEvaluationScheme, i64)>, Error> {
        use {evaluation_levels as l, evaluation_schemes as s};
        // One statement, hence one moment: no ETag stands on the halves of two versions.
        let of_scheme = l::owner.eq(s::owner).and(l::scheme.eq(s::code)).and(l::fiscal_year.eq(s::fiscal_year));
        let rows: Vec<(Row, Option<LevelRow>)> = s::table
            .left_join(l::table.on(of_scheme))
            .filter(s::owner.eq(key.owner.to_string()))
            .filter(s::code.eq(key.scheme.as_str()))
            .filter(s::fiscal_year.eq(key.fiscal_year))
            .order(l::position)
            .select((Row::as_select(), Option::<LevelRow>::as_select()))
            .load(&mut conn)
            .await?;
        let (mut schemes, levels): (Vec<Row>, Vec<Option<LevelRow>>) = rows.into_iter().unzip();
        let levels = levels.into_iter().flatten().map(LevelRow::into_level).collect();
        Ok(schemes.pop().map(|row| (row.version, row.into_body(levels))).map(|(version, body)| (body, version)))
    }

    async fn check(
        _: &Conn,
        key: &EvaluationSchemeKey,
        _: Option<&PutEvaluationScheme>,
        body: &PutEvaluationScheme,
    ) -> Result<(), Error> {
        if body.fiscal_year_to.is_some_and(|to| to < key.fiscal_year) {
            return Err(Error::at(
                "/fiscal_year_to",
                error::Code::RequestInvalid,
                format!("最後の年度が、URL の最初の年度（{}）より前です", key.fiscal_year),
                format!("the last fiscal year lies before the first, {} in the address", key.fiscal_year),
            ));
        }
        Ok(())
    }

    async fn insert(
        mut conn: &Conn,
        key: &EvaluationSchemeKey,
        body: &PutEvaluationScheme,
        version: i64,
    ) -> Result<bool, Error> {
        let inserted = diesel::insert_into(evaluation_schemes::table)
            .values((Row::new(key, body), evaluation_schemes::version.eq(version)))
            .on_conflict((evaluation_schemes::owner, evaluation_schemes::code, evaluation_schemes::fiscal_year))
            .do_nothing()
            .execute(&mut conn)
            .await?;
        if inserted == 1 {
            put_levels(conn, key, &body.levels).await?;
        }
        Ok(inserted == 1)
    }

    async fn update(
        mut conn: &Conn,
        key: &EvaluationSchemeKey,
        body: &PutEvaluationScheme,
        version: i64,
    ) -> Result<bool, Error> {
        let row = evaluation_schemes::table
            .find((key.owner.as_str(), key.scheme.as_str(), key.fiscal_year))
            .filter(evaluation_schemes::version.eq(version));
        let updated = diesel::update(row)
            .set((Row::new(key, body), evaluation_schemes::version.eq(version + 1)))
            .execute(&mut conn)
            .await?;
        if updated == 1 {
            put_levels(conn, key, &body.levels).await?;
        }
        Ok(updated == 1)
    }

    async fn delete(mut conn: &Conn, key: &EvaluationSchemeKey, version: i64) -> Result<bool, Error> {
        let row = evaluation_schemes::table
            .find((key.owner.as_str(), key.scheme.as_str(), key.fiscal_year))
            .filter(evaluation_schemes::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }
}

/// By code: a level that records refer to keeps its row. One of them that is gone stops the change.
async fn put_levels(mut conn: &Conn, key: &EvaluationSchemeKey, levels: &[Level]) -> Result<(), Error> {
    use evaluation_levels as l;
    let codes: Vec<&str> = levels.iter().map(|level| level.code.as_str()).collect();
    let gone = l::table
        .filter(l::owner.eq(key.owner.as_str()))
        .filter(l::scheme.eq(key.scheme.as_str()))
        .filter(l::fiscal_year.eq(key.fiscal_year))
        .filter(l::code.ne_all(codes));
    diesel::delete(gone).execute(&mut conn).await?;
    let rows: Vec<LevelRow> =
        levels.iter().zip(1..).map(|(level, position)| LevelRow::new(key, level, position)).collect();
    diesel::insert_into(l::table)
        .values(&rows)
        .on_conflict((l::owner, l::scheme, l::fiscal_year, l::code))
        .do_update()
        .set((
            l::position.eq(excluded(l::position)),
            l::label.eq(excluded(l::label)),
            l::definition.eq(excluded(l::definition)),
            l::basis.eq(excluded(l::basis)),
            l::rank.eq(excluded(l::rank)),
            l::lower_bound.eq(excluded(l::lower_bound)),
            l::lower_inclusive.eq(excluded(l::lower_inclusive)),
            l::upper_bound.eq(excluded(l::upper_bound)),
            l::upper_inclusive.eq(excluded(l::upper_inclusive)),
            l::matrix_row.eq(excluded(l::matrix_row)),
            l::matrix_column.eq(excluded(l::matrix_column)),
            l::reason_required.eq(excluded(l::reason_required)),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// The levels of each of the schemes, in printed order.
pub async fn levels_of(mut conn: &Conn, keys: &[SchemeKey]) -> Result<HashMap<SchemeKey, Vec<Level>>, Error> {
    use evaluation_levels as l;
    // Owners, codes and years apart name at most a few schemes more than are wanted; those are left out below.
    let rows: Vec<LevelRow> = l::table
        .filter(l::owner.eq_any(keys.iter().map(|key| &key.0)))
        .filter(l::scheme.eq_any(keys.iter().map(|key| &key.1)))
        .filter(l::fiscal_year.eq_any(keys.iter().map(|key| key.2)))
        .order((l::owner, l::scheme, l::fiscal_year, l::position))
        .select(LevelRow::as_select())
        .load(&mut conn)
        .await?;
    let mut found: HashMap<SchemeKey, Vec<Level>> = keys.iter().map(|key| (key.clone(), Vec::new())).collect();
    for row in rows {
        let key = (row.owner.clone(), row.scheme.clone(), row.fiscal_year);
        if let Some(levels) = found.get_mut(&key) {
            levels.push(row.into_level());
        }
    }
    Ok(found)
}

/// What records need of each of the schemes; one that is not registered is missing.
pub async fn scales_of(mut conn: &Conn, keys: &[SchemeKey]) -> Result<HashMap<SchemeKey, Scale>, Error> {
    use evaluation_schemes as s;
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let titles = s::table
        .filter(s::owner.eq_any(keys.iter().map(|key| &key.0)))
        .filter(s::code.eq_any(keys.iter().map(|key| &key.1)))
        .filter(s::fiscal_year.eq_any(keys.iter().map(|key| key.2)))
        .select(((s::owner, s::code, s::fiscal_year), s::title))
        .load::<(SchemeKey, String)>(&mut conn)
        .map_err(Error::from);
    let (titles, mut levels) = try_join(titles, levels_of(conn, keys)).await?;
    Ok(titles
        .into_iter()
        .filter_map(|(key, title)| levels.remove(&key).map(|levels| (key, Scale { title, levels })))
        .collect())
}

/// One page and one more, by owner, code and fiscal year.
pub async fn page(
    mut conn: &Conn,
    filter: &EvaluationSchemeFilter,
    after: Option<SchemeKey>,
    limit: i64,
) -> Result<Vec<EvaluationScheme>, Error> {
    use evaluation_schemes as s;
    let key = (s::owner, s::code, s::fiscal_year);
    let mut query = s::table.order(key).limit(limit + 1).select(Row::as_select()).into_boxed();
    if let Some(owner) = &filter.owner {
        query = query.filter(s::owner.eq(owner));
    }
    if let Some(code) = &filter.scheme {
        query = query.filter(s::code.eq(code));
    }
    if let Some(year) = filter.valid_in {
        query =
            query.filter(s::fiscal_year.le(year)).filter(s::fiscal_year_to.is_null().or(s::fiscal_year_to.ge(year)));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    let keys: Vec<SchemeKey> = rows.iter().map(Row::key).collect();
    let mut levels = levels_of(conn, &keys).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (owner, code, year) = row.key();
            let levels = levels.remove(&row.key()).unwrap_or_default();
            EvaluationScheme::new(owner, code, year, row.into_body(levels))
        })
        .collect())
}
