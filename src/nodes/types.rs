use crate::domain::key::{LocalCode, PlanCode};
use crate::error::{Error, Finding};
use crate::plans::types::{View, parameter_plan, require_local_code};
use crate::web::json::Rules;
use crate::web::params::Filter;
use crate::{list_of, path_key, resource, words};
use serde::Deserialize;
use utoipa::IntoParams;

path_key! {
    /// Address of a node.
    pub struct NodeKey { plan: PlanCode, node: LocalCode = "2.1" }
}

words! {
    /// 節の種類
    pub enum NodeKind {
        /// 基本目標
        BasicGoal = "basic_goal",
        /// 施策
        Policy = "policy",
        /// 分類
        Category = "category",
        /// 節
        Section = "section",
        /// 章
        Chapter = "chapter",
    }
}

resource! {
    /// 目標・施策・分類 / a node of a plan
    struct Node {
        /// 計画
        #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "132284-kodomo-2020")]
        plan: String,
        /// 計画の中で一意なコード
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "2.4")]
        code: String,
    }
    /// 目標・施策・分類の登録内容
    body struct PutNode {
        kind: NodeKind,
        /// 番号（印刷のまま） / number as printed
        #[serde(default)]
        #[validate(length(min = 1, max = 100))]
        #[schema(min_length = 1, max_length = 100, example = "（4）")]
        number_label: Option<String>,
        /// 題名
        #[validate(length(min = 1, max = 500))]
        #[schema(min_length = 1, max_length = 500, example = "地域の子育て支援の充実")]
        title: String,
        /// 親のコード。null：最上位 / code of the parent; null: at the top
        #[serde(default)]
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "2")]
        parent: Option<String>,
        /// 計画の中での順 / place in the plan's order
        #[validate(range(min = 0, max = 100_000))]
        #[schema(minimum = 0, maximum = 100_000, example = 240)]
        position: i32,
    }
}
list_of!(NodeList, Node);

impl Rules for PutNode {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        require_local_code("/parent", self.parent.as_deref(), findings);
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NodeFilter {
    /// 計画コード / plan code
    #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "132292-mihon-2020")]
    pub plan: String,
    /// working：作業中の内容も（要トークン）。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
}

impl Filter for NodeFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_plan("plan", Some(&self.plan))
    }
}
