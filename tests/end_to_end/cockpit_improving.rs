//! The pages of satisfaction, action plans, challenges and closed months: for whom they are, and in a real browser.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    cockpit::browse,
    guarded::{As, Guarded, PASSWORD},
    program::storefold,
    test_app::read,
};

const PAGES: [&str; 5] = ["/satisfaction", "/action-plans", "/challenges", "/closed-months", "/challenges/all"];

/// What was undertaken in each store, and everywhere; every word of a store has its name in it.
fn undertaken() -> Value {
    let mut events = Vec::new();
    let mut event = |store: Option<&str>, event_type: &str, data: Value| {
        let at = "2026-11-21T10:00:00+01:00";
        let seq = events.len() + 1;
        let mut event =
            json!({"source": "head-office", "seq": seq, "occurred_at": at, "type": event_type, "data": data});
        if let Some(store) = store {
            event["store"] = json!(store);
        }
        events.push(event);
    };
    for store in ["FR-1", "FR-2", "IT-1"] {
        let answer = json!({"answer": store, "survey": "s", "score": 5, "score_best": 10, "dissatisfied_with": [format!("source {store}")]});
        event(Some(store), "SurveyAnswered", answer);
        let plan = json!({"plan": store, "kind": "layout", "title": format!("Plan {store}"), "kpi": "turnover", "from": "2026-11-20"});
        event(Some(store), "ActionPlanOpened", plan);
        let challenge = json!({"challenge": format!("of-{store}"), "title": format!("Challenge {store}"), "from": "2026-11-01", "until": "2026-11-30", "stores": [store]});
        event(None, "ChallengeOpened", challenge);
        event(
            Some(store),
            "CustomerCreated",
            json!({"customer": format!("N-{store}"), "seller": format!("Seller {store}")}),
        );
    }
    event(
        None,
        "ChallengeOpened",
        json!({"challenge": "all", "title": "Everybody", "from": "2026-11-01", "until": "2026-11-30"}),
    );
    let plan = json!({"plan": "network", "kind": "training", "title": "Plan of the network", "kpi": "turnover", "from": "2026-11-20"});
    event(None, "ActionPlanOpened", plan);
    event(None, "MonthClosed", json!({"month": "2026-08", "organisation": "acme/it"}));
    event(None, "MonthClosed", json!({"month": "2026-09"}));
    Value::from(events)
}

async fn network() -> Guarded {
    let guarded = Guarded::start().await;
    let events = undertaken();
    let (_, answer) =
        read(guarded.send(&As::Token(&guarded.token), Method::POST, "/v1/events", Some(&events)).await).await;
    assert_eq!(answer["accepted"], json!(events.as_array().unwrap().len()), "{answer}");
    for path in ["/v1/action-plans", "/v1/challenges"] {
        guarded.get(&As::Session(&guarded.head), &format!("{path}?at_least={}", answer["position"])).await;
    }
    guarded
}

#[tokio::test]
async fn row_0_18_what_is_undertaken_elsewhere_is_not_there() {
    let guarded = network().await;
    let fr = guarded.user(&guarded.head, "fr@acme.example", "manager", json!({"organisation": "acme/fr"})).await;
    let seller = guarded.user(&guarded.head, "seller@acme.example", "standard", json!({"store": "FR-1"})).await;
    let two = guarded.user(&guarded.head, "two@acme.example", "standard", json!({"store": "FR-1"})).await;
    let grant = json!({"level": "standard", "organisation": "acme/it"});
    let granted = guarded.put(&As::Session(&guarded.head), "/v1/access/users/two@acme.example/grants", grant).await;
    assert_eq!(granted.0, StatusCode::NO_CONTENT);
    let all = ["FR-1", "FR-2", "IT-1"];
    for (who, theirs) in [(&fr, vec!["FR-1", "FR-2"]), (&seller, vec!["FR-1"]), (&two, vec!["FR-1", "IT-1"])] {
        for path in PAGES.into_iter().chain(["/ranking", "/anomalies"]) {
            let page = guarded.send(&As::Session(who), Method::GET, &format!("{path}?lang=en"), None).await;
            let (status, page) = (page.status(), page.text().await.unwrap());
            assert_eq!(status, StatusCode::OK, "{path}: {page}");
            for store in all.into_iter().filter(|_| !path.starts_with("/closed") && path != "/anomalies") {
                assert_eq!(page.contains(store), theirs.contains(&store), "{store} on {path} for {theirs:?}\n{page}");
            }
            assert!(!page.contains("Plan of the network"), "{path}");
            assert_eq!(
                page.contains("acme/it"),
                path == "/closed-months" && theirs.contains(&"IT-1"),
                "{path}: {page}"
            );
        }
        for store in all {
            let status = async |path: String| guarded.send(&As::Session(who), Method::GET, &path, None).await.status();
            let expected = if theirs.contains(&store) { StatusCode::OK } else { StatusCode::NOT_FOUND };
            for path in PAGES {
                assert_eq!(status(format!("{path}?store={store}")).await, expected, "{path} of {store}");
            }
            assert_eq!(status(format!("/challenges/of-{store}")).await, expected, "the challenge of {store}");
            assert_eq!(status(format!("/v1/challenges/of-{store}")).await, expected);
        }
    }
    for (who, turnover) in [(&fr, 3_000), (&seller, 1_000), (&two, 4_000)] {
        let (status, answer) = guarded.get(&As::Session(who), "/v1/kpis/turnover?from=2026-11-20&to=2026-11-20").await;
        assert_eq!((status, &answer["value"]), (StatusCode::OK, &json!(turnover)), "{answer}");
    }
    let (status, _) = guarded.get(&As::Session(&seller), "/v1/kpis/turnover?places=IT-1").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "nobody names places but who narrows");
}

#[tokio::test]
async fn a_month_is_closed_on_the_page_by_an_administrator_with_scripts_and_without() {
    let mut guarded = network().await;
    let seller = guarded.user(&guarded.head, "seller@acme.example", "standard", json!({"store": "FR-1"})).await;
    let page = guarded.send(&As::Session(&seller), Method::GET, "/closed-months", None).await.text().await.unwrap();
    assert!(!page.contains("<form class=\"stacked\""), "{page}");
    let forged = guarded.send(&As::Session(&seller), Method::POST, "/closed-months", None).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    let unsigned = guarded.send(&As::Session(&guarded.head), Method::POST, "/closed-months", None).await;
    assert_eq!(unsigned.status(), StatusCode::FORBIDDEN, "a form of this server carries its token");
    for (scripts, month, shown) in [(true, "2026-06", "Jun 2026"), (false, "2026-07", "Jul 2026")] {
        let input = json!({"user": "head@acme.example", "password": PASSWORD, "scripts": scripts, "month": month});
        let seen = browse(&guarded.app.url, "closes_a_month", input).await;
        assert!(seen["months"].as_array().unwrap().contains(&json!(shown)), "{seen}");
        assert_eq!(seen["again"], 422, "a month is closed once");
    }
    guarded.app.stop();
    let log = storefold(["tail", "--log", &guarded.app.log(), "--json"]).ok();
    let events = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let closed: Vec<_> =
        events.filter(|event| event["type"] == "MonthClosed").map(|event| event["source"].clone()).collect();
    let by_head = json!("cockpit/head@acme.example");
    assert_eq!(
        closed,
        [json!("head-office"), json!("head-office"), by_head.clone(), by_head],
        "the log says who closed"
    );
}

#[tokio::test]
async fn the_pages_are_found_from_the_store_read_and_have_no_serious_fault_of_accessibility() {
    let guarded = network().await;
    let head = json!({"user": "head@acme.example", "password": PASSWORD});
    let mut input = head.clone();
    input["paths"] = json!([PAGES.as_slice(), &["/satisfaction?window=all&lang=de"]].concat());
    let seen = browse(&guarded.app.url, "accessible", input).await;
    assert_eq!((&seen["found"], &seen["complaints"]), (&json!({}), &json!([])));
    let mut texts = Vec::new();
    for scripts in [true, false] {
        let mut input = head.clone();
        (input["scripts"], input["store"]) = (json!(scripts), json!("FR-1"));
        let seen = browse(&guarded.app.url, "improving", input).await;
        let read = |page: &str| seen["read"][page].as_str().unwrap().to_owned();
        assert!(read("Satisfaction").contains("source FR-1") && !read("Satisfaction").contains("IT-1"), "{seen}");
        assert!(read("Action plans").contains("Plan FR-1") && !read("Action plans").contains("Plan IT-1"), "{seen}");
        assert!(read("Challenges").contains("Everybody") && !read("Challenges").contains("Challenge FR-2"), "{seen}");
        assert!(read("Closed months").contains("Sep 2026") && !read("Closed months").contains("Aug 2026"), "{seen}");
        texts.push(seen["read"].clone());
    }
    assert_eq!(texts[0], texts[1], "scripts add no figure");
    let seen = browse(&guarded.app.url, "keyboard_improving", head).await;
    assert_eq!((&seen["at"], &seen["title"]), (&json!("/challenges/all"), &json!("Everybody")));
}

#[tokio::test]
async fn row_0_20_who_reads_everything_about_a_person_is_in_the_audit() {
    let guarded = network().await;
    let seller = guarded.user(&guarded.head, "seller@acme.example", "standard", json!({"store": "FR-1"})).await;
    let (file, page) = ("/v1/customers/N-FR-1/file", "/customers/N-FR-1/everything");
    for (who, path, expected) in [
        (&guarded.head, file, StatusCode::OK),
        (&guarded.head, page, StatusCode::OK),
        (&guarded.head, "/customers/nobody/everything", StatusCode::NOT_FOUND),
        (&seller, file, StatusCode::FORBIDDEN),
        (&seller, page, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(guarded.send(&As::Session(who), Method::GET, path, None).await.status(), expected, "{path}");
    }
    let (_, audit) = guarded.get(&As::Session(&guarded.head), "/v1/access/audit?event=DataDownloaded").await;
    let done: Vec<_> = audit["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| [&entry["by"], &entry["of"], &entry["detail"]].map(|text| text.as_str().unwrap()))
        .collect();
    let about = |format| format!("downloaded the table everything about N-FR-1 as {format}");
    let (as_page, as_json) = (about("page"), about("json"));
    let by = ["head@acme.example", "customer-file"];
    assert_eq!(
        done,
        [[by[0], by[1], &as_page], [by[0], by[1], &as_json]],
        "the newest first; what was refused is none"
    );
}
