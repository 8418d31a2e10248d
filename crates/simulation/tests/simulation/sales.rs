use std::collections::{BTreeMap, HashMap, HashSet};

use storefold_events::{
    Currency, Payload,
    sale::{SaleLine, SaleReturned, SaleValidated},
};

use crate::{events, settings};

struct Sold {
    store: String,
    sale: SaleValidated<'static>,
    returned: Vec<(String, SaleReturned<'static>)>,
    voided: bool,
}

fn sold() -> Vec<Sold> {
    let mut sold: BTreeMap<String, Sold> = BTreeMap::new();
    for event in events(settings()) {
        let store = event.store.as_deref().unwrap_or_default().to_owned();
        match event.payload {
            Payload::SaleValidated(sale) => {
                sold.insert(sale.sale.to_string(), Sold { store, sale, returned: Vec::new(), voided: false });
            }
            Payload::SaleReturned(returned) => {
                sold.get_mut(returned.sale.as_str()).unwrap().returned.push((store, returned));
            }
            Payload::SaleVoided(voided) => {
                let voided = sold.get_mut(voided.sale.as_str()).unwrap();
                assert_eq!(voided.store, store);
                voided.voided = true;
            }
            _ => {}
        }
    }
    sold.into_values().collect()
}

#[test]
fn tenders_and_taxes_come_out_to_the_minor_unit() {
    for Sold { sale, .. } in sold() {
        let due_minor = sale.total_minor();
        assert!(due_minor > 0);
        assert_eq!(sale.tenders.iter().map(|tender| tender.amount_minor).sum::<i64>(), due_minor);
        assert!(sale.tenders.iter().all(|tender| tender.amount_minor > 0));
        for line in &sale.lines {
            let tax_percent = line.tax_minor * 100 / (line.net_minor() - line.tax_minor);
            assert!((7..=22).contains(&tax_percent), "{line:?}");
            assert_eq!((line.gross_minor % line.quantity, line.discount_minor % line.quantity), (0, 0));
        }
        if sale.currency == Currency::new("JPY").unwrap() {
            assert!(sale.lines.iter().all(|line| line.gross_minor % 100 == 0), "a price in yen has no minor part");
        }
    }
}

#[test]
fn a_return_never_exceeds_its_sale_and_pays_back_what_was_paid() {
    let (mut partial, mut whole, mut elsewhere, mut again) = (0, 0, 0, 0);
    for Sold { store, sale, returned, .. } in sold().iter().filter(|sold| !sold.returned.is_empty()) {
        let mut left: HashMap<u32, i64> = sale.lines.iter().map(|line| (line.line, line.quantity)).collect();
        for (returned_at, returned) in returned {
            assert_eq!(returned.currency, sale.currency);
            for line in &returned.lines {
                let bought: &SaleLine<'_> = sale.lines.iter().find(|bought| bought.line == line.line).unwrap();
                assert_eq!(line.refund_minor * bought.quantity, bought.net_minor() * line.quantity);
                *left.get_mut(&line.line).unwrap() -= line.quantity;
            }
            elsewhere += u32::from(returned_at != store);
        }
        assert!(left.values().all(|left| *left >= 0), "{}", sale.sale);
        again += u32::from(returned.len() > 1);
        *if left.values().any(|left| *left > 0) { &mut partial } else { &mut whole } += 1;
    }
    assert!(
        [partial, whole, elsewhere, again].iter().all(|count| *count > 10),
        "{partial} {whole} {elsewhere} {again}"
    );
}

#[test]
fn a_sale_is_voided_or_returned_but_never_both() {
    let sold = sold();
    let share = |of: usize| of * 1_000 / sold.len();
    assert!(sold.iter().all(|sold| !sold.voided || sold.returned.is_empty()));
    let voided = sold.iter().filter(|sold| sold.voided).count();
    assert!((3..=9).contains(&share(voided)), "{voided} voids of {}", sold.len());
    let returned = sold.iter().filter(|sold| !sold.returned.is_empty()).count();
    assert!((40..=75).contains(&share(returned)), "{returned} returns of {}", sold.len());
    let ids = sold.iter().flat_map(|sold| &sold.returned).map(|(_, returned)| returned.return_id.to_string());
    let count = ids.clone().count();
    assert_eq!(ids.collect::<HashSet<_>>().len(), count);
}

#[test]
fn about_half_of_the_sales_are_identified_and_paid_by_all_means() {
    let sold = sold();
    let mut by_store: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for sold in &sold {
        let (identified, all) = by_store.entry(&sold.store).or_default();
        *identified += u32::from(sold.sale.customer.is_some());
        *all += 1;
    }
    for (store, (identified, all)) in by_store {
        assert!((38..=62).contains(&(identified * 100 / all)), "{store}: {identified} of {all}");
    }
    let paid = |kinds: &[&str]| {
        let by = |sold: &&Sold| sold.sale.tenders.iter().map(|tender| tender.kind.as_str()).eq(kinds.iter().copied());
        sold.iter().filter(by).count() * 100 / sold.len()
    };
    assert!(paid(&["card"]) > 50 && paid(&["cash"]) > 10 && paid(&["cash", "card"]) > 2);
}
