//! Rows of figures and evaluations, and their way to and from the wire types.

use super::value::{
    Comparator, Evaluation, Evaluator, IndicatorRef, MissingReason, Per, RecordValue, SameFigure, ValueRole,
};
use crate::db::columns::AsJson;
use crate::db::schema::{published_values, record_evaluations, record_values};
use crate::domain::number::Number;
use crate::indicators::types::CountBasis;
use diesel::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// The columns of a figure are the same in `record_values` and `published_values`: listed once, for the macro named first.
macro_rules! value_columns {
    ($then:ident $($given:tt)*) => {
        $then! {
            [$($given)*]
            item: String,
            role: ValueRole,
            whole: Option<i16>,
            whole_item: Option<String>,
            label: String,
            unit: Option<String>,
            source: String,
            indicator_owner: Option<String>,
            indicator: Option<String>,
            missing_reason: Option<MissingReason>,
            value: Option<Number>,
            value_to: Option<Number>,
            rate: Option<Number>,
            text: Option<String>,
            comparator: Option<Comparator>,
            approximate: bool,
            estimate: bool,
            numerator: Option<Number>,
            denominator: Option<Number>,
            running_total: Option<Number>,
            counted: Option<String>,
            count_basis: CountBasis,
            per: Option<Per>,
            own_period: Option<String>,
            breakdown: AsJson<BTreeMap<String, String>>,
            department: Option<String>,
            measured_on: Option<String>,
            measured_on_text: Option<String>,
            method: Option<String>,
            note: Option<String>,
            same_figure_program: Option<String>,
            same_figure_ordinal: Option<i16>,
        }
    };
}

macro_rules! value_row {
    ([$name:ident $table:ident $($derive:ident)*] $($column:ident: $type:ty,)*) => {
        #[derive(Debug, Queryable, Selectable, $($derive),*)]
        #[diesel(table_name = $table)]
        pub struct $name {
            pub ordinal: i16,
            $($column: $type,)*
        }

        impl From<$name> for RecordValue {
            fn from(row: $name) -> Self {
                Self {
                    item: row.item,
                    role: row.role,
                    whole: row.whole,
                    whole_item: row.whole_item,
                    label: row.label,
                    unit: row.unit,
                    source: row.source,
                    indicator: row
                        .indicator_owner
                        .zip(row.indicator)
                        .map(|(owner, indicator)| IndicatorRef { owner, indicator }),
                    missing_reason: row.missing_reason,
                    value: row.value,
                    value_to: row.value_to,
                    rate: row.rate,
                    text: row.text,
                    comparator: row.comparator,
                    approximate: row.approximate,
                    estimate: row.estimate,
                    numerator: row.numerator,
                    denominator: row.denominator,
                    running_total: row.running_total,
                    counted: row.counted,
                    count_basis: row.count_basis,
                    per: row.per,
                    period: row.own_period,
                    breakdown: row.breakdown.0,
                    department: row.department,
                    measured_on: row.measured_on,
                    measured_on_text: row.measured_on_text,
                    method: row.method,
                    note: row.note,
                    same_figure_as: row
                        .same_figure_program
                        .zip(row.same_figure_ordinal)
                        .map(|(program, ordinal)| SameFigure { program, ordinal }),
                }
            }
        }
    };
}

value_columns!(value_row WorkingValue record_values Serialize);
value_columns!(value_row PublishedValue published_values);

macro_rules! replacing {
    ([] $($column:ident: $type:ty,)*) => {
        concat!(
            ") on conflict (record, ordinal) do update set plan = excluded.plan",
            $(", ", stringify!($column), " = excluded.", stringify!($column)),*
        )
    };
}

/// Ends the insertion of figures that take the place of those with the same ordinal.
pub const REPLACING: &str = value_columns!(replacing);

impl WorkingValue {
    fn new(ordinal: i16, value: RecordValue) -> Self {
        let (indicator_owner, indicator) = value.indicator.map(|i| (i.owner, i.indicator)).unzip();
        let (same_figure_program, same_figure_ordinal) = value.same_figure_as.map(|s| (s.program, s.ordinal)).unzip();
        Self {
            ordinal,
            item: value.item,
            role: value.role,
            whole: value.whole,
            whole_item: value.whole_item,
            label: value.label,
            unit: value.unit,
            source: value.source,
            indicator_owner,
            indicator,
            missing_reason: value.missing_reason,
            value: value.value,
            value_to: value.value_to,
            rate: value.rate,
            text: value.text,
            comparator: value.comparator,
            approximate: value.approximate,
            estimate: value.estimate,
            numerator: value.numerator,
            denominator: value.denominator,
            running_total: value.running_total,
            counted: value.counted,
            count_basis: value.count_basis,
            per: value.per,
            own_period: value.period,
            breakdown: AsJson(value.breakdown),
            department: value.department,
            measured_on: value.measured_on,
            measured_on_text: value.measured_on_text,
            method: value.method,
            note: value.note,
            same_figure_program,
            same_figure_ordinal,
        }
    }
}

/// A figure of one record, to be inserted.
#[derive(Debug, Serialize)]
pub struct NewValue<'a> {
    record: i64,
    plan: &'a str,
    #[serde(flatten)]
    columns: WorkingValue,
}

pub fn new_values<'a>(record: i64, plan: &'a str, values: &'a [RecordValue]) -> impl Iterator<Item = NewValue<'a>> {
    let columns = (1..).zip(values).map(|(ordinal, value)| WorkingValue::new(ordinal, value.clone()));
    columns.map(move |columns| NewValue { record, plan, columns })
}

#[derive(Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = record_evaluations)]
pub struct EvaluationRow {
    pub record: i64,
    position: i16,
    scheme_owner: String,
    scheme: String,
    scheme_fiscal_year: i16,
    level: String,
    evaluator: Evaluator,
    reason: Option<String>,
    against: Option<String>,
}

pub fn new_evaluations(record: i64, evaluations: &[Evaluation]) -> impl Iterator<Item = EvaluationRow> {
    (1..).zip(evaluations.to_vec()).map(move |(position, evaluation)| EvaluationRow {
        record,
        position,
        scheme_owner: evaluation.owner,
        scheme: evaluation.scheme,
        scheme_fiscal_year: evaluation.fiscal_year,
        level: evaluation.level,
        evaluator: evaluation.evaluator,
        reason: evaluation.reason,
        against: evaluation.against,
    })
}

impl From<EvaluationRow> for Evaluation {
    fn from(row: EvaluationRow) -> Self {
        Self {
            owner: row.scheme_owner,
            scheme: row.scheme,
            fiscal_year: row.scheme_fiscal_year,
            level: row.level,
            evaluator: row.evaluator,
            reason: row.reason,
            against: row.against,
        }
    }
}
