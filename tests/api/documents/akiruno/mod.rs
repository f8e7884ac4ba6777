//! Document 004: 67 programs of a city's plan under 3 goals and 12 policies, targets for 2024, results of 2020 with two
//! judgements each.

mod check;
mod define;
mod figures;
mod report;
mod values;

use super::string;
use serde_json::{Map, Value};

const PLAN: &str = "132284-kodomo-2020";
const CITY: &str = "132284";

/// An object of the transcription that is used up: what nobody asked for stops the test.
struct Entry {
    what: String,
    left: Map<String, Value>,
}

impl Entry {
    fn new(what: &str, object: &Value) -> Self {
        let left = object.as_object().unwrap_or_else(|| panic!("{what} is no object: {object}")).clone();
        Self { what: what.to_owned(), left }
    }

    /// Null where it is not there.
    fn take(&mut self, key: &str) -> Value {
        self.left.remove(key).unwrap_or_default()
    }

    fn text(&mut self, key: &str) -> String {
        string(&self.take(key)).to_owned()
    }

    fn list(&mut self, key: &str) -> Vec<Value> {
        match self.take(key) {
            Value::Array(list) => list,
            other => panic!("{} of {} is no list: {other}", key, self.what),
        }
    }

    fn entry(&mut self, key: &str) -> Self {
        let object = self.take(key);
        Self::new(&format!("{} of {}", key, self.what), &object)
    }

    fn optional_entry(&mut self, key: &str) -> Option<Self> {
        self.left.contains_key(key).then(|| self.entry(key))
    }

    /// Keys that are no cell of the document.
    fn ignore(&mut self, keys: &[&str]) {
        for key in keys {
            assert!(self.left.remove(*key).is_some(), "{} has no {key}", self.what);
        }
    }

    fn done(self) {
        assert!(self.left.is_empty(), "{}: nothing was made of {:?}", self.what, self.left);
    }
}

/// `12` → `１２`
fn full_width(number: &Value) -> String {
    let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32('０' as u32 + digit)).unwrap_or(c);
    number.to_string().chars().map(digit).collect()
}

/// Everything in, and published.
pub(super) async fn report(server: &crate::harness::Server, given: &Value) {
    report::report(server, given, &report::mapped(given)).await;
}
