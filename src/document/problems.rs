//! Which problems an operation can have: those of its kind, and its own, which it names as `x-codes` in its annotation.

use super::{has_parameter, parameters_of};
use crate::error::{Code, Error, Problem};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder};

pub(super) const MEDIA: &str = "application/problem+json";
const OWN: &str = "x-codes";

/// The codes an operation can answer, by status.
pub(super) fn of(address: &str, operation: &mut Operation) -> BTreeMap<u16, Vec<Code>> {
    let mut all = own(operation);
    all.extend(of_its_kind(address, operation));
    let mut by_status = BTreeMap::<u16, Vec<Code>>::new();
    for code in Code::ALL.iter().filter(|code| all.contains(code)) {
        by_status.entry(code.status()).or_default().push(*code);
    }
    by_status
}

/// Takes the operation's own codes. What is no code stays where it is, for a test to find.
fn own(operation: &mut Operation) -> Vec<Code> {
    let Some(extensions) = &mut operation.extensions else { return Vec::new() };
    let Some(Value::Array(ids)) = extensions.remove(OWN) else { return Vec::new() };
    let find = |id: &Value| id.as_str().and_then(Code::find);
    let (known, unknown): (Vec<Value>, Vec<Value>) = ids.into_iter().partition(|id| find(id).is_some());
    if !unknown.is_empty() {
        extensions.insert(OWN.into(), unknown.into());
    }
    known.iter().filter_map(find).collect()
}

fn of_its_kind(address: &str, operation: &Operation) -> Vec<Code> {
    // Before any handler is asked.
    let mut all = vec![Code::RequestAddressTooLong, Code::RequestHeadersTooLarge, Code::RequestMediaType];
    all.extend([Code::ServiceBusy, Code::ServiceInternal]);
    if !address.starts_with("/health/") {
        all.push(Code::RequestRateLimit);
    }
    // What takes no parameters says so, too; a token is asked for by a form.
    if !address.starts_with("/oauth/") {
        all.extend([Code::RequestParameter, Code::RequestUnknownParameter, Code::RequestRepeatedParameter]);
    }
    for parameter in parameters_of(operation) {
        match (&parameter.parameter_in, parameter.name.as_str()) {
            (ParameterIn::Path, name) => {
                all.push(Code::ResourceNotFound);
                match name {
                    "municipality" | "prefecture" | "owner" => all.push(Code::MunicipalityNotCanonical),
                    "period" => all.push(Code::PeriodNotCanonical),
                    _ => {}
                }
            }
            (ParameterIn::Header, "If-Match") => {
                all.extend([Code::RequestPreconditionRequired, Code::RequestVersionConflict]);
                all.push(Code::RequestPrecondition);
            }
            (ParameterIn::Header, "If-None-Match") => all.push(Code::RequestPrecondition),
            (ParameterIn::Header, "Idempotency-Key") => all.extend([
                Code::RequestIdempotencyKeyRequired,
                Code::RequestIdempotencyKeyReused,
                Code::RequestStillRunning,
            ]),
            (ParameterIn::Query, "cursor") => all.push(Code::RequestCursor),
            (ParameterIn::Query, "view") => all.extend([Code::RequestUnauthorized, Code::RequestForbidden]),
            _ => {}
        }
    }
    // Only a walk that shows one moment can have lost it.
    if has_parameter(operation, "cursor") && has_parameter(operation, "as_of") {
        all.push(Code::CursorEpoch);
    }
    if operation.security.is_some() {
        all.extend([Code::RequestUnauthorized, Code::RequestForbidden]);
    }
    if takes_json(operation) {
        all.extend([Code::RequestMalformed, Code::RequestUnknownField, Code::RequestInvalid]);
        // 1e999, whichever the field.
        all.push(Code::NumberDigits);
        all.extend([Code::RequestTooLarge, Code::RequestTimeout]);
    }
    if is_in_several_forms(operation) {
        all.push(Code::RequestNotAcceptable);
    }
    if address.starts_with("/api/") {
        all.push(Code::ServiceUnavailable);
    }
    all
}

/// Whoever can choose can ask for none of them.
fn is_in_several_forms(operation: &Operation) -> bool {
    match operation.responses.responses.get("200") {
        Some(RefOr::T(answer)) => answer.content.len() > 1,
        _ => false,
    }
}

fn takes_json(operation: &Operation) -> bool {
    match &operation.request_body {
        Some(RefOr::T(body)) => body.content.contains_key("application/json"),
        _ => false,
    }
}

/// The answer with one of these codes.
pub(super) fn response(status: u16, codes: &[Code]) -> Response {
    let lines = codes.iter().map(|code| format!("\n- `{}` {} / {}", code.id(), code.title_ja(), code.title_en()));
    let example = |code: &Code| (code.id(), RefOr::Ref(Ref::new(format!("#/components/examples/{}", code.id()))));
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(codes.iter().map(example))
        .build();
    let ids: Vec<&str> = codes.iter().map(|code| code.id()).collect();
    ResponseBuilder::new()
        .description(format!("{}\n{}", meaning(status), lines.collect::<String>()))
        .content(MEDIA, content)
        .extensions(Some(ExtensionsBuilder::new().add(OWN, json!(ids)).build()))
        .build()
}

const fn meaning(status: u16) -> &'static str {
    match status {
        400 => "リクエストを読み取れない / malformed",
        401 => "有効なトークンがない / no valid token",
        403 => "権限がない / not allowed",
        404 => "見つからない / not found",
        406 => "その形式では返せない / not acceptable",
        408 => "届くのが遅すぎる / too slow",
        409 => "状態が許さない / the state does not allow it",
        410 => "cursor が古い / the cursor is gone",
        412 => "別の更新が先 / version conflict",
        413 => "大きすぎる / too large",
        414 => "アドレスが長すぎる / the address is too long",
        415 => "形式が違う / unsupported media type",
        422 => "内容の誤り / invalid content",
        428 => "前提条件がない / precondition required",
        429 => "多すぎる / too many requests",
        500 => "サーバー内部の誤り / internal error",
        431 => "ヘッダーが大きすぎる / the headers are too large",
        _ => "混雑・停止中 / busy or unavailable",
    }
}

/// One problem for each code, which the answers refer to.
pub(super) fn examples(api: &mut Document) {
    let components = api.components.get_or_insert_default();
    for code in Code::ALL {
        let error = Error::new(*code, code.title_ja(), code.title_en());
        let problem = Problem::render(&error, true, "/api/v1/…", "01990000-0000-7000-8000-000000000000");
        let example = ExampleBuilder::new().summary(code.title_ja()).value(Some(json!(problem))).build();
        components.examples.insert(code.id().to_owned(), example.into());
    }
}
