//! Five real documents in and out. Each goes in through the API as its owner's system would send it, is published, and
//! is read back as the public reads it: every cell to the letter, every figure with the snippet it was read from.
//!
//! The transcriptions are not part of the project: without them these tests say loudly that they were skipped. The
//! sample plans of `shapes` repeat every hard shape.

mod akiruno;
mod equal;
mod exports;
mod fields;
mod kawasaki;
mod nishitokyo;
mod sapporo;
mod shapes;
mod tables;
mod templates;
mod tokyo;
mod warnings;

use serde_json::{Value, json};
use std::path::PathBuf;

/// A transcription, or none with a loud word.
fn transcription(file: &str) -> Option<Value> {
    let folder = std::env::var_os("HAGUKUMI_DOCUMENTS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/transcriptions"), PathBuf::from);
    let path = folder.join(file);
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(error) if std::env::var_os("HAGUKUMI_DOCUMENTS").is_some() => panic!("{}: {error}", path.display()),
        Err(_) => {
            #[expect(clippy::print_stdout, reason = "a skipped document is to be heard of")]
            {
                println!("SKIPPED: {} is not there; HAGUKUMI_DOCUMENTS names the folder", path.display());
            }
            None
        }
    }
}

/// What a transcribed figure and a stored one must agree in.
fn figure(label: &Value, value: &Value, unit: &Value, source: &Value) -> Value {
    json!({ "label": label, "value": value, "unit": unit, "source": source })
}

fn of_figure(stored: &Value) -> Value {
    figure(&stored["label"], &stored["value"], &stored["unit"], &stored["source"])
}

fn of_transcribed(number: &Value) -> Value {
    figure(&number["label"], &number["value"], &number["unit"], &number["source"])
}

/// Adds what is not null.
fn with(mut object: Value, fields: &[(&str, Value)]) -> Value {
    for (name, value) in fields {
        if !value.is_null() {
            object[*name] = value.clone();
        }
    }
    object
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}"))
}
