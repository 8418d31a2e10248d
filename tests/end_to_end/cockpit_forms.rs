//! Forms by which something is undertaken, in a real browser.

use serde_json::json;

use crate::{cockpit::browse, cockpit_improving::network, guarded::PASSWORD};

#[tokio::test]
async fn a_plan_is_opened_and_ended_and_a_challenge_launched_with_scripts_and_without() {
    let guarded = network().await;
    for (scripts, title) in [(true, "Wider aisles"), (false, "Softer <light>")] {
        let input = json!({"user": "head@acme.example", "password": PASSWORD, "scripts": scripts, "store": "FR-1",
            "title": title});
        let seen = browse(&guarded.app.url, "improves", input).await;
        assert!(seen["opened"].as_str().unwrap().contains(title), "{seen}");
        assert_eq!(
            (&seen["can_end"], &seen["launched"]),
            (&json!(0), &json!(title)),
            "an ended plan is not ended again"
        );
        assert_eq!((&seen["away"], &seen["complaints"]), (&json!([]), &json!([])));
    }
}
