//! Bodies with events, and with commands.

use storefold_http_kit::Problem;
use storefold_ingest_api::{Format, command_event, read_command_event, read_events};

use crate::{claims, golden};

pub fn json(body: &[u8]) {
    events(Format::Json, body);
    events(Format::Ndjson, body);
}

pub fn msgpack(body: &[u8]) {
    events(Format::Msgpack, body);
}

/// The first line is the name of the command.
pub fn command(bytes: &[u8]) {
    let (name, body) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let Ok(name) = std::str::from_utf8(name) else { return };
    let event = match command_event(name, body) {
        Ok(event) => event,
        Err(problem) => return names_what_is_wrong(&problem),
    };
    match read_command_event(&event) {
        Ok(event) => {
            claims::stands_in_the_log(&event);
            claims::can_be_sent_again(&event);
        }
        Err(problem) => names_what_is_wrong(&problem),
    }
}

fn events(format: Format, body: &[u8]) {
    let elements = match read_events(format, body) {
        Ok(elements) => elements,
        Err(problem) => return names_what_is_wrong(&problem),
    };
    for element in elements {
        match element.read {
            Ok(event) => {
                claims::stands_in_the_log(&event);
                claims::can_be_sent_again(&event);
            }
            Err(refused) => assert!(!refused.code.is_empty() && !refused.detail.is_empty(), "{refused:?}"),
        }
    }
}

fn names_what_is_wrong(problem: &Problem) {
    assert!(problem.status().is_client_error(), "{problem:?} is the sender's to mend");
    assert!(!problem.code().is_empty() && !problem.detail().is_empty(), "{problem:?}");
}

pub fn json_seeds() -> Vec<Vec<u8>> {
    golden::sent().iter().map(|event| event.to_string().into_bytes()).collect()
}

pub fn msgpack_seeds() -> Vec<Vec<u8>> {
    golden::sent().iter().filter_map(|event| rmp_serde::to_vec_named(event).ok()).collect()
}

pub fn command_seeds() -> Vec<Vec<u8>> {
    let command = |event: &serde_json::Value| {
        let mut event = event.clone();
        let name = event.as_object_mut()?.remove("type")?;
        Some(format!("{}\n{event}", command_of(name.as_str()?)?).into_bytes())
    };
    golden::sent().iter().filter_map(command).collect()
}

/// The command that becomes an event of a type.
fn command_of(event_type: &str) -> Option<&'static str> {
    Some(match event_type {
        "SaleValidated" => "validate-sale",
        "SaleReturned" => "return-sale",
        "SaleVoided" => "void-sale",
        "GiftClaimed" => "claim-gift",
        "StoreConfigured" => "configure-store",
        _ => return None,
    })
}
