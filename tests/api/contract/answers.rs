//! Every answer of every test is held to the document: its status, its media type, its headers, its body; and whatever
//! was accepted had to be something that the document lets a client send.

use super::document::{Operation, document, operations};
use crate::harness::Answer;
use actix_web::http::{Method, Uri};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub fn check(method: &Method, uri: &Uri, sent: Option<&[u8]>, answer: &Answer) {
    // HEAD is a GET without its body.
    let name = if *method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    let Some(operation) = find(&name, uri.path()) else { return no_operation(method, uri, answer) };
    let wrong = |what: &str| panic!("{method} {uri} ({operation}): {what}\n{answer:#?}");
    let status = answer.status.to_string();
    let Some(response) = operation.json["responses"].get(&status) else {
        return wrong(&format!("the document has no answer {status}"));
    };
    for name in ["etag", "hagukumi-outcome", "retry-after", "www-authenticate", "location", "request-id"] {
        let documented = response["headers"].as_object().into_iter().flatten();
        let header = documented.clone().find(|(header, _)| header.eq_ignore_ascii_case(name));
        if !answer.header(name).is_empty() && header.is_none() {
            return wrong(&format!("the document has no header {name}"));
        }
    }
    let codes = response["x-codes"].as_array();
    if codes.is_some_and(|codes| !codes.contains(&answer.json["code"])) && *method != Method::HEAD {
        return wrong(&format!("the document has no code {} here", answer.code()));
    }
    match (body(&name, response, answer), *method == Method::HEAD) {
        (Err(what), false) => wrong(&what),
        _ if answer.status >= 300 => {}
        _ => accepted(&operation, uri, sent).unwrap_or_else(|what| wrong(&what)),
    }
}

/// What no operation answers is a problem, or one of the pages.
fn no_operation(method: &Method, uri: &Uri, answer: &Answer) {
    if answer.header("content-type") == "application/problem+json" {
        let found = findings(&json!({ "$ref": "#/components/schemas/Problem" }), &answer.json);
        assert!(found.is_empty(), "{method} {uri}: {found}\n{answer:#?}");
    }
}

fn body(key: &str, response: &Value, answer: &Answer) -> Result<(), String> {
    let Some(content) = response["content"].as_object() else {
        return if answer.text.is_empty() { Ok(()) } else { Err(format!("{key}: the document has no body")) };
    };
    let given = answer.header("content-type");
    let given = given.split(';').next().unwrap_or_default();
    let schema = content.get(given).ok_or_else(|| format!("the document has no media type `{given}`"))?;
    // A file, described elsewhere: `/exports/datapackage.json`.
    if given == "application/x-ndjson" && content.get("application/json").is_none() {
        return Ok(());
    }
    if given.ends_with(".sheet") && answer.header("content-encoding").is_empty() && !answer.bytes.starts_with(b"PK") {
        return Err("no XLSX".to_owned());
    }
    if given == "application/x-ndjson" && answer.header("content-encoding").is_empty() {
        return lines(&content["application/json"]["schema"], &answer.text);
    }
    // What was packed for the way is the same, unpacked.
    if !given.ends_with("json") || !answer.header("content-encoding").is_empty() {
        return Ok(());
    }
    let found = findings(&schema["schema"], &answer.json);
    if found.is_empty() { Ok(()) } else { Err(format!("the body is another than the document's:\n{found}")) }
}

/// Each line is a row of the list that JSON would be; with `fields`, as much of it as was asked for.
fn lines(list: &Value, text: &str) -> Result<(), String> {
    const LOOKED_AT: usize = 20;
    let name = list["$ref"].as_str().and_then(|name| name.strip_prefix('#')).unwrap_or_default();
    let row = &document().pointer(name).ok_or("a list without a name")?["properties"]["results"]["items"];
    let row = document().pointer(&row["$ref"].as_str().unwrap_or_default()[1..]).ok_or("rows without a name")?;
    for line in text.lines().take(LOOKED_AT) {
        let line: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let fields = line.as_object().ok_or("a line that is no object")?;
        let mut row = row.clone();
        row["required"].as_array_mut().unwrap().retain(|name| fields.contains_key(name.as_str().unwrap()));
        let found = findings(&row, &Value::Object(fields.clone()));
        if !found.is_empty() {
            return Err(format!("a line is another than the document's:\n{found}"));
        }
    }
    Ok(())
}

/// What was taken, the document must allow: else a client that keeps to it is kept from something.
fn accepted(operation: &Operation, uri: &Uri, sent: Option<&[u8]>) -> Result<(), String> {
    if let (Some(sent), Some((_, schema))) =
        (sent, super::document::content(&operation.json["requestBody"]).find(|(media, _)| *media == "application/json"))
    {
        let sent = serde_json::from_slice(sent).map_err(|error| error.to_string())?;
        let found = findings(schema, &sent);
        if !found.is_empty() {
            return Err(format!("taken, but no body of the document's:\n{found}"));
        }
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(uri.query().unwrap_or_default()).unwrap();
    for (name, value) in pairs {
        let parameter = operation.parameters().find(|known| known["in"] == "query" && known["name"] == name.as_str());
        let parameter = parameter.ok_or_else(|| format!("the document has no parameter {name}"))?;
        let schema = &parameter["schema"];
        let is = |kind: &str| {
            schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&json!(kind)))
        };
        let value = match value.parse::<Value>() {
            Ok(typed) if is("integer") || is("boolean") => typed,
            // Nobody means a space in a time: it is a `+` that was sent as it is.
            _ if schema["format"] == "date-time" => Value::from(value.replace(' ', "+")),
            _ => Value::from(value),
        };
        let found = findings(schema, &value);
        if !found.is_empty() {
            return Err(format!("taken, but the document's {name} is another:\n{found}"));
        }
    }
    Ok(())
}

fn find(method: &str, path: &str) -> Option<Operation<'static>> {
    let matches = |template: &str| {
        let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template.iter().zip(path).all(|(part, given)| part.starts_with('{') || *part == given)
    };
    let mut all =
        operations(document()).into_iter().filter(|one| one.method == method && matches(one.path)).collect::<Vec<_>>();
    // `/rounds/{plan}/all` before `/rounds/{plan}/{round}`
    all.sort_by_key(|one| one.path.matches('{').count());
    all.into_iter().next()
}

/// What a value has against a schema of the document.
pub fn findings(schema: &Value, value: &Value) -> String {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Rc<Validator>>> = RefCell::default();
    }
    let validator = KNOWN.with_borrow_mut(|known| {
        let compile = || {
            let whole = json!({ "allOf": [schema], "components": document()["components"] });
            Rc::new(jsonschema::draft202012::options().should_validate_formats(true).build(&whole).unwrap())
        };
        known.entry(schema.to_string()).or_insert_with(compile).clone()
    });
    let errors = validator.iter_errors(value).map(|error| format!("  {}: {error}", error.instance_path()));
    errors.collect::<Vec<_>>().join("\n")
}

/// The check itself must be able to fail.
#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    fn answer(status: u16, headers: &[(&'static str, &'static str)], json: Value) -> Answer {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let text = if json.is_null() { String::new() } else { json.to_string() };
        Answer { status, headers, bytes: text.clone().into_bytes(), text, json }
    }

    fn problem(code: &str, status: u16) -> Answer {
        let body = json!({ "type": "/problems/x", "title": "t", "status": status, "detail": "d", "instance": "/", "code": code,
            "fix_by": "sender", "request_id": "01990000-0000-7000-8000-000000000000", "errors": [] });
        answer(status, &[("content-type", "application/problem+json")], body)
    }

    fn refused(method: &Method, uri: &str, sent: Option<&Value>, answer: &Answer) -> String {
        let sent = sent.map(|sent| serde_json::to_vec(sent).unwrap());
        let uri: Uri = uri.parse().unwrap();
        let check = std::panic::AssertUnwindSafe(|| check(method, &uri, sent.as_deref(), answer));
        match std::panic::catch_unwind(check) {
            Ok(()) => String::new(),
            Err(panic) => panic.downcast_ref::<String>().unwrap().clone(),
        }
    }

    #[test]
    fn an_answer_that_the_document_does_not_have_is_found() {
        let unit = json!({ "name": "人", "spellings": ["名"] });
        let list = |unit: Value, headers: &[(&'static str, &'static str)]| {
            let page =
                json!({ "resultset": { "limit": 100, "next": null, "publication_no": null }, "results": [unit] });
            answer(200, headers, page)
        };
        let json_type = ("content-type", "application/json");
        let units = "/api/v1/units";
        let table = [
            (units, list(unit.clone(), &[json_type]), ""),
            (units, list(json!({ "name": "人" }), &[json_type]), "\"spellings\" is a required property"),
            (units, list(json!({ "name": "人", "spellings": [], "more": 1 }), &[json_type]), "Additional properties"),
            (units, list(unit.clone(), &[("content-type", "text/csv")]), "no media type `text/csv`"),
            (units, list(unit.clone(), &[json_type, ("etag", "\"v1\"")]), "no header etag"),
            ("/api/v1/units?limit=5000", list(unit.clone(), &[json_type]), "limit is another"),
            ("/api/v1/units?unit=x", list(unit, &[json_type]), "no parameter unit"),
            (units, answer(418, &[], Value::Null), "no answer 418"),
            (units, problem("request.cursor", 400), ""),
            (units, problem("plan.status", 400), "no code plan.status"),
            (
                "/api/v1/nowhere",
                answer(404, &[("content-type", "application/problem+json")], json!({})),
                "required property",
            ),
        ];
        for (uri, answer, expected) in table {
            let found = refused(&Method::GET, uri, None, &answer);
            assert!(
                if expected.is_empty() { found.is_empty() } else { found.contains(expected) },
                "{expected}: {found}"
            );
        }
    }

    #[test]
    fn what_is_taken_and_not_documented_is_found() {
        let report = "/api/v1/reports/132284-kodomo-2020/132284/2020-results/transitions";
        let moved = json!({ "plan": "132284-kodomo-2020", "municipality": "132284", "round": "2020-results", "status": "draft",
            "edition": 0, "submitted_at": null, "content_hash": null, "late": false, "published_at": null, "published_no": null,
            "declared_counts": [], "note": null, "etag": "\"v1\"", "transitions": [], "open_comments": [] });
        let answer = answer(200, &[("content-type", "application/json"), ("etag", "\"v1\"")], moved);
        let take = |body: Value| refused(&Method::POST, report, Some(&body), &answer);
        assert_eq!(take(json!({ "to": "draft", "person": "担当A" })), "");
        assert!(take(json!({ "to": "gone", "person": "担当A" })).contains("taken, but no body"));
        assert!(take(json!({ "to": "draft", "person": "担当A", "by": 1 })).contains("Additional properties"));
    }
}
