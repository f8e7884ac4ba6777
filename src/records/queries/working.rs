//! The SQL of the list of working records.

use super::{NamedRow, Row, Working, complete, named};
use crate::db::Conn;
use crate::db::condition::one_of;
use crate::db::keyset::by_key;
use crate::db::schema::{
    indicators, municipalities, plans, program_departments, programs, record_evaluations, record_values, records,
    reports,
};
use crate::error::Error;
use crate::records::filter::Scope;
use crate::records::types::Part;
use crate::tables::queries::Wanted;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The key a page of working rows ends with.
pub type WorkingPosition = (String, String, String, String, i16);

/// Rows with their names, by outer joins though the names are always there: of inner ones the server thinks it may begin
/// with the programs, and then reads and sorts all there is for each page.
macro_rules! records_first {
    () => {
        records::table
            .left_join(municipalities::table.on(municipalities::code.eq(records::municipality)))
            .left_join(programs::table.on(programs::plan.eq(records::plan).and(programs::code.eq(records::program))))
            .select((
                Row::as_select(),
                municipalities::name.nullable().assume_not_null(),
                programs::name.nullable(),
                programs::number_label.nullable(),
            ))
    };
}

/// One page and one more of the parties' own records and those in their plans, by natural key (municipality, plan,
/// program, period, amendment). No moment is promised.
pub async fn page(
    mut conn: &Conn,
    part: Part,
    parties: &[String],
    scope: &Scope,
    after: Option<WorkingPosition>,
    limit: i64,
) -> Result<Vec<Working>, Error> {
    let owned = plans::table.filter(plans::owner.eq_any(parties)).select(plans::code);
    let theirs = records::municipality.eq_any(parties).or(records::plan.eq_any(owned));
    let mut query = records_first!().filter(records::part.eq(part)).filter(theirs).limit(limit + 1).into_boxed();
    query = by_key!(
        query,
        (records::municipality, records::plan, records::program, records::period, records::amendment),
        after,
        scope.descending
    );
    if let Some(prefecture) = scope.prefecture.as_ref().and_then(|code| code.get(..2)) {
        query = query.filter(records::municipality.between(format!("{prefecture}0000"), format!("{prefecture}9999")));
    }
    if !scope.municipalities.is_empty() {
        query = query.filter(one_of(records::municipality, scope.municipalities.clone()));
    }
    if let Some(plan) = &scope.plan {
        query = query.filter(records::plan.eq(plan));
    }
    if let Some(program) = &scope.program {
        query = query.filter(records::program.eq(program));
    }
    if let Some(periods) = &scope.periods {
        query = query.filter(one_of(records::period, periods.iter().map(ToString::to_string).collect()));
    }
    if let Some((owner, indicator)) = &scope.indicator {
        let with = record_values::table
            .filter(record_values::indicator_owner.eq(owner))
            .filter(record_values::indicator.eq(indicator))
            .select(record_values::record);
        query = query.filter(records::id.eq_any(with));
    }
    if let Some(common) = &scope.common_indicator {
        let feeds = indicators::owner.eq(record_values::indicator_owner.assume_not_null());
        let feeds = feeds.and(indicators::code.eq(record_values::indicator.assume_not_null()));
        let with = record_values::table
            .inner_join(indicators::table.on(feeds))
            .filter(indicators::common_indicator.eq(common))
            .select(record_values::record);
        query = query.filter(records::id.eq_any(with));
    }
    if let Some(statutory_program) = &scope.statutory_program {
        query = query.filter(programs::statutory_program.eq(statutory_program));
    }
    if let Some((owner, department)) = &scope.department {
        let with = program_departments::table
            .filter(program_departments::plan.eq(records::plan))
            .filter(program_departments::program.eq(records::program))
            .filter(program_departments::municipality.eq(owner))
            .filter(program_departments::department.eq(department));
        query = query.filter(diesel::dsl::exists(with));
    }
    if let Some((owner, scheme, level)) = &scope.level {
        let with = record_evaluations::table
            .filter(record_evaluations::scheme_owner.eq(owner))
            .filter(record_evaluations::scheme.eq(scheme))
            .filter(record_evaluations::level.eq(level))
            .select(record_evaluations::record);
        query = query.filter(records::id.eq_any(with));
    }
    if let Some(statuses) = &scope.statuses {
        let in_state = reports::table
            .filter(reports::plan.eq(records::plan))
            .filter(reports::municipality.eq(records::municipality))
            .filter(reports::round.eq(records::round))
            .filter(reports::status.eq_any(statuses));
        query = query.filter(diesel::dsl::exists(in_state));
    }
    let rows: Vec<NamedRow> = query.load(&mut conn).await?;
    complete(conn, rows).await
}

/// The records of a round, of one reporter or all, that are the parties' own or handed in to them; with the targets of
/// other rounds where they are wanted. At most one more than `most`.
pub async fn of_table(mut conn: &Conn, wanted: &Wanted<'_>, parties: &[String]) -> Result<Vec<Working>, Error> {
    let owned = plans::table.filter(plans::owner.eq_any(parties)).select(plans::code);
    let handed_in = reports::table
        .filter(reports::plan.eq(records::plan))
        .filter(reports::municipality.eq(records::municipality))
        .filter(reports::round.eq(records::round))
        .filter(reports::status.eq_any(["submitted", "approved", "published"]));
    let theirs =
        records::municipality.eq_any(parties).or(records::plan.eq_any(owned).and(diesel::dsl::exists(handed_in)));
    let mut query = named!()
        .filter(records::plan.eq(wanted.plan.as_str()))
        .filter(theirs)
        .order((records::municipality, records::program, records::part, records::period, records::amendment))
        .limit(wanted.most + 1)
        .into_boxed();
    query = match wanted.with_targets {
        true => query.filter(records::round.eq(wanted.round).or(records::part.eq(Part::Targets))),
        false => query.filter(records::round.eq(wanted.round)),
    };
    if let Some(municipality) = wanted.municipality {
        query = query.filter(records::municipality.eq(municipality));
    }
    complete(conn, query.load(&mut conn).await?).await
}
