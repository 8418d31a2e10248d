//! The pages of access in a real browser: places, contracts, tokens, the audit (rows 0.17–0.20, B82).

use std::{env, path::PathBuf};

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    cockpit::browse,
    guarded::{As, Guarded, PASSWORD},
};

const SELLER: &str = "seller@acme.example";

/// The network with a user of a store, a contract and some tokens.
async fn network() -> Guarded {
    let guarded = Guarded::start().await;
    let head = As::Session(&guarded.head);
    let body = json!({"name": "Sandra Seller", "level": "standard", "store": "FR-1"});
    assert_eq!(guarded.put(&head, &format!("/v1/access/users/{SELLER}"), body).await.0, StatusCode::CREATED);
    let policy = json!({"organisation": "acme/it", "view": ["store-performance", "network-kpi"], "download": []});
    assert_eq!(guarded.put(&head, "/v1/access/policy", policy).await.0, StatusCode::NO_CONTENT);
    let report = json!({"rights": ["read"], "organisation": "acme/fr", "models": ["store-performance"], "days": 30});
    guarded.issue("report", report).await;
    guarded
}

fn head() -> Value {
    json!({"user": "head@acme.example", "password": PASSWORD})
}

fn with(mut input: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

#[tokio::test]
async fn places_contracts_and_tokens_are_given_and_taken_on_pages_with_scripts_and_without() {
    for scripts in [true, false] {
        let guarded = network().await;
        let seen =
            browse(&guarded.app.url, "administers", with(head(), &json!({"scripts": scripts, "of": SELLER}))).await;
        assert_eq!(seen["granted"], json!(["FR-1 Standard", "acme/it Standard"]), "{seen}");
        assert_eq!(seen["left"], json!(["FR-1 Standard"]), "{seen}");
        let answer = guarded.app.http.post(format!("{}/v1/access/session", guarded.app.url));
        let answer = answer.json(&json!({"user": SELLER, "password": seen["password_made"]})).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "the new password opens");
        assert_eq!((&seen["ticked"], &seen["others"]), (&json!(false), &json!(true)), "{seen}");
        let (_, policies) = guarded.get(&As::Session(&guarded.head), "/v1/access/policies").await;
        let download = policies["policies"][0]["download"].as_array().unwrap();
        assert!(!download.contains(&json!("store-performance")) && download.contains(&json!("network-kpi")));
        let (secret, listed) = (seen["secret"].as_str().unwrap(), seen["listed"].as_str().unwrap());
        assert!(secret.len() == 64 && !listed.contains(secret), "it is shown once");
        assert!(listed.contains("till-9, till-10") && listed.contains("by head@acme.example"), "{listed}");
        assert_eq!(guarded.get(&As::Token(secret), "/v1/access/me").await.0, StatusCode::UNAUTHORIZED, "it is revoked");
        let audit: Vec<_> = seen["audit"].as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
        assert!(
            audit.len() == 2 && audit[0].contains("Token revoked") && audit[1].contains("as till-9, till-10"),
            "{audit:?}"
        );
    }
}

#[tokio::test]
async fn the_pages_of_access_have_no_serious_fault_of_accessibility_and_are_reached_with_the_keyboard() {
    let guarded = network().await;
    let seller = format!("/users/{}", SELLER.replace('@', "%40"));
    let paths = json!([
        "/account",
        "/users",
        seller,
        "/contracts",
        "/contracts?change=acme/it",
        "/tokens",
        "/audit",
        "/tokens?lang=fr"
    ]);
    let seen = browse(&guarded.app.url, "accessible", with(head(), &json!({"paths": paths}))).await;
    assert_eq!(seen["found"], json!({}));
    assert_eq!(seen["complaints"], json!([]));
    let seen = browse(&guarded.app.url, "keyboard_administers", head()).await;
    let secret = seen["secret"].as_str().unwrap();
    assert_eq!(guarded.get(&As::Token(secret), "/v1/stores/FR-1/performance").await.0, StatusCode::OK);
}

/// Sends a form as a browser does.
async fn post_form(guarded: &Guarded, session: &str, path: &str, fields: &[(&str, &str)]) -> StatusCode {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = http.post(format!("{}{path}", guarded.app.url)).header("sec-fetch-site", "same-origin");
    let request = request.header(header::COOKIE, format!("storefold_session={session}"));
    let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", value.replace('@', "%40"))).collect();
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.join("&"));
    request.send().await.unwrap().status()
}

/// What the forms of a session's pages carry.
pub async fn form_token(guarded: &Guarded, session: &str) -> String {
    let page = guarded.send(&As::Session(session), Method::GET, "/account", None).await.text().await.unwrap();
    let (_, rest) = page.split_once("name=\"form_token\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn on_pages_a_manager_reaches_his_own_users_and_no_contract_token_or_audit() {
    let guarded = network().await;
    let manager = guarded.user(&guarded.head, "it@acme.example", "manager", json!({"organisation": "acme/it"})).await;
    let mine = guarded.user(&manager, "mine@acme.example", "standard", json!({"store": "IT-1"})).await;
    let status = async |who: &str, path: &str| guarded.send(&As::Session(who), Method::GET, path, None).await.status();
    for (path, expected) in [
        ("/users", StatusCode::OK),
        ("/users/mine@acme.example", StatusCode::OK),
        ("/users/seller@acme.example", StatusCode::NOT_FOUND),
        ("/users/head@acme.example", StatusCode::NOT_FOUND),
        ("/users/nobody@acme.example", StatusCode::NOT_FOUND),
        ("/contracts", StatusCode::FORBIDDEN),
        ("/tokens", StatusCode::FORBIDDEN),
        ("/audit", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(status(&manager, path).await, expected, "{path}");
        if path.starts_with("/users") {
            assert_eq!(status(&mine, path).await, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let token = form_token(&guarded, &manager).await;
    let (own, theirs) = ("/users/mine@acme.example", "/users/seller@acme.example");
    for (path, fields, expected) in [
        (own, vec![("act", "grant"), ("level", "standard"), ("organisation", "acme/it")], StatusCode::SEE_OTHER),
        (own, vec![("act", "grant"), ("level", "manager"), ("organisation", "acme/it")], StatusCode::FORBIDDEN),
        (own, vec![("act", "grant"), ("level", "standard"), ("organisation", "acme")], StatusCode::FORBIDDEN),
        (own, vec![("act", "take_away"), ("store", "FR-1")], StatusCode::UNPROCESSABLE_ENTITY),
        (own, vec![("act", "something")], StatusCode::BAD_REQUEST),
        (theirs, vec![("act", "new_password")], StatusCode::NOT_FOUND),
        (theirs, vec![("act", "take_away"), ("store", "FR-1")], StatusCode::NOT_FOUND),
        ("/tokens", vec![("act", "make"), ("token", "t"), ("right", "read")], StatusCode::FORBIDDEN),
        ("/contracts", vec![("view", "network-kpi")], StatusCode::FORBIDDEN),
    ] {
        let signed = [vec![("form_token", token.as_str())], fields.clone()].concat();
        assert_eq!(post_form(&guarded, &manager, path, &signed).await, expected, "{path} {fields:?}");
        let forged = [vec![("form_token", "0000")], fields.clone()].concat();
        let refused = post_form(&guarded, &manager, path, &forged).await;
        assert_eq!(refused, StatusCode::FORBIDDEN, "without what the session's pages carry: {path} {fields:?}");
    }
    assert_eq!(status(&mine, "/v1/access/me").await, StatusCode::OK, "nothing ended the session");
}

#[tokio::test]
async fn whoever_sees_several_places_has_one_list_of_them() {
    let guarded = Guarded::start().await;
    let user = guarded.user(&guarded.head, "two@acme.example", "standard", json!({"store": "FR-1"})).await;
    let grant = json!({"level": "standard", "organisation": "acme/it"});
    let granted = guarded.put(&As::Session(&guarded.head), "/v1/access/users/two@acme.example/grants", grant).await;
    assert_eq!(granted.0, StatusCode::NO_CONTENT);
    for path in ["/stores", "/scanners", "/restatements"] {
        let page = guarded.send(&As::Session(&user), Method::GET, path, None).await;
        let status = page.status();
        let page = page.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        assert_eq!(
            (page.contains("FR-1"), page.contains("IT-1"), page.contains("FR-2")),
            (true, true, false),
            "{path}"
        );
    }
    for (path, expected) in [
        ("/stores?search=IT", StatusCode::OK),
        ("/restatements?organisation=acme/fr", StatusCode::NOT_FOUND),
        ("/restatements?from=2026-11-20&to=2026-11-19", StatusCode::BAD_REQUEST),
        ("/scanners?after=N-FR-1", StatusCode::OK),
    ] {
        let page = guarded.send(&As::Session(&user), Method::GET, path, None).await;
        assert_eq!(page.status(), expected, "{path}");
        assert!(!page.text().await.unwrap().contains("FR-2"), "{path}");
    }
}

/// Pictures of the pages of access, in both themes and on a phone; put where `STOREFOLD_PICTURES` names, or thrown away.
#[tokio::test]
async fn pictures_of_the_pages_of_access_are_taken() {
    let guarded = network().await;
    let taken = tempfile::TempDir::new().unwrap();
    let place = env::var_os("STOREFOLD_PICTURES").map_or_else(|| taken.path().to_owned(), PathBuf::from);
    let seller = format!("/users/{}", SELLER.replace('@', "%40"));
    let mut pictures = Vec::new();
    for (name, path) in [
        ("users", "/users"),
        ("user", &seller),
        ("contracts", "/contracts"),
        ("tokens", "/tokens"),
        ("audit", "/audit"),
    ] {
        for (theme, width) in [("light", 1_160), ("dark", 1_160), ("light", 390)] {
            let name = format!("{name}-{theme}-{width}");
            pictures.push(json!({"name": name, "path": path, "width": width, "height": 1_000, "colorScheme": theme}));
        }
    }
    let seen =
        browse(&guarded.app.url, "pictures", with(head(), &json!({"directory": place, "pictures": pictures}))).await;
    for picture in &pictures {
        let size = &seen["sizes"][picture["name"].as_str().unwrap()];
        assert!(size[0] == 200 && size[1].as_u64().unwrap() > 10_000, "{picture}: {size}");
    }
}
