//! Corrections 正誤表: what each edition of a report after the first has changed, field by field, with the reason. Read
//! from the published rows themselves, so it says what was public and what is.

use super::difference::{Difference, differences};
use super::queries::corrections::{Edition, Version};
use super::types::{Report, ReportKey};
use crate::clock::jst;
use crate::domain::period::Period;
use crate::plans::types::TextField;
use crate::records::queries::published::Published;
use crate::records::types::Part;
use crate::web::params::Filter;
use crate::web::table::{Cell, Column, Table};
use crate::words;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// So many records that a later edition has touched are looked at.
pub const MOST: i64 = 20_000;
/// So many lines are shown.
const LINES: usize = 20_000;

words! {
    /// 記録がどう変わったか：changed 変更、added 追加、removed 削除
    pub enum CorrectionChange {
        Changed = "changed",
        Added = "added",
        Removed = "removed",
    }
}

/// 正誤表の1行 / one corrected field
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// 訂正した版
    #[schema(minimum = 2, maximum = 2_147_483_647)]
    pub edition: i32,
    /// 訂正した版の公表時刻
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub published_at: DateTime<Utc>,
    /// その前の版の公表時刻
    #[serde(serialize_with = "crate::clock::wire::serialize")]
    pub previous_published_at: DateTime<Utc>,
    /// 訂正の理由
    #[schema(max_length = 4000)]
    pub reason: Option<String>,
    pub part: Part,
    #[schema(max_length = 40, example = "4")]
    pub program: String,
    /// 事業の番号（印刷のまま）
    #[schema(max_length = 100)]
    pub program_number: Option<String>,
    #[schema(max_length = 1000)]
    pub program_name: Option<String>,
    #[schema(max_length = 8, example = "2022")]
    pub period: String,
    #[schema(max_length = 40)]
    pub period_label_ja: String,
    /// 0：当初の目標、または実績。1から：変更目標
    #[schema(minimum = 0, maximum = 99)]
    pub amendment: i16,
    pub change: CorrectionChange,
    /// 記録の中の項目。消えたものは訂正前の、ほかは訂正後の記録の / the field, in the new record, of what is gone in the old
    #[schema(max_length = 200, example = "/values/0/value")]
    pub pointer: String,
    /// 項目の名前
    #[schema(max_length = 700, example = "利用人数：数値")]
    pub item: String,
    /// 誤（訂正前）。null：なかった
    #[schema(max_length = 20_000)]
    pub old: Option<String>,
    /// 正（訂正後）。null：なくなった
    #[schema(max_length = 20_000)]
    pub new: Option<String>,
}

/// 正誤表 / the corrections of a report
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportCorrections {
    #[schema(max_length = 55)]
    pub plan: String,
    /// 報告し、訂正した団体 / who reported, and corrected
    #[schema(pattern = "^[0-9]{6}$", max_length = 6)]
    pub municipality: String,
    #[schema(max_length = 40)]
    pub round: String,
    /// 今の版。1まで：訂正はない
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub edition: i32,
    /// 新しい版から、事業・期間の順 / the latest edition first, then by program and period
    #[schema(max_items = 20_000)]
    pub corrections: Vec<Correction>,
    /// 行が多すぎて、古い版の途中で切れている / older ones are left out: there are more than 20,000
    pub truncated: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CorrectionFilter {
    /// この版での訂正だけ / those of this edition only
    #[param(minimum = 2, maximum = 2_147_483_647, example = 2)]
    pub edition: Option<i32>,
    /// CSVの先頭にBOMを付ける（Excelで開くとき） / a BOM before the CSV, for Excel
    #[param(example = true)]
    pub bom: Option<bool>,
}

impl Filter for CorrectionFilter {
    fn check(&mut self) -> Result<(), crate::error::Error> {
        match self.edition {
            Some(..2) => Err(crate::web::params::unreadable(
                "edition",
                "訂正した版は2からです",
                "the first corrected edition is 2",
            )),
            _ => Ok(()),
        }
    }
}

/// What is told one by one: a record, by its key.
type Place = (String, Option<Period>, Part, i16);

fn place(record: &Published) -> Place {
    (record.program.clone(), Period::parse_canonical(&record.period).ok(), record.part, record.amendment)
}

impl ReportCorrections {
    /// `versions`: those that began or ended after the first edition.
    pub fn new(
        key: &ReportKey,
        report: &Report,
        editions: &[Edition],
        versions: &[Version],
        fields: &[TextField],
        only: Option<i32>,
    ) -> Self {
        let mut corrections = Vec::new();
        for pair in editions.windows(2).rev() {
            let [before, edition] = pair else { continue };
            if only.is_some_and(|only| only != edition.edition) {
                continue;
            }
            // Old and new state of each record this edition has touched.
            let mut touched: BTreeMap<Place, (Option<&Published>, Option<&Published>)> = BTreeMap::new();
            for version in versions {
                if version.to_no == edition.no {
                    touched.entry(place(&version.record)).or_default().0 = Some(&version.record);
                }
                if version.from_no == edition.no {
                    touched.entry(place(&version.record)).or_default().1 = Some(&version.record);
                }
            }
            for (old, new) in touched.into_values() {
                let found = differences(old.map(|old| &old.body), new.map(|new| &new.body), fields);
                corrections.extend(found.into_iter().filter_map(|found| line(before, edition, old, new, found)));
            }
        }
        let most = usize::try_from(MOST).unwrap_or(LINES);
        let truncated = corrections.len() > LINES || versions.len() >= most;
        corrections.truncate(LINES);
        Self {
            plan: key.plan.to_string(),
            municipality: key.municipality.to_string(),
            round: key.round.to_string(),
            edition: report.edition,
            corrections,
            truncated,
        }
    }

    /// As it is printed.
    pub fn table(&self) -> Table {
        let columns = [
            ("版", 4.0),
            ("公表日時（訂正後）", 11.0),
            ("公表日時（訂正前）", 11.0),
            ("団体コード", 8.0),
            ("区分", 6.0),
            ("番号", 6.0),
            ("事業名", 16.0),
            ("期間", 11.0),
            ("変更", 6.0),
            ("項目", 15.0),
            ("誤", 28.0),
            ("正", 28.0),
            ("訂正の理由", 22.0),
        ];
        let minute = |at: DateTime<Utc>| jst(at).format("%Y-%m-%d %H:%M").to_string();
        let row = |line: &Correction| -> Vec<Cell> {
            let part = match (line.part, line.amendment) {
                (Part::Results, _) => "実績".to_owned(),
                (Part::Targets, 0) => "目標".to_owned(),
                (Part::Targets, number) => format!("変更目標{number}"),
            };
            let change = match line.change {
                CorrectionChange::Changed => "変更",
                CorrectionChange::Added => "追加",
                CorrectionChange::Removed => "削除",
            };
            vec![
                Cell::Number(line.edition.into()),
                minute(line.published_at).into(),
                minute(line.previous_published_at).into(),
                self.municipality.clone().into(),
                part.into(),
                line.program_number.clone().unwrap_or_else(|| line.program.clone()).into(),
                line.program_name.clone().into(),
                line.period_label_ja.clone().into(),
                change.into(),
                line.item.clone().into(),
                line.old.clone().into(),
                line.new.clone().into(),
                line.reason.clone().into(),
            ]
        };
        Table {
            name: format!("corrections_{}_{}_{}", self.plan, self.municipality, self.round),
            title: "正誤表".to_owned(),
            columns: columns.into_iter().map(|(label, width)| Column::new(label, width)).collect(),
            rows: self.corrections.iter().map(row).collect(),
        }
    }
}

fn line(
    before: &Edition,
    edition: &Edition,
    old: Option<&Published>,
    new: Option<&Published>,
    found: Difference,
) -> Option<Correction> {
    let record = new.or(old)?;
    let change = match (old, new) {
        (None, _) => CorrectionChange::Added,
        (_, None) => CorrectionChange::Removed,
        _ => CorrectionChange::Changed,
    };
    let period = Period::parse_canonical(&record.period).map(|period| period.label_ja());
    Some(Correction {
        edition: edition.edition,
        published_at: edition.at,
        previous_published_at: before.at,
        reason: edition.reason.clone(),
        part: record.part,
        program: record.program.clone(),
        program_number: record.names.number.clone(),
        program_name: record.names.program.clone(),
        period: record.period.clone(),
        period_label_ja: period.unwrap_or_default(),
        amendment: record.amendment,
        change,
        pointer: found.pointer,
        item: found.item,
        old: found.old,
        new: found.new,
    })
}
