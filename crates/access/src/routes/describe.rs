//! What is said of the routes.

use aide::transform::TransformOperation;
use schemars::JsonSchema;
use storefold_http_kit::{Describe, Fault, ParameterDocs};

const TAG: &str = "Access";

pub(super) fn plain<'t>(docs: TransformOperation<'t>, summary: &str, description: &str) -> TransformOperation<'t> {
    docs.tag(TAG)
        .summary(summary)
        .description(description)
        .fails(Fault::NotSignedIn, "Nobody has signed in, or the password is wrong.")
        .fails(Fault::Forbidden, "Whoever asks has no right to this.")
        .fails(Fault::Refused, "It goes against who may let whom look at what; `code` says how.")
        .fails(Fault::Unavailable, "It cannot be written just now.")
}

pub(super) fn takes<'t, T: JsonSchema>(
    docs: TransformOperation<'t>,
    summary: &str,
    description: &str,
) -> TransformOperation<'t> {
    let schema = aide::generate::in_context(|context| context.schema.subschema_for::<T>());
    plain(docs, summary, description)
        .takes("What is asked.", vec![("application/json", schema, serde_json::Value::Null)])
        .fails(Fault::NotUnderstood, "The body cannot be read.")
        .fails(Fault::TooLarge, "The body is too large.")
}

pub(super) fn named<'t>(docs: TransformOperation<'t>, name: &str) -> TransformOperation<'t> {
    docs.asks(parameter(name, true))
}

pub(super) fn place(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.asks(parameter("organisation", false)).asks(parameter("store", false))
}

fn parameter(name: &str, in_path: bool) -> ParameterDocs {
    let schema = schemars::json_schema!({ "type": "string" });
    ParameterDocs { name: name.to_owned(), description: None, schema, in_path }
}
