//! A challenge is launched by who manages the stores that take part.

use std::collections::BTreeSet;

use axum::response::Response;
use maud::{Markup, html};
use serde::de::IgnoredAny;
use serde_json::json;
use storefold_http_kit::Problem;

use super::{
    forms::{Sent, page_token},
    orders::{Ordered, Orderer, day, identifier},
};
use crate::{asker::Command, links, sections::place::AskedPlace, visit::Visit};

const MODEL: &str = "seller-challenges";

/// The most stores that a form names.
const STORES_MAX: usize = 100;

pub(super) fn launching(visit: &Visit<'_>, place: &AskedPlace) -> Markup {
    let (said, forms) = (&visit.texts().improving.challenges, &visit.texts().improving.forms);
    let store = place.parameters().into_iter().find(|(name, _)| *name == "store").map(|(_, store)| store);
    html! {
        section aria-labelledby="launch" {
            h2 #launch { (said.launch) }
            p.hint { (said.launch_rule) }
            form.stacked method="post" action="/challenges" {
                (page_token(visit))
                label for="title" { (said.name) }
                input #title type="text" name="title" required maxlength="200" autocomplete="off";
                label for="from" { (forms.first_day) }
                input #from type="date" name="from" required placeholder="2026-11-23";
                label for="until" { (forms.last_day) }
                input #until type="date" name="until" required placeholder="2026-11-30";
                label for="stores" { (said.stores) }
                input #stores type="text" name="stores" maxlength="4000" autocomplete="off" placeholder="FR-PAR-01, FR-LYS-01" value=[store] aria-describedby="which";
                p.quiet #which { (said.which_stores) }
                label.tick { input type="checkbox" name="with_email" value="yes"; " " (said.only_with_email) }
                button type="submit" { (said.launch) }
            }
        }
    }
}

/// Launches a challenge.
pub(super) async fn launch(orderer: Orderer, sent: Sent) -> Response {
    let shown = orderer.order(sent, |orderer, fields| {
        let named = fields.given("stores").unwrap_or_default();
        let stores: BTreeSet<&str> = named.split([',', ';', ' ']).filter(|store| !store.is_empty()).collect();
        if stores.len() > STORES_MAX {
            let detail = format!("{} stores are named and at most {STORES_MAX} are taken", stores.len());
            return Err(Problem::refused("invalid_value", Some("stores".to_owned()), detail));
        }
        if stores.is_empty() {
            orderer.must_manage(None, None)?;
            orderer.ask::<IgnoredAny>(MODEL, "/v1/challenges", &[])?;
        }
        for store in stores.iter().copied() {
            orderer.must_manage(None, Some(store))?;
            // One that is none is told before anybody is challenged in it.
            orderer.ask::<IgnoredAny>(MODEL, "/v1/challenges", &[("store", store)])?;
        }
        let title = fields.given("title").unwrap_or_default();
        let (from, until) = (day(fields, "from")?, day(fields, "until")?);
        let first = stores.first().copied().unwrap_or_default();
        let challenge = identifier(&[first, &from.to_string(), &title]);
        let then = links::to_challenge(&challenge);
        let data = json!({
            "challenge": challenge,
            "title": title,
            "from": from,
            "until": until,
            "stores": stores,
            "with_email": fields.given("with_email").is_some(),
        });
        Ok(Ordered { command: Command::of("open-challenge", data, MODEL), then })
    });
    shown.await
}
