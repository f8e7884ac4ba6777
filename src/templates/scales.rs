//! Which evaluations a template has a column for.

use super::queries::schemes_in_force;
use crate::db::Conn;
use crate::domain::period::Period;
use crate::error::Error;
use crate::evaluation_schemes::queries::scales_of;
use crate::evaluation_schemes::rules::Scale;
use crate::records::flat::Judged;
use crate::records::queries::Working;
use crate::records::queries::last_year::LastYear;
use crate::records::types::Part;
use crate::records::value::Evaluator;
use crate::reports::types::ReportKey;

/// Those the records have, and the schemes by which the reporter judged itself last year, as they are in force now; where
/// there are none, those of the plan's owner, else the reporter's. In the order in which records have them.
pub async fn of(
    conn: &Conn,
    key: &ReportKey,
    pairs: &[(Part, Period)],
    existing: &[Working],
    before: &[LastYear],
) -> Result<Vec<(Judged, Option<Scale>)>, Error> {
    let mut all = in_use(existing.iter());
    let results = pairs.iter().filter(|(part, period)| *part == Part::Results && period.expects_result());
    if let Some(year) = results.filter_map(|(_, period)| period.fiscal_year()).max() {
        let (owner, reporter) = (key.plan.owner().to_string(), key.municipality.to_string());
        let last = in_use(before.iter().map(|last| &*last.record));
        let owners: Vec<&str> = last.iter().map(|judged| judged.owner.as_str()).chain([&*owner, &*reporter]).collect();
        let in_force = schemes_in_force(conn, &owners, year).await?;
        all.extend(added(&all, &last, in_force, [&owner, &reporter]));
    }
    let key = |judged: &Judged| (judged.owner.clone(), judged.scheme.clone(), judged.fiscal_year);
    let scales = scales_of(conn, &all.iter().map(key).collect::<Vec<_>>()).await?;
    // Two evaluators may judge by one scheme.
    Ok(all
        .into_iter()
        .map(|judged| (scales.get(&key(&judged)).cloned(), judged))
        .map(|(scale, of)| (of, scale))
        .collect())
}

/// What has no column yet and is to have one.
fn added(there: &[Judged], last: &[Judged], in_force: Vec<Judged>, owners: [&String; 2]) -> Vec<Judged> {
    let own = |judged: &&Judged| judged.evaluator == Evaluator::Own;
    let is_one = |a: &Judged, b: &Judged| (&a.owner, &a.scheme) == (&b.owner, &b.scheme);
    let goes_on = last.iter().filter(own).filter_map(|last| in_force.iter().find(|scheme| is_one(scheme, last)));
    let mut wanted: Vec<Judged> = goes_on.cloned().collect();
    if wanted.is_empty() && !there.iter().any(|judged| own(&judged)) {
        let of = |owner: &String| in_force.iter().filter(|scheme| scheme.owner == *owner).cloned().collect::<Vec<_>>();
        wanted = owners.into_iter().map(of).find(|found| !found.is_empty()).unwrap_or_default();
    }
    wanted.retain(|scheme| !there.iter().filter(own).any(|judged| is_one(judged, scheme)));
    wanted
}

fn in_use<'a>(records: impl Iterator<Item = &'a Working>) -> Vec<Judged> {
    let mut all: Vec<Judged> = Vec::new();
    for record in records {
        let mut at = 0;
        for judged in record.body.evaluations.iter().map(Judged::from) {
            match all.iter().position(|known| *known == judged) {
                Some(known) => at = known + 1,
                None => {
                    all.insert(at, judged);
                    at += 1;
                }
            }
        }
    }
    all
}
