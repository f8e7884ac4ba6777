//! In which years a program is carried out.

use super::types::PutProgram;
use crate::domain::period::Period;

/// As far as is known; `2021` may lie in fiscal 2020.
pub fn is_carried_out(program: &PutProgram, year: i16) -> bool {
    in_year((program.started_on.as_deref(), program.started_in, program.ended_after), year)
}

/// What is known of a program's years: the date or the fiscal year it began, its last fiscal year.
pub type Years<'a> = (Option<&'a str>, Option<i16>, Option<i16>);

fn in_year((started_on, started_in, ended_after): Years<'_>, year: i16) -> bool {
    // `2021` sorts before the last day of fiscal 2020; `2021-04` does not.
    let last_day = format!("{}-03-31", year + 1);
    started_on.is_none_or(|started| started <= last_day.as_str())
        && started_in.is_none_or(|started| started <= year)
        && ended_after.is_none_or(|ended| year <= ended)
}

/// Is it carried out in the period? The baseline is everybody's; an open-ended period is what still comes.
pub fn is_in_force(years: Years<'_>, period: Period) -> bool {
    match period.fiscal_year() {
        None => true,
        Some(year) if period.expects_result() => in_year(years, year),
        Some(year) => years.2.is_none_or(|ended| year <= ended),
    }
}
