//! What is reported on, and that it was: everything but the published rows.

use super::content::{
    COMMON, FIRST_YEAR, Kind, LAST_YEAR, Municipality, Nation, PROGRAMS, STATUTORY, When, common_code, own_code,
    plan_code, program_code,
};
use super::lines::{Line, Lines};
use crate::db::bulk::Table;
use serde_json::json;

/// Nobody has submitted anything: the hash of a receipt that nobody holds.
const NO_RECEIPT: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub fn all(nation: &Nation) -> Vec<Table<'_>> {
    let table = |name, columns, lines| Table { name, columns, lines };
    vec![
        table("publications", "no, at", publications(nation)),
        table(
            "indicators",
            "owner, code, name, kind, unit, count_basis, direction, aggregation, temporality, decimals, dimensions, \
             sensitive, common_indicator",
            Box::new(common_indicators().chain(nation.municipalities.iter().flat_map(own_indicators))),
        ),
        table(
            "plans",
            "code, owner, title, kind, fiscal_year_from, fiscal_year_to, column_labels, text_fields, printed, status, numbering",
            Box::new(nation.municipalities.iter().map(plan)),
        ),
        table("plan_reporters", "plan, municipality", each(nation, |of, plan| format!("{plan}\t{}\n", of.code))),
        table(
            "nodes",
            "plan, code, kind, title, position",
            each(nation, |_, plan| {
                let node = |n: usize| format!("{plan}\t{n}\tbasic_goal\t基本目標{n}\t{n}\n");
                (1..=3).map(node).collect()
            }),
        ),
        table(
            "programs",
            "plan, code, number_label, number_scope, name, node, position, priority, statutory_program, printed",
            each(nation, |_, plan| (1..=PROGRAMS).map(|program| program_line(plan, program)).collect()),
        ),
        table(
            "program_indicators",
            "plan, program, position, indicator_owner, indicator, target_required, result_required",
            each(nation, |of, plan| {
                let of = |program| {
                    format!("{plan}\t{}\t1\t{}\t{}\tt\tt\n", program_code(program), of.code, own_code(program))
                };
                (1..=COMMON).map(of).collect()
            }),
        ),
        table(
            "rounds",
            "plan, code, title, is_default",
            each(nation, |_, plan| {
                years(nation).map(|year| format!("{plan}\t{year}\t{year}年度 実績調査\tf\n")).collect()
            }),
        ),
        table("round_covers", "plan, part, period, round", each(nation, |_, plan| covers(nation, plan))),
        table(
            "reports",
            "plan, municipality, round, status, edition, submitted_at, submitted_by, content_hash, published_at, published_no",
            each(nation, |of, plan| {
                let report = |year| {
                    let (at, no) = (at(of, year), nation.publication(of, year));
                    format!("{plan}\t{}\t{year}\tpublished\t1\t{at}\t担当\t{NO_RECEIPT}\t{at}\t{no}\n", of.code)
                };
                nation.years.clone().map(report).collect()
            }),
        ),
        table(
            "publication_scopes",
            "prefecture, fiscal_year, municipality, last_no",
            each(nation, |of, _| {
                let no = |year| nation.publication(of, year);
                let scope = |year| format!("{}\t{year}\t{}\t{}\n", of.prefecture, of.code, no(year));
                nation.years.clone().map(scope).collect()
            }),
        ),
    ]
}

/// Lines of each municipality's plan.
fn each<'n>(nation: &'n Nation, lines: impl Fn(&'n Municipality, &str) -> String + Send + 'n) -> Lines<'n> {
    Box::new(nation.municipalities.iter().map(move |of| lines(of, &plan_code(&of.code))))
}

/// Those that are reported, and the one that will be next.
fn years(nation: &Nation) -> impl Iterator<Item = i16> {
    *nation.years.start()..=LAST_YEAR + 1
}

fn covers(nation: &Nation, plan: &str) -> String {
    let of_year = |year: i16| {
        let pairs = ["results", "targets"]
            .into_iter()
            .flat_map(move |part| [When::Year, When::FirstHalf, When::SecondHalf].map(|when| (part, when.code(year))));
        pairs.map(|(part, period)| format!("{plan}\t{part}\t{period}\t{year}\n")).collect::<String>()
    };
    years(nation).map(of_year).collect()
}

fn publications(nation: &Nation) -> Lines<'_> {
    Box::new(nation.years.clone().flat_map(move |year| {
        nation.municipalities.iter().map(move |of| format!("{}\t{}\n", nation.publication(of, year), at(of, year)))
    }))
}

/// When the report of a year became public: one a second, in the September after it.
pub fn at(of: &Municipality, year: i16) -> String {
    format!("{}-09-01 {:02}:{:02}:{:02}+09", year + 1, 9 + of.place / 3600, of.place / 60 % 60, of.place % 60)
}

fn indicator(owner: &str, program: u16, common: bool) -> String {
    let (kind, unit, basis, aggregation, temporality) = match Nation::kind(program) {
        Kind::Persons => ("count", "人", "cumulative", "sum", "period_total"),
        Kind::Places => ("count", "か所", "unstated", "sum", "point_in_time"),
        Kind::Rate => ("rate", "％", "unstated", "weighted_mean", "period_total"),
    };
    Line::default()
        .text(owner)
        .text(&if common { common_code(program) } else { own_code(program) })
        .text(&Nation::program_name(program))
        .text(kind)
        .text(unit)
        .text(basis)
        .text("more_is_better")
        .text(aggregation)
        .text(temporality)
        .shown(1)
        .text("[]")
        .text("f")
        .maybe((!common).then(|| common_code(program)))
        .end()
}

fn common_indicators() -> impl Iterator<Item = String> + Send {
    (1..=COMMON).map(|program| indicator("000000", program, true))
}

fn own_indicators(of: &Municipality) -> impl Iterator<Item = String> + Send {
    (1..=COMMON).map(|program| indicator(&of.code, program, false))
}

fn plan(of: &Municipality) -> String {
    Line::default()
        .text(&plan_code(&of.code))
        .text(&of.code)
        .text(&format!("{} 子ども・子育て支援事業計画", of.name))
        .text("child_support")
        .shown(FIRST_YEAR)
        .shown(LAST_YEAR + 1)
        .text("[]")
        .text(&json!([{ "code": "text", "label": "本文" }]).to_string())
        .text("{}")
        .text("adopted")
        .text("plan")
        .end()
}

pub fn statutory(program: u16) -> Option<&'static str> {
    STATUTORY.get(usize::from(program - 1)).map(|(code, _)| *code)
}

fn program_line(plan: &str, program: u16) -> String {
    Line::default()
        .text(plan)
        .text(&program_code(program))
        .shown(program)
        .text("")
        .text(&Nation::program_name(program))
        .shown(program % 3 + 1)
        .shown(program)
        .text("f")
        .maybe(statutory(program))
        .text("{}")
        .end()
}
