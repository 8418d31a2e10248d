use serde_json::{Value, json};

use crate::network::{Network, get, sale_with_points, scan, store};

fn history() -> Vec<Value> {
    let mut events = vec![store("FR-PAR-01", "Paris Rivoli")];
    let registered = json!({"scanner": "0012", "model": "Foot 3"});
    events.push(json!({"occurred_at": "2026-01-03T08:00:00+01:00", "type": "ScannerRegistered", "data": registered}));
    events.push(scan(1, None, Some("a@example.com")));
    events.extend(sale_with_points());
    events
}

async fn shows(path: &str, all: &[&str]) {
    let (status, page) = get(&Network::after(history()), path).await;
    assert_eq!(status, 200, "{page}");
    for shown in all {
        assert!(page.contains(shown), "`{shown}` is not in\n{page}");
    }
}

#[tokio::test]
async fn a_customer_has_a_page_with_points_and_movements() {
    shows(
        "/customers/C-77",
        &[
            "<h1>Customer C-77</h1>",
            "<dt>Balance</dt><dd class=\"figure\">123 points</dd>",
            "<td class=\"text\">sale T1-9</td>",
            "<a href=\"/stores/FR-PAR-01\">FR-PAR-01</a></td><td>+123</td><td>123</td>",
            "Holds nothing that pays.",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_scanner_is_found_by_number_and_by_store_and_has_a_page() {
    let found =
        "<a href=\"/scanners/0012\">0012</a></th><td class=\"text\"><a href=\"/stores/FR-PAR-01\">Paris Rivoli</a>";
    shows("/scanners?search=001", &[found, "1 found"]).await;
    shows("/scanners?search=rivoli", &[found]).await;
    shows("/scanners?search=nowhere", &["No scanner has such a number", "0 found"]).await;
    shows(
        "/scanners/0012",
        &[
            "<h1>Scanner 0012</h1>",
            "<dt>Successful scans</dt><dd class=\"figure\">1</dd>",
            "<dd>23 Nov 2026, 09:15 UTC</dd>",
            "<dt>Capture rate</dt><dd class=\"figure\">100.0%</dd>",
            "Nothing is missing.",
        ],
    )
    .await;
}

#[tokio::test]
async fn who_is_not_known_is_told_in_the_frame_of_the_page() {
    for (path, says) in [
        ("/customers/C-0", "Nothing is known of a customer C-0."),
        ("/scanners/9999", "there is no scanner `9999` here"),
        ("/stores/NOPE", "there is no store `NOPE` here"),
        ("/organisations/acme/xx", "there is no organisation `acme/xx` here"),
        ("/ranking?kpi=nothing", "there is no KPI `nothing` here"),
    ] {
        let (status, page) = get(&Network::after(history()), path).await;
        assert_eq!((status, page.contains(says), page.contains("<nav")), (404, true, true), "{page}");
    }
}

#[tokio::test]
async fn a_day_that_came_late_is_shown_as_it_was_and_is() {
    let mut events = history();
    let mut late = scan(2, None, None);
    // It is recorded when those before it had been.
    late["occurred_at"] = json!("2026-11-20T10:15:00+01:00");
    events.push(late);
    let (status, page) = get(&Network::after(events), "/restatements?store=FR-PAR-01").await;
    assert_eq!(status, 200);
    for shown in
        ["<th scope=\"row\">20 Nov 2026</th>", "<td class=\"text\">23 Nov 2026</td>", "scans attempted</span> 0 → 1"]
    {
        assert!(page.contains(shown), "`{shown}` is not in\n{page}");
    }
}

#[tokio::test]
async fn the_quarantine_is_shown_where_there_is_one() {
    shows("/quarantine", &["This process takes no events in"]).await;
    let (status, page) = get(&Network::refusing(), "/quarantine").await;
    assert_eq!(status, 200);
    for shown in
        ["<code>unknown_store</code>", "store `&lt;b&gt;` is not configured", "<td>3</td>", "/quarantine?after=7"]
    {
        assert!(page.contains(shown), "`{shown}` is not in\n{page}");
    }
}
