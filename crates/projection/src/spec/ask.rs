//! Finding the question that a path asks.

use std::io::{self, Write};

use serde_json::Value;
use storefold_events::Position;

use super::MemoryStore;
use crate::{Asked, Projector, QueryError, TableSink, TextFormat, TextWriter};

/// Asks by a path with values in it and a query string.
#[track_caller]
pub(super) fn ask<P: Projector>(store: &MemoryStore, now_ms: i64, uri: &str) -> Result<Value, QueryError> {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let questions = P::questions();
    let found = questions.iter().find_map(|question| Some((question.path, captures(question.path, path)?)));
    let Some((template, mut asked)) = found else { panic!("{} has no question for {path}", P::NAME) };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        asked.insert(name.to_owned(), value.into());
    }
    ask_with::<P>(store, now_ms, template, &asked)
}

/// Asks by a path template and parameters by name.
#[track_caller]
pub(super) fn ask_with<P: Projector>(
    store: &MemoryStore,
    now_ms: i64,
    path_template: &str,
    asked: &Asked,
) -> Result<Value, QueryError> {
    let questions = P::questions();
    let found = questions.iter().find(|question| question.path == path_template);
    let Some(question) = found else { panic!("{} has no question {path_template}", P::NAME) };
    let answered = (question.answer)(store, now_ms.into(), asked)?;
    Ok(serde_json::from_slice(&answered.json).expect("an answer is JSON"))
}

/// The values that stand in `path` where `template` has names in braces; none when they do not match.
fn captures(template: &str, path: &str) -> Option<Asked> {
    let (mut names, mut values) = (template.split('/'), path.split('/'));
    let mut captured = Asked::new();
    loop {
        match (names.next(), values.next()) {
            (None, None) => return Some(captured),
            (Some(name), Some(value)) => match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => drop(captured.insert(name.to_owned(), value.into())),
                None if name == value => {}
                None => return None,
            },
            _ => return None,
        }
    }
}

/// Every record of a table; what it says beforehand and every format are held against the records.
#[track_caller]
pub(super) fn records<P: Projector>(store: &MemoryStore, name: &str) -> Vec<Value> {
    let tables = P::tables();
    let Some(table) = tables.iter().find(|table| table.name == name) else { panic!("{} has no table {name}", P::NAME) };
    let written = |format| {
        let mut written = Written::default();
        table
            .write(store, &mut TextWriter::new(format, &mut written))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        written
    };
    let (ndjson, csv) = (written(TextFormat::Ndjson), written(TextFormat::Csv));
    let records: Vec<Value> =
        ndjson.bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(read_json).collect();
    assert_eq!(ndjson.records, records.len() as u64, "{name} says how many records it has");
    assert_eq!(read_json(&written(TextFormat::Json).bytes), Value::from(records.clone()), "{name}");
    let mut cells = csv::Reader::from_reader(&*csv.bytes);
    let columns: Vec<&str> = table.columns.iter().map(|column| column.column.as_str()).collect();
    assert_eq!(cells.headers().expect("CSV can be read"), columns, "{name}");
    let rows: Vec<_> = cells.records().map(|row| row.expect("CSV can be read")).collect();
    assert_eq!(rows.len(), records.len(), "{name} has as many lines as records");
    for (row, record) in rows.iter().zip(&records) {
        for (cell, column) in row.iter().zip(&columns) {
            let expected = match &record[column] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(cell, expected, "{column} of {record} in {name}");
        }
    }
    records
}

fn read_json(line: &[u8]) -> Value {
    serde_json::from_slice(line).expect("a record is JSON")
}

#[derive(Default)]
struct Written {
    records: u64,
    bytes: Vec<u8>,
}

impl TableSink for Written {
    fn begin(&mut self, _: Position, records: u64) -> io::Result<()> {
        self.records = records;
        Ok(())
    }
}

impl Write for Written {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.bytes.write(piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
