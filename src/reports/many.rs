//! Many reports moved in one call 一括: each in a transaction of its own, by the same rule as a single one, so that one
//! that is refused does not hold up the others.
//!
//! The key of the call: each step that is made is kept under a part of it in the step's own transaction; the whole
//! answer under the key itself when all are done. Whatever ends a call half-way (time, a crash, a lock), the same call sent
//! again finds the steps that it had made, answers them as made, and goes on with the rest. A call that moves nothing
//! keeps nothing, as a single refusal does.

use super::transition;
use super::types::{CellComment, CreateTransition, ReportKey, ReportStatus, check_step};
use crate::auth::{Caller, ReportActor};
use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::error::{Code as ErrorCode, Error, Finding, FixBy, Refusal, short};
use crate::idempotency::IdempotencyKey;
use crate::idempotency::queries::{self as idempotency, First};
use crate::municipalities::types::require_code;
use crate::plans::types::{require_local_code, require_plan_code};
use crate::state::State;
use crate::web::json::Rules;
use crate::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// 一括で状態を変える報告の一つ / one of many reports to move
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReportTransition {
    #[schema(
        pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$",
        max_length = 55,
        example = "132292-mihon-2020"
    )]
    pub plan: String,
    /// 報告団体
    #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132292")]
    pub municipality: String,
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "2023-results")]
    pub round: String,
    pub to: ReportStatus,
    /// 操作した人（送信側のシステムが把握している担当者。公表されない）
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "子ども政策課 担当A")]
    pub person: String,
    /// 理由。差戻し・訂正・空の報告の提出には必須
    #[serde(default)]
    #[validate(length(min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000)]
    pub comment: Option<String>,
    #[serde(default)]
    #[validate(nested, length(max = 500))]
    #[schema(max_items = 500)]
    pub comments: Vec<CellComment>,
}

/// 一括の操作。上から順に、一つずつ / many steps, one after the other
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CreateTransitions {
    #[validate(nested, length(min = 1, max = 2000))]
    #[schema(min_items = 1, max_items = 2000)]
    pub transitions: Vec<ReportTransition>,
}

impl Rules for CreateTransitions {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        for (index, item) in self.transitions.iter_mut().enumerate() {
            let at = format!("/transitions/{index}");
            require_plan_code(&format!("{at}/plan"), &item.plan, findings);
            require_code(&format!("{at}/municipality"), &item.municipality, findings);
            require_local_code(&format!("{at}/round"), Some(&item.round), findings);
            check_step(&at, item.to, &mut item.comments, findings);
        }
    }
}

words! {
    /// moved：状態が変わった、refused：変わらなかった（problem を見る）
    pub enum TransitionResult {
        Moved = "moved",
        Refused = "refused",
    }
}

/// 一つの報告の結果 / what became of one step
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionOutcome {
    #[schema(max_length = 55)]
    pub plan: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub municipality: String,
    #[schema(max_length = 40)]
    pub round: String,
    pub to: ReportStatus,
    pub result: TransitionResult,
    /// moved：変わったあとの報告のETag / moved: the report's ETag now
    #[schema(max_length = 40, example = "\"v3\"")]
    pub etag: Option<String>,
    /// moved：版 / moved: its edition
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub edition: Option<i32>,
    /// refused：そのわけ / refused: why
    pub problem: Option<TransitionProblem>,
}

/// 変わらなかったわけ。一件ずつ送ったときの誤りと同じ / as the single transition would have told it
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionProblem {
    /// 安定したコード
    #[schema(max_length = 100, example = "report.transition")]
    pub code: String,
    #[schema(max_length = 4000)]
    pub message_ja: String,
    #[schema(max_length = 4000)]
    pub message_en: String,
    pub fix_by: FixBy,
    #[schema(max_items = 500)]
    pub errors: Vec<TransitionFinding>,
}

/// どこが誤りか
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionFinding {
    /// 本文の中のJSONポインター
    #[schema(max_length = 500, example = "/transitions/3/comment")]
    pub pointer: String,
    #[schema(max_length = 100)]
    pub code: String,
    #[schema(max_length = 4000)]
    pub message_ja: String,
    #[schema(max_length = 4000)]
    pub message_en: String,
}

/// 一括の結果。送った順 / outcomes in the order sent
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionOutcomes {
    #[schema(minimum = 0, maximum = 2000)]
    pub moved: usize,
    #[schema(minimum = 0, maximum = 2000)]
    pub refused: usize,
    #[schema(max_items = 2000)]
    pub outcomes: Vec<TransitionOutcome>,
}

impl ReportTransition {
    fn step(&self) -> CreateTransition {
        let Self { to, person, comment, comments, .. } = self.clone();
        CreateTransition { to, person, comment, comments }
    }

    /// None cannot be: the body was found valid.
    fn key(&self) -> Result<ReportKey, Error> {
        let (plan, municipality) = (PlanCode::parse(&self.plan), Code::parse(&self.municipality).ok());
        match (plan, municipality, LocalCode::parse(&self.round)) {
            (Some(plan), Some(municipality), Some(round)) => Ok(ReportKey { plan, municipality, round }),
            _ => Err(Error::internal("a key that was found valid")),
        }
    }

    fn outcome(&self, result: TransitionResult) -> TransitionOutcome {
        TransitionOutcome {
            plan: self.plan.clone(),
            municipality: self.municipality.clone(),
            round: self.round.clone(),
            to: self.to,
            result,
            etag: None,
            edition: None,
            problem: None,
        }
    }
}

/// Moves the reports, or repeats the answer the key has had already.
pub async fn create(
    state: &State,
    caller: &Caller,
    key: &IdempotencyKey,
    body: &CreateTransitions,
) -> Result<First, Error> {
    let hash = key.hash(body)?;
    let (client, now) = (&caller.client, state.clock.now());
    let whole = async |tx: &_| idempotency::first(tx, client, &key.key, &hash, now).await;
    if let Some(first) = state.db.as_caller(caller, whole).await? {
        return Ok(first);
    }
    let mut outcomes = Vec::new();
    for (index, item) in body.transitions.iter().enumerate() {
        let own = idempotency::part_of(&key.key, index);
        outcomes.push(match one(state, caller, &own, &hash, item).await {
            Ok(moved) => moved,
            Err(Error::Refused(refusal)) if is_outcome(refusal.code) => refused(item, index, &refusal),
            // Busy, stopping, our own fault, the same call still running: sent again, it goes on from here.
            Err(other) => return Err(other),
        });
    }
    let moved = outcomes.iter().filter(|outcome| outcome.result == TransitionResult::Moved).count();
    let answer = TransitionOutcomes { moved, refused: outcomes.len() - moved, outcomes };
    let first = First { status: 200, etag: None, response: serde_json::to_value(answer).map_err(Error::internal)? };
    if moved > 0 {
        let kept = async |tx: &_| idempotency::keep_whole(tx, client, &key.key, hash, &first, now).await;
        state.db.as_caller(caller, kept).await?;
    }
    Ok(first)
}

/// Who may is judged report by report, and the step by the rule of the single one.
async fn one(
    state: &State,
    caller: &Caller,
    own_key: &str,
    hash: &[u8],
    item: &ReportTransition,
) -> Result<TransitionOutcome, Error> {
    let key = item.key()?;
    let actor = ReportActor::of(caller.clone(), key.plan.owner(), key.municipality)?;
    let step = item.step();
    let first = transition::once(state, &actor, &key, (own_key, hash), &step, |report| {
        let (etag, edition) = (Some(report.etag), Some(report.edition));
        serde_json::to_value(TransitionOutcome { etag, edition, ..item.outcome(TransitionResult::Moved) })
    });
    serde_json::from_value(first.await?.response).map_err(Error::internal)
}

/// Does it say something of this report, and not of the call or the service?
fn is_outcome(code: ErrorCode) -> bool {
    (400..500).contains(&code.status())
        && !matches!(code, ErrorCode::RequestStillRunning | ErrorCode::RequestIdempotencyKeyReused)
}

fn refused(item: &ReportTransition, index: usize, refusal: &Refusal) -> TransitionOutcome {
    let finding = |finding: &Finding| TransitionFinding {
        pointer: format!("/transitions/{index}{}", finding.pointer),
        code: finding.code.id().to_owned(),
        message_ja: short(&finding.ja, 4000),
        message_en: short(&finding.en, 4000),
    };
    let problem = TransitionProblem {
        code: refusal.code.id().to_owned(),
        message_ja: short(&refusal.ja, 4000),
        message_en: short(&refusal.en, 4000),
        fix_by: refusal.code.fix_by(),
        errors: refusal.findings.iter().map(finding).collect(),
    };
    TransitionOutcome { problem: Some(problem), ..item.outcome(TransitionResult::Refused) }
}
