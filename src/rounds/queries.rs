pub mod members;

use super::rules;
use super::types::{PutRound, Round, RoundCover, RoundFilter, RoundKey, RoundMember};
use crate::clock::wire;
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{periods, reports, round_covers, round_members, rounds};
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::error::{self, Error};
use crate::journal;
use crate::plans;
use crate::records::types::Part;
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Jsonb, Text};
use diesel_async::RunQueryDsl;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = rounds, treat_none_as_null = true)]
struct Row {
    plan: String,
    code: String,
    title: Option<String>,
    due_at: Option<DateTime<Utc>>,
    form_version: Option<String>,
    is_default: bool,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

impl Row {
    /// Whatever is written by a PUT is no default round any more.
    fn new(key: &RoundKey, body: &PutRound) -> Self {
        Self {
            plan: key.plan.to_string(),
            code: key.round.to_string(),
            title: body.title.clone(),
            due_at: body.due_at.as_deref().and_then(rules::due),
            form_version: body.form_version.clone(),
            is_default: false,
            version: 1,
        }
    }

    fn into_body(self, (covers, members): Parts) -> PutRound {
        PutRound {
            title: self.title,
            due_at: self.due_at.map(wire::text),
            form_version: self.form_version,
            covers,
            members,
        }
    }
}

impl Definition for Round {
    type Key = RoundKey;
    type Body = PutRound;
    const RESOURCE: &'static str = "round";

    fn missing(key: &RoundKey) -> Error {
        let (plan, round) = (&key.plan, &key.round);
        Error::not_found(format_args!("計画 {plan} の照会 {round}"), format_args!("round {round} of plan {plan}"))
    }

    fn owner(key: &RoundKey) -> Option<Code> {
        Some(key.plan.owner())
    }

    fn plan(key: &RoundKey) -> Option<&PlanCode> {
        Some(&key.plan)
    }

    async fn find(conn: &Conn, key: &RoundKey) -> Result<Option<(PutRound, i64)>, Error> {
        Ok(find(conn, key).await?.map(|(_, body, version)| (body, version)))
    }

    /// What was reported in a round stays in it.
    async fn check(conn: &Conn, key: &RoundKey, before: Option<&PutRound>, body: &PutRound) -> Result<(), Error> {
        let removed = before.is_some_and(|before| before.covers.iter().any(|cover| !body.covers.contains(cover)));
        if removed && has_reports(conn, key).await? {
            return Err(Error::at(
                "/covers",
                error::Code::ResourceInUse,
                "この照会にはすでに報告があるため、扱う部と期間を外せません",
                "the round has reports, so it keeps the parts and periods it covers",
            ));
        }
        Ok(())
    }

    async fn insert(mut conn: &Conn, key: &RoundKey, body: &PutRound, version: i64) -> Result<bool, Error> {
        let inserted = diesel::insert_into(rounds::table)
            .values((Row::new(key, body), rounds::version.eq(version)))
            .on_conflict((rounds::plan, rounds::code))
            .do_nothing()
            .execute(&mut conn)
            .await?;
        if inserted == 1 {
            insert_parts(conn, key, body).await?;
        }
        Ok(inserted == 1)
    }

    async fn update(mut conn: &Conn, key: &RoundKey, body: &PutRound, version: i64) -> Result<bool, Error> {
        let (plan, code) = (key.plan.as_str(), key.round.as_str());
        let row = rounds::table.find((plan, code)).filter(rounds::version.eq(version));
        let updated =
            diesel::update(row).set((Row::new(key, body), rounds::version.eq(version + 1))).execute(&mut conn).await?;
        if updated == 1 {
            let covers = round_covers::table.filter(round_covers::plan.eq(plan)).filter(round_covers::round.eq(code));
            diesel::delete(covers).execute(&mut conn).await?;
            let members =
                round_members::table.filter(round_members::plan.eq(plan)).filter(round_members::round.eq(code));
            diesel::delete(members).execute(&mut conn).await?;
            insert_parts(conn, key, body).await?;
        }
        Ok(updated == 1)
    }

    async fn delete(mut conn: &Conn, key: &RoundKey, version: i64) -> Result<bool, Error> {
        let row = rounds::table.find((key.plan.as_str(), key.round.as_str())).filter(rounds::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }
}

/// Whether it is a default round, its body and version: in one statement, hence from one moment, so that no ETag stands
/// on the halves of two versions.
pub async fn find(mut conn: &Conn, key: &RoundKey) -> Result<Option<(bool, PutRound, i64)>, Error> {
    let covers = sql::<Jsonb>(
        "coalesce((select jsonb_agg(jsonb_build_object('part', c.part, 'period', c.period))
            from round_covers c where c.plan = rounds.plan and c.round = rounds.code), '[]')",
    );
    let members = sql::<Jsonb>(
        "coalesce((select jsonb_agg(jsonb_build_object(
                'municipality', m.municipality, 'left_out', m.left_out, 'due_at', m.due_at) order by m.municipality)
            from round_members m where m.plan = rounds.plan and m.round = rounds.code), '[]')",
    );
    type Whole = (Row, AsJson<Vec<RoundCover>>, AsJson<Vec<RoundMember>>);
    let found: Option<Whole> = rounds::table
        .find((key.plan.as_str(), key.round.as_str()))
        .select((Row::as_select(), covers, members))
        .first(&mut conn)
        .await
        .optional()?;
    Ok(found.map(|(row, AsJson(mut covers), AsJson(mut members))| {
        // In the order of the body, and times as the API writes them.
        covers.sort();
        for member in &mut members {
            member.due_at = member.due_at.take().and_then(|due| rules::due(&due)).map(wire::text);
        }
        let (is_default, version) = (row.is_default, row.version);
        (is_default, row.into_body((covers, members)), version)
    }))
}

async fn insert_parts(mut conn: &Conn, key: &RoundKey, body: &PutRound) -> Result<(), Error> {
    let covers: Vec<_> = body
        .covers
        .iter()
        .map(|cover| {
            (
                round_covers::plan.eq(key.plan.as_str()),
                round_covers::part.eq(cover.part),
                round_covers::period.eq(&cover.period),
                round_covers::round.eq(key.round.as_str()),
            )
        })
        .collect();
    diesel::insert_into(round_covers::table).values(&covers).execute(&mut conn).await?;
    let members: Vec<_> = body
        .members
        .iter()
        .map(|member| {
            (
                round_members::plan.eq(key.plan.as_str()),
                round_members::round.eq(key.round.as_str()),
                round_members::municipality.eq(&member.municipality),
                round_members::left_out.eq(member.left_out),
                round_members::due_at.eq(member.due_at.as_deref().and_then(rules::due)),
            )
        })
        .collect();
    diesel::insert_into(round_members::table).values(&members).execute(&mut conn).await?;
    Ok(())
}

type Parts = (Vec<RoundCover>, Vec<RoundMember>);

/// What each of a plan's rounds covers, and its members with something of their own, in order.
async fn parts_of(mut conn: &Conn, plan: &str, codes: &[&str]) -> Result<HashMap<String, Parts>, Error> {
    let covers: Vec<(String, Part, String)> = round_covers::table
        .filter(round_covers::plan.eq(plan))
        .filter(round_covers::round.eq_any(codes))
        .select((round_covers::round, round_covers::part, round_covers::period))
        .load(&mut conn)
        .await?;
    let members: Vec<(String, String, bool, Option<DateTime<Utc>>)> = round_members::table
        .filter(round_members::plan.eq(plan))
        .filter(round_members::round.eq_any(codes))
        .order((round_members::round, round_members::municipality))
        .select((round_members::round, round_members::municipality, round_members::left_out, round_members::due_at))
        .load(&mut conn)
        .await?;
    let mut found: HashMap<String, Parts> = HashMap::new();
    for (round, part, period) in covers {
        found.entry(round).or_default().0.push(RoundCover { part, period });
    }
    for (round, municipality, left_out, due_at) in members {
        let member = RoundMember { municipality, left_out, due_at: due_at.map(wire::text) };
        found.entry(round).or_default().1.push(member);
    }
    // In the order of the body, which is not that of the database (results come before targets there).
    for (covers, _) in found.values_mut() {
        covers.sort();
    }
    Ok(found)
}

/// One page and one more of a plan's rounds, by code, if the parties see the plan.
pub async fn page(
    mut conn: &Conn,
    parties: &[String],
    filter: &RoundFilter,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<Round>, Error> {
    let mut query = rounds::table
        .filter(rounds::plan.eq(&filter.plan))
        .filter(rounds::plan.eq_any(plans::queries::seen(parties)))
        .order(rounds::code)
        .limit(limit + 1)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(rounds::code.gt(after));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let mut parts = parts_of(conn, &filter.plan, &codes).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let parts = parts.remove(&row.code).unwrap_or_default();
            Round::new(row.plan.clone(), row.code.clone(), row.is_default, row.into_body(parts))
        })
        .collect())
}

/// A first record that is being written holds the round by its report's foreign key: waits for it, and keeps others out.
async fn has_reports(mut conn: &Conn, key: &RoundKey) -> Result<bool, Error> {
    let round = rounds::table.find((key.plan.as_str(), key.round.as_str())).select(rounds::version);
    round.for_update().first::<i64>(&mut conn).await.optional()?;
    let reports =
        reports::table.filter(reports::plan.eq(key.plan.as_str())).filter(reports::round.eq(key.round.as_str()));
    Ok(diesel::select(exists(reports)).get_result(&mut conn).await?)
}

/// The version of a round that was made by a first record and not yet edited; none: it is the owner's.
pub async fn default_version(mut conn: &Conn, key: &RoundKey) -> Result<Option<i64>, Error> {
    let found = rounds::table.find((key.plan.as_str(), key.round.as_str())).filter(rounds::is_default);
    Ok(found.select(rounds::version).first(&mut conn).await.optional()?)
}

/// Has anybody else handed in a report of the round? The caller may not see theirs, so the database is asked for the
/// answer alone.
pub async fn others_handed_in(mut conn: &Conn, key: &RoundKey, municipality: Code) -> Result<bool, Error> {
    let others = diesel::dsl::sql::<Bool>("app_others_handed_in(")
        .bind::<Text, _>(key.plan.as_str())
        .sql(", ")
        .bind::<Text, _>(key.round.as_str())
        .sql(", ")
        .bind::<Text, _>(municipality.as_str())
        .sql(")");
    Ok(diesel::select(others).get_result(&mut conn).await?)
}

/// The round a part and period belong to. If none covers them, a default round is made for them; of two that make it
/// at once both go on with the same. Ask first whether the caller is a reporter of the plan: row-level security stops
/// anybody else from making one, as a fault of ours and without a text.
pub async fn round_for(mut conn: &Conn, plan: &PlanCode, part: Part, period: &str) -> Result<RoundFor, Error> {
    for _ in 0..3 {
        if let Some(code) = covering(conn, plan, part, period).await? {
            return Ok(RoundFor { code, made: None });
        }
        let code = default_code(conn, plan, part, period).await?;
        // The owner may have had a round of this code before: no ETag of that one comes back.
        let version = journal::next_version(conn, Round::RESOURCE, json!({ "plan": plan, "round": code })).await?;
        let default = (rounds::is_default.eq(true), rounds::version.eq(version));
        let inserted = diesel::insert_into(rounds::table)
            .values((rounds::plan.eq(plan.as_str()), rounds::code.eq(&code), default))
            .on_conflict((rounds::plan, rounds::code))
            .do_nothing()
            .execute(&mut conn)
            .await?;
        let ours = rounds::table.find((plan.as_str(), &code)).select(rounds::is_default);
        if inserted == 0 && !ours.first::<bool>(&mut conn).await.optional()?.unwrap_or(false) {
            // The owner took the code for a round of its own within this instant.
            continue;
        }
        let covered = diesel::insert_into(round_covers::table)
            .values((
                round_covers::plan.eq(plan.as_str()),
                round_covers::part.eq(part),
                round_covers::period.eq(period),
                round_covers::round.eq(&code),
            ))
            .on_conflict((round_covers::plan, round_covers::part, round_covers::period))
            .do_nothing()
            .execute(&mut conn)
            .await?;
        if covered == 1 {
            return Ok(RoundFor { code, made: (inserted == 1).then_some(version) });
        }
    }
    Err(Error::contended())
}

async fn covering(mut conn: &Conn, plan: &PlanCode, part: Part, period: &str) -> Result<Option<String>, Error> {
    let cover = round_covers::table.find((plan.as_str(), part, period)).select(round_covers::round);
    Ok(cover.first(&mut conn).await.optional()?)
}

/// The round a record belongs to.
pub struct RoundFor {
    pub code: String,
    /// A default round, made just now: its version
    pub made: Option<i64>,
}

/// `2024-results`; where the owner has given that code to a round that covers something else, `2024-results.2`, ….
async fn default_code(mut conn: &Conn, plan: &PlanCode, part: Part, period: &str) -> Result<String, Error> {
    let first = format!("{period}-{}", part.as_str());
    let taken: BTreeSet<String> = rounds::table
        .filter(rounds::plan.eq(plan.as_str()))
        .filter(rounds::code.eq(&first).or(rounds::code.like(format!("{first}.%"))))
        .filter(rounds::is_default.eq(false))
        .select(rounds::code)
        .load(&mut conn)
        .await?
        .into_iter()
        .collect();
    let mut codes = std::iter::once(first.clone()).chain((2..).map(|number: u32| format!("{first}.{number}")));
    codes.find(|code| !taken.contains(code)).ok_or_else(|| Error::internal("no code for a default round"))
}

pub fn unknown(plan: &PlanCode, round: &str) -> Error {
    Error::at(
        "/round",
        error::Code::RoundUnknown,
        format!("計画 {plan} に照会 {round} はありません"),
        format!("plan {plan} has no round {round}"),
    )
}

/// The fiscal year of every period the round covers (0: the baseline).
pub async fn fiscal_years(mut conn: &Conn, plan: &PlanCode, round: &str) -> Result<HashMap<String, i16>, Error> {
    let rows: Vec<(String, i16)> = round_covers::table
        .inner_join(periods::table.on(periods::code.eq(round_covers::period)))
        .filter(round_covers::plan.eq(plan.as_str()))
        .filter(round_covers::round.eq(round))
        .select((periods::code, periods::fiscal_year))
        .load(&mut conn)
        .await?;
    Ok(rows.into_iter().collect())
}
