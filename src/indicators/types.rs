use crate::domain::code::Owner;
use crate::domain::key::LocalCode;
use crate::error::{Code as ErrorCode, Error, Finding};
use crate::plans::types::require_local_code;
use crate::web::json::Rules;
use crate::web::params::{Filter, unreadable};
use crate::{list_of, path_key, resource, words};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

path_key! {
    /// Address of an indicator.
    pub struct IndicatorKey { owner: Owner, indicator: LocalCode = "temporary_care_users" }
}

words! {
    /// 指標の種類
    pub enum IndicatorKind {
        /// 数（人数、件数など）
        Count = "count",
        /// 量・金額
        Amount = "amount",
        /// 割合
        Rate = "rate",
        /// 頻度
        Frequency = "frequency",
        /// 文章
        Text = "text",
        /// 有無
        Boolean = "boolean",
    }
}

words! {
    /// 数え方：cumulative（延べ）、actual（実）、unstated（明記なし）。延べと実は合計しない
    #[derive(Default)]
    pub enum CountBasis {
        /// 延べ
        Cumulative = "cumulative",
        /// 実
        Actual = "actual",
        /// 明記なし
        #[default]
        Unstated = "unstated",
    }
}

words! {
    /// 望ましい方向
    #[derive(Default)]
    pub enum Direction {
        /// 多いほどよい
        MoreIsBetter = "more_is_better",
        /// 少ないほどよい
        LessIsBetter = "less_is_better",
        /// どちらでもない
        #[default]
        Neutral = "neutral",
    }
}

words! {
    /// 団体間の集計のしかた
    pub enum Aggregation {
        /// 合計（count と amount だけ）
        Sum = "sum",
        /// 分子の合計 ÷ 分母の合計（rate だけ）
        WeightedMean = "weighted_mean",
        /// 最小
        Min = "min",
        /// 最大
        Max = "max",
        /// 集計しない
        None = "none",
    }
}

words! {
    /// 時点の値か、期間の合計か
    pub enum Temporality {
        /// 時点（年度をまたいで合計しない）
        PointInTime = "point_in_time",
        /// 期間の合計
        PeriodTotal = "period_total",
    }
}

/// 内訳の軸 / a dimension of the breakdown
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// 指標の中で一意なコード / unique in the indicator
    #[validate(length(min = 1, max = 40))]
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "age")]
    pub code: String,
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "年齢")]
    pub label: String,
}

resource! {
    /// 指標 / an indicator
    struct Indicator {
        /// 所有団体。000000 は全国の共通指標 / 000000: common to the nation
        #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
        owner: String,
        /// 所有団体の中で一意なコード
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "participants")]
        code: String,
    }
    /// 指標の登録内容
    body struct PutIndicator {
        /// 名称 / name
        #[validate(length(min = 1, max = 300))]
        #[schema(min_length = 1, max_length = 300, example = "講座の参加者数")]
        name: String,
        kind: IndicatorKind,
        /// 単位（印刷のまま。名 と 人 など同じ意味の書き方は /units）。count・amount・rate・frequency では必須
        /// / unit as printed; required for count, amount, rate and frequency
        #[serde(default)]
        #[validate(length(min = 1, max = 40))]
        #[schema(min_length = 1, max_length = 40, example = "人")]
        unit: Option<String>,
        /// 省略：unstated
        #[serde(default)]
        count_basis: CountBasis,
        /// 省略：neutral
        #[serde(default)]
        direction: Direction,
        aggregation: Aggregation,
        temporality: Temporality,
        /// 表示する小数の桁数。省略：0 / decimals shown
        #[serde(default)]
        #[validate(range(min = 0, max = 6))]
        #[schema(minimum = 0, maximum = 6, default = 0)]
        decimals: i16,
        /// 内訳の軸 / dimensions of the breakdown
        #[serde(default)]
        #[validate(nested, length(max = 10))]
        #[schema(max_items = 10)]
        dimensions: Vec<Dimension>,
        /// 小さな数が個人を特定しうる。true：1〜9 は公表のときに秘匿する（0 と10以上は公表）。それを含む計、同じ項目の率、累計も秘匿し、本文・備考の
        /// 同じ数字を「＊」にする。すでに公表されたものは変わらない。省略：false
        /// / small figures may identify a person: 1 to 9 are suppressed when published, with the totals they are in; what is
        /// public already stays as it is
        #[serde(default)]
        sensitive: bool,
        /// この指標が含まれる共通指標（000000 のコード） / the common indicator (owner 000000) it feeds
        #[serde(default)]
        #[validate(length(min = 1, max = 40))]
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40)]
        common_indicator: Option<String>,
    }
}
list_of!(IndicatorList, Indicator);

impl Rules for PutIndicator {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        let mut wrong = |pointer: &str, ja: &str, en: &str| {
            findings.push(Finding::new(pointer, ErrorCode::RequestInvalid, ja, en));
        };
        let wordless = matches!(self.kind, IndicatorKind::Text | IndicatorKind::Boolean);
        if !wordless && self.unit.as_ref().is_none_or(|unit| unit.trim().is_empty()) {
            wrong("/unit", "この種類の指標には単位が必要です", "an indicator of this kind needs a unit");
        }
        let allowed = match self.aggregation {
            Aggregation::None => true,
            _ if wordless => false,
            Aggregation::Sum => matches!(self.kind, IndicatorKind::Count | IndicatorKind::Amount),
            Aggregation::WeightedMean => self.kind == IndicatorKind::Rate,
            Aggregation::Min | Aggregation::Max => true,
        };
        if !allowed {
            wrong(
                "/aggregation",
                "sum は count と amount だけ、weighted_mean は rate だけです。text と boolean は none にしてください",
                "`sum` is for count and amount, `weighted_mean` for rate; text and boolean take `none`",
            );
        }
        let mut codes = BTreeSet::new();
        for (index, dimension) in self.dimensions.iter().enumerate() {
            if !codes.insert(&dimension.code) {
                let pointer = format!("/dimensions/{index}/code");
                wrong(&pointer, "同じ軸が2回あります", "the dimension is named twice");
            }
        }
        for (index, dimension) in self.dimensions.iter().enumerate() {
            require_local_code(&format!("/dimensions/{index}/code"), Some(&dimension.code), findings);
        }
        require_local_code("/common_indicator", self.common_indicator.as_deref(), findings);
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IndicatorFilter {
    /// 所有団体のコード。000000：共通指標 / the owner; 000000: common indicators
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub owner: Option<String>,
    /// 種類
    #[param(inline, example = "count")]
    pub kind: Option<IndicatorKind>,
    /// この共通指標に含まれる指標 / indicators that feed this common indicator
    #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "temporary_care_users")]
    pub common_indicator: Option<String>,
}

impl Filter for IndicatorFilter {
    fn check(&mut self) -> Result<(), Error> {
        if let Some(Err(wrong)) = self.owner.as_deref().map(Owner::parse) {
            return Err(unreadable("owner", &wrong.ja(), &wrong.en()));
        }
        if self.common_indicator.as_ref().is_some_and(|code| LocalCode::parse(code).is_none()) {
            return Err(unreadable(
                "common_indicator",
                "英数字で始まる40字までの英数字 . _ - です",
                "up to 40 letters, digits, `.`, `_`, `-`, a letter or digit first",
            ));
        }
        Ok(())
    }
}

/// 単位 / a unit
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// 比較と集計に使う書き方 / the canonical spelling
    #[schema(max_length = 40, example = "か所")]
    pub name: String,
    #[schema(schema_with = spellings)]
    pub spellings: Vec<String>,
}
list_of!(UnitList, Unit);

/// An attribute of a list bounds the list only; these strings have an end too.
fn spellings() -> Array {
    let spelling = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(40));
    ArrayBuilder::new()
        .description(Some(
            "同じ意味の書き方。データは印刷のまま返る / spellings that mean the same; data are answered as printed",
        ))
        .items(spelling)
        .max_items(Some(50))
        .examples([json!(["箇所", "ヶ所", "カ所", "個所"])])
        .build()
}

/// No filter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnitFilter {}
impl Filter for UnitFilter {}
