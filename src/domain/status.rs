//! The states of a report and who may move it from one to the next.

/// Whom a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// The reporter
    Reporter,
    /// The owner of the plan, as its reviewer
    Reviewer,
    /// Either
    Both,
}

/// One allowed step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub from: Status,
    pub to: Status,
    pub mover: Mover,
    pub needs_reason: bool,
}

/// 報告の状態
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// 作成中
    Draft,
    /// 提出済み
    Submitted,
    /// 差戻し
    Returned,
    /// 承認済み
    Approved,
    /// 公表済み
    Published,
}

use Status::{Approved, Draft, Published, Returned, Submitted};

const fn step(from: Status, to: Status, mover: Mover, needs_reason: bool) -> Step {
    Step { from, to, mover, needs_reason }
}

/// Every step there is.
pub const STEPS: [Step; 8] = [
    step(Draft, Submitted, Mover::Reporter, false),
    step(Returned, Submitted, Mover::Reporter, false),
    // Withdrawn by the sender before review.
    step(Submitted, Draft, Mover::Reporter, false),
    step(Submitted, Returned, Mover::Reviewer, true),
    step(Submitted, Approved, Mover::Reviewer, false),
    step(Approved, Returned, Mover::Reviewer, true),
    step(Approved, Published, Mover::Reviewer, false),
    // A correction: the draft of the next edition. What is published stays so until that replaces it.
    step(Published, Draft, Mover::Both, true),
];

impl Status {
    pub const ALL: [Status; 5] = [Draft, Submitted, Returned, Approved, Published];

    /// The records of the report may be changed.
    pub fn is_open(self) -> bool {
        matches!(self, Draft | Returned)
    }

    pub fn step_to(self, to: Status) -> Option<Step> {
        STEPS.into_iter().find(|step| step.from == self && step.to == to)
    }

    pub fn next(self) -> impl Iterator<Item = Step> {
        STEPS.into_iter().filter(move |step| step.from == self)
    }

    pub fn label_ja(self) -> &'static str {
        match self {
            Draft => "作成中",
            Submitted => "提出済み",
            Returned => "差戻し",
            Approved => "承認済み",
            Published => "公表済み",
        }
    }
}

impl Step {
    pub fn may(self, reports: bool, reviews: bool) -> bool {
        match self.mover {
            Mover::Reporter => reports,
            Mover::Reviewer => reviews,
            Mover::Both => reports || reviews,
        }
    }
}
