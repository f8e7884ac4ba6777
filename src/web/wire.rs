//! Wire types: the body of a PUT and the resource a GET shows have the same fields; the resource has its key before
//! them. Written once, so that the two cannot drift and what was read can be edited and sent back.

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
