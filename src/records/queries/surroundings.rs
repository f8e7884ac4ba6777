//! The SQL of what a record is written into, asked once for each write.

use super::Names;
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{indicators, municipalities, plan_reporters, plans, programs};
use crate::domain::code::COMMON;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::indicators::types::{CountBasis, Direction};
use crate::plans::types::TextField;
use crate::records::types::Block;
use crate::records::value::IndicatorRef;
use crate::warnings::rules::{CountedAs, Indicators};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::{HashMap, HashSet};

/// What records are written into: their plan as the caller sees it, whether the municipality reports on it in the period,
/// and the names beside the codes.
pub struct Surroundings {
    pub text_fields: Vec<TextField>,
    pub reports: bool,
    pub municipality: String,
    /// Its prefecture's name; a prefecture has none before its own.
    pub prefecture: String,
    /// Name and number of those programs that the plan has.
    programs: HashMap<String, (Option<String>, Option<String>)>,
}

impl Surroundings {
    /// None: the plan has no such program.
    pub fn names(&self, program: &str) -> Option<Names> {
        let (name, number) = self.programs.get(program)?.clone();
        Some(Names { municipality: self.municipality.clone(), program: name, number })
    }
}

diesel::alias!(municipalities as prefectures: Prefectures);
diesel::alias!(indicators as commons: Commons);

/// None: the caller sees no such plan. One statement.
pub async fn find(mut conn: &Conn, block: &Block, of_programs: &[&str]) -> Result<Option<Surroundings>, Error> {
    // The first of each is never null where the row is there: that tells whether it is.
    type Reporter = Option<(String, Option<i16>, Option<i16>)>;
    type Program = Option<(String, Option<String>, Option<String>)>;
    let municipality = block.municipality.to_string();
    let reporter = plan_reporters::plan.eq(plans::code).and(plan_reporters::municipality.eq(municipality.clone()));
    let program = programs::plan
        .eq(plans::code)
        .and(programs::code.eq_any(of_programs.iter().map(ToString::to_string).collect::<Vec<_>>()));
    type Municipality = Option<(String, String, String)>;
    type Found = (AsJson<Vec<TextField>>, Reporter, Program, Municipality);
    let found: Vec<Found> = plans::table
        .left_join(plan_reporters::table.on(reporter))
        .left_join(programs::table.on(program))
        .left_join(
            municipalities::table
                .inner_join(prefectures.on(prefectures.field(municipalities::code).eq(municipalities::prefecture)))
                .on(municipalities::code.eq(municipality)),
        )
        .filter(plans::code.eq(block.plan.as_str()))
        .select((
            plans::text_fields,
            (plan_reporters::municipality, plan_reporters::fiscal_year_from, plan_reporters::fiscal_year_to).nullable(),
            (programs::code, programs::name, programs::number_label).nullable(),
            (municipalities::code, municipalities::name, prefectures.field(municipalities::name)).nullable(),
        ))
        .load(&mut conn)
        .await?;
    // The baseline belongs to every year.
    let within = |(_, from, to): (String, Option<i16>, Option<i16>)| {
        block
            .period
            .fiscal_year()
            .is_none_or(|year| from.is_none_or(|from| from <= year) && to.is_none_or(|to| year <= to))
    };
    let mut around: Option<Surroundings> = None;
    for (text_fields, reporter, program, names) in found {
        let (code, name, prefecture) = names.unwrap_or_default();
        let around = around.get_or_insert_with(|| Surroundings {
            text_fields: text_fields.0,
            reports: reporter.is_some_and(within),
            municipality: name,
            prefecture: if code.ends_with("000") { String::new() } else { prefecture },
            programs: HashMap::new(),
        });
        around.programs.extend(program.map(|(code, name, number)| (code, (name, number))));
    }
    Ok(around)
}

/// Those of these programs that the plan has. None asked for: no statement.
pub async fn programs(mut conn: &Conn, plan: &PlanCode, codes: &[&str]) -> Result<HashSet<String>, Error> {
    if codes.is_empty() {
        return Ok(HashSet::new());
    }
    let known = programs::table.filter(programs::plan.eq(plan.as_str())).filter(programs::code.eq_any(codes));
    Ok(known.select(programs::code).load(&mut conn).await?.into_iter().collect())
}

/// Those of these indicators that are registered, by owner and code. None asked for: no statement.
pub async fn indicators(mut conn: &Conn, asked: &[&IndicatorRef]) -> Result<Indicators, Error> {
    if asked.is_empty() {
        return Ok(Indicators::new());
    }
    // Owners and codes apart name at most a few more than were asked for, and those are registered too.
    let feeds = commons.field(indicators::owner).eq(COMMON);
    let feeds = feeds.and(commons.field(indicators::code).nullable().eq(indicators::common_indicator));
    let known = indicators::table
        .left_join(commons.on(feeds))
        .filter(indicators::owner.eq_any(asked.iter().map(|indicator| &indicator.owner)))
        .filter(indicators::code.eq_any(asked.iter().map(|indicator| &indicator.indicator)));
    type Row = (String, String, Option<String>, CountBasis, Direction, bool, Option<bool>);
    let rows: Vec<Row> = known
        .select((
            indicators::owner,
            indicators::code,
            indicators::unit,
            indicators::count_basis,
            indicators::direction,
            indicators::sensitive,
            commons.field(indicators::sensitive).nullable(),
        ))
        .load(&mut conn)
        .await?;
    let facts = |(owner, code, unit, count_basis, direction, own, common): Row| {
        let sensitive = own || common == Some(true);
        ((owner, code), CountedAs { unit, count_basis, direction, sensitive })
    };
    Ok(rows.into_iter().map(facts).collect())
}
