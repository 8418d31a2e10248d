use serde_json::json;

use crate::{
    improving::undertaken,
    network::{Network, ask, event, get, sale_with_points, scan, store},
};

const SCRIPT: &str = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";

#[tokio::test]
async fn hostile_paths_and_searches_are_shown_as_text() {
    let pages = Network::after(vec![store("FR-PAR-01", "Paris Rivoli")]);
    for (path, status) in [
        (format!("/stores/{SCRIPT}"), 404),
        (format!("/scanners/{SCRIPT}"), 404),
        (format!("/customers/%22%3E{SCRIPT}"), 404),
        (format!("/organisations/{SCRIPT}"), 404),
        (format!("/scanners?search=%22%3E{SCRIPT}"), 200),
        (format!("/stores?search=%22%3E{SCRIPT}"), 200),
        (format!("/challenges/{SCRIPT}"), 404),
        (format!("/satisfaction?store=%22%3E{SCRIPT}"), 404),
        (format!("/action-plans?store=%22%3E{SCRIPT}"), 200),
        (format!("/closed-months?organisation=%22%3E{SCRIPT}"), 404),
        (format!("/cards?find=%22%3E{SCRIPT}"), 200),
        (format!("/?lang={SCRIPT}"), 400),
        (format!("/?window={SCRIPT}"), 400),
        ("/stores/%FF".to_owned(), 400),
    ] {
        let (found, page) = get(&pages, &path).await;
        assert_eq!(found, status, "{path}: {page}");
        assert!(!page.contains("<script>") && !page.contains("\"\">"), "{path}: {page}");
        assert!(page.contains("<html lang=\"en\">"), "{path}");
    }
}

#[tokio::test]
async fn names_from_events_are_escaped_in_texts_and_drawings() {
    let hostile = "<img src=x onerror=alert(1)>\"'&";
    let mut events = vec![store("FR-PAR-01", hostile), scan(1, Some(hostile), None)];
    events.extend(sale_with_points());
    let data = json!({"name": hostile, "zone": "Europe/Paris", "currency": "EUR", "organisation": "a/<img>"});
    events.push(event("StoreConfigured", "B\"<img>", "2026-01-02T08:00:00+01:00", &data));
    events.extend(undertaken(hostile));
    let pages = Network::after(events);
    for path in [
        "/",
        "/stores",
        "/stores/FR-PAR-01",
        "/stores/B%22%3Cimg%3E",
        "/organisations/a",
        "/ranking",
        "/scanners/0012",
        "/satisfaction",
        "/action-plans",
        "/challenges",
        "/challenges/spring",
        "/closed-months",
    ] {
        let (status, page) = get(&pages, path).await;
        assert_eq!((status, page.contains("<img")), (200, false), "{path}: {page}");
    }
    let (_, page) = get(&pages, "/stores/FR-PAR-01").await;
    assert!(page.contains("<h1>&lt;img src=x onerror=alert(1)&gt;&quot;'&amp;</h1>"), "{page}");
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_told_plainly() {
    let pages = Network::after(vec![store("FR-PAR-01", "Paris Rivoli")]);
    for (path, says) in [
        ("/?window=31d", "`window` is 30d, 90d or all; choose one"),
        ("/?colour=red", "`colour` is not a parameter here"),
        ("/?window=30d&window=90d", "`window` is given twice"),
        ("/stores?page=x", "`page` is not a whole number"),
        ("/restatements?from=soon", "`from`"),
        ("/?currency=XXX", "`currency`"),
    ] {
        let (status, page) = get(&pages, path).await;
        assert_eq!(
            (status, page.contains(says)),
            (if path.contains("XXX") { 200 } else { 400 }, !path.contains("XXX")),
            "{page}"
        );
    }
}

#[tokio::test]
async fn pages_are_strict_about_what_they_load() {
    let pages = Network::after(vec![store("FR-PAR-01", "Paris Rivoli")]);
    let response = ask(&pages, "/").await;
    assert_eq!(
        response.headers()["content-security-policy"].to_str().unwrap(),
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let (_, page) = get(&pages, "/").await;
    let address = |before: &str| {
        let (_, rest) = page.split_once(before).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (style_at, script_at) = (address("<link rel=\"stylesheet\" href=\""), address("<script src=\""));
    let (status, style) = get(&pages, &style_at).await;
    assert_eq!(
        (status, style.contains("prefers-color-scheme: dark"), style.contains("@media print")),
        (200, true, true)
    );
    assert!(!style.contains("url(") && !style.contains("@import"));
    let (status, script) = get(&pages, &script_at).await;
    assert_eq!((status, script.contains("EventSource(`/v1/changes?")), (200, true));
    assert!(!script.contains("innerHTML") && !script.contains("eval") && !script.contains("://"));
    // An address names what it holds, so that a browser keeps it and a new release is seen at once.
    let kept = async |path: &str| {
        let response = ask(&pages, path).await;
        (
            response.status().as_u16(),
            response.headers().get("cache-control").map(|kept| kept.to_str().unwrap().to_owned()),
        )
    };
    let for_ever = Some("public, max-age=31536000, immutable".to_owned());
    assert_eq!(style_at, format!("/assets/style.{}.css", &blake3::hash(style.as_bytes()).to_hex()[..16]));
    assert_eq!((kept(&style_at).await, kept(&script_at).await), ((200, for_ever.clone()), (200, for_ever)));
    assert_eq!(
        kept("/assets/style.0000000000000000.css").await,
        (200, Some("no-store".to_owned())),
        "of another release"
    );
    for none in
        ["/assets/other.0000000000000000.css", "/assets/style.css", "/assets/style.0000000000000000.js", "/style.css"]
    {
        assert_eq!(kept(none).await.0, 404, "{none}");
    }
}
