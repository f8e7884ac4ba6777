//! What PostgreSQL has done, by pg_stat_statements.

use crate::place::Failure;
use hagukumi::db::Address;
use hagukumi::db::bulk::Bulk;
use std::fmt::Write;

pub struct Statements(Bulk);

impl Statements {
    /// Counts from now on.
    pub async fn begin(owner: &Address) -> Result<Self, Failure> {
        let bulk = Bulk::open(owner).await?;
        bulk.run("select pg_stat_statements_reset()").await?;
        Ok(Self(bulk))
    }

    /// The dearest ones: calls, milliseconds of planning and of running each, rows each, how they begin.
    pub async fn told(&self) -> Result<String, Failure> {
        let query = "select calls, total_plan_time / calls, mean_exec_time, rows::float8 / calls,
                left(regexp_replace(query, '\\s+', ' ', 'g'), 110)
            from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database()) and calls > 0
            order by total_plan_time + total_exec_time desc limit 8";
        let mut told = String::new();
        for row in self.0.rows(query, &[]).await? {
            let (calls, plan, run, rows): (i64, f64, f64, f64) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
            let begins: String = row.try_get(4)?;
            // Writing to a string does not fail.
            let _ = writeln!(told, "    {calls:8} × {plan:7.3} + {run:8.3} ms, {rows:7.1} rows: {begins}");
        }
        Ok(told)
    }
}
