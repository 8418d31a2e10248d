//! What is decided, what customers say, and what stands out.

use serde_json::{Value, json};
use storefold_projection::spec::Spec;
use storefold_projector_network_kpi::NetworkKpi;

use crate::{history, sale, sent, store};

#[test]
fn a_plan_is_held_against_as_many_days_before_it() {
    let mut events = history();
    let plan =
        json!({ "plan": "PL-1", "kind": "training", "title": "Greet", "kpi": "transactions", "from": "2026-11-03" });
    events.push(sent(Some("PARIS"), "2026-11-04T16:00:00+01:00", "ActionPlanOpened", &plan));
    let spec = Spec::<NetworkKpi>::given(events.clone()).at("2026-11-04T18:00:00+01:00");
    let open = spec.asked("/v1/action-plans?store=PARIS");
    open.then_at("/plans/0/before/from", json!("2026-11-01")).then_at("/plans/0/before/value", json!(2));
    open.then_at("/plans/0/after/to", json!("2026-11-04")).then_at("/plans/0/after/value", json!(1));
    open.then_at("/plans/0/change", json!(-1)).then_at("/plans/0/conclusion", Value::Null);
    let ended = json!({ "plan": "PL-1", "until": "2026-11-03", "conclusion": "No effect" });
    events.push(sent(None, "2026-11-05T16:00:00+01:00", "ActionPlanClosed", &ended));
    let spec = Spec::<NetworkKpi>::given(events).at("2026-11-20T18:00:00+01:00");
    let closed = spec.asked("/v1/action-plans");
    closed.then_at("/plans/0/after/to", json!("2026-11-03")).then_at("/plans/0/before/from", json!("2026-11-02"));
    closed.then_at("/plans/0/conclusion", json!("No effect"));
    assert_eq!(spec.asked("/v1/action-plans?store=LYON").value()["plans"], json!([]));
}

#[test]
fn what_customers_are_not_satisfied_with_stands_beside_a_figure() {
    let mut events = history();
    for (answer, sources) in [("B", ["waiting_time", "prices"]), ("C", ["prices", "prices"])] {
        let data =
            json!({ "answer": answer, "survey": "s", "score": 1, "score_best": 5, "dissatisfied_with": sources });
        events.push(sent(Some("PARIS"), "2026-11-05T12:00:00+01:00", "SurveyAnswered", &data));
    }
    let spec = Spec::<NetworkKpi>::given(events);
    let beside = spec.asked("/v1/kpis/conversion/satisfaction?organisation=acme/fr&from=2026-11-02&to=2026-11-05");
    beside.then_at("/stores/1/store", json!("PARIS")).then_at("/stores/1/figure/value", json!(0.3));
    beside.then_at("/stores/1/satisfaction/value", json!(0.4));
    beside.then_at(
        "/stores/1/sources",
        json!([{ "source": "prices", "answers": 2 }, { "source": "waiting_time", "answers": 1 }]),
    );
    beside.then_at("/stores/0/satisfaction/not_known", json!("(10000 * answers) is 0"));
}

#[test]
fn a_week_that_is_not_as_it_was_says_why_in_words() {
    // Weeks end on Sundays; nine of them, with so many sales on their Wednesdays.
    let weeks = |sales: [u32; 9]| {
        let mut events = vec![store("S", "Europe/Paris", "acme", "EUR")];
        for (week, sales) in sales.into_iter().enumerate() {
            let day = wednesday(week);
            events.extend((0..sales).map(|sale_no| sale("S", &format!("{day}T10:{sale_no:02}:00+01:00"), None, 100)));
        }
        let spec = Spec::<NetworkKpi>::given(events);
        spec.asked("/v1/anomalies?kpi=transactions&to=2026-03-08").value()["anomalies"].clone()
    };
    assert_eq!(weeks([10, 11, 10, 9, 10, 10, 11, 10, 10]), json!([]));
    assert_eq!(
        weeks([10, 11, 10, 9, 10, 10, 11, 10, 8]),
        json!([{ "store": "S", "kpi": "transactions", "kind": "deviation",
        "to": "2026-03-08", "value": 8, "median": 10, "why": "transactions of the week to 2026-03-08 is 8; the median of 8 \
         weeks before is 10, 20 % below it, and they were between 9 and 11" }])
    );
    // A fifth off at least, and outside of all eight.
    assert_eq!(weeks([10, 11, 10, 8, 10, 10, 11, 10, 8]), json!([]));
    let trend = weeks([20, 20, 20, 8, 14, 13, 12, 11, 10]);
    assert_eq!(trend[0]["why"], "transactions has fallen for 4 weeks in a row, from 14 to 10");
    assert_eq!(trend[0]["kind"], "trend");
}

/// The Wednesday of the week with this number, counted from the first of nine.
fn wednesday(week: usize) -> String {
    [
        "2026-01-07",
        "2026-01-14",
        "2026-01-21",
        "2026-01-28",
        "2026-02-04",
        "2026-02-11",
        "2026-02-18",
        "2026-02-25",
        "2026-03-04",
    ][week]
        .to_owned()
}
