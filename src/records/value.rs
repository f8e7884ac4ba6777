//! A figure inside a record, and a reported level: their wire types and rules.

use crate::domain::number::Number;
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Finding};
use crate::indicators::types::CountBasis;
use crate::plans::types::check_partial_date;
use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use validator::Validate;

words! {
    /// 数値がない理由。0とは違う
    pub enum MissingReason {
        /// 把握していない
        NotMeasured = "not_measured",
        /// 該当しない
        NotApplicable = "not_applicable",
        /// 実施していない
        NotImplemented = "not_implemented",
        /// 報告がない
        NotReported = "not_reported",
        /// 秘匿
        Suppressed = "suppressed",
    }
}

impl MissingReason {
    pub const ALL: [Self; 5] =
        [Self::NotMeasured, Self::NotApplicable, Self::NotImplemented, Self::NotReported, Self::Suppressed];

    pub const fn label_ja(self) -> &'static str {
        match self {
            Self::NotMeasured => "把握していない",
            Self::NotApplicable => "該当しない",
            Self::NotImplemented => "実施していない",
            Self::NotReported => "報告がない",
            Self::Suppressed => "秘匿",
        }
    }
}

words! {
    /// 同じ項目の中での役割
    pub enum ValueRole {
        /// 主たる数値
        Main = "main",
        /// 対になる数値（人数に対する率、回数に対する人数）
        Paired = "paired",
        /// 内訳（合計すると全体になる）
        PartOf = "part_of",
        /// うち数
        OfWhich = "of_which",
        /// 基準となる数値
        Baseline = "baseline",
    }
}

words! {
    /// 以上・以下など。省略：ちょうど
    pub enum Comparator {
        Eq = "eq",
        /// 以上
        Ge = "ge",
        /// 超
        Gt = "gt",
        /// 以下
        Le = "le",
        /// 未満
        Lt = "lt",
    }
}

words! {
    /// 1日・1週・1月・1年・1回あたり
    pub enum Per {
        Day = "day",
        Week = "week",
        Month = "month",
        Year = "year",
        Event = "event",
    }
}

words! {
    /// だれの評価か
    pub enum Evaluator {
        /// 担当課・市区町村自身
        Own = "self",
        /// 会議体
        Committee = "committee",
        /// 外部
        External = "external",
    }
}

/// 指標への参照
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorRef {
    /// 指標を持つ団体。000000：全国共通
    #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
    pub owner: String,
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "site_views")]
    pub indicator: String,
}

/// 別の事業に載っている同じ数値。集計では1回だけ数える
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SameFigure {
    /// 同じ計画の事業コード
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "29")]
    pub program: String,
    /// その記録の何番目の数値か
    #[validate(range(min = 1, max = 500))]
    #[schema(minimum = 1, maximum = 500)]
    pub ordinal: i16,
}

/// 数値 / a figure。記録の中の番号は並び順（1から）。内容は missing_reason・value・rate・text のどれか一つ。返すときは、内容のない項目を省く
/// / answered without the fields that are empty
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RecordValue {
    /// セルの中の項目。一つの項目の数値（人数と率、回数と人数）は同じ名前を持ち、目標と実績はこの名前で対応する
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "平日コース")]
    pub item: String,
    #[serde(default = "main_role")]
    #[schema(default = "main")]
    pub role: ValueRole,
    /// role が main 以外のとき：全体・対の相手の番号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 1, max = 500))]
    #[schema(minimum = 1, maximum = 500)]
    pub whole: Option<i16>,
    /// 内訳・うち数の全体が、この記録に数値として印刷されていないとき：全体にあたる項目の名前（例：目標の項目）。whole の代わり
    /// / the whole stands as no figure in this record: the item it is; instead of `whole`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "離乳食教室 実施回数")]
    pub whole_item: Option<String>,
    /// 印刷のままの名称
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "平日コース 実施回数")]
    pub label: String,
    /// 印刷のままの単位。value・rate には必須
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, example = "回")]
    pub unit: Option<String>,
    /// 本文のどこから読んだか（本文の一部をそのまま）
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000, example = "実施回数 6回")]
    pub source: String,
    /// 指標ごとの取得・比較・集計に必要なときだけ
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<IndicatorRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_reason: Option<MissingReason>,
    /// 数値。範囲のときは下限
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// 範囲の上限
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_to: Option<Number>,
    /// 率（パーセント）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Number>,
    /// 数値でない内容（例：全園実施）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparator: Option<Comparator>,
    /// 約・前後・程度
    #[serde(default)]
    pub approximate: bool,
    /// 実績の中の見込・予定
    #[serde(default)]
    pub estimate: bool,
    /// 率の分子
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Number>,
    /// 率の分母、「88人中」の88
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Number>,
    /// 計・累計
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_total: Option<Number>,
    /// 何を数えたか（受講者、修了者、定員 …印刷のまま）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub counted: Option<String>,
    /// 延べ・実
    #[serde(default = "unstated_basis")]
    #[schema(default = "unstated")]
    pub count_basis: CountBasis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
    /// 記録の期間の中の、この数値だけの期間（例：10月 → 201710）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 30, example = "201710")]
    pub period: Option<String>,
    #[serde(default, deserialize_with = "crate::web::json::unique_names")]
    #[validate(length(max = 10))]
    #[schema(schema_with = crate::web::wire::breakdown)]
    pub breakdown: BTreeMap<String, String>,
    /// この数値の担当課（コードまたは印刷のままの名称）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub department: Option<String>,
    /// 現在・時点（2021-03-31、2021-03）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", max_length = 10, example = "2021-03-31")]
    pub measured_on: Option<String>,
    /// 現在・時点（印刷のまま）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub measured_on_text: Option<String>,
    /// 把握の方法（例：市民アンケート調査）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub same_figure_as: Option<SameFigure>,
}

fn main_role() -> ValueRole {
    ValueRole::Main
}

fn unstated_basis() -> CountBasis {
    CountBasis::Unstated
}

impl RecordValue {
    /// A figure of which only the name is known.
    pub fn named(label: String) -> Self {
        Self {
            item: label.clone(),
            role: ValueRole::Main,
            whole: None,
            whole_item: None,
            label,
            unit: None,
            source: String::new(),
            indicator: None,
            missing_reason: None,
            value: None,
            value_to: None,
            rate: None,
            text: None,
            comparator: None,
            approximate: false,
            estimate: false,
            numerator: None,
            denominator: None,
            running_total: None,
            counted: None,
            count_basis: CountBasis::Unstated,
            per: None,
            period: None,
            breakdown: BTreeMap::new(),
            department: None,
            measured_on: None,
            measured_on_text: None,
            method: None,
            note: None,
            same_figure_as: None,
        }
    }

    /// `at`: the pointer of this figure; `count`: how many figures the record has.
    pub fn check(&mut self, at: &str, ordinal: i16, count: i16, findings: &mut Vec<Finding>) {
        let mut wrong = |field: &str, ja: &str, en: &str| {
            findings.push(Finding::new(format!("{at}{field}"), ErrorCode::ValueContent, ja, en));
        };
        let contents = [self.missing_reason.is_some(), self.value.is_some(), self.rate.is_some(), self.text.is_some()];
        if contents.into_iter().filter(|given| *given).count() != 1 {
            wrong(
                "",
                "missing_reason・value・rate・text のどれか一つだけを入れてください（値がないことと0は違います）",
                "give exactly one of missing_reason, value, rate, text (missing is not zero)",
            );
        }
        if self.unit.is_none() && (self.value.is_some() || self.rate.is_some()) {
            wrong("/unit", "数値には単位が必要です", "a number needs a unit");
        }
        match (self.value, self.value_to) {
            (None, Some(_)) => wrong(
                "/value_to",
                "範囲の上限だけがあります。下限を value に入れてください",
                "an upper bound without `value`",
            ),
            (Some(from), Some(to)) if to <= from => {
                wrong("/value_to", "範囲の上限が下限以下です", "must be above `value`")
            }
            _ => {}
        }
        let part = matches!(self.role, ValueRole::PartOf | ValueRole::OfWhich);
        match (self.role, self.whole) {
            (ValueRole::Main, Some(_)) => {
                wrong("/whole", "role が main の数値に whole は付きません", "a main figure has no `whole`")
            }
            (ValueRole::Main, None) => {}
            (_, Some(whole)) if whole != ordinal && whole <= count => {}
            (_, None) if part && self.whole_item.is_some() => {}
            _ => wrong(
                "/whole",
                "同じ記録の、ほかの数値の番号（1から）を入れてください",
                "name another figure of this record, from 1",
            ),
        }
        if self.whole_item.is_some() && (!part || self.whole.is_some()) {
            wrong(
                "/whole_item",
                "whole_item は、role が part_of・of_which で whole のない数値にだけ付きます",
                "only for `part_of` and `of_which` without `whole`",
            );
        }
        check_partial_date(&format!("{at}/measured_on"), self.measured_on.as_deref(), findings);
        if let Some(period) = &mut self.period {
            canonical_period(&format!("{at}/period"), period, findings);
        }
        if self.breakdown.iter().any(|(axis, part)| {
            axis.is_empty() || part.is_empty() || axis.chars().count() > 60 || part.chars().count() > 200
        }) {
            let (ja, en) =
                ("軸は60字、区分は200字までで、空にできません", "an axis has 1 to 60, a part 1 to 200 characters");
            findings.push(Finding::new(format!("{at}/breakdown"), ErrorCode::ValueContent, ja, en));
        }
    }
}

/// Era years and full-width digits become the canonical code; what cannot be read is a finding.
pub fn canonical_period(pointer: &str, given: &mut String, findings: &mut Vec<Finding>) {
    match Period::parse(given) {
        Ok(period) => *given = period.code(),
        Err(wrong) => findings.push(Finding::new(pointer, ErrorCode::PeriodUnknown, wrong.ja(), wrong.en())),
    }
}

/// 評価：だれが、どの評価基準の、どの区分としたか
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// 評価基準を持つ団体
    #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132284")]
    pub owner: String,
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "achievement")]
    pub scheme: String,
    /// 評価基準の適用開始年度
    #[validate(range(min = 1990, max = 2060))]
    #[schema(minimum = 1990, maximum = 2060, example = 2020)]
    pub fiscal_year: i16,
    /// 区分
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, example = "2")]
    pub level: String,
    #[serde(default = "own_evaluation")]
    #[schema(default = "self")]
    pub evaluator: Evaluator,
    /// 理由
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: Option<String>,
    /// どの期間の目標に対する評価か
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 30, example = "2024")]
    pub against: Option<String>,
}

fn own_evaluation() -> Evaluator {
    Evaluator::Own
}
