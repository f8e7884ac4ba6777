//! Wire types: the body of a PUT and the resource a GET shows have the same fields; the resource has its key before
//! them. Written once, so that the two cannot drift and what was read can be edited and sent back.

use crate::domain::number::Number;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// `wire_types! { struct Plan { key fields } body struct PutPlan { fields } }`
#[macro_export]
macro_rules! wire_types {
    (
        $(#[$meta:meta])* struct $resource:ident { $($(#[$key_doc:meta])* $key:ident: $key_type:ty),* $(,)? }
        $(#[$body_meta:meta])* body struct $body:ident { $($(#[$doc:meta])* $field:ident: $type:ty),+ $(,)? }
    ) => {
        $(#[$body_meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema, validator::Validate)]
        #[serde(deny_unknown_fields)]
        pub struct $body { $($(#[$doc])* pub $field: $type),+ }

        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema, validator::Validate)]
        #[serde(deny_unknown_fields)]
        pub struct $resource {
            $($(#[$key_doc])* pub $key: $key_type,)*
            $($(#[$doc])* pub $field: $type),+
        }
    };
}

/// As [`wire_types!`], with the constructor of a resource of few keys.
#[macro_export]
macro_rules! resource {
    (
        $(#[$meta:meta])* struct $resource:ident { $($(#[$key_doc:meta])* $key:ident: $key_type:ty),* $(,)? }
        $(#[$body_meta:meta])* body struct $body:ident { $($(#[$doc:meta])* $field:ident: $type:ty),+ $(,)? }
    ) => {
        $crate::wire_types! {
            $(#[$meta])* struct $resource { $($(#[$key_doc])* $key: $key_type),* }
            $(#[$body_meta])* body struct $body { $($(#[$doc])* $field: $type),+ }
        }

        impl $resource {
            pub fn new($($key: $key_type,)* body: $body) -> Self {
                Self { $($key,)* $($field: body.$field),+ }
            }
        }
    };
}

/// How a number of the domain, which knows no document, is described.
impl PartialSchema for Number {
    fn schema() -> RefOr<Schema> {
        let bound = 10_i64.pow(12);
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Number))
            .description(Some(
                "数値：有効数字15桁・小数6桁まで、絶対値は1兆未満。送った値がそのまま返る（95.70 は 95.7）\n\n\
                 a number of at most 15 significant digits, 6 of them decimals, below 10^12; it comes back as it was sent",
            ))
            .exclusive_minimum(Some(-bound))
            .exclusive_maximum(Some(bound))
            .examples([serde_json::json!(95.7)])
            .build()
            .into()
    }
}

impl ToSchema for Number {}
