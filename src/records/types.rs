use super::value::{Evaluation, MissingReason, RecordValue, canonical_period};
use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Error, Finding, token};
use crate::municipalities::types::require_code;
use crate::plans::types::require_local_code;
use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// 記録の部：targets（目標・見込・計画）、results（実績・取組状況）
    pub enum Part {
        Targets = "targets",
        Results = "results",
    }
}

impl Part {
    /// Name of one record of this part, in journal and change feed.
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Targets => "target",
            Self::Results => "result",
        }
    }
}

/// The natural key of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordKey {
    pub part: Part,
    pub plan: PlanCode,
    pub program: LocalCode,
    pub municipality: Code,
    pub period: Period,
    /// 0: the original goal (and every result)
    pub amendment: i16,
}

impl RecordKey {
    /// As journal and change feed tell it.
    pub fn json(&self) -> serde_json::Value {
        record_key_json(
            self.part,
            self.plan.as_str(),
            self.program.as_str(),
            self.municipality.as_str(),
            &self.period.code(),
            self.amendment,
        )
    }

    pub fn missing(&self) -> Error {
        let key = format!("{}/{}/{}/{}", self.plan, self.program, self.municipality, self.period.code());
        let (mut ja, mut en) = match self.part {
            Part::Targets => (format!("目標 {key}"), format!("target {key}")),
            Part::Results => (format!("実績 {key}"), format!("result {key}")),
        };
        if self.amendment > 0 {
            ja = format!("{ja} 変更目標{}", self.amendment);
            en = format!("amendment {} of {en}", self.amendment);
        }
        Error::not_found(ja, en)
    }
}

/// A reporter's records of one plan, period and part: what one batch writes into. A record's key, but for its program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    pub plan: PlanCode,
    pub municipality: Code,
    pub part: Part,
    pub period: Period,
    pub amendment: i16,
}

impl From<&RecordKey> for Block {
    fn from(key: &RecordKey) -> Self {
        let RecordKey { part, plan, municipality, period, amendment, .. } = key;
        Self { plan: plan.clone(), municipality: *municipality, part: *part, period: *period, amendment: *amendment }
    }
}

pub fn record_key_json(
    part: Part,
    plan: &str,
    program: &str,
    municipality: &str,
    period: &str,
    amendment: i16,
) -> serde_json::Value {
    let mut key =
        serde_json::json!({ "plan": plan, "program": program, "municipality": municipality, "period": period });
    if let (Part::Targets, Some(fields)) = (part, key.as_object_mut()) {
        fields.insert("amendment".into(), amendment.into());
    }
    key
}

/// What a record says, whichever its part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordBody {
    pub texts: BTreeMap<String, String>,
    /// The texts are last year's, and meant so
    pub no_change_from_last_year: bool,
    pub cross_reference: Option<String>,
    pub repost_of: Option<String>,
    pub missing_reason: Option<MissingReason>,
    /// Why a goal was changed
    pub reason: Option<String>,
    pub amended_on: Option<String>,
    pub note: Option<String>,
    pub values: Vec<RecordValue>,
    pub evaluations: Vec<Evaluation>,
}

impl RecordBody {
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
            && self.values.is_empty()
            && self.cross_reference.is_none()
            && self.missing_reason.is_none()
    }
}

/// The rules of what every record has.
pub fn check_content(texts: &BTreeMap<String, String>, values: &mut [RecordValue], findings: &mut Vec<Finding>) {
    for (field, text) in texts {
        let length = text.chars().count();
        if length == 0 || length > 20_000 {
            findings.push(Finding::new(
                format!("/texts/{}", token(field)),
                ErrorCode::RequestInvalid,
                if length == 0 {
                    "空の文章は送れません。何もなければ項目ごと省いてください"
                } else {
                    "20,000字までです"
                },
                if length == 0 { "a text is not empty: leave the field out" } else { "at most 20,000 characters" },
            ));
        }
    }
    let count = i16::try_from(values.len()).unwrap_or(i16::MAX);
    for (ordinal, value) in (1..).zip(values.iter_mut()) {
        let at = format!("/values/{}", ordinal - 1);
        value.check(&at, ordinal, count, findings);
        if let Some(same) = &value.same_figure_as {
            require_local_code(&format!("{at}/same_figure_as/program"), Some(&same.program), findings);
        }
        if let Some(indicator) = &value.indicator {
            require_local_code(&format!("{at}/indicator/indicator"), Some(&indicator.indicator), findings);
            if indicator.owner != crate::domain::code::COMMON {
                require_code(&format!("{at}/indicator/owner"), &indicator.owner, findings);
            }
        }
    }
}

/// The rules of evaluations; whether a level is in its scheme, the database knows.
pub fn check_evaluations(evaluations: &mut [Evaluation], findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (index, evaluation) in evaluations.iter_mut().enumerate() {
        let at = format!("/evaluations/{index}");
        require_code(&format!("{at}/owner"), &evaluation.owner, findings);
        require_local_code(&format!("{at}/scheme"), Some(&evaluation.scheme), findings);
        if let Some(against) = &mut evaluation.against {
            canonical_period(&format!("{at}/against"), against, findings);
        }
        if !seen.insert((evaluation.owner.clone(), evaluation.scheme.clone(), evaluation.evaluator)) {
            let (ja, en) = ("同じ評価基準・評価者の評価が2つあります", "the same scheme and evaluator twice");
            findings.push(Finding::new(at, ErrorCode::RequestInvalid, ja, en));
        }
    }
}

/// What a target or result is: nothing at all is a cell not answered.
pub fn check_not_empty(empty: bool, findings: &mut Vec<Finding>) {
    if empty {
        findings.push(Finding::new(
            "",
            ErrorCode::RecordEmpty,
            "文章・数値・参照のどれもありません。わざと空欄にしたときは missing_reason を入れてください",
            "no text, value or reference. For a cell left blank on purpose give missing_reason",
        ));
    }
}
