//! A row as it was read, whichever its format: what it wants to stand, or what is wrong with it, and where that is.

use super::read;
use super::types::{ImportRowKey, MOST_ROWS, OnConflict, RowResource};
use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Error, Finding, Refusal, short};
use crate::municipalities::types::require_code;
use crate::records::types::{Part, RecordBody, RecordKey};
use crate::records::value::canonical_period;
use crate::reports::types::ReportKey;
use crate::results::types::PutResult;
use crate::targets::types::PutTarget;
use crate::web::json;
use crate::web::write::Write;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a row stands in what was sent, and where its fields do.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// Of `rows` in a JSON body, counted from 0.
    Json(usize),
    /// Of NDJSON, counted from 1.
    Line(usize),
    /// Of a sheet: the row, and its cells by the pointers of what was read from them.
    Cells { row: read::Place, cells: Box<[(Arc<str>, read::Place)]> },
}

impl Place {
    pub fn row(&self) -> String {
        match self {
            Self::Json(index) => format!("/rows/{index}"),
            Self::Line(line) => format!("{line}行目"),
            Self::Cells { row, .. } => row.to_string(),
        }
    }

    /// Of a field, by its pointer into the row.
    pub fn of(&self, pointer: &str) -> String {
        match self {
            Self::Json(index) => format!("/rows/{index}{pointer}"),
            Self::Line(line) => format!("{line}行目 {pointer}"),
            Self::Cells { row, cells } => read::at(row, cells, pointer).to_string(),
        }
    }
}

/// Names that came with the codes of a key: they must not disagree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    pub municipality: Option<String>,
    pub program: Option<String>,
    pub number: Option<String>,
}

/// What a row wants to stand.
pub struct Wish {
    pub key: RecordKey,
    pub names: Names,
    pub is_repost: bool,
    pub write: Write,
    /// As JSON, which takes a fifth of the room; of tens of thousands only those in hand are taken out.
    body: Box<[u8]>,
}

impl Wish {
    pub fn body(&self) -> Result<RecordBody, Error> {
        serde_json::from_slice(&self.body).map_err(Error::internal)
    }
}

pub struct Row {
    pub place: Place,
    pub resource: Option<RowResource>,
    /// As far as it could be read.
    pub key: BTreeMap<String, String>,
    pub wish: Result<Box<Wish>, Vec<Finding>>,
    /// What was sent, by column, to be given back with what is wrong with it.
    pub source: Vec<(Arc<str>, String)>,
}

/// What came out of a body, whichever its format.
#[derive(Default)]
pub struct Rows {
    pub rows: Vec<Row>,
    /// Not filled in.
    pub blank: usize,
    /// Which report's form it is, and the form's fingerprint, where it came from a template.
    pub form: Option<(ReportKey, String)>,
}

/// None: not the key of a report.
pub fn form(plan: &str, municipality: &str, round: &str, form: &str) -> Option<(ReportKey, String)> {
    let (plan, municipality) = (PlanCode::parse(plan)?, Code::parse(municipality).ok()?);
    Some((ReportKey { plan, municipality, round: LocalCode::parse(round)? }, form.to_owned()))
}

/// As many as an import takes, and at least one.
pub fn bounded(count: usize) -> Result<(), Error> {
    match count {
        0 => Err(Error::new(ErrorCode::ImportRows, "取り込む行がありません", "There is no row to import")),
        1..=MOST_ROWS => Ok(()),
        _ => Err(Error::new(
            ErrorCode::ImportRows,
            format!("一度に{MOST_ROWS}件までです（{count}件ありました）。分けて送ってください"),
            format!("At most {MOST_ROWS} rows at once ({count} were sent): send them in parts"),
        )),
    }
}

/// A row before it is judged.
pub struct Given<'a> {
    pub resource: RowResource,
    pub key: ImportRowKey,
    pub if_match: Option<String>,
    /// JSON
    pub body: &'a [u8],
}

/// Every finding at once; pointers are those of the row.
pub fn wish(given: Given<'_>, on_conflict: OnConflict) -> Result<Box<Wish>, Vec<Finding>> {
    let Given { resource, key, if_match, body } = given;
    let mut findings = Vec::new();
    let names = Names {
        municipality: key.municipality_name.clone(),
        program: key.program_name.clone(),
        number: key.program_number.clone(),
    };
    let key = read_key(resource, key, &mut findings);
    let write = Write::of_row(if_match.as_deref(), on_conflict == OnConflict::Overwrite);
    let write = take(write, "/if_match", &mut findings);
    let amendment = key.as_ref().map_or(0, |key| key.amendment);
    let body = match resource {
        RowResource::Result => json::parse(body).map(PutResult::into_body),
        RowResource::Target => json::parse(body)
            .and_then(|body: PutTarget| body.check_amendment(amendment).map(|()| body))
            .map(PutTarget::into_body),
    };
    match (key, take(body, "/body", &mut findings), write) {
        (Some(key), Some(body), Some(write)) if findings.is_empty() => {
            let packed = serde_json::to_vec(&body).map_err(|cause| of(Error::internal(cause), "/body"))?;
            Ok(Box::new(Wish { key, names, is_repost: body.repost_of.is_some(), write, body: packed.into() }))
        }
        _ => Err(findings),
    }
}

fn take<T>(read: Result<T, Error>, prefix: &str, findings: &mut Vec<Finding>) -> Option<T> {
    read.map_err(|error| findings.extend(of(error, prefix))).ok()
}

/// What an error says, as findings in a row.
pub fn of(error: Error, prefix: &str) -> Vec<Finding> {
    let Error::Refused(refusal) = error else {
        let (ja, en) = ("サーバー内部の誤り", "internal error");
        return vec![Finding::new(prefix, ErrorCode::ServiceInternal, ja, en)];
    };
    let Refusal { code, ja, en, findings, .. } = *refusal;
    if findings.is_empty() {
        return vec![Finding::new(prefix, code, ja, en)];
    }
    let below = |finding: Finding| {
        let pointer = match finding.pointer.as_str() {
            "" => prefix.to_owned(),
            // The single PUT has it in its path.
            "program" => "/key/program".to_owned(),
            name if name.starts_with("key/") => format!("/{name}"),
            "/if_match" => "/if_match".to_owned(),
            pointer if pointer.starts_with('/') => format!("{prefix}{pointer}"),
            name => format!("{prefix}/{name}"),
        };
        Finding { pointer, ..finding }
    };
    findings.into_iter().map(below).collect()
}

fn read_key(resource: RowResource, key: ImportRowKey, findings: &mut Vec<Finding>) -> Option<RecordKey> {
    let plan = PlanCode::parse(&key.plan);
    if plan.is_none() {
        let (ja, en) = (
            format!("「{}」は計画コードではありません。132284-kodomo-2020 の形です", key.plan),
            format!("`{}` is no plan code: it looks like 132284-kodomo-2020", key.plan),
        );
        findings.push(Finding::new("/key/plan", ErrorCode::PlanUnknown, ja, en));
    }
    let program = LocalCode::parse(&key.program);
    if program.is_none() {
        let (ja, en) = (
            format!("「{}」は事業コードではありません", key.program),
            format!("`{}` is no code of a program", key.program),
        );
        findings.push(Finding::new("/key/program", ErrorCode::ProgramUnknown, ja, en));
    }
    require_code("/key/municipality", &key.municipality, findings);
    let mut period = key.period;
    canonical_period("/key/period", &mut period, findings);
    let part = match resource {
        RowResource::Target => Part::Targets,
        RowResource::Result => Part::Results,
    };
    let amendment = key.amendment.unwrap_or(0);
    if !(0..=99).contains(&amendment) || (amendment > 0 && part == Part::Results) {
        let (ja, en) = ("変更目標の番号は目標だけの、0から99までです", "from 0 to 99, and of targets only");
        findings.push(Finding::new("/key/amendment", ErrorCode::RequestInvalid, ja, en));
        return None;
    }
    let (municipality, period) = (Code::parse(&key.municipality).ok()?, Period::parse(&period).ok()?);
    Some(RecordKey { part, plan: plan?, program: program?, municipality, period, amendment })
}

/// A key as it is shown.
pub fn shown(key: &ImportRowKey) -> BTreeMap<String, String> {
    let amendment = key.amendment.filter(|number| *number > 0).map(|number| ("amendment", number.to_string()));
    let fields = [
        ("plan", key.plan.clone()),
        ("program", key.program.clone()),
        ("municipality", key.municipality.clone()),
        ("period", key.period.clone()),
    ];
    short_key(fields.into_iter().chain(amendment).map(|(name, value)| (name.to_owned(), value)))
}

/// As the document bounds it.
pub fn short_key(fields: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    fields.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, short(value, 60))).collect()
}
