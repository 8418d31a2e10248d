//! The parameters of a question, from its schema.

use schemars::{Schema, generate::SchemaSettings};
use serde_json::{Map, Value};
use storefold_http_kit::ParameterDocs;
use storefold_projection::Question;

/// The parameters of a question, those of the path first.
pub(crate) fn parameters(question: &Question) -> Vec<ParameterDocs> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = (question.parameters)(&mut settings.into_generator()).to_value();
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut parameters: Vec<_> =
        properties.into_iter().map(|(name, schema)| parameter(question, name, schema)).collect();
    parameters.sort_by_key(|parameter| !parameter.in_path);
    parameters
}

fn parameter(question: &Question, name: String, schema: Value) -> ParameterDocs {
    let mut schema = schema;
    without_null(&mut schema);
    let mut description = None;
    if let Value::Object(fields) = &mut schema {
        fields
            .remove("default")
            .filter(|default| !default.is_null())
            .map(|default| fields.insert("default".to_owned(), default));
        description = fields.remove("description").and_then(|text| text.as_str().map(str::to_owned));
    }
    let in_path = question.path.contains(&format!("{{{name}}}"));
    let schema = Schema::try_from(schema).unwrap_or_default();
    ParameterDocs { name, description, schema, in_path }
}

/// What may be absent may be null in JSON; a text in a path or a query string cannot.
fn without_null(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(allowed)) = fields.get_mut("enum") {
        allowed.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(mut forms)) = fields.remove("anyOf") {
        forms.retain(|form| form.get("type").is_none_or(|name| name != "null"));
        match forms.as_mut_slice() {
            [Value::Object(only)] => merge(fields, only),
            _ => drop(fields.insert("anyOf".to_owned(), Value::Array(forms))),
        }
    }
}

/// The words of the parameter go before those of its type.
fn merge(fields: &mut Map<String, Value>, of_type: &mut Map<String, Value>) {
    for (name, value) in std::mem::take(of_type) {
        fields.entry(name).or_insert(value);
    }
}
