use crate::error::Error;
use crate::journal::Operation;
use crate::municipalities::types::parameter_code;
use crate::plans::types::parameter_plan;
use crate::records::filter::instant;
use crate::web::params::{Filter, unreadable};
use crate::{list_of, words};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Longest content an entry shows.
pub const LONGEST: usize = 10_000;

/// 変更の記録1件 / one change of one resource
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditEntry {
    /// 変更の時刻
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub at: DateTime<Utc>,
    /// 操作したクライアント
    #[schema(max_length = 200)]
    pub client: String,
    /// トークンの sub
    #[schema(max_length = 200)]
    pub subject: String,
    /// 操作した人（送信側のシステムによる）
    #[schema(max_length = 100)]
    pub person: Option<String>,
    /// リクエストの番号
    pub request_id: Uuid,
    /// 何を（result、plan など）
    #[schema(max_length = 40, example = "result")]
    pub resource: String,
    #[schema(schema_with = crate::web::wire::key)]
    pub key: BTreeMap<String, String>,
    /// それが属する団体
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "132284")]
    pub municipality: Option<String>,
    /// それが属する計画
    #[schema(max_length = 55, example = "132284-kodomo-2020")]
    pub plan: Option<String>,
    pub operation: Operation,
    /// この変更のあとの版（削除では最後の版）
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub version: i64,
    /// 変更前の内容（JSON）。新規作成では null
    #[schema(max_length = 10000)]
    pub before: Option<String>,
    /// 変更後の内容（JSON）。削除では null
    #[schema(max_length = 10000)]
    pub after: Option<String>,
    /// 長いため before か after の終わりを省いた
    pub cut: bool,
    /// 内容は示さない：ほかの団体の記録・下書き（報告に出されたものは view=working で読める）
    pub withheld: bool,
}
list_of!(AuditList, AuditEntry);

words! {
    /// 並び：-at 新しい順、at 古い順
    pub enum AuditSort {
        /// 新しい順
        Newest = "-at",
        /// 古い順
        Oldest = "at",
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// 計画コード
    #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "132292-mihon-2020")]
    pub plan: Option<String>,
    /// 属する団体のコード（都道府県も）
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub municipality: Option<String>,
    /// 何を（result、target、report、plan など）
    #[param(pattern = "^[a-z_]{1,40}$", max_length = 40, example = "result")]
    pub resource: Option<String>,
    /// 操作したクライアント
    #[param(min_length = 1, max_length = 200, example = "demo-municipal_editor")]
    pub client: Option<String>,
    /// 操作した人
    #[param(min_length = 1, max_length = 100)]
    pub person: Option<String>,
    /// この時刻から（オフセット付きRFC 3339）
    #[param(format = DateTime, max_length = 40, example = "2020-04-01T00:00:00+09:00")]
    pub since: Option<String>,
    /// この時刻より前
    #[param(format = DateTime, max_length = 40, example = "2027-04-01T00:00:00+09:00")]
    pub until: Option<String>,
    /// 並び：-at 新しい順（既定）、at 古い順
    #[param(inline, example = "-at")]
    pub sort: Option<AuditSort>,
    #[serde(skip)]
    #[param(ignore)]
    pub from: Option<DateTime<Utc>>,
    #[serde(skip)]
    #[param(ignore)]
    pub before: Option<DateTime<Utc>>,
}

impl Filter for AuditFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_plan("plan", self.plan.as_ref())?;
        parameter_code("municipality", self.municipality.as_ref())?;
        let is_word =
            |word: &String| (1..=40).contains(&word.len()) && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if !self.resource.as_ref().is_none_or(is_word) {
            return Err(unreadable(
                "resource",
                "result、target、report、plan などです",
                "such as result, target, report, plan",
            ));
        }
        for (name, given, most) in [("client", &self.client, 200), ("person", &self.person, 100)] {
            if given.as_ref().is_some_and(|given| given.is_empty() || given.chars().count() > most) {
                return Err(unreadable(name, &format!("1字から{most}字までです"), &format!("1 to {most} characters")));
            }
        }
        self.from = self.since.as_deref().map(|given| instant("since", given)).transpose()?;
        self.before = self.until.as_deref().map(|given| instant("until", given)).transpose()?;
        if let (Some(from), Some(before)) = (self.from, self.before)
            && from >= before
        {
            return Err(unreadable("until", "since より後の時刻です", "a time later than `since`"));
        }
        Ok(())
    }
}
