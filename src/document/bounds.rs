//! Ends that follow from a format: the same wherever it stands.

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, KnownFormat, Object, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{OpenApi as Document, RefOr, Schema};

/// Gives every date, time and id its length. What has a name of its own is visited where it is declared.
pub(super) fn set(api: &mut Document) {
    let schemas = api.components.iter_mut().flat_map(|components| components.schemas.values_mut());
    schemas.for_each(walk);
    let items = api.paths.paths.values_mut();
    let operations = items.flat_map(super::operations).map(|(_, operation)| operation);
    let parameters = operations.flat_map(|operation| operation.parameters.iter_mut().flatten());
    for parameter in parameters {
        if let RefOr::T(parameter) = parameter {
            parameter.schema.iter_mut().for_each(walk);
        }
    }
}

fn walk(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            end(object);
            object.properties.values_mut().for_each(walk);
            if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
                walk(values);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                walk(items);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(walk),
        Schema::AllOf(all) => all.items.iter_mut().for_each(walk),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(walk),
        _ => {}
    }
}

fn end(object: &mut Object) {
    let is_text = match &object.schema_type {
        SchemaType::Type(one) => *one == Type::String,
        SchemaType::Array(several) => several.contains(&Type::String),
        SchemaType::AnyValue => false,
    };
    let length = match &object.format {
        Some(SchemaFormat::KnownFormat(KnownFormat::Date)) => 10,
        // Six digits of a second and an offset: `2026-11-21T09:00:00.000000+09:00`.
        Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)) => 32,
        Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)) => 36,
        _ => return,
    };
    if is_text && object.max_length.is_none() {
        object.max_length = Some(length);
    }
}
