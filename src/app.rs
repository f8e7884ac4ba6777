//! The route table, one line a resource.

use crate::error::{self, Error};
use crate::state::State;
use crate::web::{access, edge, language, limits};
use crate::{
    aggregates, audit, auth, changes, departments, document, evaluation_schemes, exports, health, imports, indicators,
    municipalities, nodes, plans, problems, programs, redactions, reports, results, rounds, statutory_programs, tables,
    targets, templates, values, warnings,
};
use actix_web::body::MessageBody;
use actix_web::dev::{ResourceDef, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, ContentType, HeaderValue};
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, ResponseError, get};
use std::sync::OnceLock;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Routes and document come from these same lines.
fn routes(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/api/v1")
            .configure(municipalities::routes::all)
            .configure(programs::routes::all)
            .configure(statutory_programs::routes::all)
            .configure(targets::routes::all)
            .configure(results::routes::all)
            .configure(values::routes::all)
            .configure(plans::routes::all)
            .configure(departments::routes::all)
            .configure(nodes::routes::all)
            .configure(indicators::routes::all)
            .configure(evaluation_schemes::routes::all)
            .configure(rounds::routes::all)
            .configure(reports::routes::all)
            .configure(tables::routes::all)
            .configure(templates::routes::all)
            .configure(warnings::routes::all)
            .configure(imports::routes::all)
            .configure(aggregates::routes::all)
            .configure(changes::routes::all)
            .configure(exports::routes::all)
            .configure(audit::routes::all)
            .configure(redactions::routes::all),
    );
    config.configure(problems::routes::all).service(auth::routes::create_token).service(auth::routes::get_jwks);
    config.service(health::get_live).service(health::get_ready);
}

/// The whole service, for the server and for the tests.
pub fn app(
    state: State,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    // A browser would keep the login, a client's secret with it, in its storage: for the demo only, which has no https.
    let keep_login = !state.edge.https;
    App::new()
        .wrap(actix_web::middleware::Compress::default())
        .wrap(actix_web::middleware::from_fn(limits::around_request))
        .wrap(actix_web::middleware::from_fn(language::around_request))
        .wrap(actix_web::middleware::from_fn(edge::around_request))
        .wrap(actix_web::middleware::from_fn(access::around_request))
        .into_utoipa_app()
        .app_data(Data::new(state))
        .app_data(PayloadConfig::new(limits::BODY))
        .configure(routes)
        .map(move |app| {
            // One document: no bar to explore others; the schemas folded, they are a hundred.
            let ui = Config::new(["/openapi.json"]).validator_url("none").persist_authorization(keep_login);
            let ui = ui.use_base_layout().default_models_expand_depth(0).display_request_duration(true);
            app.service(web::redirect("/swagger-ui", "/swagger-ui/"))
                .service(get_document)
                .service(SwaggerUi::new("/swagger-ui/{_:.*}").config(ui))
                .default_service(web::to(no_such_route))
        })
        .into_app()
}

/// The document, without a server or a database.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut api) = App::new().into_utoipa_app().openapi(document::outline()).configure(routes).split_for_parts();
    document::complete(&mut api);
    api
}

/// The document as clients read it, and every address in it with what it takes.
struct Told {
    json: Result<Bytes, serde_json::Error>,
    methods: Vec<(ResourceDef, String)>,
}

/// Made once: making it takes tens of megabytes, and each worker would.
fn told() -> &'static Told {
    static TOLD: OnceLock<Told> = OnceLock::new();
    TOLD.get_or_init(|| {
        let api = openapi();
        Told { json: serde_json::to_vec(&api).map(Bytes::from), methods: document::methods(&api) }
    })
}

#[get("/openapi.json")]
async fn get_document() -> Result<HttpResponse, Error> {
    let json = told().json.as_ref().map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json.clone()))
}

/// 405 where the address is right and the method is not, else 404: actix answers 404 to both. And OPTIONS.
async fn no_such_route(request: HttpRequest) -> HttpResponse {
    let allowed =
        told().methods.iter().find(|(address, _)| address.is_match(request.path())).map(|(_, allowed)| allowed);
    let Some(allowed) = allowed else { return Error::not_found(request.path(), request.path()).error_response() };
    let mut response = if request.method() == Method::OPTIONS {
        HttpResponse::NoContent().finish()
    } else {
        Error::new(
            error::Code::RequestMethod,
            format!("このアドレスで使えるメソッドは {allowed} です"),
            format!("This address takes {allowed}"),
        )
        .error_response()
    };
    if let Ok(value) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
