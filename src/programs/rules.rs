//! In which years a program is carried out.

use super::types::PutProgram;

/// As far as is known; `2021` may lie in fiscal 2020.
pub fn is_carried_out(program: &PutProgram, year: i16) -> bool {
    let last_day = format!("{}-03-31", year + 1);
    program.started_on.as_ref().is_none_or(|started| *started <= last_day)
        && program.started_in.is_none_or(|started| started <= year)
        && program.ended_after.is_none_or(|ended| year <= ended)
}
