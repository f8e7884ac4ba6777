//! What every operation of a kind answers: headers, 304, problems.

use super::{has_parameter, operations, parameters, problems};
use actix_web::http::Method;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Header, OpenApi as Document, RefOr, Required, ResponseBuilder};

const ETAG: &str = "ETag";
const LOCATION: &str = "Location";
const PUBLICATION: &str = "Hagukumi-Publication";

pub(super) fn complete(api: &mut Document) {
    for (address, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            successes(&method, operation);
            conditional(&method, operation);
            parameters::complete(&method, operation);
            for (status, codes) in problems::of(address, operation) {
                let response = problems::response(status, &codes);
                operation.responses.responses.entry(status.to_string()).or_insert_with(|| response.into());
            }
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    let own = status.parse().ok().and_then(problem_headers);
                    response.headers.extend(own.map(|(name, header)| (name.to_owned(), header.into())));
                    response.headers.insert("Request-Id".into(), request_id().into());
                }
            }
        }
    }
    problems::examples(api);
}

/// The headers of what went well.
fn successes(method: &Method, operation: &mut Operation) {
    let is_list = has_parameter(operation, "cursor");
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let outcomes: &[&str] = match (method, status.as_str()) {
            (&Method::PUT, "201") => &["created"],
            (&Method::PUT, "200") => &["updated", "unchanged"],
            (&Method::DELETE, "204") => &["deleted"],
            _ => &[],
        };
        if !outcomes.is_empty() {
            response.headers.insert("Hagukumi-Outcome".into(), outcome(outcomes).into());
        }
        if response.headers.contains_key(LOCATION) {
            response.headers.insert(LOCATION.into(), location().into());
        }
        if response.headers.contains_key(PUBLICATION) {
            response.headers.insert(PUBLICATION.into(), publication().into());
        }
        if *method == Method::PUT || response.headers.contains_key(ETAG) {
            response.headers.insert(ETAG.into(), if is_list { etag_of_a_list() } else { etag() }.into());
        }
    }
}

/// What has an ETag is not sent twice to those who have it.
fn conditional(method: &Method, operation: &mut Operation) {
    let tagged = operation.responses.responses.get("200").is_some_and(|response| match response {
        RefOr::T(response) => response.headers.contains_key(ETAG),
        RefOr::Ref(_) => false,
    });
    if *method != Method::GET || !tagged {
        return;
    }
    let schema = ObjectBuilder::new().schema_type(Type::String).max_length(Some(crate::web::answer::MOST_KNOWN));
    let header = ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("前に取得した ETag。変わっていなければ 304 / the ETag last read: 304 if nothing changed"))
        .schema(Some(schema.build()));
    operation.parameters.get_or_insert_default().push(header.build().into());
    let tag = if has_parameter(operation, "cursor") { etag_of_a_list() } else { etag() };
    let unchanged = ResponseBuilder::new().description("変わっていない / not modified").header(ETAG, tag);
    operation.responses.responses.insert("304".into(), unchanged.build().into());
}

fn problem_headers(status: u16) -> Option<(&'static str, Header)> {
    match status {
        401 => Some((
            "WWW-Authenticate",
            text("`Bearer`（トークンの請求では `Basic`） / `Basic` where a token is asked for", 200, "Bearer"),
        )),
        412 | 428 => Some((ETAG, etag())),
        429 | 503 => Some(("Retry-After", retry_after())),
        _ => None,
    }
}

fn text(description: &str, length: usize, example: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).max_length(Some(length));
    let header = HeaderBuilder::new().description(Some(description)).schema(Some(schema.build()));
    header.example(Some(example.into())).build()
}

fn etag() -> Header {
    text("この内容のETag。次の書き込みの If-Match に / its ETag, for the If-Match of the next write", 60, "\"v1\"")
}

fn etag_of_a_list() -> Header {
    text(
        "この一覧の弱いETag。次の取得の If-None-Match に / its weak ETag, for the If-None-Match of the next read",
        100,
        "W/\"l42.01990f3c2b8d7e10\"",
    )
}

fn publication() -> Header {
    let schema =
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(9_007_199_254_740_991_i64));
    let description = "この内容の公表番号（NDJSON・CSV） / the publication number it shows, of NDJSON and CSV";
    HeaderBuilder::new().description(Some(description)).schema(Some(schema.build())).build()
}

fn location() -> Header {
    text(
        "作られたもののURL / the address of what was made",
        200,
        "/api/v1/imports/0183a6c0-0000-7000-8000-000000000000",
    )
}

fn outcome(words: &[&str]) -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.to_vec()));
    HeaderBuilder::new().description(Some("何が行われたか / what was done")).schema(Some(schema.build())).build()
}

fn retry_after() -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(3600));
    let description = "待つ秒数 / seconds to wait before sending again";
    HeaderBuilder::new().description(Some(description)).schema(Some(schema.build())).build()
}

fn request_id() -> Header {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .max_length(Some(36));
    let description = "リクエストの番号。問い合わせに / id of the request, to quote when asking";
    HeaderBuilder::new().description(Some(description)).schema(Some(schema.build())).build()
}
