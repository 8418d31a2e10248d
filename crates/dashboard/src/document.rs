//! What every page has around its body.

use maud::{DOCTYPE, Markup, html};

/// Where the style sheet is served.
pub(crate) const STYLE_PATH: &str = "/style.css";

/// Head and banner around a body. A browser loads the page anew every `refresh_s` seconds.
pub(crate) fn document(title: &str, refresh_s: Option<u32>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = refresh_s { meta http-equiv="refresh" content=(seconds); }
                title { (title) }
                link rel="stylesheet" href=(STYLE_PATH);
                link rel="icon" href="data:,";
            }
            body {
                header.banner {
                    a.mark href="/" { "Storefold" }
                    nav aria-label="Pages" {
                        a href="/loyalty" { "Loyalty" }
                        a href="/cards" { "Cards" }
                        a href="/system" { "System" }
                        a href="/docs" { "API" }
                        a href="/metrics" { "Metrics" }
                        a href="/readyz" { "Health" }
                    }
                }
                main { (body) }
            }
        }
    }
}
