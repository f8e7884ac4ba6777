use crate::domain::code::COMMON;
use crate::domain::key::{LocalCode, PlanCode};
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::municipalities::types::{parameter_code, require_code};
use crate::plans::types::{
    View, check_code, check_partial_date, check_printed, parameter_fiscal_year, parameter_local_code, parameter_plan,
    require_local_code, require_plan_code,
};
use crate::records::filter::indicator;
use crate::web::json::Rules;
use crate::web::params::{Filter, unreadable};
use crate::{list_of, path_key, resource, words};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

path_key! {
    /// Address of a program.
    pub struct ProgramKey { plan: PlanCode, program: LocalCode }
}

words! {
    /// 担当課の役割：lead（主管）、joint（関係課）
    #[derive(Default)]
    pub enum ProgramDepartmentRole {
        Lead = "lead",
        #[default]
        Joint = "joint",
    }
}

words! {
    /// 後継への移り方：continued（継続）、merged（統合）、split（分割）
    pub enum ProgramSuccessorKind {
        Continued = "continued",
        Merged = "merged",
        Split = "split",
    }
}

/// 担当課（印刷の順）
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ProgramDepartment {
    /// 計画の所有団体の担当課コード。null：印刷の文字だけが分かる / code of a department of the plan's owner
    #[serde(default)]
    #[schema(
        pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$",
        min_length = 1,
        max_length = 40,
        example = "kosodate-shien"
    )]
    pub department: Option<String>,
    /// 役割。省略：joint
    #[serde(default)]
    pub role: ProgramDepartmentRole,
    /// 印刷のままの名称。コードがなければ必須 / as printed; required without a code
    #[serde(default)]
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "子育て\n支援課")]
    pub printed_text: Option<String>,
}

/// 様式の指標：この事業に記入を求めるもの
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ProgramIndicator {
    /// 指標の所有団体。共通指標は 000000 / owner of the indicator; 000000: common to the nation
    #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
    pub owner: String,
    /// 指標コード / code of the indicator
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "users")]
    pub indicator: String,
    /// 様式での表示。null：指標の名称 / label on the form; null: the indicator's name
    #[serde(default)]
    #[validate(length(min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300, example = "延べ利用者数")]
    pub label: Option<String>,
    /// 目標の記入を求める / a target is required
    pub target_required: bool,
    /// 実績の記入を求める / a result is required
    pub result_required: bool,
}

/// 後継の事業
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ProgramSuccessor {
    /// 後継の事業の計画コード / plan of the program that came after it
    #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "132284-kodomo-2025")]
    pub plan: String,
    /// 後継の事業コード / code of the program that came after it
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "12")]
    pub program: String,
    pub kind: ProgramSuccessorKind,
}

resource! {
    /// 事業 / a program
    struct Program {
        /// 計画
        #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "132284-kodomo-2020")]
        plan: String,
        /// 計画の中で一意なコード
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "21")]
        code: String,
    }
    /// 事業の登録内容。文章は送られたまま保存される / texts are stored to the letter
    body struct PutProgram {
        /// 項目番号・取組番号（印刷のまま）。計画の numbering の範囲で一意 / number as printed, unique where the plan's numbering says
        #[serde(default)]
        #[validate(length(min = 1, max = 100))]
        #[schema(min_length = 1, max_length = 100, example = "21")]
        number_label: Option<String>,
        /// 事業名。null：番号だけの取組 / name; null: it has only a number
        #[serde(default)]
        #[validate(length(min = 1, max = 1000))]
        #[schema(min_length = 1, max_length = 1000, example = "妊婦健康診査")]
        name: Option<String>,
        /// 事業内容
        #[serde(default)]
        #[validate(length(min = 1, max = 20_000))]
        #[schema(min_length = 1, max_length = 20_000)]
        description: Option<String>,
        /// 属する目標・施策・分類のコード / code of the node it belongs to
        #[serde(default)]
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "2.4")]
        node: Option<String>,
        /// 計画の中での順 / place in the plan's order
        #[validate(range(min = 0, max = 100_000))]
        #[schema(minimum = 0, maximum = 100_000, example = 210)]
        position: i32,
        /// 区域（行政区など）の団体コード。null：全域 / ward or municipality it is carried out in; null: everywhere
        #[serde(default)]
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "141313")]
        area: Option<String>,
        /// 重点
        #[serde(default)]
        #[schema(default = false)]
        priority: bool,
        /// 対象 / whom it is for
        #[serde(default)]
        #[validate(length(min = 1, max = 2000))]
        #[schema(min_length = 1, max_length = 2000, example = "妊婦")]
        target_group: Option<String>,
        /// 根拠法令
        #[serde(default)]
        #[validate(length(min = 1, max = 2000))]
        #[schema(min_length = 1, max_length = 2000, example = "母子保健法")]
        legal_basis: Option<String>,
        /// 法定事業コード（/statutory_programs） / code of the statutory program
        #[serde(default)]
        #[validate(length(min = 1, max = 60))]
        #[schema(min_length = 1, max_length = 60, example = "prenatal_checkups")]
        statutory_program: Option<String>,
        /// 開始（分かる精度で：2020、2020-04、2020-04-01） / begin, as exactly as it is known
        #[serde(default)]
        #[schema(pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", max_length = 10, example = "2008-04")]
        started_on: Option<String>,
        /// 開始の年度。日付が分からないときだけ / first fiscal year, only where no date is known
        #[serde(default)]
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060, example = 2015)]
        started_in: Option<i16>,
        /// 最後の年度。null：継続中 / last fiscal year; null: goes on
        #[serde(default)]
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060, example = 2022)]
        ended_after: Option<i16>,
        /// 後継の事業（同じ計画か、後の計画の中）。分割されたときは複数
        /// / what it became, in this plan or a later one; several where it was split
        #[serde(default)]
        #[validate(nested, length(max = 50))]
        #[schema(max_items = 50)]
        successors: Vec<ProgramSuccessor>,
        #[serde(default, deserialize_with = "crate::web::json::unique_names")]
        #[validate(length(max = 50))]
        #[schema(schema_with = crate::web::wire::printed)]
        printed: BTreeMap<String, String>,
        /// 担当課（印刷の順）
        #[serde(default)]
        #[validate(nested, length(max = 50))]
        #[schema(max_items = 50)]
        departments: Vec<ProgramDepartment>,
        /// 様式の指標（表示の順）。同じ指標は1回だけ / the form, in order, each indicator once
        #[serde(default)]
        #[validate(nested, length(max = 200))]
        #[schema(max_items = 200)]
        indicators: Vec<ProgramIndicator>,
    }
}
list_of!(ProgramList, Program);

impl Rules for PutProgram {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        require_local_code("/node", self.node.as_deref(), findings);
        check_code("/area", self.area.as_deref(), findings);
        check_partial_date("/started_on", self.started_on.as_deref(), findings);
        if self.started_on.is_some() && self.started_in.is_some() {
            let (ja, en) =
                ("started_on か started_in のどちらか一方にしてください", "give started_on or started_in, not both");
            findings.push(Finding::new("/started_in", ErrorCode::RequestInvalid, ja, en));
        }
        let mut named = BTreeSet::new();
        for (index, successor) in self.successors.iter().enumerate() {
            let at = format!("/successors/{index}");
            require_plan_code(&format!("{at}/plan"), &successor.plan, findings);
            require_local_code(&format!("{at}/program"), Some(&successor.program), findings);
            if !named.insert((&successor.plan, &successor.program)) {
                let (ja, en) = ("同じ後継が2回あります", "the same successor stands here twice");
                findings.push(Finding::new(at, ErrorCode::RequestInvalid, ja, en));
            }
        }
        check_printed(&self.printed, findings);
        for (index, department) in self.departments.iter().enumerate() {
            let at = format!("/departments/{index}");
            require_local_code(&format!("{at}/department"), department.department.as_deref(), findings);
            if department.department.is_none() && department.printed_text.is_none() {
                let (ja, en) = ("department か printed_text を入れてください", "give department or printed_text");
                findings.push(Finding::new(at, ErrorCode::RequestInvalid, ja, en));
            }
        }
        let mut seen = BTreeSet::new();
        for (index, asked) in self.indicators.iter().enumerate() {
            let at = format!("/indicators/{index}");
            if asked.owner != COMMON {
                require_code(&format!("{at}/owner"), &asked.owner, findings);
            }
            require_local_code(&format!("{at}/indicator"), Some(&asked.indicator), findings);
            if !seen.insert((&asked.owner, &asked.indicator)) {
                let (ja, en) = ("同じ指標が2回あります", "the same indicator stands here twice");
                findings.push(Finding::new(at, ErrorCode::RequestInvalid, ja, en));
            }
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProgramFilter {
    /// 計画コード / plan code
    #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "132292-mihon-2020")]
    pub plan: Option<String>,
    /// 所有団体がこの都道府県にある計画の事業 / of plans whose owner lies in this prefecture
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "130001")]
    pub prefecture: Option<String>,
    /// この団体が所有する計画の事業 / of plans this municipality or prefecture owns
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub municipality: Option<String>,
    /// 様式にこの指標がある事業（所有団体/コード） / whose form asks for this indicator (owner/code)
    #[param(
        pattern = "^[0-9]{6}/[0-9A-Za-z][0-9A-Za-z._-]{0,39}$",
        max_length = 47,
        example = "132292/temporary_care_users"
    )]
    pub indicator: Option<String>,
    /// この目標・施策・分類に直接属する事業。plan と一緒に / programs right under this node; with plan
    #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "2.1")]
    pub node: Option<String>,
    /// 法定事業コード / code of the statutory program
    #[param(max_length = 60, example = "temporary_childcare")]
    pub statutory_program: Option<String>,
    /// この担当課の事業（計画の所有団体のコード）。plan と一緒に / programs of this department of the plan's owner; with plan
    #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "hoiku")]
    pub department: Option<String>,
    /// 区域の団体コード / code of the area
    #[param(pattern = "^[0-9]{6}$", max_length = 6)]
    pub area: Option<String>,
    /// 重点か
    #[param(example = true)]
    pub priority: Option<bool>,
    /// この年度に行われる事業（開始より後、終了まで） / carried out in this fiscal year
    #[param(minimum = 1990, maximum = 2060, example = 2023)]
    pub fiscal_year: Option<i16>,
    /// working：作業中の内容も（要トークン）。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
}

impl Filter for ProgramFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_plan("plan", self.plan.as_ref())?;
        if self.statutory_program.as_ref().is_some_and(|code| code.chars().count() > 60) {
            return Err(unreadable("statutory_program", "60字までのコードです", "a code of at most 60 characters"));
        }
        for (name, code) in [("node", &self.node), ("department", &self.department)] {
            parameter_local_code(name, code.as_ref())?;
            if code.is_some() && self.plan.is_none() {
                let (ja, en) =
                    ("計画の中のコードなので、plan も指定してください", "a code within a plan: give plan too");
                return Err(unreadable(name, ja, en));
            }
        }
        for (name, code) in
            [("prefecture", &self.prefecture), ("municipality", &self.municipality), ("area", &self.area)]
        {
            parameter_code(name, code.as_ref())?;
        }
        self.indicator.as_deref().map(indicator).transpose()?;
        parameter_fiscal_year("fiscal_year", self.fiscal_year)
    }
}
