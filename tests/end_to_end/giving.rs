//! Vouchers are given in runs and cards are made by the hundred, from the command line: what was shown is given, once.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use crate::{engine::Engine, program::storefold, test_app::TestApp};

on_both_engines!(a_run_gives_what_was_previewed_and_says_what_has_changed, cards_are_made_once_and_brought_in_once);

fn fact(seq: u64, event_type: &str, data: &Value) -> Value {
    json!({"source": "office", "seq": seq, "store": "S", "occurred_at": "2026-10-01T10:00:00Z", "type": event_type,
           "data": data})
}

fn sale(seq: u64, customer: &str, total_minor: i64) -> Value {
    fact(
        seq,
        "SaleValidated",
        &json!({"sale": format!("T-{seq}"), "till": "1", "channel": "store", "customer": customer, "currency": "EUR",
            "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": total_minor}],
            "tenders": [{"kind": "cash", "amount_minor": total_minor}]}),
    )
}

async fn store(app: &TestApp) {
    app.post(&[fact(1, "StoreConfigured", &json!({"name": "S", "zone": "Europe/Paris", "currency": "EUR"}))]).await;
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

async fn a_run_gives_what_was_previewed_and_says_what_has_changed(engine: Engine) {
    let app = TestApp::start(engine).await;
    store(&app).await;
    app.post(&[sale(2, "A", 5_000), sale(3, "A", 5_000), sale(4, "B", 9_999), sale(5, "C", 10_000)]).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("winter.json");
    let run = json!({"run": "winter", "currency": "EUR", "tiers": [{"from_minor": 10_000, "rate_e4": 500}],
        "validity": {"until": "2036-12-31"}, "criteria": {"turnover_min_minor": 5_000}});
    fs::write(&file, run.to_string()).unwrap();
    let run = |order: &str, rest: &[&str]| {
        let mut arguments = vec!["vouchers", order, file.to_str().unwrap(), "--url", &app.url, "--json"];
        arguments.extend(rest);
        storefold(arguments)
    };
    let launch = |rest: &[&str]| run("launch", &[&["--author", "A. Leroy"], rest].concat());

    let said = launch(&[]).fails();
    assert!(said.contains("was not previewed"), "{said}");
    let preview: Value = serde_json::from_str(&run("preview", &[]).ok()).unwrap();
    assert_eq!(
        (&preview["customers"], &preview["worth_minor"], &preview["position"]),
        (&json!(2), &json!(1_000), &json!(5))
    );

    app.post(&[sale(6, "B", 1), sale(7, "C", 10_000)]).await;
    let said = launch(&[]).fails();
    assert!(said.contains("Since position 5: 1 customer more, 0 fewer, 1 with another turnover."), "{said}");
    let given = |text: &str| {
        let given: Value = serde_json::from_str(text).unwrap();
        (given["given"].clone(), given["given_before"].clone())
    };
    assert_eq!(given(&launch(&["--yes"]).ok()), (json!(3), json!(0)));
    app.post(&[sale(8, "D", 50_000)]).await;
    assert_eq!(given(&launch(&[]).ok()), (json!(0), json!(3)), "it goes on with the list of then");
    assert_eq!(read(&file.with_extension("launched.json"))["author"], "A. Leroy");

    let position = app.post(&[]).await["position"].as_u64().unwrap();
    let liability = app.get(&format!("/v1/liability?at_least={position}")).await;
    assert_eq!(liability["liabilities"][0]["outstanding"]["amount"], 500 + 500 + 1_000, "{liability}");
    assert_eq!(app.get("/v1/quarantine").await["entries"], json!([]));
}

async fn cards_are_made_once_and_brought_in_once(engine: Engine) {
    let app = TestApp::start(engine).await;
    store(&app).await;
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let terms = ["--currency", "EUR", "--store", "S", "--on", "2026-10-01", "--url", &app.url];
    let create = |out: &str| {
        let made = ["cards", "create", "--count", "1200", "--amount", "25.00", "--batch", "xmas", "--out", out];
        storefold([&made[..], &terms].concat())
    };
    create(&file("a.csv")).ok();
    create(&file("b.csv")).ok();
    let said = create(&file("b.csv")).fails();
    assert!(said.contains("name a file that is not there yet"), "{said}");
    let codes = fs::read_to_string(file("a.csv")).unwrap();
    assert_eq!(codes, fs::read_to_string(file("b.csv")).unwrap(), "the same cards, not others");
    let codes: BTreeSet<_> = codes.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 1_200);
    assert!(codes.iter().all(|code| code.len() == 16));

    let first = codes.iter().next().unwrap();
    let table = format!("code,amount,customer\nOLD-00001,10.00,\n{first},10.00,\nOLD-00002,x,\nOLD-00003,0.50,C-1\n");
    fs::write(file("old.csv"), table).unwrap();
    let import = || storefold([&["cards", "import", &file("old.csv")], &terms[..]].concat());
    let said = import().fails();
    assert!(said.contains("code_taken") && said.contains("column `amount`: `x` is no amount"), "{said}");
    import().fails();
    let position = app.post(&[]).await["position"].as_u64().unwrap();
    let liability = app.get(&format!("/v1/liability?at_least={position}")).await;
    assert_eq!(liability["liabilities"][0]["outstanding"]["amount"], 1_200 * 2_500 + 1_050, "{liability}");
}
