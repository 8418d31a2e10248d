//! Which file of a table is asked for: by a parameter, or by `Accept`.

use axum::http::{HeaderMap, header};
use storefold_http_kit::Problem;
use storefold_table_files::FileFormat;

/// The parameter; it counts more than `Accept`.
pub(super) const FORMAT: &str = "format";

/// # Errors
/// A bad parameter, when it names no format.
pub(super) fn asked(named: Option<String>, headers: &HeaderMap) -> Result<FileFormat, Problem> {
    match named {
        Some(name) => FileFormat::named(&name).ok_or_else(|| {
            Problem::bad_parameter(FORMAT, format_args!("is none of {}; send one of them", names().join(", ")))
        }),
        None => Ok(accepted(headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default())),
    }
}

pub(super) fn names() -> [&'static str; FileFormat::ALL.len()] {
    FileFormat::ALL.map(FileFormat::name)
}

pub(super) fn content_type(format: FileFormat) -> String {
    match format {
        FileFormat::Csv => format!("{}; charset=utf-8; header=present", format.media_type()),
        _ => format.media_type().to_owned(),
    }
}

/// What is liked best of the formats that are accepted by their names, the first of those that are liked alike. Whoever
/// accepts anything, or nothing that there is, has the first of all.
fn accepted(accept: &str) -> FileFormat {
    let named = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next()?;
        let format = FileFormat::ALL.into_iter().find(|format| media_type.eq_ignore_ascii_case(format.media_type()))?;
        let liked = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        Some((format, liked.unwrap_or(1.0)))
    });
    named.fold((FileFormat::ALL[0], 0.0), |best, next| if next.1 > best.1 { next } else { best }).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_liked_best_of_what_there_is_is_sent() {
        for (accept, format) in [
            ("", FileFormat::Csv),
            ("*/*", FileFormat::Csv),
            ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", FileFormat::Csv),
            ("application/json", FileFormat::Json),
            ("text/csv;q=0.5, application/x-ndjson", FileFormat::Ndjson),
            ("application/vnd.apache.parquet, application/json", FileFormat::Parquet),
            ("application/json;q=0, Text/CSV; charset=utf-8", FileFormat::Csv),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;q=0.1", FileFormat::Xlsx),
        ] {
            assert_eq!(accepted(accept), format, "{accept}");
        }
    }
}
