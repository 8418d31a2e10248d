//! Row B15: accounts that customers share.

use serde_json::json;
use storefold_events::Payload;

use crate::books::{Books, comes_back, points, sale};

fn books(members_max: u32) -> Books {
    Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
        "rounding": "floor_per_sale", "earn_on_discounted": true,
        "terms": {"limits": {"members_per_account_max": members_max}}}))
}

fn join(books: &mut Books, account: &str, customer: &str) -> Result<i64, &'static str> {
    let joined = json!({"programme": "brand", "account": account, "customer": customer});
    let caused = books.take("AccountJoined", &joined)?;
    Ok(caused.iter().map(|effect| if let Payload::PointsMoved(moved) = effect { moved.points.max(0) } else { 0 }).sum())
}

fn leave(books: &mut Books, customer: &str) -> Result<(), &'static str> {
    books.take("AccountLeft", &json!({"programme": "brand", "customer": customer})).map(drop)
}

fn buy(books: &mut Books, id: &str, customer: &str, points: i64) -> Vec<Payload<'static>> {
    books.take("SaleValidated", &sale(id, Some(customer), &[(10, points * 1_000, 0, 0)])).unwrap()
}

#[test]
fn members_earn_and_spend_in_one_account() {
    let mut books = books(2);
    buy(&mut books, "S1", "B", 3);
    assert_eq!(join(&mut books, "A", "B"), Ok(3), "what the member's own account holds goes there");
    assert_eq!((books.balance("A"), books.balance("B")), (3, 0));
    let caused = buy(&mut books, "S2", "B", 4);
    let Payload::PointsEarned(earned) = &caused[0] else { panic!("{caused:?}") };
    assert_eq!((&*earned.customer, earned.accrual.as_ref().unwrap().member.as_deref()), ("A", Some("B")));
    let redeemed = json!({"redemption": "P", "programme": "brand", "customer": "B", "sale": "S3", "points": 6});
    let caused = books.take("PointsRedeemed", &redeemed).unwrap();
    let Payload::PointsSpent(spent) = &caused[0] else { panic!("{caused:?}") };
    assert_eq!((&*spent.customer, spent.member.as_deref(), spent.movement.balance), ("A", Some("B"), 1));
    // What was earned before comes back from the account that the points are in now.
    assert_eq!(points(&books.take("SaleReturned", &comes_back("R", "S1", &[(1, 1, 1_000)])).unwrap()), -1);
    assert_eq!((books.balance("A"), books.balance("B")), (0, 0));
    leave(&mut books, "B").unwrap();
    buy(&mut books, "S4", "B", 5);
    assert_eq!((books.balance("A"), books.balance("B")), (0, 5), "the points stay with the holder");
}

#[test]
fn an_account_is_shared_by_as_many_as_the_programme_says() {
    for members_max in [0, 1, 2, 3] {
        let mut books = books(members_max);
        for member in 1..4 {
            let expected = if member < members_max { Ok(0) } else { Err("account_full") };
            assert_eq!(join(&mut books, "A", &format!("M{member}")), expected, "{member} of {members_max}");
        }
    }
    let mut books = books(2);
    join(&mut books, "A", "B").unwrap();
    leave(&mut books, "B").unwrap();
    assert_eq!(join(&mut books, "A", "C"), Ok(0), "who leaves makes room");
}

#[test]
fn accounts_are_not_shared_in_chains() {
    let mut books = books(5);
    join(&mut books, "A", "B").unwrap();
    assert_eq!(join(&mut books, "A", "B"), Err("already_in_account"));
    assert_eq!(join(&mut books, "C", "C"), Err("already_in_account"));
    assert_eq!(join(&mut books, "B", "C"), Err("not_the_holder"));
    assert_eq!(join(&mut books, "C", "A"), Err("account_is_shared"));
    assert_eq!(leave(&mut books, "A"), Err("shares_no_account"));
    let transfer = json!({"transfer": "T", "programme": "brand", "from": "A", "to": "B", "points": 1, "reason": "r",
        "author": "a"});
    assert_eq!(books.take("PointsTransferred", &transfer).map(drop), Err("transfer_to_itself"));
}

#[test]
fn who_owes_points_settles_them_before_joining() {
    let mut books = books(2);
    buy(&mut books, "S", "B", 3);
    let redeemed = json!({"redemption": "P", "programme": "brand", "customer": "B", "sale": "S2", "points": 3});
    books.take("PointsRedeemed", &redeemed).unwrap();
    books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 2_000)])).unwrap();
    assert_eq!(join(&mut books, "A", "B"), Err("points_owed"));
    buy(&mut books, "S3", "B", 2);
    assert_eq!(join(&mut books, "A", "B"), Ok(0));
}

#[test]
fn a_scan_and_a_sale_may_have_the_same_identifier() {
    let mut books = books(1);
    buy(&mut books, "X1", "A", 3);
    books.take("ScanCaptured", &json!({"scan": "X", "scanner": "4711", "outcome": "succeeded"})).unwrap();
    let redeemed = json!({"redemption": "P", "programme": "brand", "customer": "A", "sale": "X", "points": 3});
    books.take("PointsRedeemed", &redeemed).unwrap();
    assert_eq!(books.balance("A"), 0);
}
