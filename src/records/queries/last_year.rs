//! What was recorded one year before: for the form of a new year, for texts that go on, and for warnings.

use super::{NamedRow, Row, Working, complete};
use crate::db::Conn;
use crate::db::condition::one_of;
use crate::db::schema::{municipalities, program_successors, programs, records};
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::domain::period::Period;
use crate::error::Error;
use crate::records::types::Part;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A record of last year, beside the cell of this year that goes on from it.
#[derive(Clone)]
pub struct LastYear {
    /// The program this year …
    pub program: String,
    pub part: Part,
    pub period: Period,
    /// … and what it was last year: the same, or one that names it as its successor.
    pub from_plan: String,
    pub from_program: String,
    pub record: Arc<Working>,
}

/// The records of one year before the cells (`pairs`: part and period) of a reporter's report on the plan, as far as the
/// caller sees them: those of the same program, and those of the programs it succeeds, in this plan or an earlier one.
/// Of a merged program every predecessor, after its own, in the order of their plan. The same statements for any number.
pub async fn of(
    mut conn: &Conn,
    plan: &PlanCode,
    municipality: Code,
    pairs: &[(Part, Period)],
) -> Result<Vec<LastYear>, Error> {
    let cells: HashMap<(Part, String), Period> =
        pairs.iter().filter_map(|(part, period)| Some(((*part, period.year_before()?.code()), *period))).collect();
    let before = |part: Part| -> Vec<String> {
        let of_part = cells.keys().filter(|(of, _)| *of == part);
        of_part.map(|(_, period)| period.clone()).collect()
    };
    if cells.is_empty() {
        return Ok(Vec::new());
    }
    let in_cell = |part: Part| records::part.eq(part).and(records::period.eq_any(before(part)));
    let periods: BTreeSet<String> = cells.keys().map(|(_, period)| period.clone()).collect();
    let links: Vec<(String, String, String)> = program_successors::table
        .filter(program_successors::successor_plan.eq(plan.as_str()))
        .order((program_successors::plan, program_successors::program, program_successors::position))
        .select((program_successors::plan, program_successors::program, program_successors::successor_program))
        .load(&mut conn)
        .await?;
    let mut successors: HashMap<(String, String), Vec<String>> = HashMap::new();
    for (of_plan, of_program, successor) in links {
        successors.entry((of_plan, of_program)).or_default().push(successor);
    }
    let before_it = program_successors::table
        .filter(program_successors::plan.eq(records::plan))
        .filter(program_successors::program.eq(records::program))
        .filter(program_successors::successor_plan.eq(plan.as_str()));
    let rows: Vec<NamedRow> = records::table
        .inner_join(municipalities::table.on(municipalities::code.eq(records::municipality)))
        .inner_join(programs::table.on(programs::plan.eq(records::plan).and(programs::code.eq(records::program))))
        .filter(records::municipality.eq(municipality.as_str()))
        // Once more: an index is asked for periods, and not for what is one or the other.
        .filter(one_of(records::period, periods.into_iter().collect()))
        .filter(in_cell(Part::Targets).or(in_cell(Part::Results)))
        .filter(records::plan.eq(plan.as_str()).or(exists(before_it)))
        .order((
            records::plan,
            programs::position,
            records::program,
            records::part,
            records::period,
            records::amendment,
        ))
        .select((Row::as_select(), municipalities::name, programs::name, programs::number_label))
        .load(&mut conn)
        .await?;
    let mut all = Vec::new();
    for record in complete(conn, rows).await?.into_iter().map(Arc::new) {
        let Some(period) = cells.get(&(record.part, record.period.clone())) else { continue };
        let own = (record.plan == plan.as_str()).then(|| record.program.clone());
        let later = successors.get(&(record.plan.clone(), record.program.clone()));
        all.extend(own.into_iter().chain(later.into_iter().flatten().cloned()).map(|program| LastYear {
            program,
            part: record.part,
            period: *period,
            from_plan: record.plan.clone(),
            from_program: record.program.clone(),
            record: record.clone(),
        }));
    }
    // Stable: predecessors stay in the order of their plan.
    all.sort_by(|a, b| {
        let place = |last: &LastYear| {
            let is_own = last.from_plan == plan.as_str() && last.from_program == last.program;
            (last.program.clone(), last.period, last.part.as_str(), !is_own)
        };
        place(a).cmp(&place(b))
    });
    Ok(all)
}
