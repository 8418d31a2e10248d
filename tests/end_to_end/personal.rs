//! What is known of persons, over the real server: nothing yields it but the answers that are there to, and nothing at all
//! once the person is erased, while every figure stays as it was.

use std::{fs, path::Path};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    program::storefold,
    test_app::{TestApp, read},
};

/// What nobody may find anywhere.
const MARKED: [&str; 7] = [
    "anna.zwickelmann@marked.example",
    "scan.only@marked.example",
    "early.bird@marked.example",
    "Zwickelmann",
    "Annagret",
    "+41795550199",
    "Kapellgasse",
];

fn fact(seq: u64, event_type: &str, store: Option<&str>, data: &Value) -> Value {
    json!({ "source": "crm", "seq": seq, "store": store, "occurred_at": format!("2026-03-02T10:{seq:02}:00+01:00"),
        "type": event_type, "data": data })
}

fn scan(seq: u64, number: &str, email: Option<&str>) -> Value {
    fact(
        seq,
        "ScanCaptured",
        Some("S"),
        &json!({ "scan": number, "scanner": "s-1", "outcome": "succeeded", "email": email }),
    )
}

fn sale(seq: u64, customer: &str) -> Value {
    fact(
        seq,
        "SaleValidated",
        Some("S"),
        &json!({ "sale": format!("T-{seq}"), "till": "1", "channel": "store", "customer": customer, "currency": "EUR",
            "lines": [{ "line": 1, "sku": "A", "quantity": 1, "gross_minor": 12_000 }],
            "tenders": [{ "kind": "card", "amount_minor": 12_000 }] }),
    )
}

fn history() -> Vec<Value> {
    let [anna, scanned, early, name, first_name, mobile, street] = MARKED;
    vec![
        fact(1, "StoreConfigured", Some("S"), &json!({ "name": "S", "zone": "Europe/Paris", "currency": "EUR" })),
        fact(
            2,
            "LoyaltyProgramConfigured",
            None,
            &json!({ "programme": "brand", "currency": "EUR", "minor_per_point": 1_000, "rounding": "floor_per_sale",
                "earn_on_discounted": true }),
        ),
        // Comes before its scan, and waits in quarantine.
        fact(3, "EmailAttachedToScan", Some("S"), &json!({ "scan": "scan-3", "email": early })),
        fact(
            4,
            "CustomerCreated",
            Some("S"),
            &json!({ "customer": "C-77", "name": name, "first_name": first_name, "email": anna, "mobile": mobile }),
        ),
        fact(
            5,
            "CustomerUpdated",
            None,
            &json!({ "customer": "C-77", "postal_address": format!("{street} 4, Luzern") }),
        ),
        fact(
            6,
            "CustomerCreated",
            Some("S"),
            &json!({ "customer": "C-78", "name": "Other", "email": "other@x.example" }),
        ),
        fact(7, "ConsentGranted", None, &json!({ "customer": "C-77", "channel": "email" })),
        sale(8, "C-77"),
        sale(9, "C-78"),
        scan(10, "scan-1", Some("Anna.Zwickelmann@marked.example")),
        scan(11, "scan-2", Some(scanned)),
        scan(12, "scan-3", None),
        // Refused by the books, and kept.
        fact(13, "EmailAttachedToScan", Some("S"), &json!({ "scan": "never came", "email": anna })),
    ]
}

/// Bodies that no event can be read from, which say a lot about somebody all the same.
fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let [anna, _, _, name, first_name, mobile, street] = MARKED;
    let event = |event_type: &str, data: &Value| fact(90, event_type, Some("S"), data).to_string().into_bytes();
    let mut ambiguous = event("CustomerCreated", &json!({ "customer": "C-77", "name": name }));
    ambiguous.truncate(ambiguous.len() - 2);
    let packed = fact(91, "CustomerCreated", None, &json!({ "customer": "C-77", "name": [name], "email": anna }));
    vec![
        ("application/json", event("CustomerCreated", &json!({ "customer": "C-77", "name": [name, first_name] }))),
        ("application/json", event("CustomerCreated", &json!({ "customer": 77, "email": anna, "mobile": mobile }))),
        (
            "application/json",
            event("ScanCaptured", &json!({ "scan": "x", "scanner": "s", "outcome": anna, "email": anna })),
        ),
        (
            "application/json",
            event(
                "ScanCaptured",
                &json!({ "scan": "x", "scanner": "s", "outcome": "succeeded", "size_mondo_mm": anna }),
            ),
        ),
        ("application/json", event(anna, &json!({ "customer": "C-77", "name": name }))),
        (
            "application/json",
            event("CustomerUpdated", &json!({ "customer": "C-77", (anna): street, "mobile": mobile })),
        ),
        (
            "application/json",
            event("CustomerCreated", &json!({ "customer": "C-77", "email": format!("{street} {name}") })),
        ),
        ("application/json", ambiguous),
        ("application/x-ndjson", format!("{{\"email\": \"{anna}\"\n{name} {mobile}\n").into_bytes()),
        ("application/msgpack", rmp_serde::to_vec_named(&packed).unwrap()),
        ("text/plain", format!("C-77 is {first_name} {name}, {anna}").into_bytes()),
    ]
}

/// Files below a directory that hold a text, however it is spelled there.
fn holding(directory: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(&entry.path(), text));
            continue;
        }
        let Ok(bytes) = fs::read(entry.path()) else { continue };
        let in_lower = bytes.to_ascii_lowercase();
        let wanted = text.to_ascii_lowercase();
        if in_lower.windows(wanted.len()).any(|window| window == wanted.as_bytes()) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

fn holds_none_of(what: &str, text: &str) {
    let lower = text.to_ascii_lowercase();
    for marked in MARKED {
        assert!(!lower.contains(&marked.to_ascii_lowercase()), "{what} tells {marked}: {text}");
    }
}

/// Every table of every read model that counts something, but for the audit, which tells of the erasure.
async fn figures(app: &TestApp) -> Vec<(String, Value)> {
    let mut figures = Vec::new();
    for model in app.get("/v1/read-models").await["read_models"].as_array().unwrap() {
        let name = model["model"].as_str().unwrap();
        for table in model["tables"].as_array().into_iter().flatten().filter(|_| name != "access") {
            let table = table["table"].as_str().unwrap();
            let path = format!("/v1/read-models/{name}/rows?table={table}&format=json");
            figures.push((path.clone(), app.get(&path).await));
        }
    }
    assert!(figures.len() > 10, "{figures:?}");
    for path in ["/v1/liability", "/v1/customers/C-77/loyalty", "/v1/stores/S/performance?window=all"] {
        figures.push((path.to_owned(), app.get(path).await));
    }
    figures
}

async fn page(app: &TestApp, path: &str) -> String {
    let answer = app.http.get(format!("{}{path}", app.url)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

async fn told(app: &TestApp) -> u64 {
    let answer = app.post(&history()).await;
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(12), &json!(1)), "{answer}");
    holds_none_of("the answer", &answer.to_string());
    let position = answer["position"].as_u64().unwrap();
    app.get(&format!("/v1/customers/C-77/file?at_least={position}")).await;
    position
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_about_a_person_is_in_any_file_line_metric_or_error() {
    let mut app = TestApp::start(Engine::Embedded).await;
    told(&app).await;
    for (content_type, body) in malformed() {
        let (_, answer) = read(app.send(content_type, body).await).await;
        holds_none_of("an error", &answer.to_string());
    }
    for path in ["/metrics", "/readyz", "/v1/sources/crm", "/v1/read-models", "/v1/access/audit"] {
        let answer = app.http.get(format!("{}{path}", app.url)).send().await.unwrap().text().await.unwrap();
        holds_none_of(path, &answer);
    }
    holds_none_of("a line of the log", &app.said());
    app.stop();
    for marked in MARKED {
        assert_eq!(holding(app.data.path(), marked), Vec::<String>::new(), "{marked}");
    }
    // What may stand there is found, so the search finds what it looks for.
    assert!(!holding(&app.data.path().join("log"), "C-77").is_empty());
    let tail = storefold(["tail", "--log", &app.log(), "--json"]).ok();
    assert!(tail.contains("CustomerCreated") && tail.contains("sealed:1:"), "{tail}");
    holds_none_of("tail", &tail);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_nowhere_and_every_figure_stays() {
    let mut app = TestApp::start(Engine::Embedded).await;
    told(&app).await;
    for (content_type, body) in malformed() {
        read(app.send(content_type, body).await).await;
    }
    let file = app.get("/v1/customers/C-77/file").await;
    assert_eq!(file["name"]["value"], json!("Zwickelmann"));
    assert_eq!(file["email"]["value"], json!(MARKED[0]));
    assert_eq!(file["scans"][0]["email"], json!("Anna.Zwickelmann@marked.example"));
    assert_eq!(file["consents"][0]["granted"], json!(true));
    let everything = app.get("/v1/customers/C-77/everything").await;
    assert_eq!(everything["file"]["postal_address"]["value"], json!("Kapellgasse 4, Luzern"));
    assert_eq!(everything["loyalty"][0]["balance"], json!(12));
    assert!(app.get("/v1/quarantine").await.to_string().contains("Zwickelmann"), "who looks after refusals reads them");
    for language in ["en", "fr", "de", "it"] {
        let page = page(&app, &format!("/customers/C-77/everything?lang={language}")).await;
        assert!(page.contains("Zwickelmann") && page.contains("scan-1") && page.contains("T-8"), "{page}");
    }
    assert!(page(&app, "/customers/C-77").await.contains("href=\"/customers/C-77/everything\""));
    let before = figures(&app).await;

    let erase = |customer: &str| {
        let request = app.http.post(format!("{}/v1/commands/erase-customer", app.url));
        request.json(&json!({ "customer": customer })).send()
    };
    let (status, unknown) = read(erase("C-99").await.unwrap()).await;
    assert_eq!((status, &unknown["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown_customer")), "{unknown}");
    let (status, certificate) = read(erase("C-77").await.unwrap()).await;
    assert_eq!((status, &certificate["keys_destroyed"]), (StatusCode::OK, &json!(true)), "{certificate}");
    let (_, again) = read(erase("C-77").await.unwrap()).await;
    assert_eq!(again, certificate, "once");
    assert_eq!(app.get("/v1/customers/C-77/erasure").await, certificate);

    for ((path, before), (_, after)) in before.iter().zip(figures(&app).await) {
        assert_eq!(*before, after, "{path}");
    }
    for path in ["/v1/customers/C-77/file", "/v1/customers/C-77/everything", "/v1/customers/C-77/stored-value"] {
        let answer = app.get(path).await.to_string();
        for marked in [MARKED[0], MARKED[3], MARKED[4], MARKED[5], MARKED[6]] {
            assert!(!answer.to_lowercase().contains(&marked.to_lowercase()), "{path} tells {marked}: {answer}");
        }
    }
    assert_eq!(app.get("/v1/customers/C-77/file").await["name"]["unreadable"], json!("erased"));
    assert_eq!(app.get("/v1/customers/C-78/file").await["name"]["value"], json!("Other"));
    let refused = app.get("/v1/quarantine").await.to_string();
    for marked in [MARKED[0], "C-77 is"] {
        assert!(!refused.contains(marked), "{marked}: {refused}");
    }

    // What is sent again is known again, and revives nobody.
    let repeated = app.post(&history()).await;
    assert_eq!((&repeated["accepted"], &repeated["duplicate"]), (&json!(0), &json!(12)), "{repeated}");
    app.stop();
    for marked in MARKED {
        assert_eq!(holding(app.data.path(), marked), Vec::<String>::new(), "{marked}");
    }
    app.restart().await;
    assert_eq!(app.get("/v1/customers/C-77/erasure").await, certificate);
    assert_eq!(app.get("/v1/customers/C-77/file").await["name"]["unreadable"], json!("erased"));
    app.stop();
    // Rows are folded without any key.
    fs::remove_dir_all(app.data.path().join("vault")).unwrap();
    let verified = storefold(["verify", "--log", &app.log(), "--data", app.data(), "--json"]).json();
    assert_eq!(verified["read_models"].as_array().unwrap().len(), 14, "{verified}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_a_crash_cut_off_is_done_at_the_next_start() {
    let mut app = TestApp::start(Engine::Embedded).await;
    told(&app).await;
    app.stop();
    let vault = app.data.path().join("vault/keys.vault");
    let with_keys = fs::read(&vault).unwrap();
    app.restart().await;
    let request = app.http.post(format!("{}/v1/commands/erase-customer", app.url));
    let answer = request.json(&json!({ "customer": "C-77" })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    app.kill();
    // As if the keys had not been destroyed yet.
    fs::write(&vault, with_keys).unwrap();
    app.restart().await;
    let mut certificate = app.get("/v1/customers/C-77/erasure").await;
    while certificate["keys_destroyed"] != json!(true) {
        certificate = app.get("/v1/customers/C-77/erasure").await;
    }
    assert_eq!(app.get("/v1/customers/C-77/file").await["name"]["unreadable"], json!("erased"));
}
