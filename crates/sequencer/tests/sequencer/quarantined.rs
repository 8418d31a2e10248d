//! Invariant 9: nothing is dropped silently.

use storefold_sequencer::{Kept, KeptBody, Outcome, Query};

use crate::world::{World, accepted, comes_back, email, refused, sale, scan};

async fn kept(world: &World) -> Vec<(String, u64)> {
    let page = world.quarantine_settled().await.list(&Query { limit: 100, ..Query::default() }).unwrap();
    page.entries.into_iter().map(|(_, entry)| (entry.kept.code, entry.attempts)).collect()
}

#[tokio::test]
async fn a_return_before_its_sale_waits_and_is_taken_in_with_it() {
    for crash in [false, true] {
        let mut world = World::new(1_000_000).await;
        let back = comes_back(2, "R1", "T1", 4_000);
        for attempts in 1..=3 {
            assert_eq!(refused(&world.take(back.clone()).await), "unknown_sale");
            assert_eq!(kept(&world).await, [("unknown_sale".to_owned(), attempts)]);
        }
        world.restart(crash).await;
        world.take(sale(1, "T1", 10_000)).await;
        let types = world.types().concat();
        assert_eq!(types[2..], ["SaleValidated", "PointsEarned", "SaleReturned", "ReturnValued", "PointsReversed"]);
        assert_eq!(world.take(back).await, Outcome::Duplicate { position: 5 });
        world.restart(crash).await;
        assert_eq!(kept(&world).await, []);
    }
}

#[tokio::test]
async fn what_comes_before_its_cause_in_one_submission_is_accepted() {
    let world = World::new(1_000_000).await;
    let facts = [email(3, "s-1"), comes_back(2, "R1", "T1", 10_000), scan("s", 1), sale(1, "T1", 10_000)];
    let decided = world.send(&facts).await;
    assert_eq!(decided.outcomes.iter().map(accepted).collect::<Vec<_>>(), [4, 8, 3, 6]);
    assert_eq!(kept(&world).await, []);
}

#[tokio::test]
async fn a_waiting_fact_that_its_cause_contradicts_stays_in_quarantine() {
    let world = World::new(1_000_000).await;
    world.take(comes_back(2, "R1", "T1", 20_000)).await;
    world.take(sale(1, "T1", 10_000)).await;
    assert_eq!(kept(&world).await.len(), 1);
    assert_eq!(refused(&world.take(comes_back(2, "R1", "T1", 20_000)).await), "refund_exceeds_sale");
    assert_eq!(kept(&world).await, [("refund_exceeds_sale".to_owned(), 2)]);
    assert_eq!(
        accepted(&world.take(comes_back(2, "R1", "T1", 10_000)).await),
        5,
        "the corrected fact may keep its seq"
    );
}

#[tokio::test]
async fn the_good_facts_of_a_submission_are_kept_beside_the_bad() {
    let world = World::new(1_000_000).await;
    let mut nowhere = scan("s", 2);
    nowhere.store = Some("NOWHERE".into());
    let decided = world.send(&[scan("s", 1), nowhere, scan("s", 3)]).await;
    assert_eq!((accepted(&decided.outcomes[0]), accepted(&decided.outcomes[2])), (3, 4));
    assert_eq!(refused(&decided.outcomes[1]), "unknown_store");
    assert_eq!(kept(&world).await, [("unknown_store".to_owned(), 1)]);
}

#[tokio::test]
async fn entries_are_found_by_code_and_source_and_dropped_with_a_reason() {
    let world = World::new(1_000_000).await;
    let quarantine = world.handle.quarantine();
    let refused = |source: &str, code: &str, body: &str| Kept {
        source: Some(source.to_owned()),
        code: code.to_owned(),
        field: None,
        detail: String::new(),
        refused_at_ms: 1,
        body: KeptBody::Json(body.as_bytes().to_vec()),
        awaits: None,
    };
    quarantine.keep(vec![refused("a", "x", "1"), refused("b", "x", "2"), refused("a", "y", "3")]).await.unwrap();
    let found = |code: Option<&str>, source: Option<&str>| {
        let query = Query { after: 0, code: code.map(str::to_owned), source: source.map(str::to_owned), limit: 10 };
        quarantine.list(&query).unwrap().entries.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
    };
    assert_eq!(
        (found(Some("x"), None), found(None, Some("a")), found(Some("y"), Some("b"))),
        (vec![1, 2], vec![1, 3], vec![])
    );
    quarantine.drop_entry(2, "sent by mistake".to_owned()).await.unwrap();
    assert_eq!(quarantine.get(2).unwrap().dropped.as_deref(), Some("sent by mistake"));
    quarantine.resolve(1).await.unwrap();
    assert!(quarantine.get(1).is_err());
    let page = quarantine.list(&Query { limit: 1, ..Query::default() }).unwrap();
    assert_eq!((page.entries[0].0, page.next), (2, Some(2)));
    quarantine.keep(vec![refused("a", "x", &"z".repeat(100_000))]).await.unwrap();
    assert!(
        matches!(quarantine.get(4).unwrap().kept.body, KeptBody::Request { start, bytes: 100_000 } if start.len() == 65_536)
    );
}
