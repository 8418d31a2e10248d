use crate::network::{Network, ask, get, sale_with_points, scan, store};

const SCRIPT: &str = "%3Cscript%3Ealert(1)%3C/script%3E";

#[tokio::test]
async fn a_store_that_is_not_known_is_told_plainly() {
    let pages = Network::after(vec![store("FR-PAR-01", "Paris Rivoli")]);
    let (status, page) = get(&pages, &format!("/?store={SCRIPT}")).await;
    assert_eq!(status, 404);
    assert!(page.contains("there is no store `&lt;script&gt;alert(1)&lt;/script&gt;` here"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    // The way back is on the page.
    assert!(page.contains("<option value=\"FR-PAR-01\">"), "{page}");
}

#[tokio::test]
async fn a_customer_that_is_not_known_leaves_the_rest_of_the_page() {
    let pages = Network::after(vec![store("FR-PAR-01", "Paris Rivoli")]);
    let (status, page) = get(&pages, &format!("/?customer=%22%3E{SCRIPT}")).await;
    assert_eq!((status, page.contains("<h1>Paris Rivoli</h1>")), (200, true));
    assert!(page.contains("there is no customer `") && !page.contains("<script"), "{page}");
    assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;"), "{page}");
}

#[tokio::test]
async fn names_from_events_are_escaped() {
    let hostile = "<img src=x onerror=alert(1)>";
    let mut events = vec![store("FR-PAR-01", hostile), scan(1, Some(hostile), None)];
    events.extend(sale_with_points());
    let (_, page) = get(&Network::after(events), "/").await;
    assert!(!page.contains("<img") && page.contains("<h1>&lt;img src=x onerror=alert(1)&gt;</h1>"), "{page}");
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_told_plainly() {
    let pages = Network::after(vec![store("FR-PAR-01", "Paris Rivoli")]);
    for (query, says) in [
        ("window=31d", "`window` is 30d, 90d or all; choose one"),
        ("colour=red", "`colour` is not a parameter here"),
        ("store=A&store=B", "`store` is given twice"),
    ] {
        let (status, page) = get(&pages, &format!("/?{query}")).await;
        assert_eq!((status, page.contains(says)), (400, true), "{page}");
    }
}

#[tokio::test]
async fn the_page_loads_nothing_but_its_own_style_sheet() {
    let mut events = vec![store("FR-PAR-01", "Paris Rivoli"), scan(1, Some("foot_moved"), None)];
    events.extend(sale_with_points());
    let pages = Network::after(events);
    let response = ask(&pages, "/?customer=C-77").await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let (_, page) = get(&pages, "/?customer=C-77").await;
    for forbidden in ["://", "src=", "<script", "style=", "<style", "onclick"] {
        assert!(!page.contains(forbidden), "`{forbidden}` is in\n{page}");
    }
    let (status, style) = get(&pages, "/style.css").await;
    assert_eq!((status, style.contains("prefers-color-scheme: dark")), (200, true));
    assert!(!style.contains("url(") && !style.contains("@import"));
}
