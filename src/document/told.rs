//! What a description says of every operation of a kind: who may, and how it is read or written.

use super::{has_parameter, parameters_of};
use crate::auth::jwt::Role;
use actix_web::http::Method;
use utoipa::openapi::path::Operation;

pub(super) fn complete(method: &Method, operation: &mut Operation) {
    let own = operation.description.take();
    let said = own.into_iter().chain(protocol(method, operation)).chain([who_may(operation)]);
    operation.description = Some(said.collect::<Vec<_>>().join("\n\n"));
}

fn who_may(operation: &Operation) -> String {
    if let Some(roles) = operation.security.as_deref().map(roles) {
        let ja: Vec<String> = roles.iter().map(|role| format!("{}（`{role}`）", role.label_ja())).collect();
        let en: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
        return format!(
            "**実行できる人**：アドレスの団体の {}。\n\n**Who may**: {}, for the body in the address.",
            ja.join("、"),
            en.join(", ")
        );
    }
    if has_parameter(operation, "view") {
        return "**実行できる人**：公表された内容はだれでも。`view=working` は作業中の内容を、見てよい人に（トークンが必要）。\n\n\
                **Who may**: everybody reads what is published; `view=working` needs a token and shows what its holder may see."
            .into();
    }
    "**実行できる人**：だれでも（トークン不要）。\n\n**Who may**: everybody, without a token.".into()
}

/// OpenAPI 3.1 lets any scheme name the roles it wants.
fn roles(security: &[utoipa::openapi::security::SecurityRequirement]) -> Vec<Role> {
    let named = serde_json::to_value(security).unwrap_or_default();
    let names = named.as_array().into_iter().flatten().filter_map(|one| one["bearer"].as_array()).flatten();
    names.filter_map(|name| serde_json::from_value(name.clone()).ok()).collect()
}

fn protocol(method: &Method, operation: &Operation) -> Option<String> {
    let text = match *method {
        Method::PUT => {
            "新規作成は `If-None-Match: *`（201）、更新は `If-Match`（200）。同じ内容なら、前提条件にかかわらず 200・\
             `Hagukumi-Outcome: unchanged` で、何も書かない。`dry_run=true` は検査だけ。\n\n\
             `If-None-Match: *` creates (201), `If-Match` replaces (200). Equal content is 200 with `Hagukumi-Outcome: unchanged`, \
             whatever the precondition, and nothing is written. `dry_run=true` only checks."
        }
        Method::DELETE => {
            "`If-Match` が必要。`dry_run=true` は検査だけ。\n\n`If-Match` is required. `dry_run=true` only checks."
        }
        Method::POST if parameters_of(operation).any(|parameter| parameter.name == "Idempotency-Key") => {
            "`Idempotency-Key` が同じ再送には、最初の答えを返す（24時間）。\n\n\
             Sent again with the same `Idempotency-Key`, it gives its first answer (for 24 hours)."
        }
        Method::GET if has_parameter(operation, "cursor") => {
            "キーの順に `limit` 件ずつ。続きは `resultset.next` を `cursor` に入れる。null なら最後。\n\n\
             `limit` entries a page in the order of their keys; `resultset.next` is the `cursor` of the next page, null on the last."
        }
        _ => return None,
    };
    Some(text.to_owned())
}
