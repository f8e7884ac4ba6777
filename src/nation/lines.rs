//! The published rows as lines of COPY in text form, in the order of their keys.

use super::content::{COMMON, Municipality, Nation, When, common_code, own_code, plan_code, program_code};
use super::definitions::{at, statutory};
use crate::db::bulk::Table;
use crate::domain::number::Number;
use crate::records::value::RecordValue;
use serde_json::json;
use std::collections::HashMap;
use std::fmt::{Display, Write};

pub type Lines<'n> = Box<dyn Iterator<Item = String> + Send + 'n>;

/// One line under way.
#[derive(Default)]
pub struct Line(String);

impl Line {
    fn separate(&mut self) {
        if !self.0.is_empty() {
            self.0.push('\t');
        }
    }

    pub fn text(mut self, text: &str) -> Self {
        self.separate();
        for c in text.chars() {
            match c {
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\t' => self.0.push_str("\\t"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// What needs no escape.
    pub fn shown(mut self, value: impl Display) -> Self {
        self.separate();
        // Writing to a string does not fail.
        let _ = write!(self.0, "{value}");
        self
    }

    pub fn maybe(self, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.shown(value),
            None => self.shown("\\N"),
        }
    }

    /// Prefecture, fiscal year, municipality, plan, program and period.
    fn place(self, place: &Place<'_>) -> Self {
        let Place { of, year, program, when } = place;
        self.text(&of.prefecture)
            .shown(year)
            .text(&of.code)
            .text(&plan_code(&of.code))
            .text(&program_code(*program))
            .text(&when.code(*year))
    }

    pub fn number(self, number: Option<Number>) -> Self {
        self.maybe(number.map(Number::decimal))
    }

    pub fn end(mut self) -> String {
        self.0.push('\n');
        self.0
    }
}

/// One record of one reporter.
struct Place<'n> {
    of: &'n Municipality,
    year: i16,
    program: u16,
    when: When,
}

/// By prefecture, year, municipality, program and period.
fn places(nation: &Nation) -> impl Iterator<Item = Place<'_>> + Send {
    nation.municipalities.chunk_by(|a, b| a.prefecture == b.prefecture).flat_map(move |of_one| {
        nation.years.clone().flat_map(move |year| {
            of_one
                .iter()
                .flat_map(move |of| Nation::periods().map(move |(program, when)| Place { of, year, program, when }))
        })
    })
}

fn part(target: bool) -> &'static str {
    if target { "targets" } else { "results" }
}

pub fn records(nation: &Nation) -> Table<'_> {
    let lines = [false, true].into_iter();
    let lines = lines.flat_map(move |target| places(nation).map(move |place| record(nation, &place, target)));
    Table {
        name: "published_records",
        columns: "part, prefecture, fiscal_year, municipality, plan, program, period, amendment, from_no, round, edition, \
                  version, published_at, municipality_name, program_name, program_number, statutory_program, texts, \
                  \"values\", evaluations",
        lines: Box::new(lines),
    }
}

fn record(nation: &Nation, place: &Place<'_>, target: bool) -> String {
    let Place { of, year, program, when } = place;
    let (sentence, value) = nation.record(of, *year, *program, *when, target);
    Line::default()
        .text(part(target))
        .place(place)
        .shown(0)
        .shown(nation.publication(of, *year))
        .shown(year)
        .shown(1)
        .shown(1)
        .text(&at(of, *year))
        .text(&of.name)
        .text(&Nation::program_name(*program))
        .shown(program)
        .maybe(statutory(*program))
        .text(&json!({ "text": sentence }).to_string())
        .text(&json!([value]).to_string())
        .text("[]")
        .end()
}

pub fn values(nation: &Nation) -> Table<'_> {
    let lines = places(nation).flat_map(move |place| [false, true].map(|target| value(nation, &place, target)));
    Table {
        name: "published_values",
        columns: "prefecture, fiscal_year, municipality, plan, program, period, part, amendment, ordinal, from_no, edition, \
                  municipality_name, program_name, program_number, statutory_program, item, role, label, unit, source, \
                  indicator_owner, indicator, missing_reason, value, rate, approximate, estimate, numerator, denominator, \
                  counted, count_basis, breakdown, common_indicator, repost",
        lines: Box::new(lines),
    }
}

fn value(nation: &Nation, place: &Place<'_>, target: bool) -> String {
    let Place { of, year, program, when } = place;
    let (_, figure) = nation.record(of, *year, *program, *when, target);
    let RecordValue { item, role, label, unit, source, missing_reason, value, rate, .. } = figure;
    let RecordValue { indicator, numerator, denominator, counted, count_basis, .. } = figure;
    let common = indicator.as_ref().map(|_| common_code(*program));
    Line::default()
        .place(place)
        .text(part(target))
        .shown(0)
        .shown(1)
        .shown(nation.publication(of, *year))
        .shown(1)
        .text(&of.name)
        .text(&Nation::program_name(*program))
        .shown(program)
        .maybe(statutory(*program))
        .text(&item)
        .text(role.as_str())
        .text(&label)
        .maybe(unit)
        .text(&source)
        .maybe(indicator.as_ref().map(|named| &named.owner))
        .maybe(indicator.as_ref().map(|named| &named.indicator))
        .maybe(missing_reason.map(|reason| reason.as_str()))
        .number(value)
        .number(rate)
        .text("f")
        .text("f")
        .number(numerator)
        .number(denominator)
        .maybe(counted)
        .text(count_basis.as_str())
        .text("{}")
        .maybe(common)
        .text("f")
        .end()
}

/// `meanings`: of each common indicator.
pub fn facts<'n>(nation: &'n Nation, meanings: &'n HashMap<String, String>) -> Table<'n> {
    // By plan, program and period: the order of codes is that of the plans.
    let mut by_plan: Vec<&Municipality> = nation.municipalities.iter().collect();
    by_plan.sort_by(|a, b| a.code.cmp(&b.code));
    let places = by_plan.into_iter().flat_map(move |of| {
        (1..=COMMON).flat_map(move |program| {
            nation
                .years
                .clone()
                .flat_map(move |year| Nation::whens(program).map(move |when| Place { of, year, program, when }))
        })
    });
    let lines = places.flat_map(move |place| [false, true].map(|target| fact(nation, meanings, &place, target)));
    Table {
        name: "published_facts",
        columns: "plan, municipality, program, record_period, part, amendment, ordinal, from_no, prefecture, fiscal_year, \
                  period, indicator_owner, indicator, common_indicator, statutory_program, definition, breakdown, role, \
                  repost, estimate, missing_reason, value, rate, numerator, denominator, unit, count_basis, counted, \
                  approximate",
        lines: Box::new(lines),
    }
}

fn fact(nation: &Nation, meanings: &HashMap<String, String>, place: &Place<'_>, target: bool) -> String {
    let Place { of, year, program, when } = place;
    let (_, figure) = nation.record(of, *year, *program, *when, target);
    let RecordValue { role, unit, missing_reason, value, rate, numerator, denominator, counted, count_basis, .. } =
        figure;
    let (period, common) = (when.code(*year), common_code(*program));
    Line::default()
        .text(&plan_code(&of.code))
        .text(&of.code)
        .text(&program_code(*program))
        .text(&period)
        .text(part(target))
        .shown(0)
        .shown(1)
        .shown(nation.publication(of, *year))
        .text(&of.prefecture)
        .shown(year)
        .text(&period)
        .text(&of.code)
        .text(&own_code(*program))
        .text(&common)
        .maybe(statutory(*program))
        .maybe(meanings.get(&common))
        .text("{}")
        .text(role.as_str())
        .text("f")
        .text("f")
        .maybe(missing_reason.map(|reason| reason.as_str()))
        .number(value)
        .number(rate)
        .number(numerator)
        .number(denominator)
        .maybe(unit)
        .text(count_basis.as_str())
        .maybe(counted)
        .text("f")
        .end()
}
