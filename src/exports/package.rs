//! The data package: what the data sets hold, for programs that read it before they read them.

use super::columns::{Column, Kind, Names, Source};
use super::types::Dataset;
use crate::indicators::types::{Aggregation, CountBasis, Direction, IndicatorKind, Temporality};
use crate::records::types::Part;
use crate::records::value::{Comparator, Evaluator, MissingReason, Per, ValueRole};
use crate::web::terms::Terms;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

/// 利用条件 / terms of use
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageLicence {
    #[schema(max_length = 200, example = "公共データ利用規約（第1.0版）")]
    pub title: String,
    #[schema(max_length = 300)]
    pub path: String,
}

/// 出典 / where the data come from
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageSource {
    #[schema(max_length = 300)]
    pub title: String,
}

/// 列の制約 / what every value of a column keeps
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageConstraints {
    pub required: bool,
    /// 使われる語のすべて / the words there are
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = names)]
    pub words: Option<&'static [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 9_000_000_000_000_000i64, example = 0)]
    pub minimum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 9_000_000_000_000_000i64, example = 2060)]
    pub maximum: Option<i64>,
}

/// 列 / a column
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageField {
    #[schema(max_length = 60, example = "municipality")]
    pub name: &'static str,
    /// Table Schema の型
    #[serde(rename = "type")]
    #[schema(max_length = 20, example = "string")]
    pub kind: &'static str,
    /// any：ISO 8601、+09:00
    #[schema(max_length = 20, example = "default")]
    pub format: &'static str,
    /// 日本語の見出し
    #[schema(max_length = 500, example = "団体コード")]
    pub title: &'static str,
    /// In English
    #[schema(max_length = 500)]
    pub description: &'static str,
    pub constraints: PackageConstraints,
}

/// ほかのデータセットの行 / a row of another data set
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageReference {
    #[schema(max_length = 20, example = "programs")]
    pub resource: &'static str,
    #[schema(schema_with = names)]
    pub fields: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageForeignKey {
    #[schema(schema_with = names)]
    pub fields: Vec<&'static str>,
    pub reference: PackageReference,
}

/// Of columns, and the blank cell.
fn names() -> Array {
    let name = ObjectBuilder::new().schema_type(Type::String).max_length(Some(60));
    ArrayBuilder::new().items(name).max_items(Some(20)).build()
}

/// 列とキー / columns and keys
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageSchema {
    #[schema(max_items = 100)]
    pub fields: Vec<PackageField>,
    #[serde(rename = "primaryKey")]
    #[schema(schema_with = names)]
    pub primary_key: Vec<&'static str>,
    #[serde(rename = "foreignKeys")]
    #[schema(max_items = 20)]
    pub foreign_keys: Vec<PackageForeignKey>,
    /// 空欄だけが「値なし」 / only a blank cell is no value
    #[serde(rename = "missingValues")]
    #[schema(schema_with = names)]
    pub missing_values: Vec<&'static str>,
}

/// CSVの書き方 / how the CSV is written
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageDialect {
    #[schema(max_length = 1)]
    pub delimiter: &'static str,
    #[serde(rename = "lineTerminator")]
    #[schema(max_length = 2)]
    pub line_terminator: &'static str,
    #[serde(rename = "quoteChar")]
    #[schema(max_length = 1)]
    pub quote_char: &'static str,
    #[serde(rename = "doubleQuote")]
    pub double_quote: bool,
    pub header: bool,
}

/// データセット / a data set
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageResource {
    #[schema(max_length = 20, example = "values")]
    pub name: &'static str,
    /// この説明から見たアドレス / address, seen from here
    #[schema(max_length = 20, example = "values")]
    pub path: &'static str,
    #[schema(max_length = 60)]
    pub profile: &'static str,
    #[schema(max_length = 300)]
    pub title: &'static str,
    #[schema(max_length = 300)]
    pub description: &'static str,
    #[schema(max_length = 10)]
    pub format: &'static str,
    #[schema(max_length = 60)]
    pub mediatype: &'static str,
    #[schema(max_length = 20)]
    pub encoding: &'static str,
    pub dialect: PackageDialect,
    pub schema: PackageSchema,
}

/// Frictionless Data Package
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataPackage {
    #[schema(max_length = 60)]
    pub name: &'static str,
    #[schema(max_length = 60)]
    pub profile: &'static str,
    #[schema(max_length = 300)]
    pub title: &'static str,
    #[schema(max_length = 1000)]
    pub description: &'static str,
    /// 今の公表番号 / the publication number of now
    #[schema(max_length = 20, example = "118")]
    pub version: String,
    #[schema(max_items = 5)]
    pub licenses: Vec<PackageLicence>,
    #[schema(max_items = 5)]
    pub sources: Vec<PackageSource>,
    #[schema(max_items = 20)]
    pub resources: Vec<PackageResource>,
}

impl DataPackage {
    /// At publication `no`.
    pub fn new(no: i64, terms: &Terms) -> Self {
        Self {
            name: "hagukumi",
            profile: "tabular-data-package",
            title: "子ども・子育て支援の計画・目標・年度実績",
            description: "市区町村と都道府県が公表した、子ども・子育て支援事業計画などの目標、年度実績、数値、評価 / targets, yearly results, \
                          figures and judgements that municipalities and prefectures of Japan have published",
            version: no.to_string(),
            licenses: vec![PackageLicence { title: terms.licence().to_owned(), path: terms.licence_url().to_owned() }],
            sources: vec![PackageSource { title: terms.source().to_owned() }],
            resources: Dataset::ALL.map(resource).to_vec(),
        }
    }
}

fn resource(dataset: Dataset) -> PackageResource {
    let (title, description) = match dataset {
        Dataset::Results => ("年度実績", "yearly results: a record a row"),
        Dataset::Targets => ("目標・計画", "targets and changed goals: a record a row"),
        Dataset::Values => ("数値", "figures of targets and results, a figure a row"),
        Dataset::Evaluations => ("評価", "reported levels, a judgement a row"),
        Dataset::Programs => ("事業", "programs of public plans, as they are"),
        Dataset::Indicators => ("指標", "indicators, as they are"),
    };
    let key = |fields: &[&'static str], resource, of: &[&'static str]| PackageForeignKey {
        fields: fields.to_vec(),
        reference: PackageReference { resource, fields: of.to_vec() },
    };
    let mut foreign_keys = Vec::new();
    if dataset.is_of_records() {
        foreign_keys.push(key(&["plan", "program"], "programs", &["plan", "program"]));
    }
    PackageResource {
        name: dataset.as_str(),
        path: dataset.as_str(),
        profile: "tabular-data-resource",
        title,
        description,
        format: "csv",
        mediatype: "text/csv",
        encoding: "utf-8",
        dialect: PackageDialect {
            delimiter: ",",
            line_terminator: "\r\n",
            quote_char: "\"",
            double_quote: true,
            header: true,
        },
        schema: PackageSchema {
            fields: dataset.columns().iter().map(field).collect(),
            primary_key: dataset.key().to_vec(),
            foreign_keys,
            missing_values: vec![""],
        },
    }
}

fn field(column: &Column) -> PackageField {
    let kind = match (column.kind, column.source) {
        (_, Source::Told(Names::PeriodStart | Names::PeriodEnd, _)) => "date",
        (Kind::Text | Kind::MainText | Kind::Code, _) => "string",
        (Kind::Integer, _) => "integer",
        (Kind::Number, _) => "number",
        (Kind::Flag, _) => "boolean",
        (Kind::Instant, _) => "datetime",
        (Kind::Object, _) => "object",
        (Kind::List, _) => "array",
    };
    PackageField {
        name: column.name,
        kind,
        // Table Schema's own format of a time is UTC only.
        format: if column.kind == Kind::Instant { "any" } else { "default" },
        title: column.ja,
        description: column.en,
        constraints: constraints(column),
    }
}

fn constraints(column: &Column) -> PackageConstraints {
    let words = WORDS.iter().find(|(name, _)| *name == column.name).map(|(_, words)| *words);
    let bounds = BOUNDS.iter().find(|(name, ..)| *name == column.name);
    PackageConstraints {
        required: column.required,
        words,
        minimum: bounds.map(|(_, minimum, _)| *minimum),
        maximum: bounds.and_then(|(.., maximum)| *maximum),
    }
}

/// Columns of one of a few words. A name means the same in every data set.
const WORDS: [(&str, &[&str]); 11] = [
    ("part", Part::WORDS),
    ("missing_reason", MissingReason::WORDS),
    ("role", ValueRole::WORDS),
    ("comparator", Comparator::WORDS),
    ("count_basis", CountBasis::WORDS),
    ("per", Per::WORDS),
    ("evaluator", Evaluator::WORDS),
    ("kind", IndicatorKind::WORDS),
    ("direction", Direction::WORDS),
    ("aggregation", Aggregation::WORDS),
    ("temporality", Temporality::WORDS),
];

/// Integers that have bounds.
const BOUNDS: [(&str, i64, Option<i64>); 12] = [
    // 0: the baseline
    ("fiscal_year", 0, Some(2060)),
    ("scheme_fiscal_year", 1990, Some(2060)),
    ("started_in", 1990, Some(2060)),
    ("ended_after", 1990, Some(2060)),
    ("edition", 1, None),
    ("publication", 1, None),
    ("amendment", 0, Some(99)),
    ("ordinal", 1, None),
    ("whole", 1, None),
    ("same_figure_ordinal", 1, None),
    ("position", 0, Some(100_000)),
    ("decimals", 0, Some(6)),
];
