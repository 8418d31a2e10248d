//! The page of cards: what is owed on them, and what is on one.

use maud::html;
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::cards::{CardLife, CardsFound, Liabilities},
    sections::{self, cards, elsewhere, picker},
    visit::{Page, Shown, Visit, chosen},
};

/// The page; what is looked for (`find`: the last four characters of a code, or a customer) and one card's life (`card`).
pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let (text, card) = (chosen(&mut params, "find"), chosen(&mut params, "card"));
    params.none_left()?;
    let texts = visit.texts();
    // What is owed on all cards is told to who sees the network.
    let owed = match visit.ask::<Liabilities>("/v1/liability", &[("by", "month")]) {
        Ok(owed) => Some(owed),
        Err(problem) if problem.code() == "unknown_question" => None,
        Err(problem) => return Err(problem),
    };
    let found = text.as_deref().map(|text| find(visit, text));
    let life = card.as_deref().map(|card| {
        // A whole code is asked for elsewhere, where those who try codes have to wait.
        let reference = if card.starts_with('@') { card } else { "@" };
        visit.ask::<CardLife>("/v1/instruments/{code}/explain", &[("code", reference)])
    });
    let problems =
        [found.as_ref().and_then(|found| found.as_ref().err()), life.as_ref().and_then(|life| life.as_ref().err())];
    let problem = problems.into_iter().flatten().next().cloned();
    let body = html! {
        header.head {
            h1 { (texts.card.title) }
            p.quiet { (texts.card.subtitle) }
        }
        @match &owed {
            Some(owed) => (cards::owed(visit, &owed.liabilities)),
            None => (elsewhere(visit)),
        }
        section #one-card aria-labelledby="one" {
            h2 #one { (texts.card.one) }
            (picker::lookup(visit, "/cards#one-card", ("find", texts.card.find, "92LM"), text.as_deref()))
            @match &found {
                None => {}
                Some(Err(problem)) => (sections::problem(texts.frame.not_here, problem)),
                Some(Ok(found)) => (cards::found(visit, &found.instruments)),
            }
        }
        @match &life {
            None => {}
            Some(Err(problem)) => (sections::problem(texts.frame.cannot_be_shown, problem)),
            Some(Ok(life)) => (cards::life(visit, life)),
        }
        @if let Some(owed) = &owed { (cards::months(visit, &owed.liabilities)) }
    };
    let page = Page::of(texts.card.title, body).following(&["liability", "stored-value"], String::new());
    Ok(page.but(problem).into())
}

/// Cards whose codes end so; or else those of the customer of this number, which may have four characters as well.
fn find(visit: &Visit<'_>, text: &str) -> Result<CardsFound, Problem> {
    let by = |parameter: &str| visit.ask::<CardsFound>("/v1/instruments", &[(parameter, text)]);
    if text.trim_start_matches('…').chars().count() == 4 {
        let found = by("last_four")?;
        if !found.instruments.is_empty() {
            return Ok(found);
        }
    }
    by("customer")
}
