//! A plan as its sheets are printed, at a publication or now.

use crate::plans::types::{ColumnLabel, TextField};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// Cells as printed, by the name of the field they stand for.
pub type Printed = BTreeMap<String, String>;

/// What `app_plan_content` gives.
#[derive(Clone, Debug, Deserialize)]
pub struct PlanContent {
    pub title: String,
    pub document_label: Option<String>,
    pub owner_name: String,
    pub column_labels: Vec<ColumnLabel>,
    pub text_fields: Vec<TextField>,
    pub printed: Printed,
    /// In printed order
    pub nodes: Vec<PlanNode>,
    /// In printed order
    pub programs: Vec<PlanProgram>,
    /// The owner's scales
    pub schemes: Vec<PlanScheme>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PlanNode {
    pub code: String,
    pub number_label: Option<String>,
    pub title: String,
    pub parent: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PlanProgram {
    pub code: String,
    pub number_label: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub node: Option<String>,
    /// Name of the ward
    pub area: Option<String>,
    pub priority: bool,
    pub target_group: Option<String>,
    pub legal_basis: Option<String>,
    pub started_on: Option<String>,
    pub started_in: Option<i16>,
    pub ended_after: Option<i16>,
    pub printed: Printed,
    pub departments: Vec<PlanDepartment>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PlanDepartment {
    pub name: Option<String>,
    pub printed_text: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PlanScheme {
    pub scheme: String,
    pub fiscal_year: i16,
    pub title: String,
    pub legend: Option<String>,
    pub levels: Vec<PlanLevel>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PlanLevel {
    pub code: String,
    pub label: Option<String>,
    pub matrix_row: Option<String>,
    pub matrix_column: Option<String>,
}

impl PlanNode {
    /// As it stands over its programs.
    pub fn heading(&self) -> String {
        match &self.number_label {
            Some(number) => format!("{number}　{}", self.title),
            None => self.title.clone(),
        }
    }
}

impl PlanContent {
    /// The nodes above a program, the outermost first. A tree that is none (it was changed meanwhile) ends somewhere.
    pub fn path<'a>(&'a self, of: &PlanProgram) -> Vec<&'a PlanNode> {
        let by_code: HashMap<&str, &PlanNode> = self.nodes.iter().map(|node| (node.code.as_str(), node)).collect();
        let mut path = Vec::new();
        let mut next = of.node.as_deref().and_then(|code| by_code.get(code));
        while let Some(node) = next.filter(|_| path.len() < self.nodes.len()) {
            path.push(*node);
            next = node.parent.as_deref().and_then(|code| by_code.get(code));
        }
        path.reverse();
        path
    }

    pub fn scheme(&self, code: &str, fiscal_year: i16) -> Option<&PlanScheme> {
        self.schemes.iter().find(|scheme| scheme.scheme == code && scheme.fiscal_year == fiscal_year)
    }
}
