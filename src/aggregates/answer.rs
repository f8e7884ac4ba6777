//! One answer: reads what was asked for, adds up indicator by indicator, and says what does not go together.

use super::filter::{AggregateFilter, Goals, Which};
use super::plain;
use super::queries::scale::Scale;
use super::queries::{self, Facts, Kind, Meaning, Named};
use super::rules::{self, Answer, Fact, Fate, Member, Question, Successions, Unlike};
use super::types::{
    AggregateFunction, AggregateLevel, AggregateMapping, AggregateRow, AggregateSeries, Aggregates, ExpectedOf, Total,
};
use crate::db::Conn;
use crate::domain::key::PlanCode;
use crate::error::{Code, Error, Finding};
use crate::indicators::types::{IndicatorKind, Temporality};
use crate::municipalities::dictionary::{Dictionary, Municipalities, Reporting};
use crate::plans;
use crate::publications::moment::{self, Reporters, Standing};
use crate::records::types::Part;
use crate::statutory_programs;
use chrono::NaiveDate;
use futures_util::future::try_join4;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// So many groups are one answer.
const MOST_GROUPS: usize = 20_000;
/// So many figures are explained.
const MOST_ROWS: usize = 5_000;

type OfIndicator = BTreeMap<Named, Vec<Fact>>;

/// What the answer rests on: it is another one when this is.
pub async fn standing(conn: &Conn, filter: &AggregateFilter) -> Result<Standing, Error> {
    // Goals may be of any year.
    let compares = filter.function == Some(AggregateFunction::AchievementRate);
    let reporters = Reporters {
        prefectures: filter.prefecture.iter().cloned().collect(),
        plan: filter.plan.as_deref(),
        fiscal_years: (!compares).then(|| filter.fiscal_years()),
        ..Reporters::default()
    };
    moment::of_list(conn, &reporters, None, filter.parsed.as_of).await
}

/// Whom an answer is over.
enum Over<'a> {
    /// Of a plan
    Reporters(&'a str),
    Municipalities(Arc<Municipalities>),
}

pub async fn answer(
    conn: &Conn,
    filter: &AggregateFilter,
    standing: &Standing,
    dictionary: &Dictionary,
) -> Result<Aggregates, Error> {
    let Some(which) = &filter.parsed.which else { return Err(Error::internal("no indicator")) };
    let moment = standing.moment;
    let over = match &filter.plan {
        Some(plan) => Over::Reporters(plan),
        None => Over::Municipalities(dictionary.municipalities(conn, standing).await?),
    };
    if let Over::Municipalities(all) = &over
        && let Some(sum) = plain::answer(conn, filter, which, moment, all).await?
    {
        return Ok(sum);
    }
    let slots = &filter.parsed.slots;
    let scale = scale(conn, filter).await?;
    let targets = async {
        match filter.function {
            // Without a function the indicator decides, and none decides for this one.
            Some(AggregateFunction::AchievementRate) => {
                let goals =
                    Facts { which: Some(which), part: Part::Targets, years: None, scale: None, kind: Kind::Any };
                queries::facts(conn, filter, goals, moment.no).await
            }
            _ => Ok(OfIndicator::new()),
        }
    };
    let members = async {
        match &over {
            Over::Reporters(plan) => queries::reporters(conn, plan, filter.part(), slots).await,
            Over::Municipalities(all) => Ok(members(all, filter)),
        }
    };
    let successions =
        async { if filter.parsed.groups.is_series() { queries::all_successions(conn).await } else { Ok(Vec::new()) } };
    let years = Some(filter.fiscal_years());
    let facts = Facts { which: Some(which), part: filter.part(), years, scale: scale.as_ref(), kind: Kind::Any };
    let facts = queries::facts(conn, filter, facts, moment.no);
    let (mut facts, targets, members, successions) = try_join4(facts, targets, members, successions).await?;
    if filter.part() == Part::Targets {
        facts.values_mut().for_each(|facts| *facts = goals(facts, filter.goals()));
    }
    let named = named(which, &facts);
    let meanings = queries::meanings(conn, &named).await?;
    exist(conn, filter, which, &meanings, &members).await?;
    let until = slots.iter().filter_map(|slot| slot.period().end()).max();
    let successions = until.map_or_else(Successions::default, |day| Successions::new(successions, day));
    let work = Work { filter, members: &members, successions: &successions };
    let (mut series, mut rows, mut rows_total) = (Vec::new(), Vec::new(), 0);
    for meaning in meanings {
        let key = (meaning.owner.clone(), meaning.code.clone());
        let nothing = Vec::new();
        let (facts, targets) = (facts.get(&key).unwrap_or(&nothing), targets.get(&key).unwrap_or(&nothing));
        let (one, mut explained) = work.series(meaning, facts, targets)?;
        rows_total += facts.len();
        series.push(one);
        explained.truncate(MOST_ROWS - rows.len());
        rows.extend(explained);
    }
    if series.iter().map(|one: &AggregateSeries| one.groups.len()).sum::<usize>() > MOST_GROUPS {
        return Err(too_large());
    }
    Ok(Aggregates {
        publication: moment.no,
        as_of: filter.parsed.as_of,
        part: filter.part(),
        expected_of: if filter.plan.is_some() { ExpectedOf::PlanReporters } else { ExpectedOf::Municipalities },
        mappings: mappings(&facts, &successions),
        series,
        rows,
        rows_total,
    })
}

/// Each for the slots on whose last day it was in force.
fn members(municipalities: &Municipalities, filter: &AggregateFilter) -> Vec<Member> {
    let slots: Vec<Option<NaiveDate>> = filter.parsed.slots.iter().map(|slot| slot.period().end()).collect();
    let of_prefecture = |one: &&Reporting| filter.prefecture.as_ref().is_none_or(|asked| *asked == one.prefecture);
    let member = |one: &Reporting| {
        let in_force = |day: &Option<NaiveDate>| day.is_some_and(|day| one.is_in_force_on(day));
        Member::new(one, slots.iter().map(in_force).collect())
    };
    municipalities.all.iter().filter(of_prefecture).map(member).collect()
}

/// The scheme whose levels are asked for.
async fn scale(conn: &Conn, filter: &AggregateFilter) -> Result<Option<Scale>, Error> {
    let Some(of) = &filter.parsed.levels else { return Ok(None) };
    let scale = queries::scale::scale(conn, of).await?;
    if !scale.is_known() {
        let given = format!("{}/{}", of.owner, of.scheme);
        return Err(unknown("level_scheme", Code::EvaluationUnknownScheme, "評価基準", &given));
    }
    Ok(Some(scale))
}

/// The goals that are asked for: those first set, or each as last changed.
fn goals(targets: &[Fact], goals: Goals) -> Vec<Fact> {
    match goals {
        Goals::Original => targets.iter().filter(|target| target.place.amendment == 0).cloned().collect(),
        Goals::Amended => rules::amended(targets),
    }
}

/// The indicators of the answer: the one asked for, though nothing may be published of it.
pub fn named(which: &Which, facts: &OfIndicator) -> Vec<Named> {
    match which {
        Which::Common(code) => vec![(crate::domain::code::COMMON.to_owned(), code.clone())],
        Which::Indicator(owner, code) => vec![(owner.clone(), code.clone())],
        Which::Statutory(_) => facts.keys().cloned().collect(),
    }
}

fn unknown(parameter: &str, code: Code, what: &str, given: &str) -> Error {
    let kind = parameter.replace('_', " ");
    Error::at(parameter, code, format!("{what} {given} はありません"), format!("there is no {kind} {given}"))
}

/// A misspelt code would answer that nothing was reported.
async fn exist(
    conn: &Conn,
    filter: &AggregateFilter,
    which: &Which,
    meanings: &[Meaning],
    members: &[Member],
) -> Result<(), Error> {
    match which {
        Which::Common(code) if meanings.is_empty() => {
            return Err(unknown("indicator", Code::IndicatorUnknown, "全国共通指標", code));
        }
        Which::Indicator(owner, code) if meanings.is_empty() => {
            return Err(unknown("indicator", Code::IndicatorUnknown, "指標", &format!("{owner}/{code}")));
        }
        Which::Statutory(code) if meanings.is_empty() && !statutory_programs::queries::exists(conn, code).await? => {
            return Err(unknown("statutory_program", Code::StatutoryProgramUnknown, "法定事業", code));
        }
        _ => {}
    }
    match filter.plan.as_deref().and_then(PlanCode::parse).filter(|_| members.is_empty()) {
        Some(plan) if !plans::queries::is_seen(conn, &plan, &[]).await? => {
            Err(unknown("plan", Code::PlanUnknown, "計画", plan.as_str()))
        }
        _ => Ok(()),
    }
}

pub struct Work<'a> {
    pub filter: &'a AggregateFilter,
    pub members: &'a [Member],
    pub successions: &'a Successions,
}

impl Work<'_> {
    pub fn series(
        &self,
        meaning: Meaning,
        facts: &[Fact],
        targets: &[Fact],
    ) -> Result<(AggregateSeries, Vec<AggregateRow>), Error> {
        let function = self.function(&meaning)?;
        let asked = &self.filter.parsed;
        let question = Question {
            function,
            groups: asked.groups,
            levels: asked.levels.clone(),
            slots: asked.slots.clone(),
            reposts: asked.reposts,
            estimates: asked.estimates,
            split: self.filter.split.is_some(),
            point_in_time: meaning.temporality == Temporality::PointInTime,
            decimals: u32::try_from(meaning.decimals).unwrap_or(0),
        };
        let Answer { groups, fates } = rules::add_up(facts, targets, self.members, self.successions, &question)
            .map_err(|unlike| self.refused(&meaning, facts, unlike))?;
        let rows = if self.filter.explain == Some(true) { self.rows(&meaning, facts, &fates) } else { Vec::new() };
        let Meaning { owner, code, name, kind, .. } = meaning;
        Ok((AggregateSeries { owner, indicator: code, name, kind, function, groups }, rows))
    }

    /// As asked, else as the indicator says.
    fn function(&self, meaning: &Meaning) -> Result<AggregateFunction, Error> {
        use AggregateFunction::{AchievementRate, Distribution, Latest, Max, Min, Sum, WeightedMean};
        let own = meaning.function();
        let function = self.filter.function.unwrap_or(own);
        let numeric = !matches!(meaning.kind, IndicatorKind::Text | IndicatorKind::Boolean);
        let fits = match function {
            Sum | Latest => meaning.can_be_added(),
            WeightedMean => meaning.kind == IndicatorKind::Rate,
            Min | Max => numeric,
            AchievementRate => numeric && meaning.kind != IndicatorKind::Frequency,
            Distribution => true,
        };
        if fits {
            return Ok(function);
        }
        let (name, given, own) = (&meaning.name, function.as_str(), own.as_str());
        Err(Error::at(
            "function",
            Code::AggregateNotSummable,
            format!("「{name}」（{}）は {given} では集計できません。この指標では {own} です", kind_ja(meaning.kind)),
            format!("`{given}` does not go with this indicator ({name}); its own is `{own}`"),
        ))
    }

    fn name(&self, code: &str) -> Option<String> {
        self.members.iter().find(|member| member.code == code).map(|member| member.name.clone())
    }

    /// Who reported what does not go with the others: one finding for each reporter and basis.
    fn refused(&self, meaning: &Meaning, facts: &[Fact], unlike: Unlike) -> Error {
        let (code, rows) = match unlike {
            Unlike::Units(rows) => (Code::AggregateUnlikeUnits, rows),
            Unlike::Bases(rows) => (Code::AggregateUnlikeBases, rows),
            Unlike::OverTime(rows) => (Code::AggregateOverTime, rows),
        };
        let names: HashMap<&str, &str> =
            self.members.iter().map(|member| (member.code.as_str(), member.name.as_str())).collect();
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        let mut kinds: BTreeMap<(String, String), usize> = BTreeMap::new();
        for fact in rows.iter().filter_map(|row| facts.get(*row)) {
            let unit = fact.basis.unit.as_deref().unwrap_or_default();
            let period = if code == Code::AggregateOverTime { fact.period.code() } else { String::new() };
            if !seen.insert((&fact.place.municipality, &fact.basis, period.clone())) {
                continue;
            }
            let (ja, en) = match code {
                Code::AggregateUnlikeUnits => (unit.to_owned(), unit.to_owned()),
                Code::AggregateOverTime => (fact.period.label_ja(), fact.period.label_en()),
                _ => (fact.basis.label_ja(), fact.basis.label_en()),
            };
            *kinds.entry((ja.clone(), en.clone())).or_default() += 1;
            let reporter = &fact.place.municipality;
            let name = names.get(reporter.as_str()).copied().unwrap_or_default();
            let (ja, en) = (format!("{name}（{reporter}）：{ja}"), format!("{name} ({reporter}): {en}"));
            findings.push(Finding::new(fact.place.address(), code, ja, en));
        }
        let list = |of: fn(&(String, String)) -> &str, between: &str| {
            kinds.iter().map(|(kind, count)| format!("{}{between}{count}", of(kind))).collect::<Vec<_>>()
        };
        let (ja, en) = (list(|kind| &kind.0, "").join("、"), list(|kind| &kind.1, " ").join(", "));
        let (ja, en) = said(code, &meaning.name, &ja, &en);
        Error::with_findings(code, ja, en, findings)
    }

    fn rows(&self, meaning: &Meaning, facts: &[Fact], fates: &[Fate]) -> Vec<AggregateRow> {
        let levels = self.filter.parsed.levels.as_ref();
        let row = |(fact, fate): (&Fact, &Fate)| AggregateRow {
            municipality: fact.place.municipality.clone(),
            municipality_name: self.name(&fact.place.municipality),
            indicator: format!("{}/{}", meaning.owner, meaning.code),
            period: fact.period.code(),
            place: fact.place.address(),
            level: levels.map(|of| AggregateLevel::new(of, fact.level.as_ref())),
            breakdown: fact.breakdown.clone(),
            value: fact.value.map(Total),
            value_to: fact.value_to.map(Total),
            rate: fact.rate.map(Total),
            numerator: fact.numerator.map(Total),
            denominator: fact.denominator.map(Total),
            text: fact.text.clone(),
            missing_reason: fact.missing,
            basis: fact.basis.clone().into(),
            counted: *fate == Fate::Counted,
            excluded: match fate {
                Fate::Excluded(reason) => Some(*reason),
                _ => None,
            },
        };
        facts.iter().zip(fates).take(MOST_ROWS).map(row).collect()
    }
}

fn said(code: Code, name: &str, ja: &str, en: &str) -> (String, String) {
    match code {
        Code::AggregateUnlikeUnits => (
            format!("「{name}」には単位の異なる値があり、合計できません：{ja}。split=basis で分けて取得できます"),
            format!("figures of {name} have different units: {en}. `split=basis` tells them apart"),
        ),
        Code::AggregateOverTime => (
            format!(
                "「{name}」は時点の値です。期間をまたいで合計できません：{ja}。group_by=period か function=latest を使ってください"
            ),
            format!(
                "{name} is of points in time and is not added over periods: {en}. Use group_by=period or function=latest"
            ),
        ),
        _ => (
            format!("数え方の異なる値は合計できません：{ja}。split=basis で分けて取得できます"),
            format!("figures on different bases are not added: {en}. `split=basis` tells them apart"),
        ),
    }
}

fn kind_ja(kind: IndicatorKind) -> &'static str {
    match kind {
        IndicatorKind::Count => "数",
        IndicatorKind::Amount => "量・金額",
        IndicatorKind::Rate => "割合",
        IndicatorKind::Frequency => "頻度",
        IndicatorKind::Text => "文章",
        IndicatorKind::Boolean => "有無",
    }
}

fn too_large() -> Error {
    Error::new(
        Code::AggregateTooLarge,
        format!("集計が {MOST_GROUPS} 件を超えます。期間か都道府県を絞るか、group_by を減らしてください"),
        format!("more than {MOST_GROUPS} groups: ask for fewer periods, one prefecture, or a coarser group_by"),
    )
}

/// What was used of the 廃置分合.
fn mappings(facts: &OfIndicator, successions: &Successions) -> Vec<AggregateMapping> {
    let reporters: BTreeSet<&str> = facts.values().flatten().map(|fact| fact.place.municipality.as_str()).collect();
    successions.mappings(&reporters)
}
