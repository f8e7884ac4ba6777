//! Departments as they are called in a year.

use super::types::PutDepartment;
use crate::domain::warnings::department_name;
use crate::programs::types::{ProgramDepartment, ProgramDepartmentRole};
use std::collections::HashMap;

/// Those of a program as they are called in a fiscal year: one that was renamed or merged by then is followed to its
/// successor. A printed name goes with it where it was the department's name, whatever its line breaks; what else was
/// printed stays.
pub fn in_year(
    given: &[ProgramDepartment],
    known: &HashMap<String, PutDepartment>,
    year: i16,
) -> Vec<ProgramDepartment> {
    let mut all: Vec<ProgramDepartment> = Vec::new();
    for one in given {
        let mut one = one.clone();
        if let Some((old, new)) = one.department.as_deref().and_then(|code| followed(code, known, year)) {
            let was_printed =
                |name: &str| one.printed_text.as_deref().map(department_name) == Some(department_name(name));
            if known.get(one.department.as_deref().unwrap_or_default()).is_some_and(|old| was_printed(&old.name))
                || was_printed(&old)
            {
                one.printed_text = known.get(&new).map(|department| department.name.clone());
            }
            one.department = Some(new);
        }
        match all.iter_mut().find(|there| one.department.is_some() && there.department == one.department) {
            // Two that became one.
            Some(there) if one.role == ProgramDepartmentRole::Lead => there.role = ProgramDepartmentRole::Lead,
            Some(_) => {}
            None => all.push(one),
        }
    }
    all
}

/// The last name before the end, and the code there; none: it is there itself. A ring ends where it began.
fn followed(code: &str, known: &HashMap<String, PutDepartment>, year: i16) -> Option<(String, String)> {
    let (mut at, mut name, mut steps) = (code, None, 0);
    while let Some(department) = known.get(at)
        && let Some(next) = department.successor.as_deref()
        && department.fiscal_year_to.is_none_or(|to| to < year)
        && known.get(next).is_some_and(|next| next.fiscal_year_from.is_none_or(|from| from <= year))
        && steps < known.len()
    {
        (at, name, steps) = (next, Some(department.name.clone()), steps + 1);
    }
    name.filter(|_| at != code).map(|name| (name, at.to_owned()))
}
