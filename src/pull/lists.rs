//! Everything, by the lists.

use super::client::{Client, Failure};
use super::copy::Copy;
use crate::domain::code::Code;
use crate::domain::key::PlanCode;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// What part of it.
#[derive(Clone, Debug)]
pub enum Choice {
    Everything,
    /// Reports and records of its municipalities, and what they and the prefecture own.
    Prefecture(Code),
    /// The plan and what belongs to it.
    Plan(PlanCode),
}

impl Choice {
    /// As the lists and the feed take it.
    pub fn filter(&self) -> String {
        match self {
            Self::Everything => String::new(),
            Self::Prefecture(code) => format!("&prefecture={code}"),
            Self::Plan(plan) => format!("&plan={plan}"),
        }
    }

    /// Is what this municipality or prefecture owns among it?
    fn has(&self, owner: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Prefecture(code) => owner.get(..2) == code.as_str().get(..2),
            Self::Plan(_) => false,
        }
    }
}

/// A list, and where a GET finds each of its entries: names in braces are its fields.
type List = (&'static str, &'static str);

/// With the field that names the owner: these lists are chosen from here.
const OWNED: [(List, &str); 4] = [
    (("plans", "plans/{code}"), "owner"),
    (("departments", "departments/{municipality}/{code}"), "municipality"),
    (("indicators", "indicators/{owner}/{code}"), "owner"),
    (("evaluation_schemes", "evaluation_schemes/{owner}/{code}/{fiscal_year}"), "owner"),
];
/// These know the filters themselves.
const FILTERED: [List; 4] = [
    ("programs", "programs/{plan}/{code}"),
    ("reports", "reports/{plan}/{municipality}/{round}"),
    ("targets", "targets/{plan}/{program}/{municipality}/{period}"),
    ("results", "results/{plan}/{program}/{municipality}/{period}"),
];
/// Of one plan.
const OF_A_PLAN: [List; 3] = [
    ("plans/{plan}/reporters", "plans/{plan}/reporters/{municipality}"),
    ("nodes?plan={plan}", "nodes/{plan}/{code}"),
    ("rounds?plan={plan}", "rounds/{plan}/{code}"),
];

pub fn pull(client: &Client, choice: &Choice, copy: &mut Copy) -> Result<(), Failure> {
    let mut plans = Vec::new();
    if let Choice::Plan(plan) = choice {
        let address = format!("/api/v1/plans/{plan}");
        copy.put(address.clone(), RawValue::from_string(client.found(&address)?)?);
        plans.push(plan.to_string());
    } else {
        for ((list, address), owner) in OWNED {
            each(client, list, |entry, content| {
                if choice.has(&field(entry, owner)) {
                    plans.extend((list == "plans").then(|| field(entry, "code")));
                    copy.put(fill(address, entry), content);
                }
            })?;
        }
    }
    for (list, address) in FILTERED {
        let list = format!("{list}?{}", choice.filter().trim_start_matches('&'));
        each(client, &list, |entry, content| copy.put(fill(address, entry), content))?;
    }
    for plan in plans {
        for (list, address) in OF_A_PLAN {
            each(client, &list.replace("{plan}", &plan), |entry, content| copy.put(fill(address, entry), content))?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Page {
    resultset: Resultset,
    results: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Resultset {
    next: Option<String>,
}

/// Every entry of a list, page by page: for its fields, and as the service wrote it.
fn each(client: &Client, list: &str, mut take: impl FnMut(&Value, Box<RawValue>)) -> Result<(), Failure> {
    let first = match list.split_once('?') {
        Some((path, "")) => format!("/api/v1/{path}?limit=1000"),
        Some(_) => format!("/api/v1/{list}&limit=1000"),
        None => format!("/api/v1/{list}?limit=1000"),
    };
    let mut address = first.clone();
    loop {
        let page: Page = serde_json::from_str(&client.found(&address)?)?;
        for content in page.results {
            take(&serde_json::from_str(content.get())?, content);
        }
        let Some(next) = page.resultset.next else { return Ok(()) };
        address = format!("{first}&cursor={next}");
    }
}

fn field(entry: &Value, name: &str) -> String {
    let value = entry.get(name).unwrap_or(&Value::Null);
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The address of an entry, as the feed tells it.
fn fill(template: &str, entry: &Value) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => field(entry, name),
        None => part.to_owned(),
    };
    let address = format!("/api/v1/{}", template.split('/').map(part).collect::<Vec<_>>().join("/"));
    match entry.get("amendment").and_then(Value::as_i64) {
        Some(number) if number > 0 => format!("{address}/amendments/{number}"),
        _ => address,
    }
}
