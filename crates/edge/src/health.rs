//! How an edge is doing, for `/readyz` and `/metrics`.

use std::{fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use storefold_http_kit::{Check, Metrics, NotReady};

use crate::Edge;

/// Ready while there is room in the outbox. A line that is down is what an edge is there for.
pub fn check(edge: Arc<Edge>) -> Check {
    Arc::new(move || {
        let standing = edge.standing();
        if standing.bytes < standing.bytes_max {
            return Vec::new();
        }
        let reason = format!("{} events wait, and it is full", standing.events);
        vec![NotReady { part: "outbox".to_owned(), reason }]
    })
}

/// Adds the metrics of the edge: backlog, its age, what was sent and refused, and the line.
pub fn register_metrics(edge: Arc<Edge>, metrics: &Metrics) {
    metrics.register(|registry| registry.register_collector(Box::new(EdgeMetrics(edge))));
}

struct EdgeMetrics(Arc<Edge>);

impl fmt::Debug for EdgeMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EdgeMetrics")
    }
}

impl Collector for EdgeMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let standing = self.0.standing();
        let age_ms = standing.oldest_kept_at_ms.map_or(0, |kept_at_ms| (self.0.now_ms() - kept_at_ms).max(0));
        let mut gauge = |name: &str, help: &str, value: u64| {
            ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
        };
        gauge("outbox_events", "Events that wait to be sent on", standing.events)?;
        gauge("outbox_bytes", "Their bytes, as they count against the limit", standing.bytes)?;
        gauge("outbox_bytes_max", "The limit", standing.bytes_max)?;
        gauge("outbox_oldest_age_seconds", "Since the oldest of them was kept", age_ms as u64 / 1_000)?;
        gauge("edge_line_up", "1 while the centre answers", u64::from(self.0.line.is_up()))?;
        let mut counter = |name: &str, help: &str, value: u64| {
            ConstCounter::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)
        };
        counter("outbox_sent", "Events that the centre has", standing.sent)?;
        counter("outbox_refused", "Events that the centre refused, and keeps in quarantine", standing.refused)
    }
}
