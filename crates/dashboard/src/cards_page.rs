//! The page of cards: what is owed on them, and what is on one.

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::cards::{CardLife, CardsFound, Liabilities},
    asker::{Ask, answer},
    document::document,
    sections::{cards, notice},
};

/// What the visitor looks for.
#[derive(Default)]
pub(crate) struct Sought {
    /// The last four characters of a code, or the number of a customer.
    pub(crate) text: Option<String>,
    /// The reference of a card whose life is to be shown.
    pub(crate) card: Option<String>,
}

impl Sought {
    pub(crate) fn of(mut params: Params) -> Result<Self, Problem> {
        // A form sends the fields that were left empty, too.
        let mut chosen = |name| params.take(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let sought = Self { text: chosen("find"), card: chosen("card") };
        params.none_left().map(|()| sought)
    }
}

/// The page, and the problem when what is sought cannot be shown.
pub(crate) fn cards_page(models: &dyn Ask, sought: &Sought) -> Result<(Option<Problem>, Markup), Problem> {
    let owed: Liabilities = answer(models, "/v1/liability", &[("by", "month")])?;
    let found = sought.text.as_deref().map(|text| find(models, text));
    let life = sought.card.as_deref().map(|card| {
        // A whole code is asked for elsewhere, where those who try codes have to wait.
        let reference = if card.starts_with('@') { card } else { "@" };
        answer::<CardLife>(models, "/v1/instruments/{code}/explain", &[("code", reference)])
    });
    let problem =
        [found.as_ref().and_then(|found| found.as_ref().err()), life.as_ref().and_then(|life| life.as_ref().err())]
            .into_iter()
            .flatten()
            .next()
            .cloned();
    let body = html! {
        header.store {
            h1 { "Cards" }
            p.quiet { "Gift cards, vouchers, wallets, credit notes and store credit · codes are shown by their last four characters" }
        }
        (cards::owed(&owed.liabilities))
        section #find aria-labelledby="one" {
            h2 #one { "One card" }
            (cards::form(sought.text.as_deref()))
            @match &found {
                None => {}
                Some(Err(problem)) => (notice("Nothing found", problem.detail())),
                Some(Ok(found)) => (cards::found(&found.instruments)),
            }
        }
        @match &life {
            None => {}
            Some(Err(problem)) => (notice("This card cannot be shown", problem.detail())),
            Some(Ok(life)) => (cards::life(life)),
        }
        (cards::months(&owed.liabilities))
    };
    Ok((problem, document("Cards – Storefold", None, &body)))
}

/// Cards whose codes end so; or else those of the customer of this number, which may have four characters as well.
fn find(models: &dyn Ask, text: &str) -> Result<CardsFound, Problem> {
    let by = |parameter: &str| answer::<CardsFound>(models, "/v1/instruments", &[(parameter, text)]);
    if text.trim_start_matches('…').chars().count() == 4 {
        let found = by("last_four")?;
        if !found.instruments.is_empty() {
            return Ok(found);
        }
    }
    by("customer")
}
