//! Parameters as clients and a Swagger UI take them.

use super::has_parameter;
use actix_web::http::Method;
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{RefOr, Required, Schema};

pub(super) fn complete(method: &Method, operation: &mut Operation) {
    if *method == Method::DELETE {
        of_a_delete(operation);
    }
    let creates = *method == Method::PUT && has_parameter(operation, "If-None-Match");
    // A key belongs to one request: tried one after the other, the examples are not each other's repetition.
    let id = operation.operation_id.clone();
    let key = id.as_ref().map(|id| format!("mihon-{id}"));
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        not_null(parameter);
        if parameter.name == "Idempotency-Key" {
            set_example(parameter, key.clone().map(Value::from));
        }
        let tried = match (parameter.name.as_str(), method) {
            ("If-None-Match", _) => creates,
            // Whoever tries the example writes nothing.
            ("dry_run", &Method::DELETE | &Method::POST) => true,
            // One of two that one must give.
            ("indicator" | "period", _) if id.as_deref() == Some("get_aggregates") => true,
            _ => parameter.required == Required::True,
        };
        if !tried {
            set_aside(parameter);
        }
    }
}

/// What is deleted was there before. Whoever tries the example deletes nothing.
fn of_a_delete(operation: &mut Operation) {
    let Some(parameters) = &mut operation.parameters else { return };
    parameters.retain(|one| !matches!(one, RefOr::T(one) if one.name == "If-None-Match"));
    for parameter in parameters {
        let RefOr::T(parameter) = parameter else { continue };
        match parameter.name.as_str() {
            "If-Match" => {
                parameter.required = Required::True;
                set_example(parameter, Some("*".into()));
            }
            "dry_run" => set_example(parameter, Some(true.into())),
            _ => {}
        }
    }
}

/// One may leave a parameter out; none is ever null.
fn not_null(parameter: &mut Parameter) {
    if let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema
        && let SchemaType::Array(types) = &object.schema_type
        && let Some(only) = types.iter().find(|one| **one != Type::Null)
    {
        object.schema_type = SchemaType::Type(only.clone());
    }
}

/// A Swagger UI sends every example it finds: that of a parameter one need not give stands in its description.
fn set_aside(parameter: &mut Parameter) {
    let Some(example) = example(parameter) else { return };
    let shown = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
    let description = parameter.description.get_or_insert_default();
    *description += &format!("（例 / e.g. `{shown}`）");
    parameter.extensions.get_or_insert_default().insert("x-example".into(), example);
    set_example(parameter, None);
}

/// The field is private.
pub(super) fn example(parameter: &Parameter) -> Option<Value> {
    json!(parameter).get("example").cloned()
}

fn set_example(parameter: &mut Parameter, example: Option<Value>) {
    *parameter = ParameterBuilder::from(std::mem::take(parameter)).example(example).build();
}
