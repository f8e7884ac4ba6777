use super::types::{StatutoryProgram, StatutoryProgramFilter};
use crate::db::Conn;
use crate::db::keyset;
use crate::db::schema::statutory_programs;
use crate::error::Error;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// One page and one more, by position and code.
pub async fn page(
    mut conn: &Conn,
    filter: &StatutoryProgramFilter,
    after: Option<(i16, String)>,
    limit: i64,
) -> Result<Vec<StatutoryProgram>, Error> {
    let key = (statutory_programs::position, statutory_programs::code);
    let mut query =
        statutory_programs::table.order(key).limit(limit + 1).select(StatutoryProgram::as_select()).into_boxed();
    if let Some(year) = filter.fiscal_year {
        query = query
            .filter(statutory_programs::fiscal_year_from.le(year))
            .filter(statutory_programs::fiscal_year_to.is_null().or(statutory_programs::fiscal_year_to.ge(year)));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    Ok(query.load(&mut conn).await?)
}

/// Was it ever in the law?
pub async fn exists(mut conn: &Conn, code: &str) -> Result<bool, Error> {
    Ok(diesel::select(diesel::dsl::exists(statutory_programs::table.find(code))).get_result(&mut conn).await?)
}
