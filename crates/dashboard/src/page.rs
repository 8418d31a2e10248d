//! The page as a whole.

use maud::{DOCTYPE, Markup, html};
use storefold_http_kit::Problem;

use crate::{
    answers::{Capture, Loyalty, Performance, Store},
    asker::{Ask, answer},
    choice::{Choice, WINDOWS},
    sections::{breakdown, chart, headline, loyalty, notice, scanners},
};

/// Where the style sheet is served.
pub(crate) const STYLE_PATH: &str = "/style.css";

/// The page of the chosen store, and the problem when there is none.
pub(crate) fn store_page(models: &dyn Ask, stores: &[Store], choice: &Choice) -> (Option<Problem>, Markup) {
    let Some(store) = choice.store.as_ref().or(stores.first().map(|first| &first.store)) else {
        let hint = "Send a StoreConfigured event to /v1/events, or start the demo: `storefold demo`.";
        return (None, document("Storefold", &notice("No store is configured yet", hint)));
    };
    let asked = [("store", store.as_str()), ("window", choice.window)];
    let performance = answer::<Performance>(models, "/v1/stores/{store}/performance", &asked);
    let (title, problem, figures) = match performance {
        Ok(performance) => {
            let capture = answer::<Capture>(models, "/v1/stores/{store}/email-capture", &asked);
            (format!("{} – Storefold", performance.name), None, figures(&performance, capture.as_ref()))
        }
        Err(problem) => {
            ("Storefold".to_owned(), Some(problem.clone()), notice("This store cannot be shown", problem.detail()))
        }
    };
    let customer = choice.customer.as_deref().map(|customer| {
        (customer, answer::<Loyalty>(models, "/v1/customers/{customer}/loyalty", &[("customer", customer)]))
    });
    let body = html! {
        (picker(stores, store, choice))
        (figures)
        (loyalty::section(store, choice.window, customer.as_ref().map(|(name, found)| (*name, found.as_ref()))))
    };
    (problem, document(&title, &body))
}

fn figures(performance: &Performance, capture: Result<&Capture, &Problem>) -> Markup {
    html! {
        header.store {
            h1 { (performance.name) }
            p.quiet {
                (performance.store) " · " (performance.from) " to " (performance.to) ", both included · days of "
                (performance.zone)
            }
        }
        (headline::section(&performance.totals, capture))
        (chart::section(&performance.days))
        div.columns {
            (breakdown::errors(&performance.totals))
            (breakdown::genders(&performance.totals))
        }
        (scanners::section(&performance.scanners))
    }
}

/// Chooses store and window; a plain form and plain links.
fn picker(stores: &[Store], chosen: &str, choice: &Choice) -> Markup {
    html! {
        form.picker method="get" action="/" {
            label for="store" { "Store" }
            select #store name="store" {
                @for store in stores {
                    option value=(store.store) selected[store.store == chosen] { (store.name) " · " (store.store) }
                }
            }
            fieldset {
                legend.unseen { "Window" }
                @for (name, words) in WINDOWS {
                    label.window {
                        input type="radio" name="window" value=(name) checked[name == choice.window];
                        span { (words) }
                    }
                }
            }
            @if let Some(customer) = &choice.customer {
                input type="hidden" name="customer" value=(customer);
            }
            button type="submit" { "Show" }
        }
    }
}

/// Head, banner and foot around a body.
pub(crate) fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href=(STYLE_PATH);
                link rel="icon" href="data:,";
            }
            body {
                header.banner {
                    a.mark href="/" { "Storefold" }
                    nav aria-label="For programs" {
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
