//! Who may look at what, over the real server: what is out of scope is not there, in every route (rows 0.17–0.20).

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    guarded::{As, Guarded, PASSWORD, make_first, sign_in, try_sign_in},
    tenants::tells,
    test_app::{TestApp, read},
};

#[tokio::test]
async fn nothing_is_answered_before_somebody_has_signed_in_or_sends_a_token() {
    let guarded = Guarded::start().await;
    let app = &guarded.app;
    let (_, document) = guarded.get(&As::Session(&guarded.head), "/openapi.json").await;
    let mut walked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let open = ["/healthz", "/readyz", "/metrics", "/v1/access/session", "/v1/access/first-administrator"];
            if open.contains(&path.as_str()) {
                continue;
            }
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let filled = path.replace(['{', '}'], "");
            for who in [As::Nobody, As::Token("0000"), As::Session("0000")] {
                let answer = guarded.send(&who, method.clone(), &filled, None).await;
                assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
                walked += 1;
            }
        }
    }
    assert!(walked > 300, "{walked} requests");
    let page = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = page.get(format!("{}/stores/FR-1?window=90d", app.url)).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(page.headers()[header::LOCATION], "/sign-in?next=/stores/FR-1%3Fwindow%3D90d");
}

#[tokio::test]
async fn row_0_18_what_is_out_of_scope_is_not_there_in_any_route_of_the_document() {
    let guarded = Guarded::start().await;
    let manager = guarded.user(&guarded.head, "fr@acme.example", "manager", json!({"organisation": "acme/fr"})).await;
    let seller = guarded.user(&manager, "seller@acme.example", "standard", json!({"store": "FR-1"})).await;
    let machine = guarded.issue("reader", json!({"rights": ["read"], "organisation": "acme/fr/north"})).await;
    let (_, document) = guarded.get(&As::Session(&guarded.head), "/openapi.json").await;
    let mut asked = 0;
    for path in document["paths"].as_object().unwrap().keys().filter(|path| document["paths"][*path]["get"].is_object())
    {
        // Streams do not end, and what is open to all tells of no store.
        if ["/v1/changes", "/healthz", "/readyz", "/metrics"].contains(&path.as_str()) {
            continue;
        }
        let theirs = [
            ("{store}", "IT-1"),
            ("{scanner}", "N-IT-1"),
            ("{customer}", "C-IT-1"),
            ("{kpi}", "turnover"),
            ("{model}", "store-performance"),
            ("{source}", "scanner-IT-1"),
        ];
        let filled = theirs.iter().fold(path.clone(), |path, (name, value)| path.replace(name, value));
        let others =
            ["", "?store=IT-1", "?organisation=acme/it", "?organisation=acme", "?scanner=N-IT-1", "?customer=C-IT-1"];
        for query in others {
            for who in [As::Session(&manager), As::Session(&seller), As::Token(&machine)] {
                let (status, answer) = guarded.get(&who, &format!("{filled}{query}")).await;
                assert!(!status.is_server_error(), "{path}{query}: {answer}");
                let text = answer.to_string();
                assert!(
                    !status.is_success() || !text.contains("IT-1") && !text.contains("acme/it"),
                    "{path}{query}: {text}"
                );
                let network = tells(&text, "6000");
                assert!(!status.is_success() || !network, "{path}{query} tells of the network: {text}");
                asked += 1;
            }
        }
    }
    assert!(asked > 600, "{asked} requests");
    for (who, path) in [
        (&manager, "/v1/stores/IT-1/performance"),
        (&seller, "/v1/stores/FR-2/performance"),
        (&seller, "/v1/scans?store=FR-2"),
        (&seller, "/v1/scanners/N-FR-2/status"),
        (&seller, "/v1/kpis/turnover?organisation=acme/fr"),
        (&manager, "/v1/customers/C-IT-1/loyalty"),
    ] {
        assert_eq!(guarded.get(&As::Session(who), path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn row_0_18_whoever_sees_a_part_is_answered_about_that_part() {
    let guarded = Guarded::start().await;
    let manager = guarded.user(&guarded.head, "fr@acme.example", "manager", json!({"organisation": "acme/fr"})).await;
    let seller = guarded.user(&manager, "seller@acme.example", "standard", json!({"store": "FR-2"})).await;
    let listed = |answer: &Value| -> BTreeSet<String> {
        answer["stores"].as_array().unwrap().iter().map(|store| store["store"].as_str().unwrap().to_owned()).collect()
    };
    for (who, stores, turnover) in [
        (&guarded.head, vec!["FR-1", "FR-2", "IT-1"], 6_000),
        (&manager, vec!["FR-1", "FR-2"], 3_000),
        (&seller, vec!["FR-2"], 2_000),
    ] {
        let (status, answer) = guarded.get(&As::Session(who), "/v1/stores").await;
        assert_eq!((status, listed(&answer)), (StatusCode::OK, stores.iter().map(ToString::to_string).collect()));
        let (status, answer) = guarded.get(&As::Session(who), "/v1/kpis/turnover?from=2026-11-20&to=2026-11-20").await;
        assert_eq!((status, &answer["value"]), (StatusCode::OK, &json!(turnover)), "{answer}");
        let (status, answer) =
            guarded.get(&As::Session(who), "/v1/read-models/store-performance/rows?format=json").await;
        let of: BTreeSet<_> = answer.as_array().unwrap().iter().map(|row| row["store"].as_str().unwrap()).collect();
        assert_eq!((status, of), (StatusCode::OK, stores.into_iter().collect()), "{answer}");
    }
    assert_eq!(guarded.get(&As::Session(&seller), "/v1/kpis").await.0, StatusCode::OK, "definitions are everybody's");
    assert_eq!(guarded.get(&As::Session(&seller), "/v1/stores/FR-2/performance").await.0, StatusCode::OK);
    assert_eq!(guarded.get(&As::Session(&seller), "/v1/scanners/N-FR-2/status").await.0, StatusCode::OK);
    // A grant that is taken back is gone from a session that is open.
    let gone = guarded
        .send(&As::Session(&manager), Method::DELETE, "/v1/access/users/seller@acme.example/grants?store=FR-2", None)
        .await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(guarded.get(&As::Session(&seller), "/v1/stores/FR-2/performance").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn row_0_17_who_is_no_manager_creates_nobody_and_a_manager_none_beyond() {
    let guarded = Guarded::start().await;
    let manager = guarded.user(&guarded.head, "fr@acme.example", "manager", json!({"organisation": "acme/fr"})).await;
    let seller = guarded.user(&manager, "seller@acme.example", "standard", json!({"store": "FR-1"})).await;
    for (who, level, place) in [
        (&seller, "standard", json!({"store": "FR-1"})),
        (&manager, "manager", json!({"organisation": "acme/fr"})),
        (&manager, "standard", json!({"organisation": "acme/it"})),
        (&manager, "standard", json!({})),
        (&manager, "administrator", json!({})),
    ] {
        let mut body = place.clone();
        (body["name"], body["level"]) = (json!("New"), json!(level));
        let (status, answer) = guarded.put(&As::Session(who), "/v1/access/users/new@acme.example", body).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{level} {place}: {answer}");
    }
    let (_, users) = guarded.get(&As::Session(&guarded.head), "/v1/access/users").await;
    assert_eq!(users["users"].as_array().unwrap().len(), 3, "nobody was left half created");
    for path in ["/v1/access/users", "/v1/access/audit", "/v1/rebuilds", "/v1/quarantine", "/v1/log"] {
        assert_eq!(guarded.get(&As::Session(&manager), path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    let sent = guarded.send(&As::Session(&seller), Method::POST, "/v1/events", Some(&json!([]))).await;
    assert_eq!(sent.status(), StatusCode::FORBIDDEN);
    // Nobody makes himself a user by sending the event.
    let forged = json!({"source": "x", "seq": 1, "occurred_at": "2026-11-20T10:00:00Z", "type": "UserInvited", "data": {"user": "thief", "name": "T"}});
    let (_, answer) =
        read(guarded.send(&As::Token(&guarded.token), Method::POST, "/v1/events", Some(&forged)).await).await;
    assert_eq!(answer["results"][0]["status"], "rejected", "{answer}");
}

#[tokio::test]
async fn rows_0_19_and_0_20_a_contract_limits_what_is_viewed_and_downloaded_and_downloads_are_audited() {
    let guarded = Guarded::start().await;
    let manager = guarded.user(&guarded.head, "fr@acme.example", "manager", json!({"organisation": "acme/fr"})).await;
    let (rows, kpi) = ("/v1/read-models/store-performance/rows?format=xlsx", "/v1/kpis/turnover?window=all");
    let status = async |path: &str| guarded.send(&As::Session(&manager), Method::GET, path, None).await.status();
    assert_eq!(
        (status(rows).await, status(kpi).await),
        (StatusCode::OK, StatusCode::OK),
        "without a contract all is allowed"
    );
    let set = |view: Value, download: Value| json!({"organisation": "acme", "view": view, "download": download});
    let policy = async |body: Value| guarded.put(&As::Session(&guarded.head), "/v1/access/policy", body).await;
    assert_eq!(policy(set(json!(["store-performance"]), json!([]))).await.0, StatusCode::NO_CONTENT);
    assert_eq!((status(rows).await, status(kpi).await), (StatusCode::FORBIDDEN, StatusCode::NOT_FOUND));
    assert_eq!(status("/v1/read-models/network-kpi/rows").await, StatusCode::NOT_FOUND);
    assert_eq!(status("/v1/changes?models=network-kpi").await, StatusCode::BAD_REQUEST, "nor is it followed");
    assert_eq!(status("/v1/changes?models=store-performance").await, StatusCode::OK);
    assert_eq!(policy(set(json!(["store-performance"]), json!(["weather"]))).await.0, StatusCode::NOT_FOUND);
    assert_eq!(policy(set(json!([]), json!(["network-kpi"]))).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, audit) = guarded.get(&As::Session(&guarded.head), "/v1/access/audit?by=fr@acme.example").await;
    let done: Vec<_> =
        audit["entries"].as_array().unwrap().iter().map(|entry| entry["detail"].as_str().unwrap()).collect();
    assert_eq!(done, ["downloaded the table days as xlsx", "signed in from 127.0.0.1"], "refused downloads are none");
}

#[tokio::test]
async fn whoever_sees_several_places_sees_of_each_what_its_contract_allows() {
    let guarded = Guarded::start().await;
    let user = guarded.user(&guarded.head, "two@acme.example", "standard", json!({"organisation": "acme/fr"})).await;
    let head = As::Session(&guarded.head);
    let grant = json!({"level": "standard", "organisation": "acme/it"});
    let granted = guarded.put(&head, "/v1/access/users/two@acme.example/grants", grant).await;
    assert_eq!(granted.0, StatusCode::NO_CONTENT);
    let contract = async |organisation: &str, view: &[&str], download: &[&str]| {
        let contract = json!({"organisation": organisation, "view": view, "download": download});
        assert_eq!(guarded.put(&head, "/v1/access/policy", contract).await.0, StatusCode::NO_CONTENT);
    };
    let turnover = async || {
        let (status, kpi) = guarded.get(&As::Session(&user), "/v1/kpis/turnover?window=all").await;
        (status, kpi["value"].clone())
    };
    let taken_away = async || {
        let path = "/v1/read-models/store-performance/rows?table=days&format=csv";
        let answer = guarded.send(&As::Session(&user), Method::GET, path, None).await;
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        (status, ["FR-1", "FR-2", "IT-1"].map(|store| text.contains(store)))
    };
    let both = turnover().await;
    assert_eq!(taken_away().await, (StatusCode::OK, [true, true, true]), "without contracts all is allowed");

    contract("acme/fr", &["network-kpi", "store-performance"], &["store-performance"]).await;
    contract("acme/it", &["store-performance"], &[]).await;
    assert_eq!(turnover().await.0, StatusCode::OK);
    assert_ne!(turnover().await, both, "Italy's turnover is not in it any more");
    let of_italy = guarded.get(&As::Session(&user), "/v1/kpis/turnover?window=all&organisation=acme/it").await;
    assert_eq!(of_italy.0, StatusCode::NOT_FOUND, "{}", of_italy.1);
    let of_italy = guarded.get(&As::Session(&user), "/v1/stores/IT-1/performance?window=all").await;
    assert_eq!(of_italy.0, StatusCode::OK, "what is allowed there is seen there: {}", of_italy.1);
    assert_eq!(taken_away().await, (StatusCode::OK, [true, true, false]));

    contract("acme/fr", &["store-performance"], &[]).await;
    assert_eq!(turnover().await.0, StatusCode::NOT_FOUND, "nowhere is it allowed");
    assert_eq!(taken_away().await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_first_administrator_is_made_once_by_who_can_read_the_servers_data() {
    let app = TestApp::start_with(Engine::Embedded, &["--access", "required"]).await;
    let said = make_first(&app, "short", false);
    assert!(said.contains("the password is shorter than 12 characters"), "{said}");
    let forged = json!({"setup_key": "0000", "user": "thief", "name": "T", "password": PASSWORD});
    let forged =
        app.http.post(format!("{}/v1/access/first-administrator", app.url)).json(&forged).send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    let said = make_first(&app, PASSWORD, true);
    assert!(said.contains("Sign in at http://127.0.0.1:"), "{said}");
    let said = make_first(&app, "another long password", false);
    assert!(said.contains("there is an administrator already"), "{said}");
    assert_eq!(
        try_sign_in(&app, "head@acme.example", "another long password").await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(try_sign_in(&app, " Head@ACME.example ", PASSWORD).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn sessions_end_when_they_are_told_to_and_failures_lock_a_name() {
    let mut guarded = Guarded::start().await;
    let me = async |guarded: &Guarded, secret: &str| guarded.get(&As::Session(secret), "/v1/access/me").await.0;
    let other = sign_in(&guarded.app, "head@acme.example", PASSWORD).await;
    guarded.app.restart().await;
    assert_eq!(me(&guarded, &other).await, StatusCode::OK, "sessions outlive a crash");
    assert_eq!(
        guarded.send(&As::Session(&other), Method::DELETE, "/v1/access/session", None).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(me(&guarded, &other).await, StatusCode::UNAUTHORIZED);
    assert_eq!(me(&guarded, &guarded.head).await, StatusCode::OK, "another session stands");

    let seller = guarded.user(&guarded.head, "seller@acme.example", "standard", json!({"store": "FR-1"})).await;
    let path = "/v1/access/users/seller@acme.example/sessions";
    assert_eq!(
        guarded.send(&As::Session(&guarded.head), Method::DELETE, path, None).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(me(&guarded, &seller).await, StatusCode::UNAUTHORIZED);

    assert_eq!(
        guarded.send(&As::Session(&guarded.head), Method::DELETE, "/v1/access/tokens/till", None).await.status(),
        StatusCode::NO_CONTENT
    );
    let sent = guarded.send(&As::Token(&guarded.token), Method::POST, "/v1/events", Some(&json!([]))).await;
    assert_eq!(sent.status(), StatusCode::UNAUTHORIZED);

    for _ in 0..5 {
        assert_eq!(
            try_sign_in(&guarded.app, "seller@acme.example", "a wrong password").await.status(),
            StatusCode::UNAUTHORIZED
        );
    }
    let locked = try_sign_in(&guarded.app, "seller@acme.example", "a wrong password").await;
    assert_eq!(locked.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(locked.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(try_sign_in(&guarded.app, "head@acme.example", PASSWORD).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_another_site_has_a_browser_send_is_refused() {
    let guarded = Guarded::start().await;
    let path = format!("{}/v1/access/policy", guarded.app.url);
    let forged = |headers: &[(&'static str, &str)]| {
        let request = guarded.app.http.put(&path).header(header::COOKIE, format!("storefold_session={}", guarded.head));
        let request = request.json(&json!({"view": [], "download": []}));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send()
    };
    let host = guarded.app.url.trim_start_matches("http://");
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
        &[("x-form-token", "0000")],
    ] {
        assert_eq!(forged(headers).await.unwrap().status(), StatusCode::FORBIDDEN, "{headers:?}");
    }
    let own = format!("http://{host}");
    assert_eq!(forged(&[("origin", &own)]).await.unwrap().status(), StatusCode::NO_CONTENT);
}
