//! The SQL of facts: written with the figures they are, and ended with them.

use crate::db::Conn;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

/// The facts among the figures that this publication has made public.
pub async fn publish(mut conn: &Conn, plan: &PlanCode, municipality: Code, no: i64) -> Result<(), Error> {
    // As the key of published_values begins; each indicator's meaning is hashed once, not once a figure.
    let statement = "with figures as materialized ( \
             select * from published_values v \
             where v.plan = $1 and v.municipality = $2 and v.prefecture = $3 and v.from_no = $4 \
               and v.to_no = 9223372036854775807 and v.indicator is not null), \
         meanings as ( \
             select indicator_owner, indicator, common_indicator, \
                 app_definition(indicator_owner, indicator, common_indicator) as definition \
             from figures group by 1, 2, 3) \
         insert into published_facts (plan, municipality, program, record_period, part, amendment, ordinal, from_no, \
             prefecture, fiscal_year, period, indicator_owner, indicator, common_indicator, statutory_program, definition, \
             area, breakdown, role, whole, whole_item, same_figure_program, same_figure_ordinal, repost, estimate, \
             missing_reason, value, value_to, rate, numerator, denominator, text, unit, count_basis, counted, per, \
             comparator, approximate, measured_on) \
         select v.plan, v.municipality, v.program, v.period, v.part, v.amendment, v.ordinal, v.from_no, v.prefecture, \
             v.fiscal_year, coalesce(v.own_period, v.period), v.indicator_owner, v.indicator, \
             case v.indicator_owner when '000000' then v.indicator else v.common_indicator end, \
             p.statutory_program, m.definition, p.area, v.breakdown, v.role, v.whole, v.whole_item, \
             v.same_figure_program, v.same_figure_ordinal, v.repost, v.estimate, v.missing_reason, v.value, v.value_to, \
             v.rate, v.numerator, v.denominator, v.text, v.unit, v.count_basis, v.counted, v.per, v.comparator, \
             v.approximate, v.measured_on \
         from figures v \
         join meanings m on (m.indicator_owner, m.indicator) = (v.indicator_owner, v.indicator) \
             and m.common_indicator is not distinct from v.common_indicator \
         join programs p on p.plan = v.plan and p.code = v.program";
    diesel::sql_query(statement)
        .bind::<Text, _>(plan.as_str())
        .bind::<Text, _>(municipality.as_str())
        .bind::<Text, _>(municipality.prefecture().to_string())
        .bind::<BigInt, _>(no)
        .execute(&mut conn)
        .await?;
    Ok(())
}
