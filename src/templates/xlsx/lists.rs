//! Words a cell is chosen from, as people read them.

use crate::evaluation_schemes::types::{Level, LevelDefinition};
use crate::records::value::{Evaluator, MissingReason};
use crate::templates::form::Form;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Missing,
    Yes,
    /// Of the scheme at this place
    Levels(usize),
}

const YES: &str = "はい";
/// A level's meaning in a drop-down is not longer.
const MOST: usize = 40;

impl List {
    pub fn entries(self, form: &Form) -> Vec<String> {
        match self {
            Self::Missing => MissingReason::ALL.map(|reason| reason.label_ja().to_owned()).to_vec(),
            Self::Yes => vec![YES.to_owned()],
            Self::Levels(index) => {
                let scale = form.scales.get(index).and_then(|(_, scale)| scale.as_ref());
                scale.map(|scale| scale.levels.iter().map(level).collect()).unwrap_or_default()
            }
        }
    }

    /// The entry that stands for the word of the record; one that is not in the list stays as it is.
    pub fn shown(self, form: &Form, word: &str) -> String {
        let found = match self {
            Self::Missing => {
                let reason = MissingReason::ALL.into_iter().find(|reason| reason.as_str() == word);
                reason.map(|reason| reason.label_ja().to_owned())
            }
            Self::Yes => (word == "true").then(|| YES.to_owned()),
            Self::Levels(index) => {
                let scale = form.scales.get(index).and_then(|(_, scale)| scale.as_ref());
                scale.and_then(|scale| scale.levels.iter().find(|level| level.code == word)).map(level)
            }
        };
        found.unwrap_or_else(|| word.to_owned())
    }
}

/// Which list a column outside the visible ones is chosen from.
pub fn of_column(name: &str) -> Option<List> {
    match name {
        "missing_reason" | "values.missing_reason" => Some(List::Missing),
        "values.approximate" | "values.estimate" => Some(List::Yes),
        _ => None,
    }
}

/// 「B 一部着手」, 「C（定義なし）」: the code first, by which it is read back.
fn level(level: &Level) -> String {
    let meaning = match (&level.label, &level.matrix_row, &level.matrix_column) {
        (Some(label), ..) => label.clone(),
        (None, Some(row), Some(column)) => format!("{row}／{column}"),
        _ => String::new(),
    };
    let meaning = meaning.split_whitespace().collect::<Vec<_>>().join(" ");
    let code = &level.code;
    match (level.definition, meaning.is_empty()) {
        (LevelDefinition::Lost, true) => format!("{code}（定義なし）"),
        (_, true) => code.clone(),
        _ if meaning.chars().count() > MOST => format!("{code} {}…", meaning.chars().take(MOST).collect::<String>()),
        _ => format!("{code} {meaning}"),
    }
}

pub fn evaluator(evaluator: Evaluator) -> &'static str {
    match evaluator {
        Evaluator::Own => "",
        Evaluator::Committee => "（会議体）",
        Evaluator::External => "（外部）",
    }
}
