//! A plan is opened, and ended, by who manages the place that it is for.

use axum::{extract::Path, response::Response};
use maud::{Markup, html};
use serde::de::IgnoredAny;
use serde_json::json;
use storefold_http_kit::Problem;

use super::{
    forms::{Sent, page_token},
    orders::{Ordered, Orderer, day, identifier},
};
use crate::{
    answers::{
        improving::{Plan, Plans},
        kpis::Kpis,
    },
    asker::Command,
    links,
    sections::place::AskedPlace,
    visit::Visit,
};

const MODEL: &str = "network-kpi";

const KINDS: [&str; 5] = ["training", "experience", "layout", "promotions_and_prices", "loyalty_programme"];

/// The form that opens one.
pub(super) fn opening(visit: &Visit<'_>, place: &AskedPlace) -> Result<Markup, Problem> {
    let texts = visit.texts();
    let (said, forms) = (&texts.improving.plans, &texts.improving.forms);
    let kpis = visit.ask::<Kpis>("/v1/kpis", &[])?.kpis;
    let asked = |name| place.parameters().into_iter().find(|(known, _)| *known == name).map(|(_, value)| value);
    Ok(html! {
        section aria-labelledby="open" {
            h2 #open { (said.open) }
            p.hint { (said.open_rule) }
            form.stacked method="post" action="/action-plans" {
                (page_token(visit))
                label for="title" { (said.what_is_done) }
                input #title type="text" name="title" required maxlength="200" autocomplete="off";
                label for="kind" { (said.about) }
                select #kind name="kind" { @for kind in KINDS { option value=(kind) { (said.kind(kind)) } } }
                label for="kpi" { (said.shall_move) }
                select #kpi name="kpi" { @for kpi in &kpis { option value=(kpi.kpi) { (texts.kpis.name(&kpi.kpi)) } } }
                label for="from" { (forms.first_day) }
                input #from type="date" name="from" required placeholder="2026-11-23";
                label for="organisation" { (texts.words.organisation) }
                input #organisation type="text" name="organisation" maxlength="256" autocomplete="off" placeholder="acme/fr" value=[asked("organisation")] aria-describedby="for-whom";
                label for="store" { (texts.words.store) }
                input #store type="text" name="store" maxlength="256" autocomplete="off" placeholder="FR-PAR-01" value=[asked("store")] aria-describedby="for-whom";
                p.quiet #for-whom { (said.for_whom) }
                label for="reason" { (said.why) }
                textarea #reason name="reason" rows="3" maxlength="1000" {}
                button type="submit" { (said.open) }
            }
        }
    })
}

/// The form that ends the `number`-th plan of a page.
pub(super) fn ending(visit: &Visit<'_>, plan: &Plan, number: usize) -> Markup {
    let texts = visit.texts();
    let said = &texts.improving.plans;
    let (until, conclusion) = (format!("until-{number}"), format!("conclusion-{number}"));
    let today = plan.after.as_ref().map(|after| after.to.to_string());
    html! {
        details {
            summary { (said.close) }
            form.stacked method="post" action={ "/action-plans/" (links::piece(&plan.id)) "/close" } {
                (page_token(visit))
                label for=(until) { (texts.improving.forms.last_day) }
                input id=(until) type="date" name="until" required placeholder="2026-11-23" value=[today];
                label for=(conclusion) { (said.came_of_it) }
                textarea id=(conclusion) name="conclusion" rows="3" required maxlength="1000" {}
                button type="submit" { (said.close) }
            }
        }
    }
}

/// Opens a plan.
pub(super) async fn open(orderer: Orderer, sent: Sent) -> Response {
    let shown = orderer.order(sent, |orderer, fields| {
        let (organisation, store) = (fields.given("organisation"), fields.given("store"));
        if organisation.is_some() && store.is_some() {
            let detail = "name the organisation or the store, not both; an organisation is all of its stores";
            return Err(Problem::refused("invalid_value", Some("store".to_owned()), detail));
        }
        orderer.must_manage(organisation.as_deref(), store.as_deref())?;
        let title = fields.given("title").unwrap_or_default();
        let kpi = fields.given("kpi").unwrap_or_default();
        let from = day(fields, "from")?;
        let mut place = Vec::from_iter(store.as_deref().map(|store| ("store", store)));
        place.extend(organisation.as_deref().map(|organisation| ("organisation", organisation)));
        // So a figure that nobody can give, and a place that is none, are told before anything is decided for them.
        orderer.ask::<IgnoredAny>(MODEL, "/v1/kpis/{kpi}", &[place.as_slice(), &[("kpi", kpi.as_str())]].concat())?;
        let whom = place.first().map_or("", |(_, place)| *place);
        let data = json!({
            "plan": identifier(&[whom, &from.to_string(), &title]),
            "kind": fields.given("kind"),
            "title": title,
            "kpi": kpi,
            "from": from,
            "organisation": organisation,
            "reason": fields.given("reason"),
        });
        Ok(seen(Command { store, ..Command::of("open-action-plan", data, MODEL) }, organisation.as_deref()))
    });
    shown.await
}

/// Ends a plan.
pub(super) async fn close(orderer: Orderer, Path(plan): Path<String>, sent: Sent) -> Response {
    let shown = orderer.order(sent, move |orderer, fields| {
        let found = orderer.ask::<Plans>(MODEL, "/v1/action-plans", &[])?.plans;
        let found = found.into_iter().find(|known| known.id == plan);
        let found = found.ok_or_else(|| Problem::unknown("plan", format_args!("no plan here is `{plan}`")))?;
        orderer.must_manage(found.organisation.as_deref(), found.store.as_deref())?;
        let until = day(fields, "until")?;
        if until < found.from {
            let detail = format!("the plan begins on {}; its last day is that or a later one", found.from);
            return Err(Problem::refused("invalid_value", Some("until".to_owned()), detail));
        }
        let conclusion = fields.given("conclusion").unwrap_or_default();
        let data = json!({ "plan": plan, "until": until, "conclusion": conclusion });
        let command = Command { store: found.store, ..Command::of("close-action-plan", data, MODEL) };
        Ok(seen(command, found.organisation.as_deref()))
    });
    shown.await
}

/// Leads to the plans of the place.
fn seen(command: Command, organisation: Option<&str>) -> Ordered {
    let place = [("store", command.store.as_deref()), ("organisation", organisation)];
    Ordered { then: links::with("/action-plans", &place), command }
}
