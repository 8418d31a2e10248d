//! Whatever is sent, repeated, reordered, restarted and saved: the log holds each fact once, and its effects once.

use proptest::prelude::*;
use storefold_events::Event;

use crate::world::{World, comes_back, email, sale, scan};

/// Facts that depend on each other: scans with addresses, sales with returns.
fn facts() -> Vec<Event<'static>> {
    let scans = (1..=6).map(|seq| scan("s", seq));
    let emails = (1..=6).map(|seq| email(10 + seq, &format!("s-{seq}")));
    let sales = (1..=6).map(|seq| sale(seq, &format!("T{seq}"), 1_000 * seq as i64));
    let returns = (1..=6).map(|seq| comes_back(10 + seq, &format!("R{seq}"), &format!("T{seq}"), 500 * seq as i64));
    scans.chain(emails).chain(sales).chain(returns).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<usize>),
    Restart { crash: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let send = prop::collection::vec(0_usize..24, 1..8).prop_map(Step::Send);
    let step = prop_oneof![8 => send, 1 => any::<bool>().prop_map(|crash| Step::Restart { crash })];
    prop::collection::vec(step, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn every_fact_stands_once_with_its_effects(steps in steps(), snapshot_every in 1_u64..20) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let facts = facts();
            let mut world = World::new(snapshot_every).await;
            for step in steps {
                match step {
                    Step::Send(indices) => {
                        let some: Vec<_> = indices.iter().map(|index| facts[*index].clone()).collect();
                        world.send(&some).await;
                    }
                    Step::Restart { crash } => world.restart(crash).await,
                }
            }
            world.send(&facts).await;
            let mut types = world.types().concat();
            types.sort_unstable();
            let count = |name: &str| types.iter().filter(|found| **found == name).count();
            for (name, expected) in [("ScanCaptured", 6), ("EmailAttachedToScan", 6), ("ScanIdentified", 6),
                ("SaleValidated", 6), ("SaleReturned", 6), ("ReturnValued", 6), ("PointsEarned", 6)] {
                assert_eq!(count(name), expected, "{name}");
            }
            // Sale n earns n points; half of it comes back, which leaves floor(n / 2).
            let points: i64 = world.events().iter().map(|event| match event["type"].as_str().unwrap() {
                "PointsEarned" => event["data"]["points"].as_i64().unwrap(),
                "PointsReversed" => -event["data"]["points"].as_i64().unwrap(),
                _ => 0,
            }).sum();
            assert_eq!(points, 1 + 1 + 2 + 2 + 3);
            assert!(world.quarantine_settled().await.is_empty().unwrap());
        });
    }
}
