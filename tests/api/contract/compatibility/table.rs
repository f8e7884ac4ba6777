//! Every rule with a change that breaks it, and changes that break none.

use super::breaks;
use serde_json::{Value, json};

fn released() -> Value {
    json!({
        "paths": { "/plans/{plan}": {
            "get": {
                "operationId": "get_plan", "tags": ["Plans"],
                "parameters": [
                    { "name": "plan", "in": "path", "required": true, "schema": { "type": "string", "maxLength": 55 } },
                    { "name": "year", "in": "query", "schema": { "type": "integer", "minimum": 1990, "maximum": 2060, "default": 2024 } },
                ],
                "responses": { "200": {
                    "headers": { "ETag": {} },
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Plan" } } },
                }, "404": {} },
            },
            "put": {
                "operationId": "put_plan", "tags": ["Plans"], "parameters": [],
                "security": [{ "bearer": ["editor", "approver"] }],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/PutPlan" } } } },
                "responses": { "200": {}, "201": {} },
            },
        } },
        "components": {
            "examples": { "plan.status": {} },
            "schemas": {
                "Plan": { "type": "object", "required": ["title", "status"], "additionalProperties": false, "properties": {
                    "title": { "type": "string", "maxLength": 300 },
                    "status": { "type": "string", "enum": ["draft", "adopted"] },
                    "edition": { "type": "integer", "minimum": 1, "maximum": 9 },
                    "tags": { "type": "array", "maxItems": 5, "items": { "type": "string", "maxLength": 9 } },
                    "adopted_on": { "type": ["string", "null"], "format": "date", "maxLength": 10 },
                } },
                "PutPlan": { "type": "object", "required": ["title"], "additionalProperties": false, "properties": {
                    "title": { "type": "string", "minLength": 1, "maxLength": 300 },
                    "status": { "type": "string", "enum": ["draft", "adopted"], "default": "draft" },
                    "share": { "type": "number", "minimum": 0, "maximum": 100 },
                    "code": { "type": "string", "maxLength": 6, "pattern": "^[0-9]{6}$" },
                    "note": { "type": ["string", "null"], "maxLength": 40 },
                    "texts": { "type": "object", "maxProperties": 20, "additionalProperties": { "type": "string", "maxLength": 50 } },
                    "tags": { "type": "array", "maxItems": 5, "items": { "type": "string", "maxLength": 9 } },
                } },
            },
        },
    })
}

const PATHS: &str = "/paths/~1plans~1{plan}";
const GET: &str = "/paths/~1plans~1{plan}/get";
const PUT: &str = "/paths/~1plans~1{plan}/put";
const READ: &str = "/components/schemas/Plan";
const SENT: &str = "/components/schemas/PutPlan";

/// The document with one value set (or, by null, taken out).
fn with(base: &str, below: &str, value: Value) -> Value {
    let mut changed = released();
    let (parent, name) = below.rsplit_once('/').unwrap();
    let name = &name.replace("~1", "/");
    let parent = changed.pointer_mut(&format!("{base}{parent}")).unwrap_or_else(|| panic!("{base}{parent}"));
    match parent {
        Value::Array(all) => all.insert(name.parse().unwrap(), value),
        Value::Object(all) if value.is_null() => drop(all.shift_remove(name).unwrap()),
        parent => parent[name] = value,
    }
    changed
}

#[test]
fn every_rule_has_a_change_that_breaks_it() {
    let string = |length: u32| json!({ "type": "string", "maxLength": length });
    let table = [
        (with("/paths", "/~1plans~1{plan}", json!({})), "the operation is gone"),
        (with(PATHS, "/put", Value::Null), "the operation is gone"),
        (with(GET, "/operationId", json!("read_plan")), "its name in generated clients"),
        (with(GET, "/tags", json!(["Other"])), "its place in generated clients"),
        (with(GET, "/security", json!([{ "bearer": [] }])), "it asks for a token now"),
        (with(PUT, "/security", json!([{ "oauth2": [] }])), "`bearer` does not open it"),
        (with(PUT, "/security", json!([{ "bearer": ["editor"] }])), "the role \"approver\""),
        (with(GET, "/parameters", json!([])), "the parameter is gone"),
        (
            with(GET, "/parameters/0", json!({ "name": "view", "in": "query", "required": true, "schema": {} })),
            "a new parameter is required",
        ),
        (with(GET, "/parameters/1/required", json!(true)), "the parameter is required now"),
        (with(GET, "/parameters/1/schema/maximum", json!(2050)), "maximum was 2060"),
        (with(GET, "/parameters/1/schema/minimum", json!(2000)), "minimum was 1990"),
        (with(GET, "/parameters/1/schema/default", json!(2025)), "left out, it meant 2024"),
        (with(GET, "/responses/200", Value::Null), "the answer is gone"),
        (with(GET, "/responses/200/headers/ETag", Value::Null), "the header ETag is gone"),
        (with(GET, "/responses/200/content/application~1json", Value::Null), "application/json is not answered"),
        (with(PUT, "/requestBody/required", json!(true)), "a body is required now"),
        (with(PUT, "/requestBody/content", json!({ "text/csv": {} })), "application/json is not taken"),
        (with("/components", "/examples", json!({})), "the error code is gone"),
        (with(READ, "/properties/title", Value::Null), "the field `title` is gone"),
        (with(READ, "/required", json!(["title"])), "the field `status` may be left out"),
        (with(READ, "/properties/title/type", json!(["string", "null"])), "its type was"),
        (with(READ, "/properties/title/maxLength", json!(400)), "maxLength was 300 and is 400"),
        (with(READ, "/properties/edition/maximum", json!(99)), "maximum was 9 and is 99"),
        (with(READ, "/properties/status/enum", json!(["draft", "adopted", "closed"])), "\"closed\" can be answered"),
        (with(READ, "/properties/status/enum", Value::Null), "any word can be answered"),
        (with(READ, "/properties/adopted_on/format", json!("date-time")), "format was \"date\""),
        (with(READ, "/properties/tags/items/maxLength", json!(10)), "maxLength was 9 and is 10"),
        (with(SENT, "/properties/note", Value::Null), "the field `note` is gone"),
        (with(SENT, "/required", json!(["title", "status"])), "the field `status` is required"),
        (with(SENT, "/properties/note/type", json!("string")), "its type was"),
        (with(SENT, "/properties/share/type", json!("integer")), "its type was"),
        (with(SENT, "/properties/title/maxLength", json!(200)), "maxLength was 300 and is 200"),
        (with(SENT, "/properties/title/minLength", json!(2)), "minLength was 1 and is 2"),
        (with(SENT, "/properties/status/enum", json!(["draft"])), "\"adopted\" is not taken"),
        (with(SENT, "/properties/title/enum", json!(["a"])), "only certain words"),
        (with(SENT, "/properties/title/pattern", json!("^.$")), "pattern was null"),
        (with(SENT, "/properties/tags/maxItems", json!(4)), "maxItems was 5"),
        (with(SENT, "/properties/texts/maxProperties", json!(10)), "maxProperties was 20"),
        (with(SENT, "/properties/texts/additionalProperties/maxLength", json!(10)), "maxLength was 50"),
        (with(SENT, "/properties/texts/additionalProperties", json!(false)), "fields of any name were taken"),
        (
            with(SENT, "/properties/note", json!({ "oneOf": [string(40), { "type": "null" }] })),
            "the choice between schemas",
        ),
    ];
    assert!(table.len() >= 20);
    for (changed, expected) in table {
        let found: Vec<String> = breaks(&released(), &changed).iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|one| one.contains(expected)), "{expected}: {found:#?}");
        assert!(found.iter().all(|one| one.contains("hurts:") && one.contains("instead:")));
    }
}

#[test]
fn what_hurts_nobody_is_allowed() {
    let table = [
        with("/paths", "/~1programs", json!({})),
        with(PATHS, "/delete", json!({ "operationId": "delete_plan", "responses": {} })),
        with(GET, "/parameters/1", json!({ "name": "view", "in": "query", "schema": { "type": "string" } })),
        with(GET, "/parameters/1/schema/maximum", json!(2100)),
        with(GET, "/responses/410", json!({})),
        with(GET, "/responses/404", Value::Null),
        with(GET, "/responses/200/headers/Link", json!({})),
        with(PUT, "/security", json!([{ "bearer": ["editor", "approver", "administrator"] }, { "oauth2": [] }])),
        with(PUT, "/security", Value::Null),
        with("/components", "/examples/plan.new", json!({})),
        with(READ, "/properties/kind", json!({ "type": "string" })),
        with(READ, "/properties/title/maxLength", json!(200)),
        with(READ, "/properties/status/enum", json!(["draft"])),
        with(READ, "/required", json!(["title", "status", "edition"])),
        with(SENT, "/properties/kind", json!({ "type": "string" })),
        with(SENT, "/properties/title/maxLength", json!(400)),
        with(SENT, "/properties/title/type", json!(["string", "null"])),
        with(SENT, "/properties/status/enum", json!(["draft", "adopted", "closed"])),
        with(SENT, "/properties/code/pattern", Value::Null),
        with(SENT, "/required", json!([])),
        released(),
    ];
    for changed in table {
        let found = breaks(&released(), &changed);
        assert!(found.is_empty(), "{found:#?}");
    }
}
