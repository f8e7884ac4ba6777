//! The report of an import as a table: what was refused stands as it was sent, with what is wrong beside it, so that it can
//! be mended where it is and sent again.

use super::queries::Kept;
use super::types::{ImportRowReport, RowOutcome};
use crate::web::table::{Cell, Column, Table};
use std::collections::HashMap;
use uuid::Uuid;

/// Columns before those that were sent.
const TOLD: [(&str, f64); 8] = [
    ("行", 8.0),
    ("場所", 16.0),
    ("結果", 10.0),
    ("誤り・確認事項", 60.0),
    ("箇所", 20.0),
    ("団体コード", 10.0),
    ("事業コード", 12.0),
    ("期間", 10.0),
];

pub fn of(id: Uuid, rows: &[Kept]) -> Table {
    // In the order in which they were sent first.
    let mut sent: Vec<&str> = Vec::new();
    let mut place: HashMap<&str, usize> = HashMap::new();
    for (column, _) in rows.iter().flat_map(|row| &row.source) {
        place.entry(column).or_insert_with(|| {
            sent.push(column);
            sent.len() - 1
        });
    }
    let told = TOLD.map(|(label, width)| Column::new(label, width));
    let columns = told.into_iter().chain(sent.iter().map(|column| Column::new(*column, 20.0))).collect();
    let width = sent.len();
    let rows = rows.iter().map(|row| {
        let mut given = vec![Cell::Empty; width];
        for (column, text) in &row.source {
            if let Some(cell) = place.get(column.as_str()).and_then(|at| given.get_mut(*at)) {
                *cell = Cell::Text(text.clone());
            }
        }
        beside(&row.report).into_iter().chain(given).collect()
    });
    Table { name: format!("hagukumi-import-{id}"), title: "取込の結果".to_owned(), rows: rows.collect(), columns }
}

fn beside(report: &ImportRowReport) -> Vec<Cell> {
    let outcome = match report.outcome {
        RowOutcome::Created => "新規",
        RowOutcome::Updated => "更新",
        RowOutcome::Unchanged => "変更なし",
        RowOutcome::Rejected => "誤り",
    };
    let found = || {
        let errors = report.errors.iter().map(|finding| ("誤り", finding));
        errors.chain(report.warnings.iter().map(|finding| ("確認", finding)))
    };
    let joined = |lines: Vec<String>| if lines.is_empty() { Cell::Empty } else { Cell::Text(lines.join("\n")) };
    let messages = found().map(|(kind, finding)| format!("【{kind}】{}（{}）", finding.message_ja, finding.code));
    let places = found().map(|(_, finding)| finding.place.clone());
    let key = |name: &str| Cell::from(report.key.get(name).map(String::as_str));
    vec![
        Cell::Number(report.row.into()),
        report.place.as_str().into(),
        outcome.into(),
        joined(messages.collect()),
        joined(places.collect()),
        key("municipality"),
        key("program"),
        key("period"),
    ]
}
