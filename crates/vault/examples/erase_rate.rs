//! What sealing costs, and how long it takes to erase one of a million customers.
//!
//! `cargo run --release -p storefold-vault --example erase_rate [CUSTOMERS]`

use std::{
    error::Error,
    fs,
    time::{Duration, Instant},
};

use storefold_events::{
    Event, Key, Payload,
    customer::CustomerCreated,
    personal::{Opened, Opener, PersonalField},
};
use storefold_vault::{FILE, MasterKey, Needs, Vault, rotate};

/// Events that are made durable together, as in a request.
const TOGETHER: u32 = 1_000;
const ERASED: u32 = 1_000;

fn created(number: u32) -> Event<'static> {
    let customer = CustomerCreated {
        customer: format!("C-{number}").into(),
        name: Some("Zwickelmann".into()),
        first_name: Some("Annagret".into()),
        email: Some(format!("annagret.zwickelmann.{number}@example.com").into()),
        mobile: Some("+41795550199".into()),
        seller: None,
        locale: None,
    };
    let (source, key) = ("crm".into(), Key::Seq(u64::from(number) + 1));
    Event { source, key, store: None, occurred_at_ms: 1_790_000_000_000, cause: None, payload: Payload::from(customer) }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn main() -> Result<(), Box<dyn Error>> {
    let customers: u32 = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    let directory = tempfile::tempdir()?;
    let (old, new) = (directory.path().join("old.key"), directory.path().join("new.key"));
    MasterKey::make(&new)?;
    let vault = Vault::open(directory.path(), "demo", MasterKey::make(&old)?)?;
    for pass in ["new customers", "known customers"] {
        let begun = Instant::now();
        let mut needs = Needs::default();
        for number in 0..customers {
            needs = needs.and(vault.seal(created(number))?.needs);
            if number % TOGETHER == TOGETHER - 1 {
                vault.durable(needs).await?;
            }
        }
        let rate = f64::from(customers) / begun.elapsed().as_secs_f64();
        println!("{pass}: {rate:.0} events/s on one thread, 4 values each, durable every {TOGETHER}");
    }
    drop(vault);
    println!("the file: {} bytes a customer", fs::metadata(directory.path().join(FILE))?.len() / u64::from(customers));
    let begun = Instant::now();
    let vault = Vault::open(directory.path(), "demo", MasterKey::read(&old)?)?;
    println!("opened in {:.3} s", begun.elapsed().as_secs_f64());

    let mut took: Vec<Duration> = Vec::new();
    for step in 0..ERASED.min(customers) {
        let number = (u64::from(step) * 7_919 % u64::from(customers)) as u32;
        let sealed = vault.seal(created(number))?.event;
        let begun = Instant::now();
        vault.erase(&format!("C-{number}"), 1_790_000_000_001)?;
        took.push(begun.elapsed());
        let Payload::CustomerCreated(body) = &sealed.payload else { continue };
        let name = body.name.as_deref().unwrap_or_default();
        assert_eq!(vault.open(PersonalField::Name, name), Opened::Erased);
    }
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    println!("erased one of {customers}: p50 {:.2} ms, p99 {:.2} ms, durable, with his address", at(50), at(99));
    drop(vault);

    let begun = Instant::now();
    let keys = rotate(directory.path(), "demo", &MasterKey::read(&old)?, &MasterKey::read(&new)?, |_, _| {})?;
    println!("another master key for {keys} keys in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}
