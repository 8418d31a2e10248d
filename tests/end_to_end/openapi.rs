//! The HTTP API, asked what its own OpenAPI document says can be asked, and much that cannot: nothing fails inside, nothing
//! hangs, and no answer is one that the document does not tell of.
//!
//! Schemathesis makes the requests. `OPENAPI_SECONDS` says for how long, `OPENAPI_SEED` which ones.

use std::{env, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{engine::Engine, test_app::TestApp};

const CHECKS: &str = "fails_as_promised,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance";

/// As many at least come in the shortest time on a slow machine.
const CASES_MIN: u64 = 500;

/// What requests may name: examples in the document name the same.
fn known() -> Vec<Value> {
    let event = |seq: u64, event_type: &str, data: Value| {
        json!({ "source": "openapi", "seq": seq, "store": "FR-PAR-01", "occurred_at": "2026-03-02T10:00:00+01:00",
                "type": event_type, "data": data })
    };
    vec![
        event(1, "StoreConfigured", json!({ "name": "Paris Rivoli", "zone": "Europe/Paris", "currency": "EUR" })),
        event(
            2,
            "LoyaltyProgramConfigured",
            json!({ "programme": "brand", "currency": "EUR", "minor_per_point": 1_000, "rounding": "floor_per_sale",
                    "earn_on_discounted": true }),
        ),
        event(3, "ScanCaptured", json!({ "scan": "1", "scanner": "0012", "outcome": "succeeded" })),
        event(
            4,
            "SaleValidated",
            json!({ "sale": "1", "till": "1", "channel": "store", "customer": "C-77", "currency": "EUR",
                    "lines": [{ "line": 1, "sku": "A", "quantity": 1, "gross_minor": 12_000 }],
                    "tenders": [{ "kind": "card", "amount_minor": 12_000 }] }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_the_document_tells_of() {
    let app = TestApp::start(Engine::embedded()).await;
    assert_eq!(app.post(&known()).await["accepted"], 4);
    let (told, ended_well) = tokio::task::block_in_place(|| drive(&app.url));
    let (cases, routes) = (number_after(&told, "Test cases:"), number_after(&told, "Tested:"));
    eprintln!("{cases} requests to {routes} routes");
    assert!(ended_well, "{told}\nthe server said:\n{}", app.said());
    assert!(cases >= CASES_MIN, "{cases} requests are few:\n{told}");
    assert_eq!(routes, number_after(&told, "Selected:"), "each route was asked:\n{told}");
    // It still does its work.
    assert_eq!(app.get("/readyz").await["status"], "ready");
}

/// A number that Schemathesis tells behind a word.
fn number_after(told: &str, word: &str) -> u64 {
    let after = told.split_once(word).map_or("", |(_, after)| after.trim_start());
    let digits = after.split(|char: char| !char.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or_else(|_| panic!("it does not say `{word}`:\n{told}"))
}

/// What Schemathesis says, and whether all was well.
fn drive(url: &str) -> (String, bool) {
    let setting = |name: &str, otherwise: &str| env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("end_to_end");
    let mut modules = vec![hooks];
    modules.extend(env::var_os("SCHEMATHESIS_PYTHONPATH").map(Into::into));
    let mut python = Command::new("python3");
    python.args(["-m", "schemathesis.cli", "run"]).arg(format!("{url}/openapi.json"));
    // A stream that stays open is tried elsewhere (`changes.rs`).
    python.args(["--exclude-path", "/v1/changes", "--checks", &CHECKS.replace(' ', "")]);
    python.args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-shrink"]);
    // So many for a route, and again as long as there is time.
    python.args(["--max-examples", "4", "--max-time", &setting("OPENAPI_SECONDS", "75")]);
    python.args(["--seed", &setting("OPENAPI_SEED", "1"), "--max-response-time", "10", "--request-timeout", "20"]);
    python.args(["--suppress-health-check", "all", "--warnings", "off"]);
    python.env("SCHEMATHESIS_HOOKS", "openapi_hooks").env("PYTHONDONTWRITEBYTECODE", "1").env("NO_COLOR", "1");
    python.env("PYTHONPATH", env::join_paths(modules).unwrap());
    python.current_dir(env::temp_dir());
    let output = python.output().unwrap_or_else(|error| panic!("there is no python3: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        !said.contains("No module named"),
        "Schemathesis is not here; run `cargo xtask test`, which gets it, or set SCHEMATHESIS_PYTHONPATH: {said}"
    );
    (said, output.status.success())
}
