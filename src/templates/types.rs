use crate::records::types::RecordBody;
use crate::records::value::RecordValue;
use crate::results::types::PutResult;
use crate::targets::types::PutTarget;
use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// 記入様式：照会で報告する記録を1行ずつ。`rows` はそのまま `POST /imports` に送れる形で、`body` が null の行は未記入
/// / what a reporter hands in with a round, a row a record; a row whose `body` is null is not answered yet
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "141500-mihon-2022")]
    pub plan: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "141500")]
    pub municipality: String,
    #[schema(max_length = 40, example = "2023")]
    pub round: String,
    /// 照会の様式の版 / version of the round's form
    #[schema(max_length = 100)]
    pub form_version: Option<String>,
    /// 様式の内容（事業、文章欄）の指紋。様式が変わると変わる
    /// / fingerprint of the form: another one once programs or text fields have changed
    #[schema(min_length = 16, max_length = 16, pattern = "^[0-9a-f]{16}$", example = "3f2a9c0d5b71e846")]
    pub form: String,
    /// 計画の順 / in the order of the plan
    #[schema(max_items = 50_000)]
    pub rows: Vec<TemplateRow>,
}

words! {
    /// 記録の種類 / kind of record
    pub enum TemplateResource {
        Target = "target",
        Result = "result",
    }
}

/// 記録のキー / the key of a record
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateRowKey {
    #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "141500-mihon-2022")]
    pub plan: String,
    #[schema(max_length = 40, example = "1")]
    pub program: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "141500")]
    pub municipality: String,
    #[schema(max_length = 8, example = "2023")]
    pub period: String,
    /// 目標だけ。0：当初の目標、1から：変更目標 / of targets only
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, minimum = 0, maximum = 99)]
    pub amendment: Option<i16>,
}

/// PUT の本文 / the body of a PUT
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum TemplateBody {
    Result(PutResult),
    Target(PutTarget),
}

/// 記録1件 / a record
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateRow {
    pub resource: TemplateResource,
    pub key: TemplateRowKey,
    /// 記入したときの ETag。null：まだ記録がない / the ETag it was filled from; null: there is no record yet
    #[schema(max_length = 40, example = "\"v3\"")]
    pub if_match: Option<String>,
    /// 今の内容。null：未記入 / as it stands; null: not answered yet
    pub body: Option<TemplateBody>,
    /// 前年の同じ事業（統合された事業では、統合前のそれぞれ）の内容 / what the same program, or each that was merged into it, had a year before
    #[schema(max_items = 1000)]
    pub last_year: Vec<TemplateLastYear>,
}

/// 前年の記録 / a record of the year before
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateLastYear {
    #[schema(pattern = "^[0-9]{6}-[a-z0-9-]+$", max_length = 55, example = "141500-mihon-2022")]
    pub plan: String,
    #[schema(max_length = 40, example = "1")]
    pub program: String,
    #[schema(max_length = 8, example = "2022")]
    pub period: String,
    /// 0：当初の目標（と、すべての実績）、1から：変更目標
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: i16,
    #[schema(schema_with = crate::web::wire::texts)]
    pub texts: BTreeMap<String, String>,
    #[schema(max_items = 500)]
    pub values: Vec<RecordValue>,
}

impl TemplateBody {
    pub fn new(resource: TemplateResource, body: RecordBody) -> Self {
        let RecordBody { texts, no_change_from_last_year, note, values, .. } = body;
        match resource {
            TemplateResource::Target => Self::Target(PutTarget {
                texts,
                no_change_from_last_year,
                reason: body.reason,
                amended_on: body.amended_on,
                note,
                values,
            }),
            TemplateResource::Result => Self::Result(PutResult {
                texts,
                no_change_from_last_year,
                cross_reference: body.cross_reference,
                repost_of: body.repost_of,
                missing_reason: body.missing_reason,
                note,
                values,
                evaluations: body.evaluations,
            }),
        }
    }
}
