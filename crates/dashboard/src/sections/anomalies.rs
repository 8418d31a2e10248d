//! Stores that are not as they were (row 1.19).

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Number;
use storefold_events::Currency;

use crate::{
    answers::{
        kpis::{Anomalies, Anomaly},
        stores::Store,
    },
    links,
    visit::Visit,
};

/// The first of them in words; `stores` are those they may be of.
pub(crate) fn list(visit: &Visit<'_>, found: &Anomalies, stores: &[Store], count: usize) -> Markup {
    let texts = visit.texts();
    let by_id: BTreeMap<_, _> = stores.iter().map(|store| (store.id.as_str(), store)).collect();
    html! {
        @if found.anomalies.is_empty() { p.quiet { (texts.network.nothing_stands_out) } } @else {
            ul.entries {
                @for anomaly in found.anomalies.iter().take(count) {
                    (one(visit, anomaly, by_id.get(anomaly.store.as_str()).copied()))
                }
            }
        }
        @if found.anomalies.len() > count {
            p.quiet { ((texts.words.and_more)(&visit.language.count((found.anomalies.len() - count) as u64))) }
        }
        details #stands-out-definition {
            summary { (texts.frame.definition) }
            p.quiet lang="en" { (found.definition) }
        }
    }
}

fn one(visit: &Visit<'_>, anomaly: &Anomaly, store: Option<&Store>) -> Markup {
    let texts = visit.texts();
    let value = |value: &Number| shown(visit, &anomaly.kpi, value, store.map(|store| store.currency));
    let say = if anomaly.kind == "trend" { texts.network.goes_on } else { texts.network.deviates };
    html! {
        li {
            p.line {
                a href=(links::to_store(&anomaly.store)) { (store.map_or(&anomaly.store, |store| &store.name)) }
            }
            p { (say(&texts.kpis.name(&anomaly.kpi), &value(&anomaly.value), &value(&anomaly.median))) }
        }
    }
}

/// Anomalies come without their units; those that are looked at have these.
fn shown(visit: &Visit<'_>, kpi: &str, value: &Number, currency: Option<Currency>) -> String {
    let unit = match kpi {
        "turnover" | "average_basket" => "money",
        "conversion" | "scan_success" | "email_capture" => "share",
        _ => "number",
    };
    visit.language.value(unit, value, currency)
}
