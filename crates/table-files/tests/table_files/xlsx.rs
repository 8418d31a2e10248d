use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};
use storefold_projection::Cell;
use storefold_table_files::{FileFormat, SHEET_RECORDS_MAX};

use crate::world::{COLUMNS, EMPTY, FULL, HOSTILE, Kept, columns, noted, try_written, written};

fn sheet(bytes: Vec<u8>) -> Range<Data> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), ["days"]);
    assert!(workbook.worksheet_formula("days").unwrap().is_empty(), "nothing is a formula");
    workbook.worksheet_range("days").unwrap()
}

#[test]
fn cells_are_dates_times_numbers_and_texts() {
    let sheet = sheet(written(FileFormat::Xlsx, &[EMPTY, FULL]).bytes);
    let names: Vec<_> = sheet.headers().unwrap();
    assert_eq!(names, COLUMNS.map(|(name, ..)| name));
    let lines: Vec<&[Data]> = sheet.rows().collect();
    assert_eq!(lines[1][0], Data::String("FR-PAR-01".to_owned()));
    assert!(lines[1][1..].iter().all(|cell| *cell == Data::Empty), "{:?}", lines[1]);
    let [store, note, day, at, turnover, rate, used] = lines[2] else { panic!("{:?}", lines[2]) };
    assert_eq!((store, note), (&Data::String("CH-GVA-02".to_owned()), &Data::String("on the lake".to_owned())));
    let text = |cell: &Data| match cell {
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, second, ms) = moment.to_ymd_hms_milli();
            format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ms:03}")
        }
        other => panic!("{other:?} is no moment"),
    };
    assert_eq!(text(day), "2026-11-23 00:00:00.000");
    assert_eq!(text(at), "2026-11-23 10:15:00.250");
    assert_eq!(turnover, &Data::Float(-123_456_789_012.0));
    assert_eq!((rate, used), (&Data::Float(0.75), &Data::Bool(true)));
}

#[test]
fn a_table_without_records_has_its_names() {
    let sheet = sheet(written(FileFormat::Xlsx, &[]).bytes);
    assert_eq!((sheet.height(), sheet.width()), (1, COLUMNS.len()));
}

#[test]
fn hostile_texts_are_texts() {
    let sheet = sheet(written(FileFormat::Xlsx, &HOSTILE.map(noted)).bytes);
    for (at, note) in HOSTILE.into_iter().enumerate() {
        let found = sheet.get((at + 1, 1)).unwrap();
        // XML has no NUL and no carriage return; the office format writes them so, and sheets show them as they were.
        let written = note.replace("_x0041_", "_x005F_x0041_").replace('\0', "_x0000_").replace('\r', "_x000D_");
        let Data::String(found) = found else { panic!("{found:?} is no text") };
        assert!(found == note || *found == written, "{found:?} is not {note:?}");
    }
}

#[test]
fn what_a_sheet_cannot_count_or_show_stays_whole_as_a_text() {
    let [store, note, _, _, _, rate, used] = FULL;
    let of = |day, whole| [store, note, Cell::Text(day), Cell::Empty, Cell::Whole(whole), rate, used];
    let sheet = sheet(written(FileFormat::Xlsx, &[of("1899-12-31", i64::MAX), of("1900-03-01", (1 << 53) - 1)]).bytes);
    assert_eq!(sheet.get((1, 2)).unwrap(), &Data::String("1899-12-31".to_owned()));
    assert_eq!(sheet.get((1, 4)).unwrap(), &Data::String("9223372036854775807".to_owned()));
    assert_eq!(sheet.get((2, 4)).unwrap(), &Data::Float(9_007_199_254_740_991.0));
    assert!(matches!(sheet.get((2, 2)).unwrap(), Data::DateTime(_)));
}

#[test]
fn what_does_not_fit_into_a_sheet_is_told_before_or_by_its_column() {
    let mut kept = Kept::default();
    let mut writer = FileFormat::Xlsx.writer("days", &mut kept);
    let error = writer.begin(7, SHEET_RECORDS_MAX + 1, &columns()).unwrap_err().to_string();
    assert_eq!(
        error,
        "a sheet of XLSX has room for 1048575 records, and this table has 1048576; export it as csv or parquet"
    );
    drop(writer);
    assert_eq!(kept.bytes, b"");
    let long = "x".repeat(40_000);
    let error = try_written(FileFormat::Xlsx, [noted(&long)].into_iter()).err().unwrap().to_string();
    assert!(error.starts_with("note of record 1 cannot be in a sheet of XLSX"), "{error}");
}

#[test]
fn many_records_go_out_in_small_pieces() {
    let kept = try_written(FileFormat::Xlsx, vec![FULL; 20_000].into_iter()).unwrap();
    assert!(kept.piece_bytes_max <= 1 << 20, "{} bytes in one piece", kept.piece_bytes_max);
    assert_eq!(sheet(kept.bytes).height(), 20_001);
}
