//! The words of these routes in the OpenAPI document.

use aide::transform::TransformOperation;
use schemars::json_schema;
use storefold_http_kit::{Describe, Fault, ParameterDocs};
use storefold_projection::RebuildOrder;

const TAG: &str = "Operations";

pub(super) fn read_models(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("list_read_models").tag(TAG).summary("How the read models are doing")
}

pub(super) fn rebuilds(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("list_rebuilds").tag(TAG).summary("Rebuilds that are under way or were of late")
}

pub(super) fn order(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let order = aide::generate::in_context(|context| context.schema.subschema_for::<RebuildOrder>());
    let example = serde_json::json!({ "models": ["all"] });
    docs.id("rebuild")
        .tag(TAG)
        .summary("Rebuild read models from the log")
        .description(
            "New rows are folded from the first event on, beside those that are served; when they are level with the log, \
             both are compared and the new ones take their place. Questions are answered all the time and see the rows \
             of one or the other, never a mixture. With `snapshot`, the new rows are kept under that name instead, at \
             most 8 of them for 7 days: any question takes `?snapshot=NAME`. With `as_of` they are the fold of the \
             events up to a position, up to a time of recording (what was known then), or up to a time of occurrence \
             (what is known now of that time).",
        )
        .takes("What to rebuild.", vec![("application/json", order, example)])
        .fails(Fault::NotUnderstood, "The body is no order.")
        .fails(Fault::Unknown, "There is no such read model.")
        .fails(Fault::InTheWay, "A model of it is being rebuilt, or there is such a snapshot, or there are too many.")
        .fails(Fault::TooLarge, "The body is too large for an order.")
        .fails(Fault::Refused, "`as_of` without `snapshot`, beyond the log, or a name that cannot be one.")
}

pub(super) fn rebuild(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("get_rebuild")
        .tag(TAG)
        .summary("How a rebuild is doing")
        .asks(number())
        .fails(Fault::Unknown, "There is no such rebuild.")
}

pub(super) fn cancel(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("cancel_rebuild")
        .tag(TAG)
        .summary("Cancel a rebuild")
        .description("The rows that are served stay as they are. Idempotent; one that has ended stays as it is.")
        .asks(number())
        .fails(Fault::Unknown, "There is no such rebuild.")
}

pub(super) fn snapshots(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("list_snapshots").tag(TAG).summary("Rows of earlier times")
}

pub(super) fn delete(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("delete_snapshot")
        .tag(TAG)
        .summary("Delete a snapshot")
        .asks(ParameterDocs {
            name: "snapshot".to_owned(),
            description: Some("Its name.".to_owned()),
            schema: json_schema!({ "type": "string" }),
            in_path: true,
        })
        .fails(Fault::Unknown, "There is no such snapshot.")
}

fn number() -> ParameterDocs {
    ParameterDocs {
        name: "rebuild".to_owned(),
        description: Some("Its number.".to_owned()),
        schema: json_schema!({ "type": "integer", "minimum": 1 }),
        in_path: true,
    }
}
