//! What the lists of targets, results and values select by, and in which shape they are asked for.

use super::types::Part;
use crate::clock::jst;
use crate::domain::code::{COMMON, Code, Owner};
use crate::domain::key::LocalCode;
use crate::domain::period::Period;
use crate::error::Error;
use crate::municipalities::types::{parameter_code, parameter_prefecture};
use crate::plans::types::{View, parameter_local_code, parameter_plan};
use crate::web::json::nearest;
use crate::web::params::{Filter, unreadable};
use crate::words;
use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::IntoParams;

words! {
    /// 並び順。key：一覧の順、-key：その逆（一つの団体なら新しい年度から） / the order of the list, or its reverse
    pub enum Sort {
        Ascending = "key",
        Descending = "-key",
    }
}

words! {
    /// 一緒に返すもの。targets：実績と比べる目標 / what comes with it: the targets a result is compared with
    pub enum Include {
        Targets = "targets",
    }
}

/// The parameters that the lists of records have in common; each adds its own.
macro_rules! record_filter {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// 都道府県コード
            #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "130001")]
            pub prefecture: Option<String>,
            /// 報告した団体のコード（「,」区切りで100まで）
            #[param(pattern = "^[0-9]{6}(,[0-9]{6}){0,99}$", max_length = 700, example = "132292")]
            pub municipality: Option<String>,
            /// 計画コード
            #[param(pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$", max_length = 55, example = "132292-mihon-2020")]
            pub plan: Option<String>,
            /// 事業コード（plan とともに）
            #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "4")]
            pub program: Option<String>,
            /// 指標（所有団体/コード。例 132284/site_views）
            #[param(pattern = "^[0-9]{6}/[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 47, example = "132292/temporary_care_users")]
            pub indicator: Option<String>,
            /// 全国共通指標のコード（公表時点で、指標がつながっていたもの）
            #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40, example = "temporary_care_users")]
            pub common_indicator: Option<String>,
            /// 法定事業コード（公表時点の事業のもの）
            #[param(pattern = "^[a-z_]{1,60}$", max_length = 60, example = "temporary_childcare")]
            pub statutory_program: Option<String>,
            /// 担当課（計画を所有する団体/コード。公表時点の事業のもの）
            #[param(pattern = "^[0-9]{6}/[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 47, example = "132292/hoiku")]
            pub department: Option<String>,
            /// 期間（「,」区切り、2020..2024、令和6年度も可）
            #[param(max_length = 700, example = "2023")]
            pub period: Option<String>,
            /// この年度と、その半期・四半期・月
            #[param(minimum = 1990, maximum = 2060, example = 2023)]
            pub within: Option<i16>,
            /// この時刻に公表されていた内容（オフセット付きRFC 3339）
            #[param(format = DateTime, max_length = 40, example = "2026-11-21T09:00:00+09:00")]
            pub as_of: Option<String>,
            /// 件数も数える / also count them
            #[param(example = true)]
            pub count: Option<bool>,
            #[param(inline, example = "-key")]
            pub sort: Option<Sort>,
            /// 列を選ぶ（「,」区切り。例 municipality,period,texts。CSVとNDJSONだけ。CSVでは texts で texts.… の列すべて）
            /// / columns to send, of CSV and NDJSON
            #[param(max_length = 1000)]
            pub fields: Option<String>,
            /// CSVの先頭にBOMを付ける（Excelで開くとき） / a BOM before the CSV, for Excel
            #[param(example = true)]
            pub bom: Option<bool>,
            $($(#[$doc])* pub $field: Option<$type>,)*
            #[serde(skip)]
            #[param(ignore)]
            pub scope: Scope,
        }

        impl $name {
            /// What all of them check alike.
            fn check_common(&mut self) -> Result<(), Error> {
                parameter_prefecture(self.prefecture.as_ref())?;
                parameter_plan("plan", self.plan.as_ref())?;
                parameter_local_code("program", self.program.as_ref())?;
                parameter_local_code("common_indicator", self.common_indicator.as_ref())?;
                parameter_statutory_program(self.statutory_program.as_ref())?;
                if self.program.is_some() && self.plan.is_none() {
                    return Err(unreadable("program", "plan とともに指定してください", "give `plan` with it"));
                }
                self.scope = Scope {
                    prefecture: self.prefecture.clone(),
                    municipalities: municipalities(self.municipality.as_deref())?,
                    plan: self.plan.clone(),
                    program: self.program.clone(),
                    indicator: self.indicator.as_deref().map(indicator).transpose()?,
                    common_indicator: self.common_indicator.clone(),
                    statutory_program: self.statutory_program.clone(),
                    department: self.department.as_deref().map(department).transpose()?,
                    periods: periods(self.period.as_deref(), self.within)?,
                    as_of: self.as_of.as_deref().map(|given| instant("as_of", given)).transpose()?,
                    count: self.count == Some(true),
                    descending: self.sort == Some(Sort::Descending),
                    fields: self.fields.as_deref().map(fields).transpose()?,
                    bom: self.bom == Some(true),
                    ..Scope::default()
                };
                Ok(())
            }
        }
    };
}

/// Parameters of working records.
macro_rules! working {
    ($filter:ident) => {{
        $filter.scope.statuses = $filter.status.as_deref().map(statuses).transpose()?;
        match ($filter.view, &$filter.scope) {
            (Some(View::Working), Scope { as_of: Some(_), .. }) => {
                Err(unreadable("as_of", "view=working とは一緒に使えません", "not with view=working"))
            }
            (None | Some(View::Published), Scope { statuses: Some(_), .. }) => Err(unreadable(
                "status",
                "公表された内容に状態の違いはありません。view=working とともに使ってください",
                "use it with view=working",
            )),
            _ => Ok(()),
        }
    }};
}

record_filter! {
    /// Filter of the list of targets.
    TargetFilter {
        /// 報告の状態（view=working のとき、「,」区切り）
        #[param(pattern = "^(draft|submitted|returned|approved|published)(,(draft|submitted|returned|approved|published)){0,4}$", max_length = 60)]
        status: String,
        /// working：作業中の内容（要トークン）。既定 published
        #[param(inline, example = "published")]
        view: View,
    }
}

record_filter! {
    /// Filter of the list of results.
    ResultFilter {
        /// 評価の区分（所有団体/評価基準/区分）
        #[param(pattern = "^[0-9]{6}/[0-9A-Za-z][0-9A-Za-z._-]{0,39}/.{1,40}$", max_length = 90, example = "132292/achievement/B")]
        level: String,
        #[param(inline, example = "targets")]
        include: Include,
        /// 報告の状態（view=working のとき、「,」区切り）
        #[param(pattern = "^(draft|submitted|returned|approved|published)(,(draft|submitted|returned|approved|published)){0,4}$", max_length = 60)]
        status: String,
        /// working：作業中の内容（要トークン）。既定 published
        #[param(inline, example = "published")]
        view: View,
    }
}

record_filter! {
    /// Filter of the list of values.
    ValueFilter {
        /// 目標の数値だけ、または実績の数値だけ（どちらにも比べる相手が添えられる）
        #[param(inline, example = "results")]
        part: Part,
    }
}

/// What the texts of a filter mean.
#[derive(Debug, Default)]
pub struct Scope {
    pub prefecture: Option<String>,
    pub municipalities: Vec<String>,
    pub plan: Option<String>,
    pub program: Option<String>,
    pub indicator: Option<(String, String)>,
    pub common_indicator: Option<String>,
    pub statutory_program: Option<String>,
    /// The plans' owner, and its code
    pub department: Option<(String, String)>,
    /// Owner, scheme, level
    pub level: Option<(String, String, String)>,
    /// None: every period
    pub periods: Option<Vec<Period>>,
    /// None: both. Of values only.
    pub part: Option<Part>,
    /// Of working records only
    pub statuses: Option<Vec<String>>,
    pub as_of: Option<DateTime<Utc>>,
    pub descending: bool,
    pub count: bool,
    /// Compared targets come with results.
    pub targets: bool,
    pub fields: Option<Vec<String>>,
    pub bom: bool,
}

impl Scope {
    /// The prefectures it lies in, where its codes say so; empty: any.
    pub fn prefectures(&self) -> Vec<String> {
        let of_municipalities = self.municipalities.iter().filter_map(|code| Code::parse(code).ok());
        let all: BTreeSet<String> = of_municipalities.map(|code| code.prefecture().to_string()).collect();
        // A scale is its owner's and used by those who report to it or are it.
        let of_level = self.level.as_ref().and_then(|(owner, ..)| Code::parse(owner).ok());
        match (&self.prefecture, of_level) {
            (Some(prefecture), _) => vec![prefecture.clone()],
            (None, Some(owner)) if all.is_empty() => vec![owner.prefecture().to_string()],
            _ => all.into_iter().collect(),
        }
    }

    /// The fiscal years the periods are filed under (0: the baseline), and their codes.
    pub fn years_and_codes(&self) -> Option<(Vec<i16>, Vec<String>)> {
        let periods = self.periods.as_ref()?;
        let years: BTreeSet<i16> = periods.iter().map(|period| period.fiscal_year().unwrap_or(0)).collect();
        Some((years.into_iter().collect(), periods.iter().map(ToString::to_string).collect()))
    }
}

impl Filter for TargetFilter {
    fn check(&mut self) -> Result<(), Error> {
        self.check_common()?;
        working!(self)
    }
}

impl Filter for ResultFilter {
    fn check(&mut self) -> Result<(), Error> {
        self.check_common()?;
        self.scope.level = self.level.as_deref().map(level).transpose()?;
        self.scope.targets = self.include == Some(Include::Targets);
        if self.scope.targets && self.view == Some(View::Working) {
            return Err(unreadable("include", "view=working とは一緒に使えません", "not with view=working"));
        }
        working!(self)
    }
}

impl Filter for ValueFilter {
    fn check(&mut self) -> Result<(), Error> {
        self.check_common()?;
        self.scope.part = self.part;
        self.scope.targets = true;
        Ok(())
    }
}

fn parameter_statutory_program(given: Option<&String>) -> Result<(), Error> {
    let fits =
        |code: &String| (1..=60).contains(&code.len()) && code.bytes().all(|c| c == b'_' || c.is_ascii_lowercase());
    if given.is_none_or(fits) {
        return Ok(());
    }
    Err(unreadable(
        "statutory_program",
        "法定事業のコードです（例 temporary_childcare。一覧は /statutory_programs）",
        "a code of /statutory_programs, such as temporary_childcare",
    ))
}

fn municipalities(given: Option<&str>) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for code in given.iter().flat_map(|codes| codes.split(',')) {
        let code = parameter_code("municipality", Some(&code.to_owned()))?;
        all.extend(code.map(|code| code.to_string()));
    }
    if all.len() > 100 {
        return Err(unreadable("municipality", "一度に100団体までです", "at most 100 at once"));
    }
    Ok(all)
}

/// `period` and `within` together name the periods that either names.
pub fn periods(period: Option<&str>, within: Option<i16>) -> Result<Option<Vec<Period>>, Error> {
    let mut all = Vec::new();
    if let Some(given) = period {
        all.extend(Period::parse_filter(given).map_err(|wrong| unreadable("period", &wrong.ja(), &wrong.en()))?);
    }
    if let Some(year) = within {
        let parts: Vec<Period> = Period::parts_of(year).collect();
        if parts.is_empty() {
            return Err(unreadable("within", "1990から2060までの年度です", "a fiscal year from 1990 to 2060"));
        }
        all.extend(parts);
    }
    Ok((period.is_some() || within.is_some()).then_some(all))
}

/// `132284/site_views`
pub fn indicator(given: &str) -> Result<(String, String), Error> {
    owned(given).filter(|(owner, _)| Owner::parse(owner).is_ok()).ok_or_else(|| {
        unreadable(
            "indicator",
            "所有団体/コード の形です（例 132284/site_views）",
            "owner/code, such as 132284/site_views",
        )
    })
}

/// `132284/kodomo`
fn department(given: &str) -> Result<(String, String), Error> {
    owned(given).filter(|(owner, _)| owner != COMMON && Owner::parse(owner).is_ok()).ok_or_else(|| {
        unreadable("department", "所有団体/コード の形です（例 132284/kodomo）", "owner/code, such as 132284/kodomo")
    })
}

pub fn owned(given: &str) -> Option<(String, String)> {
    let (owner, code) = given.split_once('/')?;
    LocalCode::parse(code)?;
    Some((owner.to_owned(), code.to_owned()))
}

/// `132284/achievement/2`
fn level(given: &str) -> Result<(String, String, String), Error> {
    let parts = || {
        let (owner, rest) = given.split_once('/')?;
        let (scheme, level) = rest.split_once('/')?;
        LocalCode::parse(scheme)?;
        let fits = Code::parse(owner).is_ok() && (1..=40).contains(&level.chars().count());
        fits.then(|| (owner.to_owned(), scheme.to_owned(), level.to_owned()))
    };
    parts().ok_or_else(|| {
        unreadable(
            "level",
            "所有団体/評価基準/区分 の形です（例 132284/achievement/2）",
            "owner/scheme/level, such as 132284/achievement/2",
        )
    })
}

fn fields(given: &str) -> Result<Vec<String>, Error> {
    let all: Vec<String> = given.split(',').map(str::to_owned).collect();
    let distinct: BTreeSet<&String> = all.iter().collect();
    if all.iter().any(String::is_empty) || distinct.len() < all.len() {
        return Err(unreadable(
            "fields",
            "列の名前を「,」で区切って、一度ずつ指定してください",
            "names, each once, with commas",
        ));
    }
    Ok(all)
}

/// A column that there is not.
pub fn unknown_field(given: &str, known: &[String]) -> Error {
    let (ja, en) = match nearest(given, known) {
        Some(near) => (format!("（{near} ではありませんか）"), format!(" (is it `{near}`?)")),
        None => Default::default(),
    };
    unreadable("fields", &format!("「{given}」という列はありません{ja}"), &format!("there is no column `{given}`{en}"))
}

/// A time with its offset; without one nobody knows whose midnight is meant.
pub fn instant(name: &str, given: &str) -> Result<DateTime<Utc>, Error> {
    // `+` in a query string is a space.
    let read = DateTime::parse_from_rfc3339(&given.replace(' ', "+")).ok().map(|at| at.to_utc());
    // In Japan the last night of the year 9999 is in one that no time on the wire can have.
    read.filter(|at| jst(*at).year() <= 9999).ok_or_else(|| {
        unreadable(
            name,
            &format!(
                "「{given}」は時刻として読めません。2026-11-21T09:00:00+09:00 のようにオフセットを付けて書いてください"
            ),
            &format!("`{given}` is no instant: write 2026-11-21T09:00:00+09:00, with an offset"),
        )
    })
}

pub fn statuses(given: &str) -> Result<Vec<String>, Error> {
    let known = ["draft", "submitted", "returned", "approved", "published"];
    if given.split(',').count() > known.len() {
        return Err(unreadable("status", "それぞれ一度だけ指定してください", "name each once"));
    }
    given
        .split(',')
        .map(|status| {
            known.contains(&status).then(|| status.to_owned()).ok_or_else(|| {
                let all = known.join("・");
                let (ja, en) =
                    (format!("「{status}」という状態はありません（{all}）"), format!("`{status}` is not one of {all}"));
                unreadable("status", &ja, &en)
            })
        })
        .collect()
}
