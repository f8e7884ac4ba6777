//! Every list has an end, pages without a gap or a repeat, and takes no parameter it does not know.

use super::table::{Guard, guard};
use super::world::{CITY, SCOPES, more, world};
use super::{Operation, operations};
use crate::given::{token_of, walk};
use crate::harness::Server;

fn lists() -> Vec<Operation> {
    let lists: Vec<Operation> = operations().into_iter().filter(Operation::is_list).collect();
    assert!(lists.len() >= 15, "the lists have lost their limit");
    lists
}

/// The address of each list, the working view beside the public one, with the token it needs.
fn addresses(server: &Server) -> Vec<(Operation, String, Option<String>)> {
    let mut all = Vec::new();
    for operation in lists() {
        let mut address = SCOPES[0].address(&operation);
        let token = matches!(guard(&operation.id), Guard::Auditor | Guard::Insider | Guard::Importer)
            .then(|| token_of(server, CITY));
        // The 1,741 would be as many pages.
        if operation.id == "list_municipalities" {
            address += "prefecture=360007";
        }
        if guard(&operation.id) == Guard::WorkingList {
            let working = format!("{address}&view=working").replace("?&", "?");
            all.push((
                lists().into_iter().find(|other| other.id == operation.id).unwrap(),
                working,
                Some(token_of(server, CITY)),
            ));
        }
        all.push((operation, address, token));
    }
    all
}

fn call(server: &Server, address: &str, token: Option<&String>) -> crate::harness::Call {
    let call = server.get(address);
    if let Some(token) = token { call.token(token) } else { call }
}

#[actix_web::test]
async fn pages_of_one_are_the_whole_list() {
    let server = world().await;
    more(&server).await;
    for (operation, address, token) in addresses(&server) {
        let whole = call(&server, &address, token.as_ref()).expect(200).await;
        assert_eq!(whole.json["resultset"]["limit"], 100, "{}: the default", operation.id);
        assert_eq!(
            whole.json["resultset"]["next"],
            serde_json::Value::Null,
            "{}: more than this walk is made for",
            operation.id
        );
        // Each city reports for itself and sees what is its own.
        let least = if matches!(operation.id.as_str(), "list_plan_reporters" | "list_departments") { 1 } else { 2 };
        assert!(whole.results().len() >= least, "{address} has {} entries, too few to page", whole.results().len());
        let by_ones = walk(&server, &format!("{address}&limit=1").replace("?&", "?"), token.as_deref()).await;
        assert_eq!(&by_ones, whole.results(), "{address}");
        let most = call(&server, &format!("{address}&limit=1000").replace("?&", "?"), token.as_ref()).expect(200).await;
        assert_eq!(most.results(), whole.results(), "{address}");
    }
}

#[actix_web::test]
async fn a_wrong_parameter_is_told_and_never_ignored() {
    let server = world().await;
    more(&server).await;
    for (operation, address, token) in addresses(&server) {
        let first = call(&server, &format!("{address}&limit=1").replace("?&", "?"), token.as_ref()).expect(200).await;
        let cursor = first.json["resultset"]["next"].as_str().unwrap_or("AAAA").to_owned();
        let tampered = format!("{}{}", if cursor.starts_with('A') { "B" } else { "A" }, &cursor[1..]);
        let name = if operation.id == "list_changes" { "after" } else { "cursor" };
        let mut wrong = vec![
            ("limit=0".to_owned(), "request.parameter"),
            ("limit=1001".to_owned(), "request.parameter"),
            ("limit=-1".to_owned(), "request.parameter"),
            ("limit=abc".to_owned(), "request.parameter"),
            ("limit=99999999999999999999".to_owned(), "request.parameter"),
            ("limit=".to_owned(), "request.parameter"),
            ("limit=2&limit=2".to_owned(), "request.repeated_parameter"),
            ("limti=2".to_owned(), "request.unknown_parameter"),
            (format!("{name}={tampered}"), "request.cursor"),
            (format!("{name}="), "request.cursor"),
            (format!("{name}={}", "A".repeat(2000)), "request.cursor"),
        ];
        if let Some(filter) =
            SCOPES[0].filter(&operation).filter(|filter| !address.contains(filter.split('=').next().unwrap()))
        {
            wrong.push((format!("{filter}&{name}={cursor}"), "request.cursor"));
        }
        for (query, code) in wrong {
            let asked = format!("{address}&{query}").replace("?&", "?");
            let refused = call(&server, &asked, token.as_ref()).send().await;
            assert_eq!((refused.status, refused.code()), (400, code), "{asked}");
        }
    }
}
