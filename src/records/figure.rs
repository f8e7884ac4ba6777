//! A figure of a record in the one cell in which a person sees and writes it.

use super::value::{Comparator, MissingReason, RecordValue};
use crate::domain::figure::{self, Amount, Bound, Figure, Missing, Quantity};

/// The fields that the cell stands for; the others have columns of their own beside it.
pub const FIELDS: [&str; 8] =
    ["missing_reason", "value", "value_to", "rate", "text", "comparator", "approximate", "estimate"];

/// What the cell says of the [`FIELDS`], such that `figure::read` beside the same unit gives them back; None where they
/// must stay in columns of their own.
pub fn written(value: &RecordValue) -> Option<String> {
    figure::write(&content(value)?)
}

fn content(value: &RecordValue) -> Option<Figure> {
    let bound = match value.comparator {
        None => None,
        Some(Comparator::Ge) => Some(Bound::AtLeast),
        Some(Comparator::Gt) => Some(Bound::Above),
        Some(Comparator::Le) => Some(Bound::AtMost),
        Some(Comparator::Lt) => Some(Bound::Below),
        // Nobody writes that a number is just this.
        Some(Comparator::Eq) => return None,
    };
    let quantity = match (value.missing_reason, value.value, value.value_to, value.rate, value.text.as_deref()) {
        (None, Some(from), Some(to), None, None) => Quantity::Range(from, to),
        (None, Some(number), None, None, None) => Quantity::Value(number),
        (None, None, None, Some(rate), None) => Quantity::Rate(rate),
        (reason, None, None, None, text) if bound.is_none() && !value.approximate && !value.estimate => {
            return match (reason, text) {
                (Some(reason), None) => Some(Figure::Missing(missing(reason))),
                (None, Some(text)) => Some(Figure::Text(text.to_owned())),
                _ => None,
            };
        }
        _ => return None,
    };
    let RecordValue { approximate, estimate, .. } = *value;
    // How it was counted stays in its columns.
    let main = Amount { quantity, unit: value.unit.clone(), bound, approximate, estimate, basis: None, per: None };
    Some(Figure::Amount { main, paired: None })
}

const fn missing(reason: MissingReason) -> Missing {
    match reason {
        MissingReason::NotMeasured => Missing::NotMeasured,
        MissingReason::NotApplicable => Missing::NotApplicable,
        MissingReason::NotImplemented => Missing::NotImplemented,
        MissingReason::NotReported => Missing::NotReported,
        MissingReason::Suppressed => Missing::Suppressed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use utoipa::PartialSchema;

    fn cell(content: Value) -> Option<String> {
        let mut value = json!({ "item": "a", "label": "a", "source": "a", "unit": "人" });
        value.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        written(&serde_json::from_value(value).unwrap())
    }

    #[test]
    fn what_stands_in_the_cell() {
        for (content, expected) in [
            (json!({ "value": 450 }), "450"),
            (json!({ "value": 5, "value_to": 20.5, "approximate": true }), "約5～20.5"),
            (json!({ "value": 6, "comparator": "ge" }), "6以上"),
            (json!({ "value": 6, "comparator": "gt" }), "6超"),
            (json!({ "value": 6, "comparator": "le" }), "6以下"),
            (json!({ "value": 6, "comparator": "lt" }), "6未満"),
            (json!({ "value": 70, "estimate": true, "count_basis": "cumulative", "per": "month" }), "70見込"),
            (json!({ "rate": 95.7, "unit": "％" }), "95.7"),
            (json!({ "text": "全園実施", "unit": null }), "全園実施"),
            (json!({ "missing_reason": "not_measured" }), "…"),
            (json!({ "missing_reason": "not_applicable" }), "―"),
            (json!({ "missing_reason": "not_implemented" }), "実施していない"),
            (json!({ "missing_reason": "not_reported" }), "報告がない"),
            (json!({ "missing_reason": "suppressed" }), "X"),
        ] {
            assert_eq!(cell(content.clone()).as_deref(), Some(expected), "{content}");
        }
    }

    #[test]
    fn what_the_cell_cannot_say_stays_in_its_columns() {
        for content in [
            json!({ "value": 6, "comparator": "eq" }),
            json!({ "value": 95.7, "unit": "％" }),
            json!({ "rate": 95.7 }),
            json!({ "text": "秋多中外３校" }),
            json!({ "text": "全園実施", "approximate": true }),
            json!({ "missing_reason": "not_measured", "estimate": true }),
            json!({ "value": 1, "rate": 2 }),
            json!({ "value": 1, "text": "a" }),
            json!({}),
        ] {
            assert_eq!(cell(content.clone()), None, "{content}");
        }
    }

    #[test]
    fn every_field_of_the_cell_is_one_of_a_figure() {
        let schema = serde_json::to_value(RecordValue::schema()).unwrap();
        assert!(FIELDS.iter().all(|field| schema["properties"].get(field).is_some()));
    }
}
