use std::collections::HashMap;

use storefold_events::{Event, Payload};
use storefold_simulation::Settings;

use crate::{events, settings};

fn is_of_gifts(event: &Event<'_>) -> bool {
    matches!(
        event.payload,
        Payload::LoyaltyTiersConfigured(_)
            | Payload::LoyaltyLevelDefined(_)
            | Payload::GiftProductAssigned(_)
            | Payload::GiftClaimed(_)
            | Payload::GiftReturned(_)
    )
}

fn with_gifts(gifts: bool) -> Vec<Event<'static>> {
    events(Settings { days: 30, gifts, ..settings() })
}

#[test]
fn a_gift_is_claimed_by_who_brought_the_points_for_it_and_some_come_back() {
    let (mut points, mut prices, mut levels) = (HashMap::new(), HashMap::new(), HashMap::new());
    let (mut claimed, mut returned) = (HashMap::new(), 0);
    for event in with_gifts(true) {
        match event.payload {
            Payload::PointsEarned(earned) => *points.entry(earned.customer.to_string()).or_default() += earned.points,
            Payload::PointsReversed(taken) => *points.entry(taken.customer.to_string()).or_default() -= taken.points,
            Payload::LoyaltyLevelDefined(level) => {
                levels.insert(level.level.to_string(), level.points);
            }
            Payload::GiftProductAssigned(gift) => {
                prices.insert(gift.sku.to_string(), levels[gift.level.as_str()]);
            }
            Payload::GiftClaimed(claim) => {
                let price: i64 = prices[claim.product.as_str()];
                let left: &mut i64 = points.get_mut(claim.customer.as_str()).unwrap();
                *left -= price;
                assert!(*left >= 0, "{} claims more than was brought", claim.customer);
                assert_eq!(claim.points, Some(price));
                assert_eq!(claimed.insert(claim.sale.to_string(), claim.product.to_string()), None);
            }
            Payload::GiftReturned(back) => {
                assert_eq!(claimed.get(back.sale.as_str()).map(String::as_str), Some(back.product.as_str()));
                returned += 1;
            }
            _ => {}
        }
    }
    assert!(claimed.len() > 50 && returned > 5, "{} claimed, {returned} came back", claimed.len());
}

#[test]
fn everything_else_happens_as_it_does_without_gifts() {
    let plain: Vec<_> = with_gifts(false);
    assert!(!plain.iter().any(is_of_gifts));
    let others = |events: Vec<Event<'static>>| -> Vec<_> {
        let without =
            |event: &Event<'_>| !is_of_gifts(event) && !matches!(event.payload, Payload::LoyaltyProgramConfigured(_));
        let others = events.into_iter().filter(without);
        others.map(|event| (event.source, event.store, event.occurred_at_ms, event.payload)).collect()
    };
    assert_eq!(others(with_gifts(true)), others(plain));
}
