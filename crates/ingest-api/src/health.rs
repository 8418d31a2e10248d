//! How the sequencer is doing, for `/readyz` and `/metrics`.

use std::{fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};
use storefold_http_kit::{Admission, Check, Metrics, NotReady};
use storefold_sequencer::{SequencerHandle, Standing};

/// Ready while the sequencer writes, or follows the node that does.
pub fn check(sequencer: SequencerHandle) -> Check {
    Arc::new(move || {
        let reason = match &*sequencer.standing().borrow() {
            Standing::Writing | Standing::Following => return Vec::new(),
            Standing::SteppedDown(reason) => reason.clone(),
            Standing::Stopped => "it has been stopped".to_owned(),
        };
        vec![NotReady { part: "sequencer".to_owned(), reason }]
    })
}

/// Adds the metrics of the sequencer and of what is taken in for it: head, standing, entries in quarantine, bytes under way.
pub fn register_metrics(sequencer: SequencerHandle, admission: Arc<Admission>, metrics: &Metrics) {
    metrics.register(|registry| registry.register_collector(Box::new(SequencerMetrics(sequencer, admission))));
}

struct SequencerMetrics(SequencerHandle, Arc<Admission>);

impl fmt::Debug for SequencerMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SequencerMetrics")
    }
}

impl Collector for SequencerMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut gauge = |name: &str, help: &str, value: u64| {
            ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
        };
        let writing = *self.0.standing().borrow() == Standing::Writing;
        gauge("sequencer_head", "The last durable position", self.0.head())?;
        gauge("sequencer_writing", "1 while this process writes the log", u64::from(writing))?;
        gauge("admission_under_way_bytes", "Bytes of requests that are worked on", self.1.under_way_bytes())?;
        gauge("admission_limit_bytes", "Bytes beyond which requests are sent away", self.1.limit_bytes())?;
        match self.0.quarantine().len() {
            Ok(entries) => gauge("quarantine_entries", "What was refused and is kept", entries),
            Err(error) => {
                tracing::warn!(%error, "the quarantine cannot be counted");
                Ok(())
            }
        }
    }
}
