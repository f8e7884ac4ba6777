//! Equal to what was sent, with numbers as numbers.

use serde_json::Value;

/// A number, whether it is written 34 or 34.0.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// All that was sent is there, and equal.
pub fn assert_sent(sent: &Value, read: &Value) {
    match (sent, read) {
        (Value::Object(sent), Value::Object(read)) => {
            for (field, value) in sent {
                assert_sent(value, read.get(field).unwrap_or_else(|| panic!("no `{field}` in {read:?}")));
            }
        }
        (Value::Array(sent), Value::Array(read)) => {
            assert_eq!(sent.len(), read.len());
            sent.iter().zip(read).for_each(|(sent, read)| assert_sent(sent, read));
        }
        _ => assert!(same(sent, read), "{sent} is not {read}"),
    }
}
