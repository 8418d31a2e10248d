//! What is taken elsewhere.

use serde_json::json;

use crate::{
    given::{CARD, END_2026_MS, decided, given, held, issued_to, redeemed},
    vip::life,
};

#[test]
fn every_instrument_is_a_record_and_every_movement_of_it_the_newest_first() {
    let sold = json!({ "instrument_type": "year", "amount_minor": 5_000, "paid_minor": 4_500, "sale": "T1", "line": 2,
        "expires_at_ms": END_2026_MS });
    let spec = given([
        decided("InstrumentIssued", CARD, sold),
        issued_to("C-77", "GC-0000001", 70),
        held("H1", CARD, "T2", 1_000),
        redeemed(CARD, "T3", (3_000, 0, 2_000)),
    ]);
    assert_eq!(
        spec.table("instruments"),
        [
            json!({ "instrument": "…0001", "reference": "@3", "kind": "gift_card", "instrument_type": null,
                "currency": "EUR", "balance_minor": 70, "held_minor": 0, "state": "active", "used": false,
                "customer": "C-77", "issued_minor": 70, "paid_minor": 0, "issued_at": "2026-11-23T11:00:00Z",
                "store": "FR-PAR-01", "sale": null, "return": null, "expires_on": null, "movements": 1 }),
            json!({ "instrument": "…92LM", "reference": "@2", "kind": "gift_card", "instrument_type": "year",
                "currency": "EUR", "balance_minor": 2_000, "held_minor": 1_000, "state": "active", "used": true,
                "customer": null, "issued_minor": 5_000, "paid_minor": 4_500, "issued_at": "2026-11-23T11:00:00Z",
                "store": "FR-PAR-01", "sale": "T1", "return": null, "expires_on": "2026-12-31", "movements": 3 }),
        ]
    );
    let movements = spec.table("movements");
    let positions: Vec<_> = movements.iter().map(|movement| movement["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, [3, 5, 4, 2]);
    assert_eq!(
        movements[1],
        json!({ "instrument": "…92LM", "reference": "@2", "position": 5, "occurred_at": "2026-11-23T11:00:00Z",
            "kind": "redeemed", "currency": "EUR", "amount_minor": -3_000, "forfeited_minor": 0, "set_aside_minor": 0,
            "balance_minor": 2_000, "held_minor": 1_000, "paid_minor": null, "store": "FR-PAR-01", "sale": "T3",
            "return": null })
    );
    for record in spec.table("instruments").iter().chain(&movements) {
        assert!(!record.to_string().contains("4F7Q"), "{record} shows the code");
    }
}

#[test]
fn movements_of_a_long_life_are_all_in_the_table() {
    let spends = (0..40).map(|sale| redeemed(CARD, &format!("T{sale}"), (1, 0, 39 - sale)));
    let spec = given([issued_to("C-77", CARD, 40)].into_iter().chain(spends));
    let balances: Vec<_> =
        spec.table("movements").iter().map(|movement| movement["balance_minor"].as_i64().unwrap()).collect();
    assert_eq!(balances, (0..=40).collect::<Vec<_>>());
}

#[test]
fn every_vip_card_is_a_record() {
    let records = given(life()).table("vip-cards");
    assert_eq!(
        records[0],
        json!({ "card": "…LD01", "reference": "@2", "customer": "C-77", "discount_e4": 1_500, "expires_on": "2027-03-31",
            "assigned_at": "2026-11-23T11:00:00Z", "withdrawn": false, "used": 2, "last_sale": "T2" })
    );
    assert_eq!((records.len(), &records[1]["withdrawn"]), (3, &json!(true)));
}
