//! The log itself as a table: a record an event.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::{Result, anyhow};
use serde_json::Value;
use storefold_event_log::Tenant;
use storefold_events::{Position, Recorded, wire};
use storefold_projection::{Cell, Column, ColumnKind, TableError, TableSink, TableWriter};

use super::{Format, Taken, target::Target};
use crate::{
    log_address::{LogAddress, OpenLog},
    progress::Progress,
    signals::Stop,
};

/// What is asked for in the place of a read model.
pub(super) const EVENTS: &str = "events";

/// Fields of an event as `wire::show` names them, with what they are and whether they may be absent.
const COLUMNS: [(&str, ColumnKind, bool, &str); 11] = [
    ("position", ColumnKind::Whole, false, "Where it stands in the log."),
    ("recorded_at", ColumnKind::Time, false, "When it was taken into the log."),
    ("occurred_at", ColumnKind::Time, false, "When it happened."),
    ("store", ColumnKind::Text, true, "Where it happened; empty where it concerns no store."),
    ("type", ColumnKind::Text, false, "What happened."),
    ("version", ColumnKind::Whole, false, "The version of the type."),
    ("source", ColumnKind::Text, false, "Who sent it."),
    ("seq", ColumnKind::Whole, true, "Its number among those of the source."),
    ("id", ColumnKind::Text, true, "What it is known by where the source does not count."),
    ("cause", ColumnKind::Whole, true, "The position of the event that brought it about; empty for what was sent."),
    ("data", ColumnKind::Text, false, "Its fields, in JSON."),
];

/// Writes every event that is in the log now.
pub(super) async fn export(
    (log, tenant): (&LogAddress, &Tenant),
    format: Format,
    output: Option<&Path>,
    stop: &mut Stop,
) -> Result<Taken> {
    let opened = OpenLog::open_existing(log, tenant).await?;
    let mut file = CountedFile { target: Target::open(output)?, bytes: 0 };
    let written = tokio::select! {
        written = write(&opened, format, &mut file) => written,
        () = stop.wait() => Err(anyhow!("the export was interrupted")),
    };
    let bytes = file.bytes;
    let taken = file.target.close(written.map(|position| Taken { position, rows: position, bytes }));
    opened.close().await?;
    taken
}

async fn write(opened: &OpenLog, format: Format, file: &mut CountedFile) -> Result<Position> {
    let head = opened.log.head().await?.position;
    let progress = Progress::start("Exporting", "events");
    let mut writer = format.file_format().writer(EVENTS, file);
    // Positions are gapless, so the last one is their number.
    writer.begin(head, head, &columns())?;
    let mut done = 0;
    let mut tail = opened.log.tail(0).await?;
    while done < head {
        for record in tail.next().await? {
            if done < head {
                record.events().try_for_each(|recorded| anyhow::Ok(write_event(&recorded?, &mut *writer)?))?;
                progress.advance_of(record.last_position() - done, head);
                done = record.last_position();
            }
        }
    }
    writer.finish()?;
    progress.finish();
    Ok(head)
}

fn columns() -> Vec<Column> {
    let column = |(name, kind, optional, description): (&str, ColumnKind, bool, &str)| Column {
        column: name.to_owned(),
        description: description.to_owned(),
        kind,
        optional,
    };
    COLUMNS.into_iter().map(column).collect()
}

fn write_event(recorded: &Recorded<'_>, writer: &mut dyn TableWriter) -> Result<(), TableError> {
    let shown = wire::show(recorded);
    for (column, (name, ..)) in COLUMNS.iter().enumerate() {
        let json;
        let cell = match &shown[name] {
            Value::Null => Cell::Empty,
            Value::String(text) => Cell::Text(text),
            Value::Number(number) if number.is_i64() => Cell::Whole(number.as_i64().unwrap_or_default()),
            other => {
                json = other.to_string();
                Cell::Text(&json)
            }
        };
        writer.cell(column, cell)?;
    }
    writer.end_record()
}

/// Where it goes to, and how much went there.
struct CountedFile {
    target: Target,
    bytes: u64,
}

impl TableSink for CountedFile {
    fn begin(&mut self, _: Position, _: u64) -> io::Result<()> {
        Ok(())
    }
}

impl Write for CountedFile {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.target.write(piece).map_err(io::Error::other)?;
        self.bytes += piece.len() as u64;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
