//! What holds for the list as a whole.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use serde_json::Value;

#[test]
fn every_read_model_has_its_own_name() {
    let models = storefold_read_models::all();
    let names: BTreeSet<_> = models.iter().map(|model| model.name()).collect();
    assert_eq!(names.len(), models.len());
    assert_eq!(
        names,
        [
            "customer-file",
            "customer-purchases",
            "email-capture-rate",
            "footfall",
            "network-kpi",
            "gift-catalogue",
            "liability",
            "loyalty-balance",
            "loyalty-programme",
            "scanners",
            "access",
            "seller-challenges",
            "store-performance",
            "stored-value"
        ]
        .into()
    );
}

#[test]
fn every_path_is_answered_by_one_question() {
    let models = storefold_read_models::all();
    let paths: Vec<_> = models.iter().flat_map(|model| model.questions()).map(|question| question.path).collect();
    assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len(), "{paths:?}");
}

#[test]
fn every_parameter_and_every_field_of_every_answer_is_described() {
    for question in storefold_read_models::all().iter().flat_map(|model| model.questions()) {
        assert!(!question.summary.is_empty() && !question.description.is_empty(), "{}", question.path);
        let mut generator = SchemaGenerator::default();
        (question.parameters)(&mut generator);
        (question.answer_schema)(&mut generator);
        for (name, schema) in generator.definitions() {
            assert!(!name.ends_with('2'), "two types are named {name}");
            let Some(properties) = schema.get("properties").and_then(Value::as_object) else { continue };
            for (field, property) in properties {
                let described = property.get("description").is_some();
                assert!(described, "{}: {name}.{field} has no description: {property}", question.path);
            }
        }
    }
}

#[test]
fn parameters_name_everything_in_the_path() {
    for question in storefold_read_models::all().iter().flat_map(|model| model.questions()) {
        let mut generator = SchemaGenerator::default();
        let schema = (question.parameters)(&mut generator).to_value();
        let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let definition = &generator.definitions()[name];
        let in_path = question.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        for parameter in in_path {
            assert!(definition["properties"].get(parameter).is_some(), "{}: {definition}", question.path);
        }
    }
}

#[test]
fn every_read_model_is_exported_in_flat_records_whose_columns_are_described() {
    for model in &storefold_read_models::all() {
        let tables = model.tables();
        assert!(!tables.is_empty(), "{} has no table", model.name());
        let names: BTreeSet<_> = tables.iter().map(|table| table.name).collect();
        assert_eq!(names.len(), tables.len(), "{names:?}");
        for table in &tables {
            assert!(!table.summary.is_empty() && table.columns.len() > 2, "{}", table.name);
            let mut generator = SchemaGenerator::default();
            let schema = (table.record_schema)(&mut generator).to_value();
            let record = &generator.definitions()[schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap()];
            for column in &table.columns {
                let field = &record["properties"][&column.column];
                assert!(!column.description.is_empty(), "{}: {}", table.name, column.column);
                assert!(!["object", "array"].iter().any(|kind| field["type"] == *kind), "{field} is no cell");
            }
            let has_amounts = table.columns.iter().any(|column| column.description.contains("Currency of the amounts"));
            let amounts = table.columns.iter().filter(|column| column.column.ends_with("_minor")).count();
            assert!(
                amounts == 0 || has_amounts || model.name() == "loyalty-balance",
                "{} lacks a currency",
                table.name
            );
        }
    }
}
