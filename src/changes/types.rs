use crate::list_of;
use crate::municipalities::types::parameter_code;
use crate::plans::types::parameter_plan;
use crate::publications::Op;
use crate::records::queries::published::Published;
use crate::records::shown::Shown;
use crate::records::types::Part;
use crate::results::types::AnnualResult;
use crate::targets::types::Target;
use crate::web::page::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::web::params::{Filter, unreadable};
use crate::{error::Error, words};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

words! {
    /// 変わったもの / what has changed
    pub enum ChangedResource {
        Municipality = "municipality",
        Department = "department",
        Plan = "plan",
        PlanReporter = "plan_reporter",
        Node = "node",
        Program = "program",
        Indicator = "indicator",
        EvaluationScheme = "evaluation_scheme",
        Round = "round",
        Report = "report",
        Target = "target",
        Result = "result",
    }
}

impl ChangedResource {
    /// Where a GET finds it: names in braces are parts of its key.
    const fn template(self) -> &'static str {
        match self {
            Self::Municipality => "municipalities/{municipality}",
            Self::Department => "departments/{municipality}/{department}",
            Self::Plan => "plans/{plan}",
            Self::PlanReporter => "plans/{plan}/reporters/{municipality}",
            Self::Node => "nodes/{plan}/{node}",
            Self::Program => "programs/{plan}/{program}",
            Self::Indicator => "indicators/{owner}/{indicator}",
            Self::EvaluationScheme => "evaluation_schemes/{owner}/{scheme}/{fiscal_year}",
            Self::Round => "rounds/{plan}/{round}",
            Self::Report => "reports/{plan}/{municipality}/{round}",
            Self::Target => "targets/{plan}/{program}/{municipality}/{period}",
            Self::Result => "results/{plan}/{program}/{municipality}/{period}",
        }
    }

    pub fn address(self, key: &BTreeMap<String, String>) -> String {
        let parts = self.template().split('/').map(|part| {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            name.map_or(part, |name| key.get(name).map_or("", String::as_str))
        });
        let address = parts.fold("/api/v1".to_owned(), |address, part| address + "/" + part);
        match key.get("amendment") {
            Some(number) if number != "0" => format!("{address}/amendments/{number}"),
            _ => address,
        }
    }
}

/// 公表された目標・実績の内容。GET と同じ形 / a published target or result, as a GET shows it
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ChangedRecord {
    Target(Box<Target>),
    Result(Box<AnnualResult>),
}

impl From<Published> for ChangedRecord {
    fn from(record: Published) -> Self {
        match record.part {
            Part::Targets => Self::Target(Box::new(Target::shown(Shown::Published(record)))),
            Part::Results => Self::Result(Box::new(AnnualResult::shown(Shown::Published(record)))),
        }
    }
}

/// 公表されている一つのものの、一つの変更 / one change of one public resource
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// ここまで受け取った位置。次の `after` / the place behind this entry
    #[schema(max_length = 2000)]
    pub cursor: String,
    pub op: Op,
    pub resource: ChangedResource,
    #[schema(schema_with = crate::web::wire::key)]
    pub key: BTreeMap<String, String>,
    /// 今の内容を GET する場所。404 なら、その後に削除された（その変更もこの先にある）
    /// / where a GET shows its present content; 404: it was deleted since, as a later entry tells
    #[schema(max_length = 400, example = "/api/v1/results/132292-mihon-2020/4/132292/2023")]
    pub address: String,
    /// 変更後の ETag。削除では null / after the change; null: it is gone
    #[schema(max_length = 60, example = "\"p1.2\"")]
    pub etag: Option<String>,
    /// 公表番号 / the publication number
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub publication_no: i64,
    /// 公表の時刻
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub at: DateTime<Utc>,
    /// `data=true` のとき：この公表番号で公表された目標・実績の内容。定義・報告・削除・削除（redact）では付かない：`address` を GET する
    /// / with `data=true`, of targets and results: what this number made public. Definitions, reports and redactions: GET `address`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub data: Option<ChangedRecord>,
}
list_of!(ChangeList, Change);

/// 今の位置 / the place of now
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeHead {
    /// `/changes` の `after`。どの絞り込みにも使える / for `after` of `/changes`, with any filter
    #[schema(max_length = 2000)]
    pub cursor: String,
    /// 最後の公表番号。0：まだ何も公表されていない / the last publication number; 0: nothing yet
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub publication_no: i64,
    /// その時刻 / when it was
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub at: Option<DateTime<Utc>>,
    /// 変更の記録が残っている最初の公表番号 / the first number whose changes are kept
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub kept_from: i64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangeFilter {
    /// ここより後。`/changes/head` か一覧の `resultset.position`、前のページの `resultset.position`、または項目の `cursor`。省略：残っている最初から
    /// / from behind this place; left out: from the beginning
    #[param(pattern = "^[A-Za-z0-9_-]+$", max_length = 2000)]
    pub after: Option<String>,
    /// 1ページの件数（1〜1000、既定100） / entries a page
    #[param(minimum = 1, maximum = 1000, default = 100, example = 10)]
    pub limit: Option<i64>,
    /// 都道府県：その都道府県の団体の報告と記録、団体がもつ定義。全国共通のもの（000000 の指標）は入らない
    /// / of the municipalities of this prefecture; what is common to the nation is not among it
    #[param(pattern = "^[0-9]{2}0{3}[0-9]$", max_length = 6, example = "130001")]
    pub prefecture: Option<String>,
    /// 計画コード：計画と、それに属するもの / the plan and all that belongs to it
    #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "132292-mihon-2020")]
    pub plan: Option<String>,
    /// true：目標と実績の内容も付ける / with the content of targets and results
    #[serde(default)]
    #[param(default = false, example = true)]
    pub data: bool,
}

impl Filter for ChangeFilter {
    fn check(&mut self) -> Result<(), Error> {
        if self.limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
            return Err(unreadable("limit", "1から1000までの整数です", "an integer from 1 to 1000"));
        }
        parameter_plan("plan", self.plan.as_ref())?;
        parameter_code("prefecture", self.prefecture.as_ref())?;
        if self.prefecture.as_ref().is_some_and(|code| code.get(2..5) != Some("000")) {
            return Err(unreadable("prefecture", "都道府県のコードです", "the code of a prefecture"));
        }
        Ok(())
    }
}

impl ChangeFilter {
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// What a cursor is bound to.
    pub fn chosen_by(&self) -> String {
        format!("{}&{}", self.prefecture.as_deref().unwrap_or_default(), self.plan.as_deref().unwrap_or_default())
    }
}
