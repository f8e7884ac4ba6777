//! What only the database knows of records that are to be written: their plan, their reporter, their scales, their
//! neighbours. Asked once for all of a block.

use super::put::Job;
use super::queries::surroundings::{self, Surroundings};
use super::queries::{self, Names};
use super::types::{Block, Part, RecordBody, RecordKey};
use super::value::{Evaluation, IndicatorRef};
use crate::db::Conn;
use crate::error::{Code as ErrorCode, Error, Finding, token};
use crate::evaluation_schemes;
use crate::plans;
use crate::warnings::rules::{Indicators, Scales};
use futures_util::future::{try_join, try_join5};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What a check has learnt and the write goes on with.
#[derive(Default)]
pub struct Checked {
    around: Option<Surroundings>,
    pub scales: Scales,
    pub indicators: Indicators,
    /// What cannot be written, by its place among the jobs.
    pub refused: BTreeMap<usize, Error>,
}

impl Checked {
    pub fn names(&self, key: &RecordKey) -> Option<Names> {
        self.around.as_ref()?.names(key.program.as_str())
    }
}

pub async fn all(tx: &Conn, block: &Block, jobs: &[Job<'_>]) -> Result<Checked, Error> {
    let of_programs: Vec<&str> = jobs.iter().map(|job| job.key.program.as_str()).collect();
    let refuse_all = |error: Error| Checked {
        refused: (0..jobs.len()).map(|at| (at, error.clone())).collect(),
        ..Checked::default()
    };
    let (around, known) = try_join(surroundings::find(tx, block, &of_programs), Known::of(tx, block, jobs)).await?;
    let Some(around) = around else {
        return Ok(refuse_all(plans::queries::missing(&block.plan)));
    };
    if !around.reports {
        return Ok(refuse_all(Error::new(
            ErrorCode::PlanNotAReporter,
            format!("{} は計画 {} の、この期間の報告団体に含まれていません", block.municipality, block.plan),
            format!("{} is no reporter of plan {} for this period", block.municipality, block.plan),
        )));
    }
    let mut refused = BTreeMap::new();
    for (at, job) in jobs.iter().enumerate() {
        if around.names(job.key.program.as_str()).is_none() {
            let (ja, en) = unknown_program(block, job.key.program.as_str());
            refused.insert(at, Error::at("program", ErrorCode::ProgramUnknown, ja, en));
            continue;
        }
        let findings = findings(block, job, &around, &known);
        if !findings.is_empty() {
            refused.insert(at, Error::invalid(findings));
        }
    }
    Ok(Checked { around: Some(around), scales: known.scales, indicators: known.indicators, refused })
}

/// What the records of a block name.
struct Known {
    scales: Scales,
    indicators: Indicators,
    programs: HashSet<String>,
    /// Programs whose repost would make a chain.
    chains: HashSet<String>,
    /// Programs that have the goal before this amendment.
    amended: HashSet<String>,
}

impl Known {
    async fn of(tx: &Conn, block: &Block, jobs: &[Job<'_>]) -> Result<Self, Error> {
        let bodies = || jobs.iter().map(|job| job.body);
        let schemes: BTreeSet<_> = bodies().flat_map(|body| &body.evaluations).map(scheme_key).collect();
        let schemes: Vec<_> = schemes.into_iter().collect();
        let values = || bodies().flat_map(|body| &body.values);
        let indicators: Vec<_> = values().filter_map(|value| value.indicator.as_ref()).collect();
        let same = values().filter_map(|value| value.same_figure_as.as_ref()).map(|same| same.program.as_str());
        let programs: Vec<&str> = same.chain(bodies().filter_map(|body| body.repost_of.as_deref())).collect();
        let reposts: Vec<(&str, &str)> = jobs
            .iter()
            .filter_map(|job| Some((job.key.program.as_str(), job.body.repost_of.as_deref()?)))
            .filter(|(program, of)| program != of)
            .collect();
        let amended = async {
            if block.amendment == 0 {
                return Ok(HashSet::new());
            }
            let before = Block { amendment: block.amendment - 1, ..block.clone() };
            let of: Vec<&str> = jobs.iter().map(|job| job.key.program.as_str()).collect();
            queries::hold(tx, &before, &of).await
        };
        let (scales, indicators, programs, chains, amended) = try_join5(
            evaluation_schemes::queries::scales_of(tx, &schemes),
            surroundings::indicators(tx, &indicators),
            surroundings::programs(tx, &block.plan, &programs),
            queries::chains(tx, block, &reposts),
            amended,
        )
        .await?;
        Ok(Self { scales, indicators, programs, chains, amended })
    }
}

fn scheme_key(evaluation: &Evaluation) -> (String, String, i16) {
    (evaluation.owner.clone(), evaluation.scheme.clone(), evaluation.fiscal_year)
}

/// Names are compared without their spaces and line breaks; a municipality's may have its prefecture's before it.
fn disagreements(block: &Block, job: &Job<'_>, around: &Surroundings, findings: &mut Vec<Finding>) {
    let bare = |name: &str| name.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let same = |given: &str, known: &str| bare(given) == bare(known);
    let known = &around.municipality;
    if let Some(given) = job.named.municipality
        && !same(given, known)
        && !same(given, &format!("{}{known}", around.prefecture))
    {
        let (code, prefecture) = (block.municipality, &around.prefecture);
        findings.push(Finding::new(
            "key/municipality",
            ErrorCode::MunicipalityNameMismatch,
            format!("{code}は{prefecture}{known}です。「{given}」ではありません。どちらが正しいか確かめてください"),
            format!("{code} is {prefecture}{known}, not `{given}`: see which of the two is right"),
        ));
    }
    let Some(names) = around.names(job.key.program.as_str()) else { return };
    let code = &job.key.program;
    let mut differs = |what_ja: &str, what_en: &str, given: Option<&str>, known: Option<String>| {
        if let (Some(given), Some(known)) = (given, known)
            && !same(given, &known)
        {
            let (ja, en) = (
                format!(
                    "事業{code}の{what_ja}は「{known}」です。「{given}」ではありません。どちらが正しいか確かめてください"
                ),
                format!("the {what_en} of program {code} is `{known}`, not `{given}`: see which of the two is right"),
            );
            findings.push(Finding::new("key/program", ErrorCode::ProgramNameMismatch, ja, en));
        }
    };
    differs("名称", "name", job.named.program, names.program);
    differs("番号", "number", job.named.number, names.number);
}

fn findings(block: &Block, job: &Job<'_>, around: &Surroundings, known: &Known) -> Vec<Finding> {
    let (program, body) = (job.key.program.as_str(), job.body);
    let mut findings = Vec::new();
    disagreements(block, job, around, &mut findings);
    let fields = &around.text_fields;
    for field in body.texts.keys().filter(|field| fields.iter().all(|known| known.code != **field)) {
        let known = fields.iter().map(|known| known.code.as_str()).collect::<Vec<_>>().join("・");
        findings.push(Finding::new(
            format!("/texts/{}", token(field)),
            ErrorCode::RecordUnknownTextField,
            format!("「{field}」という文章欄はこの計画にありません（{known}）"),
            format!("the plan has no text field `{field}` ({known})"),
        ));
    }
    for (index, evaluation) in body.evaluations.iter().enumerate() {
        let scale = known.scales.get(&scheme_key(evaluation));
        let at = format!("/evaluations/{index}");
        let (level, reason) = (&evaluation.level, evaluation.reason.as_deref());
        evaluation_schemes::rules::judge(scale, &at, level, reason, &mut findings);
    }
    references(block, body, known, &mut findings);
    if block.part == Part::Results && !block.period.expects_result() {
        findings.push(Finding::new(
            "",
            ErrorCode::RecordPeriod,
            format!("{}には実績がありません。目標として記録してください", block.period.label_ja()),
            format!("{} has no result: record it as a target", block.period.label_en()),
        ));
    }
    let repost = |ja: &str, en: &str| Finding::new("/repost_of", ErrorCode::RecordRepost, ja, en);
    if body.repost_of.as_deref() == Some(program) {
        findings.push(repost("自分自身の再掲にはできません", "a record does not repost itself"));
    } else if body.repost_of.is_some() && known.chains.contains(program) {
        let ja = "再掲の再掲はできません。元の事業を指定してください";
        findings.push(repost(ja, "no repost of a repost: name the program that has it first"));
    }
    if block.amendment > 0 && !known.amended.contains(program) {
        let amendment = block.amendment;
        findings.push(Finding::new(
            "",
            ErrorCode::AmendmentGap,
            format!("変更目標{amendment}の前に、当初の目標と、それより前の変更目標が必要です"),
            format!("amendment {amendment} needs the original goal and every amendment before it"),
        ));
    }
    findings
}

fn unknown_program(block: &Block, program: &str) -> (String, String) {
    let plan = &block.plan;
    (format!("計画 {plan} に事業 {program} はありません"), format!("plan {plan} has no program {program}"))
}

/// Programs and indicators that figures and reposts name, each with the place that names it.
fn references(block: &Block, body: &RecordBody, known: &Known, findings: &mut Vec<Finding>) {
    let reposted = body.repost_of.iter().map(|program| ("/repost_of".to_owned(), program));
    let same = body.values.iter().enumerate().filter_map(|(index, value)| {
        let same = value.same_figure_as.as_ref()?;
        Some((format!("/values/{index}/same_figure_as/program"), &same.program))
    });
    for (at, program) in reposted.chain(same).filter(|(_, program)| !known.programs.contains(*program)) {
        let (ja, en) = unknown_program(block, program);
        findings.push(Finding::new(at, ErrorCode::ProgramUnknown, ja, en));
    }
    for (index, value) in body.values.iter().enumerate() {
        if let Some(IndicatorRef { owner, indicator }) = &value.indicator
            && !known.indicators.contains_key(&(owner.clone(), indicator.clone()))
        {
            let (ja, en) = (
                format!("指標 {owner}/{indicator} は登録されていません"),
                format!("the indicator {owner}/{indicator} is not registered"),
            );
            findings.push(Finding::new(format!("/values/{index}/indicator"), ErrorCode::IndicatorUnknown, ja, en));
        }
    }
}
