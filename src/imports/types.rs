use crate::error::{Error, FixBy};
use crate::results::types::PutResult;
use crate::targets::types::PutTarget;
use crate::templates::types::TemplateLastYear;
use crate::web::params::Filter;
use crate::{list_of, path_key, words};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Rows an import has at most.
pub const MOST_ROWS: usize = 50_000;
/// Rows that stand in the report itself; the others are at `…/rows`.
pub const SHOWN_ROWS: usize = 1_000;
/// Places that are named of one cause.
pub const SHOWN_PLACES: usize = 20;
/// Causes that are told apart.
pub const SHOWN_CAUSES: usize = 500;
/// Changes that are named of one row.
pub const SHOWN_CHANGES: usize = 100;

words! {
    /// atomic：全部か、何も書かないか。partial：誤りのない行だけ書く
    #[derive(Default)]
    pub enum ImportMode {
        /// 一つでも誤りがあれば何も書かない / all rows or none
        #[default]
        Atomic = "atomic",
        /// 誤りのない行だけを書く / those that are in order
        Partial = "partial",
    }
}

words! {
    /// ETag のない行が登録済みと異なるとき：refuse（受け付けない）、overwrite（置き換え、そのことを記録する）
    #[derive(Default)]
    pub enum OnConflict {
        #[default]
        Refuse = "refuse",
        Overwrite = "overwrite",
    }
}

words! {
    /// 結果：completed（すべて）、partial（誤りのある行を除いて）、refused（何も書いていない）
    pub enum ImportStatus {
        /// すべての行を取り込んだ
        Completed = "completed",
        /// 誤りのある行を除いて取り込んだ
        Partial = "partial",
        /// 誤りがあり、何も書いていない
        Refused = "refused",
    }
}

words! {
    /// 行の結果
    pub enum RowOutcome {
        Created = "created",
        Updated = "updated",
        /// 登録済みと同じ
        Unchanged = "unchanged",
        /// 誤りがあり、書いていない
        Rejected = "rejected",
    }
}

words! {
    /// 目標か年度実績か
    pub enum RowResource {
        Target = "target",
        Result = "result",
    }
}

words! {
    /// error：書けない、warning：書いたが確かめてほしい
    pub enum CauseKind {
        Error = "error",
        Warning = "warning",
    }
}

path_key! {
    /// Address of an import.
    pub struct ImportKey { import: Uuid }
}

/// 行のキー
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRowKey {
    #[schema(max_length = 55, example = "132292-mihon-2020")]
    pub plan: String,
    #[schema(max_length = 40, example = "4")]
    pub program: String,
    #[schema(max_length = 6, example = "132292")]
    pub municipality: String,
    /// 期間。令和6年度、R6 なども受け付ける / era forms are taken
    #[schema(max_length = 40, example = "2024")]
    pub period: String,
    /// 変更目標の番号。省略・0：当初の目標
    #[serde(default)]
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: Option<i16>,
    /// 団体名。付けると、コードと食い違わないか確かめる / compared with the code
    #[serde(default)]
    #[schema(max_length = 100)]
    pub municipality_name: Option<String>,
    /// 事業の番号。付けると、コードと食い違わないか確かめる / compared with the code
    #[serde(default)]
    #[schema(max_length = 100)]
    pub program_number: Option<String>,
    /// 事業名。付けると、コードと食い違わないか確かめる / compared with the code
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub program_name: Option<String>,
}

words! {
    /// 目標の行
    pub enum TargetRow {
        Target = "target",
    }
}

words! {
    /// 年度実績の行
    pub enum ResultRow {
        Result = "result",
    }
}

/// 目標1件
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportTarget {
    pub resource: TargetRow,
    pub key: ImportRowKey,
    /// この行のもとになった ETag。null・省略：新規、または登録済みと同じ内容 / the ETag the row was filled from
    #[serde(default)]
    #[schema(max_length = 60, example = "\"v3\"")]
    pub if_match: Option<String>,
    /// PUT と同じ本文。null：未記入で、この行は何もしない / as in a PUT; null: not filled in, nothing is done
    #[serde(default)]
    pub body: Option<PutTarget>,
    /// 様式から。読まない / as a template shows it, not read
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub last_year: Vec<TemplateLastYear>,
}

/// 年度実績1件
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportResult {
    pub resource: ResultRow,
    pub key: ImportRowKey,
    /// この行のもとになった ETag。null・省略：新規、または登録済みと同じ内容 / the ETag the row was filled from
    #[serde(default)]
    #[schema(max_length = 60, example = "\"v3\"")]
    pub if_match: Option<String>,
    /// PUT と同じ本文。null：未記入で、この行は何もしない / as in a PUT; null: not filled in, nothing is done
    #[serde(default)]
    pub body: Option<PutResult>,
    /// 様式から。読まない / as a template shows it, not read
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub last_year: Vec<TemplateLastYear>,
}

/// 取り込む1件
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ImportRow {
    Target(Box<ImportTarget>),
    Result(Box<ImportResult>),
}

/// JSON の本文。NDJSON では1行に1件。`json` は、読めない行がほかの行を隠さないよう、1件ずつ読む
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateImport {
    #[schema(min_items = 1, max_items = 50_000)]
    pub rows: Vec<ImportRow>,
    /// 様式から：計画・団体・照会と、様式の指紋。様式が変わっていれば知らせる
    /// / as a template has them, so that a form that has changed since is told
    #[schema(max_length = 55)]
    pub plan: Option<String>,
    #[schema(max_length = 6)]
    pub municipality: Option<String>,
    #[schema(max_length = 40)]
    pub round: Option<String>,
    #[schema(max_length = 100)]
    pub form_version: Option<String>,
    #[schema(max_length = 16)]
    pub form: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// atomic：全部か、何も書かないか。partial：誤りのない行だけ。既定 atomic
    #[serde(default)]
    #[param(inline, required = false, example = "atomic")]
    pub mode: ImportMode,
    /// 検査だけ行い、書き込まない。結果には登録済みとの差も示す / check everything, write nothing, show what would change
    #[serde(default)]
    #[param(default = false, required = false)]
    pub dry_run: bool,
    /// ETag のない行が登録済みと異なるとき。既定 refuse
    #[serde(default)]
    #[param(inline, required = false, example = "refuse")]
    pub on_conflict: OnConflict,
}
impl Filter for ImportParams {}

/// 誤り・確認事項の場所
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportPlace {
    /// 何件目か（1から）
    #[schema(minimum = 1, maximum = 50_000)]
    pub row: i32,
    /// 送られたものの中の場所：`様式1 B12`、`18行目「values.unit」`、`/rows/3/body/values/0/unit`
    #[schema(max_length = 500, example = "様式1 B12")]
    pub place: String,
}

/// 同じ原因の誤り・確認事項をまとめたもの
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportCause {
    pub kind: CauseKind,
    #[schema(max_length = 100, example = "program.unknown")]
    pub code: String,
    /// 行の中の項目（番号は *） / the field within a row
    #[schema(max_length = 500, example = "/body/values/*/unit")]
    pub pointer: String,
    #[schema(max_length = 8000)]
    pub message_ja: String,
    #[schema(max_length = 8000)]
    pub message_en: String,
    pub fix_by: FixBy,
    /// この原因の箇所の数
    #[schema(minimum = 1, maximum = 100_000_000)]
    pub count: i32,
    /// はじめの20か所
    #[schema(max_items = 20)]
    pub places: Vec<ImportPlace>,
}

/// 行の誤り・確認事項
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowFinding {
    /// 行の中の項目（JSON Pointer）
    #[schema(max_length = 500, example = "/body/values/0/unit")]
    pub pointer: String,
    /// 送られたものの中の場所
    #[schema(max_length = 500, example = "様式1 B12")]
    pub place: String,
    #[schema(max_length = 100)]
    pub code: String,
    #[schema(max_length = 8000)]
    pub message_ja: String,
    #[schema(max_length = 8000)]
    pub message_en: String,
}

/// 登録済みとの差（検査だけのとき）
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowChange {
    #[schema(max_length = 500, example = "/values/0/value")]
    pub pointer: String,
    /// 登録済みの内容。null：なかった
    #[schema(max_length = 20_001)]
    pub old: Option<String>,
    /// 取込後の内容。null：なくなる
    #[schema(max_length = 20_001)]
    pub new: Option<String>,
}

/// 1件の結果
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRowReport {
    /// 何件目か（1から）
    #[schema(minimum = 1, maximum = 50_000)]
    pub row: i32,
    #[schema(max_length = 500, example = "様式1 12行目")]
    pub place: String,
    pub resource: Option<RowResource>,
    /// 読み取れたキー / the key, as far as it could be read
    #[schema(schema_with = crate::web::wire::key)]
    pub key: BTreeMap<String, String>,
    pub outcome: RowOutcome,
    /// この記録の、取込後の ETag。検査だけのとき、および書かなかった行では登録済みのもの
    #[schema(max_length = 40, example = "\"v4\"")]
    pub etag: Option<String>,
    #[schema(max_items = 1000)]
    pub errors: Vec<RowFinding>,
    #[schema(max_items = 1000)]
    pub warnings: Vec<RowFinding>,
    #[schema(max_items = 100)]
    pub changes: Vec<RowChange>,
}
list_of!(ImportRowList, ImportRowReport);

/// 取込の結果
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    pub id: Uuid,
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub at: DateTime<Utc>,
    pub status: ImportStatus,
    /// true：検査だけで、何も書いていない
    pub dry_run: bool,
    pub mode: ImportMode,
    pub on_conflict: OnConflict,
    /// 記録の件数。どの件も、次の四つのどれか一つ / records; each is one of the four that follow
    #[schema(minimum = 0, maximum = 50_000)]
    pub rows: i32,
    #[schema(minimum = 0, maximum = 50_000)]
    pub created: i32,
    #[schema(minimum = 0, maximum = 50_000)]
    pub updated: i32,
    #[schema(minimum = 0, maximum = 50_000)]
    pub unchanged: i32,
    #[schema(minimum = 0, maximum = 50_000)]
    pub rejected: i32,
    /// 未記入で、何もしなかった件数（rows に含まない） / not filled in, not among `rows`
    #[schema(minimum = 0, maximum = 50_000)]
    pub blank: i32,
    /// 誤りの箇所の数
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub errors: i32,
    /// 確認事項の数
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub warnings: i32,
    /// 誤りと確認事項の、原因ごとのまとめ（誤りが先、多い順）
    #[schema(max_items = 500)]
    pub causes: Vec<ImportCause>,
    /// はじめの1,000件。残りは /imports/{import}/rows
    #[schema(max_items = 1000)]
    pub results: Vec<ImportRowReport>,
}

/// 取込の一覧の1件
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSummary {
    pub id: Uuid,
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub at: DateTime<Utc>,
    /// 送信したクライアント
    #[schema(max_length = 200)]
    pub client: String,
    pub status: ImportStatus,
    pub dry_run: bool,
    #[schema(minimum = 0, maximum = 50_000)]
    pub rejected: i32,
}
list_of!(ImportList, ImportSummary);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportFilter {
    /// 結果
    #[param(inline, example = "completed")]
    pub status: Option<ImportStatus>,
}
impl Filter for ImportFilter {}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportRowFilter {
    /// 行の結果
    #[param(inline, example = "created")]
    pub outcome: Option<RowOutcome>,
}
impl Filter for ImportRowFilter {}

impl Import {
    pub fn missing(id: Uuid) -> Error {
        Error::not_found(format_args!("取込 {id}"), format_args!("import {id}"))
    }
}
