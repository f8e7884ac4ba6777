//! `no_change_from_last_year`: the reporter says that last year's texts hold. They are copied where none is sent, never
//! figures nor levels; another text beside the mark is refused, for one of the two is not meant.

use super::put::Job;
use super::types::{Block, RecordBody};
use crate::db::Conn;
use crate::error::{Code, Error};
use crate::warnings::queries::history::{self, Before};
use std::collections::BTreeMap;

/// What is to stand for each marked job, by its place. No statement where none is marked, else one.
pub async fn texts(
    tx: &Conn,
    block: &Block,
    jobs: &[Job<'_>],
) -> Result<BTreeMap<usize, Result<RecordBody, Error>>, Error> {
    let marked = || jobs.iter().enumerate().filter(|(_, job)| job.body.no_change_from_last_year);
    let programs: Vec<&str> = marked().map(|(_, job)| job.key.program.as_str()).collect();
    if programs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (plan, municipality) = (block.plan.as_str(), block.municipality.as_str());
    let cell = [(block.part, block.period)].into();
    let before = history::before(tx, plan, municipality, &programs, &cell).await?;
    Ok(marked().map(|(at, job)| (at, body(block, job, &before))).collect())
}

fn body(block: &Block, job: &Job<'_>, before: &[Before]) -> Result<RecordBody, Error> {
    let texts = last_texts(block, job.key.program.as_str(), before)?;
    if !job.body.texts.is_empty() && job.body.texts != *texts {
        return Err(Error::at(
            "/no_change_from_last_year",
            Code::RecordTextChanged,
            "前年度から変更なしとありますが、文章が前年度と異なります。文章を省くか、no_change_from_last_year を false にしてください",
            "marked as unchanged, but the texts differ from last year's: leave them out, or set `no_change_from_last_year` to false",
        ));
    }
    Ok(RecordBody { texts: texts.clone(), ..job.body.clone() })
}

/// The program's own, else that of the one program it came after; of a changed goal the last one's.
fn last_texts<'a>(block: &Block, program: &str, before: &'a [Before]) -> Result<&'a BTreeMap<String, String>, Error> {
    let of_program: Vec<&Before> = before
        .iter()
        .filter(|last| last.program == program && last.amendment <= block.amendment && !last.texts.is_empty())
        .filter(|last| {
            let later = |other: &Before| other.amendment > last.amendment && other.amendment <= block.amendment;
            !before.iter().any(|o| o.program == program && o.from == last.from && !o.texts.is_empty() && later(o))
        })
        .collect();
    let own = |last: &&&Before| (last.from.0.as_str(), last.from.1.as_str()) == (block.plan.as_str(), program);
    let refused = |ja: &str, en: &str| Error::at("/no_change_from_last_year", Code::RecordNoLastYear, ja, en);
    match (of_program.iter().find(own), of_program.as_slice()) {
        (Some(last), _) | (None, [last]) => Ok(&last.texts),
        (None, []) => Err(refused(
            "前年度の文章がないため、変更なしにはできません。文章を書いてください",
            "there is no text of the year before to go on: write one",
        )),
        (None, _) => Err(refused(
            "統合された複数の事業に前年度の文章があるため、どれを写すか決められません。文章を書いてください",
            "several merged programs have a text of the year before: write one",
        )),
    }
}
