use serde_json::{Value, json};

use crate::network::{Network, event, get};

const AT: &str = "2026-11-23T11:00:00+01:00";

fn programme(name: &str) -> Value {
    let data = json!({"programme": name, "currency": "EUR", "minor_per_point": 1_000, "rounding": "floor_per_sale",
        "earn_on_discounted": true, "terms": {"unit": "stamps", "zone": "Europe/Paris"}});
    json!({"occurred_at": "2026-01-01T00:00:00+01:00", "type": "LoyaltyProgramConfigured", "data": data})
}

fn caused(event_type: &str, store: Option<&str>, at: &str, mut data: Value) -> Value {
    data["programme"] = json!("brand");
    data["customer"] = json!("C-77");
    json!({"cause": 1, "store": store, "occurred_at": at, "type": event_type, "data": data})
}

/// Points for two customers, a gift that one of them claimed, and points that expired.
fn history() -> Vec<Value> {
    let of_brand = |event_type: &str, mut data: Value| {
        data["programme"] = json!("brand");
        json!({"occurred_at": AT, "type": event_type, "data": data})
    };
    let earned = |customer: &str, store: &str, points: i64| {
        let data = json!({"programme": "brand", "customer": customer, "points": points, "reason": "migration"});
        event("PointsEarned", store, AT, &data)
    };
    let parts = |points: i64| json!({"parts": [{"points": -points}]});
    vec![
        programme("brand"),
        programme("brand-jp"),
        of_brand("LoyaltyLevelDefined", json!({"level": "Gold", "points": 1_200})),
        of_brand("GiftProductAssigned", json!({"level": "Gold", "sku": "BAG", "name": "Backpack"})),
        earned("C-77", "FR-PAR-01", 3_000),
        earned("C-78", "FR-LYO-01", 1_000),
        caused(
            "PointsSpent",
            Some("FR-PAR-01"),
            AT,
            json!({"points": 1_200, "reason": "gift", "sale": "T9", "reference": "BAG", "movement": parts(1_200)}),
        ),
        caused(
            "PointsExpired",
            None,
            "2026-10-01T00:00:00+02:00",
            json!({"points": 300, "reason": "age", "movement": parts(300)}),
        ),
    ]
}

#[tokio::test]
async fn the_page_of_a_programme_shows_members_points_and_gifts() {
    let (status, page) = get(&Network::after(history()), "/loyalty").await;
    assert_eq!(status, 200);
    for shown in [
        "<h1>brand</h1>",
        "Up to 23 Nov 2026, included · days of Europe/Paris · 1 for every 10.00 EUR (stamps)",
        "<dt>Members</dt><dd class=\"figure\">2</dd>",
        "<dt>Outstanding</dt><dd class=\"figure\">2,500</dd><dd class=\"beside\">1,250 stamps for a member</dd>",
        "<dt>Spent</dt><dd class=\"figure\">1,200</dd>",
        "Latest expiries: 300 (Oct 2026).",
        "<th scope=\"row\">Nov 2026</th><td>1</td><td>4,000</td><td>0</td><td>1,200</td><td>0</td><td>0</td><td>2,500</td>",
        "<span class=\"name\"><a href=\"/stores/FR-PAR-01\">FR-PAR-01</a></span><span class=\"amount\">3,000 · 75%</span>",
        "<h3>Gold <span class=\"quiet\">1,200 stamps</span></h3>",
        "<dt>Backpack</dt><dd>1 claimed</dd>",
        "<option value=\"brand\" selected>brand</option><option value=\"brand-jp\">brand-jp</option>",
    ] {
        assert!(page.contains(shown), "`{shown}` is not in\n{page}");
    }
    assert!(!page.contains("Members by tier"), "{page}");
}

#[tokio::test]
async fn members_are_shown_by_tier_where_there_are_tiers() {
    let mut events = history();
    let gold = json!({"from": null, "to": "gold", "reason": "earned", "sum": 1});
    events.push(caused("TierChanged", None, AT, gold));
    let (_, page) = get(&Network::after(events), "/loyalty?programme=brand").await;
    for shown in [
        "Members by tier",
        "<span class=\"name\">no tier</span>",
        "<span class=\"name\">gold</span><span class=\"amount\">1 · 50%</span>",
    ] {
        assert!(page.contains(shown), "`{shown}` is not in\n{page}");
    }
}

#[tokio::test]
async fn a_programme_without_a_movement_and_none_at_all_are_told_as_such() {
    let (status, page) = get(&Network::after(history()), "/loyalty?programme=brand-jp").await;
    assert_eq!(status, 200);
    for shown in ["No point has moved yet.", "No level is defined yet.", "0 stamps for a member"] {
        assert!(page.contains(shown), "`{shown}` is not in\n{page}");
    }
    let (status, page) = get(&Network::after(Vec::new()), "/loyalty").await;
    assert_eq!(status, 200);
    assert!(page.contains("No programme is configured yet"), "{page}");
}

#[tokio::test]
async fn an_unknown_programme_is_named_and_escaped_and_an_unknown_parameter_refused() {
    let pages = Network::after(history());
    let (status, page) = get(&pages, "/loyalty?programme=%3Cscript%3E").await;
    assert_eq!(status, 404);
    assert!(page.contains("there is no programme `&lt;script&gt;` here") && !page.contains("<script>"), "{page}");
    assert!(page.contains("brand-jp"), "the others can be chosen: {page}");
    let (status, _) = get(&pages, "/loyalty?program=brand").await;
    assert_eq!(status, 400);
}
