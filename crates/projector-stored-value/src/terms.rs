//! The types of instruments, as far as answers show them.

use serde::{Deserialize, Serialize};
use storefold_events::stored_value::{InstrumentKind, InstrumentTypeConfigured, SpendPolicy};
use storefold_projection::{Poison, QueryError, Rows, View};

use crate::{StoredValue, life::InstrumentRow, rows::Row};

/// A type as it was last configured, by the time of the configurations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermsRow {
    /// When it holds from.
    pub from_ms: i64,
    pub spend: Option<SpendPolicy>,
    pub named: bool,
    pub families: Vec<String>,
    pub brand: Option<String>,
    pub not_beside: Vec<String>,
    pub undiscounted_only: bool,
}

/// What holds for an instrument.
pub(crate) struct Terms {
    pub spend: SpendPolicy,
    pub named: bool,
    pub families: Vec<String>,
    pub brand: Option<String>,
    pub not_beside: Vec<String>,
    pub undiscounted_only: bool,
}

pub(crate) fn configure(
    from_ms: i64,
    configured: &InstrumentTypeConfigured<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let row = rows.row(&Row::terms_key(&configured.instrument_type))?;
    if matches!(row, Row::Terms(known) if known.from_ms > from_ms) {
        return Ok(());
    }
    let stacking = configured.stacking.as_deref().cloned().unwrap_or_default();
    *row = Row::Terms(Box::new(TermsRow {
        from_ms,
        spend: configured.spend,
        named: configured.named,
        families: configured.families.iter().map(ToString::to_string).collect(),
        brand: configured.brand.as_ref().map(ToString::to_string),
        not_beside: stacking.not_beside.iter().map(ToString::to_string).collect(),
        undiscounted_only: stacking.undiscounted_only,
    }));
    Ok(())
}

impl Terms {
    /// Those of its type; where it has none, those of its kind.
    pub(crate) fn of(view: &View<'_, StoredValue>, instrument: &InstrumentRow) -> Result<Self, QueryError> {
        let configured = match &instrument.instrument_type {
            Some(name) => view.get(&Row::terms_key(name))?,
            None => None,
        };
        let of_kind = match instrument.kind {
            InstrumentKind::GiftCard => SpendPolicy::Whole,
            InstrumentKind::Voucher => SpendPolicy::Forfeit,
            InstrumentKind::Wallet | InstrumentKind::CreditNote | InstrumentKind::StoreCredit => SpendPolicy::Partial,
        };
        Ok(match configured {
            Some(Row::Terms(row)) => Self {
                spend: row.spend.unwrap_or(of_kind),
                named: row.named,
                families: row.families,
                brand: row.brand,
                not_beside: row.not_beside,
                undiscounted_only: row.undiscounted_only,
            },
            _ => Self {
                spend: of_kind,
                named: instrument.kind == InstrumentKind::StoreCredit,
                families: Vec::new(),
                brand: None,
                not_beside: Vec::new(),
                undiscounted_only: false,
            },
        })
    }
}
