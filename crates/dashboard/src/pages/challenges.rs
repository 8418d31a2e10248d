//! Challenges of sellers, and who is ahead in one (row 1.5).

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use super::{
    challenge_form, orders,
    paging::{LONG_ROWS, Paging, ROWS, next},
};
use crate::{
    answers::improving::{Challenge, Challenges, Leaderboard, Seller},
    charts::{Drawing, part},
    figures::share,
    links,
    sections::{place::AskedPlace, tile},
    visit::{Page, Shown, Visit},
};

const FOLLOWS: &[&str] = &["seller-challenges"];

/// Stores that are named of those that take part.
const STORES_MAX: usize = 6;

pub(crate) fn list(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let place = AskedPlace::of(&mut params);
    let paging = Paging::of(&mut params, LONG_ROWS)?;
    params.none_left()?;
    let (language, texts) = (visit.language, visit.texts());
    let said = &texts.improving.challenges;
    let mut found = visit.ask::<Challenges>("/v1/challenges", &place.parameters())?.challenges;
    // The latest first: those that run stand where one looks.
    found.sort_by_key(|challenge| std::cmp::Reverse((challenge.until, challenge.from)));
    let body = html! {
        header.head {
            h1 { (said.title) }
            p.quiet { (said.what) }
            (place.head(visit, "/challenges"))
            (place.improving(visit))
        }
        section aria-label=(said.title) {
            @if found.is_empty() { p.notice { (said.none) " " (said.how_to_begin) } } @else {
                ul.entries {
                    @for challenge in paging.of_all(&found) {
                        li {
                            p.line {
                                a href=(links::with(&links::to_challenge(&challenge.id), &place.kept())) { (challenge.title) }
                                span.state { ((texts.words.from_to)(&language.day(challenge.from), &language.day(challenge.until))) }
                            }
                            p.quiet { (rules(visit, challenge)) }
                        }
                    }
                }
                (next(visit, "/challenges", paging, found.len(), &place.kept()))
            }
        }
        @if orders::may_order(visit) { (challenge_form::launching(visit, &place)) }
    };
    Ok(Page::of(said.title, body).following(FOLLOWS, String::new()).into())
}

/// Who takes part, what counts, and whether it is closed.
fn rules(visit: &Visit<'_>, challenge: &Challenge) -> Markup {
    let texts = visit.texts();
    let said = &texts.improving.challenges;
    let left = challenge.stores.len().saturating_sub(STORES_MAX);
    html! {
        @if challenge.stores.is_empty() { (said.all_stores) }
        @for (place, store) in challenge.stores.iter().take(STORES_MAX).enumerate() {
            @if place > 0 { ", " }
            a href=(links::to_store(store)) { (store) }
        }
        @if left > 0 { " " ((texts.words.and_more)(&visit.language.count(left as u64))) }
        @if challenge.with_email { " · " (said.with_email) }
        " · " @if challenge.closed_at_position.is_some() { (said.closed) } @else { (said.open) }
    }
}

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let challenge = params.take("challenge").unwrap_or_default();
    let place = AskedPlace::of(&mut params);
    let paging = Paging::of(&mut params, ROWS)?;
    params.none_left()?;
    let (language, texts) = (visit.language, visit.texts());
    let said = &texts.improving.challenges;
    let asked = [place.parameters(), vec![("challenge", challenge.as_str())]].concat();
    let found: Leaderboard = visit.ask("/v1/challenges/{challenge}", &asked)?;
    let path = links::to_challenge(&challenge);
    let first = found.sellers.first();
    let body = html! {
        header.head {
            h1 { (found.about.title) }
            p.quiet {
                ((texts.words.from_to)(&language.day(found.about.from), &language.day(found.about.until))) " · "
                (rules(visit, &found.about))
            }
            (place.head(visit, &path))
            (place.improving(visit))
        }
        section aria-label=(texts.charts.key_figures) {
            dl.tiles {
                (tile(said.files, &language.count(found.files), ""))
                (tile(said.ahead, first.map_or("–", |first| &first.name), &first.map_or_else(String::new, |first| format!("{}: {}", said.files, language.count(first.files)))))
                (tile(said.sellers, &language.count(found.sellers.len() as u64), ""))
                (tile(said.without_seller, &language.count(found.without_seller), said.for_nobody))
            }
        }
        section aria-labelledby="sellers" {
            h2 #sellers { (said.sellers) }
            @if found.sellers.is_empty() { p.quiet { (said.nobody) } } @else {
                ol.ranked { @for seller in paging.of_all(&found.sellers) { (row(visit, seller, first.map_or(0, |first| first.files))) } }
                (next(visit, &path, paging, found.sellers.len(), &place.kept()))
            }
            details {
                summary { (texts.frame.definition) }
                p.quiet lang="en" { (found.definition) }
            }
        }
    };
    let summary = format!("{}: {}", said.files, language.count(found.files));
    Ok(Page::of(found.about.title.clone(), body).following(FOLLOWS, summary).into())
}

fn row(visit: &Visit<'_>, seller: &Seller, most: u64) -> Markup {
    let (language, said) = (visit.language, &visit.texts().improving.challenges);
    html! {
        li {
            span.name {
                span.rank { (language.count(seller.rank)) }
                (seller.name)
                @if let Some(store) = &seller.store { " " a href=(links::to_store(store)) { (store) } }
            }
            span.amount {
                strong { (language.count(seller.files)) } " · "
                ((said.of_these_with_email)(&language.count(seller.files_with_email)))
            }
            (Drawing::beside().set("class", "part").add(part("succeeded", 0.0, share(seller.files, most))))
            @if seller.files_after_close > 0 {
                p.quiet { ((said.after_close)(&language.count(seller.files_after_close))) }
            }
        }
    }
}
