use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Finding};
use crate::plans::types::check_partial_date;
use crate::records::shown::Shown;
use crate::records::types::{Part, RecordBody, RecordKey, check_content, check_not_empty};
use crate::records::value::RecordValue;
use crate::warnings::types::RecordWarning;
use crate::web::json::Rules;
use crate::{list_of, path_key, wire_types};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;
use validator::Validate;

path_key! {
    /// Address of an original goal.
    pub struct TargetKey { plan: PlanCode, program: LocalCode, municipality: Code, period: Period }
}

path_key! {
    /// Address of a changed goal.
    pub struct AmendmentKey { plan: PlanCode, program: LocalCode, municipality: Code, period: Period, amendment: u8 }
}

impl From<TargetKey> for RecordKey {
    fn from(key: TargetKey) -> Self {
        let TargetKey { plan, program, municipality, period } = key;
        Self { part: Part::Targets, plan, program, municipality, period, amendment: 0 }
    }
}

impl From<AmendmentKey> for RecordKey {
    fn from(key: AmendmentKey) -> Self {
        let AmendmentKey { plan, program, municipality, period, amendment } = key;
        Self { part: Part::Targets, plan, program, municipality, period, amendment: amendment.into() }
    }
}

wire_types! {
    /// 目標 / a target
    struct Target {
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
        #[schema(max_length = 8, example = "2024")]
        period: String,
        #[schema(max_length = 40)]
        period_label_ja: String,
        #[schema(max_length = 40)]
        period_label_en: String,
        period_start: Option<NaiveDate>,
        period_end: Option<NaiveDate>,
        /// 0：当初の目標、1から：変更目標
        #[schema(minimum = 0, maximum = 99)]
        amendment: i16,
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
    }
    /// 目標の内容
    body struct PutTarget {
        #[serde(default, deserialize_with = "crate::web::json::unique_names")]
        #[validate(length(max = 20))]
        #[schema(schema_with = crate::web::wire::texts)]
        texts: BTreeMap<String, String>,
        /// 前年度から変更なし。true なら、文章を省くと前年度の文章（数値・評価は除く）が写される。文章を変えるときは false に
        /// / nothing has changed since last year: texts left out are copied from it, never figures or levels
        #[serde(default)]
        #[schema(default = false)]
        no_change_from_last_year: bool,
        /// 変更した理由（変更目標には必須、当初の目標には付けない）
        #[serde(default)]
        #[validate(length(min = 1, max = 4000))]
        #[schema(min_length = 1, max_length = 4000)]
        reason: Option<String>,
        /// 変更した日（2022、2022-04、2022-04-01）
        #[serde(default)]
        #[schema(pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", max_length = 10)]
        amended_on: Option<String>,
        #[serde(default)]
        #[validate(length(min = 1, max = 4000))]
        #[schema(min_length = 1, max_length = 4000)]
        note: Option<String>,
        /// 文章の中の数値、印刷順
        #[serde(default)]
        #[validate(nested, length(max = 500))]
        #[schema(max_items = 500)]
        values: Vec<RecordValue>,
    }
}
list_of!(TargetList, Target);

impl Rules for PutTarget {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        check_content(&self.texts, &mut self.values, findings);
        let texts = !self.texts.is_empty() || self.no_change_from_last_year;
        check_not_empty(!texts && self.values.is_empty(), findings);
        check_partial_date("/amended_on", self.amended_on.as_deref(), findings);
    }
}

impl PutTarget {
    /// The reason of a change is an amendment's, and every amendment has one.
    pub fn check_amendment(&self, amendment: i16) -> Result<(), crate::error::Error> {
        let mut findings = Vec::new();
        if amendment == 0 && self.reason.is_some() {
            let (ja, en) = (
                "当初の目標に変更理由は付きません。変更目標は …/amendments/1 に送ってください",
                "an original goal has no reason of change: send a changed goal to …/amendments/1",
            );
            findings.push(Finding::new("/reason", ErrorCode::RequestInvalid, ja, en));
        }
        if amendment == 0 && self.amended_on.is_some() {
            let (ja, en) = (
                "当初の目標に変更日は付きません。変更目標は …/amendments/1 に送ってください",
                "an original goal was not changed: send a changed goal to …/amendments/1",
            );
            findings.push(Finding::new("/amended_on", ErrorCode::RequestInvalid, ja, en));
        }
        if amendment > 0 && self.reason.is_none() {
            let (ja, en) = ("変更目標には変更した理由が必要です", "a changed goal needs its reason");
            findings.push(Finding::new("/reason", ErrorCode::AmendmentReasonRequired, ja, en));
        }
        if findings.is_empty() { Ok(()) } else { Err(crate::error::Error::invalid(findings)) }
    }

    pub fn into_body(self) -> RecordBody {
        RecordBody {
            texts: self.texts,
            no_change_from_last_year: self.no_change_from_last_year,
            cross_reference: None,
            repost_of: None,
            missing_reason: None,
            reason: self.reason,
            amended_on: self.amended_on,
            note: self.note,
            values: self.values,
            evaluations: Vec::new(),
        }
    }
}

impl Target {
    pub fn shown(record: Shown) -> Self {
        let (head, body) = record.split();
        let RecordBody { texts, no_change_from_last_year, reason, amended_on, note, values, .. } = body;
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
            amendment: head.amendment,
            round: head.round,
            edition: head.edition,
            published_at: head.published_at,
            redacted: head.redacted,
            etag: head.etag,
            warnings: head.warnings,
            texts,
            no_change_from_last_year,
            reason,
            amended_on,
            note,
            values,
        }
    }
}
