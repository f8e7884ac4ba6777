//! The parameters of an aggregate, and what they mean.

use super::types::AggregateFunction;
use crate::domain::code::{COMMON, Code};
use crate::domain::period::Period;
use crate::error::Error;
use crate::municipalities::types::parameter_prefecture;
use crate::plans::types::{parameter_fiscal_year, parameter_local_code, parameter_plan};
use crate::records::filter::{indicator, instant, owned, periods};
use crate::records::types::Part;
use crate::records::value::Evaluator;
use crate::web::params::{Filter, unreadable};
use crate::words;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

words! {
    /// basis：単位・数え方ごとに分けて返す
    pub enum Split {
        Basis = "basis",
    }
}

words! {
    /// original：当初の目標、amended：最後の変更目標（なければ当初の目標）
    pub enum Goals {
        Original = "original",
        Amended = "amended",
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AggregateFilter {
    /// 指標（所有団体/コード）。000000/コード：全国共通指標と、それに含まれる指標。indicator か statutory_program が必要
    /// / an indicator; 000000/code: a common one, with all that feed it. One of indicator and statutory_program is needed
    #[param(pattern = "^[0-9]{6}/[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 47, example = "130001/trainees")]
    pub indicator: Option<String>,
    /// 法定事業のコード：その事業の指標ごとに集計する / a statutory program: each of its indicators
    #[param(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 40)]
    pub statutory_program: Option<String>,
    /// 計画の報告団体について。plan も prefecture もなければ全国 / over a plan's reporters; without plan and prefecture the nation
    #[param(
        pattern = "^[0-9]{6}-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$",
        max_length = 55,
        example = "130001-mihon-kpi-2024"
    )]
    pub plan: Option<String>,
    /// 都道府県の市区町村について / over a prefecture's municipalities
    #[param(pattern = "^[0-9]{6}$", max_length = 6)]
    pub prefecture: Option<String>,
    /// 期間（「,」区切り、2020..2024、令和6年度も可）。period か within が必要 / one of period and within is needed
    #[param(max_length = 700, example = "2024")]
    pub period: Option<String>,
    /// この年度と、その半期・四半期・月
    #[param(minimum = 1990, maximum = 2060)]
    pub within: Option<i16>,
    /// targets：目標、results：実績。既定 results
    #[param(inline, example = "results")]
    pub part: Option<Part>,
    /// part=targets のとき、どの目標か。既定 original
    #[param(inline)]
    pub goals: Option<Goals>,
    /// 何ごとに集計するか（「,」区切り）：prefecture、municipality、period、level、breakdown。level には level_scheme が必要
    /// / what for, comma-separated; level needs `level_scheme`
    #[param(
        pattern = "^(prefecture|municipality|period|level|breakdown)(,(prefecture|municipality|period|level|breakdown)){0,4}$",
        max_length = 60,
        example = "municipality"
    )]
    pub group_by: Option<String>,
    /// group_by=level のとき、どの評価基準の区分か（所有団体/評価基準） / whose levels, of group_by=level: owner/scheme
    #[param(pattern = "^[0-9]{6}/[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", max_length = 47)]
    pub level_scheme: Option<String>,
    /// group_by=level のとき、だれの評価か。既定 self / who rated, of group_by=level
    #[param(inline)]
    pub evaluator: Option<Evaluator>,
    /// 集計のしかた。省略：指標の aggregation による（時点の値の sum は latest、none は distribution）
    /// / without: by the indicator's `aggregation`
    #[param(inline, example = "sum")]
    pub function: Option<AggregateFunction>,
    /// 通常は数えないものを数える（「,」区切り）：reposts（再掲）、estimates（見込・予定） / count what is left out by default
    #[param(pattern = "^(reposts|estimates)(,(reposts|estimates))?$", max_length = 20, example = "reposts,estimates")]
    pub include: Option<String>,
    /// basis：単位・数え方の違う数値を、断らずに分けて返す / unlike bases apart, instead of a refusal
    #[param(inline, example = "basis")]
    pub split: Option<Split>,
    /// true：もとになった数値を返す（5,000件まで） / the figures it rests on
    #[param(example = true)]
    pub explain: Option<bool>,
    /// この時刻に公表されていた内容（オフセット付きRFC 3339）
    #[param(format = DateTime, max_length = 40, example = "2026-11-21T09:00:00+09:00")]
    pub as_of: Option<String>,
    #[serde(skip)]
    #[param(ignore)]
    pub parsed: Asked,
}

/// What the texts mean.
#[derive(Debug, Default)]
pub struct Asked {
    pub which: Option<Which>,
    pub slots: Vec<Slot>,
    pub groups: GroupBy,
    /// By level too
    pub levels: Option<LevelsOf>,
    pub reposts: bool,
    pub estimates: bool,
    pub as_of: Option<DateTime<Utc>>,
}

/// Which figures.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    Common(String),
    Indicator(String, String),
    Statutory(String),
}

/// One evaluator gives a record at most one level of a scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelsOf {
    pub owner: String,
    pub scheme: String,
    pub evaluator: Evaluator,
}

/// What one answer is expected for: a period that was named, or a fiscal year with all that lies in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Period(Period),
    Within(i16),
}

impl Slot {
    pub fn takes(self, period: Period) -> bool {
        match self {
            Self::Period(asked) => asked == period,
            Self::Within(year) => period.within(year),
        }
    }

    /// The period that stands for it where nothing is reported.
    pub fn period(self) -> Period {
        match self {
            Self::Period(period) => period,
            Self::Within(year) => Period::FiscalYear(year),
        }
    }

    pub fn fiscal_year(self) -> i16 {
        self.period().fiscal_year().unwrap_or(0)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupBy {
    pub prefecture: bool,
    pub municipality: bool,
    pub period: bool,
    pub breakdown: bool,
}

impl GroupBy {
    /// A municipality's figures over time: those of its predecessors with them.
    pub fn is_series(self) -> bool {
        self.municipality && self.period
    }
}

impl AggregateFilter {
    pub fn part(&self) -> Part {
        self.part.unwrap_or(Part::Results)
    }

    pub fn goals(&self) -> Goals {
        self.goals.unwrap_or(Goals::Original)
    }

    /// The fiscal years that are read.
    pub fn fiscal_years(&self) -> Vec<i16> {
        let mut years: Vec<i16> = self.parsed.slots.iter().map(|slot| slot.fiscal_year()).collect();
        years.sort_unstable();
        years.dedup();
        years
    }
}

/// The words of a list, none twice.
fn list<'a>(name: &str, given: &'a str, known: &[&str]) -> Result<Vec<&'a str>, Error> {
    let words: Vec<&str> = given.split(',').collect();
    for (at, word) in words.iter().enumerate() {
        if !known.contains(word) || words.iter().take(at).any(|before| before == word) {
            let all = known.join("・");
            return Err(unreadable(
                name,
                &format!("「{word}」は使えません。それぞれ一度ずつ：{all}"),
                &format!("`{word}` is not one of {all}, each once"),
            ));
        }
    }
    Ok(words)
}

impl Filter for AggregateFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_local_code("statutory_program", self.statutory_program.as_ref())?;
        parameter_plan("plan", self.plan.as_ref())?;
        parameter_prefecture(self.prefecture.as_ref())?;
        let named = self.indicator.as_deref().map(indicator).transpose()?;
        self.parsed.which = match (named, self.statutory_program.clone()) {
            (Some((owner, code)), None) if owner == COMMON => Some(Which::Common(code)),
            (Some((owner, code)), None) => Some(Which::Indicator(owner, code)),
            (None, Some(code)) => Some(Which::Statutory(code)),
            _ => {
                return Err(unreadable(
                    "indicator",
                    "indicator か statutory_program のどちらか一つを指定してください",
                    "give one of indicator and statutory_program",
                ));
            }
        };
        if self.plan.is_some() && self.prefecture.is_some() {
            return Err(unreadable("prefecture", "plan とは一緒に使えません", "not with `plan`"));
        }
        self.parsed.slots = self.slots()?;
        let known = ["prefecture", "municipality", "period", "level", "breakdown"];
        let words = self.group_by.as_deref().map(|given| list("group_by", given, &known));
        let mut by_level = false;
        for word in words.transpose()?.unwrap_or_default() {
            let groups = &mut self.parsed.groups;
            *match word {
                "prefecture" => &mut groups.prefecture,
                "municipality" => &mut groups.municipality,
                "period" => &mut groups.period,
                "level" => &mut by_level,
                _ => &mut groups.breakdown,
            } = true;
        }
        self.parsed.levels = self.levels(by_level)?;
        let words = self.include.as_deref().map(|given| list("include", given, &["reposts", "estimates"]));
        let words = words.transpose()?.unwrap_or_default();
        self.parsed.reposts = words.contains(&"reposts");
        self.parsed.estimates = words.contains(&"estimates");
        self.parsed.as_of = self.as_of.as_deref().map(|given| instant("as_of", given)).transpose()?;
        self.check_targets()
    }
}

impl AggregateFilter {
    fn slots(&self) -> Result<Vec<Slot>, Error> {
        parameter_fiscal_year("within", self.within)?;
        let named = periods(self.period.as_deref(), None)?.unwrap_or_default();
        if named.is_empty() && self.within.is_none() {
            return Err(unreadable(
                "period",
                "period か within を指定してください（例 period=2024、period=2020..2024）",
                "give `period` or `within`, such as period=2024 or period=2020..2024",
            ));
        }
        if let Some(open) = named.iter().find(|period| !period.expects_result()) {
            return Err(unreadable(
                "period",
                &format!(
                    "{}（{}）は集計しません。年度・半期・四半期・月を指定してください",
                    open.label_ja(),
                    open.code()
                ),
                &format!("{} never enters a sum: name years, halves, quarters or months", open.code()),
            ));
        }
        let apart = named.into_iter().filter(|period| self.within.is_none_or(|year| !period.within(year)));
        Ok(apart.map(Slot::Period).chain(self.within.map(Slot::Within)).collect())
    }

    /// Levels of one scheme by one evaluator: those of another say something else, and two of one record would count it twice.
    fn levels(&self, by_level: bool) -> Result<Option<LevelsOf>, Error> {
        let with = |name: &str| unreadable(name, "group_by=level とともに使ってください", "use it with group_by=level");
        match (by_level, self.level_scheme.as_deref()) {
            (false, Some(_)) => Err(with("level_scheme")),
            (false, None) if self.evaluator.is_some() => Err(with("evaluator")),
            (false, None) => Ok(None),
            (true, _) if self.part() == Part::Targets => Err(unreadable(
                "group_by",
                "level は実績の評価の区分です。part=results で使ってください",
                "levels are of results: part=results",
            )),
            (true, given) => {
                let (owner, scheme) =
                    given.and_then(owned).filter(|(owner, _)| Code::parse(owner).is_ok()).ok_or_else(|| {
                        unreadable(
                            "level_scheme",
                            "group_by=level には 所有団体/評価基準 が必要です（例 132284/achievement）",
                            "group_by=level needs owner/scheme, such as 132284/achievement",
                        )
                    })?;
                Ok(Some(LevelsOf { owner, scheme, evaluator: self.evaluator.unwrap_or(Evaluator::Own) }))
            }
        }
    }

    fn check_targets(&self) -> Result<(), Error> {
        if self.part() == Part::Results && self.goals.is_some() {
            return Err(unreadable("goals", "part=targets とともに使ってください", "use it with part=targets"));
        }
        if self.part() == Part::Targets && self.function == Some(AggregateFunction::AchievementRate) {
            let (ja, en) =
                ("目標に対する実績の割合です。part=results で使ってください", "it is of results: part=results");
            return Err(unreadable("function", ja, en));
        }
        Ok(())
    }
}
