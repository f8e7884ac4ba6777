//! Two schemas of one place: what was sent must still be taken, what is answered must still be understood.

use super::{Break, Way};
use serde_json::Value;
use std::collections::BTreeSet;

pub struct Comparison<'a> {
    pub released: &'a Value,
    pub now: &'a Value,
    pub found: &'a mut Vec<Break>,
    /// Named schemas already compared; they can hold themselves.
    pub seen: BTreeSet<(Way, String)>,
}

/// Bounds, and whether a larger number lets more through.
const BOUNDS: [(&str, bool); 10] = [
    ("maxLength", true),
    ("maximum", true),
    ("exclusiveMaximum", true),
    ("maxItems", true),
    ("maxProperties", true),
    ("minLength", false),
    ("minimum", false),
    ("exclusiveMinimum", false),
    ("minItems", false),
    ("minProperties", false),
];

impl Comparison<'_> {
    fn say(&mut self, way: Way, at: &str, what: String) {
        self.found.push(Break { at: at.to_owned(), what, way: Some(way) });
    }

    pub fn schema(&mut self, way: Way, at: &str, old: &Value, new: &Value) {
        if let Some(name) = old["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
            if self.seen.insert((way, name.to_owned())) {
                let (old, new) = (resolved(self.released, old), resolved(self.now, new));
                self.whole(way, name, old, new);
            }
            return;
        }
        let new = resolved(self.now, new);
        self.whole(way, at, old, new);
    }

    fn whole(&mut self, way: Way, at: &str, old: &Value, new: &Value) {
        let (old_choices, new_choices) = (choices(old), choices(new));
        if old_choices.len() != new_choices.len() {
            return self.say(way, at, "the choice between schemas is another".into());
        }
        for (old, new) in old_choices.iter().zip(new_choices) {
            self.schema(way, at, old, new);
        }
        self.types(way, at, old, new);
        self.words(way, at, old, new);
        self.bounds(way, at, old, new);
        for name in ["pattern", "format"] {
            let added = old[name].is_null() && way == Way::Answer;
            if old[name] != new[name] && !added && !(new[name].is_null() && way == Way::Request) {
                self.say(way, at, format!("{name} was {} and is {}", old[name], new[name]));
            }
        }
        if way == Way::Request && old["default"] != new["default"] {
            self.say(way, at, format!("left out, it meant {} and means {}", old["default"], new["default"]));
        }
        if let (Some(old), Some(new)) = (old.get("items"), new.get("items")) {
            self.schema(way, &format!("{at}[]"), old, new);
        }
        self.fields(way, at, old, new);
    }

    fn types(&mut self, way: Way, at: &str, old: &Value, new: &Value) {
        let (old, new) = (types(old), types(new));
        let (had, has) = if way == Way::Request { (&old, &new) } else { (&new, &old) };
        let fits = |one: &String| has.contains(one) || (one == "integer" && has.contains("number"));
        if !had.iter().all(fits) {
            self.say(way, at, format!("its type was {old:?} and is {new:?}"));
        }
    }

    fn words(&mut self, way: Way, at: &str, old: &Value, new: &Value) {
        match (old["enum"].as_array(), new["enum"].as_array()) {
            (Some(old), Some(new)) => {
                let (had, has) = if way == Way::Request { (old, new) } else { (new, old) };
                for word in had.iter().filter(|word| !has.contains(word)) {
                    let what = if way == Way::Request { "is not taken any more" } else { "can be answered now" };
                    self.say(way, at, format!("the word {word} {what}"));
                }
            }
            (None, Some(_)) if way == Way::Request => self.say(way, at, "only certain words are taken now".into()),
            (Some(_), None) if way == Way::Answer => self.say(way, at, "any word can be answered now".into()),
            _ => {}
        }
    }

    fn bounds(&mut self, way: Way, at: &str, old: &Value, new: &Value) {
        for (name, larger_is_wider) in BOUNDS {
            let (was, is) = (old[name].as_f64(), new[name].as_f64());
            // No bound is the widest of all.
            let free = if larger_is_wider { f64::INFINITY } else { f64::NEG_INFINITY };
            let (was, is) = (was.unwrap_or(free), is.unwrap_or(free));
            let widened = if larger_is_wider { is > was } else { is < was };
            let narrowed = was != is && !widened;
            if (way == Way::Request && narrowed) || (way == Way::Answer && widened) {
                self.say(way, at, format!("{name} was {} and is {}", old[name], new[name]));
            }
        }
    }

    fn fields(&mut self, way: Way, at: &str, old: &Value, new: &Value) {
        for (name, field) in old["properties"].as_object().into_iter().flatten() {
            match new["properties"].get(name) {
                Some(now) => self.schema(way, &format!("{at}.{name}"), field, now),
                None => self.say(way, at, format!("the field `{name}` is gone")),
            }
        }
        let (had, has) = (required(old), required(new));
        match way {
            Way::Request => {
                for name in has.difference(&had) {
                    self.say(way, at, format!("the field `{name}` is required now"));
                }
            }
            Way::Answer => {
                for name in had.difference(&has) {
                    self.say(way, at, format!("the field `{name}` may be left out now"));
                }
            }
        }
        let (closed, now) = (&old["additionalProperties"], &new["additionalProperties"]);
        match way {
            Way::Request if *now == Value::Bool(false) && *closed != *now && old["type"] == "object" => {
                self.say(way, at, "fields of any name were taken".into());
            }
            _ if closed.is_object() && now.is_object() => self.schema(way, &format!("{at}.*"), closed, now),
            _ => {}
        }
    }
}

pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

fn choices(schema: &Value) -> Vec<&Value> {
    ["oneOf", "anyOf", "allOf"].iter().filter_map(|name| schema[name].as_array()).flatten().collect()
}

fn types(schema: &Value) -> BTreeSet<String> {
    match &schema["type"] {
        Value::String(one) => [one.clone()].into(),
        Value::Array(all) => all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => BTreeSet::new(),
    }
}

fn required(schema: &Value) -> BTreeSet<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
