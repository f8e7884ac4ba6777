use super::filter::LevelsOf;
use super::rules::Level;
use super::rules::basis::Basis;
pub use super::words::{AggregateFunction, BreakReason, ExclusionReason, ExpectedOf};
use crate::indicators::types::{CountBasis, IndicatorKind};
use crate::records::types::Part;
use crate::records::value::{Evaluator, MissingReason};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A sum: wider than a figure.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Total(pub Decimal);

impl Serialize for Total {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.0.normalize();
        match (number.scale(), number.to_i64(), number.to_f64()) {
            (0, Some(integer), _) => serializer.serialize_i64(integer),
            (_, _, Some(number)) => serializer.serialize_f64(number),
            _ => Err(serde::ser::Error::custom("a sum beyond all numbers")),
        }
    }
}

impl PartialSchema for Total {
    fn schema() -> RefOr<Schema> {
        let bound = 10_i64.pow(17);
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Number))
            .description(Some("集計した数値 / a figure made of many"))
            .minimum(Some(-bound))
            .maximum(Some(bound))
            .build()
            .into()
    }
}
impl ToSchema for Total {}

/// 単位と数え方。これが違う数値は足さない / what two figures must have in common to be added
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateBasis {
    /// 単位（同じ意味の書き方は一つにする）
    #[schema(max_length = 40, example = "人")]
    pub unit: Option<String>,
    pub count_basis: CountBasis,
    /// 何を数えたか（印刷のまま）
    #[schema(max_length = 100, example = "受講者")]
    pub counted: Option<String>,
}

impl From<Basis> for AggregateBasis {
    fn from(basis: Basis) -> Self {
        Self { unit: basis.unit, count_basis: basis.count_basis, counted: basis.counted }
    }
}

/// 数値のない団体（理由別） / reporters without a figure, by reason
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateMissing {
    #[schema(minimum = 0, maximum = 200_000)]
    pub not_measured: usize,
    #[schema(minimum = 0, maximum = 200_000)]
    pub not_applicable: usize,
    #[schema(minimum = 0, maximum = 200_000)]
    pub not_implemented: usize,
    #[schema(minimum = 0, maximum = 200_000)]
    pub not_reported: usize,
    /// 秘匿。集計にも含めない / kept back, and in no sum
    #[schema(minimum = 0, maximum = 200_000)]
    pub suppressed: usize,
    /// 公表された回答がない / nothing published
    #[schema(minimum = 0, maximum = 200_000)]
    pub unanswered: usize,
}

impl AggregateMissing {
    pub fn count(&mut self, reason: MissingReason) {
        *match reason {
            MissingReason::NotMeasured => &mut self.not_measured,
            MissingReason::NotApplicable => &mut self.not_applicable,
            MissingReason::NotImplemented => &mut self.not_implemented,
            MissingReason::NotReported => &mut self.not_reported,
            MissingReason::Suppressed => &mut self.suppressed,
        } += 1;
    }
}

/// 数えなかった数値 / figures that were not counted
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateExcluded {
    pub reason: ExclusionReason,
    /// 数値の数
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub figures: usize,
    /// はじめの20件の所在 / where the first twenty stand
    #[schema(schema_with = crate::aggregates::types::places)]
    pub places: Vec<String>,
}

/// Addresses of figures: bounded, which an attribute cannot say of the strings.
pub fn places() -> utoipa::openapi::schema::Array {
    let place = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(200));
    utoipa::openapi::schema::ArrayBuilder::new()
        .description(Some("記録のアドレスと、その中の数値 / the record's address, and the figure in it"))
        .items(place)
        .max_items(Some(20))
        .examples([serde_json::json!(["/results/130001-mihon-kpi-2024/kenshu/131041/2024#/values/0"])])
        .build()
}

/// 四分位（数値の分布） / five figures of a distribution
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateSpread {
    pub min: Total,
    pub lower_quartile: Total,
    pub median: Total,
    pub upper_quartile: Total,
    pub max: Total,
}

/// 値ごとの数 / how often a value stands
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateShare {
    #[schema(max_length = 2000)]
    pub value: String,
    #[schema(minimum = 1, maximum = 200_000)]
    pub reporters: usize,
}

/// 目標との比較 / results against their targets
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateAchievement {
    /// 実績 ÷ 目標（パーセント、小数1桁に四捨五入）。目標が0のとき、複数の率のときは null
    pub percent: Option<Total>,
    /// 比べられた実績の合計
    pub result: Option<Total>,
    /// その目標の合計
    pub target: Option<Total>,
    /// 比べられた団体×期間の数
    #[schema(minimum = 0, maximum = 200_000)]
    pub compared: usize,
    /// どの期間の目標か / periods of the targets
    #[schema(schema_with = crate::aggregates::types::periods)]
    pub against: Vec<String>,
}

pub fn periods() -> utoipa::openapi::schema::Array {
    let period = ObjectBuilder::new().schema_type(Type::String).min_length(Some(4)).max_length(Some(8));
    utoipa::openapi::schema::ArrayBuilder::new().items(period).max_items(Some(100)).build()
}

/// 評価の区分 / a reported level
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateLevel {
    /// 評価基準を持つ団体
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub owner: String,
    #[schema(max_length = 40, example = "achievement")]
    pub scheme: String,
    pub evaluator: Evaluator,
    /// 評価基準の適用開始年度。年度の違う評価基準の区分は別の組になる / another version's levels are other groups
    #[schema(minimum = 1990, maximum = 2060)]
    pub fiscal_year: Option<i16>,
    /// null：この評価基準・評価者の評価がない記録と、回答のない団体 / not rated by it, or nothing reported
    #[schema(max_length = 40, example = "2")]
    pub level: Option<String>,
    #[schema(max_length = 1000)]
    pub label: Option<String>,
}

impl AggregateLevel {
    pub fn new(of: &LevelsOf, level: Option<&Level>) -> Self {
        Self {
            owner: of.owner.clone(),
            scheme: of.scheme.clone(),
            evaluator: of.evaluator,
            fiscal_year: level.map(|level| level.fiscal_year),
            level: level.map(|level| level.code.clone()),
            label: level.and_then(|level| level.label.clone()),
        }
    }
}

/// 何の集計か / what a group is of
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateKey {
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub prefecture: Option<String>,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub municipality: Option<String>,
    #[schema(max_length = 100)]
    pub municipality_name: Option<String>,
    #[schema(max_length = 8, example = "2024")]
    pub period: Option<String>,
    #[schema(max_length = 40)]
    pub period_label_ja: Option<String>,
    #[schema(max_length = 40)]
    pub period_label_en: Option<String>,
    /// group_by=level のとき：数値のある記録の評価 / of the record the figures stand in
    pub level: Option<AggregateLevel>,
    /// group_by=breakdown のとき。事業の区域（area）も軸の一つ
    #[schema(schema_with = crate::web::wire::breakdown)]
    pub breakdown: BTreeMap<String, String>,
}

/// 一つの集計 / one figure made of many, and what it rests on
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateGroup {
    pub key: AggregateKey,
    /// 集計した値。数えるものがなければ null（0ではない） / null where nothing was reported, never 0
    pub value: Option<Total>,
    /// 値の単位と数え方。数えるものがなければ null
    pub basis: Option<AggregateBasis>,
    /// weighted_mean：分子の合計
    pub numerator: Option<Total>,
    /// weighted_mean：分母の合計
    pub denominator: Option<Total>,
    pub spread: Option<AggregateSpread>,
    /// distribution：値ごとの団体数
    #[schema(max_items = 500)]
    pub shares: Vec<AggregateShare>,
    /// achievement_rate：当初の目標に対して / against the original goals
    pub original: Option<AggregateAchievement>,
    /// achievement_rate：最後の変更目標（なければ当初の目標）に対して / against the goals as last changed
    pub amended: Option<AggregateAchievement>,
    /// 対象の数：団体×期間（latest では団体）。= reported + other_basis + not_counted + missing の合計
    /// group_by=level では、その区分を報告した団体（回答のない団体は level が null の組）
    /// / how many were expected: reporters × periods; of group_by=level those that reported it, the others where level is null
    #[schema(minimum = 0, maximum = 200_000)]
    pub expected: usize,
    /// 値が数えられた数
    #[schema(minimum = 0, maximum = 200_000)]
    pub reported: usize,
    /// split=basis：別の数え方で報告された数
    #[schema(minimum = 0, maximum = 200_000)]
    pub other_basis: usize,
    /// 数値はあるが、すべて数えられなかった数（excluded を見る） / reported, but nothing of it counted
    #[schema(minimum = 0, maximum = 200_000)]
    pub not_counted: usize,
    pub missing: AggregateMissing,
    /// expected がすべて reported
    pub complete: bool,
    /// 数えた数値の数
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub figures: usize,
    /// そのうち 再掲（include=reposts）
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub reposts: usize,
    /// そのうち 見込・予定（include=estimates）
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub estimates: usize,
    /// そのうち 約・程度
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub approximate: usize,
    /// もっとも早い 現在・時点
    #[schema(max_length = 10, example = "2025-03-31")]
    pub measured_from: Option<String>,
    /// もっとも遅い 現在・時点
    #[schema(max_length = 10, example = "2025-03-31")]
    pub measured_to: Option<String>,
    #[schema(max_items = 20)]
    pub excluded: Vec<AggregateExcluded>,
    /// group_by に period があるとき：一つ前の期間の値と比べられない理由。なければ比べられる
    /// / why it cannot be compared with the period before
    #[schema(max_items = 4)]
    pub breaks: Vec<BreakReason>,
    /// 合併などで対応させた旧団体 / predecessors whose figures are in here
    #[schema(schema_with = crate::aggregates::types::codes)]
    pub predecessors: Vec<String>,
}

pub fn codes() -> utoipa::openapi::schema::Array {
    let code = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9]{6}$")).max_length(Some(6));
    utoipa::openapi::schema::ArrayBuilder::new().items(code).max_items(Some(100)).build()
}

/// どの指標の集計か / the aggregates of one indicator
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateSeries {
    /// 指標を持つ団体。000000：全国共通
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "130001")]
    pub owner: String,
    #[schema(max_length = 40, example = "trainees")]
    pub indicator: String,
    #[schema(max_length = 300)]
    pub name: String,
    pub kind: IndicatorKind,
    pub function: AggregateFunction,
    #[schema(max_items = 20_000)]
    pub groups: Vec<AggregateGroup>,
}

/// explain=true：集計のもとになった数値1件 / one figure it rests on
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateRow {
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub municipality: String,
    #[schema(max_length = 100)]
    pub municipality_name: Option<String>,
    /// 指標（所有団体/コード）
    #[schema(max_length = 47, example = "130001/trainees")]
    pub indicator: String,
    #[schema(max_length = 8)]
    pub period: String,
    /// 記録のアドレスと、その中の数値
    #[schema(max_length = 200, example = "/results/130001-mihon-kpi-2024/kenshu/131041/2024#/values/0")]
    pub place: String,
    /// group_by=level のとき
    pub level: Option<AggregateLevel>,
    #[schema(schema_with = crate::web::wire::breakdown)]
    pub breakdown: BTreeMap<String, String>,
    pub value: Option<Total>,
    pub value_to: Option<Total>,
    pub rate: Option<Total>,
    pub numerator: Option<Total>,
    pub denominator: Option<Total>,
    #[schema(max_length = 2000)]
    pub text: Option<String>,
    pub missing_reason: Option<MissingReason>,
    pub basis: AggregateBasis,
    /// 数えたか
    pub counted: bool,
    /// 数えなかった理由
    pub excluded: Option<ExclusionReason>,
}

/// 市町村の廃置分合による対応 / whose figures were mapped to whom
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateMapping {
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub predecessor: String,
    /// 対応させた団体。null：分割のため対応させていない / null: a split cannot be mapped
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub successor: Option<String>,
    pub effective_on: chrono::NaiveDate,
}

/// 集計 / aggregates
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Aggregates {
    /// いつの公表内容か：公表番号 / the publication number it shows
    #[schema(minimum = 0, maximum = 9_000_000_000_000_000i64)]
    pub publication: i64,
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub as_of: Option<DateTime<Utc>>,
    pub part: Part,
    pub expected_of: ExpectedOf,
    /// 指標ごと。何も公表されていない法定事業では空
    #[schema(max_items = 500)]
    pub series: Vec<AggregateSeries>,
    /// group_by=municipality,period：使った対応
    #[schema(max_items = 5000)]
    pub mappings: Vec<AggregateMapping>,
    /// explain=true：5,000件まで / at most 5,000
    #[schema(max_items = 5000)]
    pub rows: Vec<AggregateRow>,
    /// もとになった数値の全数
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub rows_total: usize,
}
