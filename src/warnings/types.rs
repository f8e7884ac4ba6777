use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::domain::warnings;
use crate::error::{Error, Finding};
use crate::municipalities::types::parameter_code;
use crate::plans::types::{parameter_local_code, parameter_plan};
use crate::records::filter::periods;
use crate::records::types::Part;
use crate::web::json::{Rules, nearest};
use crate::web::params::{Filter, unreadable};
use crate::{list_of, path_key};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

path_key! {
    /// Address of a warning.
    pub struct WarningKey {
        plan: PlanCode,
        municipality: Code,
        round: LocalCode = "2024-results",
        warning: LocalCode = "823b326a384f3853",
    }
}

impl WarningKey {
    pub fn missing(&self) -> Error {
        let key = format!("{}/{}/{}/{}", self.plan, self.municipality, self.round, self.warning);
        Error::not_found(format_args!("確認事項 {key}"), format_args!("warning {key}"))
    }
}

/// 確認事項：誤りかもしれないところ。書き込みを妨げない / a warning: it may be wrong, it never blocks
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordWarning {
    /// この確認事項の指紋。/warnings/…/{warning} で確認済みにできる / its fingerprint, the last part of its address
    #[schema(pattern = "^[0-9a-f]{16}$", min_length = 16, max_length = 16, example = "5f0c2a9be41d7733")]
    pub warning: String,
    /// 種類（契約の一部） / stable code
    #[schema(max_length = 100, example = "warning.same_text_as_target")]
    pub code: String,
    /// 本文のどこか（JSON Pointer） / where in the body
    #[schema(max_length = 500, example = "/texts/text")]
    pub pointer: String,
    #[schema(max_length = 8000)]
    pub message_ja: String,
    #[schema(max_length = 8000)]
    pub message_en: String,
    #[schema(schema_with = crate::web::wire::details)]
    pub details: BTreeMap<String, String>,
    /// 理由を付けて確認済みにされた / acknowledged with a reason
    #[serde(default)]
    pub acknowledged: bool,
}

/// 確認事項の一つ / a warning with its place
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    #[schema(max_length = 55, example = "132284-kodomo-2020")]
    pub plan: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "132284")]
    pub municipality: String,
    #[schema(max_length = 40, example = "2020-results")]
    pub round: String,
    /// 指紋 / fingerprint
    #[schema(pattern = "^[0-9a-f]{16}$", min_length = 16, max_length = 16, example = "5f0c2a9be41d7733")]
    pub warning: String,
    /// どの記録か。null：報告の様式（件数の表） / of which record; null: the report's sheet
    pub part: Option<Part>,
    #[schema(max_length = 40, example = "49")]
    pub program: Option<String>,
    #[schema(max_length = 8, example = "2020")]
    pub period: Option<String>,
    /// 変更目標の番号。0：当初の目標、実績 / 0: the original goal, or a result
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: i16,
    /// 種類（契約の一部） / stable code
    #[schema(max_length = 100, example = "warning.level_differs")]
    pub code: String,
    #[schema(max_length = 200)]
    pub title_ja: String,
    #[schema(max_length = 200)]
    pub title_en: String,
    /// 記録の本文のどこか（JSON Pointer） / where in the record's body
    #[schema(max_length = 500, example = "/evaluations/1/level")]
    pub pointer: String,
    #[schema(max_length = 8000)]
    pub message_ja: String,
    #[schema(max_length = 8000)]
    pub message_en: String,
    #[schema(schema_with = crate::web::wire::details)]
    pub details: BTreeMap<String, String>,
    /// 確認済み / acknowledged
    pub acknowledged: bool,
    /// 確認済みの理由 / why it is right as it stands
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// 確認のETag。null：まだ確認されていない / of the acknowledgement; null: there is none
    #[schema(max_length = 40, example = "\"v1\"")]
    pub etag: Option<String>,
}
list_of!(WarningList, Warning);

/// 確認：このままで正しい理由 / why it is right as it stands
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PutWarning {
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000, example = "計画どおり実施したため、同じ文章で正しい。")]
    pub reason: String,
}

impl Rules for PutWarning {
    fn check(&mut self, findings: &mut Vec<Finding>) {
        if !self.reason.is_empty() && self.reason.trim().is_empty() {
            let (ja, en) = ("理由を書いてください", "say why");
            findings.push(Finding::new("/reason", crate::error::Code::RequestInvalid, ja, en));
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WarningFilter {
    /// 計画コード / plan code
    #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "132292-mihon-2020")]
    pub plan: Option<String>,
    /// 報告団体のコード / reporter
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub municipality: Option<String>,
    /// 照会コード（plan とともに） / round, with `plan`
    #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "2024-results")]
    pub round: Option<String>,
    /// 目標か実績か / of targets or results only
    #[param(inline, example = "results")]
    pub part: Option<Part>,
    /// 記録の期間（「,」区切り、2020..2024、令和6年度も可） / period of the record
    #[param(max_length = 700, example = "2024")]
    pub period: Option<String>,
    /// 種類 / code
    #[param(max_length = 100, example = "warning.estimate_after_period")]
    pub code: Option<String>,
    /// true：確認済みだけ、false：未確認だけ / only acknowledged, or only open ones
    #[param(example = true)]
    pub acknowledged: Option<bool>,
    #[serde(skip)]
    #[param(ignore)]
    pub periods: Option<Vec<Period>>,
}

impl Filter for WarningFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_plan("plan", self.plan.as_ref())?;
        parameter_code("municipality", self.municipality.as_ref())?;
        parameter_local_code("round", self.round.as_ref())?;
        if self.round.is_some() && self.plan.is_none() {
            return Err(unreadable("round", "plan とともに指定してください", "give `plan` with it"));
        }
        let known: Vec<String> = warnings::Code::ALL.iter().map(|code| code.id().to_owned()).collect();
        if let Some(code) = self.code.as_ref().filter(|code| !known.contains(code)) {
            let hint = nearest(code, &known).unwrap_or_else(|| known.join(", "));
            return Err(unreadable(
                "code",
                &format!("「{code}」という種類はありません。{hint} ではありませんか"),
                &format!("there is no `{code}`. Did you mean {hint}?"),
            ));
        }
        self.periods = periods(self.period.as_deref(), None)?;
        Ok(())
    }
}
