use super::comments::is_pointer;
use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::domain::status;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::municipalities::types::{parameter_code, parameter_prefecture, require_code};
use crate::plans::types::{View, parameter_local_code, parameter_plan, require_local_code};
use crate::records::filter::{periods, statuses};
use crate::records::types::Part;
use crate::records::value::canonical_period;
use crate::warnings::types::RecordWarning;
use crate::web::json::Rules;
use crate::web::params::{Filter, unreadable};
use crate::{list_of, path_key, words};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

path_key! {
    /// Address of a report.
    pub struct ReportKey { plan: PlanCode = "141500-mihon-2022", municipality: Code = "141500", round: LocalCode = "2023" }
}

impl ReportKey {
    pub fn missing(&self) -> Error {
        let key = format!("{}/{}/{}", self.plan, self.municipality, self.round);
        Error::not_found(format_args!("報告 {key}"), format_args!("report {key}"))
    }
}

words! {
    /// 報告の状態：draft 作成中 → submitted 提出 → approved 承認 → published 公表、submitted・approved → returned 差戻し
    pub enum ReportStatus {
        /// 作成中
        Draft = "draft",
        /// 提出済み
        Submitted = "submitted",
        /// 差戻し
        Returned = "returned",
        /// 承認済み
        Approved = "approved",
        /// 公表済み
        Published = "published",
    }
}

impl From<ReportStatus> for status::Status {
    fn from(status: ReportStatus) -> Self {
        match status {
            ReportStatus::Draft => Self::Draft,
            ReportStatus::Submitted => Self::Submitted,
            ReportStatus::Returned => Self::Returned,
            ReportStatus::Approved => Self::Approved,
            ReportStatus::Published => Self::Published,
        }
    }
}

impl From<status::Status> for ReportStatus {
    fn from(status: status::Status) -> Self {
        match status {
            status::Status::Draft => Self::Draft,
            status::Status::Submitted => Self::Submitted,
            status::Status::Returned => Self::Returned,
            status::Status::Approved => Self::Approved,
            status::Status::Published => Self::Published,
        }
    }
}

/// 様式の上部に書かれた件数（書かれているまま。行から数えた数とは別）
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct DeclaredCount {
    /// 評価基準を持つ団体
    #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "141305")]
    pub owner: String,
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "achievement")]
    pub scheme: String,
    #[validate(range(min = 1990, max = 2060))]
    #[schema(minimum = 1990, maximum = 2060)]
    pub fiscal_year: i16,
    /// 区分。null：合計
    #[serde(default)]
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub level: Option<String>,
    /// 件数
    #[validate(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub count: i32,
    /// うち重点
    #[serde(default)]
    #[validate(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub of_which_priority: Option<i32>,
}

/// 報告の、記録のほかの内容
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PutReport {
    #[serde(default)]
    #[validate(nested, length(max = 200))]
    #[schema(max_items = 200)]
    pub declared_counts: Vec<DeclaredCount>,
    #[serde(default)]
    #[validate(length(min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

impl Rules for PutReport {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        for (index, declared) in self.declared_counts.iter().enumerate() {
            require_code(&format!("/declared_counts/{index}/owner"), &declared.owner, findings);
            require_local_code(&format!("/declared_counts/{index}/scheme"), Some(&declared.scheme), findings);
        }
    }
}

/// 差戻しのときの、セルごとの指摘
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CellComment {
    pub part: Part,
    /// 事業コード
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40)]
    pub program: String,
    #[schema(max_length = 30, example = "2020")]
    pub period: String,
    /// 記録の中の項目。省略：その記録全体 / a field of the record; without it the comment is on all of it
    #[serde(default)]
    #[schema(
        pattern = "^/(texts|values|evaluations|missing_reason|cross_reference|repost_of|reason|amended_on|note)(/[0-9A-Za-z_]{1,40}){0,2}$",
        max_length = 100,
        example = "/values/0/value"
    )]
    pub pointer: Option<String>,
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// 状態を変える操作
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CreateTransition {
    pub to: ReportStatus,
    /// 操作した人（送信側のシステムが把握している担当者。公表されない）
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "子ども政策課 担当A")]
    pub person: String,
    /// 理由。差戻し・訂正・空の報告の提出には必須。訂正の理由は、訂正した版とともに正誤表で公表される
    /// / the reason; that of a correction becomes public with the corrected edition
    #[serde(default)]
    #[validate(length(min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000)]
    pub comment: Option<String>,
    #[serde(default)]
    #[validate(nested, length(max = 500))]
    #[schema(max_items = 500)]
    pub comments: Vec<CellComment>,
}

impl Rules for CreateTransition {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        check_step("", self.to, &mut self.comments, findings);
    }
}

/// The rules of a step; `at`: where it stands in the body.
pub fn check_step(at: &str, to: ReportStatus, comments: &mut [CellComment], findings: &mut Vec<Finding>) {
    for (index, comment) in comments.iter_mut().enumerate() {
        let at = format!("{at}/comments/{index}");
        require_local_code(&format!("{at}/program"), Some(&comment.program), findings);
        canonical_period(&format!("{at}/period"), &mut comment.period, findings);
        if comment.pointer.as_deref().is_some_and(|pointer| !is_pointer(pointer)) {
            let (ja, en) = (
                "記録の中の項目を、/texts/text や /values/0/value の形で書いてください",
                "write a field of the record, such as /texts/text or /values/0/value",
            );
            findings.push(Finding::new(format!("{at}/pointer"), ErrorCode::RequestInvalid, ja, en));
        }
    }
    if !comments.is_empty() && to != ReportStatus::Returned {
        let (ja, en) = ("セルごとの指摘は差戻しのときだけ付けられます", "comments on cells belong to a return");
        findings.push(Finding::new(format!("{at}/comments"), ErrorCode::RequestInvalid, ja, en));
    }
}

/// 状態の履歴の1行
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub at: DateTime<Utc>,
    pub from: ReportStatus,
    pub to: ReportStatus,
    /// この操作のあとの版
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub edition: i32,
    #[schema(max_length = 100)]
    pub person: String,
    #[schema(max_length = 4000)]
    pub comment: Option<String>,
    #[schema(max_items = 500)]
    pub comments: Vec<CellComment>,
}

/// 報告 / a report
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    #[schema(max_length = 55, example = "132284-kodomo-2020")]
    pub plan: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "132284")]
    pub municipality: String,
    #[schema(max_length = 40, example = "2020-results")]
    pub round: String,
    pub status: ReportStatus,
    /// 公表された版の数。0：まだ公表されていない。訂正のたびに増える
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub edition: i32,
    /// 最後に提出された時刻（受付）
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub submitted_at: Option<DateTime<Utc>>,
    /// 提出された内容のSHA-256（受付の控え）。秘匿される小さな数を含む報告では、view=working でだけ
    /// / of a report with suppressed figures in the working view only
    #[schema(max_length = 64)]
    pub content_hash: Option<String>,
    /// 期限後の提出
    pub late: bool,
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub published_at: Option<DateTime<Utc>>,
    /// 公表番号
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub published_no: Option<i64>,
    #[schema(max_items = 200)]
    pub declared_counts: Vec<DeclaredCount>,
    #[schema(max_length = 4000)]
    pub note: Option<String>,
    /// この報告のETag
    #[schema(max_length = 40, example = "\"v3\"")]
    pub etag: String,
    /// 状態の履歴（view=working のときだけ。操作した人は公表されない）
    #[schema(max_items = 1000)]
    pub transitions: Vec<Transition>,
    /// 直すところ：差戻しの間の、セルごとの指摘（view=working で）。提出すると空になり、履歴には残る
    /// / comments of the last return, until it is handed in again; in the working view
    #[schema(max_items = 500)]
    pub open_comments: Vec<CellComment>,
    /// 未確認の確認事項の数（view=working で、内容を見られるときだけ） / open warnings, for those who see the content
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, minimum = 0, maximum = 1_000_000)]
    pub open_warnings: Option<i64>,
    /// 様式（件数の表）の確認事項（同じく）。記録のものは /warnings と各記録に / warnings of the sheet itself
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, max_items = 200)]
    pub warnings: Option<Vec<RecordWarning>>,
}
list_of!(ReportList, Report);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    /// 報告団体の都道府県コード
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "140007")]
    pub prefecture: Option<String>,
    /// 報告団体のコード
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "141500")]
    pub municipality: Option<String>,
    /// 計画コード / plan code
    #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "141500-mihon-2022")]
    pub plan: Option<String>,
    /// 照会コード（plan とともに）
    #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "2023")]
    pub round: Option<String>,
    /// 照会が扱う期間（「,」区切り、2020..2024、令和6年度も可）
    #[param(max_length = 700, example = "2023")]
    pub period: Option<String>,
    /// 照会がこの年度と、その半期・四半期・月を扱う
    #[param(minimum = 1990, maximum = 2060, example = 2023)]
    pub within: Option<i16>,
    /// 状態（「,」区切り）
    #[param(
        pattern = "^(draft|submitted|returned|approved|published)(,(draft|submitted|returned|approved|published)){0,4}$",
        max_length = 60,
        example = "published,draft"
    )]
    pub status: Option<String>,
    /// working：作成中の報告も（要トークン）。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
    #[serde(skip)]
    #[param(ignore)]
    pub statuses: Option<Vec<String>>,
    #[serde(skip)]
    #[param(ignore)]
    pub periods: Option<Vec<Period>>,
}

impl Filter for ReportFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_prefecture(self.prefecture.as_ref())?;
        parameter_code("municipality", self.municipality.as_ref())?;
        parameter_plan("plan", self.plan.as_ref())?;
        parameter_local_code("round", self.round.as_ref())?;
        if self.round.is_some() && self.plan.is_none() {
            return Err(unreadable("round", "plan とともに指定してください", "give `plan` with it"));
        }
        self.statuses = self.status.as_deref().map(statuses).transpose()?;
        self.periods = periods(self.period.as_deref(), self.within)?;
        Ok(())
    }
}
