//! What the vault promises, through its doors.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{fs, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};
use storefold_events::{
    Event, Payload,
    personal::{Opened, Opener, PersonalField, SealedText},
    wire,
};
use storefold_vault::{FILE, MasterKey, Needs, Vault, VaultError, rotate};
use tempfile::TempDir;

struct World {
    directory: TempDir,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        MasterKey::make(&directory.path().join("master.key")).unwrap();
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn master(&self, name: &str) -> MasterKey {
        MasterKey::read(&self.path().join(name)).unwrap()
    }

    fn open(&self) -> Vault {
        self.try_open("master.key", "demo").unwrap()
    }

    fn try_open(&self, master: &str, tenant: &str) -> Result<Vault, VaultError> {
        Vault::open(self.path(), tenant, self.master(master))
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path().join(FILE)).unwrap()
    }
}

fn event(at: &str, event_type: &str, data: &Value) -> Event<'static> {
    let store = json!("S");
    wire::read_value(
        json!({ "source": "crm", "seq": 1, "store": store, "occurred_at": at, "type": event_type, "data": data }),
    )
    .unwrap()
}

fn created(customer: &str, email: &str) -> Event<'static> {
    event(
        "2026-11-01T10:00:00Z",
        "CustomerCreated",
        &json!({ "customer": customer, "name": "Zwicky", "first_name": "Anna", "email": email, "mobile": "+41 79 555 01 02" }),
    )
}

fn scanned(at: &str, email: &str) -> Event<'static> {
    event(at, "ScanCaptured", &json!({ "scan": "1", "scanner": "s", "outcome": "succeeded", "email": email }))
}

fn ms(at: &str) -> i64 {
    scanned(at, "a@b.example").occurred_at_ms
}

/// Every value about persons in an event, by field.
fn values(event: &Event<'_>) -> Vec<(PersonalField, String)> {
    let (mut payload, mut values) = (event.payload.clone(), Vec::new());
    let shown = payload.each_personal(|field, _, value| {
        values.push((field, value.to_string()));
        Ok::<_, ()>(())
    });
    shown.unwrap();
    values
}

fn value(event: &Event<'_>, field: PersonalField) -> String {
    values(event).into_iter().find(|(of, _)| *of == field).unwrap().1
}

fn seal(vault: &Vault, event: &Event<'static>) -> Event<'static> {
    vault.seal(event.clone()).unwrap().event
}

#[test]
fn an_event_is_sealed_to_the_same_every_time_and_opens_to_what_it_was() {
    let world = World::new();
    let sent = created("C-77", "anna@example.com");
    let sealed = seal(&world.open(), &sent);
    assert_eq!(values(&sealed).len(), 4);
    for ((field, plain), (_, text)) in values(&sent).into_iter().zip(values(&sealed)) {
        assert!(SealedText::read(&text).is_some() && !text.contains(&plain), "{text}");
        assert_eq!(world.open().open(field, &text), Opened::Plain(plain));
    }
    assert_eq!(seal(&world.open(), &sent), sealed, "after another start");
    assert!(!contains(&world.bytes(), b"anna"));
}

#[test]
fn nothing_opens_under_another_field_another_key_or_another_tenant() {
    let (world, other) = (World::new(), World::new());
    let vault = world.open();
    let (anna, berta) = (seal(&vault, &created("A", "a@x.example")), seal(&vault, &created("B", "b@x.example")));
    let name = value(&anna, PersonalField::Name);
    assert_eq!(vault.open(PersonalField::FirstName, &name), Opened::NotHere);
    let (of_anna, of_berta) = (name.clone(), value(&berta, PersonalField::Name));
    let berta = SealedText::read(&of_berta).unwrap().subject;
    let moved = SealedText { subject: berta, ..SealedText::read(&of_anna).unwrap() }.to_string();
    assert_eq!(vault.open(PersonalField::Name, &moved), Opened::NotHere);
    assert_eq!(other.open().open(PersonalField::Name, &name), Opened::NotHere);
    drop(vault);
    assert!(matches!(world.try_open("master.key", "acme"), Err(VaultError::WrongMasterKey(_))));
}

#[test]
fn one_address_has_one_key_whoever_gives_it_and_however_it_is_written() {
    let world = World::new();
    let vault = world.open();
    let subject =
        |event: &Event<'static>| SealedText::read(&value(&seal(&vault, event), PersonalField::Email)).unwrap().subject;
    let of_customer = subject(&created("C-77", "anna@example.com"));
    assert_eq!(subject(&scanned("2026-11-01T10:00:00Z", "Anna@Example.com")), of_customer);
    assert_ne!(subject(&scanned("2026-11-01T10:00:00Z", "berta@example.com")), of_customer);
}

#[test]
fn after_an_erasure_no_byte_of_the_file_opens_what_was_sealed() {
    let world = World::new();
    let vault = world.open();
    let sealed = seal(&vault, &created("C-77", "anna@example.com"));
    let scan = seal(&vault, &scanned("2026-11-02T10:00:00Z", "anna@example.com"));
    let other = seal(&vault, &created("C-78", "berta@example.com"));
    let before = world.bytes();
    assert_eq!(vault.erase("C-77", ms("2026-11-10T00:00:00Z")).unwrap().keys, 2, "the customer's and the address's");
    assert_eq!(vault.erase("C-77", ms("2026-11-11T00:00:00Z")).unwrap().keys, 0, "once");
    for (field, text) in values(&sealed).into_iter().chain(values(&scan)) {
        assert_eq!(vault.open(field, &text), Opened::Erased);
    }
    assert_eq!(
        vault.open(PersonalField::Name, &value(&other, PersonalField::Name)),
        Opened::Plain("Zwicky".to_owned())
    );
    let after = world.bytes();
    for text in [value(&sealed, PersonalField::Name), value(&sealed, PersonalField::Email)] {
        let number = SealedText::read(&text).unwrap().subject as u32 as usize;
        let wrapped = &before[4_096 + (number - 1) * 128 + 32..][..72];
        assert!(wrapped.iter().any(|byte| *byte != 0) && !contains(&after, wrapped), "key {number} is still there");
    }
    drop(vault);
    assert_eq!(world.open().open(PersonalField::Name, &value(&sealed, PersonalField::Name)), Opened::Erased);
}

#[test]
fn what_comes_later_of_an_erased_customer_makes_no_key() {
    let world = World::new();
    let vault = world.open();
    let sent = created("C-77", "anna@example.com");
    seal(&vault, &sent);
    vault.erase("C-77", ms("2026-11-10T00:00:00Z")).unwrap();
    let length = world.bytes().len();
    for late in [sent, created("C-77", "new@example.com")] {
        for (field, text) in values(&seal(&vault, &late)) {
            assert!(SealedText::read(&text).unwrap().is_gone(), "{text}");
            assert_eq!(vault.open(field, &text), Opened::Erased);
        }
    }
    assert_eq!(world.bytes().len(), length, "no slot was added");
    vault.erase("never seen", 0).unwrap();
    assert!(values(&seal(&vault, &created("never seen", "x@example.com"))).iter().all(|(_, text)| text.ends_with(':')));
}

#[test]
fn an_erased_address_stays_gone_in_older_events_and_is_anybodys_in_newer_ones() {
    let world = World::new();
    let vault = world.open();
    seal(&vault, &created("C-77", "anna@example.com"));
    let shared = seal(&vault, &created("C-78", "anna@example.com"));
    vault.erase("C-77", ms("2026-11-10T00:00:00Z")).unwrap();
    let email = value(&shared, PersonalField::Email);
    assert_eq!(vault.open(PersonalField::Email, &email), Opened::Erased, "one who shares it loses it too");
    assert_eq!(
        vault.open(PersonalField::Name, &value(&shared, PersonalField::Name)),
        Opened::Plain("Zwicky".to_owned())
    );
    let at = |at| value(&seal(&vault, &scanned(at, "anna@example.com")), PersonalField::Email);
    assert!(SealedText::read(&at("2026-11-10T00:00:00Z")).unwrap().is_gone());
    let new = at("2026-11-10T00:00:01Z");
    assert_eq!(vault.open(PersonalField::Email, &new), Opened::Plain("anna@example.com".to_owned()));
}

#[test]
fn a_body_that_names_somebody_erased_is_not_kept_readable() {
    let world = World::new();
    let vault = world.open();
    let mut needs = Needs::default();
    let body = br#"{"type": "CustomerCreated", "data": {"customer": "C-77", "name": 5}}"#;
    let sealed = vault.seal_body(body, &mut needs).unwrap();
    assert_eq!(vault.seal_body(body, &mut needs).unwrap(), sealed);
    assert_eq!(vault.open_body(&sealed).unwrap(), body);
    assert_eq!(vault.open_body(b"as it is").unwrap(), b"as it is");
    assert!(!vault.names_somebody_erased(body).unwrap());
    vault.erase("C-77", 0).unwrap();
    assert!(vault.names_somebody_erased(body).unwrap());
    vault.erase_body(&sealed, 0).unwrap();
    assert_eq!(vault.open_body(&sealed), None);
    let again = vault.seal_body(body, &mut needs).unwrap();
    assert_eq!(vault.open_body(&again), None);
}

#[test]
fn another_master_key_opens_everything_and_the_old_one_nothing() {
    let world = World::new();
    MasterKey::make(&world.path().join("new.key")).unwrap();
    let vault = world.open();
    let (kept, gone) = (seal(&vault, &created("A", "a@x.example")), seal(&vault, &created("B", "b@x.example")));
    vault.erase("B", 5).unwrap();
    vault.set_followed(4_711).unwrap();
    let rotate = || rotate(world.path(), "demo", &world.master("master.key"), &world.master("new.key"), |_, _| {});
    assert!(matches!(rotate(), Err(VaultError::InUse(_))));
    drop(vault);
    // What an interrupted rotation leaves behind is thrown away.
    fs::write(world.path().join("keys.vault.new"), b"half").unwrap();
    assert_eq!(rotate().unwrap(), 2, "a customer's and an address's; those of the other are no more");
    assert!(matches!(world.try_open("master.key", "demo"), Err(VaultError::WrongMasterKey(_))));
    let vault = world.try_open("new.key", "demo").unwrap();
    assert_eq!(vault.open(PersonalField::Name, &value(&kept, PersonalField::Name)), Opened::Plain("Zwicky".to_owned()));
    assert_eq!(vault.open(PersonalField::Name, &value(&gone, PersonalField::Name)), Opened::Erased);
    assert_eq!((vault.followed().unwrap(), vault.is_erased("B").unwrap()), (4_711, Some(true)));
    assert_eq!(seal(&vault, &created("A", "a@x.example")), kept);
}

#[test]
fn keys_without_their_master_key_are_not_given_a_new_one() {
    let world = World::new();
    drop(world.open());
    fs::remove_file(world.path().join("master.key")).unwrap();
    let made = MasterKey::read_or_make(&world.path().join("master.key"), &world.path().join(FILE));
    assert!(matches!(made, Err(VaultError::MasterKeyMissing { .. })));
}

#[test]
fn a_changed_slot_is_not_believed_and_the_others_are() {
    let world = World::new();
    let vault = world.open();
    let (one, other) = (seal(&vault, &created("A", "a@x.example")), seal(&vault, &created("B", "b@x.example")));
    drop(vault);
    let mut bytes = world.bytes();
    let number = SealedText::read(&value(&one, PersonalField::Name)).unwrap().subject as u32 as usize;
    bytes[4_096 + (number - 1) * 128 + 40] ^= 1;
    fs::write(world.path().join(FILE), bytes).unwrap();
    let vault = world.open();
    assert_eq!(vault.open(PersonalField::Name, &value(&one, PersonalField::Name)), Opened::NotHere);
    assert_eq!(
        vault.open(PersonalField::Name, &value(&other, PersonalField::Name)),
        Opened::Plain("Zwicky".to_owned())
    );
}

#[tokio::test]
async fn keys_are_durable_before_anything_is_submitted() {
    let world = World::new();
    let vault = world.open();
    let mut waits = Vec::new();
    for number in 0..100 {
        let sealed = vault.seal(created(&format!("C-{number}"), &format!("{number}@x.example"))).unwrap();
        waits.push(vault.durable(sealed.needs));
    }
    for wait in waits {
        wait.await.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is written, in whatever order people are erased: who was not is read as it was sent, who was is not.
    #[test]
    fn the_erased_and_only_they_are_unreadable(names in prop::collection::vec("\\PC{1,40}", 1..12), erased in any::<u16>()) {
        let world = World::new();
        let vault = world.open();
        let people: Vec<_> = names.iter().enumerate().map(|(number, name)| {
            let data = json!({ "customer": format!("C-{number}"), "name": name });
            (number, name, seal(&vault, &event("2026-11-01T10:00:00Z", "CustomerCreated", &data)))
        }).collect();
        let is_erased = |number: usize| erased >> number & 1 == 1;
        for (number, ..) in people.iter().filter(|(number, ..)| is_erased(*number)) {
            vault.erase(&format!("C-{number}"), 0).unwrap();
        }
        for (number, name, sealed) in &people {
            let Payload::CustomerCreated(body) = &sealed.payload else { unreachable!() };
            let opened = vault.open(PersonalField::Name, body.name.as_deref().unwrap());
            let expected = if is_erased(*number) { Opened::Erased } else { Opened::Plain((*name).clone()) };
            prop_assert_eq!(opened, expected);
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
