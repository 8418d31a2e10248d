//! Contracts: what organisations may view and download (row 0.19).

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use storefold_access::{Desk, ListedPolicy, Viewer};
use storefold_http_kit::{Params, Problem, SignedInAs};

use super::{
    entry::{shown, unreadable},
    forms::{Fields, Sent, form_token, place, refusal, tabs},
    problem_page,
};
use crate::{
    links,
    visit::{Page, Visit, chosen},
};

/// A contract as the form shows it, before it is set.
struct Draft {
    organisation: Option<String>,
    view: Vec<String>,
    download: Vec<String>,
}

pub(super) async fn page(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Response {
    // What a contract is changed from; that of the network is asked for by an organisation without a name.
    let asked = params.take("change").map(|name| Some(name).filter(|name| !name.is_empty()));
    let organisation = chosen(&mut params, "organisation");
    let draft = move |policies: &[ListedPolicy], models: &[String]| {
        let of = asked.clone().unwrap_or(organisation);
        match policies.iter().find(|policy| policy.organisation == of).filter(|_| asked.is_some()) {
            Some(policy) => Draft { organisation: of, view: policy.view.clone(), download: policy.download.clone() },
            None => Draft { organisation: of, view: models.to_vec(), download: models.to_vec() },
        }
    };
    show(&desk, &who, (&uri, &headers), params, draft, None)
}

pub(super) async fn set(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    Extension(viewer): Extension<Arc<Viewer>>,
    uri: Uri,
    headers: HeaderMap,
    sent: Sent,
) -> Response {
    let Some(fields) = Fields::of(sent, &who) else { return unreadable(&uri, &headers, Some(&who)) };
    let (organisation, view, download) = (fields.given("organisation"), fields.all("view"), fields.all("download"));
    match desk.set_policy(&viewer, organisation.clone(), view.clone(), download.clone()).await {
        Ok(()) => Redirect::to("/contracts").into_response(),
        Err(problem) => {
            let draft = move |_: &[ListedPolicy], _: &[String]| Draft { organisation, view, download };
            show(&desk, &who, (&uri, &headers), Params::default(), draft, Some(problem))
        }
    }
}

fn show(
    desk: &Desk,
    who: &SignedInAs,
    (uri, headers): (&Uri, &HeaderMap),
    params: Params,
    draft: impl FnOnce(&[ListedPolicy], &[String]) -> Draft,
    problem: Option<Problem>,
) -> Response {
    let policies = match desk.policies() {
        Ok(policies) => policies,
        Err(error) => return problem_page(&error.into(), Some(who), uri, headers),
    };
    let models = desk.models();
    let draft = draft(&policies, &models);
    shown(uri, headers, Some(who), params, |visit| {
        let texts = &visit.texts().access;
        let body = html! {
            header.head {
                h1 { (texts.contracts) }
                p.quiet { (texts.contracts_rule) }
                (tabs(visit, who))
            }
            (refusal(problem.as_ref()))
            section aria-label=(texts.contracts) { (table(visit, &policies, models.len())) }
            section aria-labelledby="set" {
                h2 #set { (texts.set_contract) }
                (form(visit, who, &draft, &models))
            }
        };
        Page::of(texts.contracts, body).but(problem)
    })
}

fn table(visit: &Visit<'_>, policies: &[ListedPolicy], models: usize) -> Markup {
    let (texts, language) = (visit.texts(), visit.language);
    let share = |names: &[String]| match names.len() {
        0 => texts.access.nothing.to_owned(),
        some if some >= models => texts.access.all.to_owned(),
        some => (texts.access.of_all)(&language.count(some as u64), &language.count(models as u64)),
    };
    html! {
        @if policies.is_empty() { p.quiet { (texts.access.no_contract) } } @else {
            div.scroll.tall tabindex="0" role="region" aria-label=(texts.access.contracts) {
                table {
                    thead {
                        tr {
                            th.text scope="col" { (texts.entry.organisation) }
                            th.text scope="col" { (texts.access.view) }
                            th.text scope="col" { (texts.access.download) }
                            th.text scope="col" { (texts.access.since) }
                            th scope="col" { span.unseen { (texts.access.change) } }
                        }
                    }
                    tbody {
                        @for policy in policies {
                            @let organisation = policy.organisation.as_deref();
                            @let named = organisation.unwrap_or(texts.entry.everything);
                            tr {
                                th scope="row" { (place(visit, organisation, None)) }
                                td.text title=(policy.view.join(", ")) { (share(&policy.view)) }
                                td.text title=(policy.download.join(", ")) { (share(&policy.download)) }
                                td.text {
                                    @if let Some(at) = policy.set_at { (language.day(at.date_naive())) " " }
                                    ((texts.access.by)(&policy.set_by))
                                }
                                td {
                                    a href=(links::with("/contracts", &[("change", Some(organisation.unwrap_or_default()))]))
                                        aria-label=(format!("{} {named}", texts.access.change)) { (texts.access.change) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn form(visit: &Visit<'_>, who: &SignedInAs, draft: &Draft, models: &[String]) -> Markup {
    let texts = &visit.texts().access;
    let tick = |name: &str, chosen: &[String], model: &String, label: &str| {
        html! {
            td { input type="checkbox" name=(name) value=(model) checked[chosen.contains(model)] aria-label=(format!("{label} {model}")); }
        }
    };
    html! {
        form.wide method="post" action="/contracts" {
            (form_token(who))
            label for="organisation" { (texts.contract_for) }
            input #organisation type="text" name="organisation" value=(draft.organisation.as_deref().unwrap_or_default())
                autocomplete="off" maxlength="256" placeholder="acme/fr";
            div.scroll.tall tabindex="0" role="region" aria-label=(texts.read_model) {
                table.ticks {
                    thead {
                        tr {
                            th.text scope="col" { (texts.read_model) }
                            th scope="col" { (texts.view) }
                            th scope="col" { (texts.download) }
                        }
                    }
                    tbody {
                        @for model in models {
                            tr {
                                th scope="row" lang="en" { (model) }
                                (tick("view", &draft.view, model, texts.view))
                                (tick("download", &draft.download, model, texts.download))
                            }
                        }
                    }
                }
            }
            button type="submit" { (texts.set_contract) }
        }
    }
}
