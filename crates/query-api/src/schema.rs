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

fn parameter(question: &Question, name: String, mut schema: Value) -> ParameterDocs {
    let mut description = None;
    if let Value::Object(fields) = &mut schema {
        // A parameter that may be absent is null in JSON then; a text in a query string cannot be.
        without_null(fields);
        one_of_texts(fields);
        description = fields.remove("description").and_then(|text| text.as_str().map(str::to_owned));
    }
    let in_path = question.path.contains(&format!("{{{name}}}"));
    let schema = Schema::try_from(schema).unwrap_or_default();
    ParameterDocs { name, description, schema, in_path }
}

fn without_null(fields: &mut Map<String, Value>) {
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(mut forms)) = fields.remove("anyOf") {
        forms.retain(|form| form["type"] != "null");
        match forms.as_mut_slice() {
            // The words of the parameter go before those of its type.
            [Value::Object(only)] => std::mem::take(only).into_iter().for_each(|(name, value)| {
                fields.entry(name).or_insert(value);
            }),
            _ => drop(fields.insert("anyOf".to_owned(), Value::Array(forms))),
        }
    }
}

/// A choice of texts in the shorter form, which pages show as a list to choose from.
fn one_of_texts(fields: &mut Map<String, Value>) {
    let Some(Value::Array(forms)) = fields.get("oneOf") else { return };
    let texts: Option<Vec<Value>> = forms.iter().map(|form| form.get("const").cloned()).collect();
    if let Some(texts) = texts {
        fields.remove("oneOf");
        fields.insert("type".to_owned(), Value::from("string"));
        fields.insert("enum".to_owned(), Value::Array(texts));
    }
}
