use crate::db::Conn;
use crate::error::Error;
use crate::records::types::RecordKey;
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, SmallInt, Text};
use diesel_async::RunQueryDsl;

/// What was there and is empty now.
#[derive(QueryableByName)]
pub struct Emptied {
    /// The highest of its versions: what is made anew goes on from there.
    #[diesel(sql_type = BigInt)]
    pub versions: i64,
    #[diesel(sql_type = BigInt)]
    pub editions: i64,
    #[diesel(sql_type = Nullable<Integer>)]
    pub in_force_edition: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub in_force_version: Option<i64>,
    #[diesel(sql_type = Nullable<Array<SmallInt>>)]
    pub fiscal_years: Option<Vec<i16>>,
}

/// None: there is nothing of that key.
pub async fn redact(mut conn: &Conn, key: &RecordKey) -> Result<Option<Emptied>, Error> {
    let emptied = diesel::sql_query("select * from app_redact($1, $2, $3, $4, $5, $6, $7)")
        .bind::<Text, _>(key.plan.as_str())
        .bind::<Text, _>(key.program.as_str())
        .bind::<Text, _>(key.municipality.as_str())
        .bind::<Text, _>(key.period.code())
        .bind::<Text, _>(key.part.as_str())
        .bind::<SmallInt, _>(key.amendment)
        .bind::<Jsonb, _>(key.json());
    Ok(emptied.get_result(&mut conn).await.optional()?)
}
