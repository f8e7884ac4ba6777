//! The SQL of which indicators are sensitive.

use super::Working;
use crate::db::Conn;
use crate::error::Error;
use crate::records::suppression::Named;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use diesel_async::RunQueryDsl;
use std::collections::{BTreeSet, HashSet};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    code: String,
}

/// Those of the records' indicators that are sensitive, or feed a common one that is. None named: no statement.
pub async fn indicators(mut conn: &Conn, records: &[Working]) -> Result<HashSet<Named>, Error> {
    let values = records.iter().flat_map(|record| &record.body.values);
    let named: BTreeSet<(&str, &str)> =
        values.filter_map(|value| value.indicator.as_ref()).map(|i| (i.owner.as_str(), i.indicator.as_str())).collect();
    if named.is_empty() {
        return Ok(HashSet::new());
    }
    let (owners, codes): (Vec<&str>, Vec<&str>) = named.into_iter().unzip();
    let rows: Vec<Row> = diesel::sql_query(
        "select i.owner, i.code from unnest($1::text[], $2::text[]) as n (owner, code)
         join indicators i on i.owner = n.owner and i.code = n.code
         left join indicators c on c.owner = '000000' and c.code = i.common_indicator
         where i.sensitive or c.sensitive",
    )
    .bind::<Array<Text>, _>(owners)
    .bind::<Array<Text>, _>(codes)
    .load(&mut conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.owner, row.code)).collect())
}
