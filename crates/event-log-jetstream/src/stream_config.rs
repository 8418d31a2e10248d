//! How a stream has to be set so that it drops nothing silently (invariant 9).

use std::time::Duration;

use async_nats::jetstream::{
    Context, ErrorCode,
    context::{CreateStreamError, CreateStreamErrorKind},
    stream::{Compression, Config, DiscardPolicy, Info, PersistenceMode, RetentionPolicy, StorageType},
};
use storefold_event_log::{RECORD_BYTES_MAX, Tenant};

use crate::{OpenError, patience::Patience};

/// The most bytes of one message of the log: a record and the headers beside it.
pub const MESSAGE_BYTES_MAX: usize = RECORD_BYTES_MAX + 1_024;

/// What stands before the subject of a message in the stream of the server's MQTT side.
pub(crate) const MQTT_PREFIX: &str = "$MQTT.msgs.";

/// How long the server remembers ids of messages. It only spares a retry over the network the refusal; the log's own
/// memory of what was written has no window.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);

/// The stream that keeps a tenant's log for ever.
pub(crate) fn log(tenant: &Tenant, replicas: usize) -> Config {
    Config {
        name: format!("LOG_{tenant}"),
        subjects: vec![format!("log.{tenant}")],
        description: Some(format!("Storefold: the log of {tenant}, one record a message; never delete any")),
        retention: RetentionPolicy::Limits,
        max_message_size: MESSAGE_BYTES_MAX as i32,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        ..kept(replicas)
    }
}

/// The stream that keeps what devices send until it is taken into the log. A full one refuses new messages, so that
/// the device knows and keeps them.
pub(crate) fn inbox(tenant: &Tenant, replicas: usize, bytes_max: u64) -> Config {
    Config {
        name: format!("INBOX_{tenant}"),
        subjects: vec![format!("storefold.in.{tenant}.>")],
        description: Some(format!("Storefold: what devices of {tenant} have sent and the log has not taken yet")),
        retention: RetentionPolicy::WorkQueue,
        max_bytes: bytes_max as i64,
        ..kept(replicas)
    }
}

/// The stream that keeps the changes of a tenant's quarantine, for every node that may write.
pub(crate) fn quarantine(tenant: &Tenant, replicas: usize) -> Config {
    Config {
        name: format!("QUARANTINE_{tenant}"),
        subjects: vec![format!("quarantine.{tenant}")],
        description: Some(format!("Storefold: what was refused of {tenant}, and what became of it; never delete any")),
        retention: RetentionPolicy::Limits,
        deny_delete: true,
        deny_purge: true,
        ..kept(replicas)
    }
}

/// The stream in which the server keeps what came with quality of service 1 or 2, before it confirms it. The server
/// makes it for the first MQTT client of an account, set like this; made beforehand, it is there for the first message.
pub(crate) fn mqtt_messages(replicas: usize) -> Config {
    Config {
        name: "$MQTT_msgs".to_owned(),
        subjects: vec![format!("{MQTT_PREFIX}>")],
        retention: RetentionPolicy::Interest,
        storage: StorageType::File,
        num_replicas: replicas,
        ..Config::default()
    }
}

fn kept(replicas: usize) -> Config {
    Config {
        max_bytes: -1,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        duplicate_window: DUPLICATE_WINDOW,
        // Not packed, though the log would shrink to two fifths: after SIGKILL a server (2.15.1) met a block of its own that it
        // could not unpack (`s2: corrupt input`), and its replica took nothing more. History is packed in a node's copy.
        compression: Some(Compression::None),
        ..Config::default()
    }
}

/// Opens the stream, creating it when it is absent. A cluster that is electing does not answer, so it is tried again.
pub(crate) async fn open(jetstream: &Context, wanted: &Config, give_up_after: Duration) -> Result<Info, OpenError> {
    let mut patience = Patience::of(give_up_after);
    let info = loop {
        let error = match jetstream.get_or_create_stream(wanted.clone()).await {
            Ok(stream) => break stream.cached_info().clone(),
            Err(error) => error,
        };
        if !may_pass(&error) || !patience.lasts().await {
            let detail = match error.kind() {
                CreateStreamErrorKind::JetStreamUnavailable => "nobody answers; is JetStream on?".to_owned(),
                _ => error.to_string(),
            };
            return Err(OpenError::JetStream { stream: wanted.name.clone(), detail });
        }
    };
    match fault(&info.config, wanted) {
        Some(fault) => Err(OpenError::Misconfigured { stream: wanted.name.clone(), fault }),
        None => Ok(info),
    }
}

fn may_pass(error: &CreateStreamError) -> bool {
    match error.kind() {
        CreateStreamErrorKind::TimedOut | CreateStreamErrorKind::JetStreamUnavailable => true,
        // A server that has just come is not yet known to the others.
        CreateStreamErrorKind::JetStream(error) => {
            error.code() == 503 || error.error_code() == ErrorCode::CLUSTER_NO_PEERS
        }
        _ => false,
    }
}

/// What is wrong with a stream that is there already.
fn fault(found: &Config, wanted: &Config) -> Option<String> {
    let is_log = wanted.retention == RetentionPolicy::Limits;
    let is_inbox = wanted.retention == RetentionPolicy::WorkQueue;
    let limited = |limit: i64| limit > 0;
    let faults = [
        (found.subjects != wanted.subjects, format!("it takes {:?} instead of {:?}", found.subjects, wanted.subjects)),
        (found.retention != wanted.retention, format!("its retention is {:?}", found.retention)),
        (found.storage != StorageType::File, "it is kept in memory".to_owned()),
        (found.persist_mode == Some(PersistenceMode::Async), "persist_mode async acknowledges too early".to_owned()),
        (found.no_ack, "no_ack is set, so nothing is acknowledged".to_owned()),
        (found.sealed, "it is sealed, so nothing can be written".to_owned()),
        (!found.max_age.is_zero(), "max_age is set, so messages would be dropped".to_owned()),
        (
            limited(found.max_messages_per_subject),
            "max_msgs_per_subject is set, so messages would be dropped".to_owned(),
        ),
        (found.mirror.is_some() || found.sources.is_some(), "it copies another stream".to_owned()),
        (found.subject_transform.is_some(), "it renames subjects".to_owned()),
        (found.allow_message_ttl, "allow_msg_ttl is set, so messages could expire".to_owned()),
        (
            found.num_replicas < wanted.num_replicas,
            format!("it has {} replicas, fewer than the {} asked for", found.num_replicas, wanted.num_replicas),
        ),
        (!is_inbox && limited(found.max_bytes), "max_bytes is set, so it would fill up".to_owned()),
        (!is_inbox && limited(found.max_messages), "max_msgs is set, so it would fill up".to_owned()),
        (is_log && !found.deny_delete, "deny_delete is not set, so records could be deleted".to_owned()),
        (is_log && !found.deny_purge, "deny_purge is not set, so records could be deleted".to_owned()),
        (
            is_log && limited(found.max_message_size.into()) && found.max_message_size < wanted.max_message_size,
            format!("max_msg_size is {}, but records need {}", found.max_message_size, wanted.max_message_size),
        ),
        (is_inbox && found.discard != DiscardPolicy::New, "discard is old, so messages would be dropped".to_owned()),
    ];
    faults.into_iter().find_map(|(holds, fault)| holds.then_some(fault))
}
