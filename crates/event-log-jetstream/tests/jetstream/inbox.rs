//! What devices send, and what becomes of it.

use std::{collections::BTreeSet, time::Duration};

use async_nats::{
    HeaderMap,
    jetstream::stream::{Config, DiscardPolicy},
};
use storefold_event_log::Tenant;
use storefold_event_log_jetstream::{
    OpenError,
    inbox::{self, Inbox, InboxMessage, InboxSettings},
};
use storefold_nats_testbed::ServerOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::{World, tenant};

const WAIT: Duration = Duration::from_secs(10);
const BRIEFLY: Duration = Duration::from_millis(200);

async fn open(world: &World, settings: &InboxSettings) -> Inbox {
    Inbox::open(&world.url, &tenant(), settings).await.unwrap()
}

async fn publish(world: &World, source: &str, payload: String) -> bool {
    let device = world.stranger().await;
    let stored = device.publish(inbox::subject(&tenant(), source), payload.into()).await.unwrap();
    stored.await.is_ok()
}

fn payloads(messages: &[InboxMessage]) -> BTreeSet<String> {
    messages.iter().map(|message| String::from_utf8(message.payload.to_vec()).unwrap()).collect()
}

/// Takes until there are as many as expected.
async fn take(inbox: &mut Inbox, count: usize) -> Vec<InboxMessage> {
    let mut taken = Vec::new();
    while taken.len() < count {
        let batch = inbox.next_batch(count - taken.len(), WAIT).await.unwrap();
        assert!(!batch.is_empty(), "{} of {count} messages came", taken.len());
        taken.extend(batch);
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_comes_with_its_source_and_its_content_type() {
    let world = World::start().await;
    let mut inbox = open(&world, &InboxSettings::default()).await;
    let mut headers = HeaderMap::new();
    headers.insert("Content-Type", "application/msgpack");
    let subject = inbox::subject(&tenant(), "scanner-0012.left");
    world.stranger().await.publish_with_headers(subject, headers, "body".into()).await.unwrap().await.unwrap();
    let taken = take(&mut inbox, 1).await;
    assert_eq!((taken[0].source.as_str(), &taken[0].payload[..]), ("scanner-0012.left", &b"body"[..]));
    assert_eq!(taken[0].content_type.as_deref(), Some("application/msgpack"));
    assert!(publish(&world, "till-1", "plain".to_owned()).await);
    assert_eq!(take(&mut inbox, 1).await[0].content_type, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_bounded_and_an_empty_inbox_is_waited_for_briefly() {
    let world = World::start().await;
    let mut inbox = open(&world, &InboxSettings::default()).await;
    assert!(inbox.next_batch(10, BRIEFLY).await.unwrap().is_empty());
    for index in 0..5 {
        assert!(publish(&world, "till-1", format!("m{index}")).await);
    }
    let mut taken = inbox.next_batch(3, WAIT).await.unwrap();
    assert!(taken.len() <= 3);
    taken.extend(take(&mut inbox, 5 - taken.len()).await);
    assert_eq!(payloads(&taken), ["m0", "m1", "m2", "m3", "m4"].map(str::to_owned).into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_acknowledged_before_a_crash_comes_again() {
    let world = World::start().await;
    let settings = InboxSettings { ack_wait: Duration::from_secs(1), ..InboxSettings::default() };
    let mut crashing = open(&world, &settings).await;
    for index in 0..4 {
        assert!(publish(&world, "till-1", format!("m{index}")).await);
    }
    let taken = take(&mut crashing, 4).await;
    for message in taken.iter().filter(|message| &message.payload[..] != b"m1" && &message.payload[..] != b"m3") {
        message.ack().await.unwrap();
    }
    drop(crashing);
    tokio::time::timeout(WAIT, unacknowledged_are(&world, 2)).await.unwrap();
    world.server.lock().await.restart().await.unwrap();

    let mut inbox = open(&world, &settings).await;
    let again = take(&mut inbox, 2).await;
    assert_eq!(payloads(&again), ["m1", "m3"].map(str::to_owned).into());
    for message in &again {
        message.ack().await.unwrap();
    }
    tokio::time::timeout(WAIT, unacknowledged_are(&world, 0)).await.unwrap();
    assert!(inbox.next_batch(10, 2 * settings.ack_wait).await.unwrap().is_empty());
}

/// Waits until the stream keeps so many messages.
async fn unacknowledged_are(world: &World, count: u64) {
    let mut stream = world.stranger().await.get_stream("INBOX_test").await.unwrap();
    while stream.info().await.unwrap().state.messages != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_inbox_refuses_the_device_and_drops_nothing() {
    let world = World::start().await;
    let mut inbox = open(&world, &InboxSettings { bytes_max: 50_000, ..InboxSettings::default() }).await;
    let body = |index: usize| format!("{index:05}{}", "x".repeat(1_000));
    let mut stored = BTreeSet::new();
    while publish(&world, "till-1", body(stored.len())).await {
        stored.insert(body(stored.len()));
        assert!(stored.len() < 50, "50,000 bytes hold fewer than 50 messages of 1,005 bytes");
    }
    assert!(!publish(&world, "till-2", body(stored.len())).await);
    let taken = take(&mut inbox, stored.len()).await;
    assert_eq!(payloads(&taken), stored);
    for message in &taken {
        message.ack().await.unwrap();
    }
    tokio::time::timeout(WAIT, unacknowledged_are(&world, 0)).await.unwrap();
    assert!(publish(&world, "till-2", body(99)).await);
    assert_eq!(payloads(&take(&mut inbox, 1).await), [body(99)].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inbox_goes_on_when_the_server_comes_back() {
    let world = World::start().await;
    let mut inbox = open(&world, &InboxSettings::default()).await;
    for round in 0..3 {
        assert!(publish(&world, "till-1", format!("m{round}")).await);
        let taken = take(&mut inbox, 1).await;
        assert_eq!(payloads(&taken), [format!("m{round}")].into());
        taken[0].ack().await.unwrap();
        tokio::time::timeout(WAIT, unacknowledged_are(&world, 0)).await.unwrap();
        world.server.lock().await.restart().await.unwrap();
    }
    assert!(publish(&world, "till-1", "last".to_owned()).await);
    assert_eq!(payloads(&take(&mut inbox, 1).await), ["last".to_owned()].into());
}

type Spoil = fn(&mut Config);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbox_that_would_drop_messages_is_refused() {
    let world = World::start().await;
    drop(open(&world, &InboxSettings::default()).await);
    let stranger = world.stranger().await;
    let sound = stranger.get_stream("INBOX_test").await.unwrap().cached_info().config.clone();
    let unsound: [(&str, Spoil); 2] = [
        ("discard", |config| config.discard = DiscardPolicy::Old),
        ("max_age", |config| config.max_age = Duration::from_hours(24)),
    ];
    for (setting, spoil) in unsound {
        let tenant = Tenant::new(setting).unwrap();
        let (name, subjects) = (format!("INBOX_{tenant}"), vec![inbox::subject(&tenant, ">")]);
        let mut config = Config { name, subjects, ..sound.clone() };
        spoil(&mut config);
        stranger.create_stream(config).await.unwrap();
        let error = Inbox::open(&world.url, &tenant, &InboxSettings::default()).await.err().unwrap();
        assert!(matches!(&error, OpenError::Misconfigured { fault, .. } if fault.contains(setting)), "{error}");
    }
}

/// A till that speaks MQTT 3.1.1 and waits for each confirmation (quality of service 1).
///
/// It keeps its line: the server holds who comes again under a name whose last line it has not yet seen end for a
/// fault of the device, and lets him wait a second before it hangs up.
struct MqttTill {
    line: TcpStream,
}

impl MqttTill {
    async fn connect(port: u16) -> Self {
        let mut line = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        line.write_all(b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04till").await.unwrap();
        let mut answer = [0; 4];
        line.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *b"\x20\x02\0\0", "connected");
        Self { line }
    }

    async fn publish(&mut self, topic: &str, payload: &str) {
        let length = 2 + topic.len() + 2 + payload.len();
        let mut packet = vec![0x32, u8::try_from(length).unwrap(), 0, u8::try_from(topic.len()).unwrap()];
        packet.extend([topic.as_bytes(), &[0, 1], payload.as_bytes()].concat());
        self.line.write_all(&packet).await.unwrap();
        let mut answer = [0; 4];
        self.line.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *b"\x40\x02\0\x01", "confirmed");
    }
}

async fn with_mqtt() -> (World, u16) {
    let world = World::start_with(&ServerOptions { mqtt: true, ..ServerOptions::default() }).await;
    let port = world.server.lock().await.mqtt_port();
    (world, port)
}

/// A message over MQTT comes by way of the inbox and of the server's own stream.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_on_mqtt_reach_the_same_inbox() {
    let (world, port) = with_mqtt().await;
    let mut inbox = open(&world, &InboxSettings::default()).await;
    let mut till = MqttTill::connect(port).await;
    for (topic, source) in [("scanner-0012", "scanner-0012"), ("left/0012", "left.0012"), ("left.0012", "left.0012")] {
        till.publish(&format!("storefold/in/test/{topic}"), "body").await;
        for message in take(&mut inbox, 2).await {
            assert_eq!((message.source.as_str(), &message.payload[..]), (source, &b"body"[..]), "{topic}");
            message.ack().await.unwrap();
        }
    }
    assert!(inbox.next_batch(10, BRIEFLY).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_confirmed_over_mqtt_is_kept_also_by_a_full_inbox_and_over_a_kill() {
    let (world, port) = with_mqtt().await;
    let settings = InboxSettings { bytes_max: 1_000, ..InboxSettings::default() };
    drop(open(&world, &settings).await);
    let sent: BTreeSet<String> = (0..50).map(|index| format!("{index:02}{}", "x".repeat(80))).collect();
    let mut till = MqttTill::connect(port).await;
    for body in &sent {
        till.publish("storefold/in/test/scanner-0012", body).await;
    }
    world.server.lock().await.restart().await.unwrap();
    let mut inbox = open(&world, &settings).await;
    let mut taken = BTreeSet::new();
    while taken.len() < sent.len() {
        let batch = inbox.next_batch(100, WAIT).await.unwrap();
        assert!(!batch.is_empty(), "{} of {} messages came", taken.len(), sent.len());
        taken.extend(payloads(&batch));
    }
    assert_eq!(taken, sent);
}
