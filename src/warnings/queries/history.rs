//! What a record is held against from one year before, and targets that nobody reported on.

use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::condition::one_of;
use crate::db::schema::{program_successors, programs, record_values, records, round_covers};
use crate::domain::period::Period;
use crate::error::Error;
use crate::records::rows::WorkingValue;
use crate::records::types::Part;
use crate::records::value::RecordValue;
use crate::reports::types::ReportKey;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A record of one year before, beside the cell of this year that goes on from it.
pub struct Before {
    pub program: String,
    pub part: Part,
    pub period: Period,
    /// The plan and program it stands in: the same, or one that this program came after.
    pub from: (String, String),
    pub amendment: i16,
    pub texts: BTreeMap<String, String>,
    pub values: Vec<RecordValue>,
}

/// As `records::queries::last_year`, with no more than the warnings ask: one statement, however many programs. Both halves
/// of it find their records by key: a reporter keeps those of all its years.
pub async fn before(
    mut conn: &Conn,
    plan: &str,
    municipality: &str,
    of_programs: &[&str],
    cells: &BTreeSet<(Part, Period)>,
) -> Result<Vec<Before>, Error> {
    let this_year: HashMap<(Part, String), Period> =
        cells.iter().filter_map(|(part, period)| Some(((*part, period.year_before()?.code()), *period))).collect();
    if this_year.is_empty() || of_programs.is_empty() {
        return Ok(Vec::new());
    }
    let in_cell = |part: Part| {
        let periods = this_year.keys().filter(|(of, _)| *of == part).map(|(_, period)| period.clone());
        records::part.eq(part).and(one_of(records::period, periods.collect::<Vec<_>>()))
    };
    let periods: BTreeSet<String> = this_year.keys().map(|(_, period)| period.clone()).collect();
    // The periods of both parts once more: an index is asked for them, and not for what is one or the other.
    let of_reporter = records::municipality
        .eq(municipality)
        .and(one_of(records::period, periods.into_iter().collect()))
        .and(in_cell(Part::Targets).or(in_cell(Part::Results)));
    let figures = record_values::table.on(record_values::record.eq(records::id));
    let record = (
        records::id,
        records::plan,
        records::program,
        records::part,
        records::period,
        records::amendment,
        records::texts,
    );
    type Record = (i64, String, String, Part, String, i16, AsJson<BTreeMap<String, String>>);
    // The program this year, its record of last year, and one of that one's figures.
    type Row = (String, Record, Option<WorkingValue>);
    let own = records::table
        .left_join(figures)
        .filter(records::plan.eq(plan))
        .filter(one_of(records::program, of_programs.to_vec()))
        .filter(of_reporter.clone())
        .select((records::program, record, Option::<WorkingValue>::as_select()));
    let succeeded = program_successors::plan.eq(records::plan).and(program_successors::program.eq(records::program));
    let of_predecessors = program_successors::table
        .inner_join(records::table.on(succeeded))
        .left_join(figures)
        .filter(program_successors::successor_plan.eq(plan))
        .filter(one_of(program_successors::successor_program, of_programs.to_vec()))
        .filter(of_reporter)
        .select((program_successors::successor_program, record, Option::<WorkingValue>::as_select()));
    let mut rows: Vec<Row> = own.union_all(of_predecessors).load(&mut conn).await?;
    rows.sort_by_key(|(_, _, value)| value.as_ref().map(|value| value.ordinal));
    let mut found: BTreeMap<(i64, String), Before> = BTreeMap::new();
    for (program, (id, from_plan, from_program, part, period, amendment, texts), value) in rows {
        let Some(period) = this_year.get(&(part, period)) else { continue };
        let record = found.entry((id, program.clone())).or_insert_with(|| {
            let from = (from_plan, from_program);
            Before { program, part, period: *period, from, amendment, texts: texts.0, values: Vec::new() }
        });
        record.values.extend(value.map(RecordValue::from));
    }
    Ok(found.into_values().collect())
}

/// Programs (with their names) and periods whose results the report's round asks for, that have a target of the
/// reporter with a text or a figure, and no result, not even the reason why there is none.
pub async fn unanswered(mut conn: &Conn, key: &ReportKey) -> Result<Vec<(String, Option<String>, String)>, Error> {
    let (answers, figures) = diesel::alias!(records as answers, record_values as figures);
    let asked = round_covers::plan
        .eq(records::plan)
        .and(round_covers::period.eq(records::period))
        .and(round_covers::part.eq(Part::Results))
        .and(round_covers::round.eq(key.round.to_string()));
    let answer = answers
        .filter(answers.field(records::plan).eq(records::plan))
        .filter(answers.field(records::municipality).eq(records::municipality))
        .filter(answers.field(records::program).eq(records::program))
        .filter(answers.field(records::period).eq(records::period))
        .filter(answers.field(records::part).eq(Part::Results));
    let figure = figures
        .filter(figures.field(record_values::record).eq(records::id))
        .filter(figures.field(record_values::missing_reason).is_null());
    type Found = (i32, String, Option<String>, String);
    let found: Vec<Found> = records::table
        .inner_join(round_covers::table.on(asked))
        .inner_join(programs::table.on(programs::plan.eq(records::plan).and(programs::code.eq(records::program))))
        .filter(records::plan.eq(key.plan.as_str()))
        .filter(records::municipality.eq(key.municipality.as_str()))
        .filter(records::part.eq(Part::Targets))
        .filter(records::texts.ne(AsJson(BTreeMap::<String, String>::new())).or(exists(figure)))
        .filter(not(exists(answer)))
        .order((programs::position, records::program, records::period))
        .select((programs::position, records::program, programs::name, records::period))
        // Of a goal and its changes once.
        .distinct()
        .load(&mut conn)
        .await?;
    Ok(found.into_iter().map(|(_, program, name, period)| (program, name, period)).collect())
}
