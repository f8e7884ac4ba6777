use crate::domain::key::PlanCode;
use crate::error::{Code as ErrorCode, Finding};
use crate::nodes::types::Node;
use crate::path_key;
use crate::plans::types::{Plan, PlanReporter, require_local_code, require_plan_code};
use crate::programs::types::{Program, ProgramSuccessorKind};
use crate::web::json::Rules;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

path_key! {
    /// Address of the plan that a new one goes on from.
    pub struct LastPlanKey { plan: PlanCode = "132292-mihon-2020" }
}

/// 後継の計画（2020〜2024年度 → 2025〜2029年度） / the plan that comes after this one
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CreatePlanSuccessor {
    /// 新しい計画のコード（同じ所有団体のコードで始まる） / its code, of the same owner
    #[schema(
        pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$",
        max_length = 55,
        example = "132292-mihon-2025"
    )]
    pub code: String,
    /// 計画名
    #[validate(length(min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300, example = "第3期 子ども・子育て支援事業計画")]
    pub title: String,
    /// 最初の年度
    #[validate(range(min = 1990, max = 2060))]
    #[schema(minimum = 1990, maximum = 2060, example = 2025)]
    pub fiscal_year_from: i16,
    /// 最後の年度。null：終わりが決まっていない
    #[serde(default)]
    #[validate(range(min = 1990, max = 2060))]
    #[schema(minimum = 1990, maximum = 2060, example = 2029)]
    pub fiscal_year_to: Option<i16>,
    /// 統合・分割・改称・改番する事業。ここにも dropped にもない事業は、続いていれば同じコードで引き継ぐ
    /// / programs merged, split, renamed or renumbered; others go on under the same code if they go on
    #[serde(default)]
    #[validate(nested, length(max = 2000))]
    #[schema(max_items = 2000)]
    pub programs: Vec<SuccessorProgram>,
    /// 前の計画で終わる事業のコード / programs that end with the last plan
    #[serde(default)]
    #[validate(length(max = 10_000))]
    #[schema(schema_with = crate::web::wire::programs)]
    pub dropped: Vec<String>,
}

/// 新しい計画の事業の一つ。from が複数なら統合、同じ事業が複数の from にあれば分割
/// / one program of the new plan: of several it is merged; one that is named by several is split
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SuccessorProgram {
    /// 前の計画の事業のコード。最初のものの内容を引き継ぐ / of the last plan; the first one's content goes on
    #[validate(length(min = 1, max = 50))]
    #[schema(schema_with = crate::web::wire::predecessors)]
    pub from: Vec<String>,
    #[validate(nested)]
    pub to: SuccessorContent,
}

/// 新しい計画での事業。省略した項目は前の計画のまま / what is left out stays as it was
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SuccessorContent {
    /// 事業コード
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "12")]
    pub program: String,
    /// 番号（印刷のまま）。省略：前のまま、分割では番号なし / as printed; of a split program none if left out
    #[serde(default)]
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "12")]
    pub number_label: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000, example = "利用者支援事業")]
    pub name: Option<String>,
    /// 属する目標・施策・分類（前の計画から写したもの） / a node, copied from the last plan
    #[serde(default)]
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "2.1")]
    pub node: Option<String>,
    /// 計画の中での順
    #[serde(default)]
    #[validate(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000, example = 120)]
    pub position: Option<i32>,
}

impl Rules for CreatePlanSuccessor {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        require_plan_code("/code", &self.code, findings);
        if self.fiscal_year_to.is_some_and(|to| to < self.fiscal_year_from) {
            let (ja, en) = ("最後の年度が最初の年度より前です", "the last fiscal year lies before the first");
            findings.push(Finding::new("/fiscal_year_to", ErrorCode::RequestInvalid, ja, en));
        }
        for (index, program) in self.programs.iter().enumerate() {
            let at = format!("/programs/{index}");
            for (place, from) in program.from.iter().enumerate() {
                require_local_code(&format!("{at}/from/{place}"), Some(from), findings);
            }
            require_local_code(&format!("{at}/to/program"), Some(&program.to.program), findings);
            require_local_code(&format!("{at}/to/node"), program.to.node.as_deref(), findings);
        }
        for (index, program) in self.dropped.iter().enumerate() {
            require_local_code(&format!("/dropped/{index}"), Some(program), findings);
        }
    }
}

/// 新しい計画の事業と、そのもと / a program of the new plan, and what it came from
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopiedProgram {
    /// 前の計画の事業
    #[schema(max_items = 50)]
    pub from: Vec<PredecessorProgram>,
    pub program: Program,
}

/// 前の計画の事業と、新しい事業への移り方
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PredecessorProgram {
    #[schema(max_length = 40, example = "12")]
    pub program: String,
    pub kind: ProgramSuccessorKind,
}

/// 作った計画の全体 / the whole of the new plan
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanSuccession {
    pub plan: Plan,
    #[schema(max_items = 2000)]
    pub reporters: Vec<PlanReporter>,
    #[schema(max_items = 10_000)]
    pub nodes: Vec<Node>,
    #[schema(max_items = 10_000)]
    pub programs: Vec<CopiedProgram>,
    /// 新しい計画に続かない事業：dropped と、すでに終わっていたもの / programs that do not go on
    #[schema(schema_with = crate::web::wire::programs)]
    pub left_out: Vec<String>,
}
