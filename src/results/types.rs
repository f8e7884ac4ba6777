use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Finding};
use crate::plans::types::require_local_code;
use crate::records::compare::{ComparedTarget, Comparison};
use crate::records::shown::Shown;
use crate::records::types::{Part, RecordBody, RecordKey, check_content, check_evaluations, check_not_empty};
use crate::records::value::{Evaluation, MissingReason, RecordValue};
use crate::warnings::types::RecordWarning;
use crate::web::json::Rules;
use crate::{list_of, path_key, wire_types};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;
use validator::Validate;

path_key! {
    /// Address of a result.
    pub struct ResultKey { plan: PlanCode, program: LocalCode, municipality: Code, period: Period }
}

impl From<ResultKey> for RecordKey {
    fn from(key: ResultKey) -> Self {
        let ResultKey { plan, program, municipality, period } = key;
        Self { part: Part::Results, plan, program, municipality, period, amendment: 0 }
    }
}

wire_types! {
    /// 年度実績 / an annual result
    struct AnnualResult {
        #[schema(max_length = 55, example = "132284-kodomo-2020")]
        plan: String,
        #[schema(max_length = 40, example = "21")]
        program: String,
        /// 事業の番号（印刷のまま）
        #[schema(max_length = 100)]
        program_number: Option<String>,
        #[schema(max_length = 1000)]
        program_name: Option<String>,
        /// 報告した団体
        #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "132284")]
        municipality: String,
        #[schema(max_length = 100)]
        municipality_name: String,
        /// 期間
        #[schema(max_length = 8, example = "2020")]
        period: String,
        #[schema(max_length = 40)]
        period_label_ja: String,
        #[schema(max_length = 40)]
        period_label_en: String,
        period_start: Option<NaiveDate>,
        period_end: Option<NaiveDate>,
        /// どの照会の報告に入るか
        #[schema(max_length = 40)]
        round: String,
        /// この内容が公表された報告の版。作業中の内容では null
        #[schema(minimum = 1, maximum = 2_147_483_647)]
        edition: Option<i32>,
        #[serde(serialize_with = "crate::clock::wire::option::serialize")]
        published_at: Option<DateTime<Utc>>,
        /// true：管理者が内容を全版から消した / emptied in every edition by an administrator
        redacted: bool,
        /// この記録のETag
        #[schema(max_length = 40, example = "\"p1.2\"")]
        etag: String,
        /// 確認事項（作業中の内容だけ）：誤りかもしれないところ。書き込みを妨げない / warnings, in the working view only
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(required = false, nullable = false, max_items = 1000)]
        warnings: Option<Vec<RecordWarning>>,
        /// 比べる目標（include=targets のとき）。実績の期間の目標、なければその次に来る目標、それもなければ計画の最後の目標
        /// / the targets it is compared with, where `include=targets` asks for them
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(required = false, nullable = false, max_items = 1000)]
        targets: Option<Vec<ComparedTarget>>,
        /// 数値と目標の対応（include=targets のとき） / which figure is compared with which
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(required = false, nullable = false, max_items = 1000)]
        comparisons: Option<Vec<Comparison>>,
    }
    /// 年度実績の内容
    body struct PutResult {
        #[serde(default, deserialize_with = "crate::web::json::unique_names")]
        #[validate(length(max = 20))]
        #[schema(schema_with = crate::web::wire::texts)]
        texts: BTreeMap<String, String>,
        /// 前年度から変更なし。true なら、文章を省くと前年度の文章（数値・評価は除く）が写される。文章を変えるときは false に
        /// / nothing has changed since last year: texts left out are copied from it, never figures or levels
        #[serde(default)]
        #[schema(default = false)]
        no_change_from_last_year: bool,
        /// ほかの資料への参照（例：資料３のとおり）
        #[serde(default)]
        #[validate(length(min = 1, max = 1000))]
        #[schema(min_length = 1, max_length = 1000)]
        cross_reference: Option<String>,
        /// 再掲：同じ計画の、もとの事業のコード
        #[serde(default)]
        #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40)]
        repost_of: Option<String>,
        /// わざと空欄にした理由。文章・数値とは一緒に送れない
        #[serde(default)]
        missing_reason: Option<MissingReason>,
        #[serde(default)]
        #[validate(length(min = 1, max = 4000))]
        #[schema(min_length = 1, max_length = 4000)]
        note: Option<String>,
        /// 文章の中の数値、印刷順
        #[serde(default)]
        #[validate(nested, length(max = 500))]
        #[schema(max_items = 500)]
        values: Vec<RecordValue>,
        /// 評価
        #[serde(default)]
        #[validate(nested, length(max = 20))]
        #[schema(max_items = 20)]
        evaluations: Vec<Evaluation>,
    }
}
list_of!(AnnualResultList, AnnualResult);

impl Rules for PutResult {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        check_content(&self.texts, &mut self.values, findings);
        check_evaluations(&mut self.evaluations, findings);
        require_local_code("/repost_of", self.repost_of.as_deref(), findings);
        let texts = !self.texts.is_empty() || self.no_change_from_last_year;
        let answered = texts || !self.values.is_empty() || self.cross_reference.is_some();
        check_not_empty(!answered && self.missing_reason.is_none(), findings);
        if answered && self.missing_reason.is_some() {
            let (ja, en) = (
                "空欄の理由は、文章・数値・参照とは一緒に送れません",
                "not together with a text, a value or a reference",
            );
            findings.push(Finding::new("/missing_reason", ErrorCode::RequestInvalid, ja, en));
        }
    }
}

impl PutResult {
    pub fn into_body(self) -> RecordBody {
        RecordBody {
            texts: self.texts,
            no_change_from_last_year: self.no_change_from_last_year,
            cross_reference: self.cross_reference,
            repost_of: self.repost_of,
            missing_reason: self.missing_reason,
            reason: None,
            amended_on: None,
            note: self.note,
            values: self.values,
            evaluations: self.evaluations,
        }
    }
}

impl AnnualResult {
    pub fn shown(record: Shown) -> Self {
        let (head, body) = record.split();
        let RecordBody {
            texts,
            no_change_from_last_year,
            cross_reference,
            repost_of,
            missing_reason,
            note,
            values,
            evaluations,
            ..
        } = body;
        Self {
            plan: head.plan,
            program: head.program,
            program_number: head.names.number,
            program_name: head.names.program,
            municipality: head.municipality,
            municipality_name: head.names.municipality,
            period: head.period,
            period_label_ja: head.days.label_ja,
            period_label_en: head.days.label_en,
            period_start: head.days.start,
            period_end: head.days.end,
            round: head.round,
            edition: head.edition,
            published_at: head.published_at,
            redacted: head.redacted,
            etag: head.etag,
            warnings: head.warnings,
            targets: None,
            comparisons: None,
            texts,
            no_change_from_last_year,
            cross_reference,
            repost_of,
            missing_reason,
            note,
            values,
            evaluations,
        }
    }
}
