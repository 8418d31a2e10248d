//! Who may open a log, and what closing means.

use std::fs;

use redb::{Database, TableDefinition};
use storefold_event_log::{AppendError, EventLog, ReadError, Tenant, conformance::Bench};
use storefold_event_log_embedded::{EmbeddedLog, OpenError};

use crate::place::Place;

#[tokio::test]
async fn a_log_that_is_open_is_not_opened_again() {
    let place = Place::usual();
    let mut script = place.script().await;
    script.append(3).await;
    let Err(error) = place.try_open() else { panic!("two writers have one log") };
    assert!(matches!(&error, OpenError::AlreadyOpen { dir } if *dir == place.log_dir()), "{error}");
    let message = error.to_string();
    assert!(message.ends_with("is already open by another process; stop it or choose another directory"), "{message}");
    place.close().await;
    assert_eq!(place.try_open().unwrap().head().await.unwrap(), script.head);
}

#[tokio::test]
async fn dropping_a_log_and_its_tails_closes_it() {
    let place = Place::usual();
    let log = place.try_open().unwrap();
    let tail = log.tail(0).await.unwrap();
    drop(log);
    assert!(matches!(place.try_open(), Err(OpenError::AlreadyOpen { .. })));
    drop(tail);
    place.try_open().unwrap();
}

#[tokio::test]
async fn a_closed_log_says_so_to_everybody() {
    let place = Place::usual();
    let mut script = place.script().await;
    script.append(3).await;
    let mut at_head = script.log.tail(3).await.unwrap();
    let mut in_history = script.log.tail(0).await.unwrap();
    let waiting = tokio::spawn(async move { at_head.next().await });
    place.close().await;
    assert!(matches!(waiting.await.unwrap(), Err(ReadError::Unavailable(_))));
    assert!(matches!(in_history.next().await, Err(ReadError::Unavailable(_))));
    assert!(matches!(script.log.head().await, Err(ReadError::Unavailable(_))));
    assert!(matches!(script.log.tail(0).await, Err(ReadError::Unavailable(_))));
    let refused = script.log.append(&script.head, &script.record(1)).await;
    assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn tenants_have_logs_side_by_side() {
    let place = Place::usual();
    let mut script = place.script().await;
    script.append(3).await;
    let other = EmbeddedLog::open(place.dir.path(), &Tenant::new("other").unwrap()).unwrap();
    assert_eq!(other.head().await.unwrap().position, 0);
    assert_eq!(script.log.head().await.unwrap().position, 3);
}

#[tokio::test]
async fn the_directory_of_another_tenant_is_refused() {
    let place = Place::usual();
    place.script().await.append(3).await;
    place.close().await;
    fs::rename(place.log_dir(), place.dir.path().join("other")).unwrap();
    let opened = EmbeddedLog::open(place.dir.path(), &Tenant::new("other").unwrap());
    assert!(matches!(opened.err(), Some(OpenError::AnotherTenant { found, .. }) if found == "conformance"));
}

#[tokio::test]
async fn a_segment_of_a_newer_release_is_refused() {
    let place = Place::usual();
    place.script().await.append(3).await;
    place.close().await;
    {
        let db = Database::open(&place.segments()[0]).unwrap();
        let begun = db.begin_write().unwrap();
        let about: TableDefinition<(), (u16, &str, u64)> = TableDefinition::new("about");
        begun.open_table(about).unwrap().insert((), (2, place.tenant().as_str(), 0)).unwrap();
        begun.commit().unwrap();
    }
    assert!(matches!(place.try_open().err(), Some(OpenError::UnknownFormat { found: 2, .. })));
}

#[test]
fn a_directory_that_cannot_be_is_named() {
    let place = Place::usual();
    let file = place.dir.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let error = EmbeddedLog::open(&file, &place.tenant()).err().unwrap();
    assert!(matches!(&error, OpenError::Unavailable { path, .. } if path.starts_with(&file)), "{error}");
}
