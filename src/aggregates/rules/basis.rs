//! What two figures must have in common to be added: the unit, 延べ or 実, and whom they count.

use crate::domain::unit;
use crate::indicators::types::CountBasis;
use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Basis {
    /// Canonical; none: a figure without a number
    pub unit: Option<String>,
    pub count_basis: CountBasis,
    pub counted: Option<String>,
}

impl Basis {
    /// A goal says less of whom it counts than its result: 受講者 is compared with what says nothing.
    pub fn compares_with(&self, other: &Self) -> bool {
        let counted = match (&self.counted, &other.counted) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        self.unit == other.unit && self.count_basis == other.count_basis && counted
    }

    /// 受講者（延べ）
    pub fn label_ja(&self) -> String {
        let basis = match self.count_basis {
            CountBasis::Cumulative => "延べ",
            CountBasis::Actual => "実",
            CountBasis::Unstated => "明記なし",
        };
        format!("{}（{basis}）", self.counted.as_deref().unwrap_or("対象の明記なし"))
    }

    pub fn label_en(&self) -> String {
        format!("{} ({})", self.counted.as_deref().unwrap_or("nobody in particular"), self.count_basis.as_str())
    }
}

/// Canonical units of many figures: each spelling is looked up once.
#[derive(Default)]
pub struct Units(HashMap<String, String>);

impl Units {
    pub fn canonical(&mut self, printed: &str) -> String {
        if let Some(known) = self.0.get(printed) {
            return known.clone();
        }
        let found = unit::canonical(printed).map_or_else(|| printed.trim().to_owned(), str::to_owned);
        self.0.insert(printed.to_owned(), found.clone());
        found
    }
}
