//! The words of these routes in the OpenAPI document.

use aide::transform::TransformOperation;
use schemars::{Schema, json_schema};
use storefold_http_kit::{Describe, Fault, ParameterDocs, at_least};
use storefold_projection::{RebuildOrder, RebuildStatus, RunnerHandle};
use storefold_table_files::FileFormat;

use super::format;
use crate::ask::SNAPSHOT;

const TAG: &str = "Operations";

pub(super) fn read_models(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("list_read_models").tag(TAG).summary("How the read models are doing")
}

pub(super) fn rows<'t>(docs: TransformOperation<'t>, models: &RunnerHandle) -> TransformOperation<'t> {
    let records = aide::generate::in_context(|context| {
        let records = models.tables().map(|(_, table)| (table.record_schema)(&mut context.schema).to_value());
        json_schema!({ "anyOf": records.collect::<Vec<_>>() })
    });
    let of_model = |model: &str| {
        let tables = models.tables().filter(|(of, _)| *of == model).map(|(_, table)| table.name);
        format!("{model} has {}", tables.collect::<Vec<_>>().join(", "))
    };
    let of_models = models.status().into_iter().map(|status| of_model(status.name)).collect::<Vec<_>>().join("; ");
    let tables = format!("The table; the first of the model when it is absent. {of_models}.");
    let query = |name: &str, description: &str, schema| ParameterDocs {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        schema,
        in_path: false,
    };
    let forms = FileFormat::ALL.map(|format| {
        let schema = match format {
            FileFormat::Csv => json_schema!({ "type": "string" }),
            FileFormat::Ndjson => records.clone(),
            FileFormat::Json => json_schema!({ "type": "array", "items": records.clone() }),
            FileFormat::Xlsx | FileFormat::Parquet => json_schema!({ "type": "string", "format": "binary" }),
        };
        (format.media_type(), schema)
    });
    docs.id("export_rows")
        .tag(TAG)
        .summary("All rows of a read model, as CSV, NDJSON, JSON, XLSX or Parquet")
        .description(
            "Every record of one table as it stands at one position, which `x-storefold-position` says; \
             `x-storefold-rows` says how many records follow. It is sent while it is read, so it may be of any length; \
             one that breaks off ends the connection without the end that HTTP asks for, and is to be thrown away. \
             Every format has the same records. In XLSX and Parquet days are dates, times are moments in UTC, numbers are \
             numbers, and what is not there is empty or null; a sheet of XLSX has room for 1,048,575 records. \
             Amounts are integers in minor units, their currency stands in a column of its own; rates are from 0 to 1. \
             GET /v1/read-models lists tables and columns. At most 4 tables are sent at a time; a client that takes \
             nothing for 30 s is cut off.",
        )
        .asks(ParameterDocs {
            name: "model".to_owned(),
            description: Some("Name of the read model.".to_owned()),
            schema: json_schema!({ "type": "string" }),
            in_path: true,
        })
        .asks(query("table", &tables, json_schema!({ "type": "string" })))
        .asks(query(
            format::FORMAT,
            "As what; by `Accept` when it is absent, and csv when that names none of the media types below.",
            json_schema!({ "type": "string", "enum": format::names() }),
        ))
        .asks(query(
            SNAPSHOT,
            "Take the snapshot of this name instead of the rows of now; see POST /v1/rebuilds.",
            json_schema!({ "type": "string" }),
        ))
        .asks(at_least())
        .streams(
            "The records: in CSV with the names of the columns in the first line, a JSON object a line, one JSON array \
             of objects, a workbook with one sheet, or Parquet.",
            forms.to_vec(),
        )
        .fails(Fault::NotUnderstood, "A parameter makes no sense; `field` names it.")
        .fails(Fault::Unknown, "There is no such read model, table or snapshot; those that there are are named.")
        .fails(Fault::Refused, "The table has more records than the format has room for.")
        .fails(Fault::Unavailable, "The model has not come to `at_least` yet, or too many tables are being sent.")
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
        .begins("It has begun.", status())
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
        .begins("It ends, or has ended.", status())
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
        .says_nothing("It is gone.")
        .fails(Fault::Unknown, "There is no such snapshot.")
}

fn status() -> Schema {
    aide::generate::in_context(|context| context.schema.subschema_for::<RebuildStatus>())
}

fn number() -> ParameterDocs {
    ParameterDocs {
        name: "rebuild".to_owned(),
        description: Some("Its number.".to_owned()),
        schema: json_schema!({ "type": "integer", "minimum": 1 }),
        in_path: true,
    }
}
