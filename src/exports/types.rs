use crate::domain::period::Period;
use crate::error::Error;
use crate::municipalities::types::parameter_prefecture;
use crate::plans::types::parameter_plan;
use crate::records::filter::{instant, periods};
use crate::web::params::{Filter, unreadable};
use crate::web::path::PathValue;
use crate::web::stream::PullMedia;
use crate::web::table::accepted;
use crate::{path_key, words};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::future::{Ready, ready};
use utoipa::IntoParams;

words! {
    /// データセット / a data set
    pub enum Dataset {
        /// 実績：記録ごとの文章
        Results = "results",
        /// 目標：記録ごとの文章
        Targets = "targets",
        /// 目標と実績の数値、一つずつ
        Values = "values",
        /// 評価、一つずつ
        Evaluations = "evaluations",
        /// 事業
        Programs = "programs",
        /// 指標
        Indicators = "indicators",
    }
}

impl Dataset {
    pub const ALL: [Self; 6] =
        [Self::Results, Self::Targets, Self::Values, Self::Evaluations, Self::Programs, Self::Indicators];

    /// Holds records, which are public in numbered steps; else definitions, as they are.
    pub const fn is_of_records(self) -> bool {
        !matches!(self, Self::Programs | Self::Indicators)
    }
}

path_key! {
    /// Address of a data set.
    pub struct DatasetKey { dataset: Dataset }
}

impl PathValue for Dataset {
    const DESCRIPTION: &'static str = "データセット：results 実績、targets 目標、values 数値、evaluations 評価、programs 事業、indicators 指標 \
         / the data set";
    const PATTERN: &'static str = "^(results|targets|values|evaluations|programs|indicators)$";
    const MAX_LENGTH: usize = 11;
    const EXAMPLE: &'static str = "values";

    fn read(_: &str, given: &str, _: &HttpRequest) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|dataset| dataset.as_str() == given).ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join("・");
            Error::not_found(format_args!("データセット（あるのは {all}）"), format_args!("The data set ({all})"))
        })
    }
}

/// The forms of a data set; CSV where nothing is said.
pub struct ExportMedia(pub PullMedia);

impl FromRequest for ExportMedia {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let all = [(PullMedia::Csv, "text/csv"), (PullMedia::Ndjson, "application/x-ndjson")];
        ready(accepted(request, &all).map(Self))
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportFilter {
    /// この都道府県の団体のもの / of this prefecture's municipalities
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "130001")]
    pub prefecture: Option<String>,
    /// この計画のもの。indicators にはない / of this plan; not of indicators
    #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "132292-mihon-2020")]
    pub plan: Option<String>,
    /// 期間（「,」区切り、範囲は 2020..2024）。記録のデータセットだけ / periods, of data sets of records
    #[param(max_length = 700, example = "2023")]
    pub period: Option<String>,
    /// この年度と、その中の半期・四半期・月。記録のデータセットだけ / a fiscal year with its parts, of data sets of records
    #[param(minimum = 1990, maximum = 2060, example = 2023)]
    pub within: Option<i16>,
    /// この時刻に公表されていた内容（オフセット付き）。記録のデータセットだけ / what was public then, of data sets of records
    #[param(format = DateTime, max_length = 40, example = "2026-11-21T09:00:00+09:00")]
    pub as_of: Option<String>,
    /// CSVの先頭にBOMを付ける（Excelで開くとき） / a BOM before the CSV, for Excel
    #[param(example = true)]
    pub bom: Option<bool>,
    #[serde(skip)]
    #[param(ignore)]
    pub periods: Option<Vec<Period>>,
    #[serde(skip)]
    #[param(ignore)]
    pub at: Option<DateTime<Utc>>,
}

impl Filter for ExportFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_prefecture(self.prefecture.as_ref())?;
        parameter_plan("plan", self.plan.as_ref())?;
        self.periods = periods(self.period.as_deref(), self.within)?;
        self.at = self.as_of.as_deref().map(|given| instant("as_of", given)).transpose()?;
        Ok(())
    }
}

impl ExportFilter {
    /// Has the data set what is asked for?
    pub fn fits(&self, dataset: Dataset) -> Result<(), Error> {
        let of_records =
            [("period", self.period.is_some()), ("within", self.within.is_some()), ("as_of", self.as_of.is_some())];
        let unknown = of_records.into_iter().find(|(_, given)| *given && !dataset.is_of_records());
        let unknown = unknown.or((dataset == Dataset::Indicators && self.plan.is_some()).then_some(("plan", true)));
        match unknown {
            None => Ok(()),
            Some((name, _)) => Err(unreadable(
                name,
                &format!("データセット {} では使えません", dataset.as_str()),
                &format!("not for the data set {}", dataset.as_str()),
            )),
        }
    }
}
