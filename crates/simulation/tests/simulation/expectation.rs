use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use storefold_events::{
    Event, Payload,
    sale::{SaleLine, SaleValidated},
    scan::ScanOutcome,
};
use storefold_simulation::{Expectation, ExpectedDay, Network, Programme, Settings};

use crate::{NOW_MS, network, settings};

/// The same figures by another way: from the events alone, with a calendar and a memory of scans and sales.
struct Replay<'a> {
    network: &'a Network,
    days: BTreeMap<(String, NaiveDate), ExpectedDay>,
    scans: HashMap<String, Scan>,
    sales: HashMap<String, Sold>,
    points: BTreeMap<(String, String), i64>,
}

struct Scan {
    day: (String, NaiveDate),
    identifiable: bool,
}

struct Sold {
    day: (String, NaiveDate),
    validated: SaleValidated<'static>,
    returned: HashMap<u32, i64>,
}

impl Sold {
    fn points(&self, programme: &Programme) -> i64 {
        let earns = |line: &&SaleLine<'_>| programme.earn_on_discounted || line.discount_minor == 0;
        let left = |line: &SaleLine<'_>| {
            let returned = self.returned.get(&line.line).copied().unwrap_or(0);
            line.net_minor() - line.net_minor() * returned / line.quantity
        };
        self.validated.lines.iter().filter(earns).map(left).sum::<i64>() / programme.minor_per_point
    }

    fn tax_returned_minor(&self) -> i64 {
        let returned = |line: &SaleLine<'_>| {
            let units = self.returned.get(&line.line).copied().unwrap_or(0);
            (2 * line.tax_minor * units + line.quantity) / (2 * line.quantity)
        };
        self.validated.lines.iter().map(returned).sum()
    }
}

impl<'a> Replay<'a> {
    fn new(network: &'a Network) -> Self {
        let (days, scans, sales, points) = Default::default();
        Self { network, days, scans, sales, points }
    }

    fn programme_of(&self, sale: &SaleValidated<'_>) -> Programme {
        self.network.programmes().into_iter().find(|programme| programme.currency == sale.currency).unwrap()
    }

    fn give(&mut self, sale: &SaleValidated<'_>, points: i64) {
        let programme = self.programme_of(sale).name.to_owned();
        if let Some(customer) = &sale.customer {
            *self.points.entry((programme, customer.to_string())).or_default() += points;
        }
    }

    fn fold(&mut self, event: Event<'static>) {
        let Some(store) = self.network.stores().iter().find(|store| event.store.as_deref() == Some(&store.code)) else {
            return;
        };
        let key = (store.code.clone(), store.calendar.day_at(event.occurred_at_ms).day);
        match event.payload {
            Payload::ScanCaptured(scan) => {
                let succeeded = scan.outcome == ScanOutcome::Succeeded;
                let identified = succeeded && scan.email.is_some();
                let day = self.days.entry(key.clone()).or_default();
                day.scans_attempted += 1;
                *if succeeded { &mut day.scans_succeeded } else { &mut day.scans_failed } += 1;
                day.scans_identified += u64::from(identified);
                self.scans.insert(scan.scan.to_string(), Scan { day: key, identifiable: succeeded && !identified });
            }
            Payload::EmailAttachedToScan(attached) => {
                let scan = self.scans.get_mut(attached.scan.as_str()).unwrap();
                let day = self.days.get_mut(&scan.day).unwrap();
                day.scans_identified += u64::from(std::mem::take(&mut scan.identifiable));
            }
            Payload::SaleValidated(sale) => {
                let day = self.days.entry(key.clone()).or_default();
                day.sales += 1;
                day.units_sold += sale.lines.iter().map(|line| line.quantity).sum::<i64>();
                day.turnover_minor += sale.total_minor();
                day.tax_minor += sale.lines.iter().map(|line| line.tax_minor).sum::<i64>();
                let sold = Sold { day: key, validated: sale, returned: HashMap::new() };
                self.give(&sold.validated, sold.points(&self.programme_of(&sold.validated)));
                self.sales.insert(sold.validated.sale.to_string(), sold);
            }
            Payload::SaleReturned(returned) => {
                let mut sold = self.sales.remove(returned.sale.as_str()).unwrap();
                let programme = self.programme_of(&sold.validated);
                let (points, tax_minor) = (sold.points(&programme), sold.tax_returned_minor());
                let day = self.days.entry(key).or_default();
                day.returns += 1;
                for line in &returned.lines {
                    day.units_returned += line.quantity;
                    day.turnover_minor -= line.refund_minor;
                    *sold.returned.entry(line.line).or_default() += line.quantity;
                }
                day.tax_minor -= sold.tax_returned_minor() - tax_minor;
                self.give(&sold.validated, sold.points(&programme) - points);
                self.sales.insert(returned.sale.to_string(), sold);
            }
            Payload::SaleVoided(voided) => {
                let sold = self.sales.remove(voided.sale.as_str()).unwrap();
                let day = self.days.get_mut(&sold.day).unwrap();
                day.sales -= 1;
                day.units_sold -= sold.validated.lines.iter().map(|line| line.quantity).sum::<i64>();
                day.turnover_minor -= sold.validated.total_minor();
                day.tax_minor -= sold.validated.lines.iter().map(|line| line.tax_minor).sum::<i64>();
                self.give(&sold.validated, -sold.points(&self.programme_of(&sold.validated)));
            }
            Payload::PointsEarned(earned) => {
                let account = (earned.programme.to_string(), earned.customer.to_string());
                *self.points.entry(account).or_default() += earned.points;
            }
            Payload::PointsReversed(reversed) => {
                let account = (reversed.programme.to_string(), reversed.customer.to_string());
                *self.points.entry(account).or_default() -= reversed.points;
            }
            Payload::SurveyAnswered(answer) => {
                let day = self.days.entry(key).or_default();
                day.answers += 1;
                day.satisfied_answers += u64::from(answer.score * 5 >= answer.score_best * 4);
            }
            _ => {}
        }
    }

    fn assert_equals(&self, expected: &Expectation) {
        let mut expected_days = BTreeMap::new();
        for store in self.network.stores() {
            let counted = expected.days(&store.code).filter(|(_, day)| **day != ExpectedDay::default());
            expected_days.extend(counted.map(|(day, figures)| ((store.code.clone(), day), *figures)));
        }
        let days = self.days.iter().filter(|(_, day)| **day != ExpectedDay::default());
        assert_eq!(days.map(|(key, day)| (key.clone(), *day)).collect::<BTreeMap<_, _>>(), expected_days);
        let points = self.points.iter().filter(|(_, points)| **points != 0);
        let balances = expected.balances().filter(|balance| balance.points != 0);
        assert_eq!(
            points.map(|(key, points)| (key.clone(), *points)).collect::<BTreeMap<_, _>>(),
            balances.map(|balance| ((balance.programme.to_owned(), balance.customer), balance.points)).collect()
        );
    }
}

#[test]
fn the_expectation_is_the_fold_of_the_events() {
    let network = network(Settings { stores: 20, days: 60, improving: true, ..settings() });
    let (mut replay, mut history) = (Replay::new(&network), network.history());
    let mut events = 0;
    while let Some(event) = history.next() {
        replay.fold(event);
        events += 1;
        if events % 50_000 == 0 {
            replay.assert_equals(history.expectation());
        }
    }
    replay.assert_equals(history.expectation());
    assert_eq!(history.expectation().events(), events);
    let points: i64 = replay.points.values().sum();
    assert!(replay.points.values().all(|points| *points >= 0) && points > 100_000, "{points}");

    let mut live = history.into_live(NOW_MS, 600);
    live.next(NOW_MS + 600_000).into_iter().for_each(|event| replay.fold(event));
    replay.assert_equals(live.expectation());
    assert!(replay.days.values().map(|day| day.answers).sum::<u64>() > 500);
}

#[test]
fn days_of_rest_are_among_the_days_all_zero() {
    let network = network(Settings { days: 14, ..settings() });
    let mut history = network.history();
    history.by_ref().for_each(drop);
    let expected = history.expectation();
    let berlin = network.stores().iter().find(|store| store.code == "DE-BER-01").unwrap();
    let days: Vec<_> = expected.days("DE-BER-01").map(|(day, _)| day).collect();
    let (first, last) = network.days(berlin);
    assert_eq!(days, first.iter_days().take_while(|day| *day <= last).collect::<Vec<_>>());
    for (day, figures) in expected.days("DE-BER-01") {
        assert_eq!(berlin.opening(day).is_none(), *figures == ExpectedDay::default(), "{day}");
    }
    assert_eq!(expected.days("nowhere").count(), 0);
}
