//! The nation 全国: a database as large as the country's, made up from a seed, to measure on.
//!
//! At scale 1: 1,741 municipalities, each with a plan of 60 programs and its reports of ten years, 130 targets and 130
//! results a year (some programs report by halves, too), and 40 common indicators. Scale 0.1 is one year of it; below that
//! there are fewer municipalities, Tokyo's first. The same seed makes the same content.
//!
//! All is published, as if by one publication a report. There are no working records of those years, no journal, and the
//! change feed is pruned up to its head. The plans go on for one year more, of which nothing is reported yet.

mod content;
mod definitions;
mod lines;
mod queries;

use crate::db::Address;
use crate::db::bulk::{Bulk, Failure};
use content::Nation;
use std::time::Instant;

pub use content::{FIRST_YEAR, LAST_YEAR, PROGRAMS, common_code, plan_code, program_code};

/// How much there is of it.
#[derive(Clone, Copy, Debug)]
pub struct Filled {
    pub municipalities: usize,
    pub years: usize,
    pub records: u64,
    pub facts: u64,
}

/// Fills a fresh database. Stopped half-way it leaves one to be dropped.
pub async fn fill(owner: &Address, seed: u64, scale: f64) -> Result<Filled, Failure> {
    let (mut one, mut other) = (Bulk::open(owner).await?, Bulk::open(owner).await?);
    if queries::has_plans(&one).await? {
        return Err("there are plans already: the nation needs a database of its own, fresh from `migrate` / \
                    すでに計画があります。migrate した直後の空のデータベースが必要です"
            .into());
    }
    let begun = Instant::now();
    let passed = |what: &str| log::info!(seconds = begun.elapsed().as_secs(); "{what}");
    let nation = Nation::new(seed, scale, queries::municipalities(&one).await?);
    let mut filled = vec!["municipalities", "published_plans"];
    for table in definitions::all(&nation) {
        filled.push(table.name);
        one.copy(table).await?;
    }
    queries::publish_plans(&one).await?;
    let meanings = queries::meanings(&one).await?;
    passed("the definitions are there");

    let big = [lines::records(&nation), lines::values(&nation), lines::facts(&nation, &meanings)];
    filled.extend(big.each_ref().map(|table| table.name));
    let laid_aside = one.lay_aside(&big.each_ref().map(|table| table.name)).await?;
    let [records, values, facts] = big;
    let (records, facts) = tokio::try_join!(one.fill(records), async {
        other.fill(values).await?;
        other.fill(facts).await
    })?;
    passed("the rows are there");
    laid_aside.put_back(&one, &other).await?;
    passed("the indexes are there");
    queries::close(&one, &filled).await?;
    passed("the nation is there");
    Ok(Filled { municipalities: nation.municipalities.len(), years: nation.years.clone().count(), records, facts })
}
