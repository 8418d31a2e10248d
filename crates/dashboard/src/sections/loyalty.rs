//! The points of a customer.

use maud::{Markup, html};
use storefold_http_kit::Problem;

use super::notice;
use crate::{
    answers::{Loyalty, Movement},
    figures::{count, plural},
};

/// The form, and what was found under the number that was entered.
pub(crate) fn section(store: &str, window: &str, found: Option<(&str, Result<&Loyalty, &Problem>)>) -> Markup {
    html! {
        section #loyalty aria-labelledby="points" {
            h2 #points { "Points of a customer" }
            form.lookup method="get" action="/#loyalty" role="search" {
                input type="hidden" name="store" value=(store);
                input type="hidden" name="window" value=(window);
                label for="customer" { "Customer" }
                input #customer name="customer" value=[found.map(|(customer, _)| customer)] maxlength="200"
                    placeholder="C-77" autocomplete="off";
                button type="submit" { "Look up" }
            }
            @match found {
                None => {}
                Some((_, Err(problem))) => (notice("Nothing found", problem.detail())),
                Some((_, Ok(loyalty))) => (ledger(loyalty)),
            }
        }
    }
}

fn ledger(loyalty: &Loyalty) -> Markup {
    html! {
        p.balance {
            strong { (count(loyalty.balance)) } " points in " (loyalty.programme) " · " (loyalty.customer)
        }
        div.scroll tabindex="0" role="region" aria-label="Movements" {
            table {
                caption {
                    (plural(loyalty.movements.try_into().unwrap_or(i64::MAX), "movement"))
                    @if (loyalty.ledger.len() as u64) < loyalty.movements {
                        ", the newest " (loyalty.ledger.len()) " shown"
                    }
                }
                thead {
                    tr {
                        th scope="col" { "When (UTC)" }
                        th.text scope="col" { "What for" }
                        th.text scope="col" { "Store" }
                        th scope="col" { "Points" }
                        th scope="col" { "Balance" }
                        th scope="col" { "Position" }
                    }
                }
                tbody { @for movement in &loyalty.ledger { (row(movement)) } }
            }
        }
    }
}

fn row(movement: &Movement) -> Markup {
    let what = movement.return_id.as_ref().or(movement.sale.as_ref());
    let sign = if movement.points > 0 { "+" } else { "" };
    let when = movement.occurred_at.get(..16).unwrap_or(&movement.occurred_at).replace('T', " ");
    html! {
        tr {
            th scope="row" { time datetime=(movement.occurred_at) { (when) } }
            td.text { (movement.reason) @if let Some(what) = what { " " (what) } }
            td.text { (movement.store.as_deref().unwrap_or("–")) }
            td { (sign) (count(movement.points)) }
            td { (count(movement.balance)) }
            td { (movement.position) }
        }
    }
}
