//! Where the next page of a list begins.

use diesel::dsl::{Gt, Lt};
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::prelude::*;
use diesel::sql_types::{Record, SqlType};

/// A tuple of columns or values as a row of these types.
type Row<T, Types> = <T as AsExpression<Record<Types>>>::Expression;

/// `row (a, b, …) > row ($1, $2, …)`: behind the last row of the page before, in the order of these columns. One
/// comparison, because one range of their index answers it; `a > $1 or (a = $1 and …)` scans.
pub fn after<Columns, Key, Types>(columns: Columns, key: Key) -> Gt<Row<Columns, Types>, Row<Key, Types>>
where
    Columns: Expression<SqlType = Types> + AsExpression<Record<Types>>,
    Key: AsExpression<Record<Types>>,
    Types: SqlType + TypedExpressionType + 'static,
    Record<Types>: SqlType + TypedExpressionType,
    Row<Columns, Types>: Expression<SqlType = Record<Types>>,
    Row<Key, Types>: Expression<SqlType = Record<Types>>,
{
    columns.as_expression().gt(key.as_expression())
}

/// The same for a list that goes backwards.
pub fn before<Columns, Key, Types>(columns: Columns, key: Key) -> Lt<Row<Columns, Types>, Row<Key, Types>>
where
    Columns: Expression<SqlType = Types> + AsExpression<Record<Types>>,
    Key: AsExpression<Record<Types>>,
    Types: SqlType + TypedExpressionType + 'static,
    Record<Types>: SqlType + TypedExpressionType,
    Row<Columns, Types>: Expression<SqlType = Record<Types>>,
    Row<Key, Types>: Expression<SqlType = Record<Types>>,
{
    columns.as_expression().lt(key.as_expression())
}

/// Orders a boxed query by a unique key, upwards or downwards, and begins behind the last row of the page before.
macro_rules! by_key {
    ($query:expr, ($($column:expr),+ $(,)?), $after:expr, $descending:expr) => {{
        let mut query = $query;
        query = if $descending { query.order(($($column.desc()),+)) } else { query.order(($($column),+)) };
        if let Some(position) = $after {
            query = if $descending {
                query.filter($crate::db::keyset::before(($($column),+), position))
            } else {
                query.filter($crate::db::keyset::after(($($column),+), position))
            };
        }
        query
    }};
}
pub(crate) use by_key;
