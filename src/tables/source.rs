//! Where a table's content comes from: the published rows and plan of one moment, or the caller's working view.

use super::book;
use super::content::PlanContent;
use super::layout::{Given, Layout, Record};
use super::queries::{self, Wanted};
use super::types::{ReportTable, TableRow};
use crate::auth::Reader;
use crate::clock::jst;
use crate::db::Conn;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use crate::domain::period::Period;
use crate::error::{Code as ErrorCode, Error};
use crate::plans;
use crate::plans::types::View;
use crate::records::queries::published::Published;
use crate::records::queries::{self as records, Working};
use crate::records::types::Part;
use crate::reports;
use crate::reports::queries::Sheet;
use crate::reports::queries::corrections::{Edition, editions};
use crate::reports::types::ReportKey;
use crate::rounds;
use crate::rounds::rules::reports_on;
use crate::rounds::types::{PutRound, RoundKey};
use crate::web::answer;
use crate::web::table::{self, Media, Table};
use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::iter::repeat_n;

/// So many rows a table has at most, and so many records it is made from.
const MOST_ROWS: usize = 20_000;
const MOST_RECORDS: i64 = 100_000;

/// Which table.
pub struct Of<'a> {
    pub plan: &'a PlanCode,
    /// None: all who answer the round
    pub municipality: Option<Code>,
    pub round: RoundKey,
}

/// What a table is made from, public or working.
pub struct Source {
    content: PlanContent,
    round: PutRound,
    records: Vec<Record>,
    members: Vec<(String, String)>,
    /// None: working, or a table of many
    edition: Option<i32>,
    /// None: working
    published_at: Option<DateTime<Utc>>,
    working: bool,
}

impl Source {
    /// As it was at number `no`.
    pub async fn published(
        conn: &Conn,
        of: &Of<'_>,
        round: PutRound,
        edition: Option<Edition>,
        no: i64,
    ) -> Result<Option<Self>, Error> {
        let found = queries::published(conn, &of.wanted(&round), no).await?;
        let in_round = found.iter().filter(|(record, _)| record.round == of.round.round.as_str());
        let (last, at) = in_round
            .fold((None, None), |(last, at), (record, no)| (last.max(Some(*no)), at.max(Some(record.published_at))));
        let last = edition.as_ref().map(|edition| edition.no).or(last).unwrap_or(no);
        let content = match queries::published_content(conn, of.plan, last).await? {
            Some(content) => Some(content),
            // Nothing has been published under the plan yet: as it stands.
            None => queries::working_content(conn, of.plan).await?,
        };
        let Some(content) = content else { return Ok(None) };
        let records: Vec<Record> = found.into_iter().filter_map(|(record, _)| Record::try_from(record).ok()).collect();
        let members = of.members(conn, &round, &records).await?;
        let published_at = edition.as_ref().map(|edition| edition.at).or(at);
        let edition = edition.map(|edition| edition.edition);
        Ok(Some(Self { content, round, records, members, edition, published_at, working: false }))
    }

    pub async fn working(conn: &Conn, reader: &Reader, of: &Of<'_>) -> Result<Option<Self>, Error> {
        let parties = reader.parties().unwrap_or_default();
        if !plans::queries::is_seen(conn, of.plan, &parties).await? {
            return Ok(None);
        }
        let Some((_, round, _)) = rounds::queries::find(conn, &of.round).await? else { return Ok(None) };
        let Some(content) = queries::working_content(conn, of.plan).await? else { return Ok(None) };
        if let Some(municipality) = of.municipality {
            let key = ReportKey { plan: of.plan.clone(), municipality, round: of.round.round.clone() };
            if reports::queries::find(conn, &key, Sheet::Working).await?.is_none() {
                return Ok(None);
            }
        }
        let found = records::working::of_table(conn, &of.wanted(&round), &parties).await?;
        let records: Vec<Record> = found.into_iter().filter_map(|record| Record::try_from(record).ok()).collect();
        let members = of.members(conn, &round, &records).await?;
        Ok(Some(Self { content, round, records, members, edition: None, published_at: None, working: true }))
    }

    pub fn answer(self, of: &Of<'_>, media: Media, bom: bool) -> Result<HttpResponse, Error> {
        let rows = self.content.programs.len() * self.members.len();
        if rows > MOST_ROWS || self.records.len() > usize::try_from(MOST_RECORDS).unwrap_or(usize::MAX) {
            return Err(Error::new(
                ErrorCode::TableTooLarge,
                format!("この表は {MOST_ROWS} 行を超えます。団体ごとの表か /exports を使ってください"),
                format!("The table has more than {MOST_ROWS} rows. Ask for it reporter by reporter, or use /exports"),
            ));
        }
        let source = self.source(of);
        let given = Given {
            owner: of.plan.owner().to_string(),
            content: &self.content,
            covers: pairs(&self.round),
            records: self.records,
            members: self.members,
            is_of_many: of.municipality.is_none(),
        };
        let layout = Layout::new(&given);
        let name = match of.municipality {
            Some(municipality) => format!("table_{}_{municipality}_{}", of.plan, of.round.round),
            None => format!("table_{}_{}", of.plan, of.round.round),
        };
        let title = self.content.printed.get("document").unwrap_or(&self.content.title).clone();
        match media {
            Media::Json => {
                let table = ReportTable {
                    plan: of.plan.to_string(),
                    municipality: of.municipality.map(|code| code.to_string()),
                    round: of.round.round.to_string(),
                    title,
                    source,
                    view: if self.working { View::Working } else { View::Published },
                    edition: self.edition,
                    published_at: self.published_at,
                    heading_labels: layout.heading_labels,
                    columns: layout.columns.iter().map(|column| column.shown()).collect(),
                    rows: layout.rows,
                    counts: layout.counts,
                };
                Ok(answer::list(self.working, &table))
            }
            Media::Xlsx => {
                let bytes = book::write(&layout, &self.content, &title, &source).map_err(Error::internal)?;
                Ok(table::file(&name, media, self.working, bytes))
            }
            _ => {
                let csv = csv(&layout, name, title);
                csv.answer(media, bom, self.working)
            }
        }
    }

    /// 出典: what is shown, in which edition, since when.
    fn source(&self, of: &Of<'_>) -> String {
        let who = match (&of.municipality, self.members.first()) {
            (Some(_), Some((_, name))) if *name != self.content.owner_name => format!("　{name}"),
            _ => String::new(),
        };
        let round =
            self.round.title.clone().or_else(|| only(&self.round)).unwrap_or_else(|| of.round.round.to_string());
        let day = |at: DateTime<Utc>| jst(at).format("%Y年%-m月%-d日").to_string();
        let state = match (self.working, self.edition, self.published_at) {
            (true, ..) => "作業中（未公表の内容を含む）".to_owned(),
            (false, Some(edition), Some(at)) => format!("第{edition}版、{}公表", day(at)),
            (false, None, Some(at)) => format!("{}までの公表", day(at)),
            _ => "公表された報告はまだない".to_owned(),
        };
        format!("出典：{}「{}」{who}　{round}（{state}）", self.content.owner_name, self.content.title)
    }
}

/// One row a program, each with the headings it stands under.
fn csv(layout: &Layout, name: String, title: String) -> Table {
    let labels = layout.columns.iter().map(|column| column.label());
    let columns = layout.heading_labels.iter().cloned().chain(labels);
    let row = |row: &TableRow| {
        let blank = layout.heading_labels.len() - row.headings.len();
        let headings = row.headings.iter().cloned().chain(repeat_n(String::new(), blank));
        headings.chain(layout.printed(row)).map(table::Cell::Text).collect()
    };
    Table {
        name,
        title,
        columns: columns.map(|label| table::Column::new(label, 10.0)).collect(),
        rows: layout.rows.iter().map(row).collect(),
    }
}

/// What a round without a title is about, where it is one thing: 令和6年度の実績.
fn only(round: &PutRound) -> Option<String> {
    let pairs = pairs(round);
    let [(part, period)] = pairs.as_slice() else { return None };
    let what = if *part == Part::Targets { "目標" } else { "実績" };
    Some(format!("{}の{what}", period.label_ja()))
}

fn pairs(round: &PutRound) -> Vec<(Part, Period)> {
    let pairs =
        round.covers.iter().filter_map(|cover| Some((cover.part, Period::parse_canonical(&cover.period).ok()?)));
    let mut pairs: Vec<(Part, Period)> = pairs.collect();
    pairs.sort();
    pairs
}

impl Of<'_> {
    /// The round and, of one report, its edition at number `no`; none: no such table was public then.
    pub async fn find(&self, conn: &Conn, no: i64) -> Result<Option<(PutRound, Option<Edition>)>, Error> {
        let Some((_, round, _)) = rounds::queries::find(conn, &self.round).await? else { return Ok(None) };
        let Some(municipality) = self.municipality else { return Ok(Some((round, None))) };
        let key = ReportKey { plan: self.plan.clone(), municipality, round: self.round.round.clone() };
        let edition = editions(conn, &key).await?.into_iter().rfind(|edition| edition.no <= no);
        Ok(edition.map(|edition| (round, Some(edition))))
    }

    fn wanted<'a>(&'a self, round: &PutRound) -> Wanted<'a> {
        Wanted {
            plan: self.plan,
            municipality: self.municipality.as_ref().map(Code::as_str),
            round: self.round.round.as_str(),
            with_targets: !round.covers.iter().any(|cover| cover.part == Part::Targets),
            most: MOST_RECORDS,
        }
    }

    /// Who is asked, and whoever has answered.
    async fn members(&self, conn: &Conn, round: &PutRound, records: &[Record]) -> Result<Vec<(String, String)>, Error> {
        if let Some(municipality) = self.municipality {
            let known = records.first().map(|record| record.municipality_name.clone());
            let name = match known {
                Some(name) => name,
                None => queries::name(conn, municipality.as_str()).await?,
            };
            return Ok(vec![(municipality.to_string(), name)]);
        }
        let pairs = pairs(round);
        let periods: Vec<Period> = pairs.iter().map(|(_, period)| *period).collect();
        let left_out = |code: &str| round.members.iter().any(|member| member.left_out && member.municipality == code);
        let asked = queries::members(conn, self.plan).await?.into_iter();
        let asked =
            asked.filter(|member| reports_on(&periods, member.from, member.to) && !left_out(&member.municipality));
        let answers = records.iter().filter(|record| pairs.contains(&(record.part, record.period)));
        let answers = answers.map(|record| (record.municipality.clone(), record.municipality_name.clone()));
        // Named as when they answered.
        let all = asked.map(|member| (member.municipality, member.name)).chain(answers);
        Ok(all.collect::<BTreeMap<_, _>>().into_iter().collect())
    }
}

macro_rules! record_from {
    ($of:ty) => {
        impl TryFrom<$of> for Record {
            type Error = Error;

            fn try_from(record: $of) -> Result<Self, Error> {
                Ok(Self {
                    part: record.part,
                    period: Period::parse_canonical(&record.period).map_err(Error::internal)?,
                    program: record.program,
                    municipality: record.municipality,
                    municipality_name: record.names.municipality,
                    amendment: record.amendment,
                    redacted: record.redacted,
                    body: record.body,
                })
            }
        }
    };
}
record_from!(Published);
record_from!(Working);
