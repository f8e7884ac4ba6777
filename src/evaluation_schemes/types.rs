use crate::domain::code::Code;
use crate::domain::key::LocalCode;
use crate::domain::number::Number;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::municipalities::types::parameter_code;
use crate::web::json::Rules;
use crate::web::params::{Filter, unreadable};
use crate::{list_of, path_key, resource, words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

path_key! {
    /// Address of an evaluation scheme: it is valid from the fiscal year on.
    pub struct EvaluationSchemeKey { owner: Code, scheme: LocalCode = "achievement", fiscal_year: i16 }
}

words! {
    /// 区分の定義：given（示されている）、presumed（推定）、lost（失われた）
    #[derive(Default)]
    pub enum LevelDefinition {
        /// 示されている
        #[default]
        Given = "given",
        /// 失われた。basis に事情
        Lost = "lost",
        /// 推定。basis に根拠
        Presumed = "presumed",
    }
}

/// 区分 / a level of a scheme
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// 印刷のままの区分（1、A、◎ など。前後に空白なし）。評価基準の中で一意 / as printed, unique in its scheme
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20, example = "2")]
    pub code: String,
    /// 意味。定義が失われた区分とマトリクスの区分では省略できる / may be missing if the definition is lost or the level a cell of a matrix
    #[serde(default)]
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000, example = "目標をほぼ達成した")]
    pub label: Option<String>,
    /// 省略：given
    #[serde(default)]
    pub definition: LevelDefinition,
    /// 推定の根拠、または失われた事情。presumed と lost では必須 / why it is presumed or lost
    #[serde(default)]
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub basis: Option<String>,
    /// 順位（1が最もよい）。順序のない区分（マトリクス）は null / 1 is best; null where levels have no order
    #[serde(default)]
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    pub rank: Option<i16>,
    /// 目標に対する百分率の下限 / lower bound, percent of the target
    #[serde(default)]
    pub lower_bound: Option<Number>,
    /// 下限を含む（以上）か含まない（超）か。下限があるときだけ / with a lower bound only
    #[serde(default)]
    pub lower_inclusive: Option<bool>,
    /// 目標に対する百分率の上限 / upper bound, percent of the target
    #[serde(default)]
    pub upper_bound: Option<Number>,
    /// 上限を含む（以下）か含まない（未満）か。上限があるときだけ / with an upper bound only
    #[serde(default)]
    pub upper_inclusive: Option<bool>,
    /// マトリクスの行 / row of the matrix
    #[serde(default)]
    #[validate(length(min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300)]
    pub matrix_row: Option<String>,
    /// マトリクスの列。行と一緒に / column of the matrix, with its row
    #[serde(default)]
    #[validate(length(min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300)]
    pub matrix_column: Option<String>,
    /// この区分を選ぶときに理由が必要。省略：false / choosing it needs a reason
    #[serde(default)]
    pub reason_required: bool,
}

resource! {
    /// 評価基準 / an evaluation scheme
    struct EvaluationScheme {
        /// 所有団体
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
        owner: String,
        /// 所有団体の中で一意なコード
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "achievement")]
        code: String,
        /// 有効な最初の年度
        #[schema(minimum = 1990, maximum = 2060, example = 2020)]
        fiscal_year: i16,
    }
    /// 評価基準の登録内容
    body struct PutEvaluationScheme {
        /// 有効な最後の年度。null：終わりが決まっていない / last fiscal year; null: open
        #[serde(default)]
        #[validate(range(min = 1990, max = 2060))]
        #[schema(minimum = 1990, maximum = 2060, example = 2024)]
        fiscal_year_to: Option<i16>,
        /// 名称 / title
        #[validate(length(min = 1, max = 300))]
        #[schema(min_length = 1, max_length = 300, example = "達成度")]
        title: String,
        /// 凡例（印刷のまま） / legend as printed
        #[serde(default)]
        #[validate(length(min = 1, max = 4000))]
        #[schema(min_length = 1, max_length = 4000)]
        legend: Option<String>,
        /// 区分。印刷された順 / levels in printed order
        #[validate(nested, length(min = 1, max = 50))]
        #[schema(min_items = 1, max_items = 50)]
        levels: Vec<Level>,
    }
}
list_of!(EvaluationSchemeList, EvaluationScheme);

impl Rules for PutEvaluationScheme {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        let mut codes = BTreeSet::new();
        for (index, level) in self.levels.iter().enumerate() {
            let mut wrong = |field: &str, ja: &str, en: &str| {
                findings.push(Finding::new(format!("/levels/{index}/{field}"), ErrorCode::RequestInvalid, ja, en));
            };
            if level.code.trim() != level.code || level.code.chars().any(char::is_control) {
                wrong("code", "前後の空白と制御文字は使えません", "no blanks around it and no control characters");
            }
            if !codes.insert(&level.code) {
                wrong("code", "同じ区分が2回あります", "the level is named twice");
            }
            check_meaning(level, &mut wrong);
            check_bounds(level, &mut wrong);
        }
    }
}

fn check_meaning(level: &Level, wrong: &mut impl FnMut(&str, &str, &str)) {
    if level.label.is_none() && level.definition != LevelDefinition::Lost && level.matrix_row.is_none() {
        wrong(
            "label",
            "意味（label）が必要です。分からないときは definition を lost にしてください",
            "a label is needed; if it is not known, say definition: lost",
        );
    }
    if level.basis.is_none() && level.definition != LevelDefinition::Given {
        wrong(
            "basis",
            "推定（presumed）の根拠、または失われた（lost）事情を書いてください",
            "say why it is presumed or lost",
        );
    }
    if level.matrix_row.is_some() != level.matrix_column.is_some() {
        wrong(
            if level.matrix_row.is_none() { "matrix_row" } else { "matrix_column" },
            "マトリクスの行と列は一緒に書いてください",
            "a cell of a matrix has a row and a column",
        );
    }
}

fn check_bounds(level: &Level, wrong: &mut impl FnMut(&str, &str, &str)) {
    let (ja, en) = ("境界（bound）があるときだけ、必ず付けてください", "exactly where there is a bound");
    if level.lower_bound.is_some() != level.lower_inclusive.is_some() {
        wrong("lower_inclusive", ja, en);
    }
    if level.upper_bound.is_some() != level.upper_inclusive.is_some() {
        wrong("upper_inclusive", ja, en);
    }
    let Some((lower, upper)) = level.lower_bound.zip(level.upper_bound) else { return };
    let half_open = level.lower_inclusive == Some(false) || level.upper_inclusive == Some(false);
    if lower > upper || (lower == upper && half_open) {
        wrong("upper_bound", "下限と上限の間に値がありません", "no value lies between the bounds");
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EvaluationSchemeFilter {
    /// 所有団体のコード / the owner
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub owner: Option<String>,
    /// 評価基準のコード / the scheme's code
    #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "achievement")]
    pub scheme: Option<String>,
    /// この年度に有効な評価基準 / valid in this fiscal year
    #[param(minimum = 1990, maximum = 2060, example = 2022)]
    pub valid_in: Option<i16>,
}

impl Filter for EvaluationSchemeFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_code("owner", self.owner.as_ref())?;
        if self.scheme.as_ref().is_some_and(|code| LocalCode::parse(code).is_none()) {
            return Err(unreadable(
                "scheme",
                "英数字で始まる40字までの英数字 . _ - です",
                "up to 40 letters, digits, `.`, `_`, `-`, a letter or digit first",
            ));
        }
        if self.valid_in.is_some_and(|year| !crate::domain::period::FISCAL_YEARS.contains(&year)) {
            return Err(unreadable("valid_in", "1990から2060までの年度です", "a fiscal year from 1990 to 2060"));
        }
        Ok(())
    }
}
