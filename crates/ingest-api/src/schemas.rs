//! The schema of an event in the description of the API: one component a type, and their union.

use aide::generate::in_context;
use schemars::Schema;
use serde_json::{Value, json};
use storefold_events::{EVENT_TYPES, schemas::event_schema};

/// Registers the schemas and refers to their union.
pub(crate) fn event() -> Schema {
    let sent = || EVENT_TYPES.iter().filter(|info| info.sent);
    in_context(|context| {
        let definitions = context.schema.definitions_mut();
        for info in sent() {
            let mut schema = event_schema(info);
            if let Value::Object(fields) = &mut schema {
                // They name a document of their own, which a component is not.
                fields.remove("$schema");
                fields.remove("$id");
            }
            definitions.insert(info.name.to_owned(), schema);
        }
        let types: Vec<Value> = sent().map(|info| reference(info.name)).collect();
        definitions.insert("Event".to_owned(), json!({ "oneOf": types }));
    });
    Schema::try_from(reference("Event")).expect("an object is a schema")
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
