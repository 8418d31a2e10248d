use serde_json::{Value, json};

use crate::network::{Network, get};

fn decided(event_type: &str, mut data: Value) -> Value {
    for (name, value) in [("kind", json!("gift_card")), ("currency", json!("EUR"))] {
        if data.get(name).is_none() {
            data[name] = value;
        }
    }
    json!({"cause": 1, "store": "FR-PAR-01", "occurred_at": "2026-11-23T11:00:00+01:00", "type": event_type, "data": data})
}

/// A gift card of a customer that has paid once, and a bearer voucher.
fn history() -> Vec<Value> {
    vec![
        json!({"store": "FR-PAR-01", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
            "data": {"name": "Paris", "zone": "Europe/Paris", "currency": "EUR"}}),
        decided(
            "InstrumentIssued",
            json!({"instrument": "GC-<b>-92LM", "amount_minor": 500_000, "paid_minor": 500_000, "customer": "C-77"}),
        ),
        decided(
            "InstrumentRedeemed",
            json!({"instrument": "GC-<b>-92LM", "amount_minor": 3_000, "forfeited_minor": 0, "balance_minor": 497_000,
                "sale": "T9"}),
        ),
        decided(
            "InstrumentIssued",
            json!({"instrument": "VOUCHER-0001", "kind": "voucher", "amount_minor": 500, "paid_minor": 0,
                "voucher": {"rule": "foot", "use_minor": 500, "base_minor": 10_000}}),
        ),
    ]
}

async fn shows(path: &str, all: &[&str]) {
    let (status, page) = get(&Network::after(history()), path).await;
    assert_eq!(status, 200, "{page}");
    for shown in all {
        assert!(page.contains(shown), "`{shown}` is not in\n{page}");
    }
    assert!(!page.contains("VOUCHER-") && !page.contains("<b>"), "codes are shown by their last four: {page}");
}

#[tokio::test]
async fn what_is_owed_is_shown_by_type_and_by_month() {
    shows(
        "/cards",
        &[
            "<dt>Outstanding</dt><dd class=\"figure\">4,975.00 EUR</dd><dd class=\"beside\">on all cards in EUR</dd>",
            "<th scope=\"row\">Gift card</th><td>5,000.00 EUR</td><td>–</td><td>–</td><td>30.00 EUR</td>",
            "<th scope=\"row\">Voucher</th><td>5.00 EUR</td>",
            "Gift card, by month, in EUR",
            "<th scope=\"row\">Nov 2026</th>",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_card_is_found_by_its_last_characters_or_its_customer_and_told_in_words() {
    let link = "<a href=\"/cards?card=%402#life\">…92LM</a>";
    shows("/cards?find=92lm", &[link, "<td>4,970.00 EUR</td>"]).await;
    shows("/cards?find=C-77", &[link, "value=\"C-77\""]).await;
    shows("/cards?find=NONE", &["No card ends so"]).await;
    shows(
        "/cards?card=%402",
        &[
            "<strong>4,970.00 EUR</strong> · active · Available 4,970.00 EUR · <a href=\"/customers/C-77\">C-77</a>",
            "<td class=\"text told\" lang=\"en\">paid 30.00 EUR of sale T9</td><td class=\"text\">FR-PAR-01</td><td>−30.00 EUR</td>",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_card_is_not_to_be_found_by_trying_codes_here() {
    for path in ["/cards?card=VOUCHER-0001", "/cards?card=%40999"] {
        let (status, page) = get(&Network::after(history()), path).await;
        assert_eq!(status, 404);
        assert!(page.contains("This cannot be shown"), "{page}");
    }
}

#[tokio::test]
async fn without_cards_the_page_says_so() {
    let (status, page) = get(&Network::after(Vec::new()), "/cards").await;
    assert_eq!(status, 200);
    assert!(page.contains("No card has been issued yet."), "{page}");
}
