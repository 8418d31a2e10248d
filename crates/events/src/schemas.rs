//! The published language: a JSON Schema per event type and version, and an AsyncAPI document, from the types.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::{EVENT_TYPES, EventTypeInfo, Scope};

/// Every generated file of `proto-schemas/`: its name and its text.
pub fn published() -> impl Iterator<Item = (String, String)> {
    let schemas = EVENT_TYPES.iter().map(|info| (file_name(info), event_schema(info)));
    schemas.chain([("asyncapi.json".to_owned(), asyncapi())]).map(|(name, document)| (name, format!("{document:#}\n")))
}

fn file_name(info: &EventTypeInfo) -> String {
    format!("{}.v{}.schema.json", info.name, info.version)
}

/// The JSON Schema (2020-12) of one event as a producer sends it or, when it was decided here, as the API shows it
/// (without its position).
pub fn event_schema(info: &EventTypeInfo) -> Value {
    let mut generator =
        SchemaGenerator::new(SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true));
    let data = (info.schema)(&mut generator);
    let mut required = vec!["source", "occurred_at", "type", "data"];
    if info.scope == Scope::Store {
        required.push("store");
    }
    let mut properties = json!({
        "source": { "type": "string", "description": "The producer.", "maxLength": crate::TEXT_BYTES_MAX },
        "store": { "type": "string", "description": "Where it happened.", "maxLength": crate::TEXT_BYTES_MAX },
        "occurred_at": { "type": "string", "format": "date-time", "description": "When, with its offset." },
        "type": { "const": info.name },
        "version": { "const": info.version, "default": info.version },
        "data": data,
    });
    let mut keys = Vec::new();
    // What the node itself writes has a key as well.
    if info.sent || !info.decided {
        properties["seq"] = json!({ "type": "integer", "minimum": 1, "description": "Counts from 1 per source." });
        properties["id"] =
            json!({ "type": "string", "format": "uuid", "description": "For a producer that cannot count." });
        keys.extend(["seq", "id"]);
    }
    if info.decided && !info.of_itself {
        properties["cause"] = json!({
            "type": "integer",
            "minimum": 1,
            "description": "Position of the event that brought this one about; never sent.",
        });
        keys.push("cause");
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": file_name(info),
        "title": info.name,
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    });
    if !keys.is_empty() {
        schema["oneOf"] = keys.iter().map(|key| json!({ "required": [key] })).collect::<Value>();
    }
    schema
}

/// The AsyncAPI 3.0 document of the subjects that devices publish to.
pub fn asyncapi() -> Value {
    let sent = || EVENT_TYPES.iter().filter(|info| info.sent);
    let reference = |info: &EventTypeInfo| json!({ "$ref": format!("#/components/messages/{}", info.name) });
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Storefold",
            "version": "1.0.0",
            "description": "Scanners, tills and the webshop publish what happened. A source publishes to its own \
                subject; the stream's acknowledgement means stored.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "inbox": {
                "address": "storefold.in.{tenant}.{source}",
                "parameters": {
                    "tenant": { "description": "The retailer." },
                    "source": { "description": "The producer; equals `source` in the event." },
                },
                "messages": sent().map(|info| (info.name.to_owned(), reference(info))).collect::<Value>(),
            },
        },
        "operations": {
            "takeIn": { "action": "receive", "channel": { "$ref": "#/channels/inbox" } },
        },
        "components": {
            "messages": sent()
                .map(|info| {
                    let file = format!("./{}", file_name(info));
                    (info.name.to_owned(), json!({ "name": info.name, "payload": { "$ref": file } }))
                })
                .collect::<Value>(),
        },
    })
}
