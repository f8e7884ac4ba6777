//! The OpenAPI document beside what the handlers say of themselves: its outline, and what is true of every operation.

mod answers;
mod bounds;
mod examples;
mod parameters;
mod problems;
mod told;

use crate::auth::jwt::Role;
use crate::domain::warnings;
use crate::error::Problem;
use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::security::{
    ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{OpenApi as Document, RefOr, Schema};
use utoipa::{Modify, OpenApi};

/// Which role is needed depends on the address: the operation tells.
const NO_SCOPE: [String; 0] = [];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hagukumi 育み",
        description = "子ども・子育て支援の計画・目標・年度実績を、市区町村と都道府県のあいだで受け渡すAPI。\n\n\
            - 書き込みは自然キーへの `PUT`。新規作成は `If-None-Match: *`、更新は `If-Match: \"v…\"`。同じ内容の再送は 200（変更なし）。\n\
            - 読み取りは公表されたもので、トークンは要らない。ページ送りの途中で公表があっても、最初に見た状態のまま最後まで読める。`as_of` で過去の公表状態。\n\
            - 書き込みと `view=working` にはトークンが要る。Authorize にクライアントIDとシークレットを入れる（デモは起動時に表示する）。\n\
            - 誤りは RFC 9457。`Accept-Language: en` で英語。\n\n\
            Exchange of child-care plans, targets and yearly results between municipalities and prefectures of Japan.\n\n\
            - Writes are `PUT` by natural key: `If-None-Match: *` creates, `If-Match: \"v…\"` replaces; the same again is 200, unchanged.\n\
            - Reads show what is published, without a token. All pages of a walk show one moment; `as_of` shows an earlier one.\n\
            - Writes and `view=working` need a token: Authorize with a client's id and secret (the demo prints them when it starts).\n\
            - Errors are RFC 9457, in English with `Accept-Language: en`.",
        license(name = "MIT OR Apache-2.0")
    ),
    modifiers(&Security),
    components(schemas(Problem)),
    tags(
        (name = "Municipalities 自治体", description = "市区町村・都道府県とその廃置分合 / who is who, and who came after whom"),
        (name = "Programs 事業", description = "事業・事務事業・取組 / what is done, and the form it is reported in"),
        (name = "Targets 目標", description = "目標・見込・計画と、変更目標 / what was planned, and changed goals"),
        (name = "Annual results 年度実績", description = "実績・取組状況と評価 / what was done; values: the figures of both side by side"),
        (name = "Plans 計画", description = "計画、報告団体、目標・施策・分類 / plans, their reporters, departments and nodes"),
        (name = "Indicators 指標", description = "指標と単位 / what is counted, and its unit"),
        (name = "Evaluation schemes 評価基準", description = "評価基準と区分 / scales and their levels"),
        (name = "Rounds 照会", description = "照会・調査 / what is handed in together, and until when"),
        (name = "Reports 報告", description = "回答・報告とその状態、確認事項 / from draft to published; warnings"),
        (name = "Imports and templates 取込と様式", description = "記入様式と、まとめての取込 / forms to be filled in, and many records in one call"),
        (name = "Aggregates 集計", description = "市区町村の数値の集計と、その根拠 / what adds up over municipalities, and on what it rests"),
        (name = "Changes 変更", description = "公表されているものの変更を、順に、抜けなく / what is public, as it changes"),
        (name = "Exports データセット", description = "公表されているすべてを、計算できる形で / everything public, to compute with"),
        (name = "Audit 監査", description = "変更の記録 / the trail of changes"),
        (name = "Identity 認証", description = "アクセストークンと、その検証に使う公開鍵 / access tokens, and the keys that verify them"),
        (name = "Errors 誤り", description = "誤りのコードの意味 / what the code of a problem means"),
        (name = "Health 稼働確認", description = "動いているか、応答できるか / is it alive, is it ready"),
    )
)]
struct Outline;

/// A token from elsewhere, or one that the Swagger UI gets by client credentials.
const BEARER: &str = "bearer";
const OAUTH: &str = "client_credentials";

struct Security;
impl Modify for Security {
    fn modify(&self, api: &mut Document) {
        let scheme = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("すでにあるトークン（`hagukumi token` など） / a token that you have"))
            .build();
        let scopes = Role::ALL.map(|role| (role.to_string(), format!("{} / {}", role.label_ja(), role.label_en())));
        let flow = ClientCredentials::new("/oauth/token", Scopes::from_iter(scopes));
        let components = api.components.get_or_insert_default();
        components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
        let told = "クライアントIDとシークレットで、トークンを取得する。scope は選ばなくてよい / gets a token for a client's id and secret; \
                    no scope need be chosen";
        let oauth = OAuth2::with_description([Flow::ClientCredentials(flow)], told);
        components.add_security_scheme(OAUTH, SecurityScheme::OAuth2(oauth));
    }
}

pub fn outline() -> Document {
    Outline::openapi()
}

fn parameters_of(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

fn has_parameter(operation: &Operation, name: &str) -> bool {
    parameters_of(operation).any(|parameter| parameter.name == name)
}

/// Adds to every operation what is true of its kind: what it answers, who may, and the optional token of the working view.
pub fn complete(api: &mut Document) {
    list_warning_codes(api);
    answers::complete(api);
    let examples = examples::Examples::of_the_demo();
    for (address, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            examples.complete(address, &method, operation);
            told::complete(&method, operation);
            if has_parameter(operation, "view") && operation.security.is_none() {
                let anybody = SecurityRequirement::default();
                operation.security = Some(vec![anybody, SecurityRequirement::new(BEARER, NO_SCOPE)]);
            }
            if let Some(security) = &mut operation.security {
                security.push(SecurityRequirement::new(OAUTH, NO_SCOPE));
            }
        }
    }
    bounds::set(api);
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
    let list = api.paths.paths.get_mut("/api/v1/warnings").and_then(|item| item.get.as_mut());
    for parameter in list.and_then(|list| list.parameters.as_mut()).into_iter().flatten() {
        if let RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(code))), .. }) = parameter
            && name == "code"
        {
            code.enum_values = Some(warnings::Code::ALL.iter().map(|code| code.id().into()).collect());
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

/// Every address with the methods it takes, as `Allow` tells them.
pub fn methods(api: &Document) -> Vec<(ResourceDef, String)> {
    let mut api = api.clone();
    api.paths
        .paths
        .iter_mut()
        .map(|(address, item)| {
            let methods = operations(item).into_iter().map(|(method, _)| method);
            // Whoever answers GET answers HEAD.
            let named =
                methods.map(|method| if method == Method::GET { "GET, HEAD".to_owned() } else { method.to_string() });
            let allowed = named.chain(["OPTIONS".to_owned()]).collect::<Vec<_>>().join(", ");
            (ResourceDef::new(address.as_str()), allowed)
        })
        .collect()
}
