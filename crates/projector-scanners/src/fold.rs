//! What each event tells of scanners and of the source that sent it.

use storefold_events::{Event, Key, Payload, Recorded, store::StoreConfigured};
use storefold_projection::{Part, Poison, Rows};

use crate::rows::{Row, Sighting, StoreRow, Upload, raise};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let Recorded { position, recorded_at_ms, event } = recorded;
    if let Key::Seq(seq) = event.key {
        rows.row(&Row::source_key(&event.source))?.source()?.see(seq);
    }
    let at_ms = event.occurred_at_ms;
    match &event.payload {
        Payload::ScanCaptured(scan) => {
            let seen = sighting(recorded)?;
            let row = rows.row(&Row::scanner_key(&scan.scanner))?.scanner()?;
            raise(&mut row.seen, Some(seen));
            let upload = Upload { position: *position, occurred_at_ms: at_ms, recorded_at_ms: *recorded_at_ms };
            raise(&mut row.upload, Some(upload));
            raise(&mut row.backlog_ms_max, Some(upload.backlog_age_ms()));
            row.sent_by(&event.source);
        }
        Payload::ScannerConnected(connected) => {
            let seen = sighting(recorded)?;
            let row = rows.row(&Row::scanner_key(&connected.scanner))?.scanner()?;
            raise(&mut row.seen, Some(seen));
            raise(&mut row.connection, Some((at_ms, *position, true)));
        }
        Payload::ScannerDisconnected(disconnected) => {
            let row = rows.row(&Row::scanner_key(&disconnected.scanner))?.scanner()?;
            raise(&mut row.connection, Some((at_ms, *position, false)));
        }
        Payload::ScannerRegistered(registered) => {
            let row = rows.row(&Row::scanner_key(&registered.scanner))?.scanner()?;
            raise(&mut row.registered, Some((*position, registered.model.as_ref().map(ToString::to_string))));
        }
        Payload::ScannerAssignedToStore(assigned) => {
            let store = store_of(event)?.to_owned();
            let row = rows.row(&Row::scanner_key(&assigned.scanner))?.scanner()?;
            raise(&mut row.stands, Some((at_ms, *position, store)));
        }
        Payload::StoreConfigured(configured) => store_configured(recorded, configured, rows)?,
        _ => {}
    }
    Ok(())
}

/// Sources are folded apart, as each has its own numbers. What several of them tell of a scanner is put together.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    let event = &recorded.event;
    let concerns = matches!(
        event.payload,
        Payload::ScanCaptured(_)
            | Payload::ScannerConnected(_)
            | Payload::ScannerDisconnected(_)
            | Payload::ScannerRegistered(_)
            | Payload::ScannerAssignedToStore(_)
            | Payload::StoreConfigured(_)
    );
    if concerns || matches!(event.key, Key::Seq(_)) { Part::Of(&event.source) } else { Part::Nobody }
}

impl Upload {
    /// How long after it was made the scan was recorded; negative where the scanner's clock is ahead.
    pub(crate) fn backlog_age_ms(self) -> i64 {
        self.recorded_at_ms.saturating_sub(self.occurred_at_ms)
    }
}

fn sighting(recorded: &Recorded<'_>) -> Result<Sighting, Poison> {
    Ok(Sighting {
        occurred_at_ms: recorded.event.occurred_at_ms,
        position: recorded.position,
        recorded_at_ms: recorded.recorded_at_ms,
        store: store_of(&recorded.event)?.to_owned(),
    })
}

fn store_configured(
    recorded: &Recorded<'_>,
    configured: &StoreConfigured<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    *rows.row(&Row::store_key(store_of(&recorded.event)?))? = Row::Store(StoreRow {
        position: recorded.position,
        name: configured.name.to_string(),
        organisation: configured.organisation.as_ref().map(ToString::to_string),
    });
    Ok(())
}

fn store_of<'e>(event: &'e Event<'_>) -> Result<&'e str, Poison> {
    let name = event.payload.info().name;
    event.store.as_deref().ok_or_else(|| Poison(format!("a {name} names no store")))
}
