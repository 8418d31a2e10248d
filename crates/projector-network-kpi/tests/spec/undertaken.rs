//! What is decided, what customers say, and what stands out.

use serde_json::{Value, json};
use storefold_projection::{QueryError, spec::Spec};
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
    beside.then_at("/organisation", json!("acme/fr")).then_at("/currency", json!("EUR"));
    beside.then_at("/stores/1/store", json!("PARIS")).then_at("/stores/1/figure/value", json!(0.3));
    beside.then_at("/stores/1/satisfaction/value", json!(0.4));
    beside.then_at(
        "/stores/1/sources",
        json!([{ "source": "prices", "answers": 2 }, { "source": "waiting_time", "answers": 1 }]),
    );
    beside.then_at("/stores/0/satisfaction/not_known", json!("(10000 * answers) is 0"));
    beside.then_at("/sources/0", json!({ "source": "prices", "answers": 2 }));
    let one = spec.asked("/v1/kpis/conversion/satisfaction?store=LYON&from=2026-11-02&to=2026-11-05");
    one.then_at("/sources", json!([])).then_at("/stores/0/store", json!("LYON"));
    assert_eq!(one.value()["stores"].as_array().unwrap().len(), 1);
}

#[test]
fn plans_for_an_organisation_are_those_of_everything_below_it() {
    let mut events = history();
    for (plan, store, organisation) in [
        ("FR", None, Some("acme/fr")),
        ("PARIS", Some("PARIS"), None),
        ("US", None, Some("acme/us")),
        ("ALL", None, None),
    ] {
        let plan = json!({ "plan": plan, "kind": "layout", "title": plan, "kpi": "turnover", "from": "2026-11-03",
            "organisation": organisation });
        events.push(sent(store, "2026-11-04T16:00:00+01:00", "ActionPlanOpened", &plan));
    }
    let spec = Spec::<NetworkKpi>::given(events);
    for (query, expected) in [
        ("", vec!["ALL", "FR", "PARIS", "US"]),
        ("?organisation=acme", vec!["FR", "PARIS", "US"]),
        ("?organisation=acme/fr", vec!["FR", "PARIS"]),
        ("?organisation=acme/f", vec![]),
        ("?store=PARIS", vec!["PARIS"]),
        ("?store=BOSTON", vec![]),
    ] {
        let answer = spec.asked(&format!("/v1/action-plans{query}")).value();
        let mut found: Vec<_> =
            answer["plans"].as_array().unwrap().iter().map(|plan| plan["plan"].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    spec.asked("/v1/action-plans?store=PARIS").then_at("/plans/0/currency", json!("EUR"));
}

#[test]
fn a_month_that_was_closed_for_others_is_none_of_ones_business() {
    let mut events = history();
    let closed = json!({ "month": "2026-11", "organisation": "acme/us" });
    events.push(sent(None, "2026-12-05T12:00:00Z", "MonthClosed", &closed));
    let spec = Spec::<NetworkKpi>::given(events);
    for (query, months) in
        [("", 1), ("?organisation=acme/us", 1), ("?store=BOSTON", 1), ("?store=PARIS", 0), ("?organisation=acme/fr", 0)]
    {
        let answer = spec.asked(&format!("/v1/closed-months{query}")).value();
        assert_eq!(answer["months"].as_array().unwrap().len(), months, "{query}");
    }
}

#[test]
fn several_parts_of_the_network_are_answered_about_together_and_the_rest_is_left_out() {
    let spec = Spec::<NetworkKpi>::given(history()).at("2026-11-20T18:00:00+01:00");
    let asked = |more: Value, places: Value| {
        let mut asked = json!({ "kpi": "transactions", "from": "2026-11-01", "to": "2026-11-30", "places": places });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked.as_object().unwrap().clone()
    };
    let fr = json!([{ "organisation": "acme/fr" }]);
    let lyon_and_us = json!([{ "store": "LYON" }, { "organisation": "acme/us" }]);
    let paris_and_lyon = json!([{ "store": "PARIS" }, { "store": "LYON" }]);
    let kpi = |more: Value, places: &Value| spec.asked_with("/v1/kpis/{kpi}", &asked(more, places.clone()));
    // In all there are four: three in Paris, and one in Boston; that of Lyon was voided.
    kpi(json!({}), &lyon_and_us).then_at("/value", json!(1)).then_at("/places", lyon_and_us.clone());
    kpi(json!({}), &paris_and_lyon).then_at("/value", json!(3)).then_at("/stores", json!(2));
    for name in ["turnover", "transactions", "active_customers", "optin_email", "sales_per_m2", "satisfaction"] {
        for days in [json!({ "from": "2026-11-02", "to": "2026-11-04" }), json!({ "from": "2026-06-01" })] {
            let mut more = days.clone();
            more["kpi"] = json!(name);
            let whole = kpi(more.clone(), &fr).value();
            let parts = kpi(more, &paris_and_lyon).value();
            assert_eq!(parts["value"], whole["value"], "{name} {days}: the sum of the stores is their organisation");
        }
    }
    let ranking = spec.asked_with("/v1/kpis/{kpi}/ranking", &asked(json!({}), lyon_and_us.clone())).value();
    let ranked: Vec<_> = ranking["ranking"].as_array().unwrap().iter().map(|one| one["store"].clone()).collect();
    assert_eq!((ranked, &ranking["all"]["value"]), (vec![json!("BOSTON"), json!("LYON")], &json!(1)));
    let one = spec.asked("/v1/kpis/transactions/ranking?store=PARIS&from=2026-11-01").value();
    assert_eq!((one["ranking"].as_array().unwrap().len(), &one["ranking"][0]["rank"]), (1, &json!(1)));
    // A target is one of the network; whoever sees a part is not held against it.
    let mut events = history();
    let target = json!({ "kpi": "transactions", "from": "2026-11-01", "to": "2026-11-30", "target": "9" });
    events.push(sent(None, "2026-11-04T15:00:00+01:00", "TargetSet", &target));
    let spec = Spec::<NetworkKpi>::given(events);
    let all = spec.asked("/v1/kpis/transactions?from=2026-11-01&to=2026-11-30").value();
    assert_eq!(all["target"]["target"], 9);
    let part = spec.asked_with("/v1/kpis/{kpi}", &asked(json!({}), lyon_and_us)).value();
    assert_eq!(part.get("target"), None);
}

#[test]
fn nobody_names_several_parts_in_a_query() {
    let spec = Spec::<NetworkKpi>::given(history());
    for path in
        ["/v1/kpis/turnover", "/v1/kpis/turnover/ranking", "/v1/action-plans", "/v1/closed-months", "/v1/anomalies"]
    {
        let answer = spec.asked(&format!("{path}?places=acme"));
        assert!(
            matches!(answer.refusal(), QueryError::BadParameter { parameter, .. } if parameter == "places"),
            "{path}"
        );
    }
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

#[test]
fn what_stands_out_has_the_value_that_the_kpi_has_in_that_week() {
    let mut events = vec![store("S", "Europe/Paris", "acme", "EUR")];
    for (week, sales) in [10, 11, 10, 9, 10, 10, 11, 10, 4].into_iter().enumerate() {
        let day = wednesday(week);
        events.extend((0..sales).map(|sale_no| {
            let customer = format!("C-{week}-{}", sale_no / 2);
            sale("S", &format!("{day}T10:{sale_no:02}:00+01:00"), Some(&customer), 100)
        }));
    }
    let spec = Spec::<NetworkKpi>::given(events);
    let kpis = spec.asked("/v1/kpis").value()["kpis"].as_array().unwrap().clone();
    let mut stand_out = Vec::new();
    for kpi in kpis {
        let kpi = kpi["kpi"].as_str().unwrap();
        let found = spec.asked(&format!("/v1/anomalies?kpi={kpi}&to=2026-03-08")).value()["anomalies"].clone();
        let week = spec.asked(&format!("/v1/kpis/{kpi}?store=S&from=2026-03-02&to=2026-03-08")).value();
        for anomaly in found.as_array().unwrap() {
            assert_eq!(anomaly["value"], week["value"], "{kpi}");
            stand_out.push(kpi.to_owned());
        }
    }
    // Of what is summed up over days, and of what is not.
    for kpi in ["turnover", "sales_per_m2", "active_customers"] {
        assert!(stand_out.iter().any(|found| found == kpi), "{kpi} is not among {stand_out:?}");
    }
}

#[test]
fn weeks_before_the_calendar_begins_are_left_out() {
    let spec = Spec::<NetworkKpi>::given(vec![store("S", "Europe/Paris", "acme", "EUR")]);
    for to in ["-262143-01-01", "-262143-01-20"] {
        assert_eq!(spec.asked(&format!("/v1/anomalies?to={to}")).value()["anomalies"], json!([]), "{to}");
    }
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
