//! Every page in every language: well formed, with nothing inline and nothing from elsewhere, and small.

use axum::{Router, body::Body, http::Request, response::Response};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use crate::{
    improving::undertaken,
    network::{Network, event, readable, sale_with_points, scan, store},
};

const PAGES: [&str; 29] = [
    "/",
    "/?window=all",
    "/?rank=scan_success",
    "/organisations/acme",
    "/stores",
    "/stores?search=x",
    "/stores/FR-PAR-01",
    "/stores/FR-PAR-01?window=all",
    "/stores/NOPE",
    "/ranking",
    "/anomalies",
    "/scanners",
    "/scanners/0012",
    "/customers",
    "/customers/C-77",
    "/customers/C-0",
    "/loyalty",
    "/cards?find=C-77",
    "/restatements",
    "/closed-months",
    "/closed-months?store=FR-PAR-01",
    "/satisfaction",
    "/satisfaction?window=all&organisation=acme",
    "/action-plans",
    "/challenges",
    "/challenges/spring",
    "/challenges/spring?store=FR-PAR-01",
    "/quarantine",
    "/system",
];

/// The largest page, in bytes.
const PAGE_BYTES_MAX: usize = 300_000;

fn pages() -> Router {
    let data = json!({"name": "Paris Rivoli", "zone": "Europe/Paris", "currency": "EUR", "organisation": "acme/fr"});
    let mut events = vec![event("StoreConfigured", "FR-PAR-01", "2022-01-02T08:00:00+01:00", &data)];
    events.push(store("B", "Annecy"));
    events.extend((1..=6).map(|number| scan(number, (number > 4).then_some("foot_moved"), None)));
    // Four years of scans, one a day or so: as many weeks as are drawn.
    for (number, day) in (0..1_400_u64).enumerate() {
        let mut old = scan(100 + number as u64, None, Some("a@example.com"));
        let day = chrono::NaiveDate::from_ymd_opt(2022, 11, 1).unwrap() + chrono::Days::new(day);
        old["occurred_at"] = json!(format!("{day}T10:15:00+01:00"));
        events.push(old);
    }
    events.extend(sale_with_points());
    events.extend(undertaken("FR-PAR-01"));
    Network::after(events)
}

async fn get_with(pages: &Router, path: &str, header: Option<(&str, &str)>) -> (Response<()>, String) {
    let mut request = Request::get(path);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let response = pages.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, ()), String::from_utf8(bytes.to_vec()).unwrap())
}

/// Every element that is opened is closed in its turn.
fn assert_well_formed(path: &str, page: &str) {
    const VOID: [&str; 5] = ["meta", "link", "input", "br", "!DOCTYPE"];
    let mut open = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap_or_else(|| panic!("a tag is not closed in {path}: {tag}"));
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{path}");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new(), "{path}");
}

/// Headings go down one level at a time, the first is the only one of its level, and every identifier is used once.
fn assert_in_order(path: &str, page: &str) {
    let levels: Vec<u32> = (1..=6)
        .flat_map(|level| page.match_indices(&format!("<h{level}")).map(move |(at, _)| (at, level)).collect::<Vec<_>>())
        .collect::<std::collections::BTreeMap<_, _>>()
        .into_values()
        .collect();
    assert!(levels.iter().filter(|level| **level == 1).count() <= 1, "{path}: {levels:?}");
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{path}: {levels:?}");
    let mut ids: Vec<_> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "{path}: an identifier is used twice");
}

#[tokio::test]
async fn every_page_in_every_language_is_whole_strict_and_small() {
    let pages = pages();
    for language in ["en", "fr", "it", "de"] {
        for path in PAGES {
            let (response, page) = get_with(&pages, path, Some(("accept-language", language))).await;
            let status = response.status().as_u16();
            assert_eq!(status, if path.contains("NOPE") || path.contains("C-0") { 404 } else { 200 }, "{path}");
            assert!(page.len() <= PAGE_BYTES_MAX, "{path}: {} bytes", page.len());
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{path}");
            for forbidden in ["://", "style=", "<style", " onclick", " onload", "javascript:"] {
                assert!(!page.contains(forbidden), "`{forbidden}` is in {path}\n{page}");
            }
            assert_eq!(page.matches("<script").count(), page.matches("<script src=\"/assets/live.").count());
            assert_eq!(page.matches("<main").count(), 1, "{path}");
            assert_well_formed(path, &page);
            assert_in_order(path, &page);
        }
    }
}

#[tokio::test]
async fn figures_days_and_sentences_are_those_of_the_language() {
    let pages = pages();
    for (language, says) in [
        ("en", ["1,234.50 EUR", "23 Nov 2026", "<dt>Success rate</dt>"]),
        ("fr", ["1 234,50 EUR", "23 nov. 2026", "<dt>Taux de réussite</dt>"]),
        ("it", ["1.234,50 EUR", "23 nov 2026", "<dt>Tasso di riuscita</dt>"]),
        ("de", ["1.234,50 EUR", "23.11.2026", "<dt>Erfolgsquote</dt>"]),
    ] {
        let (_, page) = get_with(&pages, &format!("/stores/FR-PAR-01?lang={language}"), None).await;
        for shown in says {
            assert!(readable(&page).contains(shown), "`{shown}` is not in {language}: {page}");
        }
    }
}

#[tokio::test]
async fn a_language_is_that_of_the_address_then_of_the_cookie_then_of_the_browser() {
    let pages = pages();
    let is = |page: &str, language: &str| page.contains(&format!("<html lang=\"{language}\">"));
    let (response, page) = get_with(&pages, "/stores?lang=it", Some(("cookie", "a=b; lang=de"))).await;
    let kept = response.headers()["set-cookie"].to_str().unwrap();
    assert!(is(&page, "it") && kept.starts_with("lang=it; Path=/;"), "{kept}");
    let (_, page) = get_with(&pages, "/stores", Some(("cookie", "a=b; lang=de"))).await;
    assert!(is(&page, "de"));
    let (response, page) = get_with(&pages, "/stores?search=x", Some(("accept-language", "pt, fr-CH;q=0.8"))).await;
    assert!(is(&page, "fr") && !response.headers().contains_key("set-cookie"));
    // The other languages are one click away, and what is sought stays.
    assert!(page.contains("href=\"/stores?search=x&amp;lang=de\""), "{page}");
}

#[tokio::test]
async fn a_language_that_is_not_written_here_is_told() {
    let pages = pages();
    let (response, page) = get_with(&pages, "/stores", Some(("accept-language", "pt-BR"))).await;
    assert_eq!(response.status(), 200);
    assert!(page.contains("Your browser asks for pt-BR, which is not written here; this is English."), "{page}");
    let (response, page) = get_with(&pages, "/stores?lang=pt", None).await;
    assert_eq!(response.status(), 400);
    assert!(page.contains("`lang` is none of en, fr, it and de; choose one of them"), "{page}");
    let (_, page) = get_with(&pages, "/stores", Some(("cookie", "lang=xx"))).await;
    assert!(page.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn what_the_catalogue_of_errors_knows_is_told_in_every_language() {
    let mut events = vec![store("FR-PAR-01", "Paris Rivoli")];
    let known = [
        "foot_moved",
        "foot_not_found",
        "measurement_timeout",
        "no_foot",
        "sensor_dirty",
        "too_much_sunlight",
        "two_feet",
    ];
    events.extend((1..).zip(known).map(|(number, code)| scan(number, Some(code), None)));
    let pages = Network::after(events);
    for language in ["en", "fr", "it", "de"] {
        let (_, page) = get_with(&pages, &format!("/stores/FR-PAR-01?lang={language}"), None).await;
        for code in known {
            // A remedy is told behind the code, and the meaning before it is not the code in other words.
            assert!(page.contains(&format!("<code>{code}</code> → ")), "{code} in {language}: {page}");
            assert!(!page.contains(&format!("<span class=\"name\">{}</span>", code.replace('_', " "))), "{code}");
        }
    }
}
