//! Wire types: the body of a PUT and the resource a GET shows have the same fields; the resource has its key before
//! them. Written once, so that the two cannot drift and what was read can be edited and sent back.

use crate::domain::number::Number;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};
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
            // What a sender may leave out, a reader always gets.
            $($(#[$key_doc])* #[schema(required = true)] pub $key: $key_type,)*
            $($(#[$doc])* #[schema(required = true)] pub $field: $type),+
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

/// An object of texts under names that senders choose, as it is described.
fn map(description: &str, most: usize, names: ObjectBuilder, texts: ObjectBuilder) -> ObjectBuilder {
    let text = |builder: ObjectBuilder| builder.schema_type(SchemaType::Type(Type::String)).build();
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Object))
        .description(Some(description))
        .max_properties(Some(most))
        .property_names(Some(text(names)))
        .additional_properties(Some(RefOr::from(Schema::from(text(texts)))))
}

/// The natural key of a resource.
pub fn key() -> Object {
    let description = "そのキー / its natural key";
    let names = ObjectBuilder::new().min_length(Some(1)).max_length(Some(40));
    let parts = ObjectBuilder::new().min_length(Some(1)).max_length(Some(60));
    let example =
        serde_json::json!({ "plan": "132292-mihon-2020", "program": "4", "municipality": "132292", "period": "2023" });
    map(description, 10, names, parts).examples([example]).build()
}

/// What a warning rests on.
pub fn details() -> Object {
    let description = "判断のもと（名前 → 値） / what it rests on: names and values";
    let names = ObjectBuilder::new().min_length(Some(1)).max_length(Some(60));
    let texts = ObjectBuilder::new().max_length(Some(8_000));
    map(description, 10, names, texts).examples([serde_json::json!({ "levels": "1" })]).build()
}

/// `texts` of a record.
pub fn texts() -> Object {
    let description = "文章欄のコード → 文章。送られたまま（空白・改行・全角半角も）保存される / text fields of the plan, stored to the letter";
    let names = ObjectBuilder::new().pattern(Some("^[a-z][a-z0-9_]*$")).min_length(Some(1)).max_length(Some(40));
    let texts = ObjectBuilder::new().min_length(Some(1)).max_length(Some(20_000));
    map(description, 20, names, texts).examples([serde_json::json!({ "text": "年24回（延べ250人）" })]).build()
}

/// `printed` of a definition.
pub fn printed() -> Object {
    let description = "整えた項目と異なる、印刷のままのセル（改行、空欄＝上と同じ、など）：項目名 → 文字 / cells as printed, where they differ from the cleaned field";
    let names = ObjectBuilder::new().min_length(Some(1)).max_length(Some(60));
    let texts = ObjectBuilder::new().max_length(Some(20_000));
    map(description, 50, names, texts).examples([serde_json::json!({ "name": "両親\n学級" })]).build()
}

/// `breakdown` of a figure.
pub fn breakdown() -> Object {
    let description = "内訳の軸と区分（例：施設 → 既存施設） / dimensions of the breakdown, and the part of each";
    let names = ObjectBuilder::new().min_length(Some(1)).max_length(Some(60));
    let texts = ObjectBuilder::new().min_length(Some(1)).max_length(Some(200));
    map(description, 10, names, texts).examples([serde_json::json!({ "施設": "既存施設" })]).build()
}

/// A list of codes within a plan.
fn codes(description: &str) -> ArrayBuilder {
    let code = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .pattern(Some("^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$"))
        .min_length(Some(1))
        .max_length(Some(40))
        .examples([serde_json::json!("12")]);
    ArrayBuilder::new().items(code.build()).description(Some(description))
}

/// Programs of a plan that a body or an answer names.
pub fn programs() -> Array {
    codes("事業のコード / codes of programs").max_items(Some(10_000)).build()
}

/// Programs of the last plan that one of the next goes on from.
pub fn predecessors() -> Array {
    let said = "前の計画の事業のコード。最初のものの内容を引き継ぐ / programs of the last plan; the first one's content goes on";
    let example = serde_json::json!(["12", "13"]);
    codes(said).min_items(Some(1)).max_items(Some(50)).examples([example]).build()
}
