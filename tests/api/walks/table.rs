//! Who may do what: one line an operation.

use super::operations;
use crate::house_rules::source::sources;
use Guard::{
    Actor, Administrator, Auditor, Definition, Importer, Insider, Owner, Parties, Party, Public, Reporter, WorkingList,
};
use hagukumi::auth::jwt::Role;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Guard {
    /// Anybody, with or without a token
    Public,
    /// Anybody; the working view of it who acts for a body, in a draft plan who owns or reports on it
    Definition,
    /// Anybody; the working view who acts for its reporter or its plan's owner
    Party,
    /// Anybody; the working view who acts for a body
    WorkingList,
    /// The editor of the owner
    Owner,
    /// The reporter
    Reporter,
    /// The reporter, or the reviewer of the plan's owner
    Actor,
    /// The reporter or the plan's owner, in any role
    Parties,
    Administrator,
    /// The reporter of some body; of which, the rows say
    Importer,
    /// Who acts for a body
    Insider,
    /// An approver or reviewer, the administrator
    Auditor,
}

impl Guard {
    /// The type in the handler's signature that keeps it.
    fn extractor(self) -> Option<&'static str> {
        match self {
            Public => None,
            Definition | WorkingList => Some("Reader"),
            Party => Some("PartyReader"),
            Owner => Some("OwnerEditor"),
            Reporter => Some("Reporter"),
            Actor => Some("ReportActor"),
            Parties => Some("ReportParty"),
            Administrator => Some("Administrator"),
            Importer => Some("Importer"),
            Insider => Some("Insider"),
            Auditor => Some("Auditor"),
        }
    }

    /// May this role of this body write, or read the trail?
    pub fn allows(self, role: Role, body: &str, owner: &str, reporter: &str) -> bool {
        let reports = body == reporter && matches!(role, Role::MunicipalEditor | Role::MunicipalApprover);
        match self {
            Public | Definition | Party | WorkingList => true,
            Owner if owner == "000000" => role == Role::Administrator,
            Owner if is_prefecture(owner) => body == owner && role == Role::PrefectureEditor,
            Owner => body == owner && role == Role::MunicipalApprover,
            Reporter => reports,
            Actor if is_prefecture(owner) => reports || body == owner && role == Role::PrefectureReviewer,
            Actor => reports || body == owner && role == Role::MunicipalApprover,
            Parties => acts(role, body) && [owner, reporter].contains(&body),
            Administrator => role == Role::Administrator,
            Importer if is_prefecture(body) => role == Role::PrefectureEditor,
            Importer => matches!(role, Role::MunicipalEditor | Role::MunicipalApprover),
            Insider => acts(role, body),
            Auditor => match role {
                Role::Administrator => true,
                Role::MunicipalApprover => !is_prefecture(body),
                Role::PrefectureReviewer => is_prefecture(body),
                _ => false,
            },
        }
    }
}

pub fn is_prefecture(body: &str) -> bool {
    &body[2..5] == "000"
}

/// Does the role count for the body?
pub fn acts(role: Role, body: &str) -> bool {
    match role {
        Role::Administrator => false,
        Role::MunicipalEditor | Role::MunicipalApprover => !is_prefecture(body),
        _ => is_prefecture(body),
    }
}

const TABLE: &[(&str, Guard)] = &[
    ("list_municipalities", Public),
    ("get_municipality", Public),
    ("put_municipality", Administrator),
    ("list_prefectures", Public),
    ("get_prefecture", Public),
    ("list_programs", WorkingList),
    ("get_program", Definition),
    ("put_program", Owner),
    ("delete_program", Owner),
    ("list_statutory_programs", Public),
    ("list_targets", WorkingList),
    ("get_target", Party),
    ("put_target", Reporter),
    ("delete_target", Reporter),
    ("get_amendment", Party),
    ("put_amendment", Reporter),
    ("delete_amendment", Reporter),
    ("list_results", WorkingList),
    ("get_result", Party),
    ("put_result", Reporter),
    ("delete_result", Reporter),
    ("list_values", Public),
    ("get_aggregates", Public),
    ("list_plans", WorkingList),
    ("get_plan", Definition),
    ("put_plan", Owner),
    ("delete_plan", Owner),
    ("create_plan_successor", Owner),
    ("list_plan_reporters", WorkingList),
    ("get_plan_reporter", Definition),
    ("put_plan_reporter", Owner),
    ("delete_plan_reporter", Owner),
    ("list_departments", Public),
    ("get_department", Public),
    ("put_department", Owner),
    ("delete_department", Owner),
    ("list_nodes", WorkingList),
    ("get_node", Definition),
    ("put_node", Owner),
    ("delete_node", Owner),
    ("list_indicators", Public),
    ("get_indicator", Public),
    ("put_indicator", Owner),
    ("delete_indicator", Owner),
    ("list_units", Public),
    ("list_evaluation_schemes", Public),
    ("get_evaluation_scheme", Public),
    ("put_evaluation_scheme", Owner),
    ("delete_evaluation_scheme", Owner),
    ("list_rounds", WorkingList),
    ("get_round", Definition),
    ("get_round_comparison", Public),
    ("get_round_overview", Insider),
    ("put_round", Owner),
    ("delete_round", Owner),
    ("create_round_successor", Owner),
    ("list_reports", WorkingList),
    ("get_report", Party),
    ("put_report", Reporter),
    ("create_transition", Actor),
    ("create_transitions", Insider),
    ("get_report_completeness", Parties),
    ("get_report_receipt", Parties),
    ("get_report_corrections", Public),
    ("get_report_table", Party),
    ("get_round_table", Definition),
    ("get_template", Reporter),
    ("list_warnings", Insider),
    ("get_warning", Insider),
    ("put_warning", Reporter),
    ("delete_warning", Reporter),
    ("create_import", Importer),
    ("list_imports", Importer),
    ("get_import", Importer),
    ("list_import_rows", Importer),
    ("list_changes", Public),
    ("get_change_head", Public),
    ("create_redaction", Administrator),
    ("get_export", Public),
    ("get_export_package", Public),
    ("list_audit_entries", Auditor),
    ("get_problem", Public),
    ("create_token", Public),
    ("get_jwks", Public),
    ("get_live", Public),
    ("get_ready", Public),
];

pub fn guard(id: &str) -> Guard {
    let line = TABLE.iter().find(|line| line.0 == id);
    line.unwrap_or_else(|| panic!("who may do {id}? Add its line to TABLE in tests/api/walks/table.rs")).1
}

#[test]
fn every_operation_has_its_line_and_every_line_its_operation() {
    let document: BTreeSet<String> = operations().into_iter().map(|operation| operation.id).collect();
    let table: BTreeSet<String> = TABLE.iter().map(|line| line.0.to_owned()).collect();
    assert_eq!(table.len(), TABLE.len(), "an operation has two lines");
    let missing: Vec<_> = document.difference(&table).collect();
    assert!(missing.is_empty(), "who may do {missing:?}? Add their lines to TABLE in tests/api/walks/table.rs");
    let gone: Vec<_> = table.difference(&document).collect();
    assert!(gone.is_empty(), "in TABLE of tests/api/walks/table.rs, but no operation: {gone:?}");
}

/// What the document tells of tokens is what the table tells.
#[test]
fn the_document_asks_for_a_token_where_one_is_needed() {
    for operation in operations() {
        let (guard, id) = (guard(&operation.id), &operation.id);
        let open = matches!(guard, Public | Definition | Party | WorkingList);
        assert_eq!(operation.secured, !open, "{id}: its `security` in the document, and {guard:?} in the table");
        let views = matches!(guard, Definition | Party | WorkingList);
        assert_eq!(operation.has_view(), views, "{id}: its parameter `view`, and {guard:?} in the table");
    }
}

/// The first lock is a type in the signature: no handler is without the one that the table says.
#[test]
fn every_handler_names_who_may_call_it() {
    let extractors = [
        "Reader",
        "PartyReader",
        "OwnerEditor",
        "Reporter",
        "ReportActor",
        "ReportParty",
        "Administrator",
        "Importer",
        "Insider",
        "Auditor",
    ];
    let text: String =
        sources("src").iter().filter(|source| source.slice() != "auth").map(|s| s.text.clone()).collect();
    let mut seen = 0;
    for operation in operations() {
        let Some(at) = text.find(&format!("async fn {}(", operation.id)) else { continue };
        let signature = text[at..].split("->").next().unwrap();
        let types: BTreeSet<&str> = signature.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let named: Vec<&str> = extractors.into_iter().filter(|name| types.contains(name)).collect();
        let expected: Vec<&str> = guard(&operation.id).extractor().into_iter().collect();
        assert_eq!(named, expected, "{}: the extractor in its signature, and its line in the table", operation.id);
        seen += 1;
    }
    assert!(seen > 50, "the handlers have moved");
}
