//! What a reviewer says about single cells when a report goes back.

use super::completeness::Form;
use super::types::{CellComment, ReportKey};
use crate::db::Conn;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::records::queries::{self as records, Working};

/// Does it name a field of a record, or a part of one? As the pattern of `CellComment` has it.
pub fn is_pointer(given: &str) -> bool {
    let mut parts = given.split('/');
    let fields = [
        "texts",
        "values",
        "evaluations",
        "missing_reason",
        "cross_reference",
        "repost_of",
        "reason",
        "amended_on",
        "note",
    ];
    let rest =
        |part: &str| (1..=40).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    parts.next() == Some("") && parts.next().is_some_and(|field| fields.contains(&field)) && {
        let rests: Vec<&str> = parts.collect();
        rests.len() <= 2 && rests.into_iter().all(rest)
    }
}

/// Each comment points at a cell of the round: a program of the plan, a part and period that is handed in; and at a
/// field that is there.
pub async fn check(tx: &Conn, key: &ReportKey, comments: &[CellComment]) -> Result<(), Error> {
    if comments.is_empty() {
        return Ok(());
    }
    let form = Form::of(tx, key).await?;
    let working = records::of_report(tx, &key.plan, key.municipality, key.round.as_str()).await?;
    let mut findings = Vec::new();
    for (index, comment) in comments.iter().enumerate() {
        let at = |field: &str| format!("/comments/{index}/{field}");
        if !form.has_program(&comment.program) {
            let (ja, en) = (
                format!("計画 {} に事業 {} はありません", key.plan, comment.program),
                format!("plan {} has no program {}", key.plan, comment.program),
            );
            findings.push(Finding::new(at("program"), ErrorCode::ProgramUnknown, ja, en));
        } else if !form.covers(comment.part, &comment.period) {
            let (part, period) = (comment.part.as_str(), &comment.period);
            let (ja, en) = (
                format!("照会 {} は {part} の {period} を扱っていません", key.round),
                format!("round {} does not cover {part} of {period}", key.round),
            );
            findings.push(Finding::new(at("period"), ErrorCode::RecordPeriod, ja, en));
        } else if let Some(pointer) = comment.pointer.as_deref().filter(|pointer| !is_there(comment, pointer, &working))
        {
            let (ja, en) = (
                format!("この記録に {pointer} はありません。事業全体への指摘なら pointer を省いてください"),
                format!("the record has no {pointer}; to comment on all of it leave `pointer` out"),
            );
            findings.push(Finding::new(at("pointer"), ErrorCode::RequestInvalid, ja, en));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(Error::invalid(findings)) }
}

/// A text that is to be written yet can be pointed at; a figure or level only where it is.
fn is_there(comment: &CellComment, pointer: &str, working: &[Working]) -> bool {
    let of_cell = |record: &&Working| {
        (record.part, record.program.as_str(), record.period.as_str())
            == (comment.part, comment.program.as_str(), comment.period.as_str())
    };
    let mut records = working.iter().filter(of_cell);
    pointer.starts_with("/texts/")
        || records.any(|record| serde_json::to_value(&record.body).is_ok_and(|body| body.pointer(pointer).is_some()))
}
