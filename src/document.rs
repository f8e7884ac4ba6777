//! The OpenAPI document beside what the handlers say of themselves: its outline, and what is true of every operation.

use crate::domain::warnings;
use crate::error::{Code, Problem};
use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder, Schema};
use utoipa::{Modify, OpenApi};

const PROBLEM: &str = "application/problem+json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hagukumi 育み",
        description = "子ども・子育て支援の計画・目標・年度実績を、市区町村と都道府県のあいだで受け渡すAPI。\n\n\
            - 書き込みは自然キーへの `PUT`。新規作成は `If-None-Match: *`、更新は `If-Match: \"v…\"`。同じ内容の再送は 200（変更なし）。\n\
            - 読み取りは公表されたもの。ページ送りの途中で公表があっても、最初に見た状態のまま最後まで読める。`as_of` で過去の公表状態。\n\
            - 誤りは RFC 9457。`Accept-Language: en` で英語。\n\n\
            Exchange of child-care plans, targets and yearly results between municipalities and prefectures of Japan.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    modifiers(&Bearer),
    components(schemas(Problem)),
    tags(
        (name = "Municipalities 自治体", description = "市区町村・都道府県とその廃置分合"),
        (name = "Programs 事業", description = "事業・事務事業・取組"),
        (name = "Targets 目標", description = "目標・見込・計画と、変更目標"),
        (name = "Annual results 年度実績", description = "実績・取組状況と評価"),
        (name = "Plans 計画", description = "計画、報告団体、目標・施策・分類"),
        (name = "Indicators 指標", description = "指標と単位"),
        (name = "Evaluation schemes 評価基準", description = "評価基準と区分"),
        (name = "Rounds 照会", description = "照会・調査"),
        (name = "Reports 報告", description = "回答・報告とその状態、確認事項"),
        (name = "Audit 監査", description = "変更の記録"),
        (name = "Health", description = "稼働確認と鍵"),
    )
)]
struct Outline;

struct Bearer;
impl Modify for Bearer {
    fn modify(&self, api: &mut Document) {
        let scheme = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        api.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

pub fn outline() -> Document {
    Outline::openapi()
}

/// The problems an operation can answer, by what it is.
fn problems(method: &Method, operation: &Operation) -> Vec<(u16, &'static str)> {
    let has_path = parameters(operation).any(|parameter| matches!(parameter.parameter_in, ParameterIn::Path));
    let working = has_parameter(operation, "view");
    let secured = operation.security.is_some();
    let mut all = vec![(400, "リクエストを読み取れない / malformed")];
    if secured || working {
        all.push((401, "有効なトークンがない / no valid token"));
        all.push((403, "権限がない / not allowed"));
    }
    if has_path {
        all.push((404, "見つからない / not found"));
    }
    if secured && *method != Method::GET {
        all.extend([(409, "状態が許さない / the state does not allow it"), (422, "内容の誤り / invalid content")]);
        if operation.request_body.is_some() {
            all.extend([(413, "大きすぎる / too large"), (415, "JSONではない / not JSON")]);
        }
        if *method != Method::POST {
            all.extend([(412, "別の更新が先 / version conflict"), (428, "前提条件がない / precondition required")]);
        }
    }
    if has_parameter(operation, "cursor") {
        all.push((410, "cursor が古い / the cursor is gone"));
    }
    all.push((503, "混雑・停止中 / busy or unavailable"));
    all
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

fn has_parameter(operation: &Operation, name: &str) -> bool {
    parameters(operation).any(|parameter| parameter.name == name)
}

/// Adds to every operation the problems it can answer, and the optional token of the working view.
pub fn complete(api: &mut Document) {
    list_warning_codes(api);
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
    let text = format!("`code` は次のいずれか / one of: {}", codes.join(", "));
    for item in api.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            for (status, meaning) in problems(&method, operation) {
                let schema = Ref::from_schema_name("Problem");
                let response = ResponseBuilder::new()
                    .description(meaning)
                    .content(PROBLEM, ContentBuilder::new().schema(Some(schema)).build())
                    .build();
                operation.responses.responses.entry(status.to_string()).or_insert_with(|| response.into());
            }
            if has_parameter(operation, "view") && operation.security.is_none() {
                let anybody = SecurityRequirement::default();
                operation.security = Some(vec![anybody, SecurityRequirement::new("bearer", Vec::<String>::new())]);
            }
        }
    }
    if let Some(components) = &mut api.components
        && let Some(RefOr::T(Schema::Object(problem))) = components.schemas.get_mut("Problem")
    {
        problem.description = Some(format!("RFC 9457. {text}"));
    }
}

/// The codes of warnings, each with its meaning.
fn list_warning_codes(api: &mut Document) {
    let codes = warnings::Code::ALL.iter().map(|code| format!("- `{}`：{}", code.id(), code.title_ja()));
    let text = codes.collect::<Vec<_>>().join("\n");
    for name in ["RecordWarning", "Warning"] {
        let components = api.components.as_mut();
        if let Some(RefOr::T(Schema::Object(warning))) = components.and_then(|all| all.schemas.get_mut(name)) {
            let said = warning.description.take().unwrap_or_default();
            warning.description = Some(format!("{said}\n\n{text}"));
        }
    }
}

fn operations(item: &mut PathItem) -> Vec<(Method, &mut Operation)> {
    [
        (Method::GET, item.get.as_mut()),
        (Method::PUT, item.put.as_mut()),
        (Method::POST, item.post.as_mut()),
        (Method::DELETE, item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
    .collect()
}

/// Every address with its methods.
pub fn methods(api: &Document) -> Vec<(ResourceDef, Vec<Method>)> {
    let mut api = api.clone();
    api.paths
        .paths
        .iter_mut()
        .map(|(address, item)| {
            let methods = operations(item).into_iter().map(|(method, _)| method).collect();
            (ResourceDef::new(address.as_str()), methods)
        })
        .collect()
}
