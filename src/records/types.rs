use super::value::{Evaluation, MissingReason, RecordValue, canonical_period};
use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Error, Finding, token};
use crate::municipalities::types::{parameter_code, parameter_prefecture, require_code};
use crate::plans::types::{View, parameter_local_code, parameter_plan, require_local_code};
use crate::web::params::{Filter, unreadable};
use crate::words;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::IntoParams;

words! {
    /// 記録の部：targets（目標・見込・計画）、results（実績・取組状況）
    pub enum Part {
        Targets = "targets",
        Results = "results",
    }
}

impl Part {
    /// Name of one record of this part, in journal and change feed.
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Targets => "target",
            Self::Results => "result",
        }
    }
}

/// The natural key of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordKey {
    pub part: Part,
    pub plan: PlanCode,
    pub program: LocalCode,
    pub municipality: Code,
    pub period: Period,
    /// 0: the original goal (and every result)
    pub amendment: i16,
}

impl RecordKey {
    /// As journal and change feed tell it.
    pub fn json(&self) -> serde_json::Value {
        record_key_json(
            self.part,
            self.plan.as_str(),
            self.program.as_str(),
            self.municipality.as_str(),
            &self.period.code(),
            self.amendment,
        )
    }

    pub fn missing(&self) -> Error {
        let key = format!("{}/{}/{}/{}", self.plan, self.program, self.municipality, self.period.code());
        let (mut ja, mut en) = match self.part {
            Part::Targets => (format!("目標 {key}"), format!("target {key}")),
            Part::Results => (format!("実績 {key}"), format!("result {key}")),
        };
        if self.amendment > 0 {
            ja = format!("{ja} 変更目標{}", self.amendment);
            en = format!("amendment {} of {en}", self.amendment);
        }
        Error::not_found(ja, en)
    }
}

/// A reporter's records of one plan, period and part: what one batch writes into. A record's key, but for its program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    pub plan: PlanCode,
    pub municipality: Code,
    pub part: Part,
    pub period: Period,
    pub amendment: i16,
}

impl From<&RecordKey> for Block {
    fn from(key: &RecordKey) -> Self {
        let RecordKey { part, plan, municipality, period, amendment, .. } = key;
        Self { plan: plan.clone(), municipality: *municipality, part: *part, period: *period, amendment: *amendment }
    }
}

pub fn record_key_json(
    part: Part,
    plan: &str,
    program: &str,
    municipality: &str,
    period: &str,
    amendment: i16,
) -> serde_json::Value {
    let mut key =
        serde_json::json!({ "plan": plan, "program": program, "municipality": municipality, "period": period });
    if let (Part::Targets, Some(fields)) = (part, key.as_object_mut()) {
        fields.insert("amendment".into(), amendment.into());
    }
    key
}

/// What a record says, whichever its part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordBody {
    pub texts: BTreeMap<String, String>,
    /// The texts are last year's, and meant so
    pub no_change_from_last_year: bool,
    pub cross_reference: Option<String>,
    pub repost_of: Option<String>,
    pub missing_reason: Option<MissingReason>,
    /// Why a goal was changed
    pub reason: Option<String>,
    pub amended_on: Option<String>,
    pub note: Option<String>,
    pub values: Vec<RecordValue>,
    pub evaluations: Vec<Evaluation>,
}

impl RecordBody {
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
            && self.values.is_empty()
            && self.cross_reference.is_none()
            && self.missing_reason.is_none()
    }
}

/// The rules of what every record has.
pub fn check_content(texts: &BTreeMap<String, String>, values: &mut [RecordValue], findings: &mut Vec<Finding>) {
    for (field, text) in texts {
        let length = text.chars().count();
        if length == 0 || length > 20_000 {
            findings.push(Finding::new(
                format!("/texts/{}", token(field)),
                ErrorCode::RequestInvalid,
                if length == 0 {
                    "空の文章は送れません。何もなければ項目ごと省いてください"
                } else {
                    "20,000字までです"
                },
                if length == 0 { "a text is not empty: leave the field out" } else { "at most 20,000 characters" },
            ));
        }
    }
    let count = i16::try_from(values.len()).unwrap_or(i16::MAX);
    for (ordinal, value) in (1..).zip(values.iter_mut()) {
        let at = format!("/values/{}", ordinal - 1);
        value.check(&at, ordinal, count, findings);
        if let Some(same) = &value.same_figure_as {
            require_local_code(&format!("{at}/same_figure_as/program"), Some(&same.program), findings);
        }
        if let Some(indicator) = &value.indicator {
            require_local_code(&format!("{at}/indicator/indicator"), Some(&indicator.indicator), findings);
            if indicator.owner != crate::domain::code::COMMON {
                require_code(&format!("{at}/indicator/owner"), &indicator.owner, findings);
            }
        }
    }
}

/// The rules of evaluations; whether a level is in its scheme, the database knows.
pub fn check_evaluations(evaluations: &mut [Evaluation], findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (index, evaluation) in evaluations.iter_mut().enumerate() {
        let at = format!("/evaluations/{index}");
        require_code(&format!("{at}/owner"), &evaluation.owner, findings);
        require_local_code(&format!("{at}/scheme"), Some(&evaluation.scheme), findings);
        if let Some(against) = &mut evaluation.against {
            canonical_period(&format!("{at}/against"), against, findings);
        }
        if !seen.insert((evaluation.owner.clone(), evaluation.scheme.clone(), evaluation.evaluator)) {
            let (ja, en) = ("同じ評価基準・評価者の評価が2つあります", "the same scheme and evaluator twice");
            findings.push(Finding::new(at, ErrorCode::RequestInvalid, ja, en));
        }
    }
}

/// What a target or result is: nothing at all is a cell not answered.
pub fn check_not_empty(empty: bool, findings: &mut Vec<Finding>) {
    if empty {
        findings.push(Finding::new(
            "",
            ErrorCode::RecordEmpty,
            "文章・数値・参照のどれもありません。わざと空欄にしたときは missing_reason を入れてください",
            "no text, value or reference. For a cell left blank on purpose give missing_reason",
        ));
    }
}

/// Filter of the lists of targets and results.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordFilter {
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
    #[param(
        pattern = "^[0-9]{6}/[0-9A-Za-z][0-9A-Za-z._-]{0,39}$",
        max_length = 47,
        example = "132292/temporary_care_users"
    )]
    pub indicator: Option<String>,
    /// 期間（「,」区切り、2020..2024、令和6年度も可）
    #[param(max_length = 700, example = "2023")]
    pub period: Option<String>,
    /// この年度と、その半期・四半期・月
    #[param(minimum = 1990, maximum = 2060, example = 2023)]
    pub within: Option<i16>,
    /// 報告の状態（view=working のとき、「,」区切り）
    #[param(
        pattern = "^(draft|submitted|returned|approved|published)(,(draft|submitted|returned|approved|published)){0,4}$",
        max_length = 60
    )]
    pub status: Option<String>,
    /// この時刻に公表されていた内容（オフセット付きRFC 3339）
    #[param(format = DateTime, max_length = 40, example = "2026-11-21T09:00:00+09:00")]
    pub as_of: Option<String>,
    /// working：作業中の内容（要トークン）。既定 published
    #[param(inline, example = "published")]
    pub view: Option<View>,
    #[serde(skip)]
    #[param(ignore)]
    pub parsed: Parsed,
}

/// What the texts of the filter mean.
#[derive(Debug, Default)]
pub struct Parsed {
    pub municipalities: Vec<String>,
    /// None: every period
    pub periods: Option<Vec<Period>>,
    pub indicator: Option<(String, String)>,
    pub statuses: Option<Vec<String>>,
    pub as_of: Option<DateTime<Utc>>,
}

impl Parsed {
    /// The prefectures the municipalities lie in: their code says it.
    pub fn prefectures(&self) -> Vec<String> {
        let codes = self.municipalities.iter().filter_map(|code| Code::parse(code).ok());
        let all: BTreeSet<String> = codes.map(|code| code.prefecture().to_string()).collect();
        all.into_iter().collect()
    }

    /// The fiscal years the periods are filed under (0: the baseline), and their codes.
    pub fn years_and_codes(&self) -> Option<(Vec<i16>, Vec<String>)> {
        let periods = self.periods.as_ref()?;
        let years: BTreeSet<i16> = periods.iter().map(|period| period.fiscal_year().unwrap_or(0)).collect();
        Some((years.into_iter().collect(), periods.iter().map(ToString::to_string).collect()))
    }
}

impl Filter for RecordFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_prefecture(self.prefecture.as_ref())?;
        for code in self.municipality.iter().flat_map(|codes| codes.split(',')) {
            let code = parameter_code("municipality", Some(&code.to_owned()))?;
            self.parsed.municipalities.extend(code.map(|code| code.to_string()));
        }
        if self.parsed.municipalities.len() > 100 {
            return Err(unreadable("municipality", "一度に100団体までです", "at most 100 at once"));
        }
        parameter_plan("plan", self.plan.as_ref())?;
        parameter_local_code("program", self.program.as_ref())?;
        if self.program.is_some() && self.plan.is_none() {
            return Err(unreadable("program", "plan とともに指定してください", "give `plan` with it"));
        }
        self.parsed.periods = periods(self.period.as_deref(), self.within)?;
        self.parsed.indicator = self.indicator.as_deref().map(indicator).transpose()?;
        self.parsed.as_of = self.as_of.as_deref().map(|given| instant("as_of", given)).transpose()?;
        self.parsed.statuses = self.status.as_deref().map(statuses).transpose()?;
        match (self.view, &self.parsed) {
            (Some(View::Working), Parsed { as_of: Some(_), .. }) => {
                Err(unreadable("as_of", "view=working とは一緒に使えません", "not with view=working"))
            }
            (None | Some(View::Published), Parsed { statuses: Some(_), .. }) => Err(unreadable(
                "status",
                "公表された内容に状態の違いはありません。view=working とともに使ってください",
                "use it with view=working",
            )),
            _ => Ok(()),
        }
    }
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
    let wrong = || {
        unreadable(
            "indicator",
            "所有団体/コード の形です（例 132284/site_views）",
            "owner/code, such as 132284/site_views",
        )
    };
    let (owner, code) = given.split_once('/').ok_or_else(wrong)?;
    if crate::domain::code::Owner::parse(owner).is_err() || LocalCode::parse(code).is_none() {
        return Err(wrong());
    }
    Ok((owner.to_owned(), code.to_owned()))
}

/// A time with its offset; without one nobody knows whose midnight is meant.
pub fn instant(name: &str, given: &str) -> Result<DateTime<Utc>, Error> {
    // `+` in a query string is a space.
    DateTime::parse_from_rfc3339(&given.replace(' ', "+")).map(|at| at.to_utc()).map_err(|_| {
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
                unreadable(
                    "status",
                    &format!("「{status}」という状態はありません（{all}）"),
                    &format!("`{status}` is not one of {all}"),
                )
            })
        })
        .collect()
}
