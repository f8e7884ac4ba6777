use super::rules;
use crate::clock::wire;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::municipalities::types::require_code;
use crate::plans::types::{View, require_local_code};
use crate::programs::types::Program;
use crate::records::types::Part;
use crate::web::json::Rules;
use crate::web::params::{Filter, unreadable};
use crate::{list_of, path_key, resource};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

path_key! {
    /// Address of a round.
    pub struct RoundKey { plan: PlanCode, round: LocalCode = "2023-results" }
}

/// 照会が扱う部と期間 / a part and period that is handed in with the round
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RoundCover {
    pub part: Part,
    /// 期間。令和6年度、R6 なども受け付け、2024 の形で返す / era forms are taken and answered as `2024`
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, example = "2024")]
    pub period: String,
}

/// 照会の対象から外れる団体、または期限の異なる団体 / a reporter left out of the round, or with a due instant of its own
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RoundMember {
    /// 計画の報告団体 / a reporter of the plan
    #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
    pub municipality: String,
    /// 対象外。省略：false / left out
    #[serde(default)]
    pub left_out: bool,
    /// この団体の期限（照会の due_at と同じ書き方）。対象外でなければ必須 / its own due instant, unless left out
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40, example = "2025-05-31")]
    pub due_at: Option<String>,
}

resource! {
    /// 照会 / a round
    struct Round {
        /// 計画コード
        #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "130001-kpi-2024")]
        plan: String,
        /// 計画の中で一意な照会のコード
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "2024-results")]
        code: String,
        /// 最初の記録で自動的に作られ、所有者がまだ編集していない（読み取り専用） / made by the first record, not yet edited by the owner; read only
        is_default: bool,
    }
    /// 照会の登録内容
    body struct PutRound {
        /// 照会の名称
        #[serde(default)]
        #[validate(length(min = 1, max = 300))]
        #[schema(min_length = 1, max_length = 300, example = "令和6年度 実績調査")]
        title: Option<String>,
        /// 期限：時差付きの日時（RFC 3339）、または日付（2025-03-31 はその日の24時まで）。+09:00 の日時で返す。
        /// この瞬間から後が遅延。null：期限なし
        /// / RFC 3339 with offset, or a date, which ends at 24:00 JST; answered as an instant, the first that is late
        #[serde(default)]
        #[validate(length(max = 40))]
        #[schema(max_length = 40, example = "2025-04-30")]
        due_at: Option<String>,
        /// 様式の版 / version of the form
        #[serde(default)]
        #[validate(length(min = 1, max = 100))]
        #[schema(min_length = 1, max_length = 100)]
        form_version: Option<String>,
        /// 一緒に提出する部と期間。1つの組は、計画の中で1つの照会だけが扱う。重複は除き、整列して返す
        /// / what is handed in together; a pair belongs to one round of its plan only
        #[validate(nested, length(min = 1, max = 100))]
        #[schema(min_items = 1, max_items = 100)]
        covers: Vec<RoundCover>,
        /// 報告団体のうち、対象外の団体と期限の異なる団体だけ。団体コード順に返す
        /// / only the reporters that are left out or have a due instant of their own
        #[serde(default)]
        #[validate(nested, length(max = 2000))]
        #[schema(max_items = 2000)]
        members: Vec<RoundMember>,
    }
}
list_of!(RoundList, Round);

impl Rules for PutRound {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        check_due("/due_at", &mut self.due_at, findings);
        for (index, cover) in self.covers.iter_mut().enumerate() {
            require_period(&format!("/covers/{index}/period"), &mut cover.period, findings);
        }
        let mut named = BTreeSet::new();
        for (index, member) in self.members.iter_mut().enumerate() {
            let at = format!("/members/{index}");
            require_code(&format!("{at}/municipality"), &member.municipality, findings);
            check_due(&format!("{at}/due_at"), &mut member.due_at, findings);
            if member.left_out == member.due_at.is_some() {
                let (ja, en) = (
                    "対象外（left_out）にするか、期限（due_at）を付けるか、どちらか一方にしてください",
                    "either leave it out (`left_out`) or give it a `due_at`, one of the two",
                );
                findings.push(Finding::new(at.clone(), ErrorCode::RequestInvalid, ja, en));
            }
            if !named.insert(member.municipality.clone()) {
                let (ja, en) = ("同じ団体が2回あります", "the municipality is named twice");
                findings.push(Finding::new(format!("{at}/municipality"), ErrorCode::RequestInvalid, ja, en));
            }
        }
        // Order and repetition say nothing: without them equal content compares equal.
        self.covers.sort();
        self.covers.dedup();
        self.members.sort();
    }
}

/// A due instant in a body becomes canonical, or a finding.
fn check_due(pointer: &str, given: &mut Option<String>, findings: &mut Vec<Finding>) {
    let Some(text) = given else { return };
    match rules::due(text) {
        Some(at) => *text = wire::text(at),
        None => findings.push(Finding::new(
            pointer,
            ErrorCode::RequestInvalid,
            format!("「{text}」は期限として読めません。2025-03-31（その日の24時まで）か、時差付きの 2025-03-31T17:00:00+09:00 の形で書いてください"),
            format!("`{text}` is no due instant: write 2025-03-31 (until 24:00 JST) or, with an offset, 2025-03-31T17:00:00+09:00"),
        )),
    }
}

/// A period in a body becomes canonical, or a finding.
pub fn require_period(pointer: &str, given: &mut String, findings: &mut Vec<Finding>) {
    match Period::parse(given) {
        Ok(period) => *given = period.code(),
        Err(wrong) => findings.push(Finding::new(pointer, ErrorCode::PeriodUnknown, wrong.ja(), wrong.en())),
    }
}

path_key! {
    /// Address of the round that a new one goes on from.
    pub struct LastRoundKey { plan: PlanCode = "141500-mihon-2022", round: LocalCode = "2023" }
}

/// 次の年度の照会。省略した項目は、前の照会から1年進める
/// / the round of the next year; what is left out goes on from the last one by a year
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CreateRoundSuccessor {
    /// 新しい照会のコード。省略：前のコードの年度を1年進める（2024-results → 2025-results）
    #[serde(default)]
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "2024")]
    pub code: Option<String>,
    /// 名称。省略：前の名称の年度を1年進める
    #[serde(default)]
    #[validate(length(min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300, example = "令和6年度 点検シート")]
    pub title: Option<String>,
    /// 期限（照会の due_at と同じ書き方）。省略：1年後
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40, example = "2025-05-31")]
    pub due_at: Option<String>,
}

impl Rules for CreateRoundSuccessor {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        require_local_code("/code", self.code.as_deref(), findings);
        check_due("/due_at", &mut self.due_at, findings);
    }
}

/// 次の年度の様式に載る事業 / a program on the form of the new year
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormProgram {
    #[schema(max_length = 40, example = "21")]
    pub program: String,
    /// 番号（印刷のまま） / number as printed
    #[schema(max_length = 100, example = "21")]
    pub number_label: Option<String>,
    #[schema(max_length = 1000, example = "妊婦健康診査")]
    pub name: Option<String>,
    /// 前年度の記録を横に置く事業：自分と、統合・分割された前の事業。空：新しい事業
    /// / whose last year stands beside it: itself, and what it came after; empty: it is new
    #[schema(schema_with = crate::web::wire::programs)]
    pub from: Vec<String>,
}

/// 次の年度の照会と、その様式 / the round of the next year, and its form
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundSuccession {
    pub round: Round,
    /// 様式に載る事業（計画の順） / the programs asked about, in the plan's order
    #[schema(max_items = 10_000)]
    pub form: Vec<FormProgram>,
    /// 終了していて、様式に載らない事業のコード / programs that have ended
    #[schema(schema_with = crate::web::wire::programs)]
    pub left_out: Vec<String>,
    /// この操作で変わった事業：担当課が後継の名称になったもの、後継に引き継いで終了したもの
    /// / programs that changed: departments as renamed, and those that ended with their successor
    #[schema(max_items = 10_000)]
    pub changed: Vec<Program>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RoundFilter {
    /// 計画コード / the plan
    #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "132292-mihon-2020")]
    pub plan: String,
    /// working：作業中の計画も（要トークン）。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
}

impl Filter for RoundFilter {
    fn check(&mut self) -> Result<(), Error> {
        match PlanCode::parse(&self.plan) {
            Some(_) => Ok(()),
            None => Err(unreadable(
                "plan",
                "計画コードは 132284-kodomo-2020 の形です",
                "a plan code looks like 132284-kodomo-2020",
            )),
        }
    }
}
