//! What was released stays: the served document against the last released one (`openapi/released/v1.json`).
//!
//! Allowed are new paths, operations, optional parameters and fields, wider requests, new fields of answers, new error
//! codes. Everything else is a break: clients that were built on the released document would fail, or lose something.

mod operations;
mod schemas;
mod table;

use super::document::document;
use serde_json::Value;
use std::fmt;

/// Which way a schema travels decides what a change of it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Clients send it: it must not become narrower.
    Request,
    /// Clients read it: it must not become wider.
    Answer,
}

/// A change that clients of the released document do not survive.
#[derive(Debug)]
struct Break {
    at: String,
    what: String,
    /// Whom it hurts, and how to do it instead.
    way: Option<Way>,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whom, instead) = match self.way {
            Some(Way::Request) => (
                "systems that send what was allowed are refused",
                "keep taking it; ask for what is new in an optional field or parameter",
            ),
            Some(Way::Answer) => (
                "systems that read answers (generated clients, columns of a fixed width) fail on it",
                "keep the answer as it is and add a field beside it",
            ),
            None => (
                "every client that calls it",
                "keep it, deprecated, and put the new one beside it; it goes a full fiscal year after `Sunset`",
            ),
        };
        write!(f, "{}: {}\n    hurts: {whom}\n    instead: {instead}", self.at, self.what)
    }
}

fn breaks(released: &Value, now: &Value) -> Vec<Break> {
    let mut found = Vec::new();
    operations::compare(released, now, &mut found);
    found
}

#[test]
fn the_contract_keeps_what_was_released() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/released/v1.json");
    let released: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let found: Vec<String> = breaks(&released, document()).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "breaks of the contract (see CONTRIBUTING.md):\n  {}", found.join("\n  "));
}
