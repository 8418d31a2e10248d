//! The API described for programs (`/openapi.json`) and for people (`/docs`), both from the handlers.

use aide::{
    OperationOutput,
    axum::ApiRouter,
    generate,
    openapi::{Info, License, OpenApi, Operation, PathItem, ReferenceOr, StatusCode},
    swagger::Swagger,
};
use axum::{
    Router,
    http::{HeaderName, header},
    response::IntoResponse,
    routing::get,
};
use bytes::Bytes;
use schemars::{SchemaGenerator, generate::SchemaSettings};

use crate::{Fault, Problem};

/// What any route may answer, beside what is its own: the door, the limits and the guard stand before all of them. A route
/// that says more of one of these keeps its words.
const ANY_ROUTE: [(Fault, &str); 6] = [
    (Fault::NotUnderstood, "A parameter or the body makes no sense; `field` names what to correct."),
    (Fault::NotSignedIn, "Nobody has signed in, or the token is none."),
    (Fault::Forbidden, "Whoever asks has no right to this."),
    (Fault::TooMany, "This client asks for more than its share; `Retry-After` says when to come again."),
    (Fault::Damaged, "Something failed inside."),
    (Fault::Unavailable, "Not now; the same can be sent again after `Retry-After`. Nothing is taken twice."),
];

/// The page holds all it needs; nothing is fetched from anywhere else, whatever the bundled scripts may try.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Makes schemas in the dialect of OpenAPI 3.1. To be called before the first route is described on this thread.
pub(crate) fn describe_in_2020_12() {
    generate::reset_context();
    generate::in_context(|context| {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "#/components/schemas/".into();
            settings.meta_schema = None;
        });
        context.schema = SchemaGenerator::new(settings);
    });
}

/// The router with its description served beside it.
pub(crate) fn with_docs(api: ApiRouter, description: &str) -> Router {
    let mut openapi = OpenApi {
        info: Info {
            title: "Storefold".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: Some(description.to_owned()),
            license: Some(License { name: "Apache-2.0".to_owned(), ..License::default() }),
            ..Info::default()
        },
        ..OpenApi::default()
    };
    let router = api.finish_api(&mut openapi);
    let paths = openapi.paths.iter_mut().flat_map(|paths| paths.paths.values_mut());
    let methods = |path: &'_ mut PathItem| {
        let PathItem { get, put, post, delete, patch, .. } = path;
        [get, put, post, delete, patch].into_iter().flatten().for_each(describe_faults);
    };
    paths.filter_map(ReferenceOr::as_item_mut).for_each(methods);
    let document = serde_json::to_vec(&openapi).expect("the description is made of strings and numbers");
    let page = Swagger::new("/openapi.json").with_title("Storefold API").html();
    router
        .route("/openapi.json", get(stored("application/json", "", document)))
        .route("/docs", get(stored("text/html; charset=utf-8", DOCS_POLICY, page.into_bytes())))
}

/// Names every way to go wrong by its status, so that there is no answer that the document does not tell of.
fn describe_faults(operation: &mut Operation) {
    let problem = generate::in_context(|context| Problem::operation_response(context, operation));
    let problem = problem.expect("a problem describes itself");
    let responses = operation.responses.get_or_insert_default();
    responses.default = None;
    for (fault, when) in ANY_ROUTE {
        let described =
            || ReferenceOr::Item(aide::openapi::Response { description: when.to_owned(), ..problem.clone() });
        responses.responses.entry(StatusCode::Code(fault.status())).or_insert_with(described);
    }
}

/// A handler that answers the same bytes for ever.
fn stored(
    content_type: &'static str,
    policy: &'static str,
    body: Vec<u8>,
) -> impl Fn() -> std::future::Ready<axum::response::Response> + Clone {
    const NO_SNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let body = Bytes::from(body);
    move || {
        let headers = [(header::CONTENT_TYPE, content_type), (header::CONTENT_SECURITY_POLICY, policy), NO_SNIFF];
        std::future::ready((headers, body.clone()).into_response())
    }
}
