//! The pages of satisfaction, action plans, challenges and closed months: for whom they are, what is
//! ordered on them, and in a real browser.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    cockpit::browse,
    cockpit_access::form_token,
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

pub async fn network() -> Guarded {
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

/// Hands a form over as a browser does. Answers where it leads, or what is shown instead.
async fn hand_over(guarded: &Guarded, session: &str, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let body = reqwest::Url::parse_with_params("http://form", fields).unwrap().query().unwrap().to_owned();
    let request = http.post(format!("{}{path}", guarded.app.url)).header("sec-fetch-site", "same-origin");
    let request = request.header(header::COOKIE, format!("storefold_session={session}"));
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
    let answer = request.send().await.unwrap();
    let leads_to = answer.headers().get(header::LOCATION).map(|location| location.to_str().unwrap().to_owned());
    (answer.status(), leads_to.unwrap_or(answer.text().await.unwrap()))
}

async fn page_of(guarded: &Guarded, session: &str, path: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    let answer = guarded.send(&As::Session(session), Method::GET, &format!("{path}{separator}lang=en"), None).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

/// The manager of a country, and somebody who manages a store there and looks at another country.
async fn managers(guarded: &Guarded) -> [String; 2] {
    let fr = guarded.user(&guarded.head, "fr@acme.example", "manager", json!({"organisation": "acme/fr"})).await;
    let two = guarded.user(&guarded.head, "two@acme.example", "manager", json!({"store": "FR-1"})).await;
    let grant = json!({"level": "standard", "organisation": "acme/it"});
    let granted = guarded.put(&As::Session(&guarded.head), "/v1/access/users/two@acme.example/grants", grant).await;
    assert_eq!(granted.0, StatusCode::NO_CONTENT);
    [fr, two]
}

/// What the log has of a type, from pages: who gave it, the store, and what it says.
fn ordered(guarded: &Guarded, event_type: &str) -> Vec<Value> {
    let log = storefold(["tail", "--log", &guarded.app.log(), "--json"]).ok();
    let events = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let from_pages = events.filter(|event| event["source"].as_str().unwrap().starts_with("cockpit"));
    let of_type = from_pages.filter(|event| event["type"] == event_type);
    of_type.map(|event| json!([event["source"], event["store"], event["data"]])).collect()
}

const SEEN: StatusCode = StatusCode::SEE_OTHER;
const NOT_HIS: StatusCode = StatusCode::FORBIDDEN;
const UNKNOWN: StatusCode = StatusCode::NOT_FOUND;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

#[tokio::test]
async fn a_plan_is_opened_on_the_page_by_who_manages_its_place() {
    let mut guarded = network().await;
    let [fr, two] = managers(&guarded).await;
    let head = guarded.head.clone();
    let seller = guarded.user(&head, "seller@acme.example", "standard", json!({"store": "FR-1"})).await;
    assert!(!page_of(&guarded, &seller, "/action-plans").await.contains("<form class=\"stacked\""));
    let plan = [("title", "Wider aisles"), ("kind", "layout"), ("kpi", "turnover"), ("from", "2026-11-20")];
    for (who, changed, expected) in [
        (&seller, vec![("store", "FR-1")], NOT_HIS),
        (&fr, vec![("store", "FR-1"), ("form_token", "0000")], NOT_HIS),
        (&fr, vec![("store", "FR-1"), ("reason", "It is <narrow>.")], SEEN),
        (&fr, vec![("store", "FR-1")], REFUSED),
        (&fr, vec![("organisation", "acme/fr")], SEEN),
        (&fr, vec![], NOT_HIS),
        (&fr, vec![("organisation", "acme")], NOT_HIS),
        (&fr, vec![("organisation", "acme/it")], NOT_HIS),
        (&fr, vec![("store", "IT-1")], NOT_HIS),
        (&fr, vec![("store", "NOPE")], NOT_HIS),
        (&fr, vec![("store", "FR-1"), ("organisation", "acme/fr")], REFUSED),
        (&fr, vec![("store", "FR-1"), ("from", "soon")], REFUSED),
        (&fr, vec![("store", "FR-1"), ("title", " ")], REFUSED),
        (&fr, vec![("store", "FR-1"), ("kind", "luck")], REFUSED),
        (&fr, vec![("store", "FR-1"), ("kpi", "luck")], UNKNOWN),
        (&two, vec![("store", "FR-1"), ("title", "More light")], SEEN),
        (&two, vec![("store", "IT-1")], NOT_HIS),
        (&head, vec![("store", "NOPE")], UNKNOWN),
        (&head, vec![("organisation", "acme/nope")], UNKNOWN),
        (&head, vec![], SEEN),
    ] {
        let token = form_token(&guarded, who).await;
        let mut fields = [plan.as_slice(), &[("form_token", token.as_str())]].concat();
        fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
        fields.extend(&changed);
        let (status, leads_to) = hand_over(&guarded, who, "/action-plans", &fields).await;
        assert_eq!(status, expected, "{changed:?}: {leads_to}");
        if status == SEEN {
            let page = page_of(&guarded, who, &leads_to).await;
            let title = changed.iter().find(|(name, _)| *name == "title").map_or("Wider aisles", |(_, title)| title);
            assert!(page.contains(&format!("<h2>{title}</h2>")), "{leads_to}: {page}");
            let place = changed.iter().find(|(name, _)| *name == "store" || *name == "organisation");
            let place = place.map_or(String::new(), |(name, place)| format!("{name}={}&", place.replace('/', "%2F")));
            assert!(leads_to.starts_with(&format!("/action-plans?{place}at_least=")), "{leads_to}");
        } else {
            assert!(leads_to.contains("<p class=\"notice\""), "{leads_to}");
        }
    }
    guarded.app.stop();
    let opened = |title: &str, place: &str| {
        let id = format!("{place}2026-11-20-{}", title.to_lowercase().replace(' ', "-"));
        json!({"plan": id, "kind": "layout", "title": title, "kpi": "turnover", "from": "2026-11-20"})
    };
    let with = |mut plan: Value, name: &str, value: &str| {
        plan[name] = json!(value);
        plan
    };
    let [for_store, for_country] = ["fr-1-", "acme-fr-"].map(|place| opened("Wider aisles", place));
    let by = |who: &str| format!("cockpit/{who}@acme.example");
    let expected = [
        json!([by("fr"), "FR-1", with(for_store, "reason", "It is <narrow>.")]),
        json!([by("fr"), null, with(for_country, "organisation", "acme/fr")]),
        json!([by("two"), "FR-1", opened("More light", "fr-1-")]),
        json!([by("head"), null, opened("Wider aisles", "")]),
    ];
    assert_eq!(ordered(&guarded, "ActionPlanOpened"), expected);
}

#[tokio::test]
async fn a_plan_is_ended_on_the_page_by_who_manages_its_place() {
    let mut guarded = network().await;
    let [fr, two] = managers(&guarded).await;
    let head = guarded.head.clone();
    let page = page_of(&guarded, &fr, "/action-plans").await;
    assert_eq!(page.matches("action=\"/action-plans/FR-").count(), 2, "{page}");
    let done = [("until", "2026-11-22"), ("conclusion", "It was worth it.")];
    for (who, plan, changed, expected) in [
        (&fr, "IT-1", vec![], UNKNOWN),
        (&fr, "network", vec![], UNKNOWN),
        (&fr, "nope", vec![], UNKNOWN),
        (&two, "IT-1", vec![], NOT_HIS),
        (&fr, "FR-1", vec![("until", "2026-11-19")], REFUSED),
        (&fr, "FR-1", vec![("conclusion", "")], REFUSED),
        (&fr, "FR-1", vec![("form_token", "0000")], NOT_HIS),
        (&two, "FR-1", vec![], SEEN),
        (&fr, "FR-1", vec![], REFUSED),
        (&fr, "FR-2", vec![("until", "2026-11-20")], SEEN),
        (&head, "network", vec![], SEEN),
    ] {
        let token = form_token(&guarded, who).await;
        let mut fields = [done.as_slice(), &[("form_token", token.as_str())]].concat();
        fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
        fields.extend(&changed);
        let (status, leads_to) = hand_over(&guarded, who, &format!("/action-plans/{plan}/close"), &fields).await;
        assert_eq!(status, expected, "{plan} {changed:?}: {leads_to}");
        if status == SEEN {
            assert!(page_of(&guarded, who, &leads_to).await.contains("<dd>It was worth it.</dd>"), "{leads_to}");
        }
    }
    guarded.app.stop();
    let ended = |plan: &str, until: &str| json!({"plan": plan, "until": until, "conclusion": "It was worth it."});
    let expected = [
        json!(["cockpit/two@acme.example", "FR-1", ended("FR-1", "2026-11-22")]),
        json!(["cockpit/fr@acme.example", "FR-2", ended("FR-2", "2026-11-20")]),
        json!(["cockpit/head@acme.example", null, ended("network", "2026-11-22")]),
    ];
    assert_eq!(ordered(&guarded, "ActionPlanClosed"), expected);
}

#[tokio::test]
async fn a_challenge_is_launched_on_the_page_by_who_manages_its_stores() {
    let mut guarded = network().await;
    let [fr, two] = managers(&guarded).await;
    let head = guarded.head.clone();
    let week = [("title", "Welcome"), ("from", "2026-11-20"), ("until", "2026-11-27")];
    for (who, changed, expected) in [
        (&fr, vec![], NOT_HIS),
        (&fr, vec![("stores", "FR-1, IT-1")], NOT_HIS),
        (&fr, vec![("stores", "NOPE")], NOT_HIS),
        (&fr, vec![("stores", "FR-2"), ("until", "2026-11-19")], REFUSED),
        (&fr, vec![("stores", "FR-2"), ("form_token", "0000")], NOT_HIS),
        (&fr, vec![("stores", "FR-2, FR-1;FR-1")], SEEN),
        (&fr, vec![("stores", "FR-1 FR-2")], REFUSED),
        (&two, vec![("stores", "IT-1")], NOT_HIS),
        (&head, vec![("stores", "NOPE")], UNKNOWN),
        (&head, vec![("with_email", "yes")], SEEN),
    ] {
        let token = form_token(&guarded, who).await;
        let mut fields = [week.as_slice(), &[("form_token", token.as_str())]].concat();
        fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
        fields.extend(&changed);
        let (status, leads_to) = hand_over(&guarded, who, "/challenges", &fields).await;
        assert_eq!(status, expected, "{changed:?}: {leads_to}");
        if status == SEEN {
            let page = page_of(&guarded, who, &leads_to).await;
            let files = if who == &fr { 2 } else { 0 };
            let counted = format!("<dt>Customer files</dt><dd class=\"figure\">{files}</dd>");
            assert!(page.contains("<h1>Welcome</h1>") && page.contains(&counted), "{leads_to}: {page}");
        }
    }
    guarded.app.stop();
    let launched = |id: &str, stores: Value, with_email: bool| {
        json!({"challenge": id, "title": "Welcome", "from": "2026-11-20", "until": "2026-11-27", "stores": stores,
            "with_email": with_email})
    };
    let of_fr = launched("fr-1-2026-11-20-welcome", json!(["FR-1", "FR-2"]), false);
    let of_all = launched("2026-11-20-welcome", json!([]), true);
    let expected =
        [json!(["cockpit/fr@acme.example", null, of_fr]), json!(["cockpit/head@acme.example", null, of_all])];
    assert_eq!(ordered(&guarded, "ChallengeOpened"), expected);
}
