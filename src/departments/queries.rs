use super::types::{Department, DepartmentFilter, DepartmentKey, PutDepartment};
use crate::db::Conn;
use crate::db::keyset;
use crate::db::schema::departments;
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::error::{self, Error};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = departments, treat_none_as_null = true)]
struct Row {
    municipality: String,
    code: String,
    name: String,
    bureau: Option<String>,
    fiscal_year_from: Option<i16>,
    fiscal_year_to: Option<i16>,
    successor: Option<String>,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

impl Row {
    fn new(key: &DepartmentKey, body: &PutDepartment) -> Self {
        let body = body.clone();
        Self {
            municipality: key.municipality.to_string(),
            code: key.department.to_string(),
            name: body.name,
            bureau: body.bureau,
            fiscal_year_from: body.fiscal_year_from,
            fiscal_year_to: body.fiscal_year_to,
            successor: body.successor,
            version: 1,
        }
    }

    fn into_body(self) -> PutDepartment {
        PutDepartment {
            name: self.name,
            bureau: self.bureau,
            fiscal_year_from: self.fiscal_year_from,
            fiscal_year_to: self.fiscal_year_to,
            successor: self.successor,
        }
    }
}

impl Definition for Department {
    type Key = DepartmentKey;
    type Body = PutDepartment;
    const RESOURCE: &'static str = "department";

    fn missing(key: &DepartmentKey) -> Error {
        let (municipality, department) = (key.municipality, &key.department);
        Error::not_found(
            format_args!("{municipality} の担当課 {department}"),
            format_args!("department {department} of {municipality}"),
        )
    }

    fn owner(key: &DepartmentKey) -> Option<Code> {
        Some(key.municipality)
    }

    async fn find(mut conn: &Conn, key: &DepartmentKey) -> Result<Option<(PutDepartment, i64)>, Error> {
        let row = departments::table.find((key.municipality.as_str(), key.department.as_str()));
        let row: Option<Row> = row.select(Row::as_select()).first(&mut conn).await.optional()?;
        Ok(row.map(|row| (row.version, row)).map(|(version, row)| (row.into_body(), version)))
    }

    async fn check(
        _: &Conn,
        key: &DepartmentKey,
        _: Option<&PutDepartment>,
        body: &PutDepartment,
    ) -> Result<(), Error> {
        if body.successor.as_deref() != Some(key.department.as_str()) {
            return Ok(());
        }
        let (ja, en) = ("自分自身を後継にはできません", "a department does not come after itself");
        Err(Error::at("/successor", error::Code::RequestInvalid, ja, en))
    }

    async fn insert(mut conn: &Conn, key: &DepartmentKey, body: &PutDepartment, version: i64) -> Result<bool, Error> {
        let inserted = diesel::insert_into(departments::table)
            .values((Row::new(key, body), departments::version.eq(version)))
            .on_conflict((departments::municipality, departments::code))
            .do_nothing()
            .execute(&mut conn)
            .await?;
        Ok(inserted == 1)
    }

    async fn update(mut conn: &Conn, key: &DepartmentKey, body: &PutDepartment, version: i64) -> Result<bool, Error> {
        let row = departments::table
            .find((key.municipality.as_str(), key.department.as_str()))
            .filter(departments::version.eq(version));
        let updated = diesel::update(row)
            .set((Row::new(key, body), departments::version.eq(version + 1)))
            .execute(&mut conn)
            .await?;
        Ok(updated == 1)
    }

    async fn delete(mut conn: &Conn, key: &DepartmentKey, version: i64) -> Result<bool, Error> {
        let row = departments::table
            .find((key.municipality.as_str(), key.department.as_str()))
            .filter(departments::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }
}

/// All of a municipality's or prefecture's, by code.
pub async fn of(mut conn: &Conn, municipality: Code) -> Result<HashMap<String, PutDepartment>, Error> {
    let theirs = departments::table.filter(departments::municipality.eq(municipality.as_str()));
    let rows: Vec<Row> = theirs.select(Row::as_select()).load(&mut conn).await?;
    Ok(rows.into_iter().map(|row| (row.code.clone(), row.into_body())).collect())
}

/// One page and one more, by municipality and code.
pub async fn page(
    mut conn: &Conn,
    filter: &DepartmentFilter,
    after: Option<(String, String)>,
    limit: i64,
) -> Result<Vec<Department>, Error> {
    let key = (departments::municipality, departments::code);
    let mut query = departments::table.order(key).limit(limit + 1).select(Row::as_select()).into_boxed();
    if let Some(municipality) = &filter.municipality {
        query = query.filter(departments::municipality.eq(municipality));
    }
    if let Some(year) = filter.valid_in {
        query = query
            .filter(departments::fiscal_year_from.is_null().or(departments::fiscal_year_from.le(year)))
            .filter(departments::fiscal_year_to.is_null().or(departments::fiscal_year_to.ge(year)));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| Department::new(row.municipality.clone(), row.code.clone(), row.into_body()))
        .collect())
}
