use serde_json::Value;
use storefold_events::EVENT_TYPES;

use crate::world::World;

#[tokio::test]
async fn every_route_is_described_with_its_problems() {
    let document = World::start().await.get("/openapi.json").await.json;
    for (path, method, statuses) in [
        ("/v1/events", "post", &["200", "400", "413", "415", "503"][..]),
        ("/v1/commands/claim-gift", "post", &["200", "400", "409", "413", "415", "422", "503"]),
        ("/v1/commands/validate-sale", "post", &["200", "400", "409", "413", "415", "422", "503"]),
        ("/v1/baskets/price", "post", &["200", "400", "413", "422", "429", "503"]),
        ("/v1/tenders/quote", "post", &["200", "400", "413", "422", "429", "503"]),
        ("/v1/sources/{source}", "get", &["200", "404", "503"]),
        ("/v1/quarantine", "get", &["200", "400"]),
        ("/v1/quarantine/{entry}/retry", "post", &["200", "404", "422"]),
        ("/v1/quarantine/{entry}/drop", "post", &["200", "400", "404", "422"]),
    ] {
        let operation = &document["paths"][path][method];
        let described: Vec<_> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
        assert!(statuses.iter().all(|status| described.contains(status)), "{path}: {described:?}");
        assert!(operation["operationId"].is_string() && operation["description"].is_string(), "{path}");
    }
    let schemas = &document["components"]["schemas"];
    let sent = EVENT_TYPES.iter().filter(|info| info.sent);
    assert_eq!(schemas["Event"]["oneOf"].as_array().unwrap().len(), sent.clone().count());
    assert!(sent.clone().all(|info| schemas[info.name]["properties"]["data"].is_object()));
    let commands = document["paths"].as_object().unwrap().keys().filter(|path| path.starts_with("/v1/commands/"));
    assert_eq!(commands.count(), sent.clone().count());
    let claim = &schemas["GiftClaimedCommand"];
    assert!(claim["properties"]["data"].is_object() && claim["properties"].get("type").is_none(), "{claim}");
    assert!(no_reference_dangles(&document, &document));
}

fn no_reference_dangles(value: &Value, document: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().all(|(name, value)| match (name.as_str(), value) {
            ("$ref", Value::String(to)) => {
                document.pointer(to.trim_start_matches('#')).is_some() || panic!("{to} leads nowhere")
            }
            _ => no_reference_dangles(value, document),
        }),
        Value::Array(items) => items.iter().all(|item| no_reference_dangles(item, document)),
        _ => true,
    }
}
