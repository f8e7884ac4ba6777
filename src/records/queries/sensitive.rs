//! The SQL of which indicators are sensitive.

use super::Working;
use crate::db::Conn;
use crate::db::schema::programs;
use crate::error::Error;
use crate::records::suppression::Sensitive;
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

/// Those of the records' indicators that are sensitive, or feed a common one that is; and, where any is, the wards of their
/// programs. No indicator named: no statement.
pub async fn of(mut conn: &Conn, records: &[Working]) -> Result<Sensitive, Error> {
    let values = records.iter().flat_map(|record| &record.body.values);
    let named: BTreeSet<(&str, &str)> =
        values.filter_map(|value| value.indicator.as_ref()).map(|i| (i.owner.as_str(), i.indicator.as_str())).collect();
    if named.is_empty() {
        return Ok(Sensitive::default());
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
    let indicators: HashSet<_> = rows.into_iter().map(|row| (row.owner, row.code)).collect();
    let Some(plan) = records.first().map(|record| &record.plan).filter(|_| !indicators.is_empty()) else {
        return Ok(Sensitive::default());
    };
    let wards: Vec<(String, Option<String>)> = programs::table
        .filter(programs::plan.eq(plan))
        .filter(programs::area.is_not_null())
        .select((programs::code, programs::area))
        .load(&mut conn)
        .await?;
    Ok(Sensitive { indicators, wards: wards.into_iter().filter_map(|(code, area)| Some((code, area?))).collect() })
}
