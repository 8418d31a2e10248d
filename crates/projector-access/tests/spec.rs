//! Given what was done, who may look at what, and who did it (rows 0.17–0.20, B82).
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_events::{Event, wire};
use storefold_projection::{
    QueryError, View, ask_rows,
    spec::{History, Spec, laws},
};
use storefold_projector_access::{Access, organisation_of, policy_of, session, token, user};

const NOW_MS: i64 = 1_795_000_000_000;

fn event(event_type: &str, data: &Value) -> Event<'static> {
    let (id, at) = ("5f010000-0000-4000-8000-000000000001", "2026-11-18T08:00:00Z");
    let mut sent = json!({"source": "storefold", "id": id, "occurred_at": at, "type": event_type, "data": data});
    if event_type == "StoreConfigured" {
        sent["store"] = data["name"].clone();
    }
    wire::read_shown(sent).unwrap()
}

fn history(events: &[(&str, Value)]) -> History {
    let mut history = History::new();
    for (event_type, data) in events {
        history.push(&event(event_type, data));
    }
    history
}

fn given(events: &[(&str, Value)]) -> Spec<Access> {
    Spec::given(history(events))
}

fn looked_up<T>(spec: &Spec<Access>, now_ms: i64, ask: impl Fn(&View<'_, Access>) -> Result<T, QueryError>) -> T {
    ask_rows(spec.store(), now_ms, ask).unwrap()
}

fn anna() -> Vec<(&'static str, Value)> {
    vec![
        ("UserInvited", json!({"user": "anna", "name": "Anna", "by": "head"})),
        ("AccessGranted", json!({"user": "anna", "level": "standard", "store": "S", "by": "head"})),
        ("AccessGranted", json!({"user": "anna", "level": "standard", "organisation": "acme/fr", "by": "head"})),
        ("PasswordSet", json!({"user": "anna", "verifier": "$argon2id$1", "by": "head"})),
        ("SignedIn", json!({"user": "anna", "session": "aa", "until_ms": NOW_MS + 10, "address": "192.0.2.7"})),
    ]
}

#[test]
fn a_session_stands_until_its_end_and_has_the_grants_of_now() {
    let mut events = anna();
    let spec = given(&events);
    let found = looked_up(&spec, NOW_MS + 9, |view| session(view, "aa")).unwrap();
    assert_eq!((found.user.user.as_str(), found.user.grants.len()), ("anna", 2));
    assert_eq!(looked_up(&spec, NOW_MS + 10, |view| session(view, "aa")), None, "the end is exclusive");
    assert_eq!(looked_up(&spec, NOW_MS, |view| session(view, "ab")), None);

    events.push(("AccessRevoked", json!({"user": "anna", "store": "S", "by": "head"})));
    events
        .push(("AccessGranted", json!({"user": "anna", "level": "manager", "organisation": "acme/fr", "by": "head"})));
    let found = looked_up(&given(&events), NOW_MS, |view| session(view, "aa")).unwrap();
    let grants: Vec<_> = found.user.grants.iter().map(|grant| (grant.place(), grant.level)).collect();
    assert_eq!(grants, [("organisation acme/fr".to_owned(), storefold_events::access::AccessLevel::Manager)]);
}

#[test]
fn a_session_ends_when_it_is_signed_out_and_all_do_with_a_new_password() {
    let second = ("SignedIn", json!({"user": "anna", "session": "bb", "until_ms": NOW_MS + 10}));
    let stands =
        |spec: &Spec<Access>| ["aa", "bb"].map(|of| looked_up(spec, NOW_MS, |view| session(view, of)).is_some());
    let after = |event_type: &'static str, data: Value| {
        let mut events = anna();
        events.extend([second.clone(), (event_type, data)]);
        stands(&given(&events))
    };
    assert_eq!(after("SignedOut", json!({"user": "anna", "session": "aa", "by": "anna"})), [false, true]);
    assert_eq!(after("SignedOut", json!({"user": "else", "session": "aa", "by": "else"})), [true, true], "not theirs");
    assert_eq!(after("SignedOut", json!({"user": "anna", "by": "head"})), [false, false]);
    assert_eq!(after("PasswordSet", json!({"user": "anna", "verifier": "$2", "by": "anna"})), [false, false]);
}

#[test]
fn a_token_stands_until_it_is_over_or_revoked() {
    let issued = json!({"token": "T", "digest": "dd", "rights": ["read"], "organisation": "acme", "until_ms": NOW_MS, "by": "head"});
    let mut events = vec![("TokenIssued", issued)];
    let spec = given(&events);
    assert_eq!(looked_up(&spec, NOW_MS - 1, |view| token(view, "dd")).unwrap().organisation.as_deref(), Some("acme"));
    assert_eq!(looked_up(&spec, NOW_MS, |view| token(view, "dd")), None);
    events.push(("TokenRevoked", json!({"token": "T", "by": "head"})));
    let spec = given(&events);
    assert_eq!(looked_up(&spec, NOW_MS - 1, |view| token(view, "dd")), None);
    let listed = &spec.asked("/v1/access/tokens").value()["tokens"][0];
    assert_eq!((&listed["token"], &listed["revoked_at"]), (&json!("T"), &json!("2026-11-18T08:00:00Z")));
    let said = spec.asked("/v1/access/audit?of=T").value();
    assert_eq!(said["entries"][1]["detail"], "issued the token to read for organisation acme");
    assert!(listed.get("digest").is_none());
}

#[test]
fn a_token_is_for_the_producers_the_store_and_the_read_models_that_it_names() {
    let issued = json!({
        "token": "T", "digest": "dd", "rights": ["produce", "read"], "by": "head", "sources": ["till-1", "till-2"],
        "store": "S", "models": ["network-kpi"],
    });
    let spec = given(&[("TokenIssued", issued)]);
    let found = looked_up(&spec, NOW_MS, |view| token(view, "dd")).unwrap();
    assert_eq!((found.sources, found.store), (vec!["till-1".to_owned(), "till-2".to_owned()], Some("S".to_owned())));
    assert_eq!(found.models, ["network-kpi"]);
    let listed = &spec.asked("/v1/access/tokens").value()["tokens"][0];
    assert_eq!((&listed["store"], &listed["sources"]), (&json!("S"), &json!(["till-1", "till-2"])));
    let said = spec.asked("/v1/access/audit").value();
    let detail = "issued the token to produce and read as till-1, till-2 of network-kpi for store S";
    assert_eq!(said["entries"][0]["detail"], detail);
}

#[test]
fn row_0_19_the_nearest_contract_above_counts() {
    let policy = |organisation: Value, view: Value| {
        ("DataPolicySet", json!({"organisation": organisation, "view": view, "download": [], "by": "head"}))
    };
    let spec = given(&[
        policy(json!(null), json!(["a"])),
        policy(json!("acme"), json!(["b"])),
        policy(json!("acme"), json!(["c"])),
    ]);
    let of = |organisation: Option<&str>| looked_up(&spec, NOW_MS, |view| policy_of(view, organisation)).unwrap().view;
    assert_eq!(of(Some("acme/fr/south")), ["c"], "a contract takes the place of the one before");
    assert_eq!(of(Some("acmefr")), ["a"]);
    assert_eq!(of(None), ["a"]);
    assert_eq!(looked_up(&given(&[]), NOW_MS, |view| policy_of(view, Some("acme"))), None);
}

#[test]
fn a_store_is_of_the_organisation_it_was_last_configured_in() {
    let store = |organisation: Value| {
        (
            "StoreConfigured",
            json!({"name": "S", "zone": "Europe/Paris", "currency": "EUR", "organisation": organisation}),
        )
    };
    let of = |spec: &Spec<Access>, name: &str| looked_up(spec, NOW_MS, |view| organisation_of(view, name));
    let spec = given(&[store(json!("acme/it")), store(json!("acme/fr"))]);
    assert_eq!((of(&spec, "S"), of(&spec, "T")), (Some(Some("acme/fr".to_owned())), None));
    assert_eq!(of(&given(&[store(json!(null))]), "S"), Some(None));
}

#[test]
fn row_b82_the_audit_says_who_did_what_the_newest_first_and_no_secret() {
    let mut events = anna();
    events.push(("DataDownloaded", json!({"model": "network-kpi", "table": "days", "format": "xlsx", "by": "anna"})));
    let spec = given(&events);
    let audit = |asked: &str| spec.asked(&format!("/v1/access/audit?{asked}")).value();
    let page = audit("limit=2");
    assert_eq!(page["next"], 5);
    assert_eq!(
        page["entries"][0],
        json!({
            "position": 6, "at": "2026-11-18T08:00:00Z", "by": "anna", "event": "DataDownloaded", "of": "network-kpi",
            "detail": "downloaded the table days as xlsx",
        })
    );
    assert_eq!(page["entries"][1]["detail"], "signed in from 192.0.2.7");
    let older = audit("before=5&limit=9");
    let said: Vec<_> =
        older["entries"].as_array().unwrap().iter().map(|entry| entry["detail"].as_str().unwrap()).collect();
    assert_eq!(
        said,
        [
            "set the password",
            "made Standard user of organisation acme/fr",
            "made Standard user of store S",
            "created the user, Anna",
        ]
    );
    let count = |asked: &str| audit(asked)["entries"].as_array().unwrap().len();
    assert_eq!((count("by=anna"), count("of=network-kpi"), count("event=AccessGranted")), (2, 1, 2));
    assert_eq!((count("from=2026-11-18&to=2026-11-18"), count("from=2026-11-19"), count("to=2026-11-17")), (6, 0, 0));
    for wrong in ["from=yesterday", "from=2026-11-19&to=2026-11-18"] {
        let answer = spec.asked(&format!("/v1/access/audit?{wrong}"));
        assert!(
            matches!(answer.refusal(), QueryError::BadParameter { parameter, .. } if parameter == "from"),
            "{wrong}"
        );
    }
    for path in ["/v1/access/audit", "/v1/access/users"] {
        assert!(!spec.asked(path).value().to_string().contains("argon2id"));
    }
    assert_eq!(looked_up(&spec, NOW_MS, |view| user(view, "anna")).unwrap().verifier.as_deref(), Some("$argon2id$1"));
}

#[test]
fn parts_and_slices_make_no_difference() {
    let mut events = anna();
    events.push(("SignedOut", json!({"user": "anna", "by": "head"})));
    laws::<Access>(history(&events), &["/v1/access/users", "/v1/access/audit"]);
}
