//! Satisfaction, action plans, challenges and closed months.

use axum::Router;
use serde_json::{Value, json};

use crate::network::{Network, event, get, sale_with_points, scan, store};

fn network_event(event_type: &str, at: &str, data: &Value) -> Value {
    json!({"occurred_at": at, "type": event_type, "data": data})
}

/// Answers, a plan that has ended, a challenge and a closed month, whose words are `said`.
pub fn undertaken(said: &str) -> Vec<Value> {
    let mut events = Vec::new();
    for (number, score) in [10, 9, 4, 3].into_iter().enumerate() {
        let sources = if score < 5 { vec!["waiting_time", said] } else { Vec::new() };
        let answer = json!({"answer": format!("A-{number}"), "survey": "s", "score": score, "score_best": 10,
            "dissatisfied_with": sources});
        events.push(event("SurveyAnswered", "FR-PAR-01", "2026-11-22T12:00:00+01:00", &answer));
    }
    let plan = json!({"plan": "P-1", "kind": "training", "title": said, "kpi": "transactions", "from": "2026-11-22",
        "reason": said});
    events.push(event("ActionPlanOpened", "FR-PAR-01", "2026-11-21T12:00:00+01:00", &plan));
    let ended = json!({"plan": "P-1", "until": "2026-11-23", "conclusion": said});
    events.push(network_event("ActionPlanClosed", "2026-11-23T12:00:00+01:00", &ended));
    let challenge = json!({"challenge": "spring", "title": said, "from": "2026-11-01", "until": "2026-11-30"});
    events.push(network_event("ChallengeOpened", "2026-11-01T12:00:00+01:00", &challenge));
    for (number, seller) in [Some("Ada"), Some("Ada"), Some(said), None].into_iter().enumerate() {
        let email = (number == 0).then_some("a@example.com");
        let file = json!({"customer": format!("N-{number}"), "seller": seller, "email": email});
        events.push(event("CustomerCreated", "FR-PAR-01", "2026-11-20T12:00:00+01:00", &file));
    }
    events.push(network_event("MonthClosed", "2026-11-03T12:00:00+01:00", &json!({"month": "2026-10"})));
    events
}

fn history() -> Vec<Value> {
    let mut events = vec![store("FR-PAR-01", "Paris Rivoli"), store("FR-LYO-01", "Lyon")];
    let mut october = scan(1, None, None);
    october["occurred_at"] = json!("2026-10-05T10:15:00+02:00");
    events.push(october);
    events.extend(undertaken("be kind"));
    events.extend(sale_with_points());
    let mut late = scan(2, None, None);
    late["occurred_at"] = json!("2026-10-06T10:15:00+02:00");
    events.push(late);
    events
}

async fn shows(pages: &Router, path: &str, all: &[&str]) -> String {
    let (status, page) = get(pages, path).await;
    assert_eq!(status, 200, "{path}: {page}");
    for shown in all {
        assert!(page.contains(shown), "`{shown}` is not in {path}\n{page}");
    }
    page
}

#[tokio::test]
async fn satisfaction_is_shown_with_what_customers_are_not_satisfied_with() {
    let pages = Network::after(history());
    let page = shows(
        &pages,
        "/satisfaction",
        &[
            "<h1>Satisfaction</h1>",
            "<dt>Satisfaction</dt><dd class=\"figure\">65.0%</dd>",
            "<dt>Share of satisfied customers</dt><dd class=\"figure\">50.0%</dd>",
            "<dt>Answers</dt><dd class=\"figure\">4</dd>",
            "<code>score_e4 / (10000 * answers)</code>",
            "<title>22 Nov 2026: 65.0%</title>",
            "<span class=\"name\">waiting time</span><span class=\"amount\">named in 2 answers · 50%</span>",
            "<h2 id=\"beside\">Satisfaction beside Conversion</h2>",
            "be kind (2), waiting time (2)",
            "data-follows=\"network-kpi\"",
        ],
    )
    .await;
    let (paris, lyon) = (page.find("Paris Rivoli</a>").unwrap(), page.find("Lyon</a>").unwrap());
    assert!(paris < lyon, "those of whom nothing is known come last: {page}");
    shows(&pages, "/satisfaction?store=FR-LYO-01", &["Nobody has answered a survey in these days."]).await;
    let beside = "/satisfaction?store=FR-PAR-01&kpi=transactions&window=90d";
    shows(&pages, beside, &["Satisfaction beside Sales", "<option value=\"transactions\" selected>"]).await;
}

#[tokio::test]
async fn a_plan_shows_its_key_figure_before_and_since() {
    let pages = Network::after(history());
    shows(
        &pages,
        "/action-plans?store=FR-PAR-01",
        &[
            "<h2>be kind</h2>",
            "Training · <a href=\"/stores/FR-PAR-01\">FR-PAR-01</a> · 22 Nov 2026 to 23 Nov 2026, both included",
            "<strong class=\"rose\"><span aria-hidden=\"true\">▲ </span>+1</strong>",
            "Before <span class=\"quiet\">20 Nov 2026 – 21 Nov 2026</span></span><span class=\"amount\">0</span>",
            "Since then <span class=\"quiet\">22 Nov 2026 – 23 Nov 2026</span></span><span class=\"amount\">1</span>",
            "<dt>What came of it</dt><dd>be kind</dd>",
        ],
    )
    .await;
    shows(&pages, "/action-plans?store=FR-LYO-01", &["No plan has been made here."]).await;
}

#[tokio::test]
async fn a_challenge_is_found_and_shows_who_is_ahead() {
    let pages = Network::after(history());
    shows(&pages, "/challenges", &["<a href=\"/challenges/spring\">be kind</a>", "all stores · not closed"]).await;
    let ada = "<span class=\"rank\">1</span>Ada <a href=\"/stores/FR-PAR-01\">FR-PAR-01</a>";
    shows(
        &pages,
        "/challenges/spring",
        &[
            "<dt>Customer files</dt><dd class=\"figure\">3</dd>",
            "<dt>Ahead</dt><dd class=\"figure\">Ada</dd><dd class=\"beside\">Customer files: 2</dd>",
            "<dt>Without a seller</dt><dd class=\"figure\">1</dd>",
            ada,
            "<strong>2</strong> · 1 with an email",
        ],
    )
    .await;
    shows(&pages, "/challenges/spring?store=FR-LYO-01", &["Nobody has opened a file yet."]).await;
    assert_eq!(get(&pages, "/challenges/autumn").await.0, 404);
}

#[tokio::test]
async fn a_closed_month_shows_what_it_was_and_what_has_come_since() {
    let pages = Network::after(history());
    for path in ["/closed-months", "/closed-months?store=FR-PAR-01"] {
        shows(
            &pages,
            path,
            &[
                "<h2 id=\"month-2026-10\">Oct 2026</h2>",
                "closed for the network at position",
                "<dt>Successful scans</dt><dd class=\"figure\">1</dd><dd class=\"beside\">+1 since</dd>",
                "Events that have come since it was closed: 1.",
                "<th scope=\"row\" lang=\"en\">scans attempted</th><td>1</td><td>+1</td>",
                "<form class=\"stacked\" method=\"post\" action=\"/closed-months\">",
            ],
        )
        .await;
    }
    let page = shows(&pages, "/closed-months?store=FR-LYO-01", &["Nothing has come since it was closed."]).await;
    assert!(!page.contains("+1"), "{page}");
}

#[tokio::test]
async fn a_store_an_organisation_and_the_network_lead_to_what_is_undertaken_there() {
    let pages = Network::after(history());
    for (path, query) in [("/", ""), ("/stores/FR-PAR-01", "?store=FR-PAR-01")] {
        for page in ["satisfaction", "action-plans", "challenges", "restatements", "closed-months"] {
            shows(&pages, path, &[&format!("<li><a href=\"/{page}{query}\">")]).await;
        }
    }
    let kept = "<a href=\"/challenges?store=FR-PAR-01\">Challenges</a>";
    shows(&pages, "/satisfaction?store=FR-PAR-01", &[kept, "<a href=\"/satisfaction\">Everywhere</a>"]).await;
    let current = "<a href=\"/satisfaction\" aria-current=\"true\">Improvement</a>";
    shows(&pages, "/challenges/spring", &[current]).await;
}
