//! Nothing of a transcription is dropped silently.

use serde_json::Value;

/// Fails at a field that is neither sent nor the transcriber's own (`not_of_the_document`).
pub fn only(object: &Value, sent: &[&str], not_of_the_document: &[&str]) {
    let fields = object.as_object().unwrap_or_else(|| panic!("not an object: {object}"));
    for field in fields.keys() {
        let known = sent.contains(&field.as_str()) || not_of_the_document.contains(&field.as_str());
        assert!(known, "nobody sends the field `{field}` of {object}");
    }
}
