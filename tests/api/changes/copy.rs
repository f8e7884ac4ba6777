//! A copy of what is public: pulled whole by the lists, or kept by the feed.

use crate::given::walk;
use crate::harness::Server;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Address → content.
pub type Copy = BTreeMap<String, Value>;

/// List, and where a GET finds each of its entries.
const LISTS: [(&str, &str); 11] = [
    ("/departments", "departments/{municipality}/{code}"),
    ("/plans", "plans/{code}"),
    ("/programs", "programs/{plan}/{code}"),
    ("/indicators", "indicators/{owner}/{code}"),
    ("/evaluation_schemes", "evaluation_schemes/{owner}/{code}/{fiscal_year}"),
    ("/reports", "reports/{plan}/{municipality}/{round}"),
    ("/targets", "targets/{plan}/{program}/{municipality}/{period}"),
    ("/results", "results/{plan}/{program}/{municipality}/{period}"),
    ("/municipalities", "municipalities/{code}"),
    ("/municipalities?kind=ward", "municipalities/{code}"),
    ("/prefectures", "municipalities/{code}"),
];
/// As above, of one plan.
const OF_A_PLAN: [(&str, &str); 3] = [
    ("/plans/{plan}/reporters", "plans/{plan}/reporters/{municipality}"),
    ("/nodes?plan={plan}", "nodes/{plan}/{code}"),
    ("/rounds?plan={plan}", "rounds/{plan}/{code}"),
];

fn address(template: &str, entry: &Value) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => entry[name].as_str().map_or_else(|| entry[name].to_string(), str::to_owned),
        None => part.to_owned(),
    };
    let address = format!("/api/v1/{}", template.split('/').map(part).collect::<Vec<_>>().join("/"));
    match entry["amendment"].as_i64() {
        Some(number) if number > 0 => format!("{address}/amendments/{number}"),
        _ => address,
    }
}

async fn pull(server: &Server, list: &str, template: &str, into: &mut Copy) {
    let list = format!("{list}{}limit=1000", if list.contains('?') { '&' } else { '?' });
    for entry in walk(server, &list, None).await {
        assert!(into.insert(address(template, &entry), entry).is_none(), "{list} has one twice");
    }
}

/// Everything, by the lists.
pub async fn full(server: &Server) -> Copy {
    let mut copy = Copy::new();
    for (list, template) in LISTS {
        pull(server, list, template, &mut copy).await;
    }
    let plans: Vec<String> = copy
        .values()
        .filter_map(|entry| entry["column_labels"].as_array().and(entry["code"].as_str()).map(str::to_owned))
        .collect();
    for plan in plans {
        for (list, template) in OF_A_PLAN {
            pull(server, &list.replace("{plan}", &plan), template, &mut copy).await;
        }
    }
    copy
}

/// What one entry of the feed does to a copy.
async fn apply(server: &Server, change: &Value, copy: &mut Copy) {
    let address = change["address"].as_str().unwrap();
    if change["op"] == "delete" {
        copy.remove(address);
    } else if change["data"].is_object() {
        copy.insert(address.to_owned(), change["data"].clone());
    } else {
        let shown = server.get(address.strip_prefix("/api/v1").unwrap()).send().await;
        match shown.status {
            200 => copy.insert(address.to_owned(), shown.json),
            404 => copy.remove(address),
            _ => panic!("{shown:#?}"),
        };
    }
}

/// Brings a copy up to date from a place (none: from the beginning), page by page; where the feed stands then.
pub async fn follow(server: &Server, from: Option<String>, query: &str, copy: &mut Copy) -> String {
    let mut position = from;
    loop {
        let after = position.map_or(String::new(), |position| format!("&after={position}"));
        let page = server.get(&format!("/changes?{query}{after}")).expect(200).await;
        for change in page.results() {
            apply(server, change, copy).await;
        }
        let resultset = &page.json["resultset"];
        position = resultset["position"].as_str().map(str::to_owned);
        if resultset["next"].is_null() {
            return position.unwrap();
        }
        assert_eq!(resultset["next"], resultset["position"]);
    }
}

pub async fn head(server: &Server) -> String {
    server.get("/changes/head").expect(200).await.json["cursor"].as_str().unwrap().to_owned()
}

/// The first difference says more than two copies beside each other.
pub fn assert_same(followed: &Copy, pulled: &Copy) {
    for address in followed.keys().chain(pulled.keys()).collect::<BTreeSet<_>>() {
        // The list is of those that exist today; the feed tells of those that have ended too.
        let ended = |entry: &Value| entry["valid_to"].is_string();
        if !followed.get(address).is_some_and(ended) {
            assert_eq!(followed.get(address), pulled.get(address), "{address}: by the feed, and by the lists");
        }
    }
}
