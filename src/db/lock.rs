//! Locks by name, held until the transaction ends.

use super::Conn;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

diesel::define_sql_function! {
    /// Returns nothing, which is not null.
    fn pg_advisory_xact_lock(key: BigInt) -> Nullable<Text>;
}

diesel::define_sql_function! {
    fn pg_try_advisory_xact_lock(key: BigInt) -> Bool;
}

diesel::define_sql_function! {
    fn hashtextextended(name: Text, seed: BigInt) -> BigInt;
}

/// Waits until nobody else has it.
pub async fn wait_for(mut conn: &Conn, name: &str) -> QueryResult<()> {
    let lock = pg_advisory_xact_lock(hashtextextended(name, 0)).is_not_null();
    diesel::select(lock).get_result::<bool>(&mut conn).await.map(drop)
}

/// Whether it is held now; false: somebody else has it.
pub async fn take(mut conn: &Conn, name: &str) -> QueryResult<bool> {
    diesel::select(pg_try_advisory_xact_lock(hashtextextended(name, 0))).get_result(&mut conn).await
}
