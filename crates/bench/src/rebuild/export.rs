//! The log as a table, for those who fold it otherwise: a row an event, in the order of the log.
//!
//! Every row has the store day, the units and the amounts of its event beside the event itself, with the sign they are
//! summed by. Storefold takes them from the event while it folds; the peers are spared that, since it is the form
//! that their users would give such a table.

use std::{collections::HashMap, fs::File, io::BufWriter, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use storefold_event_log::{EventLog, Tenant};
use storefold_event_log_embedded::EmbeddedLog;
use storefold_events::{
    DaySpan, Event, Payload, Recorded, StoreCalendar, codec,
    scan::{Gender, ScanOutcome},
};

/// Whose log a server keeps unless it is told otherwise.
const TENANT: &str = "demo";

/// The columns in the order of [`Row`], with their types in SQL.
pub const COLUMNS: [(&str, &str); 16] = [
    ("position", "BIGINT"),
    ("type", "VARCHAR"),
    ("source", "VARCHAR"),
    ("store", "VARCHAR"),
    ("occurred_at_ms", "BIGINT"),
    ("day", "DATE"),
    ("outcome", "VARCHAR"),
    ("gender", "VARCHAR"),
    ("with_email", "BOOLEAN"),
    ("customer", "VARCHAR"),
    ("programme", "VARCHAR"),
    ("points", "BIGINT"),
    ("units", "BIGINT"),
    ("amount_minor", "BIGINT"),
    ("tax_minor", "BIGINT"),
    ("data", "VARCHAR"),
];

/// An event as a row.
#[derive(Debug, Default, Serialize)]
struct Row<'e> {
    position: u64,
    r#type: &'static str,
    source: &'e str,
    store: Option<&'e str>,
    occurred_at_ms: i64,
    day: Option<chrono::NaiveDate>,
    outcome: Option<ScanOutcome>,
    gender: Option<Gender>,
    with_email: Option<bool>,
    customer: Option<&'e str>,
    programme: Option<&'e str>,
    points: Option<i64>,
    units: Option<i64>,
    amount_minor: Option<i64>,
    tax_minor: Option<i64>,
    data: String,
}

/// A log whose server has ended.
pub struct Log(EmbeddedLog);

impl Log {
    /// Opens the log of a server that has ended.
    pub fn open(directory: &Path) -> Result<Self> {
        Ok(Self(EmbeddedLog::open(directory, &Tenant::new(TENANT)?)?))
    }

    /// Writes the events up to a position (inclusive) as CSV without a head.
    pub async fn write_csv(&self, until: u64, path: &Path) -> Result<()> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(BufWriter::with_capacity(1 << 20, file));
        let mut days = Days::default();
        self.each(until, |recorded| Ok(csv.serialize(days.row(recorded)?)?)).await?;
        Ok(csv.flush()?)
    }

    /// The first events, each as it is encoded in the log.
    pub async fn encoded(&self, count: u64) -> Result<Vec<Vec<u8>>> {
        let mut all = Vec::with_capacity(count as usize);
        self.each(count, |recorded| {
            let mut bytes = Vec::new();
            codec::encode(&recorded.event, &mut bytes);
            all.push(bytes);
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// Shows the events up to a position, each once and in order.
    async fn each(&self, until: u64, mut show: impl FnMut(&Recorded<'_>) -> Result<()>) -> Result<()> {
        let mut tail = self.0.tail(0).await?;
        let mut position = 0;
        while position < until {
            for record in tail.next().await? {
                for recorded in record.events() {
                    let recorded = recorded?;
                    if recorded.position > until {
                        break;
                    }
                    position += 1;
                    ensure!(recorded.position == position, "{} stands where {position} must", recorded.position);
                    show(&recorded)?;
                }
            }
        }
        Ok(())
    }
}

/// Stores and the day that each is at.
#[derive(Default)]
struct Days(HashMap<String, (StoreCalendar, DaySpan)>);

impl Days {
    fn row<'e>(&mut self, recorded: &'e Recorded<'_>) -> Result<Row<'e>> {
        let event = &recorded.event;
        if let (Some(store), Payload::StoreConfigured(configured)) = (event.store.as_deref(), &event.payload) {
            let calendar = configured.calendar()?;
            self.0.insert(store.to_owned(), (calendar, calendar.day_at(event.occurred_at_ms)));
        }
        let day = event.store.as_deref().and_then(|store| self.0.get_mut(store)).map(|(calendar, span)| {
            if !(span.start_ms..span.end_ms).contains(&event.occurred_at_ms) {
                *span = calendar.day_at(event.occurred_at_ms);
            }
            span.day
        });
        let row = Row {
            position: recorded.position,
            r#type: event.payload.info().name,
            source: &event.source,
            store: event.store.as_deref(),
            occurred_at_ms: event.occurred_at_ms,
            day,
            data: serde_json::to_string(&event.payload)?,
            ..figures(event)
        };
        Ok(row)
    }
}

/// What is summed of an event, by its sign.
fn figures<'e>(event: &'e Event<'_>) -> Row<'e> {
    let none = Row::default();
    match &event.payload {
        Payload::ScanCaptured(scan) => {
            Row { outcome: Some(scan.outcome), gender: scan.gender, with_email: Some(scan.email.is_some()), ..none }
        }
        Payload::SaleValidated(sale) => Row {
            customer: sale.customer.as_deref(),
            units: Some(sale.lines.iter().map(|line| line.quantity).sum()),
            amount_minor: Some(sale.total_minor()),
            tax_minor: Some(sale.lines.iter().map(|line| line.tax_minor).sum()),
            ..none
        },
        Payload::ReturnValued(valued) => Row {
            units: Some(-valued.units),
            amount_minor: Some(-valued.refund_minor),
            tax_minor: Some(-valued.tax_minor),
            ..none
        },
        Payload::SaleReversed(reversed) => Row {
            units: Some(-reversed.units),
            amount_minor: Some(-reversed.turnover_minor),
            tax_minor: Some(-reversed.tax_minor),
            ..none
        },
        Payload::PointsEarned(earned) => Row {
            customer: Some(&earned.customer),
            programme: Some(&earned.programme),
            points: Some(earned.points),
            ..none
        },
        Payload::PointsReversed(reversed) => Row {
            customer: Some(&reversed.customer),
            programme: Some(&reversed.programme),
            points: Some(-reversed.points),
            ..none
        },
        _ => none,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::{Value, json};
    use storefold_events::{Recorded, wire};

    use super::{COLUMNS, Days, Row};

    fn row(days: &mut Days, position: u64, event: Value) -> Value {
        let event = wire::read_shown(event).unwrap();
        serde_json::to_value(days.row(&Recorded { position, recorded_at_ms: 0, event }).unwrap()).unwrap()
    }

    fn event(occurred_at: &str, event_type: &str, data: &Value) -> Value {
        json!({"source": "till", "seq": 1, "store": "JP", "occurred_at": occurred_at, "type": event_type, "data": data})
    }

    fn opened() -> Days {
        let mut days = Days::default();
        let store = json!({"name": "Tokyo", "zone": "Asia/Tokyo", "business_day_start": "04:00", "currency": "JPY"});
        row(&mut days, 1, event("2026-01-01T00:00:00+09:00", "StoreConfigured", &store));
        days
    }

    #[test]
    fn a_sale_at_night_stands_on_the_day_before_with_its_lines_summed() {
        let lines = json!([
            {"line": 1, "sku": "A", "quantity": 2, "gross_minor": 1000, "discount_minor": 100, "tax_minor": 82},
            {"line": 2, "sku": "B", "quantity": 1, "gross_minor": 500, "tax_minor": 45}
        ]);
        let sale = json!({"sale": "S-1", "till": "1", "channel": "store", "customer": "C-1", "currency": "JPY",
            "lines": lines, "tenders": [{"kind": "cash", "amount_minor": 1400}]});
        let row = row(&mut opened(), 2, event("2026-03-02T03:59:00+09:00", "SaleValidated", &sale));
        assert_eq!(row["day"], "2026-03-01");
        let figures = ["customer", "units", "amount_minor", "tax_minor", "points"].map(|name| row[name].clone());
        assert_eq!(json!(figures), json!(["C-1", 3, 1400, 127, null]));
    }

    #[test]
    fn what_is_taken_back_has_the_other_sign() {
        let sale = json!({"sale": "S-1", "currency": "JPY", "units": 3, "turnover_minor": 1400, "tax_minor": 127});
        let mut reversed = event("2026-03-02T04:00:00+09:00", "SaleReversed", &sale);
        reversed.as_object_mut().unwrap().remove("seq");
        reversed["cause"] = 2.into();
        let row = row(&mut opened(), 3, reversed);
        assert_eq!(row["day"], "2026-03-02");
        assert_eq!(json!([row["units"], row["amount_minor"], row["tax_minor"]]), json!([-3, -1400, -127]));
    }

    #[test]
    fn the_columns_are_those_of_a_row_in_its_order() {
        let row = serde_json::to_string(&Row::default()).unwrap();
        let names = row.trim_matches(['{', '}']).split(',').map(|field| field.split('"').nth(1).unwrap());
        assert_eq!(names.collect::<Vec<_>>(), COLUMNS.map(|(name, _)| name));
    }
}
