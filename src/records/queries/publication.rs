//! The SQL of a publication: what differs between a report's working records and what is public of it, and the rows that
//! make the difference public.

use super::Working;
use super::published::{NewRow, Row, etag};
use crate::aggregates::queries::facts;
use crate::db::Conn;
use crate::db::columns::JsonText;
use crate::db::condition::InForce;
use crate::db::schema::{program_departments, programs, published_records};
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::Error;
use crate::publications::{Entry, Op, Publication};
use crate::records::types::{Part, record_key_json};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, SmallInt, Text};
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// Key of a record within its report.
type RowKey = (Part, String, String, i16);

fn row_key(working: &Working) -> RowKey {
    (working.part, working.program.clone(), working.period.clone(), working.amendment)
}

/// What a publication of a report changes.
pub struct Difference {
    /// New, or with another content than is public
    changed: Vec<(Working, i16)>,
    /// Public until now and replaced or withdrawn
    ended: Vec<RowKey>,
    /// Of those, the withdrawn
    withdrawn: Vec<RowKey>,
}

impl Difference {
    /// Working records against what is public of the report now. `fiscal_years`: of each period that occurs.
    pub async fn of(
        mut conn: &Conn,
        plan: &PlanCode,
        municipality: Code,
        round: &str,
        working: Vec<Working>,
        fiscal_years: &HashMap<String, i16>,
    ) -> Result<Self, Error> {
        let public: Vec<(Part, String, String, i16, i64)> = published_records::table
            .filter(published_records::plan.eq(plan.as_str()))
            .filter(published_records::municipality.eq(municipality.as_str()))
            .filter(published_records::round.eq(round))
            .filter(InForce)
            .select((
                published_records::part,
                published_records::program,
                published_records::period,
                published_records::amendment,
                published_records::version,
            ))
            .load(&mut conn)
            .await?;
        let mut public: HashMap<RowKey, i64> = public
            .into_iter()
            .map(|(part, program, period, amendment, version)| ((part, program, period, amendment), version))
            .collect();
        let mut difference = Self { changed: Vec::new(), ended: Vec::new(), withdrawn: Vec::new() };
        for record in working {
            let before = public.remove(&row_key(&record));
            // What is kept back may hang together with another record that has changed.
            if before == Some(record.version) && !record.keeps_back {
                continue;
            }
            difference.ended.extend(before.map(|_| row_key(&record)));
            let year = fiscal_years.get(&record.period).copied().unwrap_or(0);
            difference.changed.push((record, year));
        }
        difference.withdrawn.extend(public.into_keys());
        difference.ended.extend(difference.withdrawn.iter().cloned());
        Ok(difference)
    }

    /// The fiscal years whose lists change.
    pub fn fiscal_years(&self, of: &HashMap<String, i16>) -> Vec<i16> {
        let mut years: Vec<i16> = self.changed.iter().map(|(_, year)| *year).collect();
        years.extend(self.withdrawn.iter().map(|(_, _, period, _)| of.get(period).copied().unwrap_or(0)));
        years.sort_unstable();
        years.dedup();
        years
    }

    /// The entries of the change feed.
    pub fn entries(&self, plan: &PlanCode, municipality: Code, edition: i32) -> Vec<Entry> {
        let entry = |op: Op, key: &RowKey, etag: Option<String>| Entry {
            op,
            resource: key.0.resource(),
            key: record_key_json(key.0, plan.as_str(), &key.1, municipality.as_str(), &key.2, key.3),
            plan: Some(plan.clone()),
            prefecture: Some(municipality.prefecture()),
            etag,
        };
        let upserts = self.changed.iter().map(|(record, _)| {
            let key = row_key(record);
            let op = if self.ended.contains(&key) { Op::Correction } else { Op::Upsert };
            entry(op, &key, Some(etag(edition, record.version)))
        });
        upserts.chain(self.withdrawn.iter().map(|key| entry(Op::Delete, key, None))).collect()
    }

    /// Ends what is replaced and makes the new rows public, under the publication's number.
    pub async fn apply(
        self,
        conn: &Conn,
        plan: &PlanCode,
        municipality: Code,
        round: &str,
        edition: i32,
        publication: Publication,
    ) -> Result<(), Error> {
        end(conn, plan, municipality, &self.ended, publication.no).await?;
        let filed = filed_under(conn, plan, self.changed.iter().map(|(record, _)| record.program.as_str())).await?;
        let counts =
            self.changed.iter().flat_map(|(record, _)| &record.body.values).any(|value| value.indicator.is_some());
        let row = |(record, fiscal_year): (Working, i16)| {
            let filed = filed.get(&record.program).cloned().unwrap_or_default();
            let json = |text: serde_json::Result<JsonText>| text.map_err(Error::internal);
            let row = Row {
                part: record.part,
                prefecture: municipality.prefecture().to_string(),
                fiscal_year,
                municipality: record.municipality,
                plan: record.plan,
                program: record.program,
                period: record.period,
                amendment: record.amendment,
                from_no: publication.no,
                round: record.round,
                edition,
                version: record.version,
                published_at: publication.at,
                municipality_name: record.names.municipality,
                program_name: record.names.program,
                program_number: record.names.number,
                texts: json(JsonText::of(&record.body.texts))?,
                no_change_from_last_year: record.body.no_change_from_last_year,
                cross_reference: record.body.cross_reference,
                repost_of: record.body.repost_of,
                missing_reason: record.body.missing_reason,
                reason: record.body.reason,
                amended_on: record.body.amended_on,
                note: record.body.note,
                values: json(JsonText::of(&record.body.values))?,
                evaluations: json(JsonText::of(&record.body.evaluations))?,
                redacted: record.redacted,
            };
            let departments = filed.departments.into_iter().map(Some).collect();
            Ok(NewRow { row, statutory_program: filed.statutory_program, departments })
        };
        let rows = self.changed.into_iter().map(row).collect::<Result<Vec<NewRow>, Error>>()?;
        let mut conn = conn;
        for rows in rows.chunks(1_000) {
            diesel::insert_into(published_records::table).values(rows).execute(&mut conn).await?;
        }
        publish_values(conn, plan, municipality, round, publication.no).await?;
        if counts { facts::publish(conn, plan, municipality, publication.no).await } else { Ok(()) }
    }
}

/// What a program's records are selected by, as at publication.
#[derive(Clone, Default)]
struct FiledUnder {
    statutory_program: Option<String>,
    departments: Vec<String>,
}

/// Of those programs that have any of it. One statement.
async fn filed_under(
    mut conn: &Conn,
    plan: &PlanCode,
    of: impl Iterator<Item = &str>,
) -> Result<HashMap<String, FiledUnder>, Error> {
    let department = program_departments::plan
        .eq(programs::plan)
        .and(program_departments::program.eq(programs::code))
        .and(program_departments::department.is_not_null());
    let rows: Vec<(String, Option<String>, Option<String>)> = programs::table
        .left_join(program_departments::table.on(department))
        .filter(programs::plan.eq(plan.as_str()))
        .filter(programs::code.eq_any(of.collect::<Vec<_>>()))
        .order((programs::code, program_departments::position))
        .select((programs::code, programs::statutory_program, program_departments::department.nullable()))
        .load(&mut conn)
        .await?;
    let mut filed: HashMap<String, FiledUnder> = HashMap::new();
    for (program, statutory_program, department) in rows {
        let under = filed.entry(program).or_default();
        under.statutory_program = statutory_program;
        under.departments.extend(department);
    }
    Ok(filed)
}

/// `to_no` is written here and nowhere else, once a row.
async fn end(mut conn: &Conn, plan: &PlanCode, municipality: Code, keys: &[RowKey], no: i64) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    for (table, period) in
        [("published_records", "period"), ("published_values", "period"), ("published_facts", "record_period")]
    {
        let statement = format!(
            "update {table} t set to_no = $1
             from unnest($2::text[], $3::text[], $4::text[], $5::smallint[]) as k (part, program, period, amendment)
             where t.plan = $6 and t.municipality = $7 and t.to_no = 9223372036854775807
               and t.part = k.part and t.program = k.program and t.{period} = k.period and t.amendment = k.amendment"
        );
        diesel::sql_query(statement)
            .bind::<BigInt, _>(no)
            .bind::<Array<Text>, _>(keys.iter().map(|key| key.0.as_str()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(keys.iter().map(|key| key.1.as_str()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(keys.iter().map(|key| key.2.as_str()).collect::<Vec<_>>())
            .bind::<Array<SmallInt>, _>(keys.iter().map(|key| key.3).collect::<Vec<_>>())
            .bind::<Text, _>(plan.as_str())
            .bind::<Text, _>(municipality.as_str())
            .execute(&mut conn)
            .await?;
    }
    Ok(())
}

/// The figures of the rows just published, one by one: taken from those rows, so that nothing else can become public.
async fn publish_values(
    mut conn: &Conn,
    plan: &PlanCode,
    municipality: Code,
    round: &str,
    no: i64,
) -> Result<(), Error> {
    let statement = "insert into published_values (prefecture, fiscal_year, municipality, plan, program, period, part, amendment, \
             ordinal, from_no, edition, municipality_name, program_name, program_number, statutory_program, departments, item, role, whole, whole_item, label, \
             unit, source, indicator_owner, indicator, missing_reason, value, value_to, rate, text, comparator, approximate, \
             estimate, numerator, denominator, running_total, counted, count_basis, per, own_period, breakdown, department, \
             measured_on, measured_on_text, method, note, same_figure_program, same_figure_ordinal, common_indicator, repost) \
         select p.prefecture, p.fiscal_year, p.municipality, p.plan, p.program, p.period, p.part, p.amendment, \
             v.ordinal, p.from_no, p.edition, p.municipality_name, p.program_name, p.program_number, p.statutory_program, p.departments, v.item, v.role, v.whole, \
             v.whole_item, v.label, v.unit, v.source, v.indicator ->> 'owner', v.indicator ->> 'indicator', v.missing_reason, \
             v.value, v.value_to, v.rate, v.text, v.comparator, v.approximate, v.estimate, v.numerator, v.denominator, \
             v.running_total, v.counted, v.count_basis, v.per, v.period, v.breakdown, v.department, v.measured_on, \
             v.measured_on_text, v.method, v.note, v.same_figure_as ->> 'program', (v.same_figure_as ->> 'ordinal')::smallint, \
             i.common_indicator, p.repost_of is not null \
         from published_records p \
         cross join lateral rows from (json_to_recordset(p.\"values\") as (item text, role text, whole smallint, whole_item text, \
             label text, unit text, source text, indicator jsonb, missing_reason text, value numeric, value_to numeric, \
             rate numeric, text text, comparator text, approximate boolean, estimate boolean, numerator numeric, \
             denominator numeric, running_total numeric, counted text, count_basis text, per text, period text, \
             breakdown jsonb, department text, measured_on text, measured_on_text text, method text, note text, \
             same_figure_as jsonb)) with ordinality as v (item, role, whole, whole_item, label, unit, source, indicator, \
             missing_reason, value, value_to, rate, text, comparator, approximate, estimate, numerator, denominator, \
             running_total, counted, count_basis, per, period, breakdown, department, measured_on, measured_on_text, \
             method, note, same_figure_as, ordinal) \
         left join indicators i on i.owner = v.indicator ->> 'owner' and i.code = v.indicator ->> 'indicator' \
         where p.plan = $1 and p.municipality = $2 and p.round = $3 and p.to_no = 9223372036854775807 and p.from_no = $4";
    diesel::sql_query(statement)
        .bind::<Text, _>(plan.as_str())
        .bind::<Text, _>(municipality.as_str())
        .bind::<Text, _>(round)
        .bind::<BigInt, _>(no)
        .execute(&mut conn)
        .await?;
    Ok(())
}
