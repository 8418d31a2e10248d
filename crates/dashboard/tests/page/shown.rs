use crate::network::{Network, get, sale_with_points, scan, store};

#[tokio::test]
async fn the_page_shows_the_three_read_models_of_a_store() {
    let mut events = vec![store("FR-PAR-01", "Paris Rivoli")];
    events.extend((1..=8).map(|number| scan(number, None, (number <= 6).then_some("a@example.com"))));
    events.extend((9..=10).map(|number| scan(number, Some("too_much_sunlight"), None)));
    events.extend(sale_with_points());
    let (status, page) = get(&Network::after(events), "/?customer=C-77").await;
    assert_eq!(status, 200);
    for shown in [
        "<h1>Paris Rivoli</h1>",
        "2026-10-25 to 2026-11-23",
        "<dt>Successful scans</dt><dd class=\"figure\">8</dd><dd class=\"beside\">of 10 made</dd>",
        "<dt>Success rate</dt><dd class=\"figure\">80.0 %</dd>",
        "<dt>Emails collected</dt><dd class=\"figure\">6</dd>",
        "<dt>Capture rate</dt><dd class=\"figure\">75.0 %</dd><dd class=\"beside\">6 of 8 · fair; above 75 % is good</dd>",
        "<dt>Net turnover</dt><dd class=\"figure\">1,234.50 EUR</dd><dd class=\"beside\">1,028.75 EUR without tax</dd>",
        "<dt>Sales</dt><dd class=\"figure\">1</dd><dd class=\"beside\">0 returns</dd>",
        "<dt>Average basket</dt><dd class=\"figure\">1,234.50 EUR</dd><dd class=\"beside\">2 units</dd>",
        "<span class=\"name\">too much sunlight</span><span class=\"amount\">2 · 100 %</span>",
        "<span class=\"key male\">men</span><span class=\"amount\">3 · 30 %</span>",
        "<title>2026-11-23: 8 succeeded, 2 failed</title>",
        "30 days, the busiest 2026-11-23 with 10 scans",
        "<strong>123</strong> points in brand · C-77",
        "<td class=\"text\">sale T1-9</td><td class=\"text\">FR-PAR-01</td><td>+123</td><td>123</td>",
        "<option value=\"FR-PAR-01\" selected>Paris Rivoli · FR-PAR-01</option>",
    ] {
        assert!(page.contains(shown), "`{shown}` is not in\n{page}");
    }
}

#[tokio::test]
async fn a_store_that_scans_badly_is_told_what_to_do() {
    for (error, says) in [
        ("too_much_sunlight", "below 70 %, mostly too much sunlight: move the scanner out of the light"),
        ("foot_moved", "below 70 %, mostly foot moved: show the staff again how to scan"),
    ] {
        let mut events = vec![store("FR-PAR-01", "Paris Rivoli")];
        events.extend((1..=69_u64).map(|number| scan(number, None, None)));
        events.extend((70..=99_u64).map(|number| scan(number, Some(error), None)));
        let (_, page) = get(&Network::after(events.clone()), "/").await;
        assert!(page.contains("69.6 %") && page.contains(says), "{page}");
        assert!(page.contains("<strong class=\"warning\">69.6 % – investigate</strong>"), "{page}");
        assert!(page.contains("below par: ask every customer for an address"), "{page}");
        // 70 % exactly is not flagged.
        events.push(scan(100, None, None));
        let (_, page) = get(&Network::after(events), "/").await;
        assert!(page.contains("70.0 %") && !page.contains("investigate"), "{page}");
    }
}

#[tokio::test]
async fn the_window_is_the_one_chosen() {
    let pages = Network::after(vec![store("FR-PAR-01", "Paris Rivoli"), scan(1, None, None)]);
    for (query, shown, days) in [
        ("window=90d", "2026-08-26 to 2026-11-23", 90),
        ("window=all&store=FR-PAR-01", "2026-11-23 to 2026-11-23", 1),
        ("store=&window=&customer=+", "2026-10-25 to 2026-11-23", 30),
    ] {
        let (status, page) = get(&pages, &format!("/?{query}")).await;
        assert_eq!((status, page.contains(shown)), (200, true), "{query}");
        // One row a day in the table, one bar for the only day with scans.
        assert_eq!(
            (page.matches("<th scope=\"row\">2026-").count(), page.matches("<g>").count()),
            (days, 1),
            "{query}"
        );
    }
}

#[tokio::test]
async fn without_stores_the_page_says_how_to_begin() {
    let (status, page) = get(&Network::after(Vec::new()), "/").await;
    assert_eq!(status, 200);
    assert!(page.contains("No store is configured yet") && page.contains("storefold demo"), "{page}");
}

#[tokio::test]
async fn stores_are_listed_by_their_names() {
    let events = vec![store("A", "Zürich"), store("B", "Annecy"), store("C", "Lyon")];
    let (_, page) = get(&Network::after(events), "/").await;
    let places = ["Annecy · B", "Lyon · C", "Zürich · A"].map(|option| page.find(option).unwrap());
    assert!(places.is_sorted(), "{page}");
    assert!(page.contains("<h1>Annecy</h1>"));
}
