//! The columns of a table, from the schema of its records.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::Value;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    /// Its name, the same in every format.
    pub column: String,
    /// What stands in it.
    pub description: String,
    /// What its cells are, also where they are all empty.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
    /// Whether a cell may be empty.
    pub optional: bool,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// A number with a fraction.
    Fraction,
    /// Yes or no.
    Flag,
    /// A day of a calendar.
    Day,
    /// A moment, in UTC.
    Time,
}

/// The fields of a record with their descriptions, in the order in which they are written.
pub(super) fn columns<T: JsonSchema>() -> Vec<Column> {
    // With the schemas of enums in their places: what is referred to has its own type there.
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    // Every field is written, so every field is required; they are required in the order of the struct.
    let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let column = |name: &str| {
        let property = &schema["properties"][name];
        let description = property["description"].as_str().unwrap_or_default();
        Column {
            column: name.to_owned(),
            description: description.to_owned(),
            kind: kind(property),
            optional: is_optional(property),
        }
    };
    names.map(column).collect()
}

/// A type stands alone, in a list beside `null`, or in one of several schemas.
fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let listed = schema["type"].as_array().into_iter().flatten();
    listed.chain([&schema["type"]]).filter_map(Value::as_str)
}

fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
    schema["anyOf"].as_array().into_iter().flatten()
}

fn is_optional(schema: &Value) -> bool {
    types(schema).any(|name| name == "null") || choices(schema).any(is_optional)
}

fn kind(schema: &Value) -> ColumnKind {
    match (types(schema).find(|name| *name != "null"), schema["format"].as_str()) {
        (Some("integer"), _) => ColumnKind::Whole,
        (Some("number"), _) => ColumnKind::Fraction,
        (Some("boolean"), _) => ColumnKind::Flag,
        (_, Some("date")) => ColumnKind::Day,
        (_, Some("date-time")) => ColumnKind::Time,
        (None, _) => choices(schema).find(|choice| choice["type"] != "null").map_or(ColumnKind::Text, kind),
        _ => ColumnKind::Text,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};
    use storefold_events::Currency;

    use super::*;

    #[derive(Serialize, JsonSchema)]
    struct Record {
        /// Who.
        store: String,
        kind: &'static str,
        currency: Option<Currency>,
        area_m2: Option<u32>,
        rate: Option<f64>,
        registered: bool,
        #[serde(serialize_with = "crate::day_text")]
        day: NaiveDate,
        until: Option<NaiveDate>,
        at: DateTime<Utc>,
    }

    #[test]
    fn a_column_has_the_type_of_its_field_and_says_whether_it_may_be_empty() {
        let found = columns::<Record>();
        assert_eq!(found[0].description, "Who.");
        let found: Vec<_> = found.iter().map(|column| (column.column.as_str(), column.kind, column.optional)).collect();
        assert_eq!(
            found,
            [
                ("store", ColumnKind::Text, false),
                ("kind", ColumnKind::Text, false),
                ("currency", ColumnKind::Text, true),
                ("area_m2", ColumnKind::Whole, true),
                ("rate", ColumnKind::Fraction, true),
                ("registered", ColumnKind::Flag, false),
                ("day", ColumnKind::Day, false),
                ("until", ColumnKind::Day, true),
                ("at", ColumnKind::Time, false),
            ]
        );
    }
}
