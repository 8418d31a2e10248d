//! The page of a customer: points with every movement, and what pays.

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::customers::{Loyalty, Movement, StoredValue},
    figures::words,
    links,
    sections::{elsewhere, picker, stored_value, tile},
    visit::{Page, Shown, Visit, chosen},
};

const FOLLOWS: &[&str] = &["loyalty-balance", "stored-value"];

/// Looks a customer up by number.
pub(crate) fn search(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let customer = chosen(&mut params, "customer");
    params.none_left()?;
    if let Some(customer) = customer {
        return Ok(Shown::Elsewhere(links::to_customer(&customer)));
    }
    let texts = visit.texts();
    let body = html! {
        header.head { h1 { (texts.frame.customers) } (lookup(visit, None)) }
    };
    Ok(Page::of(texts.frame.customers, body).into())
}

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let customer = params.take("customer").unwrap_or_default();
    let (programme, before) = (chosen(&mut params, "programme"), chosen(&mut params, "before"));
    params.none_left()?;
    let texts = visit.texts();
    let mut asked = vec![("customer", customer.as_str())];
    asked.extend(programme.as_deref().map(|programme| ("programme", programme)));
    asked.extend(before.as_deref().map(|before| ("before", before)));
    let loyalty = known(visit.ask::<Loyalty>("/v1/customers/{customer}/loyalty", &asked))?;
    let held = known(visit.ask::<StoredValue>("/v1/customers/{customer}/stored-value", &[("customer", &customer)]))?;
    // Whoever sees some stores is told that there is nothing, or that nothing is told: both are the same to him.
    let held = held.unwrap_or_default();
    let sees_all = visit.who.as_ref().is_none_or(|who| who.sees_network);
    let unknown = (loyalty.is_none() && held.is_empty())
        .then(|| Problem::unknown("customer", format!("there is no customer `{customer}` here")));
    let title = (texts.customer.title)(&customer);
    let name = [held.first_name.as_deref(), held.name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let body = html! {
        header.head {
            h1 { (title) }
            @if !name.is_empty() { p.quiet { (name) } }
            // Only administrators may follow it.
            @if visit.who.as_ref().is_none_or(|who| who.may_operate) {
                p.quiet { a href=(links::to_everything_about(&customer)) { (texts.person.link) } }
            }
            (lookup(visit, Some(&customer)))
        }
        @if unknown.is_some() { p.notice { ((texts.customer.not_known)(&customer)) } } @else {
            @if !sees_all { (elsewhere(visit)) }
            @match &loyalty {
                Some(loyalty) => (points(visit, loyalty, &customer)),
                None if sees_all => p.quiet { (texts.customer.no_account) },
                None => {}
            }
            // Where some is not shown, nothing says that there is none.
            @if sees_all || !held.is_empty() { (stored_value::section(visit, &held, &customer)) }
        }
    };
    Ok(Page::of(title.clone(), body).following(FOLLOWS, String::new()).but(unknown).into())
}

/// An answer; none where there is no such customer, or nothing of this kind is shown to whoever asks.
fn known<T>(answer: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(problem) if matches!(problem.code(), "unknown_customer" | "unknown_question") => Ok(None),
        Err(problem) => Err(problem),
    }
}

fn lookup(visit: &Visit<'_>, customer: Option<&str>) -> Markup {
    let texts = visit.texts();
    picker::lookup(visit, "/customers", ("customer", texts.customer.find, texts.customer.find_hint), customer)
}

fn points(visit: &Visit<'_>, loyalty: &Loyalty, customer: &str) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let balance = format!("{} {}", language.count(loyalty.balance), loyalty.unit);
    html! {
        section aria-labelledby="points" {
            h2 #points { ((texts.customer.points_in)(texts.words.points, &loyalty.programme)) }
            @if loyalty.programmes.len() > 1 {
                nav.choice aria-label=(texts.programme.choose) {
                    @for programme in &loyalty.programmes {
                        a href=(links::with(&links::to_customer(customer), &[("programme", Some(programme))]))
                            aria-current=[(*programme == loyalty.programme).then_some("true")] { (programme) }
                    }
                }
            }
            dl.tiles {
                (tile(texts.words.balance, &balance, ""))
                (tile(texts.customer.pending, &language.count(loyalty.pending), ""))
                @if let Some(expiry) = &loyalty.next_expiry {
                    (tile(texts.customer.next_expiry, &language.count(expiry.points), &language.day(expiry.last_day)))
                }
                @if let Some(tier) = &loyalty.tier { (tile(texts.customer.tier, &tier.tier, "")) }
            }
            h3 { (texts.customer.movements) " (" (language.count(loyalty.movements)) ")" }
            div.scroll tabindex="0" role="region" aria-label=(texts.customer.movements) {
                table {
                    thead {
                        tr {
                            th scope="col" { (texts.words.when_utc) }
                            th.text scope="col" { (texts.words.what_for) }
                            th.text scope="col" { (texts.words.store) }
                            th scope="col" { (texts.words.points) }
                            th scope="col" { (texts.words.balance) }
                            th scope="col" { (texts.words.position) }
                        }
                    }
                    tbody { @for movement in &loyalty.ledger { (row(visit, movement)) } }
                }
            }
            @if let Some(next) = loyalty.next {
                @let next = next.to_string();
                @let kept = [("programme", Some(loyalty.programme.as_str())), ("before", Some(next.as_str()))];
                p.more { a rel="next" href=(links::with(&links::to_customer(customer), &kept)) { (texts.frame.next) } }
            }
        }
    }
}

fn row(visit: &Visit<'_>, movement: &Movement) -> Markup {
    let language = visit.language;
    let what = movement.return_id.as_ref().or(movement.sale.as_ref());
    let sign = if movement.points > 0 { "+" } else { "" };
    html! {
        tr {
            th scope="row" { time datetime=(movement.occurred_at.to_rfc3339()) { (language.time(movement.occurred_at)) } }
            td.text { (words(&movement.reason)) @if let Some(what) = what { " " (what) } }
            td.text {
                @match &movement.store { Some(store) => a href=(links::to_store(store)) { (store) }, None => "–" }
            }
            td { (sign) (language.count(movement.points)) }
            td { (movement.balance.map_or("–".to_owned(), |balance| language.count(balance))) }
            td { (language.count(movement.position)) }
        }
    }
}
