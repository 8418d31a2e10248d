//! How the read models are doing, for `/readyz` and `/metrics`.

use std::{fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};
use storefold_http_kit::{Check, Metrics, NotReady};
use storefold_projection::{ModelStatus, Proof, RunnerHandle};

/// Ready once every model has come to where the log ended at the start, and while the log can be read. A poisoned model
/// is not waited for: it would keep the others from serving.
pub fn check(models: RunnerHandle) -> Check {
    Arc::new(move || {
        let mut waiting = Vec::new();
        if !models.caught_up() {
            let behind = models.status().into_iter().filter(|model| model.poisoned.is_none() && model.lag_events > 0);
            waiting.extend(behind.map(|model| NotReady {
                part: model.name.to_owned(),
                reason: format!("at position {}, {} events behind", model.position, model.lag_events),
            }));
        }
        waiting.extend(models.log_error().map(|reason| NotReady { part: "log".to_owned(), reason }));
        waiting
    })
}

/// Adds the metrics of the models: position, lag, poison, age of the heartbeat, events folded, what the
/// last proof came to and its age.
pub fn register_metrics(models: RunnerHandle, metrics: &Metrics) {
    metrics.register(|registry| registry.register_collector(Box::new(ModelMetrics(models))));
}

struct ModelMetrics(RunnerHandle);

impl fmt::Debug for ModelMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelMetrics")
    }
}

impl Collector for ModelMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let models = self.0.status();
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, of: &dyn Fn(&ModelStatus) -> f64| {
            let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
            models.iter().try_for_each(|model| {
                ConstGauge::new(of(model)).encode(family.encode_family(&[("model", model.name)])?)
            })
        };
        gauge("model_position", "Every event up to it is in the rows", None, &|model| model.position as f64)?;
        gauge("model_lag_events", "Events of the log that are not in the rows yet", None, &|model| {
            model.lag_events as f64
        })?;
        gauge("model_poisoned", "1 when the model has stopped before an event", None, &|model| {
            f64::from(u8::from(model.poisoned.is_some()))
        })?;
        gauge(
            "model_heartbeat_age",
            "Since the model was at work or found nothing to do",
            Some(&Unit::Seconds),
            &|model| model.heartbeat_age.as_secs_f64(),
        )?;
        let mut proofs = |name: &str, help: &str, unit: Option<&Unit>, of: &dyn Fn(&Proof) -> f64| {
            let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
            models.iter().filter_map(|model| Some((model.name, model.proof.as_ref()?))).try_for_each(|(name, proof)| {
                ConstGauge::new(of(proof)).encode(family.encode_family(&[("model", name)])?)
            })
        };
        proofs("model_proof_equal", "1 when the rows were the fold of the log when last compared", None, &|proof| {
            f64::from(u8::from(proof.difference.is_none()))
        })?;
        proofs("model_proof_age", "Since the rows were compared with a new fold", Some(&Unit::Seconds), &|proof| {
            proof.age.as_secs_f64()
        })?;
        let mut folded = encoder.encode_descriptor(
            "model_events_folded",
            "Events folded since the start",
            None,
            MetricType::Counter,
        )?;
        models.iter().try_for_each(|model| {
            ConstCounter::new(model.folded_total).encode(folded.encode_family(&[("model", model.name)])?)
        })
    }
}
