//! The commands in the description of the API.

use aide::{generate::in_context, transform::TransformOperation};
use schemars::{Schema, json_schema};
use serde_json::{Value, json};
use storefold_events::{EventTypeInfo, schemas::event_schema};
use storefold_http_kit::{Describe, Fault, ParameterDocs};

use super::{Taken, table::Command};
use crate::examples::claim;

const DESCRIPTION: &str = "One decision, answered by itself. Accepted, it stands in the log as the event, with what it \
    brings about, before the answer is sent; refused, it leaves nothing behind. It is told by its `source` and `seq` (or \
    `id`), for ever: sent again, it answers what the first answered, with `repeated`. With `dry_run=true` it is decided \
    and nothing is written; `source`, `seq` and `id` may be left out then.";

pub(crate) fn describe_command<'d>(command: &Command, docs: TransformOperation<'d>) -> TransformOperation<'d> {
    let taken = in_context(|context| context.schema.subschema_for::<Taken>());
    let dry_run = ParameterDocs {
        name: "dry_run".to_owned(),
        description: Some("Decide, and write nothing.".to_owned()),
        schema: json_schema!({ "type": "boolean", "default": false }),
        in_path: false,
    };
    docs.id(&command.name.replace('-', "_"))
        .tag("Commands")
        .summary(&format!("Becomes {}", command.event_type))
        .description(DESCRIPTION)
        .asks(dry_run)
        .takes("The event without its type.", vec![("application/json", body(command), example(command))])
        .answers("What was decided.", taken, None, true)
        .fails(Fault::NotUnderstood, "The body or a parameter cannot be read. Nothing was written.")
        .fails(Fault::Forbidden, "The token may not send as this source, or of this store. Nothing was written.")
        .fails(Fault::InTheWay, "`source` and `seq` (or `id`) were used for something else. Nothing was written.")
        .fails(Fault::TooLarge, "The body is too large; `limit` says how many bytes are taken.")
        .fails(Fault::UnsupportedMediaType, "Another content type. Nothing was written.")
        .fails(Fault::Refused, "The business says no, and why, in a sentence for the cashier. Nothing was written.")
        .fails(Fault::Unavailable, "Not now; send the same again after `Retry-After`. It is never taken twice.")
}

/// What can be said of every command alike; its `data` is in the schema.
fn example(command: &Command) -> Value {
    if command.name == "claim-gift" {
        return claim();
    }
    Value::Null
}

/// The schema of the event without its type, as a component named after the command.
fn body(command: &Command) -> Schema {
    let info = EventTypeInfo::named(command.event_type).expect("a test holds the table against the types");
    let mut schema = event_schema(info);
    if let Value::Object(fields) = &mut schema {
        fields.remove("$schema");
        fields.remove("$id");
    }
    schema["title"] = json!(command.name);
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.remove("type");
        properties.remove("cause");
    }
    if let Some(required) = schema["required"].as_array_mut() {
        required.retain(|name| name != "type");
    }
    schema["oneOf"] = json!([{ "required": ["seq"] }, { "required": ["id"] }]);
    let name = format!("{}Command", command.event_type);
    in_context(|context| context.schema.definitions_mut().insert(name.clone(), schema));
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    Schema::try_from(reference).expect("an object is a schema")
}
