//! What the programs of the next plan are made of.

use super::types::{CreatePlanSuccessor, SuccessorProgram};
use crate::domain::key::{LocalCode, PlanCode};
use crate::error::{Code, Finding};
use crate::plans::types::Numbering;
use crate::programs::rules::is_carried_out;
use crate::programs::types::{ProgramSuccessorKind, PutProgram};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A plan's programs with their versions, in its order.
pub type Programs = [(LocalCode, PutProgram, i64)];

/// A program of the next plan. Its departments are still those of the last one.
pub struct Draft {
    pub code: String,
    /// Programs of the last plan, and how each went over.
    pub from: Vec<(String, ProgramSuccessorKind)>,
    pub body: PutProgram,
}

/// Those of the next plan, and the codes of those that do not go on; or all that is wrong with the mapping.
pub fn compose(
    plan: &PlanCode,
    numbering: Numbering,
    programs: &Programs,
    nodes: &BTreeSet<&str>,
    given: &CreatePlanSuccessor,
) -> Result<(Vec<Draft>, Vec<String>), Vec<Finding>> {
    let known: HashMap<&str, &PutProgram> = programs.iter().map(|(code, body, _)| (code.as_str(), body)).collect();
    let mut findings = unknown_and_doubled(plan, &known, given);
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for from in given.programs.iter().flat_map(|program| &program.from) {
        *uses.entry(from.as_str()).or_default() += 1;
    }
    let mut drafts = Vec::new();
    // Where in the body a program comes from: that is where it is told what is wrong with it.
    let mut places: Vec<String> = Vec::new();
    for (index, mapped) in given.programs.iter().enumerate() {
        let at = format!("/programs/{index}/to");
        if let Some(node) = mapped.to.node.as_deref().filter(|node| !nodes.contains(node)) {
            findings.push(Finding::new(
                format!("{at}/node"),
                Code::NodeUnknown,
                format!(
                    "前の計画に目標・施策・分類「{node}」はありません。新しいものは、計画を作ってから登録してください"
                ),
                format!("the last plan has no node `{node}`: register a new one once the plan is there"),
            ));
        }
        if let Some(draft) = mapped_from(mapped, &known, &uses) {
            drafts.push(draft);
            places.push(at);
        }
    }
    let mut left_out = Vec::new();
    for (code, body, _) in programs {
        let code = code.as_str();
        if uses.contains_key(code) {
            continue;
        }
        // What its plan has replaced itself goes on in what replaced it.
        let replaced = body.successors.iter().any(|successor| successor.plan == plan.as_str());
        if replaced || !is_carried_out(body, given.fiscal_year_from) || given.dropped.iter().any(|one| one == code) {
            left_out.push(code.to_owned());
            continue;
        }
        let from = vec![(code.to_owned(), ProgramSuccessorKind::Continued)];
        drafts.push(Draft { code: code.to_owned(), from, body: carried_over(body) });
        places.push(String::new());
    }
    collisions(numbering, &drafts, &places, &mut findings);
    if findings.is_empty() { Ok((drafts, left_out)) } else { Err(findings) }
}

/// As it stands in the next plan: what was of the last one alone is gone.
fn carried_over(body: &PutProgram) -> PutProgram {
    PutProgram { ended_after: None, successors: Vec::new(), printed: BTreeMap::new(), ..body.clone() }
}

fn mapped_from(
    mapped: &SuccessorProgram,
    known: &HashMap<&str, &PutProgram>,
    uses: &HashMap<&str, usize>,
) -> Option<Draft> {
    let is_split = |code: &str| uses.get(code).is_some_and(|uses| *uses > 1);
    let bodies: Vec<&PutProgram> = mapped.from.iter().filter_map(|code| known.get(code.as_str()).copied()).collect();
    let (first, others) = bodies.split_first()?;
    let mut body = carried_over(first);
    for other in others {
        body.departments.extend(other.departments.iter().filter(|one| !first.departments.contains(one)).cloned());
        let asked = |one: &&_| !first.indicators.contains(one);
        body.indicators.extend(other.indicators.iter().filter(asked).cloned());
        body.priority |= other.priority;
        if other.area != body.area {
            body.area = None;
        }
    }
    // The form asks for each indicator once.
    let mut seen = BTreeSet::new();
    body.indicators.retain(|asked| seen.insert((asked.owner.clone(), asked.indicator.clone())));
    let to = mapped.to.clone();
    let number = body.number_label.take().filter(|_| !mapped.from.first().is_some_and(|first| is_split(first)));
    body.number_label = to.number_label.or(number);
    body.name = to.name.or(body.name);
    body.node = to.node.or(body.node);
    body.position = to.position.unwrap_or(body.position);
    let kind = |code: &String| match (is_split(code), mapped.from.len()) {
        (true, _) => ProgramSuccessorKind::Split,
        (false, 1) => ProgramSuccessorKind::Continued,
        (false, _) => ProgramSuccessorKind::Merged,
    };
    let from = mapped.from.iter().map(|code| (code.clone(), kind(code))).collect();
    Some(Draft { code: to.program, from, body })
}

fn unknown_and_doubled(
    plan: &PlanCode,
    known: &HashMap<&str, &PutProgram>,
    given: &CreatePlanSuccessor,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut look = |at: String, code: &str| {
        if !known.contains_key(code) {
            let (ja, en) =
                (format!("計画 {plan} に事業 {code} はありません"), format!("plan {plan} has no program {code}"));
            findings.push(Finding::new(at, Code::ProgramUnknown, ja, en));
        }
    };
    for (index, program) in given.programs.iter().enumerate() {
        for (place, code) in program.from.iter().enumerate() {
            look(format!("/programs/{index}/from/{place}"), code);
        }
    }
    for (index, code) in given.dropped.iter().enumerate() {
        look(format!("/dropped/{index}"), code);
    }
    let twice = |at: String, ja: String, en: String| Finding::new(at, Code::ProgramMappedTwice, ja, en);
    for (index, program) in given.programs.iter().enumerate() {
        let mut named = BTreeSet::new();
        for (place, code) in program.from.iter().enumerate().filter(|(_, code)| !named.insert(*code)) {
            let at = format!("/programs/{index}/from/{place}");
            findings.push(twice(at, format!("事業 {code} が2回あります"), format!("program {code} stands here twice")));
        }
    }
    let mut dropped = BTreeSet::new();
    for (index, code) in given.dropped.iter().enumerate() {
        let at = format!("/dropped/{index}");
        if given.programs.iter().any(|program| program.from.contains(code)) {
            let ja = format!("事業 {code} は programs で引き継がれています。どちらか一方にしてください");
            findings.push(twice(at, ja, format!("program {code} goes on in `programs`: one of the two")));
        } else if !dropped.insert(code) {
            findings.push(twice(at, format!("事業 {code} が2回あります"), format!("program {code} stands here twice")));
        }
    }
    findings
}

/// Two of one code, or of one number where the plan's numbering wants it unique.
fn collisions(numbering: Numbering, drafts: &[Draft], places: &[String], findings: &mut Vec<Finding>) {
    let mut codes: HashMap<&str, usize> = HashMap::new();
    let mut numbers: HashMap<(Option<&str>, &str), usize> = HashMap::new();
    // Told at the one the sender wrote; what goes on by itself has no place in the body.
    let place = |a: usize, b: usize| [b, a].into_iter().filter_map(|at| places.get(at)).find(|at| !at.is_empty());
    for (index, draft) in drafts.iter().enumerate() {
        if let Some(first) = codes.insert(&draft.code, index) {
            let code = &draft.code;
            let at = place(first, index).map_or_else(|| "/programs".to_owned(), |at| format!("{at}/program"));
            findings.push(Finding::new(
                at,
                Code::ProgramCodeTaken,
                format!("新しい計画の事業コード {code} が重なっています。別のコードにするか、もとの事業 {code} を from か dropped に入れてください"),
                format!("two programs of the new plan would be {code}: give another code, or name the old {code} in `from` or `dropped`"),
            ));
        }
        let Some(label) = draft.body.number_label.as_deref() else { continue };
        let scope = draft.body.node.as_deref().filter(|_| numbering == Numbering::Node);
        if let Some(first) = numbers.insert((scope, label), index) {
            let at = place(first, index).map_or_else(|| "/programs".to_owned(), |at| format!("{at}/number_label"));
            findings.push(Finding::new(
                at,
                Code::ProgramNumberTaken,
                format!("新しい計画の番号「{label}」が重なっています"),
                format!("two programs of the new plan have the number `{label}`"),
            ));
        }
    }
}
