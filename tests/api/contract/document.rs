//! The document as the tests walk it.

use serde_json::Value;
use std::sync::OnceLock;

pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let document = serde_json::to_value(hagukumi::app::openapi()).unwrap();
        assert!(operations(&document).len() > 10, "the document is nearly empty");
        document
    })
}

#[derive(Clone, Copy)]
pub struct Operation<'a> {
    /// `get`
    pub method: &'a str,
    /// `/api/v1/plans/{plan}`
    pub path: &'a str,
    pub json: &'a Value,
}

impl<'a> Operation<'a> {
    pub fn id(&self) -> &'a str {
        self.json["operationId"].as_str().unwrap_or_default()
    }

    pub fn parameters(&self) -> impl Iterator<Item = &'a Value> {
        self.json["parameters"].as_array().into_iter().flatten()
    }

    pub fn responses(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.json["responses"].as_object().unwrap().iter().map(|(status, response)| (status.as_str(), response))
    }
}

impl std::fmt::Display for Operation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.to_uppercase(), self.path)
    }
}

pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    let items = document["paths"].as_object().unwrap().iter();
    let all = items.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, json)| Operation { method, path, json })
    });
    all.filter(|operation| operation.json.get("responses").is_some()).collect()
}

/// The schemas by media type of a body, a response or a header.
pub fn content(of: &Value) -> impl Iterator<Item = (&str, &Value)> {
    of["content"].as_object().into_iter().flatten().map(|(media, content)| (media.as_str(), &content["schema"]))
}
