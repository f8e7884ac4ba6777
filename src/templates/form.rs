//! What a template shows, whichever its form: for each part and period of the round the programs in force, with what the
//! reporter has written, what it wrote a year before, and the figures it is asked for.

use super::queries::{self, Goal, Head};
use super::rules::{self, Program};
use crate::auth::Caller;
use crate::db::Conn;
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Error};
use crate::evaluation_schemes::rules::Scale;
use crate::plans::types::TextField;
use crate::programs::types::ProgramFilter;
use crate::records::flat::Judged;
use crate::records::queries::last_year::{self, LastYear};
use crate::records::queries::{self as records, Working};
use crate::records::types::{Part, RecordBody};
use crate::records::value::{IndicatorRef, RecordValue};
use crate::reports::types::ReportKey;
use crate::rounds::types::{PutRound, Round, RoundKey};
use crate::web::write::etag;
use crate::{definitions::Definition, plans, programs, rounds};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// So many programs a plan has at most that can be reported on with templates.
const MOST_PROGRAMS: i64 = 5_000;
/// So many rows a template has at most: as many as an import takes.
pub const MOST_ROWS: usize = 50_000;

pub struct Form {
    pub key: ReportKey,
    pub plan: String,
    pub municipality: String,
    pub round: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
    pub version: Option<String>,
    pub fingerprint: String,
    pub text_fields: Vec<TextField>,
    /// The evaluations a result has a column for, and what is known of their schemes
    pub scales: Vec<(Judged, Option<Scale>)>,
    pub sheets: Vec<Sheet>,
}

/// One part and period.
pub struct Sheet {
    pub part: Part,
    pub period: Period,
    pub entries: Vec<Entry>,
}

/// A record, or the cell it will stand in.
pub struct Entry {
    pub program: Arc<Program>,
    pub amendment: i16,
    /// None: there is no record yet
    pub etag: Option<String>,
    pub body: Option<RecordBody>,
    /// Figures the record has not, and is asked for: without content
    pub blanks: Vec<RecordValue>,
    pub last_year: Vec<LastYear>,
    /// Of a result: the goal it is compared with
    pub goal: Option<String>,
}

/// Has the form changed since somebody has got it with this fingerprint? What is no form at all any more, its rows will tell.
pub async fn has_changed(conn: &Conn, caller: &Caller, key: &ReportKey, fingerprint: &str) -> Result<bool, Error> {
    match load(conn, caller, key).await {
        Ok(form) => Ok(form.fingerprint != fingerprint),
        Err(error) if error.is_the_senders() => Ok(false),
        Err(error) => Err(error),
    }
}

/// The same statements for any number of programs.
pub async fn load(conn: &Conn, caller: &Caller, key: &ReportKey) -> Result<Form, Error> {
    let head = queries::head(conn, &key.plan, key.municipality).await?;
    let head = head.ok_or_else(|| plans::queries::missing(&key.plan))?;
    let (round, due_at) = find_round(conn, key, &head).await?;
    let pairs = pairs(&round, head.years.unwrap_or_default());
    let all = programs(conn, caller, key, pairs.len()).await?;
    let existing = records::of_report(conn, &key.plan, key.municipality, key.round.as_str()).await?;
    let before = last_year::of(conn, &key.plan, key.municipality, &pairs).await?;
    let goals = if pairs.iter().any(|(part, _)| *part == Part::Results) {
        queries::goals(conn, &key.plan, key.municipality).await?
    } else {
        Vec::new()
    };
    let scales = super::scales::of(conn, key, &pairs, &existing, &before).await?;
    let fingerprint = rules::fingerprint(&all, &head.text_fields)?;
    let text_fields = rules::text_fields(head.text_fields, existing.iter().map(|record| &record.body));
    let sheets = Filling { existing, before, goals }.sheets(&pairs, &all);
    let rows: usize = sheets.iter().flat_map(|sheet| &sheet.entries).map(Entry::rows).sum();
    if rows > MOST_ROWS {
        return Err(too_large(rows));
    }
    Ok(Form {
        key: key.clone(),
        plan: head.plan,
        municipality: head.municipality,
        round: round.title,
        due_at,
        version: round.form_version,
        fingerprint,
        text_fields,
        scales,
        sheets,
    })
}

/// The round, and until when this reporter answers it.
async fn find_round(conn: &Conn, key: &ReportKey, head: &Head) -> Result<(PutRound, Option<DateTime<Utc>>), Error> {
    if head.years.is_none() {
        return Err(Error::new(
            ErrorCode::PlanNotAReporter,
            format!("{} は計画 {} の報告団体に含まれていません", key.municipality, key.plan),
            format!("{} is no reporter of plan {}", key.municipality, key.plan),
        ));
    }
    let round_key = RoundKey { plan: key.plan.clone(), round: key.round.clone() };
    let found = rounds::queries::find(conn, &round_key).await?;
    let (_, round, _) = found.ok_or_else(|| Round::missing(&round_key))?;
    let member = rounds::queries::members::member(conn, &key.plan, key.round.as_str(), key.municipality).await?;
    if member.left_out {
        return Err(crate::reports::queries::left_out(key.municipality, key.round.as_str()));
    }
    Ok((round, member.due_at))
}

/// What the round covers, as far as the municipality reports on it.
fn pairs(round: &PutRound, (from, to): (Option<i16>, Option<i16>)) -> Vec<(Part, Period)> {
    let reports = |year: i16| from.is_none_or(|from| from <= year) && to.is_none_or(|to| year <= to);
    let mut pairs: Vec<(Part, Period)> = round
        .covers
        .iter()
        .filter_map(|cover| Some((cover.part, Period::parse_canonical(&cover.period).ok()?)))
        .filter(|(_, period)| period.fiscal_year().is_none_or(reports))
        .collect();
    pairs.sort_by_key(|(part, period)| (*part, *period));
    pairs
}

async fn programs(conn: &Conn, caller: &Caller, key: &ReportKey, pairs: usize) -> Result<Vec<Arc<Program>>, Error> {
    let parties: Vec<String> = caller.bodies().map(|body| body.to_string()).collect();
    let filter = ProgramFilter { plan: Some(key.plan.to_string()), ..ProgramFilter::default() };
    let all = programs::queries::page(conn, &parties, &filter, None, MOST_PROGRAMS).await?;
    let least = all.len() * pairs;
    if all.len() > usize::try_from(MOST_PROGRAMS).unwrap_or(usize::MAX) || least > MOST_ROWS {
        return Err(too_large(least));
    }
    let asked = all.iter().flat_map(|program| &program.indicators);
    let asked: Vec<IndicatorRef> =
        asked.map(|asked| IndicatorRef { owner: asked.owner.clone(), indicator: asked.indicator.clone() }).collect();
    let asked = queries::indicators(conn, &asked.iter().collect::<Vec<_>>()).await?;
    let departments = queries::departments(conn, key.plan.owner()).await?;
    let nodes = queries::nodes(conn, &key.plan).await?;
    Ok(all.into_iter().map(|program| Arc::new(Program::new(program, &departments, &nodes, &asked))).collect())
}

fn too_large(rows: usize) -> Error {
    Error::new(
        ErrorCode::TemplateTooLarge,
        format!(
            "この照会の様式は {rows} 行以上になります。様式は事業 {MOST_PROGRAMS} 件・{MOST_ROWS} 行までです。照会を期間ごとに分けてください"
        ),
        format!(
            "The form of this round has {rows} rows or more. A template has at most {MOST_PROGRAMS} programs and {MOST_ROWS} rows: make a round for each period"
        ),
    )
}

/// What the cells are filled with; each is taken out once.
struct Filling {
    existing: Vec<Working>,
    before: Vec<LastYear>,
    goals: Vec<Goal>,
}

impl Filling {
    fn sheets(self, pairs: &[(Part, Period)], programs: &[Arc<Program>]) -> Vec<Sheet> {
        type Cell = (String, Part, String);
        let mut existing: HashMap<Cell, Vec<Working>> = HashMap::new();
        for record in self.existing {
            existing.entry((record.program.clone(), record.part, record.period.clone())).or_default().push(record);
        }
        let mut before: HashMap<Cell, Vec<LastYear>> = HashMap::new();
        for record in self.before {
            before.entry((record.program.clone(), record.part, record.period.code())).or_default().push(record);
        }
        let mut goals: HashMap<String, BTreeMap<Period, Goal>> = HashMap::new();
        for goal in self.goals {
            let Ok(period) = Period::parse_canonical(&goal.period) else { continue };
            let of_program = goals.entry(goal.program.clone()).or_default();
            if of_program.get(&period).is_none_or(|known| known.amendment < goal.amendment) {
                of_program.insert(period, goal);
            }
        }
        let entries = |(part, period): (Part, Period)| {
            let of_program = |program: &Arc<Program>| {
                let cell = (program.code.clone(), part, period.code());
                let records = existing.remove(&cell).unwrap_or_default();
                let last_year = before.remove(&cell).unwrap_or_default();
                // What was written stays to be seen, though its program has ended.
                if records.is_empty() && !program.is_in_force(period) {
                    return Vec::new();
                }
                let goal = (part == Part::Results).then(|| goals.get(&program.code)).flatten();
                let goal = goal.and_then(|goals| rules::compared(goals, period));
                entries(program, part, records, last_year, goal)
            };
            programs.iter().flat_map(of_program).collect()
        };
        let mut entries = entries;
        pairs.iter().map(|&pair| Sheet { part: pair.0, period: pair.1, entries: entries(pair) }).collect()
    }
}

/// The original first, then its changed goals; where there is nothing yet, the cell of the original.
fn entries(
    program: &Arc<Program>,
    part: Part,
    records: Vec<Working>,
    last_year: Vec<LastYear>,
    goal: Option<String>,
) -> Vec<Entry> {
    let entry = |amendment, record: Option<Working>, last_year: Vec<LastYear>| {
        let (etag, body) = record.map(|record| (etag(record.version), record.body)).unzip();
        // A changed goal changes what it wants to; the original answers the form.
        let asked = if amendment == 0 { program.asked(part) } else { Vec::new() };
        let blanks = rules::blanks(body.as_ref(), &last_year, asked);
        Entry { program: program.clone(), amendment, etag, body, blanks, last_year, goal: goal.clone() }
    };
    let mut all: Vec<Entry> = Vec::new();
    let mut last_year = Some(last_year);
    if records.iter().all(|record| record.amendment > 0) {
        all.push(entry(0, None, last_year.take().unwrap_or_default()));
    }
    for record in records {
        all.push(entry(record.amendment, Some(record), last_year.take().unwrap_or_default()));
    }
    all
}

impl Entry {
    /// How many rows it takes.
    pub fn rows(&self) -> usize {
        (self.body.as_ref().map_or(0, |body| body.values.len()) + self.blanks.len()).max(1)
    }
}
