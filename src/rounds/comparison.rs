//! What goes back to the reporters 比較: of each indicator of a round the value of each member, where it stands among the
//! others, and what they make together. Public figures only, so everybody sees the same, from the first published report on.

use super::types::RoundKey;
use crate::aggregates::filter::{AggregateFilter, GroupBy, Slot};
use crate::aggregates::queries::{self as facts, Facts, Kind, Meaning};
use crate::aggregates::rules::{self, Fact, Member, Question, Successions};
use crate::aggregates::types::{
    AggregateBasis, AggregateFunction, AggregateGroup, AggregateShare, AggregateSpread, Total,
};
use crate::db::Conn;
use crate::domain::period::Period;
use crate::error::Error;
use crate::municipalities::types::parameter_code;
use crate::records::types::Part;
use crate::records::value::MissingReason;
use crate::web::params::Filter;
use crate::web::table::{Cell, Column, Table};
use chrono::{DateTime, Utc};
use futures_util::future::try_join;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// 一つの団体の値 / the value of one member
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparedMember {
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "131041")]
    pub municipality: String,
    #[schema(max_length = 100)]
    pub name: String,
    /// 数値。null：数えられる数値がない
    pub value: Option<Total>,
    /// 数値でない内容
    #[schema(max_length = 2000)]
    pub text: Option<String>,
    /// 数値がない理由。value も text も理由もなければ、公表された回答がない
    pub missing_reason: Option<MissingReason>,
    /// 大きい順の順位（同じ値は同じ順位）。同じ単位・数え方の団体の中で / rank among those counted alike, the largest first
    #[schema(minimum = 1, maximum = 3000)]
    pub position: Option<usize>,
}

/// 一つの指標の比較（単位・数え方ごと） / one indicator, each basis by itself
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparedIndicator {
    pub part: Part,
    #[schema(max_length = 8, example = "2024")]
    pub period: String,
    #[schema(max_length = 40)]
    pub period_label_ja: String,
    /// 指標を持つ団体
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub owner: String,
    #[schema(max_length = 40)]
    pub indicator: String,
    #[schema(max_length = 300)]
    pub name: String,
    pub function: AggregateFunction,
    pub basis: Option<AggregateBasis>,
    /// 全体の値：/aggregates（split=basis）と同じ / what they make together, as /aggregates has it
    pub value: Option<Total>,
    #[schema(minimum = 0, maximum = 3000)]
    pub expected: usize,
    #[schema(minimum = 0, maximum = 3000)]
    pub reported: usize,
    pub complete: bool,
    pub spread: Option<AggregateSpread>,
    #[schema(max_items = 500)]
    pub shares: Vec<AggregateShare>,
    /// municipality で指定した団体の値
    pub own: Option<ComparedMember>,
    /// 団体コード順 / by code
    #[schema(max_items = 3000)]
    pub members: Vec<ComparedMember>,
}

/// 照会の比較 / the comparison of a round
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundComparison {
    #[schema(max_length = 55)]
    pub plan: String,
    #[schema(max_length = 40)]
    pub round: String,
    #[schema(max_length = 300)]
    pub title: Option<String>,
    /// 照会の期限
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub due_at: Option<DateTime<Utc>>,
    /// 対象の報告団体の数（対象外を除く） / reporters that are asked
    #[schema(minimum = 0, maximum = 3000)]
    pub asked: usize,
    /// そのうち、公表された報告のある団体の数 / of these, with a published report
    #[schema(minimum = 0, maximum = 3000)]
    pub published: usize,
    /// 照会は終わった：対象の団体がすべて公表したか、まだの団体の期限が過ぎた。終わるまで値と順位は変わる。終わった後も、訂正と遅れた公表はありうる
    /// / closed: each that is asked has published, or is past its due instant. Before that values and ranks still move; a
    /// correction or a late report may come afterwards
    pub closed: bool,
    /// いつの公表内容か：公表番号
    #[schema(minimum = 0, maximum = 9_000_000_000_000_000i64)]
    pub publication: i64,
    /// 実績が先、期間・指標の順 / results first, then by period and indicator
    #[schema(max_items = 5000)]
    pub indicators: Vec<ComparedIndicator>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ComparisonFilter {
    /// 自団体：own に入れ、その値のある指標だけを返す / the one that looks: its own value beside the others'
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "132292")]
    pub municipality: Option<String>,
    /// CSVの先頭にBOMを付ける（Excelで開くとき） / a BOM before the CSV, for Excel
    #[param(example = true)]
    pub bom: Option<bool>,
}

impl Filter for ComparisonFilter {
    fn check(&mut self) -> Result<(), Error> {
        parameter_code("municipality", self.municipality.as_ref()).map(|_| ())
    }
}

/// Of each part and period that the round covers, in order.
pub async fn indicators(
    conn: &Conn,
    key: &RoundKey,
    covers: &[(Part, Period)],
    own: Option<&str>,
    no: i64,
) -> Result<Vec<ComparedIndicator>, Error> {
    let mut found = Vec::new();
    for part in [Part::Results, Part::Targets] {
        let slots: Vec<Slot> = covers
            .iter()
            .filter(|(of, period)| *of == part && period.expects_result())
            .map(|(_, period)| Slot::Period(*period))
            .collect();
        if slots.is_empty() {
            continue;
        }
        let mut filter = AggregateFilter { plan: Some(key.plan.to_string()), ..AggregateFilter::default() };
        filter.parsed.slots = slots.clone();
        let years = Some(filter.fiscal_years());
        let (known, members) = try_join(
            facts::facts(conn, &filter, Facts { which: None, part, years, scale: None, kind: Kind::Any }, no),
            facts::reporters(conn, key.plan.as_str(), part, &slots),
        )
        .await?;
        let named: Vec<_> = known.keys().cloned().collect();
        let meanings = facts::meanings(conn, &named).await?;
        for (at, slot) in slots.iter().enumerate() {
            let members: Vec<Member> = members.iter().map(|member| only(member, at)).collect();
            for meaning in &meanings {
                let of_it = known.get(&(meaning.owner.clone(), meaning.code.clone())).map_or(&[][..], Vec::as_slice);
                let of_it: Vec<Fact> = of_it.iter().filter(|fact| slot.takes(fact.period)).cloned().collect();
                let of_it = if part == Part::Targets { rules::amended(&of_it) } else { of_it };
                found.extend(compared(meaning, part, *slot, &of_it, &members, own));
            }
        }
    }
    Ok(found)
}

/// A member as of one slot.
fn only(member: &Member, at: usize) -> Member {
    Member { slots: vec![member.slots.get(at).copied().unwrap_or(false)], ..member.clone() }
}

fn compared(
    meaning: &Meaning,
    part: Part,
    slot: Slot,
    facts: &[Fact],
    members: &[Member],
    own: Option<&str>,
) -> Vec<ComparedIndicator> {
    let question = |function: AggregateFunction, municipality: bool| Question {
        function,
        groups: GroupBy { municipality, ..GroupBy::default() },
        levels: None,
        slots: vec![slot],
        reposts: false,
        estimates: false,
        split: true,
        point_in_time: false,
        decimals: u32::try_from(meaning.decimals).unwrap_or(0),
    };
    // Bases are apart and there is one period: nothing can be refused.
    let groups = |function, municipality| -> Vec<AggregateGroup> {
        let added = rules::add_up(facts, &[], members, &Successions::default(), &question(function, municipality));
        added.map(|answer| answer.groups).unwrap_or_default()
    };
    let function = meaning.function();
    let each = groups(function, true);
    let spreads = groups(AggregateFunction::Distribution, false);
    let mut found = Vec::new();
    for group in groups(function, false).into_iter().filter(|group| group.figures > 0 || facts.is_empty()) {
        let alike = |other: &&AggregateGroup| other.basis.is_none() || other.basis == group.basis;
        let mut values: Vec<Decimal> =
            each.iter().filter(|one| one.basis == group.basis).filter_map(|one| Some(one.value?.0)).collect();
        values.sort_unstable_by(|a, b| b.cmp(a));
        let members: Vec<ComparedMember> = each.iter().filter(alike).filter_map(|one| member(one, &values)).collect();
        let spread = spreads.iter().find(|spread| spread.basis == group.basis).and_then(|group| group.spread.clone());
        found.push(ComparedIndicator {
            part,
            period: slot.period().code(),
            period_label_ja: slot.period().label_ja(),
            owner: meaning.owner.clone(),
            indicator: meaning.code.clone(),
            name: meaning.name.clone(),
            function,
            basis: group.basis,
            value: group.value,
            expected: group.expected,
            reported: group.reported,
            complete: group.complete,
            spread,
            shares: group.shares,
            own: own.and_then(|own| members.iter().find(|member| member.municipality == own).cloned()),
            members,
        });
    }
    if let Some(own) = own {
        found.retain(|one| one.members.iter().any(|member| member.municipality == own));
    }
    found
}

/// `values`: of those who are counted alike, the largest first.
fn member(group: &AggregateGroup, values: &[Decimal]) -> Option<ComparedMember> {
    let missing = &group.missing;
    let reasons = [
        (missing.not_measured, MissingReason::NotMeasured),
        (missing.not_applicable, MissingReason::NotApplicable),
        (missing.not_implemented, MissingReason::NotImplemented),
        (missing.not_reported, MissingReason::NotReported),
        (missing.suppressed, MissingReason::Suppressed),
    ];
    let value = group.value.map(|Total(value)| value);
    Some(ComparedMember {
        municipality: group.key.municipality.clone()?,
        name: group.key.municipality_name.clone().unwrap_or_default(),
        value: group.value,
        text: group.shares.first().map(|share| share.value.clone()),
        missing_reason: reasons.into_iter().find(|(count, _)| *count > 0).map(|(_, reason)| reason),
        position: value.and_then(|value| values.iter().position(|other| *other == value)).map(|at| at + 1),
    })
}

impl RoundComparison {
    /// A row a member: one value a cell, the unit in its own.
    pub fn table(&self) -> Table {
        let columns = [
            ("部", 8.0),
            ("期間", 10.0),
            ("指標", 24.0),
            ("指標コード", 22.0),
            ("団体コード", 10.0),
            ("団体名", 16.0),
            ("値", 12.0),
            ("単位", 8.0),
            ("数え方", 12.0),
            ("対象", 10.0),
            ("内容", 16.0),
            ("値のない理由", 14.0),
            ("順位", 6.0),
            ("全体", 12.0),
            ("報告団体数", 10.0),
            ("対象団体数", 10.0),
            ("最小", 10.0),
            ("中央値", 10.0),
            ("最大", 10.0),
            ("照会の終了", 10.0),
        ];
        let all = self.indicators.iter().flat_map(|one| one.members.iter().map(move |member| (one, member)));
        let rows = all.map(|(one, member)| row(one, member, self.closed));
        Table {
            name: format!("comparison_{}_{}", self.plan, self.round),
            title: self.title.clone().unwrap_or_else(|| format!("照会 {} の比較", self.round)),
            columns: columns.into_iter().map(|(label, width)| Column::new(label, width)).collect(),
            rows: rows.collect(),
        }
    }
}

fn row(one: &ComparedIndicator, member: &ComparedMember, closed: bool) -> Vec<Cell> {
    let number = |total: Option<Total>| total.map_or(Cell::Empty, |Total(number)| Cell::Number(number));
    let count = |count: usize| Cell::Number(count.into());
    let spread = |of: fn(&AggregateSpread) -> Total| number(one.spread.as_ref().map(of));
    let basis = one.basis.as_ref();
    vec![
        if one.part == Part::Results { "実績" } else { "目標" }.into(),
        one.period_label_ja.clone().into(),
        one.name.clone().into(),
        format!("{}/{}", one.owner, one.indicator).into(),
        member.municipality.clone().into(),
        member.name.clone().into(),
        number(member.value),
        basis.and_then(|basis| basis.unit.clone()).into(),
        basis.map(|basis| basis.count_basis.as_str()).map(str::to_owned).into(),
        basis.and_then(|basis| basis.counted.clone()).into(),
        member.text.clone().into(),
        member.missing_reason.map(|reason| reason.as_str().to_owned()).into(),
        member.position.map_or(Cell::Empty, count),
        number(one.value),
        count(one.reported),
        count(one.expected),
        spread(|spread| spread.min),
        spread(|spread| spread.median),
        spread(|spread| spread.max),
        if closed { "○".into() } else { Cell::Empty },
    ]
}
