//! Accounts that are kept decoded, since they are large, are what the log says.

use serde_json::json;
use storefold_events::Event;

use crate::world::{World, accepted, fact, sale};

const DAY_MS: i64 = 86_400_000;

/// A hundred days of sales, with points that expire each at another time, and some of them spent between.
fn history() -> Vec<Event<'static>> {
    let mut facts = Vec::new();
    for day in 1..=100 {
        let mut bought = sale(2 * day, &format!("S{day}"), 10_000);
        bought.occurred_at_ms += day as i64 * DAY_MS;
        facts.push(bought);
        if day % 3 == 0 {
            let data = json!({"redemption": format!("R{day}"), "programme": "brand", "customer": "C-77",
                              "sale": format!("S{day}"), "points": 7 + day % 5});
            facts.push(fact("till", 2 * day + 1, "PointsRedeemed", &data));
        }
    }
    facts
}

#[tokio::test]
async fn a_large_account_is_decided_the_same_whether_it_is_kept_or_read_again() {
    let terms = json!({"expiry": {"policy": "days", "count": 3_650}, "zone": "UTC"});
    let clock: storefold_sequencer::Clock = std::sync::Arc::new(|| 1_795_000_000_000);
    let kept = World::at(clock.clone(), &terms, 1_000_000).await;
    // The other saves its memory again and again, and reads it after every restart, at times torn.
    let mut read = World::at(clock, &terms, 10).await;
    for (index, fact) in history().into_iter().enumerate() {
        accepted(&kept.take(fact.clone()).await);
        accepted(&read.take(fact).await);
        if index % 10 == 9 {
            read.restart(index % 20 == 9).await;
        }
    }
    assert_eq!(read.events(), kept.events());
    let spent: Vec<_> = kept.events().into_iter().filter(|event| event["type"] == "PointsSpent").collect();
    assert_eq!(spent.len(), 33);
}
