use parquet::{
    basic::{ConvertedType, LogicalType, Repetition, Type as Physical},
    file::{
        metadata::RowGroupMetaData,
        reader::{FileReader, SerializedFileReader},
    },
    record::{Field, Row},
};
use storefold_projection::Cell;
use storefold_table_files::{FileFormat, GROUP_RECORDS_MAX};

use crate::world::{EMPTY, FULL, HOSTILE, noted, try_written, written};

fn reader(bytes: Vec<u8>) -> SerializedFileReader<bytes::Bytes> {
    SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap()
}

fn rows(bytes: Vec<u8>) -> Vec<Row> {
    reader(bytes).get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

fn fields(row: &Row) -> Vec<Field> {
    row.get_column_iter().map(|(_, field)| field.clone()).collect()
}

#[test]
fn cells_have_the_types_of_their_columns_also_when_the_first_are_empty() {
    let rows = rows(written(FileFormat::Parquet, &[EMPTY, FULL]).bytes);
    let nothing = [Field::Null, Field::Null, Field::Null, Field::Null, Field::Null, Field::Null];
    assert_eq!(fields(&rows[0]), [vec![Field::Str("FR-PAR-01".to_owned())], nothing.to_vec()].concat());
    let full = [
        Field::Str("CH-GVA-02".to_owned()),
        Field::Str("on the lake".to_owned()),
        // 2026-11-23, in days since 1970.
        Field::Date(20_780),
        Field::TimestampMillis(1_795_428_900_250),
        Field::Long(-123_456_789_012),
        Field::Double(0.75),
        Field::Bool(true),
    ];
    assert_eq!(fields(&rows[1]), full);
}

#[test]
fn a_table_without_records_has_its_columns() {
    let reader = reader(written(FileFormat::Parquet, &[]).bytes);
    let metadata = reader.metadata().file_metadata();
    assert_eq!((metadata.num_rows(), reader.num_row_groups()), (0, 0));
    let columns = metadata.schema_descr();
    let found: Vec<_> = columns.columns().iter().map(|column| (column.name(), column.physical_type())).collect();
    assert_eq!(
        found,
        [
            ("store", Physical::BYTE_ARRAY),
            ("note", Physical::BYTE_ARRAY),
            ("day", Physical::INT32),
            ("at", Physical::INT64),
            ("turnover_minor", Physical::INT64),
            ("rate", Physical::DOUBLE),
            ("used", Physical::BOOLEAN),
        ]
    );
    let [store, _, day, at, ..] = columns.columns() else { panic!("seven columns") };
    assert_eq!(store.self_type().get_basic_info().repetition(), Repetition::REQUIRED);
    assert_eq!(store.logical_type_ref(), Some(&LogicalType::String));
    assert_eq!(day.self_type().get_basic_info().repetition(), Repetition::OPTIONAL);
    assert_eq!(day.logical_type_ref(), Some(&LogicalType::Date));
    // Readers that are older than logical types know it as well.
    assert_eq!(at.converted_type(), ConvertedType::TIMESTAMP_MILLIS);
}

#[test]
fn hostile_texts_are_what_they_were() {
    let rows = rows(written(FileFormat::Parquet, &HOSTILE.map(noted)).bytes);
    for (row, note) in rows.iter().zip(HOSTILE) {
        assert_eq!(fields(row)[1], Field::Str(note.to_owned()));
    }
}

#[test]
fn many_records_come_in_groups_and_small_pieces() {
    let count = GROUP_RECORDS_MAX * 2 + 5;
    let records = (0..count).map(|at| {
        let [store, _, day, time, _, rate, used] = if at % 3 == 0 { EMPTY } else { FULL };
        [store, Cell::Empty, day, time, Cell::Whole(at as i64), rate, used]
    });
    let kept = try_written(FileFormat::Parquet, records).unwrap();
    assert!(kept.piece_bytes_max <= 1 << 20, "{} bytes in one piece", kept.piece_bytes_max);
    let reader = reader(kept.bytes);
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [GROUP_RECORDS_MAX as i64, GROUP_RECORDS_MAX as i64, 5]);
    for (at, row) in reader.get_row_iter(None).unwrap().map(Result::unwrap).enumerate() {
        let fields = fields(&row);
        assert_eq!(fields[4], Field::Long(at as i64));
        assert_eq!(fields[6] == Field::Null, at % 3 == 0, "{at}");
    }
}

#[test]
fn long_texts_end_a_group_before_it_has_many_records() {
    let text = "x".repeat(1 << 20);
    let kept = try_written(FileFormat::Parquet, vec![noted(&text); 20].into_iter()).unwrap();
    let groups: Vec<i64> = reader(kept.bytes).metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [8, 8, 4]);
}

#[test]
fn a_cell_that_is_not_what_its_column_is_ends_the_table() {
    let [store, note, _, at, turnover, rate, used] = FULL;
    let record = [store, note, Cell::Text("23 November"), at, turnover, rate, used];
    let error = try_written(FileFormat::Parquet, [record].into_iter()).err().unwrap().to_string();
    assert!(error.contains("day holds \"23 November\" where a day is due"), "{error}");
}
