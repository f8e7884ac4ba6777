use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::error::{Error, Finding};
use crate::municipalities::types::require_code;
use crate::plans::types::{require_local_code, require_plan_code};
use crate::records::types::{Part, RecordKey};
use crate::rounds::types::require_period;
use crate::web::json::Rules;
use crate::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

words! {
    /// 目標か年度実績か
    pub enum RedactedResource {
        Target = "target",
        Result = "result",
    }
}

/// 目標・実績の記録一つの、全版からの削除 / what is to be emptied, and why
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CreateRedaction {
    pub resource: RedactedResource,
    #[schema(
        pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$",
        max_length = 55,
        example = "132292-mihon-2020"
    )]
    pub plan: String,
    #[schema(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", min_length = 1, max_length = 40, example = "4")]
    pub program: String,
    /// 報告団体
    #[schema(pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "132292")]
    pub municipality: String,
    /// 期間。令和5年度、R5 なども受け付ける / era forms are taken
    #[validate(length(max = 40))]
    #[schema(max_length = 40, example = "2023")]
    pub period: String,
    /// 変更目標の番号。0：当初の目標、実績
    #[serde(default)]
    #[validate(range(min = 0, max = 99))]
    #[schema(default = 0, minimum = 0, maximum = 99)]
    pub amendment: i16,
    /// 理由。変更の記録に残る。消した内容を書かないこと / kept in the trail: do not quote what is removed
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000, example = "個人名が記載されていたため")]
    pub reason: String,
    /// 操作した人（公表されない）
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "情報公開係 担当C")]
    pub person: String,
}

impl Rules for CreateRedaction {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        require_plan_code("/plan", &self.plan, findings);
        require_local_code("/program", Some(&self.program), findings);
        require_code("/municipality", &self.municipality, findings);
        require_period("/period", &mut self.period, findings);
    }
}

impl CreateRedaction {
    pub fn key(&self) -> Result<RecordKey, Error> {
        let read = || {
            Some(RecordKey {
                part: match self.resource {
                    RedactedResource::Target => Part::Targets,
                    RedactedResource::Result => Part::Results,
                },
                plan: PlanCode::parse(&self.plan)?,
                program: LocalCode::parse(&self.program)?,
                municipality: Code::parse(&self.municipality).ok()?,
                period: Period::parse_canonical(&self.period).ok()?,
                amendment: self.amendment,
            })
        };
        read().ok_or_else(|| Error::internal("a checked key"))
    }
}

/// 削除したもの / what was emptied
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    pub resource: RedactedResource,
    #[schema(max_length = 55)]
    pub plan: String,
    #[schema(max_length = 40)]
    pub program: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub municipality: String,
    #[schema(max_length = 8)]
    pub period: String,
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: i16,
    /// 内容を消した公表版の数 / published editions that were emptied
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub editions: i64,
    /// この削除の公表番号。公表されたことがないか、dry_run なら null / null: it was never public, or this is a trial
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub publication_no: Option<i64>,
    /// 今公表されている（空になった）記録のETag / of what is public of it now
    #[schema(max_length = 60, example = "\"p1.3\"")]
    pub etag: Option<String>,
}
