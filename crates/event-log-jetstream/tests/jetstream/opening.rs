//! What a log refuses to stand on.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, StorageType};
use storefold_event_log::{EventLog, Tenant};
use storefold_event_log_jetstream::{JetStreamLog, OpenError, Settings, Warning};
use storefold_nats_testbed::{NatsServer, ServerOptions};

use crate::world::{World, tenant};

async fn refusal(world: &World) -> OpenError {
    refusal_of(world, &tenant()).await
}

async fn refusal_of(world: &World, tenant: &Tenant) -> OpenError {
    match JetStreamLog::open(&world.url, tenant, &world.settings).await {
        Ok(_) => panic!("it must be refused"),
        Err(error) => error,
    }
}

/// The stream of another tenant, as Storefold would create it.
async fn sound(world: &World, tenant: &Tenant) -> Config {
    world.log().await;
    let stream = world.stranger().await.get_stream("LOG_test").await.unwrap();
    let config = stream.cached_info().config.clone();
    Config { name: format!("LOG_{tenant}"), subjects: vec![format!("log.{tenant}")], ..config }
}

type Spoil = fn(&mut Config);

#[tokio::test]
async fn a_stream_that_could_lose_records_is_refused_with_what_to_change() {
    let world = World::start().await;
    let unsound: [(&str, Spoil); 10] = [
        ("max_age", |config| config.max_age = Duration::from_hours(24)),
        ("max_bytes", |config| config.max_bytes = 1_000_000),
        ("max_msgs", |config| config.max_messages = 1_000),
        ("max_msgs_per_subject", |config| config.max_messages_per_subject = 1_000),
        ("max_msg_size", |config| config.max_message_size = 1_000),
        ("deny_delete", |config| config.deny_delete = false),
        ("deny_purge", |config| config.deny_purge = false),
        ("log.other", |config| config.subjects = vec!["log.other".to_owned()]),
        ("memory", |config| config.storage = StorageType::Memory),
        ("allow_msg_ttl", |config| config.allow_message_ttl = true),
    ];
    for (index, (setting, spoil)) in unsound.into_iter().enumerate() {
        let tenant = Tenant::new(&format!("unsound{index}")).unwrap();
        let mut config = sound(&world, &tenant).await;
        spoil(&mut config);
        world.stranger().await.create_stream(config).await.unwrap();
        let text = refusal_of(&world, &tenant).await.to_string();
        let advice = format!("`nats stream edit LOG_{tenant}`");
        assert!(text.contains(setting) && text.contains(&advice), "{setting}: {text}");
    }
    let tenant = Tenant::new("sound").unwrap();
    let config = sound(&world, &tenant).await;
    world.stranger().await.create_stream(config).await.unwrap();
    let log = JetStreamLog::open(&world.url, &tenant, &world.settings).await.unwrap();
    assert_eq!(log.head().await.unwrap().sequence, 0);
}

#[tokio::test]
async fn nobody_deletes_a_record() {
    let world = World::start().await;
    let mut script = world.script().await;
    let written = script.append_each(&[1, 2]).await;
    let stream = world.stranger().await.get_stream("LOG_test").await.unwrap();
    assert!(stream.delete_message(1).await.is_err());
    assert!(stream.purge().await.is_err());
    script.assert_log_is(&written).await;
}

#[tokio::test]
async fn a_stream_that_lost_a_message_is_refused() {
    let world = World::start().await;
    let tenant = Tenant::new("holed").unwrap();
    let sound = sound(&world, &tenant).await;
    let stranger = world.stranger().await;
    let open = Config { deny_delete: false, deny_purge: false, ..sound.clone() };
    let stream = stranger.create_stream(open).await.unwrap();
    for _ in 0..3 {
        stranger.publish("log.holed", "a record".into()).await.unwrap().await.unwrap();
    }
    stream.delete_message(2).await.unwrap();
    stranger.update_stream(sound).await.unwrap();
    assert!(matches!(refusal_of(&world, &tenant).await, OpenError::Damaged { messages: 2, last: 3, .. }));
}

#[tokio::test]
async fn a_server_for_small_messages_is_refused_with_both_sizes() {
    let world =
        World::start_with(&ServerOptions { extra: "max_payload: 65536".to_owned(), ..Default::default() }).await;
    let error = refusal(&world).await;
    assert!(matches!(error, OpenError::PayloadLimit { found: 65_536, needed: 525_312 }), "{error}");
}

#[tokio::test]
async fn an_address_is_checked_and_never_printed_with_its_password() {
    let world = World::start().await;
    let refused = |url: &'static str| {
        let settings = Settings { answer_timeout: Duration::from_millis(500), ..Settings::default() };
        async move { JetStreamLog::open(url, &tenant(), &settings).await.err().unwrap() }
    };
    assert!(matches!(refused("nats://[").await, OpenError::Address(_)));
    let error = refused("nats://user:secret@127.0.0.1:1").await;
    let OpenError::Unreachable { hosts, .. } = &error else { panic!("unreachable, not: {error}") };
    assert_eq!(hosts, "127.0.0.1:1");
    assert!(!error.to_string().contains("secret"), "{error}");
    let several = format!("nats://127.0.0.1:1, {}", world.url);
    assert!(JetStreamLog::open(&several, &tenant(), &world.settings).await.is_ok());
}

const LAX: ServerOptions = ServerOptions { sync_always: false, mqtt: false, extra: String::new() };

#[tokio::test]
async fn a_server_that_acknowledges_before_the_fsync_is_refused_when_it_tells() {
    let world = World::start_with(&LAX).await;
    let error = refusal(&world).await;
    assert!(matches!(&error, OpenError::AcksBeforeFsync { server } if server == "solo"), "{error}");
    assert!(error.to_string().contains("sync_interval: always"), "{error}");
}

#[tokio::test]
async fn a_server_that_fsyncs_first_and_tells_gives_no_warning() {
    let world = World::start().await;
    assert_eq!(world.log().await.warnings(), []);
}

#[tokio::test]
async fn what_cannot_be_found_out_about_the_fsync_is_a_warning() {
    let mut world = World::start_with(&LAX).await;
    let other_options = ServerOptions { extra: "server_name: other".to_owned(), ..Default::default() };
    let other = NatsServer::start_with(&other_options).await.unwrap();
    let cases = [
        (None, "its monitoring address is not given"),
        (Some(other.monitor_url()), "the monitoring address is that of other, but solo keeps the stream"),
        (Some("http://127.0.0.1:1".to_owned()), "the monitoring address does not answer as a NATS server: "),
        (Some(world.url.clone()), "its user does not belong to the system account"),
    ];
    for (monitor_url, expected) in cases {
        world.settings.monitor_url = monitor_url;
        let log = world.log().await;
        let [Warning::SyncUnknown { reason }] = log.warnings() else { panic!("one warning: {:?}", log.warnings()) };
        assert!(reason.starts_with(expected), "{reason}");
    }
}

#[tokio::test]
async fn the_system_account_tells_about_the_fsync_too() {
    let accounts = "accounts { SYS: { users: [{ user: sys, password: \"p@w\" }] }, \
                    APP: { jetstream: enabled, users: [{ user: app, password: pw }] } }\nsystem_account: SYS\n";
    for (sync_always, is_refused) in [(true, false), (false, true)] {
        let options = ServerOptions { sync_always, mqtt: false, extra: accounts.to_owned() };
        let mut world = World::start_with(&options).await;
        world.settings.monitor_url = Some(world.url.replace("nats://", "nats://sys:p%40w@"));
        world.url = world.url.replace("nats://", "nats://app:pw@");
        match JetStreamLog::open(&world.url, &tenant(), &world.settings).await {
            Ok(log) => assert_eq!((log.warnings(), is_refused), (&[][..], false)),
            Err(error) => assert!(is_refused && matches!(error, OpenError::AcksBeforeFsync { .. }), "{error}"),
        }
    }
}
