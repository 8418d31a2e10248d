use serde_json::{Value, json};
use storefold_table_files::FileFormat;

use crate::world::{COLUMNS, EMPTY, FULL, HOSTILE, noted, written};

fn csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn records_stand_in_csv_ndjson_and_json_alike() {
    let full = json!({"store": "CH-GVA-02", "note": "on the lake", "day": "2026-11-23",
        "at": "2026-11-23T10:15:00.250Z", "turnover_minor": -123_456_789_012_i64, "rate": 0.75, "used": true});
    let empty = json!({"store": "FR-PAR-01", "note": null, "day": null, "at": null, "turnover_minor": null, "rate": null,
        "used": null});
    let of = |format| written(format, &[EMPTY, FULL]).bytes;
    let array: Value = serde_json::from_slice(&of(FileFormat::Json)).unwrap();
    assert_eq!(array, json!([empty, full]));
    let lines = String::from_utf8(of(FileFormat::Ndjson)).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(Value::from(lines), array);
    let cells = csv(&of(FileFormat::Csv));
    assert_eq!(cells[0], COLUMNS.map(|(name, ..)| name));
    assert_eq!(cells[1], ["FR-PAR-01", "", "", "", "", "", ""]);
    let expected =
        ["CH-GVA-02", "on the lake", "2026-11-23", "2026-11-23T10:15:00.250Z", "-123456789012", "0.75", "true"];
    assert_eq!(cells[2], expected);
}

#[test]
fn a_table_without_records_is_whole() {
    assert_eq!(csv(&written(FileFormat::Csv, &[]).bytes), [COLUMNS.map(|(name, ..)| name)]);
    assert_eq!(written(FileFormat::Ndjson, &[]).bytes, b"");
    assert_eq!(serde_json::from_slice::<Value>(&written(FileFormat::Json, &[]).bytes).unwrap(), json!([]));
}

#[test]
fn hostile_texts_stay_in_their_cell() {
    let records = HOSTILE.map(noted);
    let cells = csv(&written(FileFormat::Csv, &records).bytes);
    let array: Value = serde_json::from_slice(&written(FileFormat::Json, &records).bytes).unwrap();
    for (at, note) in HOSTILE.into_iter().enumerate() {
        assert_eq!(cells[at + 1][1], note);
        assert_eq!(cells[at + 1].len(), COLUMNS.len());
        assert_eq!(array[at]["note"], note);
    }
}
