//! The file that says what a run gives to whom.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use storefold_events::{EventType, stored_value::VoucherRunLaunched};

/// A run as it was written down.
pub struct RunFile {
    text: String,
    /// What is launched, without author and position.
    pub body: Value,
    pub launched: VoucherRunLaunched<'static>,
}

impl RunFile {
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let named = || format!("{} is no run of vouchers; `storefold help vouchers` says what it has", file.display());
        let body: Value = serde_json::from_str(&text).with_context(named)?;
        let mut whole = body.clone();
        let fields = whole.as_object_mut().with_context(named)?;
        // Known when it is launched only.
        fields.insert("previewed_at".to_owned(), json!(0));
        fields.insert("author".to_owned(), json!("nobody yet"));
        let launched: VoucherRunLaunched<'static> = Deserialize::deserialize(whole).with_context(named)?;
        launched.check().with_context(|| format!("{} cannot be launched", file.display()))?;
        Ok(Self { text, body, launched })
    }

    /// Tells this run from another, or from what it was.
    pub fn digest(&self) -> String {
        blake3::hash(self.text.as_bytes()).to_hex().to_string()
    }

    /// What of the criteria is asked of the server.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let criteria = &self.launched.criteria;
        let mut parameters = vec![
            ("currency", self.launched.currency.to_string()),
            ("visits_min", criteria.visits_min.to_string()),
            ("turnover_min_minor", criteria.turnover_min_minor.to_string()),
        ];
        parameters.extend(criteria.from.map(|day| ("from", day.to_string())));
        parameters.extend(criteria.until.map(|day| ("until", day.to_string())));
        let texts =
            [("customer", &criteria.customer), ("country", &criteria.country), ("language", &criteria.language)];
        parameters.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?.to_string()))));
        if !criteria.stores.is_empty() {
            let stores: Vec<_> = criteria.stores.iter().map(ToString::to_string).collect();
            parameters.push(("stores", stores.join(",")));
        }
        parameters
    }

    /// What a voucher for a turnover is worth, in minor units: all its uses together.
    pub fn worth_minor(&self, turnover_minor: i64) -> i64 {
        let uses = i64::from(self.launched.uses.unwrap_or(1));
        storefold_domain::voucher_worth_minor(&self.launched.tiers, turnover_minor).saturating_mul(uses)
    }
}
