//! The SQL of the nation, beside the tables it fills.

use crate::db::bulk::{Bulk, Failure};
use std::collections::HashMap;

pub async fn has_plans(bulk: &Bulk) -> Result<bool, Failure> {
    let rows = bulk.rows("select exists (select from plans)", &[]).await?;
    rows.first().map_or(Ok(false), |row| Ok(row.try_get(0)?))
}

/// Code, prefecture and name of those that report.
pub async fn municipalities(bulk: &Bulk) -> Result<Vec<(String, String, String)>, Failure> {
    let query = "select code, prefecture, name from municipalities
                 where kind not in ('prefecture', 'ward') and not northern_territories and valid_to is null";
    let rows = bulk.rows(query, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}

/// What each common indicator means through any municipality's own that feeds it, as a fact carries it: all that feed one
/// are alike.
pub async fn meanings(bulk: &Bulk) -> Result<HashMap<String, String>, Failure> {
    let query = "select distinct on (common_indicator) common_indicator, app_definition(owner, code, common_indicator)
                 from indicators where common_indicator is not null";
    let rows = bulk.rows(query, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Plans as they are, under the number of their first report.
pub async fn publish_plans(bulk: &Bulk) -> Result<(), Failure> {
    bulk.run(
        "insert into published_plans (plan, from_no, content)
         select plan, min(published_no), app_plan_content(plan) from reports group by plan",
    )
    .await
}

/// The head stands at the last publication, and there is no feed before it. `filled`: the tables that hold something. Others
/// stay as if nobody had looked at them: known to be empty, they would be read whole once there is something.
pub async fn close(bulk: &Bulk, filled: &[&str]) -> Result<(), Failure> {
    bulk.run(
        "update publication_head set (no, at, definitions_no, pruned_no) =
             (select no, at, no, no from publications order by no desc limit 1)",
    )
    .await?;
    bulk.run(&format!("vacuum analyze {}", filled.join(", "))).await
}
