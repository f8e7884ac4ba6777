use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::FISCAL_YEARS;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::municipalities::types::{parameter_code, require_code};
use crate::web::json::Rules;
use crate::web::params::{Filter, unreadable};
use crate::{list_of, path_key, resource, words};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

path_key! {
    /// Address of a plan.
    pub struct PlanKey { plan: PlanCode }
}

path_key! {
    /// Address of a reporter of a plan.
    pub struct PlanReporterKey { plan: PlanCode = "130001-mihon-kpi-2024", municipality: Code }
}

words! {
    /// 計画の種類
    pub enum PlanKind {
        /// 市町村子ども・子育て支援事業計画
        ChildSupport = "child_support",
        /// 次世代育成支援行動計画
        NextGeneration = "next_generation",
        /// KPIの収集
        Kpi = "kpi",
        /// その他
        Other = "other",
    }
}

words! {
    /// draft（策定中、非公開）→ adopted（策定済み）→ closed（終了）
    pub enum PlanStatus {
        Draft = "draft",
        Adopted = "adopted",
        Closed = "closed",
    }
}

words! {
    /// 事業の番号がどこで一意か：plan（計画で通し）、node（目標・施策・分類ごと）
    pub enum Numbering {
        Plan = "plan",
        Node = "node",
    }
}

/// 様式の列見出し（印刷のまま、左から）
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ColumnLabel {
    /// どの項目の列か / which field the column shows
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60, example = "targets")]
    pub column: String,
    /// 見出し
    #[validate(length(max = 1000))]
    #[schema(max_length = 1000, example = "令和6年度の見込・計画")]
    pub label: String,
}

/// 記録の文章欄（様式に文章の列が複数あるとき）
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TextField {
    #[validate(length(min = 1, max = 40))]
    #[schema(pattern = "^[a-z][a-z0-9_]*$", min_length = 1, max_length = 40, example = "text")]
    pub code: String,
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "実績・取組状況")]
    pub label: String,
}

/// One text field, where a plan names none.
pub fn one_text_field() -> Vec<TextField> {
    vec![TextField { code: "text".into(), label: "本文".into() }]
}

resource! {
    /// 計画 / a plan
    struct Plan {
        /// 計画コード：所有団体の6桁コードで始まる
        #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "132284-kodomo-2020")]
        code: String,
        /// 所有団体
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
        owner: String,
    }
    /// 計画の登録内容
    body struct PutPlan {
        /// 計画名
        #[validate(length(min = 1, max = 300))]
        #[schema(min_length = 1, max_length = 300)]
        title: String,
        kind: PlanKind,
        /// 審議する会議体
        #[serde(default)]
        #[validate(length(min = 1, max = 300))]
        #[schema(min_length = 1, max_length = 300)]
        council: Option<String>,
        /// 根拠法令
        #[serde(default)]
        #[validate(length(min = 1, max = 500))]
        #[schema(min_length = 1, max_length = 500)]
        legal_basis: Option<String>,
        /// 最初の年度
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060, example = 2020)]
        fiscal_year_from: i16,
        /// 最後の年度。null：終わりが決まっていない
        #[serde(default)]
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060, example = 2024)]
        fiscal_year_to: Option<i16>,
        /// 策定年月（分かる精度で：2020、2020-03、2020-03-31）
        #[serde(default)]
        #[schema(pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", max_length = 10, example = "2020-03")]
        adopted_on: Option<String>,
        /// 資料番号など、文書の表示
        #[serde(default)]
        #[validate(length(min = 1, max = 300))]
        #[schema(min_length = 1, max_length = 300)]
        document_label: Option<String>,
        #[serde(default)]
        #[validate(nested, length(max = 60))]
        #[schema(max_items = 60)]
        column_labels: Vec<ColumnLabel>,
        /// 省略：text だけ
        #[serde(default = "one_text_field")]
        #[validate(nested, length(min = 1, max = 20))]
        #[schema(min_items = 1, max_items = 20)]
        text_fields: Vec<TextField>,
        #[serde(default, deserialize_with = "crate::web::json::unique_names")]
        #[validate(length(max = 50))]
        #[schema(schema_with = crate::web::wire::printed)]
        printed: BTreeMap<String, String>,
        status: PlanStatus,
        numbering: Numbering,
    }
}
list_of!(PlanList, Plan);

impl Rules for PutPlan {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        if self.fiscal_year_to.is_some_and(|to| to < self.fiscal_year_from) {
            let (ja, en) = ("最後の年度が最初の年度より前です", "the last fiscal year lies before the first");
            findings.push(Finding::new("/fiscal_year_to", ErrorCode::RequestInvalid, ja, en));
        }
        check_partial_date("/adopted_on", self.adopted_on.as_deref(), findings);
        check_printed(&self.printed, findings);
        let mut codes = BTreeSet::new();
        for (index, field) in self.text_fields.iter().enumerate() {
            let form = field.code.starts_with(|c: char| c.is_ascii_lowercase())
                && field.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !form || !codes.insert(&field.code) {
                let (ja, en) = (
                    "英小文字で始まる英小文字・数字・_ で、重複なく付けてください",
                    "lower-case letters, digits and _, a letter first, each once",
                );
                findings.push(Finding::new(format!("/text_fields/{index}/code"), ErrorCode::RequestInvalid, ja, en));
            }
        }
    }
}

/// `2020`, `2020-03` or `2020-03-31`: as exactly as a date is known.
pub fn check_partial_date(pointer: &str, given: Option<&str>, findings: &mut Vec<Finding>) {
    let Some(given) = given else { return };
    let whole = match given.len() {
        4 => format!("{given}-01-01"),
        7 => format!("{given}-01"),
        _ => given.to_owned(),
    };
    // Written back it is the same: the parser also takes signs and single digits.
    let known = whole.parse::<chrono::NaiveDate>().is_ok_and(|day| day.to_string() == whole);
    if !known || ![4, 7, 10].contains(&given.len()) {
        findings.push(Finding::new(
            pointer,
            ErrorCode::RequestInvalid,
            format!("「{given}」は日付として読めません。2020、2020-03、2020-03-31 のように書いてください"),
            format!("`{given}` is no date: write 2020, 2020-03 or 2020-03-31"),
        ));
    }
}

/// Cells as printed: a name of the field, and at most 20,000 characters.
pub fn check_printed(printed: &BTreeMap<String, String>, findings: &mut Vec<Finding>) {
    for (field, text) in printed {
        if field.is_empty() || field.chars().count() > 60 || text.chars().count() > 20_000 {
            let (ja, en) =
                ("項目名は60字、内容は20,000字までです", "a name has at most 60, a cell at most 20,000 characters");
            findings.push(Finding::new(format!("/printed/{field}"), ErrorCode::RequestInvalid, ja, en));
        }
    }
}

resource! {
    /// 報告団体 / a reporter of a plan
    struct PlanReporter {
        #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "130001-kpi-2024")]
        plan: String,
        /// 報告する団体
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
        municipality: String,
    }
    /// 報告団体の登録内容
    #[derive(Default)]
    body struct PutPlanReporter {
        /// 区分（例：特別区）
        #[serde(default)]
        #[validate(length(min = 1, max = 100))]
        #[schema(min_length = 1, max_length = 100)]
        member_group: Option<String>,
        /// 報告する最初の年度。null：計画の最初から
        #[serde(default)]
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060)]
        fiscal_year_from: Option<i16>,
        /// 報告する最後の年度。null：計画の最後まで
        #[serde(default)]
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060)]
        fiscal_year_to: Option<i16>,
    }
}
list_of!(PlanReporterList, PlanReporter);

impl Rules for PutPlanReporter {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        if let (Some(from), Some(to)) = (self.fiscal_year_from, self.fiscal_year_to)
            && from > to
        {
            let (ja, en) = ("最後の年度が最初の年度より前です", "the last fiscal year lies before the first");
            findings.push(Finding::new("/fiscal_year_to", ErrorCode::RequestInvalid, ja, en));
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlanFilter {
    /// 所有団体のコード
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub owner: Option<String>,
    /// この団体が報告する計画 / plans this municipality reports on
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub reporter: Option<String>,
    /// この年度を含む計画 / plans of this fiscal year
    #[param(minimum = 1990, maximum = 2060, example = 2023)]
    pub fiscal_year: Option<i16>,
    /// working：作業中の内容も（要トークン）。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
}

impl Filter for PlanFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_code("owner", self.owner.as_ref())?;
        parameter_code("reporter", self.reporter.as_ref())?;
        parameter_fiscal_year("fiscal_year", self.fiscal_year)
    }
}

/// Which state is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// 公表されているもの。だれにも同じ
    Published,
    /// 作業中のものも、見てよい人に
    Working,
}

/// The parameters of a single definition.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ViewParams {
    /// working：作業中の内容も（要トークン）。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
}
impl Filter for ViewParams {}

/// A fiscal year in a query.
pub fn parameter_fiscal_year(name: &str, given: Option<i16>) -> Result<(), Error> {
    match given {
        Some(year) if !FISCAL_YEARS.contains(&year) => {
            Err(unreadable(name, "1990から2060までの年度です", "a fiscal year from 1990 to 2060"))
        }
        _ => Ok(()),
    }
}

/// A plan's code in a query.
pub fn parameter_plan(name: &str, given: Option<&String>) -> Result<(), Error> {
    match given {
        Some(given) if PlanCode::parse(given).is_none() => Err(unreadable(
            name,
            "計画コードは 132284-kodomo-2020 の形です",
            "a plan code looks like 132284-kodomo-2020",
        )),
        _ => Ok(()),
    }
}

/// A code within a plan or an owner in a query.
pub fn parameter_local_code(name: &str, given: Option<&String>) -> Result<(), Error> {
    match given {
        Some(given) if LocalCode::parse(given).is_none() => Err(unreadable(
            name,
            "英数字で始まる40字までの英数字 . _ - です",
            "up to 40 letters, digits, `.`, `_`, `-`, a letter or digit first",
        )),
        _ => Ok(()),
    }
}

/// A code in a body that names a resource of the same owner or plan.
pub fn require_local_code(pointer: &str, given: Option<&str>, findings: &mut Vec<Finding>) {
    if given.is_some_and(|given| LocalCode::parse(given).is_none()) {
        let (ja, en) = (
            "英数字で始まる40字までの英数字 . _ - です",
            "up to 40 letters, digits, `.`, `_`, `-`, a letter or digit first",
        );
        findings.push(Finding::new(pointer, ErrorCode::RequestInvalid, ja, en));
    }
}

/// A plan's code in a body, or a finding.
pub fn require_plan_code(pointer: &str, given: &str, findings: &mut Vec<Finding>) {
    if PlanCode::parse(given).is_none() {
        let (ja, en) = ("計画コードは 132284-kodomo-2020 の形です", "a plan code looks like 132284-kodomo-2020");
        findings.push(Finding::new(pointer, ErrorCode::RequestInvalid, ja, en));
    }
}

/// An optional municipality in a body.
pub fn check_code(pointer: &str, given: Option<&str>, findings: &mut Vec<Finding>) {
    if let Some(given) = given {
        require_code(pointer, given, findings);
    }
}
