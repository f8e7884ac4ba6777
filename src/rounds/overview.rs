//! How far a round is 概況: every reporter it asks, what has come from it, and whom to phone. The plan's owner sees all
//! of them; a reporter only itself. A draft is told to have begun and no more: its content is its reporter's alone.

use super::queries::members::{Begun, Standing};
use super::types::{PutRound, RoundKey};
use crate::clock::jst;
use crate::domain::period::Period;
use crate::domain::status::Status;
use crate::error::Error;
use crate::records::filter::statuses;
use crate::reports::completeness::{Completeness, MissingCounts};
use crate::reports::receipt::due;
use crate::reports::types::ReportStatus;
use crate::web::params::Filter;
use crate::web::table::{Cell, Column, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// 一つの報告団体の状況 / how far one reporter is
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundStanding {
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, example = "131016")]
    pub municipality: String,
    #[schema(max_length = 100)]
    pub name: String,
    /// 計画の報告団体としての区分
    #[schema(max_length = 100)]
    pub member_group: Option<String>,
    /// この照会の対象外
    pub left_out: bool,
    /// この団体の期限。この瞬間から後が遅延。null：期限なし / the first instant that is late
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub due_at: Option<DateTime<Utc>>,
    /// 報告の状態。null：まだ書き始めていない / null: not begun
    pub status: Option<ReportStatus>,
    /// まだ回答がない：対象外でなく、一度も公表されておらず、今も提出されていない（書き始めていない・作成中・差戻し）
    /// / asked, and nothing handed in: not begun, a first draft, or returned
    pub not_answered: bool,
    /// まだ回答がなく、期限を過ぎている / not answered, and due
    pub overdue: bool,
    /// 最後の提出が期限後だった / its latest submission was late
    pub late: bool,
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub submitted_at: Option<DateTime<Utc>>,
    /// 公表された版の数
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub edition: i32,
    /// 提出されたときの記入状況（その時の様式による）。提出されている間だけ。作成中のものは報告の …/completeness で、報告団体が見る
    /// / as it was handed in, by the form as it was then; only while it is handed in
    pub completeness: Option<Completeness>,
    /// 未確認の確認事項の数。内容を見られるときだけ / open warnings, for those who see the content
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub open_warnings: Option<i64>,
}

/// 見られる報告団体の全体（status・not_answered で絞る前）の数 / of all reporters the caller sees, before any filter
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundTotals {
    /// 対象の団体（対象外を除く） / asked
    #[schema(minimum = 0, maximum = 3000)]
    pub asked: usize,
    #[schema(minimum = 0, maximum = 3000)]
    pub left_out: usize,
    /// 以下は対象の団体のうち / of those asked
    #[schema(minimum = 0, maximum = 3000)]
    pub not_begun: usize,
    #[schema(minimum = 0, maximum = 3000)]
    pub draft: usize,
    #[schema(minimum = 0, maximum = 3000)]
    pub submitted: usize,
    #[schema(minimum = 0, maximum = 3000)]
    pub returned: usize,
    #[schema(minimum = 0, maximum = 3000)]
    pub approved: usize,
    #[schema(minimum = 0, maximum = 3000)]
    pub published: usize,
    /// まだ回答がない
    #[schema(minimum = 0, maximum = 3000)]
    pub not_answered: usize,
    /// まだ回答がなく、期限を過ぎている
    #[schema(minimum = 0, maximum = 3000)]
    pub overdue: usize,
    /// 期限後に提出した
    #[schema(minimum = 0, maximum = 3000)]
    pub late: usize,
}

/// 照会の概況 / the overview of a round
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundOverview {
    #[schema(max_length = 55)]
    pub plan: String,
    #[schema(max_length = 40)]
    pub round: String,
    #[schema(max_length = 300)]
    pub title: Option<String>,
    /// 照会の期限
    #[serde(serialize_with = "crate::clock::wire::option::serialize")]
    pub due_at: Option<DateTime<Utc>>,
    /// いつの状況か / when it was like this
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub at: DateTime<Utc>,
    pub totals: RoundTotals,
    /// 団体コード順。全国の団体でも一度に返す / by code; whole, the nation's too
    #[schema(max_items = 3000)]
    pub members: Vec<RoundStanding>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OverviewFilter {
    /// 報告の状態（「,」区切り） / statuses, comma-separated
    #[param(
        pattern = "^(draft|submitted|returned|approved|published)(,(draft|submitted|returned|approved|published)){0,4}$",
        max_length = 60,
        example = "published,draft"
    )]
    pub status: Option<String>,
    /// true：まだ回答のない団体だけ。false：回答のあった団体と対象外の団体だけ / only those who have not answered (false: the others)
    #[param(example = false)]
    pub not_answered: Option<bool>,
    /// CSVの先頭にBOMを付ける（Excelで開くとき） / a BOM before the CSV, for Excel
    #[param(example = true)]
    pub bom: Option<bool>,
    #[serde(skip)]
    #[param(ignore)]
    pub statuses: Option<Vec<String>>,
}

impl Filter for OverviewFilter {
    fn check(&mut self) -> Result<(), Error> {
        self.statuses = self.status.as_deref().map(statuses).transpose()?;
        Ok(())
    }
}

impl OverviewFilter {
    fn takes(&self, standing: &RoundStanding) -> bool {
        let status = |statuses: &Vec<String>| {
            standing.status.is_some_and(|status| statuses.iter().any(|word| word == status.as_str()))
        };
        self.statuses.as_ref().is_none_or(status)
            && self.not_answered.is_none_or(|wanted| standing.not_answered == wanted)
    }
}

/// `open_warnings`: by reporter, of the reports whose content the caller sees.
pub fn overview(
    key: &RoundKey,
    round: &PutRound,
    standings: Vec<Standing>,
    open_warnings: &HashMap<String, i64>,
    filter: &OverviewFilter,
    now: DateTime<Utc>,
) -> RoundOverview {
    let due_at = round.due_at.as_deref().and_then(super::rules::due);
    let periods: Vec<Period> =
        round.covers.iter().filter_map(|cover| Period::parse_canonical(&cover.period).ok()).collect();
    let mut totals = RoundTotals::default();
    let mut members = Vec::new();
    for standing in standings {
        if standing.report.is_none() && !super::rules::reports_on(&periods, standing.from, standing.to) {
            continue;
        }
        let warnings = open_warnings.get(&standing.municipality).copied();
        let standing = stand(standing, due_at, warnings, now);
        totals.count(&standing);
        if filter.takes(&standing) {
            members.push(standing);
        }
    }
    RoundOverview {
        plan: key.plan.to_string(),
        round: key.round.to_string(),
        title: round.title.clone(),
        due_at,
        at: now,
        totals,
        members,
    }
}

fn stand(
    standing: Standing,
    due_at: Option<DateTime<Utc>>,
    open_warnings: Option<i64>,
    now: DateTime<Utc>,
) -> RoundStanding {
    let (left_out, own_due_at) = standing.own.unwrap_or((false, None));
    let due_at = own_due_at.or(due_at).filter(|_| !left_out);
    let report = standing.report;
    let status = report.as_ref().map(|report| report.status);
    let is_open = |status: ReportStatus| Status::from(status).is_open();
    let edition = report.as_ref().map_or(0, |report| report.edition);
    let not_answered = !left_out && edition == 0 && status.is_none_or(is_open);
    let handed_in = report.as_ref().filter(|report| !is_open(report.status));
    let counts = |report: &Begun| report.handed_in.as_ref().map(|kept| kept.0.completeness.clone());
    RoundStanding {
        municipality: standing.municipality,
        name: standing.name,
        member_group: standing.member_group,
        left_out,
        due_at,
        status,
        not_answered,
        overdue: not_answered && due_at.is_some_and(|due| now >= due),
        late: report.as_ref().is_some_and(|report| report.late),
        submitted_at: report.as_ref().and_then(|report| report.submitted_at),
        edition,
        completeness: handed_in.and_then(counts),
        open_warnings: handed_in.map(|_| open_warnings.unwrap_or(0)),
    }
}

impl RoundTotals {
    fn count(&mut self, standing: &RoundStanding) {
        if standing.left_out {
            self.left_out += 1;
            return;
        }
        self.asked += 1;
        self.not_answered += usize::from(standing.not_answered);
        self.overdue += usize::from(standing.overdue);
        self.late += usize::from(standing.late);
        *match standing.status {
            None => &mut self.not_begun,
            Some(ReportStatus::Draft) => &mut self.draft,
            Some(ReportStatus::Submitted) => &mut self.submitted,
            Some(ReportStatus::Returned) => &mut self.returned,
            Some(ReportStatus::Approved) => &mut self.approved,
            Some(ReportStatus::Published) => &mut self.published,
        } += 1;
    }
}

impl RoundOverview {
    /// Whom to phone, on paper.
    pub fn table(&self) -> Table {
        let columns = [
            ("団体コード", 10.0),
            ("団体名", 16.0),
            ("区分", 10.0),
            ("状態", 11.0),
            ("未回答", 8.0),
            ("期限", 22.0),
            ("期限超過", 9.0),
            ("遅延", 7.0),
            ("提出日時", 17.0),
            ("版", 5.0),
            ("記入率％", 9.0),
            ("必要", 7.0),
            ("記入済み", 9.0),
            ("未記入", 7.0),
            ("理由のある空欄", 9.0),
            ("確認事項", 10.0),
        ];
        let number = |count: Option<usize>| count.map_or(Cell::Empty, |count| Cell::Number(count.into()));
        let yes = |yes: bool| if yes { Cell::from("○") } else { Cell::Empty };
        let row = |standing: &RoundStanding| -> Vec<Cell> {
            let status = match standing.status {
                _ if standing.left_out => "対象外",
                Some(status) => Status::from(status).label_ja(),
                None => "未着手",
            };
            let complete = standing.completeness.as_ref();
            let missing = complete.map(|complete| {
                let MissingCounts { not_measured, not_applicable, not_implemented, not_reported, suppressed } =
                    complete.missing;
                not_measured + not_applicable + not_implemented + not_reported + suppressed
            });
            vec![
                standing.municipality.clone().into(),
                standing.name.clone().into(),
                standing.member_group.clone().into(),
                status.into(),
                yes(standing.not_answered),
                standing.due_at.map(due).into(),
                yes(standing.overdue),
                yes(standing.late),
                standing.submitted_at.map(|at| jst(at).format("%Y-%m-%d %H:%M").to_string()).into(),
                Cell::Number(standing.edition.into()),
                number(complete.and_then(|complete| complete.percent)),
                number(complete.map(|complete| complete.required)),
                number(complete.map(|complete| complete.answered)),
                number(complete.map(|complete| complete.unanswered)),
                number(missing),
                standing.open_warnings.map_or(Cell::Empty, |count| Cell::Number(count.into())),
            ]
        };
        Table {
            name: format!("overview_{}_{}", self.plan, self.round),
            title: self.title.clone().unwrap_or_else(|| format!("照会 {} の概況", self.round)),
            columns: columns.into_iter().map(|(label, width)| Column::new(label, width)).collect(),
            rows: self.members.iter().map(row).collect(),
        }
    }
}
