//! What `gift-catalogue` answers, given events.

use serde_json::{Value, json};
use storefold_projection::{
    QueryError,
    spec::{Spec, laws},
};
use storefold_projector_gift_catalogue::GiftCatalogue;

const GIFTS: &str = "/v1/programmes/brand/gifts";

fn event(kind: &str, at: &str, mut data: Value) -> Value {
    data["programme"] = json!("brand");
    json!({ "occurred_at": at, "type": kind, "data": data })
}

fn configured(at: &str, minor_per_point: i64) -> Value {
    event(
        "LoyaltyProgramConfigured",
        at,
        json!({ "currency": "EUR", "minor_per_point": minor_per_point, "rounding": "floor_per_sale",
            "earn_on_discounted": true, "terms": { "unit": "stamps", "zone": "Europe/Paris", "pending_days": 14 } }),
    )
}

fn now(kind: &str, data: Value) -> Value {
    event(kind, "2026-11-23T10:00:00+01:00", data)
}

fn moved(kind: &str, reason: &str, reference: &str) -> Value {
    json!({ "cause": 1, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:20:00+01:00", "type": kind,
        "data": { "programme": "brand", "customer": "C-77", "points": 10, "reason": reason, "sale": "T1",
            "reference": reference, "movement": { "parts": [] } } })
}

fn catalogue() -> Vec<Value> {
    vec![
        configured("2026-01-01T00:00:00+01:00", 1_000),
        now("LoyaltyLevelDefined", json!({ "level": "2nd", "points": 20 })),
        now("LoyaltyLevelDefined", json!({ "level": "1st", "points": 10 })),
        now("GiftProductAssigned", json!({ "level": "1st", "sku": "MUG", "picture": "/mug.jpg", "uses_max": 2 })),
        now(
            "GiftProductAssigned",
            json!({ "level": "2nd", "sku": "BAG", "picture": "/bag.jpg", "colour": "red",
            "size": "M", "name": "Bag" }),
        ),
        moved("PointsSpent", "gift", "MUG"),
        moved("PointsSpent", "gift", "MUG"),
        moved("PointsSpent", "redemption", "RD-1"),
        moved("PointsGivenBack", "gift", "MUG"),
        moved("PointsGivenBack", "cancelled", "RD-1"),
    ]
}

#[test]
fn rows_2_27_2_28_2_35_levels_ascend_with_their_gifts_and_what_became_of_them() {
    Spec::<GiftCatalogue>::given(catalogue()).asked(GIFTS).then(json!({
        "programme": "brand",
        "levels": [
            { "level": "1st", "points": 10, "gifts": [{ "sku": "MUG", "name": null, "picture": null, "colour": null,
                "size": null, "uses_max": 2, "claimed": 2, "given_back": 1 }] },
            { "level": "2nd", "points": 20, "gifts": [{ "sku": "BAG", "name": "Bag", "picture": "/bag.jpg",
                "colour": "red", "size": "M", "uses_max": null, "claimed": 0, "given_back": 0 }] },
        ],
        "withdrawn": [],
    }));
}

#[test]
fn row_2_34_a_removed_level_is_gone_and_its_claimed_gifts_stand_apart() {
    let mut history = catalogue();
    history.push(now("GiftProductWithdrawn", json!({ "sku": "MUG" })));
    history.push(now("LoyaltyLevelRemoved", json!({ "level": "1st" })));
    Spec::<GiftCatalogue>::given(history)
        .asked(GIFTS)
        .then_at("/levels/0/level", json!("2nd"))
        .then_at("/withdrawn", json!([{ "sku": "MUG", "claimed": 2, "given_back": 1 }]));
}

#[test]
fn a_gift_that_is_assigned_again_changes_its_level_and_a_level_defined_again_its_points() {
    let mut history = catalogue();
    history.push(now("GiftProductAssigned", json!({ "level": "2nd", "sku": "MUG" })));
    history.push(now("LoyaltyLevelDefined", json!({ "level": "1st", "points": 30 })));
    Spec::<GiftCatalogue>::given(history)
        .asked(GIFTS)
        .then_at("/levels/0/level", json!("2nd"))
        .then_at("/levels/0/gifts/1/sku", json!("MUG"))
        .then_at("/levels/0/gifts/1/claimed", json!(2))
        .then_at("/levels/1/points", json!(30))
        .then_at("/levels/1/gifts", json!([]));
}

#[test]
fn row_2_25_the_configuration_in_force_is_the_one_of_now() {
    let history = [configured("2026-01-01T00:00:00+01:00", 1_000), configured("2026-12-01T00:00:00+01:00", 500)];
    for (at, rate, position) in [
        ("2025-01-01T00:00:00+01:00", 1_000, 1),
        ("2026-11-30T23:59:59+01:00", 1_000, 1),
        ("2026-12-01T00:00:00+01:00", 500, 2),
    ] {
        Spec::<GiftCatalogue>::given(history.clone())
            .at(at)
            .asked("/v1/programmes")
            .then_at("/programmes/0/programme", json!("brand"))
            .then_at("/programmes/0/minor_per_point", json!(rate))
            .then_at("/programmes/0/rule_position", json!(position))
            .then_at("/programmes/0/unit", json!("stamps"))
            .then_at("/programmes/0/currency", json!("EUR"))
            .then_at("/programmes/0/zone", json!("Europe/Paris"))
            .then_at("/programmes/0/terms/pending_days", json!(14));
    }
}

#[test]
fn an_unknown_programme_is_refused() {
    Spec::<GiftCatalogue>::given(catalogue())
        .asked("/v1/programmes/bran/gifts")
        .then_refused(QueryError::Unknown { kind: "programme", name: "bran".to_owned() });
}

#[test]
fn folding_twice_in_parts_or_restarting_anywhere_gives_equal_rows() {
    laws::<GiftCatalogue>(catalogue(), &[GIFTS, "/v1/programmes"]);
}
