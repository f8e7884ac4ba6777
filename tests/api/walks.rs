//! Walks over the OpenAPI document: what is true of every operation is tried on every operation, from the day it is
//! written. Who may do what is declared once, in `table`; what the addresses stand for, in `world`.

mod items;
mod journal;
mod lists;
mod locks;
mod table;
mod walls;
mod world;

use hagukumi::app;
use serde_json::Value;

/// An operation of the document.
pub struct Operation {
    pub id: String,
    /// Upper case
    pub method: String,
    pub path: String,
    /// Query parameters
    pub parameters: Vec<String>,
    /// Those of them that must be given
    pub required: Vec<String>,
    pub secured: bool,
}

impl Operation {
    pub fn is_list(&self) -> bool {
        self.parameters.iter().any(|name| name == "limit")
    }

    pub fn has_view(&self) -> bool {
        self.parameters.iter().any(|name| name == "view")
    }

    pub fn is_write(&self) -> bool {
        self.method != "GET" && self.path.starts_with("/api/v1/")
    }
}

pub fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(app::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
            let names = |only_required: bool| {
                let chosen =
                    parameters.iter().filter(|p| p["in"] == "query" && (!only_required || p["required"] == true));
                chosen.map(|p| p["name"].as_str().unwrap().to_owned()).collect()
            };
            // An empty requirement among them: without a token too.
            let schemes = operation["security"].as_array();
            let secured = schemes
                .is_some_and(|schemes| schemes.iter().all(|one| one.as_object().is_some_and(|one| !one.is_empty())));
            all.push(Operation {
                id: id.to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                parameters: names(false),
                required: names(true),
                secured,
            });
        }
    }
    assert!(all.len() > 50, "the document is nearly empty");
    all
}
