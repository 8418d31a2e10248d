use serde_json::{Value, json};
use storefold_read_models::all;

use crate::world::World;

#[tokio::test]
async fn every_question_is_described_with_its_parameters() {
    let document = World::start().await.get("/openapi.json").await.json;
    for question in all().iter().flat_map(|model| model.questions()) {
        let operation = &document["paths"][question.path]["get"];
        assert_eq!(operation["summary"], question.summary, "{}", question.path);
        let responses = &operation["responses"];
        assert!(responses["200"]["headers"]["x-storefold-position"].is_object(), "{}", question.path);
        let schema = &responses["200"]["content"]["application/json"]["schema"];
        // Where another model adds to an answer, what each says stands beside the other.
        let answer = if schema["allOf"].is_array() { &schema["allOf"][0]["$ref"] } else { &schema["$ref"] };
        let answer = answer.as_str().unwrap();
        assert!(document.pointer(answer.trim_start_matches('#')).is_some(), "{answer}");
        assert!(["400", "404", "503"].iter().all(|status| responses[status].is_object()), "{}", question.path);
    }
}

#[tokio::test]
async fn parameters_are_described_as_the_texts_they_are() {
    let document = World::start().await.get("/openapi.json").await.json;
    let parameters = &document["paths"]["/v1/stores/{store}/performance"]["get"]["parameters"];
    let named = |name: &str| -> Value {
        parameters.as_array().unwrap().iter().find(|parameter| parameter["name"] == name).unwrap().clone()
    };
    let store = named("store");
    assert_eq!(
        (&store["in"], &store["required"], &store["schema"]["type"]),
        (&json!("path"), &json!(true), &json!("string"))
    );
    let from = named("from");
    assert_eq!(
        (&from["in"], from.get("required"), &from["schema"]),
        (&json!("query"), None, &json!({"type": "string", "format": "date"}),)
    );
    assert_eq!(named("window")["schema"], json!({"type": "string", "enum": ["30d", "90d", "all"]}));
    assert!(named("at_least")["description"].is_string());
}

#[tokio::test]
async fn what_a_model_adds_to_the_answer_of_another_is_described_with_it() {
    let document = World::start().await.get("/openapi.json").await.json;
    let till = &document["paths"]["/v1/customers/{customer}/till"]["get"];
    let added = &till["responses"]["200"]["content"]["application/json"]["schema"]["allOf"][1];
    assert_eq!(added["required"], json!(["stored_value"]));
    let schema = added["properties"]["stored_value"]["$ref"].as_str().unwrap();
    assert!(document.pointer(&format!("{}/properties/vip_rate_e4", schema.trim_start_matches('#'))).is_some());
}
