//! Key figures as data: what they may be made of, months that are closed, and what goods that come back had cost.

use serde_json::{Value, json};
use storefold_events::{Payload, sale::Costed};

use crate::books::Books;

fn kpi(name: &str, formula: &str) -> Value {
    json!({"kpi": name, "formula": formula, "unit": "number"})
}

#[test]
fn a_kpi_is_made_of_anything_but_itself() {
    let mut books = Books::of_paris();
    assert_eq!(books.take("KpiDefined", &kpi("a", "units / visitors")), Ok(vec![]));
    assert_eq!(books.take("KpiDefined", &kpi("b", "a * 2 + conversion")), Ok(vec![]));
    assert_eq!(books.take("KpiDefined", &kpi("a", "b / 2")), Err("kpi_made_of_itself"));
    assert_eq!(books.take("KpiDefined", &kpi("c", "c + 1")), Err("kpi_made_of_itself"));
    assert_eq!(books.take("KpiDefined", &kpi("c", "a + weather")), Err("formula_name_unknown"));
    // What was refused has changed nothing.
    assert_eq!(books.take("KpiDefined", &kpi("d", "a + b")), Ok(vec![]));
    assert_eq!(books.take("KpiDefined", &kpi("e", "c")), Err("formula_name_unknown"));
}

#[test]
fn two_hundred_kpis_may_be_defined_and_each_anew() {
    let mut books = Books::of_paris();
    for number in 0..200 {
        // Each of the one before: as deep as it goes.
        let formula = if number == 0 { "units".to_owned() } else { format!("k{} + k{}", number - 1, number - 1) };
        assert_eq!(books.take("KpiDefined", &kpi(&format!("k{number}"), &formula)), Ok(vec![]));
    }
    assert_eq!(books.take("KpiDefined", &kpi("k200", "units")), Err("too_many_kpis"));
    assert_eq!(books.take("KpiDefined", &kpi("k7", "units")), Ok(vec![]));
}

#[test]
fn targets_and_plans_are_of_kpis_that_there_are() {
    let mut books = Books::of_paris();
    let target = |kpi: &str| json!({"kpi": kpi, "from": "2026-11-01", "to": "2026-11-30", "target": "0.25"});
    assert_eq!(books.take("TargetSet", &target("conversion")), Ok(vec![]));
    assert_eq!(books.take("TargetSet", &target("weather")), Err("unknown_kpi"));
    let plan = |plan: &str, kpi: &str| json!({"plan": plan, "kind": "training", "title": "Greet", "kpi": kpi, "from": "2026-11-01"});
    let ended = json!({"plan": "P", "until": "2026-11-20", "conclusion": "Better"});
    assert_eq!(books.take("ActionPlanClosed", &ended), Err("not_there"));
    assert_eq!(books.take("ActionPlanOpened", &plan("P", "weather")), Err("unknown_kpi"));
    assert_eq!(books.take("ActionPlanOpened", &plan("P", "conversion")), Ok(vec![]));
    assert_eq!(books.take("ActionPlanOpened", &plan("P", "conversion")), Err("already_there"));
    assert_eq!(books.take("ActionPlanClosed", &ended), Ok(vec![]));
    assert_eq!(books.take("ActionPlanClosed", &ended), Err("already_there"));
}

#[test]
fn challenges_end_once_and_answers_count_once() {
    let mut books = Books::of_paris();
    let challenge = json!({"challenge": "C", "title": "Emails", "from": "2026-11-01", "until": "2026-11-30"});
    let ended = json!({"challenge": "C", "until": "2026-11-20"});
    assert_eq!(books.take("ChallengeClosed", &ended), Err("not_there"));
    assert_eq!(books.take("ChallengeOpened", &challenge), Ok(vec![]));
    assert_eq!(books.take("ChallengeOpened", &challenge), Err("already_there"));
    assert_eq!(books.take("ChallengeClosed", &ended), Ok(vec![]));
    assert_eq!(books.take("ChallengeClosed", &ended), Err("already_there"));
    let answer = json!({"answer": "A", "survey": "s", "score": 8, "score_best": 10});
    assert_eq!(books.take("SurveyAnswered", &answer), Ok(vec![]));
    assert_eq!(books.take("SurveyAnswered", &answer), Err("already_there"));
}

#[test]
fn a_month_is_closed_once_when_it_is_over_everywhere() {
    let mut books = Books::of_paris();
    let mut close = |at: &str, data: Value| books.take_at("MonthClosed", "PARIS", at, &data).map(|caused| caused.len());
    let month = || json!({"month": "2026-10"});
    assert_eq!(close("2026-11-01T13:59:59.999Z", month()), Err("month_not_over"));
    assert_eq!(close("2026-11-01T14:00:00Z", json!({"month": "2026-10", "organisation": "acme/fr"})), Ok(0));
    assert_eq!(close("2026-11-01T14:00:00Z", month()), Ok(0));
    assert_eq!(close("2026-11-01T14:00:01Z", month()), Err("month_already_closed"));
}

#[test]
fn returns_of_a_whole_line_give_back_what_it_had_cost_to_the_minor_unit() {
    for (quantity, cost_minor) in [(1, 999), (3, 1_000), (7, 5), (6, 0)] {
        let mut books = Books::of_paris();
        let line = |line: u32, cost_minor: Option<i64>| json!({"line": line, "sku": "A", "quantity": quantity, "gross_minor": 700, "tax_minor": 100, "cost_minor": cost_minor});
        // The second line has no purchase price, and is in no margin.
        let sale = json!({"sale": "S", "till": "1", "channel": "store", "currency": "EUR",
            "lines": [line(1, Some(cost_minor)), line(2, None)], "tenders": [{"kind": "cash", "amount_minor": 1_400}]});
        books.take("SaleValidated", &sale).unwrap();
        let mut back = Costed::default();
        for unit in 1..=quantity {
            let refund_minor = 700 * unit / quantity - 700 * (unit - 1) / quantity;
            let returned = json!({"return": format!("R{unit}"), "sale": "S", "currency": "EUR",
                "lines": [{"line": 1, "quantity": 1, "refund_minor": refund_minor}, {"line": 2, "quantity": 1, "refund_minor": refund_minor}],
                "tenders": [{"kind": "cash", "amount_minor": 2 * refund_minor}]});
            let caused = books.take("SaleReturned", &returned).unwrap();
            let Payload::ReturnValued(valued) = &caused[0] else { panic!("{caused:?}") };
            let costed = valued.costed.as_deref().unwrap();
            back = Costed {
                net_minor: back.net_minor + costed.net_minor,
                cost_minor: back.cost_minor + costed.cost_minor,
            };
        }
        assert_eq!(back, Costed { net_minor: 600, cost_minor }, "{quantity} units");
    }
}

#[test]
fn a_void_takes_back_the_costs_that_are_known() {
    for (cost_minor, expected) in [(Some(250), Some(Costed { net_minor: 600, cost_minor: 250 })), (None, None)] {
        let mut books = Books::of_paris();
        let sale = json!({"sale": "S", "till": "1", "channel": "store", "currency": "EUR",
            "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 700, "tax_minor": 100, "cost_minor": cost_minor}],
            "tenders": [{"kind": "cash", "amount_minor": 700}]});
        books.take("SaleValidated", &sale).unwrap();
        let caused = books.take("SaleVoided", &json!({"sale": "S", "reason": "wrong"})).unwrap();
        let Payload::SaleReversed(reversed) = &caused[0] else { panic!("{caused:?}") };
        assert_eq!(reversed.costed.as_deref().copied(), expected);
    }
}
