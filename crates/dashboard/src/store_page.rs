//! The page of a store.

use maud::{Markup, html};
use storefold_http_kit::Problem;

use crate::{
    answers::{Capture, Loyalty, Performance, Store},
    asker::{Ask, answer},
    choice::{Choice, WINDOWS},
    document::document,
    sections::{breakdown, chart, headline, loyalty, notice, scanners},
};

/// The page of the chosen store, and the problem when there is none.
pub(crate) fn store_page(models: &dyn Ask, stores: &[Store], choice: &Choice) -> (Option<Problem>, Markup) {
    let Some(store) = choice.store.as_ref().or(stores.first().map(|first| &first.store)) else {
        let hint = "Send a StoreConfigured event to /v1/events, or start the demo: `storefold demo`.";
        return (None, document("Storefold", None, &notice("No store is configured yet", hint)));
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
    (problem, document(&title, None, &body))
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
