//! How complete a report is: the form of its plan and the periods of its round against its records. The rule stands in
//! `domain::completeness`.

use super::queries::form::{self, FormProgram};
use super::types::{ReportKey, ReportStatus};
use crate::db::Conn;
use crate::domain::completeness::{Asked, AskedIndicator, Column, Completeness as Judged, Said, Whole, cells, judge};
use crate::domain::period::Period;
use crate::error::Error;
use crate::records::queries::Working;
use crate::records::types::Part;
use crate::records::value::MissingReason;
use crate::rounds;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 空欄の理由ごとの、記入欄の数 / answered cells that say why there is nothing, by reason
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingCounts {
    /// 把握していない
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub not_measured: usize,
    /// 該当しない
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub not_applicable: usize,
    /// 実施していない
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub not_implemented: usize,
    /// 報告がない
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub not_reported: usize,
    /// 秘匿
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub suppressed: usize,
}

/// 記入状況。0も、理由のある空欄も、再掲・参照も記入済み。記入のない欄だけが未記入
/// / how complete it is: zero, a reason for a blank, a repost and a reference are answers; emptiness is none
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Completeness {
    /// 記入を求める欄：照会の期間ごとに、その期間に行われる事業の、必須の指標。指標のない事業は記録1つ
    /// / cells asked for: per period of the round and program in force, its required indicators; one record where there are none
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub required: usize,
    /// 記入済みの欄
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub answered: usize,
    /// 記入率（％、切り捨て）。100：すべて記入済み。null：記入を求める欄がない / rounded down; null: nothing is asked for
    #[schema(minimum = 0, maximum = 100)]
    pub percent: Option<usize>,
    /// 未記入の欄
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub unanswered: usize,
    /// 記入済みのうち、理由のある空欄
    pub missing: MissingCounts,
}

impl From<&Judged<'_, MissingReason>> for Completeness {
    fn from(judged: &Judged<'_, MissingReason>) -> Self {
        let of = |reason: MissingReason| judged.missing.get(&reason).copied().unwrap_or(0);
        Self {
            required: judged.required,
            answered: judged.answered,
            percent: judged.percent(),
            unanswered: judged.unanswered.len(),
            missing: MissingCounts {
                not_measured: of(MissingReason::NotMeasured),
                not_applicable: of(MissingReason::NotApplicable),
                not_implemented: of(MissingReason::NotImplemented),
                not_reported: of(MissingReason::NotReported),
                suppressed: of(MissingReason::Suppressed),
            },
        }
    }
}

/// 未記入の欄 / a cell without an answer
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnansweredCell {
    pub part: Part,
    #[schema(max_length = 8, example = "2024")]
    pub period: String,
    #[schema(max_length = 40, example = "21")]
    pub program: String,
    /// 事業の番号（印刷のまま）
    #[schema(max_length = 100)]
    pub program_number: Option<String>,
    #[schema(max_length = 1000)]
    pub program_name: Option<String>,
    /// 指標。null：事業の記録そのものがない / null: the program has no record at all
    pub indicator: Option<UnansweredIndicator>,
}

/// 未記入の指標
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnansweredIndicator {
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub owner: String,
    #[schema(max_length = 40)]
    pub indicator: String,
    /// 様式での表示
    #[schema(max_length = 300)]
    pub label: String,
}

/// 報告の記入状況 / the completeness of a report
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportCompleteness {
    #[schema(max_length = 55)]
    pub plan: String,
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub municipality: String,
    #[schema(max_length = 40)]
    pub round: String,
    pub status: ReportStatus,
    /// この団体の期限。この瞬間から後が遅延 / the first instant that is late
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub due_at: Option<DateTime<Utc>>,
    /// 期限後の提出
    pub late: bool,
    pub completeness: Completeness,
    /// 未記入の欄。様式の順に1,000まで（全部の数は completeness.unanswered） / in the order of the form, the first 1,000
    #[schema(max_items = 1000)]
    pub unanswered_cells: Vec<UnansweredCell>,
}

const SHOWN: usize = 1000;

/// What a round asks every reporter for.
pub struct Form {
    programs: Vec<FormProgram>,
    columns: Vec<Column>,
}

impl Form {
    /// Two statements.
    pub async fn of(conn: &Conn, key: &ReportKey) -> Result<Self, Error> {
        let mut columns = Vec::new();
        for (part, period) in rounds::queries::members::covers(conn, &key.plan, key.round.as_str()).await? {
            columns.push(column(part, &period)?);
        }
        columns.sort_by_key(|column| (column.results, column.period));
        Ok(Self { programs: form::of_plan(conn, &key.plan).await?, columns })
    }

    pub fn covers(&self, part: Part, period: &str) -> bool {
        column(part, period).is_ok_and(|column| self.columns.contains(&column))
    }

    pub fn has_program(&self, code: &str) -> bool {
        self.programs.iter().any(|program| program.code == code)
    }

    fn judge(&self, working: &[Working]) -> Result<Judged<'_, MissingReason>, Error> {
        let asked: Vec<Asked<'_>> = self.programs.iter().map(asked).collect();
        let said = working.iter().map(said).collect::<Result<Vec<_>, Error>>()?;
        Ok(judge(cells(&self.columns, &asked), &said))
    }

    pub fn completeness(&self, working: &[Working]) -> Result<Completeness, Error> {
        Ok(Completeness::from(&self.judge(working)?))
    }

    /// The counts, and the first of the cells without an answer.
    pub fn unanswered(&self, working: &[Working]) -> Result<(Completeness, Vec<UnansweredCell>), Error> {
        let judged = self.judge(working)?;
        let shown = judged.unanswered.iter().take(SHOWN).filter_map(|cell| {
            let program = self.programs.iter().find(|program| program.code == cell.program)?;
            let indicator = cell.indicator.and_then(|(owner, code)| {
                let asked =
                    program.indicators.0.iter().find(|asked| asked.owner == owner && asked.indicator == code)?;
                let (owner, indicator) = (owner.to_owned(), code.to_owned());
                Some(UnansweredIndicator { owner, indicator, label: asked.label.clone() })
            });
            Some(UnansweredCell {
                part: if cell.column.results { Part::Results } else { Part::Targets },
                period: cell.column.period.code(),
                program: program.code.clone(),
                program_number: program.number_label.clone(),
                program_name: program.name.clone(),
                indicator,
            })
        });
        Ok((Completeness::from(&judged), shown.collect()))
    }
}

fn column(part: Part, period: &str) -> Result<Column, Error> {
    let period = Period::parse_canonical(period).map_err(|_| Error::internal(period))?;
    Ok(Column { results: part == Part::Results, period })
}

fn asked(program: &FormProgram) -> Asked<'_> {
    let indicators = program.indicators.0.iter().map(|asked| AskedIndicator {
        indicator: (&asked.owner, &asked.indicator),
        target_required: asked.target_required,
        result_required: asked.result_required,
    });
    Asked {
        program: &program.code,
        started_on: program.started_on.as_deref(),
        started_in: program.started_in,
        ended_after: program.ended_after,
        indicators: indicators.collect(),
    }
}

fn said(record: &Working) -> Result<Said<'_, MissingReason>, Error> {
    let body = &record.body;
    let whole = match body.missing_reason {
        Some(reason) => Whole::Missing(reason),
        None if body.repost_of.is_some() || body.cross_reference.is_some() => Whole::Elsewhere,
        None => Whole::Figures,
    };
    let figures = body.values.iter().filter_map(|value| {
        let of = value.indicator.as_ref()?;
        Some(((of.owner.as_str(), of.indicator.as_str()), value.missing_reason))
    });
    let column = column(record.part, &record.period)?;
    Ok(Said { column, program: &record.program, whole, figures: figures.collect() })
}
