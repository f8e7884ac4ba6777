//! A transcribed item as figures: the head, and what is printed beside it.

use super::super::{string, with};
use super::define::{APP_USERS, EXCHANGE_RATE, SITE_VIEWS, department};
use super::{CITY, Entry, full_width};
use serde_json::{Value, json};

/// The figures of one record under way.
pub struct Figures<'a> {
    text: &'a str,
    pub values: Vec<Value>,
    /// Label of a whole, as its parts name it, by index of the part.
    wholes: Vec<(usize, String)>,
    /// Index of a figure and the program that shows it too.
    pub shared: Vec<(usize, Value)>,
    /// Percent of the target that the transcription works out, by item.
    pub percents: Vec<(String, f64)>,
}

impl<'a> Figures<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, values: Vec::new(), wholes: Vec::new(), shared: Vec::new(), percents: Vec::new() }
    }

    /// `targets`: the items of the record's target, which its results name by index.
    pub fn add(&mut self, given: &Value, targets: &[String]) {
        let mut entry = Entry::new(&format!("item {given}"), given);
        let named = |index: Value| targets[usize::try_from(index.as_u64().unwrap()).unwrap()].clone();
        let label = entry.text("label");
        let item = match entry.take("target_index") {
            Value::Null => label.clone(),
            index => named(index),
        };
        assert!(self.values.iter().all(|value| value["item"] != *item), "two items {item}");
        let at = self.values.len();
        let source = entry.text("source");
        assert!(self.text.contains(&source), "`{source}` is not in the text");

        self.head(&mut entry, &item, &label, &source);
        self.beside(&mut entry, &item, &label, &source, at);

        match entry.take("part_of_target_index") {
            Value::Null => {}
            index => {
                self.values[at]["role"] = json!("part_of");
                self.values[at]["whole_item"] = json!(named(index));
            }
        }
        if let Value::String(whole) = entry.take("part_of") {
            self.wholes.push((at, whole));
        }
        for part in entry.take("is_total_of").as_array().into_iter().flatten() {
            let part = self.values.iter().position(|value| value["label"] == *part).unwrap();
            self.wholes.push((part, label.clone()));
        }
        if let Value::Number(percent) = entry.take("computed_ratio_percent") {
            self.percents.push((item.clone(), percent.as_f64().unwrap()));
        }
        match entry.take("shared_with_program") {
            Value::Null => {}
            program => self.shared.extend((at..self.values.len()).map(|index| (index, program.clone()))),
        }
        let kind = entry.take("indicator_kind");
        if !kind.is_null() {
            self.assert_kind(string(&kind), at);
        }
        entry.done();
    }

    /// The item's own figure.
    fn head(&mut self, entry: &mut Entry, item: &str, label: &str, source: &str) {
        let (number, unit) = (entry.take("value"), entry.take("unit"));
        let (field, content) = match (&number, entry.take("text")) {
            (Value::Null, Value::Null) => ("text", json!(source)),
            (Value::Null, text) => ("text", text),
            (_, Value::Null) if unit == "%" => ("rate", number),
            (_, Value::Null) => ("value", number),
            both => panic!("a number and a text: {both:?}"),
        };
        if entry.take("text_zero") == true {
            assert!(content == 0 && source.contains("なし"), "zero in words: {source}");
        }
        let notes = [entry.take("note"), entry.take("exclusions")];
        let note = notes.into_iter().find(|note| !note.is_null()).unwrap_or_default();
        let comparator = match entry.take("comparator") {
            Value::Null => Value::Null,
            Value::String(sign) if sign == ">=" => json!("ge"),
            other => panic!("a comparator: {other}"),
        };
        let department = match entry.take("department") {
            Value::Null => Value::Null,
            name => json!(department(string(&name))),
        };
        let direction = entry.take("direction");
        assert!(direction.is_null() || (direction == "increase" && item.contains("副籍交流事業")), "{direction}");
        let indicator = indicator(item, label, !direction.is_null());
        let fields = [
            (field, content),
            ("unit", unit),
            ("comparator", comparator),
            ("note", note),
            ("department", department),
            ("indicator", indicator),
            ("counted", entry.take("scope")),
            ("per", entry.take("per")),
            ("approximate", entry.take("approximate")),
            ("count_basis", entry.take("count_basis")),
            ("numerator", entry.take("numerator")),
            ("denominator", entry.take("denominator")),
            ("running_total", entry.take("running_total")),
            ("method", entry.take("method")),
            ("measured_on", entry.take("as_of")),
            ("measured_on_text", entry.take("as_of_text")),
        ];
        self.values.push(with(json!({ "item": item, "label": label, "source": source }), &fields));
    }

    /// What is printed beside the item's own figure.
    fn beside(&mut self, entry: &mut Entry, item: &str, label: &str, source: &str, at: usize) {
        if let Value::Number(rate) = entry.take("rate_percent") {
            let rate = rate.as_f64().unwrap();
            let source =
                self.snippet(source, &[format!("実施率　{rate}％"), format!("{rate}％"), format!("{rate:.1}％")]);
            let mut value = json!({ "label": label, "rate": rate, "unit": "％", "source": source });
            if !self.values[at]["denominator"].is_null() {
                value["numerator"] = self.values[at]["value"].clone();
                value["denominator"] = self.values[at]["denominator"].clone();
            }
            let indicator = indicator(item, label, true);
            self.push(item, "paired", at, with(value, &[("indicator", indicator)]));
        }
        for (key, per) in [("sessions_per_year", Some("year")), ("sessions", None)] {
            let number = entry.take(key);
            if number.is_null() {
                continue;
            }
            let wide = full_width(&number);
            let forms = [format!("年{number}回実施"), format!("実施回数 {wide}回"), format!("全{wide}回")];
            let source = self.snippet(source, &forms);
            let value = json!({ "label": before_number(&source), "value": number, "unit": "回", "source": source });
            self.push(item, "paired", at, with(value, &[("per", json!(per))]));
        }
        if let Some(mut basis) = entry.optional_entry("basis") {
            let text = basis.text("text");
            let source = self.snippet(source, std::slice::from_ref(&text));
            let value = json!({ "value": basis.take("value"), "unit": basis.take("unit"), "source": source });
            self.push(item, "paired", at, with(value, &[("label", json!(before_number(&text)))]));
            basis.done();
        }
        for role in ["paired", "of_which"] {
            let Some(mut second) = entry.optional_entry(role) else { continue };
            let own = match second.take("label") {
                Value::Null => json!(label),
                own => own,
            };
            let value = json!({
                "label": own, "value": second.take("value"), "unit": second.take("unit"), "source": source,
            });
            self.push(item, role, at, with(value, &[("count_basis", second.take("count_basis"))]));
            second.done();
        }
    }

    fn push(&mut self, item: &str, role: &str, at: usize, value: Value) {
        assert!(self.text.contains(string(&value["source"])), "{value}");
        let place = [("item", json!(item)), ("role", json!(role)), ("whole", json!(at + 1))];
        self.values.push(with(value, &place));
    }

    /// The item's snippet where it holds one of the forms, else the first form that the text holds.
    fn snippet(&self, source: &str, forms: &[String]) -> String {
        if forms.iter().any(|form| source.contains(form)) {
            return source.to_owned();
        }
        forms.iter().find(|form| self.text.contains(*form)).unwrap_or_else(|| panic!("{forms:?} in {source}")).clone()
    }

    /// Parts find their wholes once all figures stand. What does not add up to its whole is an of-which.
    pub fn close(&mut self) {
        for (part, label) in std::mem::take(&mut self.wholes) {
            let whole = self.values.iter().position(|value| value["label"] == *label).unwrap();
            self.values[part]["role"] = json!("part_of");
            self.values[part]["whole"] = json!(whole + 1);
        }
        for whole in 0..self.values.len() {
            let parts: Vec<usize> = (0..self.values.len())
                .filter(|part| self.values[*part]["role"] == "part_of" && self.values[*part]["whole"] == whole + 1)
                .collect();
            let sum: i64 = parts.iter().map(|part| self.values[*part]["value"].as_i64().unwrap()).sum();
            if self.values[whole]["value"].as_i64() != Some(sum) {
                parts.into_iter().for_each(|part| self.values[part]["role"] = json!("of_which"));
            }
        }
    }

    /// The kind that the transcriber gave the item is one the figures show.
    fn assert_kind(&self, kind: &str, at: usize) {
        let (head, beside) = (&self.values[at], &self.values[at + 1..]);
        let shows = match kind {
            "count" => head["value"].is_i64() && head["unit"] != "円",
            "amount" => head["unit"] == "円",
            "rate" => head["rate"].is_number(),
            "text" | "direction" => head["text"].is_string(),
            "frequency" => head["per"].is_string(),
            "count_with_rate" => beside.iter().any(|value| value["rate"].is_number()),
            "count_pair" => beside.iter().any(|value| value["value"].is_number()),
            "count_with_running_total" => head["running_total"].is_number(),
            _ => false,
        };
        assert!(shows, "{kind}: {head}");
    }
}

fn before_number(text: &str) -> &str {
    let end = text.find(|c: char| c.is_numeric()).unwrap_or(text.len());
    Some(text[..end].trim()).filter(|label| !label.is_empty()).unwrap_or(text)
}

/// The few figures that are pulled by indicator. `rate`: this figure is the rate of its item.
fn indicator(item: &str, label: &str, rate: bool) -> Value {
    let code = if label.ends_with("アクセス件数") {
        SITE_VIEWS
    } else if label.ends_with("アプリダウンロードユーザー数") {
        APP_USERS
    } else if item.contains("副籍交流事業") && rate {
        EXCHANGE_RATE
    } else {
        return Value::Null;
    };
    json!({ "owner": CITY, "indicator": code })
}
